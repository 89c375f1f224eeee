"""Why a document can come out otherwise than it was published: other data, code, method or environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from turquesa_stats.edition.publication.manifest import Document, Manifest
from turquesa_stats.render.freshness import environment
from turquesa_stats.schema.parts import WHOLE, Fingerprints
from turquesa_stats.schema.tables import table_names


class Cause(StrEnum):
    """What can make a number another one."""

    DATA = "data"
    CODE = "code"
    METHOD = "method"
    ENVIRONMENT = "environment"
    UNKNOWN = "unknown"  # nothing that decides the number is known to differ: it is not what its data and code give


_PARTS = {
    "report": (Cause.CODE, "the text of the report"),
    "words": (Cause.CODE, "the words of its language"),
    "package": (Cause.CODE, "the package turquesa_stats"),
    "schemas": (Cause.CODE, "data/schema"),
    "parameters": (Cause.CODE, "the parameters"),
    "sections": (Cause.CODE, "the sections"),
    "formats": (Cause.CODE, "the formats"),
    "policy": (Cause.METHOD, "the disclosure policies"),
    "audience": (Cause.METHOD, "the audience"),
    "rounding": (Cause.METHOD, "the secret of rounding"),
    "status": (Cause.METHOD, "preliminary or final"),
    "typesetter": (Cause.ENVIRONMENT, "the typesetter"),
    "environment": (Cause.ENVIRONMENT, "versions of libraries"),
}

Causes = Mapping[Cause, list[str]]


def of_document(document: Document, now: Mapping[str, str], versions: list[str], data: list[str]) -> Causes:
    """
    Return what decides a document and is not as it was when it was published.

    Parameters
    ----------
    document : Document
        As the manifest has it.
    now : mapping
        Its key as it is here: :func:`turquesa_stats.render.freshness.key`.
    versions : list of str
        What :func:`other_versions` says.
    data : list of str
        What :func:`other_data` says.
    """
    found: dict[Cause, list[str]] = {Cause.DATA: data} if data else {}
    for part in sorted({*now, *document.made_from}):
        if now.get(part) != document.made_from.get(part):
            cause, said = _PARTS.get(part, (Cause.CODE, part))
            told = versions if part == "environment" and versions else [f"{said} differ" if said.endswith("s") else f"{said} differs"]
            if part == "typesetter":
                told = [f"typesetter {document.made_from.get(part, 'unknown')} then, {now.get(part, 'none')} here"]
            found.setdefault(cause, []).extend(told)
    return found


def other_versions(manifest: Manifest) -> list[str]:
    """Return which libraries that decide numbers and looks have other versions here than the edition was made with."""
    then = {"python": manifest.software.python, **manifest.software.packages}
    return [
        f"{name} {then.get(name.lower().replace('_', '-'), 'none')} then, {here} here"
        for name, here in environment().items()
        if then.get(name.lower().replace("_", "-"), "none") != here
    ]


def other_data(edition: Path, manifest: Manifest, fingerprints: Fingerprints) -> list[str]:
    """
    Return which public tables are not those that the edition stands on, and why where that is known.

    Rows of persons have no hash in a manifest: whoever holds all of them but one could test guesses of that one by it.
    """
    withheld = _withheld(edition)
    found = []
    for name, table in manifest.data.tables.items():
        here = fingerprints.get(name, {}).get(WHOLE, "absent") if name in table_names() else "unknown to this version"
        if here != table.fingerprint:
            more = f": {withheld[name]:,} of its rows are in no edition" if withheld.get(name) else ""
            found.append(f"{name} is not the table that the edition stands on{more}")
    return found


def _withheld(edition: Path) -> dict[str, int]:
    try:
        listed = json.loads((edition / "data" / "datapackage.json").read_bytes())["resources"]
        return {one["name"]: sum(one["withheld"].values()) for one in listed if one.get("withheld")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # damaged: the files' faults say so
        return {}
