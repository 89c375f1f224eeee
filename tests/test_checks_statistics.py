"""Rules R50 to R59: tables that pass, tables that break one rule, and the two real files with counts checked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.checks.found import Found
from turquesa_stats.schema.checks.sums import age_levels, sex_levels
from turquesa_stats.schema.codes import TOTAL, american_countries, code_list
from turquesa_stats.schema.inspection import _hits
from turquesa_stats.schema.rules import Action, Rule, Severity
from turquesa_stats.schema.validation import empty_table, validate
from turquesa_stats.sources.contract import Import

RULES = [*(f"R{number}" for number in range(50, 60)), "F32", "F33"]


def cell(value: float | None = 100, *, bounds: tuple[float | None, float | None] | None = None, **changes: Any) -> dict[str, Any]:
    year = changes.get("time_period", "2019")
    low, high = (value, value) if bounds is None else bounds
    row = dict.fromkeys(("counterpart_area", "sex", "age", "exploitation", "characteristic", "characteristic_code"), TOTAL) | {
        "ref_area": "COL",
        "freq": "A",
        "time_period": year,
        "period_start": pd.Timestamp(f"{year[:4]}-01-01"),
        "period_end": pd.Timestamp(f"{year[:4]}-12-31"),
        "indicator": "tip_victims_detected",
        "unit_measure": "PERSONS",
        "iccs": "0204",
        "source_id": "src_one",
        "source_agency": "Police",
        "edition": "2024",
        "obs_value": value,
        "obs_lower": low,
        "obs_upper": high,
        "value_qual": "EXACT",
        "obs_status": "A",
        "conf_status": "F",
        "legal_basis": None,
        "obs_comment": None,
        "dup_no": 1,
        "conflict": False,
        "source_sheet": "s",
        "source_row": None,
        "record_version": 1,
        "loaded_at": pd.Timestamp("2026-01-02"),
    }
    return row | changes


def hidden(upper: float = 4, **changes: Any) -> dict[str, Any]:
    return cell(None, bounds=(0, upper), **({"obs_status": "Q", "conf_status": "A"} | changes))


def stat(*rows: dict[str, Any]) -> pd.DataFrame:
    return validate(pd.DataFrame(rows), "official_stat")


def hits(rule: str, *rows: dict[str, Any], **others: pd.DataFrame) -> list[list[int]]:
    """Return the positions of the rows that each kind of hit of a rule finds."""
    return [found.rows.to_numpy().nonzero()[0].tolist() for found in CHECKS[rule]({"official_stat": stat(*rows), **others})]


def by_field(*rows: dict[str, Any]) -> dict[str, dict[int, str]]:
    """Return field of the split -> row -> what R51 tells."""
    told: dict[str, dict[int, str]] = {}
    for found in CHECKS["R51"]({"official_stat": stat(*rows)}):
        assert found.told is not None
        told.setdefault(found.columns[1], {}).update(found.told[found.rows].to_dict())
    return {name: rows for name, rows in told.items() if rows}


CLEAN = [
    cell(100),
    cell(60, sex="F"),
    cell(40, sex="M"),
    hidden(age="Y_LT18"),
    cell(97, age="Y_GE18"),
    cell(10, indicator="tip_prosecutions"),
    cell(10, indicator="tip_convictions"),
    cell(0, time_period="2018"),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_table_breaks_no_rule(rule: str) -> None:
    for found in CHECKS[rule]({"official_stat": stat(*CLEAN)}):
        assert not found.rows.any()


@pytest.mark.parametrize("rule", RULES)
def test_an_empty_table_breaks_no_rule(rule: str) -> None:
    tables = {"official_stat": empty_table("official_stat"), "population": pd.DataFrame(columns=["iso3", "year", "sex", "age"])}
    for found in CHECKS[rule](tables):
        assert found.rows.dtype == bool
        assert len(found.rows) == 0


@pytest.mark.parametrize("rule", RULES)
def test_a_row_is_found_whatever_the_index(rule: str) -> None:
    rows = [*CLEAN, cell(50, sex="_O"), cell(90, ref_area="_OTHER"), cell(5, obs_status="O", ref_area="PER")]
    table = stat(*rows)
    shuffled = table.set_axis([7] * len(table))
    plain, other = (list(CHECKS[rule]({"official_stat": one})) for one in (table, shuffled))
    assert [f.rows.tolist() for f in plain] == [f.rows.tolist() for f in other]


# R50


@pytest.mark.parametrize(
    "wrong",
    [
        cell(3, obs_status="Q", conf_status="A"),
        cell(None, bounds=(1, 4), obs_status="Q", conf_status="A"),
        cell(None, bounds=(0, None), obs_status="Q", conf_status="A"),
        cell(None, bounds=(0, 0), obs_status="Q", conf_status="A"),
        hidden(obs_status="A"),
        hidden(obs_status="A", conf_status="F"),
        hidden(conf_status="F"),
    ],
)
def test_r50_finds_a_small_count_that_is_no_marked_interval(wrong: dict[str, Any]) -> None:
    assert [0] in hits("R50", wrong, hidden(ref_area="PER"))
    assert all(1 not in rows for rows in hits("R50", wrong, hidden(ref_area="PER")))


def test_r50_leaves_figures_hidden_in_addition_and_stated_ranges() -> None:
    assert hits("R50", cell(None, bounds=(None, None), obs_status="Q", conf_status="D"), cell(None, bounds=(40, 50), ref_area="PER")) == [
        [],
        [],
        [],
    ]


# R51


def test_r51_tells_the_difference_by_each_split() -> None:
    parts = [cell(60, sex="F"), cell(30, sex="M"), cell(50, age="Y_LT18"), cell(70, age="Y_GE18")]
    assert by_field(cell(100), *parts) == {"sex": {0: "100 - 90 = 10"}, "age": {0: "100 - 120 = -20"}}


def test_r51_takes_a_hidden_part_for_its_interval() -> None:
    assert by_field(cell(64), cell(60, sex="F"), hidden(sex="M")) == {}
    assert by_field(cell(60), cell(60, sex="F"), hidden(sex="M")) == {}
    assert by_field(cell(65), cell(60, sex="F"), hidden(sex="M")) == {"sex": {0: "65 - [60, 64] = [1, 5]"}}
    assert by_field(hidden(), cell(3, sex="F", bounds=(3, 3)), cell(2, sex="M")) == {"sex": {0: "[0, 4] - 5 = [-5, -1]"}}


def test_r51_leaves_the_sum_open_where_a_part_is_missing_or_has_no_end() -> None:
    assert by_field(cell(100), cell(60, sex="F")) == {}
    assert by_field(cell(59), cell(60, sex="F")) == {"sex": {0: "59 - [60, inf) = (-inf, -1]"}}
    unknown = cell(None, bounds=(None, None), sex="M", obs_status="Q", conf_status="D")
    assert by_field(cell(100), cell(60, sex="F"), unknown) == {}
    more = cell(60, sex="F", value_qual="MORE_THAN", bounds=(60, None))
    assert by_field(cell(200), more, cell(1, sex="M")) == {}
    about = cell(60, sex="F", value_qual="ABOUT", bounds=(None, None))
    assert by_field(cell(2), about, cell(1, sex="M")) == {}


def test_r51_lets_persons_of_unknown_sex_and_age_belong_to_any_part() -> None:
    rows = [cell(60, sex="F"), cell(30, sex="M"), cell(10, sex="_U", age="_U")]
    assert by_field(cell(100), *rows) == {}
    assert by_field(cell(101), *rows) == {"sex": {0: "101 - [90, 100] = [1, 11]"}}


def test_r51_compares_only_parts_of_the_same_source_period_and_unit() -> None:
    others = [{"source_agency": "Court"}, {"edition": "2023"}, {"time_period": "2018"}, {"unit_measure": "CASES"}, {"iccs": None}]
    for other in others:
        assert by_field(cell(100), cell(60, sex="F", **other), cell(30, sex="M", **other)) == {}
    assert by_field(cell(100, iccs=None), cell(60, sex="F", iccs=None), cell(30, sex="M", iccs=None)) == {"sex": {0: "100 - 90 = 10"}}


def test_r51_checks_totals_within_other_splits_too() -> None:
    girls = [cell(20, age="Y_LT18"), cell(9, age="Y_LT18", sex="F"), cell(9, age="Y_LT18", sex="M")]
    assert by_field(*girls) == {"sex": {0: "20 - 18 = 2"}}


def test_r51_takes_wide_and_narrow_age_groups_for_two_sets_of_parts() -> None:
    wide, narrow = [cell(40, age="Y_LT18"), cell(60, age="Y_GE18")], [cell(10, age="Y0T8"), cell(20, age="Y9T17")]
    assert by_field(cell(100), *wide, *narrow) == {"age": {0: "100 - 90 = 10"}}
    assert by_field(cell(100), *wide) == {}
    assert by_field(cell(100), *narrow) == {}
    assert by_field(cell(29), *narrow) == {"age": {0: "29 - [30, inf) = (-inf, -1]"}}


def test_r51_leaves_forms_open_without_a_rest() -> None:
    forms = [cell(50, exploitation="PUR_SEXUAL"), cell(30, exploitation="PUR_FORCED_LABOUR")]
    assert by_field(cell(100), *forms) == {}
    assert by_field(cell(100), *forms, cell(10, exploitation="PUR_OTHER")) == {"exploitation": {0: "100 - 90 = 10"}}
    servitude = [cell(20, exploitation="PUR_SERVITUDE"), cell(15, exploitation="PUR_DOMESTIC")]
    assert by_field(cell(100), *forms, *servitude, cell(0, exploitation="_U")) == {}


def test_r51_leaves_citizenships_open_without_the_own_and_the_unknown() -> None:
    def of(area: str, value: float) -> dict[str, Any]:
        return cell(value, counterpart_area=area, characteristic="CITIZENSHIP")

    assert by_field(cell(100), of("VEN", 30), of("COL", 50)) == {}
    assert by_field(cell(100), of("VEN", 30), of("COL", 50), of("_UNK", 10)) == {"counterpart_area": {0: "100 - 90 = 10"}}
    assert by_field(cell(70), of("VEN", 30), of("COL", 50)) == {"counterpart_area": {0: "70 - [80, inf) = (-inf, -10]"}}
    repatriated = cell(900, counterpart_area="VEN", characteristic="REPATRIATION")
    assert by_field(cell(100), repatriated) == {}


def test_r51_takes_values_in_conflict_for_the_least_and_their_sum() -> None:
    twice = [cell(62, sex="F", conflict=True), cell(43, sex="F", conflict=True, dup_no=2)]
    assert by_field(cell(80), *twice, cell(20, sex="M")) == {}
    assert by_field(cell(62), *twice, cell(20, sex="M")) == {"sex": {0: "62 - [63, 125] = [-63, -1]"}}


def test_r51_never_repairs() -> None:
    table = stat(cell(100), cell(60, sex="F"), cell(30, sex="M"))
    before = table.copy(deep=True)
    for found in CHECKS["R51"]({"official_stat": table}):
        assert found.derived is None
    pd.testing.assert_frame_equal(table, before)


def test_a_hit_tells_the_difference_in_place_of_the_values() -> None:
    tables = {"official_stat": stat(cell(60, sex="F"), cell(30, sex="M"), cell(100))}
    rule = Rule("R51", Severity.WARN, Action.KEPT, ("official_stat",), (), {}, {}, {})
    first, second, *_ = (_hits(rule, found, tables) for found in CHECKS["R51"](tables))
    assert first[["position", "column", "value"]].to_numpy().tolist() == [[2, "obs_value, sex", "100 - 90 = 10"]]
    assert second.empty


counts = st.integers(0, 200)


@settings(max_examples=30, deadline=None)
@given(counts, counts, st.booleans(), st.integers(-3, 3))
def test_r51_finds_a_total_exactly_where_no_hidden_value_can_explain_it(women: int, men: int, hide: bool, off: int) -> None:
    men_row = hidden(sex="M") if hide else cell(men, sex="M")
    total = women + (men % 5 if hide else men) + off
    possible = {women + other for other in (range(5) if hide else (men,))}
    if total >= 0:
        assert bool(by_field(cell(total), cell(women, sex="F"), men_row)) == (total not in possible)


def test_parts_that_may_be_added() -> None:
    assert sex_levels(frozenset({"F", "_O"})) == [(frozenset({"F", "_O"}), False)]
    peru = frozenset({"Y0T5", "Y6T11", "Y12T17", "Y18T29", "Y30T59", "Y_GE60"})
    assert age_levels(peru) == [(peru, True)]
    assert age_levels(peru - {"Y6T11"}) == [(peru - {"Y6T11"}, False)]
    assert age_levels(frozenset({"_U"})) == [(frozenset({"_U"}), False)]
    assert age_levels(frozenset({"Y0T8", "not an age"})) == []


@pytest.mark.parametrize("code", [code for code in code_list("age").codes if code not in {TOTAL, "_U", "_N", "_Z"}])
def test_every_age_group_of_the_list_is_understood(code: str) -> None:
    assert age_levels(frozenset({code})) == [(frozenset({code}), False)]


# R52 to R59


def test_r52_finds_figures_of_several_agencies_for_one_thing() -> None:
    other = {"source_agency": "Prosecution", "source_id": "src_two"}
    assert hits("R52", cell(765), cell(476, **other), cell(1, ref_area="PER"), cell(3, sex="F", **other)) == [[0, 1]]
    assert hits("R52", cell(765), cell(800, edition="2025"), cell(9, source_id="src_two")) == [[]]


def outcome(convicted: dict[str, Any], prosecuted: dict[str, Any]) -> list[Found]:
    rows = [convicted | {"indicator": "tip_convictions"}, prosecuted | {"indicator": "tip_prosecutions"}]
    return list(CHECKS["R53"]({"official_stat": stat(*rows)}))


def test_r53_finds_more_convicted_than_prosecuted_for_certain() -> None:
    (found,) = outcome(cell(15), cell(10))
    assert found.rows.tolist() == [True, False]
    assert found.told is not None
    assert found.told.tolist() == ["15 > 10", ""]
    (found,) = outcome(cell(5), hidden())
    assert found.told is not None
    assert found.told.tolist() == ["5 > 0-4", ""]


@pytest.mark.parametrize(
    ("convicted", "prosecuted"),
    [
        (cell(10), cell(10)),
        (hidden(), cell(0)),
        (cell(15), cell(10, source_agency="Court")),
        (cell(15), cell(10, time_period="2018")),
        (cell(15), cell(10, unit_measure="CASES")),
        (cell(15, conflict=True), cell(10)),
        (cell(15), cell(10, conflict=True)),
        (cell(15, sex="F"), cell(10, sex="F")),
        (cell(15), cell(None, bounds=(None, None), obs_status="O")),
        (cell(15), cell(10, value_qual="MORE_THAN", bounds=(10, None))),
    ],
)
def test_r53_leaves_what_is_not_certain_or_not_comparable(convicted: dict[str, Any], prosecuted: dict[str, Any]) -> None:
    assert not outcome(convicted, prosecuted)[0].rows.any()


def test_r54_finds_victims_whose_population_is_not_there() -> None:
    population = pd.DataFrame(
        {"iso3": ["COL", "COL"], "year": pd.array([2019, 2019], dtype="Int64"), "sex": [TOTAL, "F"], "age": [TOTAL, TOTAL]}
    )
    rows = [
        cell(1),
        cell(2, time_period="2018"),
        cell(3, sex="F"),
        cell(4, sex="M"),
        cell(5, sex="_U"),
        cell(6, indicator="tip_convictions", time_period="2018"),
        cell(7, exploitation="PUR_SEXUAL", time_period="2018"),
    ]
    assert hits("R54", *rows, population=population) == [[1, 3]]
    assert hits("R54", *rows) == []


def test_r55_finds_figures_of_no_country() -> None:
    assert hits("R55", cell(1), cell(2, ref_area="XAA"), cell(3, ref_area="_OTHER"), cell(4, ref_area=TOTAL)) == [[2, 3]]


def test_r56_finds_breaks_and_other_definitions() -> None:
    rows = [cell(1), cell(2, obs_status="B", sex="F"), cell(3, obs_status="D", sex="M"), cell(4, obs_status="P", sex="_O")]
    assert hits("R56", *rows) == [[1, 2]]


def test_r57_finds_keys_in_conflict_marked_or_not() -> None:
    unmarked = [cell(62), cell(43, dup_no=2)]
    marked = [cell(1, sex="F", conflict=True), cell(2, sex="F", conflict=True, dup_no=2)]
    half = [cell(3, sex="M", conflict=True), cell(4, sex="M", dup_no=2)]
    assert hits("R57", *unmarked, *marked, *half, cell(9, edition="2025")) == [[0, 1, 5], [2, 3, 4]]


@pytest.mark.parametrize("status", ["O", "L", "M", "Q", "H"])
@pytest.mark.parametrize("value", [0, 7])
def test_r58_finds_a_value_where_the_status_says_missing(status: str, value: float) -> None:
    assert hits("R58", cell(value, obs_status=status), cell(0, sex="F")) == [[0], []]


def test_r58_finds_nothing_said_of_an_empty_cell() -> None:
    empty = {"bounds": (None, None)}
    rows = [
        cell(None, **empty),
        cell(None, obs_status="O", sex="F", **empty),
        cell(None, obs_status="K", sex="M", **empty),
        hidden(age="_U"),
    ]
    assert hits("R58", *rows) == [[], [0]]


def test_r59_finds_units_that_do_not_fit() -> None:
    rows = [
        cell(1),
        cell(2, unit_measure="EVENTS"),
        cell(3, indicator="tip_convictions", unit_measure="CASES"),
        cell(4, indicator="tip_offences"),
    ]
    assert hits("R59", *rows) == [[1, 3]]


def test_every_indicator_declares_units_that_exist() -> None:
    units = code_list("indicator").column("units")
    for code, fitting in units.items():
        assert fitting, f"indicator {code} declares no unit; add it in the last column, units"
        assert set(fitting.split()) <= set(code_list("unit_measure").codes), code


def test_figures_outside_their_bounds_are_found() -> None:
    rows = [cell(5, bounds=(4, 6)), cell(5, bounds=(6, 8), sex="F"), cell(5, bounds=(1, 4), sex="M"), cell(None, bounds=(4, 1), sex="_O")]
    assert hits("F32", *rows) == [[1], [2], [3]]


def test_periods_that_say_something_else_are_found() -> None:
    fiscal = {"time_period": "2018-10/2019-09", "period_start": pd.Timestamp("2018-10-01"), "period_end": pd.Timestamp("2019-09-30")}
    rows = [
        cell(1),
        cell(2, **fiscal),
        cell(3, time_period="2020", period_start=pd.Timestamp("2019-10-01"), period_end=pd.Timestamp("2020-09-30")),
        cell(4, time_period="2019", period_start=pd.Timestamp("2019-12-31"), period_end=pd.Timestamp("2019-01-01"), sex="F"),
        cell(5, time_period="1999-99", sex="M"),
    ]
    assert hits("F33", *rows) == [[3], [2, 4]]


# Figures against their sources (F03 to F07)


def source(number: int, **changes: Any) -> dict[str, Any]:
    row = {"source_id": f"src_{number}", "source_tier": 1, "status": "final", "handling": "H0", "reporting_entity_type": "POLICE"}
    return row | {"grade_scheme": None, "grade": None, "method_note": None} | changes


def by_source(rule: str, sources: list[dict[str, Any]], *rows: dict[str, Any]) -> list[list[int]]:
    table = pd.DataFrame(sources).astype({"grade_scheme": "str", "grade": "str", "method_note": "str"})
    return hits(rule, *rows, source=table)


def test_f03_asks_self_selected_sources_for_their_method() -> None:
    kinds = [("HOTLINE", None), ("HOTLINE", "calls"), ("NGO", " "), ("POLICE", None)]
    sources = [source(number, reporting_entity_type=kind, method_note=note) for number, (kind, note) in enumerate(kinds)]
    assert by_source("F03", sources, cell()) == [[0, 2]]


def test_f04_finds_grades_of_another_scheme_or_alone() -> None:
    pairs = [("ADMIRALTY", "B2"), ("ADMIRALTY", "X4"), ("ADMIRALTY", "A5"), ("EUROPOL4X4", "A5"), ("EUROPOL4X4", "X4"), ("ADMIRALTY", None)]
    sources = [
        source(number, grade_scheme=scheme, grade=grade) for number, (scheme, grade) in enumerate([*pairs, (None, "B2"), (None, None)])
    ]
    assert by_source("F04", sources, cell()) == [[1, 3, 5, 6]]


def test_f05_finds_the_press_where_the_issuer_gives_a_figure() -> None:
    sources = [source(1), source(2, source_tier=2), source(3, source_tier=3)]
    press = {"source_id": "src_3", "source_agency": "Press"}
    rows = [
        cell(10, source_id="src_1"),
        cell(12, **press),
        cell(13, source_id="src_2"),
        cell(5, sex="F", **press),
        cell(7, source_id="src_2", sex="F"),
    ]
    empty = [cell(None, bounds=(None, None), obs_status="O", source_id="src_1", sex="M"), cell(4, sex="M", **press)]
    assert by_source("F05", sources, *rows, *empty) == [[1]]


def test_f06_and_f07_follow_the_status_and_the_handling_of_the_source() -> None:
    sources = [source(1, status="preliminary"), source(2, handling="H1"), source(3)]
    rows = [
        cell(1, source_id="src_1"),
        cell(1, source_id="src_1", obs_status="P", sex="F"),
        hidden(source_id="src_1", sex="M"),
        cell(1, source_id="src_2"),
        cell(1, source_id="src_3"),
        cell(1, source_id="src_unknown"),
    ]
    assert by_source("F06", sources, *rows) == [[0]]
    assert by_source("F07", sources, *rows) == [[3]]


@pytest.mark.parametrize("rule", ["F03", "F04", "F05", "F06", "F07"])
def test_sources_without_rows_break_no_rule(rule: str) -> None:
    for found in CHECKS[rule]({"official_stat": empty_table("official_stat"), "source": empty_table("source")}):
        assert found.rows.dtype == bool
        assert len(found.rows) == 0


# The real files


def numbers(tables: dict[str, pd.DataFrame]) -> dict[str, list[int]]:
    return {rule: [int(found.rows.sum()) for found in CHECKS[rule](tables)] for rule in RULES}


def test_the_rules_on_the_file_of_the_united_nations(glotip: Import) -> None:
    """The differences by hand: ARG 2013 374 against women 224 and men 113; ALB 2007 9 convicted against 9 + 9 by form."""
    table = glotip.tables["official_stat"]
    assert numbers({"official_stat": table}) == {
        "R50": [0, 0, 0],
        "R51": [593, 512, 1289, 78, 0, 0],
        "R52": [0],
        "R53": [122],
        "R54": [],
        "R55": [0],
        "R56": [0],
        "R57": [0, 869],
        "R58": [0, 0],
        "R59": [0],
        "F32": [0, 0, 0],
        "F33": [0, 0],
    }
    sex, age, form, *_ = CHECKS["R51"]({"official_stat": table})
    by_row = dict(zip(table["source_row"], range(len(table)), strict=True))
    assert sex.told is not None
    assert age.told is not None
    assert form.told is not None
    assert sex.told.iloc[by_row[1016]] == "374 - 337 = 37"  # ARG 2013: 224 women and girls, 113 men and boys
    assert age.told.iloc[by_row[1016]] == "374 - 372 = 2"  # 32 children, 340 adults
    assert sex.told.iloc[by_row[1014]] == "32 - 30 = 2"  # children: 20 girls, 10 boys
    assert form.told.iloc[by_row[1016]] == ""  # 213 + 161 = 374
    assert form.told.iloc[by_row[226]] == "9 - [18, inf) = (-inf, -9]"  # ALB 2007: 9 for labour and 9 for sexual exploitation
    assert form.told.iloc[by_row[376]] == "46 - 55 = -9"  # ALB 2019 girls: 8 + 33 + 14


def test_more_convictions_than_prosecutions_in_fifteen_american_years_of_the_united_nations(glotip: Import) -> None:
    table = glotip.tables["official_stat"]
    (found,) = CHECKS["R53"]({"official_stat": table})
    assert found.told is not None
    told = found.told[found.rows & table["ref_area"].isin(american_countries())]
    assert len(told) == 17
    assert told.str.endswith("0-4").sum() == 2  # the other 15: as counted by hand in another copy of the file
    peru = told[table["ref_area"].eq("PER")]
    assert peru.tolist() == ["123 > 69", "131 > 80", "132 > 78"]


def test_bolivia_2017_is_unpublished_as_its_file_gives_two_values(glotip: Import) -> None:
    table = glotip.tables["official_stat"]
    _, marked = CHECKS["R57"]({"official_stat": table})
    women = table[
        marked.rows & table["ref_area"].eq("BOL") & table["time_period"].eq("2017") & table["sex"].eq("F") & table["age"].eq(TOTAL)
    ]
    assert {62.0, 43.0} <= set(women["obs_value"])


@pytest.mark.parametrize("rule", ["F03", "F04", "F05", "F06", "F07"])
def test_the_real_files_agree_with_their_sources(rule: str, glotip: Import, peru: Import) -> None:
    tables = {name: pd.concat([glotip.tables[name], peru.tables[name]], ignore_index=True) for name in ("official_stat", "source")}
    assert not any(found.rows.any() for found in CHECKS[rule](tables))


def test_the_rules_on_the_file_of_peru(peru: Import) -> None:
    table = peru.tables["official_stat"]
    found = numbers({"official_stat": table})
    assert {rule: sum(of) for rule, of in found.items() if sum(of)} == {"R51": 1}
    told = [(f.columns, f.told[f.rows].tolist()) for f in CHECKS["R51"]({"official_stat": table}) if f.told is not None and f.rows.any()]
    assert told == [(("obs_value", "characteristic"), ["725 - 641 = 84"])]


def test_two_agencies_of_peru_stand_side_by_side(glotip: Import, peru: Import) -> None:
    both = pd.concat([glotip.tables["official_stat"], peru.tables["official_stat"]], ignore_index=True)
    (found,) = CHECKS["R52"]({"official_stat": both})
    totals = both[found.rows & (both[["sex", "age", "exploitation", "characteristic"]] == TOTAL).all(axis=1)]
    assert set(totals["ref_area"]) == {"PER"}
    values = totals.pivot_table(index="time_period", columns="source_agency", values="obs_value")
    assert values.loc["2017"].tolist() == [725, 540]
    assert values.loc["2018":"2021"].to_numpy().tolist() == [[734] * 2, [509] * 2, [372] * 2, [535] * 2]
