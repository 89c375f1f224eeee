"""Who persons are and how they were reached: the pyramid of age and sex, and shares shaded by group."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import seaborn as sns
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import SMALL, Picture, Row, mark_of, rows_of, said, wrapped
from turquesa_stats.present.style import INK, MUTED, PALETTE, RULE, canvas, finish
from turquesa_stats.present.words import Words


def pyramid(table: PublishableTable, words: Words) -> Picture:
    """
    Draw counts by age band, women and girls to the left, men and boys to the right; hidden bands are named, not drawn.

    Parameters
    ----------
    table : PublishableTable
        ``age`` (in order), ``sex`` (F, M), ``count``, ``flag``.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    rows = rows_of(table)
    bands = list(dict.fromkeys(row["age"] for row in rows))
    picture, (left, right) = canvas(0.55 + 0.3 * len(bands), columns=2, sharey=True)
    spoken: list[tuple[str, str]] = []
    top = max((float(row["count"]) for row in rows if pd.notna(row["count"])), default=1.0)
    for axes, sex, colour, side in ((left, "F", PALETTE[0], "right"), (right, "M", PALETTE[1], "left")):
        for row in (row for row in rows if row["sex"] == sex):
            y = bands.index(row["age"])
            known = pd.notna(row["count"])
            text = numbers.count(row | {"value": row["count"], "flag": "" if known else row["flag"]}, words)
            length: float = row["count"] if known else 0.0
            axes.barh(y, length, color=colour, height=0.74)
            offset = -4 if sex == "F" else 4
            ink: str = INK if known else MUTED
            axes.annotate(text, (length, y), (offset, 0), "data", "offset points", ha=side, va="center", fontsize=SMALL, color=ink)
            spoken.append((f"{words.label('sex', sex)}, {words.label('age', row['age'])}", text))
        axes.set_xlim(*((top * 1.28, 0) if sex == "F" else (0, top * 1.28)))
        axes.set_title(words.label("sex", sex), fontsize=10.5, color=INK, weight="bold", loc="right" if sex == "F" else "left")
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.tick_params(axis="y", length=0)
    left.tick_params(axis="y", labelleft=False)
    right.set_yticks(range(len(bands)), [words.label("age", band) for band in bands])
    right.tick_params(axis="y", labelleft=True)
    return finish(picture, mark_of(table, words)), words("alt.pyramid", items=said(spoken, words))


def heat(table: PublishableTable, row_name: Callable[[str], str], column_name: Callable[[str], str], words: Words) -> Picture:
    """
    Draw shares as shaded cells with their numbers; hidden ones, and those that nobody is in, are hatched alike.

    Parameters
    ----------
    table : PublishableTable
        ``code`` (rows), ``group`` (columns) and a share as estimate.
    row_name, column_name : callable
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
    held = {(row["code"], row["group"]): row for row in rows}
    names = [wrapped(row_name(code), 30) for code in codes]
    picture, (axes,) = canvas(0.5 + 0.42 * len(codes))
    shade = sns.light_palette(PALETTE[0], as_cmap=True)
    top = max((_middle(row) for row in rows if pd.notna(row["low"])), default=1.0) or 1.0
    for y, code in enumerate(codes):
        for x, group in enumerate(groups):
            row = held.get((code, group))
            if row is None or pd.isna(row["low"]):
                box = Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor="white", edgecolor=RULE, hatch="////", linewidth=0)
                text, ink, weight, under = words("number.suppressed"), MUTED, "normal", ""
            else:
                colour = shade(_middle(row) / top)
                box = Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor=colour, linewidth=0)
                ink, weight = ("white" if _luminance(colour) < 0.3 else INK), "bold"
                under = numbers.spread(*(numbers.percent(row[end], words) for end in ("low", "high")), words)
                text = numbers.percent(row["value"], words) if pd.notna(row["value"]) else ""
            axes.add_patch(box)
            backing = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if not under else None
            axes.text(
                x + 0.5,
                y + (0.34 if under else 0.5),
                text,
                ha="center",
                va="center",
                color=ink,
                weight=weight,
                fontsize=SMALL,
                bbox=backing,
            )
            axes.text(x + 0.5, y + 0.7, under, ha="center", va="center", color=ink, fontsize=8)
    axes.set_xlim(0, len(groups))
    axes.set_ylim(len(codes), 0)
    axes.set_xticks([place + 0.5 for place in range(len(groups))], [wrapped(column_name(group), 16) for group in groups], weight="bold")
    axes.set_yticks([place + 0.5 for place in range(len(codes))], names)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelcolor=INK)
    axes.spines["bottom"].set_visible(False)
    spoken = [(f"{row_name(row['code'])}, {column_name(row['group'])}", numbers.share(row, words)) for row in rows]
    return finish(picture, mark_of(table, words)), words("alt.heat", items=said(spoken, words))


def _middle(row: Row) -> float:
    """Return the share that a cell is shaded by: of one that is known by its limits alone, their middle."""
    return float(row["value"] if pd.notna(row["value"]) else (row["low"] + row["high"]) / 2)


def _luminance(colour: tuple[float, float, float, float]) -> float:
    """Return how light a colour is (WCAG relative luminance)."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
