"""One report for one country, period and language, as the cells of a ``.qmd`` use it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from turquesa_stats.disclosure.gate import REASONS, Origin, PublishableTable, Verdict, Withheld, protect
from turquesa_stats.disclosure.policy import PUBLIC, Policy, policy
from turquesa_stats.disclosure.secret import rounding_secret
from turquesa_stats.errors import UnknownParameter, nearest
from turquesa_stats.forks import end_with_parent
from turquesa_stats.measures import official
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS
from turquesa_stats.period import Period
from turquesa_stats.present import markdown
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.activity_protection import ACTIVITY_PERSON, DECIDED_FOR, protect_activities, protected_by, units_within
from turquesa_stats.reporting.activity_tables import EVERY_TABLE
from turquesa_stats.reporting.case_tables import Register
from turquesa_stats.reporting.protection import PERSON, PROTECTED_BY, Protection, protect_register
from turquesa_stats.reporting.sections import ALL, check_sections, is_shown
from turquesa_stats.schema.codes import TOTAL, Language, check_language
from turquesa_stats.schema.parts import Division, Fingerprints, Part, divide, fingerprints
from turquesa_stats.schema.regions import check_area, countries_of, is_region
from turquesa_stats.schema.workspace import AUDIENCE_VARIABLE, FINAL, STATUS_VARIABLE, WORKSPACE_VARIABLE, Workspace
from turquesa_stats.sources.default_data import default_workspace

if TYPE_CHECKING:
    from turquesa_stats.reporting.blocks import Block

_PROTECTIONS: dict[tuple[str, str, Register], Protection] = {}
"""What is hidden, by country, audience and register: decided once a process, in the parent where it is known which countries are made."""


@dataclass
class Report:
    """
    A report being written.

    Attributes
    ----------
    name : str
        The report's file name without ``.qmd``.
    country, period, language : str, Period, str
        Its parameters.
    tables : Part
        The country's part of the workspace's tables.
    audience : str
        Whose disclosure policy counts.
    status : str
        ``final``, or ``preliminary``, which the front matter says.
    sections : str
        Which blocks are shown: see :func:`turquesa_stats.reporting.sections.chosen`.
    gaps : list of str
        Topics found missing so far, in order.
    cited : dict of str
        Sources of the official figures shown so far, in order.
    members : list of Report
        Of a region: its countries with official figures (:func:`turquesa_stats.reporting.region.members` opens them).
    holders : list of Report
        Of a region: its countries with case-level records (:func:`turquesa_stats.reporting.member_cases.holders` opens them).
    """

    name: str
    country: str
    period: Period
    language: str
    tables: Part
    audience: str = PUBLIC
    status: str = FINAL
    sections: str = ALL
    gaps: list[str] = field(default_factory=list)
    cited: dict[str, None] = field(default_factory=dict)
    members: list[Report] = field(default_factory=list, repr=False)
    holders: list[Report] = field(default_factory=list, repr=False)
    _withheld: dict[str, int] = field(default_factory=dict, repr=False)
    _held: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def words(self) -> Words:
        """The words of the report's language."""
        return Words(self.language)

    @property
    def hidden(self) -> int:
        """Rows hidden so far to protect persons; a table that is published twice counts once."""
        return sum(self._withheld.values()) + sum(holder.hidden for holder in self.holders)

    def withheld(self) -> Withheld:
        """Return how many cells of the country and period are hidden in all tables of all reports, by reason."""
        registers: tuple[Register, ...] = ("victims", "accused")
        each = [self.protection(register).withheld(register, self.period) for register in registers]
        return Withheld(*(sum(getattr(one, reason) for one in each) for reason in REASONS))

    @property
    def fingerprint(self) -> str:
        """Hash of the rows read so far."""
        return self.tables.fingerprint

    @property
    def place(self) -> dict[str, str]:
        """What captions name: country and period."""
        return {"country": self.words.country(self.country), "period": str(self.period)}

    def show(self, block: str) -> None:
        """
        Display a block; see :data:`turquesa_stats.reporting.blocks.BLOCKS` for their names.

        Raises
        ------
        UnknownParameter
            If there is no such block.
        """
        from IPython.display import Markdown, display

        if not self.shows(block):
            return
        display(Markdown("\n\n".join(self.write(block))))

    def shows(self, block: str) -> bool:
        """Whether a block is among the sections asked for."""
        return is_shown(block, self.sections)

    def write(self, block: str) -> list[str]:
        """Return the Markdown parts of a block."""
        from turquesa_stats.reporting.blocks import BLOCKS

        if block not in BLOCKS:
            raise UnknownParameter(f"block '{block}' does not exist; {nearest(block, BLOCKS)}")
        make: Block = BLOCKS[block]
        return make(self)

    def gap(self, topic: str, other_years: pd.DataFrame | None = None) -> list[str]:
        """
        Say that a topic is missing and who would have it, and remember it for the closing table.

        Parameters
        ----------
        topic : str
            Key of the topic.
        other_years : DataFrame, optional
            Official figures that would answer for other periods; their latest year is named.
        """
        if topic not in self.gaps:
            self.gaps.append(topic)
        words = self.words
        said = words("gap.short", what=words(f"gap.{topic}.what"), holder=words(f"gap.{topic}.holder"))
        if other_years is not None and len(other_years):
            said += " " + words("gap.latest", year=int(other_years["period_end"].dt.year.max()))
        return [markdown.notice(said, "gap")]

    def publish_official(self, rows: pd.DataFrame) -> PublishableTable:
        """Return official figures, with their citations, as publishable."""
        self.cited |= dict.fromkeys(rows["citation"])
        return protect(rows, Origin.OFFICIAL, rows["citation"].tolist())

    def publish_cases(self, rows: pd.DataFrame, name: str) -> PublishableTable:
        """
        Return a table of counts of persons after disclosure control.

        Parameters
        ----------
        rows : DataFrame
            The table with ``count`` and ``n``.
        name : str
            Which it is of :data:`turquesa_stats.reporting.activity_tables.EVERY_TABLE`.
        """
        table_of = EVERY_TABLE[name]
        register = table_of.register
        protection, k = self.protection(register), self.policy.k(PERSON[register] if register in PERSON else ACTIVITY_PERSON[register])
        verdicts = protection.verdicts(name, rows, self.period)
        kind, base = table_of.kind, protection.base if str(self.period) in protection.periods else 0
        table = protect(rows, self.case_origin, self.case_citations, k, verdicts, kind=kind, base=base)
        self._withheld[name] = table.withheld.total
        return table

    @property
    def policy(self) -> Policy:
        """The limits of the audience that the report is for."""
        return policy(self.audience)

    def publish_programme(self, rows: pd.DataFrame) -> PublishableTable:
        """Return rows on activities, which count no persons, as publishable, with the sources of the country's records."""
        counted = rows.assign(count=rows.get("count", 0), n=rows.get("n", 0))
        return protect(counted, self.case_origin, self.case_citations, 0, [Verdict()] * len(rows))

    def units(self, register: Register) -> pd.DataFrame:
        """Return the units of a register of activities in the years that the period holds whole."""
        years = [year for year in range(self.period.start.year, self.period.end.year + 1) if self.period.contains(Period.parse(str(year)))]
        is_held = self.has_cases or (register == "participants" and self.has_records)  # whose country needs no case to be known
        return units_within(self.tables, self.country, register, years) if is_held else pd.DataFrame()

    def protection(self, register: Register) -> Protection:
        """Return what is hidden of a register of the country, decided once for all its documents."""
        if register in ACTIVITY_REGISTERS:
            return self._activity_protection(register)
        for name in PROTECTED_BY:  # each document depends on all that decided what is hidden, also where another process decided
            self.tables[name]
        held = (f"{self.country} {self.tables.fingerprint_of(PROTECTED_BY)}", self.audience, register)
        if held not in _PROTECTIONS:
            _PROTECTIONS[held] = protect_register(self.tables, self.country, register, self.policy, self._official_totals(), self._secret)
        return _PROTECTIONS[held]

    @property
    def _secret(self) -> str:
        return rounding_secret(workspace_folder() or default_workspace().folder) if self.policy.method == "rounding" else ""

    def _activity_protection(self, register: Register) -> Protection:
        for name in protected_by(register):
            self.tables[name]
        held = (f"{self.country} {self.tables.fingerprint_of(protected_by(register))}", self.audience, register)
        if held not in _PROTECTIONS:
            _PROTECTIONS[held] = protect_activities(self.tables, self.country, register, self.policy, self._secret)
        return _PROTECTIONS[held]

    def _official_totals(self) -> pd.DataFrame:
        rows = self.official("VICTIMS")
        return rows[(rows[[name for name in official.DIMENSIONS if name != "sex"]] == TOTAL).all(axis=1) & rows["freq"].eq("A")]

    @property
    def has_cases(self) -> bool:
        """Whether the workspace holds case-level records of the country."""
        return bool(self.tables["case"]["country_report"].eq(self.country).any())

    @property
    def has_records(self) -> bool:
        """Whether the workspace holds cases of the country, or participants in training."""
        return self.has_cases or bool(self.tables["participant"]["iso3"].eq(self.country).any())

    @property
    def _case_sources(self) -> pd.DataFrame:
        name, field = ("case", "country_report") if self.has_cases else ("participant", "iso3")
        own = self.tables[name].loc[self.tables[name][field].eq(self.country), "source_id"].unique()
        sources = self.tables["source"]
        return sources[sources["source_id"].isin(own)]

    @property
    def case_origin(self) -> Origin:
        """Whether the country's case-level records are real or made up."""
        return Origin.SYNTHETIC if self._case_sources["synthetic"].any() else Origin.CASES

    def of_cases(self, sentence: str, register: Register = "victims") -> str:
        """Return a sentence on case-level records, marked where they are made up or its counts are rounded."""
        mark = f"**{self.words('mark.synthetic')}.** " if self.case_origin is Origin.SYNTHETIC else ""
        base = self.protection(register).base
        return mark + sentence + (" " + self.words("mark.rounded", base=base) if base else "")

    @property
    def case_citations(self) -> list[str]:
        """The sources of the country's case-level records; where it has no cases, of its participants in training."""
        return self._case_sources["citation"].tolist()

    def official(self, concept: str) -> pd.DataFrame:
        """Return the country's official figures of one concept."""
        if concept not in self._held:
            self._held[concept] = official.concept_rows(self.tables, self.country, concept)
        return self._held[concept].copy(deep=False)

    def yearly(self, concept: str) -> pd.DataFrame:
        """Return the yearly totals of one concept by agency, up to the end of the period."""
        series = f"{concept} by year"
        if series not in self._held:
            self._held[series] = official.series(self.official(concept), self.period)
        return self._held[series].copy(deep=False)


