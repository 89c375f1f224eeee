"""Rules R40 to R48 and those of single fields of charges: what passes, what breaks one rule, and what dates known in part leave open."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.completion import completed
from turquesa_stats.schema.validation import empty_table, validate
from turquesa_stats.sources.demonstration import demonstration_tables

RULES = {name: CHECKS[name] for name in (*(f"R{number}" for number in range(40, 49)), "F22", "F23", "F24", "F31")}
TABLES = ("charge", "charge_event", "sentence", "accused", "case_accused", "case")


def key(prefix: str, number: int) -> str:
    return f"{prefix}_{number:016x}"


def made(table: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a table, the fields left out as the schema allows."""
    common = {"source_id": "src_one", "record_version": 1, "loaded_at": pd.Timestamp("2026-01-02"), "sens": "R", "public_judgment": False}
    if not rows:
        return empty_table(table)
    return validate(completed(pd.DataFrame(list(rows)), table, common), table)


def charge(number: int = 1, filed: str = "2020-03-01", **changes: Any) -> dict[str, Any]:
    row = {
        "charge_id": key("ch", number),
        "accused_id": key("ac", 1),
        "case_id": key("ca", 1),
        "iccs": "02041",
        "is_tip": True,
        "is_som": False,
    }
    return row | {"count_no": 1, "filed_on": pd.Timestamp(filed), "filed_on_prec": "D"} | changes


def event(stage: str, day: str, decision: str = "PENDING", number: int = 1, prec: str = "D") -> dict[str, Any]:
    row = {"charge_id": key("ch", number), "stage": stage, "date": pd.Timestamp(day), "date_prec": prec}
    return row | {"court_level": "FIRST", "decision": decision}


def sentence(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"charge_id": key("ch", number), "accused_id": key("ac", 1), "kind": "CUSTODY", "final": False} | changes


def accused(number: int = 1, **changes: Any) -> dict[str, Any]:
    row = {"accused_id": key("ac", number), "sex": "F", "age_status_offence": "ADULT", "citizenship": "COL", "person_kind": "NATURAL"}
    return row | {"prior_conviction": "N", "public_official": "N", "also_victim": "N"} | changes


def hits(rule: str, **tables: pd.DataFrame) -> list[list[int]]:
    """Return the positions of the rows that each kind of hit of a rule finds."""
    return [found.rows.to_numpy().nonzero()[0].tolist() for found in RULES[rule](tables)]


WAY = [
    event("CONTACT", "2020-01-05"),
    event("REFERRED", "2020-02-01"),
    event("CHARGED", "2020-03-01"),
    event("COMMITTED", "2020-06-01"),
    event("TRIAL", "2021-02-01"),
    event("DISPOSED", "2021-03-01", "CONV_AS_CHARGED"),
    event("APPEAL", "2021-03-20"),
    event("APPEAL", "2021-09-01", "CONV_AS_CHARGED"),
    event("FINAL", "2021-10-01", "CONV_AS_CHARGED"),
]


