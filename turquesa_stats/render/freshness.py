"""When a document need not be made again: a key of everything that decides it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Job
from turquesa_stats.schema.location import project_root

_DECIDING = ("babel", "matplotlib", "numpy", "pandas", "pypandoc_binary", "scipy", "seaborn", "statsmodels", "tabulate", "typst")


@cache
def _package_hash() -> str:
    """Return a hash of the package's modules, words, templates and the schemas."""
    package = Path(__file__).resolve().parent.parent
    folders = (package, project_root() / "data" / "schema")
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "share" not in path.relative_to(folder).parts:
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@cache
def environment() -> dict[str, str]:
    """Return the versions of the libraries that decide numbers and looks."""
    found = {}
    for name in _DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a distribution installed under another name is no reason to stop
            found[name] = "not installed"
    return found


def key(job: Job, report: ReportFile, fingerprint: str, typesetter: str) -> str:
    """
    Return the key of a document: report text, parameters, data, package, environment, typesetter.

    Parameters
    ----------
    job : Job
        The document.
    report : ReportFile
        Its report.
    fingerprint : str
        Hash of the workspace's data.
    typesetter : str
        Name and version of the typesetter.
    """
    deciding = [report.text, job.parameters, sorted(job.formats), fingerprint, _package_hash(), environment(), typesetter]
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()
