"""Concentration, displacement, gravity, networks and clusters: what must hold of any numbers."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_answers.routes import PATH, made_flows, second_way_hub
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.methods.cluster_counts import mean_design_effect
from turquesa_stats.methods.clusters import clustered_proportion
from turquesa_stats.methods.concentration import concentration
from turquesa_stats.methods.concentration_bounds import concentration_bounds
from turquesa_stats.methods.displacement import contributions, displacement, dissimilarity, jensen_shannon
from turquesa_stats.methods.gravity import expected_flows, gravity, separated
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.networks import hub_scores, journey_graph, network_summary, node_measures, rank_stability

CENSORED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=4)
COUNTS = st.lists(st.integers(0, 9), min_size=3, max_size=5).filter(lambda counts: sum(counts) > 0)


def bounds_of(counts: list[tuple[int, int]], top: int, unplaced: tuple[int, int] = (0, 0)) -> dict[str, tuple[float, float]]:
    found = concentration_bounds([a for a, _ in counts], [a + width for a, width in counts], top, unplaced)
    return {str(row["measure"]): (row["low"], row["high"]) for row in found.to_dict("records")}


def of_completions(every: list[tuple[int, ...]], top: int) -> dict[str, tuple[float, float]]:
    index = [sum(x * x for x in one) / sum(one) ** 2 for one in every if sum(one)]
    share = [sum(sorted(one)[-top:]) / sum(one) for one in every if sum(one)]
    return {
        "herfindahl": (min(index), max(index)),
        "effective_number": (1 / max(index), 1 / min(index)),
        "top_share": (min(share), max(share)),
    }


@settings(max_examples=150, deadline=None)
@given(CENSORED, st.integers(1, 3))
def test_bounds_of_concentration_are_those_of_every_completion(counts: list[tuple[int, int]], top: int) -> None:
    every = list(itertools.product(*(range(a, a + width + 1) for a, width in counts)))
    if any(map(sum, every)):
        expected = of_completions(every, top)
        for measure, ends in bounds_of(counts, top).items():
            assert ends == pytest.approx(expected[measure]), measure


@settings(max_examples=60, deadline=None)
@given(CENSORED, st.integers(1, 2), st.integers(0, 1), st.integers(0, 2))
def test_units_of_unknown_category_may_be_of_any(counts: list[tuple[int, int]], top: int, fewest: int, more: int) -> None:
    known = list(itertools.product(*(range(a, a + width + 1) for a, width in counts)))
    every = []
    for units in range(fewest, fewest + more + 1):
        for homes in itertools.product(range(len(counts) + units), repeat=units):  # of those listed, or of up to as many others
            added = [homes.count(home) for home in range(len(counts) + units)]
            every += [tuple(np.add([*one, *[0] * units], added)) for one in known]
    if any(map(sum, every)):
        expected = of_completions(every, top)
        for measure, ends in bounds_of(counts, top, (fewest, fewest + more)).items():
            assert ends == pytest.approx(expected[measure]), measure


@given(st.permutations([25, 12, 7, 3, 0]))
def test_the_order_of_categories_changes_no_concentration(counts: list[int]) -> None:
    one, other = concentration(counts, seed=1, resamples=49), concentration([25, 12, 7, 3, 0], seed=1, resamples=49)
    assert one["value"].to_list() == pytest.approx(other["value"].to_list())
    assert (one["low"] <= one["value"] + 1e-12).all()
    assert (one["value"] <= one["high"] + 1e-12).all()


def test_units_alone_in_their_cluster_are_independent_units() -> None:
    alone = concentration(np.repeat(np.eye(4, dtype=int), [20, 15, 10, 5], axis=0), seed=3)
    together = concentration([20, 15, 10, 5], seed=3)
    assert alone["value"].to_list() == pytest.approx(together["value"].to_list())
    assert alone["low"].to_list() == pytest.approx(together["low"].to_list(), rel=0.05)


def test_units_that_go_together_leave_more_doubt() -> None:
    of_four = concentration(np.repeat(np.eye(4, dtype=int) * 4, [10, 8, 5, 2], axis=0), seed=3).set_index("measure")
    apart = concentration([40, 32, 20, 8], seed=3).set_index("measure")
    assert (of_four["high"] - of_four["low"]).loc["herfindahl"] > 1.5 * (apart["high"] - apart["low"]).loc["herfindahl"]


@given(COUNTS, COUNTS)
def test_distances_lie_between_0_and_1_and_are_the_same_both_ways(first: list[int], second: list[int]) -> None:
    size = min(len(first), len(second))
    if sum(first[:size]) and sum(second[:size]):
        p, q = (np.array(counts[:size]) / sum(counts[:size]) for counts in (first, second))
        for distance in (jensen_shannon, dissimilarity):
            assert 0 <= float(distance(p, q)) <= 1 + 1e-12
            assert float(distance(p, q)) == pytest.approx(float(distance(q, p)))
            assert float(distance(p, p)) == 0


def periods(seed: int, shares: tuple[float, ...], cases: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(2, shares, cases)


def test_displacement_does_not_depend_on_the_order_of_cases_or_routes() -> None:
    before, after = periods(1, (0.5, 0.3, 0.2, 0.0)), periods(2, (0.2, 0.3, 0.3, 0.2))
    order = np.random.default_rng(3).permutation(60)
    found, shuffled = displacement(before, after, 1), displacement(before[order][:, ::-1], after[:, ::-1], 1)
    assert found["observed"].to_list() == pytest.approx(shuffled["observed"].to_list())
    assert found["value"].to_list() == pytest.approx(shuffled["value"].to_list(), abs=0.03)
    assert (found["p_value"] < 0.05).all()
    pd.testing.assert_frame_equal(found, displacement(before, after, 1))


def test_what_chance_adds_to_a_distance_is_mostly_taken_away() -> None:
    shares = (0.4, 0.3, 0.2, 0.1), (0.3, 0.3, 0.25, 0.15)
    found = [
        displacement(periods(2 * n, shares[0]), periods(2 * n + 1, shares[1]), n, resamples=99).set_index("measure") for n in range(25)
    ]
    for measure, truth in (("jensen_shannon", float(jensen_shannon(*shares))), ("dissimilarity", float(dissimilarity(*shares)))):
        value, observed = (np.mean([one.loc[measure, column] for one in found]) for column in ("value", "observed"))
        assert abs(value - truth) < 0.7 * (observed - truth)


def test_a_route_that_nobody_takes_changes_nothing() -> None:
    before, after = periods(1, (0.5, 0.3, 0.2)), periods(2, (0.4, 0.3, 0.3))
    wider = [np.column_stack([one, np.zeros(60, dtype=int)]) for one in (before, after)]
    pd.testing.assert_frame_equal(displacement(before, after, 1, resamples=49), displacement(wider[0], wider[1], 1, resamples=49))
    assert contributions(wider[0], wider[1], list("abcd"))["category"].sort_values().to_list() == ["a", "b", "c"]


def test_where_nothing_moved_the_distance_reaches_down_to_0() -> None:
    found = displacement(periods(1, (0.5, 0.3, 0.2)), periods(7, (0.5, 0.3, 0.2)), 1, resamples=199)
    assert (found["low"] == 0).all()
    assert (found["observed"] > 0).all()
    assert (found["p_value"] > 0.05).all()


@given(st.integers(0, 50))
def test_contributions_add_up_to_the_whole(seed: int) -> None:
    before, after = periods(seed, (0.4, 0.3, 0.2, 0.1)), periods(seed + 100, (0.1, 0.2, 0.3, 0.4))
    parts = contributions(before, after, list("abcd"))
    shares = [(one.sum(axis=0) + 0.5) / (one.sum() + 2) for one in (before, after)]
    assert parts["divergence"].sum() == pytest.approx(float(jensen_shannon(*shares)) ** 2)
    assert parts["dissimilarity"].sum() == pytest.approx(float(dissimilarity(*shares)))
    assert parts["value"].sum() == pytest.approx(0, abs=1e-12)
    assert parts["divergence"].ge(-1e-12).all()


def test_gravity_is_the_same_for_flows_in_any_order_and_finds_the_effect() -> None:
    rng = np.random.default_rng(5)
    flows = pd.DataFrame({"far": rng.normal(size=900)})
    flows["flow"] = rng.poisson(np.exp(1 - 0.5 * flows["far"]) * rng.gamma(2, 0.5, 900))
    found = gravity(flows, "flow ~ far").set_index("term")
    assert found.loc["far", "low"] < -0.5 < found.loc["far", "high"]
    assert found.loc["far", "dispersion"] > 1.5
    shuffled = gravity(flows.sample(frac=1, random_state=1), "flow ~ far").set_index("term")
    assert found.loc["far", "low"] == pytest.approx(shuffled.loc["far", "low"])


def test_the_same_flows_told_several_times_teach_nothing() -> None:
    rng = np.random.default_rng(6)
    flows = pd.DataFrame({"far": rng.normal(size=60), "pair": range(60)})
    flows["flow"] = rng.poisson(np.exp(1 - 0.5 * flows["far"]))
    once, often = (gravity(told, "flow ~ far", "pair").set_index("term") for told in (flows, pd.concat([flows] * 3, ignore_index=True)))
    assert often.loc["far", "high"] == pytest.approx(once.loc["far", "high"])
    assert often.loc["far", "p_value"] == pytest.approx(once.loc["far", "p_value"])


def test_expected_flows_add_up_and_point_at_the_flow_that_is_too_large() -> None:
    flows = made_flows()
    flows.loc[3, "flow"] = 90
    found = expected_flows(flows, "flow ~ C(origin) + C(destination)")
    assert found["residual"].idxmax() == 3
    for side in ("origin", "destination"):
        sums = found.groupby(side)[["flow", "expected"]].sum()
        assert sums["expected"].to_list() == pytest.approx(sums["flow"].to_list())


def test_a_flow_of_0_that_terms_foretell_only_together_is_found() -> None:
    terms = np.array([[1, 0, 0], [1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 1.0]])  # the second less the third
    assert separated([2, 3, 0, 4, 1], terms).tolist() == [False, False, True, False, False]
    assert not separated([2, 3, 1, 4, 1], terms).any()
    assert not separated([0, 3, 0, 4, 1], np.ones((5, 1))).any(), "a constant foretells nothing"


NODES = st.lists(st.lists(st.sampled_from("abcde"), min_size=2, max_size=4), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(NODES, st.randoms())
def test_hub_scores_are_those_of_all_shortest_paths(journeys: list[list[str]], random: object) -> None:
    scores = hub_scores(journey_graph(journeys))
    assert scores.between(0, 1).all()
    if len(scores) > 2:
        for node in scores.index:
            assert scores[node] == pytest.approx(second_way_hub(journeys, node))
    shuffled = list(journeys)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    pd.testing.assert_series_equal(scores, hub_scores(journey_graph(shuffled)))


def test_journeys_through_a_node_count_once_each() -> None:
    found = node_measures([["a", "b", "a", "c"], ["a", "b"], ["c", "b"]]).set_index("node")
    assert found["journeys"].to_dict() == {"a": 2, "b": 3, "c": 2}
    assert found["between"].to_dict() == {"a": 1, "b": 1, "c": 0}
    assert found["starting"].to_dict() == {"a": 2, "b": 0, "c": 1}
    assert found["ending"].to_dict() == {"a": 0, "b": 2, "c": 1}
    assert found.loc["a", "value"] == pytest.approx(2 / 3)
    assert (found["flag"] == "small_n").all()


def test_the_order_of_hubs_is_less_sure_where_few_cases_make_it() -> None:
    journeys = [["a", "b", "c"]] * 6 + [["a", "d", "e"]] * 6 + [["f", "d", "c"]] * 2
    alone, in_cases = rank_stability(journeys, 1), rank_stability(journeys, 1, clusters=[f"c{n // 2 if n < 8 else n}" for n in range(14)])
    assert alone.set_index("node").loc["d", "value"] == 1
    assert alone["in_top"].between(0, 1).all()
    assert (in_cases["low"] <= in_cases["value"]).all()
    pd.testing.assert_frame_equal(alone, rank_stability(journeys, 1))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30).filter(lambda rows: sum(map(sum, rows)) > 0))
def test_clusters_never_narrow_an_interval(rows: list[tuple[int, int]]) -> None:
    if sum(sum(row) > 0 for row in rows) < 2:
        return
    has = np.repeat([True, False] * len(rows), [count for row in rows for count in row])
    found = clustered_proportion(has, np.repeat(range(len(rows)), [sum(row) for row in rows]))
    plain = proportion(int(has.sum()), len(has))
    assert found.value == plain.value
    assert found.low <= plain.low + 1e-12  # type: ignore[operator]
    assert found.high >= plain.high - 1e-12  # type: ignore[operator]
    assert mean_design_effect(rows) == pytest.approx(mean_design_effect([row[::-1] for row in rows][::-1]))


FEW = np.eye(3, dtype=int)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: concentration([3, 2, 1], 1, top=1), "6 independent units .* at least 10"),
        (lambda: concentration([30, 2, 1], 1, top=3), "take 1 to 2"),
        (lambda: concentration([1] * 12, 1), "nothing is concentrated"),
        (lambda: concentration([[1, 0.5]] * 12, 1, top=1), "whole"),
        (lambda: concentration([5, -1, 9], 1, top=1), "not negative"),
        (lambda: concentration_bounds([0, 0], [0, 0]), "all counts are zero"),
        (lambda: concentration_bounds([0.5], [2.5]), "whole"),
        (lambda: concentration_bounds([3], [2]), "low <= high"),
        (lambda: concentration_bounds([3], [4], top=0), "take 1 or more"),
        (lambda: concentration_bounds([3], [4], unplaced=(2, 1)), r"\(2, 1\)"),
        (lambda: displacement(FEW, FEW, 1), "3 and 3 cases"),
        (lambda: displacement(np.ones((12, 2)), np.ones((12, 3)), 1), "same categories"),
        (lambda: displacement(np.ones((12, 1)), np.ones((12, 1)), 1), "nothing could be displaced"),
        (lambda: displacement(np.ones((12, 2)), np.ones((12, 2)), 1, smoothing=-1), "not -1"),
        (lambda: contributions(np.ones((12, 2)), np.ones((12, 2)), ["a"]), "2 categories have 1 names"),
        (lambda: gravity(made_flows().head(20), "flow ~ near"), "20 flows are too few"),
        (lambda: gravity(made_flows().assign(flow=-1), "flow ~ near"), "0 or more"),
        (lambda: gravity(made_flows().assign(near=np.nan), "flow ~ near"), "near is missing"),
        (lambda: gravity(made_flows().assign(far=lambda f: 2 * f["near"]), "flow ~ near + far"), "cannot be told apart"),
        (lambda: gravity(made_flows(), "flow ~ near", "origin"), "7 clusters are too few"),
        (
            lambda: gravity(made_flows().assign(one=lambda f: (f.index == 5) * 1, flow=lambda f: f["flow"] * (f.index != 5)), "flow ~ one"),
            "rows 5",
        ),
        (lambda: gravity(made_flows().head(30), "flow ~ C(origin) * C(destination)"), "a term are needed"),
        (lambda: journey_graph([]), "made from journeys"),
        (lambda: journey_graph([PATH, []]), "one node or more"),
        (lambda: network_summary(journey_graph([["a"]])), "there is no network"),
        (lambda: node_measures([PATH, PATH], ["x"]), "cluster each"),
        (lambda: rank_stability([PATH] * 30, 1, clusters=["x", "y", "z"] * 10), "3 cases or journeys"),
        (lambda: mean_design_effect([[3, 2]]), "1 cluster"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(call: object, message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        call()  # type: ignore[operator]
