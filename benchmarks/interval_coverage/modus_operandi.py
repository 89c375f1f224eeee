"""Several answers per unit, clusters, association and latent classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.interval_coverage import Scenario
from benchmarks.interval_coverage.small_numbers import holds
from turquesa_stats.methods.association import cramers_v
from turquesa_stats.methods.clusters import clustered_proportion
from turquesa_stats.methods.co_occurrence import co_occurrence

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray | None]]


def scenarios() -> Iterator[Scenario]:
    """Yield the scenarios of this topic."""
    for cases, share, spread in ((40, 0.3, 2.0), (100, 0.1, 4.0), (200, 0.5, 1.0)):
        yield Scenario(
            "Rao-Scott and Wilson, share in clusters",
            "methods.clusters.clustered_proportion",
            f"{cases} cases of 1 to 8 victims, share {share:g}, cases differ (beta, {spread:g})",
            "nominal",
            _share(cases, share, spread),
        )
    for size, ratio in ((40, 4.0), (100, 1.0)):
        yield Scenario(
            "exact conditional, odds ratio",
            "methods.co_occurrence.co_occurrence",
            f"n = {size}, true {ratio:g}",
            "at least",
            _pairs("odds ratio", _units(size, _cells(0.3, 0.4, ratio)), ratio),
            400,
        )
    for name in ("odds ratio", "phi", "lift", "jaccard"):
        for ratio in (1.0, 4.0):
            cells = _cells(0.3, 0.4, ratio)
            truth = _truth(name, cells)
            if name != "odds ratio":
                yield Scenario(
                    f"{name} of two answers",
                    "methods.co_occurrence.co_occurrence",
                    f"n = 120, true {truth:.2f}",
                    "nominal",
                    _pairs(name, _cases(120, cells, 1), truth),
                )
            yield Scenario(
                f"{name} of two answers, in clusters",
                "methods.co_occurrence.co_occurrence",
                f"80 cases of 1 to 5 victims, most alike, true {truth:.2f}",
                "nominal",
                _pairs(name, _cases(80, cells, 5), truth),
            )
    for strength in (0.0, 0.1, 0.3, 0.5):
        yield Scenario(
            "noncentral chi-squared, Cramér's V",
            "methods.association.cramers_v",
            f"n = 150, 3 x 3, true {strength:g}",
            "at least" if strength < 0.2 else "nominal",  # weak: the upper end is held up on purpose
            _cramer(_units(150, _diagonal(strength)), strength),
            6000,
        )
    for strength in (0.0, 0.3):
        yield Scenario(
            "noncentral chi-squared, Cramér's V, in clusters",
            "methods.association.cramers_v",
            f"100 cases of 1 to 5 victims, most alike, 3 x 3, true {strength:g}",
            "at least" if strength < 0.2 else "nominal",
            _cramer(_cases(100, _diagonal(strength), 5), strength),
        )


def _share(cases: int, share: float, spread: float) -> Callable[[np.random.Generator], bool]:
    def covers(rng: np.random.Generator) -> bool:
        case = np.repeat(np.arange(cases), rng.integers(1, 9, cases))
        has = rng.random(len(case)) < rng.beta(share * spread, (1 - share) * spread, cases)[case]
        return holds(clustered_proportion(has, case), share)

    return covers


def _cells(first: float, second: float, ratio: float) -> np.ndarray:
    """Return the shares of a two by two table with given margins and odds ratio."""
    if ratio == 1:
        both = first * second
    else:
        a, b = ratio - 1, 1 + (first + second) * (ratio - 1)
        both = (b - np.sqrt(b**2 - 4 * a * ratio * first * second)) / (2 * a)
    return np.array([[1 - first - second + both, second - both], [first - both, both]])


def _truth(name: str, cells: np.ndarray) -> float:
    both, first, second = cells[1, 1], cells[1].sum(), cells[:, 1].sum()
    return {
        "odds ratio": cells[1, 1] * cells[0, 0] / (cells[0, 1] * cells[1, 0]),
        "phi": (both - first * second) / np.sqrt(first * (1 - first) * second * (1 - second)),
        "lift": both / (first * second),
        "jaccard": both / (first + second - both),
    }[name]


def _diagonal(strength: float) -> np.ndarray:
    """Return a table of three equal classes on each side with a given Cramér's V."""
    return strength * np.eye(3) / 3 + (1 - strength) / 9


def _units(size: int, cells: np.ndarray) -> Draw:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, None]:
        drawn = rng.choice(cells.size, size, p=cells.ravel())
        return drawn // cells.shape[1], drawn % cells.shape[1], None

    return draw


def _cases(cases: int, cells: np.ndarray, largest: int) -> Draw:
    """Return a draw of cases in which each victim has the pattern of the case with a chance of 70 %, and otherwise one of its own."""

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        case = np.repeat(np.arange(cases), rng.integers(1, largest + 1, cases))
        of_case, own = (rng.choice(cells.size, size, p=cells.ravel()) for size in (cases, len(case)))
        drawn = np.where(rng.random(len(case)) < 0.7, of_case[case], own)
        return drawn // cells.shape[1], drawn % cells.shape[1], case

    return draw


def _pairs(name: str, draw: Draw, truth: float) -> Callable[[np.random.Generator], bool]:
    def covers(rng: np.random.Generator) -> bool:
        first, second, cluster = draw(rng)
        found = co_occurrence(pd.DataFrame({"a": first, "b": second}).astype(bool), cluster=cluster).set_index("measure").loc[name]
        return bool(found["low"] <= truth and (pd.isna(found["high"]) or truth <= found["high"]))

    return covers


def _cramer(draw: Draw, truth: float) -> Callable[[np.random.Generator], bool]:
    return lambda rng: holds(cramers_v(*draw(rng))[0], truth)
