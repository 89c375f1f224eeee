"""
Registers of what is done and of who is on the way: requests, services, compensation, participants, journeys, linked offences.

Each unit belongs to one year. Smuggled migrants are a register of their own: none of them is counted as a victim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.actors import (
    GROUP_TYPES,
    ROLES,
    STAGE_TECHNOLOGIES,
    review_units,
    role_units,
    structure_units,
    technology_units,
)
from turquesa_stats.measures.cases import GROUP_OF, known, victims
from turquesa_stats.measures.journeys import journeys
from turquesa_stats.measures.linked_offences import CRIME_CODES, CRIME_SUMS, LINKS, linked_case_units
from turquesa_stats.measures.registers import NO, YES, answer_codes
from turquesa_stats.measures.routes import REACHES
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, UNKNOWN, code_list

Tables = Mapping[str, pd.DataFrame]
Sums = Mapping[str, tuple[str, ...]]
SENT, RECEIVED = "SENT", "RECEIVED"
ROUTE_COUNTRIES = (
    *("ARG", "BOL", "BRA", "CAN", "CHL", "COL", "CRI", "CUB", "DOM", "ECU", "GTM", "HND"),
    *("HTI", "MEX", "NIC", "PAN", "PER", "PRY", "SLV", "URY", "USA", "VEN", DEMONSTRATION_COUNTRY),
)
"""Countries told by name on routes: those of the mainland and the large islands. A short fixed list hides small counts at less cost."""
ELSEWHERE = "_ELSEWHERE"  # any other known country outside the Americas; one within them: _ELSEWHERE_CARIBBEAN and so on
SUBREGIONS = ("NORTHERN_AMERICA", "CENTRAL_AMERICA", "CARIBBEAN", "SOUTH_AMERICA")
BLOCS = (*SUBREGIONS, "OUTSIDE", DEMONSTRATION_COUNTRY)
"""Where corridors begin and end: subregions (UN M49), the rest of the world, and the demonstration country, which lies in none."""
SERVICES = tuple(code for code in answer_codes("protection") if code not in ("NONE", "COMPENSATION"))
MONTHS_AFTER = (3, 6, 12)
_ALWAYS = Period.parse("1900/2999")
_ANSWERED = ("EXECUTED", "PARTIAL", "REFUSED")
_STATES = (*_ANSWERED, "WITHDRAWN", "PENDING", UNKNOWN)
_SERVICE_STEPS = ("NO", "OFFERED", "ACCEPTED", "UNTIMED", "DELIVERED")
_MENTORS = ("MENTOR", "MENTOR_IDLE", "MENTOR_ACTIVE")
_OTHERS = {name: f"{ELSEWHERE}_{name}" for name in SUBREGIONS} | {"OUTSIDE": ELSEWHERE}
_COUNTRIES = (*ROUTE_COUNTRIES, *_OTHERS.values(), UNKNOWN)
_REACHES = tuple(f"REACH_{name}" for name in REACHES)


@dataclass(frozen=True, slots=True)
class ActivityRegister:
    """
    One register.

    Attributes
    ----------
    table : str
        Whose rows are its units; its sources are those of the register.
    read : tuple of str
        Tables that decide its counts.
    units : callable
        Tables, country -> one row a unit: ``unit_id, case_id`` (units that belong together), ``year`` and a code of each attribute.
    attributes : mapping of str to (leaves, sums)
        Every code that a unit can have, and the sums of codes that are counted.
    """

    table: str
    read: tuple[str, ...]
    units: Callable[[Tables, str], pd.DataFrame]
    attributes: Mapping[str, tuple[tuple[str, ...], Sums]]

    def members(self, attribute: str, code: str) -> tuple[str, ...]:
        """Return the leaves that a code adds up."""
        leaves, sums = self.attributes[attribute]
        return sums.get(code, (code,) if code in leaves else ())

    def count(self, units: pd.DataFrame, codes: Mapping[str, str]) -> int:
        """Return how many of the units have all of some codes."""
        chosen = pd.Series(data=True, index=units.index)
        for name, code in codes.items():
            chosen &= units[name].isin(self.members(name, code))
        return int(chosen.sum())


def _code(values: pd.Series[str]) -> pd.Series[str]:
    return values.astype("object").where(known(values), UNKNOWN)


def _request_units(tables: Tables, country: str) -> pd.DataFrame:
    """Requests for cooperation that the country sent or received, by the day they were sent (indicator D12)."""
    request = tables["coop_request"]
    own = request[request["iso3_from"].eq(country) ^ request["iso3_to"].eq(country)].reset_index(drop=True)
    state = own["outcome"].astype("object").where(own["outcome"].isin(_STATES), UNKNOWN)
    return pd.DataFrame(
        {
            "unit_id": own["req_id"],
            "case_id": own["case_id"].fillna(own["req_id"]),
            "year": own["sent_on"].dt.year,
            "kind": _code(own["kind"]),
            "direction": own["iso3_from"].eq(country).map({True: SENT, False: RECEIVED}),
            "state": state,
            "sent_on": own["sent_on"],
            "answered_on": own["answered_on"],
        }
    )


def _service_units(tables: Tables, country: str) -> pd.DataFrame:
    """Victims identified in the country of whom at least one service is recorded, by first contact (indicators E01, E03)."""
    service = tables["protection"]
    recorded = service[service["kind"].isin(SERVICES)]
    person = victims(tables, country, _ALWAYS)
    person = person[person["victim_id"].isin(recorded["victim_id"])].reset_index(drop=True)
    when = person["first_contact_date"].fillna(person["opened_on"])
    units = pd.DataFrame({"unit_id": person["victim_id"], "case_id": person["case_id"], "year": when.dt.year})
    step = pd.Series("OFFERED", index=recorded.index, dtype="object").mask(recorded["accepted"].eq("Y"), "ACCEPTED")
    step = step.mask(recorded["started_on"].notna(), "UNTIMED")
    step = step.mask(recorded["started_on"].notna() & recorded["offered_on"].notna(), "DELIVERED")
    ranked = recorded.assign(rank=step.map(_SERVICE_STEPS.index), waited=(recorded["started_on"] - recorded["offered_on"]).dt.days)
    best = ranked.sort_values(["rank", "waited"], ascending=[False, True]).drop_duplicates(["victim_id", "kind"])
    for kind in SERVICES:
        of_kind = best[best["kind"].eq(kind)].set_index("victim_id")
        units[f"service.{kind}"] = units["unit_id"].map(of_kind["rank"].map(dict(enumerate(_SERVICE_STEPS)))).fillna("NO")
        units[f"waited.{kind}"] = units["unit_id"].map(of_kind["waited"])
    return units


def _compensation_units(tables: Tables, country: str) -> pd.DataFrame:
    """Persons sentenced in the country of whom it is known whether compensation was ordered, by first charge (indicator D11)."""
    case, charge = tables["case"], tables["charge"]
    own = charge[charge["case_id"].isin(case.loc[case["country_report"].eq(country), "case_id"]) & charge["is_tip"].astype("bool")]
    sentence = tables["sentence"].merge(own[["charge_id", "case_id", "filed_on"]], on="charge_id")
    sentence = sentence[sentence["compensation_ordered"].notna()]
    person = sentence.groupby("accused_id", as_index=False).agg(
        case_id=("case_id", "first"),
        filed_on=("filed_on", "min"),
        ordered=("compensation_ordered", "sum"),
        paid=("compensation_paid", "sum"),
    )
    paid = pd.Series("NOTHING", index=person.index, dtype="object").mask(person["ordered"].gt(0), "UNPAID")
    paid = paid.mask(person["ordered"].gt(0) & person["paid"].gt(0), "PART").mask(
        person["ordered"].gt(0) & person["paid"].ge(person["ordered"]), "WHOLE"
    )
    return person.rename(columns={"accused_id": "unit_id", "paid": "amount_paid"}).assign(year=person["filed_on"].dt.year, paid=paid)


def _participant_units(tables: Tables, country: str) -> pd.DataFrame:
    """Participants of the country, by the start of their first activity, with what came of all of theirs (indicators B02 to B08)."""
    person = tables["participant"]
    person = person[person["iso3"].eq(country)]
    taken = tables["training_participation"]
    taken = taken[taken["part_id"].isin(person["part_id"])]
    start = taken["act_id"].map(tables["training_activity"].set_index("act_id")["start"])
    taken = taken.assign(start=start).dropna(subset="start").sort_values("start", kind="stable")
    first = taken.groupby("part_id")["start"].first()
    person = person[person["part_id"].isin(first.index)].reset_index(drop=True)
    followed = tables["training_followup"]
    scored = taken[taken["score_pre"].notna() & taken["score_post"].notna()].drop_duplicates("part_id").set_index("part_id")

    participants = person["part_id"].astype("object")  # Arrow's texts are slow to look up

    def any_of(rows: pd.DataFrame) -> pd.Series[bool]:
        return participants.isin(rows["part_id"].astype("object"))

    mentor, reached = any_of(taken[taken["certified_mentor"].eq("Y")]), any_of(followed)
    done = pd.Series("NOT", index=person.index, dtype="object").mask(~any_of(taken[known(taken["completed"])]), UNKNOWN)
    done = done.mask(any_of(taken[taken["completed"].eq("Y")]), "COMPLETED").mask(mentor, "MENTOR").mask(mentor & reached, "MENTOR_IDLE")
    done = done.mask(mentor & any_of(followed[followed["trained_others"].gt(0)]), "MENTOR_ACTIVE")
    units = pd.DataFrame({"unit_id": person["part_id"], "case_id": person["part_id"], "year": person["part_id"].map(first).dt.year})
    units = units.assign(sex=_code(person["sex"]), trainee_group=_code(person["trainee_group"]), done=done)
    units["scored"] = person["part_id"].isin(scored.index).map({True: YES, False: NO})
    for name in ("score_pre", "score_post", "act_id"):
        units[name] = person["part_id"].map(scored[name])
    for months in MONTHS_AFTER:
        answers = followed[followed["months_after"].eq(months)]
        applied = pd.Series("NOT_REACHED", index=person.index, dtype="object").mask(any_of(answers), UNKNOWN)
        applied = applied.mask(any_of(answers[answers["applied"].eq("N")]), NO).mask(any_of(answers[answers["applied"].eq("Y")]), YES)
        units[f"applied.{months}"] = applied
    return units


def _bloc(country: str) -> str:
    """Return where a country lies, as corridors tell it."""
    if country == DEMONSTRATION_COUNTRY:
        return country
    row = code_list("area").rows.get(country)
    return (row["m49_subregion"] if row else "") or "OUTSIDE"


def _country(values: pd.Series[str]) -> pd.Series[str]:
    held = values.astype("object").where(known(values), UNKNOWN)
    return held.where(held.isin(_COUNTRIES), held.map(lambda code: _OTHERS.get(_bloc(str(code)), ELSEWHERE)))


def _end(values: pd.Series[str]) -> pd.Series[str]:
    """Return the bloc in which journeys end."""
    held = values.astype("object").where(known(values), UNKNOWN)
    return held.where(held.eq(UNKNOWN), held.map(lambda code: f"TO_{_bloc(str(code))}"))


def _starts() -> Sums:
    """Return each bloc with the origins in it: what is hidden of origins and of corridors is decided as one."""
    of = {code: _bloc(code) for code in ROUTE_COUNTRIES} | {code: bloc for bloc, code in _OTHERS.items()}
    return {f"FROM_{bloc}": tuple(code for code, lies in of.items() if lies == bloc) for bloc in BLOCS}


def _own_sources(tables: Tables, country: str) -> set[str]:
    case = tables["case"]
    return set(case.loc[case["country_report"].eq(country), "source_id"])


def _ways(tables: Tables, own: str) -> pd.DataFrame:
    """Return the first journey of each person with its countries; empty where none is recorded."""
    try:
        every = journeys(tables)
    except MeasureRefused:
        return pd.DataFrame(columns=["unit_id", "year", "origin", "end", "reach"])
    of = every[every[own].notna() & every["date"].notna()].sort_values(["date", "journey_id"]).drop_duplicates(own)
    transit = of["transit"].fillna("").map(lambda text: frozenset(str(text).split(">")) - {""})
    return pd.DataFrame(
        {
            "unit_id": of[own],
            "year": of["date"].dt.year,
            "origin": _country(of["origin"]),
            "end": _end(of["destination"]),
            "reach": ("REACH_" + of["reach"].astype("object")).where(of["reach"].notna(), UNKNOWN),
            **{f"transit.{code}": transit.map(lambda passed, code=code: YES if code in passed else NO) for code in ROUTE_COUNTRIES},
        }
    ).reset_index(drop=True)


def _smuggled_units(tables: Tables, country: str) -> pd.DataFrame:
    """Smuggled migrants whom the country's sources tell of, by the first day of their journey (indicators A22, A23)."""
    person = tables["smuggled_person"]
    person = person[person["source_id"].isin(_own_sources(tables, country))].set_index("smuggled_id")
    units = _ways(tables, "smuggled_id")
    units = units[units["unit_id"].isin(person.index)].reset_index(drop=True)
    if units.empty:
        return units
    of = person.loc[units["unit_id"]].reset_index()
    group = pd.Series([GROUP_OF.get(pair, UNKNOWN) for pair in zip(of["sex"], of["age_status"], strict=True)], dtype="object")
    fee = of["fee_total"].where(of["fee_currency"].eq("USD") & of["fee_covers"].eq("WHOLE"))
    return units.assign(
        case_id=of["case_id"].fillna(of["smuggled_id"]),
        group=group,
        payment=_code(of["payment_method"]),
        fee=fee.notna().map({True: YES, False: NO}),
        fee_usd=fee,
        fee_price_year=of["fee_price_year"],
    )


