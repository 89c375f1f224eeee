"""How concentrated units are on few categories: Herfindahl index, effective number of categories, share of the largest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate
from turquesa_stats.methods.cluster_counts import Counts, counts_of_clusters, mean_design_effect
from turquesa_stats.methods.intervals import SMALLEST_N

_SEARCHES = 12  # halvings of the interval in which the lower end of the share of the largest is sought


def concentration(counts: npt.ArrayLike, seed: int, top: int = 3, confidence: float = 0.95, resamples: int = 999) -> pd.DataFrame:
    """
    Estimate how concentrated units are on few categories.

    Parameters
    ----------
    counts : array of int, shape (k,) or (m, k)
        Units in each category, drawn independently; or of each of m clusters, where units of one cluster (persons of one case) are alike.
    seed : int
        Seed of the bootstrap.
    top : int
        Of how many of the largest categories the share is told.
    confidence : float
        Confidence level.
    resamples : int
        Bootstrap samples.

    Returns
    -------
    DataFrame
        One row a ``measure``, as estimate. ``herfindahl``: chance that two units, of different clusters, are of one category, without
        the bias of the sum of squared shares, which is too large by about 1/n (Simpson 1949: sum of x(x-1) over n(n-1)); bootstrap-t
        interval on the log scale (Davison and Hinkley 1997, section 5.2). ``effective_number``: one divided by it, ends too (Hill 1973,
        order 2). ``top_share``: share of the ``top`` largest, which are chosen from the same counts, so that it is biased upward where
        ranks are near one another; its lower end is the smallest share from which so large a one could come by chance under the least
        favourable shares of the other categories, its upper end Wilson's, so that it covers at least as often as it says.

    Raises
    ------
    MeasureRefused
        With fewer than 10 units or clusters, fewer than two categories, no category with two units, or ``top`` not below the number of
        categories.

    Examples
    --------
    >>> found = concentration([40, 30, 20, 10], seed=1, top=2).set_index("measure")
    >>> found["value"].round(4).tolist()
    [0.2929, 3.4138, 0.7]
    """
    table = np.asarray(counts, dtype=float)
    independent = table.ndim == 1
    clusters = counts_of_clusters(np.diag(table) if independent else table)
    weights = clusters.sum(axis=1) if independent else np.ones(len(clusters))
    profiles = clusters / weights[:, None]
    _refuse_what_shows_no_concentration(int(weights.sum()), table.shape[-1], top)
    herfindahl = _herfindahl_interval(profiles, weights, np.random.default_rng(seed), confidence, resamples)
    n = int(clusters.sum())
    effective = n if independent else n / mean_design_effect(clusters)
    return tidy(
        {
            "herfindahl": herfindahl,
            "effective_number": inverse(herfindahl),
            "top_share": _top_share(clusters.sum(axis=0), table.shape[-1], top, effective, seed, confidence, resamples),
        }
    )


def _refuse_what_shows_no_concentration(clusters: int, categories: int, top: int) -> None:
    if clusters < SMALLEST_N:
        raise MeasureRefused(f"{clusters} independent units or clusters do not show a concentration; at least {SMALLEST_N} are needed")
    if categories < 2 or not 0 < top < categories:
        raise MeasureRefused(f"the share of the {top} largest of {categories} categories says nothing; take 1 to {max(categories - 1, 1)}")


def _herfindahl(profiles: Counts, weights: Counts) -> Counts:
    """Return the chance that two units of different clusters are of one category; weights: how often each cluster is there, (..., m)."""
    together = ((weights @ profiles) ** 2).sum(axis=-1) - weights @ (profiles**2).sum(axis=1)
    pairs = (weights @ profiles.sum(axis=1)) ** 2 - weights @ profiles.sum(axis=1) ** 2
    found: Counts = together / pairs
    return found


def _error_of_log(profiles: Counts, weights: Counts) -> Counts:
    """Return the standard error of the log of the index: of its linear part, and of what is left where all shares are equal."""
    size = profiles.sum(axis=1)
    total = weights @ size
    share = (weights @ profiles) / total[..., None]
    squared = (share**2).sum(axis=-1)
    slope = 2 * (share @ profiles.T - squared[..., None] * size)
    linear = (weights * slope**2).sum(axis=-1) / total**2
    rest = 2 * squared * (weights @ size**2) ** 2 / total**4
    found: Counts = np.sqrt(linear + rest) / squared
    return found


def _herfindahl_interval(profiles: Counts, weights: Counts, rng: np.random.Generator, confidence: float, resamples: int) -> Estimate:
    value = float(_herfindahl(profiles, weights))
    if not value > 0:
        raise MeasureRefused("no category holds units of two clusters: all that can be said is that nothing is concentrated")
    share = (weights @ profiles) / (weights @ profiles).sum()
    count = int(weights.sum())
    drawn = rng.multinomial(count, weights / count, size=resamples).astype(float)
    index = np.maximum(_herfindahl(profiles, drawn), np.finfo(float).tiny)
    distance = np.log(index / (share**2).sum()) / _error_of_log(profiles, drawn)
    lower, upper = np.quantile(distance, [(1 - confidence) / 2, (1 + confidence) / 2])
    error = float(_error_of_log(profiles, weights))
    low, high = value * np.exp(-upper * error), value * np.exp(-lower * error)
    n = int(weights @ profiles.sum(axis=1))
    return Estimate(value, float(min(low, 1.0)), float(min(high, 1.0)), n, "index", "simpson, bootstrap-t")


def inverse(index: Estimate) -> Estimate:
    """Return the effective number of categories, one divided by the index."""
    value, low, high = (None if end is None else 1 / end for end in (index.value, index.high, index.low))
    return Estimate(value, low, high, index.n, "categories", index.method, index.flag)


def _top_share(totals: Counts, categories: int, top: int, effective: float, seed: int, confidence: float, resamples: int) -> Estimate:
    n, share = int(totals.sum()), float(np.sort(totals)[::-1][:top].sum() / totals.sum())
    tail, draws = (1 - confidence) / 2, max(1, round(effective))
    high = 1.0 if share == 1 else float(proportion_confint(share * effective, effective, alpha=1 - confidence, method="wilson")[1])
    below, above = top / categories, share

    def could_be(truth: float) -> bool:
        """Whether the share seen, or a larger one, is no rare chance where the largest truly hold ``truth``."""
        for shares in _least_favourable(truth, categories, top):
            drawn = np.random.default_rng(seed).multinomial(draws, shares, size=resamples)
            largest = np.partition(drawn, categories - top, axis=1)[:, categories - top :].sum(axis=1) / draws
            if (largest >= share - 0.5 / draws).mean() > tail:
                return True
        return False

    if could_be(below):
        above = below
    for _ in range(_SEARCHES if above > below else 0):
        middle = (below + above) / 2
        below, above = (below, middle) if could_be(middle) else (middle, above)
    return Estimate(share, min(below, share), high, n, "share", "inverted bootstrap and wilson")


def _least_favourable(truth: float, categories: int, top: int) -> list[Counts]:
    """Return shares of which the largest hold ``truth`` and some, none to all but one, are no larger than each of the others."""
    rest = (1 - truth) / (categories - top)
    made = []
    for tied in range(top):
        large = (truth - tied * rest) / (top - tied)
        shares = np.array([large] * (top - tied) + [rest] * (tied + categories - top))
        made.append(shares / shares.sum())
    return made


def tidy(found: dict[str, Estimate]) -> pd.DataFrame:
    """Return estimates as a table, one row a ``measure``."""
    columns = {name: [getattr(one, name) for one in found.values()] for name in ESTIMATE_COLUMNS}
    return pd.DataFrame({"measure": list(found), **columns})
