"""Rates, comparisons, bounds and unknown answers: what must hold of any numbers."""

import itertools
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_answers.small_numbers import poisson_p_value, unknown_at_random
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.measures import official
from turquesa_stats.measures.detection_rates import detection_rates, inhabitants, standardised_detection_rate
from turquesa_stats.methods.bounds import rate_bounds, share_bounds, total_bounds
from turquesa_stats.methods.bounds_given_totals import KnownTotal, share_bounds_given, total_bounds_given
from turquesa_stats.methods.comparisons import adjusted, compare_shares
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.missing import imputed_model, imputed_share, share_with_unknown
from turquesa_stats.methods.rates import compare_counts, rate, rate_difference, rate_ratio, standardised_rate
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.un_wpp import read as read_population

COUNTS = st.integers(0, 60)


@given(COUNTS, COUNTS.filter(bool))
def test_a_ratio_turned_around_has_the_interval_turned_around(first: int, second: int) -> None:
    one, other = rate_ratio(first, second, 3.0, 2.0), rate_ratio(second, first, 2.0, 3.0)
    assert one.low == pytest.approx(1 / other.high if other.high else 0.0)
    assert one.high == pytest.approx(1 / other.low)  # type: ignore[operator]


@given(st.integers(0, 12), st.integers(1, 12))
def test_the_comparison_of_two_counts_is_that_by_enumeration(first: int, second: int) -> None:
    assert compare_counts(first, second) == pytest.approx(poisson_p_value(first, second))


@given(st.lists(COUNTS, min_size=1, max_size=6), st.integers(1, 1000))
def test_strata_of_one_size_standardise_to_the_rate_itself(counts: list[int], size: int) -> None:
    found = standardised_rate(counts, [size] * len(counts), [7.0] * len(counts))
    whole = rate(sum(counts), size * len(counts))
    assert (found.value, found.low, found.high) == pytest.approx((whole.value, whole.low, whole.high))


@given(st.lists(st.tuples(COUNTS, st.integers(10, 900), st.integers(1, 90)), min_size=2, max_size=5), st.randoms())
def test_the_order_of_strata_changes_nothing(strata: list[tuple[int, int, int]], random: object) -> None:
    shuffled = list(strata)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (standardised_rate(*map(list, zip(*rows, strict=True))) for rows in (strata, shuffled))  # type: ignore[arg-type]
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))
    assert one.low <= one.value <= one.high  # type: ignore[operator]


@given(COUNTS, COUNTS)
def test_a_difference_of_rates_lies_in_its_interval(first: int, second: int) -> None:
    if first + second:
        found = rate_difference(first, second, 1000, 1500)
        assert found.low <= found.value <= found.high  # type: ignore[operator]


CENSORED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=2, max_size=4)


@settings(max_examples=80, deadline=None)
@given(CENSORED, st.data())
def test_bounds_given_totals_hold_every_completion_and_no_more(counts: list[tuple[int, int]], data: st.DataObject) -> None:
    low, high = [a for a, _ in counts], [a + width for a, width in counts]
    every = list(itertools.product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))))
    truth = data.draw(st.sampled_from(every))
    totals = [KnownTotal((0, 1), sum(truth[:2]), sum(truth[:2])), KnownTotal(tuple(range(len(low))), sum(truth), sum(truth) + 1)]
    agreeing = [one for one in every if all(t.low <= sum(one[i] for i in t.members) <= t.high for t in totals)]
    found = total_bounds_given(low, high, totals, [0], "persons")
    assert (found.low, found.high) == (min(one[0] for one in agreeing), max(one[0] for one in agreeing))
    shares = [one[0] / sum(one) for one in agreeing if sum(one)]
    if shares and all(sum(one) for one in agreeing):
        share = share_bounds_given(low, high, totals, [0], range(len(low)))
        assert share.low <= min(shares) + 1e-9  # type: ignore[operator]
        assert share.high >= max(shares) - 1e-9  # type: ignore[operator]


@given(CENSORED)
def test_bounds_without_totals_are_the_closed_forms(counts: list[tuple[int, int]]) -> None:
    low, high = [a for a, _ in counts], [a + width for a, width in counts]
    assert total_bounds_given(low, high, [], range(len(low)), "persons") == total_bounds(low, high, "persons")
    if sum(low):
        free, closed = share_bounds_given(low, high, [], [0], range(len(low))), share_bounds(low, high, 0)
        assert (free.low, free.high) == pytest.approx((closed.low, closed.high), abs=1e-9)