def clean() -> dict[str, pd.DataFrame]:
    case = {"case_id": key("ca", 1), "country_report": "COL", "crime_type": "TIP", "iccs_lead": "02041", "attempted": "COMP"}
    case |= {"opened_on": pd.Timestamp("2020-01-01"), "opened_on_prec": "D", "detected_via": "SELF", "cross_border": "DOM"}
    return {
        "charge": made("charge", charge()),
        "charge_event": made("charge_event", *WAY),
        "sentence": made("sentence", sentence(months_total=120, months_custodial=120, months_suspended=0, final=True)),
        "accused": made("accused", accused()),
        "case": made("case", case | {"organised": "IND", "public_judgment": False}),
        "legal_framework": pd.DataFrame({"legal_id": ["l1"], "min_months": [156.0], "max_months": [276.0]}),
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_file_breaks_no_rule(rule: str) -> None:
    found = hits(rule, **clean())
    assert found[0] == ([6] if rule == "R46" else [])  # the appeal, once filed and once decided, counts one person
    assert not any(found[1:])


@pytest.mark.parametrize("rule", RULES)
def test_empty_tables_break_no_rule(rule: str) -> None:
    law = pd.DataFrame({name: pd.Series(dtype="float64") for name in ("legal_id", "min_months", "max_months")})
    for found in RULES[rule]({name: empty_table(name) for name in TABLES} | {"legal_framework": law}):
        assert found.rows.dtype == bool
        assert len(found.rows) == 0


@pytest.mark.parametrize("rule", RULES)
def test_the_demonstration_has_only_what_is_told_and_kept(rule: str) -> None:
    tables = demonstration_tables(date(2026, 1, 2))
    found = sum(map(len, hits(rule, **tables, legal_framework=clean()["legal_framework"])))
    assert (found > 0) == (rule in {"R42", "R47", "R48"}), found


# R40


@pytest.mark.parametrize("place", range(1, 6))
def test_r40_finds_a_stage_before_an_earlier_one(place: int) -> None:
    wrong = [*WAY[:place], WAY[place] | {"date": pd.Timestamp("2019-12-31")}, *WAY[place + 1 :]]
    assert hits("R40", charge_event=made("charge_event", *wrong)) == [[place]]


def test_r40_compares_with_all_earlier_stages_in_any_order_of_rows() -> None:
    rows = [event("FINAL", "2020-05-01"), event("CHARGED", "2020-06-01"), event("TRIAL", "2020-07-01"), event("DISPOSED", "2020-06-15")]
    assert hits("R40", charge_event=made("charge_event", *rows)) == [[0, 3]]


def test_r40_compares_days_that_the_precision_allows() -> None:
    def of(prec: str) -> list[list[int]]:
        return hits("R40", charge_event=made("charge_event", event("CHARGED", "2020-06-20"), event("TRIAL", "2020-06-01", prec=prec)))

    assert of("D") == [[1]]
    assert of("M") == of("Q") == of("Y") == [[]]
    rows = [event("CHARGED", "2021-01-01", prec="Y"), event("TRIAL", "2020-01-01", prec="Y")]
    assert hits("R40", charge_event=made("charge_event", *rows)) == [[1]]


def test_r40_leaves_a_repeated_trial_and_an_early_appeal() -> None:
    rows = [
        event("CHARGED", "2020-01-01"),
        event("APPEAL", "2019-12-01", "DISMISSED"),
        event("TRIAL", "2020-02-01"),
        event("DISPOSED", "2020-03-01", "ACQUITTED"),
        event("TRIAL", "2021-02-01"),
        event("DISPOSED", "2021-03-01", "CONV_AS_CHARGED"),
    ]
    assert hits("R40", charge_event=made("charge_event", *rows)) == [[]]


def test_r40_keeps_charges_apart() -> None:
    rows = [event("CHARGED", "2022-01-01", number=1), event("TRIAL", "2020-01-01", number=2)]
    assert hits("R40", charge_event=made("charge_event", *rows)) == [[]]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dates(date(2010, 1, 1), date(2025, 1, 1)), min_size=6, max_size=6))
def test_r40_finds_nothing_exactly_where_the_days_are_in_order(days: list[date]) -> None:
    stages = ("CONTACT", "REFERRED", "CHARGED", "TRIAL", "DISPOSED", "FINAL")
    table = made("charge_event", *(event(stage, str(day)) for stage, day in zip(stages, days, strict=True)))
    (found,) = hits("R40", charge_event=table)
    assert found == [place for place in range(6) if days[place] < max(days[: place + 1])]


# R41 and R42


