"""Sums and shares of counts of which only an interval is known (identification bounds, Manski 2003)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate, Flag


def total_bounds(low: Sequence[float], high: Sequence[float], unit: str) -> Estimate:
    """
    Bound the sum of counts, each between its ``low`` and ``high``.

    Parameters
    ----------
    low, high : sequences of float, shape (k,)
        Ends of the counts; equal where the count is known.
    unit : str
        What was counted.

    Raises
    ------
    MeasureRefused
        If nothing is given, or an end is missing, negative or crossed.

    Examples
    --------
    >>> total_bounds([7, 0], [7, 4], "persons").high
    11.0
    """
    lows, highs = count_ends(low, high)
    return bounded(float(lows.sum()), float(highs.sum()), None, unit)


def share_bounds(low: Sequence[float], high: Sequence[float], position: int) -> Estimate:
    """
    Bound the share of one part among parts that exclude one another.

    Numerator and denominator move together: the share is smallest where the part has its lowest count and all others their highest.

    Parameters
    ----------
    low, high : sequences of float, shape (k,)
        Ends of the counts of all parts.
    position : int
        Which part.

    Raises
    ------
    MeasureRefused
        As :func:`total_bounds`; also if all counts can only be zero.

    Examples
    --------
    >>> share = share_bounds([18, 0], [18, 4], 1)
    >>> share.low, round(share.high, 3)
    (0.0, 0.182)
    """
    lows, highs = count_ends(low, high)
    others_low, others_high = lows.sum() - lows[position], highs.sum() - highs[position]
    if highs.sum() == 0:
        raise MeasureRefused("a share of nothing: all counts are zero")
    smallest = lows[position] / (lows[position] + others_high) if lows[position] or others_high else 1.0  # alone, it is all there is
    largest = 0.0 if highs[position] == 0 else highs[position] / (highs[position] + others_low)
    return bounded(float(smallest), float(largest), int(highs.sum()), "share")


def rate_bounds(low: Sequence[float], high: Sequence[float], exposure: float, per: float = 100_000) -> Estimate:
    """
    Bound the rate of a sum of counts, each between its ``low`` and ``high``; chance is not in it (for that see :func:`methods.rates.rate`).

    Parameters
    ----------
    low, high : sequences of float, shape (k,)
        As in :func:`total_bounds`.
    exposure : float
        What the events are counted over.
    per : float
        Unit of the rate.

    Raises
    ------
    MeasureRefused
        As :func:`total_bounds`; also if the exposure is not positive.

    Examples
    --------
    >>> rate_bounds([0, 6], [4, 6], 200_000).high
    5.0
    """
    if not np.isfinite(exposure) or exposure <= 0:
        raise MeasureRefused(f"what events are counted over must be more than zero, not {exposure}")
    lows, highs = count_ends(low, high)
    return bounded(float(lows.sum()) / exposure * per, float(highs.sum()) / exposure * per, None, f"per {per:g}")


def count_ends(low: Sequence[float], high: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of counts as arrays; refuse what cannot be counts."""
    lows, highs = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if not lows.size or lows.shape != highs.shape or not np.isfinite([lows, highs]).all() or (lows < 0).any() or (lows > highs).any():
        raise MeasureRefused("bounds need counts with 0 <= low <= high, all known")
    return lows, highs


def bounded(low: float, high: float, n: int | None, unit: str) -> Estimate:
    """Return identification bounds as an estimate: a point only where both ends are one."""
    known = low == high
    return Estimate(low if known else None, low, high, n, unit, "bounds", Flag.NONE if known else Flag.BOUNDS)
