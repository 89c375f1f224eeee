"""One report for one country, period and language, as the cells of a ``.qmd`` use it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from turquesa_stats.disclosure.gate import Origin, Person, PublishableTable, protect
from turquesa_stats.errors import UnknownParameter, nearest
from turquesa_stats.measures import official
from turquesa_stats.period import Period
from turquesa_stats.present import markdown
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import check_country, check_language
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.validation import empty_table
from turquesa_stats.schema.workspace import UNRESTRICTED, Workspace
from turquesa_stats.sources.default_data import default_workspace

if TYPE_CHECKING:
    from turquesa_stats.reporting.blocks import Block

WORKSPACE_VARIABLE = "TURQUESA_WORKSPACE"


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
    tables : mapping
        The workspace's tables.
    fingerprint : str
        Hash of the data.
    gaps : list of str
        Topics found missing so far, in order.
    hidden : int
        Rows hidden so far to protect persons.
    """

    name: str
    country: str
    period: Period
    language: str
    tables: Mapping[str, pd.DataFrame]
    fingerprint: str
    gaps: list[str] = field(default_factory=list)
    hidden: int = 0

    @property
    def words(self) -> Words:
        """The words of the report's language."""
        return Words(self.language)

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

        display(Markdown("\n\n".join(self.write(block))))

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
        return protect(rows, Origin.OFFICIAL, rows["citation"].tolist())

    def publish_cases(self, rows: pd.DataFrame, person: Person = Person.VICTIM, additive: Sequence[Sequence[str]] = ()) -> PublishableTable:
        """Return counts of case-level records after disclosure control."""
        table = protect(rows, self.case_origin, self.case_citations, person, additive)
        self.hidden += table.withheld.primary + table.withheld.complementary
        return table

    @property
    def has_cases(self) -> bool:
        """Whether the workspace holds case-level records of the country."""
        return bool(self.tables["case"]["country_report"].eq(self.country).any())

    @property
    def _case_sources(self) -> pd.DataFrame:
        case = self.tables["case"]
        own = case.loc[case["country_report"].eq(self.country), "source_id"].unique()
        sources = self.tables["source"]
        return sources[sources["source_id"].isin(own)]

    @property
    def case_origin(self) -> Origin:
        """Whether the country's case-level records are real or made up."""
        return Origin.SYNTHETIC if self._case_sources["synthetic"].any() else Origin.CASES

    def of_cases(self, sentence: str) -> str:
        """Return a sentence on case-level records, marked where they are made up."""
        mark = f"**{self.words('mark.synthetic')}.** " if self.case_origin is Origin.SYNTHETIC else ""
        return mark + sentence

    @property
    def case_citations(self) -> list[str]:
        """The sources of the country's case-level records."""
        return self._case_sources["citation"].tolist()

    def official(self, concept: str) -> pd.DataFrame:
        """Return the country's official figures of one concept."""
        return official.concept_rows(self.tables, self.country, concept)

    def yearly(self, concept: str) -> pd.DataFrame:
        """Return the yearly totals of one concept by agency, up to the end of the period."""
        return official.series(self.official(concept), self.period)


@cache
def load(folder: Path | None) -> tuple[Mapping[str, pd.DataFrame], str]:
    """
    Return the tables of a workspace (the default one if None) that may reach a page, and their fingerprint; read once a process.

    Rows of sources with handling H1 to H3 are not among them. Case-level tables that the workspace has not are there without rows.
    """
    workspace = default_workspace() if folder is None else Workspace(folder)
    tables = workspace.tables()
    kept = set(tables["source"].loc[tables["source"]["handling"].eq(UNRESTRICTED), "source_id"]) if "source" in tables else set()
    public = {name: table[table["source_id"].isin(kept)].reset_index(drop=True) for name, table in tables.items()}
    absent = {name: empty_table(name) for name in table_names() if name not in public and table_schema(name).sensitivity == "R"}
    return public | absent, workspace.fingerprint()


def workspace_folder() -> Path | None:
    """Return the workspace named by the environment, or None for the default one."""
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else None


def preload() -> None:
    """Import all that reports use and read the workspace's tables, so that forked children find them in memory."""
    from turquesa_stats.present.style import set_up

    set_up()
    load(workspace_folder())


def open_report(name: str, country: str, period: str | int, language: str = "en") -> Report:
    """
    Open a report on the workspace of ``TURQUESA_WORKSPACE``, or on the data that ship with turquesa.

    Parameters
    ----------
    name : str
        The report's file name without ``.qmd``.
    country : str
        ISO 3166 alpha-3.
    period : str or int
        Year, half-year, quarter, month or span.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.

    Raises
    ------
    UnknownParameter
        If a parameter has no such value.
    """
    tables, fingerprint = load(workspace_folder())
    return Report(name, check_country(country), Period.parse(str(period)), check_language(language), tables, fingerprint)
