"""Blocks on operational support: operations and their published results, requests for cooperation and their answers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from babel.dates import format_date

from turquesa_stats.disclosure.gate import without_hidden
from turquesa_stats.measures import operations as measured
from turquesa_stats.methods.waiting_times import waiting_quantile
from turquesa_stats.present import blocks, figures, markdown, numbers
from turquesa_stats.reporting.activity_tables import DIRECTIONS, counted
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.regions import countries_of, is_region

_ANSWERED = ("EXECUTED", "PARTIAL", "REFUSED")
_SHOWN = ("arrests_total", "victims_potential")


def results_of_operations(report: Report) -> list[str]:
    """Operations up to the end of the period, where they were led from, by which networks, and whether the country is named."""
    words = report.words
    parts = [markdown.heading(words("section.operation_list"), "operation-list")]
    found = measured.operations(report.tables, report.country, report.period)
    if found.empty:
        return parts + report.gap("operations")
    table = report.publish_official(found)
    columns = [
        ("operation", "l", _name),
        ("days", "l", lambda row: f"{_day(row['start'], report)} – {_day(row['end'], report)}"),
        ("coordination", "l", lambda row: row["coordination_places"] if pd.notna(row["coordination_places"]) else words("number.unknown")),
        ("networks", "l", lambda row: _networks(row, report)),
        ("named", "r", lambda row: numbers.integer(row["named"], words)),
    ]
    if is_region(report.country):
        columns.append(("named_here", "r", lambda row: numbers.integer(row["named_here"], words)))
    else:
        columns.append(("took_part", "l", lambda row: words("operations.named" if row["took_part"] else "operations.not_named")))
    under = blocks.note(table, words, ["note.named"])
    text = words("caption.operation_list_region" if is_region(report.country) else "caption.operation_list", **report.place)
    return [*parts, words("operations.scope"), blocks.data_table(table, columns, "operation-list", text, under, words), *_results(report)]


def by_network(report: Report) -> list[str]:
    """The results of the operations in which a source names a network, crime by crime; which networks no source names."""
    words = report.words
    parts = [markdown.heading(words("section.operation_networks"), "operation-networks")]
    found, told = measured.by_network(report.tables, report.country, report.period)
    if told.empty:
        return parts + report.gap("operation_networks")
    table = report.publish_official(told)
    cross = blocks.cross_table(
        table,
        ("network", lambda row: f"{words.label('network', row['network'])}: {_name(row)} ({row['year']})"),
        ("result", lambda row: words.label("operation_metric", row["metric"])),
        lambda row: _value(row, report),
        "operation-networks",
        words("caption.operation_networks"),
        blocks.note(table, words, ["note.networks", "note.qualifiers"]),
        words,
    )
    unnamed = [words.label("network", code) for code in measured.NETWORKS if code not in found]
    said = [words("operations.networks_unnamed", names="; ".join(unnamed))] if unnamed else []
    return [*parts, words("operations.networks"), cross, *said]


def _name(row: dict[Any, Any]) -> str:
    return f"{row['name']} {row['edition'] or ''}".strip()


def _day(value: Any, report: Report) -> str:
    return str(format_date(value, "medium", locale=report.language))


def _networks(row: dict[Any, Any], report: Report) -> str:
    named = [report.words.label("network", code) for code in str(row["networks"]).split(";") if code]
    return "; ".join(named) or report.words("number.unknown")


def _value(row: dict[Any, Any], report: Report) -> str:
    """Write a result with the publisher's own qualifier."""
    number = numbers.integer(float(row["obs_value"]), report.words)
    return number if row["value_qual"] == "EXACT" else f"{report.words.label('value_qual', row['value_qual'])} {number}"


def _metric(row: dict[Any, Any], report: Report) -> str:
    label = report.words.label("operation_metric", row["metric"])
    return f"{label} (USD)" if row["unit_measure"] == "USD" else label


def _results(report: Report) -> list[str]:
    words = report.words
    found = measured.results(report.tables, report.period)
    if found.empty:
        return report.gap("operations")
    last = found[found["start"].eq(found["start"].max())]
    told = [f"{words.label('operation_metric', row['metric'])}: {_value(row, report)}" for row in _rows(last, measured.PEOPLE)]
    newest = last.iloc[0].to_dict()
    said = words("operations.lead", name=markdown.plain(_name(newest)), year=int(newest["year"]), figures="; ".join(told))
    table = report.publish_official(found)
    cross = blocks.cross_table(
        table,
        ("result", lambda row: _metric(row, report)),
        ("operation", lambda row: f"{_name(row)} ({row['year']})"),
        lambda row: _value(row, report),
        "operation-results",
        words("caption.operation_results"),
        blocks.note(table, words, ["note.qualifiers"]),
        words,
    )
    drawn = found[found["metric"].isin(_SHOWN)].reset_index(drop=True)
    series = report.publish_official(drawn)
    picture = figures.years(series, lambda row: words.label("operation_metric", row["metric"]), words)
    under = blocks.note(series, words, ["method.garwood", "note.qualifiers"])
    chart = blocks.figure(picture, series, "operation-years", words("caption.operation_years"), under, words)
    return [markdown.heading(words("section.operation_results"), "operation-results"), said, chart, cross]


def _rows(found: pd.DataFrame, metrics: tuple[str, ...]) -> list[dict[Any, Any]]:
    return [row for metric in metrics for row in found[found["metric"].eq(metric)].to_dict("records")]


