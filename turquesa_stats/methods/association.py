"""Strength of association of two classifications."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, chi2_contingency, ncx2
from scipy.stats.contingency import crosstab

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.clusters import Labels, rao_scott

_SMALLEST_TABLE = 30


def cramers_v(first: np.ndarray, second: np.ndarray, cluster: Labels | None = None, confidence: float = 0.95) -> tuple[Estimate, float]:
    """
    Estimate Cramér's V, corrected for its bias, with an interval, and the p-value of independence.

    The interval holds every strength whose noncentral chi-squared distribution does not make the statistic seen extreme (Smithson 2003,
    chapter 4). It holds 0 if the data cannot exclude it. Its upper end takes no table as more independent than half of those that chance
    makes, so that it covers more often than it says where association is weak. Where association is strong, or units come in clusters, it
    is approximate; for clusters the statistic and the number of units are divided by the mean design effect (Rao and Scott 1981,
    first-order correction).

    Parameters
    ----------
    first, second : arrays of codes, shape (n,)
        The two classifications of the same units.
    cluster : sequence, shape (n,), optional
        Cluster of each unit, such as its case.
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate, float
        V (0 no association, 1 complete; Cramér 1946) after Bergsma (2013, equation 8), and the p-value of Pearson's chi-squared test, with
        clusters of Rao and Scott's (second order).

    Raises
    ------
    MeasureRefused
        With fewer than 30 units, or a classification with one class only, or one cluster.

    Examples
    --------
    >>> x = np.repeat([0, 1], 20)
    >>> strength, p_value = cramers_v(x, np.tile([0, 1], 20))
    >>> strength.value, strength.low, round(strength.high, 2)
    (0.0, 0.0, 0.42)
    """
    if len(first) != len(second) or len(first) < _SMALLEST_TABLE or len(np.unique(first)) < 2 or len(np.unique(second)) < 2:
        raise MeasureRefused(
            f"association needs {_SMALLEST_TABLE} units with both answers, and two classes on each side; not {len(first)} units with "
            f"{len(np.unique(first))} and {len(np.unique(second))} classes"
        )
    table = crosstab(first, second).count
    test = chi2_contingency(table, correction=False)
    statistic, p_value, units = float(test.statistic), float(test.pvalue), float(len(first))
    if cluster is not None:
        p_value, effect = _with_clusters(first, second, table, cluster)
        statistic, units = statistic / effect, units / effect
    ends = _noncentrality(statistic, int(test.dof), confidence)
    low, high = (min(1.0, float(np.sqrt(end / (units * (min(table.shape) - 1))))) for end in ends)
    value = min(max(_corrected(statistic / units, units, table.shape), low), high)  # clusters: both ends and value use the same units
    return Estimate(value, low, high, len(first), "v", "noncentral chi-squared"), p_value


def _corrected(phi_squared: float, units: float, shape: tuple[int, ...]) -> float:
    rows, columns = shape
    less = max(0.0, phi_squared - (rows - 1) * (columns - 1) / (units - 1))
    smaller = min(rows - (rows - 1) ** 2 / (units - 1), columns - (columns - 1) ** 2 / (units - 1))
    return float(np.sqrt(less / (smaller - 1)))


def _noncentrality(statistic: float, freedom: int, confidence: float) -> tuple[float, float]:
    """Return the ends of the noncentrality for which the statistic is not extreme."""

    def end(seen: float, chance: float) -> float:
        if chi2.cdf(seen, freedom) <= chance:
            return 0.0
        return float(brentq(lambda place: ncx2.cdf(seen, freedom, place) - chance, 0.0, 2 * seen + 100 * freedom))

    tail = (1 - confidence) / 2
    return end(statistic, 1 - tail), end(max(statistic, float(chi2.median(freedom))), tail)


def _with_clusters(first: np.ndarray, second: np.ndarray, table: np.ndarray, cluster: Labels) -> tuple[float, float]:
    """Return the p-value of independence and the mean design effect (never less than 1)."""
    rows, columns = table.sum(axis=1) / table.sum(), table.sum(axis=0) / table.sum()
    of_row = (np.asarray(first)[:, None] == np.unique(first)) - rows
    of_column = (np.asarray(second)[:, None] == np.unique(second)) - columns
    influence = (of_row[:, :, None] * of_column[:, None, :]).reshape(len(first), -1) / len(first)
    weight = len(first) / np.outer(rows, columns).ravel()
    p_value, expected = rao_scott(influence.sum(axis=0), weight, influence, cluster)
    return p_value, max(1.0, expected / ((len(rows) - 1) * (len(columns) - 1)))
