"""What is hidden of the counts of requests, services, participants and journeys: decided register by register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from turquesa_stats.disclosure.linked_tables import linked_tables
from turquesa_stats.disclosure.policy import Person, Policy
from turquesa_stats.disclosure.register import Attribute
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS, Tables
from turquesa_stats.reporting.activity_tables import ACTIVITY_TABLES
from turquesa_stats.reporting.case_tables import Register
from turquesa_stats.reporting.protection import Protection, decided, margins_of, spans_of

ACTIVITY_PERSON: Mapping[Register, Person] = {
    "requests": Person.ACCUSED,  # a request is of no person, but of one case: protected like the persons accused in it
    "services": Person.VICTIM,
    "compensation": Person.ACCUSED,
    "participants": Person.VICTIM,
    "smuggled": Person.VICTIM,
    "journeys": Person.VICTIM,
    "linked": Person.ACCUSED,  # cases, protected like the persons accused in them
    "structure": Person.ACCUSED,  # cases too
    "roles": Person.ACCUSED,
    "reviews": Person.ACCUSED,
    "technology": Person.VICTIM,
}
DECIDED_FOR: Mapping[str, tuple[Register, ...]] = {
    "annual-threat-assessment": (
        *("services", "compensation", "requests", "participants", "linked", "structure", "roles", "reviews"),
        *("technology", "smuggled", "journeys"),
        *("victims", "accused"),
    ),
    "regional-operations": ("requests",),
    "operations": ("requests",),
    "training": ("participants",),
    "country-profile": ("services", "compensation", "reviews"),
    "routes": ("smuggled", "journeys"),
}
"""Which registers each report counts: decided once before its documents are made."""


def protected_by(register: Register) -> tuple[str, ...]:
    """Return the tables that decide what is hidden of a register."""
    return (*ACTIVITY_REGISTERS[register].read, "source")


def protect_activities(tables: Tables, country: str, register: Register, policy: Policy, secret: str = "") -> Protection:
    """
    Decide what is hidden of one register of a country.

    Its units are others than those of the registers of victims and accused, or some of them: no count of one is a sum of counts of another.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace.
    country : str
        ISO 3166 alpha-3.
    register : str
        One of :data:`turquesa_stats.measures.activity_registers.ACTIVITY_REGISTERS`.
    policy : Policy
        Limits of the audience.
    secret : str
        Of rounding; used by policies that round.
    """
    units = ACTIVITY_REGISTERS[register].units(tables, country)
    if units.empty:
        return Protection({}, {}, {}, ())
    years = [str(year) for year in range(int(units["year"].min()), int(units["year"].max()) + 1)]
    spans = spans_of(years, policy)
    attributes = _attributes(register, years, spans)
    published = [table for table in ACTIVITY_TABLES.values() if table.register == register]
    margins = [margin for table in published for margin in margins_of(table, years, spans)]
    named = {name for margin in margins for name in margin.attributes}
    linked = linked_tables(
        units.assign(period=units["year"].astype("str")),
        [one for one in attributes if one.name in named],
        margins,
        clusters="case_id",
    )
    of = {one.name: one for one in attributes}
    return decided(linked, of, (*years, *spans), policy, ACTIVITY_PERSON[register], secret)


def _attributes(register: Register, years: Sequence[str], spans: Mapping[str, frozenset[str]]) -> list[Attribute]:
    held = ACTIVITY_REGISTERS[register].attributes.items()
    others = [Attribute(name, leaves, {code: frozenset(parts) for code, parts in sums.items()}) for name, (leaves, sums) in held]
    return [Attribute("period", tuple(years), spans), *others]


def units_within(tables: Tables, country: str, register: Register, years: Sequence[int]) -> pd.DataFrame:
    """Return the units of a register in some years."""
    units = ACTIVITY_REGISTERS[register].units(tables, country)
    return units[units["year"].isin(years)].reset_index(drop=True) if len(units) else units
