"""Whether groups end in the same ways and as fast: tests of equal shares over time, and of equal pace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2
from statsmodels.duration.survfunc import survdiff

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.methods.intervals import SMALLEST_N

FEWEST_EXPECTED = 5.0


def compare_incidence(
    time: Sequence[float], event: Sequence[int], group: Sequence[object], permutations: int = 0, seed: int | None = None
) -> pd.DataFrame:
    """
    Test whether the shares that end in each way, over time, are the same in all groups (Gray 1988, with rho = 0).

    This asks whether, in the end, as many of each group are (say) convicted; :func:`compare_hazards` asks whether those still waiting are
    convicted at the same pace. The two can differ, and both should be read.

    Parameters
    ----------
    time : sequence of float, shape (n,)
        Time to the end, or to the last sight of a unit still waiting.
    event : sequence of int, shape (n,)
        0 still waiting, 1..k the way it ended.
    group : sequence, shape (n,)
        Group of each unit.
    permutations : int
        If not 0, the p-value is the share of this many random allotments of units to groups that differ at least as much (Phipson and Smyth
        2010 count the real one in); this assumes that groups are followed for as long as one another.
    seed : int, optional
        Seed of the permutations; required with them.

    Returns
    -------
    DataFrame
        One row a way to end: ``event, statistic, freedom, p_value, n, events, method, flag``; flagged ``small_n`` where a group has fewer
        than 10 units.

    Raises
    ------
    MeasureRefused
        If a time is negative, there are fewer than two groups, a group could be expected to have fewer than 5 ends of one kind (unless by
        permutation), or there is no seed to permutations.
    """
    times, events, groups = _units(time, event, group)
    if permutations and seed is None:
        raise MeasureRefused("a permutation test needs a seed, so that it can be repeated")
    rows = []
    for kind in range(1, int(events.max()) + 1):
        if not permutations:
            _refuse_few(events, groups, kind)
        statistic, freedom = _gray(times, events, groups, kind)
        if np.isnan(statistic):
            raise MeasureRefused(f"when ends of kind {kind} came, only one group was still waiting: nothing to compare")
        p_value = float(chi2.sf(statistic, freedom))
        if permutations:
            rng = np.random.default_rng(seed)
            others = [_gray(times, events, rng.permutation(groups), kind)[0] for _ in range(permutations)]
            p_value = (1 + sum(other >= statistic - 1e-9 for other in others)) / (permutations + 1)
        rows.append(_row(kind, statistic, freedom, p_value, events, groups, "gray, permutation" if permutations else "gray"))
    return pd.DataFrame(rows)


def compare_hazards(
    time: Sequence[float], event: Sequence[int], group: Sequence[object], entry: Sequence[float] | None = None
) -> pd.DataFrame:
    """
    Test whether those still waiting end in each way at the same pace in all groups (log-rank test; Mantel 1966, Peto and Peto 1972).

    Ends of other kinds count as no longer waiting (cause-specific hazards; Prentice et al. 1978), so that this test says nothing of the
    share that ends in this way in the end: see :func:`compare_incidence`.

    Parameters
    ----------
    time, event, group
        As in :func:`compare_incidence`.
    entry : sequence of float, shape (n,), optional
        Time from which each unit would have been seen to end (left truncation).

    Returns
    -------
    DataFrame
        As :func:`compare_incidence`, by the method ``log-rank``.

    Raises
    ------
    MeasureRefused
        As :func:`compare_incidence`.
    """
    times, events, groups = _units(time, event, group)
    entries = np.zeros_like(times) if entry is None else np.asarray(entry, dtype=float)
    if entries.shape != times.shape or ((entries > 0) & (entries >= times)).any():
        raise MeasureRefused("each unit is first seen before its end")
    before_all = np.where(entries > 0, entries, -1.0) if entries.any() else None  # seen from the start, so also at time 0
    rows = []
    for kind in range(1, int(events.max()) + 1):
        _refuse_few(events, groups, kind)
        statistic, p_value = survdiff(times, (events == kind).astype(int), groups, entry=before_all)
        rows.append(_row(kind, float(statistic), len(np.unique(groups)) - 1, float(p_value), events, groups, "log-rank"))
    return pd.DataFrame(rows)


def _row(
    kind: int, statistic: float, freedom: int, p_value: float, events: np.ndarray, groups: np.ndarray, method: str
) -> dict[str, object]:
    small = np.unique(groups, return_counts=True)[1].min() < SMALLEST_N
    return {
        "event": kind,
        "statistic": statistic,
        "freedom": freedom,
        "p_value": p_value,
        "n": len(events),
        "events": int((events == kind).sum()),
        "method": method,
        "flag": (Flag.SMALL_N if small else Flag.NONE).value,
    }


def _units(time: Sequence[float], event: Sequence[int], group: Sequence[object]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    times, events = np.asarray(time, dtype=float), np.asarray(event, dtype=int)
    if pd.isna(pd.Series(list(group), dtype="object")).any():
        raise MeasureRefused("the group of some units is not known: leave them out and say so")
    groups = np.asarray([str(name) for name in group])
    if not times.size or times.shape != events.shape or times.shape != groups.shape:
        raise MeasureRefused("a comparison needs a time, an end and a group for each unit")
    if not np.isfinite(times).all() or (times < 0).any() or (events < 0).any() or not events.any():
        raise MeasureRefused("a comparison needs times of zero or more, all known, and at least one end")
    if len(np.unique(groups)) < 2:
        raise MeasureRefused(f"a comparison needs two groups or more; all units are of {groups[0]}")
    return times, events, groups


def _refuse_few(events: np.ndarray, groups: np.ndarray, kind: int) -> None:
    names, sizes = np.unique(groups, return_counts=True)
    expected = sizes / sizes.sum() * (events == kind).sum()
    if expected.min() < FEWEST_EXPECTED:
        name, few = names[expected.argmin()], expected.min()
        raise MeasureRefused(
            f"if groups were alike, {name} would have {few:.1f} ends of kind {kind}; the test needs {FEWEST_EXPECTED:g}: "
            "join small groups, or compare incidences by permutation"
        )


def _gray(times: np.ndarray, events: np.ndarray, groups: np.ndarray, kind: int) -> tuple[float, int]:
    """
    Return Gray's statistic and its degrees of freedom.

    The score is that of a log-rank test in which those who ended in another way stay, weighted by how many of them would still be followed
    (his equation 2.2); its variance comes from writing the score as a sum over the martingales of both kinds of end (his section 2).
    """
    steps = np.unique(times[events > 0])
    names = np.unique(groups)
    waiting = np.array([_tally(times[groups == name], steps) for name in names])
    own = np.array([_count(times[(groups == name) & (events == kind)], steps) for name in names])
    other = np.array([_count(times[(groups == name) & (events != kind) & (events > 0)], steps) for name in names])
    some = waiting > 0
    survival = np.cumprod(1 - np.divide(own + other, waiting, out=np.zeros_like(own), where=some), axis=1)
    before = np.hstack([np.ones((len(names), 1)), survival[:, :-1]])
    incidence = np.cumsum(before * np.divide(own, waiting, out=np.zeros_like(own), where=some), axis=1)
    not_yet = 1 - np.hstack([np.zeros((len(names), 1)), incidence[:, :-1]])
    followed = np.divide(waiting, before, out=np.zeros_like(own), where=some)
    staying = followed * not_yet
    every = staying.sum(axis=0)
    hazard = np.divide(own.sum(axis=0), every, out=np.zeros_like(every), where=every > 0)
    score = (own - staying * hazard).sum(axis=1)
    pooled = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    weights = np.divide(staying, every, out=np.zeros_like(staying), where=every > 0)
    variance = np.zeros((len(names), len(names)))
    for place in range(len(names)):
        share = (np.arange(len(names)) == place)[:, None] - weights
        step = share * followed[place] * hazard
        later = step[:, ::-1].cumsum(axis=1)[:, ::-1] - step
        each = np.divide(later, waiting[place], out=np.zeros_like(later), where=some[place])
        of_own = share + each * (before[place] - pooled[:-1])
        of_other = -each * pooled[:-1]
        variance += (of_own * followed[place] * -np.diff(pooled)) @ of_own.T + (of_other * other[place]) @ of_other.T
    free, spread = score[1:], variance[1:, 1:]
    if np.linalg.matrix_rank(spread) < len(free):
        return float("nan"), len(free)
    return float(free @ np.linalg.solve(spread, free)), len(free)


def _tally(times: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return how many are still waiting just before each step."""
    return (times.size - np.searchsorted(np.sort(times), steps, side="left")).astype(float)


def _count(times: np.ndarray, steps: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(steps, times), minlength=steps.size).astype(float)
