"""What a person sees while documents are made: done and total, rate, time left, failures; plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from turquesa_stats.render.forecast import in_words
from turquesa_stats.render.run import Done

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass(slots=True)
class Tally:
    """How far a run has come."""

    total: int
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    failed: int = 0

    def count(self, *, failed: bool) -> None:
        """Count a document that is through."""
        self.done += 1
        self.failed += failed

    def said(self, now: float) -> str:
        """
        Return rate, time left and failures.

        Examples
        --------
        >>> Tally(60, started=0.0, done=20, failed=1).said(now=30.0)
        '40 a minute, 60 s left, 1 failed'
        """
        passed = now - self.started
        if not self.done or passed <= 0:
            return "starting"
        left = (self.total - self.done) * passed / self.done
        return f"{60 * self.done / passed:.0f} a minute, {in_words(left) if left else 'none'} left, {self.failed} failed"


class Teller:
    """Tells each document as it is through."""

    def __init__(self, total: int, progress: Progress | None, task: TaskID | None) -> None:
        self.tally, self._progress, self._task = Tally(total), progress, task

    def __call__(self, done: Done | None) -> None:
        """Note a document, or only that time has passed."""
        if done is not None:
            self.tally.count(failed=done.folder is None)
            self._line(done)
        if self._progress is not None and self._task is not None:
            said = self.tally.said(time.monotonic())
            self._progress.update(self._task, completed=self.tally.done, description=said)
            self._progress.refresh()

    def _line(self, done: Done) -> None:
        failed = f"failed {done.job.stem}: {done.why}"
        if self._progress is not None:
            if done.folder is None:
                self._progress.console.print(failed, markup=False, highlight=False)
            return
        place = f"{self.tally.done}/{self.tally.total}"
        said = self.tally.said(time.monotonic())
        text = f"{place} made {done.job.stem} ({said})" if done.folder is not None else f"{place} {failed}"
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


@contextmanager
def shown(total: int) -> Iterator[Teller]:
    """Show progress as a bar on a terminal, as plain lines elsewhere."""
    if not sys.stdout.isatty():
        yield Teller(total, None, None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, auto_refresh=False) as progress:  # no thread: processes are forked meanwhile
        yield Teller(total, progress, progress.add_task("starting", total=total))
