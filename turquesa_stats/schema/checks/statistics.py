"""Checks of official statistics: what is hidden, missing, in conflict or not comparable; nothing is ever repaired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.errors import UnknownParameter
from turquesa_stats.period import Period
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.sums import TABLE_KEY, bounds, group_of, totals_fit_their_parts
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, TOTAL, code_list
from turquesa_stats.schema.tables import table_schema

_DIMENSIONS = ["counterpart_area", "sex", "age", "exploitation", "characteristic", "characteristic_code"]
_MISSING = ("H", "L", "M", "O", "Q")  # SDMX: holiday, not collected, cannot exist, missing, suppressed
_MAY_LACK = (*_MISSING, "J", "K", "N", "S")  # derogation, counted elsewhere, not significant, strike: a source may print nothing
_SUPPRESSED, _SMALL_COUNT, _FREE = "Q", "A", "F"
_OUTCOMES = (("tip_prosecutions", "tip_convictions"), ("som_prosecutions", "som_convictions"))


def _true(test: pd.Series[bool]) -> pd.Series[bool]:
    """Return a test's answer with missing as no."""
    return test.fillna(value=False).astype(bool)


def censored_counts_are_intervals(tables: Tables) -> Iterator[Found]:
    """R50: a count that the source hides as small (``<5``) is an interval from 0 and never a value, and says that it is hidden."""
    stat = tables["official_stat"]
    none, low, high = stat["obs_value"].isna(), stat["obs_lower"], stat["obs_upper"]
    suppressed, small = _true(stat["obs_status"].eq(_SUPPRESSED)), _true(stat["conf_status"].eq(_SMALL_COUNT))
    interval = none & low.eq(0) & high.ge(1)
    unmarked = interval & ~small & ~_true(stat["obs_status"].isin(_MISSING))
    yield Found("official_stat", small & ~(interval & suppressed), ("obs_value", "obs_lower", "obs_upper", "obs_status", "conf_status"))
    yield Found("official_stat", unmarked, ("obs_value", "obs_lower", "obs_upper", "obs_status", "conf_status"))
    yield Found("official_stat", suppressed & _true(stat["conf_status"].eq(_FREE)), ("obs_status", "conf_status"))


def agencies_side_by_side(tables: Tables) -> Iterator[Found]:
    """R52: figures that several agencies give for the same thing stand side by side; they are never added."""
    stat = tables["official_stat"]
    same = group_of(stat, [name for name in TABLE_KEY if name not in {"iccs", "source_id", "source_agency", "edition"}])
    pairs = pd.DataFrame({"same": same, "agency": stat["source_agency"]}).drop_duplicates()
    agencies = same.map(pairs["same"].value_counts())
    yield Found("official_stat", agencies > 1, ("source_agency", "obs_value"))


def more_convictions_than_prosecutions(tables: Tables) -> Iterator[Found]:
    """R53: more convicted than prosecuted in one period is possible, and shows that convicted per prosecuted is a ratio and no rate."""
    stat = tables["official_stat"].reset_index(drop=True)
    low, high = bounds(stat)
    certain = ~_true(stat["conflict"]) & (stat[_DIMENSIONS] == TOTAL).all(axis=1)
    same = group_of(stat, [name for name in TABLE_KEY if name != "indicator"])
    more = pd.Series(data=False, index=stat.index)
    told = pd.Series("", index=stat.index, dtype="object")
    for before, after in _OUTCOMES:
        first = certain & _true(stat["indicator"].eq(before))
        then = certain & _true(stat["indicator"].eq(after))
        known = pd.DataFrame({"low": low, "high": high})[first].groupby(same[first]).agg({"low": "max", "high": "max"})
        of_same = known.reindex(same).set_axis(stat.index)
        is_more = then & (low > of_same["high"])
        more |= is_more
        for row in stat.index[is_more]:
            told[row] = f"{_written(low[row], high[row])} > {_written(of_same['low'][row], of_same['high'][row])}"
    index = tables["official_stat"].index
    yield Found("official_stat", more.set_axis(index), ("obs_value",), told=told.set_axis(index))


def _written(low: float, high: float) -> str:
    return f"{low:.15g}" if low == high else f"{low:.15g}-{high:.15g}"


def victims_without_population(tables: Tables) -> Iterator[Found]:
    """R54: a rate needs the population of the same country, year, sex and age; victims without one get no rate."""
    if "population" not in tables:
        return
    stat, population = tables["official_stat"], tables["population"]
    victims = [code for code, concept in code_list("indicator").column("concept").items() if concept == "VICTIMS"]
    split = ["counterpart_area", "exploitation", "characteristic", "characteristic_code"]
    counted = (
        _true(stat["indicator"].isin(victims))
        & _true(stat["unit_measure"].eq("PERSONS"))
        & _true(stat["freq"].eq("A"))
        & (stat[split] == TOTAL).all(axis=1)
        & ~stat["sex"].isin(["_O", "_U"])
        & ~stat["age"].isin(["_U"])
    )
    key = pd.MultiIndex.from_arrays([stat["ref_area"], stat["period_start"].dt.year, stat["sex"], stat["age"]])
    known = pd.MultiIndex.from_frame(population[["iso3", "year", "sex", "age"]].astype({"year": "int64"}))
    yield Found("official_stat", counted & ~key.isin(known), ("ref_area", "time_period", "sex", "age"))


