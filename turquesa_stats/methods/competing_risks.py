"""Time to the first of several ends, with units still waiting: the share that has ended in each way by a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.methods.intervals import SMALLEST_N, proportion

Interval = Literal["log-log", "plain"]
_ROUNDING = 1e-14


def cumulative_incidence(
    time: Sequence[float],
    event: Sequence[int],
    at: Sequence[float],
    entry: Sequence[float] | None = None,
    interval: Interval = "log-log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Estimate the share that has ended in each way by given times (Aalen and Johansen 1978).

    Assumes that units are independent, and that those last seen waiting go on like the others: that a file stops seeing them must have
    nothing to do with their end.

    Parameters
    ----------
    time : sequence of float, shape (n,)
        Time to the end, or to the last sight of a unit still waiting; same unit as ``at``.
    event : sequence of int, shape (n,)
        0 still waiting, 1..k the way it ended.
    at : sequence of float
        Times to report.
    entry : sequence of float, shape (n,), optional
        Time from which each unit would have been seen to end (left truncation), such as that at which the register began; 0 by default.
    interval : {"log-log", "plain"}
        Normal on the scale of log(-log(share)) (Choudhury 2002), or on that of the share, cut to 0 and 1, which covers less well.
    confidence : float
        Confidence level. Where nobody, or everybody, has ended in a way, the interval is Clopper and Pearson's (1934) of those whose end,
        or waiting, at that time is known.

    Returns
    -------
    DataFrame
        A row an ``event`` and ``time``: the share as estimate, ``se`` (Dinse and Larson 1986), ``at_risk`` and ``events`` so far.

    Raises
    ------
    MeasureRefused
        If there is no unit, no event, or no time to report; if a time is negative or not after its entry, or nobody was followed to a time
        to report; or if those seen from later on had not entered when all others had ended.

    Examples
    --------
    >>> found = cumulative_incidence([2, 4, 6, 8], [1, 2, 0, 1], at=[5])
    >>> found[["event", "value", "at_risk"]].values.tolist()
    [[1.0, 0.25, 2.0], [2.0, 0.25, 2.0]]
    """
    curves = incidence_curves(time, event, entry)
    _refuse_times_that_nobody_was_followed_to(curves, at)
    rows = [
        {"event": kind, "time": float(moment), **_at(curves, kind, float(moment), interval, confidence)}
        for kind in range(1, curves.kinds + 1)
        for moment in at
    ]
    return pd.DataFrame(rows)[["event", "time", *ESTIMATE_COLUMNS, "se", "at_risk", "events"]]