@given(CENSORED, st.integers(1, 10**6))
def test_the_bounds_of_a_rate_hold_the_rate_of_every_completion(counts: list[tuple[int, int]], exposure: int) -> None:
    low, high = [a for a, _ in counts], [a + width for a, width in counts]
    found = rate_bounds(low, high, exposure)
    for one in (low, high):
        assert found.low <= sum(one) / exposure * 1e5 * (1 + 1e-12)  # type: ignore[operator]
        assert found.high >= sum(one) / exposure * 1e5 * (1 - 1e-12)  # type: ignore[operator]
    assert (found.value is None) == (low != high)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_unknown_answers_widen_to_what_they_may_be(count: int, others: int, unknown: int) -> None:
    if count + others + unknown == 0:
        return
    bounds, with_chance = share_with_unknown(count, count + others, unknown)
    for of_unknown in range(unknown + 1):
        share = (count + of_unknown) / (count + others + unknown)
        assert bounds.low <= share + 1e-12  # type: ignore[operator]
        assert bounds.high >= share - 1e-12  # type: ignore[operator]
    assert 0 <= with_chance.low <= bounds.low  # type: ignore[operator]
    assert bounds.high <= with_chance.high <= 1  # type: ignore[operator]
    if unknown == 0:
        assert bounds.value == count / (count + others)
        assert with_chance.high == proportion(count, count + others).high


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.randoms())
def test_adjusted_p_values_never_shrink_and_ignore_the_order(values: list[float], random: object) -> None:
    places = list(range(len(values)))
    random.shuffle(places)  # type: ignore[attr-defined]
    for correction in ("holm", "fdr_bh"):
        found = adjusted(values, correction)  # type: ignore[arg-type]
        assert all(value <= after <= 1 for value, after in zip(values, found, strict=True))
        assert [found[place] for place in places] == pytest.approx(adjusted([values[place] for place in places], correction))  # type: ignore[arg-type]


def test_small_groups_are_flagged_in_a_comparison() -> None:
    found = compare_shares(pd.DataFrame({"group": ["a", "b", "c"], "count": [30, 20, 3], "n": [60, 60, 9]}))
    assert found.set_index(["first", "second"])["flag"].to_dict() == {("a", "b"): "", ("a", "c"): Flag.SMALL_N, ("b", "c"): Flag.SMALL_N}


def test_imputation_mends_what_known_cases_alone_get_wrong() -> None:
    """The share is 50 %; those known are too often without the characteristic."""
    imputed = [imputed_share(unknown_at_random(seed, 1500), "outcome", seed, imputations=5) for seed in range(6)]
    known = [unknown_at_random(seed, 1500)["outcome"].mean() for seed in range(6)]
    assert max(known) < 0.45
    assert np.mean([one.value for one in imputed]) == pytest.approx(0.5, abs=0.02)  # type: ignore[arg-type]
    assert sum(one.low <= 0.5 <= one.high for one in imputed) >= 5  # type: ignore[operator]


