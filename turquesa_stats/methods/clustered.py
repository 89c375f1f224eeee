"""Shares of units that come in groups, such as persons of one case who travel together: fewer independent units than persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from statsmodels.stats.proportion import proportion_confint

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate, Flag
from turquesa_stats.methods.intervals import SMALLEST_N, proportion

FEWEST_CLUSTERS = 2
Counts = npt.NDArray[np.float64]


def design_effect(counts: npt.ArrayLike) -> float:
    """
    Return by how much clusters inflate the variance of shares, over that of as many independent units; never less than 1.

    Parameters
    ----------
    counts : array of int, shape (m, k)
        Units of each cluster in each category.

    Returns
    -------
    float
        The mean over categories of the design effects of the shares, each weighted by one less its share (Rao and Scott 1981, section 3:
        the first-order correction); variances by linearisation of the ratio, with m - 1 degrees of freedom.

    Raises
    ------
    MeasureRefused
        With fewer than two clusters that hold a unit, or counts that are none.

    Examples
    --------
    >>> design_effect([[2, 0], [0, 2], [2, 0], [0, 2]]), design_effect([[1, 0], [0, 1]] * 50)
    (2.6666666666666665, 1.0101010101010102)
    """
    table = counts_of_clusters(counts)
    total, of_cluster, clusters = table.sum(), table.sum(axis=1), len(table)
    if clusters < FEWEST_CLUSTERS:
        raise MeasureRefused(f"{clusters} cluster does not show how alike its units are; at least {FEWEST_CLUSTERS} are needed")
    share = table.sum(axis=0) / total
    kept = share > 0
    if kept.sum() < 2:
        return 1.0  # one category: nothing varies, within clusters or between
    residual = table[:, kept] - of_cluster[:, None] * share[kept]
    variance = clusters / (clusters - 1) * (residual**2).sum(axis=0) / total**2
    return max(1.0, float((variance / share[kept]).sum() / (kept.sum() - 1) * total))


def clustered_share(having: Sequence[int], units: Sequence[int], confidence: float = 0.95) -> Estimate:
    """
    Estimate a share of units that come in clusters.

    Assumes that clusters are independent of one another, not that units within them are.

    Parameters
    ----------
    having : sequence of int, shape (m,)
        Units of each cluster with the characteristic.
    units : sequence of int, shape (m,)
        Units of each cluster of which it is known.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate
        With Wilson's interval for the effective number of units, which is the number divided by the design effect (Kish 1965; Korn and
        Graubard 1998, with Wilson's in place of the exact interval). Where no or every unit has the characteristic nothing shows the design
        effect: then the clusters, not the units, are the number. Every cluster one unit gives the ordinary interval, but for
        n / (n - 1). Flagged ``small_n`` with fewer than 10 units.

    Raises
    ------
    MeasureRefused
        As :func:`methods.intervals.proportion`; also with one cluster only.

    Examples
    --------
    >>> together = clustered_share([4, 0, 4, 0], [4, 4, 4, 4])
    >>> together.low < clustered_share([1] * 8 + [0] * 8, [1] * 16).low
    True
    """
    x, n = np.asarray(having, dtype=float), np.asarray(units, dtype=float)
    if x.shape != n.shape or x.ndim != 1 or (x < 0).any() or (x > n).any() or not n.sum():
        raise MeasureRefused("a share needs of each cluster 0 <= units with the characteristic <= units, and one unit or more")
    table = np.column_stack([x, n - x])
    if len(counts_of_clusters(table)) == n.sum():
        return proportion(int(x.sum()), int(n.sum()), confidence=confidence)
    total, share = n.sum(), x.sum() / n.sum()
    effective = total / design_effect(table) if 0 < share < 1 else float((n > 0).sum())
    low, high = proportion_confint(share * effective, effective, alpha=1 - confidence, method="wilson")
    low, high = (0.0 if share == 0 else float(low)), (1.0 if share == 1 else float(high))
    return Estimate(float(share), low, high, int(total), "share", "wilson, clusters", Flag.SMALL_N if total < SMALLEST_N else Flag.NONE)


def counts_of_clusters(counts: npt.ArrayLike) -> Counts:
    """Return counts as an array of clusters by categories, without clusters that hold no unit; refuse what are no such counts."""
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all() or (table < 0).any() or (table % 1 != 0).any() or not table.sum():
        raise MeasureRefused("counts of clusters by category are whole, not negative, none missing, and hold one unit or more")
    held: Counts = table[table.sum(axis=1) > 0]
    return held
