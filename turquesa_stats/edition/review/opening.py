"""An edition as a reviewer gets it, folder or archive: nothing of it is run, and nothing is written outside the folder it is opened in."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from turquesa_stats.edition.publication.archive import is_within, links_in
from turquesa_stats.edition.publication.manifest import MANIFEST
from turquesa_stats.errors import ReviewRefused

MOST_FILES = 500_000
MOST_BYTES = 20 * 1024**3
_AT_ONCE = 1024**2
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def opened(edition: Path, most_bytes: int = MOST_BYTES) -> Iterator[Path]:
    """
    Open an edition.

    Parameters
    ----------
    edition : Path
        Folder that ``turquesa publish`` made, or its archive.
    most_bytes : int
        An archive that holds more is refused.

    Yields
    ------
    Path
        The folder; that of an archive is gone afterwards.

    Raises
    ------
    ReviewRefused
        If there is none, a folder holds links, or an archive is damaged, too large or names files that would lie outside of it.
    """
    if edition.is_dir():
        links = [path.relative_to(edition).as_posix() for path in links_in(edition)]
        if links:
            raise ReviewRefused(
                f"{edition}: {len(links)} links to other files, first {links[0]}; an edition has none: copy the files themselves"
            )
        yield edition
    elif edition.is_file():
        with TemporaryDirectory(prefix="turquesa-review-") as folder:
            yield _unpacked(edition, Path(folder), most_bytes)
    else:
        raise ReviewRefused(f"{edition}: no such folder or file; give an edition that turquesa publish made, or its .zip")


def _unpacked(path: Path, into: Path, most_bytes: int) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            top = _checked(path, members, most_bytes)
            left = most_bytes
            for member in members:
                left -= _write(archive, member, into / member.filename, left)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise ReviewRefused(f"{path}: damaged, or not a zip archive ({error}); get it again from where it was published") from None
    return into / top


def _checked(path: Path, members: list[zipfile.ZipInfo], most_bytes: int) -> str:
    """Return the one folder that all files of an archive lie in."""
    if len(members) > MOST_FILES:
        raise ReviewRefused(f"{path}: {len(members):,} files; at most {MOST_FILES:,} are read")
    declared = sum(member.file_size for member in members)
    if declared > most_bytes:
        raise ReviewRefused(f"{path}: {declared:,} bytes when unpacked; at most {most_bytes:,} are read")
    names: set[str] = set()
    for member in members:
        name = member.filename
        parts = PurePosixPath(name).parts
        kind = stat.S_IFMT(member.external_attr >> 16)
        why = (
            "would lie outside of the archive's folder"
            if name != PurePosixPath(name).as_posix() or not is_within(name) or ":" in name
            else "lies beside the edition's folder"
            if len(parts) < 2
            else "is there twice"
            if name.casefold() in names
            else "is not a plain file"
            if kind not in (0, stat.S_IFREG) or member.is_dir()
            else "is encrypted"
            if member.flag_bits & 1
            else "is packed by a method other than store or deflate"
            if member.compress_type not in _METHODS
            else ""
        )
        if why:
            raise ReviewRefused(f"{path}: {name!r} {why}; no archive of turquesa has that, nothing was unpacked")
        names.add(name.casefold())
    tops = sorted({member.filename.partition("/")[0] for member in members})
    if len(tops) != 1 or f"{tops[0]}/{MANIFEST}".casefold() not in names:
        raise ReviewRefused(f"{path}: not an archive of one edition; it holds {', '.join(tops[:5]) or 'nothing'} and no {MANIFEST} in it")
    return tops[0]


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, most: int) -> int:
    """Unpack a file, and return its size; what an archive declares of it is not believed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(member) as packed, path.open("xb") as file:
        while part := packed.read(_AT_ONCE):
            size += len(part)
            if size > most:
                raise ReviewRefused(f"{archive.filename}: {member.filename} is larger than it says; nothing of it is read")
            file.write(part)
    return size
