"""Time to the first of several ends, with units still waiting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import CumIncidenceRight

from turquesa_stats.errors import MeasureRefused


def cumulative_incidence(time: Sequence[float], event: Sequence[int], at: Sequence[float], confidence: float = 0.95) -> pd.DataFrame:
    """
    Estimate the share that has ended in each way by given times (Aalen and Johansen 1978).

    Parameters
    ----------
    time : sequence of float, shape (n,)
        Time to the end, or to the last sight of a unit still waiting; same unit as ``at``.
    event : sequence of int, shape (n,)
        0 still waiting, 1..k the way it ended.
    at : sequence of float
        Times to report.
    confidence : float
        Confidence level of the normal interval, cut to 0 and 1.

    Returns
    -------
    DataFrame
        Columns ``event, time, value, se, low, high, at_risk, events`` (``events`` up to that time); one row an event and time.

    Raises
    ------
    MeasureRefused
        If there is no unit, no event, or a time is negative.
    """
    times, events = np.asarray(time, dtype=float), np.asarray(event, dtype=int)
    if not times.size or not events.any() or (times < 0).any() or times.shape != events.shape:
        raise MeasureRefused("cumulative incidence needs times of zero or more and at least one event")
    with np.errstate(divide="ignore", invalid="ignore"):  # when the last unit ends, its variance term divides by none left
        fitted = CumIncidenceRight(times, events)
    z = float(-_normal_quantile((1 - confidence) / 2))
    rows = []
    for kind in range(1, int(events.max()) + 1):
        for moment in at:
            place = int(np.searchsorted(fitted.times, moment, side="right")) - 1
            value = float(fitted.cinc[kind - 1][place]) if place >= 0 else 0.0
            error = float(fitted.cinc_se[kind - 1][place]) if place >= 0 else 0.0
            rows.append(
                {
                    "event": kind,
                    "time": float(moment),
                    "value": value,
                    "se": error,
                    "low": max(0.0, value - z * error),
                    "high": min(1.0, value + z * error),
                    "at_risk": int((times >= moment).sum()),
                    "events": int(((events == kind) & (times <= moment)).sum()),
                }
            )
    return pd.DataFrame(rows)


def _normal_quantile(probability: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(probability))
