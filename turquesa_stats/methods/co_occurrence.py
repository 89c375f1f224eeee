"""Answers that go together: every pair of answers of the same units, with the strength of their association."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, t
from scipy.stats.contingency import odds_ratio as conditional_odds_ratio

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.methods.clusters import Labels, clustered_proportion, numbered, rao_scott, variance_of_sums
from turquesa_stats.methods.comparisons import Correction, adjusted
from turquesa_stats.methods.intervals import SMALLEST_N


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two answers of the same units: who gave them (as numbers), the shares that did, and the clusters of the units."""

    x: np.ndarray
    y: np.ndarray
    cluster: Labels | None
    quantile: float
    confidence: float

    @property
    def counts(self) -> tuple[float, float, float, float]:
        both, x, y = float(self.x @ self.y), float(self.x.sum()), float(self.y.sum())
        return both, x - both, y - both, len(self.x) - x - y + both

    def error(self, influence: np.ndarray) -> float:
        return float(np.sqrt(variance_of_sums(influence[:, None], self.cluster)[0, 0]))

    def estimate(self, value: float | None, low: float, high: float | None, unit: str, method: str) -> Estimate:
        flag = Flag.SMALL_N if len(self.x) < SMALLEST_N else Flag.NONE
        return Estimate(value, low, high, len(self.x), unit, method, flag)


