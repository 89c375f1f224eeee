"""The run: each document in a process of its own, moved into place only when whole, noted in the journal."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from turquesa_stats.render import freshness
from turquesa_stats.render.journal import Entry, append, file_hash, read_journal
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Job
from turquesa_stats.render.typeset import Typesetter

_TIME_LIMIT = 300.0  # seconds a document may take


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be made, why, and the command that makes it alone."""

    job: Job
    why: str


@dataclass(slots=True)
class Outcome:
    """What a run did."""

    made: list[Entry] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """
    What documents are made with.

    Attributes
    ----------
    reports : mapping
        The reports by name.
    fingerprint : str
        Hash of the workspace's data.
    typesetter : Typesetter
        What typesets.
    into : Path
        Folder of the documents.
    prepare : callable
        Called once before the first document: imports the stack and reads the tables, which forked children then share.
    jobs : int
        Documents at once.
    """

    reports: Mapping[str, ReportFile]
    fingerprint: str
    typesetter: Typesetter
    into: Path
    prepare: Callable[[], None]
    jobs: int = os.cpu_count() or 1

    def key(self, job: Job) -> str:
        """Return what decides a document."""
        return freshness.key(job, self.reports[job.report], self.fingerprint, self.typesetter.identity)

    def stale(self, plan: Sequence[Job]) -> tuple[list[Job], list[Entry]]:
        """Return the documents to make, and those that stand as they would be made."""
        journal = read_journal(self.into)
        fresh = [
            journal[job.stem]
            for job in plan
            if job.stem in journal and journal[job.stem].key == self.key(job) and journal[job.stem].is_intact(self.into)
        ]
        stems = {entry.stem for entry in fresh}
        return [job for job in plan if job.stem not in stems], fresh

    def make(self, plan: Sequence[Job], tell: Callable[[Job, str | None], None]) -> Outcome:
        """
        Make the documents of a plan that are not fresh.

        Parameters
        ----------
        plan : sequence of Job
            The documents.
        tell : callable
            Called with each document when it is finished, and why it failed, or None.
        """
        todo, fresh = self.stale(plan)
        outcome = Outcome(fresh=fresh)
        if not todo:
            return outcome
        self.into.mkdir(parents=True, exist_ok=True)
        self.prepare()
        waiting, running = list(reversed(todo)), dict[int, _Child]()
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    child = _Child(self, waiting.pop())
                    running[child.process.sentinel] = child
                for sentinel in _finished(running):
                    child = running.pop(sentinel)
                    why = child.collect(outcome)
                    tell(child.job, why)
        finally:
            for child in running.values():
                child.stop()
        return outcome


def _finished(running: Mapping[int, _Child]) -> list[int]:
    done = [int(sentinel) for sentinel in wait(list(running), timeout=1.0) if isinstance(sentinel, int)]
    late = [sentinel for sentinel, child in running.items() if time.monotonic() - child.started > _TIME_LIMIT]
    for sentinel in late:
        running[sentinel].process.kill()
        running[sentinel].process.join()
    return sorted({*done, *late})


class _Child:
    """One document being made in a forked process, in a folder of its own beside the documents."""

    def __init__(self, run: Run, job: Job) -> None:
        self.run, self.job, self.started = run, job, time.monotonic()
        self.folder = Path(tempfile.mkdtemp(prefix=".making-", dir=run.into))
        context: Any = multiprocessing.get_context("fork")
        self.process: BaseProcess = context.Process(target=_make_document, args=(run, job, self.folder))
        self.process.start()

    def stop(self) -> None:
        """End the process and remove its folder."""
        self.process.kill()
        self.process.join()
        shutil.rmtree(self.folder, ignore_errors=True)

    def collect(self, outcome: Outcome) -> str | None:
        """Move the finished files into place and note them, or say why there are none."""
        self.process.join()
        error = self.folder / "error.txt"
        why: str | None = None
        if error.is_file():
            why = error.read_text(encoding="utf-8")
        elif self.process.exitcode != 0:
            why = f"its process ended with {self.process.exitcode}" + (
                " (time limit)" if time.monotonic() - self.started > _TIME_LIMIT else ""
            )
        if why is None:
            outcome.made.append(self._into_place())
        else:
            outcome.failed.append(Failure(self.job, why))
        shutil.rmtree(self.folder, ignore_errors=True)
        return why

    def _into_place(self) -> Entry:
        job, files = self.job, {}
        (self.run.into / job.stem).parent.mkdir(parents=True, exist_ok=True)
        for path in sorted((self.folder / "finished").iterdir()):
            relative = f"{job.stem}{path.suffix}"
            files[relative] = file_hash(path)
            os.replace(path, self.run.into / relative)
        title, synthetic = (self.folder / "about.txt").read_text(encoding="utf-8").split("\n")
        entry = Entry(
            stem=job.stem,
            key=self.run.key(job),
            title=title,
            report=job.report,
            country=job.country,
            period=str(job.period),
            language=job.language,
            synthetic=synthetic == "synthetic",
            fingerprint=self.run.fingerprint,
            command=job.command,
            files=files,
        )
        append(self.run.into, entry)
        return entry


def _make_document(run: Run, job: Job, folder: Path) -> None:
    """Execute and typeset one document into ``folder/finished``; runs in the child."""
    import nbformat

    from turquesa_stats.render.execute import execute
    from turquesa_stats.render.notebook import document_metadata, joined_markdown

    try:
        os.chdir(folder)
        finished = folder / "finished"
        finished.mkdir()
        notebook = execute(
            run.reports[job.report].with_parameters(job.parameters), f"{job.report} {job.country} {job.period} {job.language}"
        )
        nbformat.write(notebook, finished / "document.ipynb")
        for to in job.formats:
            private = folder / f"to-{to}"
            private.mkdir()
            shutil.move(run.typesetter.typeset(notebook, to, private), finished / f"document.{to}")
        markdown = joined_markdown(notebook)
        mark = "synthetic" if "::: {.synthetic}" in markdown else "real"
        (folder / "about.txt").write_text(f"{document_metadata(markdown).get('title', job.report)}\n{mark}", encoding="utf-8")
    except Exception as error:  # noqa: BLE001 - whatever went wrong in the child is told by the parent
        (folder / "error.txt").write_text(str(error) or repr(error), encoding="utf-8")