def figures_of_regions(tables: Tables) -> Iterator[Found]:
    """R55: a figure for a region says nothing without the list of its countries, and is never indicator 16.2.2."""
    stat = tables["official_stat"]
    countries = [code for code, iso2 in code_list("area").column("iso2").items() if iso2 or code == DEMONSTRATION_COUNTRY]
    yield Found("official_stat", ~stat["ref_area"].isin(countries), ("ref_area", "obs_value"))


def series_that_break(tables: Tables) -> Iterator[Found]:
    """R56: where the source marks a break or another definition, the line of a chart is interrupted."""
    stat = tables["official_stat"]
    yield Found("official_stat", _true(stat["obs_status"].isin(["B", "D"])), ("time_period", "obs_status"))


def conflicting_keys(tables: Tables) -> Iterator[Found]:
    """R57: several values for one key are all kept and none is published: those marked so, and those that nobody marked."""
    stat = tables["official_stat"]
    key = [name for name in table_schema("official_stat").key if name != "dup_no"]
    several = stat.duplicated(key, keep=False)
    marked = _true(stat["conflict"])
    yield Found("official_stat", several & ~marked, ("conflict", "dup_no", "obs_value"))
    yield Found("official_stat", marked, ("conflict", "dup_no", "obs_value"))


def missing_is_not_zero(tables: Tables) -> Iterator[Found]:
    """R58: what is missing has no value, not even 0, and what has no value says why."""
    stat = tables["official_stat"]
    missing = _true(stat["obs_status"].isin(_MISSING))
    empty = stat[["obs_value", "obs_lower", "obs_upper"]].isna().all(axis=1)
    yield Found("official_stat", missing & stat["obs_value"].notna(), ("obs_status", "obs_value"))
    yield Found("official_stat", empty & ~_true(stat["obs_status"].isin(_MAY_LACK)), ("obs_status", "obs_value"))


def units_fit_indicators(tables: Tables) -> Iterator[Found]:
    """R59: persons, cases, events and offences are different units; each indicator declares those in which it can be counted."""
    stat = tables["official_stat"]
    # An indicator that declares no unit can be judged by none.
    declared = {code: units.split() for code, units in code_list("indicator").column("units").items() if units}
    fitting = {f"{code} {unit}" for code, units in declared.items() for unit in units}
    fits = (stat["indicator"] + " " + stat["unit_measure"]).isin(fitting)
    yield Found("official_stat", _true(stat["indicator"].isin(list(declared))) & ~fits, ("indicator", "unit_measure"))


def bounds_in_order(tables: Tables) -> Iterator[Found]:
    """F32: a figure lies within its bounds, and these are in order."""
    stat = tables["official_stat"]
    for lower, upper in (("obs_lower", "obs_value"), ("obs_value", "obs_upper"), ("obs_lower", "obs_upper")):
        yield Found("official_stat", stat[lower].gt(stat[upper]), (lower, upper))


def periods_agree(tables: Tables) -> Iterator[Found]:
    """F33: a period ends after it starts, and its text says the same days."""
    stat = tables["official_stat"]
    start, end = stat["period_start"], stat["period_end"]
    written = {text: _days(text) for text in stat["time_period"].dropna().unique()}
    first, last = (stat["time_period"].map({text: days[place] for text, days in written.items()}) for place in (0, 1))
    differs = first.isna() | pd.to_datetime(first).ne(start) | pd.to_datetime(last).ne(end)
    yield Found("official_stat", start.gt(end), ("period_start", "period_end"))
    yield Found("official_stat", differs & ~start.gt(end), ("time_period", "period_start", "period_end"))


def _days(text: str) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    try:
        period = Period.parse(text)
    except UnknownParameter:
        return None, None
    return pd.Timestamp(period.start), pd.Timestamp(period.end)


CHECKS: Mapping[str, Check] = {
    "R50": censored_counts_are_intervals,
    "R51": totals_fit_their_parts,
    "R52": agencies_side_by_side,
    "R53": more_convictions_than_prosecutions,
    "R54": victims_without_population,
    "R55": figures_of_regions,
    "R56": series_that_break,
    "R57": conflicting_keys,
    "R58": missing_is_not_zero,
    "R59": units_fit_indicators,
    "F32": bounds_in_order,
    "F33": periods_agree,
}
