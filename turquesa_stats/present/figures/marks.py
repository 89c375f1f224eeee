"""What the charts have in common: rows of publishable tables, intervals, names beside the marks, axes that start at nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from turquesa_stats.disclosure.gate import Origin, PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import numbers
from turquesa_stats.present.style import MUTED, PALETTE, RULE
from turquesa_stats.present.words import Words

Row = dict[Any, Any]
Picture = tuple[bytes, str]  # PNG and alt text
MARKERS = "osD^vP"
SMALL, SMALLEST = 9.5, 8.5  # points


def rows_of(table: PublishableTable) -> list[Row]:
    """
    Return the rows of a table.

    Raises
    ------
    DisclosureRefused
        If it did not pass the gate.
    """
    records: list[Row] = _passed(table).frame.to_dict("records")
    return records


def mark_of(table: PublishableTable, words: Words) -> str | None:
    """Return the mark of synthetic data where they are; refuse as :func:`rows_of`."""
    return words("mark.synthetic") if _passed(table).origin is Origin.SYNTHETIC else None


def _passed(table: PublishableTable) -> PublishableTable:
    if not isinstance(table, PublishableTable):
        raise DisclosureRefused(f"a figure takes a PublishableTable, not a {type(table).__name__}; pass it through protect()")
    return table


def is_drawable(table: PublishableTable) -> bool:
    """Whether at least one row has a value or an interval to draw; otherwise a report says what is missing instead."""
    return any(pd.notna(row["value"]) or pd.notna(row["low"]) for row in rows_of(table))


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of so many characters at most."""
    return "\n".join(textwrap.wrap(text, width))


def series_of(rows: Iterable[Row], name: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Return the rows of each series, in order of years."""
    series: dict[str, list[Row]] = {}
    for row in rows:
        series.setdefault(name(row), []).append(row)
    return {title: sorted(points, key=lambda row: row["year"]) for title, points in series.items()}


def draw_interval(axes: Axes, row: Row, y: float, colour: str, size: float = 7) -> None:
    """Draw a share as a point on its interval; an interval without point has its two ends marked."""
    if pd.isna(row["low"]):
        return
    axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=0.8 * size, alpha=0.32, solid_capstyle="butt")
    if pd.notna(row["value"]):
        axes.plot(row["value"], y, "o", color=colour, markersize=size)
    else:
        axes.plot([row["low"], row["high"]], [y, y], "|", color=colour, markersize=11, markeredgewidth=2)


def draw_years(axes: Axes, points: Sequence[Row], shift: float, colour: str, marker: str) -> None:
    """Draw a series: a line joins neighbouring years of one definition only, hollow marks are other definitions or preliminary."""
    for before, after in pairwise(points):
        if after["year"] - before["year"] == 1 and _is_joined(before["flag"], after["flag"]):
            ends = [before["year"] + shift, after["year"] + shift]
            axes.plot(ends, [before["value"], after["value"]], color=colour, linewidth=1.4, alpha=0.8)
    for row in points:
        x = row["year"] + shift
        if pd.notna(row["low"]):
            axes.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=4.5, alpha=0.28, solid_capstyle="butt")
        if pd.notna(row["value"]):
            axes.plot(x, row["value"], marker, color=colour, markersize=6, markerfacecolor="white" if row["flag"] else colour)
    for before_flag, row in zip(["", *(row["flag"] for row in points)], points, strict=False):
        if row["flag"] == "break" and before_flag != "break":
            axes.axvline(row["year"] - 0.5, color=colour, linewidth=1, linestyle=(0, (2, 2)), alpha=0.8)


def _is_joined(before: str, after: str) -> bool:
    """Whether a line may join two neighbouring years: one definition, both numbers whole, not only their limits."""
    return (before, after) in {("", ""), ("break", ""), ("", "preliminary")} if before != after else before in {"", "break"}


def name_ends(axes: Axes, ends: Sequence[tuple[float, str, str]], top: float, height: float, width: int = 24) -> None:
    """
    Write names beside the last points of series, moved apart so that no two overlap.

    Parameters
    ----------
    axes : Axes
        Where; its vertical limits are set already.
    ends : sequence of (level, text, colour)
        What to write beside which level.
    top : float
        Highest value of the axis.
    height : float
        Height of the axes in inches, from which follows how much room a line takes.
    width : int
        Characters of a line.
    """
    line = top * 0.165 / height
    texts = [(level, wrapped(text, width), colour) for level, text, colour in sorted(ends)]
    sizes = [line * (text.count("\n") + 1) + 0.25 * line for _, text, _ in texts]
    places: list[float] = []
    for (level, _, _), size, before in zip(texts, sizes, [0.0, *sizes], strict=False):
        places.append(max(level, places[-1] + (size + before) / 2) if places else max(level, size / 2))
    over = max(0.0, places[-1] + sizes[-1] / 2 - 1.08 * top) if places else 0.0
    for place in reversed(range(len(places))):  # those that stand too high go down, pushing what is under them
        limit = places[place + 1] - (sizes[place] + sizes[place + 1]) / 2 if place + 1 < len(places) else places[place] - over
        places[place] = min(places[place], limit)
    for y, (level, text, colour) in zip(places, texts, strict=True):
        across = ("axes fraction", "data")
        if abs(y - level) > line / 2:
            axes.annotate("", (1.0, level), (1.025, y), across, across, {"arrowstyle": "-", "color": colour, "linewidth": 0.7})
        axes.annotate(text, (1.03, y), xycoords=across, color=colour, fontsize=SMALL, va="center", annotation_clip=False)


def share_axis(axes: Axes, top: float, words: Words, label: str | None = None, along: str = "x", most: int = 5) -> None:
    """Let an axis of shares begin at 0 and end where the data do, at 100 % at most."""
    axis = axes.xaxis if along == "x" else axes.yaxis
    end = min(1.0, top) if top > 0 else 1.0
    (axes.set_xlim if along == "x" else axes.set_ylim)(0, end * 1.02)
    ticks = [tick for tick in MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(0, end) if tick <= end + 1e-9]
    axis.set_ticks(ticks)
    axis.set_major_formatter(FuncFormatter(lambda value, _: numbers.percent(value, words)))
    axis.set_tick_params(labelsize=SMALL, labelcolor=MUTED)
    axes.grid(axis="x" if along == "x" else "y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    if label is not None:
        (axes.set_xlabel if along == "x" else axes.set_ylabel)(words(label), fontsize=SMALL)


def year_axis(axes: Axes, every: Iterable[int], most: int = 12) -> None:
    """Show whole years only, no more than fit."""
    years = sorted({*every})
    axes.set_xlim(years[0] - 0.4, years[-1] + 0.45)
    step = 1 + (years[-1] - years[0]) // most
    axes.set_xticks(range(years[-1], years[0] - 1, -step))
    axes.tick_params(axis="x", labelsize=SMALL)


def colour_of(place: int) -> str:
    """Return the colour of a series."""
    return PALETTE[place % len(PALETTE)]


def level(row: Row) -> float:
    """Return where a row's mark stands: its value, or the end of its interval."""
    return float(row["value"] if pd.notna(row["value"]) else row["high"])


def top_of(row: Row) -> float:
    """Return the highest that a row's marks reach."""
    return float(row["high"] if pd.notna(row["high"]) else row["value"])


def said(items: Iterable[tuple[str, str]], words: Words) -> str:
    """Return the items of an alt text."""
    return "; ".join(words("alt.item", name=name, value=value) for name, value in items)
