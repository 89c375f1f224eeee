"""
Any register: a file already in the columns of the schema, or any other with a column map.

A CSV, Excel or Parquet file named after its table, or a folder of such files. Columns that the map does not name are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused, nearest
from turquesa_stats.schema.completion import completed
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.admission import Admission, admit, fit
from turquesa_stats.sources.column_map import Block, ColumnMap, Made, read_map
from turquesa_stats.sources.contract import REASON, Finding, Import
from turquesa_stats.sources.large import LARGE, parquet_rows, staged, taken
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.register import Keys, Mapped, mapped
from turquesa_stats.sources.spreadsheet import ROW, SHEET, read_sheet

_READABLE = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".parquet")
_NO_CONSENT = "consent to the use of the data was refused: the row is not kept, and its cells are written nowhere"
_CONSENT, _REFUSED = "consent_data", "_REFUSED"


@dataclass(slots=True)
class _Sheet:
    """A sheet or file as read: what its rows are rows of, how many, the tables made of them, and what could not be read."""

    name: str
    unit: str
    rows_read: int
    take: Callable[[Collection[int]], pd.DataFrame]  # rows by their numbers, as they stand in the file
    tables: list[tuple[str, Any]]
    misfits: pd.DataFrame = field(default_factory=pd.DataFrame)
    without_consent: pd.DataFrame = field(default_factory=pd.DataFrame)
    not_read: Sequence[str] = ()


def read(path: Path, today: date, column_map: str | None = None, scratch: Path | None = None) -> Import:
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

    Raises
    ------
    SourceRefused
        If a file cannot be read, or none of its rows.
    SchemaMismatch
        If fields without which a row means nothing are not there.
    """
    how = read_map(column_map) if column_map is not None else None
    source_id = how.source["id"] if how else "src_" + re.sub(r"[^a-z0-9]+", "_", path.stem.casefold()).strip("_")
    shared = {"source_id": source_id, "record_version": 1, "loaded_at": pd.Timestamp(today), "sens": "R", "public_judgment": False}
    sheets = list(_by_map(path, how) if how else _by_name(path, shared, scratch))
    tables, misfits = _fitted(sheets, shared)
    admission = admit(tables, misfits)
    if not any(len(table) for table in admission.tables.values()):
        raise SourceRefused(f"{path}: none of its {sum(sheet.rows_read for sheet in sheets)} rows can be used: {_commonest(admission)}")
    kept = {name: _bare(table, name) for name, table in admission.tables.items()}
    if "source" not in kept:
        kept["source"] = _source(how, source_id, path, today)
    aside, rows_read = _set_aside(sheets, admission), sum(sheet.rows_read for sheet in sheets)
    not_read = [column for sheet in sheets for column in sheet.not_read]
    return Import(
        tables=kept,
        rows_read=rows_read,
        rows_kept=rows_read - len(aside),
        set_aside=aside,
        findings=[Finding("columns that the map does not name: not read", len(not_read), ", ".join(not_read))] if not_read else [],
        hits=admission.hits,
        not_run=admission.not_run,
        label=f"tidy-{source_id}",
    )


def _by_map(path: Path, how: ColumnMap) -> Iterator[_Sheet]:
    keys = Keys()
    for name, unit in how.rows.items():
        blocks = [block for block in how.blocks if block.sheet == name]
        columns = {column for block in blocks for made in block.fields.values() for column in made.columns}
        rows = _rows(path / name if path.is_dir() and name else path, columns, None if path.is_dir() else name, how.encoding)
        agreed, refused = _with_consent(rows, blocks)
        made = mapped(agreed, blocks, how, keys)
        not_read = [str(column) for column in rows if column not in {*columns, SHEET, ROW}]
        yield _Sheet(_name(rows), unit, len(rows), _taker(agreed), made.tables, made.misfits, refused, not_read)


def _rows(path: Path, columns: set[str], sheet: str | None, encoding: str | None) -> pd.DataFrame:
    """Return the rows of a file as text."""
    if path.suffix.casefold() != ".parquet":
        return read_sheet(path, columns, sheet, encoding)[0]
    frame = _parquet(path)
    lacking = sorted(columns - set(frame))
    if lacking:
        raise SourceRefused(f"{path}: has no column {', '.join(lacking)}; {nearest(lacking[0], map(str, frame))}")
    text = frame.map(str, na_action="ignore").astype("str").assign(**{SHEET: path.name})
    text[ROW] = range(1, len(text) + 1)
    return text


