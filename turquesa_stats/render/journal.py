"""The journal of a folder of documents: a line for each finished one, with its key and the hashes of its files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

JOURNAL = "documents.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished document: what it is, what decided it, and its files (path -> SHA-256)."""

    stem: str
    key: str
    title: str
    report: str
    country: str
    period: str
    language: str
    synthetic: bool
    fingerprint: str
    command: str
    files: Mapping[str, str]

    def is_intact(self, folder: Path) -> bool:
        """Whether every file is there with the content it was finished with."""
        return all((folder / path).is_file() and file_hash(folder / path) == digest for path, digest in self.files.items())


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_journal(folder: Path) -> dict[str, Entry]:
    """Return the finished documents by stem; the last line of each counts, a line cut short by a crash is passed over."""
    path = folder / JOURNAL
    found: dict[str, Entry] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                entry = Entry(**json.loads(line))
            except (json.JSONDecodeError, TypeError):
                continue
            found[entry.stem] = entry
    return found


def append(folder: Path, entry: Entry) -> None:
    """Write one line for a finished document, to disk before going on."""
    with (folder / JOURNAL).open("a", encoding="utf-8") as file:
        file.write("\n" * (file.tell() > 0 and not _ends_with_newline(folder)) + json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(folder: Path) -> bool:
    return (folder / JOURNAL).read_bytes().endswith(b"\n")
