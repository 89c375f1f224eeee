"""
Synthetic case-level records for demonstrations: made by a seeded generator, shaped like real registers, true of nobody.

The dependencies are plausible in direction (girls and women more often exploited sexually, deception commonest among adults, time to
disposition long and skewed, answers missing more often for some questions); the sizes are invented and measure nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY
from turquesa_stats.schema.completion import completed
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.demonstration_activities import TABLES as ACTIVITIES
from turquesa_stats.sources.demonstration_activities import demonstration_activities
from turquesa_stats.sources.demonstration_journeys import demonstration_journeys
from turquesa_stats.sources.demonstration_technology import demonstration_technology
from turquesa_stats.sources.provenance import described

SOURCE_ID = "src_demonstration"
TABLES = (
    "source",
    "case",
    "victim",
    "victim_element",
    "victim_recruit_channel",
    "accused",
    "case_accused",
    "charge",
    "charge_event",
    "sentence",
    "place",
    "smuggled_person",
    "route_leg",
    "victim_technology",
    *ACTIVITIES,
)
_SEED = 20230401
_JOURNEYS = 1  # with the seed, that of the journeys: their chance is apart, so that they change no other table
_TECHNOLOGY = 3  # that of technology, apart too
_CASES_A_YEAR = 260
_PURPOSES = ("PUR_SEXUAL", "PUR_FORCED_LABOUR", "PUR_FORCED_CRIME", "PUR_BEGGING", "PUR_DOMESTIC", "PUR_FORCED_MARRIAGE")
_BY_GROUP = {  # chance of each purpose by sex and age status
    ("F", "MINOR"): (0.66, 0.10, 0.05, 0.07, 0.08, 0.04),
    ("F", "ADULT"): (0.68, 0.17, 0.04, 0.02, 0.07, 0.02),
    ("M", "MINOR"): (0.16, 0.36, 0.29, 0.17, 0.02, 0.00),
    ("M", "ADULT"): (0.07, 0.70, 0.17, 0.04, 0.02, 0.00),
}
_MEANS = ("MNS_DECEPTION", "MNS_ABUSE_VULN", "MNS_THREAT", "MNS_COERCION", "MNS_FORCE", "MNS_FRAUD", "MNS_ABUSE_POWER", "MNS_PAYMENT")
_MEANS_CHANCE = np.array([0.52, 0.46, 0.24, 0.22, 0.13, 0.09, 0.12, 0.05])
_ACTS = ("ACT_RECRUIT", "ACT_TRANSPORT", "ACT_TRANSFER", "ACT_HARBOUR", "ACT_RECEIPT")
_RECRUIT = ("JOB_OFFER", "ONLINE_SOCIAL", "FRIENDS", "FAMILY", "ROMANCE", "ONLINE_AD", "AT_SCHOOL", "OTHER", "_U")
_RELATION = ("STRANGER", "FRIEND", "INTIMATE", "FAMILY", "EMPLOYER", "OTHER", "_U")
_DETECT = ("SELF", "FAMILY_COMM", "POLICE_PROACTIVE", "HOTLINE", "LABOUR_INSP", "NGO", "BORDER", "HEALTH", "_U")
_ENDS = ("CONV_AS_CHARGED", "CONV_LESSER", "ACQUITTED", "DISMISSED", "ABSCONDED")


def demonstration_tables(
    today: date, countries: Sequence[str] = (DEMONSTRATION_COUNTRY,), years: Sequence[int] = tuple(range(2018, 2024)), seed: int = _SEED
) -> dict[str, pd.DataFrame]:
    """
    Make the synthetic tables.

    Parameters
    ----------
    today : date
        Date written as the date of loading.
    countries : sequence of str
        ISO 3166 codes; by default the demonstration country, which does not exist.
    years : sequence of int
        Years in which cases open.
    seed : int
        Seed; the same seed gives the same rows.

    Returns
    -------
    dict of DataFrame
        The validated tables named in :data:`TABLES`.
    """
    rng = np.random.default_rng(seed)
    case = _cases(rng, countries, years)
    victim, channel = _victims(rng, case)
    element = _elements(rng, victim)
    accused, case_accused = _accused(rng, case)
    charge, event, sentence = _justice(rng, case, case_accused, last_day=pd.Timestamp(max(years) + 1, 12, 31))
    case = case.assign(
        n_victims_reported=case["case_id"].map(victim["case_id"].value_counts()).fillna(0),
        n_accused_reported=case["case_id"].map(case_accused["case_id"].value_counts()).fillna(0),
    )
    made = {
        "source": _source(seed, today),
        "case": case,
        "victim": victim,
        "victim_element": element,
        "victim_recruit_channel": channel,
        "accused": accused,
        "case_accused": case_accused,
        "charge": charge,
        "charge_event": event,
        "sentence": sentence,
        **demonstration_journeys(case, victim, years, np.random.default_rng([seed, _JOURNEYS])),
    }
    made["victim_technology"] = demonstration_technology(victim, np.random.default_rng([seed, _TECHNOLOGY]))
    made |= demonstration_activities(made, years, seed)
    shared = {"source_id": SOURCE_ID, "record_version": 1, "loaded_at": pd.Timestamp(today), "sens": "R"}
    filled = {name: completed(table, name, shared) for name, table in made.items()}
    return {name: validate(table, name, filled) for name, table in filled.items()}


def demonstration_register(
    today: date, countries: Sequence[str], years: Sequence[int], rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Make synthetic cases and victims alone, of any number: about 430 victims a country and year.

    Parameters
    ----------
    today : date
        Date written as the date of loading.
    countries : sequence of str
        ISO 3166 codes.
    years : sequence of int
        Years in which cases open.
    rng : Generator
        Where chance comes from; a further call goes on with it.

    Returns
    -------
    case, victim : DataFrame
        Completed tables, not yet validated.
    """
    case = _cases(rng, countries, years)
    victim, _ = _victims(rng, case)
    shared = {"source_id": SOURCE_ID, "record_version": 1, "loaded_at": pd.Timestamp(today), "sens": "R"}
    return completed(case, "case", shared), completed(victim, "victim", shared)


