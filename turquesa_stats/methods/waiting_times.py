"""Time to an end, with units still waiting: quantiles and restricted mean (Kaplan and Meier 1958)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.competing_risks import IncidenceCurves, incidence_curves


def waiting_quantile(
    time: Sequence[float],
    ended: Sequence[bool],
    share: float,
    unit: str,
    entry: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """
    Estimate the time by which a share has ended, such as the median time to a decision.

    Assumes that units are independent and that those last seen waiting go on like the others.

    Parameters
    ----------
    time : sequence of float, shape (n,)
        Time to the end, or to the last sight of a unit still waiting.
    ended : sequence of bool, shape (n,)
        Whether it was the end.
    share : float
        0.5 for the median.
    unit : str
        Unit of the times.
    entry : sequence of float, shape (n,), optional
        Time from which each unit would have been seen to end (left truncation); 0 by default.
    confidence : float
        Confidence level of the interval (Brookmeyer and Crowley 1982, on the scale of log(-log(share still waiting))).

    Returns
    -------
    Estimate
        ``value`` and ``high`` are None where the share was not reached, which is an answer and no fault.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.methods.competing_risks.cumulative_incidence`; also if the share does not lie between 0 and 1.

    Examples
    --------
    >>> waiting_quantile([2, 4, 6, 8], [True, True, False, True], 0.5, "months").value
    4.0
    """
    if not 0 < share < 1:
        raise MeasureRefused(f"a share to reach lies between 0 and 1, not {share}")
    curves = incidence_curves(time, np.asarray(ended, dtype=int).tolist(), entry)
    low, high = _ends(curves, confidence)

    def first(waiting: np.ndarray) -> float | None:
        reached = np.flatnonzero(waiting <= 1 - share + 1e-12)
        return float(curves.steps[reached[0]]) if reached.size else None

    return Estimate(first(curves.waiting[1:]), first(low), first(high), curves.size, unit, "kaplan-meier, log-log", curves.flag)


def restricted_mean(
    time: Sequence[float],
    ended: Sequence[bool],
    horizon: float,
    unit: str,
    entry: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """
    Estimate the mean time spent waiting within a horizon: the second number beside a median, known also where that is not reached.

    Assumptions as :func:`waiting_quantile`.

    Parameters
    ----------
    time, ended, unit, entry
        As in :func:`waiting_quantile`.
    horizon : float
        Waiting beyond it is not counted; the mean of the lesser of time and horizon (Irwin 1949; Royston and Parmar 2013).
    confidence : float
        Confidence level of the normal interval, from Greenwood's variance times n / (n - 1).

    Raises
    ------
    MeasureRefused
        As :func:`waiting_quantile`; also if nobody was followed to the horizon.

    Examples
    --------
    >>> restricted_mean([2, 4, 6, 8], [True, True, True, True], 6, "months").value
    4.5
    """
    curves = incidence_curves(time, np.asarray(ended, dtype=int).tolist(), entry)
    last = float(curves.time.max())
    if horizon <= 0 or (horizon > last and curves.waiting[-1] > 0):
        raise MeasureRefused(f"nobody was followed to {horizon:g}; the longest time seen is {last:.4g}: take an earlier horizon")
    within = curves.steps < horizon
    edges = np.concatenate([[0.0], curves.steps[within], [horizon]])
    areas = np.diff(edges) * curves.waiting[: edges.size - 1]
    value = float(areas.sum())
    beyond = areas[1:][::-1].cumsum()[::-1]  # waiting still to come after each step
    n, d = curves.at_risk[within].astype(float), curves.ends.sum(axis=0)[within].astype(float)
    variance = float(np.sum(np.divide(beyond**2 * d, n * (n - d), out=np.zeros_like(n), where=n > d)))
    spread = curves.size / (curves.size - 1) if curves.size > 1 else 1.0
    reach = float(norm.isf((1 - confidence) / 2)) * float(np.sqrt(variance * spread))
    return Estimate(value, max(0.0, value - reach), min(horizon, value + reach), curves.size, unit, "kaplan-meier, greenwood", curves.flag)


def _ends(curves: IncidenceCurves, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of the share still waiting after each step (Kalbfleisch and Prentice 1980, section 1.4)."""
    n, d, waiting = curves.at_risk.astype(float), curves.ends.sum(axis=0).astype(float), curves.waiting[1:]
    greenwood = np.cumsum(np.divide(d, n * (n - d), out=np.zeros_like(n), where=n > d))
    inside = (waiting > 0) & (waiting < 1)
    logged = np.log(waiting, out=np.zeros_like(waiting), where=inside)
    reach = np.divide(np.sqrt(greenwood), -logged, out=np.zeros_like(waiting), where=inside) * norm.isf((1 - confidence) / 2)
    low = np.where(inside, np.exp(logged * np.exp(reach)), waiting)
    return low, np.where(inside, np.exp(logged * np.exp(-reach)), waiting)
