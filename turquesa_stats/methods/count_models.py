"""Log-linear models of counts: Poisson and negative binomial, with the dispersion always told."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.genmod.families import NegativeBinomial as NegativeBinomialFamily
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.methods.intervals import SMALLEST_N

Family = Literal["poisson", "negative-binomial"]
Errors = Literal["model", "quasi", "hc3"]


@dataclass(frozen=True, slots=True)
class CountFit:
    """
    A fitted log-linear model.

    Attributes
    ----------
    coefficients : array, shape (p,)
        On the log scale.
    design : array, shape (n, p)
        The design times the square root of the working weights: with it, least squares has the model's errors (McCullagh and Nelder 1989).
    residuals : array, shape (n,)
        Pearson's residuals.
    dispersion : float
        Pearson's chi-squared by its degrees of freedom; 1 where the family's variance is right.
    overdispersion : float
        The negative binomial's alpha (variance = mean + alpha x mean squared), 0 for Poisson; theta is 1 / alpha.
    overdispersion_error : float
        Standard error of alpha with the means held; nan for Poisson.
    white : float
        Share of the residual variance that is pure counting (Poisson) noise, at most 1.
    """

    coefficients: np.ndarray
    design: np.ndarray
    residuals: np.ndarray
    dispersion: float
    overdispersion: float
    overdispersion_error: float
    white: float


def fit_counts(counts: np.ndarray, design: np.ndarray, exposure: np.ndarray, family: Family) -> CountFit:
    """
    Fit a log-linear model by maximum likelihood (statsmodels).

    Where counts vary no more than Poisson's, the negative binomial's likelihood is greatest at its limit, Poisson: then alpha is 0.

    Parameters
    ----------
    counts, exposure : arrays of float, shape (n,)
        The counts, and what they are counted over.
    design : array of float, shape (n, p)
        With a constant.
    family : {"poisson", "negative-binomial"}
        The negative binomial's variance is quadratic in the mean (NB2, as MASS's ``glm.nb``: Venables and Ripley 2002, section 7.4).

    Raises
    ------
    MeasureRefused
        If there are no more counts than coefficients, a column of the design says nothing new, or the fit does not converge or goes
        through every count.
    """
    n, p = design.shape
    if n <= p:
        raise MeasureRefused(f"{n} counts cannot carry {p} coefficients and an error: more counts or fewer terms are needed")
    if np.linalg.matrix_rank(design) < p:
        raise MeasureRefused("the terms of the model say the same thing twice: drop one")
    fitted = _glm(counts, design, exposure, Poisson())
    alpha, error = 0.0, float("nan")
    if family == "negative-binomial" and float(((counts - fitted.mu) ** 2 - counts).sum()) > 0:
        alpha, error = _overdispersion(counts, design, exposure, fitted)
        fitted = _glm(counts, design, exposure, NegativeBinomialFamily(alpha=alpha))
    variance = fitted.mu + alpha * fitted.mu**2
    residuals = (counts - fitted.mu) / np.sqrt(variance)
    if float(residuals @ residuals) < 1e-9:
        raise MeasureRefused("the model goes through every count: there is no error to judge it by")
    dispersion = float(residuals @ residuals) / (n - p)
    white = min(1.0, float((fitted.mu / variance).mean()) / dispersion)
    working = design * (fitted.mu / np.sqrt(variance))[:, None]
    return CountFit(np.asarray(fitted.params), working, residuals, dispersion, alpha, error, white)


def _glm(counts: np.ndarray, design: np.ndarray, exposure: np.ndarray, family: Any) -> Any:
    with warnings.catch_warnings():  # a fit through every count is refused by its residuals
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fitted = GLM(counts, design, family=family, offset=np.log(exposure)).fit(maxiter=200, tol=1e-12)
    if not fitted.converged or not np.isfinite(fitted.params).all():
        raise MeasureRefused("the model does not converge: a group or a stretch of time without events has no rate on the log scale")
    return fitted


def _overdispersion(counts: np.ndarray, design: np.ndarray, exposure: np.ndarray, poisson: Any) -> tuple[float, float]:
    model = NegativeBinomial(counts, design, loglike_method="nb2", offset=np.log(exposure))
    excess = ((counts - poisson.mu) ** 2 - poisson.mu).sum() / (poisson.mu**2).sum()
    start = np.append(poisson.params, max(float(excess), 1e-3))
    rough = model.fit(start, method="bfgs", maxiter=500, disp=False, warn_convergence=False, skip_hessian=True).params
    found = model.fit(rough, method="newton", maxiter=100, tol=1e-12, disp=False, warn_convergence=False, skip_hessian=True)
    alpha = float(found.params[-1])
    if not np.isfinite(found.params).all() or alpha <= 0 or np.abs(model.score(found.params)).max() > 1e-3 * max(1.0, counts.sum()):
        raise MeasureRefused("the negative binomial does not converge; use family='poisson' with robust errors")
    information = -float(model.hessian(found.params)[-1, -1])
    return alpha, information**-0.5 if information > 0 else float("nan")


def count_model(
    frame: pd.DataFrame,
    formula: str,
    family: Family = "negative-binomial",
    errors: Errors = "hc3",
    exposure: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """
    Fit a log-linear model of counts of independent units.

    Parameters
    ----------
    frame : DataFrame
        One row a unit; none of the variables used may be missing.
    formula : str
        Such as ``"Days ~ Sex + Age"``.
    family : {"poisson", "negative-binomial"}
        As in :func:`fit_counts`.
    errors : {"hc3", "quasi", "model"}
        ``hc3``: right also where the variance is not the family's (MacKinnon and White 1985, on the converged working regression), t-based;
        ``quasi``: the family's variance times the dispersion, t-based; ``model``: the family's variance believed (as R's ``summary``).
    exposure : str, optional
        Column of what the counts are counted over.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``term``, the coefficient (log of a ratio) as estimate, ``se``, ``p_value`` and the ``dispersion``; with the negative
        binomial a last row ``theta``, its error with the means held (as ``glm.nb``; no interval: its estimate is skewed).

    Raises
    ------
    MeasureRefused
        If a value is missing, or as :func:`fit_counts`.
    """
    model = GLM.from_formula(formula, frame, family=Poisson())
    if len(model.endog) < len(frame) or (exposure is not None and frame[exposure].isna().any()):
        raise MeasureRefused("values are missing in the variables of the model: drop or impute these rows, and say so")
    y, over = np.asarray(model.endog, dtype=float), np.ones(len(frame)) if exposure is None else frame[exposure].to_numpy(dtype=float)
    if (y < 0).any() or (y % 1 != 0).any() or not y.any() or (over <= 0).any():
        raise MeasureRefused("a model of counts needs whole numbers of zero or more, some above 0, over something more than zero")
    fit = fit_counts(y, np.asarray(model.exog, dtype=float), over, family)
    table = _told(list(model.exog_names), fit, errors, confidence)
    if family == "negative-binomial":
        table = pd.concat([table, _theta(fit)], ignore_index=True)
    flag = Flag.SMALL_N if y.sum() < SMALLEST_N else Flag.NONE
    table = table.assign(n=int(y.sum()), method=f"{family}, {errors}", flag=flag.value, dispersion=fit.dispersion)
    return table[["term", *ESTIMATE_COLUMNS, "se", "p_value", "dispersion"]]


def _told(names: list[str], fit: CountFit, errors: Errors, confidence: float) -> pd.DataFrame:
    working = OLS(fit.design @ fit.coefficients + fit.residuals, fit.design)
    if errors == "model":
        se = np.sqrt(np.diag(np.linalg.inv(fit.design.T @ fit.design)))
        reach, p_values = float(norm.isf((1 - confidence) / 2)) * se, 2 * norm.sf(np.abs(fit.coefficients) / se)
        low, high = fit.coefficients - reach, fit.coefficients + reach
    else:
        fitted = working.fit(cov_type="HC3", use_t=True) if errors == "hc3" else working.fit()
        se, p_values, (low, high) = fitted.bse, fitted.pvalues, fitted.conf_int(alpha=1 - confidence).T
    values = {"term": names, "value": fit.coefficients, "low": low, "high": high, "unit": "log ratio", "se": se, "p_value": p_values}
    return pd.DataFrame(values)


def _theta(fit: CountFit) -> pd.DataFrame:
    theta = 1 / fit.overdispersion if fit.overdispersion else np.inf
    se = fit.overdispersion_error / fit.overdispersion**2 if fit.overdispersion else np.nan
    return pd.DataFrame(
        {"term": ["theta"], "value": [theta], "low": [np.nan], "high": [np.nan], "unit": ["theta"], "se": [se], "p_value": [np.nan]}
    )
