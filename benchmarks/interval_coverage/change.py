"""Trends, breaks and monotone change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.interval_coverage import Scenario
from turquesa_stats.methods.breaks import segmented
from turquesa_stats.methods.count_models import Family
from turquesa_stats.methods.monotone import sen_slope
from turquesa_stats.methods.trends import TimeErrors, trend

_Draw = Callable[[np.random.Generator], bool]
_LEVEL, _SLOPE, _CHANGE = -0.4, 0.05, 0.10  # logs: the level's change, the yearly slope before, the change of yearly slope


def scenarios() -> Iterator[Scenario]:
    """Yield the scenarios of this topic."""
    yield from _trends()
    yield from _breaks()
    for n in (8, 12, 40):
        yield Scenario("Sen, slope", "methods.monotone.sen_slope", f"{n} independent normal points around a line", "at least", _sen(n))
    yield Scenario(
        "Sen, slope of counts", "methods.monotone.sen_slope", "15 Poisson counts, mean 100 rising by 3 a time", "at least", _sen_of_counts
    )
    for n, rho in ((15, 0.3), (40, 0.4), (96, 0.4)):
        yield Scenario(
            "Sen, slope under autocorrelation",
            "methods.monotone.sen_slope",
            f"{n} normal points around a line, autocorrelation {rho:g}, correction by autoregression",
            "nominal",
            _sen_autocorrelated(n, rho),
            1000,
        )


def _trends() -> Iterator[Scenario]:
    for n, mean in ((10, 40.0), (15, 200.0)):
        yield Scenario(
            "Poisson trend, HC3 errors",
            "methods.trends.trend",
            f"{n} independent Poisson counts, mean {mean:g}",
            "nominal",
            _trend(n, mean, 1, 0.0, 0.0, "poisson", "hc3"),
        )
    yield Scenario(
        "Poisson trend, HC3 errors",
        "methods.trends.trend",
        "15 independent counts, mean 100, spread 25 % beyond Poisson",
        "nominal",
        _trend(15, 100, 1, 0.0, 0.25, "poisson", "hc3"),
    )
    yield Scenario(
        "negative-binomial trend, HC3 errors",
        "methods.trends.trend",
        "15 independent negative-binomial counts, mean 60, theta 10",
        "nominal",
        _negative_binomial_trend,
        1000,
    )
    for n, per, rho in ((12, 1, 0.3), (15, 1, 0.3), (96, 12, 0.3), (96, 12, 0.5)):
        yield Scenario(
            "Poisson trend, Newey-West errors",
            "methods.trends.trend",
            f"{n} counts, mean 100, autocorrelation {rho:g} of a 20 % spread beyond Poisson",
            "nominal",
            _trend(n, 100, per, rho, 0.2, "poisson", "newey-west"),
            1000,
        )
    yield Scenario(
        "negative-binomial trend, Newey-West errors",
        "methods.trends.trend",
        "96 counts, mean 100, autocorrelation 0.4 of a 20 % spread beyond Poisson",
        "nominal",
        _trend(96, 100, 12, 0.4, 0.2, "negative-binomial", "newey-west"),
        600,
    )


def _breaks() -> Iterator[Scenario]:
    for term in ("level_change", "slope_change"):
        yield Scenario(
            f"segmented regression (poisson) with yearly cycle, {term.replace('_', ' ')}",
            "methods.breaks.segmented",
            "96 counts, 48 before, mean 100, cycle of 12, autocorrelation 0.4 of a 25 % spread beyond Poisson",
            "nominal",
            _break(96, 48, 100.0, 0.4, "poisson", term, 12),
            1000,
        )
    for n, break_at, mean, rho, family in (
        (96, 48, 50.0, 0.3, "poisson"),
        (96, 48, 50.0, 0.5, "poisson"),
        (96, 38, 400.0, 0.4, "poisson"),
        (60, 38, 100.0, 0.4, "negative-binomial"),
        (36, 24, 100.0, 0.3, "poisson"),
        (18, 12, 300.0, 0.3, "poisson"),
    ):
        for term in ("level_change", "slope_change"):
            yield Scenario(
                f"segmented regression ({family}), {term.replace('_', ' ')}",
                "methods.breaks.segmented",
                f"{n} counts, {break_at} before, mean {mean:g}, autocorrelation {rho:g} of a 25 % spread beyond Poisson",
                "nominal",
                _break(n, break_at, mean, rho, family, term),  # type: ignore[arg-type]
                1000,
            )


def correlated(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    """Return a first-order autoregression with variance 1."""
    shocks = rng.normal(size=n)
    for time in range(1, n):
        shocks[time] = rho * shocks[time - 1] + np.sqrt(1 - rho**2) * shocks[time]
    return shocks


def _trend(n: int, mean: float, per: int, rho: float, spread: float, family: Family, errors: TimeErrors) -> _Draw:
    def covers(rng: np.random.Generator) -> bool:
        times = np.arange(n)
        expected = mean * np.exp(_SLOPE / per * times + spread * correlated(rng, n, rho) - spread**2 / 2)
        found = trend(rng.poisson(expected).tolist(), times.tolist(), int(rng.integers(1 << 31)), None, family, errors, per).iloc[0]
        return bool(found["low"] <= np.exp(_SLOPE) <= found["high"])

    return covers


def _negative_binomial_trend(rng: np.random.Generator) -> bool:
    times, theta = np.arange(15), 10.0
    expected = 60 * np.exp(_SLOPE * times)
    counts = rng.negative_binomial(theta, theta / (theta + expected)).tolist()
    found = trend(counts, times.tolist(), 1, None, "negative-binomial", "hc3").iloc[0]
    return bool(found["low"] <= np.exp(_SLOPE) <= found["high"])


def _break(n: int, break_at: int, mean: float, rho: float, family: Family, term: str, cycle: int | None = None) -> _Draw:
    def covers(rng: np.random.Generator) -> bool:
        since = np.arange(n) - break_at
        after = since >= 0
        spread = 0.25 * correlated(rng, n, rho) - 0.25**2 / 2
        wave = 0.0 if cycle is None else 0.3 * np.sin(2 * np.pi * since / cycle)
        expected = mean * np.exp(wave + _SLOPE * since / 12 + after * (_LEVEL + _CHANGE * since / 12) + spread)
        counts = rng.poisson(expected).tolist()
        found = segmented(counts, range(n), break_at, int(rng.integers(1 << 31)), None, family, 12, cycle).set_index("term").loc[term]
        return bool(found["low"] <= np.exp(_LEVEL if term == "level_change" else _CHANGE) <= found["high"])

    return covers


def _sen(n: int) -> _Draw:
    def covers(rng: np.random.Generator) -> bool:
        found = sen_slope((0.5 * np.arange(n) + rng.normal(size=n)).tolist(), range(n), "persons")
        return found.low is not None and found.high is not None and found.low <= 0.5 <= found.high

    return covers


def _sen_of_counts(rng: np.random.Generator) -> bool:
    found = sen_slope(rng.poisson(100 + 3 * np.arange(15)).tolist(), range(15), "persons")
    return found.low is not None and found.high is not None and found.low <= 3 <= found.high


def _sen_autocorrelated(n: int, rho: float) -> _Draw:
    def covers(rng: np.random.Generator) -> bool:
        values = (0.5 * np.arange(n) + correlated(rng, n, rho)).tolist()
        found = sen_slope(values, range(n), "persons", "autoregression", int(rng.integers(1 << 31)))
        return found.low is not None and found.high is not None and found.low <= 0.5 <= found.high

    return covers
