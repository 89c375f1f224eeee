"""Checks of the rows of victims: ages, their case, consent, how long the exploitation lasted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.linked import country, is_one_of, looked_up, yes
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.dates import earliest, latest, out_of_order

ADULT_FROM = 18  # Palermo Protocol, article 3 (d)
AGES = (("age_registration", "age_status_reg"), ("age_exploitation_start", "age_status_exploit"), ("age_recruitment", "age_status_entry"))
_TRAFFICKING = ("TIP", "TIP_SOM")
_DAYS_A_MONTH = 365.25 / 12
_TOLERATED_MONTHS = 1.0  # sources round a duration to whole months
_BANDS = {"M0T12": (0.0, 12.0), "M13T24": (13.0, 24.0), "M_GE25": (25.0, float("inf"))}
_CONSENT = re.compile(r"consent|consinti", re.IGNORECASE)
_CONSENT_TO_USE = "consent_data"


def age_status_follows_age(tables: Tables) -> Iterator[Found]:
    """R01: a known age, or age group at registration, decides who is a child."""
    victim = tables["victim"]
    for age, status in AGES:
        known = victim[age].notna()
        child = yes(victim[age].lt(ADULT_FROM))
        right = (child & is_one_of(victim[status], ["MINOR"])) | (~child & is_one_of(victim[status], ["ADULT"]))
        yield Found("victim", known & ~right, (age, status))
    least, most = (victim["age_band"].astype("str").map(ends).astype("float64") for ends in _band_ends())
    at_registration = victim["age_status_reg"]
    child_called_adult = yes(most.lt(ADULT_FROM)) & is_one_of(at_registration, ["ADULT"])
    adult_called_child = yes(least.ge(ADULT_FROM)) & is_one_of(at_registration, ["MINOR"])
    yield Found("victim", child_called_adult | adult_called_child, ("age_band", "age_status_reg"))


@cache
def _band_ends() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return the least age and the greatest age of each age group, where it has one."""
    groups = {
        code: re.fullmatch(r"Y(?:_LT(?P<below>\d+)|_GE(?P<least>\d+)|(?P<low>\d+)T(?P<high>\d+))", code) for code in code_list("age").codes
    }
    ends = {code: {name: int(age) for name, age in group.groupdict().items() if age} for code, group in groups.items() if group}
    least = {code: end.get("low", end.get("least", 0)) for code, end in ends.items()}
    most = {code: end["high"] if "high" in end else end["below"] - 1 for code, end in ends.items() if "least" not in end}
    return least, most


def ages_in_order(tables: Tables) -> Iterator[Found]:
    """R02: nobody is exploited before being recruited, or registered before being exploited."""
    victim = tables["victim"]
    for earlier, later in (
        ("age_recruitment", "age_exploitation_start"),
        ("age_exploitation_start", "age_registration"),
        ("age_recruitment", "age_registration"),
    ):
        yield Found("victim", yes(victim[earlier].gt(victim[later])), (earlier, later))


def child_at_registration_was_child_before(tables: Tables) -> Iterator[Found]:
    """R03: who is a child when registered was one when exploited and at entry."""
    victim = tables["victim"]
    child = is_one_of(victim["age_status_reg"], ["MINOR"])
    for earlier in ("age_status_exploit", "age_status_entry"):
        yield Found("victim", child & is_one_of(victim[earlier], ["ADULT"]), ("age_status_reg", earlier))


def consent_decides_nothing(tables: Tables) -> Iterator[Found]:
    """R13: no field but the one on the use of the data speaks of consent; a field that does is told with every row that fills it."""
    for name in ("victim", "case"):
        if name in tables:
            for column in tables[name].columns:
                if _CONSENT.search(str(column)) and column not in {_CONSENT_TO_USE, f"{_CONSENT_TO_USE}_missing"}:
                    yield Found(name, tables[name][column].notna(), (column,))


def exploitation_had_not_begun(tables: Tables) -> Iterator[Found]:
    """R14: a victim of an attempted crime whose exploitation had not begun; allowed, and counted."""
    victim = tables["victim"]
    attempted = is_one_of(looked_up(victim["case_id"], tables["case"], "case_id", "attempted"), ["ATT"])
    yield Found("victim", attempted & victim["exploit_start"].isna(), ("exploit_start",))


