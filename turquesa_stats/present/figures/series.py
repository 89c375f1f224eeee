"""Numbers by year: yearly counts of several agencies, their last years beside the latest figure, and all on one scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from turquesa_stats.disclosure.gate import PublishableTable
from turquesa_stats.present import numbers
from turquesa_stats.present.figures.marks import (
    MARKERS,
    SMALL,
    SMALLEST,
    Picture,
    Row,
    colour_of,
    draw_years,
    level,
    mark_of,
    name_ends,
    rows_of,
    said,
    series_of,
    top_of,
    wrapped,
    year_axis,
)
from turquesa_stats.present.style import INK, MUTED, PALETTE, RULE, canvas, finish
from turquesa_stats.present.words import Words

_HEIGHT = 3.0  # inches


def years(table: PublishableTable, name: Callable[[Row], str], words: Words) -> Picture:
    """
    Draw yearly counts of one or several series as points with intervals; a line joins neighbouring years of one definition only.

    Parameters
    ----------
    table : PublishableTable
        Rows with ``year`` and a count as estimate.
    name : callable
        Row -> name of its series, written at the series' last point.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    series = series_of(rows_of(table), name)
    picture, top = _lines(series)
    (axes,) = picture.axes
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.integer(value, words)))
    if len(series) == 1 and len(points := next(iter(series.values()))) <= 10:
        for row in points:
            text = numbers.count(row | ({"flag": ""} if row["flag"] == "break" else {}), words)
            axes.annotate(text, (row["year"], top_of(row)), (0, 4), "data", "offset points", ha="center", fontsize=SMALL, color=INK)
        axes.set_ylim(top=1.12 * top)
    spoken = [(title, ", ".join(f"{row['year']} {numbers.count(row, words)}" for row in points)) for title, points in series.items()]
    return finish(picture, mark_of(table, words)), words("alt.lines", items=said(spoken, words))


def indexed(table: PublishableTable, name: Callable[[Row], str], words: Words) -> Picture:
    """
    Draw several series on one scale: the first year of each, and the first after a break, is 100.

    Parameters
    ----------
    table : PublishableTable
        Rows with ``year``, ``segment`` and the index as estimate (:func:`turquesa_stats.measures.official.indexed`).
    name : callable
        Row -> name of its series.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    series = series_of(rows_of(table), name)
    picture, _ = _lines(series)
    (axes,) = picture.axes
    axes.axhline(100, color=MUTED, linewidth=1)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.integer(value, words)))
    axes.set_ylabel(words("axis.index"), fontsize=SMALL)
    spoken = [
        (title, ", ".join(f"{row['year']} {numbers.integer(row['value'], words)}" for row in points)) for title, points in series.items()
    ]
    return finish(picture, mark_of(table, words)), words("alt.index", items=said(spoken, words))


def _lines(series: dict[str, list[Row]]) -> tuple[Figure, float]:
    picture, (axes,) = canvas(_HEIGHT)
    for place, points in enumerate(series.values()):
        shift = (place - (len(series) - 1) / 2) * min(0.12, 0.5 / len(series))
        draw_years(axes, points, shift, colour_of(place), MARKERS[place % len(MARKERS)])
    every = [row for points in series.values() for row in points]
    top = max((top_of(row) for row in every), default=1.0) or 1.0
    year_axis(axes, (int(row["year"]) for row in every))
    axes.set_ylim(0, 1.05 * top)
    axes.tick_params(axis="y", labelsize=SMALL, labelcolor=MUTED, length=0)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    ends = [(level(points[-1]), title, colour_of(place)) for place, (title, points) in enumerate(series.items())]
    name_ends(axes, ends, 1.05 * top, _HEIGHT - 0.5)
    return picture, top


def sparks(table: PublishableTable, name: Callable[[Row], str], words: Words) -> Picture:
    """
    Draw the latest count of each series large, over a small chart of its last years, two or three side by side.

    Parameters
    ----------
    table : PublishableTable
        Rows with ``year`` and a count as estimate; series in order of first appearance.
    name : callable
        Row -> name of its series.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    series = series_of(rows_of(table), name)
    columns = 2 if len(series) in {2, 4} else 3
    lines = -(-len(series) // columns)
    picture, every = canvas(1.75 * lines, columns=columns, lines=lines)
    spoken = []
    for axes in every:
        axes.set_axis_off()
    for axes, (title, points) in zip(every, series.items(), strict=False):
        draw_years(axes, points, 0.0, PALETTE[0], "o")
        first, last = points[0]["year"], points[-1]
        axes.set_title(numbers.count(last, words), loc="left", fontsize=19, weight="bold", color=INK, pad=36)
        under = wrapped(f"{title}, {last['year']}", 24)
        across: dict[str, Any] = {
            "xycoords": "axes fraction",
            "textcoords": "offset points",
            "fontsize": SMALL,
            "color": MUTED,
            "linespacing": 1.0,
        }
        axes.annotate(under, (0, 1), (0, 33), va="top", annotation_clip=False, **across)
        top = max(top_of(row) for row in points) or 1
        axes.set_xlim(min(first, last["year"] - 2) - 0.3, last["year"] + 0.3)
        axes.set_ylim(-0.03 * top, 1.08 * top)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.annotate(str(first), (first, 0), (0, -3), "data", "offset points", ha="left", va="top", fontsize=SMALLEST, color=MUTED)
        if last["year"] > first:
            at = last["year"], 0
            axes.annotate(str(last["year"]), at, (0, -3), "data", "offset points", ha="right", va="top", fontsize=SMALLEST, color=MUTED)
        spoken.append((title, ", ".join(f"{row['year']} {numbers.count(row, words)}" for row in points)))
    return finish(picture, mark_of(table, words)), words("alt.lines", items=said(spoken, words))
