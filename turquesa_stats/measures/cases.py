"""The case-level units a report is about: victims, means and accused of one country and period, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.multiple_response import answer_matrix, answer_shares
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import NOT_ASKED, NOT_KNOWN, TOTAL, code_list

GROUPS = ("WOMEN", "MEN", "GIRLS", "BOYS")
GROUP_OF = {("F", "ADULT"): "WOMEN", ("M", "ADULT"): "MEN", ("F", "MINOR"): "GIRLS", ("M", "MINOR"): "BOYS"}
_IDENTIFIED = ("REASONABLE", "FORMAL")


def victims(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """
    Return the victims of trafficking identified in a country and period, one row a person.

    Counted are persons with reasonable grounds or formal identification, by date of first contact. A person in several cases
    counts once (``person_key``). Column ``group`` is one of :data:`GROUPS`, missing where sex or age status is unknown.
    """
    return once(identified(of_country_and_period(tables, country, period)))


def identified(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records of persons with reasonable grounds or formal identification."""
    return records[records["id_status"].isin(_IDENTIFIED)]


def once(records: pd.DataFrame) -> pd.DataFrame:
    """Return one record a person, the first in the table's order, with the person's ``group``."""
    person = records["person_key"].fillna(records["victim_id"])
    chosen = records[~person.duplicated()]
    pairs = pd.Series(list(zip(chosen["sex"], chosen["age_status_exploit"], strict=True)), index=chosen.index, dtype="object")
    return chosen.assign(group=pairs.map(GROUP_OF))


def of_country_and_period(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """Return all records of presumed or identified victims of a country by date of first contact; a person may have several."""
    case = tables["case"]
    of_country = case[case["country_report"].eq(country) & case["crime_type"].isin(["TIP", "TIP_SOM"])]
    joined = tables["victim"].merge(
        of_country[["case_id", "opened_on", "detected_via", "event_start"]], on="case_id", validate="many_to_one"
    )
    return joined[met_in(joined, period)]


def met_in(records: pd.DataFrame, period: Period) -> pd.Series[bool]:
    """Whether each record's first contact, or where that is not dated the opening of its case, lies in a period."""
    when = records["first_contact_date"].fillna(records["opened_on"])
    return when.between(pd.Timestamp(period.start), pd.Timestamp(period.end))


def elements(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame, element: str) -> pd.DataFrame:
    """Return the acts (``ACT``), means (``MNS``) or purposes (``PUR``) of some victims, one row a victim and code, with group and case."""
    of_kind = tables["victim_element"]
    of_kind = of_kind[of_kind["element"].eq(element)][["victim_id", "code"]].drop_duplicates()
    return of_kind.merge(_victims_only(chosen), on="victim_id")


def recruitment(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the ways in which some victims were recruited, one row a victim and code, with group and case; ``_N`` if nothing is held."""
    if "victim_recruit_channel" not in tables:
        return _victims_only(chosen).assign(code=NOT_ASKED)
    channels = tables["victim_recruit_channel"][["victim_id", "code"]].drop_duplicates()
    held = _victims_only(chosen).merge(channels, on="victim_id", how="left")
    return held.assign(code=held["code"].fillna(NOT_ASKED))


def _victims_only(chosen: pd.DataFrame) -> pd.DataFrame:
    return chosen[["victim_id", *(name for name in ("case_id", "group") if name in chosen)]]


def known(values: pd.Series[str]) -> pd.Series[bool]:
    """Whether each answer is known: asked, and neither unknown nor not applicable."""
    return values.notna() & ~values.isin(NOT_KNOWN)


def completeness(frame: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """
    Return how many records have a known value in each field (indicator A35).

    Returns
    -------
    DataFrame
        ``field, count`` (known) and the share as estimate with ``n`` = all records.
    """
    rows = [{"field": field, "count": int(known(frame[field]).sum())} for field in fields]
    return shares(pd.DataFrame(rows).assign(n=len(frame)))


def single_answer(frame: pd.DataFrame, field: str, codes: str) -> pd.DataFrame:
    """
    Return the shares of the known answers to one question.

    Parameters
    ----------
    frame : DataFrame
        One row a unit; with ``case_id`` intervals allow for units of one case being alike.
    field : str
        Column of the answers.
    codes : str
        Code list of the answers; answers that nobody gave are there with count 0, so that disclosure control can hide them among the
        small ones.

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = records with a known answer.
    """
    unit = pd.Series(range(len(frame)), index=frame.index)
    return _ranked(unit, frame[field], frame.get("case_id"), codes)


def several_answers(frame: pd.DataFrame, codes: str) -> pd.DataFrame:
    """
    Return the shares of each answer where a unit may give several; they add to more than 100 %.

    Parameters
    ----------
    frame : DataFrame
        ``victim_id, code``, one row a unit and answer; with ``case_id`` intervals allow for units of one case being alike.
    codes : str
        As in :func:`single_answer`.

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = units with at least one known answer.
    """
    return _ranked(frame["victim_id"], frame["code"], frame.get("case_id"), codes)


def _ranked(unit: pd.Series[Any], code: pd.Series[str], of_case: pd.Series[str] | None, codes: str) -> pd.DataFrame:
    answers = pd.DataFrame({"unit": unit, "answer": code})[known(code)]
    given = answer_matrix(answers, possible_answers(codes))
    cluster = None if of_case is None else of_case.groupby(unit).first().loc[given.index].to_list()
    found = answer_shares(given, cluster).rename(columns={"answer": "code"})
    return found[["code", "count", *ESTIMATE_COLUMNS]].sort_values(["count", "code"], ascending=[False, True], ignore_index=True)


def possible_answers(codes: str) -> list[str]:
    """Return the answers of a code list that tell something of one unit: neither unknown nor a total."""
    return [code for code in code_list(codes).codes if code not in (*NOT_KNOWN, TOTAL)]


def shares(tally: pd.DataFrame) -> pd.DataFrame:
    """Add to ``count`` and ``n`` the share as estimate (Wilson interval); rows with n = 0 are left out."""
    tally = tally[tally["n"].gt(0)]
    estimates = [proportion(int(c), int(n)) for c, n in zip(tally["count"], tally["n"], strict=True)]
    return tally.assign(**{name: [getattr(e, name) for e in estimates] for name in ESTIMATE_COLUMNS})


def in_order(frame: pd.DataFrame, column: str, codes: str) -> pd.DataFrame:
    """Return the rows in the order of a code list."""
    order = {code: position for position, code in enumerate(code_list(codes).codes)}
    return frame.sort_values(column, key=lambda values: values.map(order), kind="stable", ignore_index=True)
