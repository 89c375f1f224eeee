"""The case-level units a report is about: victims, means and accused of one country and period, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.intervals import proportion
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
    records = of_country_and_period(tables, country, period)
    chosen = records[records["id_status"].isin(_IDENTIFIED)]
    person = chosen["person_key"].fillna(chosen["victim_id"])
    chosen = chosen[~person.duplicated()]
    pairs = pd.Series(list(zip(chosen["sex"], chosen["age_status_exploit"], strict=True)), index=chosen.index, dtype="object")
    return chosen.assign(group=pairs.map(GROUP_OF))


def of_country_and_period(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """Return all records of presumed or identified victims of a country by date of first contact; a person may have several."""
    case = tables["case"]
    of_country = case[case["country_report"].eq(country) & case["crime_type"].isin(["TIP", "TIP_SOM"])]
    joined = tables["victim"].merge(
        of_country[["case_id", "opened_on", "detected_via", "event_start"]], on="case_id", validate="many_to_one"
    )
    when = joined["first_contact_date"].fillna(joined["opened_on"])
    return joined[when.between(pd.Timestamp(period.start), pd.Timestamp(period.end))]


def elements(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame, element: str) -> pd.DataFrame:
    """Return the acts (``ACT``), means (``MNS``) or purposes (``PUR``) of some victims, one row a victim and code, with ``group``."""
    of_kind = tables["victim_element"]
    of_kind = of_kind[of_kind["element"].eq(element)][["victim_id", "code"]].drop_duplicates()
    return of_kind.merge(chosen[["victim_id", "group"]], on="victim_id")


def recruitment(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the ways in which some victims were recruited, one row a victim and code, with ``group``; ``_N`` where nothing is held."""
    if "victim_recruit_channel" not in tables:
        return chosen[["victim_id", "group"]].assign(code=NOT_ASKED)
    channels = tables["victim_recruit_channel"][["victim_id", "code"]].drop_duplicates()
    held = chosen[["victim_id", "group"]].merge(channels, on="victim_id", how="left")
    return held.assign(code=held["code"].fillna(NOT_ASKED))


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
        One row a unit.
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
    answers = frame.loc[known(frame[field]), field]
    return _ranked(answers.value_counts(), codes, len(answers))


def several_answers(frame: pd.DataFrame, codes: str) -> pd.DataFrame:
    """
    Return the shares of each answer where a unit may give several; they add to more than 100 %.

    Parameters
    ----------
    frame : DataFrame
        ``victim_id, code``, one row a unit and answer.
    codes : str
        As in :func:`single_answer`.

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = units with at least one known answer.
    """
    answers = frame[known(frame["code"])]
    return _ranked(answers.groupby("code")["victim_id"].nunique(), codes, answers["victim_id"].nunique())


def _ranked(tally: pd.Series[int], codes: str, n: int) -> pd.DataFrame:
    possible = [code for code in code_list(codes).codes if code not in (*NOT_KNOWN, TOTAL)]
    counted = tally.reindex(possible, fill_value=0).rename_axis("code").reset_index(name="count")
    return shares(counted.assign(n=n)).sort_values(["count", "code"], ascending=[False, True], ignore_index=True)


def shares(tally: pd.DataFrame) -> pd.DataFrame:
    """Add to ``count`` and ``n`` the share as estimate (Wilson interval); rows with n = 0 are left out."""
    tally = tally[tally["n"].gt(0)]
    estimates = [proportion(int(c), int(n)) for c, n in zip(tally["count"], tally["n"], strict=True)]
    return tally.assign(**{name: [getattr(e, name) for e in estimates] for name in ESTIMATE_COLUMNS})


def in_order(frame: pd.DataFrame, column: str, codes: str) -> pd.DataFrame:
    """Return the rows in the order of a code list."""
    order = {code: position for position, code in enumerate(code_list(codes).codes)}
    return frame.sort_values(column, key=lambda values: values.map(order), kind="stable", ignore_index=True)