def incidence_quantile(
    time: Sequence[float],
    event: Sequence[int],
    share: float,
    kind: int,
    unit: str,
    entry: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """
    Estimate the time by which a share of all units has ended in one way.

    Parameters
    ----------
    time, event, entry
        As in :func:`cumulative_incidence`.
    share : float
        Between 0 and 1, of all units, those that end in other ways included.
    kind : int
        Which way to end.
    unit : str
        Unit of the times.
    confidence : float
        Confidence level: the interval holds the times at which the log-log interval of the share holds ``share`` (Brookmeyer and Crowley
        1982 for one way to end).

    Returns
    -------
    Estimate
        ``value`` and ``high`` are None where the share was not reached, which is an answer and no fault.

    Raises
    ------
    MeasureRefused
        As :func:`cumulative_incidence`; also if nobody ended in that way, or the share does not lie between 0 and 1.

    Examples
    --------
    >>> incidence_quantile([2, 4, 6, 8], [1, 2, 1, 0], share=0.5, kind=1, unit="months").value
    6.0
    """
    curves = incidence_curves(time, event, entry)
    if not 0 < share < 1:
        raise MeasureRefused(f"a share to reach lies between 0 and 1, not {share}")
    if kind not in curves.event:
        raise MeasureRefused(f"nobody ended in way {kind}, so there is no time by which some had")
    moments = np.unique(curves.time[curves.event == kind])
    found = [_at(curves, kind, float(moment), "log-log", confidence) for moment in moments]

    def first(column: str) -> float | None:
        return next((float(moment) for moment, row in zip(moments, found, strict=True) if row[column] >= share - 1e-12), None)

    return Estimate(first("value"), first("high"), first("low"), curves.size, unit, "aalen-johansen, log-log", curves.flag)


@dataclass(frozen=True, slots=True, eq=False)
class IncidenceCurves:
    """
    What ended when: the steps from which shares and their errors are made.

    Attributes
    ----------
    time, event, entry : arrays, shape (n,)
        The units.
    steps : array, shape (m,)
        Times at which anyone ended.
    at_risk : array, shape (m,)
        Units waiting and seen just before.
    ends : array, shape (k, m)
        Units that ended in each way.
    waiting : array, shape (m + 1,)
        Share still waiting before the first and after each step (Kaplan and Meier 1958).
    """

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray
    steps: np.ndarray
    at_risk: np.ndarray
    ends: np.ndarray
    waiting: np.ndarray

    @property
    def size(self) -> int:
        """How many units there are."""
        return int(self.time.size)

    @property
    def kinds(self) -> int:
        """In how many ways units end."""
        return len(self.ends)

    @property
    def flag(self) -> Flag:
        """Small where there are fewer than 10 units, or were while others had not yet entered."""
        thin = (self.at_risk < SMALLEST_N) & (self.steps <= self.entry.max()) & self.entry.any()
        return Flag.SMALL_N if self.size < SMALLEST_N or thin.any() else Flag.NONE


def incidence_curves(time: Sequence[float], event: Sequence[int], entry: Sequence[float] | None = None) -> IncidenceCurves:
    """Return the steps of all ways to end; refuse what cannot be times to an end."""
    times, events = np.asarray(time, dtype=float), np.asarray(event, dtype=int)
    entries = np.zeros_like(times) if entry is None else np.asarray(entry, dtype=float)
    if not times.size or not events.any() or times.shape != events.shape or times.shape != entries.shape:
        raise MeasureRefused("cumulative incidence needs a time for each unit, and at least one event")
    if not np.isfinite([times, entries]).all() or (times < 0).any() or (entries < 0).any() or (events < 0).any():
        raise MeasureRefused("cumulative incidence needs times of zero or more, all known; an end before its start is an error of the file")
    late = (entries > 0) & (entries >= times)
    if late.any():
        raise MeasureRefused(f"{int(late.sum())} units ended before the file could see them (entry not before the end); leave them out")
    before_all = np.where(entries > 0, entries, -1.0)  # seen from the start, so also at time 0
    fitted = SurvfuncRight(times, (events > 0).astype(int), entry=before_all if entries.any() else None)
    waiting = np.concatenate([[1.0], fitted.surv_prob])
    if (waiting[:-1] == 0).any():
        when = fitted.surv_times[int(np.argmax(waiting == 0)) - 1]
        raise MeasureRefused(f"all units seen by {when:g} had ended then, but others were seen only later; begin at a later time")
    steps = fitted.surv_times
    ends = np.array([[np.sum((times == step) & (events == kind)) for step in steps] for kind in range(1, int(events.max()) + 1)])
    return IncidenceCurves(times, events, entries, steps, np.asarray(fitted.n_risk), ends, waiting)


def _refuse_times_that_nobody_was_followed_to(curves: IncidenceCurves, at: Sequence[float]) -> None:
    last = float(curves.time.max())
    if not len(at):
        raise MeasureRefused(f"there is no time to report; the longest time seen is {last:.4g}")
    if max(at) > last and curves.waiting[-1] > 0:
        raise MeasureRefused(f"nobody was followed to {max(at):g}; the longest time seen is {last:.4g}: ask for earlier times")


def _at(curves: IncidenceCurves, kind: int, moment: float, interval: Interval, confidence: float) -> dict[str, Any]:
    """Return share, error and interval at one time."""
    value, error = _share_and_error(curves, kind, moment)
    seen = (curves.entry < moment) | (curves.entry == 0)
    at_risk = int(((curves.time >= moment) & seen).sum())
    events = int(((curves.event == kind) & (curves.time <= moment)).sum())
    method = f"aalen-johansen, {interval}"
    low: float | None
    high: float | None
    if error > 0:
        reach = float(norm.isf((1 - confidence) / 2)) * error
        if interval == "plain":
            low, high = max(0.0, value - reach), min(1.0, value + reach)
        else:
            power = np.exp(reach / (value * -np.log(value)))
            low, high = value**power, value ** (1 / power)
    else:
        known = int((((curves.time > moment) & seen) | ((curves.time <= moment) & (curves.event > 0))).sum())
        exact = proportion(events, known, "clopper-pearson", confidence) if known else None
        low, high = (exact.low, exact.high) if exact else (0.0, 1.0)
        method = "clopper-pearson"
    return {
        **dict(zip(ESTIMATE_COLUMNS, (value, low, high, curves.size, "share", method, curves.flag.value), strict=True)),
        "se": error,
        "at_risk": at_risk,
        "events": events,
    }


def _share_and_error(curves: IncidenceCurves, kind: int, moment: float) -> tuple[float, float]:
    """Return the share and its standard error (Dinse and Larson 1986; Marubini and Valsecchi 1995, equation 10.12)."""
    seen = int(np.searchsorted(curves.steps, moment, side="right"))
    if not seen:
        return 0.0, 0.0
    n, before = curves.at_risk[:seen].astype(float), curves.waiting[:seen]
    own, every = curves.ends[kind - 1, :seen].astype(float), curves.ends[:, :seen].sum(axis=0).astype(float)
    share = np.cumsum(before * own / n)
    still_to_come = share[-1] - share
    greenwood = np.divide(every, n * (n - every), out=np.zeros_like(n), where=n > every)
    variance = np.sum(still_to_come**2 * greenwood + before**2 * (n - own) * own / n**3 - 2 * still_to_come * before * own / n**2)
    if variance < _ROUNDING:  # all, or none, have ended so: what is left is error of the computer
        return float(np.round(share[-1], 9)), 0.0
    return float(share[-1]), float(np.sqrt(variance))
