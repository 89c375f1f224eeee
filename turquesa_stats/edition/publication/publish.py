"""The publication of an edition: documents checked, the whole attacked beside earlier editions, and only then put in place for good."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pandas as pd

from turquesa_stats.disclosure.policy import Policy, policy
from turquesa_stats.edition.audit.account import account
from turquesa_stats.edition.audit.statements import Book
from turquesa_stats.edition.audit.verdict import Verdict, examine
from turquesa_stats.edition.publication import archive, metadata
from turquesa_stats.edition.publication.contents import check_documents, data_of, document_of, no_links_in, no_machine_in, software_of
from turquesa_stats.edition.publication.manifest import LABEL, LONGEST_LABEL, MANIFEST, Audit, Manifest, Protection, Register, release_id
from turquesa_stats.edition.publication.register import FILE, editions_in, register_bytes, register_of, released_cells
from turquesa_stats.edition.site.record import language_of_front
from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.errors import DisclosureRefused, PublicationRefused
from turquesa_stats.render.folder import opened
from turquesa_stats.render.journal import Entry, file_hash
from turquesa_stats.render.plan import Job
from turquesa_stats.render.run import FOR_EVERYONE, Run
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.workspace import Workspace

SITE = "site"


@dataclass(frozen=True, slots=True)
class Release:
    """What an edition is published as: its label, day, status, and the label of the edition that it replaces."""

    label: str
    released_on: date
    status: str
    replaces: str | None = None

    @classmethod
    def of(cls, label: str | None, day: str | None, status: str, replaces: str | None) -> Release:
        """
        Return a release as asked for; without a day that of ``SOURCE_DATE_EPOCH`` or today, without a label named by its day.

        Raises
        ------
        PublicationRefused
            If the day is none, or the label has other characters than it may have.
        """
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        try:
            on = date.fromisoformat(day) if day else datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()
        except ValueError:
            raise PublicationRefused(f"no day: {day or 'SOURCE_DATE_EPOCH=' + str(epoch)}; give --date as 2026-11-30") from None
        named = label or on.isoformat()
        if not re.fullmatch(LABEL, named) or len(named) > LONGEST_LABEL:
            raise PublicationRefused(
                f"label {named[:100]!r} must be small letters and digits, with hyphens between, at most {LONGEST_LABEL}, such as 2025-2"
            )
        return cls(named, on, status, replaces)

    @property
    def released(self) -> dict[str, object]:
        """What every row of the release register says of it."""
        replaced = release_id(self.replaces) if self.replaces else None
        return {"release_id": release_id(self.label), "released_on": pd.Timestamp(self.released_on), "edition_of": replaced}


def publish(
    run: Run, workspace: Workspace, published: Path, release: Release, jobs: int = 1, plan: Sequence[Job] = ()
) -> tuple[Manifest, Path]:
    """
    Publish an edition: all of it, read-only and for good, or nothing.

    Parameters
    ----------
    run : Run
        What the edition's documents would be made with now, and its folder.
    workspace : Workspace
        The data that they stand on.
    published : Path
        Folder of published editions.
    release : Release
        What it is published as.
    jobs : int
        Processes of the audit.
    plan : sequence of Job
        Documents that the edition must hold.

    Returns
    -------
    Manifest, Path
        Of the edition, and its archive.

    Raises
    ------
    PublicationRefused
        If a document is missing, stale or not intact, a file is nobody's or a link, the audience is not everyone, or the label is taken.
    DisclosureRefused
        If the audit finds a hidden count again, alone or beside earlier editions, or does not understand something.
    """
    for folder_of in (run.into, workspace.folder):
        no_links_in(folder_of)
    entries = check_documents(run, release.status, plan)
    limits = _policy(run.warming.audience)
    is_new = not published.exists()
    try:
        with opened(published) as folder:
            _check_label(published, release)
            making = folder.private()
            manifest = _fill(making / release.label, entries, limits, release, run, workspace, published, jobs)
            stored = making / f"{release.label}.zip"
            archive.write_archive(making / release.label, release.label, stored)
            archive.make_files_read_only(making)
            os.replace(stored, published / stored.name)  # an archive without its folder is not published yet
            os.rename(making / release.label, published / release.label)
            archive.make_folders_read_only(published / release.label)
    finally:
        if is_new and published.is_dir() and not any(published.iterdir()):
            published.rmdir()
    return manifest, published / f"{release.label}.zip"


def _policy(audience: str) -> Policy:
    if audience not in FOR_EVERYONE:
        raise PublicationRefused(
            f"made for audience '{audience}', which is not everyone: {policy(audience).who}. "
            f"Make the documents again for one of: {', '.join(FOR_EVERYONE)}"
        )
    return policy(audience)


def _check_label(published: Path, release: Release) -> None:
    labels = [one.label for one in editions_in(published)]
    if (published / release.label).exists():
        raise PublicationRefused(
            f"{published / release.label} is published already and never changes; give another --label, "
            f"with --replaces {release.label} if the new edition takes its place"
        )
    if release.replaces is not None and release.replaces not in labels:
        raise PublicationRefused(f"--replaces {release.replaces}: no such edition in {published}; there are: {', '.join(labels) or 'none'}")


def _fill(
    into: Path,
    entries: Sequence[Entry],
    limits: Policy,
    release: Release,
    run: Run,
    workspace: Workspace,
    published: Path,
    jobs: int,
) -> Manifest:
    """Fill the folder of the edition: the site first, which is then attacked as it will be published, not as it lies elsewhere."""
    site = into / SITE
    for entry in entries:
        _copy(entry, run.into, site)
    write_site(site, entries, language_of_front(run.into), workspace=workspace, status=release.status)
    no_machine_in(site, [run.into, published, workspace.folder])
    verdict, book = examine(site, register_of(published), jobs)
    if not verdict.passes:
        raise DisclosureRefused("\n".join([f"{run.into} is not published: the audit refuses it.", *account(verdict)]))
    cells = released_cells(book, release.released, limits.method)
    (into / FILE).write_bytes(register_bytes(cells))
    schemas = project_root() / "data" / "schema"
    for name in archive.files_in(schemas):
        (into / "schema" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(schemas / name, into / "schema" / name)
    (into / "schema" / "manifest.schema.json").write_text(Manifest.schema_text(), encoding="utf-8")
    (into / "policy").mkdir()
    written = files("turquesa_stats.disclosure").joinpath(f"policies/{limits.audience}.yml").read_bytes()
    (into / "policy" / f"{limits.audience}.yml").write_bytes(written)
    manifest = Manifest(
        label=release.label,
        release_id=release_id(release.label),
        released_on=release.released_on,
        status="preliminary" if release.status == "preliminary" else "final",
        replaces=release.replaces,
        audience=limits.audience,
        protection=Protection(policy=asdict(limits), printed=len(book.shown), hidden=len(cells) - len(book.shown)),
        audit=_audit(verdict, book, published),
        documents=[document_of(entry, SITE, run.fingerprints) for entry in entries],
        data=data_of(workspace, {entry.country for entry in entries}, into),
        software=software_of(entries),
        release_register=Register(path=FILE, rows=len(cells), sha256=file_hash(into / FILE)),
    )
    (into / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    (into / "CITATION.cff").write_text(metadata.citation(manifest), encoding="utf-8")
    (into / "README.txt").write_text(metadata.readme(manifest), encoding="utf-8")
    every = {path: ((into / path).stat().st_size, file_hash(into / path)) for path in archive.files_in(into)}
    (into / "ro-crate-metadata.json").write_text(metadata.crate(manifest, every), encoding="utf-8")
    archive.write_sums(into)
    return manifest


def _copy(entry: Entry, edition: Path, site: Path) -> None:
    for path, digest in entry.files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(edition / path, site / path)
        if file_hash(site / path) != digest:
            raise PublicationRefused(f"{edition / path}: changed since it was made; make it again: {entry.command}")


def _audit(verdict: Verdict, book: Book, published: Path) -> Audit:
    return Audit(
        passes=True,
        files_read=verdict.documents,
        cells_printed=len(book.shown),
        cells_attacked=len(verdict.stands),
        earlier_releases=[one.release_id for one in editions_in(published)],
    )
