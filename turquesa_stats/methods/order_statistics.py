"""Quantiles of amounts, such as the median length of a sentence, with exact intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate, Flag
from turquesa_stats.methods.intervals import SMALLEST_N


def quantile(amounts: Sequence[float], share: float, unit: str, confidence: float = 0.95) -> Estimate:
    """
    Estimate a quantile with the exact interval between two of the ordered amounts.

    Assumes that amounts are independent, and nothing of their distribution; equal amounts only make the interval cover more.

    Parameters
    ----------
    amounts : sequence of float, shape (n,)
        Known amounts.
    share : float
        0.5 for the median.
    unit : str
        Unit of the amounts.
    confidence : float
        Confidence level, reached at least (Thompson 1936; Conover 1999, section 3.2).

    Returns
    -------
    Estimate
        ``value`` as by linear interpolation (Hyndman and Fan 1996, type 7); an end is None where so few amounts cannot give one.

    Raises
    ------
    MeasureRefused
        If there is no amount, one is unknown, or the share does not lie between 0 and 1.

    Examples
    --------
    >>> found = quantile(range(1, 21), 0.5, "months")
    >>> found.value, found.low, found.high
    (10.5, 6.0, 15.0)
    """
    ordered = np.sort(np.asarray(amounts, dtype=float))
    if not ordered.size or not np.isfinite(ordered).all():
        raise MeasureRefused("a quantile needs known amounts: leave the unknown out and say how many they are")
    if not 0 < share < 1:
        raise MeasureRefused(f"a quantile's share lies between 0 and 1, not {share}")
    n, tail = ordered.size, (1 - confidence) / 2
    below = int(binom.ppf(tail, n, share))  # fewest below the quantile that are not too few to believe
    while below > 0 and binom.cdf(below - 1, n, share) > tail:
        below -= 1
    above = int(binom.isf(tail, n, share))
    while binom.sf(above, n, share) > tail:
        above += 1
    low = float(ordered[below - 1]) if below > 0 else None
    high = float(ordered[above]) if above < n else None
    flag = Flag.SMALL_N if n < SMALLEST_N else Flag.NONE
    return Estimate(float(np.quantile(ordered, share)), low, high, int(n), unit, "order statistics", flag)
