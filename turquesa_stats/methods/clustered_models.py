"""Regression for records that come in groups, such as the accused before one court: effects with errors that know of the groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.stats import t
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Binomial, Gaussian
from statsmodels.genmod.generalized_estimating_equations import GEE

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS

FEWEST_CLUSTERS = 10
FEWEST_EVENTS_PER_TERM = 10
FEWEST_CLUSTERS_OF_VALUE = 5
Outcome = Literal["yes-no", "amount"]


def clustered_model(
    frame: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str, kind: Outcome = "yes-no", confidence: float = 0.95
) -> pd.DataFrame:
    """
    Fit a regression to records of clusters: logistic for an outcome of 0 and 1, linear for an amount.

    Assumes that clusters are independent and that the terms act as the model says; not that records of a cluster are independent.
    Estimating equations with independence as working correlation (Liang and Zeger 1986), the covariance of Mancl and DeRouen (2001), which
    mends the bias that few clusters bring, and Student's t with one degree of freedom less than clusters.

    Parameters
    ----------
    frame : DataFrame of numbers
        One row a record: outcome, terms (0 and 1 for no and yes) and cluster, all known.
    outcome : str
        Its column.
    terms : sequence of str
        Columns; a constant is added.
    cluster : str
        Column of the cluster.
    kind : {"yes-no", "amount"}
        What the outcome is.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``term``: coefficient (log odds, or units of the amount) as estimate, ``se``, ``p_value``, ``clusters``.

    Raises
    ------
    MeasureRefused
        If a value is unknown, an outcome or term does not vary, terms determine one another or the outcome (separation), there are fewer
        than 10 of the rarer outcome (or 10 records) for each term, fewer than 10 clusters, or a term of two values has one of them in fewer
        than 5 clusters.
    """
    fitted = _fitted(frame, outcome, terms, cluster, kind)
    reach = float(t.isf((1 - confidence) / 2, fitted.clusters - 1))
    error = np.sqrt(np.diag(fitted.covariance))
    return pd.DataFrame(
        {
            "term": ["constant", *terms],
            "value": fitted.coefficients,
            "low": fitted.coefficients - reach * error,
            "high": fitted.coefficients + reach * error,
            "n": len(frame),
            "unit": "log odds" if kind == "yes-no" else "amount",
            "method": "gee, mancl-derouen",
            "flag": "",
            "se": error,
            "p_value": 2 * t.sf(np.abs(fitted.coefficients) / error, fitted.clusters - 1),
            "clusters": fitted.clusters,
        }
    )[["term", *ESTIMATE_COLUMNS, "se", "p_value", "clusters"]]


def marginal_effects(frame: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str, confidence: float = 0.95) -> pd.DataFrame:
    """
    Estimate by how many percentage points each term changes the chance of an outcome, on average over the records (logistic model).

    For a term of 0 and 1 it is the mean of the chance with it less that without, all else of each record as it is; for another term the
    mean slope. Assumptions, parameters and refusals as :func:`clustered_model`. The error is by the delta method (Bartus 2005) and includes
    that another draw of clusters would have had other records.

    Returns
    -------
    DataFrame
        One row a ``term``: the effect as estimate in ``percentage points``, ``se``, ``p_value``, ``clusters``.

    Raises
    ------
    MeasureRefused
        As :func:`clustered_model`.
    """
    fitted = _fitted(frame, outcome, terms, cluster, "yes-no")
    reach = float(t.isf((1 - confidence) / 2, fitted.clusters - 1))
    rows = []
    for place, term in enumerate(terms, start=1):
        effects, slopes = _effects(fitted, place)
        of_cluster = pd.Series(effects - effects.mean()).groupby(fitted.cluster).sum()
        drawn = float((of_cluster**2).sum()) / len(frame) ** 2 * fitted.clusters / (fitted.clusters - 1)
        error = float(np.sqrt(slopes @ fitted.covariance @ slopes + drawn))
        value = float(effects.mean())
        rows.append(
            {
                "term": term,
                "value": 100 * value,
                "low": 100 * (value - reach * error),
                "high": 100 * (value + reach * error),
                "n": len(frame),
                "unit": "percentage points",
                "method": "delta, mancl-derouen",
                "flag": "",
                "se": 100 * error,
                "p_value": float(2 * t.sf(abs(value) / error, fitted.clusters - 1)),
                "clusters": fitted.clusters,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    predictors: np.ndarray
    cluster: np.ndarray
    coefficients: np.ndarray
    covariance: np.ndarray
    clusters: int


def _fitted(frame: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str, kind: Outcome) -> _Fit:
    y, x, groups = _numbers(frame, outcome, terms, cluster)
    _refuse_too_little(y, x, groups, outcome, terms, kind)
    if kind == "yes-no":
        _refuse_separation(y, x, terms)
    family = Binomial() if kind == "yes-no" else Gaussian()
    result: Any = GEE(y, x, groups, family=family, cov_struct=Independence()).fit(cov_type="bias_reduced")
    return _Fit(x, groups, np.asarray(result.params), np.asarray(result.cov_robust_bc), len(np.unique(groups)))


def _effects(fitted: _Fit, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the effect of a term on the chance of each record, and the derivative of the mean effect by the coefficients."""
    x, beta = fitted.predictors, fitted.coefficients
    if set(np.unique(x[:, place])) <= {0.0, 1.0}:
        with_it, without = x.copy(), x.copy()
        with_it[:, place], without[:, place] = 1.0, 0.0
        high, low = _chance(with_it @ beta), _chance(without @ beta)
        slopes = (high * (1 - high))[:, None] * with_it - (low * (1 - low))[:, None] * without
        return high - low, slopes.mean(axis=0)
    chance = _chance(x @ beta)
    spread = chance * (1 - chance)
    slopes = beta[place] * (spread * (1 - 2 * chance))[:, None] * x
    slopes[:, place] += spread
    return beta[place] * spread, slopes.mean(axis=0)