@cache
def load(folder: Path | None) -> tuple[Division, Fingerprints]:
    """Return the tables of a workspace (the default one if None) divided by country, and their fingerprints; read once a process."""
    workspace = default_workspace() if folder is None else Workspace(folder)
    return divide(workspace), fingerprints(workspace)


def workspace_folder() -> Path | None:
    """Return the workspace named by the environment, or None for the default one."""
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else None


def preload(countries: Sequence[str] = (), processes: int = 1, reports: Sequence[str] = ()) -> None:
    """
    Import all that reports use, draw once, and read outlines and the workspace's tables, so that forked children find all in memory.

    Parameters
    ----------
    countries : sequence of str
        Those of which documents are made: what is hidden of their counts of persons is decided here, once.
    processes : int
        So many decide at once, each in a fork of this one; none of them is left when this returns.
    reports : sequence of str
        Those that are made: what is hidden of other registers is decided for those alone that count them.
    """
    from turquesa_stats.present.outlines import outlines
    from turquesa_stats.present.style import canvas, finish
    from turquesa_stats.present.words import catalogue

    import_module("turquesa_stats.reporting.blocks")
    picture, axes = canvas(1.0)
    axes[0].set_title("Aá")
    finish(picture, None)
    outlines()
    for language in Language:
        catalogue(language)
    load(workspace_folder())
    named = [*dict.fromkeys(register for name in reports for register in DECIDED_FOR.get(name, ()))]
    wanted: dict[str, tuple[Register, ...]] = {}  # a region's documents show registers country by country
    for area in countries:
        asked = named if is_region(area) else [*PERSON, *named]
        wanted |= {code: (*dict.fromkeys((*wanted.get(code, ()), *asked)),) for code in countries_of(area)}
    if min(processes, len(wanted)) < 2:
        for country, registers in wanted.items():
            _decide(country, registers)
        return
    with ProcessPoolExecutor(min(processes, len(wanted)), get_context("fork"), initializer=_begin, initargs=(os.getpid(),)) as pool:
        for found in pool.map(_decide, wanted, wanted.values()):
            _PROTECTIONS.update(found)


