"""Tables that outgrow memory: read in parts, checked part by part, and kept as Dask tables over the parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.completion import completed
from turquesa_stats.schema.inspection import no_hits
from turquesa_stats.sources.admission import fit
from turquesa_stats.sources.spreadsheet import ROW, SHEET

LARGE = 200_000  # rows; a larger file is read in parts
_PART = 250_000


@dataclass(frozen=True, slots=True)
class Parts:
    """
    A large file, checked.

    Attributes
    ----------
    table : dask.dataframe.DataFrame
        The rows that fit, with ``source_sheet`` and ``source_row``; the index numbers them.
    misfits : DataFrame
        Hits of rule S01.
    """

    table: Any
    misfits: pd.DataFrame


def parquet_rows(file: Path) -> int:
    """
    Return how many rows a Parquet file has.

    Raises
    ------
    SourceRefused
        If it is none.
    """
    try:
        return int(pq.ParquetFile(file).metadata.num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceRefused(f"{file}: cannot be read as Parquet: {error}") from error


def staged(file: Path, table: str, shared: Mapping[str, Any], scratch: Path) -> Parts:
    """
    Read a Parquet file of typed columns in parts, and keep those of its rows that fit in a scratch folder.

    Parameters
    ----------
    file : Path
        The file.
    table : str
        The table that its rows are rows of.
    shared : mapping
        Values of fields that every row shares.
    scratch : Path
        Folder for the parts; it must stay until the table is written.

    Raises
    ------
    SourceRefused
        If Dask is not installed.
    """
    try:
        import dask
        import dask.dataframe as dd
    except ImportError as error:
        raise SourceRefused(
            f"{file}: has more than {LARGE:,} rows, and Dask is not installed: pip install 'turquesa-stats[large]'"
        ) from error
    folder = scratch / table
    folder.mkdir(parents=True)
    hits, start = [], 0
    for number, batch in enumerate(pq.ParquetFile(file).iter_batches(batch_size=_PART)):
        part = batch.to_pandas()
        part.index = pd.RangeIndex(start, start + len(part), name="position")
        rows, misfits = fit(completed(part.assign(**{SHEET: file.name, ROW: part.index + 1}), table, shared), table)
        rows.to_parquet(folder / f"part-{number:05d}.parquet", index=True)
        hits += [misfits] if len(misfits) else []
        start += len(part)
    with dask.config.set({"dataframe.convert-string": False}):  # the schema's own type of text stays
        table_of_parts = dd.read_parquet(folder, index="position")
    return Parts(table_of_parts, pd.concat(hits, ignore_index=True) if hits else no_hits())


def taken(file: Path, numbers: Collection[int]) -> pd.DataFrame:
    """Return some rows of a Parquet file, numbered from 1, as they stand in it."""
    wanted, start, found = set(numbers), 1, []
    for batch in pq.ParquetFile(file).iter_batches(batch_size=_PART) if wanted else ():
        here = [number for number in range(start, start + batch.num_rows) if number in wanted]
        if here:
            picked = batch.take([number - start for number in here]).to_pandas()
            found.append(picked.assign(**{SHEET: file.name, ROW: here}))
        start += batch.num_rows
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame({SHEET: [], ROW: []})
