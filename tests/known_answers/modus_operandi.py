"""Several answers per unit, clusters, association, maps of tables and latent classes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import chi2, chi2_contingency, hypergeom, ncx2, norm, t
from sklearn.metrics import adjusted_rand_score

from tests.known_answers import KnownAnswer
from turquesa_stats.methods.association import cramers_v
from turquesa_stats.methods.clusters import clustered_proportion, design_effect, numbered, rao_scott, variance_of_sums
from turquesa_stats.methods.co_occurrence import co_occurrence
from turquesa_stats.methods.correspondence import correspondence, multiple_correspondence
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.latent_classes import adjusted_rand, latent_classes
from turquesa_stats.methods.multiple_response import answer_matrix, answer_shares, compare_answers, compare_profiles

# Smoking by staff group, the artificial table of Greenacre 1984, table 3.1 (none, light, medium, heavy)
SMOKING = pd.DataFrame(
    [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]],
    index=["senior managers", "junior managers", "senior employees", "junior employees", "secretaries"],
    columns=["none", "light", "medium", "heavy"],
)
_GIVEN = pd.DataFrame({"unit": [1, 1, 2, 3, 3], "answer": ["a", "b", "a", "b", "c"]})


def clustered(seed: int = 7, cases: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return two yes-or-no answers of units that are alike within cases, and the cases."""
    rng = np.random.default_rng(seed)
    case = np.repeat(np.arange(cases), rng.integers(1, 6, cases))
    chance = rng.beta(1, 1.5, cases)[case]
    x = rng.random(len(case)) < chance
    return x, rng.random(len(case)) < 0.3 + 0.4 * chance, case


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    yield from _clusters()
    yield from _several_answers()
    yield from _pairs()
    yield from _strength()
    yield from _maps()
    yield from _classes()


def _clusters() -> Iterator[KnownAnswer]:
    x, _, case = clustered()
    robust = sm.OLS(x.astype(float), np.ones(len(x))).fit(cov_type="cluster", cov_kwds={"groups": case})
    yield KnownAnswer(
        "variance of a sum over clusters",
        "methods.clusters.variance_of_sums",
        "statsmodels OLS of a constant, cov_type='cluster'",
        f"{len(x)} units in 60 clusters",
        float(robust.cov_params()[0, 0]),
        lambda: float(variance_of_sums((x - x.mean())[:, None] / len(x), case)[0, 0]),
        1e-12,
    )
    yield KnownAnswer(
        "design effect of a share",
        "methods.clusters.design_effect",
        "statsmodels OLS of a constant, cov_type='cluster', over p (1 - p) / n",
        f"{len(x)} units in 60 clusters",
        float(robust.cov_params()[0, 0] / (x.mean() * (1 - x.mean()) / len(x))),
        lambda: design_effect(x, case),
        1e-9,
    )
    yield KnownAnswer(
        "number of a cluster", "methods.clusters.numbered", "by hand", "b, a, b", 1.0, lambda: float(numbered(["b", "a", "b"], 3)[2]), 0
    )
    alike, pair = np.repeat(x[:40], 2), np.repeat(np.arange(40), 2)
    for end in ("low", "high"):
        yield KnownAnswer(
            f"share in clusters, {end}",
            "methods.clusters.clustered_proportion",
            "closed form: pairs alike are as many units as pairs, less n - 1 and Student's quantiles",
            "40 pairs alike",
            _korn_graubard(x[:40], end),
            lambda end=end: float(getattr(clustered_proportion(alike, pair), end)),
            1e-12,
        )
    table = np.array([[30, 20], [18, 32]])
    first, second = np.repeat([0, 0, 1, 1], table.ravel()), np.repeat([0, 1, 0, 1], table.ravel())
    influence = ((first - first.mean()) * (second - second.mean()))[:, None]
    yield KnownAnswer(
        "Rao and Scott's test, independent units",
        "methods.clusters.rao_scott",
        "Pearson's chi-squared test (scipy), to which it comes down in large tables",
        "300, 200, 180, 320 units",
        float(chi2_contingency(table * 10, correction=False).pvalue),
        lambda: rao_scott(np.repeat(influence, 10, axis=0).sum(axis=0), np.ones(1), np.repeat(influence, 10, axis=0), None)[0],
        1e-6,
    )


