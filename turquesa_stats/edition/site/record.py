"""What the site was written from and which files it has: by this a run that changes nothing writes nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from turquesa_stats.errors import UnknownParameter
from turquesa_stats.render.freshness import digest, machinery
from turquesa_stats.render.journal import Entry, file_hash
from turquesa_stats.schema.codes import Language

RECORD = "site.json"


def site_key(entries: Iterable[Entry], **further: object) -> str:
    """
    Return a hash of all that decides the site.

    Parameters
    ----------
    entries : iterable of Entry
        The journal.
    **further : object
        Language, address, fingerprints of the data ...: anything that JSON can hold.
    """
    from turquesa_stats.present.words import catalogue

    documents = sorted((entry.stem, dict(entry.key), dict(entry.rows), dict(entry.files)) for entry in entries)
    return digest([documents, machinery(), [dict(catalogue(language)) for language in Language], further])


def as_record(key: str, files: Mapping[str, bytes]) -> bytes:
    """Return the record of a site: its key, and path -> SHA-256 of each of its files."""
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}
    return (json.dumps({"key": key, "files": hashes}, indent=1) + "\n").encode()


def language_of_front(folder: Path) -> str:
    """Return the language of a folder's front page; English where there is none."""
    path = folder / "index.html"
    found = re.search(r'<html lang="(\w+)"', path.read_text(encoding="utf-8")[:100]) if path.is_file() else None
    return found[1] if found and found[1] in list(Language) else Language.EN


def check_address(address: str) -> None:
    """
    Refuse an address at which no site can stand.

    Raises
    ------
    UnknownParameter
        If it is neither empty nor of the form ``https://host/path``.
    """
    if address and not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w./~-]*)?", address):
        raise UnknownParameter(f"address '{address}' is no address of a site; write it whole, such as https://example.org/turquesa/")


def recorded(folder: Path) -> tuple[str, dict[str, str]]:
    """Return key and files of the site in a folder; both empty where none was written."""
    try:
        held: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
        return str(held["key"]), {str(path): str(hashed) for path, hashed in held["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", {}


def is_as_recorded(folder: Path, key: str) -> bool:
    """Whether the site in a folder was written from what the key stands for, and none of its files has changed since."""
    before, files = recorded(folder)
    return before == key and all((folder / path).is_file() and file_hash(folder / path) == hashed for path, hashed in files.items())
