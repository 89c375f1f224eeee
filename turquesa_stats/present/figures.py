"""Figures of publishable tables: points with their intervals, labelled in place; nothing that is hidden has a mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from turquesa_stats.disclosure.gate import Origin, PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import numbers
from turquesa_stats.present.style import INK, MUTED, PALETTE, RULE, canvas, finish
from turquesa_stats.present.words import Words

Row = dict[Any, Any]
_MARKERS = "osD^vP"


def _rows(table: PublishableTable) -> list[Row]:
    if not isinstance(table, PublishableTable):
        raise DisclosureRefused(f"a figure takes a PublishableTable, not a {type(table).__name__}; pass it through protect()")
    records: list[Row] = table.frame.to_dict("records")
    return records


def _mark(table: PublishableTable, words: Words) -> str | None:
    return words("mark.synthetic") if table.origin is Origin.SYNTHETIC else None


def is_drawable(table: PublishableTable) -> bool:
    """Whether at least one row has a value or an interval to draw; otherwise a report says what is missing instead."""
    return any(pd.notna(row["value"]) or pd.notna(row["low"]) for row in _rows(table))


def dots(table: PublishableTable, name: Callable[[Row], str], words: Words, axis: str = "axis.share") -> tuple[bytes, str]:
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
    rows = [row for row in _rows(table) if pd.notna(row["low"]) or row.get("flag") == "suppressed"]
    picture, (axes,) = canvas(0.6 + 0.38 * len(rows))
    spoken = []
    for place, row in enumerate(rows):
        y = len(rows) - 1 - place
        label = _share_label(row, words)
        spoken.append(words("alt.item", name=name(row), value=label))
        if pd.notna(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=PALETTE[0], linewidth=5, alpha=0.35, solid_capstyle="butt")
            if pd.notna(row["value"]):
                axes.plot(row["value"], y, "o", color=PALETTE[0], markersize=7)
            else:
                axes.plot([row["low"], row["high"]], [y, y], "|", color=PALETTE[0], markersize=11, markeredgewidth=2)
        at = row["high"] if pd.notna(row["high"]) else 0.0
        axes.annotate(label, (at, y), xytext=(7, 0), textcoords="offset points", va="center", color=INK, fontsize=9.5)
    ends = [row["high"] for row in rows if pd.notna(row["high"])]
    axes.set_xlim(0, max(ends, default=0.5) * 1.5)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(range(len(rows)), [_wrap(name(row)) for row in reversed(rows)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.percent(value, words)))
    axes.set_xticks([tick for tick in MaxNLocator(5).tick_values(*axes.get_xlim()) if tick <= min(1.0, axes.get_xlim()[1])])
    axes.set_xlabel(words(axis))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    return finish(picture, _mark(table, words)), words("alt.dots", items="; ".join(spoken))


def _share_label(row: Row, words: Words) -> str:
    share = numbers.share(row, words)
    if row["flag"] == "suppressed":
        return share
    counted = numbers.part(row, words) if "count_high" in row else numbers.integer(row["count"], words)
    return f"{share} · {counted}" if share and row["n"] >= 10 else share or counted


def _wrap(text: str, width: int = 38) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def years(table: PublishableTable, name: Callable[[Row], str], words: Words) -> tuple[bytes, str]:
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
    rows = _rows(table)
    series: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["year"]):
        series.setdefault(name(row), []).append(row)
    picture, (axes,) = canvas(3.1)
    spoken = []
    for place, (title, points) in enumerate(series.items()):
        shift = (place - (len(series) - 1) / 2) * min(0.12, 0.5 / len(series))
        _draw_series(axes, points, shift, PALETTE[place % len(PALETTE)], _MARKERS[place % len(_MARKERS)])
        values = ", ".join(f"{row['year']} {numbers.count(row, words)}" for row in points)
        spoken.append(words("alt.item", name=title, value=values))
    _label_series(axes, series, words)
    all_years = sorted({int(row["year"]) for row in rows})
    axes.set_xlim(all_years[0] - 0.4, all_years[-1] + 0.45)
    axes.set_xticks(range(all_years[0], all_years[-1] + 1))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.integer(value, words)))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    return finish(picture, _mark(table, words)), words("alt.lines", items="; ".join(spoken))


def sparks(table: PublishableTable, name: Callable[[Row], str], words: Words) -> tuple[bytes, str]:
    """
    Draw the latest count of each series large, over a small chart of its last years, side by side.

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
    series: dict[str, list[Row]] = {}
    for row in _rows(table):
        series.setdefault(name(row), []).append(row)
    picture, every = canvas(1.9, columns=max(len(series), 3))
    spoken = []
    for place, axes in enumerate(every):
        axes.set_axis_off()
        if place >= len(series):
            continue
        title, points = list(series.items())[place]
        points.sort(key=lambda row: row["year"])
        _draw_series(axes, points, 0.0, PALETTE[0], "o")
        last = points[-1]
        axes.set_title(f"{numbers.count(last, words)}", loc="left", fontsize=19, weight="bold", color=INK, pad=24)
        axes.text(0, 1.04, f"{_wrap(title, 22)}, {last['year']}", transform=axes.transAxes, fontsize=9.5, color=MUTED, va="bottom")
        first = points[0]["year"]
        axes.text(first, 0, str(first), ha="left", va="top", fontsize=8.5, color=MUTED)
        if last["year"] > first:
            axes.text(last["year"], 0, str(last["year"]), ha="right", va="top", fontsize=8.5, color=MUTED)
        axes.axhline(0, color=RULE, linewidth=0.8)
        axes.set_ylim(0, 1.08 * max(_top(row) for row in points) or 1)
        axes.set_xlim(min(first, last["year"] - 2) - 0.3, last["year"] + 0.3)
        axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])
        values = ", ".join(f"{row['year']} {numbers.count(row, words)}" for row in points)
        spoken.append(words("alt.item", name=title, value=values))
    return finish(picture, _mark(table, words)), words("alt.lines", items="; ".join(spoken))


