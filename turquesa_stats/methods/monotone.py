"""Whether a series goes one way, whatever its shape, and how steeply: Mann and Kendall's test and Sen's slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, norm, rankdata, theilslopes
from statsmodels.tsa.stattools import acf

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate
from turquesa_stats.methods.serial_errors import simulated_errors

FEWEST_EXACT = 4  # with fewer no order is rarer than 1 in 12
FEWEST_APPROXIMATE = 8
LARGEST_EXACT = 10
FEWEST_SLOPE = 6
FEWEST_CORRECTED = 12
Correction = Literal["none", "autoregression", "hamed-rao"]


def mann_kendall(values: Sequence[float], times: Sequence[int], correction: Correction = "none", seed: int | None = None) -> pd.DataFrame:
    """
    Test whether a series goes one way (Mann 1945; Kendall 1975).

    Without a correction, assumes that times are independent of each other: autocorrelated series go one way by chance more often.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        Counts, rates or shares.
    times : sequence of int, shape (n,)
        Whole numbers, each once. Gaps are allowed: only the order counts.
    correction : {"none", "autoregression", "hamed-rao"}
        What to allow for autocorrelation; needs 12 points without a gap. ``autoregression``: the score is held against those of simulated
        first-order autoregressions without a trend, whose autocorrelation is that around a straight line
        (:func:`turquesa_stats.methods.serial_errors.simulated_errors`; sieve bootstrap, Noguchi, Gel and Duguay 2011). ``hamed-rao``: the
        variance is widened by the significant autocorrelations of the ranks around Sen's slope (Hamed and Rao 1998); given for comparison
        with others, as in simulation it finds a trend that is not there in 9 % of independent and up to 19 % of autocorrelated series,
        where 5 % is right.
    seed : int, optional
        Seed of the simulation; ``autoregression`` needs one.

    Returns
    -------
    DataFrame
        One row: Kendall's tau-a as estimate without an interval (-1 always down, 1 always up), ``score`` (S: pairs going up less pairs
        going down), its ``variance``, and ``p_value``: exact over all orders for up to 10 points without ties, otherwise normal with
        the correction for ties and for continuity (Gilbert 1987, section 16.4).

    Raises
    ------
    MeasureRefused
        With fewer than 4 points, ties among fewer than 8, no variation, a value missing, or a correction that cannot be made.

    Examples
    --------
    >>> float(mann_kendall([1, 2, 3, 4, 5], range(5))["p_value"].iloc[0]) == 2 / 120
    True
    """
    x, when = _ordered(values, times, FEWEST_EXACT)
    n, ties = len(x), np.unique(x, return_counts=True)[1]
    if (ties > 1).any() and n < FEWEST_APPROXIMATE:
        raise MeasureRefused(f"{n} points with equal values are too few for the normal approximation: at least {FEWEST_APPROXIMATE}")
    score = float(np.sign(x[None, :] - x[:, None])[np.triu_indices(n, 1)].sum())
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    exact = n <= LARGEST_EXACT and not (ties > 1).any() and correction == "none"
    if exact:
        p_value = float(kendalltau(np.arange(n), x, method="exact").pvalue)
    else:
        variance *= variance_factor(values, times) if correction == "hamed-rao" else 1.0
        p_value = float(2 * norm.sf(max(abs(score) - 1, 0.0) / np.sqrt(variance)))
    if correction == "autoregression":
        by_chance = _scores_by_chance(x, when, seed)
        p_value = float((1 + (by_chance >= abs(score) / np.sqrt(variance)).sum()) / (1 + len(by_chance)))
    how = "exact" if exact else "normal" if correction == "none" else correction
    estimate = [score / (n * (n - 1) / 2), None, None, n, "tau", f"mann-kendall, {how}", ""]
    row = dict(zip(ESTIMATE_COLUMNS, estimate, strict=True)) | {"score": score, "variance": variance, "p_value": min(1.0, p_value)}
    return pd.DataFrame([row])


def variance_factor(values: Sequence[float], times: Sequence[int]) -> float:
    """
    Return how many times as variable Mann and Kendall's score is under the autocorrelation seen (Hamed and Rao 1998, equation 18).

    Parameters
    ----------
    values, times
        As in :func:`mann_kendall`, without a gap.

    Raises
    ------
    MeasureRefused
        With fewer than 12 points, a gap, no variation around the slope, or a factor that is not positive.
    """
    x, when = _ordered(values, times, FEWEST_CORRECTED)
    _refuse_gaps(when)
    n = len(x)
    around = x - np.arange(1, n + 1) * theilslopes(x, when).slope
    if np.ptp(around) < 1e-12:
        raise MeasureRefused("all points lie on one line: there is no autocorrelation around it")
    lags = np.arange(1, n)
    seen = acf(rankdata(around), nlags=n - 1, fft=False)[1:]
    counted = np.abs(seen) > norm.isf(0.025) / np.sqrt(n)
    factor = float(1 + 2 / (n * (n - 1) * (n - 2)) * ((n - lags) * (n - lags - 1) * (n - lags - 2) * seen)[counted].sum())
    if factor <= 0:
        raise MeasureRefused("the autocorrelations of this series give a variance below 0: the correction does not hold here")
    return factor


def _scores_by_chance(x: np.ndarray, when: np.ndarray, seed: int | None) -> np.ndarray:
    """Return sizes of the score, by its standard deviation, in series without a trend that are as autocorrelated as this one."""
    if seed is None:
        raise MeasureRefused("correction='autoregression' simulates: give a seed")
    if len(x) < FEWEST_CORRECTED:
        raise MeasureRefused(f"{len(x)} points are too few to tell their autocorrelation: at least {FEWEST_CORRECTED} are needed")
    _refuse_gaps(when)
    line = np.column_stack([np.ones(len(x)), when - when.mean()])
    _, series = simulated_errors(line, x - line @ np.linalg.lstsq(line, x, rcond=None)[0], seed)
    n = len(x)
    scores = sum((np.sign(series[lag:] - series[:-lag]).sum(axis=0) for lag in range(1, n)), np.zeros(series.shape[1]))
    return np.asarray(np.abs(scores) / np.sqrt(n * (n - 1) * (2 * n + 5) / 18))


def _refuse_gaps(when: np.ndarray) -> None:
    if (np.diff(when) != 1).any():
        raise MeasureRefused("the correction for autocorrelation needs every time: cut the series at the gap, or test without it")


def sen_slope(
    values: Sequence[float],
    times: Sequence[int],
    unit: str,
    correction: Correction = "none",
    seed: int | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """
    Estimate the median change from one time to the next (Theil 1950; Sen 1968).

    Few outlying years do not move it. Assumes a straight line and times independent of each other, unless corrected.

    Parameters
    ----------
    values, times
        As in :func:`mann_kendall`; at least 6 points.
    unit : str
        What was counted; the slope's unit is that a time.
    correction : {"none", "autoregression", "hamed-rao"}
        Widens the interval by what makes the score vary more (:func:`mann_kendall`); never below that without it.
    seed : int, optional
        As in :func:`mann_kendall`.
    confidence : float
        Confidence level of Sen's interval from the variance of the score (Gilbert 1987, section 16.5).

    Raises
    ------
    MeasureRefused
        With fewer than 6 points, no variation, a value missing, or a correction that cannot be made.

    Examples
    --------
    >>> sen_slope([1, 2, 3, 4, 5, 60], range(6), "persons").value
    1.0
    """
    x, when = _ordered(values, times, FEWEST_SLOPE)
    reach = float(norm.isf((1 - confidence) / 2))
    if correction == "autoregression":
        reach = max(reach, float(np.quantile(_scores_by_chance(x, when, seed), confidence)))
    elif correction == "hamed-rao":
        reach *= max(1.0, variance_factor(values, times)) ** 0.5
    level = 2 * norm.sf(reach)
    found = theilslopes(x, when, alpha=1 - level)
    how = "sen" if correction == "none" else f"sen, {correction}"
    return Estimate(float(found.slope), float(found.low_slope), float(found.high_slope), len(x), f"{unit} a time", how)


def _ordered(values: Sequence[float], times: Sequence[int], fewest: int) -> tuple[np.ndarray, np.ndarray]:
    x, when = np.asarray(values, dtype=float), np.asarray(times)
    if x.shape != when.shape or len(np.unique(when)) < len(when):
        raise MeasureRefused(f"{len(x)} values for {len(np.unique(when))} different times: each time needs one")
    if len(x) < fewest:
        raise MeasureRefused(f"{len(x)} points are too few: at least {fewest} are needed")
    if not np.isfinite(x).all():
        raise MeasureRefused("a value is missing or censored: its place in the order is not known")
    if np.ptp(x) == 0:
        raise MeasureRefused(f"all values are {x[0]:g}: nothing varies")
    order = np.argsort(when, kind="stable")
    return x[order], when[order]