def _korn_graubard(has: np.ndarray, end: str) -> float:
    n, p, z = len(has), float(has.mean()), float(norm.isf(0.025))
    effective = 2 * n / (2 * n / (n - 1)) * (t.isf(0.025, 2 * n) / t.isf(0.025, n - 1)) ** 2
    centre, reach = p + z**2 / (2 * effective), z * np.sqrt(p * (1 - p) / effective + z**2 / (4 * effective**2))
    return float((centre + (reach if end == "high" else -reach)) / (1 + z**2 / effective))


def _several_answers() -> Iterator[KnownAnswer]:
    yield KnownAnswer(
        "units that gave an answer",
        "methods.multiple_response.answer_matrix",
        "by hand",
        "a and b, a, b and c",
        2.0,
        lambda: float(answer_matrix(_GIVEN, list("abcd"))["b"].sum()),
        0,
    )
    yield KnownAnswer(
        "share of an answer among several, upper end",
        "methods.multiple_response.answer_shares",
        "Wilson interval of 2 of 3 respondents, not of 5 answers",
        "a and b, a, b and c",
        float(proportion(2, 3).high or 0),
        lambda: float(answer_shares(answer_matrix(_GIVEN, list("abcd"))).set_index("answer").loc["b", "high"]),
        1e-12,
    )
    given, group = two_groups()
    yield KnownAnswer(
        "several answers in two groups, p-value",
        "methods.multiple_response.compare_profiles",
        "second way: 20,000 permutations of the groups (seed 1)",
        "400 units, 3 dependent answers",
        permuted(given, group, 20_000),
        lambda: compare_profiles(given, group),
        0.01,
    )
    yield KnownAnswer(
        "one answer in two groups, p-value",
        "methods.multiple_response.compare_answers",
        "Pearson's chi-squared test (scipy), to which it comes down in large tables",
        "400 units",
        float(chi2_contingency(pd.crosstab(group, given["a"]), correction=False).pvalue),
        lambda: float(compare_answers(given[["a"]], group)["p_value"].iloc[0]),
        2e-3,
    )


def two_groups() -> tuple[pd.DataFrame, np.ndarray]:
    """Return three dependent answers of 400 units of two groups that differ a little."""
    rng = np.random.default_rng(3)
    group, kind = rng.integers(0, 2, 400), rng.random(400) < 0.5
    chance = np.where(kind, 0.6, 0.3) + 0.06 * group
    return pd.DataFrame({name: rng.random(400) < chance for name in "abc"}), group


def permuted(given: pd.DataFrame, group: np.ndarray, times: int) -> float:
    """Return the p-value by permutation of the groups (second way)."""
    values, share = given.to_numpy(float), given.to_numpy(float).mean(axis=0)

    def statistic(member: np.ndarray) -> float:
        one, other = values[member == 0].mean(axis=0), values[member == 1].mean(axis=0)
        sizes = np.bincount(member)
        return float(((sizes[0] * (one - share) ** 2 + sizes[1] * (other - share) ** 2) / (share * (1 - share))).sum())

    rng, seen = np.random.default_rng(1), statistic(group)
    return float(np.mean([statistic(rng.permutation(group)) >= seen - 1e-9 for _ in range(times)]))


def _pairs() -> Iterator[KnownAnswer]:
    for end, tail in (("low", range(8, 11)), ("high", range(1, 9))):
        yield KnownAnswer(
            f"exact odds ratio, {end}: chance of a count as far out there",
            "methods.co_occurrence.co_occurrence",
            "second way: Fisher's noncentral hypergeometric distribution by enumeration (Cornfield 1956)",
            "8, 2, 3, 7",
            0.025,
            lambda end=end, tail=tail: sum(_noncentral(int(x), float(_measure(_units(8, 2, 3, 7), "odds ratio", None)[end])) for x in tail),
            1e-7,
        )
    yield KnownAnswer(
        "Fisher's exact p-value",
        "methods.co_occurrence.co_occurrence",
        "by enumeration of the hypergeometric distribution",
        "8, 2, 3, 7",
        float(sum(p for p in hypergeom.pmf(range(12), 20, 11, 10) if p <= hypergeom.pmf(8, 20, 11, 10) * (1 + 1e-9))),
        lambda: float(_measure(_units(8, 2, 3, 7), "phi", None)["p_value"]),
        1e-12,
    )
    for name, known in (("phi", 50 / np.sqrt(10 * 10 * 11 * 9)), ("lift", 16 / 11), ("jaccard", 8 / 13)):
        yield KnownAnswer(
            f"{name} of two answers",
            "methods.co_occurrence.co_occurrence",
            "by hand",
            "8, 2, 3, 7",
            known,
            lambda name=name: float(_measure(_units(8, 2, 3, 7), name, None)["value"]),
            1e-7,
        )
    x, y, case = clustered(cases=400)
    design = sm.add_constant(x.astype(float))
    robust = sm.GLM(y.astype(float), design, family=sm.families.Binomial()).fit(cov_type="cluster", cov_kwds={"groups": case})
    yield KnownAnswer(
        "odds ratio in clusters, width of its interval on the log scale",
        "methods.co_occurrence.co_occurrence",
        "statsmodels logistic regression, cov_type='cluster'",
        f"{len(x)} units in 400 clusters",
        float(2 * 1.965927 * robust.bse[1]),
        lambda: float(np.log(_of(x, y, case, "high") / _of(x, y, case, "low"))),
        0.01,
        True,
    )
    lifts = _resampled_lifts(x, y, case)
    for end, quantile in (("low", 0.025), ("high", 0.975)):
        yield KnownAnswer(
            f"lift in clusters, {end}",
            "methods.co_occurrence.co_occurrence",
            "second way: percentile bootstrap of clusters (4,000 resamples, seed 1)",
            f"{len(x)} units in 400 clusters",
            float(np.quantile(lifts, quantile)),
            lambda end=end: float(co_occurrence(pd.DataFrame({"x": x, "y": y}), cluster=case).set_index("measure").loc["lift", end]),
            0.01,
            True,
        )