def _with_consent(rows: pd.DataFrame, blocks: Sequence[Block]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows whose use was not refused, and the places of the others without their cells."""
    refused = pd.Series(False, index=rows.index)
    for block in blocks:
        made = block.fields.get(_CONSENT)
        if made is not None and made.column is not None:
            words = [_REFUSED, *(word for word, code in made.codes.items() if code == _REFUSED)]
            said = rows[made.column].str.strip().str.casefold()
            refused |= said.isin([word.strip().casefold() for word in words])
    return rows[~refused].reset_index(drop=True), rows.loc[refused, [SHEET, ROW]].assign(**{REASON: _NO_CONSENT})


def _by_name(path: Path, shared: dict[str, Any], scratch: Path | None) -> Iterator[_Sheet]:
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
            agreed, refused = _with_consent(rows, [block])
            made: Mapped = mapped(agreed, [block], how, keys)
            yield _Sheet(_name(rows), file.stem, len(rows), _taker(agreed), made.tables, made.misfits, refused)


def _typed(file: Path, shared: dict[str, Any], scratch: Path | None) -> _Sheet:
    """Return a Parquet file in the schema's columns: its values have types already."""
    size = parquet_rows(file)
    if size > LARGE:
        if scratch is None:
            raise SourceRefused(f"{file}: has more than {LARGE:,} rows; a folder for its parts is needed")
        parts = staged(file, file.stem, shared, scratch)
        return _Sheet(file.name, file.stem, size, partial(taken, file), [(file.stem, parts.table)], parts.misfits)
    rows = _parquet(file).assign(**{SHEET: file.name})
    rows[ROW] = range(1, len(rows) + 1)
    _check_columns(file, [str(name) for name in rows if name not in {SHEET, ROW}])
    return _Sheet(file.name, file.stem, size, _taker(rows), [(file.stem, rows)])


def _name(rows: pd.DataFrame) -> str:
    return str(rows[SHEET].iloc[0]) if len(rows) else ""


def _taker(rows: pd.DataFrame) -> Callable[[Collection[int]], pd.DataFrame]:
    return lambda numbers: rows[rows[ROW].isin(numbers)]


def _parquet(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise SourceRefused(f"{file}: cannot be read as Parquet: {error}") from error


def _check_columns(file: Path, columns: Sequence[str]) -> None:
    fields = table_schema(file.stem).field_names
    unknown = [column for column in columns if column not in fields]
    if unknown:
        told = "; ".join(f"'{column}' ({nearest(column, fields)})" for column in unknown)
        raise SourceRefused(f"{file}: columns that table {file.stem} has not: {told}. Rename them, or give a column map with --map")


def _fitted(sheets: Sequence[_Sheet], shared: dict[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the tables of all sheets, typed, and the cells that did not fit."""
    hits = [sheet.misfits for sheet in sheets if len(sheet.misfits)]
    tables: dict[str, Any] = {}
    parts: dict[str, list[pd.DataFrame]] = {}
    for sheet in sheets:
        for name, table in sheet.tables:
            if isinstance(table, pd.DataFrame):
                parts.setdefault(name, []).append(table)
            else:
                tables[name] = table  # checked part by part when it was read
    for name, of_table in parts.items():
        whole = completed(pd.concat(of_table, ignore_index=True), name, shared)
        tables[name], misfits = fit(whole, name)
        hits += [misfits] if len(misfits) else []
    return tables, pd.concat(hits, ignore_index=True) if hits else pd.DataFrame()


def _bare(table: Any, name: str) -> Any:
    fields = table_schema(name).field_names
    return validate(table[fields].reset_index(drop=True), name) if isinstance(table, pd.DataFrame) else table[fields]


def _source(how: ColumnMap | None, source_id: str, path: Path, today: date) -> pd.DataFrame:
    told: dict[str, Any] = {
        "title": path.name,
        "publisher": "not stated",
        "url": path.name,
        "licence": "not stated",
        "reporting_entity_type": "OTHER",
        "handling": "H3",  # until somebody says otherwise, nothing of it is for the public
    }
    if how is not None:
        told = {name: value for name, value in how.source.items() if name != "id"}
        told |= {"synthetic": str(told.get("synthetic", "false")).casefold() == "true", "source_tier": int(told.get("source_tier", 1))}
    return described([{**told, "source_id": source_id, "retrieved_on": pd.Timestamp(today)}], today)


def _set_aside(sheets: Sequence[_Sheet], admission: Admission) -> pd.DataFrame:
    """Return the rows of the files that are in no table, each with the first reason found."""
    refused = admission.refused
    aside: list[pd.DataFrame] = []
    for sheet in sheets:
        of_sheet = refused[refused[SHEET].eq(sheet.name)]
        first = of_sheet.drop_duplicates(ROW).set_index(ROW)
        gone = sheet.take(set(of_sheet.loc[of_sheet["table"].eq(sheet.unit), ROW]))
        aside += [gone.assign(**{REASON: [_reason(first.loc[number]) for number in gone[ROW]]}), sheet.without_consent]
    told = [part for part in aside if len(part)]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame({REASON: pd.Series(dtype="str")})


def _reason(hit: pd.Series[Any]) -> str:
    return f"{hit['rule']} {rules()[hit['rule']].title['en']}: {hit['table']}: {hit['column']}: {hit['value']}"


def _commonest(admission: Admission) -> str:
    reasons = admission.refused.apply(_reason, axis="columns").value_counts().head(3)
    return "; ".join(f"{reason} ({count})" for reason, count in reasons.items()) or "there is nothing below the header"
