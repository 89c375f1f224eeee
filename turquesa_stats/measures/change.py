"""
Change of what was detected or recorded, within stretches of one definition; never of trafficking or smuggling itself.

More detected may mean more trafficking, more looking, or another way of counting. Every table here is about the numbers that an agency
recorded, and says where no answer can be given (``reason``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.measures.time_segments import (
    STRETCH_COLUMNS,
    TIMES_A_YEAR,
    exact_counts,
    exposure,
    label,
    own_flag,
    segments,
    stretch_keys,
)
from turquesa_stats.methods.count_models import Family
from turquesa_stats.methods.intervals import SMALLEST_N
from turquesa_stats.methods.monotone import Correction, mann_kendall, sen_slope
from turquesa_stats.methods.rates import rate_ratio
from turquesa_stats.methods.trends import TimeErrors, trend

MORE, FEWER, CHANCE = "more recorded", "fewer recorded", "no more than chance"
CHANGE_COLUMNS = (*STRETCH_COLUMNS, "what", *ESTIMATE_COLUMNS, "p_value", "dispersion", "autocorrelation", "reason")
BETWEEN_COLUMNS = ("first", "last", *ESTIMATE_COLUMNS, "chance_low", "chance_high", "decision")
_Answer = Callable[[], Mapping[Any, Any]]


def recorded_change(
    line: pd.DataFrame,
    seed: int,
    events: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
    family: Family = "negative-binomial",
    independent: bool = False,
) -> pd.DataFrame:
    """
    Measure the change of the numbers recorded, one stretch of the series at a time.

    Parameters
    ----------
    line, events
        As in :func:`turquesa_stats.measures.time_segments.segments`.
    seed : int
        Seed of the simulations behind intervals and tests that allow for autocorrelation.
    population : DataFrame, optional
        The table ``population``: adds the trend of the rate per inhabitant of the same sex and age.
    family : {"poisson", "negative-binomial"}
        As in :func:`turquesa_stats.methods.trends.trend`.
    independent : bool
        Whether times are taken as independent of each other (HC3 errors, no correction of Mann and Kendall's test), which is seldom so;
        by default one may follow the other (Newey-West errors, test against autoregressions), which needs 12 points.

    Returns
    -------
    DataFrame
        Rows ``what`` of each stretch (``segment, starts, first, last, points``): ``trend`` (yearly ratio of the numbers), ``rate trend``,
        ``one way`` (Kendall's tau and its p-value), ``median change`` (Sen's slope a year or month). Where a number of the stretch is
        censored, these are refused and ``first to last`` bounds the ratio of last to first. ``reason`` says why there is no answer.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.time_segments.segments`.
    """
    rows = []
    for _, stretch in segments(line, events).groupby("segment"):
        answers = _answers(stretch, seed, population, family, independent)
        rows += [_told(stretch, what, answer) for what, answer in answers.items()]
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def _answers(stretch: pd.DataFrame, seed: int, population: pd.DataFrame | None, family: Family, independent: bool) -> dict[str, _Answer]:
    counts, when = exact_counts(stretch), stretch["time"].to_list()
    errors: TimeErrors = "hc3" if independent else "newey-west"
    correction: Correction = "none" if independent else "autoregression"
    per, unit = TIMES_A_YEAR[str(stretch["freq"].iloc[0])], str(stretch["unit_measure"].iloc[0]).lower()

    def yearly(over: list[float] | None) -> Mapping[Any, Any]:
        return trend(counts, when, seed, over, family, errors, per).to_dict("records")[0]

    answers: dict[str, _Answer] = {"trend": lambda: yearly(None)}
    if population is not None:
        answers["rate trend"] = lambda: yearly(exposure(stretch, population))
    answers["one way"] = lambda: mann_kendall(counts, when, correction, seed).to_dict("records")[0]
    answers["median change"] = lambda: _columns(sen_slope(counts, when, unit, correction, seed))
    if stretch["obs_value"].isna().any() and len(stretch) > 1:
        first, last = stretch.iloc[[0, -1]].to_dict("records")
        answers["first to last"] = lambda: _between(first, last, (1.0, 1.0))
    return answers


def _told(stretch: pd.DataFrame, what: str, answer: _Answer) -> dict[str, Any]:
    keys = {**stretch_keys(stretch), "what": what}
    try:
        found = answer()
    except MeasureRefused as refusal:
        return keys | {"reason": str(refusal)}
    return {**found, **keys, "flag": own_flag(stretch, str(found["flag"])), "reason": ""}


def change_between(
    line: pd.DataFrame,
    first: int,
    last: int,
    events: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Compare the numbers recorded at two times of one stretch.

    Assumes that persons are recorded independently of each other; where one case brings many, chance changes more than told here.

    Parameters
    ----------
    line, events
        As in :func:`turquesa_stats.measures.time_segments.segments`.
    first, last : int
        Years, or months numbered by :func:`turquesa_stats.measures.time_segments.time_of`.
    population : DataFrame, optional
        The table ``population``: compares rates per inhabitant of the same sex and age instead of numbers.

    Returns
    -------
    DataFrame
        One row: the ratio of last to first as estimate, with the exact interval (:func:`turquesa_stats.methods.rates.rate_ratio`); of
        censored numbers the bounds over every completion. ``chance_low`` and ``chance_high`` are the outermost ends with chance, and
        ``decision`` is :data:`MORE` or :data:`FEWER` only where these exclude 1, else :data:`CHANCE`.

    Raises
    ------
    MeasureRefused
        If a time is not in the series, the two lie in different stretches, both numbers are 0, or a number has no known end.
    """
    cut = segments(line, events)
    missing = [str(time) for time in (first, last) if time not in set(cut["time"])]
    if missing or first >= last:
        raise MeasureRefused(f"the series has no figure for {', '.join(missing)}" if missing else f"{first} is not before {last}")
    chosen = cut[cut["time"].isin([first, last])]
    before, after = chosen.to_dict("records")
    starts = cut[cut["segment"].gt(before["segment"]) & cut["segment"].le(after["segment"]) & cut["starts"].ne("")]
    if len(starts):
        told = "; ".join(f"{label(row)}: {row['starts']}" for row in starts.to_dict("records"))
        raise MeasureRefused(f"{label(before)} and {label(after)} cannot be compared: the series is cut between them ({told})")
    over = (1.0, 1.0) if population is None else tuple(exposure(chosen, population))
    found = _between(before, after, (over[0], over[1]))
    found["flag"] = own_flag(chosen, str(found["flag"]))
    return pd.DataFrame([found], columns=list(BETWEEN_COLUMNS))


def _between(first: Mapping[Any, Any], last: Mapping[Any, Any], over: tuple[float, float]) -> dict[str, Any]:
    """Return the ratio of the last to the first number, over every completion of censored ones."""
    ends = [row[end] for row in (first, last) for end in ("obs_lower", "obs_upper")]
    if pd.isna(ends).any():
        raise MeasureRefused(f"the source gives no lowest or highest number for {label(first)} or {label(last)}: nothing bounds the change")
    few, many, later_few, later_many = map(int, ends)
    if many == 0 and later_many == 0:
        raise MeasureRefused(f"{label(first)} and {label(last)} are both 0: there is no ratio")
    least, most = (
        rate_ratio(after, before, over[1], over[0]) if after + before else None for after, before in ((later_few, many), (later_many, few))
    )
    chance_low, chance_high = (0.0 if least is None else least.low), (None if most is None else most.high)
    if least is not None and (few, later_few) == (many, later_many):
        estimate = _columns(least) | {"flag": (Flag.SMALL_N if few + later_few < SMALLEST_N else Flag.NONE).value}
    else:
        bounds = (0.0 if least is None else least.value), (None if most is None else most.value)
        estimate = _columns(Estimate(None, *bounds, None, "ratio", "bounds", Flag.BOUNDS))
    decision = MORE if chance_low is not None and chance_low > 1 else FEWER if chance_high is not None and chance_high < 1 else CHANCE
    told = {"first": label(first), "last": label(last), "chance_low": chance_low, "chance_high": chance_high, "decision": decision}
    return told | estimate


def _columns(estimate: Estimate) -> dict[str, Any]:
    return {name: getattr(estimate, name) for name in ESTIMATE_COLUMNS}