def _draw_series(axes: Axes, points: Sequence[Row], shift: float, colour: str, marker: str) -> None:
    for before, after in pairwise(points):
        joined = after["year"] - before["year"] == 1 and before["flag"] == after["flag"] == ""
        if joined:
            axes.plot(
                [before["year"] + shift, after["year"] + shift], [before["value"], after["value"]], color=colour, linewidth=1.3, alpha=0.75
            )
    for row in points:
        x = row["year"] + shift
        if pd.notna(row["low"]):
            axes.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=4, alpha=0.3, solid_capstyle="butt")
        if pd.notna(row["value"]):
            hollow = row["flag"] != ""
            axes.plot(x, row["value"], marker, color=colour, markersize=6, markerfacecolor="white" if hollow else colour)


def _label_series(axes: Axes, series: dict[str, list[Row]], words: Words) -> None:
    """Write each series' name beside its last point, moved apart so that no two overlap; few points also get their number."""
    top = max((_top(row) for points in series.values() for row in points), default=1.0) or 1.0
    gap, taken = 0.085 * top, -1.0
    for level, title in sorted((_level(points[-1]), title) for title, points in series.items()):
        taken = max(level, taken + gap)
        colour = PALETTE[list(series).index(title) % len(PALETTE)]
        axes.annotate(
            _wrap(title, 30),
            (1.01, taken),
            xycoords=("axes fraction", "data"),
            color=colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
        )
    if len(series) == 1:
        for row in next(iter(series.values())):
            axes.annotate(
                numbers.count(row, words),
                (row["year"], _top(row)),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=INK,
            )


def _level(row: Row) -> float:
    return float(row["value"] if pd.notna(row["value"]) else row["high"])


def _top(row: Row) -> float:
    return float(row["high"] if pd.notna(row["high"]) else row["value"])


def pyramid(table: PublishableTable, words: Words) -> tuple[bytes, str]:
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
    rows = _rows(table)
    bands = list(dict.fromkeys(row["age"] for row in rows))
    picture, (left, right) = canvas(0.6 + 0.33 * len(bands), columns=2, sharey=True)
    spoken: list[str] = []
    top = max((float(row["count"]) for row in rows if pd.notna(row["count"])), default=1.0)
    for axes, sex, colour, side in ((left, "F", PALETTE[0], "right"), (right, "M", PALETTE[1], "left")):
        for row in (row for row in rows if row["sex"] == sex):
            y = bands.index(row["age"])
            known = pd.notna(row["count"])
            text = numbers.count(row | {"value": row["count"], "flag": "" if known else row["flag"]}, words)
            length: float = row["count"] if known else 0.0
            axes.barh(y, length, color=colour, height=0.72)
            offset = -4 if sex == "F" else 4
            axes.annotate(text, (length, y), xytext=(offset, 0), textcoords="offset points", ha=side, va="center", fontsize=9)
            spoken.append(words("alt.item", name=f"{words.label('sex', sex)}, {words.label('age', row['age'])}", value=text))
        axes.set_xlim(*((top * 1.25, 0) if sex == "F" else (0, top * 1.25)))
        axes.set_title(words.label("sex", sex), fontsize=10.5, color=colour, weight="bold")
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    left.tick_params(axis="y", labelleft=False)
    right.set_yticks(range(len(bands)), [words.label("age", band) for band in bands])
    right.tick_params(axis="y", labelleft=True)
    return finish(picture, _mark(table, words)), words("alt.pyramid", items="; ".join(spoken))


