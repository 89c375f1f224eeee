"""The review: an edition opened, its hashes compared, its documents made again, and each number put beside the published one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from turquesa_stats.edition.audit.comparisons import read_register
from turquesa_stats.edition.audit.statements import Book
from turquesa_stats.edition.audit.verdict import Verdict as Audit
from turquesa_stats.edition.audit.verdict import examine
from turquesa_stats.edition.publication.archive import files_in
from turquesa_stats.edition.publication.manifest import MANIFEST, Document, Manifest
from turquesa_stats.edition.publication.publish import SITE
from turquesa_stats.edition.review import remaking
from turquesa_stats.edition.review.causes import of_document, other_data, other_versions
from turquesa_stats.edition.review.data import workspace_of
from turquesa_stats.edition.review.integrity import Fault, Integrity, integrity
from turquesa_stats.edition.review.numbers import Answer, Compared, compared, passages
from turquesa_stats.edition.review.opening import opened
from turquesa_stats.edition.review.verdict import Judged, Review
from turquesa_stats.edition.site.record import language_of_front
from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.errors import ReviewRefused, TurquesaError
from turquesa_stats.render.journal import JOURNAL, Entry, file_hash
from turquesa_stats.render.processes import Processes
from turquesa_stats.render.run import Done, Run
from turquesa_stats.schema.workspace import Workspace

Telling = Callable[[int], AbstractContextManager[Callable[[Done | None], None]]]
_OF_A_RUN = {JOURNAL, ".turquesa.lock"}


def review(
    edition: Path,
    reports: Path,
    tell: Telling,
    workspace: Workspace | None = None,
    sha256: str = "",
    units: int = 1,
    jobs: int = 1,
) -> Review:
    """
    Review a published edition.

    Parameters
    ----------
    edition : Path
        Its folder or archive.
    reports : Path
        Folder of the reports that its documents are made of again.
    tell : callable
        Number of documents -> context that tells of each.
    workspace : Workspace, optional
        That the edition was made of; without it, the tables of the edition and the demonstration's made-up rows.
    sha256 : str
        Hash of the archive, as it was told when it was published.
    units : int
        Tolerance in units of the last printed place, for numbers with decimals and per cents.
    jobs : int
        Processes.

    Raises
    ------
    ReviewRefused
        If the edition cannot be opened, or its manifest names what cannot be.
    """
    if sha256 and not edition.is_file():
        raise ReviewRefused(f"{edition} is no archive: --sha256 is the hash of one, as turquesa publish tells it")
    found = file_hash(edition) if edition.is_file() else ""
    with opened(edition) as folder, TemporaryDirectory(prefix="turquesa-remade-") as made:
        whole = integrity(folder)
        if sha256 and sha256.lower() != found:
            whole.faults.insert(0, Fault(edition.name, f"the archive's SHA-256 is {found}, not {sha256.lower()}"))
        if whole.manifest is None:
            return Review(edition.name, found, whole)
        try:
            return _judged(folder, whole.manifest, whole, found, Path(made), reports, tell, workspace, units, jobs)
        except ReviewRefused as error:
            if not whole.faults:
                raise
            whole.faults.append(Fault(MANIFEST, f"the documents cannot be made again: {error}"))  # as a file is not as it was
            return Review(whole.manifest.label, found, whole)


def _judged(
    folder: Path,
    manifest: Manifest,
    whole: Integrity,
    archive: str,
    made: Path,
    reports: Path,
    tell: Telling,
    workspace: Workspace | None,
    units: int,
    jobs: int,
) -> Review:
    data = workspace or workspace_of(folder, manifest, made / "workspace")
    wanted = {remaking.job_of(document): document for document in manifest.documents}
    run = remaking.run_for(manifest, list(wanted), data, reports, made / "documents")
    excused = {job: remaking.unjudged(document, run, has_all_data=workspace is not None) for job, document in wanted.items()}
    todo = [job for job, why in excused.items() if not why]
    with tell(len(todo)) as told:
        outcome = run.make(todo, Processes(jobs), told)
    if outcome.stopped:
        raise ReviewRefused(f"{outcome.stopped}: {outcome.left} documents are left; there is no verdict without them")
    versions, other = other_versions(manifest), other_data(folder, manifest, run.fingerprints)
    failed = {one.job: one.why for one in outcome.failed}
    documents = []
    for job, document in wanted.items():
        causes = of_document(document, run.key(job), versions, [*other, *_own_data(document, workspace)])
        about = Judged(
            job.stem, causes=causes, unjudged=excused[job], failed=failed.get(job, ""), stands_on_persons=bool(document.kept_back)
        )
        documents.append(about if about.unjudged or about.failed else _beside(about, document, folder, run, units))
    refused, audit, register = _audited(folder, manifest, jobs)
    is_all_there = len(outcome.made) == len(wanted)
    return Review(
        edition=manifest.label,
        archive_sha256=archive,
        integrity=whole,
        documents=tuple(documents),
        pages=tuple(_pages(folder, manifest, run, data, outcome.made)) if is_all_there else (),
        pages_unjudged="" if is_all_there else "not all documents could be made again",
        audit=audit,
        audit_refused=refused,
        register=register,
    )


def _own_data(document: Document, workspace: Workspace | None) -> list[str]:
    """A workspace that is given can hold other rows of persons; nothing in an edition tells."""
    told = "rows of persons can be others in the workspace given; no edition has a hash of them"
    return [told] if workspace and document.kept_back else []


def _beside(about: Judged, document: Document, folder: Path, run: Run, units: int) -> Judged:
    """Put a document beside the same made again."""
    numbers: list[Compared] = []
    other = []
    for path in sorted(document.files):
        own = run.into / path.removeprefix(f"{SITE}/")
        published = (folder / path).read_bytes() if (folder / path).is_file() else b""
        remade = own.read_bytes() if own.is_file() else b""
        is_notebook = path.endswith(".ipynb")
        if published != remade:
            other.append(path)
        if published and remade and (is_notebook or published != remade):
            numbers += _compared(path, published, remade, document.language, units, every=is_notebook)
    return replace(about, numbers=tuple(numbers), other_bytes=tuple(other))


def _compared(path: str, published: bytes, remade: bytes, language: str, units: int, *, every: bool) -> Iterator[Compared]:
    for one in compared(passages(path, published), passages(path, remade), language, units):
        if every:
            yield one
        elif one.answer is not Answer.SAME:
            yield replace(one, place=f"{path.rpartition('.')[2]}: {one.place}")


def _audited(folder: Path, manifest: Manifest, jobs: int) -> tuple[str, Audit | None, tuple[str, ...]]:
    """Attack the edition's site again, and compare what it prints with its release register."""
    try:
        audit, book = examine(folder / SITE, None, jobs)
        return "", audit, tuple(_against_register(book, folder / manifest.release_register.path))
    except (TurquesaError, OSError) as error:
        return str(error), None, ()


