"""Spreadsheets as published: text cells, the header wherever it stands."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Collection
from pathlib import Path
from statistics import mode

import pandas as pd

from turquesa_stats.errors import SourceRefused, nearest

SHEET, ROW = "source_sheet", "source_row"
_SKIPPED = r"'*(?:[^\S\t\r\n]|[\"\x00-\x08\x0e-\x1b])*"  # spreadsheets drop control characters: a formula begins behind them
_AT_START = rf"(?={_SKIPPED}(?:[=@]|[+-](?![0-9.,]*\s*\Z)))"
_WITHIN = rf"(?={_SKIPPED}[=+@-])"
_COUNT = r"[0-9]{1,12}(?:\.0+)?|[0-9]{1,3}(?:,[0-9]{3}){1,3}"
_HEADER_WITHIN = 50
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_UNPACKED_AT_MOST = 2**31  # bytes; a real workbook of a million rows unpacks to a few hundred megabytes


def read_sheet(
    path: Path, columns: Collection[str], sheet: str | None = None, encoding: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Read the sheet that has the given columns.

    Parameters
    ----------
    path : Path
        An Excel workbook, or a text file (``.csv``, ``.txt``, ``.tsv``; UTF-8, or UTF-16 with a byte-order mark) with commas,
        semicolons or tabs between its cells.
    columns : collection of str
        Names that the header row must hold, among others.
    sheet : str, optional
        Name of the sheet; by default the first that has the columns.
    encoding : str, optional
        Of a text file, where it is known not to be UTF-8, such as ``cp1252``; it is never guessed.

    Returns
    -------
    rows, preamble : DataFrame
        The data rows as text (with ``source_sheet`` and the 1-based ``source_row`` of the file) and what stands above the header.

    Raises
    ------
    SourceRefused
        If the file cannot be read whole, if no row of the first 50 of any sheet is such a header, or if a name stands twice in it.
    """
    is_text = path.suffix.lower() in {".csv", ".txt", ".tsv"}
    sheets = {path.name: _text_sheet(path, columns, encoding)} if is_text else _workbook_sheets(path)
    if sheet is not None and not is_text:
        if sheet not in sheets:
            raise SourceRefused(f"{path}: has no sheet '{sheet}'; {nearest(sheet, sheets)}")
        sheets = {sheet: sheets[sheet]}
    for name, raw in sheets.items():
        for position in range(min(_HEADER_WITHIN, len(raw))):
            header = [str(cell).strip() for cell in raw.iloc[position]]
            if set(columns) <= set(header):
                return _below(path, raw, header, position, name)
    found = "; ".join(f"sheet {name}: {', '.join(map(short, raw.iloc[0].dropna()[:8]))}" for name, raw in sheets.items() if len(raw))
    raise SourceRefused(f"{path}: no header with {', '.join(columns)} in the first {_HEADER_WITHIN} rows; found {found or 'nothing'}")


def as_text_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table with an apostrophe before whatever of a text a spreadsheet program would run as a formula; numbers stay.

    Such a program set to Spanish, French or Portuguese starts a cell at each semicolon, and takes no quotes for what they are
    then: so also what follows a semicolon, a tab or a line break within a text. One that has such an apostrophe already gets a
    second, so that ``from_text_cells`` gives every text back.

    Examples
    --------
    >>> as_text_cells(pd.DataFrame({"a": ["=1+1", "-99", "@x", "<5", "a;=1"]}, dtype="str"))["a"].tolist()
    ["'=1+1", '-99', "'@x", '<5', "a;'=1"]
    """
    return _replaced(rows, rf"^{_AT_START}|(?<=[;\t\r\n]){_WITHIN}", "'")


def from_text_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table without the apostrophes that ``as_text_cells`` put before formulas.

    Examples
    --------
    >>> texts = pd.DataFrame({"a": ["=1+1", "'=1+1", "'quoted'", "-99", "a;=1"]}, dtype="str")
    >>> from_text_cells(as_text_cells(texts)).equals(texts)
    True
    """
    return _replaced(rows, rf"^'{_AT_START}|(?<=[;\t\r\n])'{_WITHIN}", "")


