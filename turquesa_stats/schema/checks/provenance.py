"""Checks of sources, and of figures against what their source is: its method, grade, rank, status and restrictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.charges import looked_up, true
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.sums import TABLE_KEY, group_of

_SELF_SELECTED = ("HOTLINE", "NGO")  # count those who come to them
_GRADES = {"ADMIRALTY": r"[A-F][1-6]", "EUROPOL4X4": r"[ABCX][1-4]"}
_ISSUER, _THIRD_PARTY = 1, 3
_MAY_LACK = ("H", "J", "K", "L", "M", "N", "O", "Q", "S")  # statuses that already say why there is no value
_FREE_TO_USE = "H0"


def self_selected_sources_say_how(tables: Tables) -> Iterator[Found]:
    """F03: a source that counts those who come to it tells its method."""
    source = tables["source"]
    silent = source["method_note"].isna() | true(source["method_note"].str.strip().eq(""))
    yield Found("source", true(source["reporting_entity_type"].isin(_SELF_SELECTED)) & silent, ("reporting_entity_type", "method_note"))


def grades_match_schemes(tables: Tables) -> Iterator[Found]:
    """F04: a grade and its scheme come together, and the scheme has the grade."""
    source = tables["source"]
    scheme, grade = source["grade_scheme"], source["grade"]
    one_alone = scheme.notna() ^ grade.notna()
    wrong = pd.Series(data=False, index=source.index)
    for name, pattern in _GRADES.items():
        wrong |= true(scheme.eq(name)) & grade.notna() & ~true(grade.str.fullmatch(pattern))
    yield Found("source", one_alone | wrong, ("grade_scheme", "grade"))


def issuers_come_first(tables: Tables) -> Iterator[Found]:
    """F05: where the issuer itself gives a figure, that of a third party for the same cell is not published."""
    stat = tables["official_stat"]
    tier = _of_source(tables, "source_tier")
    cell = group_of(stat, [name for name in TABLE_KEY if name not in {"iccs", "source_id", "source_agency", "edition"}])
    known = stat[["obs_value", "obs_lower", "obs_upper"]].notna().any(axis=1)
    issued = cell[true(tier.eq(_ISSUER)) & known]
    yield Found("official_stat", true(tier.eq(_THIRD_PARTY)) & cell.isin(issued), ("source_id", "obs_value"))


def preliminary_figures_say_so(tables: Tables) -> Iterator[Found]:
    """F06: a figure from a preliminary source is provisional, unless it is missing."""
    stat = tables["official_stat"]
    preliminary = true(_of_source(tables, "status").eq("preliminary"))
    yield Found("official_stat", preliminary & ~true(stat["obs_status"].isin(["P", *_MAY_LACK])), ("source_id", "obs_status"))


def restricted_sources_stay_unpublished(tables: Tables) -> Iterator[Found]:
    """F07: figures of a source with a handling restriction are not published."""
    handling = _of_source(tables, "handling")
    yield Found("official_stat", handling.notna() & ~true(handling.eq(_FREE_TO_USE)), ("source_id",))


def _of_source(tables: Tables, column: str) -> pd.Series[str]:
    return looked_up(tables["official_stat"]["source_id"], tables["source"], "source_id", column)


CHECKS: Mapping[str, Check] = {
    "F03": self_selected_sources_say_how,
    "F04": grades_match_schemes,
    "F05": issuers_come_first,
    "F06": preliminary_figures_say_so,
    "F07": restricted_sources_stay_unpublished,
}
