"""A function called in a forked process of its own: its answer, or why there is none; nothing of it outlives the parent."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from turquesa_stats.forks import end_with_parent

T = TypeVar("T")
Cell = Callable[[int], None]
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_GIVEN, _FAILED = "given", "failed"
_FAREWELL = 5.0  # seconds that a child may take to end after its answer


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: seconds, and bytes of memory beyond what it shares with its parent."""

    seconds: float = 300.0
    memory: int = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a child made, or why it made nothing; ``cell`` is the last that it began, -1 for none."""

    value: T | None
    why: str = ""
    cell: int = -1


class Child(Generic[T]):
    """
    A running child.

    Parameters
    ----------
    work : callable
        Called in the child with a function that notes which cell it begins.
    limits : Limits
        Over the time limit the child is killed; over the memory limit it gets a ``MemoryError``.
    """

    def __init__(self, work: Callable[[Cell], T], limits: Limits) -> None:
        context: Any = multiprocessing.get_context("fork")
        self.started, self._limits = time.monotonic(), limits
        self._cell = context.RawValue("i", -1)
        self._receiving, sending = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(target=_work, args=(work, limits, self._cell, sending, os.getpid()), daemon=True)
        self._process.start()
        sending.close()

    @property
    def sentinels(self) -> list[Any]:
        """What becomes ready when the child has an answer or has ended."""
        return [self._receiving, self._process.sentinel]

    @property
    def is_late(self) -> bool:
        """Whether it is over its time limit."""
        return time.monotonic() - self.started > self._limits.seconds

    def stop(self) -> None:
        """End the child and all that it started."""
        with suppress(ProcessLookupError, TypeError):
            os.killpg(self._process.pid, signal.SIGKILL)  # type: ignore[arg-type]
        self._process.kill()
        self._process.join()
        self._receiving.close()

    def answer(self) -> Answer[T]:
        """
        Wait for the end of the child and return its answer.

        Raises
        ------
        OSError
            If its disk was full or read-only.
        """
        late = self.is_late and not self._receiving.poll()
        value, why, kind = None, f"it took longer than the time limit of {self._limits.seconds:g} s and was ended", ""
        if not late:
            try:
                value, why, kind = self._receiving.recv()
            except (EOFError, OSError):
                why = ""
            self._process.join(timeout=_FAREWELL)
        code = self._process.exitcode
        self.stop()
        if isinstance(kind, int):
            raise OSError(kind, os.strerror(kind))
        if not kind and not late:
            why = f"its process was ended by {signal.Signals(-code).name}" if code and code < 0 else f"its process ended with {code}"
        return Answer(value, why, self._cell.value)


def _work(work: Callable[[Cell], T], limits: Limits, cell: Any, sending: Connection, parent: int) -> None:
    os.setsid()  # a group of its own: Ctrl-C goes to the parent alone, and the parent ends the child with all that it started
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(parent)
    random.seed(0)  # whatever the parent did before, the same document gets the same random numbers
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    _limit_memory(limits.memory)

    def begin(place: int) -> None:
        cell.value = place

    try:
        sending.send((work(begin), "", _GIVEN))
    except Exception as error:  # noqa: BLE001 - whatever went wrong in the child is told by the parent
        sending.send((None, str(error) or repr(error), _no_room(error) or _FAILED))


def _no_room(error: Exception) -> int | None:
    """Return the number of the error if a full or read-only disk is behind it, as this process or one that it called says."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError) and cause.errno in _FULL:
        return cause.errno
    return next((number for number in _FULL if os.strerror(number) in str(error)), None)


def _limit_memory(allowed: int) -> None:
    import resource

    pages = Path("/proc/self/statm")
    if pages.is_file():
        shared = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (shared + allowed, resource.RLIM_INFINITY))
