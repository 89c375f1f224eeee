"""Only what was decided over all linked tables reaches a page, and no page takes anything else."""

import importlib
import inspect
import os
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats import present
from turquesa_stats.disclosure.gate import REASONS, Kind, Origin, PublishableTable, Verdict, Withheld, protect, without_hidden
from turquesa_stats.disclosure.policy import Person, Policy, audiences, policy
from turquesa_stats.disclosure.register import plain_key
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.measures import registers
from turquesa_stats.measures.cases import single_answer
from turquesa_stats.measures.means_kinds import COMBINATIONS, kind_of_means, with_kind
from turquesa_stats.period import Period
from turquesa_stats.present import blocks, figures
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.case_tables import CASE_TABLES
from turquesa_stats.reporting.protection import Protection, protect_register
from turquesa_stats.reporting.report import Report, open_report
from turquesa_stats.reporting.withheld import told

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
    assert table.withheld == Withheld(small=1, secondary=1)


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
    for name in ("detection", "relation-cases", "reach-cases", "means-together"):
        table = CASE_TABLES[name]
        for row in table.rows:
            line = [plain_key([*table.cell(row).items(), ("period", period)], protection.attributes) for period in (*years, span)]
            assert sum(key in protection.hidden for key in line) != 1
        for period in protection.periods:
            line = [plain_key([*table.cell(row).items(), ("period", period)], protection.attributes) for row in table.rows]
            whole = plain_key([*table.whole(table.rows[0]).items(), ("period", period)], protection.attributes)
            assert whole in protection.hidden or sum(key in protection.hidden for key in line) != 1


def test_combinations_of_means_hang_together_with_single_means_in_the_register(protections: dict[str, Protection]) -> None:
    protection = protections["victims"]
    period = protection.periods[0]
    adults = {"age_status": "ADULT", "period": period}

    def count(**codes: str) -> int:
        return protection.counts[
            plain_key([*adults.items(), *((name.replace("__", "."), code) for name, code in codes.items())], protection.attributes)
        ]

    assert sum(count(means=one) for one in COMBINATIONS) == count(means="_KNOWN") > 0
    for code, kind in kind_of_means().items():
        having = count(means="_KNOWN", **{f"means__{code}": "Y"})
        assert kind == "OTHER" or having <= sum(count(means=one) for one in with_kind(kind))


