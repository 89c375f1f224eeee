"""What goes into a published edition: its documents, each as it would be made now; its public tables and sources; what made it."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats import __version__
from turquesa_stats.edition.exchange import DESCRIPTOR, export
from turquesa_stats.edition.publication.archive import links_in
from turquesa_stats.edition.publication.manifest import Data, Document, Software, Source, Table
from turquesa_stats.edition.release import PUBLIC
from turquesa_stats.edition.site.record import RECORD, recorded
from turquesa_stats.errors import ExportRefused, PublicationRefused
from turquesa_stats.render.journal import JOURNAL, Entry, job_of, read_journal
from turquesa_stats.render.notebook import reports_in
from turquesa_stats.render.plan import Job
from turquesa_stats.render.run import Run, Warming
from turquesa_stats.render.typeset import choose
from turquesa_stats.schema.parts import WHOLE, Fingerprints, divide, fingerprints, has_rows
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.workspace import PRELIMINARY, Workspace

_SHOWN = 20
_OWN_FILES = {JOURNAL, RECORD, ".turquesa.lock"}
_PICTURE = re.compile(r"data:[\w/+.-]+;base64,[\w+/=\s]*")
_PATH = re.compile(r"(?<![\w/:.~-])(?:/(?:home|Users|root|tmp|var|mnt|opt|work|private|srv|media)/|[A-Za-z]:\\)[\w.~\\/-]*")


def run_of(edition: Path, workspace: Workspace, reports: Path, status: str) -> Run:
    """
    Return what the documents of an edition would be made with now: their own audience and typesetter.

    Parameters
    ----------
    edition : Path
        Folder of the documents.
    workspace : Workspace
        The data.
    reports : Path
        Folder of the reports.
    status : str
        ``final`` or ``preliminary``.

    Raises
    ------
    PublicationRefused
        If there is no document, or they are for several audiences or of several typesetters.
    """
    entries = read_journal(edition).values()
    if not entries:
        raise PublicationRefused(f"{edition}: no document to publish; give the folder that turquesa site or render wrote into")
    one = {}
    for part in ("audience", "typesetter"):
        found = sorted({entry.key.get(part, "unknown") for entry in entries})
        if len(found) > 1:
            raise PublicationRefused(f"{edition}: documents of several {part}s ({', '.join(found)}); make all of them again with one")
        one[part] = found[0]
    typesetter, _ = choose(one["typesetter"].partition(" ")[0].lower())
    warming = Warming(str(workspace.folder), "builtins:list", one["audience"], (), status=status)
    return Run(reports_in(reports), fingerprints(workspace), typesetter, edition, warming)


def check_documents(run: Run, status: str, plan: Sequence[Job] = ()) -> list[Entry]:
    """
    Return the documents of an edition, sorted, if every one is as it would be made now.

    Parameters
    ----------
    run : Run
        What they would be made with, and their folder.
    status : str
        ``final`` or ``preliminary``, as they must have been made.
    plan : sequence of Job
        Documents that must be among them: those that failed leave no other trace.

    Raises
    ------
    PublicationRefused
        With every document that is missing or stale, and every file that is of no document.
    """
    standing = sorted(run.standing(), key=lambda one: one[0].stem)
    others = [entry.stem for entry, _ in standing if entry.key.get("status") != status]
    if others:
        raise PublicationRefused(
            f"{run.into}: {len(others)} documents do not say on their pages that they are {status}, first {others[0]}; "
            f"make them again with --status {status}, or publish {'without' if status == PRELIMINARY else 'with'} --preliminary"
        )
    problems = [f"{entry.stem}: {'; '.join(why)}" for entry, why in standing if why]
    made = {entry.stem: {Path(path).suffix[1:] for path in entry.files} for entry, _ in standing}
    problems += [f"{job.stem} ({', '.join(job.formats)}): not made" for job in plan if not {*job.formats} <= made.get(job.stem, set())]
    known = _OWN_FILES | recorded(run.into)[1].keys() | {path for entry, _ in standing for path in entry.files}
    inside = (path.relative_to(run.into).as_posix() for path in sorted(run.into.rglob("*")) if path.is_file())
    problems += [f"{name}: a file of no document; move it out of the edition" for name in inside if name not in known]
    if problems:
        more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        again = "Make them again with the options that they were made with, and publish then"
        raise PublicationRefused("\n  ".join([f"{run.into} is not as it would be made now:", *problems[:_SHOWN], *more]) + f"\n{again}")
    return [entry for entry, _ in standing]


def no_links_in(folder: Path) -> None:
    """
    Refuse a folder that holds links: what they lead to may be anything of this machine, and none of it is published.

    Raises
    ------
    PublicationRefused
        With the first of them.
    """
    links = links_in(folder)
    if links:
        raise PublicationRefused(
            f"{folder}: {len(links)} links to other places, first {links[0].relative_to(folder)} -> {os.readlink(links[0])}; "
            "only files that stand in it themselves are published: put them in place of the links"
        )


def document_of(entry: Entry, site: str, fingerprints: Fingerprints) -> Document:
    """Return what the manifest says of a document; the fingerprints tell of which tables it read any row."""
    status = f" --status {PRELIMINARY}" if entry.key.get("status") == PRELIMINARY else ""
    return Document(
        title=entry.title,
        report=entry.report,
        country=entry.country,
        period=entry.period,
        language=entry.language,
        synthetic=entry.synthetic,
        command=job_of(entry).command + status,  # without the options of the machine: they name its folders
        made_from=dict(sorted(entry.key.items())),
        kept_back=[name for name in sorted(entry.rows) if _is_kept_back(name) and has_rows(fingerprints, name, entry.country)],
        files={f"{site}/{path}": digest for path, digest in sorted(entry.files.items())},
    )


def _is_kept_back(name: str) -> bool:
    table = name.removesuffix(WHOLE)
    return table in table_names() and table_schema(table).sensitivity != PUBLIC


def data_of(workspace: Workspace, countries: Iterable[str], into: Path) -> Data:
    """
    Export the public tables of a workspace, and return what the manifest says of the data.

    Parameters
    ----------
    workspace : Workspace
        The data.
    countries : iterable of str
        Those of which there are documents: their sources are named.
    into : Path
        The edition; the tables go into its folder ``data``.
    """
    package: str | None = f"data/{DESCRIPTOR}"
    try:
        export(workspace, into / "data")
    except ExportRefused:  # no row of any table may leave
        package = None
    division = divide(workspace)
    hashes = division.fingerprints()
    public = [name for name, rows in division.tables.items() if table_schema(name).sensitivity == PUBLIC and len(rows)]
    tables = {name: Table(rows=len(division.tables[name]), fingerprint=hashes[name]["*"]) for name in public}
    cited = pd.concat([division.of("source", country) for country in sorted(countries)]).drop_duplicates("source_id")
    sources = [
        Source(
            **{name: row[name] for name in ("source_id", "title", "publisher", "citation", "licence")},
            synthetic=bool(row["synthetic"]),
            address=row["url"] if re.fullmatch(r"https?://\S+", row["url"]) else None,
        )
        for row in cited.sort_values("source_id").to_dict("records")
    ]
    return Data(package=package, tables=tables, sources=sources)


def software_of(entries: Sequence[Entry]) -> Software:
    """Return what made the documents: their keys hold the hash of this environment, so that it is the one they were made in."""
    packages = {one.name.lower().replace("_", "-"): one.version for one in distributions()}
    return Software(
        turquesa=__version__,
        python=platform.python_version(),
        typesetters=sorted({entry.key["typesetter"] for entry in entries}),
        packages=dict(sorted(packages.items())),
    )


def no_machine_in(site: Path, folders: Iterable[Path]) -> None:
    """
    Refuse files that name a folder of this machine, or the machine.

    Parameters
    ----------
    site : Path
        The documents.
    folders : iterable of Path
        Further folders that must not be named.

    Raises
    ------
    PublicationRefused
        With the files and what they name.
    """
    names = [str(path.resolve()) for path in (*folders, Path.home(), Path.cwd()) if len(path.resolve().parts) > 1]
    host = socket.gethostname()
    found = []
    for path in sorted(site.rglob("*")):
        for text in _texts(path) if path.is_file() else ():
            plain = _PICTURE.sub("", text)
            told = [*(name for name in names if re.search(rf"(?<![\w/.:]){re.escape(name)}(?![\w-])", plain)), *_PATH.findall(plain)]
            told += [host] if len(host) > 8 and host in plain else []
            found += [f"{path.relative_to(site).as_posix()}: {told[0]}"] if told else []
    if found:
        listed = "\n  ".join(dict.fromkeys(found[:_SHOWN]))
        raise PublicationRefused(f"documents name folders of the machine that made them:\n  {listed}\nTake them out of the report")


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".ipynb":
        yield from _strings(json.loads(path.read_bytes()))
    elif path.suffix == ".docx":
        with zipfile.ZipFile(path) as parts:
            yield from (parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))
    elif path.suffix == ".html":
        yield path.read_text(encoding="utf-8")


def _strings(held: Any) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, list | dict):
        for one in held.values() if isinstance(held, dict) else held:
            yield from _strings(one)
