"""Blocks on detected victims: how many, who they are, how they came to be known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from turquesa_stats.measures import cases, demographics, official
from turquesa_stats.measures.registers import COMPLETENESS
from turquesa_stats.methods.rates import compare_counts
from turquesa_stats.present import blocks, figures, markdown, numbers
from turquesa_stats.reporting import maps
from turquesa_stats.reporting.agencies import agency_name, series_name
from turquesa_stats.reporting.indexed import indexed
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.shares import case_shares, n_of, official_dots
from turquesa_stats.schema.codes import UNKNOWN

Row = dict[Any, Any]
_MOST_SERIES = 4
_AGE_STATUS = {"Y_LT18": "MINOR", "Y_GE18": "ADULT"}


def by_year(report: Report) -> list[str]:
    """Detected victims by year and agency, with what the latest figure says."""
    words = report.words
    parts = [markdown.heading(words("section.victims"), "victims"), markdown.notice(words("banner.detection"), "caution")]
    yearly = report.yearly("VICTIMS")
    leading = official.lead(yearly, report.period)
    if leading.empty and not report.has_cases:
        return parts + report.gap("victims", official.totals(official.usable(report.official("VICTIMS"))))
    if report.has_cases:
        parts.append(_cases_sentence(report))
    if leading.empty:
        return parts
    parts.append(" ".join(_lead_sentences(report, yearly, leading.iloc[0])))
    table = report.publish_official(_longest(yearly))
    rows = table.frame
    drawn = figures.years(table, lambda row: series_name(report, row), words)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    text = words("caption.victims_by_year", country=report.place["country"], first=first, last=last)
    under = blocks.note(table, words, ["method.garwood", "note.counts"])
    parts.append(blocks.figure(drawn, table, "victims-by-year", text, under, words))
    return parts + (
        indexed(report, yearly, "victims-indexed", "caption.victims_indexed", series_name) if report.name != "country-profile" else []
    )


def _longest(yearly: pd.DataFrame) -> pd.DataFrame:
    """Return the few longest series; the table of sources has them all."""
    key = yearly[list(official.SERIES)].apply(tuple, axis=1)
    longest = key.value_counts(sort=False).sort_values(ascending=False, kind="stable").head(_MOST_SERIES).index
    return yearly[key.isin(longest)].reset_index(drop=True)


def _lead_sentences(report: Report, yearly: pd.DataFrame, row: pd.Series) -> list[str]:
    words = report.words
    said = [
        words(
            "victims.lead",
            row["value"] if pd.notna(row["value"]) else row["high"],
            country=report.place["country"],
            year=row["year"],
            agency=markdown.plain(series_name(report, row)),
            count=numbers.count(row.to_dict(), words),
        )
    ]
    same = yearly[(yearly[list(official.SERIES)] == row[list(official.SERIES)]).all(axis=1) & yearly["year"].eq(row["year"] - 1)]
    if len(same):
        before = same.iloc[0]
        said.append(words("victims.before", year=before["year"], count=numbers.count(before.to_dict(), words)))
        if row["flag"] == before["flag"] == "" and row["value"] + before["value"] > 0:
            p = compare_counts(int(row["value"]), int(before["value"]))
            said.append(words("victims.chance_yes" if p < 0.05 else "victims.chance_no", p=numbers.p_value(p, words)))
    others = yearly[yearly["year"].eq(row["year"]) & yearly["value"].notna() & yearly["unit_measure"].eq(row["unit_measure"])]
    if len(others) > 1 and report.shows("victims_sources"):
        low, high = (numbers.integer(end, words) for end in (others["value"].min(), others["value"].max()))
        said.append(words("victims.others", low=low, high=high, label="@tbl-victims-sources"))
    return said


def _cases_sentence(report: Report) -> str:
    words = report.words
    found = len(cases.victims(report.tables, report.country, report.period))
    every = pd.DataFrame([{"count": found, "n": found, "value": found, "low": None, "high": None, "flag": ""}])
    row = report.publish_cases(every, "victims").frame.iloc[0]
    if row["flag"]:
        return words("victims.cases_hidden", **report.place)
    said = words("victims.cases", row["count"], **report.place, count=numbers.integer(row["count"], words))
    return report.of_cases(said)


def sources(report: Report) -> list[str]:
    """Every agency's yearly figures side by side."""
    words = report.words
    yearly = report.yearly("VICTIMS")
    if yearly.empty:
        return []
    recent = yearly.sort_values(["year", "publisher", "source_agency"], ascending=[False, True, True], ignore_index=True)
    table = report.publish_official(recent)
    columns = [
        ("year", "l", lambda row: str(row["year"])),
        ("agency", "l", lambda row: agency_name(report, row)),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("count", "r", lambda row: numbers.count(row, words)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
    ]
    under = blocks.note(table, words, ["note.counts"])
    return [blocks.data_table(table, columns, "victims-sources", words("caption.sources", **report.place), under, words)]


def profile(report: Report) -> list[str]:
    """Sex and age of victims: as published, and from case-level records."""
    words = report.words
    parts = [markdown.heading(words("section.profile"), "profile")]
    rows = report.official("VICTIMS")
    split = official.split(rows, report.period, ["sex", "age"])
    if split.empty or split["age"].eq(UNKNOWN).all():
        for over in (["sex"], ["age"]):
            alone = official.split(rows, report.period, over)
            if len(alone):
                parts += official_dots(report, alone, _name(report, over), f"victims-{over[0]}", "caption.sex_age")
    else:
        parts += official_dots(report, split, _name(report, ["sex", "age"]), "victims-sex-age", "caption.sex_age")
    if report.has_cases:
        parts += _case_profile(report)
    other = official.usable(rows)
    return (
        parts
        if len(parts) > 1
        else parts + report.gap("sex_age", pd.concat([official.parts(other, ["sex"]), official.parts(other, ["age"])]))
    )


def _name(report: Report, over: list[str]) -> Callable[[Row], str]:
    words = report.words

    def name(row: Row) -> str:
        group = cases.GROUP_OF.get((row["sex"], _AGE_STATUS.get(row["age"], "")))
        return words(f"group.{group}") if group else ", ".join(words.label(dimension, row[dimension]) for dimension in over)

    return name


def _case_profile(report: Report) -> list[str]:
    words = report.words
    chosen = cases.victims(report.tables, report.country, report.period)
    parts = case_shares(report, demographics.groups(chosen), lambda row: words(f"group.{row['group']}"), "victim-groups", "caption.groups")
    ages = demographics.ages(chosen)
    ages = ages.assign(n=int(ages["count"].sum()), value=ages["count"], low=None, high=None, flag="")
    table = report.publish_cases(ages, "victim-ages")
    if figures.is_drawable(table):
        under = blocks.note(table, words, n=n_of(report, table))
        parts.append(
            blocks.figure(figures.pyramid(table, words), table, "victim-ages", words("caption.ages", **report.place), under, words)
        )
    return parts


def citizenship(report: Report) -> list[str]:
    """Citizenship of victims, as published."""
    words = report.words
    parts = [markdown.heading(words("section.citizenship"), "citizenship")]
    rows = report.official("VICTIMS")
    split = official.split(rows, report.period, ["counterpart_area"], "CITIZENSHIP")
    if split.empty:
        return parts + report.gap("citizenship", official.parts(official.usable(rows), ["counterpart_area"], "CITIZENSHIP"))
    split = split.sort_values(["count_high", "counterpart_area"], ascending=[False, True], ignore_index=True)
    table = report.publish_official(split)
    columns = [
        ("citizenship", "l", lambda row: words.label("area", row["counterpart_area"])),
        ("count", "r", lambda row: numbers.part(row, words)),
        ("share", "r", lambda row: numbers.share(row, words)),
    ]
    text = words("caption.citizenship", country=report.place["country"], year=int(split["year"].iloc[0]))
    under = blocks.note(table, words, [f"method.{m}" for m in _methods(split)], blocks.n_known(split.iloc[0].to_dict(), words))
    return [*parts, *maps.citizenship(report, split), blocks.data_table(table, columns, "citizenship", text, under, words)]


def _methods(frame: pd.DataFrame) -> list[str]:
    return [method for method in dict.fromkeys(frame["method"]) if method in ("wilson", "bounds")]


def detection(report: Report) -> list[str]:
    """How victims came to be known, from case-level records."""
    words = report.words
    parts = [markdown.heading(words("section.detection"), "detection")]
    if not report.has_cases:
        return parts + report.gap("detection")
    found = cases.single_answer(cases.victims(report.tables, report.country, report.period), "detected_via", "detect")
    drawn = case_shares(report, found, lambda row: words.label("detect", row["code"]), "detection", "caption.detection")
    return parts + (drawn or report.gap("detection"))


def completeness(report: Report) -> list[str]:
    """How many case-level records have a known answer in each field."""
    if not report.has_cases:
        return []
    words = report.words
    chosen = cases.victims(report.tables, report.country, report.period)
    channel = cases.recruitment(report.tables, chosen).drop_duplicates("victim_id").set_index("victim_id")["code"]
    fields = list(COMPLETENESS)
    found = cases.completeness(chosen.assign(victim_recruit_channel=chosen["victim_id"].map(channel)), fields)
    if found.empty:
        return []
    table = report.publish_cases(found, "completeness")
    labels = {field: _field_label(field, report.language) for field in fields}
    columns = [
        ("field", "l", lambda row: labels[row["field"]]),
        ("known", "r", lambda row: numbers.count(row | {"value": row["count"]}, words)),
        ("share", "r", lambda row: numbers.share(row, words)),
    ]
    under = blocks.note(table, words, ["method.wilson"], n_of(report, table))
    return [blocks.data_table(table, columns, "completeness", words("caption.completeness", **report.place), under, words)]


def _field_label(field: str, language: str) -> str:
    from turquesa_stats.schema.tables import table_names, table_schema

    if field in table_names():
        return table_schema(field).title[language]
    return next(declared.label[language] for declared in table_schema("victim").fields if declared.name == field)
