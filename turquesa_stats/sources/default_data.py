"""The workspace of the data that ship with turquesa: published figures, and synthetic cases and judgements of the demonstration country."""

from __future__ import annotations

import fcntl
import hashlib
from datetime import date
from pathlib import Path

from platformdirs import user_cache_path

from turquesa_stats import __version__
from turquesa_stats.schema.location import is_checkout, project_root
from turquesa_stats.schema.workspace import Workspace

_COMPILED_ON = date(2026, 11, 23)  # of the shipped figures; a fixed date keeps the same data the same bytes
_STAMP = "made-from.txt"
_LOCK = ".making.lock"


def published_figures_file() -> Path:
    """Return the path of the published figures that ship with turquesa."""
    return project_root() / "data" / "published" / "official_figures.csv"


def demonstration_assessment() -> Path:
    """Return the folder of the made-up threat assessment that ships with turquesa."""
    return project_root() / "data" / "demonstration" / "assessment"


def published_operations_folder() -> Path:
    """Return the folder of the published results of operations that ship with turquesa."""
    return project_root() / "data" / "published" / "operations"


def default_workspace() -> Workspace:
    """Return the default workspace, made anew when the shipped figures, the schemas or the importers have changed."""
    folder = project_root() / ".turquesa" / "workspace" if is_checkout() else user_cache_path("turquesa") / __version__
    workspace, stamp = Workspace(folder), _inputs_hash()
    if not _is_made_from(folder, stamp):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)  # of two processes that start at once, the second waits, and finds it made
            if not _is_made_from(folder, stamp):
                _make(workspace, stamp)
    return workspace


def _is_made_from(folder: Path, stamp: str) -> bool:
    return (folder / _STAMP).is_file() and (folder / _STAMP).read_text(encoding="utf-8") == stamp


def _make(workspace: Workspace, stamp: str) -> None:
    from turquesa_stats.sources.contract import import_file
    from turquesa_stats.sources.demonstration import SOURCE_ID, demonstration_tables

    for path in workspace.data_files:
        path.unlink()
    import_file("published-figures", published_figures_file(), workspace, _COMPILED_ON)
    import_file("published-operations", published_operations_folder(), workspace, _COMPILED_ON)
    import_file("assessment", demonstration_assessment(), workspace, _COMPILED_ON)
    workspace.add(demonstration_tables(_COMPILED_ON), {_STAMP: stamp, f"accounts/{SOURCE_ID}.json": "{}"})


def _inputs_hash() -> str:
    code = Path(__file__).resolve().parent
    data = project_root() / "data"
    shipped = [*(data / "published").rglob("*.csv"), *(data / "schema").rglob("*.*"), *(data / "demonstration").rglob("*.*")]
    files = [*sorted(shipped), *sorted(code.glob("*.py"))]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
