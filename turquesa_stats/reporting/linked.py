"""The tables of offences linked to a country's cases: those of trafficking in persons and those of smuggling of migrants apart."""

from __future__ import annotations

from turquesa_stats.disclosure.gate import without_hidden
from turquesa_stats.measures.linked_offences import CRIME_SUMS, CRIMES
from turquesa_stats.present import blocks, markdown
from turquesa_stats.reporting.activity_tables import counted
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.shares import n_of
from turquesa_stats.reporting.training import count_text

_CAPTIONS = {"TIP": "caption.linked_tip", "SOM": "caption.linked_som"}


def linked_offences(report: Report) -> list[str]:
    """Cases by linked offence: document fraud, cybercrime, terrorism, illicit goods, money laundering; the unit is the case."""
    words = report.words
    parts = [markdown.heading(words("section.links"), "linked-offences")]
    units, told = report.units("linked"), []
    for crime in CRIMES:
        if not len(units) or not units["crime"].isin(CRIME_SUMS[f"_{crime}"]).any():
            continue
        name = f"linked-{crime.lower()}"
        table = report.publish_cases(counted(name, units), name)
        shown = without_hidden(table, "code")
        if shown.frame.empty:
            continue
        columns = [
            ("link", "l", lambda row: words(f"step.{row['code']}")),
            ("cases", "r", lambda row: count_text(row, report)),
        ]
        under = blocks.note(shown, words, ["note.linked"], n_of(report, table))
        told.append(blocks.data_table(shown, columns, name, words(_CAPTIONS[crime], **report.place), under, words))
    return [*parts, report.of_cases(words("links.cases"), "linked"), *told] if told else parts + report.gap("links")