def _against_register(book: Book, register: Path) -> Iterator[str]:
    printed = {cell: ends[0] for cell, ends in book.shown.items() if ends[0] == ends[1]}
    rows = read_register(register)
    values = pd.to_numeric(rows["value_shown"], errors="coerce")
    said = {str(cell): float(value) for cell, value in zip(rows["cell_key"], values, strict=True) if pd.notna(value)}
    for cell in sorted({*printed, *said}):
        if printed.get(cell) != said.get(cell):
            yield f"{cell}: the pages print {printed.get(cell, 'no number')}, the release register has {said.get(cell, 'no number')}"


def _pages(folder: Path, manifest: Manifest, run: Run, data: Workspace, entries: Sequence[Entry]) -> Iterator[str]:
    """Write the site around the documents made again, and yield which of its files are other ones."""
    write_site(run.into, entries, language_of_front(folder / SITE), workspace=data, status=manifest.status)
    documents = {path for one in manifest.documents for path in one.files}
    published = {path for path in files_in(folder / SITE) if f"{SITE}/{path}" not in documents}
    here = {path for path in files_in(run.into) if f"{SITE}/{path}" not in documents and path not in _OF_A_RUN}
    for path in sorted({*published, *here}):
        before, after = (root / path for root in (folder / SITE, run.into))
        if not (before.is_file() and after.is_file()) or before.read_bytes() != after.read_bytes():
            yield path
