"""Blocks on the official figures of a region's countries, side by side: never added over agencies or countries, never ranked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures import official
from turquesa_stats.measures.change import FEWER, MORE, change_between
from turquesa_stats.period import Period
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.reporting.agencies import agency_alone
from turquesa_stats.reporting.member_cases import holders
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, TOTAL, code_list
from turquesa_stats.schema.regions import countries_of

Row = dict[Any, Any]
CONCEPTS = ("VICTIMS", "INVESTIGATIONS", "CONTACT", "PROSECUTIONS", "CONVICTIONS")
_DECISIONS = {MORE: "region.more", FEWER: "region.fewer"}


def members(report: Report, concept: str = "") -> list[Report]:
    """Return a report of each country of the region that has an official figure, of a concept if one is given, in the order of names."""
    stat = report.tables["official_stat"]
    if not report.members:
        report.members = _opened(report, set(stat["ref_area"]) - {DEMONSTRATION_COUNTRY})
    if not concept:
        return report.members
    indicators = [code for code, of in code_list("indicator").column("concept").items() if of == concept]
    having = set(stat.loc[stat["indicator"].isin(indicators), "ref_area"])
    return [member for member in report.members if member.country in having]


def _opened(report: Report, held: set[str]) -> list[Report]:
    found = [
        replace(report, country=code, gaps=[], cited={}, members=[], _withheld={}, _held={})
        for code in countries_of(report.country)
        if code in held
    ]
    return sorted(found, key=lambda one: _sorted_by(one.place["country"]))


def _sorted_by(name: str) -> str:
    """Return a name as dictionaries order it: without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(letter))


def named(rows: pd.DataFrame, member: Report) -> pd.DataFrame:
    """Return rows of a country with its name."""
    return rows.assign(country=member.place["country"])


