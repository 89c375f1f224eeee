"""Counts by category of units that come in clusters, such as persons of one case: fewer independent units than persons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from turquesa_stats.errors import MeasureRefused

FEWEST_CLUSTERS = 2
Counts = npt.NDArray[np.float64]


def mean_design_effect(counts: npt.ArrayLike) -> float:
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
    >>> mean_design_effect([[2, 0], [0, 2], [2, 0], [0, 2]]), mean_design_effect([[1, 0], [0, 1]] * 50)
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


def counts_of_clusters(counts: npt.ArrayLike) -> Counts:
    """Return counts as an array of clusters by categories, without clusters that hold no unit; refuse what are no such counts."""
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all() or (table < 0).any() or (table % 1 != 0).any() or not table.sum():
        raise MeasureRefused("counts of clusters by category are whole, not negative, none missing, and hold one unit or more")
    held: Counts = table[table.sum(axis=1) > 0]
    return held
