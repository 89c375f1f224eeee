"""Detected victims per 100,000 inhabitants (indicator A02; SDG 16.2.2): a rate of detection, never of how common trafficking is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate
from turquesa_stats.measures import official
from turquesa_stats.methods.bounds import rate_bounds
from turquesa_stats.methods.rates import rate, standardised_rate
from turquesa_stats.schema.codes import TOTAL

MINORS, ADULTS = "Y_LT18", "Y_GE18"
_OF_MINORS = {"Y0T4": 1.0, "Y5T9": 1.0, "Y10T14": 1.0, "Y15T19": 0.6}  # of ages 15 to 19, three years of five
_WIDEST_GAP = 5  # years between two figures of the population


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """
    The population that a rate is per.

    Attributes
    ----------
    persons : float
        At the middle of the year.
    edition : str
        Edition of the population figures (rule R54).
    basis : str
        ``held`` where the year is in the table, ``interpolated`` between the two years around it at a constant rate of growth.
    """

    persons: float
    edition: str
    basis: str


def inhabitants(population: pd.DataFrame, country: str, year: int, sex: str = TOTAL, age: str = TOTAL) -> Inhabitants:
    """
    Return the inhabitants of a country by sex and age group.

    Parameters
    ----------
    population : DataFrame
        The table ``population``, of one edition.
    country, sex : str
        Codes; sex ``_T``, ``F`` or ``M``.
    year : int
        A year held, or one between two held that are at most five years apart.
    age : str
        ``_T``, ``Y_LT18`` or ``Y_GE18``; of the five-year group 15 to 19, three fifths count as under 18.

    Raises
    ------
    MeasureRefused
        If the country, sex, age or year is not held, or several editions are.
    """
    if sex not in {TOTAL, "F", "M"}:
        raise MeasureRefused(f"the population is held by sex {TOTAL}, F and M, not {sex}")
    of_country = population[population["iso3"].eq(country) & population["sex"].eq(sex)]
    editions = of_country["wpp_edition"].unique()
    if len(editions) != 1:
        raise MeasureRefused(
            f"the population of {country} by sex {sex} is held in {len(editions)} editions; one is needed (turquesa import un-wpp)"
        )
    by_year = _of_age(of_country, age)
    before, after = by_year[by_year.index <= year].tail(1), by_year[by_year.index >= year].head(1)
    if before.empty or after.empty or int(after.index[0]) - int(before.index[0]) > _WIDEST_GAP:
        raise MeasureRefused(f"the population of {country} in {year} is not held, nor within {_WIDEST_GAP} years around it")
    start, end = int(before.index[0]), int(after.index[0])
    persons = (
        float(before.iloc[0]) if start == end else float(np.exp(np.interp(year, [start, end], np.log([before.iloc[0], after.iloc[0]]))))
    )
    return Inhabitants(persons, str(editions[0]), "held" if start == end else "interpolated")


def _of_age(of_country: pd.DataFrame, age: str) -> pd.Series[float]:
    if age == TOTAL:
        parts = of_country[of_country["age"].eq(TOTAL)].assign(weight=1.0)
    elif age in {MINORS, ADULTS}:
        groups = of_country[of_country["age"].ne(TOTAL)]
        of_minors = groups["age"].astype("object").map(_OF_MINORS).fillna(0.0).astype("float64")
        parts = groups.assign(weight=of_minors if age == MINORS else 1.0 - of_minors)
    else:
        raise MeasureRefused(f"the population is held by five-year groups; rates by age are of {TOTAL}, {MINORS} or {ADULTS}, not {age}")
    persons = (parts["persons"].astype("float64") * parts["weight"]).groupby(parts["year"]).sum()
    return persons[persons > 0].sort_index()


def detection_rates(rows: pd.DataFrame, population: pd.DataFrame, over: Sequence[str] = ()) -> pd.DataFrame:
    """
    Return the rates of persons detected, by year and agency, for totals or by sex and age.

    Parameters
    ----------
    rows : DataFrame
        Official figures of one concept and country (:func:`turquesa_stats.measures.official.concept_rows`).
    population : DataFrame
        The table ``population``.
    over : sequence of {"sex", "age"}
        What to split by; the population is of the same sex and age (rule R54).

    Returns
    -------
    DataFrame
        ``publisher, source_agency, indicator, year, sex, age, inhabitants, population_edition, population_basis``, the rate per 100,000 as
        estimate and ``reason`` why there is none. Exact counts have the exact Poisson interval, censored counts bounds; a count that the
        source calls "more than" or "about" has no rate. Years are those of calendar years only.

    Raises
    ------
    MeasureRefused
        If ``over`` holds anything else: no population is known by form of exploitation or citizenship.
    """
    if not set(over) <= {"sex", "age"}:
        raise MeasureRefused(f"no population is known by {', '.join(sorted(set(over) - {'sex', 'age'}))}")
    usable = official.usable(rows)
    figures = official.parts(usable, over) if over else official.totals(usable)
    figures = figures[figures["freq"].eq("A") & figures["unit_measure"].eq("PERSONS")]
    told = [_told(row, population) for row in figures.assign(year=figures["period_start"].dt.year).to_dict("records")]
    keys = ["publisher", "source_agency", "indicator", "year", "sex", "age"]
    columns = [*keys, "inhabitants", "population_edition", "population_basis", *ESTIMATE_COLUMNS, "reason"]
    return pd.DataFrame(told, columns=columns).sort_values(keys, ignore_index=True)


def _told(row: Mapping[Any, Any], population: pd.DataFrame) -> dict[str, Any]:
    keys = {name: row[name] for name in ("publisher", "source_agency", "indicator", "year", "sex", "age")}
    try:
        living = inhabitants(population, row["ref_area"], row["year"], row["sex"], row["age"])
        found = _rate(row, living.persons)
    except MeasureRefused as refusal:
        return keys | {"reason": str(refusal)}
    of_population = {"inhabitants": living.persons, "population_edition": living.edition, "population_basis": living.basis}
    return keys | of_population | {name: getattr(found, name) for name in ESTIMATE_COLUMNS} | {"reason": ""}


def _rate(row: Mapping[Any, Any], persons: float) -> Estimate:
    if pd.isna(row["obs_value"]):
        return rate_bounds([row["obs_lower"]], [row["obs_upper"]], persons)
    if row["value_qual"] != "EXACT":
        raise MeasureRefused(f"the source gives no exact count ({row['value_qual']}): a rate would be more exact than it")
    return rate(int(row["obs_value"]), persons)


def standardised_detection_rate(
    rows: pd.DataFrame, population: pd.DataFrame, publisher: str, agency: str, year: int, standard: tuple[str, int]
) -> Estimate:
    """
    Estimate the rate of detection of a year as if the country had the make-up by sex and age of another population.

    Parameters
    ----------
    rows, population
        As in :func:`detection_rates`.
    publisher, agency : str
        Whose figures by sex and age.
    year : int
        Year of the figures.
    standard : tuple of str and int
        Country and year of the standard population.

    Raises
    ------
    MeasureRefused
        If the agency does not give exact counts of girls, boys, women and men, all four, or a population is not held.
    """
    split = detection_rates(rows, population, ["sex", "age"])
    chosen = split[split["publisher"].eq(publisher) & split["source_agency"].eq(agency) & split["year"].eq(year)]
    strata = [(sex, age) for sex in ("F", "M") for age in (MINORS, ADULTS)]
    exact = chosen[chosen["value"].notna()]
    counts = {(row["sex"], row["age"]): int(row["n"]) for row in exact.to_dict("records")}
    if len(counts) < len(exact) or not set(strata) <= set(counts):
        raise MeasureRefused(f"{agency} ({publisher}) has no exact counts of girls, boys, women and men in {year}: nothing to standardise")
    country = str(rows["ref_area"].iloc[0])
    return standardised_rate(
        [counts[stratum] for stratum in strata],
        [inhabitants(population, country, year, *stratum).persons for stratum in strata],
        [inhabitants(population, standard[0], standard[1], *stratum).persons for stratum in strata],
    )
