"""Tables as text: what stands in each cell of a CSV file that leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from turquesa_stats.schema.tables import FieldType, table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.spreadsheet import as_text_cells, from_text_cells

if TYPE_CHECKING:
    from collections.abc import Callable


def as_cells(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """
    Return the rows of a table as text: ISO days, shortest numbers, ``true`` and ``false``; missing stays missing.

    A text that a spreadsheet program would run as a formula begins with an apostrophe then;
    ``turquesa_stats.sources.spreadsheet.from_text_cells`` takes it off.

    Parameters
    ----------
    rows : DataFrame
        Validated rows.
    table : str
        Name of the table's schema.
    """
    written = as_text_cells(rows)
    for field in table_schema(table).fields:
        if field.type in _WRITTEN:
            written[field.name] = written[field.name].astype(object).map(_WRITTEN[field.type], na_action="ignore")
    return written


def from_cells(cells: pd.DataFrame, table: str) -> pd.DataFrame:
    """
    Return text cells as rows of a table: what :func:`as_cells` wrote, read back.

    Parameters
    ----------
    cells : DataFrame
        Texts; missing where a cell is empty.
    table : str
        Name of the table's schema.

    Raises
    ------
    SchemaMismatch
        If they do not fit it.
    """
    read = from_text_cells(cells)
    for field in table_schema(table).fields:
        if field.type is FieldType.BOOLEAN and field.name in read:
            read[field.name] = read[field.name].replace(_BOOLEANS).astype(object)  # another text is left for the schema to refuse
    return validate(read, table)


def csv_bytes(cells: pd.DataFrame) -> bytes:
    """Return text cells as RFC 4180 has CSV: UTF-8 without a mark, commas, lines that end in CR LF."""
    return cells.to_csv(index=False, lineterminator="\r\n").encode()


def number(value: float) -> str:
    """
    Return the shortest text that reads back as the number.

    Examples
    --------
    >>> number(67.0), number(0.1), number(1e21)
    ('67', '0.1', '1e+21')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))


_BOOLEANS = {"true": True, "false": False}
_WRITTEN: dict[FieldType, Callable[..., str]] = {
    FieldType.NUMBER: number,
    FieldType.INTEGER: str,
    FieldType.BOOLEAN: lambda value: "true" if value else "false",
    FieldType.DATE: lambda day: day.strftime("%Y-%m-%d"),
}
