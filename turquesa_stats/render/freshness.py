"""When a document need not be made again: all that decides it, and why it is stale."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from turquesa_stats.render.journal import Entry
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Job
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.parts import Fingerprints, fingerprint_of
from turquesa_stats.schema.workspace import FINAL

_DECIDING = (
    *("babel", "font-source-sans-pro", "ipython", "jinja2", "lxml", "matplotlib", "nbformat", "networkx", "numpy", "pandas", "pillow"),
    *("prince", "pyarrow", "pypandoc_binary", "scipy", "seaborn", "statsmodels", "stepmix", "tabulate", "typst"),
)
_PACKAGE = Path(__file__).resolve().parent.parent
_WORDS, _POLICIES = "present/locale", "disclosure/policies"
_SAID = {
    "audience": "the audience",
    "rounding": "the secret of rounding",
    "status": "preliminary or final",
    "report": "the report's text",
    "schemas": "data/schema",
    "policy": "the disclosure policy",
    "environment": "the environment",
}


def _hash_of(folder: Path, without: tuple[str, ...] = ()) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not {"__pycache__", "share"} & set(inside.parts) and not inside.as_posix().startswith(without):
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _files() -> dict[str, str]:
    """Return the hashes of what every document depends on: the package's modules and templates, the schemas, the policies."""
    return {
        "package": _hash_of(_PACKAGE, (_WORDS, _POLICIES)),
        "schemas": _hash_of(project_root() / "data" / "schema"),
        "policy": _hash_of(_PACKAGE / _POLICIES),
    }


@cache
def _words(language: str) -> str:
    return hashlib.sha256((_PACKAGE / _WORDS / f"{language}.po").read_bytes()).hexdigest()[:16]


@cache
def environment() -> dict[str, str]:
    """Return the versions of Python and of the libraries that decide numbers and looks."""
    found = {"python": platform.python_version()}
    for name in _DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a distribution installed under another name is no reason to stop
            found[name] = "not installed"
    return found


@cache
def machinery() -> dict[str, str]:
    """Return what must be the same on every machine that makes documents of one edition."""
    return {**_files(), "environment": digest(environment())}


def digest(value: object) -> str:
    """Return a short hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def key(job: Job, report: ReportFile, typesetter: str, audience: str, rounding: str = "", status: str = FINAL) -> dict[str, str]:
    """
    Return what decides a document besides the rows it reads, part by part.

    Parameters
    ----------
    job : Job
        The document.
    report : ReportFile
        Its report.
    typesetter : str
        Name and version of the typesetter.
    audience : str
        Whose disclosure policy it is made by.
    rounding : str
        Mark of the secret by which counts are rounded, never the secret; empty where none are.
    status : str
        ``final``, or ``preliminary``, which its pages say.
    """
    return {
        "audience": audience,
        **({"rounding": rounding} if rounding else {}),
        "status": status,
        "report": digest(report.text),
        "parameters": digest(job.parameters),
        "formats": ",".join(job.formats),
        "words": _words(job.language),
        "typesetter": typesetter,
        **({"sections": job.sections} if "sections" in job.parameters else {}),
        **machinery(),
    }


def rows_read(names: list[str], country: str, fingerprints: Fingerprints) -> dict[str, str]:
    """Return the fingerprints of what a document of a country read."""
    return {name: fingerprint_of(fingerprints, name, country) for name in names}


def reasons(job: Job, entry: Entry | None, now: Mapping[str, str], fingerprints: Fingerprints, folder: Path) -> list[str]:
    """
    Return why a document must be made again; nothing if it stands as it would be made.

    Parameters
    ----------
    job : Job
        The document.
    entry : Entry, optional
        How it was made.
    now : mapping
        Its key as it would be now.
    fingerprints : Fingerprints
        Of the data as they are now.
    folder : Path
        Where its files are.
    """
    if entry is None:
        return ["new"]
    said = _SAID | {"package": "the package", "words": f"words/{job.language}"}
    found = [
        f"typesetter {entry.key.get(part)} -> {value}" if part == "typesetter" else f"{said.get(part, part)} changed"
        for part, value in now.items()
        if entry.key.get(part) != value
    ]
    for name, before in entry.rows.items():
        if fingerprint_of(fingerprints, name, job.country) != before:
            of = "all countries" if name.endswith("*") else job.country
            found.append(f"rows of {of} in {name.rstrip('*')} changed")
    if not found and not entry.is_intact(folder):
        found.append("its files are missing or changed")
    return found
