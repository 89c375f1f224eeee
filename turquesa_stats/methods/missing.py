"""What unknown answers allow: bounds without assumptions, and imputation under one that is named."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import t
from statsmodels.genmod.families import Binomial, Gaussian
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.imputation.mice import MICE, MICEData
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning
from statsmodels.tools.tools import add_constant

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.methods.intervals import proportion

MOST_MISSING = 0.4
FEWEST_KNOWN = 50
_BURN_IN = 10


def share_with_unknown(count: int, known: int, unknown: int, confidence: float = 0.95) -> tuple[Estimate, Estimate]:
    """
    Return the bounds of a share when some answers are unknown, without any assumption on these.

    Parameters
    ----------
    count : int
        Units known to have the characteristic.
    known : int
        Units of which it is known.
    unknown : int
        Units of which it is not.
    confidence : float
        Confidence level of the second result.

    Returns
    -------
    Estimate, Estimate
        The identification bounds of the units at hand: none, or all, of the unknown have it (Manski 1989; 2003, chapter 1). And the same
        with chance: from the Wilson end of the lower to that of the upper bound, which covers the share at least as often as it says
        (Horowitz and Manski 2000).

    Raises
    ------
    MeasureRefused
        If the numbers cannot be counts of one set of units.

    Examples
    --------
    >>> bounds, with_chance = share_with_unknown(30, 60, 40)
    >>> bounds.low, bounds.high, with_chance.low < bounds.low
    (0.3, 0.7, True)
    """
    if unknown < 0 or known < 0 or known + unknown == 0 or not 0 <= count <= known:
        raise MeasureRefused(f"{count} of {known} known and {unknown} unknown are no counts of one set of units")
    every = known + unknown
    smallest, largest = proportion(count, every, confidence=confidence), proportion(count + unknown, every, confidence=confidence)
    flag = Flag.BOUNDS if unknown else Flag.NONE
    at_hand = Estimate(None if unknown else count / every, count / every, (count + unknown) / every, every, "share", "bounds", flag)
    return at_hand, Estimate(None if unknown else count / every, smallest.low, largest.high, every, "share", "bounds and wilson", flag)


def imputed_model(frame: pd.DataFrame, formula: str, seed: int, imputations: int = 20, confidence: float = 0.95) -> pd.DataFrame:
    """
    Fit a regression to data with unknown values, by multiple imputation with chained equations.

    Assumes that whether a value is unknown depends only on what is known (missing at random), and linear dependence between variables.
    Neither can be seen in the data: print the bounds (:func:`share_with_unknown`) and the known cases beside it. Values are imputed by
    predictive mean matching (van Buuren and Groothuis-Oudshoorn 2011), fits are combined by Rubin's (1987) rules, both in statsmodels.

    Parameters
    ----------
    frame : DataFrame of numbers
        All variables of the formula and those that help to predict unknown values; an outcome of 0 and 1 gets a logistic model.
    formula : str
        With one term or more, such as ``"convicted ~ woman + cross_border"``; for a share see :func:`imputed_share`.
    seed : int
        Seed of the imputation.
    imputations : int
        At least 5.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``term``: coefficient (log odds for an outcome of 0 and 1) as estimate, ``p_value``, and ``missing_information``, the
        share of its variance that comes from what is unknown.

    Raises
    ------
    MeasureRefused
        If nothing is unknown or a variable is not numeric, has more than 40 % unknown or fewer than 50 known values.
    """
    _refuse_what_imputation_cannot_answer(frame, imputations)
    outcome = frame[formula.split("~", maxsplit=1)[0].strip()]
    binary = outcome.dropna().isin([0, 1]).all()
    data = MICEData(frame.astype(float).reset_index(drop=True), rng=seed)
    fitted = MICE(formula, GLM, data, init_kwds={"family": Binomial() if binary else Gaussian()}).fit(_BURN_IN, imputations)
    ends = fitted.conf_int(alpha=1 - confidence)
    return pd.DataFrame(
        {
            "term": list(fitted.model.exog_names),
            "value": fitted.params,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "n": len(frame),
            "unit": "log odds" if binary else "mean",
            "method": "mice",
            "flag": "",
            "p_value": fitted.pvalues,
            "missing_information": fitted.frac_miss_info,
        }
    )[["term", *ESTIMATE_COLUMNS, "p_value", "missing_information"]]


def imputed_share(frame: pd.DataFrame, characteristic: str, seed: int, imputations: int = 20, confidence: float = 0.95) -> Estimate:
    """
    Estimate the share of units with a characteristic that is unknown for some, by multiple imputation from other variables.

    Assumptions as :func:`imputed_model`; the characteristic itself is drawn from a logistic model given the other variables (Rubin 1987,
    section 5.3; van Buuren and Groothuis-Oudshoorn 2011), which matched donors would narrow. Shares of the imputed sets are combined by
    Rubin's rules with the degrees of freedom
    of Rubin (1987, equation 3.1.6).

    Parameters
    ----------
    frame : DataFrame of numbers
        The characteristic (0, 1 or missing) and what helps to predict it.
    characteristic : str
        Its column.
    seed, imputations, confidence
        As in :func:`imputed_model`.

    Raises
    ------
    MeasureRefused
        As :func:`imputed_model`; also if the characteristic is not 0 and 1, does not vary, is foretold exactly, or nothing
        stands beside it.
    """
    _refuse_what_imputation_cannot_answer(frame, imputations)
    if set(frame[characteristic].dropna()) != {0, 1} or frame.shape[1] < 2:
        raise MeasureRefused(f"imputing {characteristic} needs both 0 and 1 in it, and another variable that helps to predict it")
    shares = []
    rng = np.random.default_rng(seed)
    given = frame.astype(float).reset_index(drop=True)
    data = MICEData(given, rng=rng)
    data.update_all(_BURN_IN)
    for _ in range(imputations):
        data.update_all()
        shares.append(_drawn_share(given[characteristic], data.data.drop(columns=characteristic), rng))
    n, value = len(frame), float(np.mean(shares))
    within, between = float(np.mean([share * (1 - share) / n for share in shares])), float(np.var(shares, ddof=1)) * (1 + 1 / imputations)
    freedom = (imputations - 1) * (1 + within / between) ** 2 if between else np.inf
    reach = float(t.isf((1 - confidence) / 2, freedom)) * float(np.sqrt(within + between))
    return Estimate(value, max(0.0, value - reach), min(1.0, value + reach), n, "share", "mice")


def _drawn_share(characteristic: pd.Series[float], predictors: pd.DataFrame, rng: np.random.Generator) -> float:
    """Return the share with the unknown drawn from a logistic model of the known, its coefficients drawn too."""
    design, known = add_constant(predictors.to_numpy(), has_constant="add"), characteristic.notna().to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            fitted = GLM(characteristic[known].to_numpy(), design[known], family=Binomial()).fit()
        except PerfectSeparationWarning:
            raise MeasureRefused("the other variables foretell the characteristic exactly: give bounds, not imputed values") from None
    coefficients = rng.multivariate_normal(fitted.params, fitted.cov_params())
    drawn = rng.random(int((~known).sum())) < expit(design[~known] @ coefficients)
    return float((characteristic[known].sum() + drawn.sum()) / len(characteristic))


def _refuse_what_imputation_cannot_answer(frame: pd.DataFrame, imputations: int) -> None:
    if imputations < 5:
        raise MeasureRefused(f"{imputations} imputations do not show how uncertain they are: at least 5")
    unfit = [str(name) for name, kind in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if unfit:
        raise MeasureRefused(f"imputation takes numbers (0 and 1 for no and yes), not {', '.join(unfit)}")
    known, missing = frame.notna().sum(), frame.isna().mean()
    if not missing.any():
        raise MeasureRefused("nothing is unknown: fit the model itself")
    worst = [f"{name} ({share:.0%})" for name, share in missing.items() if share > MOST_MISSING]
    if worst:
        raise MeasureRefused(f"more than {MOST_MISSING:.0%} unknown in {', '.join(worst)}: give bounds, not imputed values")
    few = [f"{name} ({count})" for name, count in known.items() if count < FEWEST_KNOWN]
    if few:
        raise MeasureRefused(f"fewer than {FEWEST_KNOWN} known values in {', '.join(few)}")
