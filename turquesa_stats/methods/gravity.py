"""Flows between pairs as a product of what origins send, destinations draw and distance holds back (gravity model)."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.stats import t
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS

Floats = npt.NDArray[np.float64]
FEWEST_FLOWS = 30
FLOWS_PER_TERM = 2
FEWEST_CLUSTERS = 20
_NOTHING = 1e-7


def gravity(flows: pd.DataFrame, formula: str, cluster: str | None = None, confidence: float = 0.95) -> pd.DataFrame:
    """
    Estimate how flows depend on their origin, destination and what lies between, by Poisson pseudo maximum likelihood.

    Consistent where the mean of the flow is the exponential of a linear function of the terms, whatever its variance, and with flows of 0
    (Santos Silva and Tenreyro 2006), which have to be in the table: a pair that is missing is not a pair without flow. Coefficients tell
    how flows differ, not why; origin and destination effects are written into the formula (``C(origin) + C(destination)``).

    Parameters
    ----------
    flows : DataFrame
        One row a pair and period.
    formula : str
        Such as ``"flow ~ np.log(distance) + border + C(origin) + C(destination)"``.
    cluster : str, optional
        Column within which errors go together, such as the origin; by default errors are robust to any variance (HC3: MacKinnon and White
        1985, on the converged working regression).
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``term``: coefficient (log of the ratio of flows) as estimate, with the interval of Student's t; ``p_value``, and
        ``dispersion`` of the whole (Pearson's chi-squared by degrees of freedom; above 1, counts vary more than Poisson counts, which
        robust errors allow for). In clusters the error is that of the jackknife over them (CV3: MacKinnon, Nielsen and Webb 2023), which
        does not understate it where clusters are few. The degrees of freedom of a term are one less than the number of equal clusters, or
        flows, that would tell as much of it, were all flows of a cluster to err in proportion (Carter, Schnepel and Steigerwald 2017): in
        clusters the worst case, so that the interval covers at least as often as it says. With many origin and destination effects in a
        small table the errors come out too small (Weidner and Zylkin 2021).

    Raises
    ------
    MeasureRefused
        If a flow or term is missing or no count, there are fewer than 30 flows, two a term or 20 clusters, terms cannot be told apart, or
        some flows of 0 are foretold by the terms alone (separation; Correia, Guimarães and Zylkin 2019): their estimate is not finite.
    """
    model = _model(flows, formula)
    fitted = model.fit()
    value = np.asarray(fitted.params)
    code = np.arange(len(flows)) if cluster is None else _clusters(flows[cluster])
    error = _robust_errors(model, value) if cluster is None else _jackknife_errors(model, value, code)
    freedom = _freedom(model, np.asarray(fitted.mu), code)
    reach = t.isf((1 - confidence) / 2, freedom) * error
    return pd.DataFrame(
        {
            "term": list(model.exog_names),
            "value": value,
            "low": value - reach,
            "high": value + reach,
            "n": len(flows),
            "unit": "log ratio",
            "method": "ppml, hc3" if cluster is None else f"ppml, clusters by {cluster}",
            "flag": "",
            "p_value": 2 * t.sf(np.abs(value) / error, freedom),
            "dispersion": float(fitted.pearson_chi2 / fitted.df_resid),
        }
    )[["term", *ESTIMATE_COLUMNS, "p_value", "dispersion"]]


def _robust_errors(model: GLM, value: Floats) -> Floats:
    """Return standard errors right for any variance of single flows; statsmodels' GLM would give HC0 by this name, which is too small."""
    x, y = np.asarray(model.exog), np.asarray(model.endog)
    linear = x @ value
    root = np.exp(linear / 2)
    working = OLS(root * linear + (y - root**2) / root, x * root[:, None]).fit(cov_type="HC3")
    return np.asarray(working.bse, dtype=np.float64)


def _clusters(cluster: pd.Series[str]) -> npt.NDArray[np.intp]:
    code, names = pd.factorize(cluster)
    if len(names) < FEWEST_CLUSTERS or (code < 0).any():
        raise MeasureRefused(
            f"{len(names)} clusters are too few, or one is missing; errors that go together need {FEWEST_CLUSTERS} or more"
        )
    return np.asarray(code)


def _jackknife_errors(model: GLM, value: Floats, code: npt.NDArray[np.intp]) -> Floats:
    """Return standard errors from leaving out one cluster at a time."""
    x, y, clusters = np.asarray(model.exog), np.asarray(model.endog), int(code.max()) + 1
    moved = [
        np.asarray(GLM(y[code != one], x[code != one], family=Poisson()).fit(start_params=value).params) - value for one in range(clusters)
    ]
    variance: Floats = (clusters - 1) / clusters * (np.array(moved) ** 2).sum(axis=0)
    return np.sqrt(variance)


