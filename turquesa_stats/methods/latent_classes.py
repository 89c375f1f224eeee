"""Patterns: classes of units whose answers to several yes-or-no questions are alike, and how far the data carry them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.special import comb, expit, logit
from scipy.stats import t

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.methods.clusters import Labels, design_effect, numbered
from turquesa_stats.methods.intervals import SMALLEST_N, proportion

FEWEST_UNITS = 100
_UNITS_PER_PARAMETER = 5
_RESAMPLES = 200
_STARTS_OF_RESAMPLE, _CLOSE_OF_RESAMPLE = 2, 1e-5  # close enough for an interval (log-likelihood per unit), and ten times as fast


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """
    Classes found, largest first, from 1.

    Attributes
    ----------
    choice : DataFrame
        One row a number of ``classes`` tried: ``log_likelihood, parameters, bic, starts_agreeing`` (share of the starts that came to the
        best fit), ``chosen`` and ``reason`` why it could not be chosen.
    profiles : DataFrame
        ``class, item, count`` (units expected in the class, to whole ones) and the share of the class that has the item as estimate.
    sizes : DataFrame
        ``class, count`` and the share of units in the class as estimate.
    membership : DataFrame
        One row a unit, in the order given, one column a class: the chance that the unit is of it.
    stability : Estimate
        Agreement of the classes with those of resampled data (adjusted Rand index, 1 the same, 0 no more than chance): median, and the
        middle 95 % of resamples; None for one class. Below about 0.6 the classes are a description of these data only.
    """

    choice: pd.DataFrame
    profiles: pd.DataFrame
    sizes: pd.DataFrame
    membership: pd.DataFrame
    stability: Estimate


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The different rows of the data, with the number of units that have each: all that the likelihood depends on."""

    rows: np.ndarray
    of_unit: np.ndarray

    def weights(self, units: np.ndarray) -> np.ndarray:
        return np.bincount(self.of_unit, weights=units, minlength=len(self.rows)).astype(float)


def latent_classes(
    items: pd.DataFrame,
    seed: int,
    cluster: Labels | None = None,
    most: int = 4,
    starts: int = 10,
    resamples: int = _RESAMPLES,
    confidence: float = 0.95,
) -> LatentClasses:
    """
    Find latent classes of units (Lazarsfeld and Henry 1968; Goodman 1974), by maximum likelihood in the library stepmix.

    Assumes that items are independent within a class, so that no two may exclude one another as answers to one question do, and that
    whether an answer is missing depends on the known answers only (missing at random). The number of classes has the lowest BIC (Schwarz
    1978); with clusters, units and log-likelihood are first divided by the mean design effect of the items, as clustered units know less
    than they seem to. Intervals have the standard error of resamples of clusters on the logit scale, each fitted anew and matched to the
    classes by their profiles (percentiles cover less often than they say); they do not hold the doubt about the number of classes.

    Parameters
    ----------
    items : DataFrame, shape (n, k)
        1 yes, 0 no, missing not known.
    seed : int
        Seed of the starts and the resamples.
    cluster : sequence, shape (n,), optional
        Cluster of each unit.
    most : int
        Largest number of classes to try.
    starts : int
        Random starts of each fit.
    resamples : int
        At least 50.
    confidence : float
        Confidence level of the profiles and sizes.

    Returns
    -------
    LatentClasses
        With one class if nothing more is seen: then there is no pattern, and its profile is that of all units.

    Raises
    ------
    MeasureRefused
        With fewer than 100 units with an answer, fewer than 3 items, an item that is not 0 and 1 or does not vary, fewer than 50
        resamples, or fewer than 10 clusters.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> kind = rng.random(300) < 0.4
    >>> items = pd.DataFrame({name: rng.random(300) < np.where(kind, 0.9, 0.1) for name in "abcd"}).astype(float)
    >>> found = latent_classes(items, seed=1, most=2, resamples=50)
    >>> len(found.sizes), bool(found.sizes["value"].iloc[0] > 0.5)
    (2, True)
    """
    _refuse_what_has_no_classes(items, resamples)
    numbers = numbered(cluster, len(items))
    if numbers.max() + 1 < SMALLEST_N:
        raise MeasureRefused(f"{numbers.max() + 1} clusters show nothing of how stable classes are; at least {SMALLEST_N} are needed")
    patterns = _patterns(items)
    if cluster is None:
        numbers = np.argsort(np.argsort(patterns.of_unit, kind="stable"))  # so that the order of the rows changes no resample
    effect = _mean_design_effect(items, cluster)
    choice, fits = _choice(items, patterns, effect, most, starts, seed)
    model = fits[int(choice.loc[choice["chosen"], "classes"].item())]
    drawn = _resampled(model, patterns, numbers, seed, resamples)
    quantile = float(t.isf((1 - confidence) / 2, numbers.max()))
    membership = pd.DataFrame(model.chances[patterns.of_unit], columns=range(1, len(model.weights) + 1), index=items.index)
    return LatentClasses(
        choice,
        _profiles(model, items, drawn, quantile),
        _sizes(model, len(items), drawn, quantile),
        membership,
        _stability(drawn, len(items)),
    )