def test_r41_finds_convictions_before_their_charge_and_without_one() -> None:
    rows = [
        event("DISPOSED", "2020-02-29", "CONV_AS_CHARGED"),
        event("DISPOSED", "2020-03-01", "CONV_LESSER"),
        event("DISPOSED", "2020-03-02", "CONV_AS_CHARGED"),
        event("DISPOSED", "2019-01-01", "ACQUITTED"),
        event("DISPOSED", "2020-02-01", "CONV_AS_CHARGED", prec="Q"),
        event("DISPOSED", "2021-01-01", "CONV_AS_CHARGED", number=9),
    ]
    tables = {"charge": made("charge", charge()), "charge_event": made("charge_event", *rows)}
    assert hits("R41", **tables) == [[5], [0], [1]]
    assert [found.only_warn for found in RULES["R41"](tables)] == [False, False, True]


def test_r41_leaves_a_charge_of_which_only_the_year_is_known() -> None:
    tables = {
        "charge": made("charge", charge(filed="2020-12-31", filed_on_prec="Y")),
        "charge_event": made(
            "charge_event", event("DISPOSED", "2020-02-01", "CONV_AS_CHARGED"), event("DISPOSED", "2019-02-01", "CONV_LESSER")
        ),
    }
    assert hits("R41", **tables) == [[], [1], []]


def test_r42_asks_for_the_charge_that_was_reduced_and_for_another_offence() -> None:
    table = made(
        "charge",
        charge(1),
        charge(2, iccs="0302", is_tip=False, reduced_from=key("ch", 1)),
        charge(3),
        charge(4, reduced_from=key("ch", 99)),
        charge(5, reduced_from=key("ch", 1)),
    )
    rows = [event("DISPOSED", "2021-01-01", "CONV_LESSER", number) for number in (2, 3, 4, 5)]
    rows.append(event("DISPOSED", "2021-01-01", "CONV_AS_CHARGED", 1))
    assert hits("R42", charge=table, charge_event=made("charge_event", *rows)) == [[1, 2], [3]]


# R43 and R44


def test_r43_finds_sentences_without_conviction() -> None:
    rows = [event("DISPOSED", "2021-01-01", "CONV_LESSER", 1), event("DISPOSED", "2021-01-01", "ACQUITTED", 2)]
    table = made("sentence", *(sentence(number) for number in (1, 2, 3)))
    assert hits("R43", sentence=table, charge_event=made("charge_event", *rows)) == [[1, 2]]


def test_r43_tells_lengths_that_the_law_does_not_allow() -> None:
    months = (155.9, 156, 276, 276.1, None)
    numbers = range(1, len(months) + 1)
    tables = clean() | {
        "charge": made("charge", *(charge(number, legal_id="l1") for number in numbers), charge(6), charge(7, legal_id="l1")),
        "charge_event": made("charge_event", *(event("DISPOSED", "2021-01-01", "CONV_AS_CHARGED", number) for number in range(1, 8))),
        "sentence": made(
            "sentence",
            *(sentence(number, months_custodial=length) for number, length in zip(numbers, months, strict=True)),
            sentence(6, months_custodial=1),
            sentence(7, kind="SUSPENDED", months_custodial=0, months_suspended=24),
        ),
    }
    assert hits("R43", **tables) == [[], [0], [3]]
    assert [found.only_warn for found in RULES["R43"](tables)] == [False, True, True]


@pytest.mark.parametrize(
    ("total", "custodial", "suspended", "wrong"),
    [
        (36, 24, 12, False),
        (36, 24, 11, True),
        (36, 24, 13, True),
        (36, 40, None, True),
        (36, 24, None, False),
        (36, None, None, False),
        (None, 24, 12, False),
        (17.2, 10.3, 6.8, False),
        (0, 0, 0, False),
    ],
)
def test_r44_adds_months_where_they_are_known(total: float | None, custodial: float | None, suspended: float | None, wrong: bool) -> None:
    row = sentence(months_total=total, months_custodial=custodial, months_suspended=suspended)
    assert hits("R44", sentence=made("sentence", row)) == [[0] if wrong else [], []]


