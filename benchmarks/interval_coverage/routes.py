"""Concentration, displacement, gravity, and shares of journeys that go together in cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.interval_coverage import Scenario
from turquesa_stats.methods.concentration import concentration
from turquesa_stats.methods.displacement import contributions, displacement, dissimilarity, jensen_shannon
from turquesa_stats.methods.gravity import gravity
from turquesa_stats.methods.missing import share_with_unknown

_SKEWED, _FLAT = np.array([10, 6, 4, 2, 2, 1, 1, 1]) / 27, np.full(8, 1 / 8)
_BEFORE, _AFTER = np.array([4, 3, 2, 1, 1]) / 11, np.array([2, 3, 3, 2, 1]) / 11


def scenarios() -> Iterator[Scenario]:
    """Yield the scenarios of this topic."""
    name = "methods.concentration.concentration"
    for n in (60, 200):
        yield Scenario("bootstrap-t, Herfindahl index", name, f"n = {n}, 8 unequal shares", "nominal", _concentrated("herfindahl", n), 1000)
    yield Scenario(
        "bootstrap-t, effective number", name, "n = 200, 8 unequal shares", "nominal", _concentrated("effective_number", 200), 1000
    )
    yield Scenario(
        "bootstrap-t, Herfindahl index", name, "n = 100, 8 equal shares", "at least", _concentrated("herfindahl", 100, _FLAT), 1000
    )
    yield Scenario("bootstrap-t, Herfindahl index", name, "80 cases of 1 to 4 alike", "nominal", _concentrated_cases("herfindahl"), 1000)
    yield Scenario(
        "inverted bootstrap, share of the 3 largest", name, "n = 100, 8 unequal shares", "at least", _concentrated("top_share", 100), 600
    )
    yield Scenario(
        "inverted bootstrap, share of the 3 largest",
        name,
        "n = 100, 8 equal shares",
        "at least",
        _concentrated("top_share", 100, _FLAT),
        600,
    )
    yield Scenario(
        "inverted bootstrap, share of the 3 largest", name, "80 cases of 1 to 4 alike", "at least", _concentrated_cases("top_share"), 600
    )
    name = "methods.displacement.displacement"
    for measure in ("jensen_shannon", "dissimilarity"):
        yield Scenario(f"test inversion, {measure}", name, "150 and 200 journeys", "nominal", _displaced(measure, 1, _AFTER), 500)
        yield Scenario(f"test inversion, {measure}", name, "the same shares in both", "at least", _displaced(measure, 1, _BEFORE), 400)
        yield Scenario(f"test inversion, {measure}", name, "150 and 200 cases of 1 to 3", "nominal", _displaced(measure, 3, _AFTER), 500)
    yield Scenario("permutation, no displacement at 5 %", name, "150 and 200 cases of 1 to 3, same shares", "nominal", _no_false_alarm, 400)
    yield Scenario(
        "Newcombe, change of a share", "methods.displacement.contributions", "150 and 200 cases of 1 to 3", "nominal", _changed_share
    )
    name = "methods.gravity.gravity"
    yield Scenario("PPML, robust errors", name, "380 flows, variance 1 + mean times Poisson's", "nominal", _gravity(None), 1000)
    yield Scenario("PPML, errors within origins", name, "30 origins of 20 flows, which go together", "at least", _gravity("origin"), 400)
    yield Scenario(
        "bounds and Wilson, share with unknown answers",
        "methods.missing.share_with_unknown",
        "n = 60, share 0.1, unknown far more often with the characteristic",
        "at least",
        _with_unknown,
    )


def _holds(found: pd.DataFrame, key: str, name: str, truth: float) -> bool:
    row = found.set_index(key).loc[name]
    return bool(row["low"] - 1e-12 <= truth <= row["high"] + 1e-12)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 31))


def _truth(measure: str, shares: np.ndarray) -> float:
    index = float((shares**2).sum())
    return {"herfindahl": index, "effective_number": 1 / index, "top_share": float(np.sort(shares)[::-1][:3].sum())}[measure]


def _concentrated(measure: str, n: int, shares: np.ndarray = _SKEWED) -> Callable[[np.random.Generator], bool]:
    def covers(rng: np.random.Generator) -> bool:
        found = concentration(rng.multinomial(n, shares), _seed(rng), resamples=399)
        return _holds(found, "measure", measure, _truth(measure, shares))

    return covers


def in_cases(rng: np.random.Generator, cases: int, largest: int, shares: np.ndarray) -> np.ndarray:
    """Return units of cases by category: each case has 1 to ``largest`` units, half of the cases go together, the others apart."""
    size = rng.integers(1, largest + 1, cases)
    together = rng.random(cases) < 0.5
    return np.vstack(
        [rng.multinomial(1, shares) * n if same else rng.multinomial(n, shares) for n, same in zip(size, together, strict=True)]
    )


def _concentrated_cases(measure: str) -> Callable[[np.random.Generator], bool]:
    def covers(rng: np.random.Generator) -> bool:
        found = concentration(in_cases(rng, 80, 4, _SKEWED), _seed(rng), resamples=399)
        return _holds(found, "measure", measure, _truth(measure, _SKEWED))

    return covers


def _displaced(measure: str, largest: int, after: np.ndarray) -> Callable[[np.random.Generator], bool]:
    truth = float({"jensen_shannon": jensen_shannon, "dissimilarity": dissimilarity}[measure](_BEFORE, after))

    def covers(rng: np.random.Generator) -> bool:
        found = displacement(in_cases(rng, 150, largest, _BEFORE), in_cases(rng, 200, largest, after), _seed(rng), resamples=199)
        return _holds(found, "measure", measure, truth)

    return covers


def _no_false_alarm(rng: np.random.Generator) -> bool:
    found = displacement(in_cases(rng, 150, 3, _BEFORE), in_cases(rng, 200, 3, _BEFORE), _seed(rng), resamples=199)
    return bool(found["p_value"].iloc[0] > 0.05)


def _changed_share(rng: np.random.Generator) -> bool:
    found = contributions(in_cases(rng, 150, 3, _BEFORE), in_cases(rng, 200, 3, _AFTER), list("abcde"))
    return _holds(found, "category", "a", float(_AFTER[0] - _BEFORE[0]))


def _gravity(cluster: str | None) -> Callable[[np.random.Generator], bool]:
    def covers(rng: np.random.Generator) -> bool:
        origins, each = (30, 20) if cluster else (20, 19)
        flows = pd.DataFrame({"origin": np.repeat(np.arange(origins), each), "far": rng.normal(size=origins * each)})
        if cluster:
            flows["far"] += np.repeat(rng.normal(size=origins), each)
        noise = rng.gamma(20 / each, each / 20, origins).repeat(each) if cluster else rng.gamma(1.0, 1.0, len(flows))
        flows["flow"] = rng.poisson(np.exp(1.0 - 0.5 * flows["far"]) * noise)
        return _holds(gravity(flows, "flow ~ far", cluster), "term", "far", -0.5)

    return covers


def _with_unknown(rng: np.random.Generator) -> bool:
    has = rng.random(60) < 0.1
    unknown = rng.random(60) < np.where(has, 0.6, 0.1)
    found = share_with_unknown(int((has & ~unknown).sum()), int((~unknown).sum()), int(unknown.sum()))[1]
    return bool(found.low is not None and found.high is not None and found.low <= 0.1 <= found.high)
