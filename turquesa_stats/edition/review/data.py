"""The data that an edition holds, as a workspace; with it the made-up rows that ship with turquesa. Rows of persons are in no edition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from turquesa_stats.edition.cells import from_cells
from turquesa_stats.edition.publication.manifest import Manifest
from turquesa_stats.edition.release import PUBLIC
from turquesa_stats.errors import ReviewRefused, SchemaMismatch
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace


def workspace_of(edition: Path, manifest: Manifest, into: Path) -> Workspace:
    """
    Make a workspace of an edition's public tables, and of the demonstration's rows if its documents name their sources.

    Parameters
    ----------
    edition : Path
        Its folder.
    manifest : Manifest
        What it says of its data.
    into : Path
        Folder of the workspace, which does not exist yet.

    Raises
    ------
    ReviewRefused
        If a table is not as its schema says.
    """
    public = [name for name in table_names() if table_schema(name).sensitivity == PUBLIC and (edition / "data" / f"{name}.csv").is_file()]
    tables = {name: _read(edition / "data" / f"{name}.csv", name) for name in public}
    named = {(one.source_id, one.citation) for one in manifest.data.sources if one.synthetic}
    shipped = default_workspace().tables() if named else {}
    for name, rows in shipped.items():
        if table_schema(name).sensitivity != PUBLIC:
            own = rows[rows["source_id"].isin(_made_up(shipped["source"], named))]
            if len(own):
                tables[name] = own.reset_index(drop=True)
    workspace = Workspace(into)
    workspace.add(tables)
    return workspace


def _made_up(shipped: pd.DataFrame, named: set[tuple[str, str]]) -> set[str]:
    """Return the sources of the demonstration that an edition names: by their citations too, which hold the generator's seed."""
    return {key for key, citation in shipped[["source_id", "citation"]].itertuples(index=False) if (key, citation) in named}


def _read(path: Path, name: str) -> pd.DataFrame:
    try:
        cells = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
        return from_cells(cells, name)
    except (SchemaMismatch, ValueError) as error:
        raise ReviewRefused(f"data/{path.name} cannot be read as the table {name}: {error}") from None
