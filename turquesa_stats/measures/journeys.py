"""Journeys of victims of trafficking and of smuggled migrants, each from its legs, by country: ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.period import Period
from turquesa_stats.schema.checks.journeys import cases_of_legs, countries_of_legs, reach_of_flow

Crime = Literal["TIP", "SOM"]
KNOWN = ""
PROBLEMS = ("leg_missing", "places_do_not_join", "several_persons", "country_not_known")
OUTSIDE = "OUTSIDE"  # a flow that does not touch the Americas (rule R32)
_OWN = ("victim_id", "smuggled_id")


def legs(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Return the legs of all journeys in the order of travel.

    Returns
    -------
    DataFrame
        The fields of ``route_leg``, with ``start, end`` (countries, missing where not known), ``crime`` (``TIP`` of a victim or a case of
        trafficking, ``SOM`` of a smuggled person or a case of smuggling; missing where a case of both, or of neither, is all that is known)
        and ``cluster``: the case, or the journey where there is none.

    Raises
    ------
    MeasureRefused
        If there are no legs, or no places that tell their countries.
    """
    missing = [name for name in ("route_leg", "place") if name not in tables or tables[name].empty]
    if missing:
        raise MeasureRefused(f"journeys need the tables route_leg and place; there is no row of {' and '.join(missing)}")
    leg, (start, end), case = tables["route_leg"], countries_of_legs(tables), cases_of_legs(tables)
    crime_type = case.map(tables["case"].set_index("case_id")["crime_type"]) if "case" in tables else case.map({})
    crime = crime_type.astype("object").where(crime_type.isin(["TIP", "SOM"]))
    crime = crime.mask(leg["victim_id"].notna(), "TIP").mask(leg["smuggled_id"].notna(), "SOM")
    made = leg.assign(start=start, end=end, crime=crime, case_id=case, cluster=case.fillna(leg["journey_id"]))
    return made.sort_values(["journey_id", "leg_no"], ignore_index=True)