def _begin(parent: int) -> None:
    """Begin a forked process that decides: stopped at once, by whatever ends its parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(parent)


def _decide(country: str, registers: Sequence[Register]) -> dict[tuple[str, str, Register], Protection]:
    """Decide what is hidden of a country's registers, and return all that is decided so far."""
    report = open_report("", country, "1900/2999")
    for register in registers if report.has_cases else ():
        report.protection(register)
    return {held: found for held, found in _PROTECTIONS.items() if held[0].split()[0] == country}


def open_report(name: str, country: str, period: str | int, language: str = "en", sections: str = ALL) -> Report:
    """
    Open a report on the workspace of ``TURQUESA_WORKSPACE``, or on the data that ship with turquesa.

    Parameters
    ----------
    name : str
        The report's file name without ``.qmd``.
    country : str
        ISO 3166 alpha-3, or code of a region for a report of regions.
    period : str or int
        Year, half-year, quarter, month or span.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.
    sections : str
        ``all``, ``brief``, or names of blocks: see :func:`turquesa_stats.reporting.sections.is_shown`.

    Raises
    ------
    UnknownParameter
        If a parameter has no such value.
    """
    division, known = load(workspace_folder())
    checked = check_area(country)
    return Report(
        name,
        checked,
        Period.parse(str(period)),
        check_language(language),
        Part(division, known, checked),
        os.environ.get(AUDIENCE_VARIABLE, PUBLIC),
        os.environ.get(STATUS_VARIABLE, FINAL),
        check_sections(sections),
    )
