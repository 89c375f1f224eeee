"""How much faster one group ends in one way than another, of those still waiting: cause-specific hazards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from statsmodels.duration.hazard_regression import PHReg

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.competing_risks import incidence_curves

FEWEST_EVENTS_PER_TERM = 10
FEWEST_CLUSTERS = 20


def hazard_ratios(
    time: Sequence[float],
    event: Sequence[int],
    predictors: pd.DataFrame,
    entry: Sequence[float] | None = None,
    cluster: Sequence[object] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Estimate the ratio of hazards of each way to end, for each predictor (Cox 1972; cause-specific: Prentice et al. 1978).

    Assumes that ratios are the same at all times, and that those no longer seen go on like the others. A ratio of 2 means twice the pace
    among those still waiting, not twice the share in the end.

    Parameters
    ----------
    time, event, entry
        As in :func:`turquesa_stats.methods.competing_risks.cumulative_incidence`.
    predictors : DataFrame of numbers, shape (n, p)
        0 and 1 for no and yes; all known. Ties are dealt with as by Breslow (1974).
    cluster : sequence, shape (n,), optional
        Cluster of each unit, such as its court or case: errors of Lin and Wei (1989) summed over clusters, times G / (G - 1), and Student's
        t with G - 1 degrees of freedom.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row an ``event`` and ``term``: the ratio as estimate, ``p_value`` and ``events``.

    Raises
    ------
    MeasureRefused
        If an end has fewer than 10 events a predictor, there are fewer than 20 clusters, a predictor is unknown, does not vary, or is
        without events on one side, so that no finite ratio is best.
    """
    curves = incidence_curves(time, event, entry)
    _refuse_unfit(predictors, curves.size)
    groups = None if cluster is None else pd.factorize(pd.Series(list(cluster), dtype="object"))[0]
    if groups is not None and (len(groups) != curves.size or (groups < 0).any()):
        raise MeasureRefused("each unit needs its cluster: leave units without it out and say so")
    count = None if groups is None else len(np.unique(groups))
    if count is not None and count < FEWEST_CLUSTERS:
        raise MeasureRefused(f"{count} clusters do not show how much clusters differ: at least {FEWEST_CLUSTERS}")
    found = []
    for kind in range(1, curves.kinds + 1):
        ended = curves.event == kind
        _refuse_few_events(ended, predictors, kind)
        fitted: Any = PHReg(curves.time, predictors.to_numpy(float), ended.astype(int), entry=curves.entry, ties="breslow").fit(
            groups=groups
        )
        spread = 1.0 if count is None else count / (count - 1)
        error = np.asarray(fitted.bse) * np.sqrt(spread)
        law = norm if count is None else t(count - 1)
        reach = float(law.isf((1 - confidence) / 2))
        logs = np.asarray(fitted.params)
        found.append(
            pd.DataFrame(
                {
                    "event": kind,
                    "term": [str(name) for name in predictors],
                    "value": np.exp(logs),
                    "low": np.exp(logs - reach * error),
                    "high": np.exp(logs + reach * error),
                    "n": curves.size,
                    "unit": "ratio",
                    "method": "cox" if count is None else "cox, clustered",
                    "flag": "",
                    "p_value": 2 * law.sf(np.abs(logs) / error),
                    "events": int(ended.sum()),
                }
            )
        )
    return pd.concat(found, ignore_index=True)[["event", "term", *ESTIMATE_COLUMNS, "p_value", "events"]]


def _refuse_unfit(predictors: pd.DataFrame, size: int) -> None:
    if len(predictors) != size or predictors.empty:
        raise MeasureRefused(f"each of {size} units needs its predictors, not {len(predictors)}")
    for name, values in predictors.items():
        if not pd.api.types.is_numeric_dtype(values) or values.isna().any():
            raise MeasureRefused(f"{name} is not a number for every unit: leave units without it out and say so")
    if np.linalg.matrix_rank(np.column_stack([np.ones(size), predictors.to_numpy(float)])) <= predictors.shape[1]:
        raise MeasureRefused(f"the predictors {', '.join(map(str, predictors))} do not vary, or determine one another: leave one out")


def _refuse_few_events(ended: np.ndarray, predictors: pd.DataFrame, kind: int) -> None:
    events, terms = int(ended.sum()), predictors.shape[1]
    if events < FEWEST_EVENTS_PER_TERM * terms:
        raise MeasureRefused(f"{events} ends of kind {kind} do not carry {terms} predictors ({FEWEST_EVENTS_PER_TERM} for each)")
    for name, values in predictors.items():
        of_events = values.to_numpy(float)[ended]
        if values.nunique() == 2 and len(np.unique(of_events)) == 1:
            raise MeasureRefused(f"all ends of kind {kind} have {name} = {of_events[0]:g}: no finite ratio")
