"""What the tables of operations, cooperation, training, services and journeys cover: for which country and year reports can be made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from turquesa_stats.schema.regions import AMERICAS

_ON_ROUTES = ("border_encounters", "som_migrants_detected")
Covered = tuple[str, "pd.Series[str]", "pd.Series[pd.Timestamp]"]


def activity_coverage(files: Mapping[str, Path], public: Collection[str]) -> Iterator[Covered]:
    """
    Yield each need with countries and dates, row by row.

    Parameters
    ----------
    files : mapping of str to Path
        The workspace's tables.
    public : collection of str
        Sources whose rows may reach a page.
    """

    def rows(name: str, *columns: str) -> pd.DataFrame:
        if name not in files:
            return pd.DataFrame(columns=[*columns, "source_id"])
        table = pd.read_parquet(files[name], columns=[*columns, "source_id"])
        return table[table["source_id"].isin(public)]

    every = rows("operation", "op_id", "start")
    yield "operation", pd.Series(AMERICAS, index=every.index), every["start"]  # results are of all countries together: of no smaller region
    operation = every.merge(rows("operation_country", "op_id", "iso3", "took_part"), on="op_id")
    operation = operation[operation["took_part"].eq("Y")]
    yield "operation", operation["iso3"], operation["start"]
    taken = rows("training_participation", "part_id", "act_id").merge(rows("participant", "part_id", "iso3"), on="part_id")
    taken = taken.merge(rows("training_activity", "act_id", "start"), on="act_id")
    yield "training_participation", taken["iso3"], taken["start"]
    stat = rows("official_stat", "ref_area", "indicator", "period_end", "conflict")
    counted = stat[stat["indicator"].isin(_ON_ROUTES) & ~stat["conflict"].astype("bool")]  # fiscal years among them
    yield "border_encounters", counted["ref_area"], counted["period_end"]
    case = rows("case", "country_report")
    if len(case):
        of_source = case.drop_duplicates()
        request = rows("coop_request", "iso3_from", "iso3_to", "sent_on").merge(of_source, on="source_id")
        own = request["country_report"].eq(request["iso3_from"]) | request["country_report"].eq(request["iso3_to"])
        yield "coop_request", request.loc[own, "country_report"], request.loc[own, "sent_on"]
        leg = rows("route_leg", "journey_id", "depart_on").dropna(subset="depart_on")
        journey = leg.sort_values("depart_on").drop_duplicates("journey_id").merge(of_source, on="source_id")
        yield "route_leg", journey["country_report"], journey["depart_on"]
