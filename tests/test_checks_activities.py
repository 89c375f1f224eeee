"""Rules of operations, training, judgements and the register of released cells (R60 to R90, F25 to F30)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.schema.checks import CHECKS, judgements
from turquesa_stats.schema.checks.judgements import mixes
from turquesa_stats.schema.checks.release import SMALLEST_COUNT
from turquesa_stats.schema.codes import CodeList, Language
from turquesa_stats.schema.location import project_root

RULES = ["R60", "R61", "R62", "R70", "R71", "R80", "R81", "R82", "R90", *(f"F{number}" for number in range(25, 31))]
FIELDS = {
    "operation": {"op_id": "str", "start": "datetime64[s]", "start_prec": "str", "end": "datetime64[s]", "end_prec": "str"},
    "operation_result": {
        "op_id": "str",
        "iso3": "str",
        "metric": "str",
        "value": "float64",
        "value_qual": "str",
        "status": "str",
        "source_id": "str",
    },
    "training_activity": {"act_id": "str", "hours": "float64"},
    "training_module": {"act_id": "str", "module": "str"},
    "training_participation": {
        "part_id": "str",
        "act_id": "str",
        "completed": "boolean",
        "hours_attended": "float64",
        "score_pre": "float64",
        "score_post": "float64",
        "certified_mentor": "boolean",
    },
    "training_followup": {"part_id": "str", "months_after": "Int64"},
    "coop_request": {"req_id": "str", "outcome": "str", "ground_refused": "str"},
    "protection": {"prot_id": "str", "accepted": "str", "started_on": "datetime64[s]"},
    "judgement": {
        "jid": "str",
        "report_id": "str",
        "area": "str",
        "period": "str",
        "scale": "str",
        "term": "str",
        "low": "float64",
        "high": "float64",
        "confidence": "str",
        "text_en": "str",
        "text_es": "str",
        "text_fr": "str",
        "text_pt": "str",
    },
    "judgement_basis": {"jid": "str", "source_id": "str"},
    "release_register": {"cell_key": "str", "lower": "float64", "upper": "float64", "value_shown": "float64"},
}
TERMS = CodeList(
    "term",
    {
        "LIKELY": {
            "scale": "ICD_1 PHIA",
            "low": "0.55",
            "high": "0.75",
            "label_en": "likely",
            "label_es": "probable",
            "label_fr": "probable",
            "label_pt": "provável",
        },
        "PROBABLE": {
            "scale": "ICD_2",
            "low": "0.55",
            "high": "0.8",
            "label_en": "probable",
            "label_es": "probable",
            "label_fr": "probable",
            "label_pt": "provável",
        },
        "ALMOST_CERTAIN": {
            "scale": "PHIA",
            "low": "0.95",
            "high": "1",
            "label_en": "almost certain / nearly certain",
            "label_es": "casi seguro",
            "label_fr": "presque certain",
            "label_pt": "quase certo",
        },
    },
)


@pytest.fixture(autouse=True)
def terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of terms made for these tests, so that they say nothing of the project's own list."""
    monkeypatch.setattr(judgements, "likelihood_terms", lambda: TERMS)


def made(table: str, *rows: dict[str, Any], **more: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(FIELDS[table])).astype(FIELDS[table]).assign(**more)


def hits(rule: str, **tables: pd.DataFrame) -> list[list[int]]:
    """Return the positions of the rows that each kind of hit of a rule finds."""
    return [found.rows.to_numpy().nonzero()[0].tolist() for found in CHECKS[rule](tables)]


def figure(metric: str, value: float | None, iso3: str = "_T", qual: str = "EXACT", **changes: Any) -> dict[str, Any]:
    row = {
        "op_id": "op_1",
        "iso3": iso3,
        "metric": metric,
        "value": value,
        "value_qual": qual,
        "status": "preliminary",
        "source_id": "src_one",
    }
    return row | changes


