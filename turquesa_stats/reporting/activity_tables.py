"""Every table of counts of requests, services, compensation, participants, journeys and linked offences that reports publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pandas as pd

from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS, BLOCS, MONTHS_AFTER, RECEIVED, ROUTE_COUNTRIES, SENT, SERVICES
from turquesa_stats.measures.actors import GROUP_TYPES, ROLES, STAGE_TECHNOLOGIES
from turquesa_stats.measures.cases import GROUPS
from turquesa_stats.measures.linked_offences import CRIMES, LINKS
from turquesa_stats.measures.registers import NO, YES, answer_codes
from turquesa_stats.reporting.case_tables import BOTH_SEXES, CASE_TABLES, CaseTable, Codes, Register, Row
from turquesa_stats.schema.codes import TOTAL

REQUEST_STEPS: Mapping[str, Codes] = {
    "ASKED": {},
    "ANSWERED": {"state": "_ANSWERED"},
    "DONE": {"state": "_DONE"},
    "REFUSED": {"state": "REFUSED"},
}
SERVICE_STEPS = {"OFFERED": "_OFFERED", "ACCEPTED": "_ACCEPTED", "DELIVERED": "_DELIVERED"}
COMPENSATION_STEPS: Mapping[str, Codes] = {
    "KNOWN": {},
    "ORDERED": {"paid": "_ORDERED"},
    "PAID": {"paid": "_PAID"},
    "PAID_WHOLE": {"paid": "WHOLE"},
}
TRAINING_STEPS: Mapping[str, Codes] = {
    "TAKEN": {},
    "COMPLETED": {"done": "_COMPLETED"},
    "CERTIFIED": {"done": "_CERTIFIED"},
    "ACTIVE": {"done": "MENTOR_ACTIVE"},
}
_LEFT_BEHIND = {  # step -> those who reached the one before and not this one: few of them must not follow by subtraction
    "OFFERED": "NO",
    "ACCEPTED": "OFFERED",
    "DELIVERED": "ACCEPTED",
    "KNOWN": "NOTHING",
    "ORDERED": "NOTHING",
    "PAID": "UNPAID",
    "PAID_WHOLE": "PART",
    "TAKEN": "_NOT",
    "COMPLETED": "_NOT",
    "CERTIFIED": "COMPLETED",
    "ACTIVE": "_IDLE",
}
REVIEW_STEPS: Mapping[str, Codes] = {"ALSO_VICTIM": {"also": YES}, "FOR_REVIEW": {"also": YES, "convicted": YES}}
FOLLOWUP_STEPS = {"TOLD": "_TOLD", "APPLIED": YES}
DIRECTIONS = (SENT, RECEIVED)
SEXES = ("F", "M", TOTAL)
REACHES = ("REACH_DOMESTIC", "REACH_SUBREGION", "REACH_AMERICAS", "REACH_INTO_AMERICAS", "REACH_OUT_OF_AMERICAS", "REACH_OUTSIDE")


def _without_totals(codes: Mapping[str, str]) -> Codes:
    return {name: code for name, code in codes.items() if code != TOTAL}


def _sex(row: Row) -> Codes:
    """Return women, men, or both: whoever is of unknown sex is in no count by sex, so that none follows by subtraction."""
    return {"sex": BOTH_SEXES if row["sex"] == TOTAL else row["sex"]}


def _passages(register: Register) -> CaseTable:
    rows = tuple({"code": code} for code in ROUTE_COUNTRIES)
    return CaseTable(register, rows, lambda row: {f"transit.{row['code']}": YES}, lambda _: {}, lambda row: {f"transit.{row['code']}": NO})


def _origins(register: Register) -> CaseTable:
    rows = tuple({"code": code} for code in ROUTE_COUNTRIES)
    return CaseTable(register, rows, lambda row: {"origin": row["code"]}, lambda _: {})


def _linked(crime: str) -> CaseTable:
    """Return the table of linked offences of the cases of one crime: those of trafficking and those of smuggling stand apart."""
    of: Codes = {"crime": f"_{crime}"}
    rows = tuple({"code": topic} for topic in LINKS)
    return CaseTable(
        "linked", rows, lambda row: of | {f"link.{row['code']}": YES}, lambda _: dict(of), lambda row: of | {f"link.{row['code']}": NO}
    )


def _of_crime(register: Register, attribute: str, codes: tuple[str, ...], crime: str) -> CaseTable:
    """Return a table of what is known of one attribute in the cases of one crime."""
    of: Codes = {"crime": f"_{crime}"}
    rows = tuple({"code": code} for code in codes)
    return CaseTable(register, rows, lambda row: of | {attribute: row["code"]}, lambda _: of | {attribute: "_TOLD"})


ACTIVITY_TABLES: Mapping[str, CaseTable] = {
    "requests": CaseTable(
        "requests",
        tuple({"kind": kind, "step": step} for kind, step in product((*answer_codes("coop_kind"), TOTAL), REQUEST_STEPS)),
        lambda row: _without_totals({"kind": row["kind"]}) | REQUEST_STEPS[row["step"]],
        lambda row: _without_totals({"kind": row["kind"]}),
    ),
    "request-directions": CaseTable(
        "requests",
        tuple({"direction": direction, "step": step} for direction, step in product(DIRECTIONS, REQUEST_STEPS)),
        lambda row: {"direction": row["direction"], **REQUEST_STEPS[row["step"]]},
        lambda row: {"direction": row["direction"]},
    ),
    "request-times": CaseTable(
        "requests",
        tuple({"direction": direction} for direction in DIRECTIONS),
        lambda row: {"direction": row["direction"], "state": "_ANSWERED"},
        lambda row: {"direction": row["direction"]},
        kind="quartiles",
    ),
    "services": CaseTable(
        "services",
        tuple({"kind": kind, "step": step} for kind, step in product(SERVICES, SERVICE_STEPS)),
        lambda row: {f"service.{row['kind']}": SERVICE_STEPS[row["step"]]},
        lambda _: {},
        lambda row: {f"service.{row['kind']}": _LEFT_BEHIND[row["step"]]},
    ),
    "service-times": CaseTable(
        "services",
        tuple({"kind": kind} for kind in SERVICES),
        lambda row: {f"service.{row['kind']}": "DELIVERED"},
        lambda row: {f"service.{row['kind']}": "DELIVERED"},
        kind="quartiles",
    ),
    "compensation": CaseTable(
        "compensation",
        tuple({"step": step} for step in COMPENSATION_STEPS),
        lambda row: dict(COMPENSATION_STEPS[row["step"]]),
        lambda _: {},
        lambda row: {"paid": _LEFT_BEHIND[row["step"]]},
        kind="quartiles",
    ),
    "participants": CaseTable(
        "participants",
        tuple({"group": group, "sex": sex} for group, sex in product((*answer_codes("trainee_group"), TOTAL), SEXES)),
        lambda row: _without_totals({"trainee_group": row["group"]}) | _sex(row),
        lambda row: _without_totals({"trainee_group": row["group"], "sex": BOTH_SEXES}),
    ),
    "training-steps": CaseTable(
        "participants",
        tuple({"step": step, "sex": sex} for step, sex in product(TRAINING_STEPS, SEXES)),
        lambda row: _sex(row) | TRAINING_STEPS[row["step"]],
        _sex,
        lambda row: _sex(row) | {"done": _LEFT_BEHIND[row["step"]]},
    ),
    "scores": CaseTable(
        "participants",
        tuple({"sex": sex} for sex in SEXES),
        lambda row: _sex(row) | {"scored": YES},
        lambda row: _sex(row) | {"scored": YES},
        kind="quartiles",
    ),
    "followup": CaseTable(
        "participants",
        tuple({"months": months, "step": step} for months, step in product(MONTHS_AFTER, FOLLOWUP_STEPS)),
        lambda row: {f"applied.{row['months']}": FOLLOWUP_STEPS[row["step"]]},
        lambda row: {f"applied.{row['months']}": "_TOLD"},
        lambda row: {f"applied.{row['months']}": NO},
    ),
    "smuggled-groups": CaseTable(
        "smuggled",
        tuple({"group": group} for group in (*GROUPS, TOTAL)),
        lambda row: _without_totals({"group": row["group"]}),
        lambda _: {},
    ),
    "smuggled-origins": _origins("smuggled"),
    "smuggled-passages": _passages("smuggled"),
    "smuggled-payment": CaseTable(
        "smuggled",
        tuple({"code": code} for code in answer_codes("pay")),
        lambda row: {"payment": row["code"]},
        lambda _: {"payment": "_TOLD"},
    ),
    "smuggling-fees": CaseTable("smuggled", ({"code": TOTAL},), lambda _: {"fee": YES}, lambda _: {"fee": YES}, kind="quartiles"),
    "journey-origins": _origins("journeys"),
    "journey-reach": CaseTable(
        "journeys", tuple({"code": code} for code in REACHES), lambda row: {"reach": row["code"]}, lambda _: {"reach": "_TOLD"}
    ),
    **{f"linked-{crime.lower()}": _linked(crime) for crime in CRIMES},
    **{f"structure-{crime.lower()}": _of_crime("structure", "group", GROUP_TYPES, crime) for crime in CRIMES},
    **{f"roles-{crime.lower()}": _of_crime("roles", "part", ROLES, crime) for crime in CRIMES},
    "reviews": CaseTable(
        "reviews",
        tuple({"step": step} for step in REVIEW_STEPS),
        lambda row: dict(REVIEW_STEPS[row["step"]]),
        lambda _: {},
        left_over=lambda _: ({"also": YES, "convicted": NO}, {"also": NO}),
        kind="count",
    ),
    "technology": CaseTable(
        "technology",
        tuple({"stage": stage, "code": code} for stage, code in STAGE_TECHNOLOGIES),
        lambda row: {f"tech.{row['stage']}.{row['code']}": YES},
        lambda _: {},
        lambda row: {f"tech.{row['stage']}.{row['code']}": NO},
    ),
    "smuggling-corridors": CaseTable(
        "smuggled",
        tuple({"code": f"{start}>{end}"} for start, end in product(BLOCS, BLOCS)),
        lambda row: dict(zip(("origin", "end"), (f"FROM_{row['code'].split('>')[0]}", f"TO_{row['code'].split('>')[1]}"), strict=True)),
        lambda _: {},
    ),
}
EVERY_TABLE: Mapping[str, CaseTable] = {**CASE_TABLES, **ACTIVITY_TABLES}
"""All tables of counts of case-level records, by name."""


def counted(name: str, units: pd.DataFrame, has: Callable[[Row], bool] = lambda _: True) -> pd.DataFrame:
    """
    Return the counts of an activity table.

    Parameters
    ----------
    name : str
        Which of :data:`ACTIVITY_TABLES`.
    units : DataFrame
        Units of its register in the period.
    has : callable
        Which rows to return; those of which nobody is told are left out by the caller.

    Returns
    -------
    DataFrame
        The rows' columns, ``count`` and ``n``.
    """
    table = ACTIVITY_TABLES[name]
    register = ACTIVITY_REGISTERS[table.register]
    rows = [
        {**row, "count": register.count(units, table.cell(row)), "n": register.count(units, table.whole(row))}
        for row in table.rows
        if has(row)
    ]
    return pd.DataFrame(rows)
