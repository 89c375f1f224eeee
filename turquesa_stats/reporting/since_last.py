"""What a country's records say of a year beside the year before: counts of both, each as its own reports print it, and their ratio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable, Withheld
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.methods.rates import rate_ratio
from turquesa_stats.period import Period
from turquesa_stats.present import blocks, markdown, numbers
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.activity_tables import EVERY_TABLE
from turquesa_stats.reporting.member_cases import holders, labelled
from turquesa_stats.reporting.report import Report
from turquesa_stats.reporting.shares import n_of
from turquesa_stats.reporting.training import count_text

Row = Mapping[Any, Any]
_CAPTIONS = {
    "attrition": "caption.since_attrition",
    "compensation": "caption.since_compensation",
    "exploitation-cases": "caption.since_exploitation_cases",
    "journey-origins": "caption.since_journey_origins",
    "journey-reach": "caption.since_journey_reach",
    "linked-som": "caption.since_linked_som",
    "linked-tip": "caption.since_linked_tip",
    "means-cases": "caption.since_means_cases",
    "participants": "caption.since_participants",
    "recruitment-cases": "caption.since_recruitment_cases",
    "request-directions": "caption.since_request_directions",
    "roles-som": "caption.since_roles_som",
    "roles-tip": "caption.since_roles_tip",
    "services": "caption.since_services",
    "smuggled-passages": "caption.since_smuggled_passages",
    "smuggling-corridors": "caption.since_smuggling_corridors",
    "structure-som": "caption.since_structure_som",
    "structure-tip": "caption.since_structure_tip",
    "technology": "caption.since_technology",
    "victim-groups": "caption.since_victim_groups",
    "victims": "caption.since_victims",
}
_RATIO = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Since:
    """
    A table of two years.

    Attributes
    ----------
    name : str
        Which of :data:`turquesa_stats.reporting.activity_tables.EVERY_TABLE`; label and caption follow from it.
    heading : str
        Key of the heading of its first column.
    write : callable
        Words, row -> what the row counts.
    has : callable
        Which of its rows are shown.
    with_n : bool
        Whether the number of units with a known answer stands under it.
    label : str
        Without ``tbl-since-``, where the name of the table is taken already.
    """

    name: str
    heading: str
    write: Callable[[Words, Row], str]
    has: Callable[[Row], bool] = lambda _: True
    with_n: bool = True
    label: str = ""


def _of(codes: str) -> Callable[[Words, Row], str]:
    return lambda words, row: words.label(codes, row["code"])


def _step(words: Words, row: Row) -> str:
    return words(f"step.{row['code']}")


def _role(words: Words, row: Row) -> str:
    return words(f"step.{row['code']}") if row["code"].startswith("ROLE_") else words.label("role", row["code"])


def _everybody(words: Words, _: Row) -> str:
    return words("group._T")


VICTIMS = Since("victims", "group", _everybody, with_n=False)
PANDEMIC = Since("victims", "group", _everybody, with_n=False, label="pandemic")
SECTIONS: Mapping[str, Sequence[Since]] = {
    "ACTORS": (
        *(Since(f"structure-{crime}", "group_type", _of("group_type")) for crime in ("tip", "som")),
        *(Since(f"roles-{crime}", "role", _role) for crime in ("tip", "som")),
    ),
    "MARKETS": (
        VICTIMS,
        Since("exploitation-cases", "form", _of("exploitation")),
        Since("smuggling-corridors", "corridor", lambda words, row: words.corridor(row["code"]), with_n=False),
    ),
    "ROUTES": (
        Since("smuggled-passages", "transit", lambda words, row: words.country(row["code"]), with_n=False),
        Since("journey-origins", "origin", lambda words, row: words.country(row["code"])),
        Since("journey-reach", "reach", _step),
    ),
    "MODUS_OPERANDI": (
        Since("recruitment-cases", "answer", _of("recruit")),
        Since("means-cases", "answer", _of("means")),
        Since(
            "technology",
            "technology",
            lambda words, row: f"{words.label('tech_stage', row['stage'])}, {words.label('technology', row['code'])}",
        ),
    ),
    "LINKS": tuple(Since(f"linked-{crime}", "link", _step) for crime in ("tip", "som")),
    "HARM": (Since("victim-groups", "group", lambda words, row: words(f"group.{row['group']}")),),
    "RIGHTS": (
        Since(
            "services",
            "service",
            lambda words, row: words.label("protection", row["kind"]),
            lambda row: row["step"] == "DELIVERED",
            with_n=False,
        ),
        Since("compensation", "step", lambda words, row: words(f"step.{row['step']}"), with_n=False),
    ),
    "RESPONSE": (Since("attrition", "step", lambda words, row: words(f"step.{row['step']}")),),
    "COOPERATION": (
        Since(
            "request-directions",
            "request",
            lambda words, row: f"{words('step.' + row['direction'])}, {words('step.' + row['step'])}",
            with_n=False,
        ),
    ),
    "TRAINING": (
        Since(
            "participants",
            "group",
            lambda words, row: words("group._T") if row["group"] == "_T" else words.label("trainee_group", row["group"]),
            lambda row: row["sex"] == "_T",
            with_n=False,
        ),
    ),
}
"""The tables of each section of an assessment."""


def since_last(report: Report, section: str, under: int = 2) -> list[str]:
    """Return a section's tables of the year and the year before, country by country; empty where no country has any."""
    year = report.period.end.year
    return of_years(report, SECTIONS[section], year - 1, year, f"since-{section.lower()}".replace("_", "-"), under)


