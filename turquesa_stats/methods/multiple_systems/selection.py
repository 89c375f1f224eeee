"""Which two-list effects a model of capture histories holds."""

from __future__ import annotations

from itertools import chain, combinations

from scipy.stats import poisson

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit, fit, why_not

THRESHOLD = 0.02
MOST_LISTS_FOR_ALL_MODELS = 5  # 1,024 models; six lists have 32,768


def stepwise(table: CaptureTable, threshold: float = THRESHOLD) -> LogLinearFit:
    """
    Add two-list effects one by one, that of the smallest p-value first, while it is below the threshold.

    The p-value of a pair is the one-sided Poisson probability of as few or as many persons on both lists as there are, given what the
    model so far expects (Chan, Silverman and Vincent 2021, section 3.2). A pair whose model has no single finite estimate is passed over.

    Raises
    ------
    MeasureRefused
        If even the model of independent lists has no estimate.
    """
    best = fit(table)
    while True:
        left = [pair for pair in table.pairs if pair not in best.pairs]
        by_p_value = sorted((_p_value(best, pair), place, pair) for place, pair in enumerate(left))
        worthy = (pair for p_value, _, pair in by_p_value if p_value < threshold)
        chosen = next((pair for pair in worthy if not why_not(table, (*best.pairs, pair))), None)
        if chosen is None:
            return best
        best = fit(table, (*best.pairs, chosen))


def _p_value(model: LogLinearFit, pair: tuple[int, int]) -> float:
    seen, expected = model.table.overlap(pair), float(model.expected[model.table.on_both(pair)].sum())
    return float(min(poisson.cdf(seen, expected), poisson.sf(seen - 1, expected)))


def all_models(table: CaptureTable) -> tuple[list[LogLinearFit], int]:
    """
    Fit every model with some two-list effects and none of higher order.

    Returns
    -------
    list of LogLinearFit, int
        The models that have a single finite estimate, and how many have none.

    Raises
    ------
    MeasureRefused
        With more than five lists (too many models), or if no model has an estimate.
    """
    if len(table.lists) > MOST_LISTS_FOR_ALL_MODELS:
        raise MeasureRefused(
            f"{len(table.lists)} lists have {2 ** len(table.pairs):,} models; merge lists until {MOST_LISTS_FOR_ALL_MODELS} are left"
        )
    every = chain.from_iterable(combinations(table.pairs, size) for size in range(len(table.pairs) + 1))
    possible = [pairs for pairs in every if not why_not(table, pairs)]
    if not possible:
        raise MeasureRefused("no model of these lists has a finite estimate: they overlap too little")
    return [fit(table, pairs) for pairs in possible], 2 ** len(table.pairs) - len(possible)
