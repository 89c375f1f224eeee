"""Concentration, displacement, gravity, networks of journeys, and shares of units in clusters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import networkx as nx
import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon

from tests.known_answers import KnownAnswer
from turquesa_stats.methods.cluster_counts import mean_design_effect
from turquesa_stats.methods.concentration import concentration
from turquesa_stats.methods.concentration_bounds import concentration_bounds
from turquesa_stats.methods.displacement import contributions, displacement, dissimilarity, jensen_shannon
from turquesa_stats.methods.gravity import expected_flows, gravity, separated
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.networks import hub_scores, journey_graph, network_summary, node_measures, rank_stability

PATH = ["a", "b", "c", "d", "e"]
STAR = [[end, "hub", other] for end in "abcd" for other in "abcd" if end != other]
PERIODS = (np.repeat(np.eye(3), [20, 10, 10], axis=0), np.repeat(np.eye(3), [10, 10, 20], axis=0))


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    yield from _concentration()
    yield from _concentration_bounds()
    yield from _displacement()
    yield from _gravity()
    yield from _networks()
    yield from _clusters()


def _concentration() -> Iterator[KnownAnswer]:
    counts = [40, 30, 20, 10]
    units = np.repeat(np.arange(4), counts)
    pairs = [(i, j) for i in range(100) for j in range(100) if i != j]
    alike = sum(units[i] == units[j] for i, j in pairs) / len(pairs)
    for measure, known in (("herfindahl", alike), ("effective_number", 1 / alike), ("top_share", 0.9)):
        yield KnownAnswer(
            f"{measure} without bias",
            "methods.concentration.concentration",
            "second way: every pair of units (Simpson 1949)",
            "40, 30, 20, 10 of 100",
            float(known),
            lambda measure=measure: _of(concentration(counts, seed=1), measure, "value"),
            1e-12,
        )
    clusters = [[2, 1, 0], [0, 2, 1], [3, 0, 0], [1, 1, 1], [0, 0, 2]] * 2
    between = [(one, other) for i, one in enumerate(clusters) for j, other in enumerate(clusters) if i != j]
    alike = sum(np.dot(one, other) for one, other in between) / sum(sum(one) * sum(other) for one, other in between)
    yield KnownAnswer(
        "Herfindahl index of units in clusters",
        "methods.concentration.concentration",
        "second way: every pair of units of different clusters",
        "10 clusters, 3 categories",
        float(alike),
        lambda: _of(concentration(clusters, seed=1, top=1), "herfindahl", "value"),
        1e-12,
    )


def _concentration_bounds() -> Iterator[KnownAnswer]:
    low, high = (6, 0, 0, 3), (6, 4, 4, 5)
    every = list(product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))))
    index = [sum(x * x for x in one) / sum(one) ** 2 for one in every]
    share = [sum(sorted(one)[-2:]) / sum(one) for one in every]
    for measure, values in (("herfindahl", index), ("effective_number", [1 / one for one in index]), ("top_share", share)):
        for end, extreme in (("low", min), ("high", max)):
            yield KnownAnswer(
                f"bounds of {measure} with censored counts, {end}",
                "methods.concentration_bounds.concentration_bounds",
                "second way: every completion (Manski 2003)",
                "6, 0-4, 0-4, 3-5; two largest",
                float(extreme(values)),
                lambda measure=measure, end=end: _of(concentration_bounds(low, high, top=2), measure, end),
                1e-12,
            )


def _displacement() -> Iterator[KnownAnswer]:
    p, q = [0.5, 0.3, 0.2, 0.0], [0.1, 0.3, 0.2, 0.4]
    yield KnownAnswer(
        "Jensen-Shannon distance, base 2",
        "methods.displacement.jensen_shannon",
        "scipy.spatial.distance.jensenshannon(base=2)",
        "0.5, 0.3, 0.2, 0 and 0.1, 0.3, 0.2, 0.4",
        float(jensenshannon(p, q, base=2)),
        lambda: float(jensen_shannon(p, q)),
        1e-12,
    )
    yield KnownAnswer(
        "index of dissimilarity",
        "methods.displacement.dissimilarity",
        "by hand: half of 0.4 + 0.4 (Duncan and Duncan 1955)",
        "0.5, 0.3, 0.2, 0 and 0.1, 0.3, 0.2, 0.4",
        0.4,
        lambda: float(dissimilarity(p, q)),
        1e-12,
    )
    for measure, known in (
        ("jensen_shannon", float(jensenshannon([20.5, 10.5, 10.5], [10.5, 10.5, 20.5], base=2))),
        ("dissimilarity", 10 / 41.5),
    ):
        yield KnownAnswer(
            f"displacement, {measure} observed, 0.5 added to each count",
            "methods.displacement.displacement",
            "scipy.spatial.distance.jensenshannon(base=2)" if measure == "jensen_shannon" else "by hand: 10 of 41.5",
            "20, 10, 10 and 10, 10, 20",
            known,
            lambda measure=measure: _of(displacement(*PERIODS, seed=1, resamples=99), measure, "observed"),
            1e-12,
        )
    yield KnownAnswer(
        "contributions to the squared Jensen-Shannon distance add up to it",
        "methods.displacement.contributions",
        "scipy.spatial.distance.jensenshannon(base=2), squared",
        "20, 10, 10 and 10, 10, 20",
        float(jensenshannon([20.5, 10.5, 10.5], [10.5, 10.5, 20.5], base=2)) ** 2,
        lambda: float(contributions(*PERIODS, ["a", "b", "c"])["divergence"].sum()),
        1e-12,
    )


def made_flows() -> pd.DataFrame:
    """Return flows between seven places, of which none is 0."""
    rng = np.random.default_rng(7)
    pairs = [(start, end) for start in "abcdefg" for end in "abcdefg" if start != end]
    return pd.DataFrame(pairs, columns=["origin", "destination"]).assign(flow=1 + rng.poisson(6, len(pairs)), near=rng.random(len(pairs)))


def _gravity() -> Iterator[KnownAnswer]:
    flows = made_flows()
    for side in ("origin", "destination"):
        for place in "ad":
            yield KnownAnswer(
                f"gravity with origin and destination effects: expected flows of one {side} add up to those observed",
                "methods.gravity.expected_flows",
                "closed form: score equations of the effects (Fally 2015)",
                f"7 places, {side} {place}",
                float(flows.loc[flows[side].eq(place), "flow"].sum()),
                lambda side=side, place=place: float(
                    expected_flows(flows, "flow ~ near + C(origin) + C(destination)").groupby(side)["expected"].sum()[place]
                ),
                1e-6,
            )
    border = flows.assign(border=(flows["near"] < 0.5).astype(int))
    means = border.groupby("border")["flow"].mean()
    yield KnownAnswer(
        "Poisson pseudo maximum likelihood, one yes-no term",
        "methods.gravity.gravity",
        "closed form: log of the ratio of two means",
        "42 flows",
        float(np.log(means[1] / means[0])),
        lambda: float(gravity(border, "flow ~ border").set_index("term").loc["border", "value"]),
        1e-8,
    )
    yield KnownAnswer(
        "flows of 0 foretold by the terms",
        "methods.gravity.separated",
        "by hand: the second term is 1 at two flows of 0 and 0 elsewhere",
        "flows 3, 1, 0, 0, 2, 0",
        2.0,
        lambda: float(separated([3, 1, 0, 0, 2, 0], [[1, 0], [1, 0], [1, 1], [1, 1], [1, 0], [1, 0]]).sum()),
        0,
    )


def _networks() -> Iterator[KnownAnswer]:
    for place, node in enumerate(PATH):
        yield KnownAnswer(
            "hub score on a path",
            "methods.networks.hub_scores",
            "closed form: before x after, over (n - 1)(n - 2)",
            f"place {place + 1} of 5",
            place * (4 - place) / 12,
            lambda node=node: float(hub_scores(journey_graph([PATH]))[node]),
            1e-12,
        )
    yield KnownAnswer(
        "hub score of the centre of a star",
        "methods.networks.hub_scores",
        "closed form: it is between all others",
        "4 ends, both directions",
        1.0,
        lambda: float(hub_scores(journey_graph(STAR))["hub"]),
        1e-12,
    )
    yield KnownAnswer(
        "journeys on an arrow, each once",
        "methods.networks.journey_graph",
        "by hand",
        "a-b-a-b, a-b, b-a",
        2.0,
        lambda: float(journey_graph([["a", "b", "a", "b"], ["a", "b"], ["b", "a"]]).edges["a", "b"]["journeys"]),
        0,
    )
    through = [["a", "b"]] * 12 + [["b", "c"]] * 8
    for end in ("value", "low", "high"):
        yield KnownAnswer(
            f"share of journeys through a node, {end}",
            "methods.networks.node_measures",
            "second way: Wilson interval",
            "12 of 20",
            float(getattr(proportion(12, 20), end)),
            lambda end=end: float(node_measures(through).set_index("node").loc["a", end]),
            1e-12,
        )
    for measure, known in (("reciprocity", 2 / 3), ("flow_reciprocity", 2 / 5), ("components", 1.0)):
        yield KnownAnswer(
            f"{measure} of a network",
            "methods.networks.network_summary",
            "by hand",
            "3 journeys a-b, 1 b-a, 1 b-c",
            known,
            lambda measure=measure: _of(network_summary(journey_graph([["a", "b"]] * 3 + [["b", "a"], ["b", "c"]])), measure, "value"),
            1e-12,
        )
    yield KnownAnswer(
        "rank of the hub, when every journey is the same",
        "methods.networks.rank_stability",
        "closed form: every sample has the same order",
        "12 journeys a-b-c",
        1.0,
        lambda: _of(rank_stability([["a", "b", "c"]] * 12, seed=1, resamples=20), "b", "high", "node"),
        0,
    )


def second_way_hub(journeys: list[list[str]], node: str) -> float:
    """Return the hub score by listing all shortest paths (second way)."""
    graph = journey_graph(journeys)
    others = [one for one in graph if one != node]
    total = 0.0
    for start, end in product(others, others):
        if start != end and nx.has_path(graph, start, end):
            paths = list(nx.all_shortest_paths(graph, start, end, weight="distance"))
            total += sum(node in path for path in paths) / len(paths)
    return total / (len(others) * (len(others) - 1))


def _clusters() -> Iterator[KnownAnswer]:
    yield KnownAnswer(
        "design effect where all units of a cluster are alike",
        "methods.cluster_counts.mean_design_effect",
        "closed form: units a cluster, times m / (m - 1)",
        "20 clusters of 4",
        4 * 20 / 19,
        lambda: mean_design_effect([[4, 0], [0, 4]] * 10),
        1e-12,
    )


def _of(found: pd.DataFrame, name: str, column: str, key: str = "measure") -> float:
    return float(found.set_index(key).loc[name, column])
