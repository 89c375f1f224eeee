"""Intervals that count the choice of the model: the whole selection is repeated on resampled persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit

Selection = Callable[[CaptureTable], LogLinearFit]
_MOST_FAILURES = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """
    Totals estimated anew from resampled persons.

    Attributes
    ----------
    total : float
        The estimate from the persons themselves.
    totals : array of float, shape (resamples,)
        Sorted; infinite where the lists of a resample overlap too little for an estimate.
    acceleration : float
        Skewness of the influence of single persons, by the jackknife.
    """

    total: float
    totals: np.ndarray
    acceleration: float

    @property
    def without_estimate(self) -> int:
        """How many resamples have no finite estimate."""
        return int(np.isinf(self.totals).sum())

    def quantile(self, probability: float) -> float:
        """
        Return a quantile by the bias-corrected and accelerated method (Efron 1987, equations 2.2 and 2.3).

        Examples
        --------
        >>> Resampled(3.5, np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 0.0).quantile(0.5)
        3.5
        """
        return float(np.quantile(self.totals, self._adjusted(probability), method="median_unbiased"))

    def at_edge(self, probability: float) -> bool:
        """Whether a quantile is the smallest or largest resample itself, so that other resamples would move it: more are needed."""
        return not 1 / len(self.totals) <= self._adjusted(probability) <= 1 - 1 / len(self.totals)

    def _adjusted(self, probability: float) -> float:
        bias = norm.ppf(np.mean(self.totals < self.total))
        shifted = bias + norm.ppf(probability)
        return float(norm.cdf(bias + shifted / (1 - self.acceleration * shifted)))


def resample(table: CaptureTable, select: Selection, resamples: int, seed: int) -> Resampled:
    """
    Estimate the total anew from resampled persons, choosing the model each time.

    Parameters
    ----------
    table : CaptureTable
        The persons seen.
    select : callable
        From a capture table to the chosen model, such as :func:`stepwise`.
    resamples : int
        How many; at least 100.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Resampled
        With bias-corrected and accelerated quantiles (DiCiccio and Efron 1996), as in Chan, Silverman and Vincent (2021, section 3.3).

    Raises
    ------
    MeasureRefused
        With fewer than 100 resamples, or if more than 5 % of them have no finite estimate.
    """
    if resamples < 100:
        raise MeasureRefused(f"{resamples} resamples give no interval: at least 100")
    rng = np.random.default_rng(seed)
    total = select(table).total
    drawn = rng.multinomial(table.seen, table.counts / table.seen, size=resamples)
    totals = np.sort([_total(table, counts, select) for counts in drawn])
    failed = int(np.isinf(totals).sum())
    if failed > _MOST_FAILURES * resamples:
        raise MeasureRefused(
            f"{failed} of {resamples} resamples of these persons have no finite estimate: the lists overlap too little for an interval"
        )
    return Resampled(total, totals, _acceleration(table, select))


def _total(table: CaptureTable, counts: np.ndarray, select: Selection) -> float:
    try:
        return select(table.with_counts(counts)).total
    except MeasureRefused:
        return float("inf")


def _acceleration(table: CaptureTable, select: Selection) -> float:
    """Return the acceleration from leaving out each person; persons of one history are alike, so one refit does for all of them."""
    occurs = np.flatnonzero(table.counts)
    left_out = np.array([_total(table, table.counts - np.eye(len(table.counts), dtype=int)[place], select) for place in occurs])
    weights = table.counts[occurs][np.isfinite(left_out)]
    finite = left_out[np.isfinite(left_out)]
    influence = np.average(finite, weights=weights) - finite
    spread = float((weights * influence**2).sum())
    return float((weights * influence**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0