def case_is_one_of_trafficking(tables: Tables) -> Iterator[Found]:
    """F01: a victim belongs to a case of trafficking in persons."""
    victim = tables["victim"]
    crime = looked_up(victim["case_id"], tables["case"], "case_id", "crime_type")
    yield Found("victim", crime.notna() & ~is_one_of(crime, _TRAFFICKING), ("case_id",))


def person_stands_once_in_a_case(tables: Tables) -> Iterator[Found]:
    """F11: one row a person and case."""
    victim = tables["victim"]
    known = victim["person_key"].notna()
    yield Found("victim", known & victim.duplicated(["source_id", "case_id", "person_key"], keep=False), ("case_id", "person_key"))


def duration_follows_from_dates(tables: Tables) -> Iterator[Found]:
    """
    F12: an empty duration is the time between two dates that are known at least to the month.

    A date known to the month counts as the middle of it.
    """
    victim = tables["victim"]
    precise = is_one_of(victim["exploit_start_prec"], "DM") & is_one_of(victim["exploit_end_prec"], "DM")
    months = (_middle(victim, "exploit_end") - _middle(victim, "exploit_start")).dt.total_seconds() / 86400 / _DAYS_A_MONTH
    empty = victim["duration_months"].isna() & ~_dates_clash(victim)
    derived = months.clip(lower=0).round(1)
    yield Found("victim", precise & empty & months.notna(), ("duration_months", "exploit_start", "exploit_end"), derived=derived)


def duration_agrees_with_dates(tables: Tables) -> Iterator[Found]:
    """F13: a duration that the source gives is one that its dates and its band allow, to a month."""
    victim = tables["victim"]
    first, last = earliest, latest
    start, end = _date(victim, "exploit_start"), _date(victim, "exploit_end")
    most = (last(*end) - first(*start)).dt.days / _DAYS_A_MONTH + _TOLERATED_MONTHS
    least = (first(*end) - last(*start)).dt.days / _DAYS_A_MONTH - _TOLERATED_MONTHS
    given = victim["duration_months"]
    wrong = yes(given.gt(most)) | yes(given.lt(least))
    yield Found("victim", wrong & ~_dates_clash(victim), ("duration_months", "exploit_start", "exploit_end"))
    band = victim["duration_band"].astype("str")
    least, most = (band.map({code: ends[side] for code, ends in _BANDS.items()}).astype("float64") for side in (0, 1))
    outside = yes(given.lt(least - _TOLERATED_MONTHS)) | yes(given.gt(most + _TOLERATED_MONTHS))
    yield Found("victim", outside, ("duration_months", "duration_band"))


def consent_was_not_refused(tables: Tables) -> Iterator[Found]:
    """F14: a record whose use was refused is left out."""
    victim = tables["victim"]
    yield Found("victim", is_one_of(victim[_CONSENT_TO_USE], ["_REFUSED"]), (_CONSENT_TO_USE,))


def main_citizenship_is_listed(tables: Tables) -> Iterator[Found]:
    """F34: where citizenships of a person are listed, the main one is among them."""
    victim, listed = tables["victim"], tables["victim_citizenship"]
    pairs = pd.MultiIndex.from_frame(listed[["victim_id", "citizenship"]])
    among = pd.MultiIndex.from_frame(victim[["victim_id", "citizenship"]]).isin(pairs)
    has_list = victim["victim_id"].isin(listed["victim_id"])
    yield Found("victim", has_list & country(victim["citizenship"]).notna() & ~among, ("citizenship",))


def _date(victim: pd.DataFrame, name: str) -> tuple[pd.Series[pd.Timestamp], pd.Series[str]]:
    return victim[name], victim[f"{name}_prec"]


def _middle(victim: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    first, last = earliest(*_date(victim, name)), latest(*_date(victim, name))
    return first + (last - first) / 2


def _dates_clash(victim: pd.DataFrame) -> pd.Series[bool]:
    return out_of_order(*_date(victim, "exploit_start"), *_date(victim, "exploit_end"))


CHECKS: Mapping[str, Check] = {
    "R01": age_status_follows_age,
    "R02": ages_in_order,
    "R03": child_at_registration_was_child_before,
    "R13": consent_decides_nothing,
    "R14": exploitation_had_not_begun,
    "F01": case_is_one_of_trafficking,
    "F11": person_stands_once_in_a_case,
    "F12": duration_follows_from_dates,
    "F13": duration_agrees_with_dates,
    "F14": consent_was_not_refused,
    "F34": main_citizenship_is_listed,
}
