"""Offences linked to cases, in the five topics of a threat assessment; the unit is the case, never a person."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.measures.cases import known
from turquesa_stats.measures.registers import NO, YES, answer_codes
from turquesa_stats.schema.codes import UNKNOWN

LINKS: Mapping[str, tuple[str, ...]] = {
    "LINK_DOCUMENTS": ("07023",),
    "LINK_CYBER": ("0903",),
    "LINK_TERRORISM": ("0906",),
    "LINK_GOODS": ("0601", "0901"),
    "LINK_LAUNDERING": ("07041",),
}
"""Topic -> ICCS codes of the offences in it: forged documents, cybercrime, terrorism, drugs and weapons, money laundering."""
CRIMES = ("TIP", "SOM")
CRIME_SUMS: Mapping[str, tuple[str, ...]] = {f"_{crime}": (crime, "TIP_SOM") for crime in CRIMES}
CRIME_CODES = (*answer_codes("crime"), UNKNOWN)


def linked_case_units(tables: Mapping[str, pd.DataFrame], country: str) -> pd.DataFrame:
    """
    Return the cases of a country of which at least one linked offence is recorded, of these topics or another, by the day they opened.

    Parameters
    ----------
    tables : mapping
        With ``case`` and ``case_offence_link``.
    country : str
        ISO 3166 alpha-3.

    Returns
    -------
    DataFrame
        One row a case: ``unit_id, case_id, year, crime`` and ``link.TOPIC`` (``Y`` or ``N``) of each of :data:`LINKS`.
    """
    link, case = tables["case_offence_link"], tables["case"]
    own = case[case["country_report"].eq(country) & case["case_id"].isin(link["case_id"]) & case["opened_on"].notna()].reset_index(
        drop=True
    )
    crime = own["crime_type"].astype("object").where(known(own["crime_type"]), UNKNOWN)
    units = pd.DataFrame({"unit_id": own["case_id"], "case_id": own["case_id"], "year": own["opened_on"].dt.year, "crime": crime})
    for topic, codes in LINKS.items():
        held = own["case_id"].isin(link.loc[link["iccs"].isin(codes), "case_id"])
        units[f"link.{topic}"] = held.map({True: YES, False: NO})
    return units