def of_years(report: Report, asked: Sequence[Since], first: int, last: int, label: str, under: int = 2) -> list[str]:
    """
    Return tables of two years, country by country.

    Parameters
    ----------
    report : Report
        Of a region.
    asked : sequence of Since
        Which.
    first, last : int
        The years.
    label : str
        Of the headings, without the country.
    under : int
        Level of the heading that these stand under.
    """
    found: list[str] = []
    for holder in holders(report):
        told = [table(holder, one, first, last) for one in asked]
        if any(told):
            name = report.words("section.of_years", country=holder.place["country"], first=first, last=last)
            found += labelled([markdown.heading(name, label, under + 1), *filter(None, told)], holder.country)
    return found


def table(holder: Report, asked: Since, first: int, last: int) -> str:
    """Return a table of two years of a country, empty where none of its counts may be printed in either."""
    words = holder.words
    shown = both_years(holder, asked, first, last)
    if shown is None:
        return ""
    header = [words(f"column.{asked.heading}"), str(first), str(last), words("column.times")]
    rows = [
        [
            asked.write(words, row),
            count_text({"count": row["count_before"], "flag": row["flag_before"]}, holder),
            count_text(row, holder),
            _ratio(row, words),
        ]
        for row in shown.frame.to_dict("records")
    ]
    n = " ".join([n_of(holder, shown), words("note.since_n")]) if asked.with_n else ""
    text = words(_CAPTIONS[asked.name], country=holder.place["country"], first=first, last=last)
    under = blocks.note(shown, words, ["note.since"], n)
    return markdown.table(header, rows, "lrrr", f"since-{asked.label or asked.name}", blocks.caption(shown, text, words), under)


def _ratio(row: Row, words: Words) -> str:
    if pd.isna(row["value"]):
        return "–"
    low, high = (numbers.decimal(row[end], words) if pd.notna(row[end]) else words("number.unknown") for end in ("low", "high"))
    return words("number.share_range", share=numbers.decimal(row["value"], words), low=low, high=high)


def both_years(holder: Report, asked: Since, first: int, last: int) -> PublishableTable | None:
    """
    Return both years' protected counts side by side, without rows hidden in both; None where nothing is left.

    Returns
    -------
    PublishableTable or None
        The later year's columns, ``count_before`` and ``flag_before``, and the ratio ``value`` with ``low`` and ``high``.
    """
    before, after = (_protected(holder, asked, year) for year in (first, last))
    if before is None or after is None:
        return None
    keys = [*EVERY_TABLE[asked.name].rows[0]]
    earlier = before.frame[[*keys, "count", "flag"]]
    if keys:
        both = after.frame.drop(columns=[*_RATIO], errors="ignore").merge(earlier, on=keys, suffixes=("", "_before"), sort=False)
    else:
        both = after.frame.drop(columns=[*_RATIO], errors="ignore").join(earlier.add_suffix("_before"))
    both = both[both["count"].notna() | both["count_before"].notna()].reset_index(drop=True)
    if both.empty:
        return None
    ratios = [_compared(row, after.base) for row in both.to_dict("records")]
    hidden = Withheld(*(getattr(before.withheld, one) + getattr(after.withheld, one) for one in Withheld.__slots__))
    return replace(after, frame=both.assign(unit="ratio", **pd.DataFrame(ratios, columns=list(_RATIO))), withheld=hidden)


def _protected(holder: Report, asked: Since, year: int) -> PublishableTable | None:
    own = replace(holder, period=Period.parse(str(year)), _withheld={})
    rows = own.protection(EVERY_TABLE[asked.name].register).counted(asked.name, own.period)
    if rows.empty:
        return None
    shown = rows[[asked.has(row) for row in rows.to_dict("records")]].reset_index(drop=True)
    found = own.publish_cases(shown.assign(**dict.fromkeys(_RATIO, np.nan)), asked.name)
    holder._withheld[f"{asked.name} {year}"] = found.withheld.total
    return found


def _compared(row: Row, base: int) -> list[float | None]:
    """Return the ratio of two printed counts with its exact interval; nothing where one is hidden or both are rounded."""
    if base or pd.isna(row["count"]) or pd.isna(row["count_before"]):
        return [None, None, None]
    try:
        found = rate_ratio(int(row["count"]), int(row["count_before"]))
    except MeasureRefused:  # two zeros, for readers to whom zeros are shown
        return [None, None, None]
    return [found.value, found.low, found.high]
