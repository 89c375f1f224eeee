"""Shares, counts, rates and their comparison."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import poisson
from statsmodels.stats.rates import test_poisson_2indep as poisson_test

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.bounds import rate_bounds, share_bounds, total_bounds
from turquesa_stats.methods.bounds_given_totals import KnownTotal, share_bounds_given, total_bounds_given
from turquesa_stats.methods.comparisons import adjusted, compare_shares
from turquesa_stats.methods.intervals import count, proportion
from turquesa_stats.methods.missing import imputed_model, imputed_share, share_with_unknown
from turquesa_stats.methods.rates import compare_counts, rate, rate_difference, rate_ratio, standardised_rate

_R_INTERVALS = {
    "wilson": "R 4.2.2 prop.test(correct=FALSE); Wilson 1927",
    "clopper-pearson": "R 4.2.2 binom.test; Clopper and Pearson 1934",
    "jeffreys": "R 4.2.2 qbeta; Brown, Cai and DasGupta 2001",
}
# Births of order 5 and higher with Down's syndrome, Michigan 1950-64, by age of mother (Stark and Mantell 1966; Fay and Feuer 1997, table II)
_CASES = (0, 8, 63, 112, 262, 295)
_BIRTHS = (327, 30666, 123419, 149919, 104088, 34392)
_STANDARD = (319933, 931318, 786511, 488235, 237863, 61313)


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    yield from _shares()
    yield from _rates()
    yield from _comparisons()
    yield from _bounds()
    yield from _unknown()


def _shares() -> Iterator[KnownAnswer]:
    for row in reference("binomial_intervals").to_dict("records"):
        for method, source in _R_INTERVALS.items():
            for end in ("low", "high"):
                yield KnownAnswer(
                    f"{method} interval of a share, {end}",
                    "methods.intervals.proportion",
                    source,
                    f"{row['x']:g} of {row['n']:g}",
                    row[f"{method.replace('-', '_')}_{end}"],
                    lambda row=row, method=method, end=end: getattr(proportion(int(row["x"]), int(row["n"]), method), end),
                    1e-9,
                )


def _rates() -> Iterator[KnownAnswer]:
    for row in reference("poisson_exact_rates").to_dict("records"):
        for what, end in (("rate_per_100k", "value"), ("exact_low", "low"), ("exact_high", "high")):
            yield KnownAnswer(
                f"exact Poisson rate, {end}",
                "methods.rates.rate",
                "R 4.2.2 poisson.test; Garwood 1936",
                f"{row['count']:g} in {row['person_years']:g}",
                row[what],
                lambda row=row, end=end: getattr(rate(int(row["count"]), row["person_years"]), end),
                1e-9,
            )
        for what, end in (("exact_low", "low"), ("exact_high", "high")):
            yield KnownAnswer(
                f"exact Poisson interval of a count, {end}",
                "methods.intervals.count",
                "R 4.2.2 poisson.test; Garwood 1936",
                f"{row['count']:g}",
                row[what] * row["person_years"] / 1e5,
                lambda row=row, end=end: getattr(count(int(row["count"])), end),
                1e-9,
            )
    for end, known in (("value", 75.52901), ("low", 67.70212), ("high", 188.30017)):
        yield KnownAnswer(
            f"directly standardised rate, gamma interval, {end}",
            "methods.rates.standardised_rate",
            "Fay and Feuer 1997; R dsrTest 1.0.0, vignette",
            "Down's syndrome, birth order 5+",
            known,
            lambda end=end: getattr(standardised_rate(_CASES, _BIRTHS, _STANDARD), end),
            1e-5,
        )


def _comparisons() -> Iterator[KnownAnswer]:
    for row in reference("poisson_rate_ratio_exact").to_dict("records"):
        given = (int(row["x1"]), int(row["x2"]), row["t1"], row["t2"])
        case = f"{given[0]} in {given[2]:g}, {given[1]} in {given[3]:g}"
        for end, what in (("value", "ratio"), ("low", "low"), ("high", "high")):
            yield KnownAnswer(
                f"exact ratio of two rates, {end}",
                "methods.rates.rate_ratio",
                "R 4.2.2 poisson.test",
                case,
                row[what],
                lambda given=given, end=end: getattr(rate_ratio(*given), end),
                1e-6,
            )
        yield KnownAnswer(
            "exact comparison of two counts, p-value",
            "methods.rates.compare_counts",
            "R 4.2.2 poisson.test",
            case,
            row["p"],
            lambda given=given: compare_counts(*given),
            1e-6,
        )
    for end in ("low", "high"):
        yield KnownAnswer(
            f"score interval of a difference of rates, {end}: p-value there",
            "methods.rates.rate_difference",
            "second way: the score test inverted at that end gives 1 - confidence",
            "60 in 51,477.5, 30 in 54,308.7",
            0.05,
            lambda end=end: float(
                poisson_test(
                    60,
                    51477.5,
                    30,
                    54308.7,
                    value=getattr(rate_difference(60, 30, 51477.5, 54308.7, per=1), end),
                    method="score",
                    compare="diff",
                ).pvalue
            ),
            1e-4,
        )
    shares = pd.DataFrame({"group": ["a", "b"], "count": [56, 48], "n": [70, 80]})
    for end, known in (("value", 0.2), ("low", 0.0524), ("high", 0.3339)):
        yield KnownAnswer(
            f"difference of two shares, {end}",
            "methods.comparisons.compare_shares",
            "Newcombe 1998 (difference), table II, method 10",
            "56 of 70, 48 of 80",
            known,
            lambda end=end: float(compare_shares(shares)[end].iloc[0]),
            5e-5,
        )
    for place, known in enumerate((0.03, 0.06, 0.06)):
        yield KnownAnswer(
            "Holm's adjustment",
            "methods.comparisons.adjusted",
            "by hand: 3 x 0.01, 2 x 0.03, then never less than the one before",
            "p = 0.01, 0.04, 0.03",
            known,
            lambda place=place: adjusted([0.01, 0.04, 0.03])[place],
            1e-12,
        )
    for place, known in enumerate((0.03, 0.04, 0.04)):
        yield KnownAnswer(
            "Benjamini and Hochberg's adjustment",
            "methods.comparisons.adjusted",
            "by hand: 3/1 x 0.01, 3/3 x 0.04, min(3/2 x 0.03, 0.04)",
            "p = 0.01, 0.04, 0.03",
            known,
            lambda place=place: adjusted([0.01, 0.04, 0.03], "fdr_bh")[place],
            1e-12,
        )


def _bounds() -> Iterator[KnownAnswer]:
    low, high = (18, 0, 7), (18, 4, 9)
    every = list(product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))))
    for end, extreme in (("low", min), ("high", max)):
        yield KnownAnswer(
            f"bounds of a share with censored counts, {end}",
            "methods.bounds.share_bounds",
            "second way: every completion (Manski 2003)",
            "0-4 of 18, 0-4, 7-9",
            extreme(one[1] / sum(one) for one in every),
            lambda end=end: float(getattr(share_bounds(low, high, 1), end)),
            1e-12,
        )
        yield KnownAnswer(
            f"bounds of a count given a total, {end}",
            "methods.bounds_given_totals.total_bounds_given",
            "second way: every completion",
            "0-4 of 18, 0-4, 7-9 with total 28",
            float(extreme(one[1] for one in every if sum(one) == 28)),
            lambda end=end: float(getattr(total_bounds_given(low, high, [KnownTotal((0, 1, 2), 28, 28)], [1], "persons"), end)),
            1e-12,
        )
        yield KnownAnswer(
            f"bounds of a share given a total, {end}",
            "methods.bounds_given_totals.share_bounds_given",
            "second way: every completion",
            "0-4 of 18, 0-4, 7-9 with total 28",
            float(extreme(one[1] / 28 for one in every if sum(one) == 28)),
            lambda end=end: float(getattr(share_bounds_given(low, high, [KnownTotal((0, 1, 2), 28, 28)], [1], [0, 1, 2]), end)),
            1e-9,
        )
        yield KnownAnswer(
            f"bounds of a sum with censored counts, {end}",
            "methods.bounds.total_bounds",
            "second way: every completion (Manski 2003)",
            "18, 0-4, 7-9",
            float(extreme(map(sum, every))),
            lambda end=end: float(getattr(total_bounds(low, high, "persons"), end)),
            1e-12,
        )
        yield KnownAnswer(
            f"bounds of a rate with censored counts, {end}",
            "methods.bounds.rate_bounds",
            "second way: every completion (Manski 2003)",
            "18, 0-4, 7-9 in 50,000",
            float(extreme(sum(one) / 50_000 * 1e5 for one in every)),
            lambda end=end: float(getattr(rate_bounds(low, high, 50_000), end)),
            1e-9,
        )


def _unknown() -> Iterator[KnownAnswer]:
    for end, known in (("low", 30 / 100), ("high", 70 / 100)):
        yield KnownAnswer(
            f"bounds of a share with unknown answers, {end}",
            "methods.missing.share_with_unknown",
            "by hand: none, or all, of the unknown (Manski 1989)",
            "30 of 60 known, 40 unknown",
            known,
            lambda end=end: float(getattr(share_with_unknown(30, 60, 40)[0], end)),
            1e-12,
        )
    yield KnownAnswer(
        "share by multiple imputation, mean of 12 simulated sets",
        "methods.missing.imputed_share",
        "simulation: the share is one half, that of the known cases 0.40",
        "500 units, a quarter unknown, more where a predictor is high",
        0.5,
        lambda: float(np.mean([imputed_share(unknown_at_random(seed, 500), "outcome", seed, 5).value or 0.0 for seed in range(12)])),
        0.02,
    )
    yield KnownAnswer(
        "coefficient by multiple imputation, mean of 12 simulated sets",
        "methods.missing.imputed_model",
        "simulation: log odds of 2 a unit",
        "500 units, a quarter unknown, more where a predictor is high",
        2.0,
        lambda: float(
            np.mean([imputed_model(unknown_at_random(seed, 500), "outcome ~ x", seed, 5)["value"].iloc[1] for seed in range(12)])
        ),
        0.2,
    )


def unknown_at_random(seed: int, size: int) -> pd.DataFrame:
    """Return units whose ``outcome`` depends on ``x`` and is unknown more often where ``x`` is high (missing at random)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=size)
    outcome = (rng.random(size) < 1 / (1 + np.exp(-2 * x))).astype(float)
    unknown = rng.random(size) < 0.6 / (1 + np.exp(-3 * x))
    return pd.DataFrame({"outcome": np.where(unknown, np.nan, outcome), "x": x})


def poisson_p_value(first: int, second: int) -> float:
    """Return the two-sided exact p-value of equal rates by enumeration (second way)."""
    total = first + second
    chances = [poisson.pmf(x, total / 2) * poisson.pmf(total - x, total / 2) for x in range(total + 1)]
    return float(sum(c for c in chances if c <= chances[first] * (1 + 1e-7)) / sum(chances))
