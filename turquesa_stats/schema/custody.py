"""Who may read a workspace's files: its owner alone, where it holds records of persons or what a source restricts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from turquesa_stats.errors import TurquesaError

if TYPE_CHECKING:
    import pandas as pd

UNRESTRICTED = "H0"  # handling of the sources whose rows may reach a page
RESTRICTED = "R"  # sensitivity of the tables of which no row may leave
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FOLDER = 0o700


def are_restricted(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether any table is of records of persons or cases, or any of their sources has a handling but H0."""
    handling = tables["source"]["handling"] if "source" in tables else ()
    return _of_persons(tables) or any(code != UNRESTRICTED for code in handling)


def holds_restricted(folder: Path) -> bool:
    """Whether the tables of a workspace on disk are restricted; see :func:`are_restricted`."""
    if _of_persons(path.stem for path in folder.glob("*.parquet")):
        return True
    if not (folder / "source.parquet").is_file():
        return False
    import pyarrow.parquet as pq

    handling = pq.read_table(folder / "source.parquet", columns=["handling"])["handling"]
    return any(str(code) != UNRESTRICTED for code in handling.unique().to_pylist())


def _of_persons(names: Iterable[str]) -> bool:
    from turquesa_stats.schema.tables import table_names, table_schema

    return any(table_schema(name).sensitivity == RESTRICTED for name in set(names) & set(table_names()))


def is_private(folder: Path) -> bool:
    """Whether a folder may be read by its owner alone; on systems without such modes none is."""
    return os.name == "posix" and folder.is_dir() and not folder.stat().st_mode & _OTHERS


def make_private(folder: Path) -> None:
    """
    Close a folder, made if it does not exist, and what lies in it to all but its owner; links are not followed.

    Raises
    ------
    TurquesaError
        If it is shared by all (as ``/tmp`` is), or belongs to another user: to close it is not for turquesa to decide.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
    if os.name != "posix" or _is_closed(folder):
        return
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        raise TurquesaError(
            f"{folder}: is shared with other users or belongs to another one; "
            "records of persons and restricted sources are written only to a folder of your own: use another"
        )
    os.chmod(folder, _FOLDER)  # first: nothing below can be reached by others from now on
    for path in folder.rglob("*"):
        if not path.is_symlink():
            os.chmod(path, stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)


def _is_closed(folder: Path) -> bool:
    return is_private(folder) and not any(path.lstat().st_mode & _OTHERS for path in folder.rglob("*") if not path.is_symlink())


def exposure(folder: Path) -> str:
    """Return what to tell of a workspace whose restricted rows others may read; empty where there is nothing to tell."""
    if os.name != "posix" or not folder.is_dir() or is_private(folder) or not holds_restricted(folder):
        return ""
    return (
        f"{folder} holds records of persons or a restricted source, and other users of this machine may read it "
        f"(mode {stat.S_IMODE(folder.stat().st_mode):04o}); close it with: chmod -R go= {folder}. "
        "The next command that writes into it does so"
    )
