"""The engine of one machine: a forked process for every document, so many at once, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from turquesa_stats.render.child import Answer, Cell, Child
from turquesa_stats.render.document import Made, execute_document, make_document, typeset_documents
from turquesa_stats.render.execute import cell_name
from turquesa_stats.render.folder import EditionFolder, close_document
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Job
from turquesa_stats.render.run import Done, Run

_PATIENCE = 0.5  # seconds between two looks at the clock


@dataclass(frozen=True, slots=True)
class Processes:
    """Makes documents in so many processes at once."""

    jobs: int = os.cpu_count() or 1

    def each(self, run: Run, folder: EditionFolder, jobs: Sequence[Job]) -> Generator[Done | None]:
        """Yield each document when it is through, None in between; at the end, or when closed, no child is left."""
        replace(run.warming, processes=self.jobs)()
        for report in {job.report for job in jobs}:
            _ = run.reports[report].notebook  # read once, here, for all children
        kitchen = _Kitchen(run, folder, self.jobs, list(reversed(jobs)))
        try:
            while kitchen.start():
                yield from kitchen.through()
                yield None
        finally:
            for child, _ in kitchen.running:
                child.stop()


_Batch = list[tuple[Job, Path]]


@dataclass(slots=True)
class _Kitchen:
    """Documents that wait, that are being executed and typeset, and that are executed and wait for others to be typeset with."""

    run: Run
    folder: EditionFolder
    jobs: int
    waiting: list[Job]
    running: list[tuple[Child[Made] | Child[None], _Batch]] = field(default_factory=list)
    executed: _Batch = field(default_factory=list)
    made: dict[Job, Made] = field(default_factory=dict)
    alone: list[tuple[Job, Path]] = field(default_factory=list)

    def start(self) -> bool:
        """Start as many children as may run, and say whether any is running."""
        while len(self.running) < self.jobs and (self.alone or self.waiting or self._is_batch_due()):
            if self.alone:
                self._typeset([self.alone.pop()])
            elif self._is_batch_due():
                at_once = self.run.typesetter.at_once
                batch, self.executed = self.executed[:at_once], self.executed[at_once:]
                self._typeset(batch)
            else:
                self._execute(self.waiting.pop())
        return bool(self.running)

    def _is_batch_due(self) -> bool:
        """Whether enough documents are executed to be typeset together, or no more will come."""
        executing = any(isinstance(child, _Executing) for child, _ in self.running)
        return len(self.executed) >= self.run.typesetter.at_once or (bool(self.executed) and not self.waiting and not executing)

    def _execute(self, job: Job) -> None:
        place = self.folder.private()
        work = partial(_make if self.run.typesetter.at_once == 1 else _execute, self.run, job, place)
        self.running.append((_Executing(work, self.run.limits), [(job, place)]))

    def _typeset(self, batch: _Batch) -> None:
        entries = [(job, place, self.made[job]) for job, place in batch]
        self.running.append((Child(partial(_typeset, self.run, entries), self.run.limits), batch))

    def through(self) -> list[Done]:
        """Wait a moment, and return the documents that are through."""
        wait([sentinel for child, _ in self.running for sentinel in child.sentinels], timeout=_PATIENCE)
        done = []
        for child, batch in list(self.running):
            if child.is_late or wait(child.sentinels, timeout=0):
                self.running.remove((child, batch))
                done += self._collect(child, batch)
        return done

    def _collect(self, child: Child[Made] | Child[None], batch: _Batch) -> list[Done]:
        answer = child.answer()
        is_made = not answer.why
        if isinstance(child, _Executing):
            (job, place) = batch[0]
            if isinstance(answer.value, Made) and self.run.typesetter.at_once > 1:
                self.executed.append((job, place))
                self.made[job] = answer.value
                return []
            return [self._done(job, place, "" if is_made else why_not(self.run.reports[job.report], job, answer))]
        if not is_made and len(batch) > 1:  # one of them is at fault: each is typeset again alone
            self.alone += batch
            return []
        return [self._done(job, place, answer.why) for job, place in batch]

    def _done(self, job: Job, place: Path, why: str) -> Done:
        if why:
            shutil.rmtree(place, ignore_errors=True)
            return Done(job, None, why)
        return Done(job, place)


class _Executing(Child[Made]):
    """A child that executes a document."""


def why_not(report: ReportFile, job: Job, answer: Answer[Made] | Answer[None]) -> str:
    """Return why a document failed; for a child that ended without a word, with the cell that it was in."""
    if answer.cell < 0 or ", cell " in answer.why:
        return answer.why
    return f"{answer.why}, in {cell_name(report.with_parameters(job.parameters), answer.cell)}"


def _make(run: Run, job: Job, place: Path, begin: Cell) -> Made:
    made = make_document(job, run.reports[job.report], run.typesetter, place, begin)
    close_document(place, run.entry(job, made))
    return made


def _execute(run: Run, job: Job, place: Path, begin: Cell) -> Made:
    return execute_document(job, run.reports[job.report], place, begin)


def _typeset(run: Run, entries: Sequence[tuple[Job, Path, Made]], _: Cell) -> None:
    typeset_documents([(job, place) for job, place, _ in entries], run.typesetter)
    for job, place, made in entries:
        close_document(place, run.entry(job, made))
