import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_answers import REFERENCE
from tests.known_answers.multiple_systems import chosen_pairs, expected, model, table
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.hidden_population import identification_lists, lists_of
from turquesa_stats.measures.splits import split
from turquesa_stats.methods.multiple_systems.averaging import average
from turquesa_stats.methods.multiple_systems.bootstrap import resample
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable, capture_table, from_memberships
from turquesa_stats.methods.multiple_systems.estimate import hidden_population, spread
from turquesa_stats.methods.multiple_systems.loglinear import fit, why_not
from turquesa_stats.methods.multiple_systems.selection import stepwise
from turquesa_stats.period import Period

with_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="reference answers not here: ../shared/reference")


def simulated(size: int, chances: list[float], seed: int) -> CaptureTable:
    rng = np.random.default_rng(seed)
    on = rng.random((size, len(chances))) < chances
    seen = pd.DataFrame(on[on.any(axis=1)].astype(int), columns=list("ABCDE")[: len(chances)])
    return capture_table(seen, pd.Series(np.ones(len(seen), dtype=int)))


@with_reference
def test_the_models_chosen_are_those_of_the_reference() -> None:
    for row in expected().query("method == 'stepwise'").to_dict("records"):
        fitted = model(row["data"], "stepwise")
        with_overlap = [pair for pair in fitted.pairs if fitted.table.overlap(pair)]
        assert set(fitted.table.named(tuple(with_overlap))) == chosen_pairs(row["terms"])


@with_reference
def test_all_pairs_of_lists_without_overlap_have_no_answer() -> None:
    artificial = table("Artificial_3")
    assert "not identifiable" in why_not(artificial, artificial.pairs)
    assert "no finite estimate" in why_not(artificial, (artificial.pairs[0],))
    assert not why_not(artificial, artificial.pairs[1:])
    with pytest.raises(MeasureRefused, match="nobody on C is on another list"):
        hidden_population(artificial, seed=1)


@with_reference
def test_an_interval_whose_end_is_the_outermost_resample_says_so() -> None:
    found = resample(table("NewOrl_5"), stepwise, 200, seed=1)
    assert found.at_edge(0.025)
    assert not found.at_edge(0.8)


def test_two_independent_lists_give_lincoln_and_petersen() -> None:
    two = from_memberships({"A": {str(i) for i in range(60)}, "B": {str(i) for i in range(40, 90)}})
    assert fit(two).total == pytest.approx(60 * 50 / 20)


def existence_by_search(counts: np.ndarray, matrix: np.ndarray) -> bool:
    """Whether a positive table with the same statistics exists: a move of the kernel that lifts every zero, by brute force."""
    _, _, vt = np.linalg.svd(matrix.T)
    kernel = vt[np.linalg.matrix_rank(matrix) :]
    return any(
        ((np.array(step) @ kernel)[counts == 0] > 1e-9).all() for step in itertools.product(np.linspace(-1, 1, 41), repeat=len(kernel))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=7, max_size=7), st.sets(st.sampled_from([(0, 1), (0, 2), (1, 2)]), max_size=2))
def test_the_linear_programme_finds_out_whether_an_estimate_exists(counts: list[int], pairs: set[tuple[int, int]]) -> None:
    histories = pd.DataFrame([h for h in itertools.product((0, 1), repeat=3) if any(h)], columns=["A", "B", "C"])
    three = capture_table(histories, pd.Series(counts))
    shared = [pair for pair in pairs if three.overlap(pair)]
    effects = [three.on_both(pair) for pair in shared]
    matrix = np.column_stack([np.ones(7), three.histories, *effects]).astype(float)
    reason = why_not(three, tuple(shared))
    if np.linalg.matrix_rank(matrix) == matrix.shape[1]:
        assert (reason == "") == existence_by_search(three.counts, matrix)


@settings(max_examples=30, deadline=None)
@given(st.permutations(["A", "B", "C", "D"]), st.integers(0, 3))
def test_the_order_of_lists_and_of_rows_changes_nothing(order: list[str], seed: int) -> None:
    given_table = simulated(600, [0.3, 0.25, 0.2, 0.3], seed)
    frame = pd.DataFrame(given_table.histories.astype(int), columns=list(given_table.lists))
    shuffled = frame.sample(frac=1, random_state=seed)[order]
    other = capture_table(shuffled, pd.Series(given_table.counts)[shuffled.index])
    assert fit(other).total == pytest.approx(fit(given_table).total)
    assert average(other.without("A")).quantile(0.5) == pytest.approx(average(given_table.without("A")).quantile(0.5))


def test_leaving_out_a_list_forgets_who_was_only_there() -> None:
    three = from_memberships({"A": {"1", "2", "3"}, "B": {"2", "3", "4"}, "C": {"3", "5"}})
    without = three.without("C")
    assert without.lists == ("A", "B")
    assert without.seen == 4
    assert without.overlap((0, 1)) == 2
    assert three.overlaps().loc["A", "C"] == 1


