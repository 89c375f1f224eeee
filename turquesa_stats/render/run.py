"""The run: which documents are stale, making them by an engine, noting each when it is in place."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from turquesa_stats.render import freshness
from turquesa_stats.render.child import Limits
from turquesa_stats.render.document import Made
from turquesa_stats.render.folder import EditionFolder, opened
from turquesa_stats.render.journal import Entry, job_of, read_journal
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Job
from turquesa_stats.render.typeset import Typesetter
from turquesa_stats.schema.parts import Fingerprints
from turquesa_stats.schema.workspace import AUDIENCE_VARIABLE, FINAL, STATUS_VARIABLE, WORKSPACE_VARIABLE

FOR_EVERYONE = ("public", "rounded")
"""Audiences whose editions may be published; one that is not listed may not, and its documents are for their owner alone."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be made, why, and the command that makes it alone."""

    job: Job
    why: str
    command: str


@dataclass(slots=True)
class Outcome:
    """What a run did; ``stopped`` says why it ended early, ``left`` how many documents it did not come to."""

    made: list[Entry] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    stopped: str = ""
    left: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """A document that an engine is through with: its finished folder, or why there is none."""

    job: Job
    folder: Path | None
    why: str = ""


class Engine(Protocol):
    """What makes documents: in processes of this machine, or on a cluster."""

    def each(self, run: Run, folder: EditionFolder, jobs: Sequence[Job]) -> Generator[Done | None]:
        """Yield each document when it is through, and None from time to time while there is none."""


@dataclass(frozen=True, slots=True)
class Warming:
    """
    What a process does before it makes documents.

    Attributes
    ----------
    workspace, audience, status : str
        Named to the reports.
    preload : str
        Function ``module:name`` to call, with ``countries``: those that documents are made of, ``processes`` and ``reports``.
    processes : int
        How many may prepare at once.
    reports : tuple of str
        Those that are made.
    rounding : str
        Mark of the secret by which counts are rounded; empty where none are.
    """

    workspace: str
    preload: str
    audience: str
    countries: tuple[str, ...]
    processes: int = 1
    reports: tuple[str, ...] = ()
    rounding: str = ""
    status: str = FINAL

    def __call__(self) -> None:
        """Import the stack and read the tables, which forked children then share."""
        import gc
        from pkgutil import resolve_name

        os.environ[WORKSPACE_VARIABLE], os.environ[AUDIENCE_VARIABLE] = self.workspace, self.audience
        os.environ[STATUS_VARIABLE] = self.status
        resolve_name(self.preload)(self.countries, self.processes, self.reports)
        for name in ("IPython.core.interactiveshell", "IPython.utils.capture", "pypandoc", "typst", "font_source_sans_pro"):
            resolve_name(name)
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, memory that children share


_LIMITS = Limits()


