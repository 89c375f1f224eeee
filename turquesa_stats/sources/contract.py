"""What every importer gives: validated tables, and an account in which no row is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from turquesa_stats.errors import SourceRefused, UnknownParameter, nearest
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.spreadsheet import as_text_cells

if TYPE_CHECKING:
    import pandas as pd

IMPORTERS: Mapping[str, str] = {
    "peru-mininter": "turquesa_stats.sources.peru_mininter",
    "published-figures": "turquesa_stats.sources.published_figures",
    "unodc-glotip": "turquesa_stats.sources.unodc_glotip",
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
    """

    tables: Mapping[str, pd.DataFrame]
    rows_read: int
    rows_kept: int
    set_aside: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    rows_merged: int = 0

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

    def account(self) -> str:
        """Return the account as JSON text."""
        return json.dumps(
            {
                "rows_read": self.rows_read,
                "rows_kept": self.rows_kept,
                "rows_merged": self.rows_merged,
                "rows_set_aside": len(self.set_aside),
                "set_aside_by_reason": self.reasons,
                "findings": [{"what": f.what, "count": f.count, "example": f.example} for f in self.findings],
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


def importer(name: str) -> Callable[[Path, date], Import]:
    """
    Return the ``read`` function of a source.

    Raises
    ------
    UnknownParameter
        If there is no such source.
    """
    if name not in IMPORTERS:
        raise UnknownParameter(f"source '{name}' does not exist; {nearest(name, IMPORTERS)}")
    read: Callable[[Path, date], Import] = import_module(IMPORTERS[name]).read
    return read


def import_file(name: str, file: Path, workspace: Workspace, today: date) -> Import:
    """
    Read one file of a source into a workspace, with its account and the rows set aside beside the tables.

    Raises
    ------
    SourceRefused
        If the file is not what it should be; nothing is written then.
    """
    read = importer(name)
    if not file.is_file():
        raise SourceRefused(f"{file}: no such file")
    result = read(file, today)
    workspace.add(
        result.tables,
        {f"accounts/{name}.json": result.account(), f"set_aside/{name}.csv": as_text_cells(result.set_aside).to_csv(index=False)},
    )
    return result
