"""Checks of persons: ages, the elements of trafficking, who may be called a victim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables

ADULT_FROM = 18  # Palermo Protocol, article 3 (d)
AGES = (("age_registration", "age_status_reg"), ("age_exploitation_start", "age_status_exploit"), ("age_recruitment", "age_status_entry"))


def _is(values: pd.Series[str], *codes: str) -> pd.Series[bool]:
    """Whether each value is one of some codes; never missing."""
    return values.isin(codes).fillna(value=False).astype(bool)


def age_status_follows_age(tables: Tables) -> Iterator[Found]:
    """R01: a known age decides who is a child."""
    victim = tables["victim"]
    for age, status in AGES:
        known = victim[age].notna()
        child = victim[age].lt(ADULT_FROM).fillna(value=False).astype(bool)
        right = (child & _is(victim[status], "MINOR")) | (~child & _is(victim[status], "ADULT"))
        yield Found("victim", known & ~right, (age, status))


def ages_in_order(tables: Tables) -> Iterator[Found]:
    """R02: nobody is exploited before being recruited, or registered before being exploited."""
    victim = tables["victim"]
    for earlier, later in (
        ("age_recruitment", "age_exploitation_start"),
        ("age_exploitation_start", "age_registration"),
        ("age_recruitment", "age_registration"),
    ):
        yield Found("victim", victim[earlier].gt(victim[later]).fillna(value=False).astype(bool), (earlier, later))


def child_at_registration_was_child_before(tables: Tables) -> Iterator[Found]:
    """R03: who is a child when registered was one when exploited and at entry."""
    victim = tables["victim"]
    child = _is(victim["age_status_reg"], "MINOR")
    for earlier in ("age_status_exploit", "age_status_entry"):
        yield Found("victim", child & _is(victim[earlier], "ADULT"), ("age_status_reg", earlier))


CHECKS: Mapping[str, Check] = {
    "R01": age_status_follows_age,
    "R02": ages_in_order,
    "R03": child_at_registration_was_child_before,
}
