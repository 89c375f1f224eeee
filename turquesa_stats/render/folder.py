"""The folder of an edition: one run at a time, documents moved into place whole, nothing of a killed run left lying or lost."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from turquesa_stats.errors import NoRoom
from turquesa_stats.render.document import FINISHED
from turquesa_stats.render.journal import Entry, append, as_entry, as_line, file_hash, read_journal, stamp

_LOCK = ".turquesa.lock"
_MAKING = ".making-"
_ENTRY = "entry.json"


class EditionFolder:
    """A folder of documents that this run alone writes to; made by :func:`opened`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def private(self) -> Path:
        """Return a new folder for one document, on the same disk as the edition."""
        return Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.path))

    def accept(self, making: Path) -> Entry:
        """Move a finished document into place, then note it; a file moved before a crash is found where it is."""
        entry = as_entry((making / _ENTRY).read_text(encoding="utf-8"))
        if entry is None:
            raise NoRoom(f"{making / _ENTRY} cannot be read")
        (self.path / entry.stem).parent.mkdir(parents=True, exist_ok=True)
        for relative in entry.files:
            made = making / FINISHED / f"document{Path(relative).suffix}"
            if made.exists():
                os.replace(made, self.path / relative)
        entry = replace(entry, stamps={relative: stamp(self.path / relative) for relative in entry.files})
        append(self.path, entry)
        shutil.rmtree(making, ignore_errors=True)
        return entry

    def tidy(self) -> list[Entry]:
        """Accept what a stopped run had finished but not yet noted, remove the rest of it, and return what was accepted."""
        known, accepted = read_journal(self.path), []
        for making in sorted(self.path.glob(f"{_MAKING}*")):
            entry = as_entry(text) if (text := _text(making / _ENTRY)) else None
            if entry is not None and _is_whole(entry, making, self.path):
                old = known.get(entry.stem)
                if old is None or (old.files, old.key, old.rows) != (entry.files, entry.key, entry.rows):
                    accepted.append(self.accept(making))
            shutil.rmtree(making, ignore_errors=True)
        return accepted


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _is_whole(entry: Entry, making: Path, folder: Path) -> bool:
    for relative, digest in entry.files.items():
        made = making / FINISHED / f"document{Path(relative).suffix}"
        place = made if made.is_file() else folder / relative
        if not place.is_file() or file_hash(place) != digest:
            return False
    return True


def is_left_over(path: Path) -> bool:
    """Whether a stopped run has left anything that a next one would tidy up."""
    return any(path.glob(f"{_MAKING}*"))


def close_document(making: Path, entry: Entry) -> None:
    """Hash a finished document's files, bring them to disk, and only then say that it is whole."""
    files = {}
    for path in sorted((making / FINISHED).iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        files[f"{entry.stem}{path.suffix}"] = file_hash(path)
    temporary = making / f".{_ENTRY}"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(as_line(replace(entry, files=files)))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, making / _ENTRY)


@contextmanager
def opened(path: Path, *, private: bool = False) -> Iterator[EditionFolder]:
    """
    Open a folder of documents for one run, made if it does not exist; a private one for its owner alone.

    One that exists stays as open as it is: whoever opened it did so on purpose.

    Raises
    ------
    NoRoom
        If it cannot be written to, the disk is full, or another run is at work in it.
    """
    lock = None
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        lock = _locked(path)
        yield EditionFolder(path)
    except OSError as error:
        raise NoRoom(no_room(path, error)) from error
    finally:
        if lock is not None:
            with suppress(OSError):
                EditionFolder(path).tidy()
            (path / _LOCK).unlink(missing_ok=True)
            os.close(lock)


def _locked(path: Path) -> int:
    """Return the open lock file of a folder; the system lets go of it when the process ends, however it ends."""
    while True:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), os.stat(path / _LOCK)):
                os.ftruncate(lock, 0)
                os.write(lock, str(os.getpid()).encode())
                return lock
        except FileNotFoundError:  # the run that held it ended and removed it just now
            pass
        except OSError as error:
            os.close(lock)
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            holder = _text(path / _LOCK) or "?"
            told = f"another run (process {holder}) is making documents in {path}; wait for its end, or use another --into"
            raise NoRoom(told) from error
        os.close(lock)


def no_room(path: Path, error: OSError) -> str:
    """Return what to say where a folder cannot be written to."""
    what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error.strerror or error)
    do = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "choose another --into"
    return f"{path} cannot be written to: {what}; {do}, and give the same command again: finished documents are kept"
