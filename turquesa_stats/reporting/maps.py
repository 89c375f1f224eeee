"""Blocks with maps: where the country lies, and the citizenship of the victims it detected."""

from __future__ import annotations

import pandas as pd

from turquesa_stats.present import blocks, figures
from turquesa_stats.present.outlines import CITATION
from turquesa_stats.reporting.report import Report

_FEWEST = 2  # countries on a map of flows


def locator(report: Report) -> list[str]:
    """Where the country lies; nothing for one that has no outline."""
    if not figures.is_on_map(report.country):
        return []
    words = report.words
    table = report.publish_official(pd.DataFrame([{"citation": CITATION}]))
    under = blocks.note(table, words, ["note.boundaries"])
    return [
        blocks.figure(
            figures.locator(table, report.country, words), table, "map", words("caption.map", country=report.place["country"]), under, words
        )
    ]


def citizenship(report: Report, split: pd.DataFrame) -> list[str]:
    """Return the map of citizenships; nothing where fewer than two countries of the map have a number."""
    on_map = split[split["counterpart_area"].map(figures.is_on_map).astype("bool") & split["count_high"].gt(0)]
    if len(on_map) < _FEWEST or not figures.is_on_map(report.country):
        return []
    words = report.words
    table = report.publish_official(split.assign(citation=split["citation"] + "; " + CITATION))
    text = words("caption.flows", country=report.place["country"], year=int(split["year"].iloc[0]))
    under = blocks.note(table, words, ["note.flows", "note.boundaries"], blocks.n_known(split.iloc[0].to_dict(), words))
    return [blocks.figure(figures.flows(table, report.country, words), table, "flows", text, under, words)]
