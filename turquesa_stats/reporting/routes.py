"""Blocks on routes: official counts at borders, deaths on the way, smuggled migrants and, apart, journeys of victims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable, without_hidden
from turquesa_stats.measures import official
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.reporting.activity_tables import counted
from turquesa_stats.reporting.agencies import agency_name
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.rights import median_of, median_text, with_medians
from turquesa_stats.reporting.training import count_text
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.regions import AMERICAS, countries_of

_AT_BORDERS = ("ENCOUNTERS", "MIGRANTS")
_DEATHS = ("migrant_deaths_missing", "migrant_deaths", "migrant_missing")
_LATEST = 2  # years of IOM's incidents, which are told by area and route
Name = Callable[[dict[Any, Any]], str]


def at_borders(report: Report) -> list[str]:
    """Encounters at borders (events) and irregular migrants detected (persons), as published, up to the end of the period."""
    words = report.words
    parts = [markdown.heading(words("section.borders"), "borders")]
    found = [official.totals(official.usable(report.official(concept))) for concept in _AT_BORDERS]
    every = pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)
    told = every[every["period_end"].le(pd.Timestamp(report.period.end))] if len(every) else every
    if told.empty:
        return parts + report.gap("borders")
    return [*parts, words("routes.events"), _official_table(report, told, "encounters", "caption.encounters")]


def deaths(report: Report) -> list[str]:
    """Recorded deaths and disappearances on migration routes of the Americas, by area and route: a minimum, of no single country."""
    words = report.words
    parts = [markdown.heading(words("section.deaths"), "deaths")]
    stat = report.tables["official_stat"]
    rows = stat[~stat["ref_area"].isin(countries_of(report.country)) & stat["indicator"].isin(_DEATHS)]
    cited = rows[~rows["conflict"]].join(report.tables["source"].set_index("source_id")[["publisher", "citation"]], on="source_id")
    cited = cited[cited["period_end"].le(pd.Timestamp(report.period.end))]
    told, ways = official.totals(cited), official.parts(cited, ["characteristic_code"], "ROUTE")
    if told.empty:
        return parts + report.gap("deaths")
    latest = told["ref_area"].ne(TOTAL) & told["period_end"].dt.year.le(told["period_end"].dt.year.max() - _LATEST)
    parts += [words("routes.deaths"), _official_table(report, told[~latest], "deaths", "caption.deaths", _area(report))]
    ways = ways[ways["period_end"].eq(ways["period_end"].max()) & ways["obs_value"].gt(0)]
    if ways.empty:
        return parts
    way = ("route", lambda row: words.label("migration_route", row["characteristic_code"]))
    return [*parts, _official_table(report, ways, "deaths-routes", "caption.deaths_routes", way, _area(report))]


def _area(report: Report) -> tuple[str, Name]:
    return "area", lambda row: report.words.country(AMERICAS if row["ref_area"] == TOTAL else row["ref_area"])


def _official_table(report: Report, rows: pd.DataFrame, label: str, caption: str, *further: tuple[str, Name]) -> str:
    words = report.words
    by = ["indicator", "period_start", "ref_area", "characteristic_code"]
    ordered = rows.sort_values(by, ascending=[True, False, True, True], kind="stable", ignore_index=True)
    table = report.publish_official(official.with_estimates(ordered))
    columns = [
        ("period", "l", lambda row: str(row["time_period"])),
        ("indicator", "l", lambda row: words.label("indicator", row["indicator"])),
        *((heading, "l", write) for heading, write in further),
        ("agency", "l", lambda row: agency_name(report, row)),
        ("count", "r", lambda row: numbers.count(row, words)),
    ]
    under = blocks.note(table, words, ["note.counts"])
    return blocks.data_table(table, columns, label, words(caption, **report.place), under, words)


def smuggled(report: Report) -> list[str]:
    """Smuggled migrants: who, from where, through which countries, how they paid, and the fee for the whole journey."""
    words = report.words
    parts = [markdown.heading(words("section.smuggled"), "smuggled")]
    units = report.units("smuggled")
    if units.empty:
        return parts + report.gap("smuggling")
    told = [
        _table(report, units, "smuggled-groups", lambda row: words(f"group.{row['group']}"), "group", "caption.smuggled_groups"),
        _table(report, units, "smuggled-origins", lambda row: words.country(row["code"]), "origin", "caption.smuggled_origins"),
        _table(report, units, "smuggled-passages", lambda row: words.country(row["code"]), "transit", "caption.smuggled_passages"),
        _table(report, units, "smuggled-payment", lambda row: words.label("pay", row["code"]), "payment", "caption.smuggled_payment"),
        fees(report, units),
    ]
    return [*parts, report.of_cases(words("routes.smuggled"), "smuggled"), *filter(None, told)]


def _table(report: Report, units: pd.DataFrame, name: str, write: Name, heading: str, caption: str) -> str:
    words = report.words
    rows = counted(name, units)
    key = "group" if "group" in rows else "code"
    table = without_hidden(report.publish_cases(rows, name), key)
    if table.frame.empty:
        return ""
    columns = [(heading, "l", write), ("persons", "r", lambda row: count_text(row, report))]
    text = words(caption, **report.place)
    return blocks.data_table(table, columns, name, text, _under(report, table), words)


def _under(report: Report, table: PublishableTable) -> str:
    return blocks.note(table, report.words, ["note.journeys"])


def fees(report: Report, units: pd.DataFrame) -> str:
    """Return the table of the median fee for the whole journey with the years of the prices; empty where too few tell it."""
    words, k = report.words, report.policy.k_person if report.policy.protects else 0
    rows = counted("smuggling-fees", units)
    table = report.publish_cases(with_medians(rows, [median_of(units["fee_usd"], k, "usd")], "usd"), "smuggling-fees")
    if table.frame["flag"].eq("suppressed").all():
        return ""
    years = sorted({int(year) for year in units["fee_price_year"].dropna()})
    columns = [
        ("fee", "l", lambda _: words("step.ALL")),
        ("persons", "r", lambda row: count_text(row, report)),
        ("median_usd", "r", lambda row: median_text(row, report)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
        ("price_year", "r", lambda _: ", ".join(str(year) for year in years)),
    ]
    under = blocks.note(table, words, ["note.fees"])
    return blocks.data_table(table, columns, "smuggling-fees", words("caption.smuggling_fees", **report.place), under, words)


def journeys(report: Report) -> list[str]:
    """Journeys of victims of trafficking: where they start, and whether they cross borders; apart from those of smuggled migrants."""
    words = report.words
    parts = [markdown.heading(words("section.journeys"), "journeys")]
    units = report.units("journeys")
    if units.empty:
        return parts + report.gap("flows")
    told = [
        _table(report, units, "journey-origins", lambda row: words.country(row["code"]), "origin", "caption.journey_origins"),
        _table(report, units, "journey-reach", lambda row: words(f"step.{row['code']}"), "reach", "caption.journey_reach"),
    ]
    return [*parts, report.of_cases(words("routes.journeys"), "journeys"), *filter(None, told)]
