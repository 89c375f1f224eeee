"""The making of one document in a folder of its own: executed once, typeset in all its formats."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from turquesa_stats.render.child import Cell
from turquesa_stats.render.execute import execute
from turquesa_stats.render.notebook import ReportFile, document_metadata, joined_markdown
from turquesa_stats.render.plan import Job
from turquesa_stats.render.typeset import ToTypeset, Typesetter
from turquesa_stats.schema.parts import tables_read

FINISHED = "finished"
_NOTEBOOK = "document.ipynb"


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a document when it is executed: its title, whether it stands on synthetic data, and the tables it read."""

    title: str
    synthetic: bool
    read: list[str]
    seconds: float


def execute_document(job: Job, report: ReportFile, folder: Path, begin: Cell) -> Made:
    """
    Execute a report into ``folder/finished/document.ipynb``.

    Parameters
    ----------
    job : Job
        The document.
    report : ReportFile
        Its report.
    folder : Path
        A folder that no other document uses; the cells run in it.
    begin : callable
        Called with the number of each cell before it runs.

    Raises
    ------
    RenderFailed
        If a cell fails or displays anything but Markdown.
    """
    started = time.monotonic()
    os.chdir(folder)
    (folder / FINISHED).mkdir(exist_ok=True)
    notebook = execute(report.with_parameters(job.parameters), f"{job.report} {job.country} {job.period} {job.language}", begin)
    begin(-1)
    markdown = joined_markdown(notebook)
    nbformat.write(notebook, folder / FINISHED / _NOTEBOOK)
    title = str(document_metadata(markdown).get("title", job.report))
    return Made(title, "::: {.synthetic}" in markdown, tables_read(), time.monotonic() - started)


def typeset_documents(documents: Sequence[tuple[Job, Path]], typesetter: Typesetter) -> None:
    """
    Typeset executed documents into their ``finished`` folders.

    Raises
    ------
    RenderFailed
        If the typesetter fails on any of them.
    """
    asked = [
        ToTypeset(nbformat.read(folder / FINISHED / _NOTEBOOK, as_version=nbformat.NO_CONVERT), to, _emptied(folder / f"to-{to}"))
        for job, folder in documents
        for to in job.formats
    ]
    for document, made in zip(asked, typesetter.typeset_many(asked), strict=True):
        shutil.move(made, document.folder.parent / FINISHED / f"document.{document.to}")


def make_document(job: Job, report: ReportFile, typesetter: Typesetter, folder: Path, begin: Cell) -> Made:
    """Execute and typeset one document; see :func:`execute_document`."""
    made = execute_document(job, report, folder, begin)
    started = time.monotonic()
    typeset_documents([(job, folder)], typesetter)
    return Made(made.title, made.synthetic, made.read, made.seconds + time.monotonic() - started)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
