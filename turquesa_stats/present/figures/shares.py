"""Shares of a whole: points with intervals, the same side by side for groups, and steps of which ever fewer remain."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import (
    SMALL,
    SMALLEST,
    Picture,
    Row,
    draw_interval,
    level,
    mark_of,
    rows_of,
    said,
    share_axis,
    wrapped,
)
from turquesa_stats.present.style import INK, MUTED, PALETTE, canvas, finish
from turquesa_stats.present.words import Words

_LINE = 0.3  # inches


def dots(table: PublishableTable, name: Callable[[Row], str], words: Words, axis: str = "axis.share") -> Picture:
    """
    Draw shares as points with intervals, one line a category, labelled with share and count.

    Parameters
    ----------
    table : PublishableTable
        Rows with a share as estimate; ``count`` or ``count_low`` and ``count_high``.
    name : callable
        Row -> label of the category.
    words : Words
        The language.
    axis : str
        Key of the axis label.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = [row for row in rows_of(table) if pd.notna(row["low"]) or row.get("flag") == "suppressed"]
    names = [wrapped(name(row), 30) for row in rows]
    picture, (axes,) = canvas(0.62 + _LINE * len(rows) + 0.14 * sum(text.count("\n") for text in names))
    spoken = []
    for y, row in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        spoken.append((name(row), share_and_count(row, words)))
        draw_interval(axes, row, y, PALETTE[0])
        _write(axes, row, y, words)
    share_axis(axes, max((row["high"] for row in rows if pd.notna(row["high"])), default=0.5), words, axis)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(range(len(rows)), names[::-1])
    return finish(picture, mark_of(table, words)), words("alt.dots", items=said(spoken, words))


def share_and_count(row: Row, words: Words) -> str:
    """Write a share with its interval and the count behind it; with fewer than 10 known cases the count alone."""
    share = numbers.share(row, words)
    if row["flag"] == "suppressed":
        return share
    counted = _counted(row, words)
    return f"{share} · {counted}" if share and row["n"] >= 10 else share or counted


def _counted(row: Row, words: Words) -> str:
    return numbers.part(row, words) if "count_high" in row else numbers.integer(row["count"], words)


def _write(axes: Axes, row: Row, y: float, words: Words) -> None:
    """Write share and count in columns beside the marks, the share heavier than what belongs to it."""
    text, across = share_and_count(row, words), ("axes fraction", "data")
    share: str = numbers.percent(level(row), words) if pd.notna(row["high"]) else ""
    if row["flag"] != "suppressed" and share and text.startswith((f"{share} (", f"{share} ·")):
        axes.annotate(share, (1.02, y), xycoords=across, va="center", color=INK, weight="bold", annotation_clip=False)
        text = text.removeprefix(share).strip().removeprefix("· ")
        place, colour, size = (36, 0), MUTED, SMALL
    else:
        place, colour, size = (0, 0), INK if row["flag"] != "suppressed" else MUTED, SMALL
    axes.annotate(
        text,
        (1.02, y),
        xytext=place,
        xycoords=across,
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=size,
        annotation_clip=False,
    )


def panels(table: PublishableTable, row_name: Callable[[str], str], panel_name: Callable[[str], str], words: Words) -> Picture:
    """
    Draw the same shares for several groups side by side on one axis; a hidden cell has the word for it and no mark.

    Parameters
    ----------
    table : PublishableTable
        ``code`` (lines), ``group`` (panels) and a share as estimate.
    row_name, panel_name : callable
        Code -> label.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = rows_of(table)
    codes, groups = (list(dict.fromkeys(row[key] for row in rows)) for key in ("code", "group"))
    names = [wrapped(row_name(code), 22) for code in codes]
    titles = [wrapped(panel_name(group), 12) for group in groups]
    height = 0.85 + 0.17 * max(title.count("\n") for title in titles) + sum(0.32 + 0.14 * text.count("\n") for text in names)
    picture, every = canvas(height, columns=len(groups), sharey=True)
    top = max((row["high"] for row in rows if pd.notna(row["high"])), default=1.0)
    for place, (axes, group) in enumerate(zip(every, groups, strict=True)):
        held = {row["code"]: row for row in rows if row["group"] == group}
        share_axis(axes, 1.0, words)
        axes.set_xlim(-0.03 * top, top * 1.5)
        axes.set_xticks([0, 0.5] if top > 0.5 else [0, 0.2])
        for y, code in zip(range(len(codes) - 1, -1, -1), codes, strict=True):
            row = held.get(code)
            if row is None or pd.isna(row["low"]):
                axes.annotate(
                    words("number.suppressed"), (0, y), (3, 0), "data", "offset points", va="center", color=MUTED, fontsize=SMALLEST
                )
                continue
            draw_interval(axes, row, y, PALETTE[0], 5)
            if pd.notna(row["value"]) and row["n"] >= 10:
                share = numbers.percent(row["value"], words)
            elif row["n"] >= 10:
                share = numbers.spread(*(numbers.percent(row[end], words) for end in ("low", "high")), words)
            else:
                share = numbers.share(row, words)
            axes.annotate(share, (row["high"], y), (4, 0), "data", "offset points", va="center", color=INK, fontsize=SMALL)
        axes.set_title(titles[place], fontsize=SMALL, color=INK, weight="bold", loc="left")
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.set_ylim(-0.5, len(codes) - 0.35)
        axes.tick_params(axis="y", length=0, labelleft=place == 0)
    every[0].set_yticks(range(len(codes)), names[::-1])
    picture.supxlabel(words("axis.group_share"), fontsize=SMALL, color=MUTED)
    spoken = [(f"{row_name(row['code'])}, {panel_name(row['group'])}", numbers.share(row, words)) for row in rows]
    return finish(picture, mark_of(table, words)), words("alt.panels", items=said(spoken, words))


def funnel(table: PublishableTable, name: Callable[[Row], str], first: str, words: Words) -> Picture:
    """
    Draw the steps that ever fewer persons of a cohort reach, as bars under that of the whole cohort, with intervals.

    Parameters
    ----------
    table : PublishableTable
        Rows in order of the steps, with ``count``, ``n`` (the cohort) and the share as estimate.
    name : callable
        Row -> label of the step.
    first : str
        Label of the cohort's own bar.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = rows_of(table)
    known = next((row["n"] for row in rows if pd.notna(row["n"])), None)
    names = [wrapped(text, 24) for text in (first, *(name(row) for row in rows))]
    picture, (axes,) = canvas(0.62 + 0.36 * len(names) + 0.1 * sum(text.count("\n") for text in names))
    last = len(rows)
    axes.barh(last, 1.0, height=0.62, color=PALETTE[0], alpha=0.9)
    if known is not None:
        axes.annotate(
            numbers.integer(known, words), (1.02, last), xycoords=("axes fraction", "data"), va="center", weight="bold", color=INK
        )
    spoken = []
    for y, row in zip(range(last - 1, -1, -1), rows, strict=True):
        spoken.append((name(row), share_and_count(row, words)))
        if pd.notna(row["value"]):
            axes.barh(y, row["value"], height=0.62, color=PALETTE[0], alpha=0.35)
        if pd.notna(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=INK, linewidth=1.6, solid_capstyle="butt")
            axes.plot([row["low"], row["high"]], [y, y], "|", color=INK, markersize=8, markeredgewidth=1.6)
        _write(axes, row, y, words)
    share_axis(axes, 1.0, words, "axis.charged_share")
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set_ylim(-0.6, len(names) - 0.4)
    return finish(picture, mark_of(table, words)), words("alt.funnel", items=said(spoken, words))
