"""Places as nodes and movements as arrows of a network: which nodes most journeys pass, and how sure their order is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.clusters import clustered_proportion
from turquesa_stats.methods.intervals import SMALLEST_N

Journey = Sequence[str]


def journey_graph(journeys: Sequence[Journey]) -> nx.DiGraph:
    """
    Return the directed graph of some journeys.

    Parameters
    ----------
    journeys : sequence of sequence of str
        The nodes that each journey passes, in order.

    Returns
    -------
    DiGraph
        An arrow a pair of nodes that follow one another, ``journeys`` on it (a journey counts once, however often it returns) and
        ``distance`` 1 / journeys: much used is near (Newman 2001; Opsahl, Agneessens and Skvoretz 2010).

    Raises
    ------
    MeasureRefused
        If there is no journey, or one has no node.

    Examples
    --------
    >>> journey_graph([["a", "b"], ["a", "b", "c"]]).edges["a", "b"]["journeys"]
    2
    """
    if not journeys or not all(journeys):
        raise MeasureRefused("a network is made from journeys, each of one node or more")
    graph = nx.DiGraph()
    for nodes in journeys:
        graph.add_nodes_from(nodes)
        for arrow in sorted(set(pairwise(nodes))):
            if arrow[0] != arrow[1]:
                before = graph.edges[arrow]["journeys"] if graph.has_edge(*arrow) else 0
                graph.add_edge(*arrow, journeys=before + 1, distance=1 / (before + 1))
    return graph


def hub_scores(graph: nx.DiGraph) -> pd.Series[float]:
    """
    Return the hub score of each node: betweenness on shortest paths by ``distance``, ends of the paths left out, 0 to 1 (Brandes 2001).

    A node that lies on all shortest paths between all pairs of others has 1; one where paths only begin or end has 0.

    Examples
    --------
    >>> hub_scores(journey_graph([["a", "b", "c"]])).to_dict()
    {'a': 0.0, 'b': 0.5, 'c': 0.0}
    """
    scores = nx.betweenness_centrality(graph, weight="distance", normalized=True, endpoints=False)
    return pd.Series(scores, dtype="float64").sort_index()


def node_measures(journeys: Sequence[Journey], clusters: Sequence[str] | None = None, confidence: float = 0.95) -> pd.DataFrame:
    """
    Return what each node is to some journeys.

    Parameters
    ----------
    journeys : sequence of sequence of str, length n
        As in :func:`journey_graph`.
    clusters : sequence of length n, optional
        What each journey belongs to, such as its case; by default each is on its own.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a ``node``: ``out_degree, in_degree`` (nodes after and before it), ``starting, ending`` (journeys), ``journeys`` (through
        it, at either end or between), the share of all journeys that pass it as estimate, ``between`` (journeys that pass it neither first
        nor last) and ``hub_score`` (:func:`hub_scores`). A journey counts once at a node. Shares add to more than 100 %.

    Raises
    ------
    MeasureRefused
        As :func:`journey_graph`; also if not every journey has its cluster.
    """
    graph = journey_graph(journeys)
    group = _groups(journeys, clusters)
    hub = hub_scores(graph)
    rows = []
    for node in sorted(graph):
        through = np.array([node in nodes for nodes in journeys])
        share = clustered_proportion(through, None if clusters is None else group, confidence)
        rows.append(
            {
                "node": node,
                "out_degree": graph.out_degree(node),
                "in_degree": graph.in_degree(node),
                "starting": sum(nodes[0] == node for nodes in journeys),
                "ending": sum(nodes[-1] == node for nodes in journeys),
                "journeys": int(through.sum()),
                **{name: getattr(share, name) for name in ESTIMATE_COLUMNS},
                "between": sum(node in nodes[1:-1] for nodes in journeys),
                "hub_score": float(hub[node]),
            }
        )
    return pd.DataFrame(rows)


def network_summary(graph: nx.DiGraph) -> pd.DataFrame:
    """
    Return a few numbers of a network as a whole.

    Returns
    -------
    DataFrame
        ``measure, value``: ``nodes``, ``arrows``, ``components`` (sets of nodes not joined to one another in any direction),
        ``largest_component`` (its share of nodes), ``reciprocity`` (share of arrows that have one in the opposite direction) and
        ``flow_reciprocity`` (share of journeys along arrows that is matched by as many back; Squartini et al. 2013). Of the journeys at
        hand, without interval: a network that is seen in part has more components and less reciprocity than the whole.

    Raises
    ------
    MeasureRefused
        If the network has no arrow.
    """
    if not graph.number_of_edges():
        raise MeasureRefused("no journey leads from one node to another: there is no network")
    flow = {(start, end): count for start, end, count in graph.edges(data="journeys")}
    components = list(nx.weakly_connected_components(graph))
    matched = sum(min(count, flow.get((end, start), 0)) for (start, end), count in flow.items())
    found = {
        "nodes": graph.number_of_nodes(),
        "arrows": graph.number_of_edges(),
        "components": len(components),
        "largest_component": max(map(len, components)) / graph.number_of_nodes(),
        "reciprocity": nx.overall_reciprocity(graph),
        "flow_reciprocity": matched / sum(flow.values()),
    }
    return pd.DataFrame({"measure": list(found), "value": [float(value) for value in found.values()]})


def rank_stability(
    journeys: Sequence[Journey],
    seed: int,
    top: int = 3,
    clusters: Sequence[str] | None = None,
    confidence: float = 0.95,
    resamples: int = 199,
) -> pd.DataFrame:
    """
    Return how sure the order of nodes by hub score is, by bootstrap over journeys, or over the clusters that they belong to.

    Assumes that the journeys known are a fair sample of those that could have been known; a node that none of them passes cannot come up.

    Parameters
    ----------
    journeys, clusters, confidence
        As in :func:`node_measures`.
    seed : int
        Seed of the bootstrap.
    top : int
        For how many places at the head of the order the chance to be there is told.
    resamples : int
        Bootstrap samples.

    Returns
    -------
    DataFrame
        One row a ``node``, the highest first: ``hub_score``, its rank (1 the highest; equal scores share the mean of their ranks) as
        estimate with percentile interval, unit ``rank``, and ``in_top``, the share of samples with the rank within ``top``.

    Raises
    ------
    MeasureRefused
        With fewer than 10 journeys or clusters.
    """
    group = _groups(journeys, clusters)
    members = [np.flatnonzero(group == one) for one in range(group.max() + 1)] if len(journeys) else []
    if len(members) < SMALLEST_N:
        raise MeasureRefused(f"{len(members)} cases or journeys do not show how sure an order is; at least {SMALLEST_N} are needed")
    rng = np.random.default_rng(seed)
    score = hub_scores(journey_graph(journeys))
    ranks = []
    for _ in range(resamples):
        drawn = np.concatenate([members[one] for one in rng.integers(len(members), size=len(members))])
        again = hub_scores(journey_graph([journeys[one] for one in drawn]))
        ranks.append(again.reindex(score.index, fill_value=0.0).rank(ascending=False))
    every = pd.concat(ranks, axis="columns")
    found = pd.DataFrame(
        {
            "node": score.index,
            "hub_score": score.to_numpy(),
            "value": score.rank(ascending=False).to_numpy(),
            "low": every.quantile((1 - confidence) / 2, axis="columns").to_numpy(),
            "high": every.quantile((1 + confidence) / 2, axis="columns").to_numpy(),
            "n": len(journeys),
            "unit": "rank",
            "method": "bootstrap",
            "flag": "",
            "in_top": every.le(top).mean(axis="columns").to_numpy(),
        }
    )
    return found.sort_values(["value", "node"], ignore_index=True)


def _groups(journeys: Sequence[Journey], clusters: Sequence[str] | None) -> np.ndarray:
    if clusters is None:
        return np.arange(len(journeys))
    if len(clusters) != len(journeys) or pd.isna(pd.Series(clusters, dtype="object")).any():
        raise MeasureRefused(f"{len(journeys)} journeys need a cluster each, not {len(clusters)} with some missing or too many")
    return np.asarray(pd.factorize(pd.Series(clusters, dtype="object"))[0])
