"""The release register: every cell of persons that an edition prints, with what a reader can know of it; and those of earlier editions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from turquesa_stats.edition.audit.comparisons import read_register
from turquesa_stats.edition.audit.statements import Book
from turquesa_stats.edition.cells import as_cells, csv_bytes
from turquesa_stats.edition.publication.manifest import Manifest, read_manifest
from turquesa_stats.errors import PublicationRefused
from turquesa_stats.render.journal import file_hash
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import validate

TABLE = "release_register"
FILE = f"{TABLE}.csv"
_HIDDEN = "SUPPRESSED"  # not whether for itself or in addition: the former would say that the count is small
_SHOWN = {"suppression": "NONE", "none": "NONE"}


def released_cells(book: Book, released: Mapping[str, object], method: str) -> pd.DataFrame:
    """
    Return the rows of the register for an edition: of each cell only what a reader can know.

    Parameters
    ----------
    book : Book
        What the edition says, cell by cell; the ends of a cell without a printed count are those that the audit's attack could reach.
    released : mapping
        ``release_id``, ``released_on``, ``edition_of``: the same in every row.
    method : str
        What the policy protects by.

    Returns
    -------
    DataFrame
        A row for each cell, validated by the schema ``release_register``; in persons.
    """
    same: dict[str, object] = {"released_on_prec": "D", "unit_measure": "PERSONS", "seed": None, "record_version": 1}
    same |= {**released, "loaded_at": released["released_on"]}
    same["source_id"] = str(released["release_id"]).replace("rel_", "src_turquesa_", 1)
    rows = []
    for cell in sorted(book.readings):
        first = min(book.readings[cell], key=lambda one: (one.document, one.place))
        shown = book.shown.get(cell)
        low, high = shown if shown and shown[0] == shown[1] else book.reached.get(cell, shown or (0.0, math.inf))
        rows.append(
            {
                **same,
                "report": first.document.rpartition("/")[2].partition(".")[0],
                "params": json.dumps(dict(zip(("country", "period"), cell.split("/"), strict=False))),
                "cell_key": cell,
                "lower": low,
                "upper": high if math.isfinite(high) else None,
                "value_shown": shown[0] if shown and shown[0] == shown[1] else None,
                "method": _SHOWN.get(method, "ROUNDED") if shown else _HIDDEN,
            }
        )
    return validate(pd.DataFrame(rows, columns=list(table_schema(TABLE).field_names)), TABLE)


def register_bytes(rows: pd.DataFrame) -> bytes:
    """Return the rows as a CSV file."""
    return csv_bytes(as_cells(rows, TABLE))


def editions_in(published: Path) -> list[Manifest]:
    """
    Return the manifests of the editions in a folder, oldest first.

    Raises
    ------
    PublicationRefused
        If a folder in it is no edition.
    """
    folders = [path for path in sorted(published.glob("*")) if path.is_dir() and not path.name.startswith(".")]
    return sorted((read_manifest(path) for path in folders), key=lambda one: (one.released_on, one.label))


def register_of(published: Path) -> pd.DataFrame | None:
    """
    Return the rows of all editions in a folder; None without any.

    Raises
    ------
    PublicationRefused
        If a folder in it is no edition, or its register is not as it was published: an attack that knows less would pass too much.
    """
    found = []
    for manifest in editions_in(published):
        path = published / manifest.label / manifest.release_register.path
        if not path.is_file() or file_hash(path) != manifest.release_register.sha256:
            raise PublicationRefused(f"{path}: missing or changed since it was published; take it out of {manifest.label}.zip again")
        found.append(read_register(path))
    return pd.concat(found, ignore_index=True) if found else None
