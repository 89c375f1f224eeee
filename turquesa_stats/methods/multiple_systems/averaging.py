"""One estimate from all models, each by its weight: what choosing a single model hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit
from turquesa_stats.methods.multiple_systems.selection import all_models


@dataclass(frozen=True, slots=True, eq=False)
class AveragedModels:
    """
    All models of a capture table with their weights.

    Attributes
    ----------
    models : tuple of LogLinearFit
        Heaviest first.
    weights : array of float, shape (models,)
        Adding up to 1.
    without_estimate : int
        Models that have no single finite estimate and so no weight.
    """

    models: tuple[LogLinearFit, ...]
    weights: np.ndarray
    without_estimate: int

    def quantile(self, probability: float) -> float:
        """Return a quantile of the total under the mixture of the models' distributions, each normal on the log scale of the unseen."""
        seen = self.models[0].table.seen
        means = np.array([model.unseen_log for model in self.models])
        errors = np.array([model.unseen_log_se for model in self.models])

        def beyond(log_unseen: float) -> float:
            return float(self.weights @ norm.cdf(log_unseen, means, errors)) - probability

        low, high = float((means - 10 * errors).min()), float((means + 10 * errors).max())
        return seen + float(np.exp(brentq(beyond, low, high)))


def average(table: CaptureTable) -> AveragedModels:
    """
    Weigh all models with two-list effects by the Bayesian information criterion.

    The weight exp(-BIC/2) approximates the posterior probability of a model when all are equally likely beforehand (Schwarz 1978; Raftery
    1995, equation 35; for capture data Silverman 2020). The median of the mixture is the estimate.

    Raises
    ------
    MeasureRefused
        As :func:`all_models`.
    """
    models, without = all_models(table)
    bic = np.array([model.bic for model in models])
    weights = np.exp(-(bic - bic.min()) / 2)
    order = np.argsort(-weights, kind="stable")
    return AveragedModels(tuple(models[place] for place in order), (weights / weights.sum())[order], without)
