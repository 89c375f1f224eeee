"""The quality of the data: what is known and what is not, where sources disagree, break or contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from turquesa_stats.measures import official
from turquesa_stats.methods.intervals import count
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.completion import PRECISION, WHY_EMPTY
from turquesa_stats.schema.tables import Field, FieldType, table_schema

STATES = ("known", "unknown", "not_asked", "not_applicable", "empty")
STATE_OF_CODE = {"_U": "unknown", "_UNK": "unknown", "_N": "not_asked", "_Z": "not_applicable"}
_TECHNICAL = ("source_id", "record_version", "loaded_at", "sens", "dup_no", "conflict", "source_sheet", "source_row")
_LINKS = (
    ("case_id", "case"),
    ("victim_id", "victim"),
    ("smuggled_id", "smuggled_person"),
    ("charge_id", "charge"),
    ("accused_id", "case_accused"),
)
_AREAS = (("country_report", "opened_on"), ("ref_area", "period_start"), ("iso3", "start"), ("iso3", "valid_from"), ("iso3", None))
_ALWAYS = Period.parse("1900/2999")
_JUMP = 2.0  # times: a change that the reader should be told to look at


def completeness(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Return how much of each field is known, by country and year (indicator A35).

    Returns
    -------
    DataFrame
        ``table, field, country, year, n`` and the number of rows in each of :data:`STATES`, which add up to ``n``. Country and year are
        those of the case, or of the figure; empty where a table has none.
    """
    found = []
    for name, table in tables.items():
        if table.empty:
            continue
        where = _country_and_year(name, tables)
        for field in table_schema(name).fields:
            if not _is_told(field, name):
                continue
            state = _state(table, field)
            tally = pd.crosstab([where["country"], where["year"]], state).reindex(columns=list(STATES), fill_value=0)
            found.append(tally.assign(table=name, field=field.name, n=tally.sum(axis="columns")).reset_index())
    columns = ["table", "field", "country", "year", "n", *STATES]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _is_told(field: Field, table: str) -> bool:
    names = table_schema(table).field_names
    describes = any(field.name.endswith(end) and field.name.removesuffix(end) in names for end in (PRECISION, WHY_EMPTY))
    is_key = field.name.endswith("_id") or field.name in table_schema(table).key
    return not describes and not is_key and field.name not in _TECHNICAL


def _state(table: pd.DataFrame, field: Field) -> pd.Series[str]:
    """Return in which of the states each value is; a date or number that is empty says why in the field beside it."""
    values = table[field.name]
    told_by = {FieldType.DATE: f"{field.name}{PRECISION}"}.get(field.type, f"{field.name}{WHY_EMPTY}")
    why = table.get(told_by, values if field.type is FieldType.CATEGORY else None)
    state = pd.Series("known", index=table.index, dtype="object").mask(values.isna(), "empty")
    return state if why is None else why.map(STATE_OF_CODE).fillna(state)


