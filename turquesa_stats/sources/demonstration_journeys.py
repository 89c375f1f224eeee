"""
Synthetic journeys for demonstrations: of victims of the demonstration country's cases, and of smuggled migrants met in a survey.

Countries on the way are real, as the demonstration country has no neighbours; who goes where, how and how often is invented and measures
nothing. Places are nameless and have no coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, NOT_ASKED

TABLES = ("place", "smuggled_person", "route_leg")
_SURVEY = "demonstration survey"
_PERSONS_A_YEAR = 320
_RECORDED = 0.45  # share of victims whose journey is recorded
_HIDDEN = 0.07  # share of journeys with a place of which the country is not known
_SHIFT = 2021  # from this year on the second set of chances holds
_TO_VICTIMS: dict[tuple[str, ...], tuple[float, float]] = {  # way to the country of the case -> chance before and after the shift
    ("VEN",): (0.12, 0.22),
    ("VEN", "COL"): (0.10, 0.26),
    ("COL",): (0.26, 0.16),
    ("COL", "PAN"): (0.06, 0.10),
    ("HTI", "DOM"): (0.10, 0.08),
    ("CUB",): (0.10, 0.05),
    ("PER", "ECU"): (0.12, 0.06),
    ("NPL", "BRA"): (0.06, 0.04),
    ("PRY",): (0.08, 0.03),
}
_OF_MIGRANTS: dict[tuple[str, ...], tuple[float, float]] = {
    ("VEN", "COL", "ECU", "PER"): (0.34, 0.14),
    ("VEN", "COL", "PAN", "CRI"): (0.10, 0.34),
    ("HTI", "CHL"): (0.18, 0.05),
    ("HTI", "BRA", "PER", "ECU", "COL", "PAN"): (0.08, 0.18),
    ("CUB", "NIC", "HND"): (0.12, 0.16),
    ("BOL", "CHL"): (0.12, 0.06),
    ("CHN", "ECU", "COL"): (0.06, 0.07),
}
_LAND = ("BUS", "CAR", "TRUCK", "FOOT")
_WATER = {("HTI", "DOM"): 0.2, ("COL", "PAN"): 0.5, ("CUB", DEMONSTRATION_COUNTRY): 0.6}  # chance to go by boat
_DOCS = ("GENUINE_OWN", "NONE", "FORGED", "FRAUD_OBTAINED", "GENUINE_OTHER", "_U")
_FRAUD = {"FORGED": "I_FORGED", "FRAUD_OBTAINED": "II_OBTAINED", "GENUINE_OTHER": "III_OTHER_HOLDER", "_U": "_U"}


def demonstration_journeys(
    case: pd.DataFrame, victim: pd.DataFrame, years: Sequence[int], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """
    Make the synthetic journeys.

    Parameters
    ----------
    case, victim : DataFrame
        The synthetic cases and victims, left as they are.
    years : sequence of int
        Years in which smuggled migrants are met; in none, none are.
    rng : Generator
        Where chance comes from: one of its own, so that journeys change no other table.

    Returns
    -------
    dict of DataFrame
        The tables named in :data:`TABLES`, not yet completed.
    """
    ways = [*_TO_VICTIMS, *_OF_MIGRANTS]
    countries = sorted({country for way in ways for country in way} | set(case["country_report"]))
    place = _places(countries, rng)
    person = _smuggled_persons(years, rng)
    journeys = [*_of_victims(case, victim, rng), *_of_persons(person, rng)]
    leg = _legs(journeys, place, rng)
    return {"place": place, "smuggled_person": person.drop(columns=["way", "day"]), "route_leg": leg}


def _places(countries: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = [(country, kind) for country in countries for kind in ("CITY", "BORDER", "HUB")] + [("_UNK", "_U")]
    made = pd.DataFrame(rows, columns=["iso3", "kind"])
    return made.assign(place_id=_keys(rng, "pl", len(made)))


def _keys(rng: np.random.Generator, prefix: str, size: int) -> list[str]:
    return [f"{prefix}_{bits:016x}" for bits in rng.integers(0, 2**63, size=size, dtype=np.uint64)]


def _smuggled_persons(years: Sequence[int], rng: np.random.Generator) -> pd.DataFrame:
    sizes = {year: int(rng.poisson(_PERSONS_A_YEAR)) for year in years}
    year = np.repeat(np.array(list(sizes), dtype=int), list(sizes.values()))
    ways = [_drawn(_OF_MIGRANTS, one, rng) for one in year]
    minor = rng.random(len(year)) < 0.16
    first_days = pd.to_datetime(pd.Series([f"{one}-01-01" for one in year], dtype="str"))
    return pd.DataFrame(
        {
            "smuggled_id": _keys(rng, "sm", len(year)),
            "survey_id": _SURVEY,
            "sex": rng.choice(np.array(["F", "M", "_U"], dtype=object), p=[0.38, 0.60, 0.02], size=len(year)),
            "age_status": np.where(minor, "MINOR", "ADULT"),
            "citizenship": [way[0] for way in ways],
            "country_start": [way[0] for way in ways],
            "country_intended": [way[-1] for way in ways],
            "status": "INTERVIEWED",
            "way": ways,
            "day": first_days + pd.to_timedelta(rng.integers(60, 365, len(year)), unit="D"),
        }
    )


def _drawn(ways: dict[tuple[str, ...], tuple[float, float]], year: int, rng: np.random.Generator) -> tuple[str, ...]:
    chances = np.array([chance[int(year >= _SHIFT)] for chance in ways.values()])
    return list(ways)[int(rng.choice(len(ways), p=chances / chances.sum()))]


Journey = tuple[tuple[str, ...], pd.Timestamp, str | None, str | None, str | None]  # way, last day, case, victim, smuggled person


def _of_victims(case: pd.DataFrame, victim: pd.DataFrame, rng: np.random.Generator) -> list[Journey]:
    """Return journeys of some victims; those of one case take one way, and none is recorded where it is not known whether borders count."""
    of_case = case.set_index("case_id")
    recorded = victim[rng.random(len(victim)) < _RECORDED]
    way_of: dict[str, tuple[str, ...]] = {}
    made: list[Journey] = []
    for one in recorded.to_dict("records"):
        about = of_case.loc[one["case_id"]]
        home = str(about["country_report"])
        if about["cross_border"] not in {"CB", "DOM"}:
            continue
        if one["case_id"] not in way_of:
            abroad = _drawn(_TO_VICTIMS, about["opened_on"].year, rng)
            way_of[one["case_id"]] = (home, home) if about["cross_border"] == "DOM" else (*(c for c in abroad if c != home), home)
        made.append((way_of[one["case_id"]], one["exploit_start"], one["case_id"], one["victim_id"], None))
    return [journey for journey in made if len(journey[0]) > 1]


def _of_persons(person: pd.DataFrame, rng: np.random.Generator) -> list[Journey]:
    days = rng.integers(0, 30, len(person))
    return [
        (way, day - pd.Timedelta(days=int(before)), None, None, name)
        for way, day, before, name in zip(person["way"], person["day"], days, person["smuggled_id"], strict=True)
    ]


def _legs(journeys: list[Journey], place: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = {(row.iso3, row.kind): row.place_id for row in place.itertuples()}
    unknown = at["_UNK", "_U"]
    rows = []
    for key, (way, last_day, case, victim, person) in zip(_keys(rng, "jo", len(journeys)), journeys, strict=True):
        stops = [at[country, "HUB" if 0 < stop < len(way) - 1 else ("CITY", "BORDER")[stop > 0]] for stop, country in enumerate(way)]
        if rng.random() < _HIDDEN:
            stops[int(rng.integers(len(stops) - 1)) if victim else 0] = unknown
        nights = rng.integers(1, 9, len(way) - 1)
        arrivals = [last_day - pd.Timedelta(days=int(nights[leg + 1 :].sum())) for leg in range(len(way) - 1)]
        for leg, (start, end) in enumerate(pairwise(way)):
            mode, crossing = _transport(start, end, rng)
            docs = str(rng.choice(np.array(_DOCS, dtype=object), p=[0.44, 0.24, 0.10, 0.06, 0.05, 0.11])) if start != end else NOT_ASKED
            rows.append(
                {
                    "journey_id": key,
                    "leg_no": leg + 1,
                    "case_id": case,
                    "victim_id": victim,
                    "smuggled_id": person,
                    "place_from_id": stops[leg],
                    "place_to_id": stops[leg + 1],
                    "depart_on": arrivals[leg] - pd.Timedelta(days=int(nights[leg])),
                    "arrive_on": arrivals[leg],
                    "mode": mode,
                    "crossing": crossing,
                    "docs": docs,
                    "doc_fraud_type": _FRAUD.get(docs, NOT_ASKED if start == end else "_Z"),
                    "stage": ("RECRUIT" if leg == 0 else "TRANSIT") if victim else "TRANSIT",
                }
            )
    return pd.DataFrame(rows)


def _transport(start: str, end: str, rng: np.random.Generator) -> tuple[str, str]:
    if rng.random() < 0.09:
        return "_U", "_U" if start != end else "NONE"
    if rng.random() < _WATER.get((start, end), 0.0):
        return "BOAT", "SEA"
    if start in {"CUB", "HTI", "NPL", "CHN"} or end == "NIC":
        return "AIR", "AIR"
    mode = str(rng.choice(np.array(_LAND, dtype=object), p=[0.5, 0.2, 0.1, 0.2]))
    if start == end:
        return mode, "NONE"
    return mode, "UNOFFICIAL" if rng.random() < (0.8 if mode == "FOOT" else 0.35) else "OFFICIAL"
