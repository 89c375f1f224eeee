"""Takes the sheets of a register in: rows by a column map, or as they are, through the checks, with the account of every row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused, nearest
from turquesa_stats.schema.checks.persons import ADULT_FROM, AGES
from turquesa_stats.schema.codes import NOT_ASKED
from turquesa_stats.schema.completion import completed
from turquesa_stats.schema.custody import UNRESTRICTED
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.admission import Admission, admit, fit
from turquesa_stats.sources.column_map import Block, ColumnMap
from turquesa_stats.sources.contract import REASON, Finding, Import
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.register import Keys, mapped
from turquesa_stats.sources.spreadsheet import ROW, SHEET, read_sheet

_NO_CONSENT = "consent to the use of the data was refused: the row is not kept, and its cells are written nowhere"
_CONSENT, _REFUSED = "consent_data", "_REFUSED"


@dataclass(slots=True)
class Sheet:
    """
    A sheet or file as read.

    Attributes
    ----------
    name : str
        As in ``source_sheet`` of its rows.
    unit : str
        The table of which one row of the sheet is one row.
    rows_read : int
        Its data rows.
    take : callable
        From numbers of rows to the rows, as they stand in the file.
    tables : list of (name, table)
        What was made of it.
    misfits : DataFrame
        Hits of rule S01 met while reading.
    without_consent : DataFrame
        Places of the rows whose use was refused.
    not_read : sequence of str
        Columns that nothing was made of.
    absent : sequence of str
        Columns that the map names and the file has not.
    """

    name: str
    unit: str
    rows_read: int
    take: Callable[[Collection[int]], pd.DataFrame]
    tables: list[tuple[str, Any]]
    misfits: pd.DataFrame = field(default_factory=pd.DataFrame)
    without_consent: pd.DataFrame = field(default_factory=pd.DataFrame)
    not_read: Sequence[str] = ()
    absent: Sequence[str] = ()


def shared_fields(source_id: str, today: date) -> dict[str, Any]:
    """Return the values of fields that every row of an import shares."""
    return {"source_id": source_id, "record_version": 1, "loaded_at": pd.Timestamp(today), "sens": "R", "public_judgment": False}


def read_by_map(path: Path, how: ColumnMap, today: date, country: str | None = None) -> Import:
    """
    Read a register by a column map.

    Parameters
    ----------
    path : Path
        A file, or a folder of files that the map names as sheets.
    how : ColumnMap
        The map.
    today : date
        Date of reading, written into the tables.
    country : str, optional
        The country whose authority holds the cases, where the rows do not say it.

    Raises
    ------
    SourceRefused
        If a file cannot be read, or none of its rows.
    SchemaMismatch
        If fields without which a row means nothing are not there.
    """
    return taken_in(path, list(_by_map(path, how)), str(how.source["id"]), source_told(how), today, country)


def source_told(how: ColumnMap) -> dict[str, Any]:
    """Return what a map says of its source, typed as the table ``source`` has it."""
    told = {name: value for name, value in how.source.items() if name != "id"}
    return told | {"synthetic": str(told.get("synthetic", "false")).casefold() == "true", "source_tier": int(told.get("source_tier", 1))}


def taken_in(
    path: Path, sheets: Sequence[Sheet], source_id: str, told: Mapping[str, Any], today: date, country: str | None = None
) -> Import:
    """
    Return the import of some sheets.

    Parameters
    ----------
    path : Path
        What was read, for messages.
    sheets : sequence of Sheet
        The sheets as read.
    source_id : str
        Key of the source.
    told : mapping
        What the table ``source`` says of it, unless a sheet is that table.
    today : date
        Date of reading.
    country : str, optional
        As in :func:`read_by_map`.

    Raises
    ------
    SourceRefused
        If no row can be used.
    """
    held_by = {"country_report": country} if country is not None else {}
    tables, misfits = _fitted(sheets, shared_fields(source_id, today) | held_by)
    admission = admit(tables, misfits)
    if not any(len(table) for table in admission.tables.values()):
        raise SourceRefused(f"{path}: none of its {sum(sheet.rows_read for sheet in sheets)} rows can be used: {_commonest(admission)}")
    kept = {name: _bare(table, name) for name, table in admission.tables.items()}
    if "source" not in kept:
        kept["source"] = described([{**told, "source_id": source_id, "retrieved_on": pd.Timestamp(today)}], today)
    aside, rows_read = _set_aside(sheets, admission), sum(sheet.rows_read for sheet in sheets)
    return Import(
        tables=kept,
        rows_read=rows_read,
        rows_kept=rows_read - len(aside),
        set_aside=aside,
        findings=[*_findings(sheets), *_restricted(kept["source"])],
        hits=admission.hits,
        not_run=admission.not_run,
    )


def _restricted(source: pd.DataFrame) -> list[Finding]:
    restricted = source[source["handling"].ne(UNRESTRICTED)]
    what = "sources whose rows never reach a report, by their handling (H0 in the map or in the table source lets them)"
    return [Finding(what, len(restricted), ", ".join(restricted["source_id"] + " " + restricted["handling"]))] if len(restricted) else []


def _findings(sheets: Sequence[Sheet]) -> list[Finding]:
    told = {
        "columns that the map does not name: not read": [column for sheet in sheets for column in sheet.not_read],
        "columns that the map names and the file has not: taken as not collected": [column for sheet in sheets for column in sheet.absent],
    }
    return [Finding(what, len(columns), ", ".join(columns)) for what, columns in told.items() if columns]


def _by_map(path: Path, how: ColumnMap) -> Iterator[Sheet]:
    keys = Keys()
    for name, unit in how.rows.items():
        blocks = [block for block in how.blocks if block.sheet == name]
        needed = {column for block in blocks for made in block.fields.values() for column in made.columns}
        columns = set(how.header) or needed
        rows = _rows(path / name if path.is_dir() and name else path, columns, None if path.is_dir() else name, how.encoding)
        absent = sorted(needed - set(rows))
        rows = rows.assign(**dict.fromkeys(absent, pd.Series(index=rows.index, dtype="str")))
        agreed, refused = with_consent(rows, blocks)
        made = mapped(agreed, blocks, how, keys)
        not_read = [str(column) for column in rows if column not in {*needed, SHEET, ROW}]
        yield Sheet(name_of(rows), unit, len(rows), taker(agreed), made.tables, made.misfits, refused, not_read, absent)


def _rows(path: Path, columns: set[str], sheet: str | None, encoding: str | None) -> pd.DataFrame:
    """Return the rows of a file as text."""
    if path.suffix.casefold() != ".parquet":
        return read_sheet(path, columns, sheet, encoding)[0]
    frame = read_parquet(path)
    lacking = sorted(columns - set(frame))
    if lacking:
        raise SourceRefused(f"{path}: has no column {', '.join(lacking)}; {nearest(lacking[0], map(str, frame))}")
    text = frame.map(str, na_action="ignore").astype("str").assign(**{SHEET: path.name})
    text[ROW] = range(1, len(text) + 1)
    return text


def with_consent(rows: pd.DataFrame, blocks: Sequence[Block]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows whose use was not refused, and the places of the others without their cells."""
    refused = pd.Series(False, index=rows.index)
    for block in blocks:
        made = block.fields.get(_CONSENT)
        if made is not None and made.column is not None:
            words = [_REFUSED, *(word for word, code in made.codes.items() if code == _REFUSED)]
            said = rows[made.column].str.strip().str.casefold()
            refused |= said.isin([word.strip().casefold() for word in words])
    return rows[~refused].reset_index(drop=True), rows.loc[refused, [SHEET, ROW]].assign(**{REASON: _NO_CONSENT})


