"""Shares and tests where units come in clusters, such as the victims of one case, and so tell less than their number says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import f, t
from statsmodels.stats.proportion import proportion_confint

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate, Flag
from turquesa_stats.methods.intervals import proportion

Labels = Sequence[Any] | np.ndarray


def numbered(cluster: Labels | None, units: int) -> np.ndarray:
    """
    Return the number of the cluster of each unit, from 0.

    Parameters
    ----------
    cluster : sequence, shape (n,), or None
        The cluster of each unit; None if each unit stands for itself.
    units : int
        How many units there are.

    Raises
    ------
    MeasureRefused
        If a unit has no cluster.

    Examples
    --------
    >>> numbered(["b", "a", "b"], 3).tolist()
    [1, 0, 1]
    """
    if cluster is None:
        return np.arange(units)
    numbers = np.asarray(cluster)
    if numbers.dtype.kind == "i" and len(numbers) == units:
        return np.asarray(np.unique(numbers, return_inverse=True)[1])
    labels = np.asarray(cluster, dtype=object)
    missing = sum(label is None or label != label for label in labels)  # noqa: PLR0124 (a missing value is not itself)
    if len(labels) != units or missing:
        raise MeasureRefused(f"{units} units have {len(labels) - missing} clusters; each unit needs one")
    return np.asarray(np.unique(labels.astype(str), return_inverse=True)[1])


def variance_of_sums(influence: np.ndarray, cluster: Labels | None) -> np.ndarray:
    """
    Estimate the covariance of sums over units that come in clusters.

    Clusters are taken as independent draws; within them anything may hold (linearisation, Binder 1983; Cochran 1977, equation 11.30).

    Parameters
    ----------
    influence : array, shape (n, k)
        What each unit adds to each sum; the sums are zero, or would be if the hypothesis tested were true.
    cluster : sequence, shape (n,), or None
        As in :func:`numbered`.

    Returns
    -------
    array, shape (k, k)
        Covariance of the sums.

    Raises
    ------
    MeasureRefused
        With fewer than two clusters.

    Examples
    --------
    >>> variance_of_sums(np.array([[0.5], [0.5], [-1.0]]), ["a", "a", "b"]).tolist()
    [[4.0]]
    """
    numbers = numbered(cluster, len(influence))
    clusters = int(numbers.max(initial=-1)) + 1
    if clusters < 2:
        raise MeasureRefused(f"{clusters} cluster(s) cannot show how clusters differ; at least two are needed")
    sums = np.zeros((clusters, influence.shape[1]))
    np.add.at(sums, numbers, influence)
    return np.asarray(clusters / (clusters - 1) * sums.T @ sums)


def design_effect(has: np.ndarray, cluster: Labels | None) -> float:
    """
    Estimate how many times the variance of a share is that of independent units (Kish 1965, section 8.2).

    Where all units are alike, so that the data cannot tell, it is that of clusters alike within: sum of squared sizes over units.

    Parameters
    ----------
    has : array of bool, shape (n,)
        Whether each unit has the characteristic.
    cluster : sequence, shape (n,), or None
        As in :func:`numbered`.

    Raises
    ------
    MeasureRefused
        If there is no unit, or all are in one cluster.

    Examples
    --------
    >>> design_effect(np.array([1, 1, 0, 0, 1, 1, 0, 0]), list("aabbccdd"))
    2.6666666666666665
    """
    values = np.asarray(has, dtype=float)
    if not values.size:
        raise MeasureRefused("a share of no units")
    if cluster is None:
        return 1.0
    share = values.mean()
    variance = variance_of_sums((values - share)[:, None] / values.size, cluster)
    if share in (0.0, 1.0):
        return float((np.bincount(numbered(cluster, values.size)) ** 2).sum() / values.size)
    return float(variance[0, 0] / (share * (1 - share) / values.size))


def clustered_proportion(has: np.ndarray, cluster: Labels | None, confidence: float = 0.95) -> Estimate:
    """
    Estimate a share of units that come in clusters.

    The Wilson interval of as many independent units as carry the same information: their number over the design effect (never less than
    1), and fewer still where clusters are few (Korn and Graubard 1998, with Wilson's in place of Clopper and Pearson's interval, as in
    Franco, Little, Louis and Slud 2019). Assumes that clusters are independent.

    Parameters
    ----------
    has : array of bool, shape (n,)
        Whether each unit has the characteristic; units of which it is not known are left out before.
    cluster : sequence, shape (n,), or None
        As in :func:`numbered`; None gives :func:`turquesa_stats.methods.intervals.proportion`.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        Unit ``share``, ``n`` = units. From one cluster nothing can be said beyond it: the interval is 0 to 1, flagged ``small_n``.

    Raises
    ------
    MeasureRefused
        If there is no unit, or one has no cluster.

    Examples
    --------
    >>> alike = clustered_proportion(np.array([1, 1, 0, 0] * 10), list(range(20)) * 2)
    >>> alike.value, round(alike.low, 2), round(alike.high, 2)
    (0.5, 0.29, 0.71)
    """
    values = np.asarray(has, dtype=float)
    plain = proportion(int(values.sum()), values.size, confidence=confidence)
    if cluster is None:
        return plain
    clusters = int(numbered(cluster, values.size).max()) + 1
    if clusters < 2:
        return replace(plain, low=0.0, high=1.0, method="one cluster", flag=Flag.SMALL_N)
    tail = (1 - confidence) / 2
    few = (t.isf(tail, values.size) / t.isf(tail, clusters - 1)) ** 2
    effective = values.size / max(1.0, design_effect(values, cluster)) * min(1.0, few)
    low, high = proportion_confint(values.mean() * effective, effective, alpha=1 - confidence, method="wilson")
    low, high = (0.0 if not values.any() else float(low)), (1.0 if values.all() else float(high))
    return replace(plain, low=low, high=high, method="rao-scott wilson")


def rao_scott(difference: np.ndarray, weight: np.ndarray, influence: np.ndarray, cluster: Labels | None) -> tuple[float, float]:
    """
    Test that several differences are all zero, whatever the dependence between them and within clusters.

    A weighted sum of squares, such as Pearson's chi-squared, is divided by its expectation and compared with an F distribution that has
    its variance (Rao and Scott 1981, 1984, second-order correction; F form Thomas and Rao 1987).

    Parameters
    ----------
    difference : array, shape (k,)
        Differences that the hypothesis says are zero.
    weight : array, shape (k,)
        Weight of each square.
    influence : array, shape (n, k)
        What each unit adds to each difference; see :func:`variance_of_sums`.
    cluster : sequence, shape (n,), or None
        As in :func:`numbered`.

    Returns
    -------
    float, float
        The p-value, and what the sum of squares would be on average if the hypothesis were true.

    Raises
    ------
    MeasureRefused
        With fewer than two clusters, or if nothing varies.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 2.0])
    >>> p_value, expected = rao_scott(values.mean(keepdims=True), np.ones(1), (values - 2)[:, None] / 4, None)
    >>> round(p_value, 4)
    0.0163
    """
    root = np.sqrt(weight)
    spread = root[:, None] * variance_of_sums(influence, cluster) * root
    expected, squares = float(np.trace(spread)), float((spread**2).sum())  # sums of the eigenvalues and of their squares
    if expected <= 0:
        raise MeasureRefused("nothing varies among these units: there is nothing to test")
    freedom = expected**2 / squares
    clusters = int(numbered(cluster, len(influence)).max()) + 1
    return float(f.sf(float(weight @ difference**2) / expected, freedom, freedom * (clusters - 1))), expected
