"""Checks of journeys: their legs, borders, speed, and what they say of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.journeys import cases_of_legs, countries_of_legs, crossing_of_legs, kilometres, reach_of_flow
from turquesa_stats.schema.checks.linked import country, is_known, is_one_of, looked_up, yes
from turquesa_stats.schema.dates import earliest, latest, out_of_order

_FASTEST = 1500.0  # kilometres a day over land
_OVER_LAND = ("FOOT", "BUS", "CAR", "TRUCK", "TRAIN", "ANIMAL")
_CROSSINGS = {"AIR": ("AIR", "NONE"), "SHIP": ("SEA", "RIVER", "NONE"), "BOAT": ("SEA", "RIVER", "NONE")}
_OWNERS = ("case_id", "victim_id", "smuggled_id")
_FRAUD = {"FORGED": "I_FORGED", "FRAUD_OBTAINED": "II_OBTAINED", "GENUINE_OTHER": "III_OTHER_HOLDER"}  # SOM Protocol, article 3 (c)
_CROSSES, _DOMESTIC = "CB", "DOM"


def domestic_or_across_borders(tables: Tables) -> Iterator[Found]:
    """
    R30: whether a case crosses borders, from the countries of its victims and its journeys.

    It does if one victim or leg shows it; it does not if the countries of every victim listed or reported, at least one, are known and
    equal and no leg crosses. Citizenship plays no part. Cases of which neither can be said keep their value.
    """
    case = tables["case"]
    derived: pd.Series[str] = pd.Series(index=case.index, dtype="str")
    if "victim" in tables:
        victim = tables["victim"]
        start, end = country(victim["country_recruit"]), country(victim["country_exploit_last"])
        known = start.notna() & end.notna()
        equal = case["case_id"].map((known & start.eq(end)).groupby(victim["case_id"]).sum())
        complete = equal.eq(case["case_id"].map(victim["case_id"].value_counts())) & ~yes(case["n_victims_reported"].gt(equal))
        derived = derived.mask(complete & yes(equal.gt(0)), _DOMESTIC)
        derived = derived.mask(case["case_id"].isin(victim.loc[known & start.ne(end), "case_id"]), _CROSSES)
    if "route_leg" in tables:
        crossing = cases_of_legs(tables)[yes(crossing_of_legs(tables))]
        derived = derived.mask(case["case_id"].isin(crossing.dropna()), _CROSSES)
    differs = derived.notna() & case["cross_border"].astype("str").ne(derived)
    yield Found("case", differs, ("cross_border",), derived=derived)


def flow_by_citizenship_differs(tables: Tables) -> Iterator[Found]:
    """R31: victims who are in a flow across borders by citizenship but not by recruitment and exploitation, or the reverse."""
    victim = tables["victim"]
    recruited, exploited = country(victim["country_recruit"]), country(victim["country_exploit_last"])
    citizen, identified = country(victim["citizenship"]), country(victim["country_identify"])
    known = recruited.notna() & exploited.notna() & citizen.notna() & identified.notna()
    differs = recruited.ne(exploited) != citizen.ne(identified)
    yield Found("victim", known & differs, ("citizenship", "country_identify", "country_recruit", "country_exploit_last"))


def flow_touches_the_americas(tables: Tables) -> Iterator[Found]:
    """R32: victims whose countries are known and whose flow is in none of the five classes."""
    victim = tables["victim"]
    recruited, exploited = victim["country_recruit"], victim["country_exploit_last"]
    known = country(recruited).notna() & country(exploited).notna()
    yield Found("victim", known & reach_of_flow(recruited, exploited).isna(), ("country_recruit", "country_exploit_last"))


def legs_form_a_journey(tables: Tables) -> Iterator[Found]:
    """
    R33: all legs of a journey whose numbers, places or dates do not join.

    A leg without length is found unless its stage differs from that of a leg beside it; it is told and kept where its place is known no
    nearer than its country. A journey is found as a whole: what is left of it would start or end where nobody did.
    """
    leg = tables["route_leg"]
    ordered = leg.sort_values(["journey_id", "leg_no"], kind="stable")
    journeys = ordered.groupby("journey_id")
    numbers = journeys["leg_no"].agg(["min", "max", "nunique"])
    gap = numbers["min"].ne(1) | numbers["max"].ne(numbers["nunique"])
    yield Found("route_leg", yes(leg["journey_id"].map(gap)), ("journey_id", "leg_no"))
    follows = yes(ordered["leg_no"].sub(journeys["leg_no"].shift()).eq(1))
    before = journeys.shift().reindex(columns=leg.columns)
    joined = before["place_to_id"].eq(ordered["place_from_id"]) | before["place_to_id"].isna() | ordered["place_from_id"].isna()
    yield Found("route_leg", _journeys_with(leg, ordered, follows & ~yes(joined)), ("journey_id", "place_from_id", "place_to_id"))
    late = pd.Series(False, index=ordered.index)
    for first in ("arrive_on", "depart_on"):
        for then in ("depart_on", "arrive_on"):
            late |= out_of_order(before[first], before[f"{first}_prec"], ordered[then], ordered[f"{then}_prec"])
    yield Found("route_leg", _journeys_with(leg, ordered, follows & late), ("journey_id", "depart_on", "arrive_on"))
    still = yes(ordered["place_from_id"].eq(ordered["place_to_id"]))
    for shift in (1, -1):
        beside = journeys["stage"].shift(shift)
        still &= ~(is_known(beside) & is_known(ordered["stage"]) & beside.ne(ordered["stage"]))
    coarse = _is_coarse(tables).loc[ordered.index]
    columns = ("journey_id", "place_from_id", "place_to_id", "stage")
    yield Found("route_leg", _journeys_with(leg, ordered, still & ~coarse), columns)
    yield Found("route_leg", (still & coarse).reindex(leg.index), columns, only_warn=True)


def _journeys_with(leg: pd.DataFrame, ordered: pd.DataFrame, broken: pd.Series[bool]) -> pd.Series[bool]:
    return leg["journey_id"].isin(ordered.loc[broken, "journey_id"])


def _is_coarse(tables: Tables) -> pd.Series[bool]:
    """Whether the place where each leg starts is known no nearer than its country."""
    leg, place = tables["route_leg"], tables.get("place")
    if place is None:
        return pd.Series(False, index=leg.index)
    near = place["latitude"].notna() & place["longitude"].notna()
    near |= is_known(place["iso3166_2"]) | is_known(place["kind"])
    return leg["place_from_id"].isin(place.loc[~near, "place_id"])


def journey_fits_the_person(tables: Tables) -> Iterator[Found]:
    """R34: the first leg starts where the person was recruited or set out, the last ends where exploited or identified."""
    leg = tables["route_leg"]
    start, end = countries_of_legs(tables)
    number, journey = leg["leg_no"], leg["journey_id"]
    first, last = number.eq(number.groupby(journey).transform("min")), number.eq(number.groupby(journey).transform("max"))
    if "victim" in tables:
        of_person = {field: country(looked_up(leg["victim_id"], tables["victim"], "victim_id", field)) for field in _PERSON_COUNTRIES}
        recruited = of_person["country_recruit"]
        yield Found("route_leg", yes(first) & _differ(start, recruited), ("place_from_id", "victim.country_recruit"))
        ends = [of_person["country_exploit_last"], of_person["country_identify"]]
        known = pd.concat(ends, axis="columns").notna().any(axis="columns")
        elsewhere = end.notna() & known & ~(yes(end.eq(ends[0])) | yes(end.eq(ends[1])))
        yield Found("route_leg", yes(last) & elsewhere, ("place_to_id", "victim.country_exploit_last", "victim.country_identify"))
    if "smuggled_person" in tables:
        set_out = country(looked_up(leg["smuggled_id"], tables["smuggled_person"], "smuggled_id", "country_start"))
        yield Found("route_leg", yes(first) & _differ(start, set_out), ("place_from_id", "smuggled_person.country_start"))


_PERSON_COUNTRIES = ("country_recruit", "country_exploit_last", "country_identify")


def _differ(one: pd.Series[str], other: pd.Series[str]) -> pd.Series[bool]:
    return one.notna() & other.notna() & one.ne(other)


def crossing_fits_the_transport(tables: Tables) -> Iterator[Found]:
    """R35: a leg by air crosses at an airport, one by ship or boat by sea or river, or neither crosses."""
    leg = tables["route_leg"]
    wrong = pd.Series(False, index=leg.index)
    for mode, crossings in _CROSSINGS.items():
        wrong |= is_one_of(leg["mode"], [mode]) & is_known(leg["crossing"]) & ~is_one_of(leg["crossing"], crossings)
    yield Found("route_leg", wrong, ("mode", "crossing"))


def speed_over_land_is_possible(tables: Tables) -> Iterator[Found]:
    """R36: a leg over land covers less than 1,500 km for each day that its dates allow, both of them counted."""
    leg = tables["route_leg"]
    most = latest(leg["arrive_on"], leg["arrive_on_prec"]) - earliest(leg["depart_on"], leg["depart_on_prec"])
    days = most.dt.days + 1
    possible = days.ge(1)  # otherwise the dates themselves are out of order (R04)
    too_fast = (kilometres(tables) / days.where(possible)).ge(_FASTEST)
    yield Found(
        "route_leg", is_one_of(leg["mode"], _OVER_LAND) & yes(too_fast), ("place_from_id", "place_to_id", "depart_on", "arrive_on", "mode")
    )


def leg_belongs_to_somebody(tables: Tables) -> Iterator[Found]:
    """F20: a leg names a case, a victim or a smuggled person."""
    leg = tables["route_leg"]
    yield Found("route_leg", leg[list(_OWNERS)].isna().all(axis="columns"), _OWNERS)


def fraud_fits_the_papers(tables: Tables) -> Iterator[Found]:
    """F21: forged papers, papers obtained by fraud and papers of another person have their kind of fraud; other papers have none."""
    leg = tables["route_leg"]
    expected = leg["docs"].astype("str").map(_FRAUD)
    given = leg["doc_fraud_type"].astype("str").where(is_known(leg["doc_fraud_type"]))
    wrong = _differ(given, expected) | (given.notna() & expected.isna() & is_known(leg["docs"]))
    yield Found("route_leg", wrong, ("docs", "doc_fraud_type"))


CHECKS: Mapping[str, Check] = {
    "R30": domestic_or_across_borders,
    "R31": flow_by_citizenship_differs,
    "R32": flow_touches_the_americas,
    "R33": legs_form_a_journey,
    "R34": journey_fits_the_person,
    "R35": crossing_fits_the_transport,
    "R36": speed_over_land_is_possible,
    "F20": leg_belongs_to_somebody,
    "F21": fraud_fits_the_papers,
}
