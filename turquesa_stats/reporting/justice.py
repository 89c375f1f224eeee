"""Blocks on criminal justice: stages in official figures, and cohorts of accused persons."""

from __future__ import annotations

from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures import attrition, official, prosecution
from turquesa_stats.measures import cohort as cohorts
from turquesa_stats.measures import sentences as imposed
from turquesa_stats.measures import time_to_outcome as times
from turquesa_stats.present import blocks, figures, markdown, numbers
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.agencies import agency_name
from turquesa_stats.reporting.indexed import indexed
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.shares import n_of, protected_shares
from turquesa_stats.schema.codes import TOTAL


def stages(report: Report) -> list[str]:
    """Investigations, prosecutions and convictions by year."""
    words = report.words
    parts = [markdown.heading(words("section.stages"), "stages"), markdown.notice(words("justice.presumption"), "caution")]
    yearly = {concept: report.yearly(concept) for concept in prosecution.STAGE_CONCEPTS}
    led = {concept: official.lead(rows, report.period) for concept, rows in yearly.items()}
    leading = {concept: rows.iloc[0] for concept, rows in led.items() if len(rows)}
    if not leading:
        return parts + ([] if report.has_cases else report.gap("stages"))
    parts += _stage_sentences(report, leading)
    drawn = pd.concat([_series_of(yearly[concept], row).assign(concept=concept) for concept, row in leading.items()], ignore_index=True)
    table = report.publish_official(drawn)
    under = blocks.note(table, words, ["method.garwood", "note.counts"])
    picture = figures.years(table, lambda row: _stage_name(report, row), words)
    parts.append(blocks.figure(picture, table, "stages", words("caption.stages", **report.place), under, words))
    parts += (
        indexed(report, drawn, "stages-indexed", "caption.stages_indexed", _stage_name) if report.name == "prosecution-outcomes" else []
    )
    return [*parts, _stage_table(report, yearly)]


def _series_of(rows: pd.DataFrame, leading: pd.Series) -> pd.DataFrame:
    return rows[(rows[list(official.SERIES)] == leading[list(official.SERIES)]).all(axis=1)]


def _stage_name(report: Report, row: dict[Any, Any]) -> str:
    words = report.words
    unit = "" if row["unit_measure"] == "PERSONS" else f" ({words('unit.' + row['unit_measure'])})"
    return words("indicator." + row["indicator"]) + unit


def _stage_sentences(report: Report, leading: dict[str, pd.Series]) -> list[str]:
    words = report.words
    said: dict[tuple[int, str], list[str]] = {}
    for row in leading.values():
        text = words(
            "justice.figure",
            what=words("indicator." + row["indicator"]),
            count=numbers.count(row.to_dict(), words),
            unit=words(f"unit.{row['unit_measure']}"),
        )
        said.setdefault((int(row["year"]), agency_name(report, row)), []).append(text)
    country = report.place["country"]
    return [
        words("justice.lead", country=country, year=year, agency=markdown.plain(agency), figures=", ".join(texts))
        for (year, agency), texts in said.items()
    ]


def _stage_table(report: Report, yearly: dict[str, pd.DataFrame]) -> str:
    words = report.words
    every = pd.concat([rows.assign(concept=concept) for concept, rows in yearly.items() if len(rows)], ignore_index=True)
    rows = every.sort_values("year", ascending=False, kind="stable", ignore_index=True)
    table = report.publish_official(rows)
    return blocks.cross_table(
        table,
        ("year", lambda row: f"{row['year']}, {agency_name(report, row)}, {words('unit.' + row['unit_measure'])}"),
        ("what", lambda row: words("indicator." + row["indicator"])),
        lambda row: numbers.count(row, words),
        "stages",
        words("caption.stage_table", **report.place),
        blocks.note(table, words, ["note.counts"]),
        words,
    )