def heat(table: PublishableTable, row_name: Callable[[str], str], column_name: Callable[[str], str], words: Words) -> tuple[bytes, str]:
    """
    Draw shares as shaded cells with their numbers, hidden ones hatched with their word.

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
    rows = _rows(table)
    codes, groups = (list(dict.fromkeys(row[key] for row in rows)) for key in ("code", "group"))
    values = np.full((len(codes), len(groups)), np.nan)
    texts = np.full(values.shape, "–", dtype=object)
    for row in rows:
        place = codes.index(row["code"]), groups.index(row["group"])
        values[place] = row["value"]
        texts[place] = words("number.suppressed") if row["flag"] == "suppressed" else numbers.percent(row["value"], words)
    picture, (axes,) = canvas(0.7 + 0.36 * len(codes))
    sns.heatmap(
        values,
        ax=axes,
        cmap=sns.light_palette(PALETTE[0], as_cmap=True),
        cbar=False,
        annot=texts,
        fmt="",
        vmin=0,
        linewidths=2,
        mask=np.isnan(values),
    )
    for y, x in zip(*np.nonzero(np.isnan(values)), strict=True):
        axes.text(x + 0.5, y + 0.5, texts[y, x], ha="center", va="center", color=MUTED, fontsize=9)
    axes.set_xticks(np.arange(len(groups)) + 0.5, [_wrap(column_name(group), 18) for group in groups])
    axes.set_yticks(np.arange(len(codes)) + 0.5, [_wrap(row_name(code)) for code in codes], rotation=0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    spoken = [
        words(
            "alt.item",
            name=f"{row_name(r['code'])}, {column_name(r['group'])}",
            value=texts[codes.index(r["code"]), groups.index(r["group"])],
        )
        for r in rows
    ]
    return finish(picture, _mark(table, words)), words("alt.heat", items="; ".join(spoken))


def curves(table: PublishableTable, name: Callable[[str], str], words: Words) -> tuple[bytes, str]:
    """
    Draw cumulative shares by months since the start, with bands; hidden points leave a gap.

    Parameters
    ----------
    table : PublishableTable
        ``outcome, months`` and a share as estimate.
    name : callable
        Outcome -> label.
    words : Words
        The language.

    Returns
    -------
    bytes, str
        The PNG and its alt text.
    """
    frame = pd.DataFrame(_rows(table))
    picture, (axes,) = canvas(3.2)
    spoken, labels = [], []
    for place, (outcome, points) in enumerate(frame.groupby("outcome", sort=False)):
        shown = points[points["value"].notna()]
        colour = PALETTE[place]
        axes.fill_between(shown["months"], shown["low"], shown["high"], color=colour, alpha=0.18, linewidth=0)
        axes.plot(shown["months"], shown["value"], _MARKERS[place] + "-", color=colour, markersize=5)
        if len(shown):
            labels.append((float(shown["value"].iloc[-1]), name(str(outcome)), colour))
        values = ", ".join(f"{row['months']}: {numbers.share(row, words)}" for row in points.to_dict("records"))
        spoken.append(words("alt.item", name=name(str(outcome)), value=values))
    taken, line = -1.0, 0.07 * float(np.nanmax(frame["high"]))
    for level, text, colour in sorted(labels):
        height = line * len(_wrap(text, 22).split("\n"))
        taken = max(level, taken + height)
        axes.annotate(
            _wrap(text, 22),
            (1.01, taken),
            xycoords=("axes fraction", "data"),
            color=colour,
            fontsize=9.5,
            va="center",
            annotation_clip=False,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, frame["months"].max() + 1)
    axes.set_xticks(sorted(frame["months"].unique()))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.percent(value, words)))
    axes.set_xlabel(words("axis.months"))
    axes.set_ylabel(words("axis.cohort_share"))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    return finish(picture, _mark(table, words)), words("alt.curves", items="; ".join(spoken))
