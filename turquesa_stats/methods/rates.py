"""Comparison of counts."""

from __future__ import annotations

from scipy.stats import binomtest

from turquesa_stats.errors import MeasureRefused


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
        If both counts are zero, or one is negative.

    Examples
    --------
    >>> compare_counts(5, 5)
    1.0
    """
    if first < 0 or second < 0 or first + second == 0:
        raise MeasureRefused(f"two counts of {first} and {second} cannot be compared")
    return float(binomtest(first, first + second, first_exposure / (first_exposure + second_exposure)).pvalue)
