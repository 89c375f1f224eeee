"""The export: what may leave a workspace, written as a Data Package and as SDMX into a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats import __version__
from turquesa_stats.edition.datapackage import cited, resources
from turquesa_stats.edition.publication.archive import is_within
from turquesa_stats.edition.release import Release, releases
from turquesa_stats.edition.sdmx import TABLE, sdmx_resources
from turquesa_stats.errors import ExportRefused
from turquesa_stats.schema.workspace import Workspace, replacing

DESCRIPTOR = "datapackage.json"
_NAME = "turquesa-export"
_ESCAPED = (
    "An apostrophe stands before whatever of a text a spreadsheet program would run as a formula: = + - or @ at its start, or after a "
    "semicolon, tab or line break within it; a reader takes one apostrophe off there."
)


@dataclass(frozen=True, slots=True)
class Export:
    """What an export wrote."""

    released: Sequence[Release]
    files: Sequence[Path]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Packed:
    """An export before it is written: what leaves, the unrestricted sources, path -> content, and what a user must know."""

    released: Sequence[Release]
    sources: pd.DataFrame
    content: Mapping[str, bytes]
    notes: Sequence[str]


def export(workspace: Workspace, folder: Path, asked: Sequence[str] = ()) -> Export:
    """
    Write the public tables of a workspace as a Data Package, and official figures as SDMX too; the same workspace gives the same bytes.

    Parameters
    ----------
    workspace : Workspace
        Where the tables are.
    folder : Path
        New, or without files of the same names unless a former export wrote them.
    asked : sequence of str
        Names of tables; without any, all that anyone may see.

    Raises
    ------
    ExportRefused
        If a table or all rows may not leave, or if a file in the folder would be lost.
    """
    found = packed(workspace, asked)
    _put(folder, found.content)
    return Export(found.released, [folder / path for path in found.content], found.notes)


def packed(workspace: Workspace, asked: Sequence[str] = ()) -> Packed:
    """
    Return what :func:`export` writes.

    Parameters
    ----------
    workspace : Workspace
        Where the tables are.
    asked : sequence of str
        Names of tables; without any, all that anyone may see.

    Raises
    ------
    ExportRefused
        If a table or all rows may not leave.
    """
    released, unrestricted = releases(workspace, asked)
    found = resources(released, unrestricted)
    for release in released:
        if release.name == TABLE and len(release.rows):
            found |= sdmx_resources(release.rows, unrestricted)
    used = unrestricted[unrestricted["source_id"].isin({key for release in released for key in release.rows["source_id"]})]
    notes = _notes(released, bool(used["synthetic"].any()))
    package = {
        "profile": "data-package",
        "name": _NAME,
        "title": "Statistics on trafficking in persons and smuggling of migrants",
        "description": " ".join(notes),
        "made_by": f"turquesa {__version__}",
        "notes": notes,
        "sources": cited(used),
        "licenses": list({licence["title"]: licence for about, _ in found.values() for licence in about["licenses"]}.values()),
        "resources": [about for about, _ in found.values()],
    }
    files = {path: content for path, (_, content) in found.items()}
    files[DESCRIPTOR] = (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()
    return Packed(released, unrestricted, files, notes)


def _notes(released: Sequence[Release], has_synthetic: bool) -> list[str]:
    notes = [
        f"{release.name}: {len(release.rows):,} rows; "
        + "; ".join([f"{n:,} withheld: {why}" for why, n in release.withheld.items()] or ["none withheld"])
        for release in released
    ]
    if has_synthetic:
        notes.append("Sources marked synthetic are made up for demonstration and true of no person or case.")
    return [f"{note.rstrip('.')}." for note in [*notes, _ESCAPED]]


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or none; files of a former export that are not written again are taken away."""
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(f"{folder} is a file; name a folder to export into")
    former = _former(folder)
    foreign = [path for path in files if (folder / path).exists() and path not in former]
    if foreign:
        raise ExportRefused(
            f"{folder}: {', '.join(foreign[:5])} would be lost: not as a former export wrote it; move it away or name another folder"
        )
    with replacing(folder) as staged:
        for path, content in files.items():
            staged(path).write_bytes(content)
    for path in former - set(files):
        (folder / path).unlink()


def _former(folder: Path) -> set[str]:
    """Return the files that a former export wrote into a folder and nobody changed since."""
    try:
        package: dict[str, Any] = json.loads((folder / DESCRIPTOR).read_bytes())
        if package["name"] != _NAME:
            return set()
        listed = {str(about["path"]): str(about["hash"]) for about in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError):  # none, or written by another program
        return set()
    within = {path: hashed for path, hashed in listed.items() if is_within(path) and (folder / path).is_file()}
    unchanged = {path for path, hashed in within.items() if hashed == f"sha256:{hashlib.sha256((folder / path).read_bytes()).hexdigest()}"}
    return unchanged | {DESCRIPTOR}
