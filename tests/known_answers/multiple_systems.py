"""Persons never seen, from lists that partly overlap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandas as pd

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.multiple_systems.bootstrap import Resampled, resample
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable, capture_table
from turquesa_stats.methods.multiple_systems.loglinear import LogLinearFit, fit
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
