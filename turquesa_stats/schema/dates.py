"""Dates that are known to the day, the month, the quarter or the year: compared by the days that they allow (rule R04)."""

from __future__ import annotations

import pandas as pd


def earliest(dates: pd.Series[pd.Timestamp], precision: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """Return the first day that each date allows; missing where the date is."""
    return _edge(dates, precision, "start_time")


def latest(dates: pd.Series[pd.Timestamp], precision: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """Return the last day that each date allows; missing where the date is."""
    return _edge(dates, precision, "end_time")


def _edge(dates: pd.Series[pd.Timestamp], precision: pd.Series[str], edge: str) -> pd.Series[pd.Timestamp]:
    days = dates.astype("datetime64[s]")
    for code in ("M", "Q", "Y"):
        coarse = precision.eq(code).fillna(value=False).astype(bool) & days.notna()
        if coarse.any():
            bound = getattr(days[coarse].dt.to_period(code).dt, edge).dt.normalize().astype("datetime64[s]")
            days = days.mask(coarse, bound.reindex(days.index))
    return days


def out_of_order(
    first: pd.Series[pd.Timestamp], first_precision: pd.Series[str], then: pd.Series[pd.Timestamp], then_precision: pd.Series[str]
) -> pd.Series[bool]:
    """
    Whether a date that must not be later than another is so for certain.

    Returns
    -------
    Series of bool
        True only where both dates are known and no pair of days that their precisions allow is in order.

    Examples
    --------
    >>> may, year = pd.Series(pd.to_datetime(["2021-05-17"])), pd.Series(pd.to_datetime(["2021-01-01"]))
    >>> out_of_order(may, pd.Series(["D"]), year, pd.Series(["Y"])).tolist()
    [False]
    >>> out_of_order(may, pd.Series(["D"]), year, pd.Series(["D"])).tolist()
    [True]
    """
    return earliest(first, first_precision) > latest(then, then_precision)
