"""The sections of a region's threat assessment: what its judgements say, and the official figures that stand beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures import official
from turquesa_stats.measures import operations as measured
from turquesa_stats.measures.pandemic import ONSET, pandemic_break
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.reporting import closing, operations, region, since_last, training
from turquesa_stats.reporting.judgements import of_section
from turquesa_stats.reporting.linked import linked_offences
from turquesa_stats.reporting.member_cases import demoted, holders, labelled, of_holders
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.rights import rights as victims_rights
from turquesa_stats.reporting.routes import fees
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.regions import DEMONSTRATION, countries_of

Row = dict[Any, Any]
_SEED = 20211130
_TERMS = {"level change": "term.level_change", "slope change": "term.slope_change"}
_CAPTIONS = {
    "RECRUITMENT": "caption.region_recruitment",
    "MEANS": "caption.region_means",
    "sex": "caption.region_sex",
    "age": "caption.region_age",
}
_EVENT_YEARS = 2  # before the period, from which events are told


def opened(report: Report, section: str) -> list[str]:
    """Return the heading of a section and what its judgements say now and said last year."""
    key = section.lower()
    return [markdown.heading(report.words(f"section.{key}"), key.replace("_", "-")), *of_section(report, section)]


def changed(report: Report, *found: list[str]) -> list[str]:
    """Return what compares a section with the last edition, or the sentence that nothing published or recorded can be compared."""
    return [part for parts in found for part in parts] or [report.words("change.none")]


def drivers(report: Report) -> list[str]:
    """Events of the last years, and the pandemic: detections before and since, and the break where a series is long enough."""
    words = report.words
    parts = [*opened(report, "DRIVERS"), words("change.markets", label="@sec-markets"), *(_events(report) or report.gap("events"))]
    if report.period.end.year < ONSET.year:
        return parts
    found = region.comparison(report, ONSET.year - 1, ONSET.year, "region-pandemic", "caption.region_pandemic")
    found += since_last.of_years(report, [since_last.PANDEMIC], ONSET.year - 1, ONSET.year, "pandemic")
    parts += found or report.gap("pandemic")
    if not region.members(report, "VICTIMS"):
        return parts
    tried, told = _breaks(report)
    parts.append(words("pandemic.breaks", tried, told=len(told), count=tried))
    if told.empty:
        return parts
    table = report.publish_official(told)
    columns = [
        ("country", "l", lambda row: row["country"]),
        ("term", "l", lambda row: words(_TERMS[row["term"]])),
        ("times", "r", lambda row: region.ratio(report, row)),
        ("p_value", "r", lambda row: numbers.p_value(row["p_value"], words)),
    ]
    under = blocks.note(table, words, ["note.breaks"])
    return [*parts, blocks.data_table(table, columns, "region-breaks", words("caption.region_breaks", **report.place), under, words)]


def _breaks(report: Report) -> tuple[int, pd.DataFrame]:
    """Return how many countries have a series that reaches the pandemic, and the change of level and slope of those long enough."""
    tried, found = 0, []
    for member in region.members(report, "VICTIMS"):
        yearly = member.yearly("VICTIMS")
        leading = official.lead(yearly, report.period)
        line = yearly[(yearly[list(official.SERIES)] == leading.iloc[0][list(official.SERIES)]).all(axis=1)] if len(leading) else yearly
        try:
            told = pandemic_break(line, _SEED)
        except MeasureRefused:  # no figure for the year of onset
            continue
        tried += 1
        told = told[told["term"].isin(list(_TERMS))] if "term" in told else told.head(0)
        found.append(region.named(told[told["value"].notna()].assign(citation=line["citation"].iloc[0]), member))
    return tried, region.joined(found)


def _events(report: Report) -> list[str]:
    words = report.words
    if "context_event" not in report.tables:
        return []
    events = report.tables["context_event"]
    recent = events["start"].between(pd.Timestamp(report.period.start) - pd.DateOffset(years=_EVENT_YEARS), pd.Timestamp(report.period.end))
    rows = events[recent].join(report.tables["source"].set_index("source_id")[["citation"]], on="source_id")
    if rows.empty:
        return []
    table = report.publish_official(rows.sort_values(["start", "event_id"], ignore_index=True))
    columns = [
        ("date", "l", lambda row: f"{row['start']:%Y-%m-%d}"[: {"D": 10, "M": 7}.get(row["start_prec"], 4)]),
        ("country", "l", lambda row: words.country(row["iso3"])),
        ("event", "l", lambda row: words.label("context_kind", row["kind"])),
    ]
    return [
        blocks.data_table(table, columns, "region-events", words("caption.region_events", **report.place), blocks.note(table, words), words)
    ]


def actors(report: Report) -> list[str]:
    """Who commits: formal contact as published; kinds of group and roles from records, as nobody publishes them for a region."""
    found = region.totals(report, ["CONTACT"], "region-contact", "caption.region_contact")
    recorded = since_last.since_last(report, "ACTORS")
    parts = [*opened(report, "ACTORS"), *([report.words("justice.presumption"), *found] if found or recorded else [])]
    return [*parts, *changed(report, region.since_last(report, "CONTACT"), recorded), *([] if recorded else report.gap("actors"))]


def markets(report: Report) -> list[str]:
    """Trafficking by form of exploitation, smuggling by corridor and its price, and the change of what was detected in a year."""
    words, year = report.words, report.period.end.year
    parts = opened(report, "MARKETS")
    rows, recorded = region.splits(report, "exploitation"), since_last.since_last(report, "MARKETS")
    if len(rows):
        part = ("form", lambda row: words.label("exploitation", row["exploitation"]))
        parts.append(region.split_table(report, rows, part, "region-forms", "caption.region_forms"))
    elif not recorded:
        parts += report.gap("exploitation")
    compared = region.comparison(report, year - 1, year, "region-change", "caption.region_change")
    return [*parts, *changed(report, compared, recorded), *_fees(report), *([] if recorded else report.gap("corridors"))]


def _fees(report: Report) -> list[str]:
    """Fees of smuggling with the year of their prices, country by country; the gap where no records tell them."""
    found = []
    for holder in holders(report):
        units = holder.units("smuggled")
        told = fees(holder, units) if len(units) else ""
        found += labelled([told], holder.country) if told else []
    if found:
        return [report.words("routes.fees"), *found]
    published = () if report.country == DEMONSTRATION else ((), countries_of(report.country))
    priced = [measured.results(report.tables, report.period, *areas) for areas in published]
    if any(len(rows) and rows["metric"].str.startswith("fee_").any() for rows in priced):
        return [report.words("markets.fees", label="@sec-response")]
    return report.gap("fees")


def modus_operandi(report: Report) -> list[str]:
    """Recruitment and means as published and as recorded; technology by stage from records alone: nobody publishes it."""
    parts, recorded = opened(report, "MODUS_OPERANDI"), since_last.since_last(report, "MODUS_OPERANDI")
    for characteristic in ("RECRUITMENT", "MEANS"):
        rows = region.splits(report, "characteristic_code", characteristic)
        if rows.empty:
            parts += [] if recorded else report.gap(characteristic.lower())
        else:
            label = f"region-{characteristic.lower()}"
            parts.append(region.split_table(report, rows, ("answer", _answer(report, characteristic)), label, _CAPTIONS[characteristic]))
    return [
        *parts,
        *changed(report, recorded),
        *([] if any("tbl-since-technology" in part for part in recorded) else report.gap("technology")),
    ]


def _answer(report: Report, characteristic: str) -> Callable[[Row], str]:
    codes = code_list("characteristic").column("codes")[characteristic]
    return lambda row: report.words.label(codes, row["characteristic_code"])


def links(report: Report) -> list[str]:
    """Links to document fraud, cybercrime, terrorism, illicit goods and money laundering."""
    held = of_holders(report, "linked", linked_offences, "links", 2, is_said=True)
    return [*opened(report, "LINKS"), report.words("links.text"), *held, *changed(report, since_last.since_last(report, "LINKS"))]


def harm(report: Report) -> list[str]:
    """Who the detected victims are, by sex and by age."""
    words, parts, tables = report.words, opened(report, "HARM"), []
    for over in ("sex", "age"):
        rows = region.splits(report, over)
        if len(rows):
            part = (over, lambda row, over=over: words.label(over, row[over]))
            tables.append(region.split_table(report, rows, part, f"region-{over}", _CAPTIONS[over]))
    recorded = since_last.since_last(report, "HARM")
    return [*parts, *(tables or ([] if recorded else report.gap("sex_age"))), *changed(report, recorded)]


def response(report: Report) -> list[str]:
    """Investigations, prosecutions and convictions as published, operations and their results, cooperation and training."""
    words = report.words
    parts = opened(report, "RESPONSE")
    found = region.totals(report, ["INVESTIGATIONS", "PROSECUTIONS", "CONVICTIONS"], "region-response", "caption.region_response")
    recorded = since_last.since_last(report, "RESPONSE")
    change = changed(report, region.since_last(report, "INVESTIGATIONS", "PROSECUTIONS", "CONVICTIONS"), recorded)
    return [
        *parts,
        *(found or ([] if recorded else report.gap("stages"))),
        *change,
        *demoted(_operations(report), 1),
        markdown.heading(words("section.cooperation"), "region-cooperation", 3),
        *of_holders(report, "requests", operations.cooperation, "cooperation", 3, is_said=True),
        *changed(report, since_last.since_last(report, "COOPERATION", 3)),
        markdown.heading(words("section.training"), "region-training", 3),
        *of_holders(report, "participants", _taught, "training", 3, is_said=True),
        *changed(report, since_last.since_last(report, "TRAINING", 3)),
    ]


def _operations(report: Report) -> list[str]:
    if report.country == DEMONSTRATION:  # real results of real operations stand on no made-up region's page
        return report.gap("operations")
    if "operation" not in report.tables:
        return closing.operations(report)
    return [*operations.results_of_operations(report), *operations.arrests(report)]


def cooperation(report: Report) -> list[str]:
    """Requests for cooperation of the region's countries whose records are held."""
    heading = markdown.heading(report.words("section.cooperation"), "region-cooperation")
    return [heading, *of_holders(report, "requests", operations.cooperation, "cooperation", 2)]


def _taught(holder: Report) -> list[str]:
    heading, *held = training.activities(holder)
    return [heading, *held, *(part for part in training.participants(holder) if not part.startswith("## "))]


def rights(report: Report) -> list[str]:
    """Services to victims and compensation, of the countries whose records are held: no official figure of the region tells of them."""
    heading = markdown.heading(report.words("section.rights"), "region-rights")
    held = of_holders(report, "services", victims_rights, "rights", 2, is_said=True)
    return [heading, *held, *changed(report, since_last.since_last(report, "RIGHTS"))]