def journeys(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Return all journeys, those that cannot be used among them, each with the reason.

    Returns
    -------
    DataFrame
        One row a journey: ``journey_id, crime, case_id, victim_id, smuggled_id, cluster, sex, age_status``; ``date`` (first departure,
        else first arrival, else the day the case was opened), ``legs`` (their number), ``path`` (countries in order, each once in a row),
        ``origin, transit, destination`` (transit countries joined by ``>``), ``reach`` (class of rule R32, ``OUTSIDE`` where the Americas
        are not touched) and ``problem``, empty or one of :data:`PROBLEMS`: with a problem there is no path, nor what follows from it.

    Raises
    ------
    MeasureRefused
        As :func:`legs`.
    """
    every = legs(tables)
    found = every.groupby("journey_id", as_index=False).agg(
        crime=("crime", "first"),
        case_id=("case_id", "first"),
        victim_id=("victim_id", "first"),
        smuggled_id=("smuggled_id", "first"),
        cluster=("cluster", "first"),
        departed=("depart_on", "min"),
        arrived=("arrive_on", "min"),
        legs=("leg_no", "size"),
    )
    found["problem"] = found["journey_id"].map(_problems(every))
    usable = every[every["journey_id"].isin(found.loc[found["problem"].eq(KNOWN), "journey_id"])]
    found["path"] = found["journey_id"].map(_paths(usable))
    path = found["path"].dropna()
    found["origin"], found["destination"] = path.map(lambda countries: countries[0]), path.map(lambda countries: countries[-1])
    found["transit"] = path.map(lambda countries: ">".join(countries[1:-1]))
    reach = reach_of_flow(found["origin"].astype("str"), found["destination"].astype("str"))
    found["reach"] = reach.mask(found["origin"].notna() & reach.isna(), OUTSIDE)
    opened = tables["case"].set_index("case_id")["opened_on"] if "case" in tables else pd.Series(dtype="datetime64[s]")
    date = found["departed"].fillna(found["arrived"]).fillna(found["case_id"].map(opened))
    return _with_persons(found.assign(date=date).drop(columns=["departed", "arrived"]), tables)


def _problems(every: pd.DataFrame) -> pd.Series[str]:
    """Return journey -> the first of the problems that it has."""
    by_journey = every.groupby("journey_id")
    number = by_journey["leg_no"]
    joined = every["place_from_id"].eq(by_journey["place_to_id"].shift()) | number.cumcount().eq(0)
    persons = pd.concat([by_journey[own].nunique() for own in _OWN], axis="columns").sum(axis="columns")
    problem = pd.Series(KNOWN, index=number.size().index, dtype="object")
    problem = problem.mask((every["start"].isna() | every["end"].isna()).groupby(every["journey_id"]).any(), "country_not_known")
    problem = problem.mask(persons.gt(1), "several_persons")
    problem = problem.mask(~joined.groupby(every["journey_id"]).all(), "places_do_not_join")
    return problem.mask(number.min().ne(1) | number.max().ne(number.nunique()) | number.size().ne(number.nunique()), "leg_missing")


def _paths(usable: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return journey -> its countries in order, each once in a row."""
    found: dict[str, list[str]] = {}
    for journey, start, end in zip(usable["journey_id"].astype("object"), usable["start"], usable["end"], strict=True):
        path = found.setdefault(str(journey), [str(start)])
        if end != path[-1]:
            path.append(str(end))
    return {journey: tuple(path) for journey, path in found.items()}


def _with_persons(found: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add sex and age status of the person, of victims at the time of exploitation."""
    sex = pd.Series(pd.NA, index=found.index, dtype="object")
    age = sex.copy()
    for table, key, status in (("victim", "victim_id", "age_status_exploit"), ("smuggled_person", "smuggled_id", "age_status")):
        if table in tables:
            person = tables[table].set_index(key)
            sex = sex.fillna(found[key].map(person["sex"].astype("object")))
            age = age.fillna(found[key].map(person[status].astype("object")))
    return found.assign(sex=sex, age_status=age)


def of_crime(every: pd.DataFrame, crime: Crime, period: Period | None = None) -> pd.DataFrame:
    """Return the journeys of trafficking or those of smuggling, of all times or by date of a period; undated ones are in no period."""
    chosen = every[every["crime"].eq(crime)]
    if period is not None:
        chosen = chosen[chosen["date"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]
    return chosen.reset_index(drop=True)


def of_one_crime(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return the journeys if all are of one crime.

    Raises
    ------
    MeasureRefused
        If there are none, or journeys of trafficking and of smuggling, or of a crime that is not known, are together.
    """
    crimes = sorted(units["crime"].fillna("a crime not known").unique())
    if units["crime"].isna().any() or len(crimes) != 1:
        raise MeasureRefused(
            f"journeys of {' and '.join(crimes) or 'nobody'} are not counted together: a smuggled migrant is not a victim; "
            "take those of one crime (of_crime)"
        )
    return units


def usable(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return the journeys of which the way is known.

    Raises
    ------
    MeasureRefused
        As :func:`of_one_crime`; also if none is known.
    """
    known = of_one_crime(units)[units["problem"].eq(KNOWN)]
    if known.empty:
        raise MeasureRefused(f"of {len(units)} journeys none is known from start to end: nothing can be told of ways")
    return known


def completeness(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many journeys are known from start to end, and why the others are not.

    Returns
    -------
    DataFrame
        ``crime, problem, count``; ``problem`` empty for those known. Counts add up to the journeys; nothing is left out silently.
    """
    kinds = pd.MultiIndex.from_product([sorted(units["crime"].fillna("").unique()), [KNOWN, *PROBLEMS]], names=["crime", "problem"])
    tally = units.assign(crime=units["crime"].fillna("")).groupby(["crime", "problem"]).size().reindex(kinds, fill_value=0)
    return tally.reset_index(name="count")