def _chance(linear: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-linear)))


def _numbers(frame: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    names = [outcome, *terms]
    absent = [name for name in [*names, cluster] if name not in frame]
    if absent or not terms:
        raise MeasureRefused(f"the model needs an outcome, terms and a cluster; not in the data: {', '.join(absent) or 'any term'}")
    unknown = [f"{name} ({int(frame[name].isna().sum())})" for name in [*names, cluster] if frame[name].isna().any()]
    if unknown:
        raise MeasureRefused(f"unknown values in {', '.join(unknown)}: leave these records out and say so, or impute them (imputed_model)")
    unfit = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    if unfit:
        raise MeasureRefused(f"a model takes numbers (0 and 1 for no and yes), not {', '.join(unfit)}")
    ordered = frame.sort_values([cluster, *names], kind="stable")
    x = np.column_stack([np.ones(len(ordered)), ordered[list(terms)].to_numpy(float)])
    return ordered[outcome].to_numpy(float), x, pd.factorize(ordered[cluster])[0]


def _refuse_too_little(y: np.ndarray, x: np.ndarray, groups: np.ndarray, outcome: str, terms: Sequence[str], kind: Outcome) -> None:
    if kind == "yes-no" and not set(np.unique(y)) <= {0.0, 1.0}:
        raise MeasureRefused(f"{outcome} is not 0 and 1; for an amount say so")
    clusters = len(np.unique(groups))
    if clusters < FEWEST_CLUSTERS:
        raise MeasureRefused(f"{clusters} clusters do not show how much clusters differ: at least {FEWEST_CLUSTERS}; give the plain table")
    enough = int(min(y.sum(), len(y) - y.sum())) if kind == "yes-no" else len(y)
    if enough < FEWEST_EVENTS_PER_TERM * len(terms):
        raise MeasureRefused(
            f"{enough} of the rarer outcome carry {enough // FEWEST_EVENTS_PER_TERM} terms, not {len(terms)} "
            f"({FEWEST_EVENTS_PER_TERM} a term): leave terms out or join groups"
        )
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise MeasureRefused(f"the terms {', '.join(terms)} do not vary, or determine one another: leave one out")
    for place, term in enumerate(terms, start=1):
        values = np.unique(x[:, place])
        seen = min(len(np.unique(groups[x[:, place] == value])) for value in values) if len(values) == 2 else clusters
        if seen < FEWEST_CLUSTERS_OF_VALUE:
            raise MeasureRefused(
                f"one value of {term} is in {seen} clusters only, too few for its error to be trusted: at least {FEWEST_CLUSTERS_OF_VALUE}"
            )


def _refuse_separation(y: np.ndarray, x: np.ndarray, terms: Sequence[str]) -> None:
    """Refuse terms that split yes from no without overlap, so that no finite coefficient is best (Albert and Anderson 1984; Konis 2007)."""
    signed = np.unique((2 * y - 1)[:, None] * x, axis=0)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=[(-1, 1)] * x.shape[1], method="highs")
    weights = np.asarray(found.x, dtype=float)
    if (signed @ weights).sum() > 1e-7:
        guilty = [name for name, weight in zip(terms, weights[1:], strict=True) if abs(weight) > 1e-7]
        raise MeasureRefused(f"{', '.join(guilty)} tell yes from no without error for some records (separation): leave out, or join values")