def _noncentral(x: int, ratio: float) -> float:
    """Return the chance of x units with both answers, of 10 with the first and 11 of 20 with the second, given an odds ratio."""
    weights = {k: math.comb(10, k) * math.comb(10, 11 - k) * ratio**k for k in range(1, 11)}
    return weights[x] / sum(weights.values())


def _resampled_lifts(x: np.ndarray, y: np.ndarray, case: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(1)
    sums = np.stack([np.bincount(case, weights=values) for values in (x * y, x, y, np.ones(len(x)))])
    both, first, second, units = sums @ rng.multinomial(400, np.full(400, 1 / 400), 4000).T
    return np.asarray(both * units / (first * second))


def _units(*counts: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.repeat([1, 1, 0, 0], counts), "y": np.repeat([1, 0, 1, 0], counts)}).astype(bool)


def _measure(given: pd.DataFrame, name: str, cluster: np.ndarray | None) -> pd.Series:
    return co_occurrence(given, cluster=cluster).set_index("measure").loc[name]


def _of(x: np.ndarray, y: np.ndarray, case: np.ndarray, end: str) -> float:
    return float(_measure(pd.DataFrame({"x": x, "y": y}), "odds ratio", case)[end])


def _strength() -> Iterator[KnownAnswer]:
    table = np.array([[30, 12, 8], [10, 25, 15], [6, 14, 30]])
    first, second = (np.repeat(codes.ravel(), table.ravel()) for codes in np.indices(table.shape))
    statistic, n = float(chi2_contingency(table, correction=False).statistic), table.sum()
    less = statistic / n - 4 / (n - 1)
    yield KnownAnswer(
        "Cramér's V corrected for bias",
        "methods.association.cramers_v",
        "Bergsma 2013, equations 7 and 8, by hand",
        "3 x 3, n = 150",
        float(np.sqrt(less / (3 - 4 / (n - 1) - 1))),
        lambda: float(cramers_v(first, second)[0].value or 0),
        1e-12,
    )
    for end, chance in (("low", 0.975), ("high", 0.025)):
        yield KnownAnswer(
            f"Cramér's V, {end}: chance of a smaller statistic there",
            "methods.association.cramers_v",
            "second way: noncentral chi-squared distribution at that end (Smithson 2003)",
            "3 x 3, n = 150",
            chance,
            lambda end=end: float(ncx2.cdf(statistic, 4, getattr(cramers_v(first, second)[0], end) ** 2 * n * 2)),
            1e-9,
        )
    yield KnownAnswer(
        "independence, p-value",
        "methods.association.cramers_v",
        "chi-squared distribution",
        "3 x 3, n = 150",
        float(chi2.sf(statistic, 4)),
        lambda: cramers_v(first, second)[1],
        1e-12,
    )