def test_an_imputed_model_finds_the_effect_and_can_be_repeated() -> None:
    found = imputed_model(unknown_at_random(1, 1500), "outcome ~ x", seed=3, imputations=5)
    effect = found.set_index("term").loc["x"]
    assert effect["low"] <= 2.0 <= effect["high"]
    assert 0 < effect["missing_information"] < 1
    pd.testing.assert_frame_equal(found, imputed_model(unknown_at_random(1, 1500), "outcome ~ x", seed=3, imputations=5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rate(3, 0), "more than zero"),
        (lambda: rate(-1, 5), "zero or more"),
        (lambda: rate_ratio(0, 0), "cannot be compared"),
        (lambda: rate_ratio(3, 0, method="score"), "above 0"),
        (lambda: rate_difference(0, 0, 5, 5), "cannot be compared"),
        (lambda: standardised_rate([1], [1, 2], [1]), "each stratum"),
        (lambda: standardised_rate([1, 2], [1, 2], [0, 0]), "not empty"),
        (lambda: rate_bounds([0], [4], 0), "more than zero"),
        (lambda: adjusted([0.2, float("nan")]), "none is missing"),
        (lambda: compare_shares(pd.DataFrame({"group": ["a", "a"], "count": [1, 1], "n": [2, 2]})), "each once"),
        (lambda: compare_shares(pd.DataFrame({"group": ["a", "b"], "count": [3, 1], "n": [2, 2]})), "count <= n"),
        (lambda: share_with_unknown(3, 2, 1), "one set of units"),
        (lambda: total_bounds_given([1, 1], [2, 2], [KnownTotal((0, 1), 9, 9)], [0], "persons"), "no counts agree"),
        (lambda: share_bounds_given([0, 0], [0, 0], [], [0], [0, 1]), "only be zero"),
        (lambda: share_bounds_given([1, 1], [2, 2], [], [0], [1]), "part among the whole"),
        (lambda: imputed_share(unknown_at_random(1, 1500).dropna(), "outcome", 1), "nothing is unknown"),
        (lambda: imputed_share(unknown_at_random(1, 1500).head(55), "outcome", 1), "fewer than 50 known"),
        (lambda: imputed_share(unknown_at_random(1, 1500)[["outcome"]], "outcome", 1), "another variable"),
        (lambda: imputed_model(unknown_at_random(1, 1500).assign(court="a"), "outcome ~ x", 1), "court"),
        (lambda: imputed_model(unknown_at_random(1, 1500).assign(x=np.nan), "outcome ~ x", 1), r"x \(100%\)"),
        (lambda: imputed_model(unknown_at_random(1, 1500), "outcome ~ x", 1, imputations=2), "at least 5"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(call: object, message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        call()  # type: ignore[operator]


@pytest.fixture(scope="module")
def population() -> pd.DataFrame:
    path = Path(str(files("bokeh_sampledata"))) / "_data" / "population.csv.gz"
    return read_population(path, date(2026, 1, 2)).tables["population"]


def test_years_between_those_held_are_interpolated_and_say_so(population: pd.DataFrame) -> None:
    before, between, after = (inhabitants(population, "PER", year) for year in (2015, 2018, 2020))
    assert (before.basis, between.basis, after.basis) == ("held", "interpolated", "held")
    assert between.persons == pytest.approx(before.persons**0.4 * after.persons**0.6)


def test_children_and_adults_are_the_whole_population(population: pd.DataFrame) -> None:
    whole = inhabitants(population, "BOL", 2020).persons
    parts = [inhabitants(population, "BOL", 2020, sex, age).persons for sex in ("F", "M") for age in ("Y_LT18", "Y_GE18")]
    assert sum(parts) == pytest.approx(whole)
    groups = population[population["iso3"].eq("BOL") & population["year"].eq(2020) & population["sex"].eq("F")].set_index("age")["persons"]
    assert parts[0] == pytest.approx(groups[["Y0T4", "Y5T9", "Y10T14"]].sum() + 0.6 * groups["Y15T19"])


def test_rates_of_detection_are_counts_per_inhabitants_of_the_same_sex(real_workspace: Workspace, population: pd.DataFrame) -> None:
    tables = real_workspace.tables()
    rows = official.concept_rows(tables, "COL", "VICTIMS")
    unodc = rows[rows["source_id"].str.contains("unodc")]
    total = detection_rates(unodc, population).set_index("year").loc[2020]
    assert total["n"] == 104
    assert total["value"] == pytest.approx(104 / total["inhabitants"] * 1e5)
    by_sex = detection_rates(unodc, population, ["sex"])
    women = by_sex[by_sex["year"].eq(2020) & by_sex["sex"].eq("F")].iloc[0]
    assert women["inhabitants"] == inhabitants(population, "COL", 2020, "F").persons
    refused = by_sex[by_sex["sex"].eq("_O")]
    assert refused["value"].isna().all()
    assert refused["reason"].str.contains("not _O").all()
    with pytest.raises(MeasureRefused, match="exploitation"):
        detection_rates(unodc, population, ["exploitation"])


def test_censored_counts_give_bounds_and_never_a_standardised_rate(real_workspace: Workspace, population: pd.DataFrame) -> None:
    tables = real_workspace.tables()
    every = official.concept_rows(tables, "CRI", "VICTIMS")
    found = detection_rates(every, population, ["sex", "age"])
    censored = found[found["flag"].eq(Flag.BOUNDS)]
    assert len(censored)
    assert censored["value"].isna().all()
    assert (censored["low"] < censored["high"]).all()
    year = int(censored["year"].iloc[0])
    with pytest.raises(MeasureRefused, match="no exact counts"):
        standardised_detection_rate(every, population, "UNODC", "UNODC", year, ("USA", 2020))
