"""Spreadsheets as published: text cells, the header wherever it stands."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from turquesa_stats.errors import SourceRefused

SHEET, ROW = "source_sheet", "source_row"
_HEADER_WITHIN = 50


def read_sheet(path: Path, columns: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Read the sheet that has the given columns.

    Parameters
    ----------
    path : Path
        An Excel or CSV file.
    columns : collection of str
        Names that the header row must hold, among others.

    Returns
    -------
    rows, preamble : DataFrame
        The data rows as text (with ``source_sheet`` and the 1-based ``source_row`` of the file) and what stands above the header.

    Raises
    ------
    SourceRefused
        If no row of the first 50 of any sheet is such a header.
    """
    try:
        if path.suffix.lower() in {".csv", ".txt"}:
            sheets = {path.name: pd.read_csv(path, header=None, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""])}
        else:
            sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine="calamine", keep_default_na=False, na_values=[""])
    except Exception as error:
        raise SourceRefused(f"{path}: cannot be read as a spreadsheet: {error}") from error
    for name, raw in sheets.items():
        for position in range(min(_HEADER_WITHIN, len(raw))):
            header = [str(cell).strip() for cell in raw.iloc[position]]
            if set(columns) <= set(header):
                rows = raw.iloc[position + 1 :].set_axis(header, axis="columns").dropna(how="all")
                rows[SHEET], rows[ROW] = str(name), rows.index + 1
                return rows.reset_index(drop=True), raw.iloc[:position]
    found = "; ".join(f"sheet {name}: {', '.join(map(str, raw.iloc[0].dropna()[:8]))}" for name, raw in sheets.items() if len(raw))
    raise SourceRefused(f"{path}: no header with {', '.join(columns)} in the first {_HEADER_WITHIN} rows; found {found or 'nothing'}")
