"""What every importer gives: validated tables, and an account in which no row is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused, UnknownParameter, nearest
from turquesa_stats.schema.inspection import inspect, no_hits
from turquesa_stats.schema.rules import Action, rules
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.spreadsheet import SHEET, as_text_cells

IMPORTERS: Mapping[str, str] = {
    "argentina-linea145": "turquesa_stats.sources.argentina_linea145",
    "assessment": "turquesa_stats.sources.assessment",
    "ctdc-kanonymised": "turquesa_stats.sources.ctdc_kanonymised",
    "ctdc-synthetic": "turquesa_stats.sources.ctdc_synthetic",
    "iom-missing-migrants": "turquesa_stats.sources.iom_missing_migrants",
    "peru-mininter": "turquesa_stats.sources.peru_mininter",
    "published-figures": "turquesa_stats.sources.published_figures",
    "published-operations": "turquesa_stats.sources.published_operations",
    "tidy": "turquesa_stats.sources.tidy",
    "un-wpp": "turquesa_stats.sources.un_wpp",
    "unodc-glotip": "turquesa_stats.sources.unodc_glotip",
    "us-cbp": "turquesa_stats.sources.us_cbp",
}
REASON = "set_aside_reason"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something seen in the file that a reader must know, with how often and one example."""

    what: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """
    The result of reading one file.

    Attributes
    ----------
    tables : mapping
        Validated tables by name.
    rows_read, rows_kept : int
        Data rows of the file, and those that stand in the tables as rows of their own.
    set_aside : DataFrame
        The rows in no table, as they stand in the file, with the reason in ``set_aside_reason``.
    findings : list of Finding
        What was repaired, marked or found strange.
    rows_merged : int
        Rows added together with others into one row of a table.
    hits : DataFrame, optional
        Every hit of every rule, where the importer let the rows in by them; otherwise the tables are inspected once they are made.
    not_run : mapping
        Rule -> why it could not run.
    label : str
        Name of the account's files; by default the source's.
    """

    tables: Mapping[str, pd.DataFrame]
    rows_read: int
    rows_kept: int
    set_aside: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    rows_merged: int = 0
    hits: pd.DataFrame | None = None
    not_run: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse an account that does not add up: a row would have been lost."""
        if self.rows_kept + self.rows_merged + len(self.set_aside) != self.rows_read:
            raise SourceRefused(f"{self.sums}: rows were lost")

    @property
    def sums(self) -> str:
        """The account in one line: rows read = kept + merged + set aside."""
        merged = f" + {self.rows_merged:,} merged" if self.rows_merged else ""
        return f"{self.rows_read:,} rows read = {self.rows_kept:,} kept{merged} + {len(self.set_aside):,} set aside"

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were set aside for each reason."""
        return {str(reason): int(count) for reason, count in self.set_aside[REASON].value_counts().items()}

    def _rules(self) -> list[dict[str, object]]:
        """Return each rule that found something: what was done, how often, and one example."""
        hits = self.hits if self.hits is not None else no_hits()
        return [
            {"rule": rule, "table": table, "column": column, "action": action, "count": len(group), "example": _example(group.iloc[0])}
            for (rule, table, column, action), group in hits.groupby(["rule", "table", "column", "action"])
        ]

    def rules_told(self) -> list[str]:
        """Return a line for each kind of hit of each rule."""
        return [
            f"{one['rule']} {rules()[str(one['rule'])].title['en']}: {one['count']:,} {one['action']}; e.g. {one['example']}"
            for one in self._rules()
        ]

    def account(self, file: str) -> str:
        """Return the account of a file as JSON text."""
        return json.dumps(
            {
                "file": file,
                "rows_read": self.rows_read,
                "rows_kept": self.rows_kept,
                "rows_merged": self.rows_merged,
                "rows_set_aside": len(self.set_aside),
                "set_aside_by_reason": self.reasons,
                "findings": [{"what": f.what, "count": f.count, "example": f.example} for f in self.findings],
                "rules": self._rules(),
                "rules_not_run": dict(self.not_run),
                "rows_written": {name: len(table) for name, table in self.tables.items()},
            },
            ensure_ascii=False,
            indent=1,
        )


