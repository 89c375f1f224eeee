"""
Any register: a file already in the columns of the schema, or any other with a column map.

A CSV, Excel or Parquet file named after its table, or a folder of such files. Columns that the map does not name are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from turquesa_stats.errors import SourceRefused, nearest
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.sources.column_map import Block, ColumnMap, Made, read_map
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.intake import Sheet, name_of, read_by_map, read_parquet, shared_fields, taken_in, taker, with_consent
from turquesa_stats.sources.large import LARGE, parquet_rows, staged, taken
from turquesa_stats.sources.register import Keys, mapped
from turquesa_stats.sources.spreadsheet import ROW, SHEET, read_sheet

_READABLE = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".parquet")


def read(path: Path, today: date, column_map: str | None = None, scratch: Path | None = None, country: str | None = None) -> Import:
    """
    Read a register.

    Parameters
    ----------
    path : Path
        A file, or a folder of files.
    today : date
        Date of reading, written into the tables.
    column_map : str, optional
        Name or path of a column map; without one the columns must be those of the schema, and the file named after its table.
    scratch : Path, optional
        Folder for the parts of tables that outgrow memory; needed for files of more than :data:`~turquesa_stats.sources.large.LARGE` rows.
    country : str, optional
        ISO 3166 code of the country whose authority holds the cases, where the rows do not say it.

    Raises
    ------
    SourceRefused
        If a file cannot be read, or none of its rows.
    SchemaMismatch
        If fields without which a row means nothing are not there.
    """
    if column_map is not None:
        how = read_map(column_map)
        return replace(read_by_map(path, how, today, country=country), label=f"tidy-{how.source['id']}")
    source_id = "src_" + re.sub(r"[^a-z0-9]+", "_", path.stem.casefold()).strip("_")
    sheets = list(_by_name(path, shared_fields(source_id, today), scratch))
    told: dict[str, Any] = {
        "title": path.name,
        "publisher": "not stated",
        "url": path.name,
        "licence": "not stated",
        "reporting_entity_type": "OTHER",
        "handling": "H3",  # until somebody says otherwise, nothing of it is for the public
    }
    return replace(taken_in(path, sheets, source_id, told, today, country), label=f"tidy-{source_id}")


def _by_name(path: Path, shared: dict[str, Any], scratch: Path | None) -> Iterator[Sheet]:
    files = sorted(file for file in path.iterdir() if file.suffix.casefold() in _READABLE) if path.is_dir() else [path]
    if not files:
        raise SourceRefused(f"{path}: holds no file that can be read; allowed: {', '.join(_READABLE)}")
    keys = Keys()
    for file in files:
        if file.stem not in table_names():
            raise SourceRefused(f"{file}: is not named after a table, and no column map is given; {nearest(file.stem, table_names())}")
        if file.suffix.casefold() == ".parquet":
            yield _typed(file, shared, scratch)
        else:
            rows, _ = read_sheet(file, table_schema(file.stem).key)
            columns = [str(name) for name in rows if name not in {SHEET, ROW}]
            _check_columns(file, columns)
            block = Block(file.stem, None, {column: Made(column=column) for column in columns})
            how = ColumnMap({}, (block,), {None: file.stem})
            agreed, refused = with_consent(rows, [block])
            made = mapped(agreed, [block], how, keys)
            yield Sheet(name_of(rows), file.stem, len(rows), taker(agreed), made.tables, made.misfits, refused)


def _typed(file: Path, shared: dict[str, Any], scratch: Path | None) -> Sheet:
    """Return a Parquet file in the schema's columns: its values have types already."""
    size = parquet_rows(file)
    if size > LARGE:
        if scratch is None:
            raise SourceRefused(f"{file}: has more than {LARGE:,} rows; a folder for its parts is needed")
        parts = staged(file, file.stem, shared, scratch)
        return Sheet(file.name, file.stem, size, partial(taken, file), [(file.stem, parts.table)], parts.misfits)
    rows = read_parquet(file).assign(**{SHEET: file.name})
    rows[ROW] = range(1, len(rows) + 1)
    _check_columns(file, [str(name) for name in rows if name not in {SHEET, ROW}])
    return Sheet(file.name, file.stem, size, taker(rows), [(file.stem, rows)])


def _check_columns(file: Path, columns: Sequence[str]) -> None:
    fields = table_schema(file.stem).field_names
    unknown = [column for column in columns if column not in fields]
    if unknown:
        told = "; ".join(f"'{column}' ({nearest(column, fields)})" for column in unknown)
        raise SourceRefused(f"{file}: columns that table {file.stem} has not: {told}. Rename them, or give a column map with --map")
