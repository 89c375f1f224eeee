"""Blocks that open and close a report: title, key facts, sources, what is missing, how it was made."""

from __future__ import annotations

import pandas as pd

from turquesa_stats import __version__
from turquesa_stats.disclosure.gate import Origin, PublishableTable
from turquesa_stats.disclosure.policy import PUBLIC
from turquesa_stats.measures import official
from turquesa_stats.present import blocks, figures, markdown, numbers
from turquesa_stats.present.words import Words
from turquesa_stats.reporting import victims, withheld
from turquesa_stats.reporting.agencies import agency_name
from turquesa_stats.reporting.member_cases import holders
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.sections import ALL
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, TOTAL
from turquesa_stats.schema.regions import countries_of, is_region
from turquesa_stats.schema.workspace import PRELIMINARY

_RECENT = 5  # years before the latest
_NEVER_HELD = {  # topics of the report that no table of the workspace can hold yet
    "country-profile": ("law",),
    "modus-operandi": ("technology", "flows"),
    "operations": ("follow_up",),
    "regional-operations": ("follow_up",),
}
_OPERATION = ("operation_countries", "operation_arrests", "som_migrants_detected", "operation_victims")
_CONCEPTS = ("VICTIMS", "INVESTIGATIONS", "CONTACT", "PROSECUTIONS", "CONVICTIONS")


def front_matter(report: Report) -> list[str]:
    """Title, subtitle and language as document metadata, and the banners: audience, preliminary edition, synthetic data."""
    words = report.words
    metadata = {
        "title": words(f"report.{report.name}"),
        "subtitle": words("report.subtitle", **report.place),
        "lang": report.language,
        "project": words("document.project"),
        "fig-prefix": words("document.figure"),
        "tbl-prefix": words("document.table"),
        "sec-prefix": words("document.section"),
        "toc-title": words("document.contents"),
        "skip": words("document.skip"),
    }
    parts = [markdown.head(metadata)]
    if report.audience != PUBLIC:
        kind = "caution" if report.policy.method == "rounding" else "synthetic"
        parts.append(markdown.notice(words(f"banner.audience_{report.audience}"), kind))
    if report.status == PRELIMINARY:
        parts.append(markdown.notice(words("banner.preliminary"), "caution"))
    if report.has_records and report.case_origin is Origin.SYNTHETIC:
        key = "banner.synthetic" if report.country == DEMONSTRATION_COUNTRY else "banner.synthetic_country"
        parts.append(markdown.notice(words(key), "synthetic"))
    if is_region(report.country) and any(holder.case_origin is Origin.SYNTHETIC for holder in holders(report)):
        parts.append(markdown.notice(words("banner.synthetic_region"), "synthetic"))
    return parts


def key_facts(report: Report) -> list[str]:
    """The latest official figure of each concept, with the year before."""
    words = report.words
    rows, recent = [], []
    for concept in _CONCEPTS:
        yearly = report.yearly(concept)
        leading = official.lead(yearly, report.period)
        if len(leading):
            row = leading.iloc[0]
            series = yearly[(yearly[list(official.SERIES)] == row[list(official.SERIES)]).all(axis=1)]
            same = series[series["year"].eq(row["year"] - 1)]
            before = numbers.count(same.iloc[0].to_dict(), words) if len(same) else words("number.unknown")
            rows.append(row.to_dict() | {"concept": concept, "before": before})
            recent.append(series[series["year"].between(row["year"] - _RECENT, row["year"])])
    if not rows:
        return []
    table = report.publish_official(pd.DataFrame(rows))
    columns = [
        ("indicator", "l", lambda row: words("indicator." + row["indicator"])),
        ("year", "l", lambda row: str(row["year"])),
        ("count", "r", lambda row: numbers.count(row, words)),
        ("interval", "r", lambda row: numbers.interval(row, words)),
        ("previous", "r", lambda row: row["before"]),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("agency", "l", lambda row: agency_name(report, row)),
    ]
    under = blocks.note(table, words, ["method.garwood", "note.counts"])
    sparks = report.publish_official(pd.concat(recent, ignore_index=True))
    drawn = figures.sparks(sparks, lambda row: words("indicator." + row["indicator"]), words)
    note = blocks.note(sparks, words, ["method.garwood", "note.counts"])
    return [
        markdown.heading(words("section.key_facts"), "key-facts"),
        _cards(table, words),
        blocks.figure(drawn, sparks, "key-series", words("caption.key_series", **report.place), note, words),
        blocks.data_table(table, columns, "key-facts", words("caption.key_facts", **report.place), under, words),
    ]


