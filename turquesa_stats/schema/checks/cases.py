"""Checks of the rows of cases against the offence, the law and the persons listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.elements import in_force
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.linked import is_one_of, yes

_TRAFFICKING, _SMUGGLING = "0204", "08051"
_REPORTED = (("n_victims_reported", "victim"), ("n_smuggled_reported", "smuggled_person"), ("n_accused_reported", "case_accused"))
_PERSON = {"victim": "victim_id", "smuggled_person": "smuggled_id", "case_accused": "accused_id"}


def leading_offence_fits_the_crime(tables: Tables) -> Iterator[Found]:
    """F08: the code of the leading offence is one of the crime."""
    case = tables["case"]
    lead = case["iccs_lead"].astype("str")
    trafficking, smuggling = yes(lead.str.startswith(_TRAFFICKING)), yes(lead.eq(_SMUGGLING))
    wrong = (
        (is_one_of(case["crime_type"], ["TIP"]) & ~trafficking)
        | (is_one_of(case["crime_type"], ["SOM"]) & ~smuggling)
        | (is_one_of(case["crime_type"], ["TIP_SOM"]) & ~trafficking & ~smuggling)
    )
    yield Found("case", wrong & case["iccs_lead"].notna(), ("iccs_lead", "crime_type"))


def law_was_in_force(tables: Tables) -> Iterator[Found]:
    """F09: the law that a case names was in force when the event began, so far as the dates can tell."""
    case = tables["case"]
    law = tables["legal_framework"].drop_duplicates("legal_id")[["legal_id", "valid_from", "valid_from_prec", "valid_to", "valid_to_prec"]]
    named = case[["legal_id", "event_start", "event_start_prec"]].merge(law, on="legal_id", how="left").set_axis(case.index)
    found = case["legal_id"].notna() & case["legal_id"].isin(law["legal_id"])
    yield Found("case", found & ~in_force(named), ("legal_id", "event_start"))


def reported_numbers_cover_the_persons_listed(tables: Tables) -> Iterator[Found]:
    """F10: a case does not report fewer persons than it lists."""
    case = tables["case"]
    for reported, name in _REPORTED:
        if name in tables:
            persons = tables[name].dropna(subset=["case_id"]).groupby("case_id")[_PERSON[name]].nunique()
            listed: pd.Series[int] = case["case_id"].map(persons).fillna(0)
            yield Found("case", yes(case[reported].lt(listed)), (reported,))


CHECKS: Mapping[str, Check] = {
    "F08": leading_offence_fits_the_crime,
    "F09": law_was_in_force,
    "F10": reported_numbers_cover_the_persons_listed,
}
