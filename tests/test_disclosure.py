"""Only what was decided over all linked tables reaches a page, and no page takes anything else."""

import os
from collections.abc import Iterator

import pandas as pd
import pytest

from turquesa_stats.disclosure.gate import Origin, PublishableTable, Verdict, Withheld, protect, without_hidden
from turquesa_stats.disclosure.policy import Policy, audiences, policy
from turquesa_stats.disclosure.register import plain_key
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.measures.cases import single_answer
from turquesa_stats.period import Period
from turquesa_stats.present import blocks, figures
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.case_tables import CASE_TABLES
from turquesa_stats.reporting.protection import Protection, protect_register
from turquesa_stats.reporting.report import Report, open_report

SHOWN, HIDDEN = Verdict(), Verdict("small")


def counts(values: list[int]) -> pd.DataFrame:
    rows = [
        {"code": str(place), "count": value, "value": value, "low": None, "high": None, "flag": "", "n": sum(values)}
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    before = {name: os.environ.pop(name, None) for name in ("TURQUESA_WORKSPACE", "TURQUESA_AUDIENCE")}
    yield open_report("country-profile", "XAA", "2021", "en")
    os.environ.update({name: value for name, value in before.items() if value is not None})


@pytest.fixture(scope="module")
def protections(report: Report) -> dict[str, Protection]:
    return {register: report.protection(register) for register in ("victims", "accused")}  # type: ignore[arg-type]


def test_what_is_hidden_leaves_no_number_behind() -> None:
    table = protect(counts([40, 7, 60]), Origin.CASES, ["a source"], 10, [SHOWN, HIDDEN, Verdict("secondary")])
    assert table.frame["count"].isna().tolist() == [False, True, True]
    assert table.frame[["value", "low", "high"]].iloc[1:].isna().all().all()
    assert table.frame["n"].tolist() == [107] * 3
    assert table.withheld == Withheld(primary=1, complementary=1)


def test_a_share_of_a_hidden_whole_is_hidden_with_it() -> None:
    table = protect(counts([40, 60]), Origin.CASES, ["a source"], 10, [Verdict("", "secondary"), SHOWN])
    assert table.frame["value"].isna().tolist() == [True, False]
    assert table.frame["n"].isna().tolist() == [True, False]


def test_each_printed_cell_of_the_register_is_large_enough(protections: dict[str, Protection]) -> None:
    for register, protection in protections.items():
        k = policy().k_person if register == "victims" else policy().k_accused
        printed = {key for key in _cells(protection, register) if key not in protection.hidden}
        assert printed
        assert min(protection.counts[key] for key in printed) >= k


def _cells(protection: Protection, register: str) -> set[tuple[tuple[str, str], ...]]:
    tables = [table for table in CASE_TABLES.values() if table.register == register]
    rows = [(table, row) for table in tables for row in table.rows]
    return {
        plain_key([*codes(row).items(), ("period", period)], protection.attributes)
        for table, row in rows
        for codes in (table.cell, table.whole)
        for period in protection.periods
    }


def test_sums_that_a_reader_can_subtract_from_hide_none_or_two(protections: dict[str, Protection]) -> None:
    """Years against their span, and answers against those known: never one alone is hidden."""
    protection = protections["victims"]
    years, span = protection.periods[:-1], protection.periods[-1]
    for name in ("detection", "relation-cases", "reach-cases"):
        table = CASE_TABLES[name]
        for row in table.rows:
            line = [plain_key([*table.cell(row).items(), ("period", period)], protection.attributes) for period in (*years, span)]
            assert sum(key in protection.hidden for key in line) != 1
        for period in protection.periods:
            line = [plain_key([*table.cell(row).items(), ("period", period)], protection.attributes) for row in table.rows]
            whole = plain_key([*table.whole(table.rows[0]).items(), ("period", period)], protection.attributes)
            assert whole in protection.hidden or sum(key in protection.hidden for key in line) != 1


def test_a_table_that_counts_otherwise_than_the_register_is_refused(report: Report) -> None:
    rows = pd.DataFrame([{"count": 1, "n": 1, "value": 1, "low": None, "high": None, "flag": ""}])
    with pytest.raises(DisclosureRefused, match="counts 1 persons here and 371 in the register"):
        report.publish_cases(rows, "victims")


def test_periods_that_are_not_published_are_withheld_whole(protections: dict[str, Protection]) -> None:
    rows = pd.DataFrame([{"count": 80, "n": 80}])
    for text in ("2021-Q3", "2019/2021"):
        assert protections["victims"].verdicts("victims", rows, Period.parse(text)) == [Verdict("period", "period")]


def test_without_disclosure_control_the_page_says_so(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURQUESA_AUDIENCE", "none")
    open_one = open_report("country-profile", "XAA", "2021", "en")
    assert any("No disclosure control" in part for part in open_one.write("front_matter"))
    assert not any("No disclosure control" in part for part in report.write("front_matter"))
    assert "9 of" in "".join(open_one.write("victims_profile")) or open_one.protection("victims").hidden == {}


def test_a_public_total_that_the_register_agrees_with_is_known_to_an_attacker(report: Report) -> None:
    count = report.protection("victims").counts[(("period", "2021"),)]
    year = pd.Timestamp("2021-01-01")
    official = pd.DataFrame(
        [
            {"period_start": year, "sex": "M", "obs_lower": 0.0, "obs_upper": 400.0},
            {"period_start": year, "sex": "_T", "obs_lower": float(count), "obs_upper": float(count)},
        ]
    )
    known = protect_register(report.tables, "XAA", "victims", policy(), official)
    alone = report.protection("victims")
    assert set(known.counts) == set(alone.counts)
    assert min(known.counts[key] for key in _cells(known, "victims") if key not in known.hidden) >= policy().k_person


def test_every_audience_has_all_limits() -> None:
    assert audiences() == ["none", "partners", "public"]
    limits: list[Policy] = [policy(name) for name in audiences()]
    assert [one.k_person for one in limits] == [0, 5, 10]
    assert [one.protects for one in limits] == [False, True, True]
    with pytest.raises(DisclosureRefused, match="did you mean public"):
        policy("publik")


def test_only_the_gate_makes_a_publishable_table() -> None:
    with pytest.raises(DisclosureRefused, match="only .*protect makes"):
        PublishableTable(counts([50, 60]), Origin.OFFICIAL, ("a source",), Withheld(), 0, object())


def test_a_table_without_source_counts_or_verdicts_is_refused() -> None:
    with pytest.raises(DisclosureRefused, match="without a source"):
        protect(counts([50, 60]), Origin.OFFICIAL, [])
    with pytest.raises(DisclosureRefused, match="need columns count and n"):
        protect(counts([50, 60]).drop(columns="n"), Origin.CASES, ["a source"])
    with pytest.raises(DisclosureRefused, match="2 case-level rows have 1 verdicts"):
        protect(counts([50, 60]), Origin.SYNTHETIC, ["a source"], 10, [SHOWN])


@pytest.mark.parametrize(
    "draw",
    [
        lambda raw, words: figures.dots(raw, str, words),
        lambda raw, words: figures.years(raw, str, words),
        lambda raw, words: figures.pyramid(raw, words),
        lambda raw, words: figures.heat(raw, str, str, words),
        lambda raw, words: figures.curves(raw, str, words),
        lambda raw, words: figures.panels(raw, str, str, words),
        lambda raw, words: figures.funnel(raw, str, "charged", words),
        lambda raw, words: figures.indexed(raw, str, words),
        lambda raw, words: figures.sparks(raw, str, words),
        lambda raw, words: figures.flows(raw, "COL", words),
        lambda raw, words: figures.locator(raw, "COL", words),
        lambda raw, words: figures.is_drawable(raw),
        lambda raw, words: blocks.data_table(raw, [], "x", "x", "x", words),
        lambda raw, words: blocks.cross_table(raw, ("year", str), ("sex", str), str, "x", "x", "x", words),
        lambda raw, words: blocks.note(raw, words),
    ],
)
def test_no_page_takes_a_raw_table(draw: object) -> None:
    with pytest.raises(DisclosureRefused, match="takes a PublishableTable"):
        draw(counts([50, 60]), Words("en"))  # type: ignore[operator]


def test_alt_text_carries_no_hidden_number_and_no_sign_of_it() -> None:
    raw = counts([4, 7, 90, 93]).assign(value=[0.02, 0.04, 0.46, 0.48], low=0.01, high=0.6)
    table = without_hidden(protect(raw, Origin.CASES, ["a source"], 10, [HIDDEN, HIDDEN, SHOWN, SHOWN]), "code")
    _, alt = figures.dots(table, lambda row: f"code {row['code']}", Words("en"))
    assert "code 2: 46%" in alt
    assert "code 0" not in alt
    assert "code 1" not in alt


def test_an_answer_that_nobody_gave_looks_like_one_that_few_gave() -> None:
    few = pd.DataFrame({"field": ["SELF"] * 60 + ["POLICE_PROACTIVE"] * 40 + ["NGO"] * 3})
    none = pd.DataFrame({"field": ["SELF"] * 60 + ["POLICE_PROACTIVE"] * 43})
    shown = []
    for frame in (few, none):
        rows = single_answer(frame, "field", "detect")
        verdicts = [SHOWN if code == "SELF" else HIDDEN for code in rows["code"]]
        shown.append(without_hidden(protect(rows, Origin.CASES, ["a source"], 10, verdicts), "code").frame["code"].tolist())
    assert shown == [["SELF"], ["SELF"]]
