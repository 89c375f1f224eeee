"""The persons of a country's registers with every characteristic that reports count: what disclosure control decides over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from turquesa_stats.measures.cases import elements, identified, known, met_in, of_country_and_period, once, recruitment
from turquesa_stats.measures.cohort import cohorts
from turquesa_stats.measures.demographics import age_bands
from turquesa_stats.measures.means_kinds import combination_of
from turquesa_stats.measures.time_to_outcome import HORIZONS
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import UNKNOWN, code_list

KNOWN, YES, NO = "_KNOWN", "Y", "N"
SEVERAL: Mapping[str, str] = {"purpose": "exploitation", "means": "means", "recruitment": "recruit"}
"""Characteristics of which a victim may have several codes, and their code lists."""
SINGLE: Mapping[str, str] = {
    "age_status": "age_status",
    "detected_via": "detect",
    "relation": "relation",
    "cross_border": "cross_border",
}
"""Characteristics of which a victim has one code, and their code lists."""
COMPLETENESS: Mapping[str, str] = {
    "sex": "sex",
    "age_status_exploit": "age_status",
    "citizenship": "citizenship",
    "relation_recruiter": "relation",
    "victim_recruit_channel": "recruitment",
}
"""Fields of which reports tell how many records are known, and the characteristic that says it."""
PENDING, LATER = "_PENDING", "LATER"
TERM, UNTIMED = "TERM", "UNTIMED"  # custody for a time, and for life or a time not known
MONTHS = tuple(f"M{horizon}" for horizon in HORIZONS)
_ALWAYS = Period.parse("1900/2999")


def victim_years(tables: Mapping[str, pd.DataFrame], country: str) -> list[str]:
    """Return the years in which persons of a country's register of victims were first met, without gaps."""
    when = of_country_and_period(tables, country, _ALWAYS)
    years = when["first_contact_date"].fillna(when["opened_on"]).dt.year
    return [str(year) for year in range(int(years.min()), int(years.max()) + 1)] if len(years) else []


def victim_units(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """
    Return the identified victims of a country and period with their characteristics, one row a person.

    Returns
    -------
    DataFrame
        ``victim_id, case_id`` and one code each of ``sex, age_status, age`` (band), ``detected_via, relation, cross_border``;
        ``citizenship``, whether it is known; for each of :data:`SEVERAL` whether anything is known of it (``purpose``; of ``means``, which
        kinds were used together: :data:`turquesa_stats.measures.means_kinds.COMBINATIONS`), and whether the person has each code
        (``purpose.PUR_SEXUAL``: Y or N).
    """
    return victim_units_of(tables, country, [period])[0]


def victim_units_of(tables: Mapping[str, pd.DataFrame], country: str, periods: Sequence[Period]) -> list[pd.DataFrame]:
    """
    Return :func:`victim_units` of several periods, which may overlap, at little more than the cost of one.

    What a record says of its person is the same in every period; who is counted, and by which of several records, is not.
    """
    records = identified(of_country_and_period(tables, country, _ALWAYS))
    units = _characteristics(tables, records)
    chosen = [once(records[met_in(records, period)]).index for period in periods]
    return [units.loc[index].reset_index(drop=True) for index in chosen]


def _characteristics(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the characteristics of some records, each on its record's index."""
    case = tables["case"].set_index("case_id")["cross_border"]
    units = pd.DataFrame(
        {
            "victim_id": chosen["victim_id"],
            "case_id": chosen["case_id"],
            "sex": _code(chosen["sex"]),
            "age_status": _code(chosen["age_status_exploit"]),
            "age": age_bands(chosen).astype("object").fillna(UNKNOWN),
            "detected_via": _code(chosen["detected_via"]),
            "relation": _code(chosen["relation_recruiter"]),
            "cross_border": _code(chosen["case_id"].map(case)),
            "citizenship": _known(chosen["citizenship"]),
        }
    )
    held = {
        "purpose": elements(tables, chosen, "PUR"),
        "means": elements(tables, chosen, "MNS"),
        "recruitment": recruitment(tables, chosen),
    }
    persons = units["victim_id"].astype("object")  # Arrow's texts are slow to look up
    for name, answers in held.items():
        given = answers[known(answers["code"])]
        of, codes = given["victim_id"].astype("object"), given["code"].astype("object")
        units[name] = np.where(persons.isin(of), KNOWN, UNKNOWN)
        for code in answer_codes(SEVERAL[name]):
            units[f"{name}.{code}"] = np.where(persons.isin(of[codes.eq(code)]), YES, NO)
    units["means"] = units["victim_id"].map(combination_of(held["means"])).fillna(UNKNOWN)
    return units


def answer_codes(codes: str) -> tuple[str, ...]:
    """Return the codes of a list that are answers: neither a total nor one of the ways of not knowing."""
    listed = pd.Series(code_list(codes).codes)
    return tuple(listed[known(listed) & listed.ne("_T")])


def _code(values: pd.Series[str]) -> pd.Series[str]:
    return values.astype("object").where(known(values), UNKNOWN)


def _known(values: pd.Series[str]) -> pd.Series[str]:
    return known(values).map({True: KNOWN, False: UNKNOWN})


def accused_years(tables: Mapping[str, pd.DataFrame], country: str) -> list[str]:
    """Return the years in which persons of a country's registers were first charged with trafficking, without gaps."""
    case, charge = tables["case"], tables["charge"]
    own = charge[charge["case_id"].isin(case.loc[case["country_report"].eq(country), "case_id"]) & charge["is_tip"].astype("bool")]
    years = own["filed_on"].dt.year
    return [str(year) for year in range(int(years.min()), int(years.max()) + 1)] if len(years) else []


def accused_units(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """
    Return the persons first charged with trafficking in a country and period with their characteristics, one row a person.

    Returns
    -------
    DataFrame
        ``accused_id, case_id`` and one code each of ``sex, end`` (``_PENDING`` while waiting), ``as_charged`` (Y or N), ``custodial``
        (``TERM``: custody for a known time, ``UNTIMED``, or N) and ``months``, the first of :data:`MONTHS` by which the person's case had
        ended, ``LATER`` or ``_PENDING``.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.cohort.cohort`.
    """
    return accused_units_of(tables, country, [period])[0]


def accused_units_of(tables: Mapping[str, pd.DataFrame], country: str, periods: Sequence[Period]) -> list[pd.DataFrame]:
    """Return :func:`accused_units` of several periods, which may overlap, at little more than the cost of one."""
    return [_accused(people) for people in cohorts(tables, country, periods)]


def _accused(people: pd.DataFrame) -> pd.DataFrame:
    ended = people["end"].notna()
    timed = people["custodial"] & ~people["life"] & people["months_custodial"].notna()
    by = pd.cut(people["months"], [-float("inf"), *HORIZONS, float("inf")], labels=[*MONTHS, LATER]).astype("object")
    return pd.DataFrame(
        {
            "accused_id": people["accused_id"],
            "case_id": people["case_id"],
            "sex": _code(people["sex"]),
            "end": people["end"].where(ended, PENDING).astype("object"),
            "as_charged": people["as_charged"].map({True: YES, False: NO}),
            "custodial": people["custodial"].map({True: UNTIMED, False: NO}).mask(timed, TERM),
            "months": by.where(ended, PENDING),
        }
    )
