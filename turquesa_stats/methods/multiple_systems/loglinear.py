"""Poisson log-linear models of capture histories in sparse tables: existence, identifiability, fit."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import linprog
from scipy.stats import norm
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable, Pair

_NUMERICAL_ZERO = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LogLinearFit:
    """
    A fitted model of a capture table.

    Attributes
    ----------
    table : CaptureTable
        What was fitted.
    pairs : tuple of pairs
        Two-list effects in the model, those of empty overlaps included (their estimate is minus infinity).
    unseen_log, unseen_log_se : float
        Logarithm of the expected number on no list, and its standard error.
    expected : array of float, shape (2**L - 1,)
        Expected counts of all histories; zero where an empty overlap is in the model.
    deviance, aic, bic : float
        ``bic`` counts the persons seen as its sample; parameters at minus infinity count as parameters.
    """

    table: CaptureTable
    pairs: tuple[Pair, ...]
    unseen_log: float
    unseen_log_se: float
    expected: np.ndarray
    deviance: float
    aic: float
    bic: float

    @property
    def total(self) -> float:
        """Persons seen and not seen."""
        return self.table.seen + float(np.exp(self.unseen_log))

    def quantile(self, probability: float) -> float:
        """Return a quantile of the total, normal on the log scale of the unseen, given the model."""
        return self.table.seen + float(np.exp(norm.ppf(probability, self.unseen_log, self.unseen_log_se)))


def design(table: CaptureTable, pairs: tuple[Pair, ...]) -> tuple[np.ndarray, np.ndarray]:
    """
    Return the model matrix over the histories that the model lets occur, and which those are.

    A pair in the model on which nobody is gives a parameter at minus infinity: its histories cannot occur and leave the table (Chan,
    Silverman and Vincent 2021, section 2).
    """
    empty = [pair for pair in pairs if table.overlap(pair) == 0]
    barred = np.array([table.on_both(pair) for pair in empty], dtype=bool).reshape(len(empty), len(table.counts))
    possible = np.asarray(~barred.any(axis=0))
    effects = [table.on_both(pair) for pair in pairs if pair not in empty]
    columns = [np.ones(len(table.counts)), *table.histories.T, *effects]
    return np.column_stack(columns).astype(float)[possible], possible


def why_not(table: CaptureTable, pairs: tuple[Pair, ...]) -> str:
    """
    Say why a model has no single finite estimate; empty if it has one.

    Two tests. Rank: the model matrix has full column rank (identifiable). Existence: a table with the same sufficient statistics and
    no zero exists, so that these lie inside their cone (Fienberg and Rinaldo 2012; a linear programme). That depends only on which
    histories occur, not on how often.
    """
    matrix, possible = design(table, pairs)
    return _why_not(matrix.tobytes(), matrix.shape, (table.counts[possible] > 0).tobytes())


@lru_cache(maxsize=100_000)
def _why_not(matrix_bytes: bytes, shape: tuple[int, int], occurs_bytes: bytes) -> str:
    matrix = np.frombuffer(matrix_bytes).reshape(shape)
    occurs = np.frombuffer(occurs_bytes, dtype=bool)
    if np.linalg.matrix_rank(matrix) < shape[1]:
        return "not identifiable: other values of its parameters fit as well"
    if occurs.all():
        return ""
    # largest s such that a table with every entry >= s has the same statistics; s = 0 is the boundary
    cells = shape[0]
    same = np.column_stack([matrix.T, np.zeros(shape[1])])
    each = np.column_stack([-np.eye(cells), np.ones(cells)])
    cost = np.append(np.zeros(cells), -1.0)
    solved = linprog(cost, A_ub=each, b_ub=np.zeros(cells), A_eq=same, b_eq=matrix.T @ occurs.astype(float), method="highs")
    if solved.status != 0:
        raise MeasureRefused(f"the test whether an estimate exists did not finish: {solved.message}")
    return (
        ""
        if float(np.asarray(solved.x)[-1]) > _NUMERICAL_ZERO
        else "no finite estimate exists: the lists overlap too little for its parameters"
    )


def fit(table: CaptureTable, pairs: tuple[Pair, ...] = ()) -> LogLinearFit:
    """
    Fit a log-linear model by maximum likelihood, empty overlaps included.

    Assumes that counts of histories are independent Poisson variables, that lists are independent but for the pairs in the model, that
    every person has the same chances, that nobody enters or leaves during the period, and that records of one person are linked.

    Parameters
    ----------
    table : CaptureTable
        Counts of histories.
    pairs : tuple of pairs
        Two-list effects; none gives the model of independent lists.

    Raises
    ------
    MeasureRefused
        If the estimate does not exist or is not identifiable (:func:`why_not`), or the fit does not converge.

    References
    ----------
    Chan, L., Silverman, B. W. and Vincent, K. (2021), Multiple systems estimation for sparse capture data, JASA 116.
    """
    reason = why_not(table, pairs)
    if reason:
        raise MeasureRefused(
            f"the model with {', '.join(table.named(pairs)) or 'independent lists'} has {reason}".replace("has not", "is not")
        )
    matrix, possible = design(table, pairs)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # as many parameters as histories fit exactly: existence is checked above
        fitted = GLM(table.counts[possible], matrix, family=Poisson()).fit(tol=1e-10, tol_criterion="deviance")
    if not fitted.converged or not np.isfinite(fitted.params).all():
        raise MeasureRefused("the fit of the capture histories did not converge")
    expected = np.zeros(len(table.counts))
    expected[possible] = fitted.mu
    parameters = 1 + len(table.lists) + len(pairs)
    return LogLinearFit(
        table=table,
        pairs=pairs,
        unseen_log=float(fitted.params[0]),
        unseen_log_se=float(fitted.bse[0]),
        expected=expected,
        deviance=float(fitted.deviance),
        aic=float(-2 * fitted.llf + 2 * parameters),
        bic=float(-2 * fitted.llf + np.log(table.seen) * parameters),
    )