def _cards(table: PublishableTable, words: Words) -> str:
    """Return the key facts as a list, which each format lays out as cards: the number, what it counts, its interval, the year before."""
    items = []
    for row in table.frame.to_dict("records"):
        what = words("indicator." + row["indicator"])
        said = [words("fact.text", count=numbers.count(row, words), what=what, year=row["year"])]
        interval = numbers.interval(row, words)
        said += [words("fact.interval", interval=interval)] if interval else []
        if row["before"] != words("number.unknown"):
            said.append(words("fact.before", count=row["before"]))
        items.append("- " + " ".join(said))
    return markdown.notice("\n".join(items), "facts")


def operations(report: Report) -> list[str]:
    """INTERPOL's published results of Operation Turquesa, for all participating countries together."""
    words = report.words
    stat = report.tables["official_stat"]
    rows = stat[stat["ref_area"].eq(TOTAL) & stat["indicator"].isin(_OPERATION) & stat["sex"].eq(TOTAL) & ~stat["conflict"]]
    rows = rows[rows["period_end"].le(pd.Timestamp(report.period.end))]
    if rows.empty:
        return []
    cited = rows.join(report.tables["source"].set_index("source_id")[["citation"]], on="source_id")
    order = cited["indicator"].map({indicator: place for place, indicator in enumerate(_OPERATION)})
    ordered = cited.assign(order=order).sort_values(["order", "period_start"], ascending=[True, False], ignore_index=True)
    table = report.publish_official(official.with_estimates(ordered))
    cross = blocks.cross_table(
        table,
        ("period", lambda row: str(row["time_period"])),
        ("what", lambda row: words("indicator." + row["indicator"])),
        lambda row: numbers.count(row | {"flag": "" if row["flag"] == "preliminary" else row["flag"]}, words),
        "operations",
        words("caption.operations"),
        blocks.note(table, words, ["note.counts"]),
        words,
    )
    text = words("operations.text_region") if is_region(report.country) else words("operations.text", **report.place)
    return [markdown.heading(words("section.operations"), "operations"), text, cross]


def sources(report: Report) -> list[str]:
    """Where a source contradicts itself, and figures of other periods."""
    found = _conflicts(report) + _other_periods(report)
    return [markdown.heading(report.words("section.sources"), "sources"), *(found or [report.words("sources.none")])]


def victims_sources(report: Report) -> list[str]:
    """Every agency's figures of victims side by side, and where they disagree."""
    return victims.sources(report) + _agreement(report)


def _agreement(report: Report) -> list[str]:
    words = report.words
    yearly = report.yearly("VICTIMS")
    found = official.agreement(yearly, report.period).sort_values("year", ascending=False, ignore_index=True)
    differing = found[found["difference"].gt(0)]
    if differing.empty:
        return [words("agreement.none")] if found.empty else []
    most = differing.nlargest(1, "difference").iloc[0]
    table = report.publish_official(found.assign(citation="; ".join(dict.fromkeys(yearly["citation"]))))
    columns = [
        ("year", "l", lambda row: str(row["year"])),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("smallest", "r", lambda row: numbers.integer(row["smallest"], words)),
        ("largest", "r", lambda row: numbers.integer(row["largest"], words)),
        ("difference", "r", lambda row: numbers.integer(row["difference"], words)),
        ("agencies", "l", lambda row: row["agencies"]),
    ]
    said = words("agreement.text", difference=numbers.integer(most["difference"], words), year=int(most["year"]))
    under = blocks.note(table, words, ["note.counts"])
    return [said, blocks.data_table(table, columns, "agreement", words("caption.agreement", **report.place), under, words)]


