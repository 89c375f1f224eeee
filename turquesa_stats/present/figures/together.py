"""What occurs together (UpSet): a line for each combination, dots for what is in it, and a bar for how many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pandas as pd
from matplotlib.axes import Axes

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import SMALL, SMALLEST, Picture, Row, mark_of, rows_of, said, share_axis, top_of, wrapped
from turquesa_stats.present.figures.shares import share_and_count
from turquesa_stats.present.style import INK, MUTED, PALETTE, RULE, canvas, finish
from turquesa_stats.present.words import Words

_LINE = 0.34  # inches


def upset(
    table: PublishableTable,
    name: Callable[[Row], str],
    parts: Callable[[Row], Collection[str]],
    called: Sequence[tuple[str, str]],
    words: Words,
) -> Picture:
    """
    Draw combinations as lines of a matrix, and the share of each as a bar with its interval, share and count beside it.

    After Lex and others 2014, turned so that a phone can show it. A hidden row has no mark, like one that nobody is in.

    Parameters
    ----------
    table : PublishableTable
        One row a combination, in the order to be drawn, with a share as estimate and ``count``.
    name : callable
        Row -> what the combination is called, for the alt text; it stands in the matrix too where a row has no parts.
    parts : callable
        Row -> codes of what is in the combination.
    called : sequence of (code, label)
        Columns of the matrix.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = [row for row in rows_of(table) if pd.notna(row["low"])]
    heads = [wrapped(label, 12) for _, label in called]
    deepest = max(text.count("\n") + 1 for text in heads)
    picture, (matrix, bars) = canvas(0.62 + _LINE * len(rows) + 0.14 * deepest, columns=2, sharey=True, width_ratios=[1.25, 1])
    _columns(matrix, heads, len(rows))
    spoken = []
    for y, row in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        spoken.append((name(row), share_and_count(row, words)))
        held = [place for place, (code, _) in enumerate(called) if code in parts(row)]
        _dots(matrix, held, len(called), y, name(row))
        _bar(bars, row, y, words)
    share_axis(bars, max((top_of(row) for row in rows), default=0.5), words, "axis.share", most=3)
    bars.tick_params(axis="y", length=0, labelleft=False)
    bars.axvline(0, color=MUTED, linewidth=0.8)
    bars.set_ylim(-0.6, len(rows) - 0.4)
    return finish(picture, mark_of(table, words)), words("alt.upset", items=said(spoken, words))


def _columns(axes: Axes, heads: Sequence[str], lines: int) -> None:
    """Name the columns of the matrix over them, and shade every second line so that the eye finds its bar."""
    axes.set_xlim(-0.5, len(heads) - 0.5)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(heads)), heads, fontsize=SMALL, color=INK)
    axes.tick_params(length=0, labelleft=False)
    axes.spines["bottom"].set_visible(False)
    for y in range(lines - 1, -1, -2):
        axes.axhspan(y - 0.5, y + 0.5, color=RULE, alpha=0.35, linewidth=0, zorder=0)


def _dots(axes: Axes, held: Sequence[int], columns: int, y: int, alone: str) -> None:
    """Draw a line of the matrix: full dots joined for what is in the combination, pale ones for what is not."""
    if not held:
        axes.annotate(alone, ((columns - 1) / 2, y), ha="center", va="center", fontsize=SMALL, color=INK)
        return
    axes.plot(range(columns), [y] * columns, "o", color=RULE, markersize=9, zorder=1)
    axes.plot([held[0], held[-1]], [y, y], color=INK, linewidth=2.2, zorder=2)
    axes.plot(held, [y] * len(held), "o", color=INK, markersize=9, zorder=3)


def _bar(axes: Axes, row: Row, y: int, words: Words) -> None:
    """Draw a share as a bar with its interval, and write share and count beside it."""
    if pd.notna(row["value"]):
        axes.barh(y, row["value"], height=0.6, color=PALETTE[0], alpha=0.4, linewidth=0)
    axes.plot([row["low"], row["high"]], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
    axes.plot([row["low"], row["high"]], [y, y], "|", color=INK, markersize=7, markeredgewidth=1.4)
    text, across = share_and_count(row, words), ("axes fraction", "data")
    share: str = numbers.percent(row["value"], words) if pd.notna(row["value"]) else ""
    place, size = (0, 0), SMALL
    if share and text.startswith(f"{share} "):
        axes.annotate(share, (1.03, y), xycoords=across, va="center", color=INK, weight="bold", fontsize=SMALL, annotation_clip=False)
        text, place, size = text.removeprefix(share).strip().removeprefix("· "), (30, 0), SMALLEST
    axes.annotate(
        text, (1.03, y), place, across, "offset points", va="center", color=MUTED if place[0] else INK, fontsize=size, annotation_clip=False
    )