def joined(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of several countries as one table."""
    some = [rows for rows in found if len(rows)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame()


def scope(report: Report) -> list[str]:
    """Which countries have an official figure of what, and until when: the region's gaps."""
    words, year, of = report.words, report.period.end.year, members(report)
    parts = [markdown.heading(words("section.scope"), "scope"), markdown.notice(words("banner.detection"), "caution")]
    latest = [
        named(yearly[yearly["year"].eq(yearly["year"].max())].head(1).assign(concept=concept), member)
        for concept in CONCEPTS
        for member in members(report, concept)
        for yearly in [member.yearly(concept)]
    ]
    held = holders(report)
    if held:
        parts.append(words("scope.records", names="; ".join(one.place["country"] for one in held)) + " " + words("region.holders"))
    rows = joined(latest)
    if rows.empty:
        return parts + ([] if held else report.gap("victims"))
    rows = rows.sort_values("country", key=lambda names: names.map(_sorted_by), kind="stable", ignore_index=True)
    counts = {
        at: sum(bool(member.yearly("VICTIMS")["year"].eq(at).any()) for member in members(report, "VICTIMS")) for at in (year, year - 1)
    }
    every = countries_of(report.country)
    parts.append(words("region.coverage", every=len(every), held=counts[year], year=year, before=counts[year - 1], year_before=year - 1))
    without = sorted((words.country(code) for code in set(every) - {one.country for one in of}), key=_sorted_by)
    if without:
        parts.append(words("region.without", names=", ".join(without)))
    table = report.publish_official(rows)
    return [
        *parts,
        blocks.cross_table(
            table,
            ("country", lambda row: row["country"]),
            ("indicator", lambda row: words(f"concept.{row['concept']}")),
            lambda row: str(row["year"]),
            "region-coverage",
            words("caption.region_coverage", **report.place),
            _short_note(report, table),
            words,
        ),
    ]


def _short_note(report: Report, rows: Any, methods: Sequence[str] = ()) -> str:
    """Return a note that cites publishers: a region's table would cite dozens of pages, which the last section lists."""
    words = report.words
    publishers = "; ".join(markdown.plain(name) for name in dict.fromkeys(rows.frame["publisher"]))
    return " ".join([words("note.source", sources=publishers), *(words(key) for key in methods), words("note.region", label="@sec-made")])


def compared(report: Report, first: int, last: int, concept: str = "VICTIMS") -> pd.DataFrame:
    """
    Return the countries with a figure of a concept, of one agency and definition, for both years, with the ratio of the two counts.

    Returns
    -------
    DataFrame
        ``country, earlier, later, publisher, citation`` and the columns of :func:`turquesa_stats.measures.change.change_between`.
    """
    events = report.tables.get("context_event")
    rows = []
    for member in members(report, concept):
        yearly = member.yearly(concept)
        key = yearly[list(official.SERIES)].apply(tuple, axis=1) if len(yearly) else pd.Series(dtype="object")
        both = set(key[yearly["year"].eq(first)]) & set(key[yearly["year"].eq(last)])
        leading = official.lead(yearly[key.isin(both) & yearly["year"].eq(last)], Period.parse(str(last))) if both else yearly.head(0)
        if leading.empty:
            continue
        line = yearly[(yearly[list(official.SERIES)] == leading.iloc[0][list(official.SERIES)]).all(axis=1)]
        try:
            found = change_between(line, first, last, events)
        except MeasureRefused:  # a break of definition, or both zero: the two are not compared
            continue
        counts = {int(row["year"]): numbers.count(row, report.words) for row in line.to_dict("records")}
        row = leading.iloc[0]
        told = {"country": member.place["country"], "earlier": counts[first], "later": counts[last], "citation": row["citation"]}
        told |= {"publisher": row["publisher"], "source_agency": row["source_agency"], "unit_measure": row["unit_measure"]}
        rows.append(found.assign(**told))
    return joined(rows)


def comparison(report: Report, first: int, last: int, label: str, caption: str) -> list[str]:
    """Return the sentence and the table that compare two years, country by country; empty if none can be compared."""
    words, rows = report.words, compared(report, first, last)
    if rows.empty:
        return []
    decided = rows["decision"].value_counts()
    more, fewer = int(decided.get(MORE, 0)), int(decided.get(FEWER, 0))
    said = words("region.compared", count=len(rows), first_year=first, year=last, fewer=fewer, more=more, chance=len(rows) - more - fewer)
    return [said, _two_years(report, rows, label, words(caption, country=report.place["country"], first=first, last=last))]


def _two_years(report: Report, rows: pd.DataFrame, label: str, caption: str) -> str:
    """Return the table of what :func:`compared` found."""
    words, table = report.words, report.publish_official(rows)
    columns = [
        ("country", "l", lambda row: row["country"]),
        ("earlier", "r", lambda row: row["earlier"]),
        ("later", "r", lambda row: row["later"]),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("times", "r", lambda row: ratio(report, row)),
        ("decision", "l", lambda row: words(_DECISIONS.get(row["decision"], "region.chance"))),
    ]
    return blocks.data_table(table, columns, label, caption, _short_note(report, table, ["note.ratio"]), words)


def since_last(report: Report, *concepts: str) -> list[str]:
    """Return, concept by concept, the countries' figures of the year and of the year before; empty if none can be compared."""
    words, year, parts = report.words, report.period.end.year, []
    for concept in concepts:
        rows = compared(report, year - 1, year, concept)
        if rows.empty:
            continue
        what = words(f"concept.{concept}")
        text = words("caption.region_since", what=what[:1].upper() + what[1:], country=report.place["country"], first=year - 1, last=year)
        parts.append(_two_years(report, rows, f"region-since-{concept.lower()}", text))
    return parts


def ratio(report: Report, row: Row) -> str:
    """Write a ratio or distance with its interval, or its bounds alone."""
    words = report.words
    ends: list[str] = [numbers.decimal(row[end], words) if pd.notna(row[end]) else words("number.unknown") for end in ("low", "high")]
    low, high = ends
    if pd.isna(row["value"]):
        return words("number.range", low=low, high=high)
    return words("number.share_range", share=numbers.decimal(row["value"], words), low=low, high=high)


def splits(report: Report, over: str, characteristic: str = TOTAL) -> pd.DataFrame:
    """Return every country's latest published split within the period over one dimension, parts above zero, largest first."""
    found = []
    for member in members(report, "VICTIMS"):
        rows = official.split(member.official("VICTIMS"), report.period, [over], characteristic)
        if len(rows):
            seen = rows[rows["count_high"].gt(0) | rows["flag"].eq("conflict")]
            found.append(named(seen.sort_values(["count_high", over], ascending=[False, True]), member))
    return joined(found)


def split_table(report: Report, rows: pd.DataFrame, part: Any, label: str, caption: str) -> str:
    """
    Return a table of splits: country, part, count and share.

    Parameters
    ----------
    report : Report
        The report.
    rows : DataFrame
        From :func:`splits`.
    part : (heading key, row -> text)
        The column of the parts.
    label, caption : str
        Label without ``tbl-``, and key of the caption.
    """
    words = report.words
    table = report.publish_official(rows)
    columns = [
        ("country", "l", lambda row: row["country"]),
        (part[0], "l", part[1]),
        ("count", "r", lambda row: numbers.part(row, words)),
        ("share", "r", lambda row: numbers.share(row, words)),
        ("agency", "l", lambda row: agency_alone(report, row)),
    ]
    methods = [f"method.{method}" for method in dict.fromkeys(rows["method"]) if method in ("wilson", "bounds")]
    under = _short_note(report, table, [*methods, "note.counts"])
    return blocks.data_table(table, columns, label, words(caption, **report.place), under, words)


def totals(report: Report, concepts: Sequence[str], label: str, caption: str) -> list[str]:
    """Return a table of the countries' totals of some concepts in the period, calendar years and reporting years alike; empty if none."""
    words, found = report.words, []
    for concept in concepts:
        for member in members(report, concept):
            yearly = member.yearly(concept)
            within = yearly[yearly["year"].between(report.period.start.year, report.period.end.year)]
            other = official.of_other_periods(member.official(concept), report.period)
            found.append(named(joined([within, other]), member))
    rows = joined(found)
    if rows.empty:
        return []
    rows = rows.sort_values("country", key=lambda names: names.map(_sorted_by), kind="stable", ignore_index=True)
    table = report.publish_official(rows)
    columns = [
        ("country", "l", lambda row: row["country"]),
        ("indicator", "l", lambda row: words("indicator." + row["indicator"])),
        ("period", "l", lambda row: str(row["time_period"])),
        ("count", "r", lambda row: numbers.count(row, words)),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("agency", "l", lambda row: agency_alone(report, row)),
    ]
    under = _short_note(report, table, ["note.counts"])
    return [blocks.data_table(table, columns, label, words(caption, **report.place), under, words)]