def test_r44_gives_a_life_sentence_no_months() -> None:
    table = made(
        "sentence", sentence(1, kind="LIFE"), sentence(2, kind="LIFE", months_total=999), sentence(3, kind="LIFE", months_custodial=0)
    )
    assert hits("R44", sentence=table) == [[], [1, 2]]


# R45


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        ([("APPEAL", "2021-01-01", "PENDING"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], True),
        ([("APPEAL", "2021-01-01", "PENDING"), ("APPEAL", "2021-05-01", "DISMISSED"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], False),
        ([("APPEAL", "2021-01-01", "PENDING"), ("APPEAL", "2021-07-01", "DISMISSED"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], True),
        ([("APPEAL", "2020-01-01", "DISMISSED"), ("APPEAL", "2021-01-01", "PENDING"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], True),
        ([("FINAL", "2021-06-01", "CONV_AS_CHARGED"), ("APPEAL", "2021-07-01", "PENDING")], False),
        ([("APPEAL", "2021-01-01", "CONV_AS_CHARGED"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], False),
        ([("DISPOSED", "2021-01-01", "PENDING"), ("FINAL", "2021-06-01", "CONV_AS_CHARGED")], False),
        ([("APPEAL", "2021-01-01", "PENDING")], False),
    ],
)
def test_r45_finds_final_events_with_an_open_appeal(events: list[tuple[str, str, str]], wrong: bool) -> None:
    table = made("charge_event", *(event(*one) for one in events))
    final = [place for place, one in enumerate(events) if one[0] == "FINAL"]
    assert hits("R45", charge_event=table) == [final if wrong else []]


def test_r45_keeps_charges_apart_and_finds_final_sentences() -> None:
    rows = [
        event("APPEAL", "2021-01-01", number=1),
        event("FINAL", "2021-06-01", "CONV_AS_CHARGED", number=2),
        event("APPEAL", "2021-01-01", number=3),
        event("APPEAL", "2021-01-01", "ACQUITTED", number=3, prec="Y"),
    ]
    table = made("sentence", *(sentence(number, final=True) for number in (1, 2, 3)), sentence(4, final=False))
    assert hits("R45", charge_event=made("charge_event", *rows), sentence=table) == [[], [0]]


# R46 to R48


def test_r46_counts_a_person_once_a_stage_and_case() -> None:
    table = made("charge", charge(1), charge(2, count_no=2), charge(3, case_id=key("ca", 2)), charge(4, accused_id=key("ac", 2)))
    rows = [
        event("CHARGED", "2020-05-01", number=1),
        event("CHARGED", "2020-04-01", number=2),
        event("CHARGED", "2020-05-01", number=3),
        event("CHARGED", "2020-05-01", number=4),
        event("DISPOSED", "2020-06-01", "ACQUITTED", number=1),
        event("DISPOSED", "2020-07-01", "CONV_AS_CHARGED", number=2),
        event("CHARGED", "2020-05-01", number=99),
    ]
    assert hits("R46", charge=table, charge_event=made("charge_event", *rows)) == [[0, 4]]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.sampled_from(["CHARGED", "DISPOSED"])), min_size=1, max_size=12))
def test_r46_leaves_exactly_one_row_a_person_stage_and_case(drawn: list[tuple[int, int, str]]) -> None:
    table = made("charge", *(charge(n, accused_id=key("ac", a), case_id=key("ca", c)) for n, (a, c, _) in enumerate(drawn)))
    events = made("charge_event", *(event(stage, f"2020-01-{1 + n:02}", number=n) for n, (_, _, stage) in enumerate(drawn)))
    (found,) = hits("R46", charge=table, charge_event=events)
    assert len(drawn) - len(found) == len(set(drawn))


