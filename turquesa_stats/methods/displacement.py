"""How far the shares of two periods lie apart, and which categories make the distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate
from turquesa_stats.methods.cluster_counts import Counts, counts_of_clusters, mean_design_effect

FEWEST_UNITS = 10  # clusters in each period
SMOOTHING = 0.5  # added to each count (Krichevsky and Trofimov 1981)
_NEARER = np.linspace(0.0, 1.0, 10)  # how far apart, as part of what was seen
_FARTHER = (1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.5, 5.0)  # as a multiple of it
Distance = Callable[[Counts, Counts], Counts]


def jensen_shannon(first: npt.ArrayLike, second: npt.ArrayLike) -> Counts:
    """
    Return the Jensen-Shannon distance of shares: the square root of the divergence in bits (Lin 1991; Endres and Schindelin 2003).

    Parameters
    ----------
    first, second : arrays of float, shape (..., k)
        Shares, which add up to 1.

    Returns
    -------
    array, shape (...)
        0 where the shares are the same, 1 where they have no category in common.

    Examples
    --------
    >>> float(jensen_shannon([1, 0], [0, 1]))
    1.0
    """
    found: Counts = np.sqrt(np.maximum(_divergence_by_category(first, second).sum(axis=-1), 0.0))
    return found


def _divergence_by_category(first: npt.ArrayLike, second: npt.ArrayLike) -> Counts:
    p, q = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    middle = (p + q) / 2
    found: Counts = (_bits(p, middle) + _bits(q, middle)) / 2
    return found


def _bits(shares: Counts, against: Counts) -> Counts:
    there = shares > 0
    found: Counts = shares * np.log2(np.where(there, shares, 1.0) / np.where(there, against, 1.0))
    return found


def dissimilarity(first: npt.ArrayLike, second: npt.ArrayLike) -> Counts:
    """
    Return the index of dissimilarity of shares: the share of units that would have to change category (Duncan and Duncan 1955).

    Parameters and shapes as :func:`jensen_shannon`.

    Examples
    --------
    >>> float(dissimilarity([0.5, 0.5, 0.0], [0.5, 0.25, 0.25]))
    0.25
    """
    found: Counts = np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float)).sum(axis=-1) / 2
    return found


_DISTANCES: dict[str, Distance] = {"jensen_shannon": jensen_shannon, "dissimilarity": dissimilarity}


def displacement(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    seed: int,
    smoothing: float = SMOOTHING,
    confidence: float = 0.95,
    resamples: int = 499,
) -> pd.DataFrame:
    """
    Estimate how far the shares of two periods lie apart.

    Assumes that clusters (cases) are independent of one another and that none stands in both periods, and that the record of the two
    periods is alike: where a category is merely seen better than before, the distance is of detection. Categories with no unit in either
    period are left out.

    Parameters
    ----------
    before, after : arrays of int, shape (m, k)
        Units of each cluster in each of ``k`` categories, the same for both; a row a unit where all are independent.
    seed : int
        Seed of permutation and simulation.
    smoothing : float
        Added to each count of a period before shares are taken, so that a category seen once is not taken for one never used.
    confidence : float
        Confidence level.
    resamples : int
        Permutations, and simulated sets at each distance that is tried.

    Returns
    -------
    DataFrame
        One row a ``measure``, ``jensen_shannon`` and ``dissimilarity`` (both 0 to 1), as estimate, with ``observed`` and ``p_value``.
        Chance alone makes any two samples differ, so that ``observed`` is mostly too large, and smoothing draws them together; ``value`` is
        the distance under which one as small or smaller is as likely as a larger one (mean of the two paths below; some bias stays), 0
        where chance alone explains what was observed. ``low`` and ``high`` are the distances
        under which what was observed is no rare chance (test inversion by simulation, Carpenter 1999), along two paths of shares between
        and beyond those seen: all categories move, or nearer than seen only those that chance explains least; the wider ends hold.
        Clusters enter as the number of independent units that they are worth (:func:`methods.cluster_counts.mean_design_effect`).
        ``p_value`` is
        that
        of the permutation of the periods among clusters.

    Raises
    ------
    MeasureRefused
        If the categories differ in number, fewer than two are used, or a period has fewer than 10 clusters.
    """
    first, second = _two_periods(before, after, smoothing)
    rng = np.random.default_rng(seed)
    rows = []
    for name, distance in _DISTANCES.items():
        observed = float(distance(_shares(first.sum(axis=0), smoothing), _shares(second.sum(axis=0), smoothing)))
        found = _interval(first, second, smoothing, distance, rng.spawn(1)[0], confidence, resamples)
        columns = {column: getattr(found, column) for column in ESTIMATE_COLUMNS}
        p_value = _permutation(first, second, smoothing, distance, rng.spawn(1)[0], resamples)
        rows.append({"measure": name, **columns, "observed": observed, "p_value": p_value})
    return pd.DataFrame(rows)


def contributions(
    before: npt.ArrayLike, after: npt.ArrayLike, categories: Sequence[str], smoothing: float = SMOOTHING, confidence: float = 0.95
) -> pd.DataFrame:
    """
    Return what each category adds to the distance of two periods.

    Parameters
    ----------
    before, after, smoothing, confidence
        As in :func:`displacement`.
    categories : sequence of str, shape (k,)
        Names of the categories.

    Returns
    -------
    DataFrame
        One row a category used, the largest contribution first: ``category, before, after`` (units), the change of its share as estimate
        (interval of Newcombe 1998, method 10, of as many independent units as the clusters are worth), ``divergence`` (its part of the
        squared Jensen-Shannon distance) and ``dissimilarity`` (its part of the index), both of the smoothed shares, which add up.

    Raises
    ------
    MeasureRefused
        As :func:`displacement`; also if not every category has its name.
    """
    used = (np.asarray(before).sum(axis=0) + np.asarray(after).sum(axis=0)) > 0
    if len(categories) != used.size:
        raise MeasureRefused(f"{used.size} categories have {len(categories)} names; each needs one")
    first, second = _two_periods(before, after, smoothing)
    x, y = first.sum(axis=0), second.sum(axis=0)
    p, q = _shares(x, smoothing), _shares(y, smoothing)
    n, m = x.sum() / mean_design_effect(first), y.sum() / mean_design_effect(second)
    ends = [
        confint_proportions_2indep(b * m, m, a * n, n, method="newcomb", compare="diff", alpha=1 - confidence)
        for a, b in zip(x / x.sum(), y / y.sum(), strict=True)
    ]
    found = pd.DataFrame(
        {
            "category": [str(name) for name, is_used in zip(categories, used, strict=True) if is_used],
            "before": x.astype(int),
            "after": y.astype(int),
            "value": y / y.sum() - x / x.sum(),
            "low": [float(end[0]) for end in ends],
            "high": [float(end[1]) for end in ends],
            "n": int(x.sum() + y.sum()),
            "unit": "share difference",
            "method": "newcombe, clusters",
            "flag": "",
            "divergence": _divergence_by_category(p, q),
            "dissimilarity": np.abs(p - q) / 2,
        }
    )
    return found.sort_values(["divergence", "category"], ascending=[False, True], ignore_index=True)


def _two_periods(before: npt.ArrayLike, after: npt.ArrayLike, smoothing: float) -> tuple[Counts, Counts]:
    if np.ndim(before) != 2 or np.ndim(after) != 2 or np.shape(before)[1] != np.shape(after)[1]:
        raise MeasureRefused("two periods are compared by clusters (rows) and the same categories (columns) in both")
    if not smoothing >= 0:
        raise MeasureRefused(f"what is added to each count is 0 or more, not {smoothing}")
    first, second = counts_of_clusters(before), counts_of_clusters(after)
    if min(len(first), len(second)) < FEWEST_UNITS:
        raise MeasureRefused(
            f"{len(first)} and {len(second)} cases or journeys in the two periods; at least {FEWEST_UNITS} in each are needed to tell "
            "a displacement from chance: take longer periods"
        )
    used = (first.sum(axis=0) + second.sum(axis=0)) > 0
    if used.sum() < 2:
        raise MeasureRefused("one category only: nothing could be displaced")
    return first[:, used], second[:, used]


def _shares(counts: Counts, smoothing: float) -> Counts:
    added: Counts = counts + smoothing
    shares: Counts = added / added.sum(axis=-1, keepdims=True)
    return shares


def _permutation(first: Counts, second: Counts, smoothing: float, distance: Distance, rng: np.random.Generator, resamples: int) -> float:
    """Return how often the periods, dealt anew to the clusters, lie as far apart as they do (Phipson and Smyth 2010: never 0)."""
    every, size = np.vstack([first, second]), len(first)
    chosen = np.argsort(rng.random((resamples, len(every))), axis=1) < size
    one = chosen.astype(float) @ every
    dealt = distance(_shares(one, smoothing), _shares(every.sum(axis=0) - one, smoothing))
    seen = float(distance(_shares(first.sum(axis=0), smoothing), _shares(second.sum(axis=0), smoothing)))
    return float((1 + (dealt >= seen - 1e-12).sum()) / (1 + resamples))


def _interval(
    first: Counts, second: Counts, smoothing: float, distance: Distance, rng: np.random.Generator, confidence: float, resamples: int
) -> Estimate:
    x, y = (period.sum(axis=0) / mean_design_effect(period) for period in (first, second))
    n, m = (max(1, round(float(units.sum()))) for units in (x, y))
    seen = float(distance(_shares(x, smoothing), _shares(y, smoothing)))
    p, q = _shares(x, max(smoothing, 1e-6)), _shares(y, max(smoothing, 1e-6))
    found = []
    for path in (_proportional(p, q), _thresholded(p, q, n, m)):
        truths, limits = [], []
        for one, other in path:
            drawn = distance(
                _shares(rng.multinomial(n, one, size=resamples).astype(float), smoothing),
                _shares(rng.multinomial(m, other, size=resamples).astype(float), smoothing),
            )
            truths.append(float(distance(one, other)))
            limits.append(np.quantile(drawn, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2]))
        few, median, many = np.maximum.accumulate(np.array(limits), axis=0).T  # farther apart is never nearer in the samples
        low, value = (float(np.interp(seen, edge, truths, left=0.0)) for edge in (many, median))
        found.append((low, value, 1.0 if seen > few[-1] else float(np.interp(seen, few, truths, left=0.0))))
    (low, value, high), (also_low, also_value, also_high) = found
    n_all = int(first.sum() + second.sum())
    return Estimate((value + also_value) / 2, min(low, also_low), max(high, also_high), n_all, "distance", "inverted bootstrap")


Path = list[tuple[Counts, Counts]]


def _proportional(p: Counts, q: Counts) -> Path:
    """Return pairs of shares from the same, by those given, to far apart: every category moves in proportion of its log."""
    middle = np.sqrt(p * q)
    pairs = [[middle * (shares / middle) ** stretch for shares in (p, q)] for stretch in (*_NEARER, *_FARTHER)]
    return [(one / one.sum(), other / other.sum()) for one, other in pairs]


def _thresholded(p: Counts, q: Counts, n: int, m: int) -> Path:
    """Return pairs as :func:`_proportional`, but nearer than those given only the categories differ whose difference is least by chance."""
    difference, middle = p - q, (p + q) / 2
    error = np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    largest = float((np.abs(difference) / error).max())
    pairs = []
    for kept in _NEARER:
        left = np.sign(difference) * np.maximum(np.abs(difference) - (1 - kept) * largest * error, 0.0)
        up, down = float(left[left > 0].sum()), float(-left[left < 0].sum())
        each = (up + down) / 2 if up and down else 0.0  # what some categories gain, others lose
        moved = np.where(left > 0, left * each / (up or 1.0), left * each / (down or 1.0))
        one, other = (np.maximum(middle + sign * moved / 2, np.finfo(float).tiny) for sign in (1, -1))
        pairs.append((one / one.sum(), other / other.sum()))
    return [*pairs, *_proportional(p, q)[len(_NEARER) :]]
