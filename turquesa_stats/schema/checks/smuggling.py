"""Checks of smuggled persons and of cases of smuggling of migrants, kept apart from victims of trafficking in persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.elements import victims_without_their_elements
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.journeys import cases_of_legs, countries_of_legs, crossing_of_legs
from turquesa_stats.schema.checks.linked import country, is_one_of, looked_up, yes
from turquesa_stats.schema.codes import code_list

_SMUGGLING = ("SOM", "TIP_SOM")
_STAY = "VISA_OVERSTAY"
_IN_KIND = ("INKIND", "LABOUR_DEBT")
_MIGRANT_UNITS = ("MIGRANTS", "ENCOUNTERS", "APPREHENSIONS")
_VICTIM_TABLES = (
    "victim",
    "victim_element",
    "victim_citizenship",
    "victim_recruit_channel",
    "victim_sex_form",
    "victim_control",
    "victim_technology",
    "victim_perpetrator",
)


def smuggling_has_persons_and_a_border(tables: Tables) -> Iterator[Found]:
    """R17: a case of smuggling has persons, and its journeys cross a border; where the crime was only attempted, the border is told."""
    smuggling = is_one_of(tables["case"]["crime_type"], ["SOM"])
    yield from _persons_and_border(tables, smuggling)


def nobody_enters_the_own_country(tables: Tables) -> Iterator[Found]:
    """
    R18: the country that a smuggled person enters last is not that of citizenship.

    It is where the last leg of a journey of the person that crosses a border ends, so that passing through the own country breaks no rule.
    Where no leg of the person crosses a border, the country intended is looked at, told and kept.
    """
    person = tables["smuggled_person"]
    citizenship = country(person["citizenship"])
    own, moved = pd.Series(False, index=person.index), pd.Series(False, index=person.index)
    if {"route_leg", "place"} <= set(tables):
        leg = tables["route_leg"].assign(entered=countries_of_legs(tables)[1])
        crossing = leg[yes(crossing_of_legs(tables)) & leg["entered"].notna() & leg["smuggled_id"].notna()]
        last = crossing.sort_values("leg_no").drop_duplicates(["smuggled_id", "journey_id"], keep="last")
        entered = pd.MultiIndex.from_frame(last[["smuggled_id", "entered"]])
        own |= citizenship.notna() & pd.MultiIndex.from_arrays([person["smuggled_id"], citizenship]).isin(entered)
        moved |= person["smuggled_id"].isin(last["smuggled_id"])
    yield Found("smuggled_person", own, ("citizenship", "route_leg.place_to_id"))
    intended = ~moved & citizenship.notna() & yes(country(person["country_intended"]).eq(citizenship))
    yield Found("smuggled_person", intended, ("citizenship", "country_intended"), only_warn=True)


def smuggling_is_for_a_benefit(tables: Tables) -> Iterator[Found]:
    """R19: help for no fee, nothing in kind and no debt, each said so."""
    person = tables["smuggled_person"]
    free = yes(person["fee_total"].eq(0)) & is_one_of(person["debt_after"], ["N"])
    yield Found("smuggled_person", free & ~is_one_of(person["payment_method"], _IN_KIND), ("fee_total", "payment_method", "debt_after"))


def migrants_are_not_counted_as_victims(tables: Tables) -> Iterator[Found]:
    """R20: no victim has the key of a smuggled person, and no figure on victims counts migrants."""
    if "smuggled_person" in tables:
        smuggled = tables["smuggled_person"]["smuggled_id"]
        for name in _VICTIM_TABLES:
            if name in tables:
                yield Found(name, tables[name]["victim_id"].isin(smuggled), ("victim_id",))
    if "official_stat" in tables:
        stat = tables["official_stat"]
        indicator = stat["indicator"].astype("str")
        victims = is_one_of(indicator.map(code_list("indicator").column("concept")), ["VICTIMS"])
        migrants = yes(indicator.str.startswith("som_")) | is_one_of(stat["unit_measure"], _MIGRANT_UNITS)
        yield Found("official_stat", victims & migrants, ("indicator", "unit_measure"))


def both_crimes_are_met(tables: Tables) -> Iterator[Found]:
    """R21: a case of both crimes meets R17, and R10 in each victim; a victim who does not leaves by R10, and the case is told and kept."""
    case = tables["case"]
    both = is_one_of(case["crime_type"], ["TIP_SOM"])
    yield from _persons_and_border(tables, both)
    if {"victim", "victim_element"} <= set(tables):
        lacking = tables["victim"].loc[victims_without_their_elements(tables), "case_id"]
        yield Found("case", both & case["case_id"].isin(lacking), ("crime_type", "victim_element"), only_warn=True)


def case_is_one_of_smuggling(tables: Tables) -> Iterator[Found]:
    """F02: a smuggled person with a case belongs to one of smuggling of migrants."""
    person = tables["smuggled_person"]
    crime = looked_up(person["case_id"], tables["case"], "case_id", "crime_type")
    yield Found("smuggled_person", crime.notna() & ~is_one_of(crime, _SMUGGLING), ("case_id",))


def only_interviewed_persons_lack_a_case(tables: Tables) -> Iterator[Found]:
    """F18: a smuggled person without a case was interviewed."""
    person = tables["smuggled_person"]
    yield Found("smuggled_person", person["case_id"].isna() & ~is_one_of(person["status"], ["INTERVIEWED"]), ("case_id", "status"))


def fee_has_currency_and_year(tables: Tables) -> Iterator[Found]:
    """F19: a fee other than zero has its currency and price year, and neither stands without a fee."""
    person = tables["smuggled_person"]
    described = ("fee_currency", "fee_price_year")
    lacking = person[list(described)].isna()
    fee = person["fee_total"]
    wrong = (yes(fee.gt(0)) & lacking.any(axis="columns")) | (fee.isna() & ~lacking.all(axis="columns"))
    yield Found("smuggled_person", wrong, ("fee_total", *described))


def _persons_and_border(tables: Tables, cases: pd.Series[bool]) -> Iterator[Found]:
    """Yield those of some cases that have no smuggled person, and those of which a journey crosses no border."""
    case = tables["case"]
    reported = case["n_smuggled_reported"]
    nobody = yes(reported.eq(0))
    if "smuggled_person" in tables:
        person = tables["smuggled_person"]
        collected = case["source_id"].isin(person.loc[person["case_id"].notna(), "source_id"])
        nobody = (nobody | (reported.isna() & collected)) & ~case["case_id"].isin(person["case_id"].dropna())
    yield Found("case", cases & nobody, ("crime_type", "n_smuggled_reported"))
    if "route_leg" in tables:
        at_home = case["case_id"].isin(_cases_with_a_journey_at_home(tables))
        attempted = is_one_of(case["attempted"], ["ATT"])
        yield Found("case", cases & at_home & ~attempted, ("crime_type", "route_leg.crossing"))
        yield Found("case", cases & at_home & attempted, ("crime_type", "attempted", "route_leg.crossing"), only_warn=True)


def _cases_with_a_journey_at_home(tables: Tables) -> set[str]:
    """Return the cases with a journey, not of a victim, of which every leg is known to cross no border and none is for a stay."""
    leg = tables["route_leg"]
    inside = yes(~crossing_of_legs(tables)) & ~is_one_of(leg["docs"], [_STAY])
    of_migrants = leg["victim_id"].isna()
    at_home = inside[of_migrants].groupby(leg.loc[of_migrants, "journey_id"]).all()
    journeys = set(at_home.index[at_home])
    return set(cases_of_legs(tables)[of_migrants & leg["journey_id"].isin(journeys)].dropna())


CHECKS: Mapping[str, Check] = {
    "R17": smuggling_has_persons_and_a_border,
    "R18": nobody_enters_the_own_country,
    "R19": smuggling_is_for_a_benefit,
    "R20": migrants_are_not_counted_as_victims,
    "R21": both_crimes_are_met,
    "F02": case_is_one_of_smuggling,
    "F18": only_interviewed_persons_lack_a_case,
    "F19": fee_has_currency_and_year,
}