def _ids(rng: np.random.Generator, prefix: str, size: int) -> list[str]:
    return [f"{prefix}_{bits:016x}" for bits in rng.integers(0, 2**63, size=size, dtype=np.uint64)]


def _pick(rng: np.random.Generator, codes: Sequence[str], weights: Sequence[float], size: int) -> np.ndarray:
    chances = np.asarray(weights, dtype=float)
    return rng.choice(np.asarray(codes, dtype=object), size=size, p=chances / chances.sum())


def _cases(rng: np.random.Generator, countries: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    parts = []
    for country in countries:
        for year in years:
            size = int(rng.poisson(_CASES_A_YEAR * (0.75 if year == 2020 else 1.0)))
            opened = pd.Timestamp(year, 1, 1) + pd.to_timedelta(rng.integers(0, 365, size), unit="D")
            parts.append(pd.DataFrame({"case_id": _ids(rng, "ca", size), "country_report": country, "opened_on": opened}))
    case = pd.concat(parts, ignore_index=True)
    size = len(case)
    return case.assign(
        crime_type="TIP",
        iccs_lead="0204",
        attempted="COMP",
        event_start=case["opened_on"] - pd.to_timedelta(rng.gamma(2.0, 150.0, size).round(), unit="D"),
        detected_via=_pick(rng, _DETECT, (0.34, 0.17, 0.14, 0.12, 0.07, 0.06, 0.03, 0.02, 0.05), size),
        cross_border=_pick(rng, ("DOM", "CB", "_U"), (0.58, 0.33, 0.09), size),
        organised=_pick(rng, ("IND", "PAIR_OPP", "BUSINESS", "GOVERNANCE", "_U"), (0.30, 0.22, 0.25, 0.06, 0.17), size),
        public_judgment=False,
    )


def _victims(rng: np.random.Generator, case: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    of_case = case.loc[case.index.repeat(1 + rng.geometric(0.62, len(case)) - 1)].reset_index(drop=True)
    size = len(of_case)
    sex = _pick(rng, ("F", "M", "_U"), (0.68, 0.30, 0.02), size)
    minor = rng.random(size) < np.where(sex == "F", 0.36, 0.30)
    age = np.where(minor, np.clip(rng.normal(15, 2.2, size), 3, 17), np.clip(18 + rng.gamma(2.0, 5.5, size), 18, 75)).round()
    age_known = rng.random(size) < 0.93
    status = np.where(minor, "MINOR", "ADULT")
    contact = of_case["opened_on"]
    spent = np.minimum(rng.gamma(1.4, 190, size), (contact - of_case["event_start"]).dt.days)
    recruit = np.where(
        minor,
        _pick(rng, _RECRUIT, (0.16, 0.24, 0.14, 0.13, 0.13, 0.04, 0.04, 0.04, 0.08), size),
        _pick(rng, _RECRUIT, (0.44, 0.13, 0.11, 0.05, 0.09, 0.06, 0.00, 0.04, 0.08), size),
    )
    victim = pd.DataFrame(
        {
            "victim_id": _ids(rng, "vi", size),
            "case_id": of_case["case_id"],
            "sex": sex,
            "age_registration": pd.Series(age).where(age_known).astype("Int64"),
            "age_status_reg": np.where(age_known, status, "_U"),
            "age_status_exploit": np.where(age_known, status, "_U"),
            "age_status_entry": np.where(age_known, status, "_U"),
            "citizenship": np.where(
                rng.random(size) < 0.72, of_case["country_report"], _pick(rng, ("VEN", "COL", "HTI", "CUB", "_UNK"), (5, 2, 1, 1, 1), size)
            ),
            "country_exploit_last": of_case["country_report"],
            "country_identify": of_case["country_report"],
            "id_status": _pick(rng, ("FORMAL", "REASONABLE", "PRESUMED", "DECLINED"), (0.72, 0.18, 0.08, 0.02), size),
            "id_by": _pick(rng, ("POLICE", "PROSECUTION", "SOCIAL", "NGO"), (0.55, 0.25, 0.12, 0.08), size),
            "first_contact_date": contact,
            "id_date": contact + pd.to_timedelta(rng.gamma(1.2, 25, size).round(), unit="D"),
            "exploit_start": contact - pd.to_timedelta(spent.round(), unit="D"),
            "exploit_end": contact,
            "duration_months": spent / (365.25 / 12),
            "relation_recruiter": _pick(rng, _RELATION, (0.31, 0.27, 0.12, 0.11, 0.08, 0.03, 0.08), size),
            "consent_data": _pick(rng, ("GIVEN", "NOT_REQUIRED"), (0.6, 0.4), size),
        }
    )
    return victim, pd.DataFrame({"victim_id": victim["victim_id"], "code": recruit})


def _elements(rng: np.random.Generator, victim: pd.DataFrame) -> pd.DataFrame:
    rows: list[tuple[str, str, str]] = []
    for name, sex, status in victim[["victim_id", "sex", "age_status_exploit"]].replace({"_U": ""}).to_numpy(str):
        group = (sex or "F", status or "ADULT")
        chances = np.asarray(_BY_GROUP[group], dtype=float)
        purpose = str(rng.choice(_PURPOSES, p=chances / chances.sum()))
        rows.append((name, "PUR", purpose))
        if purpose == "PUR_SEXUAL" and rng.random() < 0.06:
            rows.append((name, "PUR", "PUR_FORCED_LABOUR"))
        acts = [act for act, drawn in zip(_ACTS, rng.random(5) < (0.85, 0.42, 0.15, 0.38, 0.30), strict=True) if drawn]
        rows += [(name, "ACT", act) for act in acts or ["ACT_RECRUIT"]]
        if rng.random() < 0.12:
            rows.append((name, "MNS", "_U"))
            continue
        chance = _MEANS_CHANCE * (0.6 if group[1] == "MINOR" else 1.0)
        if purpose == "PUR_FORCED_LABOUR":
            chance = chance * np.array([1.35, 1.1, 0.8, 0.8, 0.6, 1.4, 0.9, 1.2])
        means = [code for code, drawn in zip(_MEANS, rng.random(8) < chance, strict=True) if drawn]
        if not means and group[1] == "ADULT":
            means = ["MNS_ABUSE_VULN"]
        rows += [(name, "MNS", code) for code in means]
    return pd.DataFrame(rows, columns=["victim_id", "element", "code"])


def _accused(rng: np.random.Generator, case: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    of_case = case.loc[case.index.repeat(rng.poisson(0.9, len(case)))].reset_index(drop=True)
    size = len(of_case)
    accused = pd.DataFrame(
        {
            "accused_id": _ids(rng, "ac", size),
            "sex": _pick(rng, ("M", "F", "_U"), (0.60, 0.38, 0.02), size),
            "age_status_offence": _pick(rng, ("ADULT", "MINOR"), (0.985, 0.015), size),
            "citizenship": np.where(rng.random(size) < 0.86, of_case["country_report"], "VEN"),
            "person_kind": "NATURAL",
            "prior_conviction": _pick(rng, ("N", "Y", "_U"), (0.7, 0.1, 0.2), size),
            "public_official": _pick(rng, ("N", "Y", "_U"), (0.9, 0.02, 0.08), size),
            "also_victim": _pick(rng, ("N", "Y", "_U"), (0.76, 0.14, 0.10), size),
        }
    )
    role = _pick(rng, ("RECRUITER", "EXPLOITER", "TRANSPORTER", "ORGANISER", "HARBOURER"), (0.42, 0.30, 0.12, 0.08, 0.08), size)
    return accused, pd.DataFrame({"case_id": of_case["case_id"], "accused_id": accused["accused_id"], "role": role})


def _justice(
    rng: np.random.Generator, case: pd.DataFrame, case_accused: pd.DataFrame, last_day: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    opened = case_accused["case_id"].map(case.set_index("case_id")["opened_on"])
    filed = opened + pd.to_timedelta(rng.gamma(1.3, 70, len(opened)).round(), unit="D")
    charged = (rng.random(len(opened)) < 0.72) & (filed <= last_day)
    base = case_accused[charged].assign(filed_on=filed[charged]).reset_index(drop=True)
    size = len(base)
    charge = base[["accused_id", "case_id", "filed_on"]].assign(
        charge_id=_ids(rng, "ch", size), iccs="0204", is_tip=True, is_som=False, count_no=1
    )
    end = _pick(rng, _ENDS, (0.30, 0.14, 0.17, 0.33, 0.06), size)
    waited = np.where(end == "DISMISSED", rng.gamma(1.6, 190, size), rng.gamma(2.6, 250, size)).round() + 14
    disposed = charge["filed_on"] + pd.to_timedelta(waited, unit="D")
    seen = disposed <= last_day
    first = charge[["charge_id"]].assign(stage="CHARGED", date=charge["filed_on"], court_level="FIRST", decision="PENDING")
    last = charge[["charge_id"]].assign(stage="DISPOSED", date=disposed, court_level="FIRST", decision=end)[seen]
    convicted = seen & np.isin(end, ("CONV_AS_CHARGED", "CONV_LESSER"))
    lesser = (end == "CONV_LESSER")[convicted]
    months = np.where(lesser, rng.gamma(5, 9, convicted.sum()), rng.gamma(9, 16, convicted.sum())).round()
    custody = rng.random(convicted.sum()) < np.where(lesser, 0.55, 0.88)
    sentence = charge.loc[convicted, ["charge_id", "accused_id"]].assign(
        kind=np.where(custody, "CUSTODY", "SUSPENDED"),
        months_total=months,
        months_custodial=np.where(custody, months, 0.0),
        months_suspended=np.where(custody, 0.0, months),
        final=False,
    )
    return charge, pd.concat([first, last], ignore_index=True), sentence.reset_index(drop=True)


def _source(seed: int, today: date) -> pd.DataFrame:
    title = "turquesa synthetic demonstration data (no real person or case)"
    one: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": "turquesa",
        "url": "turquesa_stats/sources/demonstration.py",
        "citation": f"{title}, seed {seed}",
        "reporting_entity_type": "OTHER",
        "source_tier": 3,
        "licence": "CC0-1.0",
        "synthetic": True,
        "method_note": "Made by a seeded generator; sizes are invented and measure nothing.",
    }
    return described([one], today)
