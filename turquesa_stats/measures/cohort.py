"""Cohorts of accused persons, each counted once and followed from first contact or first charge to the end of all charges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures import register_watch
from turquesa_stats.measures.register_watch import Days
from turquesa_stats.period import Period

Start = Literal["CHARGED", "CONTACT"]
Crime = Literal["TIP", "SOM"]
OUTCOMES = ("CONVICTED", "ACQUITTED", "OTHER_END")
_ENDS = {
    "CONV_AS_CHARGED": "CONVICTED",
    "CONV_LESSER": "CONVICTED",
    "ACQUITTED": "ACQUITTED",
    "DISMISSED": "OTHER_END",
    "STAYED": "OTHER_END",
    "ABSCONDED": "OTHER_END",
    "DIED": "OTHER_END",
}
_KINDS = ("LIFE", "CUSTODY", "SUSPENDED", "COMMUNITY", "FINE", "OTHER")  # the most severe of a person's sentences stands for it
_FURTHER = ("CHARGED", "COMMITTED", "TRIAL")
_COARSE = ("Q", "Y")
_DAYS_PER_MONTH = 365.25 / 12


def cohort(
    tables: Mapping[str, pd.DataFrame],
    country: str,
    period: Period,
    start: Start = "CHARGED",
    crime: Crime = "TIP",
    seen_until: Days | None = None,
    seen_from: Days | None = None,
) -> pd.DataFrame:
    """
    Return the persons first charged with, or first contacted for, a crime in a period, and what became of them.

    A person counts once (rule R46), however many charges: as convicted from the first conviction on any charge of that crime or on one
    reduced from it; as acquitted, or ended otherwise, only when no charge is open any more; else as waiting.

    Parameters
    ----------
    tables : mapping
        ``case, charge, charge_event, accused, case_accused, sentence`` of a workspace.
    country : str
        Code of the reporting country.
    period : Period
        When the person's time started.
    start : {"CHARGED", "CONTACT"}
        With the first charge; or with first formal contact, of all accused of a case: dated by the contact of a charge where that is
        recorded, else by the day the case was opened (``start_basis``).
    crime : {"TIP", "SOM"}
        Trafficking in persons, or smuggling of migrants.
    seen_until, seen_from : date or mapping of source to date, optional
        Days until and from which the registers see ends (:func:`turquesa_stats.measures.register_watch.seen_until`, ``seen_from``); by
        default until the last entry of each source, and from the start of all.

    Returns
    -------
    DataFrame
        One row a natural person: ``accused_id, case_id, source_id, sex, age_status_offence, also_victim, role`` (several joined by ``+``),
        ``start, start_basis, started_on, charged_on, months_to_charge, furthest`` (stage before the end), ``decision, end`` (one of
        :data:`OUTCOMES`, missing while pending), ``months`` (to the first end at first instance, or as long as seen), ``entry`` (months
        already gone when the register began), ``precise`` (both dates known to the month), ``as_charged, of_crime`` (of convictions),
        ``final_end, final_months, final_recorded`` (whether the source records final decisions), ``kind, custodial, life,
        months_custodial`` (longest of a person's sentences: those served side by side are not added).

    Raises
    ------
    MeasureRefused
        As :func:`~turquesa_stats.measures.register_watch.seen_until` and ``seen_from``; also if a person's end is dated before the start.
    """
    return cohorts(tables, country, [period], start, crime, seen_until, seen_from)[0]


def cohorts(
    tables: Mapping[str, pd.DataFrame],
    country: str,
    periods: Sequence[Period],
    start: Start = "CHARGED",
    crime: Crime = "TIP",
    seen_until: Days | None = None,
    seen_from: Days | None = None,
) -> list[pd.DataFrame]:
    """Return :func:`cohort` of several periods, which may overlap, at little more than the cost of one."""
    if start not in get_args(Start) or crime not in get_args(Crime):
        raise MeasureRefused(f"a cohort starts with {' or '.join(get_args(Start))} and is of {' or '.join(get_args(Crime))}")
    cases = tables["case"][tables["case"]["country_report"].eq(country)]
    charges = _charges(tables["charge"], cases, crime)
    event = tables["charge_event"].drop(columns="source_id").merge(charges[["charge_id", "accused_id", "source_id"]], on="charge_id")
    opened = cases[["source_id", "opened_on"]].rename(columns={"opened_on": "date"})
    filed = charges[["source_id", "filed_on"]].rename(columns={"filed_on": "date"})
    entries = pd.concat([filed, event[["source_id", "date"]], *([opened] if start == "CONTACT" else [])])
    last = register_watch.seen_until(entries, seen_until)
    charges = charges[charges["filed_on"] <= charges["source_id"].map(last)]
    event = event[event["date"] <= event["source_id"].map(last)]
    starts = _starts(tables["case_accused"], cases, charges, event, start, crime)
    ended = event[event["stage"].eq("DISPOSED") & event["decision"].isin(_ENDS)]
    people = starts.merge(_ends(ended, charges), on="accused_id", how="left").merge(_final(event), on="accused_id", how="left")
    people = people.merge(_natural(tables["accused"]), on="accused_id")
    people = people.merge(_roles(tables["case_accused"]), on=["accused_id", "case_id"], how="left")
    people = people.merge(_furthest(event, people), on="accused_id", how="left")
    people = people.merge(_sentences(tables["sentence"], charges), on="accused_id", how="left")
    recorded = people["source_id"].isin(event.loc[event["stage"].eq("FINAL"), "source_id"])
    people = people.assign(seen_until=people["source_id"].map(last), start=start, final_recorded=recorded)
    found = []
    for period in periods:
        own = starts[_started_in(starts, period)].rename(columns={"started_on": "date"})
        first = register_watch.seen_from(ended, own, seen_from)
        within = people[_started_in(people, period)]
        found.append(_timed(within.assign(seen_from=within["source_id"].map(first).astype("datetime64[s]"))))
    return found


def _started_in(people: pd.DataFrame, period: Period) -> pd.Series[bool]:
    return people["started_on"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))


def _natural(accused: pd.DataFrame) -> pd.DataFrame:
    return accused.loc[accused["person_kind"].ne("LEGAL"), ["accused_id", "sex", "age_status_offence", "also_victim"]]


def _charges(charge: pd.DataFrame, cases: pd.DataFrame, crime: Crime) -> pd.DataFrame:
    """Return a country's charges of a crime, and those reduced from them, with ``of_crime``."""
    own = charge[charge["case_id"].isin(cases["case_id"])]
    own = own.assign(of_crime=own[f"is_{crime.lower()}"].astype("bool"))
    chosen = own[own["of_crime"]]
    while len(more := own[own["reduced_from"].isin(chosen["charge_id"]) & ~own["charge_id"].isin(chosen["charge_id"])]):
        chosen = pd.concat([chosen, more])
    return chosen


def _starts(
    case_accused: pd.DataFrame, cases: pd.DataFrame, charges: pd.DataFrame, event: pd.DataFrame, start: Start, crime: Crime
) -> pd.DataFrame:
    of_crime = charges[charges["of_crime"]].sort_values(["filed_on", "charge_id"])
    columns = {"filed_on": "charged_on", "filed_on_prec": "start_prec"}
    charged = of_crime.drop_duplicates("accused_id").rename(columns=columns)
    charged = charged[["accused_id", "case_id", "source_id", "charged_on", "start_prec"]]
    if start == "CHARGED":
        return charged.assign(started_on=charged["charged_on"], start_basis="CHARGE")
    of_kind = cases[cases["crime_type"].isin([crime, "TIP_SOM"])].sort_values(["opened_on", "case_id"])
    columns = {"opened_on": "started_on", "opened_on_prec": "start_prec"}
    met = of_kind.merge(case_accused[["case_id", "accused_id"]].drop_duplicates(), on="case_id").rename(columns=columns)
    met = met.drop_duplicates("accused_id")[["accused_id", "case_id", "source_id", "started_on", "start_prec"]]
    contact = event[event["stage"].eq("CONTACT")].sort_values("date").drop_duplicates("accused_id")
    contact = contact.set_index("accused_id")[["date", "date_prec"]].reindex(met["accused_id"]).set_index(met.index)
    known = contact["date"].notna()
    met = met.assign(
        started_on=contact["date"].where(known, met["started_on"]),
        start_prec=contact["date_prec"].where(known, met["start_prec"]),
        start_basis=known.map({True: "CONTACT", False: "CASE_OPENED"}),
    )
    return met.merge(charged[["accused_id", "charged_on"]], on="accused_id", how="left")


def _ends(ended: pd.DataFrame, charges: pd.DataFrame) -> pd.DataFrame:
    """Return each person's end: the first conviction, else the last end once no charge is open; a charge ends once, or by being reduced."""
    ended = ended.assign(end=ended["decision"].astype("object").map(_ENDS))
    first = ended.sort_values(["date", "decision"]).drop_duplicates("charge_id").merge(charges[["charge_id", "of_crime"]], on="charge_id")
    convicted = first[first["end"].eq("CONVICTED")].drop_duplicates("accused_id")
    reduced = charges["charge_id"].isin(charges["reduced_from"].dropna())
    waiting = charges[~reduced & ~charges["charge_id"].isin(first["charge_id"])]
    others = first[~first["accused_id"].isin(convicted["accused_id"]) & ~first["accused_id"].isin(waiting["accused_id"])]
    latest = others.groupby("accused_id")["date"].transform("max")
    others = others.sort_values(["end", "date"], ascending=[True, False]).assign(date=latest).drop_duplicates("accused_id")
    every = pd.concat([convicted, others])
    every = every.assign(of_crime=every["of_crime"].astype("bool") & every["end"].eq("CONVICTED"))
    columns = {"date": "ended_on", "date_prec": "end_prec"}
    return every.rename(columns=columns)[["accused_id", "ended_on", "end_prec", "decision", "end", "of_crime"]]


def _final(event: pd.DataFrame) -> pd.DataFrame:
    """Return the final decision on each person: a final conviction where there is one, else the last; a death ends without one."""
    chosen = event[event["decision"].isin(_ENDS) & (event["stage"].eq("FINAL") | event["decision"].eq("DIED"))]
    chosen = chosen.assign(final_end=chosen["decision"].astype("object").map(_ENDS))
    convicted = chosen[chosen["final_end"].eq("CONVICTED")].sort_values("date")
    others = chosen[chosen["final_end"].ne("CONVICTED")].sort_values("date", ascending=False)
    every = pd.concat([convicted, others]).drop_duplicates("accused_id").rename(columns={"date": "final_on"})
    return every[["accused_id", "final_on", "final_end"]]


def _roles(case_accused: pd.DataFrame) -> pd.DataFrame:
    ordered = case_accused.assign(role=case_accused["role"].astype("object")).sort_values("role")
    return ordered.groupby(["accused_id", "case_id"])["role"].agg("+".join).reset_index()


def _furthest(event: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    reached = event[event["stage"].isin(_FURTHER) & event["accused_id"].isin(people["accused_id"])]
    place = reached["stage"].astype("object").map({stage: number for number, stage in enumerate(_FURTHER)}).astype(int)
    furthest = place.groupby(reached["accused_id"]).max().rename("furthest").reset_index()
    return furthest.assign(furthest=furthest["furthest"].map(dict(enumerate(_FURTHER))))


def _sentences(sentence: pd.DataFrame, charges: pd.DataFrame) -> pd.DataFrame:
    own = sentence[sentence["charge_id"].isin(charges["charge_id"])]
    own = own.assign(place=own["kind"].astype("object").map({kind: number for number, kind in enumerate(_KINDS)}))
    found = own.groupby("accused_id", as_index=False).agg(place=("place", "min"), months_custodial=("months_custodial", "max"))
    return found.assign(kind=found["place"].map(dict(enumerate(_KINDS)))).drop(columns="place")


def _timed(people: pd.DataFrame) -> pd.DataFrame:
    def months(to: pd.Series[pd.Timestamp]) -> pd.Series[float]:
        return (to - people["started_on"]).dt.days / _DAYS_PER_MONTH

    wrong = people["ended_on"].lt(people["started_on"])
    if wrong.any():
        raise MeasureRefused(f"{int(wrong.sum())} persons ended before their time started; rule R40 finds them: correct the dates")
    convicted = people["end"].eq("CONVICTED")
    entry = months(people["seen_from"]).clip(lower=0).fillna(0.0)
    uncharged = people["charged_on"].notna().map({True: "CHARGED", False: "CONTACT"})
    timed = people.assign(
        months=months(people["ended_on"].fillna(people["seen_until"])),
        final_months=months(people["final_on"].fillna(people["seen_until"])),
        months_to_charge=months(people["charged_on"].fillna(people["seen_until"])).clip(lower=0),
        entry=entry,
        furthest=people["furthest"].where(people["furthest"].notna(), uncharged),
        precise=~people["start_prec"].isin(_COARSE) & ~people["end_prec"].isin(_COARSE),
        of_crime=people["of_crime"].eq(other=True),
        as_charged=people["decision"].eq("CONV_AS_CHARGED"),
        custodial=convicted & (people["kind"].isin(["CUSTODY", "LIFE"]) | people["months_custodial"].gt(0)),
        life=convicted & people["kind"].eq("LIFE"),
    )
    return timed[entry.eq(0) | timed["months"].gt(entry)].reset_index(drop=True)
