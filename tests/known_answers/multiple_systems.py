"""Persons never seen, from lists that partly overlap."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.formula.api import glm
from statsmodels.genmod.families import Poisson

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.multiple_systems.averaging import average
from turquesa_stats.methods.multiple_systems.bootstrap import Resampled, resample
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable, capture_table
from turquesa_stats.methods.multiple_systems.estimate import hidden_population, spread
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit, fit, why_not
from turquesa_stats.methods.multiple_systems.selection import stepwise

_PACKAGE = "SparseMSE 2.0.1 (R 4.2.2)"
_PAPERS = {
    "UKdat": "Bales, Hesketh and Silverman 2015",
    "UKdat_5": "Bales, Hesketh and Silverman 2015",
    "Ned": "van Dijk, Cruyff et al. 2017",
    "Ned_5": "van Dijk, Cruyff et al. 2017",
    "NewOrl": "Bales, Murphy and Silverman 2020",
    "NewOrl_5": "Bales, Murphy and Silverman 2020",
    "Western": "Farrell et al. 2019",
    "Artificial_3": "Chan, Silverman and Vincent 2021",
}
# At New Orleans' five lists the reference's ends are its outermost resamples (2.5 % and 5 % are one number): another random stream moves them.
ENDS_FIXED_BY_THE_DATA = ("UKdat_5", "Western")


@cache
def table(name: str) -> CaptureTable:
    """Return a published capture table."""
    data = reference(f"multiple_systems/{name}")
    return capture_table(data.iloc[:, :-1], data.iloc[:, -1])


@cache
def model(name: str, method: str) -> LogLinearFit:
    """Return the model that a way of choosing gives."""
    return stepwise(table(name)) if method == "stepwise" else fit(table(name))


@cache
def resampled(name: str) -> Resampled:
    """Return 1,000 resamples with the whole selection in each."""
    return resample(table(name), stepwise, 1000, seed=1234)


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    for row in reference("multiple_systems/expected_point_estimates").to_dict("records"):
        yield from _of_model(row)
    for row in reference("multiple_systems/expected_bca_intervals").to_dict("records"):
        if row["data"] in ENDS_FIXED_BY_THE_DATA:
            yield from _of_resampling(row)
    yield from _ways()
    for end, published in ((0.025, 10_000), (0.975, 13_000)):
        yield KnownAnswer(
            "multiple systems estimate, United Kingdom 2013, to the thousand",
            "methods.multiple_systems.selection.stepwise",
            "Bales, Hesketh and Silverman 2015: 10,000 to 13,000 potential victims",
            f"end {end}",
            published,
            lambda end=end: float(round(model("UKdat", "stepwise").quantile(end), -3)),
            0.5,
        )


def _ways() -> Iterator[KnownAnswer]:
    yield KnownAnswer(
        "no finite estimate where lists share nobody (1: refused)",
        "methods.multiple_systems.loglinear.why_not",
        "Chan, Silverman and Vincent 2021: artificial example",
        "Artificial_3, one pair",
        1.0,
        lambda: float(bool(why_not(table("Artificial_3"), (table("Artificial_3").pairs[0],)))),
        0.0,
    )
    for probability in (0.025, 0.5, 0.975):
        yield KnownAnswer(
            f"multiple systems, averaged over all models, quantile {probability:g}",
            "methods.multiple_systems.averaging.average",
            "second way: every model by statsmodels' formulas, mixture on a grid",
            "Western, lists A to D",
            averaged_on_a_grid(probability),
            lambda probability=probability: average(table("Western").without("E")).quantile(probability),
            1e-3,
            relative=True,
        )
    yield KnownAnswer(
        "multiple systems, the ways side by side: stepwise",
        "methods.multiple_systems.estimate.hidden_population",
        f"{_PACKAGE}; data {_PAPERS['Western']}",
        "Western",
        float(expected().query("data == 'Western' and method == 'stepwise'")["estimate"].iloc[0]),
        lambda: float(hidden_population(table("Western"), seed=1, resamples=100).set_index("approach").loc["stepwise", "value"]),
        1e-3,
        relative=True,
    )
    yield KnownAnswer(
        "largest estimate over smallest is above 2 (1: only the range may be told)",
        "methods.multiple_systems.estimate.spread",
        "by hand",
        "100, 180, 250",
        1.0,
        lambda: float(spread(pd.DataFrame({"value": [100.0, 180.0, 250.0]}))[2]),
        0.0,
    )


@cache
def averaged_on_a_grid(probability: float) -> float:
    """Return a quantile of the average over all models, without our code: formulas of statsmodels, a mixture summed on a grid (second way)."""
    lists = list("ABCD")
    data = reference("multiple_systems/Western").groupby(lists, as_index=False)["n"].sum().query("A + B + C + D > 0")
    seen = int(data["n"].sum())
    every = pd.DataFrame([history for history in itertools.product((0, 1), repeat=len(lists)) if any(history)], columns=lists)
    every = every.merge(data.set_axis([*lists, "count"], axis=1), how="left").fillna({"count": 0})
    pairs = list(itertools.combinations(lists, 2))
    models = []
    for chosen in itertools.chain.from_iterable(itertools.combinations(pairs, size) for size in range(len(pairs) + 1)):
        empty = [pair for pair in chosen if not every.loc[every[list(pair)].all(axis=1), "count"].sum()]
        rows = every[~np.any([every[list(pair)].all(axis=1) for pair in empty], axis=0)] if empty else every
        terms = [*lists, *(":".join(pair) for pair in chosen if pair not in empty)]
        fitted = glm(f"count ~ {' + '.join(terms)}", rows, family=Poisson()).fit(maxiter=200)
        if np.linalg.matrix_rank(fitted.model.exog) == fitted.model.exog.shape[1] and np.abs(fitted.params).max() < 15:
            bic = -2 * fitted.llf + (1 + len(lists) + len(chosen)) * np.log(seen)
            models.append((bic, fitted.params["Intercept"], fitted.bse["Intercept"]))
    bic, mean, error = map(np.array, zip(*models, strict=True))
    weights = np.exp(-(bic - bic.min()) / 2)
    grid = np.linspace(mean.min() - 8, mean.max() + 8, 200_001)
    mixture = sum(weight * norm.cdf(grid, m, e) for weight, m, e in zip(weights / weights.sum(), mean, error, strict=True))
    return seen + float(np.exp(np.interp(probability, mixture, grid)))


def _of_model(row: dict[str, object]) -> Iterator[KnownAnswer]:
    name, method = str(row["data"]), str(row["method"])
    ours = {
        "estimate": lambda: model(name, method).total,
        "low": lambda: model(name, method).quantile(0.025),
        "high": lambda: model(name, method).quantile(0.975),
        "aic": lambda: model(name, method).aic,
        "deviance": lambda: model(name, method).deviance,
    }
    for what, answer in ours.items():
        yield KnownAnswer(
            f"multiple systems estimate, {'stepwise' if method == 'stepwise' else 'independent lists'}: {what}",
            f"methods.multiple_systems.{'selection.stepwise' if method == 'stepwise' else 'loglinear.fit'}",
            f"{_PACKAGE}; data {_PAPERS[name]}",
            name,
            float(str(row[what])),
            answer,
            1e-3,
            relative=True,
        )


def _of_resampling(row: dict[str, object]) -> Iterator[KnownAnswer]:
    name = str(row["data"])
    for column, value in row.items():
        if str(column).startswith("q"):
            probability = float(str(column)[1:])
            yield KnownAnswer(
                f"multiple systems, BCa quantile {probability:g} (other random stream)",
                "methods.multiple_systems.bootstrap.resample",
                f"{_PACKAGE} estimatepopulation(nboot=1000); data {_PAPERS[name]}",
                name,
                float(str(value)),
                lambda probability=probability: resampled(name).quantile(probability),
                0.1,
                relative=True,
            )


def chosen_pairs(terms: str) -> set[str]:
    """Return the two-list effects that a reference names, those of empty overlaps not among them."""
    return {term for term in terms.split() if ":" in term}


def expected() -> pd.DataFrame:
    """Return the reference's table of models."""
    return reference("multiple_systems/expected_point_estimates")
