"""Rates of counts over what they are counted in (persons, person-years), and their comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.stats import binomtest, chi2
from statsmodels.stats.rates import confint_poisson_2indep

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.intervals import count


def compare_counts(first: int, second: int, first_exposure: float = 1.0, second_exposure: float = 1.0) -> float:
    """
    Return the p-value that two Poisson counts have the same rate (exact conditional test, Przyborowski and Wilenski 1940).

    Parameters
    ----------
    first, second : int
        The counts.
    first_exposure, second_exposure : float
        What they are counted over (time, persons), same unit.

    Raises
    ------
    MeasureRefused
        If both counts are zero, one is negative, or an exposure is not positive.

    Examples
    --------
    >>> compare_counts(5, 5)
    1.0
    """
    _refuse_what_is_no_rate([first, second], [first_exposure, second_exposure])
    if first + second == 0:
        raise MeasureRefused("two counts of 0 and 0 cannot be compared")
    return float(binomtest(first, first + second, first_exposure / (first_exposure + second_exposure)).pvalue)


def rate(observed: int, exposure: float, per: float = 100_000, confidence: float = 0.95) -> Estimate:
    """
    Estimate a rate with its exact Poisson interval (Garwood 1936).

    Assumes that events are independent; where they come in groups, such as the victims of one case, the interval is too narrow.

    Parameters
    ----------
    observed : int
        Events.
    exposure : float
        What they are counted over, such as persons of the same sex, age and year.
    per : float
        Unit of the rate.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        Unit ``per 100000``; ``n`` is the count.

    Raises
    ------
    MeasureRefused
        If the count is negative or the exposure is not positive.

    Examples
    --------
    >>> found = rate(37, 51_049_000)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.0725, 0.051, 0.0999)
    """
    _refuse_what_is_no_rate([observed], [exposure])
    exact, scale = count(observed, confidence=confidence), per / exposure
    assert exact.low is not None  # noqa: S101 (a known count has its interval)
    assert exact.high is not None  # noqa: S101
    return Estimate(observed * scale, exact.low * scale, exact.high * scale, observed, f"per {per:g}", "garwood")


def rate_ratio(
    first: int,
    second: int,
    first_exposure: float = 1.0,
    second_exposure: float = 1.0,
    method: Literal["exact", "score"] = "exact",
    confidence: float = 0.95,
) -> Estimate:
    """
    Estimate how many times the second rate the first one is.

    Parameters
    ----------
    first, second : int
        The counts.
    first_exposure, second_exposure : float
        What they are counted over, same unit.
    method : {"exact", "score"}
        Exact conditional interval from Clopper and Pearson's of the first count given the sum (as R's ``poisson.test``; Lehmann and Romano
        2005, section 4.5), or the score interval (Gu et al. 2008), which is narrower and covers less surely.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        Unit ``ratio``; ``value`` and ``high`` are None where the second count is 0: no upper end can be given.

    Raises
    ------
    MeasureRefused
        As :func:`compare_counts`.

    Examples
    --------
    >>> found = rate_ratio(12, 5, 1e5, 9e4)
    >>> round(found.value, 2), round(found.low, 4), round(found.high, 4)
    (2.16, 0.7083, 7.8264)
    """
    _refuse_what_is_no_rate([first, second], [first_exposure, second_exposure])
    if first + second == 0:
        raise MeasureRefused("two counts of 0 and 0 cannot be compared")
    scale = second_exposure / first_exposure
    if method == "exact":
        ends = binomtest(first, first + second).proportion_ci(confidence, method="exact")
        low, high = (float(end / (1 - end) * scale) if end < 1 else None for end in (ends.low, ends.high))
    elif second == 0:
        raise MeasureRefused("the score interval of a ratio needs a second count above 0; the exact one has a lower end")
    else:
        low, high = map(
            float,
            confint_poisson_2indep(first, first_exposure, second, second_exposure, method="score", compare="ratio", alpha=1 - confidence),
        )
    return Estimate(first / second * scale if second else None, low, high, first + second, "ratio", method)


def rate_difference(
    first: int, second: int, first_exposure: float, second_exposure: float, per: float = 100_000, confidence: float = 0.95
) -> Estimate:
    """
    Estimate the first rate less the second, with the score interval (Gu et al. 2008; Miettinen and Nurminen 1985 for shares).

    Raises
    ------
    MeasureRefused
        If a count is negative, an exposure is not positive, or both counts are 0.

    Examples
    --------
    >>> found = rate_difference(60, 30, 51477.5, 54308.7)
    >>> found.low < found.value < found.high
    True
    """
    _refuse_what_is_no_rate([first, second], [first_exposure, second_exposure])
    if first + second == 0:
        raise MeasureRefused("two counts of 0 and 0 cannot be compared")
    with np.errstate(divide="ignore"):  # statsmodels also computes the ratio, which a second count of 0 does not have
        ends = confint_poisson_2indep(first, first_exposure, second, second_exposure, method="score", compare="diff", alpha=1 - confidence)
    value = first / first_exposure - second / second_exposure
    return Estimate(value * per, float(ends[0]) * per, float(ends[1]) * per, first + second, f"per {per:g}", "score")


def standardised_rate(
    counts: Sequence[int], exposures: Sequence[float], standard: Sequence[float], per: float = 100_000, confidence: float = 0.95
) -> Estimate:
    """
    Estimate a rate directly standardised to the make-up (such as by age and sex) of a standard population.

    Parameters
    ----------
    counts, exposures : sequences, shape (k,)
        Events and exposure of each stratum.
    standard : sequence of float, shape (k,)
        The standard population by stratum; only its proportions count.
    per : float
        Unit of the rate.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        With the gamma interval (Fay and Feuer 1997, equations 3 to 5), which covers at least as often as it says.

    Raises
    ------
    MeasureRefused
        If the three have different lengths, or a count, exposure or weight cannot be one.

    Examples
    --------
    >>> weights_alike = standardised_rate([4, 6], [1000, 1000], [1, 1], per=1)
    >>> weights_alike.low == rate(10, 2000, per=1).low
    True
    """
    x, exposure, weights = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float), np.asarray(standard, dtype=float)
    if not x.size or not x.shape == exposure.shape == weights.shape:
        raise MeasureRefused("each stratum needs its count, its exposure and its standard population")
    _refuse_what_is_no_rate(counts, exposures)
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() == 0:
        raise MeasureRefused("a standard population has no negative stratum and is not empty")
    share = weights / weights.sum() / exposure
    value, variance, largest = float(share @ x), float(share**2 @ x), float(share.max())
    tail = (1 - confidence) / 2
    low = variance / (2 * value) * chi2.ppf(tail, 2 * value**2 / variance) if value else 0.0
    above, spread = value + largest, variance + largest**2
    high = spread / (2 * above) * chi2.isf(tail, 2 * above**2 / spread)
    return Estimate(value * per, float(low) * per, float(high) * per, int(x.sum()), f"per {per:g}, standardised", "fay-feuer")


def _refuse_what_is_no_rate(counts: Sequence[int], exposures: Sequence[float]) -> None:
    if not np.isfinite(np.asarray(counts, dtype=float)).all() or min(counts) < 0:
        raise MeasureRefused(f"counts are zero or more, not {', '.join(map(str, counts))}; a censored count has bounds (rate_bounds)")
    if not np.isfinite(np.asarray(exposures, dtype=float)).all() or min(exposures) <= 0:
        raise MeasureRefused(f"what events are counted over must be more than zero, not {', '.join(map(str, exposures))}")
