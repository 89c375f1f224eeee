"""One known break in a series of counts: how level and slope differ after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.methods.count_models import CountFit, Family, fit_counts
from turquesa_stats.methods.count_series import CountSeries, count_series
from turquesa_stats.methods.intervals import SMALLEST_N
from turquesa_stats.methods.serial_errors import SerialErrors, serial_errors

FEWEST_BEFORE = 8
FEWEST_AFTER = 6
FEWEST_POINTS = 16
HARMONICS = 2  # pairs of sine and cosine in a cycle
TERMS = ("slope_before", "level_change", "slope_change", "slope_after")
_CONTRASTS = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 1]], dtype=float)
BREAK_COLUMNS = ("term", *ESTIMATE_COLUMNS, "p_value", "break_at", "points_before", "points_after", "dispersion", "autocorrelation")


def segmented(
    counts: Sequence[float],
    times: Sequence[int],
    break_at: int,
    seed: int,
    exposure: Sequence[float] | None = None,
    family: Family = "poisson",
    per: float = 1.0,
    cycle: int | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Estimate the change of level and slope at one known time (segmented regression; Wagner et al. 2002, Bernal et al. 2017).

    Assumes that without the break the log-linear trend before it would have gone on, and that nothing else changed at that time: what the
    data cannot show, and placebo breaks (:func:`placebo_breaks`) only make more or less likely. Errors and their limits are those of
    :func:`turquesa_stats.methods.serial_errors.serial_errors`.

    Parameters
    ----------
    counts, times, exposure
        As in :func:`turquesa_stats.methods.count_series.count_series`.
    break_at : int
        First time after the break.
    seed : int
        Seed of the simulation behind the intervals.
    family : {"poisson", "negative-binomial"}
        How counts of different size are weighed.
    per : float
        Times in the unit of slopes: 12 for yearly slopes of months.
    cycle : int, optional
        Times in a cycle, such as 12 months: two pairs of sine and cosine are added (Bernal et al. 2017); needs two cycles before the break.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``term``, all ratios with estimate and ``p_value``: ``slope_before``; ``level_change`` at ``break_at`` against what the
        trend before would have given; ``slope_change`` (slope after by slope before); ``slope_after``. With ``points_before``,
        ``points_after``, ``dispersion`` and the lag-1 ``autocorrelation`` of the errors. Under 10 events on a side flagged ``small_n``.

    Raises
    ------
    MeasureRefused
        With fewer than 8 points before the break, 6 after it or 16 in all, a cycle that is not seen twice before, counts above 0 at fewer
        than two times of a side, or as :func:`turquesa_stats.methods.count_series.count_series`.
    """
    series = count_series(counts, times, exposure)
    _refuse_where_the_break_cannot_be_seen(series, break_at, cycle)
    fit, found = _fitted(series, break_at, seed, family, cycle, confidence)
    before = series.times < break_at
    sides = series.counts[before].sum(), series.counts[~before].sum()
    table = {
        "term": list(TERMS),
        **{
            name: np.exp(ends * np.array([per, 1.0, per, per]))
            for name, ends in (("value", found.estimates), ("low", found.low), ("high", found.high))
        },
        "n": int(sum(sides)),
        "unit": "ratio",
        "method": f"{family}, newey-west",
        "flag": (Flag.SMALL_N if min(sides) < SMALLEST_N else Flag.NONE).value,
        "p_value": found.p_values,
        "break_at": break_at,
        "points_before": int(before.sum()),
        "points_after": int((~before).sum()),
        "dispersion": fit.dispersion,
        "autocorrelation": found.autocorrelation,
    }
    return pd.DataFrame(table)[list(BREAK_COLUMNS)]


def _fitted(
    series: CountSeries, break_at: int, seed: int, family: Family, cycle: int | None, confidence: float
) -> tuple[CountFit, SerialErrors]:
    since = (series.times - break_at).astype(float)
    after = (since >= 0).astype(float)
    columns = [np.ones(len(since)), since, after, after * since]
    if cycle is not None:
        angles = 2 * np.pi * np.arange(1, HARMONICS + 1) / cycle
        columns += [wave(angle * since) for angle in angles for wave in (np.sin, np.cos)]
    fit = fit_counts(series.counts, np.column_stack(columns), series.exposure, family)
    contrasts = np.hstack([_CONTRASTS, np.zeros((len(TERMS), len(columns) - 4))])
    return fit, serial_errors(fit.design, fit.residuals, fit.coefficients, contrasts, seed, fit.white, confidence)


