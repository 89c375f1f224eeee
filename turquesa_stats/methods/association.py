"""Strength of association of two classifications."""

from __future__ import annotations

import numpy as np
from scipy.stats import bootstrap, chi2_contingency
from scipy.stats.contingency import association, crosstab

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate

_SMALLEST_TABLE = 30


def cramers_v(first: np.ndarray, second: np.ndarray, seed: int, confidence: float = 0.95) -> tuple[Estimate, float]:
    """
    Estimate Cramér's V with a percentile bootstrap interval, and the p-value of independence.

    Parameters
    ----------
    first, second : arrays of codes, shape (n,)
        The two classifications of the same units.
    seed : int
        Seed of the bootstrap (999 resamples).
    confidence : float
        Confidence level.

    Returns
    -------
    Estimate, float
        V (0 no association, 1 complete; Cramér 1946) and the p-value of Pearson's chi-squared test.

    Raises
    ------
    MeasureRefused
        With fewer than 30 units, or a classification with one class only.
    """
    if len(first) < _SMALLEST_TABLE or len(np.unique(first)) < 2 or len(np.unique(second)) < 2:
        raise MeasureRefused(f"association needs {_SMALLEST_TABLE} units and two classes on each side")

    def strength(x: np.ndarray, y: np.ndarray) -> float:
        table = crosstab(x, y).count
        return float(association(table, method="cramer")) if min(table.shape) > 1 else 0.0

    interval = bootstrap(
        (first, second),
        strength,
        paired=True,
        vectorized=False,
        n_resamples=999,
        method="percentile",
        confidence_level=confidence,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    p_value = float(chi2_contingency(crosstab(first, second).count, correction=False).pvalue)
    return Estimate(strength(first, second), float(interval.low), float(interval.high), len(first), "v", "bootstrap"), p_value
