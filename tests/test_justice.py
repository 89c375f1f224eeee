"""From charge to sentence: cohorts, attrition, time to an end, clustered models, lengths of sentences."""

import itertools
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_answers.justice import courts
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.attrition import attrition as attrition_of_people
from turquesa_stats.measures.attrition import female_share_by_stage, non_punishment_review
from turquesa_stats.measures.cohort import cohort
from turquesa_stats.measures.convictions import as_charged_share, conviction_gap, sentence_gap
from turquesa_stats.measures.sentences import kinds, lengths, quartiles
from turquesa_stats.measures.splits import split
from turquesa_stats.measures.time_to_outcome import compare_outcomes, convicted_within, outcomes_over_time, waiting
from turquesa_stats.methods.attrition import attrition
from turquesa_stats.methods.clustered_models import clustered_model, marginal_effects
from turquesa_stats.methods.competing_risks import cumulative_incidence, incidence_quantile
from turquesa_stats.methods.hazard_ratios import hazard_ratios
from turquesa_stats.methods.incidence_comparison import compare_hazards, compare_incidence
from turquesa_stats.methods.order_statistics import quantile
from turquesa_stats.methods.waiting_times import restricted_mean, waiting_quantile
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY
from turquesa_stats.sources.demonstration import demonstration_tables

STEPS = ("charged", "verdict", "convicted")
UNITS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=2, max_size=60).filter(lambda units: any(e for _, e in units))
COHORT = st.lists(
    st.one_of(st.tuples(st.sampled_from(STEPS[:2]), st.sampled_from(["dismissed", "acquitted", None])), st.just(("convicted", None))),
    min_size=1,
    max_size=60,
)


def apart(units: list[tuple[int, int]]) -> tuple[list[float], list[int]]:
    return [float(time) for time, _ in units], [event for _, event in units]


# --- attrition


@settings(max_examples=40, deadline=None)
@given(COHORT, st.randoms())
def test_attrition_adds_up_at_every_step_whatever_the_order(people: list[tuple[str, str | None]], random: Any) -> None:
    units = pd.DataFrame(people, columns=["step", "reason"])
    found = attrition(units, STEPS)
    counts = found.drop_duplicates(["step", "state", "reason"])
    reached = counts[counts["state"].eq("REACHED")].set_index("step")["count"]
    parts = counts[counts["state"].ne("REACHED")].groupby("step")["count"].sum()
    on = counts[counts["state"].eq("ON")].set_index("step")["count"]
    assert reached["charged"] == len(units)
    for step, following in itertools.pairwise(STEPS):
        if reached[step]:
            assert parts[step] == reached[step]
            assert on[step] == reached[following]
    assert found["value"].between(0, 1).all()
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()
    random.shuffle(people)
    pd.testing.assert_frame_equal(found, attrition(pd.DataFrame(people, columns=["step", "reason"]), STEPS))


# --- time to an end


@settings(max_examples=60, deadline=None)
@given(UNITS, st.integers(1, 30), st.randoms())
def test_shares_ended_and_still_waiting_are_the_whole_whatever_the_order(units: list[tuple[int, int]], at: int, random: Any) -> None:
    times, events = apart(units)
    at = min(at, int(max(times)))
    found = cumulative_incidence(times, events, [at])
    any_end = cumulative_incidence(times, [min(event, 1) for event in events], [at])
    assert found["value"].sum() == pytest.approx(any_end["value"][0])
    assert found["events"].sum() == any_end["events"][0]
    assert ((found["low"] <= found["value"] + 1e-12) & (found["value"] <= found["high"] + 1e-12)).all()
    assert found["low"].ge(0).all()
    assert found["high"].le(1).all()
    random.shuffle(units)
    pd.testing.assert_frame_equal(found, cumulative_incidence(*apart(units), [at]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 2)), min_size=1, max_size=40), st.integers(1, 30))