def co_occurrence(
    first: pd.DataFrame,
    second: pd.DataFrame | None = None,
    cluster: Labels | None = None,
    correction: Correction = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Estimate how each two answers go together.

    Assumes that clusters are independent of one another. Association is not cause: answers may go together through a third thing.

    Parameters
    ----------
    first : DataFrame of bool, shape (n, k)
        One row a unit that answered, one column an answer (:func:`turquesa_stats.methods.multiple_response.answer_matrix`).
    second : DataFrame of bool, shape (m, l), optional
        Answers to another question; pairs are then one of each, among the units in both. Without it pairs are within ``first``.
    cluster : sequence, shape (n,), optional
        Cluster of each unit of ``first``.
    correction : {"holm", "fdr_bh"}
        As in :func:`turquesa_stats.methods.comparisons.adjusted`, over all pairs.
    confidence : float
        Confidence level of each interval, not adjusted.

    Returns
    -------
    DataFrame
        One row a pair and ``measure``: ``first, second, measure``, ``both, first_only, second_only, neither`` (units), the estimate,
        ``p_value`` and ``p_adjusted``. An answer that all or none gave goes with nothing and is in no pair. Measures:

        - ``odds ratio``: conditional maximum likelihood with the exact interval (Fisher 1962; Cornfield 1956); with clusters of the sample
          odds ratio, with half a unit added to each count (Haldane 1956), its variance times the design effect.
        - ``phi``: correlation of two answers (Yule 1912), interval by linearisation on Fisher's z scale.
        - ``lift``: share that gave both over the share expected if they were independent; interval by linearisation of its logarithm.
        - ``jaccard``: share that gave both among those that gave either (Jaccard 1901), with its Wilson interval.

        The p-value is Fisher's exact one; with clusters the larger of it and Rao and Scott's.

    Raises
    ------
    MeasureRefused
        With fewer than 10 units that answered, fewer than two clusters, or no pair of answers.

    Examples
    --------
    >>> given = pd.DataFrame({"debt": [1, 1, 0, 0] * 10, "threat": [1, 1, 1, 0] * 10}).astype(bool)
    >>> found = co_occurrence(given).set_index("measure")
    >>> found["value"].astype(float).round(3).to_dict()
    {'odds ratio': nan, 'phi': 0.577, 'lift': 1.333, 'jaccard': 0.667}
    """
    clusters = pd.Series(numbered(cluster, len(first)), index=first.index)
    pairs: list[tuple[Any, Any]] = []
    if second is None:
        together, pairs = first, list(combinations(_varying(first), 2))
    else:
        common = first.index.intersection(second.index)
        first, second, clusters = first.loc[common], second.loc[common], clusters.loc[common]
        together = pd.concat({0: first, 1: second}, axis=1)
        pairs = list(product(((0, name) for name in _varying(first)), ((1, name) for name in _varying(second))))
    if len(together) < SMALLEST_N or not pairs:
        raise MeasureRefused(f"{len(together)} units answered, with {len(pairs)} pairs of answers; at least {SMALLEST_N} and 1 are needed")
    quantile = float(t.isf((1 - confidence) / 2, max(1, len(set(clusters)) - 1)))
    found, p_values = [], []
    for one, other in pairs:
        x, y = (together[name].to_numpy(float) for name in (one, other))
        pair = _Pair(x, y, None if cluster is None else clusters.to_numpy(), quantile, confidence)
        p_values.append(_p_value(pair))
        names = (one, other) if second is None else (one[1], other[1])
        found.append([{"first": names[0], "second": names[1], "p_value": p_values[-1], **row} for row in _rows(pair)])
    p_adjusted = adjusted(p_values, correction)
    table = pd.DataFrame([row | {"p_adjusted": p} for rows, p in zip(found, p_adjusted, strict=True) for row in rows])
    counts = ["both", "first_only", "second_only", "neither"]
    return table[["first", "second", "measure", *counts, *ESTIMATE_COLUMNS, "p_value", "p_adjusted"]]


def _varying(given: pd.DataFrame) -> list[str]:
    return [name for name in given.columns if 0 < given[name].sum() < len(given)]


def _rows(pair: _Pair) -> list[dict[str, Any]]:
    counts = dict(zip(("both", "first_only", "second_only", "neither"), map(int, pair.counts), strict=True))
    either = (pair.x + pair.y) > 0
    of_either = None if pair.cluster is None else np.asarray(pair.cluster)[either]
    jaccard = clustered_proportion((pair.x * pair.y)[either], of_either, pair.confidence)
    measures = {"odds ratio": _odds_ratio(pair), "phi": _phi(pair), "lift": _lift(pair), "jaccard": jaccard}
    return [{"measure": name, **counts, **{key: getattr(one, key) for key in ESTIMATE_COLUMNS}} for name, one in measures.items()]


def _p_value(pair: _Pair) -> float:
    both, x_only, y_only, neither = pair.counts
    exact = float(fisher_exact(np.array([[both, x_only], [y_only, neither]], dtype=int)).pvalue)
    if pair.cluster is None:
        return exact
    influence = (pair.x - pair.x.mean()) * (pair.y - pair.y.mean())
    return max(exact, rao_scott(influence.sum(keepdims=True), np.ones(1), influence[:, None], pair.cluster)[0])


def _odds_ratio(pair: _Pair) -> Estimate:
    both, x_only, y_only, neither = pair.counts
    ratio = both * neither / (x_only * y_only) if x_only * y_only else None
    if pair.cluster is None:
        found = conditional_odds_ratio(np.array([[both, x_only], [y_only, neither]], dtype=int), kind="conditional")
        ends = found.confidence_interval(pair.confidence)
        value, high = (float(end) if np.isfinite(end) else None for end in (found.statistic, ends.high))
        return pair.estimate(value, float(ends.low), high, "odds ratio", "exact conditional")
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty cell has no unit to weight
        cells = np.array([both, x_only, y_only, neither])
        members = np.stack([pair.x * pair.y, pair.x * (1 - pair.y), (1 - pair.x) * pair.y, (1 - pair.x) * (1 - pair.y)])
        influence = np.nan_to_num(members / cells[:, None]) * np.array([[1.0], [-1.0], [-1.0], [1.0]])
        effect = max(1.0, pair.error(influence.sum(axis=0)) ** 2 / float((1 / cells[cells > 0]).sum()))
    log_ratio = float(np.log(cells + 0.5) @ np.array([1.0, -1.0, -1.0, 1.0]))
    reach = pair.quantile * float(np.sqrt(effect * (1 / (cells + 0.5)).sum()))
    return pair.estimate(ratio, float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach)), "odds ratio", "rao-scott haldane")


def _phi(pair: _Pair) -> Estimate:
    x, y = ((has - has.mean()) / has.std() for has in (pair.x, pair.y))
    phi = float(np.clip((x * y).mean(), -1, 1))
    error = pair.error((x * y - phi / 2 * (x**2 + y**2)) / len(x))
    inner = phi
    if error < 1e-9:  # complete association: no unit shows how far chance could take it, so half a unit is added to each count
        both, x_only, y_only, neither = (count + 0.5 for count in pair.counts)
        inner = (both * neither - x_only * y_only) / np.sqrt((both + x_only) * (y_only + neither) * (both + y_only) * (x_only + neither))
        independent = len(x) if pair.cluster is None else len(set(pair.cluster))
        error = (1 - inner**2) / np.sqrt(max(independent - 3, 1))
    reach = pair.quantile * error / (1 - inner**2)
    low, high = np.tanh(np.arctanh(inner) - reach), np.tanh(np.arctanh(inner) + reach)
    return pair.estimate(phi, float(min(low, phi)), float(max(high, phi)), "phi", "linearised, fisher z")


def _lift(pair: _Pair) -> Estimate:
    both, first, second = float((pair.x * pair.y).mean()), float(pair.x.mean()), float(pair.y.mean())
    if both == 0:
        seen = clustered_proportion(pair.x * pair.y, pair.cluster, pair.confidence)
        return pair.estimate(0.0, 0.0, cast(float, seen.high) / (first * second), "ratio", "wilson end of both")
    value = both / (first * second)
    reach = pair.quantile * pair.error((pair.x * pair.y / both - pair.x / first - pair.y / second + 1) / len(pair.x))
    return pair.estimate(value, float(value * np.exp(-reach)), float(value * np.exp(reach)), "ratio", "linearised, logarithm")