def _replaced(rows: pd.DataFrame, pattern: str, by: str) -> pd.DataFrame:
    columns = [
        cells.str.replace(pattern, by, regex=True) if pd.api.types.is_string_dtype(cells) else cells for _, cells in rows.items()
    ]  # not by name: a file can leave several columns without one
    return pd.concat(columns, axis="columns") if columns else rows.copy()


def counts(cells: pd.Series[str]) -> pd.Series[float]:
    """
    Return the cells that are counts as numbers: digits, with thousands commas or a decimal part of zeros; all others as missing.

    Examples
    --------
    >>> counts(pd.Series(["1,282", "7.0", "1,2", "-3", "<5", None])).tolist()
    [1282.0, 7.0, nan, nan, nan, nan]
    """
    text = cells.str.strip()
    return pd.to_numeric(text.where(text.str.fullmatch(_COUNT).eq(True)).str.replace(",", "", regex=False)).astype("float64")


def _below(path: Path, raw: pd.DataFrame, header: list[str], position: int, sheet: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows below a header and those above it."""
    named = [name for name in header if name not in {"", "nan", "None"}]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise SourceRefused(f"{path}, {sheet}, row {position + 1}: the header has {', '.join(map(short, twice))} twice; which is meant?")
    rows = raw.iloc[position + 1 :].set_axis(header, axis="columns").dropna(how="all")
    rows[SHEET], rows[ROW] = sheet, rows.index + 1
    return rows.reset_index(drop=True), raw.iloc[:position]


def short(cell: object) -> str:
    """Return a cell's text for a message, cut where it is long."""
    text = str(cell)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _workbook_sheets(path: Path) -> dict[str, pd.DataFrame]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                size = sum(member.file_size for member in packed.infolist())
            if size > _UNPACKED_AT_MOST:
                raise SourceRefused(f"{path}: unpacks to {size / 2**30:.1f} GiB; at most {_UNPACKED_AT_MOST / 2**30:g} GiB is read")
        return pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine="calamine", keep_default_na=False, na_values=[""])
    except SourceRefused:
        raise
    except Exception as error:  # calamine and zipfile raise many kinds for one cause: no workbook, or a damaged one
        raise SourceRefused(f"{path}: cannot be read as an Excel workbook: {error}") from error


def _text_sheet(path: Path, columns: Collection[str], encoding: str | None) -> pd.DataFrame:
    """Return the cells of a text table, split at the mark that shows the header; empty cells are missing."""
    text = _text(path, encoding)
    delimiter = next((mark for mark in _DELIMITERS if _shows(text, mark, columns)), None)
    if delimiter is None:
        return pd.DataFrame([line.split(",") for line in text.splitlines()[:1]], dtype="str")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise SourceRefused(f"{path}: cannot be read as a table with {_DELIMITERS[delimiter]} between its cells: {error}") from error
    widths = [len(row) for row in rows if row]
    usual = mode(widths) if widths else 0
    first = next((number for number, row in enumerate(rows) if len(row) == usual), 0)
    for number, row in enumerate(rows[first:], first + 1):
        if row and len(row) != usual:
            raise SourceRefused(f"{path}: row {number} has {len(row)} cells, the others {usual}: the file is cut off or damaged there")
    return pd.DataFrame([[cell or None for cell in row] for row in rows], dtype="str")


def _text(path: Path, known: str | None) -> str:
    data = path.read_bytes()
    encoding = known or ("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceRefused(
            f"{path}: byte {error.start + 1} is not {encoding.upper().removesuffix('-SIG')}; a guess at the letters could change names: "
            "save the file as UTF-8, or name its encoding in a column map"
        ) from error
    except LookupError as error:
        raise SourceRefused(f"{path}: encoding '{encoding}' is not known; such as utf-8, utf-16, cp1252, latin-1") from error
    if "\0" in text:
        raise SourceRefused(f"{path}: holds a null character: it is not a text file, or a damaged one")
    return text


def _shows(text: str, delimiter: str, columns: Collection[str]) -> bool:
    """Whether one of the first lines, split at the delimiter, is the header."""
    head = text.splitlines()[:_HEADER_WITHIN]
    try:
        return any(set(columns) <= {cell.strip() for cell in cells} for cells in csv.reader(head, delimiter=delimiter))
    except csv.Error:  # a cell beyond csv's limit: the full reading says so in words
        return False
