"""
Routes between countries: corridors, reach, ways, transport and papers.

All of journeys known to the authorities (:mod:`turquesa_stats.measures.journeys`): what is more often seen is not more often travelled. A
country is the smallest place told.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate
from turquesa_stats.measures.cases import known
from turquesa_stats.measures.journeys import OUTSIDE, of_one_crime, usable
from turquesa_stats.methods.clusters import clustered_proportion
from turquesa_stats.methods.missing import share_with_unknown
from turquesa_stats.schema.codes import NOT_KNOWN, TOTAL, code_list

REACHES = ("DOMESTIC", "SUBREGION", "AMERICAS", "INTO_AMERICAS", "OUT_OF_AMERICAS", OUTSIDE)
Answer = Literal["mode", "crossing", "docs", "doc_fraud_type"]
Pair = tuple[str, str]


def corridors_of(path: Sequence[str]) -> list[Pair]:
    """
    Return the corridors of a journey: each pair of countries that follow one another, once; its own country twice where it stays inside.

    Examples
    --------
    >>> corridors_of(("VEN", "COL", "ECU")), corridors_of(("PER",))
    ([('COL', 'ECU'), ('VEN', 'COL')], [('PER', 'PER')])
    """
    return sorted(set(pairwise(path))) or [(path[0], path[0])]


def corridor_use(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many of the journeys pass each corridor (indicator A10); shares add to more than 100 %.

    Parameters
    ----------
    units : DataFrame
        Journeys of one crime (:func:`turquesa_stats.measures.journeys.of_crime`).

    Returns
    -------
    DataFrame
        ``origin, destination, count`` (journeys), the share of journeys known as estimate (interval for journeys that go together in
        cases), ``unknown`` (journeys of which the way is not known) and ``lowest, highest``: the share of all, were none or all of them to
        pass.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.journeys.usable`.
    """
    way = usable(units)
    every = [corridors_of(path) for path in way["path"]]
    pairs = sorted({pair for one in every for pair in one})
    return _counted(pd.DataFrame(pairs, columns=["origin", "destination"]), [[pair in one for one in every] for pair in pairs], way, units)


def reach(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many of the journeys are domestic, within a subregion (UN M49), within the Americas, into or out of them (rule R32).

    By the countries where the journey starts and ends; a journey that leaves a country and comes back is domestic by this rule.

    Returns
    -------
    DataFrame
        ``reach`` (all of :data:`REACHES`, those without a journey too) and the columns of :func:`corridor_use`; the shares exclude one
        another.

    Raises
    ------
    MeasureRefused
        As :func:`corridor_use`.
    """
    way = usable(units)
    return _counted(pd.DataFrame({"reach": REACHES}), [way["reach"].eq(name).to_list() for name in REACHES], way, units)


def ways(units: pd.DataFrame) -> pd.DataFrame:
    """
    Return how many of the journeys take each way: country of origin, countries passed, country of destination.

    Returns
    -------
    DataFrame
        ``origin, transit, destination`` and the columns of :func:`corridor_use`, most journeys first.

    Raises
    ------
    MeasureRefused
        As :func:`corridor_use`.
    """
    way = usable(units)
    names = ["origin", "transit", "destination"]
    different = way[names].drop_duplicates().sort_values(names, ignore_index=True)
    chosen = [way[names].eq(list(one)).all(axis="columns").to_list() for one in different.itertuples(index=False)]
    return _counted(different, chosen, way, units).sort_values(["count", *names], ascending=[False, True, True, True], ignore_index=True)


def _counted(keys: pd.DataFrame, chosen: Sequence[Sequence[bool]], way: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return for each row of ``keys`` how many journeys are chosen, as share of those known and as bounds of all."""
    unknown = len(units) - len(way)
    rows = []
    for members in chosen:
        count = int(sum(members))
        bounds, _ = share_with_unknown(count, len(way), unknown)
        share = clustered_proportion(np.asarray(members), way["cluster"].to_numpy())
        rows.append({"count": count, **_columns(share), "unknown": unknown, "lowest": bounds.low, "highest": bounds.high})
    return keys.join(pd.DataFrame(rows, index=keys.index))


def _columns(estimate: Estimate) -> dict[str, object]:
    return {name: getattr(estimate, name) for name in ESTIMATE_COLUMNS}


def mix(units: pd.DataFrame, every_leg: pd.DataFrame, field: Answer, by_corridor: bool = False) -> pd.DataFrame:
    """
    Return the legs of some journeys by means of transport, crossing, papers or kind of false papers (indicator A13).

    Parameters
    ----------
    units : DataFrame
        Journeys of one crime; those of which the way is not known count too, as their legs do.
    every_leg : DataFrame
        From :func:`turquesa_stats.measures.journeys.legs`.
    field : {"mode", "crossing", "docs", "doc_fraud_type"}
        What is asked of each leg; kinds of false papers are of legs with false papers alone.
    by_corridor : bool
        Whether each pair of countries is told apart; legs of which a country is not known are then left out.

    Returns
    -------
    DataFrame
        ``origin, destination`` (``_T`` where not by corridor), ``code, count`` (legs), the share as estimate (``n`` = legs with a known
        answer; interval for legs that go together in cases), ``unknown`` (legs asked without one) and ``lowest, highest`` as in
        :func:`corridor_use`; not applicable is not unknown.

    Raises
    ------
    MeasureRefused
        If journeys of both crimes are together, or no leg has a known answer.
    """
    of_one_crime(units)
    chosen = every_leg[every_leg["journey_id"].isin(units["journey_id"]) & every_leg[field].ne("_Z")]
    if by_corridor:
        parts = [(pair, part) for pair, part in chosen.dropna(subset=["start", "end"]).groupby(["start", "end"])]
    else:
        parts = [((TOTAL, TOTAL), chosen)]
    told = [_mix_of(part, field, str(pair[0]), str(pair[1])) for pair, part in parts if known(part[field]).any()]
    if not told:
        raise MeasureRefused(f"of {len(chosen)} legs none has a known {field}: no share can be given")
    return pd.concat(told, ignore_index=True)


def _mix_of(part: pd.DataFrame, field: str, origin: str, destination: str) -> pd.DataFrame:
    answered = part[known(part[field])]
    codes = [code for code in code_list(field).codes if code not in NOT_KNOWN]
    unknown = len(part) - len(answered)
    rows = []
    for code in codes:
        members = answered[field].eq(code)
        bounds, _ = share_with_unknown(int(members.sum()), len(answered), unknown)
        share = _columns(clustered_proportion(members.to_numpy(), answered["cluster"].to_numpy()))
        rows.append({"code": code, "count": int(members.sum()), **share, "unknown": unknown, "lowest": bounds.low, "highest": bounds.high})
    found = pd.DataFrame(rows).assign(origin=origin, destination=destination)
    ordered = found.sort_values(["count", "code"], ascending=[False, True], ignore_index=True)
    return ordered[["origin", "destination", *(name for name in ordered.columns if name not in {"origin", "destination"})]]
