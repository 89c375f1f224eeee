"""Several series of official figures on one scale, where there are several to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from turquesa_stats.measures import index_numbers
from turquesa_stats.present import blocks, figures
from turquesa_stats.reporting.report import Report

_MOST_SERIES = 4


def indexed(report: Report, yearly: pd.DataFrame, label: str, caption: str, name: Callable[[Report, Any], str]) -> list[str]:
    """
    Return the figure of series as index numbers; nothing where fewer than two have three comparable years.

    Parameters
    ----------
    report : Report
        The report.
    yearly : DataFrame
        Yearly counts (:func:`turquesa_stats.measures.official.series`).
    label, caption : str
        Label of the figure and key of its caption.
    name : callable
        Report, row -> name of the series.
    """
    words = report.words
    found = index_numbers.indexed(index_numbers.since_common_year(yearly))
    titles = found.apply(lambda row: name(report, row.to_dict()), axis=1) if len(found) else pd.Series(dtype="object")
    longest = titles.value_counts(sort=False).sort_values(ascending=False, kind="stable").head(_MOST_SERIES).index
    if len(longest) < 2:
        return []
    table = report.publish_official(found[titles.isin(longest)].reset_index(drop=True))
    drawn = figures.indexed(table, lambda row: name(report, row), words)
    under = blocks.note(table, words, ["method.index"])
    text = words(caption, **report.place)
    return [blocks.figure(drawn, table, label, text, under, words)]
