"""Files of a published edition: their hashes, one archive of the same bytes for the same files, and nothing left that can be written to."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from turquesa_stats.render.journal import file_hash

SUMS = "SHA256SUMS"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can hold
_READ_ONLY, _READ_ONLY_FOLDER = 0o444, 0o555


def files_in(folder: Path) -> list[str]:
    """Return the paths of all files within a folder, sorted by their characters on every machine alike."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write_sums(folder: Path) -> Path:
    """Write the hashes of all files, as ``sha256sum --check`` reads them."""
    path = folder / SUMS
    path.write_text("".join(f"{file_hash(folder / name)}  {name}\n" for name in files_in(folder) if name != SUMS), encoding="utf-8")
    return path


def write_archive(folder: Path, name: str, path: Path) -> None:
    """
    Write all files of a folder into a zip file: sorted, without times, owners or compression, which differs between versions of libraries.

    Parameters
    ----------
    folder : Path
        The files.
    name : str
        Folder within the archive.
    path : Path
        The archive.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for relative in files_in(folder):
            about = zipfile.ZipInfo(f"{name}/{relative}", _LONG_AGO)
            about.external_attr = _READ_ONLY << 16
            about.create_system = 3  # Unix, on whatever machine
            archive.writestr(about, (folder / relative).read_bytes())


def make_files_read_only(folder: Path) -> None:
    """Take the right to write from all files."""
    for relative in files_in(folder):
        (folder / relative).chmod(_READ_ONLY)


def make_folders_read_only(folder: Path) -> None:
    """Take the right to write from a folder and all within, so that nothing can be added or taken away."""
    for inside, _, _ in os.walk(folder, topdown=False):
        Path(inside).chmod(_READ_ONLY_FOLDER)
