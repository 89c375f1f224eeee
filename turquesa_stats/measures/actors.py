"""Who acts and with what: kinds of group, roles of the accused, technology by stage, victims among the accused; ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.cases import known, victims
from turquesa_stats.measures.cohort import cohort
from turquesa_stats.measures.linked_offences import CRIME_CODES
from turquesa_stats.measures.registers import NO, YES, answer_codes
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import UNKNOWN

Tables = Mapping[str, pd.DataFrame]
GROUP_TYPES = answer_codes("group_type")
SEVERAL_ROLES = "ROLE_SEVERAL"
ROLES = (*answer_codes("role"), SEVERAL_ROLES)
TECH_STAGES = answer_codes("tech_stage")
TECHNOLOGIES = tuple(code for code in answer_codes("technology") if code != "NONE")
STAGE_TECHNOLOGIES = tuple(product(TECH_STAGES, TECHNOLOGIES))
_ALWAYS = Period.parse("1900/2999")


def _own_cases(tables: Tables, country: str) -> pd.DataFrame:
    case = tables["case"]
    own = case[case["country_report"].eq(country) & case["opened_on"].notna()].reset_index(drop=True)
    crime = own["crime_type"].astype("object")
    return own.assign(year=own["opened_on"].dt.year, crime=crime.where(crime.isin(CRIME_CODES), UNKNOWN))


def structure_units(tables: Tables, country: str) -> pd.DataFrame:
    """
    Return the cases of a country with the kind of group behind them, by the day they opened.

    Returns
    -------
    DataFrame
        One row a case: ``unit_id, case_id, year, crime, group`` (a code of ``group_type``, ``_U`` where it is not known).
    """
    own = _own_cases(tables, country)
    group = own["organised"].astype("object").where(known(own["organised"]), UNKNOWN)
    return own[["case_id", "year", "crime"]].assign(unit_id=own["case_id"], group=group)


def role_units(tables: Tables, country: str) -> pd.DataFrame:
    """
    Return the persons accused in a country's cases with their role in the first of them; each is presumed innocent until convicted.

    Returns
    -------
    DataFrame
        One row a person: ``unit_id, case_id, year`` (in which the case opened), ``crime, part`` (a code of ``role``, :data:`SEVERAL_ROLES`
        where the person has more than one in that case).
    """
    own = _own_cases(tables, country).set_index("case_id")
    part = tables["case_accused"]
    part = part[part["case_id"].isin(own.index)]
    part = part.assign(opened=part["case_id"].map(own["opened_on"])).sort_values(["opened", "case_id"], kind="stable")
    first = part.groupby("accused_id")["case_id"].first()
    part = part[part["case_id"].astype("object").eq(part["accused_id"].map(first).astype("object")) & known(part["role"])]
    by_person = part.groupby("accused_id")["role"]
    roles = by_person.first().astype("object").where(by_person.nunique().eq(1), SEVERAL_ROLES)
    units = pd.DataFrame({"unit_id": first.index, "case_id": first.to_numpy()})
    units["part"] = units["unit_id"].map(roles).astype("object").fillna(UNKNOWN)
    return units.assign(year=units["case_id"].map(own["year"]), crime=units["case_id"].map(own["crime"]))


def technology_units(tables: Tables, country: str) -> pd.DataFrame:
    """
    Return the victims identified in a country of whom it is recorded what technology was used at which stage, by first contact.

    Returns
    -------
    DataFrame
        One row a person: ``unit_id, case_id, year`` and ``tech.STAGE.CODE`` (``Y`` or ``N``) of each of :data:`STAGE_TECHNOLOGIES`.
    """
    used = tables["victim_technology"]
    used = used[known(used["code"]) & known(used["stage"])]
    person = victims(tables, country, _ALWAYS)
    person = person[person["victim_id"].isin(used["victim_id"])].reset_index(drop=True)
    when = person["first_contact_date"].fillna(person["opened_on"])
    flags = {}
    for stage, code in STAGE_TECHNOLOGIES:
        of = used.loc[used["stage"].eq(stage) & used["code"].eq(code), "victim_id"]
        flags[f"tech.{stage}.{code}"] = person["victim_id"].isin(of).map({True: YES, False: NO})
    return pd.DataFrame({"unit_id": person["victim_id"], "case_id": person["case_id"], "year": when.dt.year, **flags})


def review_units(tables: Tables, country: str) -> pd.DataFrame:
    """
    Return the persons charged with trafficking in a country of whom it is known whether they are its victims too, by first charge.

    Convictions of victims are for review under the principle of non-punishment (rule R47); who they are stays with the keeper of the data.

    Returns
    -------
    DataFrame
        One row a person: ``unit_id, case_id, year, also`` and ``convicted`` (``Y`` or ``N``).
    """
    try:
        people = cohort(tables, country, _ALWAYS)
    except MeasureRefused:  # no charges, or dates that contradict each other: the blocks on justice say which
        return pd.DataFrame()
    told = people[people["also_victim"].isin((YES, NO))].reset_index(drop=True)
    return pd.DataFrame(
        {
            "unit_id": told["accused_id"],
            "case_id": told["case_id"],
            "year": told["started_on"].dt.year,
            "also": told["also_victim"].astype("object"),
            "convicted": told["end"].eq("CONVICTED").map({True: YES, False: NO}),
        }
    )
