"""The number of persons never seen: several ways of estimating it side by side, never a single one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.methods.multiple_systems.averaging import average
from turquesa_stats.methods.multiple_systems.bootstrap import resample
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit, fit
from turquesa_stats.methods.multiple_systems.selection import stepwise

FEWEST_LISTS = 3
FEWEST_ON_SEVERAL = 10  # persons on two lists or more
LARGEST_SPREAD = 2.0  # between the ways of estimating, before the answer is called sensitive
_COLUMNS = ("approach", "left_out", *ESTIMATE_COLUMNS, "model", "reason")


def hidden_population(table: CaptureTable, seed: int, resamples: int = 1000, confidence: float = 0.95) -> pd.DataFrame:
    """
    Estimate how many persons there are, on the lists and on none, in several ways.

    Assumptions: the population does not change during the period; records of one person are linked without error; every person can be on
    every list; persons differ little in their chances but for the dependence of lists in the model. With trafficking each of them is
    doubtful, so the ways of estimating are given together (:func:`spread`) and the estimate is of persons like those who can be detected.

    Parameters
    ----------
    table : CaptureTable
        Three lists or more of which each shares persons with another.
    seed : int
        Seed of the resampling.
    resamples : int
        Resamples of the interval that counts the choice of the model.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a way (``approach``): ``stepwise`` (interval given the model), ``stepwise_resampled`` (the same estimate; BCa interval over
        the whole selection), ``averaged`` (all models by BIC weight), ``independent`` (no dependence of lists), and ``leave_one_out`` for
        each list in ``left_out``. Columns of an estimate (unit ``persons``, ``n`` persons seen), ``model`` (the dependences in it) and
        ``reason`` why there is no estimate, or what to know of it.

    Raises
    ------
    MeasureRefused
        With fewer than three lists, a list that shares nobody with the others, fewer than ten persons on several lists, or if no model
        has a finite estimate.

    References
    ----------
    Bales, K., Hesketh, O. and Silverman, B. W. (2015), Significance 12(3); Chan, Silverman and Vincent (2021), JASA 116.
    """
    _refuse_what_overlaps_too_little(table)
    tail = (1 - confidence) / 2

    def of_model(model: LogLinearFit) -> dict[str, Any]:
        return {
            "value": model.total,
            "low": model.quantile(tail),
            "high": model.quantile(1 - tail),
            "model": " ".join(model.table.named(model.pairs)),
        }

    chosen = stepwise(table)

    def resampled() -> dict[str, Any]:
        found = resample(table, stepwise, resamples, seed)
        edge = found.at_edge(tail) or found.at_edge(1 - tail)
        reason = "an end of the interval is the outermost resample itself: take more resamples" if edge else ""
        return of_model(chosen) | {"low": found.quantile(tail), "high": found.quantile(1 - tail), "reason": reason}

    def averaged() -> dict[str, Any]:
        found = average(table)
        middle = {"value": found.quantile(0.5), "low": found.quantile(tail), "high": found.quantile(1 - tail)}
        return middle | {"model": f"{len(found.models)} models, heaviest {found.weights[0]:.2f}"}

    rows = [
        _row("stepwise", table, lambda: of_model(chosen)),
        _row("stepwise_resampled", table, resampled, method="bca"),
        _row("averaged", table, averaged, method="bic-weights"),
        _row("independent", table, lambda: of_model(fit(table))),
        *_leave_one_out(table, of_model),
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _leave_one_out(table: CaptureTable, of_model: Callable[[LogLinearFit], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for name in table.lists:

        def without(name: str = name) -> dict[str, Any]:
            rest = table.without(name)
            _refuse_what_overlaps_too_little(rest, fewest_lists=2)
            return of_model(stepwise(rest))

        yield _row("leave_one_out", table, without, left_out=name)


def _row(approach: str, table: CaptureTable, answer: Callable[[], dict[str, Any]], **more: str) -> dict[str, Any]:
    """Return one way of estimating; if it must be refused, its reason stands in the place of its number."""
    frame = {"approach": approach, "left_out": "", "n": table.seen, "unit": "persons", "method": "log-normal", "flag": Flag.NONE.value}
    nothing = {"value": None, "low": None, "high": None, "model": "", "reason": ""}
    try:
        return frame | nothing | answer() | more
    except MeasureRefused as refusal:
        return frame | nothing | {"reason": str(refusal)} | more


def _refuse_what_overlaps_too_little(table: CaptureTable, fewest_lists: int = FEWEST_LISTS) -> None:
    if len(table.lists) < fewest_lists:
        raise MeasureRefused(f"{len(table.lists)} lists cannot tell how many are on none: at least {fewest_lists} are needed")
    shared = table.overlaps().to_numpy(copy=True)
    alone = [name for name, row, own in zip(table.lists, shared, shared.diagonal(), strict=True) if row.sum() == own]
    if alone:
        raise MeasureRefused(
            f"nobody on {', '.join(alone)} is on another list: whether such a list is independent of the others cannot be known; "
            "leave it out or merge it with the list most like it"
        )
    several = int(table.counts[table.histories.sum(axis=1) > 1].sum())
    if several < FEWEST_ON_SEVERAL:
        raise MeasureRefused(f"{several} persons are on more than one list: fewer than {FEWEST_ON_SEVERAL} give no estimate")


def spread(found: pd.DataFrame) -> tuple[float, float, bool]:
    """
    Return the smallest and largest estimate among the ways of estimating, and whether they are too far apart for one number.

    Parameters
    ----------
    found : DataFrame
        From :func:`hidden_population`.

    Returns
    -------
    float, float, bool
        Smallest, largest, and whether the largest is more than twice the smallest: then only the range may be told.
    """
    values = found["value"].dropna()
    return float(values.min()), float(values.max()), bool(values.max() > LARGEST_SPREAD * values.min())
