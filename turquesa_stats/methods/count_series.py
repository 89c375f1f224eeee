"""A series of counts over time, put in order and refused where no line may be drawn through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from turquesa_stats.errors import MeasureRefused


@dataclass(frozen=True, slots=True)
class CountSeries:
    """
    Exact counts in the order of time.

    Attributes
    ----------
    times : array of int, shape (n,)
        Number of the year, or of the month counted through the years.
    counts, exposure : arrays of float, shape (n,)
        The counts, and what they are counted over.
    missing : int
        Times between first and last without a count.
    """

    times: np.ndarray
    counts: np.ndarray
    exposure: np.ndarray
    missing: int


def count_series(
    counts: Sequence[float],
    times: Sequence[int],
    exposure: Sequence[float] | None = None,
    breaks: Sequence[bool] | None = None,
    gaps_allowed: bool = False,
    fewest: int = 2,
) -> CountSeries:
    """
    Return counts in the order of time, if one line may be drawn through them.

    Parameters
    ----------
    counts : sequence of float, shape (n,)
        Whole numbers; a missing or censored one (nan) is refused.
    times : sequence of int, shape (n,)
        Whole numbers that grow by one from each time to the next.
    exposure : sequence of float, shape (n,), optional
        What the counts are counted over, such as inhabitants.
    breaks : sequence of bool, shape (n,), optional
        Where the definition differs from that of the time before.
    gaps_allowed : bool
        Whether a time between first and last may be missing.
    fewest : int
        Fewest points accepted.

    Raises
    ------
    MeasureRefused
        For too few points, a gap, a time twice, a count that is missing, censored, negative or no whole number, counts above 0 at fewer
        than two times, or a break.

    Examples
    --------
    >>> count_series([5, 7, 6], [2021, 2019, 2020]).counts.tolist()
    [7.0, 6.0, 5.0]
    """
    when, y = np.asarray(times), np.asarray(counts, dtype=float)
    over = np.ones(len(y)) if exposure is None else np.asarray(exposure, dtype=float)
    if not when.shape == y.shape == over.shape or y.ndim != 1:
        raise MeasureRefused(f"{len(y)} counts, {len(when)} times and {len(over)} exposures: each time needs one of each")
    if len(y) < fewest:
        raise MeasureRefused(f"{len(y)} points are too few: at least {fewest} are needed; give the counts themselves")
    order = np.argsort(when, kind="stable")
    _refuse_what_is_no_count(y, over)
    _refuse_breaks(breaks, order, when)
    missing = _missing_times(when[order], gaps_allowed)
    return CountSeries(when[order].astype(int), y[order], over[order], missing)


def _refuse_what_is_no_count(y: np.ndarray, over: np.ndarray) -> None:
    if not np.isfinite(y).all():
        raise MeasureRefused(
            f"{int((~np.isfinite(y)).sum())} counts are missing or censored: no line goes through them; bound the change between two times"
        )
    if (y < 0).any() or (y % 1 != 0).any():
        raise MeasureRefused(f"counts are whole numbers of zero or more, not {', '.join(f'{v:g}' for v in y[(y < 0) | (y % 1 != 0)])}")
    if (y > 0).sum() < 2:
        raise MeasureRefused("counts above 0 at fewer than two times have no trend that can be estimated")
    if not np.isfinite(over).all() or (over <= 0).any():
        raise MeasureRefused("what events are counted over must be known and more than zero at each time")


def _refuse_breaks(breaks: Sequence[bool] | None, order: np.ndarray, when: np.ndarray) -> None:
    if breaks is None:
        return
    flags = np.asarray(breaks, dtype=bool)
    if flags.shape != when.shape:
        raise MeasureRefused(f"{len(flags)} marks of a break for {len(when)} times")
    inside = when[order][1:][flags[order][1:]]
    if inside.size:
        raise MeasureRefused(f"the definition changes at {', '.join(map(str, inside))}: no line across a break; cut the series there")


def _missing_times(when: np.ndarray, gaps_allowed: bool) -> int:
    steps = np.diff(when)
    if (when % 1 != 0).any() or (steps < 1).any():
        raise MeasureRefused("times are whole numbers, each once")
    missing = int((steps - 1).sum())
    if missing and not gaps_allowed:
        after = ", ".join(str(time) for time in when[:-1][steps > 1])
        raise MeasureRefused(f"{missing} times are missing (after {after}); a trend is over consecutive times: cut the series there")
    return missing
