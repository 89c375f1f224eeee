"""Intervals of shares and counts."""

from __future__ import annotations

from typing import Literal

from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate, Flag

SMALLEST_N = 10  # below it no percentage is published
_STATSMODELS_NAMES = {"wilson": "wilson", "jeffreys": "jeffreys", "clopper-pearson": "beta"}


def proportion(
    count: int, n: int, method: Literal["wilson", "jeffreys", "clopper-pearson"] = "wilson", confidence: float = 0.95
) -> Estimate:
    """
    Estimate a share with its interval.

    Parameters
    ----------
    count : int
        Units with the characteristic, 0 to ``n``.
    n : int
        Units of which it is known whether they have it.
    method : {"wilson", "jeffreys", "clopper-pearson"}
        Wilson (1927) score interval without continuity correction; Jeffreys (Brown, Cai and DasGupta 2001), whose ends are 0 and 1
        at ``count`` 0 and ``n``; Clopper and Pearson (1934).
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        Unit ``share`` (0 to 1). With fewer than 10 units flagged ``small_n``: to be given as a count.

    Raises
    ------
    MeasureRefused
        If ``n`` is not positive or ``count`` lies outside 0 to ``n``.

    Examples
    --------
    >>> share = proportion(15, 148)
    >>> round(share.low, 4), round(share.high, 4)
    (0.0624, 0.1605)
    """
    if n <= 0 or not 0 <= count <= n:
        raise MeasureRefused(f"a share needs 0 <= count <= n and n > 0, not {count} of {n}")
    low, high = proportion_confint(count, n, alpha=1 - confidence, method=_STATSMODELS_NAMES[method])
    low, high = (0.0 if count == 0 else low), (1.0 if count == n else high)  # statsmodels leaves these ends open or rounded
    flag = Flag.SMALL_N if n < SMALLEST_N else Flag.NONE
    return Estimate(count / n, float(low), float(high), int(n), "share", method, flag)


def count(observed: int, unit: str = "persons", confidence: float = 0.95) -> Estimate:
    """
    Estimate the expectation behind a count with its exact Poisson interval (Garwood 1936).

    Parameters
    ----------
    observed : int
        The count.
    unit : str
        What was counted.
    confidence : float
        Confidence level.

    Raises
    ------
    MeasureRefused
        If the count is negative.

    Examples
    --------
    >>> e = count(5)
    >>> round(e.low, 4), round(e.high, 4)
    (1.6235, 11.6683)
    """
    if observed < 0:
        raise MeasureRefused(f"a count cannot be {observed}")
    tail = (1 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * observed) / 2) if observed else 0.0
    return Estimate(float(observed), low, float(chi2.isf(tail, 2 * observed + 2) / 2), int(observed), unit, "garwood")