def test_r47_lists_victims_who_were_convicted() -> None:
    tables = {
        "accused": made("accused", accused(1, also_victim="Y"), accused(2, also_victim="Y"), accused(3, also_victim="_U"), accused(4)),
        "charge": made("charge", *(charge(number, accused_id=key("ac", number)) for number in (1, 2, 3, 4))),
        "charge_event": made(
            "charge_event",
            event("DISPOSED", "2021-01-01", "CONV_LESSER", 1),
            event("DISPOSED", "2021-01-01", "ACQUITTED", 2),
            event("DISPOSED", "2021-01-01", "CONV_AS_CHARGED", 3),
            event("DISPOSED", "2021-01-01", "CONV_AS_CHARGED", 4),
        ),
    }
    assert hits("R47", **tables) == [[0]]


def test_r48_finds_accused_children() -> None:
    table = made("accused", accused(1), accused(2, age_status_offence="MINOR"), accused(3, age_status_offence="_U"))
    assert hits("R48", accused=table) == [[1]]


# Single fields


def chain(links: dict[int, int | None]) -> pd.DataFrame:
    return made("charge", *(charge(one, reduced_from=None if of is None else key("ch", of)) for one, of in links.items()))


@pytest.mark.parametrize(
    ("links", "circle"),
    [
        ({1: None, 2: 1, 3: 2}, []),
        ({1: 1}, [1]),
        ({1: 2, 2: 1, 3: 1, 4: None}, [1, 2]),
        ({1: 2, 2: 3, 3: 1, 4: 3, 5: 4}, [1, 2, 3]),
        ({1: 99}, []),
        ({1: 99, 2: 1, 3: 2, 4: 4}, [4]),
    ],
)
def test_charges_reduced_from_themselves_are_found(links: dict[int, int | None], circle: list[int]) -> None:
    (found,) = hits("F23", charge=chain(links))
    assert [list(links)[place] for place in found] == circle


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 7)), min_size=1, max_size=8))
def test_circles_are_found_as_by_walking(parents: list[int | None]) -> None:
    def returns(start: int) -> bool:
        now: int | None = start
        for _ in parents:
            now = parents[now] if now is not None and now < len(parents) else None
            if now == start:
                return True
        return False

    (found,) = hits("F23", charge=chain(dict(enumerate(parents))))
    assert found == [start for start in range(len(parents)) if returns(start)]


def test_marks_of_the_crime_follow_the_offence() -> None:
    table = made(
        "charge",
        charge(1),
        charge(2, iccs="08051"),
        charge(3, iccs="08051", is_tip=False, is_som=True),
        charge(4, iccs="0703", is_tip=False),
        charge(5, iccs="0204", is_tip=False, is_som=True),
    )
    tip, som = RULES["F22"]({"charge": table})
    assert tip.rows.tolist() == [False, True, False, False, True]
    assert som.rows.tolist() == [False, True, False, False, True]
    assert tip.derived is not None
    assert tip.derived.tolist() == [True, False, False, False, True]


def test_compensation_paid_above_what_was_ordered_is_told() -> None:
    rows = [(100, 100), (101, 100), (5, None), (None, 5)]
    table = made("sentence", *(sentence(n, compensation_paid=paid, compensation_ordered=of) for n, (paid, of) in enumerate(rows)))
    assert hits("F24", sentence=table) == [[1]]


def test_a_least_penalty_above_the_greatest_is_found() -> None:
    law = pd.DataFrame({"min_months": [10.0, 20.0, None], "max_months": [10.0, 19.0, 5.0]})
    assert hits("F31", legal_framework=law) == [[1]]


@pytest.mark.parametrize("rule", RULES)
def test_a_row_is_found_whatever_the_index(rule: str) -> None:
    tables = clean()
    tables["charge_event"] = tables["charge_event"].assign(date=pd.Timestamp("2019-05-05"))
    for name in ("charge_event", "sentence", "accused"):
        tables[name] = pd.concat([tables[name], tables[name]], ignore_index=True)
    moved = {name: table.set_axis(np.arange(len(table)) + 50) for name, table in tables.items()}
    assert hits(rule, **tables) == hits(rule, **moved)
