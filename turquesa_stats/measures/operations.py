"""Operations and their published results, each with the publisher's qualifier; regional totals and countries are never added."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.measures.official import with_estimates
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL, code_list
from turquesa_stats.schema.regions import countries_of

ARRESTS = ("arrests_total", "arrests_tip", "arrests_som", "arrests_other")
PEOPLE = ("arrests_total", "victims_potential", "migrants_irregular")
NETWORKS = ("HTEG", "ISON", "REDTRAM")
_OF_NETWORKS = (*ARRESTS, "victims_potential", "migrants_irregular")
_RESULTS = ["op_id", "iso3", "metric"]


def operations(tables: Mapping[str, pd.DataFrame], area: str, period: Period) -> pd.DataFrame:
    """
    Return the operations that had ended by the end of a period, the latest first.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace.
    area : str
        A country or a region.
    period : Period
        Its end counts.

    Returns
    -------
    DataFrame
        The fields of ``operation``, ``citation``, ``networks`` (codes joined by ``;``), ``named`` (how many countries a source names as
        taking part), ``named_here`` (how many of them are of the area) and ``took_part``, whether any is: a country that no source names
        may have taken part too.
    """
    operation = tables["operation"] if "operation" in tables else pd.DataFrame(columns=["op_id", "start", "end"])
    ended = operation[pd.to_datetime(operation["end"]).le(pd.Timestamp(period.end))]
    if ended.empty:
        return pd.DataFrame()
    country_of, network = tables["operation_country"], tables["operation_network"]
    named = country_of[country_of["took_part"].eq("Y")]
    here = named.loc[named["iso3"].isin(countries_of(area)), "op_id"].value_counts()
    return (
        _cited(ended, tables)
        .assign(
            networks=ended["op_id"].map(network.groupby("op_id")["network"].agg(";".join)).fillna(""),
            named=ended["op_id"].map(named["op_id"].value_counts()).fillna(0).astype(int),
            named_here=ended["op_id"].map(here).fillna(0).astype(int),
            took_part=ended["op_id"].isin(here.index),
        )
        .sort_values("start", ascending=False, ignore_index=True)
    )


def results(tables: Mapping[str, pd.DataFrame], period: Period, *areas: str) -> pd.DataFrame:
    """
    Return the published results of the operations that had ended by the end of a period.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace.
    period : Period
        Its end counts.
    *areas : str
        Countries; without any, the results of all participating countries together (``_T``). The two are never added.

    Returns
    -------
    DataFrame
        The fields of ``operation_result``, of a result published several times the latest version; ``name, edition, start`` of the
        operation, ``citation``, ``year``, and the value as estimate: with a qualifier it has no interval. In the order of the code list.
    """
    if "operation_result" not in tables:
        return pd.DataFrame()
    every = tables["operation_result"].merge(tables["operation"][["op_id", "name", "edition", "start", "end"]], on="op_id")
    chosen = every[every["iso3"].isin(areas or (TOTAL,)) & pd.to_datetime(every["end"]).le(pd.Timestamp(period.end))]
    chosen = chosen.sort_values("version", kind="stable").drop_duplicates(_RESULTS, keep="last")
    if chosen.empty:
        return pd.DataFrame()
    metrics = code_list("operation_metric")
    place = {code: number for number, code in enumerate(metrics.codes)}
    cited = _cited(chosen, tables).assign(
        year=pd.to_datetime(chosen["start"]).dt.year,
        unit_measure=chosen["metric"].map(metrics.column("unit")),
        obs_value=chosen["value"],
        obs_lower=chosen["value"],
        obs_upper=chosen["value"],
        obs_status=chosen["status"].map({"preliminary": "P"}).fillna("A"),
        order=chosen["metric"].map(place),
    )
    return with_estimates(cited.sort_values(["order", "start"], ignore_index=True))


def by_network(tables: Mapping[str, pd.DataFrame], area: str, period: Period) -> tuple[set[str], pd.DataFrame]:
    """
    Return the networks that sources name, and the results of the operations they are named in, for all participating countries together.

    Returns
    -------
    set of str, DataFrame
        Codes of the networks; the columns of :func:`results` and ``network``, a row for each network, operation and metric.
    """
    every, found = operations(tables, area, period), results(tables, period)
    if every.empty or found.empty:
        return set(), pd.DataFrame()
    named = every[["op_id", "networks"]].assign(network=every["networks"].str.split(";")).explode("network")
    named = named[named["network"].ne("")]
    told = named[["op_id", "network"]].merge(found[found["metric"].isin(_OF_NETWORKS)], on="op_id")
    told = told.sort_values(["network", "start", "order"], ascending=[True, False, True], ignore_index=True)
    return set(named["network"]), told


def _cited(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return rows.assign(citation=rows["source_id"].map(tables["source"].set_index("source_id")["citation"]))