def _maps() -> Iterator[KnownAnswer]:
    for place, known in enumerate((0.0748, 0.0100, 0.0004)):
        yield KnownAnswer(
            f"principal inertia {place + 1}",
            "methods.correspondence.correspondence",
            "Greenacre 1984, smoking by staff group; R ca",
            "5 x 4, n = 193",
            known,
            lambda place=place: float(correspondence(SMOKING).inertia["value"].iloc[place]),
            5e-5,
        )
    proportions = SMOKING.to_numpy() / 193
    rows, columns = proportions.sum(axis=1), proportions.sum(axis=0)
    left, values, _ = np.linalg.svd((proportions - np.outer(rows, columns)) / np.sqrt(np.outer(rows, columns)))
    for place, name in enumerate(SMOKING.index):
        yield KnownAnswer(
            f"distance of {name} from the middle along dimension 1",
            "methods.correspondence.correspondence",
            "second way: singular value decomposition by numpy",
            "5 x 4, n = 193",
            float(abs(left[place, 0] * values[0] / np.sqrt(rows[place]))),
            lambda name=name: float(abs(correspondence(SMOKING).points.query("name == @name and dimension == 1")["value"].item())),
            1e-12,
        )
    items = pd.DataFrame({name: np.random.default_rng(place).integers(0, 2, 90) for place, name in enumerate("abc")})
    items["c"] = items["c"].where(np.arange(90) % 3 > 0, items["a"])
    yield KnownAnswer(
        "multiple correspondence, adjusted inertia",
        "methods.correspondence.multiple_correspondence",
        "Greenacre 2017, chapter 19: (3 / 2)² (λ - 1 / 3)² with λ² an eigenvalue of the Burt table's, by numpy",
        "90 units, 3 questions",
        _adjusted_inertia(items),
        lambda: float(multiple_correspondence(items).inertia["value"].iloc[0]),
        1e-12,
    )


def _adjusted_inertia(items: pd.DataFrame) -> float:
    indicators = pd.get_dummies(items.astype(str), dtype=float).to_numpy()
    burt = indicators.T @ indicators
    share = burt / burt.sum()
    mass = share.sum(axis=0)
    largest = np.linalg.svd((share - np.outer(mass, mass)) / np.sqrt(np.outer(mass, mass)))[1][0]
    return float((3 / 2 * (largest - 1 / 3)) ** 2)


def _classes() -> Iterator[KnownAnswer]:
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 3, 80), rng.integers(0, 4, 80)
    yield KnownAnswer(
        "adjusted Rand index",
        "methods.latent_classes.adjusted_rand",
        "scikit-learn adjusted_rand_score",
        "80 units, 3 and 4 groups",
        float(adjusted_rand_score(first, second)),
        lambda: adjusted_rand(first, second),
        1e-12,
    )
    kind = rng.random(300) < 0.4
    items = pd.DataFrame({name: rng.random(300) < np.where(kind, 0.85, 0.15) for name in "abc"}).astype(float)
    yield KnownAnswer(
        "latent classes, log-likelihood of one class",
        "methods.latent_classes.latent_classes",
        "closed form: independent binomials",
        "300 units, 3 items",
        float(sum(300 * (p * np.log(p) + (1 - p) * np.log(1 - p)) for p in items.mean())),
        lambda: float(latent_classes(items, 1, most=1, resamples=50).choice["log_likelihood"].iloc[0]),
        1e-6,
    )
    four = items.assign(d=(rng.random(300) < np.where(kind, 0.7, 0.2)).astype(float)).mask(rng.random((300, 4)) < 0.1)
    four = four[four.notna().any(axis=1)]
    yield KnownAnswer(
        "latent classes, log-likelihood of two classes",
        "methods.latent_classes.latent_classes",
        "second way: the likelihood maximised by scipy (BFGS, 5 starts) instead of by EM",
        f"{len(four)} units, 4 items, 10 % missing",
        _maximised(four.to_numpy()),
        lambda: float(latent_classes(four, 1, most=2, resamples=50).choice["log_likelihood"].iloc[1]),
        1e-3,
    )


def _maximised(items: np.ndarray) -> float:
    known, yes = ~np.isnan(items), np.nan_to_num(items)

    def deviance(parameters: np.ndarray) -> float:
        share, chances = expit(parameters[0]), expit(parameters[1:].reshape(2, -1))
        of_class = [np.where(known, np.log(np.where(yes == 1, one, 1 - one)), 0.0).sum(axis=1) for one in chances]
        return -float(np.logaddexp(np.log(share) + of_class[0], np.log(1 - share) + of_class[1]).sum())

    starts = np.random.default_rng(2).normal(size=(5, 1 + 2 * items.shape[1]))
    return -min(float(minimize(deviance, start).fun) for start in starts)