def stages_by_sex(report: Report) -> list[str]:
    """Persons at each stage by sex, as published, and the share of women and girls."""
    words = report.words
    parts = [markdown.heading(words("section.convicted"), "convicted")]
    found = []
    for concept in ("CONTACT", "PROSECUTIONS", "CONVICTIONS"):
        split = official.split(report.official(concept), report.period, ["sex"])
        if len(split) and split["unit_measure"].eq("PERSONS").all():
            found.append(split.assign(concept=concept))
    if not found:
        return parts + report.gap("stage_sex")
    every = pd.concat(found, ignore_index=True)
    table = report.publish_official(every)
    columns = [
        ("what", "l", lambda row: words(f"concept.{row['concept']}")),
        ("year", "l", lambda row: str(row["year"])),
        ("sex", "l", lambda row: words.label("sex", row["sex"])),
        ("count", "r", lambda row: numbers.part(row, words)),
        ("share", "r", lambda row: numbers.share(row, words)),
    ]
    year = int(every["year"].max())
    under = blocks.note(table, words, [f"method.{m}" for m in ("wilson", "bounds") if every["method"].eq(m).any()] + ["note.parts"])
    text = words("caption.stage_sex", country=report.place["country"], year=year)
    parts.append(blocks.data_table(table, columns, "stage-sex", text, under, words))
    return parts + _female_share(report, every, year)


def _female_share(report: Report, every: pd.DataFrame, year: int) -> list[str]:
    words = report.words
    female = every[every["sex"].eq("F") & every["low"].notna()].reset_index(drop=True)
    if female.empty:
        return []
    table = report.publish_official(female)
    spoken = [
        words("female.text", share=numbers.share(row, words), what=words(f"concept.{row['concept']}"))
        for row in female.to_dict("records")
        if numbers.share(row, words)
    ]
    picture = figures.dots(table, lambda row: words(f"concept.{row['concept']}"), words)
    methods = [f"method.{m}" for m in dict.fromkeys(female["method"])]
    sizes = {row["concept"]: (row["known_low"], row["known_high"]) for row in female.to_dict("records")}
    each = [f"{words(f'concept.{concept}')} {numbers.ends(low, high, words)}" for concept, (low, high) in sizes.items()]
    under = blocks.note(table, words, methods, words("note.n", n=", ".join(each)))
    text = words("caption.female_share", country=report.place["country"], year=year)
    return [" ".join(spoken), blocks.figure(picture, table, "female-share", text, under, words)]


def ratio(report: Report) -> list[str]:
    """Convictions per 100 prosecutions of the same year and agency: a ratio."""
    words = report.words
    found = prosecution.period_ratio({concept: report.yearly(concept) for concept in ("PROSECUTIONS", "CONVICTIONS")})
    if found.empty:
        return report.gap("ratio")
    found = found.sort_values("year", ascending=False, kind="stable", ignore_index=True)
    table = report.publish_official(found)
    columns = [
        ("year", "l", lambda row: str(row["year"])),
        ("agency", "l", lambda row: agency_name(report, row)),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("prosecutions", "r", lambda row: numbers.integer(row["prosecutions"], words)),
        ("convictions", "r", lambda row: numbers.integer(row["convictions"], words)),
        ("ratio", "r", lambda row: numbers.integer(row["value"], words) if row["prosecutions"] >= 10 else "–"),
    ]
    under = blocks.note(table, words, ["note.counts"])
    return [words("ratio.text"), blocks.data_table(table, columns, "ratio", words("caption.ratio", **report.place), under, words)]


def _people(report: Report) -> pd.DataFrame | None:
    if not report.has_cases:
        return None
    try:
        people = cohorts.cohort(report.tables, report.country, report.period)
    except MeasureRefused:  # a register of which it cannot be told until when it sees: the gap is printed
        return None
    return people if len(people) else None


