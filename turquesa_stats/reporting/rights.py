"""The section on victims' rights: services and their times, convictions for review, and compensation ordered against paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable, without_hidden
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS
from turquesa_stats.methods.order_statistics import quantile
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.reporting.activity_tables import ACTIVITY_TABLES, counted
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.shares import n_of
from turquesa_stats.reporting.training import count_text

_NOTHING: dict[str, float | None] = {"value": None, "low": None, "high": None}


def rights(report: Report) -> list[str]:
    """What was offered to victims and received, how long it took, convictions for review, compensation (indicators E01, E03, E04, D11)."""
    words = report.words
    parts = [markdown.heading(words("section.rights"), "rights")]
    units = report.units("services")
    told = _services(report, units) if len(units) else report.gap("rights")
    return [*parts, *told, *_reviews(report), *_compensation(report)]


def median_of(amounts: pd.Series[float], k: int, unit: str) -> dict[str, float | None]:
    """Return the median with its exact interval; none below twice the smallest count printed: it would be close to a person's own."""
    known = amounts.dropna()
    if len(known) < max(1, 2 * k):
        return _NOTHING
    found = quantile(known.tolist(), 0.5, unit)
    return {"value": found.value, "low": found.low, "high": found.high}


def with_medians(rows: pd.DataFrame, medians: list[dict[str, float | None]], unit: str) -> pd.DataFrame:
    """Return counts with a median each."""
    values = pd.DataFrame(medians, index=rows.index, columns=["value", "low", "high"]).astype("float64")
    return rows.join(values).assign(unit=unit, method="order statistics", flag="")


def _counted(table: PublishableTable) -> PublishableTable:
    """Return the rows whose count is shown: that of a median of too few is told elsewhere too, and to leave it out would hide nothing."""
    return replace(table, frame=table.frame[table.frame["count"].notna()].reset_index(drop=True))


def median_text(row: dict[Any, Any], report: Report) -> str:
    """Write a median; a dash where too few stand behind it."""
    if row["flag"] == "suppressed" and pd.isna(row["count"]):
        return report.words("number.suppressed")
    return "–" if pd.isna(row["value"]) else numbers.integer(row["value"], report.words)


def _services(report: Report, units: pd.DataFrame) -> list[str]:
    words, k = report.words, report.policy.k_person if report.policy.protects else 0
    table = report.publish_cases(counted("services", units), "services")
    shown = without_hidden(table, "kind")
    if shown.frame.empty:
        return report.gap("rights")
    cross = blocks.cross_table(
        shown,
        ("service", lambda row: words.label("protection", row["kind"])),
        ("step", lambda row: words(f"step.{row['step']}")),
        lambda row: count_text(row, report),
        "services",
        words("caption.services", **report.place),
        blocks.note(shown, words, ["note.services"], n_of(report, table)),
        words,
    )
    rows = counted("service-times", units)
    waited = [
        median_of(units.loc[units[f"service.{kind}"].eq("DELIVERED"), f"waited.{kind}"].astype("float64"), k, "days")
        for kind in rows["kind"]
    ]
    times = _counted(report.publish_cases(with_medians(rows, waited, "days"), "service-times"))
    columns = [
        ("service", "l", lambda row: words.label("protection", row["kind"])),
        ("persons", "r", lambda row: count_text(row, report)),
        ("median_days", "r", lambda row: median_text(row, report)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
    ]
    under = blocks.note(times, words, ["method.days_median"])
    text = words("caption.service_times", **report.place)
    return [
        report.of_cases(words("rights.text"), "services"),
        cross,
        blocks.data_table(times, columns, "service-times", text, under, words),
    ]


def _reviews(report: Report) -> list[str]:
    """How many persons charged are victims too, and how many of them were convicted: the list for review, as counts alone."""
    words, units = report.words, report.units("reviews")
    if units.empty:
        return report.gap("reviews")
    table = report.publish_cases(counted("reviews", units), "reviews")
    columns = [
        ("step", "l", lambda row: words(f"step.{row['step']}")),
        ("persons", "r", lambda row: count_text(row, report)),
    ]
    under = blocks.note(table, words, ["note.reviews"], n_of(report, table))
    text = words("caption.reviews", **report.place)
    return [report.of_cases(words("rights.reviews"), "reviews"), blocks.data_table(table, columns, "reviews", text, under, words)]


def _compensation(report: Report) -> list[str]:
    words, k = report.words, report.policy.k_accused if report.policy.protects else 0
    units = report.units("compensation")
    if units.empty:
        return report.gap("compensation")
    rows = counted("compensation", units)
    register, table_of = ACTIVITY_REGISTERS["compensation"], ACTIVITY_TABLES["compensation"]
    medians = []
    for row in rows.to_dict("records"):
        codes = table_of.cell(row)
        amount = {"ORDERED": "ordered", "PAID": "amount_paid"}.get(str(row["step"]))
        chosen = units["paid"].isin(register.members("paid", codes["paid"])) if codes else pd.Series(data=True, index=units.index)
        medians.append(median_of(units.loc[chosen, amount], k, "usd") if amount else _NOTHING)
    table = report.publish_cases(with_medians(rows, medians, "usd"), "compensation")
    columns = [
        ("step", "l", lambda row: words(f"step.{row['step']}")),
        ("persons", "r", lambda row: count_text(row, report)),
        ("median_usd", "r", lambda row: median_text(row, report)),
    ]
    under = blocks.note(table, words, ["note.compensation"])
    text = words("caption.compensation", **report.place)
    return [
        report.of_cases(words("rights.compensation"), "compensation"),
        blocks.data_table(table, columns, "compensation", text, under, words),
    ]