def _country_and_year(name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the country and year of each row of a table, through its links to the case."""
    table = tables[name]
    for area, start in _AREAS:
        if area in table and (start is None or start in table):
            year = table[start].dt.year.map(_year_text) if start is not None else table["year"].map(str) if "year" in table else ""
            return pd.DataFrame({"country": table[area].fillna(""), "year": year}, index=table.index)
    for key, parent in _LINKS:
        if key in table and parent in tables and parent != name and len(tables[parent]):
            of_parent = _country_and_year(parent, tables).assign(**{key: tables[parent][key]}).drop_duplicates(key)
            return table[[key]].merge(of_parent, on=key, how="left").set_axis(table.index)[["country", "year"]].fillna("")
    return pd.DataFrame({"country": "", "year": ""}, index=table.index)


def _year_text(year: float) -> str:
    return "" if pd.isna(year) else f"{int(year)}"


def reconciliation(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Compare the yearly totals that different agencies give for one country, concept and unit (indicator A34).

    Returns
    -------
    DataFrame
        ``country, concept, year, unit_measure, smallest, largest, ratio, difference, agencies``; equal totals have ratio 1.
    """
    found = [official.agreement(yearly, _ALWAYS).assign(country=country, concept=concept) for country, concept, yearly in _series(tables)]
    columns = ["country", "concept", "year", "unit_measure", "smallest", "largest", "ratio", "difference", "agencies"]
    told = [part for part in found if len(part)]
    return pd.concat(told, ignore_index=True)[columns] if told else pd.DataFrame(columns=columns)


def breaks(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Return where a yearly series must not be read as one line.

    Returns
    -------
    DataFrame
        ``country, concept, agency, year, kind, before, after``. Kinds: ``status`` (the source marks a break or another definition, rule
        R56), ``gap`` (years without a figure before this one), ``jump`` (at least twice or half the year before, and more than chance
        alone would change: the exact Poisson intervals are apart), ``event`` (a recorded change of law or of recording).
    """
    found = [row for country, concept, yearly in _series(tables) for row in _breaks_of(country, concept, yearly)]
    if "context_event" in tables:
        events = tables["context_event"]
        found += [
            {
                "country": event["iso3"],
                "concept": "",
                "agency": "",
                "year": event["start"].year,
                "kind": "event",
                "before": "",
                "after": event["note"],
            }
            for event in events[events["kind"].isin(["RECORDING", "LEGAL"])].to_dict("records")
        ]
    return pd.DataFrame(found, columns=["country", "concept", "agency", "year", "kind", "before", "after"])


def _breaks_of(country: str, concept: str, yearly: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for keys, line in yearly.groupby(list(official.SERIES)):
        place = {"country": country, "concept": concept, "agency": f"{keys[1]} ({keys[0]})"}
        rows = line.sort_values("year").to_dict("records")
        for row in rows:
            if row["obs_status"] in {"B", "D"}:
                yield place | {"year": row["year"], "kind": "status", "before": "", "after": _told(row)}
        for first, then in pairwise(rows):
            if then["year"] - first["year"] > 1:
                yield place | {"year": then["year"], "kind": "gap", "before": str(first["year"]), "after": str(then["year"])}
            elif _is_jump(first["value"], then["value"]):
                yield place | {"year": then["year"], "kind": "jump", "before": _told(first), "after": _told(then)}


def _is_jump(first: float, then: float) -> bool:
    if pd.isna(first) or pd.isna(then) or max(first, then) < _JUMP * max(min(first, then), 1):
        return False
    low, high = (count(int(value)) for value in sorted((first, then)))
    return high.low is not None and low.high is not None and high.low > low.high


def _told(row: Mapping[Any, Any]) -> str:
    return f"{row['value']:g}" if pd.notna(row["value"]) else f"{row['low']:g} to {row['high']:g}"


def conflicts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Return the keys for which one source gives several figures (rule R57): all kept, none published.

    Returns
    -------
    DataFrame
        ``source_id, country, time_period, indicator`` and the other dimensions, ``values`` and ``rows`` of the file.
    """
    stat = tables["official_stat"]
    clash = stat[stat["conflict"]]
    key = ["source_id", "ref_area", "time_period", "indicator", *official.DIMENSIONS]
    told = clash.assign(
        values=[_told({"value": row.obs_value, "low": row.obs_lower, "high": row.obs_upper}) for row in clash.itertuples()],
        rows=[str(row) for row in clash["source_row"]],
    )
    grouped = (
        told.groupby(key, as_index=False)[["values", "rows"]].agg("; ".join)
        if len(told)
        else told.reindex(columns=[*key, "values", "rows"])
    )
    return grouped.rename(columns={"ref_area": "country"})


def _series(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the yearly totals of each country and concept: ``year, value, low, high``, agency, unit and status."""
    publisher = tables["source"].set_index("source_id")["publisher"] if "source" in tables else pd.Series(dtype="str")
    stat = tables["official_stat"]
    told = stat.assign(publisher=stat["source_id"].map(publisher), concept=stat["indicator"].map(code_list("indicator").column("concept")))
    yearly = official.totals(official.usable(told))
    yearly = yearly[yearly["freq"].eq("A")].rename(columns={"obs_value": "value", "obs_lower": "low", "obs_upper": "high"})
    for (country, concept), rows in yearly.assign(year=yearly["period_start"].dt.year).groupby(["ref_area", "concept"]):
        yield str(country), str(concept), rows
