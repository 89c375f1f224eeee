"""Blocks on training: courses, participants, completion, change of scores, mentors and follow-up."""

from __future__ import annotations

from typing import Any

import pandas as pd
from babel.dates import format_date

from turquesa_stats.disclosure.gate import without_hidden
from turquesa_stats.measures import training as measured
from turquesa_stats.measures.cases import shares
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.reporting.activity_tables import SEXES, counted
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.codes import TOTAL

_AT_LEAST = 2  # times the smallest count printed, for a mean


def count_text(row: dict[Any, Any], report: Report) -> str:
    """Write a count that stands although what follows from it may be hidden."""
    return numbers.count({"count": row["count"], "flag": row["flag"] if pd.isna(row["count"]) else ""}, report.words)


def _adults(row: dict[Any, Any], report: Report) -> str:
    return report.words("group." + {"F": "WOMEN", "M": "MEN"}.get(row["sex"], TOTAL))


def activities(report: Report) -> list[str]:
    """Courses of the period, and the modules in them, that on victims' rights first."""
    words = report.words
    parts = [markdown.heading(words("section.courses"), "courses")]
    chosen = measured.courses(report.tables, report.country, report.period) if report.has_records else pd.DataFrame()
    if chosen.empty:
        return parts + report.gap("training")
    table = report.publish_programme(chosen)
    columns = [
        ("course", "l", lambda row: row["title"]),
        ("days", "l", lambda row: " – ".join(str(format_date(row[end], "medium", locale=report.language)) for end in ("start", "end"))),
        ("hours", "r", lambda row: numbers.integer(row["hours"], words)),
        ("delivery", "l", lambda row: words.label("delivery", row["delivery"])),
        ("place", "l", lambda row: words.country(row["place_iso3"])),
        ("rights_module", "l", lambda row: words.label("yes_no", "Y" if row["with_rights"] else "N")),
    ]
    under = blocks.note(table, words)
    text = words("caption.training_activities", **report.place)
    held = blocks.data_table(table, columns, "training-activities", text, under, words)
    lacking = int((~chosen["with_rights"]).sum())
    said = words("training.rights_all") if not lacking else words("training.rights_lacking", lacking, count=numbers.integer(lacking, words))
    return [*parts, report.of_cases(said, "participants"), held, _modules(report, chosen)]


def _modules(report: Report, chosen: pd.DataFrame) -> str:
    words = report.words
    table = report.publish_programme(measured.modules(report.tables, chosen))
    columns = [
        ("module", "l", lambda row: words.label("module", row["module"])),
        ("courses", "r", lambda row: words("number.of", count=numbers.integer(row["count"], words), n=numbers.integer(row["n"], words))),
    ]
    under = blocks.note(table, words)
    return blocks.data_table(table, columns, "training-modules", words("caption.training_modules", **report.place), under, words)


def participants(report: Report) -> list[str]:
    """Participants by group and sex; completion, certificates of mentors and active mentors by sex."""
    words = report.words
    parts = [markdown.heading(words("section.participants"), "participants")]
    units = report.units("participants")
    if units.empty:
        return parts + report.gap("participants")
    table = without_hidden(report.publish_cases(counted("participants", units), "participants"), "group")
    cross = blocks.cross_table(
        table,
        ("group", lambda row: words("group._T") if row["group"] == TOTAL else words.label("trainee_group", row["group"])),
        ("sex", lambda row: _adults(row, report)),
        lambda row: count_text(row, report),
        "participants",
        words("caption.participants", **report.place),
        blocks.note(table, words, ["note.participants"]),
        words,
    )
    return [*parts, report.of_cases(words("training.participants"), "participants"), cross, *_steps(report, units)]


def _steps(report: Report, units: pd.DataFrame) -> list[str]:
    words = report.words
    rows = shares(counted("training-steps", units, lambda row: row["step"] != "TAKEN")).reset_index(drop=True)
    table = report.publish_cases(rows, "training-steps")
    cross = blocks.cross_table(
        table,
        ("step", lambda row: words(f"step.{row['step']}")),
        ("sex", lambda row: _adults(row, report)),
        lambda row: _count_and_share(row, report),
        "training-steps",
        words("caption.training_steps", **report.place),
        blocks.note(table, words, ["note.participants", "method.wilson", "note.mentors"]),
        words,
    )
    return [markdown.heading(words("section.completion"), "completion"), cross]


def _count_and_share(row: dict[Any, Any], report: Report) -> str:
    counted_text = count_text(row, report)
    return counted_text if row["flag"] else f"{counted_text} · {numbers.share(row, report.words)}"


def scores(report: Report) -> list[str]:
    """Change of the score of the same persons, before and after, by sex."""
    words = report.words
    parts = [markdown.heading(words("section.scores"), "scores")]
    units = report.units("participants")
    if units.empty or not units["scored"].eq("Y").any():
        return parts + report.gap("participants")
    rows = counted("scores", units)
    found = []
    for sex in SEXES:
        own = units[units["scored"].eq("Y") & units["sex"].isin(["F", "M"] if sex == TOTAL else [sex])]
        enough = len(own) >= _AT_LEAST * report.policy.k_person or not report.policy.protects
        empty: dict[str, float | None] = dict.fromkeys(("before", "after", "value", "low", "high"))
        found.append(measured.score_change(own) if enough and len(own) else empty)
    table = report.publish_cases(rows.join(pd.DataFrame(found)).assign(unit="points", method="paired", flag=""), "scores")
    columns = [
        ("sex", "l", lambda row: _adults(row, report)),
        ("persons", "r", lambda row: count_text(row, report)),
        ("before", "r", lambda row: _points(row, "before", report)),
        ("after", "r", lambda row: _points(row, "after", report)),
        ("change", "r", lambda row: _points(row, "value", report)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
    ]
    under = blocks.note(table, words, ["note.participants", "method.paired"])
    return [*parts, blocks.data_table(table, columns, "scores", words("caption.scores", **report.place), under, words)]


def _points(row: dict[Any, Any], name: str, report: Report) -> str:
    if row["flag"] == "suppressed":
        return report.words("number.suppressed")
    return "–" if pd.isna(row[name]) else numbers.integer(row[name], report.words)


def followup(report: Report) -> list[str]:
    """Of the participants reached 3, 6 and 12 months after a course, how many say that they apply what they learnt."""
    words = report.words
    parts = [markdown.heading(words("section.followup"), "followup")]
    units = report.units("participants")
    if units.empty:
        return parts + report.gap("participants")
    table = report.publish_cases(counted("followup", units), "followup")
    cross = blocks.cross_table(
        table,
        ("months_after", lambda row: words(f"step.M{row['months']}")),
        ("step", lambda row: words(f"step.{row['step']}")),
        lambda row: count_text(row, report),
        "followup",
        words("caption.followup", **report.place),
        blocks.note(table, words, ["note.followup"]),
        words,
    )
    return [*parts, report.of_cases(words("training.followup"), "participants"), cross]
