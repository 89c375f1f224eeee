"""
Synthetic activities for demonstrations: requests for cooperation, services to victims, compensation, training and fees of smuggling.

Sizes and times are invented and measure nothing; each kind draws from chance of its own, so that it changes no other table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
TABLES = (
    *("coop_request", "protection", "case_offence_link"),
    *("training_activity", "training_target_group", "training_module", "participant", "training_participation", "training_followup"),
)
_PARTNERS = ("COL", "PER", "ECU", "VEN", "PAN", "BRA", "MEX", "USA", "ESP")
_REQUESTS_A_YEAR = 110
_KINDS = {"POLICE_I247": 0.34, "MLA": 0.24, "REDTRAM": 0.16, "LIAISON": 0.12, "EXTRADITION": 0.07, "JIT": 0.03, "SPONTANEOUS": 0.04}
_DAYS = {"POLICE_I247": 18, "REDTRAM": 35, "LIAISON": 25, "SPONTANEOUS": 30, "MLA": 170, "EXTRADITION": 260, "JIT": 200}  # typical wait
_OUTCOMES = {"EXECUTED": 0.62, "PARTIAL": 0.16, "REFUSED": 0.10, "WITHDRAWN": 0.05, "PENDING": 0.07}
_ANSWERED = ("EXECUTED", "PARTIAL", "REFUSED")
_SERVICES = {  # chance that it is offered: to women and girls, to men and boys
    "SHELTER": (0.62, 0.24),
    "HEALTH": (0.66, 0.55),
    "PSYCHO": (0.78, 0.60),
    "LEGAL": (0.70, 0.62),
    "REFLECTION": (0.16, 0.14),
    "RESIDENCE": (0.10, 0.08),
    "REINTEGRATION": (0.34, 0.26),
    "PROTECTED_TESTIMONY": (0.22, 0.16),
    "NON_PUNISHMENT": (0.12, 0.12),
}
_OF_FOREIGNERS = ("REFLECTION", "RESIDENCE")
_RECORDED = 0.85  # share of victims whose services are recorded
_LINKED = {  # offence -> chance that a case is linked to it, and how
    "07023": (0.30, "MEANS"),
    "0903": (0.13, "MEANS"),
    "0906": (0.004, "LINKED"),
    "0601": (0.11, "LINKED"),
    "0901": (0.06, "LINKED"),
    "07041": (0.09, "PROCEEDS"),
    "0701": (0.08, "MEANS"),
    "0703": (0.05, "LINKED"),
}
_COURSES_A_YEAR, _PLACES = 4, 72
_GROUPS = {"LEA": 0.36, "PROSECUTOR": 0.26, "JUDGE": 0.14, "MIGRATION": 0.14, "VICTIM_SERVICE": 0.10}
_MODULES = ("TIP_LAW", "SOM_LAW", "INTERVIEW", "COOPERATION", "GENDER", "EVIDENCE", "MENTORING")
_MONTHS_AFTER = {3: 0.85, 6: 0.72, 12: 0.58}  # share of participants whom a follow-up reaches


def demonstration_activities(made: Tables, years: Sequence[int], seed: int) -> Tables:
    """
    Make the synthetic activities.

    Parameters
    ----------
    made : dict of DataFrame
        The synthetic cases, victims, sentences and, if there, smuggled persons; left as they are.
    years : sequence of int
        Years of the activities.
    seed : int
        Seed of the demonstration.

    Returns
    -------
    dict of DataFrame
        The tables named in :data:`TABLES`, and ``sentence`` and ``smuggled_person`` with amounts of money, not yet completed.
    """
    chance = [np.random.default_rng([seed, 2, stream]) for stream in range(6)]
    last_day = pd.Timestamp(max(years) + 1, 12, 31)
    countries = sorted(set(made["case"]["country_report"]))
    found: Tables = {
        "coop_request": _requests(countries, years, last_day, chance[0]),
        "protection": _services(made["victim"], last_day, chance[1]),
        "sentence": _with_compensation(made["sentence"], max(years), chance[2]),
        **_training(countries, years, last_day, chance[3]),
        "case_offence_link": _links(made["case"], chance[5]),
    }
    if "smuggled_person" in made:
        found["smuggled_person"] = _with_fees(made["smuggled_person"], max(years), chance[4])
    return found


def _keys(rng: np.random.Generator, prefix: str, size: int) -> list[str]:
    return [f"{prefix}_{bits:016x}" for bits in rng.integers(0, 2**63, size=size, dtype=np.uint64)]


def _drawn(rng: np.random.Generator, chances: dict[str, float], size: int) -> np.ndarray:
    weights = np.array(list(chances.values()))
    return rng.choice(np.array(list(chances), dtype=object), size=size, p=weights / weights.sum())


def _yes(rng: np.random.Generator, chance: float | np.ndarray, size: int) -> np.ndarray:
    return rng.random(size) < chance


def _days(rng: np.random.Generator, typical: float | np.ndarray, size: int) -> pd.TimedeltaIndex:
    return pd.to_timedelta(rng.gamma(1.6, np.asarray(typical) / 1.6, size).round() + 1, unit="D")


def _links(case: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return offences linked to cases; of many cases none is recorded."""
    parts = []
    for iccs, (chance, role) in _LINKED.items():
        of = case.loc[rng.random(len(case)) < chance, "case_id"]
        parts.append(pd.DataFrame({"case_id": of, "iccs": iccs, "role": role}))
    return pd.concat(parts, ignore_index=True)


