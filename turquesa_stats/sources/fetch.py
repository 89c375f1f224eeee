"""The fetching of a public source into a folder: each file whole and of a known hash, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turquesa_stats.errors import SourceRefused
from turquesa_stats.sources.download import AT_MOST, Resuming
from turquesa_stats.sources.registry import HASH, PublicFile, PublicSource


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that stands in its folder now, and how it came there: ``fetched``, ``resumed`` or ``there already``."""

    path: Path
    how: str
    sha256: str


def fetch(source: PublicSource, into: Path, accept: str | None = None, at_most: int = AT_MOST) -> Iterator[Fetched]:
    """
    Fetch the files of a source one after the other.

    Parameters
    ----------
    source : PublicSource
        Of the registry.
    into : Path
        Folder of the files; made if it does not exist.
    accept : str, optional
        SHA-256 of a release that is taken on purpose, in place of the tested one.
    at_most : int
        Bytes that a file may have.

    Yields
    ------
    Fetched
        Each file as it stands.

    Raises
    ------
    SourceRefused
        If a file has another hash than it should have, must be taken by hand, or cannot be had; no such file stands at its place then.
    """
    if accept is not None and not HASH.fullmatch(accept):
        raise SourceRefused(f"--accept {accept}: no SHA-256; give the 64 small hexadecimal digits that turquesa fetch told")
    if accept is not None and len(source.files) > 1:
        raise SourceRefused(f"--accept: {source.importer} has {len(source.files)} files, and a hash is of one; put them in {into} by hand")
    for file in source.files:
        yield _fetched(source, file, into, accept or file.sha256, at_most)


def _fetched(source: PublicSource, file: PublicFile, into: Path, wanted: str | None, at_most: int) -> Fetched:
    target = into / file.name
    if target.exists() or target.is_symlink():
        return _there(source, target, wanted)
    if file.url is None:
        hashed = f", SHA-256 {wanted}," if wanted else ""
        raise SourceRefused(
            f"{source.importer}: no address of {file.name} itself is known. Download it by hand from {source.page}{hashed} "
            f"to {target}, and give the same command again to check it. {source.by_hand}".rstrip()
        )
    into.mkdir(parents=True, exist_ok=True)
    downloader = Resuming(target, at_most)
    try:
        _retrieve(file.url, wanted, target, downloader)
    except SourceRefused as error:
        raise SourceRefused(f"{error} By hand: {source.page}") from error
    except OSError as error:
        raise SourceRefused(f"{into} cannot be written to: {error.strerror or error}; choose another --into") from error
    return Fetched(target, f"resumed at byte {downloader.resumed_at:,}" if downloader.resumed_at else "fetched", _hash(target))


def _retrieve(url: str, wanted: str | None, target: Path, downloader: Resuming) -> None:
    from pooch.core import retrieve
    from pooch.utils import get_logger

    found = ""

    def checked(address: str, output_file: Any, caller: object) -> None:
        nonlocal found
        downloader(address, str(output_file), caller)
        found = _hash(Path(output_file))
        if wanted is None:
            raise ValueError("no hash to compare with")

    get_logger().setLevel("WARNING")
    try:
        retrieve(url, wanted, fname=target.name, path=target.parent.resolve(), downloader=checked)
    except ValueError as error:
        if not found:
            raise
        raise SourceRefused(_different(url, found, wanted)) from error


def _there(source: PublicSource, target: Path, wanted: str | None) -> Fetched:
    """Return a file that stands there already, if it is what it should be; nothing is ever overwritten."""
    if not target.is_file() or target.is_symlink():
        raise SourceRefused(f"{target}: something else than a file stands there; move it, or choose another --into")
    found = _hash(target)
    if wanted is not None and found != wanted:
        raise SourceRefused(f"{_different(str(target), found, wanted)} The file stays as it is; to fetch it anew, move it first.")
    how = "there already" if wanted else f"there already, not compared, as no tested release of {source.importer} was kept"
    return Fetched(target, how, found)


def _different(what: str, found: str, wanted: str | None) -> str:
    said = f"not that of the release wanted, {wanted}" if wanted else "and no release was kept to compare it with"
    return (
        f"{what}: refused. Its SHA-256 is {found}, {said}. The publisher may have issued a new release, or it was changed on the way: "
        f"compare it with what the publisher says, and take it on purpose with --accept {found}. "
        "Its importer may not know what is new in it."
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