def operation(start: str | None, end: str | None, start_prec: str = "D", end_prec: str = "D") -> dict[str, Any]:
    days = {"start": pd.Timestamp(start) if start else pd.NaT, "end": pd.Timestamp(end) if end else pd.NaT}
    return {"op_id": "op_1", "start_prec": start_prec, "end_prec": end_prec} | days


def judgement(**changes: Any) -> dict[str, Any]:
    row = {"jid": "j1", "report_id": "r", "area": "AMERICAS", "period": "2021"}
    row |= {"scale": "PHIA", "term": "LIKELY", "low": 0.55, "high": 0.75, "confidence": "MODERATE"}
    return row | {"text_en": "It is likely.", "text_es": "Es probable.", "text_fr": "C'est probable.", "text_pt": "É provável."} | changes


def clean() -> dict[str, pd.DataFrame]:
    results = [
        figure("arrests_total", 2517),
        figure("arrests_tip", 500),
        figure("arrests_som", 350),
        figure("arrests_total", 100, "COL"),
        figure("nationalities", 36),
        figure("nationalities", 20, "COL"),
        figure("nationalities", 30, "PAN"),
        figure("checks_border", 65000, qual="MORE_THAN"),
    ]
    person = {
        "part_id": "p",
        "act_id": "a",
        "completed": True,
        "hours_attended": 80,
        "score_pre": 40,
        "score_post": 70,
        "certified_mentor": True,
    }
    return {
        "operation": made("operation", operation("2023-11-27", "2023-12-01")),
        "operation_result": made("operation_result", *results),
        "training_activity": made("training_activity", {"act_id": "a", "hours": 80}),
        "training_module": made("training_module", {"act_id": "a", "module": "VICTIM_RIGHTS"}),
        "training_participation": made("training_participation", person),
        "training_followup": made("training_followup", {"part_id": "p", "months_after": 3}),
        "coop_request": made("coop_request", {"req_id": "r", "outcome": "REFUSED", "ground_refused": "x"}),
        "protection": made("protection", {"prot_id": "p", "accepted": "Y", "started_on": pd.Timestamp("2021-01-01")}),
        "judgement": made("judgement", judgement()),
        "judgement_basis": made("judgement_basis", {"jid": "j1", "source_id": "src_one"}),
        "release_register": made("release_register", {"cell_key": "c", "lower": 12, "upper": 12, "value_shown": 12}),
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_file_breaks_no_rule(rule: str) -> None:
    assert not any(hits(rule, **clean()))


@pytest.mark.parametrize("rule", RULES)
def test_empty_tables_break_no_rule(rule: str) -> None:
    for found in CHECKS[rule]({name: made(name) for name in FIELDS}):
        assert found.rows.dtype == bool
        assert len(found.rows) == 0


@pytest.mark.parametrize("rule", RULES)
def test_rows_with_nothing_but_a_key_are_survived(rule: str) -> None:
    tables = {name: made(name, {next(iter(fields)): "x"}) for name, fields in FIELDS.items()}
    for found in CHECKS[rule](tables):
        assert found.rows.dtype == bool


# R60 to R62


def test_r60_finds_operations_that_end_before_they_start_for_certain() -> None:
    table = made(
        "operation",
        operation("2023-12-01", "2023-11-27"),
        operation("2023-12-01", "2023-11-27", end_prec="Y"),
        operation("2023-12-01", None),
        operation("2023-12-01", "2023-12-01"),
        operation("2023-01-01", "2022-01-01", "Y", "Y"),
    )
    assert hits("R60", operation=table, operation_result=made("operation_result"))[0] == [0, 4]


def arrests(*rows: dict[str, Any]) -> list[int]:
    return hits("R60", operation=made("operation"), operation_result=made("operation_result", *rows))[1]


def test_r60_finds_more_arrests_by_crime_than_arrests() -> None:
    by_crime = [figure("arrests_tip", 30), figure("arrests_som", 20)]
    assert arrests(figure("arrests_total", 50), *by_crime) == []
    assert arrests(figure("arrests_total", 49), *by_crime) == [0, 1, 2]
    assert arrests(figure("arrests_total", 29), by_crime[0]) == [0, 1]
    assert arrests(*by_crime) == []
    assert arrests(figure("arrests_total", None), *by_crime) == []


@pytest.mark.parametrize("other", [{"iso3": "COL"}, {"status": "final"}, {"source_id": "src_two"}, {"op_id": "op_2"}])
def test_r60_compares_arrests_of_one_release_and_country(other: dict[str, Any]) -> None:
    assert arrests(figure("arrests_total", 10) | other, figure("arrests_tip", 30), figure("arrests_som", 20)) == []


@pytest.mark.parametrize(("qual", "wrong"), [("EXACT", True), ("MORE_THAN", False), ("ABOUT", False), ("NEARLY", False)])
def test_r60_leaves_an_approximate_total(qual: str, wrong: bool) -> None:
    assert bool(arrests(figure("arrests_total", 40, qual=qual), figure("arrests_tip", 30), figure("arrests_som", 20))) == wrong


def test_r60_counts_only_what_an_approximate_part_holds_for_certain() -> None:
    assert arrests(figure("arrests_total", 40), figure("arrests_tip", 30, qual="ABOUT"), figure("arrests_som", 20)) == []
    assert arrests(figure("arrests_total", 40), figure("arrests_tip", 30, qual="MORE_THAN"), figure("arrests_som", 20)) == [0, 1, 2]


def test_r60_tells_countries_above_an_exact_total() -> None:
    countries = [figure("victims_potential", 60, "COL"), figure("victims_potential", 70, "PAN")]
    fees = [figure("fee_low_usd", 1000), figure("fee_low_usd", 900, "COL"), figure("fee_low_usd", 800, "PAN")]
    rows = [figure("victims_potential", 129), *countries, *fees]
    tables = {"operation": made("operation"), "operation_result": made("operation_result", *rows)}
    *_, found = CHECKS["R60"](tables)
    assert found.rows.to_numpy().nonzero()[0].tolist() == [0]
    assert found.only_warn
    assert found.told is not None
    assert found.told.tolist() == ["129 < 130", *[""] * 5]
    for total in (
        figure("victims_potential", 130),
        figure("victims_potential", 129, qual="ABOUT"),
        figure("victims_potential", 129, status="final"),
    ):
        assert hits("R60", operation=made("operation"), operation_result=made("operation_result", total, *countries))[2] == []


@pytest.mark.parametrize(
    ("value", "qual", "wrong"),
    [(1.5, "ABOUT", True), (1.5, "EXACT", False), (2, "ABOUT", False), (0.5, "MORE_THAN", True), (None, "NEARLY", False)],
)
def test_r61_finds_decimals_of_approximate_figures(value: float | None, qual: str, wrong: bool) -> None:
    table = made("operation_result", figure("assets_frozen_usd", value, qual=qual))
    assert hits("R61", operation_result=table) == [[0] if wrong else []]


@pytest.mark.parametrize(
    ("total", "countries", "expected"),
    [
        (36, [20, 30], [[], []]),
        (50, [20, 30], [[], [0]]),
        (29, [20, 30], [[0], []]),
        (20, [20], [[], []]),
        (20, [20, 0], [[], []]),
        (20, [], [[], []]),
    ],
)
def test_r62_finds_nationalities_that_were_summed_or_are_too_few(total: float, countries: list[float], expected: list[list[int]]) -> None:
    rows = [figure("nationalities", total), *(figure("nationalities", n, c) for n, c in zip(countries, ("COL", "PAN"), strict=False))]
    table = made("operation_result", *rows, figure("arrests_total", 50, "PAN"))
    assert hits("R62", operation_result=table) == expected
    assert [found.only_warn for found in CHECKS["R62"]({"operation_result": table})] == [False, True]


# R70, R71 and fields


def test_r70_finds_attendance_scores_and_certificates_that_disagree() -> None:
    base = {
        "part_id": "p",
        "act_id": "a",
        "completed": True,
        "hours_attended": 80,
        "score_pre": 40,
        "score_post": 70,
        "certified_mentor": True,
    }
    rows = [
        base,
        base | {"hours_attended": 80.5},
        base | {"score_pre": None},
        base | {"score_post": None},
        base | {"completed": False},
        base | {"completed": None},
        base | {"completed": False, "certified_mentor": None},
        base | {"act_id": "other", "hours_attended": 999},
        base | {"hours_attended": None},
    ]
    tables = {"training_participation": made("training_participation", *rows), "training_activity": clean()["training_activity"]}
    assert hits("R70", **tables) == [[1], [2], [4, 5]]
    assert hits("R70", training_participation=tables["training_participation"]) == [[2], [4, 5]]
    assert hits("F28", **tables) == [[2, 3]]


def test_r71_finds_activities_without_the_rights_of_victims() -> None:
    activity = made("training_activity", *({"act_id": one, "hours": 8} for one in "abc"))
    modules = [{"act_id": "a", "module": "VICTIM_RIGHTS"}, {"act_id": "a", "module": "GENDER"}, {"act_id": "b", "module": "GENDER"}]
    assert hits("R71", training_activity=activity, training_module=made("training_module", *modules)) == [[1, 2]]


def test_fields_of_activities() -> None:
    hours = made("training_activity", *({"act_id": "a", "hours": value} for value in (0, -1, 0.5, None)))
    assert hits("F27", training_activity=hours) == [[0, 1]]
    months = made("training_followup", *({"part_id": "p", "months_after": value} for value in (0, 3, None)))
    assert hits("F29", training_followup=months) == [[0]]
    outcomes = [("EXECUTED", "x"), ("REFUSED", "x"), ("PARTIAL", "x"), ("PENDING", None), (None, "x")]
    requests = made("coop_request", *({"req_id": "r", "outcome": outcome, "ground_refused": ground} for outcome, ground in outcomes))
    assert hits("F25", coop_request=requests) == [[0, 4]]
    started = pd.Timestamp("2021-01-01")
    services = made(
        "protection", *({"accepted": answer, "started_on": day} for answer, day in (("N", started), ("N", None), ("_U", started)))
    )
    assert hits("F26", protection=services) == [[0]]


# R80, R81, F30


def test_r80_finds_terms_of_another_scale() -> None:
    pairs = [
        ("LIKELY", "PHIA"),
        ("LIKELY", "ICD_1"),
        ("LIKELY", "ICD_2"),
        ("PROBABLE", "PHIA"),
        ("MAYBE", "PHIA"),
        (None, None),
        ("LIKELY", None),
    ]
    table = made("judgement", *(judgement(term=term, scale=scale) for term, scale in pairs))
    assert hits("R80", judgement=table) == [[2, 3, 4, 6], [], [], [], []]


@pytest.mark.parametrize(
    ("language", "apart", "mixed"),
    [
        ("en", "It is likely that routes move. Our confidence is high.", "With high confidence it is likely."),
        ("es", "Es probable. La confianza es alta.", "Es muy probable, con confianza alta."),
        ("fr", "Il est probable. La confiance est forte.", "Probablement, avec une confiance forte."),
        ("pt", "É provável. A confiança é alta.", "É provável, com confiança alta."),
    ],
)
def test_r80_finds_likelihood_and_confidence_in_one_sentence(language: str, apart: str, mixed: str) -> None:
    field = f"text_{language}"
    table = made("judgement", judgement(**{field: apart}), judgement(**{field: mixed}), judgement(**{field: None}))
    assert hits("R80", judgement=table) == [[], *([1] if language == one else [] for one in Language)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It is unlikely, and confidence is low.", False),
        ("It is nearly certain; we are confident.", True),
        ("ALMOST CERTAIN with CONFIDENCE", True),
        ("Likely!\nConfidence: high", False),
        ("", False),
    ],
)
def test_terms_are_words_and_sentences_end_at_stops_and_lines(text: str, wrong: bool) -> None:
    assert mixes(text, ("likely", "almost certain / nearly certain"), Language.EN) == wrong