def _refuse_where_the_break_cannot_be_seen(series: CountSeries, break_at: int, cycle: int | None) -> None:
    why_not = _why_not(series, break_at, cycle)
    if why_not:
        raise MeasureRefused(why_not)


def _why_not(series: CountSeries, break_at: int, cycle: int | None) -> str:
    """Return why a break at this time cannot be seen; nothing where it can."""
    before = series.times < break_at
    sides = int(before.sum()), int((~before).sum())
    if sides[0] < FEWEST_BEFORE or sides[1] < FEWEST_AFTER or sum(sides) < FEWEST_POINTS:
        return (
            f"{sides[0]} points before and {sides[1]} after the break at {break_at}: at least {FEWEST_BEFORE} before, {FEWEST_AFTER} after "
            f"and {FEWEST_POINTS} in all are needed; compare two times instead"
        )
    if cycle is not None and (sides[0] < 2 * cycle or cycle <= 2 * HARMONICS):
        return f"{sides[0]} points before the break do not show a cycle of {cycle} twice; leave the cycle out, and say so"
    if min((series.counts[before] > 0).sum(), (series.counts[~before] > 0).sum()) < 2:
        return f"counts above 0 at fewer than two times on a side of {break_at}: no level and slope there"
    return ""


def placebo_breaks(
    counts: Sequence[float],
    times: Sequence[int],
    break_at: int,
    seed: int,
    exposure: Sequence[float] | None = None,
    family: Family = "poisson",
    cycle: int | None = None,
) -> pd.DataFrame:
    """
    Return how large a break is found at times at which none is known.

    Each placebo is fitted to the points on its own side of the real break alone, as one that saw the real break would be no placebo. Size
    is the effect (on the log scale) by the half-width of its own 95 % interval, so that short and long series compare; above 1 the interval
    excludes no change. This is a check of sensitivity, not a test: neighbouring placebos share most of their data.

    Parameters
    ----------
    counts, times, break_at, seed, exposure, family, cycle
        As in :func:`segmented`.

    Returns
    -------
    DataFrame
        One row a ``break_at`` and ``term`` (``level_change``, ``slope_change``), the real break first: ``is_placebo``, ``size``, ``n`` (how
        many placebos) and ``p_value`` of the real break: one more than the placebos as large, by one more than their number; nan where no
        other time admits a break.

    Raises
    ------
    MeasureRefused
        As :func:`segmented`.
    """
    series = count_series(counts, times, exposure)
    _refuse_where_the_break_cannot_be_seen(series, break_at, cycle)
    rows = _sizes(series, break_at, seed, family, cycle, False)
    for side in (series.times < break_at, series.times >= break_at):
        part = CountSeries(series.times[side], series.counts[side], series.exposure[side], 0)
        for time in part.times:
            if not _why_not(part, int(time), cycle):
                rows += _sizes(part, int(time), seed, family, cycle, True)
    table = pd.DataFrame(rows)
    numbers = {term: _rank(sizes) for term, sizes in table.groupby("term")}
    p_value = table["term"].map(lambda term: numbers[term][1]).where(~table["is_placebo"])
    return table.assign(n=table["term"].map(lambda term: numbers[term][0]), p_value=p_value)


def _rank(of_term: pd.DataFrame) -> tuple[int, float]:
    """Return the number of placebos, and the rank p-value of the real break among them."""
    real = float(of_term.loc[~of_term["is_placebo"], "size"].iloc[0])
    placebos = of_term.loc[of_term["is_placebo"], "size"]
    return len(placebos), (1 + int(placebos.ge(real).sum())) / (1 + len(placebos)) if len(placebos) else float("nan")


def _sizes(series: CountSeries, break_at: int, seed: int, family: Family, cycle: int | None, is_placebo: bool) -> list[dict[str, object]]:
    _, found = _fitted(series, break_at, seed, family, cycle, 0.95)
    sizes = np.abs(found.estimates) / (found.high - found.estimates)
    return [{"break_at": break_at, "term": TERMS[place], "is_placebo": is_placebo, "size": float(sizes[place])} for place in (1, 2)]
