"""Whether the files of an edition are those that were published: four records of their hashes, which must agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from turquesa_stats.edition.publication.archive import SUMS, files_in, read_sums, sums_text
from turquesa_stats.edition.publication.manifest import MANIFEST, Manifest, read_manifest
from turquesa_stats.errors import PublicationRefused
from turquesa_stats.render.journal import file_hash

CRATE = "ro-crate-metadata.json"
PACKAGE = "data/datapackage.json"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it was published, and why that is known."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Integrity:
    """How many files were hashed, the faults, and the manifest where it can be read."""

    files: int
    faults: list[Fault]
    manifest: Manifest | None


def integrity(folder: Path) -> Integrity:
    """
    Compare each file's SHA-256 with what ``SHA256SUMS``, manifest, RO-Crate and data package say of it.

    Parameters
    ----------
    folder : Path
        The edition.

    Notes
    -----
    Whoever changes a file and all four records alike is not found here, but by making the documents again; or by the hash of the archive,
    which ``turquesa publish`` tells, and which must reach the reviewer another way than the archive.
    """
    faults: list[Fault] = []
    said: dict[str, dict[str, str]] = defaultdict(dict)  # path -> record -> digest
    listed = _sums(folder, faults)
    for path, digest in listed.items():
        said[path][SUMS] = digest
    manifest = _manifest(folder, faults)
    if manifest is not None:
        for path, digest in [*(item for one in manifest.documents for item in one.files.items()), _register(manifest)]:
            said[path][MANIFEST] = digest
    for path, digest in _crate(folder, faults):
        said[path][CRATE] = digest
    for path, digest in _package(folder, faults):
        said[path][PACKAGE] = digest
    there = files_in(folder)
    for path in there:
        by = sorted(said.get(path, {}))
        if path in said:
            faults += _judged(path, file_hash(folder / path), said[path])
        if path != SUMS and path not in listed:
            told = (
                Fault(SUMS, f"does not list {path}, which {' and '.join(by)} list") if by else Fault(path, "not among the files published")
            )
            faults.append(told)
    for path in sorted(said.keys() - set(there)):
        by = sorted(said[path])
        faults.append(Fault(path, f"missing, though {' and '.join(by)} list it"))
        faults += [Fault(SUMS, f"lists {path}, which is not there and nothing else lists")] if by == [SUMS] else []
    return Integrity(len(there), sorted(dict.fromkeys(faults), key=lambda one: (one.path, one.why)), manifest)


def _judged(path: str, found: str, said: Mapping[str, str]) -> Iterator[Fault]:
    against = sorted(record for record, digest in said.items() if digest != found)
    with_it = sorted(record for record, digest in said.items() if digest == found)
    if against and not with_it:
        yield Fault(path, f"changed since it was published ({', '.join(against)})")
    for record in against if with_it else ():
        yield Fault(record, f"says another hash of {path} than the file has and {', '.join(with_it)} say")


def _sums(folder: Path, faults: list[Fault]) -> dict[str, str]:
    path = folder / SUMS
    if not path.is_file():
        faults.append(Fault(SUMS, "missing"))
        return {}
    text = path.read_bytes().decode("utf-8", errors="replace")
    found, others = read_sums(text)
    faults += [Fault(SUMS, f"line {place} is no hash and path: {line[:90]!r}") for place, line in others]
    if text != sums_text(found):
        faults.append(Fault(SUMS, "not as it was written: its lines are sorted by path, and each ends in a line feed"))
    return found


def _manifest(folder: Path, faults: list[Fault]) -> Manifest | None:
    try:
        return read_manifest(folder)
    except PublicationRefused as error:
        faults.append(Fault(MANIFEST, str(error)))
        return None


def _register(manifest: Manifest) -> tuple[str, str]:
    return manifest.release_register.path, manifest.release_register.sha256


def _crate(folder: Path, faults: list[Fault]) -> list[tuple[str, str]]:
    try:
        graph = json.loads((folder / CRATE).read_bytes())["@graph"]
        return [(str(one["@id"]), str(one["sha256"])) for one in graph if "sha256" in one]
    except (OSError, ValueError, KeyError, TypeError) as error:
        faults.append(Fault(CRATE, f"missing or cannot be read: {error}"))
        return []


def _package(folder: Path, faults: list[Fault]) -> list[tuple[str, str]]:
    if not (folder / PACKAGE).is_file():  # an edition of which no row may leave has none; its manifest says so
        return []
    try:
        listed = json.loads((folder / PACKAGE).read_bytes())["resources"]
        return [(f"data/{one['path']}", str(one["hash"]).removeprefix("sha256:")) for one in listed]
    except (ValueError, KeyError, TypeError) as error:
        faults.append(Fault(PACKAGE, f"cannot be read: {error}"))
        return []