def test_r81_asks_for_sources_and_for_two_where_confidence_is_high() -> None:
    table = made(
        "judgement", *(judgement(jid=jid, confidence=level) for jid, level in (("a", "HIGH"), ("b", "HIGH"), ("c", "LOW"), ("d", "LOW")))
    )
    basis = [
        {"jid": "a", "source_id": "s1"},
        {"jid": "a", "source_id": "s2"},
        {"jid": "b", "source_id": "s1"},
        {"jid": "b", "source_id": "s1"},
    ]
    links = made("judgement_basis", *basis, {"jid": "c", "source_id": "s1"})
    assert hits("R81", judgement=table, judgement_basis=links) == [[3], [1]]
    assert hits("R81", judgement=table) == [[0, 1, 2, 3], []]
    own = links.rename(columns={"source_id": "basis_source_id"}).assign(source_id="src_report")
    assert hits("R81", judgement=table, judgement_basis=own) == [[3], [1]]


def test_f30_finds_likelihoods_upside_down() -> None:
    table = made("judgement", *(judgement(low=low, high=high) for low, high in ((55, 75), (75, 55), (60, 60), (None, 5))))
    assert hits("F30", judgement=table) == [[1]]


def test_r82_finds_two_scales_in_one_assessment_and_shares_that_are_not_the_terms() -> None:
    table = made(
        "judgement",
        judgement(),
        judgement(scale="ICD_1"),
        judgement(scale="ICD_1", period="2020"),
        judgement(low=0.5, area="CARIBBEAN"),
        judgement(high=0.8, area="CARIBBEAN"),
    )
    assert hits("R82", judgement=table) == [[0, 1], [3], [4]]