def name_of(rows: pd.DataFrame) -> str:
    """Return the name of the sheet that rows stand in."""
    return str(rows[SHEET].iloc[0]) if len(rows) else ""


def taker(rows: pd.DataFrame) -> Callable[[Collection[int]], pd.DataFrame]:
    """Return what takes rows by their numbers."""
    return lambda numbers: rows[rows[ROW].isin(numbers)]


def read_parquet(file: Path) -> pd.DataFrame:
    """
    Read a Parquet file.

    Raises
    ------
    SourceRefused
        If it is none.
    """
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise SourceRefused(f"{file}: cannot be read as Parquet: {error}") from error


def with_age_status(victim: pd.DataFrame) -> pd.DataFrame:
    """Return the victims with the age status that a known age decides (rule R01), where the source does not give one."""
    done = victim.copy(deep=False)
    for age, status in AGES:
        years = pd.to_numeric(done[age])
        decided = pd.Series("MINOR", index=done.index).where(years.lt(ADULT_FROM).fillna(value=False).astype(bool), "ADULT")
        done[status] = done[status].mask(years.notna() & done[status].eq(NOT_ASKED), decided)
    return done


def _fitted(sheets: Sequence[Sheet], shared: dict[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
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
        tables[name], misfits = fit(with_age_status(whole) if name == "victim" else whole, name)
        hits += [misfits] if len(misfits) else []
    return tables, pd.concat(hits, ignore_index=True) if hits else pd.DataFrame()


def _bare(table: Any, name: str) -> Any:
    fields = table_schema(name).field_names
    return validate(table[fields].reset_index(drop=True), name) if isinstance(table, pd.DataFrame) else table[fields]


def _set_aside(sheets: Sequence[Sheet], admission: Admission) -> pd.DataFrame:
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