def cohort(report: Report) -> list[str]:
    """Attrition of the persons first charged in the period."""
    words = report.words
    parts = [markdown.heading(words("section.cohort"), "cohort")]
    people = _people(report)
    if people is None:
        return parts + report.gap("cohort")
    steps = attrition.milestones(people)
    table = report.publish_cases(steps[steps["sex"].eq(TOTAL)].reset_index(drop=True), "attrition")
    drawn = protected_shares(
        report,
        table,
        lambda row: words(f"step.{row['step']}"),
        "attrition",
        "caption.attrition",
        draw=lambda table, name, words: figures.funnel(table, name, words("step.CHARGED"), words),
    )
    if not drawn:
        return parts + report.gap("cohort")
    told = table.frame.set_index("step").loc[["ENDED", "CONVICTED"]]
    if told["flag"].eq("").all():
        counts = {str(step).lower(): numbers.integer(float(count), words) for step, count in told["count"].items()}
        charged = float(told["n"].iloc[0])
        said = words("cohort.text", charged, count=numbers.integer(charged, words), period=report.place["period"], **counts)
        drawn[0] = report.of_cases(said, "accused")
    by_sex = steps[steps["sex"].ne(TOTAL)].reset_index(drop=True)
    table = report.publish_cases(by_sex, "attrition-sex")
    under = blocks.note(table, words, ["method.wilson"])
    cross = blocks.cross_table(
        table,
        ("step", lambda row: words(f"step.{row['step']}")),
        ("sex", lambda row: words.label("sex", row["sex"])),
        lambda row: _count_and_share(row, report),
        "attrition-sex",
        words("caption.attrition_sex", **report.place),
        under,
        words,
    )
    return [*parts, *drawn, cross]


def _count_and_share(row: dict[Any, Any], report: Report) -> str:
    words = report.words
    counted = _count(row, words)
    return counted if row["flag"] else f"{counted} · {numbers.share(row, words)}"


def _count(row: dict[Any, Any], words: Words) -> str:
    """Write a count that stands although what follows from it may be hidden."""
    return numbers.count(row | {"value": row["count"], "flag": row["flag"] if pd.isna(row["count"]) else ""}, words)


def time_to_outcome(report: Report) -> list[str]:
    """Cumulative incidence of each end at first instance."""
    words = report.words
    parts = [markdown.heading(words("section.time"), "time")]
    people = _people(report)
    try:
        found = times.outcomes_over_time(people) if people is not None else pd.DataFrame()
    except MeasureRefused:
        found = pd.DataFrame()
    if found.empty:
        return parts + report.gap("cohort")
    table = report.publish_cases(found, "time-to-outcome")
    if table.base:
        return [*parts, markdown.notice(words("rounded.no_curve"), "gap")]
    if not figures.is_drawable(table):
        return parts + report.gap("cohort")
    said = []
    convicted = table.frame[table.frame["outcome"].eq("CONVICTED") & table.frame["value"].notna()]
    if len(convicted):
        last = convicted.iloc[-1].to_dict()
        said = [report.of_cases(words("incidence.text", months=last["months"], share=numbers.share(last, words)), "accused")]
    under = blocks.note(table, words, ["method.aalen-johansen"], n_of(report, table))
    drawn = figures.curves(table, lambda outcome: words(f"outcome.{outcome}"), words)
    return [*parts, *said, blocks.figure(drawn, table, "time-to-outcome", words("caption.incidence", **report.place), under, words)]


def sentences(report: Report) -> list[str]:
    """Custodial sentences by sex."""
    words = report.words
    parts = [markdown.heading(words("section.sentences"), "sentences")]
    people = _people(report)
    found = imposed.quartiles(people) if people is not None else pd.DataFrame()
    if found.empty:
        return parts + report.gap("sentences")
    table = report.publish_cases(found, "sentences")
    rows = table.frame
    columns = [
        ("sex", "l", lambda row: words.label("sex", row["sex"])),
        ("persons", "r", lambda row: _count(row, words)),
        ("median", "r", lambda row: numbers.count(row, words)),
        ("quartiles", "r", lambda row: numbers.interval(row, words)),
    ]
    total = rows[rows["sex"].eq(TOTAL) & rows["value"].notna()]
    said = (
        [report.of_cases(words("sentences.text", median=numbers.integer(total["value"].iloc[0], words)), "accused")] if len(total) else []
    )
    under = blocks.note(table, words, ["method.quartiles"])
    if report.policy.protects:
        limits = {"median": 2 * table.k, "quartiles": 4 * table.k}
        under += " " + (words("rounded.no_median") if table.base else words("note.quartiles", **limits))
    return [*parts, *said, blocks.data_table(table, columns, "sentences", words("caption.sentences", **report.place), under, words)]