@pytest.mark.parametrize(("combination", "flags"), [("FORCE", {"MNS_FRAUD"}), ("DECEPTION", set()), ("_U", {"MNS_OTHER"})])
def test_a_person_whose_means_and_kinds_differ_is_refused(
    report: Report, combination: str, flags: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protector takes as known what follows from the kinds, so a register that contradicts it is no register."""
    real = registers.victim_units_of

    def wrong(*given: Any) -> list[pd.DataFrame]:
        found = [one.copy() for one in real(*given)]
        for one in found:
            if len(one):
                one.loc[one.index[0], "means"] = combination
                for code in kind_of_means():
                    one.loc[one.index[0], f"means.{code}"] = "Y" if code in flags else "N"
        return found

    monkeypatch.setattr(registers, "victim_units_of", wrong)
    with pytest.raises(DisclosureRefused, match="declared impossible"):
        protect_register(report.tables, "XAA", "victims", policy())


def test_no_share_is_printed_of_which_the_rest_is_few(protections: dict[str, Protection]) -> None:
    """Rule 5 of the domain dossier: neither the numerator nor what it leaves of the denominator is 1 to k - 1."""
    seen = 0
    for table in (table for table in CASE_TABLES.values() if table.kind == "share"):
        protection = protections[table.register]
        k = policy().k_person if table.register == "victims" else policy().k_accused
        for row in table.rows:
            for period in protection.periods:
                cell, whole = (
                    plain_key([*codes(row).items(), ("period", period)], protection.attributes) for codes in (table.cell, table.whole)
                )
                if not {cell, whole} & set(protection.hidden):
                    seen += 1
                    rest = protection.counts[whole] - protection.counts[cell]
                    assert rest == 0 or rest >= k, (cell, whole)
    assert seen > 100


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
    assert audiences() == ["none", "partners", "public", "rounded"]
    limits: list[Policy] = [policy(name) for name in audiences()]
    assert [one.k_person for one in limits] == [0, 5, 10, 10]
    assert [one.k_children for one in limits] == [0, 5, 20, 20]
    assert [one.protects for one in limits] == [False, True, True, True]
    assert [(one.base(Person.VICTIM), one.base(Person.ACCUSED)) for one in limits] == [(0, 0)] * 3 + [(11, 6)]
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
    ("change", "message"),
    [
        ({"rounding_base_person": 10}, "rounding_base_person is 10, which leaves less open than k_person 10; give 11 or more"),
        ({"rounding_base_accused": 5}, "rounding_base_accused is 5, which leaves less open than k_accused 5; give 6 or more"),
        ({"method": "suppression"}, "bases of rounding must be 0 with method suppression, not 11"),
        ({"method": "supression"}, "method 'supression' does not exist; did you mean suppression"),
    ],
)
def test_a_policy_that_protects_less_than_it_says_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DisclosureRefused, match=re.escape(message)):
        replace(policy("rounded"), **change)


def test_no_table_tells_children_below_country_level_or_minors_among_the_accused(protections: dict[str, Protection]) -> None:
    """``k_children``, and ``k_person`` for accused minors, have nothing to act on; a table that had would have to bring them."""
    held = {name for protection in protections.values() for name in protection.attributes}
    assert not [name for name in held if re.search("region|place|area|city|admin", name)]
    assert set(protections["accused"].attributes) == {"period", "sex", "end", "months", "as_charged", "custodial"}


@pytest.mark.parametrize(("persons", "median", "quartiles"), [(9, False, False), (10, True, False), (19, True, False), (20, True, True)])
def test_a_median_needs_twice_and_quartiles_four_times_the_smallest_count(persons: int, median: bool, quartiles: bool) -> None:
    raw = pd.DataFrame([{"sex": "F", "count": persons, "n": persons, "value": 30.0, "low": 12.0, "high": 60.0, "flag": ""}])
    row = protect(raw, Origin.CASES, ["a source"], 5, [SHOWN], kind="quartiles").frame.iloc[0]
    assert row["count"] == persons
    assert [pd.notna(row[name]) for name in ("value", "low", "high")] == [median, quartiles, quartiles]
    assert (row["flag"] == "suppressed") is not median


def test_a_register_of_few_sentences_prints_how_many_but_no_median(report: Report) -> None:
    page = "".join(report.write("sentences"))
    assert "No median of fewer than 10 persons and no quartiles of fewer than 20 are printed." in page
    rows = re.findall(r"^\| (all persons|women and girls|men and boys) *\| *(\w+) *\| *(\w+) *\| *([^|]*?) *\|$", page, re.MULTILINE)
    assert len(rows) == 3
    for _, persons, median, quartiles in rows:
        if persons.isdigit():
            assert (median.isdigit(), bool(quartiles)) == (int(persons) >= 10, int(persons) >= 20)


def test_rounded_counts_are_printed_with_what_rounding_leaves_of_shares() -> None:
    raw = counts([40, 7, 60]).assign(value=[0.37, 0.07, 0.56], low=0.0, high=0.9, method="wilson")
    decided = [Verdict(rounded=(44, 110)), Verdict(rounded=(0, 110)), Verdict(rounded=(66, 110))]
    table = protect(raw, Origin.CASES, ["a source"], 10, decided, base=11)
    frame = table.frame.set_index("code")
    assert frame["count"].to_dict() == {"2": 66, "0": 44, "1": 0}
    assert table.frame["code"].tolist() == ["2", "0", "1"]  # in the order of what is printed, not of the truth
    assert frame["n"].unique().tolist() == [110]
    assert frame.loc["0", ["value", "low", "high"]].tolist() == [44 / 110, 34 / 120, 54 / 100]
    assert frame.loc["1", ["value", "low", "high"]].tolist() == [0, 0, 10 / 100]
    for true, code in ((40, "0"), (7, "1"), (60, "2")):
        assert frame.loc[code, "low"] <= true / 107 <= frame.loc[code, "high"]
    note = blocks.note(table, Words("en"), ["method.wilson", "note.multiple"])
    assert "rounded to multiples of 11" in note
    assert "Wilson" not in note


@pytest.mark.parametrize("kind", ["curve", "quartiles"])
def test_what_does_not_follow_from_rounded_counts_is_not_printed(kind: Kind) -> None:
    raw = counts([40]).assign(value=0.37, low=0.2, high=0.9, at_risk=12)
    row = protect(raw, Origin.CASES, ["a source"], 10, [Verdict(rounded=(44, 44))], kind=kind, base=11).frame.iloc[0]
    assert row[["value", "low", "high"]].isna().all()
    assert row["flag"] == "suppressed"
    assert "at_risk" not in row


def test_rows_of_a_rounded_register_without_a_rounded_count_are_refused() -> None:
    with pytest.raises(DisclosureRefused, match="a row has no rounded count"):
        protect(counts([40, 60]), Origin.CASES, ["a source"], 10, [SHOWN, Verdict(rounded=(66, 99))], base=11)


@settings(deadline=None)
@given(st.builds(Withheld, *[st.integers(0, 40)] * 5))
def test_the_account_of_what_is_hidden_tells_of_no_few_cells(withheld: Withheld) -> None:
    said = told(withheld)
    assert all(count % 5 == 0 and count > 0 for count in said.values())
    for reason in REASONS:
        exact = getattr(withheld, reason)
        assert (reason in said) == (exact >= 3)
        assert abs(said.get(reason, 0) - exact) <= 2


def test_the_account_is_the_same_in_every_report_of_a_period_and_language(report: Report) -> None:
    """Two that differ could be subtracted to learn the reasons of one table."""
    pages = {}
    for name in ("country-profile", "prosecution-outcomes"):
        other = open_report(name, "XAA", "2021", "en")
        page = "".join(other.write("made"))
        pages[name] = re.findall(r"^\| (.*?) *\| *(\d+) *\|$", page, re.MULTILINE)
        assert "Privacy certificate: policy public; method suppression" in page
    assert pages["country-profile"] == pages["prosecution-outcomes"]
    assert dict(pages["country-profile"])["all reasons"] != "0"
    for language in ("es", "fr", "pt"):
        page = "".join(open_report("country-profile", "XAA", "2021", language).write("made"))
        assert [count for _, count in re.findall(r"^\| (.*?) *\| *(\d+) *\|$", page, re.MULTILINE)] == [
            count for _, count in pages["country-profile"]
        ]


def test_strength_of_association_is_printed_only_with_its_four_counts(report: Report) -> None:
    page = "".join(report.write("means"))
    said = re.search(r"Of these adults, (\d+) were deceived and in sexual exploitation, (\d+) .*?, (\d+) .*?, (\d+) not deceived", page)
    assert said
    assert min(map(int, said.groups())) >= policy().k_person
    protection = report.protection("victims")
    row = CASE_TABLES["association"].rows[0]
    key = plain_key([*CASE_TABLES["association"].cell(row).items(), ("period", "2021")], protection.attributes)
    hiding = replace(protection, hidden={**protection.hidden, key: "small"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Report, "protection", lambda _, register: hiding)
        assert "Cramér" not in "".join(report.write("means"))


def _public_functions() -> list[Callable[..., Any]]:
    found = []
    for module in pkgutil.walk_packages(present.__path__, f"{present.__name__}."):
        room = importlib.import_module(module.name)
        functions = inspect.getmembers(room, lambda one: callable(one) and not inspect.isclass(one))
        found += [one for name, one in functions if not name.startswith("_") and getattr(one, "__module__", "") == room.__name__]
    return found


TAKES_ROWS = [one for one in _public_functions() if "PublishableTable" in str(inspect.signature(one))]
TAKES_NO_ROWS = {
    *("style.canvas", "style.finish", "style.set_up"),  # a picture without numbers
    *("words.catalogue", "words.forms", "wording.faults"),  # words
    *("outlines.outlines", "outlines.place", "outlines.project", "outlines.shapefile_reader", "maps.is_on_map"),  # shapes of countries
    *(f"marks.{name}" for name in ("colour_of", "draw_interval", "draw_years", "level", "name_ends", "said", "series_of", "share_axis")),
    *("marks.top_of", "marks.wrapped", "marks.year_axis", "shares.share_and_count"),  # parts of charts: of rows that rows_of gave
    *(f"markdown.{name}" for name in ("figure", "grid", "head", "heading", "notice", "plain", "table")),  # text that others wrote
    *(f"numbers.{name}" for name in ("count", "decimal", "ends", "integer", "interval", "p_value", "part", "percent", "share", "spread")),
    "blocks.n_known",  # as all numbers: of one row
    *("blocks.spoken", "markdown.behind", "markdown.cited"),  # of an alt text, of text, of a citation
    *(f"notebooks.{name}" for name in ("pictured", "plain_markdown", "printed")),  # a picture and text that others made
}


def test_every_function_of_present_is_known_to_take_a_protected_table_or_none() -> None:
    """A new one is in neither list until somebody decides: it takes a PublishableTable, or no table at all."""
    others = {f"{one.__module__.rpartition('.')[2]}.{one.__name__}" for one in _public_functions() if one not in TAKES_ROWS}
    assert others == TAKES_NO_ROWS
    assert len(TAKES_ROWS) >= 10


@pytest.mark.parametrize("function", TAKES_ROWS, ids=lambda one: one.__name__)
def test_no_page_takes_a_raw_table(function: Callable[..., Any]) -> None:
    raw, chosen = counts([50, 60]), {}
    for name, parameter in inspect.signature(function).parameters.items():
        kind = str(parameter.annotation)
        if "PublishableTable" in kind:
            chosen[name] = raw
        elif parameter.default is inspect.Parameter.empty:
            chosen[name] = (
                Words("en")
                if kind == "Words"
                else str
                if "Callable" in kind
                else ("year", str)
                if kind == "Axis"
                else (b"", "alt")
                if kind.startswith("tuple")
                else []
                if "Sequence" in kind
                else "x"
            )
    with pytest.raises(DisclosureRefused, match="takes a PublishableTable"):
        function(**chosen)


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