def refuse_if_all(path: Path, reason: pd.Series[str]) -> None:
    """
    Refuse a file of which no row can be kept.

    Parameters
    ----------
    path : Path
        The file, for the message.
    reason : Series
        Why each row is set aside; missing where it is kept.

    Raises
    ------
    SourceRefused
        With the commonest reasons.
    """
    if reason.notna().all():
        why = "; ".join(f"{text} ({count})" for text, count in reason.value_counts().head(3).items())
        raise SourceRefused(f"{path}: none of its {len(reason)} rows can be used: {why or 'there is nothing below the header'}")


def _inspected(result: Import) -> Import:
    """
    Return the result with what the rules find in its tables.

    Raises
    ------
    SourceRefused
        If a rule rejects a row that the importer kept.
    """
    if result.hits is not None:
        return result
    found = inspect(result.tables)
    rejected = found.hits[found.hits["action"].eq(str(Action.SET_ASIDE))]
    if len(rejected):
        raise SourceRefused(f"{len(rejected)} rows break rules that reject them, first: {_example(rejected.iloc[0])}")
    return replace(result, hits=found.hits, not_run=found.not_run)


def _example(hit: pd.Series[Any]) -> str:
    place = f" ({hit['source_sheet']}, row {hit['source_row']:g})" if pd.notna(hit["source_row"]) else ""
    return f"{hit['rule']} {hit['table']} {hit['key']}: {hit['column']} = {hit['value']}{place}"


def _placed(result: Import, file: Path) -> pd.DataFrame:
    """Return the hits with the file they were found in."""
    hits = result.hits if result.hits is not None else no_hits()
    placed = hits.drop(columns="position")
    placed.insert(list(placed.columns).index(SHEET), "file", file.name)
    return placed


def _existing(folder: Path) -> Path:
    """Return the nearest folder that exists already: what is written there lies on the same disk, and a refused file makes no workspace."""
    return next(place for place in (folder.resolve(), *folder.resolve().parents) if place.is_dir())


def importer(name: str) -> Callable[..., Import]:
    """
    Return the ``read`` function of a source.

    Raises
    ------
    UnknownParameter
        If there is no such source.
    """
    if name not in IMPORTERS:
        raise UnknownParameter(f"source '{name}' does not exist; {nearest(name, IMPORTERS)}")
    read: Callable[..., Import] = import_module(IMPORTERS[name]).read
    return read


def import_file(
    name: str, file: Path, workspace: Workspace, today: date, column_map: str | None = None, country: str | None = None
) -> Import:
    """
    Read one file of a source into a workspace, with its account, its hits of rules and the rows set aside beside the tables.

    Parameters
    ----------
    name : str
        One of :data:`IMPORTERS`.
    file : Path
        The source's file; a folder where the source has several.
    workspace : Workspace
        Where the tables go.
    today : date
        Date of reading.
    column_map : str, optional
        For ``tidy``: name or path of the column map.
    country : str, optional
        For ``tidy``: the country whose authority holds the cases, where the rows do not say it.

    Raises
    ------
    SourceRefused
        If the file is not what it should be; nothing is written then.
    """
    read = importer(name)
    if not file.exists():
        raise SourceRefused(f"{file}: no such file")
    if (column_map is not None or country is not None) and name != "tidy":
        raise SourceRefused(f"source '{name}' knows its columns and countries; a column map and a country go with tidy")
    with TemporaryDirectory(prefix=".import-", dir=_existing(workspace.folder)) as scratch:
        result = _inspected(read(file, today, column_map, Path(scratch), country) if name == "tidy" else read(file, today))
        label = result.label or name
        workspace.add(
            result.tables,
            {
                f"accounts/{label}.json": result.account(file.name),
                f"hits/{label}.csv": as_text_cells(_placed(result, file)).to_csv(index=False),
                f"set_aside/{label}.csv": as_text_cells(result.set_aside).to_csv(index=False),
            },
        )
    return result
