"""How long accused persons wait, and how they end: followed over time, those still waiting counted as waiting (indicators D03 and D06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.cohort import OUTCOMES
from turquesa_stats.methods.competing_risks import cumulative_incidence
from turquesa_stats.methods.incidence_comparison import compare_hazards, compare_incidence
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.waiting_times import restricted_mean, waiting_quantile

To = Literal["FIRST", "FINAL", "CHARGE"]
HORIZONS = (6, 12, 18, 24, 30, 36)
FIXED_HORIZONS = (24, 36)
_COARSE_ALLOWED = 0.1
_NAMES = dict(enumerate(OUTCOMES, start=1))


def outcomes_over_time(people: pd.DataFrame, horizons: Sequence[int] = HORIZONS, to: Literal["FIRST", "FINAL"] = "FIRST") -> pd.DataFrame:
    """
    Return the cumulative incidence of each end by months since the start (indicator D06; Aalen and Johansen 1978).

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).
    horizons : sequence of int
        Months; those to which nobody was followed are left out.
    to : {"FIRST", "FINAL"}
        The first end at first instance, or the final decision.

    Returns
    -------
    DataFrame
        ``outcome, months, count`` (ends so far), ``at_risk`` and the share as estimate (log-log interval); ``n`` = cohort.

    Raises
    ------
    MeasureRefused
        If nobody has ended or was followed to a horizon, more than 10 % of dates are known to the quarter or year only, or no final
        decisions are recorded.
    """
    months, ends, entry = _waits(people, to)
    codes = ends.map({outcome: place for place, outcome in _NAMES.items()}).fillna(0).astype(int)
    asked = [month for month in horizons if months.max() >= month]
    if not asked:
        raise MeasureRefused(f"nobody was followed for {min(horizons)} months; the longest is {months.max():.0f}")
    found = cumulative_incidence(months.to_list(), codes.to_list(), asked, entry.to_list())
    found = found.assign(outcome=found["event"].map(_NAMES), months=found["time"].astype(int), count=found["events"])
    return found[["outcome", "months", "count", "at_risk", *ESTIMATE_COLUMNS]]


def convicted_within(people: pd.DataFrame, horizons: Sequence[int] = FIXED_HORIZONS) -> pd.DataFrame:
    """
    Return the share convicted within a fixed time of those who could be followed for so long (indicator D03).

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).
    horizons : sequence of int
        Months.

    Returns
    -------
    DataFrame
        ``months, conviction`` (OF_CRIME: on a charge of the cohort's crime; ANY: also on one reduced from it), ``basis`` (COHORT: of all
        who started so long before the register's last day; ENDED: of those of them with an end by then), ``count`` and the share as
        estimate.

    Raises
    ------
    MeasureRefused
        If nobody started so long before, or some entered late (left truncation): then see :func:`outcomes_over_time`.
    """
    if people["entry"].gt(0).any():
        raise MeasureRefused("persons who ended before the register began are not in it, so that shares at a fixed time would be wrong")
    followed = (people["seen_until"] - people["started_on"]).dt.days / (365.25 / 12)
    rows = []
    for months in horizons:
        able = people[followed >= months]
        if able.empty:
            raise MeasureRefused(f"nobody could be followed for {months} months; the longest is {followed.max():.0f}")
        by_then = able["end"].notna() & able["months"].le(months)
        convicted = by_then & able["end"].eq("CONVICTED")
        for conviction, counted in (("OF_CRIME", convicted & able["of_crime"]), ("ANY", convicted)):
            for basis, n in (("COHORT", len(able)), ("ENDED", int(by_then.sum()))):
                if n:
                    found = proportion(int(counted.sum()), n)
                    estimate = {name: getattr(found, name) for name in ESTIMATE_COLUMNS}
                    rows.append({"months": months, "conviction": conviction, "basis": basis, "count": int(counted.sum()), **estimate})
    return pd.DataFrame(rows)


def waiting(people: pd.DataFrame, to: To = "FIRST", horizon: int = 36) -> pd.DataFrame:
    """
    Return the quartiles of the months to any end, and the mean within a horizon, waiting persons counted as waiting (indicator D06).

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).
    to : {"FIRST", "FINAL", "CHARGE"}
        To the first end at first instance, the final decision, or (of a cohort that starts with contact) the first charge.
    horizon : int
        Months of the restricted mean, which is left out where nobody was followed so long.

    Returns
    -------
    DataFrame
        ``statistic`` (Q1, MEDIAN, Q3, RESTRICTED_MEAN), ``count`` (ended) and the months as estimate; a quartile that was not reached has
        no value, and the end of an interval that was not reached is missing.

    Raises
    ------
    MeasureRefused
        As :func:`outcomes_over_time`; also of the time to charge in a cohort that starts with it.
    """
    months, ends, entry = _waits(people, to)
    units = (months.to_list(), ends.notna().to_list())
    found = {
        name: waiting_quantile(*units, share, "months", entry.to_list()) for name, share in (("Q1", 0.25), ("MEDIAN", 0.5), ("Q3", 0.75))
    }
    if months.max() >= horizon:
        found["RESTRICTED_MEAN"] = restricted_mean(*units, horizon, "months", entry.to_list())
    rows = [
        {"statistic": name, "count": int(ends.notna().sum()), **{column: getattr(one, column) for column in ESTIMATE_COLUMNS}}
        for name, one in found.items()
    ]
    return pd.DataFrame(rows)


def compare_outcomes(people: pd.DataFrame, by: Literal["sex", "role"] = "sex") -> pd.DataFrame:
    """
    Test whether groups of the accused end alike: as often in each way (Gray 1988), and at the same pace (log-rank).

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`).
    by : {"sex", "role"}
        Groups; persons of whom it is not known are left out, and told (``left_out``).

    Returns
    -------
    DataFrame
        ``outcome, statistic, freedom, p_value, n, events, method, flag, left_out``; not adjusted for their number
        (:func:`turquesa_stats.methods.comparisons.adjusted`).

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.methods.incidence_comparison.compare_incidence`, which needs cohorts seen from their start.
    """
    of_group = (
        people[people["sex"].isin(["F", "M"])] if by == "sex" else people[people["role"].notna() & ~people["role"].str.startswith("_")]
    )
    months, ends, entry = _waits(of_group, "FIRST")
    if entry.gt(0).any():
        raise MeasureRefused("incidence is compared of cohorts that were seen from their start only")
    codes = ends.map({outcome: place for place, outcome in _NAMES.items()}).fillna(0).astype(int)
    units = (months.to_list(), codes.to_list(), of_group.loc[months.index, by].to_list())
    found = pd.concat([compare_incidence(*units), compare_hazards(*units)], ignore_index=True)
    found = found.assign(outcome=found["event"].map(_NAMES), left_out=len(people) - len(of_group))
    return found[["outcome", "statistic", "freedom", "p_value", "n", "events", "method", "flag", "left_out"]]


def _waits(people: pd.DataFrame, to: To) -> tuple[pd.Series[float], pd.Series[str], pd.Series[float]]:
    """Return months, end (missing while waiting) and entry of those whose dates are known to the month."""
    if people.empty:
        raise MeasureRefused("there is nobody in the cohort")
    if to == "FINAL" and not people["final_recorded"].any():
        raise MeasureRefused("no final decisions are recorded: the register shows first instance only")
    if to == "CHARGE" and not people["start"].eq("CONTACT").all():
        raise MeasureRefused("time to charge needs a cohort that starts with contact: cohort(..., start='CONTACT')")
    coarse = float((~people["precise"]).mean())
    if coarse > _COARSE_ALLOWED:
        raise MeasureRefused(f"{coarse:.0%} of the dates are known to the quarter or year only: too coarse for months")
    kept = people[people["precise"]]
    if to == "FINAL":
        kept = kept[kept["final_recorded"]]
        return kept["final_months"], kept["final_end"], kept["entry"]
    if to == "CHARGE":
        return kept["months_to_charge"], kept["charged_on"].notna().map({True: "CHARGED", False: None}), kept["entry"]
    return kept["months"], kept["end"], kept["entry"]