def _journey_units(tables: Tables, country: str) -> pd.DataFrame:
    """Victims of the country's cases whose journey is recorded, by its first day (indicators A08, A10)."""
    person = victims(tables, country, _ALWAYS).set_index("victim_id")["case_id"]
    units = _ways(tables, "victim_id")
    units = units[units["unit_id"].isin(person.index)].reset_index(drop=True)
    return units.assign(case_id=units["unit_id"].map(person))


_WAY: Mapping[str, tuple[tuple[str, ...], Sums]] = {
    "origin": (_COUNTRIES, {}),
    **{f"transit.{code}": ((YES, NO), {}) for code in ROUTE_COUNTRIES},
}
_OFFERED = {"_OFFERED": _SERVICE_STEPS[1:], "_ACCEPTED": _SERVICE_STEPS[2:], "_DELIVERED": _SERVICE_STEPS[3:]}
ACTIVITY_REGISTERS: Mapping[str, ActivityRegister] = {
    "requests": ActivityRegister(
        "coop_request",
        ("coop_request",),
        _request_units,
        {
            "kind": ((*answer_codes("coop_kind"), UNKNOWN), {}),
            "direction": ((SENT, RECEIVED), {}),
            "state": (_STATES, {"_ANSWERED": _ANSWERED, "_DONE": _ANSWERED[:2]}),
        },
    ),
    "services": ActivityRegister(
        "protection",
        ("protection", "victim", "case"),
        _service_units,
        {f"service.{kind}": (_SERVICE_STEPS, _OFFERED) for kind in SERVICES},
    ),
    "compensation": ActivityRegister(
        "sentence",
        ("sentence", "charge", "case"),
        _compensation_units,
        {"paid": (("NOTHING", "UNPAID", "PART", "WHOLE"), {"_ORDERED": ("UNPAID", "PART", "WHOLE"), "_PAID": ("PART", "WHOLE")})},
    ),
    "participants": ActivityRegister(
        "participant",
        ("participant", "training_participation", "training_activity", "training_followup"),
        _participant_units,
        {
            "sex": ((*answer_codes("sex"), UNKNOWN), {"_FM": ("F", "M")}),
            "trainee_group": ((*answer_codes("trainee_group"), UNKNOWN), {}),
            "done": (
                ("NOT", "COMPLETED", *_MENTORS, UNKNOWN),
                {"_COMPLETED": ("COMPLETED", *_MENTORS), "_CERTIFIED": _MENTORS, "_NOT": ("NOT", UNKNOWN), "_IDLE": _MENTORS[:2]},
            ),
            "scored": ((YES, NO), {}),
            **{f"applied.{months}": ((YES, NO, "NOT_REACHED", UNKNOWN), {"_TOLD": (YES, NO)}) for months in MONTHS_AFTER},
        },
    ),
    "smuggled": ActivityRegister(
        "smuggled_person",
        ("smuggled_person", "route_leg", "place", "case"),
        _smuggled_units,
        {
            **_WAY,
            "origin": (_COUNTRIES, _starts()),
            "end": ((*(f"TO_{bloc}" for bloc in BLOCS), UNKNOWN), {}),
            "group": ((*GROUP_OF.values(), UNKNOWN), {}),
            "payment": ((*answer_codes("pay"), UNKNOWN), {"_TOLD": answer_codes("pay")}),
            "fee": ((YES, NO), {}),
        },
    ),
    "journeys": ActivityRegister(
        "route_leg",
        ("route_leg", "place", "victim", "case"),
        _journey_units,
        {**_WAY, "reach": ((*_REACHES, UNKNOWN), {"_TOLD": _REACHES})},
    ),
    "linked": ActivityRegister(
        "case_offence_link",
        ("case_offence_link", "case"),
        linked_case_units,
        {"crime": (CRIME_CODES, CRIME_SUMS), **{f"link.{topic}": ((YES, NO), {}) for topic in LINKS}},
    ),
    "structure": ActivityRegister(
        "case",
        ("case",),
        structure_units,
        {"crime": (CRIME_CODES, CRIME_SUMS), "group": ((*GROUP_TYPES, UNKNOWN), {"_TOLD": GROUP_TYPES})},
    ),
    "roles": ActivityRegister(
        "case_accused",
        ("case_accused", "case"),
        role_units,
        {"crime": (CRIME_CODES, CRIME_SUMS), "part": ((*ROLES, UNKNOWN), {"_TOLD": ROLES})},
    ),
    "reviews": ActivityRegister(
        "accused",
        ("accused", "case_accused", "charge", "charge_event", "sentence", "case"),
        review_units,
        {"also": ((YES, NO), {}), "convicted": ((YES, NO), {})},
    ),
    "technology": ActivityRegister(
        "victim_technology",
        ("victim_technology", "victim", "case"),
        technology_units,
        {f"tech.{stage}.{code}": ((YES, NO), {}) for stage, code in STAGE_TECHNOLOGIES},
    ),
}
"""The registers by name."""
