"""Every table of persons that reports publish: which of the register's counts each row is, and what it is a share of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from turquesa_stats.disclosure.gate import Kind
from turquesa_stats.measures.cases import GROUP_OF, GROUPS
from turquesa_stats.measures.cohort import OUTCOMES
from turquesa_stats.measures.demographics import AGE_BANDS
from turquesa_stats.measures.means_kinds import COMBINATIONS
from turquesa_stats.measures.registers import COMPLETENESS, KNOWN, NO, PENDING, SEVERAL, TERM, YES, answer_codes
from turquesa_stats.measures.time_to_outcome import HORIZONS
from turquesa_stats.schema.codes import TOTAL, UNKNOWN

Row = Mapping[Any, Any]
Codes = dict[str, str]
Register = Literal[
    "victims",
    "accused",
    "requests",
    "services",
    "compensation",
    "participants",
    "smuggled",
    "journeys",
    "linked",
    "structure",
    "roles",
    "reviews",
    "technology",
]
BOTH_SEXES, NEITHER_SEX, NOT_CONVICTED = "_FM", "_NEITHER", "_NOT_CONVICTED"
_GROUP: Mapping[str, Codes] = {group: {"sex": sex, "age_status": age} for (sex, age), group in GROUP_OF.items()}


@dataclass(frozen=True, slots=True)
class CaseTable:
    """
    One table of counts of persons.

    Attributes
    ----------
    register : str
        Whose counts.
    rows : tuple of mapping
        Every row that the table can have, by its key columns.
    cell : callable
        Row -> codes of the persons it counts.
    whole : callable
        Row -> codes of the persons that it is a share of (``n``).
    rest : callable, optional
        Row -> codes of the others of these, where no row of a table counts them; nobody is exposed if there are none.
    left_over : callable, optional
        Row -> codes of persons whom no row counts and who follow from those it does, such as those of unknown sex: protected as if printed.
    kind : {"share", "count", "curve", "quartiles"}
        What its values are; see :func:`turquesa_stats.disclosure.gate.protect`.
    """

    register: Register
    rows: tuple[Row, ...]
    cell: Callable[[Row], Codes]
    whole: Callable[[Row], Codes]
    rest: Callable[[Row], Codes] | None = None
    left_over: Callable[[Row], tuple[Codes, ...]] | None = None
    kind: Kind = "share"


def _single(attribute: str, codes: str) -> CaseTable:
    rows = tuple({"code": code} for code in answer_codes(codes))
    return CaseTable("victims", rows, lambda row: {attribute: row["code"]}, lambda _: {attribute: KNOWN})


def _several(name: str, within: Callable[[Row], Codes] = lambda _: {}, groups: tuple[str, ...] = ()) -> CaseTable:
    codes = answer_codes(SEVERAL[name])
    rows = tuple({"group": group, "code": code} for group, code in product(groups, codes)) or tuple({"code": code} for code in codes)

    def having(answer: str) -> Callable[[Row], Codes]:
        return lambda row: within(row) | {name: KNOWN, f"{name}.{row['code']}": answer}

    return CaseTable("victims", rows, having(YES), lambda row: within(row) | {name: KNOWN}, having(NO))


def _of_group(row: Row) -> Codes:
    return dict(_GROUP[row["group"]])


_STEPS: Mapping[str, Codes] = {
    "ENDED": {"end": "_ENDED"},
    "CONVICTED": {"end": "CONVICTED"},
    "AS_CHARGED": {"end": "CONVICTED", "as_charged": YES},
    "CUSTODY": {"end": "CONVICTED", "custodial": YES},
}
_NOT_REACHED: Mapping[str, Codes] = {
    "ENDED": {"end": PENDING},
    "CONVICTED": {"end": NOT_CONVICTED},
    "AS_CHARGED": {"as_charged": NO},
    "CUSTODY": {"custodial": NO},
}
_SEXES = ("F", "M")
_BOTH_KNOWN: Codes = {"age_status": "ADULT", "means": KNOWN, "purpose": KNOWN}


def _of_sex(row: Row) -> Codes:
    return {} if row["sex"] == TOTAL else {"sex": row["sex"]}


CASE_TABLES: Mapping[str, CaseTable] = {
    "victims": CaseTable("victims", ({},), lambda _: {}, lambda _: {}, kind="count"),
    "victim-groups": CaseTable(
        "victims",
        tuple({"group": group} for group in GROUPS),
        _of_group,
        lambda _: {"sex": BOTH_SEXES, "age_status": KNOWN},
    ),
    "victim-ages": CaseTable(
        "victims",
        tuple({"sex": sex, "age": age} for sex, age in product(_SEXES, AGE_BANDS)),
        lambda row: {"sex": row["sex"], "age": row["age"]},
        lambda _: {"sex": BOTH_SEXES, "age": KNOWN},
        kind="count",
    ),
    "detection": _single("detected_via", "detect"),
    "relation-cases": _single("relation", "relation"),
    "reach-cases": _single("cross_border", "cross_border"),
    "exploitation-cases": _several("purpose"),
    "exploitation-group": _several("purpose", _of_group, GROUPS),
    "means-cases": _several("means", lambda _: {"age_status": "ADULT"}),
    "means-together": CaseTable(
        "victims",
        tuple({"code": code} for code in COMBINATIONS),
        lambda row: {"age_status": "ADULT", "means": row["code"]},
        lambda _: {"age_status": "ADULT", "means": KNOWN},
    ),
    "association": CaseTable(
        "victims",
        tuple({"deceived": deceived, "sexual": sexual} for deceived, sexual in product((YES, NO), repeat=2)),
        lambda row: _BOTH_KNOWN | {"means.MNS_DECEPTION": row["deceived"], "purpose.PUR_SEXUAL": row["sexual"]},
        lambda _: dict(_BOTH_KNOWN),
        kind="count",
    ),
    "recruitment-cases": _several("recruitment"),
    "recruitment-group": _several("recruitment", _of_group, GROUPS),
    "completeness": CaseTable(
        "victims",
        tuple({"field": field} for field in COMPLETENESS),
        lambda row: {COMPLETENESS[row["field"]]: KNOWN},
        lambda _: {},
        lambda row: {COMPLETENESS[row["field"]]: UNKNOWN},
    ),
    "attrition": CaseTable(
        "accused",
        tuple({"step": step, "sex": TOTAL} for step in _STEPS),
        lambda row: dict(_STEPS[row["step"]]),
        _of_sex,
        lambda row: dict(_NOT_REACHED[row["step"]]),
    ),
    "attrition-sex": CaseTable(
        "accused",
        tuple({"step": step, "sex": sex} for step, sex in product(_STEPS, _SEXES)),
        lambda row: _of_sex(row) | _STEPS[row["step"]],
        _of_sex,
        lambda row: _of_sex(row) | _NOT_REACHED[row["step"]],
        left_over=lambda row: ({"sex": NEITHER_SEX} | _STEPS[row["step"]], {"sex": NEITHER_SEX}),
    ),
    "time-to-outcome": CaseTable(
        "accused",
        tuple({"outcome": outcome, "months": months} for outcome, months in product(OUTCOMES, HORIZONS)),
        lambda row: {"end": row["outcome"], "months": f"UNTIL_M{row['months']}"},
        lambda _: {},
        kind="curve",
    ),
    "sentences": CaseTable(
        "accused",
        tuple({"sex": sex} for sex in (TOTAL, *_SEXES)),
        lambda row: _of_sex(row) | {"end": "CONVICTED", "custodial": TERM},
        lambda row: _of_sex(row) | {"end": "CONVICTED", "custodial": TERM},
        left_over=lambda _: ({"sex": NEITHER_SEX, "end": "CONVICTED", "custodial": TERM},),
        kind="quartiles",
    ),
}