def adjusted_rand(first: Labels, second: Labels) -> float:
    """
    Return how far two groupings of the same units agree: 1 the same, 0 as chance would (Hubert and Arabie 1985, equation 5).

    Parameters
    ----------
    first, second : sequences, shape (n,)
        Group of each unit; the names of groups do not matter.

    Raises
    ------
    MeasureRefused
        If they are not groupings of the same two units or more.

    Examples
    --------
    >>> adjusted_rand(["a", "a", "b", "b"], [2, 2, 1, 1]), round(adjusted_rand([1, 1, 2, 2], [1, 2, 1, 2]), 3)
    (1.0, -0.5)
    """
    if len(first) != len(second) or len(first) < 2:
        raise MeasureRefused(f"groupings of {len(first)} and {len(second)} units cannot be compared; both must group the same two or more")
    table = pd.crosstab(np.asarray(first), np.asarray(second)).to_numpy()
    together, one, other = (float(comb(sizes, 2).sum()) for sizes in (table, table.sum(axis=1), table.sum(axis=0)))
    by_chance = one * other / float(comb(len(first), 2))
    return 1.0 if one == other == by_chance else (together - by_chance) / ((one + other) / 2 - by_chance)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fitted model, classes in order of size."""

    weights: np.ndarray
    profile: np.ndarray
    chances: np.ndarray  # of each pattern to be of each class
    log_likelihood: float
    agreeing: float


@dataclass(frozen=True, slots=True)
class _Resamples:
    weights: np.ndarray
    profiles: np.ndarray
    agreement: np.ndarray


def _patterns(items: pd.DataFrame) -> _Patterns:
    coded = items.astype(float).fillna(-1).to_numpy()
    rows, of_unit = np.unique(coded, axis=0, return_inverse=True)
    return _Patterns(np.where(rows < 0, np.nan, rows), np.asarray(of_unit).ravel())


def _mean_design_effect(items: pd.DataFrame, cluster: Labels | None) -> float:
    if cluster is None:
        return 1.0
    labels = np.asarray(cluster, dtype=object)
    effects = []
    for name in items.columns:
        known = items[name].notna().to_numpy()
        effects.append(design_effect(items[name].to_numpy(float)[known], labels[known]))
    return max(1.0, float(np.mean(effects)))


def _choice(
    items: pd.DataFrame, patterns: _Patterns, effect: float, most: int, starts: int, seed: int
) -> tuple[pd.DataFrame, dict[int, _Fit]]:
    units, questions = items.shape
    rows, fits = [], {}
    for classes in range(1, most + 1):
        parameters = classes - 1 + classes * questions
        row: dict[str, Any] = {"classes": classes, "parameters": parameters, "reason": ""}
        if classes > 1 and (parameters > 2**questions - 2 or parameters * _UNITS_PER_PARAMETER > units / effect):
            row["reason"] = f"{parameters} parameters are more than {questions} items of {units / effect:.0f} independent units carry"
        else:
            one = _fit(patterns, patterns.weights(np.ones(units)), classes, starts, seed)
            fits[classes] = one
            bic = -2 * one.log_likelihood / effect + parameters * np.log(units / effect)
            row |= {"log_likelihood": one.log_likelihood, "bic": float(bic), "starts_agreeing": one.agreeing}
            if one.weights.min() * units < SMALLEST_N:
                row["reason"] = f"a class of fewer than {SMALLEST_N} units"
            elif starts > 1 and round(one.agreeing * starts) < 2:
                row["reason"] = f"one of {starts} starts alone came to the best fit, which may not be the best there is; take more starts"
        rows.append(row)
    choice = pd.DataFrame(rows, columns=["classes", "log_likelihood", "parameters", "bic", "starts_agreeing", "reason"])
    best = choice.loc[choice["reason"].eq(""), "bic"].idxmin()
    return choice.assign(chosen=choice.index == best), fits


def _fit(patterns: _Patterns, weights: np.ndarray, classes: int, starts: int, seed: int, close: float = 1e-7) -> _Fit:
    from stepmix.stepmix import StepMix  # slow to import

    model = StepMix(
        n_components=classes, measurement="binary_nan", n_init=starts, max_iter=300, abs_tol=close, random_state=seed, progress_bar=0
    )
    present = weights > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a start that is still rising after 300 steps is counted in starts_agreeing, not told apart
        model.fit(patterns.rows[present], sample_weight=weights[present])
    profile = np.asarray(model.get_parameters()["measurement"]["pis"])
    size = np.asarray(model.weights_ / model.weights_.sum())  # stepmix keeps them off 0 and 1
    order = np.lexsort((*profile.T[::-1], -size.round(9)))
    reached = np.asarray(model.lower_bound_buffer_, dtype=float)
    agreeing = float((np.abs(reached - np.nanmax(reached)) * weights.sum() < 0.1).mean())
    chances = np.asarray(model.predict_proba(patterns.rows))[:, order]
    return _Fit(size[order], profile[order], chances, float(np.nanmax(reached) * weights.sum()), agreeing)


def _resampled(model: _Fit, patterns: _Patterns, cluster: np.ndarray, seed: int, resamples: int) -> _Resamples:
    rng = np.random.default_rng(seed)
    clusters, classes = int(cluster.max()) + 1, len(model.weights)
    grouping = model.chances[patterns.of_unit].argmax(axis=1)
    weights, profiles, agreement = [], [], []
    for turn in range(resamples):
        times = np.bincount(rng.integers(0, clusters, clusters), minlength=clusters)
        one = _fit(patterns, patterns.weights(times[cluster]), classes, _STARTS_OF_RESAMPLE, seed + 1 + turn, _CLOSE_OF_RESAMPLE)
        distance = ((model.profile[:, None, :] - np.nan_to_num(one.profile, nan=0.5)[None, :, :]) ** 2).sum(axis=2)
        place = linear_sum_assignment(distance)[1]
        weights.append(one.weights[place])
        profiles.append(one.profile[place])
        agreement.append(adjusted_rand(grouping, one.chances[patterns.of_unit].argmax(axis=1)))
    return _Resamples(np.array(weights), np.array(profiles), np.array(agreement))


def _profiles(model: _Fit, items: pd.DataFrame, drawn: _Resamples, quantile: float) -> pd.DataFrame:
    rows = []
    for place, weight in enumerate(model.weights):
        for question, name in enumerate(items.columns):
            known = int(np.round(weight * items[name].notna().sum()))
            value = float(np.clip(model.profile[place, question], 0, 1))
            keys = {"class": place + 1, "item": name, "count": int(np.round(value * known))}
            rows.append(keys | _with_interval(value, drawn.profiles[:, place, question], known, quantile))
    return pd.DataFrame(rows)


def _sizes(model: _Fit, units: int, drawn: _Resamples, quantile: float) -> pd.DataFrame:
    rows = []
    for place, weight in enumerate(model.weights):
        found = _with_interval(float(weight), drawn.weights[:, place], units, quantile)
        found |= {"low": 1.0} if len(model.weights) == 1 else {}  # one class holds all units by definition
        rows.append({"class": place + 1, "count": int(np.round(weight * units))} | found)
    return pd.DataFrame(rows)


def _with_interval(value: float, draws: np.ndarray, n: int, quantile: float) -> dict[str, Any]:
    """Return a share as estimate, with the standard error of its draws on the logit scale; no end closer to 0 or 1 than half a unit."""
    edge = 0.5 / max(n, 1)
    reach = quantile * float(np.nanstd(logit(np.clip(draws, edge, 1 - edge)), ddof=1))
    centre = float(logit(np.clip(value, edge, 1 - edge)))
    low, high = min(float(expit(centre - reach)), value), max(float(expit(centre + reach)), value)
    if n and min(value, 1 - value) < edge:  # all or none: resamples cannot show more than they were drawn from
        wilson = proportion(int(np.round(value * n)), n)
        low, high = min(low, wilson.low or 0.0), max(high, wilson.high or 0.0)
    flag = Flag.SMALL_N if n < SMALLEST_N else Flag.NONE
    return dict(zip(ESTIMATE_COLUMNS, (value, low, high, n, "share", "bootstrap logit", flag.value), strict=True))


def _stability(drawn: _Resamples, units: int) -> Estimate:
    if drawn.weights.shape[1] == 1:  # one class always agrees with itself
        return Estimate(None, None, None, units, "adjusted rand index", "bootstrap")
    low, middle, high = (float(end) for end in np.quantile(drawn.agreement, [0.025, 0.5, 0.975]))
    return Estimate(middle, low, high, units, "adjusted rand index", "bootstrap")


def _refuse_what_has_no_classes(items: pd.DataFrame, resamples: int) -> None:
    units, questions = items.shape
    values = items.astype(float)
    odd = [str(name) for name in items.columns if set(values[name].dropna()) != {0.0, 1.0}]
    if odd:
        raise MeasureRefused(f"items for classes are 0 and 1 and vary; look at {', '.join(odd)}")
    answered = int(values.notna().any(axis=1).sum())
    if questions < 3 or answered < FEWEST_UNITS or answered < units:
        raise MeasureRefused(
            f"latent classes need 3 items and {FEWEST_UNITS} units that each answered one or more; there are {questions} items, "
            f"and {answered} of {units} units answered"
        )
    if resamples < 50:
        raise MeasureRefused(f"{resamples} resamples do not show stability; take 50 or more")
