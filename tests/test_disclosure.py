import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.disclosure.gate import Origin, Person, PublishableTable, Withheld, policy, protect, without_hidden
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.measures.cases import single_answer
from turquesa_stats.present import blocks, figures
from turquesa_stats.present.words import Words


def counts(values: list[int]) -> pd.DataFrame:
    rows = [
        {"code": str(place), "count": value, "value": value, "low": None, "high": None, "flag": "", "n": sum(values)}
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=7))
def test_no_hidden_count_can_be_subtracted_from_the_total(values: list[int]) -> None:
    k = policy()["k_person"]
    shown = protect(counts(values), Origin.CASES, ["a source"], additive=[[]]).frame
    hidden = shown["count"].isna()
    assert not (shown.loc[~hidden, "count"] < k).any()
    if hidden.any() and not hidden.all():
        rest = sum(values) - int(shown.loc[~hidden, "count"].sum())
        assert hidden.sum() >= 2
        assert rest >= k


@settings(max_examples=40)
@given(st.lists(st.integers(0, 25), min_size=6, max_size=6))
def test_in_a_crossed_table_every_line_hides_none_or_two(values: list[int]) -> None:
    cells = [{"row": r, "column": c} for r, c in itertools.product("ab", "xyz")]
    table = pd.DataFrame(cells).assign(count=values, n=sum(values), value=values, low=None, high=None, flag="")
    shown = protect(table, Origin.CASES, ["a source"], additive=[["row"], ["column"]]).frame
    hidden = shown["count"].isna()
    for direction in ("row", "column"):
        for _, line in hidden.groupby(shown[direction]):
            assert line.sum() != 1


def test_a_share_whose_complement_is_small_is_hidden() -> None:
    table = pd.DataFrame([{"code": "Y", "count": 97, "n": 100, "value": 0.97, "low": 0.9, "high": 0.99, "flag": ""}])
    assert protect(table, Origin.CASES, ["a source"]).frame["value"].isna().all()


def test_zero_is_hidden_with_the_small_counts() -> None:
    assert protect(counts([0, 0, 50, 60]), Origin.CASES, ["a source"]).frame["count"].isna().tolist() == [True, True, False, False]


def test_accused_have_their_own_threshold() -> None:
    table = counts([7, 30])
    assert not protect(table, Origin.CASES, ["a source"], Person.ACCUSED).frame["count"].isna().any()
    assert protect(table, Origin.CASES, ["a source"], Person.VICTIM).frame["count"].isna().any()


def test_synthetic_records_are_protected_as_if_real() -> None:
    assert protect(counts([3, 9, 80, 90]), Origin.SYNTHETIC, ["a source"]).frame["count"].isna().sum() == 2


def test_only_the_gate_makes_a_publishable_table() -> None:
    with pytest.raises(DisclosureRefused, match="only .*protect makes"):
        PublishableTable(counts([50, 60]), Origin.OFFICIAL, ("a source",), Withheld(), 0, object())


def test_a_table_without_source_or_counts_is_refused() -> None:
    with pytest.raises(DisclosureRefused, match="without a source"):
        protect(counts([50, 60]), Origin.OFFICIAL, [])
    with pytest.raises(DisclosureRefused, match="need columns count and n"):
        protect(counts([50, 60]).drop(columns="n"), Origin.CASES, ["a source"])


@pytest.mark.parametrize(
    "draw",
    [
        lambda raw, words: figures.dots(raw, str, words),
        lambda raw, words: figures.years(raw, str, words),
        lambda raw, words: figures.pyramid(raw, words),
        lambda raw, words: figures.heat(raw, str, str, words),
        lambda raw, words: figures.curves(raw, str, words),
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
    table = without_hidden(protect(raw, Origin.CASES, ["a source"], additive=[[]]), "code")
    _, alt = figures.dots(table, lambda row: f"code {row['code']}", Words("en"))
    assert "code 2: 46%" in alt
    assert "code 0" not in alt
    assert "code 1" not in alt


def test_an_answer_that_nobody_gave_looks_like_one_that_few_gave() -> None:
    few = pd.DataFrame({"field": ["SELF"] * 60 + ["POLICE_PROACTIVE"] * 40 + ["NGO"] * 3})
    none = pd.DataFrame({"field": ["SELF"] * 60 + ["POLICE_PROACTIVE"] * 43})
    shown = []
    for frame in (few, none):
        table = protect(single_answer(frame, "field", "detect"), Origin.CASES, ["a source"], additive=[[]])
        assert {"NGO", "HEALTH"} <= set(table.frame.loc[table.frame["flag"].eq("suppressed"), "code"])
        shown.append(set(without_hidden(table, "code").frame["code"]))
    assert shown == [{"SELF"}, {"SELF"}]