def arrests(report: Report) -> list[str]:
    """Arrests for trafficking and for smuggling apart from other arrests, and the results published for the country alone."""
    words = report.words
    parts = [
        markdown.heading(words("section.operation_arrests"), "operation-arrests"),
        markdown.notice(words("justice.presumption"), "caution"),
    ]
    every = measured.results(report.tables, report.period)
    own = measured.results(report.tables, report.period, *countries_of(report.country))
    both = pd.concat([table for table in (every, own) if len(table)] or [pd.DataFrame()], ignore_index=True)
    told = both[both["metric"].isin(measured.ARRESTS)].reset_index(drop=True) if len(both) else both
    if told.empty:
        return parts + report.gap("operations")
    told = told.assign(alone=told["iso3"].ne(TOTAL)).sort_values(["start", "alone", "iso3", "order"], ascending=[False, True, True, True])
    table = report.publish_official(told.reset_index(drop=True))
    cross = blocks.cross_table(
        table,
        ("operation", lambda row: f"{_name(row)} ({row['year']}), {_area(row, report)}"),
        ("result", lambda row: words.label("operation_metric", row["metric"])),
        lambda row: _value(row, report),
        "operation-arrests",
        words("caption.operation_arrests", **report.place),
        blocks.note(table, words, ["note.qualifiers", "note.arrests"]),
        words,
    )
    return [*parts, words("operations.arrests"), cross, *_of_country(report, own)]


def _area(row: dict[Any, Any], report: Report) -> str:
    return report.words("operations.all_countries") if row["iso3"] == TOTAL else report.words.country(row["iso3"])


def _of_country(report: Report, own: pd.DataFrame) -> list[str]:
    words = report.words
    of_region = is_region(report.country)
    heading = "section.operation_countries" if of_region else "section.operation_country"
    parts = [markdown.heading(words(heading), "operation-country")]
    if own.empty:
        return parts + report.gap("operation_country")
    table = report.publish_official(own.sort_values(["start", "iso3", "order"], ascending=[False, True, True], ignore_index=True))
    columns = [
        *([("country", "l", lambda row: words.country(row["iso3"]))] if of_region else []),
        ("operation", "l", lambda row: f"{_name(row)} ({row['year']})"),
        ("result", "l", lambda row: _metric(row, report)),
        ("count", "r", lambda row: _value(row, report)),
    ]
    under = blocks.note(table, words, ["note.qualifiers"])
    text = words("caption.operation_countries" if of_region else "caption.operation_country", **report.place)
    return [*parts, blocks.data_table(table, columns, "operation-country", text, under, words)]


def cooperation(report: Report) -> list[str]:
    """Requests for cooperation by kind and direction, what came of them, and how long answers took."""
    words = report.words
    parts = [markdown.heading(words("section.cooperation"), "cooperation")]
    units = report.units("requests")
    if units.empty:
        return parts + report.gap("cooperation")
    by_kind = without_hidden(report.publish_cases(counted("requests", units), "requests"), "kind")
    text = words("caption.requests", **report.place)
    cross = blocks.cross_table(
        by_kind,
        ("request", lambda row: words("step.ALL") if row["kind"] == TOTAL else words.label("coop_kind", row["kind"])),
        ("step", lambda row: words(f"step.{row['step']}")),
        lambda row: _count(row, report),
        "requests",
        text,
        blocks.note(by_kind, words, ["note.requests"]),
        words,
    )
    return [*parts, report.of_cases(words("requests.text"), "requests"), cross, *_directions(report, units)]


def _count(row: dict[Any, Any], report: Report) -> str:
    return numbers.count({"count": row["count"], "flag": row["flag"] if pd.isna(row["count"]) else ""}, report.words)


def _directions(report: Report, units: pd.DataFrame) -> list[str]:
    words = report.words
    table = report.publish_cases(counted("request-directions", units), "request-directions")
    cross = blocks.cross_table(
        table,
        ("direction", lambda row: words(f"step.{row['direction']}")),
        ("step", lambda row: words(f"step.{row['step']}")),
        lambda row: _count(row, report),
        "request-directions",
        words("caption.request_directions", **report.place),
        blocks.note(table, words),
        words,
    )
    times = report.publish_cases(answer_times(report, units), "request-times")
    columns = [
        ("direction", "l", lambda row: words(f"step.{row['direction']}")),
        ("answered", "r", lambda row: _count(row, report)),
        ("median_days", "r", lambda row: numbers.count(row, words)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
    ]
    under = blocks.note(times, words, ["method.waiting"])
    text = words("caption.request_times", **report.place)
    return [cross, blocks.data_table(times, columns, "request-times", text, under, words)]


def answer_times(report: Report, units: pd.DataFrame) -> pd.DataFrame:
    """
    Return the median days until a request is answered by direction, those still open counted as waiting (indicator D12).

    Requests withdrawn leave at an unknown day and are left out; open ones are followed to the end of the year after the period.
    """
    rows = counted("request-times", units)
    last = pd.Timestamp(report.period.end) + pd.DateOffset(years=1)
    found = []
    for direction in DIRECTIONS:
        own = units[units["direction"].eq(direction) & units["state"].isin((*_ANSWERED, "PENDING"))]
        answered = own["answered_on"].notna() & own["answered_on"].le(last)
        days = (own["answered_on"].where(answered, last) - own["sent_on"]).dt.days
        enough = int(answered.sum()) >= 2 * report.policy.k_accused
        median = waiting_quantile(days.to_list(), answered.to_list(), 0.5, "days") if enough else None
        found.append(
            {
                "value": median.value if median else None,
                "low": median.low if median else None,
                "high": median.high if median else None,
                "unit": "days",
                "method": "kaplan-meier, log-log",
                "flag": "",
            }
        )
    return rows.join(pd.DataFrame(found))
