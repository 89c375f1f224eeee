"""The journal of a folder of documents: a line for each finished one, with all that decided it and the hashes of its files."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from turquesa_stats.period import Period
from turquesa_stats.render.plan import ALL, Format, Job

JOURNAL = "documents.jsonl"
_NAME = re.compile(r"[^/\\\x00]*[^/\\\x00.][^/\\\x00]*")  # of a file or folder: no way up, no way elsewhere
_ENDING = re.compile(r"\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A finished document.

    Attributes
    ----------
    stem, title, report, country, period, language, synthetic : str
        What it is.
    key : mapping
        What decided it besides data: see :func:`turquesa_stats.render.freshness.key`.
    rows : mapping
        Table -> fingerprint of the rows it read.
    command : str
        What makes it alone.
    seconds : float
        How long it took.
    files : mapping
        Path -> SHA-256.
    stamps : mapping
        Path -> size and time of last change: a file for which they hold is not hashed again.
    """

    stem: str
    key: Mapping[str, str]
    rows: Mapping[str, str]
    title: str
    report: str
    country: str
    period: str
    language: str
    synthetic: bool
    command: str
    seconds: float
    files: Mapping[str, str]
    stamps: Mapping[str, list[int]] = field(default_factory=dict)

    def is_intact(self, folder: Path) -> bool:
        """Whether every file is there with the content it was finished with."""
        return all(self._is_file_intact(folder / path, path) for path in self.files)

    def _is_file_intact(self, file: Path, path: str) -> bool:
        try:
            return stamp(file) == self.stamps.get(path) or file_hash(file) == self.files[path]
        except OSError:
            return False


def job_of(entry: Entry) -> Job:
    """Return the document that an entry is of."""
    formats = tuple(Format(name) for name in entry.key.get("formats", "").split(",") if name)
    return Job(entry.report, entry.country, Period.parse(entry.period), entry.language, formats, entry.key.get("sections", ALL))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path) -> list[int]:
    """Return size and time of last change of a file."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def as_entry(line: str) -> Entry | None:
    """Return the entry of a line, or None for a line cut short, written by another version, or naming a file outside its folder."""
    try:
        written: dict[str, Any] = json.loads(line)
        entry = Entry(**written)
    except (ValueError, TypeError):
        return None
    return entry if isinstance(entry.key, dict) and _is_in_place(entry) else None


def _is_in_place(entry: Entry) -> bool:
    """Whether a document and its files stand where their names say, below the folder of documents."""
    parts = (entry.language, entry.country, str(entry.period).replace("/", "--"), entry.report)
    plain = all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts)
    return plain and entry.stem == "/".join(parts) and all(_ENDING.fullmatch(path.removeprefix(entry.stem)) for path in entry.files)


def as_line(entry: Entry) -> str:
    """Return the line of an entry."""
    return json.dumps(asdict(entry), ensure_ascii=False)


def read_journal(folder: Path) -> dict[str, Entry]:
    """Return the finished documents by stem; the last line of each counts."""
    path = folder / JOURNAL
    if not path.is_file():
        return {}
    entries = (as_entry(line) for line in path.read_text(encoding="utf-8", errors="replace").split("\n"))
    return {entry.stem: entry for entry in entries if entry is not None}


def append(folder: Path, entry: Entry) -> None:
    """Write one line for a finished document, to disk before going on; all of it or nothing."""
    with (folder / JOURNAL).open("ab+", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        cut_short = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
        line = b"\n" * cut_short + as_line(entry).encode() + b"\n"
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / JOURNAL))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