def _requests(countries: list[str], years: Sequence[int], last_day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for country in countries:
        for year in years:
            size = int(rng.poisson(_REQUESTS_A_YEAR))
            sent = pd.Timestamp(year, 1, 1) + pd.to_timedelta(rng.integers(0, 365, size), unit="D")
            kind, partner, own = _drawn(rng, _KINDS, size), rng.choice(_PARTNERS, size), _yes(rng, 0.6, size)
            answered = sent + _days(rng, np.array([_DAYS[one] for one in kind], dtype=float), size)
            outcome = _drawn(rng, _OUTCOMES, size)
            outcome = np.where(np.isin(outcome, _ANSWERED) & (answered > last_day), "PENDING", outcome)
            is_answered = np.isin(outcome, _ANSWERED)
            parts.append(
                pd.DataFrame(
                    {
                        "req_id": _keys(rng, "rq", size),
                        "kind": kind,
                        "iso3_from": np.where(own, country, partner),
                        "iso3_to": np.where(own, partner, country),
                        "sent_on": sent,
                        "answered_on": answered.where(is_answered),
                        "outcome": outcome,
                        "ground_refused": pd.Series("demonstration", index=range(size)).where(outcome == "REFUSED"),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _services(victim: pd.DataFrame, last_day: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    recorded = victim[_yes(rng, _RECORDED, len(victim)) & victim["id_date"].notna()].reset_index(drop=True)
    men, foreign = recorded["sex"].eq("M").to_numpy(), recorded["citizenship"].ne(recorded["country_identify"]).to_numpy()
    parts = []
    for kind, (women_chance, men_chance) in _SERVICES.items():
        chance = np.where(men, men_chance, women_chance) * (np.where(foreign, 3.0, 0.0) if kind in _OF_FOREIGNERS else 1.0)
        offered = recorded[_yes(rng, np.minimum(chance, 0.95), len(recorded))]
        size = len(offered)
        accepted = rng.choice(np.array(["Y", "N", "_U"], dtype=object), size=size, p=[0.84, 0.11, 0.05])
        offered_on = pd.DatetimeIndex(offered["id_date"]) + _days(rng, 6, size)
        started_on = offered_on + _days(rng, 40 if kind in ("RESIDENCE", "REINTEGRATION") else 9, size)
        started = (accepted == "Y") & _yes(rng, 0.86, size) & (started_on <= last_day)
        parts.append(
            pd.DataFrame(
                {
                    "prot_id": _keys(rng, "pr", size),
                    "victim_id": offered["victim_id"].to_numpy(),
                    "kind": kind,
                    "offered_on": offered_on,
                    "started_on": started_on.where(started),
                    "accepted": accepted,
                    "provider_type": rng.choice(np.array(["SOCIAL", "NGO", "HEALTH", "OMBUDS"], dtype=object), size=size),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _with_compensation(sentence: pd.DataFrame, last_year: int, rng: np.random.Generator) -> pd.DataFrame:
    size = len(sentence)
    known = _yes(rng, 0.8, size)
    ordered = np.where(_yes(rng, 0.45, size), rng.lognormal(8.2, 0.7, size).round(-1), 0.0)
    share = rng.choice(np.array([0.0, 0.3, 1.0]), size=size, p=[0.58, 0.24, 0.18])
    paid_known = known & _yes(rng, 0.95, size)
    return sentence.assign(
        compensation_ordered=np.where(known, ordered, np.nan),
        compensation_paid=np.where(paid_known, (ordered * share).round(), np.nan),
        price_year=pd.Series(np.where(known, last_year, -1), index=sentence.index).astype("Int64").mask(~known),
    )


def _with_fees(person: pd.DataFrame, last_year: int, rng: np.random.Generator) -> pd.DataFrame:
    size = len(person)
    known = _yes(rng, 0.75, size)
    fee = rng.lognormal(7.6, 0.6, size).round(-1)
    return person.assign(
        travelling=_drawn(rng, {"ALONE": 0.30, "FAMILY": 0.38, "GROUP": 0.28, "_U": 0.04}, size),
        fee_total=np.where(known, fee, np.nan),
        fee_currency=pd.Series("USD", index=person.index).where(known),
        fee_price_year=pd.Series(np.where(known, last_year, -1), index=person.index).astype("Int64").mask(~known),
        fee_covers=np.where(known, "WHOLE", "_U"),
        payment_method=_drawn(rng, {"CASH": 0.46, "TRANSFER": 0.20, "STAGED": 0.18, "ESCROW_THIRD_PARTY": 0.08, "_U": 0.08}, size),
        debt_after=_drawn(rng, {"Y": 0.34, "N": 0.52, "_U": 0.14}, size),
    )


def _training(countries: list[str], years: Sequence[int], last_day: pd.Timestamp, rng: np.random.Generator) -> Tables:
    activities, people, taken = [], [], []
    for country in countries:
        for year in years:
            for number in range(1, _COURSES_A_YEAR + 1):
                start = pd.Timestamp(year, 3 * number - 1, 1) + pd.Timedelta(days=int(rng.integers(0, 20)))
                key = f"act_{country.lower()}_{year}_{number}"
                delivery = str(rng.choice(["PRESENT", "ONLINE", "HYBRID"], p=[0.5, 0.2, 0.3]))
                days = {"start": start, "end": start + pd.Timedelta(days=11)}
                activities.append(
                    {"act_id": key, "title": f"{year}/{number}", **days, "hours": 80.0, "delivery": delivery, "place_iso3": country}
                )
                size = int(rng.poisson(_PLACES))
                people.append(
                    pd.DataFrame(
                        {
                            "part_id": _keys(rng, "pa", size),
                            "sex": rng.choice(np.array(["F", "M", "_U"], dtype=object), size=size, p=[0.47, 0.51, 0.02]),
                            "iso3": country,
                            "trainee_group": _drawn(rng, _GROUPS, size),
                            "unit_specialised": _drawn(rng, {"Y": 0.3, "N": 0.6, "_U": 0.1}, size),
                        }
                    )
                )
                taken.append(_participation(people[-1]["part_id"], key, rng))
    activity, participation = pd.DataFrame(activities), pd.concat(taken, ignore_index=True)
    module = [{"act_id": key, "module": name} for key in activity["act_id"] for name in ("VICTIM_RIGHTS", *rng.permutation(_MODULES)[:5])]
    group = [{"act_id": key, "trainee_group": name} for key in activity["act_id"] for name in ("LEA", "PROSECUTOR", "JUDGE")]
    return {
        "training_activity": activity,
        "training_module": pd.DataFrame(module),
        "training_target_group": pd.DataFrame(group),
        "participant": pd.concat(people, ignore_index=True),
        "training_participation": participation,
        "training_followup": _followup(participation, activity.set_index("act_id")["end"], last_day, rng),
    }


def _participation(person: pd.Series[str], activity: str, rng: np.random.Generator) -> pd.DataFrame:
    size = len(person)
    completed = _yes(rng, 0.88, size)
    scored = completed & _yes(rng, 0.93, size)
    before = np.clip(rng.normal(54, 14, size), 0, 100).round()
    after = np.clip(before + (100 - before) * rng.beta(3, 4, size) - rng.integers(0, 4, size), 0, 100).round()
    return pd.DataFrame(
        {
            "part_id": person,
            "act_id": activity,
            "completed": np.where(completed, "Y", "N"),
            "hours_attended": np.where(completed, 80.0, rng.integers(8, 60, size)),
            "score_pre": np.where(scored, before, np.nan),
            "score_post": np.where(scored, after, np.nan),
            "satisfaction": pd.Series(rng.choice([3, 4, 5], size=size, p=[0.2, 0.45, 0.35]), index=person.index).astype("Int64"),
            "certified_mentor": np.where(completed & _yes(rng, 0.34, size), "Y", "N"),
        }
    )


def _followup(
    participation: pd.DataFrame, ended: pd.Series[pd.Timestamp], last_day: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    completed = participation[participation["completed"].eq("Y")]
    parts: list[pd.DataFrame] = []
    for months, reached in _MONTHS_AFTER.items():
        due = completed["act_id"].map(ended) + pd.DateOffset(months=months) <= last_day
        found = completed[due.to_numpy() & _yes(rng, reached, len(completed))]
        size, mentor = len(found), found["certified_mentor"].eq("Y").to_numpy()
        parts.append(
            pd.DataFrame(found[["part_id", "act_id"]]).assign(
                months_after=months,
                applied=_drawn(rng, {"Y": 0.62, "N": 0.30, "_U": 0.08}, size),
                same_post=_drawn(rng, {"Y": 0.94 - 0.02 * months, "N": 0.04 + 0.02 * months, "_U": 0.02}, size),
                trained_others=pd.Series(np.where(mentor, rng.poisson(0.3, size), rng.poisson(0.1, size)), index=found.index).astype(
                    "Int64"
                ),
                cases_worked=pd.Series(rng.poisson(1.8, size), index=found.index).astype("Int64"),
            )
        )
    return pd.concat(parts, ignore_index=True)
