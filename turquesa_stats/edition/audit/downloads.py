"""Files beside the pages: rows of CSV, JSON and Parquet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

Row = dict[str, str]
PUBLIC = {"ref_area", "indicator", "obs_value"}  # columns of official figures, which their publishers have printed


def rows_of(suffix: str, content: bytes) -> list[Row] | None:
    """
    Return the rows of a download as texts; None if the file is no table.

    Parameters
    ----------
    suffix : str
        ``.csv``, ``.tsv``, ``.json``, ``.jsonl`` or ``.parquet``.
    content : bytes
        The file.
    """
    if suffix in {".csv", ".tsv"}:
        text = content.decode("utf-8-sig")
        return [_texts(row) for row in csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if suffix == ".tsv" else ",")]
    if suffix == ".parquet":
        import pandas as pd

        return [_texts(row) for row in pd.read_parquet(io.BytesIO(content)).to_dict("records")]
    held = [json.loads(line) for line in content.decode().splitlines() if line.strip()] if suffix == ".jsonl" else json.loads(content)
    lists = (
        [held]
        if isinstance(held, list)
        else [value for value in held.values() if isinstance(value, list)]
        if isinstance(held, dict)
        else []
    )
    tables = [one for one in lists if one and all(isinstance(row, dict) for row in one)]
    return [_texts(row) for table in tables for row in table] if tables else None


def _texts(row: dict[Any, Any]) -> Row:
    return {str(key): "" if value is None or str(value) == "nan" else str(value) for key, value in row.items()}