def test_with_nobody_waiting_incidence_is_a_share_with_its_binomial_error(units: list[tuple[int, int]], at: int) -> None:
    times, events = apart(units)
    found = cumulative_incidence(times, events, [at], interval="plain")
    for row in found.to_dict("records"):
        share = sum(e == row["event"] and time <= at for time, e in units) / len(units)
        assert row["value"] == pytest.approx(share)
        assert row["se"] == pytest.approx((share * (1 - share) / len(units)) ** 0.5, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(UNITS)
def test_entry_at_the_start_changes_nothing(units: list[tuple[int, int]]) -> None:
    times, events = apart(units)
    at = [max(times) / 2]
    pd.testing.assert_frame_equal(cumulative_incidence(times, events, at), cumulative_incidence(times, events, at, [0.0] * len(times)))


def late_register(seed: int, size: int = 6000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times, kinds of end and entries of those seen by a register that began after many had started; 40 % end in kind 1."""
    rng = np.random.default_rng(seed)
    times, kinds_, entry = (
        rng.exponential(12, size),
        np.where(rng.random(size) < 0.4, 1, 2),
        rng.uniform(0, 20, size) * (rng.random(size) < 0.6),
    )
    seen = times > entry
    return times[seen], kinds_[seen], entry[seen]


def test_a_register_that_began_late_answers_right_only_with_entry_times() -> None:
    times, events, entry = late_register(1)
    truth = 0.4 * (1 - np.exp(-1))
    with_entry = cumulative_incidence(times.tolist(), events.tolist(), [12], entry.tolist())["value"][0]
    without = cumulative_incidence(times.tolist(), events.tolist(), [12])["value"][0]
    assert with_entry == pytest.approx(truth, abs=0.02)
    assert without < truth - 0.03
    ended = [True] * len(times)
    assert waiting_quantile(times.tolist(), ended, 0.5, "months", entry.tolist()).value == pytest.approx(12 * np.log(2), rel=0.06)
    assert restricted_mean(times.tolist(), ended, 20, "months", entry.tolist()).value == pytest.approx(
        12 * (1 - np.exp(-20 / 12)), rel=0.04
    )


def test_a_median_not_reached_is_an_answer_without_value() -> None:
    times, events = [2.0, 4.0, 6.0] + [30.0] * 17, [1, 1, 2] + [0] * 17
    found = waiting_quantile(times, [bool(event) for event in events], 0.5, "months")
    assert (found.value, found.high) == (None, None)
    assert incidence_quantile(times, events, 0.5, 1, "months").value is None
    assert restricted_mean(times, [bool(event) for event in events], 30, "months").value == pytest.approx((12 + 17 * 30) / 20)


@settings(max_examples=60, deadline=None)
@given(UNITS)
def test_the_interval_of_a_median_holds_it_and_ends_are_ordered(units: list[tuple[int, int]]) -> None:
    times, events = apart(units)
    for found in (
        waiting_quantile(times, [event > 0 for event in events], 0.5, "months"),
        incidence_quantile(times, events, 0.3, max(events), "months"),
    ):
        if found.value is not None:
            assert found.low is not None
            assert found.low <= found.value
            assert found.high is None or found.value <= found.high


def test_nobody_ended_in_one_way_has_an_interval_above_zero() -> None:
    row = cumulative_incidence([float(time) for time in range(1, 21)], [2] * 10 + [0] * 10, [10]).set_index("event").loc[1]
    assert (row["value"], row["low"], row["method"]) == (0.0, 0.0, "clopper-pearson")
    assert row["high"] == pytest.approx(1 - 0.025 ** (1 / 20))


# --- comparison of groups


def two_groups(rng: np.random.Generator, size: int, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times, ends and groups: 40 % end in kind 1 in both at the same pace, while ends of kind 2 are slower in one group."""
    group = rng.random(size) < 0.5
    first = rng.random(size) < np.where(group, 0.4 + effect, 0.4)
    times = np.where(first, rng.exponential(8, size), rng.exponential(np.where(group, 20, 6), size))
    seen = rng.uniform(5, 40, size)
    return np.ceil(np.minimum(times, seen)), np.where(times <= seen, np.where(first, 1, 2), 0), group


def test_equal_incidence_is_rejected_as_seldom_as_promised_even_where_hazards_differ() -> None:
    rejected = [compare_incidence(*two_groups(rng, 150))["p_value"][0] < 0.05 for rng in np.random.default_rng(11).spawn(600)]
    assert 0.03 <= np.mean(rejected) <= 0.075
    differs = [compare_incidence(*two_groups(rng, 150, 0.3))["p_value"][0] < 0.05 for rng in np.random.default_rng(12).spawn(100)]
    assert np.mean(differs) > 0.8
    pace = [compare_hazards(*two_groups(rng, 150))["p_value"][0] < 0.05 for rng in np.random.default_rng(13).spawn(100)]
    assert np.mean(pace) > 0.2  # the log-rank test asks something else: kind 2 removes those who wait


def test_the_test_by_permutation_agrees_with_the_asymptotic_one() -> None:
    for seed in (1, 2):
        units = two_groups(np.random.default_rng(seed), 120, 0.1)
        plain, permuted = compare_incidence(*units), compare_incidence(*units, permutations=300, seed=seed)
        assert permuted["p_value"].to_numpy() == pytest.approx(plain["p_value"].to_numpy(), abs=0.06)
        pd.testing.assert_frame_equal(permuted, compare_incidence(*units, permutations=300, seed=seed))


def test_names_and_order_of_groups_change_no_comparison() -> None:
    times, events, group = two_groups(np.random.default_rng(5), 120)
    order = np.random.default_rng(6).permutation(120)
    for compare in (compare_incidence, compare_hazards):
        one = compare(times, events, group)
        other = compare(times[order], events[order], np.where(group, "a", "b")[order])
        assert one["statistic"].to_numpy() == pytest.approx(other["statistic"].to_numpy())


def test_hazards_of_clusters_that_go_together_are_less_certain() -> None:
    rng = np.random.default_rng(3)
    court = np.repeat(np.arange(40), 10)
    x = pd.DataFrame({"capital": (court < 20).astype(float)})
    times = rng.exponential(10 * np.exp(rng.normal(0, 0.8, 40)[court]))
    plain, clustered = hazard_ratios(times, [1] * 400, x), hazard_ratios(times, [1] * 400, x, cluster=court)
    assert plain["value"][0] == clustered["value"][0]
    assert clustered["high"][0] / clustered["low"][0] > 1.5 * plain["high"][0] / plain["low"][0]
    late = hazard_ratios(times + 5, [1] * 400, x, entry=[5.0] * 400)
    assert late["value"][0] == pytest.approx(plain["value"][0])


# --- models with clusters, quantiles


def test_errors_know_of_clusters_and_rows_may_come_in_any_order() -> None:
    frame = courts()
    once = clustered_model(frame, "convicted", ["woman"], "court")
    twice = clustered_model(pd.concat([frame, frame]), "convicted", ["woman"], "court")
    assert twice["value"].to_numpy() == pytest.approx(once["value"].to_numpy())
    assert twice["se"][1] > 0.9 * once["se"][1]  # the same records again are no news
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(once, clustered_model(shuffled, "convicted", ["woman"], "court"))
    pd.testing.assert_frame_equal(
        marginal_effects(frame, "convicted", ["woman"], "court"), marginal_effects(shuffled, "convicted", ["woman"], "court")
    )


def test_the_marginal_effect_of_an_amount_is_the_mean_slope() -> None:
    rng = np.random.default_rng(4)
    frame = courts().assign(age=rng.normal(40, 10, 300))
    found = marginal_effects(frame, "convicted", ["woman", "age"], "court").set_index("term")
    beta = clustered_model(frame, "convicted", ["woman", "age"], "court")["value"].to_numpy()
    linear = beta[0] + beta[1] * frame["woman"] + beta[2] * frame["age"]
    chance = 1 / (1 + np.exp(-linear))
    assert found["value"]["age"] == pytest.approx(100 * (beta[2] * chance * (1 - chance)).mean())


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.sampled_from([0.25, 0.5, 0.75]))
def test_a_quantile_lies_between_ends_that_are_amounts_themselves(amounts: list[int], share: float) -> None:
    found = quantile([float(amount) for amount in amounts], share, "months")
    assert found.low is None or (found.low in amounts and found.low <= found.value)  # type: ignore[operator]
    assert found.high is None or (found.high in amounts and found.high >= found.value)  # type: ignore[operator]
    turned = quantile([-float(amount) for amount in amounts], 1 - share, "months")
    assert (found.low, found.high) == (None if turned.high is None else -turned.high, None if turned.low is None else -turned.low)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attrition(pd.DataFrame({"step": ["freed"], "reason": [None]}), STEPS), "no step"),
        (lambda: attrition(pd.DataFrame({"step": ["convicted"], "reason": ["died"]}), STEPS), "the last step"),
        (lambda: attrition(pd.DataFrame({"step": [], "reason": []}), STEPS), "needs units"),
        (lambda: cumulative_incidence([1, 2], [1, 0], [5]), "nobody was followed to 5"),
        (lambda: cumulative_incidence([1, 2], [1, 0], []), "no time to report"),
        (lambda: cumulative_incidence([1, -2], [1, 1], [1]), "error of the file"),
        (lambda: cumulative_incidence([3, 4], [1, 1], [4], [0, 4]), "before the file could see"),
        (lambda: cumulative_incidence([2, 9], [1, 1], [9], [0, 5]), "begin at a later time"),
        (lambda: incidence_quantile([1, 2], [2, 0], 0.5, 1, "months"), "nobody ended in way 1"),
        (lambda: incidence_quantile([1, 2], [1, 0], 1.5, 1, "months"), "between 0 and 1"),
        (lambda: waiting_quantile([1, 2], [True, False], 0, "months"), "between 0 and 1"),
        (lambda: restricted_mean([1, 2], [True, False], 3, "months"), "nobody was followed to 3"),
        (lambda: compare_incidence([1, 2, 3], [1, 1, 1], ["a", "a", "a"]), "all units are of a"),
        (lambda: compare_incidence([1, 2, 3], [1, 1, 1], ["a", "b", "b"]), "join small groups"),
        (lambda: compare_incidence([1, 2, 3], [1, 1, 1], ["a", "b", "b"], permutations=9), "needs a seed"),
        (lambda: compare_incidence([1, 2], [1, 1], ["a", None]), "group of some units"),
        (lambda: compare_incidence([1, 1, 2, 2], [2, 2, 1, 1], ["a", "a", "b", "b"], permutations=9, seed=1), "nothing to compare"),
        (lambda: hazard_ratios(range(1, 41), [1] * 40, pd.DataFrame({"x": [0, 1] * 20}), cluster=[None] * 40), "needs its cluster"),
        (lambda: compare_hazards([1, 2], [1, 1], ["a", "b"], [1, 0]), "first seen before"),
        (lambda: hazard_ratios([1, 2, 3], [1, 1, 1], pd.DataFrame({"x": [0, 1, 0]})), "3 ends of kind 1"),
        (lambda: hazard_ratios(range(1, 41), [1] * 40, pd.DataFrame({"x": [0, 1] * 20}), cluster=[1, 2] * 20), "2 clusters"),
        (lambda: hazard_ratios(range(1, 41), [1] * 20 + [0] * 20, pd.DataFrame({"x": [1] * 20 + [0] * 20})), "no finite ratio"),
        (lambda: hazard_ratios(range(1, 41), [1] * 40, pd.DataFrame({"x": [1] * 40})), "do not vary"),
        (lambda: clustered_model(courts().assign(x=lambda f: f["convicted"]), "convicted", ["x"], "court"), "separation"),
        (
            lambda: clustered_model(courts().assign(x=lambda f: 1 - f["woman"]), "convicted", ["woman", "x"], "court"),
            "determine one another",
        ),
        (lambda: clustered_model(courts().query("court < 9"), "convicted", ["woman"], "court"), "9 clusters"),
        (lambda: clustered_model(courts().assign(x=lambda f: f["court"].lt(3) * 1.0), "convicted", ["x"], "court"), "3 clusters only"),
        (lambda: clustered_model(courts().assign(woman=np.nan), "convicted", ["woman"], "court"), "unknown values in woman"),
        (lambda: clustered_model(courts().assign(woman="F"), "convicted", ["woman"], "court"), "takes numbers"),
        (lambda: clustered_model(courts(), "court", ["woman"], "court"), "not 0 and 1"),
        (lambda: clustered_model(courts().iloc[::12], "convicted", ["woman", "court"], "court"), "of the rarer outcome carry"),
        (lambda: clustered_model(courts(), "convicted", ["man"], "court"), "not in the data: man"),
        (lambda: quantile([], 0.5, "months"), "needs known amounts"),
        (lambda: quantile([1.0, float("nan")], 0.5, "months"), "leave the unknown out"),
        (lambda: quantile([1.0], 1.0, "months"), "between 0 and 1"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(call: Any, message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        call()


# --- cohorts of accused persons: a register made by hand

JUDGED = [  # accused, sex, charges (day filed, is trafficking, reduced from), events (charge, stage, day, decision), sentences (charge, kind, months)
    ("one", "F", [("2020-01-10", True, None)], [(0, "DISPOSED", "2020-07-10", "CONV_AS_CHARGED")], [(0, "CUSTODY", 60)]),
    (
        "two",
        "M",
        [("2020-02-01", True, None), ("2020-02-01", True, None)],
        [(0, "DISPOSED", "2020-03-01", "DISMISSED"), (1, "DISPOSED", "2021-02-01", "CONV_AS_CHARGED")],
        [(1, "CUSTODY", 90)],
    ),
    ("three", "M", [("2020-03-01", True, None), ("2020-03-01", True, None)], [(0, "DISPOSED", "2020-09-01", "DISMISSED")], []),
    (
        "four",
        "F",
        [("2020-03-01", True, None), ("2020-06-01", False, 0)],
        [(1, "DISPOSED", "2020-12-01", "CONV_LESSER")],
        [(1, "SUSPENDED", 0)],
    ),
    (
        "five",
        "M",
        [("2020-04-01", True, None)] * 2,
        [(0, "DISPOSED", "2021-01-01", "CONV_AS_CHARGED"), (1, "DISPOSED", "2021-01-01", "CONV_AS_CHARGED")],
        [(0, "CUSTODY", 48), (1, "CUSTODY", 100)],
    ),
    ("six", "M", [("2020-04-02", True, None)], [(0, "DISPOSED", "2021-03-01", "CONV_AS_CHARGED")], [(0, "LIFE", None)]),
    ("seven", "F", [("2020-05-01", True, None)], [(0, "TRIAL", "2020-10-01", "PENDING"), (0, "DISPOSED", "2021-05-01", "ACQUITTED")], []),
    ("eight", "_U", [("2020-05-02", True, None)], [(0, "DISPOSED", "2022-08-01", "CONV_AS_CHARGED")], []),
    ("nine", "F", [("2020-06-01", False, None)], [(0, "DISPOSED", "2020-08-01", "CONV_AS_CHARGED")], [(0, "CUSTODY", 10)]),
    ("ten", "M", [("2019-12-01", True, None), ("2020-06-01", True, None)], [], []),
    ("firm", "_Z", [("2020-07-01", True, None)], [(0, "DISPOSED", "2020-08-01", "CONV_AS_CHARGED")], [(0, "FINE", None)]),
]


def register(judged: list[Any] = JUDGED, more_accused: int = 0) -> dict[str, pd.DataFrame]:
    """Return tables of one source of country XAA, a case a person but with the last two accused of the first case too."""
    charges, events, sentences = [], [], []
    for name, _, filed, happened, imposed in judged:
        for place, (day, is_tip, reduced_from) in enumerate(filed):
            charges.append(
                (f"{name}-{place}", name, f"case-{name}", day, is_tip, None if reduced_from is None else f"{name}-{reduced_from}")
            )
        events += [(f"{name}-{place}", stage, day, decision) for place, stage, day, decision in happened]
        sentences += [(f"{name}-{place}", name, kind, months) for place, kind, months in imposed]
    charge = pd.DataFrame(charges, columns=["charge_id", "accused_id", "case_id", "filed_on", "is_tip", "reduced_from"])
    event = pd.DataFrame(events, columns=["charge_id", "stage", "date", "decision"])
    never = [f"never-{place}" for place in range(more_accused)]
    people = [(name, sex) for name, sex, *_ in judged] + [(name, "M") for name in never]
    opened = charge.groupby("case_id")["filed_on"].min().pipe(lambda days: pd.to_datetime(days) - pd.Timedelta(days=61))
    first_case = [charge["case_id"].iloc[0]]
    return {
        "case": pd.DataFrame({"case_id": opened.index, "opened_on": opened.to_numpy(), "opened_on_prec": "D"}).assign(
            country_report="XAA", crime_type="TIP", source_id="s"
        ),
        "charge": charge.assign(filed_on=pd.to_datetime(charge["filed_on"]), filed_on_prec="D", is_som=False, source_id="s"),
        "charge_event": event.assign(date=pd.to_datetime(event["date"]), date_prec="D", source_id="s"),
        "sentence": pd.DataFrame(sentences, columns=["charge_id", "accused_id", "kind", "months_custodial"]),
        "accused": pd.DataFrame(people, columns=["accused_id", "sex"]).assign(
            age_status_offence="ADULT",
            also_victim=["Y", "N"] + ["_U"] * (len(people) - 2),
            person_kind=["LEGAL" if name == "firm" else "NATURAL" for name, _ in people],
        ),
        "case_accused": pd.DataFrame(
            [(f"case-{name}", name, "RECRUITER") for name, *_ in judged]
            + [("case-one", "one", "EXPLOITER")]
            + [(case, name, "RECRUITER") for name in never for case in first_case],
            columns=["case_id", "accused_id", "role"],
        ),
    }


YEAR = Period.parse("2020")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return cohort(register(), "XAA", YEAR, seen_until=date(2022, 3, 2)).set_index("accused_id")


def test_a_person_counts_once_and_as_convicted_where_any_charge_convicts(people: pd.DataFrame) -> None:
    assert sorted(people.index) == sorted(["one", "two", "three", "four", "five", "six", "seven", "eight"])
    assert people["end"].fillna("").to_dict() == {
        **dict.fromkeys(["one", "two", "four", "five", "six"], "CONVICTED"),
        "three": "",
        "seven": "ACQUITTED",
        "eight": "",
    }
    assert people["months"]["two"] == pytest.approx(12, abs=0.1)
    assert people["months"]["three"] == pytest.approx(24, abs=0.1)  # one charge is still open
    assert people["role"]["one"] == "EXPLOITER+RECRUITER"
    assert people.loc[["one", "four"], "of_crime"].tolist() == [True, False]  # four: on a lesser charge, not of trafficking
    assert people["as_charged"].sum() == 4


def test_what_is_dated_after_the_last_day_of_the_register_is_not_yet_seen() -> None:
    found = cohort(register(), "XAA", YEAR).set_index("accused_id")
    assert found["end"]["eight"] == "CONVICTED"
    assert found["seen_until"].eq(pd.Timestamp("2022-08-01")).all()
    early = cohort(register(), "XAA", YEAR, seen_until={"s": date(2020, 8, 1)}).set_index("accused_id")
    assert early["end"].dropna().index.tolist() == ["one"]
    with pytest.raises(MeasureRefused, match="not for source s"):
        cohort(register(), "XAA", YEAR, seen_until={"other": date(2020, 8, 1)})


def test_a_last_day_long_after_the_last_entry_is_refused(tables: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(MeasureRefused, match="seems to have stopped"):
        cohort(tables, DEMONSTRATION_COUNTRY, Period.parse("2022"), seen_until=date(2026, 6, 1))
    stray = tables["charge_event"].copy()
    stray.loc[stray.index[-1], "date"] = pd.Timestamp("2026-06-01")
    with pytest.raises(MeasureRefused, match="stray date"):
        cohort({**tables, "charge_event": stray}, DEMONSTRATION_COUNTRY, Period.parse("2022"))


def test_a_register_that_began_after_its_cohort_is_refused_without_its_first_day(tables: dict[str, pd.DataFrame]) -> None:
    event = tables["charge_event"]
    began = pd.Timestamp("2021-06-01")
    lost = event.loc[event["stage"].eq("DISPOSED") & event["date"].lt(began), "charge_id"]
    late = {name: tables[name][~tables[name]["charge_id"].isin(lost)] for name in ("charge", "charge_event", "sentence")}
    with pytest.raises(MeasureRefused, match="give the day it began"):
        cohort({**tables, **late}, DEMONSTRATION_COUNTRY, Period.parse("2019/2021"))
    found = cohort({**tables, **late}, DEMONSTRATION_COUNTRY, Period.parse("2019/2021"), seen_from=began.date())
    whole = cohort(tables, DEMONSTRATION_COUNTRY, Period.parse("2019/2021"))
    of_late, of_whole = (outcomes_over_time(one, [24]).set_index("outcome")["value"]["CONVICTED"] for one in (found, whole))
    assert of_late == pytest.approx(of_whole, abs=0.05)
    assert (found["end"].eq("CONVICTED") & found["months"].le(24)).mean() < of_whole - 0.03  # what counting those seen would say
    with pytest.raises(MeasureRefused, match="before the register began"):
        convicted_within(found)


def test_of_those_contacted_the_never_charged_wait(people: pd.DataFrame) -> None:
    found = cohort(register(more_accused=3), "XAA", Period.parse("2019-11/2020"), start="CONTACT", seen_until=date(2022, 3, 2))
    steps = attrition_of_people(found).query("basis == 'COHORT'").set_index(["step", "state"])["count"]
    assert steps["CONTACT", "REACHED"] == len(people) + 3 + 1  # nine: accused of a case of trafficking, charged with another crime
    assert steps["CONTACT", "WAITING"] == 4
    assert steps["CHARGED", "REACHED"] == len(people)
    to_charge = waiting(found, "CHARGE").set_index("statistic")
    assert to_charge["value"]["MEDIAN"] == pytest.approx(2.0, abs=0.1)
    with pytest.raises(MeasureRefused, match="starts with contact"):
        waiting(people.reset_index(), "CHARGE")


def test_attrition_of_the_accused_has_their_reasons(people: pd.DataFrame) -> None:
    found = attrition_of_people(people.reset_index(), ["TRIAL"]).query("basis == 'COHORT'").set_index(["step", "state", "reason"])["count"]
    expected = {
        ("CHARGED", "REACHED", ""): 8,
        ("CHARGED", "WAITING", ""): 2,
        ("TRIAL", "REACHED", ""): 6,
        ("VERDICT", "LEFT", "ACQUITTED"): 1,
        ("CONVICTED", "REACHED", ""): 5,
        ("CONVICTED", "LEFT", "SUSPENDED"): 1,
        ("CUSTODY", "REACHED", ""): 4,
    }
    assert {key: found[key] for key in expected} == expected
    with pytest.raises(MeasureRefused, match="COMMITTED, TRIAL, not SENTENCE"):
        attrition_of_people(people.reset_index(), ["SENTENCE"])


def test_life_is_counted_and_in_no_median_and_the_longest_sentence_counts(people: pd.DataFrame) -> None:
    found = lengths(people.reset_index()).set_index(["among", "statistic"])
    assert found["value"]["CUSTODY", "MEDIAN"] == 90  # 60, 90, 100; not 48 nor life
    assert found["value"]["CONVICTED", "MEDIAN"] == 75  # 0, 60, 90, 100
    assert found["life"].eq(1).all()
    assert found["unknown"].eq(0).all()
    of_kind = kinds(people.reset_index()).set_index("kind")["count"]
    assert of_kind[["CUSTODY", "LIFE", "SUSPENDED", "ANY_CUSTODY"]].tolist() == [3, 1, 1, 4]
    assert quartiles(people.reset_index()).set_index("sex")["value"]["_T"] == 90


def test_a_convicted_person_without_recorded_sentence_is_unknown_not_free() -> None:
    whole = cohort(register(), "XAA", YEAR)
    assert kinds(whole)["unknown"].eq(1).all()  # eight
    assert lengths(whole).set_index("among")["unknown"].groupby(level=0).first().to_dict() == {"CONVICTED": 1, "CUSTODY": 0}


def test_shares_within_a_fixed_time_are_of_those_followed_so_long(people: pd.DataFrame) -> None:
    found = convicted_within(people.reset_index(), [24]).set_index(["conviction", "basis"])
    assert found.loc[[("ANY", "COHORT")], "n"].tolist() == [4]  # started by 1 March 2020
    assert found["count"].to_dict() == {("OF_CRIME", "COHORT"): 2, ("OF_CRIME", "ENDED"): 2, ("ANY", "COHORT"): 3, ("ANY", "ENDED"): 3}
    assert found["flag"].eq("small_n").all()
    with pytest.raises(MeasureRefused, match="followed for 36 months"):
        convicted_within(people.reset_index(), [36])


def test_final_decisions_are_another_clock_and_refused_where_not_recorded(people: pd.DataFrame) -> None:
    with pytest.raises(MeasureRefused, match="no final decisions"):
        outcomes_over_time(people.reset_index(), [12], "FINAL")
    judged = [
        *JUDGED[1:],
        (*JUDGED[0][:3], [*JUDGED[0][3], (0, "APPEAL", "2020-09-10", "PENDING"), (0, "FINAL", "2021-01-10", "ACQUITTED")], JUDGED[0][4]),
    ]
    found = cohort(register(judged), "XAA", YEAR, seen_until=date(2022, 3, 2))
    final = outcomes_over_time(found, [24], "FINAL").set_index("outcome")
    assert final["count"]["ACQUITTED"] == 1
    assert final["count"].get("CONVICTED", 0) == 0
    assert outcomes_over_time(found, [23]).set_index("outcome")["count"]["CONVICTED"] == 5
    one = found.set_index("accused_id").loc["one"]
    assert (one["end"], one["final_end"], round(one["final_months"])) == ("CONVICTED", "ACQUITTED", 12)


def test_the_accused_who_are_victims_too_are_counted_for_review(people: pd.DataFrame) -> None:
    found = non_punishment_review(people.reset_index()).set_index("step")
    assert found["count"].to_dict() == {"CHARGED": 1, "CONVICTED": 1}
    assert found["unknown"].to_dict() == {"CHARGED": 6, "CONVICTED": 3}
    assert found[["low", "high"]].isna().all(axis=None)


def test_women_are_a_share_of_those_whose_sex_is_known(people: pd.DataFrame) -> None:
    found = female_share_by_stage(people.reset_index()).set_index("step")
    assert found["count"].to_dict() == {"CHARGED": 3, "CONVICTED": 2, "CUSTODY": 1}
    assert found["n"].to_dict() == {"CHARGED": 7, "CONVICTED": 5, "CUSTODY": 4}
    assert found["unknown"]["CHARGED"] == 1
    assert found["flag"].eq("small_n").all()


def test_smuggling_is_followed_in_the_same_way(people: pd.DataFrame) -> None:
    tables = register()
    charge = tables["charge"].rename(columns={"is_tip": "is_som", "is_som": "is_tip"})
    found = cohort({**tables, "charge": charge}, "XAA", YEAR, crime="SOM", seen_until=date(2022, 3, 2)).set_index("accused_id")
    pd.testing.assert_frame_equal(found, people)
    assert cohort({**tables, "charge": charge}, "XAA", YEAR, seen_until=date(2022, 3, 2)).empty


def test_dates_of_a_year_only_are_too_coarse_for_months() -> None:
    tables = register()
    with pytest.raises(MeasureRefused, match="too coarse"):
        outcomes_over_time(cohort({**tables, "charge": tables["charge"].assign(filed_on_prec="Y")}, "XAA", YEAR))
    wrong = register([("one", "F", [("2020-05-01", True, None)], [(0, "DISPOSED", "2020-04-01", "ACQUITTED")], []), *JUDGED[1:]])
    with pytest.raises(MeasureRefused, match="before their time started"):
        cohort(wrong, "XAA", YEAR)


# --- the same measures for every group, on the demonstration register


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return demonstration_tables(date(2026, 1, 2))


@pytest.fixture(scope="module")
def accused(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return cohort(tables, DEMONSTRATION_COUNTRY, Period.parse("2019/2021"))


def test_attrition_by_sex_and_age_status_adds_up_to_the_total(accused: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
    found = split(attrition_of_people, accused, ["sex", "age_status"])
    counts = found[found["basis"].eq("COHORT")].groupby(["sex", "age_status", "step", "state", "reason"])["count"].sum()
    total = counts["_T", "_T"]
    parts = counts[[key for key in counts.index if key[0] != "_T" and key[1] != "_T"]].groupby(level=[2, 3, 4]).sum()
    pd.testing.assert_series_equal(parts.reindex(total.index), total)
    by_form = split(outcomes_over_time, accused, ["exploitation"], tables)
    assert by_form.loc[by_form["exploitation"].eq("PUR_SEXUAL"), "records"].iloc[0] < len(accused)
    assert split(kinds, accused, ["sex"])["reason"].eq("").all()
    small = split(outcomes_over_time, accused, ["age_status"])
    assert small.loc[small["age_status"].eq("MINOR"), "flag"].eq("small_n").all()


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_persons_changes_no_measure(accused: pd.DataFrame, seed: int) -> None:
    shuffled = accused.sample(frac=1, random_state=seed)
    for measure in (attrition_of_people, outcomes_over_time, waiting, convicted_within, kinds, lengths, as_charged_share, compare_outcomes):
        pd.testing.assert_frame_equal(measure(accused), measure(shuffled))


def test_gaps_between_women_and_men_are_told_plain_and_given_role(accused: pd.DataFrame) -> None:
    gap, months = conviction_gap(accused), sentence_gap(accused)
    ended = accused[accused["end"].notna() & accused["sex"].isin(["F", "M"])]
    shares = ended["end"].eq("CONVICTED").groupby(ended["sex"]).mean()
    assert gap["value"][0] == pytest.approx(100 * (shares["F"] - shares["M"]))
    assert gap["adjusted_for"].tolist() == months["adjusted_for"].tolist() == ["NOTHING", "ROLE"]
    assert gap["left_out"].iloc[0] == accused["end"].notna().sum() - len(ended)
    held = accused[accused["custodial"] & accused["sex"].isin(["F", "M"])].groupby("sex")["months_custodial"].mean()
    assert months["value"][0] == pytest.approx(held["F"] - held["M"])
    with pytest.raises(MeasureRefused, match="no column court"):
        conviction_gap(accused, "court")


def test_given_role_a_gap_that_roles_explain_goes_away() -> None:
    rng = np.random.default_rng(8)
    female, court = rng.random(1500) < 0.4, rng.integers(0, 30, 1500)
    boss = rng.random(1500) < np.where(female, 0.2, 0.7)
    convicted = rng.random(1500) < np.where(boss, 0.7, 0.3)
    people = pd.DataFrame({"sex": np.where(female, "F", "M"), "role": np.where(boss, "ORGANISER", "RECRUITER"), "court": court})
    found = conviction_gap(people.assign(end=np.where(convicted, "CONVICTED", "ACQUITTED")), "court").set_index("adjusted_for")
    assert found["high"]["NOTHING"] < -10
    assert found["low"]["ROLE"] < 0 < found["high"]["ROLE"]
