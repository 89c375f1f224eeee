"""
Global Synthetic Dataset of the Counter Trafficking Data Collaborative: one row a victim.

Labels are read as the file writes them (``09--17``, ``25+ (2+ yrs)``), and as the code book does.
Rows that repeat one another are different persons, and all are kept. The column map is ``data/schema/maps/ctdc_synthetic.yml``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from turquesa_stats.sources.column_map import read_map
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.intake import read_by_map


def read(path: Path, today: date) -> Import:
    """
    Read the file as downloaded.

    Parameters
    ----------
    path : Path
        CSV, Excel or Parquet file.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not the columns of the code book, or no row of it can be used.
    """
    return read_by_map(path, read_map("ctdc_synthetic"), today)