def _conflicts(report: Report) -> list[str]:
    words = report.words
    every = pd.concat([official.conflicts(report.official(concept), report.period) for concept in _CONCEPTS], ignore_index=True)
    if every.empty:
        return []
    key = ["indicator", "time_period", "sex", "age", "exploitation", "unit_measure", "citation"]
    spans = [numbers.ends(low, high, words) for low, high in zip(every["obs_lower"], every["obs_upper"], strict=True)]
    grouped = every.assign(span=spans).groupby(key, sort=True)["span"].agg(", ".join).reset_index()
    table = report.publish_official(grouped)
    columns = [
        ("indicator", "l", lambda row: words.label("indicator", row["indicator"])),
        ("year", "l", lambda row: row["time_period"]),
        ("sex", "l", lambda row: words.label("sex", row["sex"])),
        ("age", "l", lambda row: words.label("age", row["age"])),
        ("form", "l", lambda row: words.label("exploitation", row["exploitation"])),
        ("values", "l", lambda row: row["span"]),
    ]
    under = blocks.note(table, words)
    return [
        words("conflict.text"),
        blocks.data_table(table, columns, "conflicts", words("caption.conflicts", **report.place), under, words),
    ]


def _other_periods(report: Report) -> list[str]:
    words = report.words
    found = [official.of_other_periods(report.official(concept), report.period).assign(concept=concept) for concept in _CONCEPTS]
    every = pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)
    if every.empty:
        return []
    table = report.publish_official(every)
    columns = [
        ("period", "l", lambda row: str(row["time_period"])),
        ("indicator", "l", lambda row: words(f"concept.{row['concept']}")),
        ("agency", "l", lambda row: agency_name(report, row)),
        ("unit", "l", lambda row: words(f"unit.{row['unit_measure']}")),
        ("count", "r", lambda row: numbers.count(row, words)),
    ]
    under = blocks.note(table, words, ["note.counts"])
    return [blocks.data_table(table, columns, "other-periods", words("caption.other_periods", **report.place), under, words)]


def missing(report: Report) -> list[str]:
    """What the report could not say, and who would know."""
    words = report.words
    parts = [markdown.heading(words("section.missing"), "missing")]
    topics = [*report.gaps, *_NEVER_HELD.get(report.name, ())]
    if not topics:
        return [*parts, words("missing.none")]
    rows = [[words(f"gap.{topic}.what"), words(f"gap.{topic}.holder")] for topic in topics]
    header = [words("column.missing"), words("column.holder")]
    text = words("caption.missing", **report.place)
    return [*parts, words("missing.text"), markdown.table(header, rows, "ll", "missing", text, "")]


def made(report: Report) -> list[str]:
    """How the document was made: version, parameters, sources, disclosure, the command that makes it again."""
    words = report.words
    used = report.tables["official_stat"]
    own = set(used.loc[used["ref_area"].isin(countries_of(report.country)), "source_id"])
    sources = report.tables["source"]
    cited = sources.loc[sources["source_id"].isin(own), "citation"].tolist()
    cited += [*report.cited, *(report.case_citations if report.has_records else [])]
    if is_region(report.country):
        cited = [*report.cited, *(citation for holder in report.holders for citation in holder.case_citations)]
    listed = "\n".join(f"- {markdown.plain(citation)}" for citation in dict.fromkeys(cited))
    command = f"turquesa render --report {report.name} --country {report.country} --period {report.period} --language {report.language}"
    command += f" --audience {report.audience}" if report.audience != PUBLIC else ""
    command += f" --status {report.status}" if report.status == PRELIMINARY else ""
    command += f" --sections={report.sections}" if report.sections != ALL else ""
    text = "\n\n".join(
        [
            words(
                "made.text", version=__version__, report=report.name, country=report.country, period=report.period, language=report.language
            ),
            *withheld.certificate(report),
            words("made.sources"),
            listed,
            words("made.again", command=command, fingerprint=report.fingerprint),
        ]
    )
    return [markdown.heading(words("section.made"), "made"), *withheld.table(report), markdown.notice(text, "made")]
