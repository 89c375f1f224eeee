"""The network of corridors between countries: its hubs, how concentrated it is, and how it changes from one period to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.journeys import usable
from turquesa_stats.measures.routes import Pair, corridors_of
from turquesa_stats.methods.concentration import concentration
from turquesa_stats.methods.displacement import SMOOTHING, contributions, displacement
from turquesa_stats.methods.networks import node_measures, rank_stability


def hubs(units: pd.DataFrame, seed: int) -> pd.DataFrame:
    """
    Return what each country is to the journeys: journeys that pass it, and its hub score with the sureness of its rank (indicator A11).

    Returns
    -------
    DataFrame
        ``country`` and the columns of :func:`methods.networks.node_measures`, with ``rank, rank_low, rank_high, in_top``
        (:func:`methods.networks.rank_stability`); without the latter four values where fewer than 10 cases or journeys tell an order.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.journeys.usable`; also if all journeys are of one case.
    """
    way = usable(units)
    paths, cluster = way["path"].to_list(), way["cluster"].to_list()
    if len(set(cluster)) < 2:
        raise MeasureRefused("all journeys are of one case: they tell one story, not which countries most journeys pass")
    found = node_measures(paths, cluster)
    names = {"value": "rank", "low": "rank_low", "high": "rank_high"}
    try:
        order = rank_stability(paths, seed, clusters=cluster).rename(columns=names)[["node", *names.values(), "in_top"]]
    except MeasureRefused:
        order = pd.DataFrame(columns=["node", *names.values(), "in_top"])
    return found.merge(order, on="node", how="left").rename(columns={"node": "country"})


def corridor_concentration(units: pd.DataFrame, seed: int, top: int = 3) -> pd.DataFrame:
    """
    Return how concentrated the journeys are on few corridors (:func:`methods.concentration.concentration`), by case.

    A journey counts once in each corridor that it passes, so that shares are of passages.
    """
    way = usable(units)
    return concentration(_passages(way, _pairs(way)), seed, top)


def displaced(before: pd.DataFrame, after: pd.DataFrame, seed: int, smoothing: float = SMOOTHING) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return how far the corridors of two periods lie apart, and which corridors make the distance (indicator A12).

    Parameters
    ----------
    before, after : DataFrame
        Journeys of one crime, the same in both, of two periods that do not overlap. A case with journeys in both counts in both, as two.
    seed, smoothing
        As in :func:`methods.displacement.displacement`; shares are of passages, one a journey and corridor.

    Returns
    -------
    DataFrame, DataFrame
        From :func:`methods.displacement.displacement` and :func:`methods.displacement.contributions`, the latter with
        ``origin, destination``.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.journeys.usable` and :func:`methods.displacement.displacement`; also if the two are of
        different crimes, or a journey is in
        both.
    """
    first, then = usable(before), usable(after)
    if set(first["crime"]) != set(then["crime"]):
        raise MeasureRefused(f"journeys of {first['crime'].iloc[0]} are not compared with those of {then['crime'].iloc[0]}")
    if first["journey_id"].isin(then["journey_id"]).any():
        raise MeasureRefused("the same journey is in both periods; take periods that do not overlap")
    pairs = sorted({*_pairs(first), *_pairs(then)})
    one, other = _passages(first, pairs), _passages(then, pairs)
    named = contributions(one, other, [">".join(pair) for pair in pairs], smoothing)
    ends = named["category"].str.split(">", expand=True)
    keyed = named.drop(columns="category").assign(origin=ends[0], destination=ends[1])
    columns = ["origin", "destination", *(name for name in named.columns if name != "category")]
    return displacement(one, other, seed, smoothing), keyed[columns]


def _pairs(way: pd.DataFrame) -> list[Pair]:
    return sorted({pair for path in way["path"] for pair in corridors_of(path)})


def _passages(way: pd.DataFrame, pairs: Sequence[Pair]) -> np.ndarray:
    """Return passages by case (rows) and corridor (columns)."""
    code, clusters = pd.factorize(way["cluster"])
    place = {pair: column for column, pair in enumerate(pairs)}
    counts = np.zeros((len(clusters), len(pairs)), dtype=int)
    for row, path in zip(code, way["path"], strict=True):
        for pair in corridors_of(path):
            counts[row, place[pair]] += 1
    return counts
