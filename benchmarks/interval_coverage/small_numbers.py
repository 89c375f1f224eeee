"""Shares, counts, rates and their comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.interval_coverage import Scenario
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.comparisons import compare_shares
from turquesa_stats.methods.intervals import count, proportion
from turquesa_stats.methods.missing import imputed_share, share_with_unknown
from turquesa_stats.methods.rates import rate, rate_difference, rate_ratio, standardised_rate


def holds(interval: Estimate, truth: float) -> bool:
    """Whether an interval holds the truth; an end that cannot be given holds all beyond."""
    return (interval.low is None or interval.low <= truth) and (interval.high is None or truth <= interval.high)


def scenarios() -> Iterator[Scenario]:
    """Yield the scenarios of this topic."""
    for method in ("wilson", "jeffreys"):
        for n, share in ((50, 0.3), (100, 0.1), (400, 0.05)):
            yield Scenario(
                f"{method}, share", "methods.intervals.proportion", f"n = {n}, share {share:g}", "nominal", _share(method, n, share)
            )
    for n, share in ((20, 0.1), (50, 0.3)):
        yield Scenario(
            "clopper-pearson, share",
            "methods.intervals.proportion",
            f"n = {n}, share {share:g}",
            "at least",
            _share("clopper-pearson", n, share),
        )
    for mean in (3.0, 20.0):
        yield Scenario("Garwood, count", "methods.intervals.count", f"mean {mean:g}", "at least", _count(mean))
        yield Scenario("Garwood, rate", "methods.rates.rate", f"mean {mean:g} in 5 million", "at least", _rate(mean))
    yield Scenario("exact, ratio of rates", "methods.rates.rate_ratio", "means 8 and 12", "at least", _ratio("exact", 8, 12))
    yield Scenario("score, ratio of rates", "methods.rates.rate_ratio", "means 20 and 30", "nominal", _ratio("score", 20, 30))
    yield Scenario("score, difference of rates", "methods.rates.rate_difference", "means 20 and 30", "nominal", _difference)
    yield Scenario(
        "Fay and Feuer, standardised rate",
        "methods.rates.standardised_rate",
        "4 strata, 22 events, unequal weights",
        "at least",
        _standardised,
    )
    yield Scenario(
        "Newcombe, difference of shares", "methods.comparisons.compare_shares", "30 % of 60, 45 % of 80", "nominal", _difference_of_shares
    )
    yield Scenario(
        "bounds and Wilson, share with unknown answers",
        "methods.missing.share_with_unknown",
        "n = 200, share 0.3, unknown more often without the characteristic",
        "at least",
        _with_unknown,
    )
    yield Scenario(
        "multiple imputation, share",
        "methods.missing.imputed_share",
        "n = 300, unknown at random given a predictor",
        "nominal",
        _imputed,
        600,
    )


def _share(method: str, n: int, share: float) -> Callable[[np.random.Generator], bool]:
    return lambda rng: holds(proportion(int(rng.binomial(n, share)), n, method), share)  # type: ignore[arg-type]


def _count(mean: float) -> Callable[[np.random.Generator], bool]:
    return lambda rng: holds(count(int(rng.poisson(mean))), mean)


def _rate(mean: float) -> Callable[[np.random.Generator], bool]:
    return lambda rng: holds(rate(int(rng.poisson(mean)), 5e6), mean / 50)


def _ratio(method: str, first: float, second: float) -> Callable[[np.random.Generator], bool]:
    return lambda rng: holds(rate_ratio(int(rng.poisson(first)), int(rng.poisson(second)), 1, 1, method), first / second)  # type: ignore[arg-type]


def _difference(rng: np.random.Generator) -> bool:
    return holds(rate_difference(int(rng.poisson(20)), int(rng.poisson(30)), 1000, 1200, per=1), 20 / 1000 - 30 / 1200)


def _standardised(rng: np.random.Generator) -> bool:
    exposure, rates, weights = np.array([4e5, 3e5, 2e5, 1e5]), np.array([1e-5, 2e-5, 3e-5, 6e-5]), np.array([0.4, 0.3, 0.2, 0.1])
    found = standardised_rate([int(x) for x in rng.poisson(exposure * rates)], list(exposure), list(weights), per=1)
    return holds(found, float(weights @ rates))


def _difference_of_shares(rng: np.random.Generator) -> bool:
    groups = pd.DataFrame({"group": ["a", "b"], "count": [rng.binomial(60, 0.3), rng.binomial(80, 0.45)], "n": [60, 80]})
    found = compare_shares(groups).iloc[0]
    return bool(found["low"] <= -0.15 <= found["high"])


def _with_unknown(rng: np.random.Generator) -> bool:
    has = rng.random(200) < 0.3
    unknown = rng.random(200) < np.where(has, 0.05, 0.25)
    return holds(share_with_unknown(int((has & ~unknown).sum()), int((~unknown).sum()), int(unknown.sum()))[1], 0.3)


def _imputed(rng: np.random.Generator) -> bool:
    x = rng.normal(size=300)
    outcome = np.where(rng.random(300) < 0.5 / (1 + np.exp(-2 * x)), np.nan, rng.random(300) < 1 / (1 + np.exp(-x)))
    frame = pd.DataFrame({"outcome": outcome.astype(float), "x": x})
    return holds(imputed_share(frame, "outcome", int(rng.integers(1 << 31)), imputations=20), 0.5)