def _freedom(model: GLM, mean: Floats, code: npt.NDArray[np.intp]) -> Floats:
    """Return the degrees of freedom of each term: the clusters, or flows, that tell of it, as so many equal ones, less one."""
    x = np.asarray(model.exog)
    told = x @ np.linalg.inv((x * mean[:, None]).T @ x) * mean[:, None]
    part = np.zeros((int(code.max()) + 1, x.shape[1]))
    np.add.at(part, code, told)
    effective = (part**2).sum(axis=0) ** 2 / (part**4).sum(axis=0)
    return np.asarray(np.maximum(effective - 1, 1.0))


def expected_flows(flows: pd.DataFrame, formula: str) -> pd.DataFrame:
    """
    Return each flow beside the one that a gravity model expects.

    With origin and destination effects, what is expected adds up to what was observed for every origin and every destination
    (Fally 2015), so that a flow above it is one above what the size of both ends explains.

    Returns
    -------
    DataFrame
        ``flows`` with ``expected`` and ``residual`` (Pearson's, divided by the root of the dispersion: beyond 2 or so is unusual).

    Raises
    ------
    MeasureRefused
        As :func:`gravity`.
    """
    fitted = _model(flows, formula).fit()
    spread = np.sqrt(max(1.0, float(fitted.pearson_chi2 / fitted.df_resid)))
    return flows.assign(expected=np.asarray(fitted.fittedvalues), residual=np.asarray(fitted.resid_pearson) / spread)


def _model(flows: pd.DataFrame, formula: str) -> GLM:
    if len(flows) < FEWEST_FLOWS:
        raise MeasureRefused(f"{len(flows)} flows are too few for a gravity model; at least {FEWEST_FLOWS}, those of 0 included")
    lacking = [str(name) for name in flows if re.search(rf"\b{re.escape(str(name))}\b", formula) and flows[name].isna().any()]
    if lacking:
        raise MeasureRefused(
            f"{', '.join(lacking)} is missing for some flows; every flow needs all its terms, and a flow not known is not 0"
        )
    model = GLM.from_formula(formula, flows, family=Poisson())
    observed, terms = np.asarray(model.endog, dtype=float), np.asarray(model.exog, dtype=float)
    if not np.isfinite(terms).all() or not np.isfinite(observed).all() or (observed < 0).any():
        raise MeasureRefused("flows are counts of 0 or more and terms are finite; a censored flow has bounds, not a place in a model")
    if len(observed) < FLOWS_PER_TERM * terms.shape[1]:
        raise MeasureRefused(f"{len(observed)} flows for {terms.shape[1]} terms; at least {FLOWS_PER_TERM} a term are needed: drop some")
    if np.linalg.matrix_rank(terms) < terms.shape[1]:
        raise MeasureRefused(f"the terms cannot be told apart: one of {', '.join(model.exog_names)} follows from the others")
    foretold = separated(observed, terms)
    if foretold.any():
        raise MeasureRefused(
            f"{int(foretold.sum())} flows of 0 are foretold by the terms alone (rows {', '.join(map(str, flows.index[foretold][:5]))}): "
            "their effect has no finite estimate; leave out the term or these flows, and say so"
        )
    return model


def separated(flows: npt.ArrayLike, terms: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """
    Return which flows of 0 the terms of a Poisson model foretell, so that its estimate is not finite.

    Parameters
    ----------
    flows : array of float, shape (n,)
        Counts.
    terms : array of float, shape (n, p)
        The terms, a constant included.

    Returns
    -------
    array of bool, shape (n,)
        Flows of 0 at which some combination of the terms is above 0, while it is 0 at all flows above 0 and below 0 at none (Correia,
        Guimarães and Zylkin 2019, proposition 1; found by linear programmes, each without the flows found before).

    Examples
    --------
    >>> separated([3, 1, 0, 2], [[1, 0], [1, 0], [1, 1], [1, 0]]).tolist()
    [False, False, True, False]
    """
    y, x = np.asarray(flows, dtype=float), np.asarray(terms, dtype=float)
    x = x / np.maximum(np.abs(x).max(axis=0), np.finfo(float).tiny)
    found = np.zeros(len(y), dtype=bool)
    while True:
        more = _foretold(x[~found], y[~found] == 0)
        if not more.any():
            return found
        found[np.flatnonzero(~found)[more]] = True


def _foretold(x: npt.NDArray[np.float64], empty: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the flows of 0 at which one combination of terms is above 0; its values there, at most 1, are unknowns of the programme."""
    found = np.zeros(len(empty), dtype=bool)
    count, terms = int(empty.sum()), x.shape[1]
    if not count:
        return found
    equal = np.block([[x[~empty], np.zeros((len(x) - count, count))], [x[empty], -np.eye(count)]])
    reward = np.concatenate([np.zeros(terms), -np.ones(count)])
    solved = linprog(reward, A_eq=equal, b_eq=np.zeros(len(x)), bounds=[(None, None)] * terms + [(0, 1)] * count, method="highs")
    if not solved.success or solved.x is None:
        raise MeasureRefused(f"whether the terms foretell flows of 0 could not be found: {solved.message}")
    found[empty] = solved.x[terms:] > _NOTHING
    return found
