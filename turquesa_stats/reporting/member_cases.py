"""A region's countries with case-level records: each country's own protected tables, as in its own reports, never added."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from turquesa_stats.present import markdown
from turquesa_stats.reporting.case_tables import Register
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.regions import countries_of

_LABEL = re.compile(r"\{#(sec|tbl)-([\w-]+)")
Write = Callable[[Report], list[str]]


def holders(report: Report) -> list[Report]:
    """Return a report of each country of the region that has case-level records, by name; what they read, the region reads."""
    if not report.holders:
        held = set(report.tables["case"]["country_report"])
        opened = [
            replace(report, country=code, tables=report.tables.of(code), gaps=[], cited={}, members=[], holders=[], _withheld={}, _held={})
            for code in countries_of(report.country)
            if code in held
        ]
        report.holders = sorted(opened, key=lambda one: one.place["country"])
    return report.holders


def of_holders(report: Report, register: Register, write: Write, topic: str, under: int, *, is_said: bool = False) -> list[str]:
    """
    Return the tables of a register, country by country; the gap where no country of the region has any.

    Parameters
    ----------
    report : Report
        Of a region.
    register : str
        Whose units are counted.
    write : callable
        A block on one country, which begins with its heading.
    topic : str
        The gap.
    under : int
        Level of the heading that these stand under.
    is_said : bool
        Whether the document has already said that nothing follows for the region.
    """
    found = []
    for holder in holders(report):
        if len(holder.units(register)):
            name = markdown.heading(holder.place["country"], f"of-{register}", under + 1)
            found += labelled([name, *demoted(write(holder)[1:], under)], holder.country)
    if not found:
        return report.gap(topic)
    return found if is_said else [report.words("region.holders"), *found]


def demoted(parts: Sequence[str], by: int) -> list[str]:
    """Return parts whose headings stand some levels lower."""
    return ["#" * by + part if part.startswith("## ") else part for part in parts]


def labelled(parts: Sequence[str], country: str) -> list[str]:
    """
    Return parts with the country in the labels of tables and headings: two countries' differ, and the audit knows whose they are.

    Examples
    --------
    >>> labelled(["::: {#tbl-services}"], "XAA")
    ['::: {#tbl-services-xaa}']
    """
    return [_LABEL.sub(rf"{{#\1-\2-{country.lower()}", part) for part in parts]