@dataclass(frozen=True)
class Run:
    """
    What documents are made with.

    Attributes
    ----------
    reports : mapping
        The reports by name.
    fingerprints : Fingerprints
        Of every country's rows of every table.
    typesetter : Typesetter
        What typesets.
    into : Path
        Folder of the documents.
    warming : Warming
        What a process does before its first document.
    limits : Limits
        What a document may take.
    options : str
        What the command of a single document needs besides its parameters.
    """

    reports: Mapping[str, ReportFile]
    fingerprints: Fingerprints
    typesetter: Typesetter
    into: Path
    warming: Warming
    limits: Limits = _LIMITS
    options: str = ""

    def key(self, job: Job) -> dict[str, str]:
        """Return what decides a document besides the rows it reads."""
        warming = self.warming
        report, identity = self.reports[job.report], self.typesetter.identity
        return freshness.key(job, report, identity, warming.audience, warming.rounding, warming.status)

    def command(self, job: Job) -> str:
        """Return the command that makes a document alone."""
        return f"{job.command} {self.options}".strip()

    def entry(self, job: Job, made: Made) -> Entry:
        """Return the journal's entry of a document that is finished; its files are still to be named."""
        return Entry(
            stem=job.stem,
            key=self.key(job),
            rows=freshness.rows_read(made.read, job.country, self.fingerprints),
            title=made.title,
            report=job.report,
            country=job.country,
            period=str(job.period),
            language=job.language,
            synthetic=made.synthetic,
            command=self.command(job),
            seconds=round(made.seconds, 2),
            files={},
        )

    def reasons(self, plan: Sequence[Job]) -> dict[Job, list[str]]:
        """Return why each document of a plan is stale; no reasons for a fresh one."""
        journal = read_journal(self.into)
        return {job: freshness.reasons(job, journal.get(job.stem), self.key(job), self.fingerprints, self.into) for job in plan}

    def stale(self, plan: Sequence[Job]) -> tuple[list[Job], list[Entry]]:
        """Return the documents to make, and those that stand as they would be made."""
        journal, found = read_journal(self.into), self.reasons(plan)
        return [job for job in plan if found[job]], [journal[job.stem] for job in plan if not found[job]]

    def standing(self) -> list[tuple[Entry, list[str]]]:
        """Return the documents of the folder, whatever plan they were made for, each with why it would be made again."""
        found = []
        for entry in read_journal(self.into).values():
            job = job_of(entry)
            known = job.report in self.reports
            why = freshness.reasons(job, entry, self.key(job), self.fingerprints, self.into) if known else ["its report is there no more"]
            found.append((entry, why))
        return found

    def current(self) -> list[Entry]:
        """Return the documents of the folder, whatever plan they were made for, that stand as they would be made now."""
        return [entry for entry, why in self.standing() if not why]

    def make(self, plan: Sequence[Job], engine: Engine, tell: Callable[[Done | None], None], *, fail_fast: bool = False) -> Outcome:
        """
        Make the documents of a plan that are not fresh.

        Parameters
        ----------
        plan : sequence of Job
            The documents.
        engine : Engine
            What makes them.
        tell : callable
            Called with each document when it is through, and with None from time to time.
        fail_fast : bool
            Stop at the first document that fails.

        Raises
        ------
        NoRoom
            If the folder cannot be written to, or another run is at work in it. What was finished stays.
        """
        private = self.warming.audience not in FOR_EVERYONE
        with opened(self.into, private=private) as folder, _interruptible(), _variables_kept():
            outcome = Outcome()
            folder.tidy()
            todo, outcome.fresh = self.stale(plan)
            try:
                if todo:
                    self._make(todo, engine, folder, outcome, tell, fail_fast=fail_fast)
            except KeyboardInterrupt:
                outcome.stopped = "stopped by you"
            outcome.made += folder.tidy()
            outcome.left = len(todo) - len(outcome.made) - len(outcome.failed)
        return outcome

    def _make(
        self,
        todo: Sequence[Job],
        engine: Engine,
        folder: EditionFolder,
        outcome: Outcome,
        tell: Callable[[Done | None], None],
        *,
        fail_fast: bool,
    ) -> None:
        with closing(engine.each(self, folder, todo)) as through:
            for done in through:
                if done is not None and done.folder is not None:
                    outcome.made.append(folder.accept(done.folder))
                elif done is not None:
                    outcome.failed.append(Failure(done.job, done.why, self.command(done.job)))
                tell(done)
                if outcome.failed and fail_fast:
                    outcome.stopped = "stopped at the first failure"
                    return


@contextmanager
def _variables_kept() -> Iterator[None]:
    """Leave the variables by which a run speaks to its reports as they were before it."""
    before = {name: os.environ.get(name) for name in (WORKSPACE_VARIABLE, AUDIENCE_VARIABLE, STATUS_VARIABLE)}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a request to end (SIGTERM) stop a run as Ctrl-C does."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: whoever runs this looks after signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