def test_the_interval_of_independent_lists_covers_the_truth() -> None:
    covered = 0
    for seed in range(200):
        fitted = fit(simulated(1000, [0.3, 0.25, 0.2], seed))
        covered += fitted.quantile(0.025) <= 1000 <= fitted.quantile(0.975)
    assert 0.91 <= covered / 200 <= 0.985  # 95 % with the error of 200 simulations


def test_the_ways_of_estimating_stand_side_by_side_with_reasons_for_what_is_refused() -> None:
    found = hidden_population(simulated(2000, [0.15, 0.2, 0.1, 0.12], 4), seed=1, resamples=100)
    assert found["approach"].tolist() == ["stepwise", "stepwise_resampled", "averaged", "independent", *["leave_one_out"] * 4]
    assert found["left_out"].tolist()[4:] == ["A", "B", "C", "D"]
    answered = found.dropna(subset="value")
    assert (answered["low"] <= answered["value"]).all()
    assert (answered["value"] <= answered["high"]).all()
    smallest, largest, sensitive = spread(found)
    assert smallest < 2000 < largest
    assert not sensitive


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({"A": {"1", "2"}, "B": {"2"}}, "at least 3"),
        ({"A": {"1", "2"}, "B": {"2", "3"}, "C": {"4"}}, "nobody on C"),
        ({"A": {"1", "2"}, "B": {"2", "3"}, "C": {"3"}}, "2 persons are on more than one list"),
    ],
)
def test_lists_that_are_too_few_or_do_not_overlap_are_refused(lists: dict[str, set[str]], message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        hidden_population(from_memberships(lists), seed=1)


@pytest.mark.parametrize(
    ("histories", "counts", "message"),
    [
        ([[1, 0], [0, 0]], [3, 1], "on no list"),
        ([[1, 0], [0, 2]], [3, 1], "0 and 1 only"),
        ([[1, 0], [0, 1]], [3, -1], "whole numbers"),
        ([[1, 0], [0, 1]], [3, float("nan")], "censored"),
        ([[1], [1]], [3, 1], "2 to 10 lists"),
    ],
)
def test_a_table_that_is_no_capture_table_is_refused(histories: list[list[int]], counts: list[float], message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        capture_table(pd.DataFrame(histories), pd.Series(counts))


def test_too_many_lists_have_too_many_models() -> None:
    six = from_memberships({name: {"1", name} for name in "ABCDEF"})
    with pytest.raises(MeasureRefused, match="32,768 models"):
        average(six)


def register(with_key: int) -> dict[str, pd.DataFrame]:
    case = pd.DataFrame(
        {
            "case_id": ["c1"],
            "country_report": ["XAA"],
            "crime_type": ["TIP"],
            "opened_on": [pd.Timestamp("2021-02-01")],
            "detected_via": ["NGO"],
            "event_start": [pd.NaT],
        }
    )
    victim = pd.DataFrame(
        {
            "victim_id": [f"v{i}" for i in range(20)],
            "case_id": "c1",
            "person_key": [f"p{i // 2}" if i < with_key else None for i in range(20)],
            "id_by": ["POLICE", "NGO"] * 10,
            "id_status": "PRESUMED",
            "first_contact_date": pd.Timestamp("2021-03-01"),
        }
    )
    return {"case": case, "victim": victim}


def test_bodies_that_identify_victims_are_the_lists() -> None:
    found = identification_lists(register(20), "XAA", Period.parse("2021"))
    assert set(found.lists) == {"POLICE", "NGO"}
    assert found.seen == 10
    assert found.overlap((0, 1)) == 10


def test_records_that_cannot_be_linked_are_told_not_dropped() -> None:
    with pytest.raises(MeasureRefused, match="4 of 20 records lack person_key"):
        identification_lists(register(16), "XAA", Period.parse("2021"))
    with pytest.raises(MeasureRefused, match="no victims of XAA"):
        identification_lists(register(20), "XAA", Period.parse("2019"))


def test_the_ways_are_run_for_each_sex_and_few_persons_are_refused_there() -> None:
    rng = np.random.default_rng(3)
    on = rng.random((3000, 3)) < (0.3, 0.25, 0.2)
    sex = np.where(np.arange(3000) < 2950, "F", "M")
    records = pd.DataFrame(
        [
            {"person_key": f"p{person}", "id_by": body, "sex": sex[person], "id_status": "FORMAL", "victim_id": f"v{person}{body}"}
            for person, body in zip(*np.nonzero(on), strict=True)
        ]
    ).replace({"id_by": {0: "POLICE", 1: "NGO", 2: "LABOUR"}})
    found = split(lambda group: hidden_population(lists_of(group), seed=1, resamples=100), records, ["sex"])
    stepwise_of = found[found["approach"].eq("stepwise")].set_index("sex")
    assert stepwise_of.loc["F", "low"] < 2950 < stepwise_of.loc["F", "high"]
    assert stepwise_of.loc["_T", "n"] > stepwise_of.loc["F", "n"]
    refused = found[found["sex"].eq("M")]
    assert refused["reason"].str.contains("fewer than 10|finite|nobody on").all()