# R90


def register(*cells: tuple[float | None, float | None, float | None], **more: list[Any]) -> pd.DataFrame:
    rows = [{"cell_key": str(place), "lower": low, "upper": high, "value_shown": shown} for place, (low, high, shown) in enumerate(cells)]
    return made("release_register", *rows, **more)


def test_r90_finds_small_counts_that_are_shown() -> None:
    table = register((0, 0, 0), (1, 1, 1), (9, 9, 9), (10, 10, 10), (None, None, 5), (None, None, None))
    assert hits("R90", release_register=table) == [[1, 2, 4], []]


def test_r90_finds_hidden_cells_with_too_few_possible_values() -> None:
    table = register((0, 9, None), (0, 8, None), (1, 9, None), (9, 11, None), (10, 12, None), (0, 0, None), (5, None, None), (3, 3, None))
    assert hits("R90", release_register=table) == [[], [1, 2, 3, 7]]


def test_r90_takes_the_threshold_and_the_unit_of_the_register() -> None:
    table = register(
        (5, 5, 5), (5, 5, 5), (0, 4, None), (5, 5, 5), k=[5, 20, 5, None], unit_measure=["PERSONS", "PERSONS", "PERSONS", "CASES"]
    )
    assert hits("R90", release_register=table) == [[1], []]


def test_r90_reads_marks_of_hidden_cells_as_no_value() -> None:
    table = register((0, 3, None)).assign(value_shown=["<10"])
    assert hits("R90", release_register=table) == [[], [0]]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_r90_hides_small_numbers_among_k_values(one: int, other: int) -> None:
    low, high = sorted((one, other))
    possible = range(low, high + 1)
    wrong = any(0 < number < SMALLEST_COUNT for number in possible) and len(possible) < SMALLEST_COUNT
    assert hits("R90", release_register=register((low, high, None)))[1] == ([0] if wrong else [])


def test_the_threshold_is_that_of_the_policy_of_public_release() -> None:
    policy = project_root() / "turquesa_stats" / "disclosure" / "policies" / "public.yml"
    assert yaml.safe_load(policy.read_text(encoding="utf-8"))["k_person"] == SMALLEST_COUNT
