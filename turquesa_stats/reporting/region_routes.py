"""Routes of a region: encounters, deaths and disappearances as published, and how far the citizenships of victims moved in a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures import official
from turquesa_stats.methods.displacement import displacement
from turquesa_stats.period import Period
from turquesa_stats.present import blocks, numbers
from turquesa_stats.reporting import region, since_last
from turquesa_stats.reporting.assessment import changed, opened
from turquesa_stats.reporting.member_cases import demoted
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.routes import deaths
from turquesa_stats.schema.codes import NOT_KNOWN
from turquesa_stats.schema.regions import DEMONSTRATION

_SEED = 20211130
_MOST_PERSONS = 4000  # of both years, up to which a displacement is computed person by person


def routes(report: Report) -> list[str]:
    """Smuggling of migrants and its routes, and displacement since the year before."""
    parts = opened(report, "ROUTES")
    found = region.totals(report, ["ENCOUNTERS", "DEATHS", "MISSING", "MIGRANTS"], "region-routes", "caption.region_routes")
    recorded = since_last.since_last(report, "ROUTES")
    parts += found or ([] if recorded else report.gap("smuggling"))
    died = [] if report.country == DEMONSTRATION else demoted(deaths(report), 1)  # real deaths stand on no made-up region's page
    moved = _displacement(report) or ([] if recorded else report.gap("flows"))
    return [*parts, *died, *moved, *changed(report, region.since_last(report, "ENCOUNTERS", "MIGRANTS"), recorded)]


def _displacement(report: Report) -> list[str]:
    words, year = report.words, report.period.end.year
    rows = [row for member in region.members(report, "VICTIMS") for row in _distance(member, year)]
    if not rows:
        return []
    table = report.publish_official(pd.DataFrame(rows))
    columns = [
        ("country", "l", lambda row: row["country"]),
        ("distance", "r", lambda row: region.ratio(report, row)),
        ("p_value", "r", lambda row: numbers.p_value(row["p_value"], words)),
    ]
    under = blocks.note(table, words, ["note.displacement"])
    text = words("caption.region_displacement", country=report.place["country"], first=year - 1, last=year)
    return [blocks.data_table(table, columns, "region-displacement", text, under, words)]


def _distance(member: Report, year: int) -> list[dict[Any, Any]]:
    """Return how far the citizenships of a country's victims lie apart in two years; nothing where the counts cannot tell."""
    before, after = (_by_citizenship(member, at) for at in (year - 1, year))
    if before.empty or after.empty or (before.iloc[0][_SAME] != after.iloc[0][_SAME]).any():
        return []
    codes = sorted({*before["counterpart_area"], *after["counterpart_area"]})
    if before["count_high"].sum() + after["count_high"].sum() > _MOST_PERSONS:
        return []
    try:
        found = displacement(_one_by_one(before, codes), _one_by_one(after, codes), _SEED)
    except MeasureRefused:  # too few persons, or one citizenship alone
        return []
    row = found[found["measure"].eq("dissimilarity")].to_dict("records")[0]
    return [row | {"country": member.place["country"], "citation": after["citation"].iloc[0]}]


_SAME = list(official.SERIES)


def _by_citizenship(member: Report, year: int) -> pd.DataFrame:
    """Return the exact counts of victims by citizenship of a year; empty where any count is not exact or in conflict."""
    rows = official.split(member.official("VICTIMS"), Period.parse(str(year)), ["counterpart_area"], "CITIZENSHIP")
    if rows.empty or rows["count_low"].ne(rows["count_high"]).any():
        return rows.head(0)
    return rows[~rows["counterpart_area"].isin(NOT_KNOWN)]


def _one_by_one(rows: pd.DataFrame, codes: list[str]) -> npt.NDArray[np.int64]:
    """Return a row a person with 1 at her citizenship: each is independent of the others."""
    places = np.repeat([codes.index(code) for code in rows["counterpart_area"]], rows["count_high"].astype(int))
    rows_of: npt.NDArray[np.int64] = np.eye(len(codes), dtype=np.int64)[places]
    return rows_of
