"""The trend of a series of counts: how many times as many from one time to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.methods.count_models import CountFit, Family, fit_counts
from turquesa_stats.methods.count_series import count_series
from turquesa_stats.methods.intervals import SMALLEST_N
from turquesa_stats.methods.serial_errors import autocorrelation, serial_errors

FEWEST_POINTS = 8
FEWEST_SERIAL = 12  # with fewer, how much one time follows the other cannot be told
TREND_COLUMNS = (*ESTIMATE_COLUMNS, "p_value", "points", "first", "last", "missing_times", "dispersion", "autocorrelation")
TimeErrors = Literal["hc3", "newey-west"]


def trend(
    counts: Sequence[float],
    times: Sequence[int],
    seed: int,
    exposure: Sequence[float] | None = None,
    family: Family = "poisson",
    errors: TimeErrors = "newey-west",
    per: float = 1.0,
    breaks: Sequence[bool] | None = None,
    gaps_allowed: bool = False,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Estimate the yearly (or other) change of a count or rate as a ratio, from a log-linear model.

    Assumes one constant rate of change. The dispersion tells how much more the counts vary than chance alone would have them.

    Parameters
    ----------
    counts, times, exposure, breaks, gaps_allowed
        As in :func:`turquesa_stats.methods.count_series.count_series`.
    seed : int
        Seed of the simulation behind the Newey-West interval; without use for ``hc3``.
    family : {"poisson", "negative-binomial"}
        How counts of different size are weighed. The errors do not rely on it.
    errors : {"newey-west", "hc3"}
        ``newey-west``: for times that follow one another (:func:`turquesa_stats.methods.serial_errors.serial_errors`, with its limits), 12
        points or more without a gap; ``hc3``: for times independent of each other (MacKinnon and White 1985), t with n - 2 degrees of
        freedom. Where the ``autocorrelation`` told is well above 0, ``hc3`` is too narrow.
    per : float
        Times in the unit of change: 1 for yearly change of years, 12 for yearly change of months.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row: the ratio as estimate (1 no change, ``n`` the sum of counts), ``p_value``, ``points``, ``first`` and ``last`` time,
        ``missing_times``, ``dispersion`` and the lag-1 ``autocorrelation`` (nan with gaps). Under 10 events flagged ``small_n``.

    Raises
    ------
    MeasureRefused
        With fewer than 8 points (12 for ``newey-west``), or as :func:`turquesa_stats.methods.count_series.count_series`.

    Examples
    --------
    >>> found = trend([20, 22, 21, 25, 27, 26, 30, 31, 35, 33], range(10), seed=1, errors="hc3")
    >>> round(float(found["value"].iloc[0]), 3)
    1.063
    """
    series = count_series(counts, times, exposure, breaks, gaps_allowed, FEWEST_SERIAL if errors == "newey-west" else FEWEST_POINTS)
    if errors == "newey-west" and series.missing:
        raise MeasureRefused(f"{series.missing} times are missing: Newey-West errors need every time; use errors='hc3'")
    when = series.times - series.times.mean()
    fit = fit_counts(series.counts, np.column_stack([np.ones(len(when)), when]), series.exposure, family)
    total = int(series.counts.sum())
    change, p_value = _change(fit, errors, seed, confidence)
    row = dict(zip(("value", "low", "high"), (float(np.exp(end * per)) for end in change), strict=True)) | {
        "n": total,
        "unit": "ratio",
        "method": f"{family}, {errors}",
        "flag": (Flag.SMALL_N if total < SMALLEST_N else Flag.NONE).value,
        "p_value": p_value,
        "points": len(when),
        "first": int(series.times[0]),
        "last": int(series.times[-1]),
        "missing_times": series.missing,
        "dispersion": fit.dispersion,
        "autocorrelation": np.nan if series.missing else autocorrelation(fit.residuals, fit.design),
    }
    return pd.DataFrame([row], columns=list(TREND_COLUMNS))


def _change(fit: CountFit, errors: TimeErrors, seed: int, confidence: float) -> tuple[tuple[float, float, float], float]:
    if errors == "newey-west":
        found = serial_errors(fit.design, fit.residuals, fit.coefficients, np.array([[0.0, 1.0]]), seed, fit.white, confidence)
        return (float(found.estimates[0]), float(found.low[0]), float(found.high[0])), float(found.p_values[0])
    fitted = OLS(fit.design @ fit.coefficients + fit.residuals, fit.design).fit(cov_type="HC3", use_t=True)
    low, high = fitted.conf_int(alpha=1 - confidence)[1]
    return (float(fit.coefficients[1]), float(low), float(high)), float(fitted.pvalues[1])
