"""Files of a published edition: their hashes, one archive of the same bytes for the same files, and nothing left that can be written to."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from turquesa_stats.render.journal import file_hash

SUMS = "SHA256SUMS"
_SUM = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>.+)")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can hold
_READ_ONLY, _READ_ONLY_FOLDER = 0o444, 0o555


def files_in(folder: Path) -> list[str]:
    """Return the paths of all files within a folder, sorted by their characters on every machine alike."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def is_within(path: str) -> bool:
    """Whether a path from a file that anyone may have written leads to a place below the folder it is in."""
    parts = PurePosixPath(path).parts
    return not PurePosixPath(path).is_absolute() and ".." not in parts and "\\" not in path and path.isprintable()


def links_in(folder: Path) -> list[Path]:
    """Return the links in a folder, sorted: what they lead to may be anything of this machine, so that no edition has one."""
    return [path for path in sorted(folder.rglob("*")) if path.is_symlink()]


def read_sums(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return path -> hash as :func:`write_sums` wrote them, and number and text of the lines that are none."""
    found, others = {}, []
    for place, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        read = _SUM.fullmatch(line)
        if read is None:
            others.append((place, line))
        else:
            found[read["path"]] = read["digest"]
    return found, others


def sums_text(hashes: Mapping[str, str]) -> str:
    """Return path -> hash as ``sha256sum --check`` reads them, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items()))


def write_sums(folder: Path) -> Path:
    """Write the hashes of all files, as ``sha256sum --check`` reads them."""
    path = folder / SUMS
    path.write_text(sums_text({name: file_hash(folder / name) for name in files_in(folder) if name != SUMS}), encoding="utf-8")
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
