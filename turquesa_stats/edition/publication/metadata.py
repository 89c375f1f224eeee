"""An edition described for people and machines: CITATION.cff, RO-Crate 1.1 and a README."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from turquesa_stats.edition.publication.manifest import MANIFEST, Manifest

_AUTHORS = "The turquesa contributors"
_TITLE = "Statistics on trafficking in persons and smuggling of migrants in the Americas"
_TYPES = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "csv": "text/csv",
    "yml": "application/yaml",
    "cff": "application/yaml",
    "xml": "application/xml",
}
_LICENCE = "#terms"


def title(manifest: Manifest) -> str:
    """Return what to call an edition."""
    return f"{_TITLE}, edition {manifest.label}" + (" (preliminary)" if manifest.status == "preliminary" else "")


def citation(manifest: Manifest) -> str:
    """Return ``CITATION.cff`` (version 1.2.0): the edition, and every source as a reference."""
    about = {
        "cff-version": "1.2.0",
        "message": "Cite this edition as below, and the sources named under each figure.",
        "title": title(manifest),
        "type": "dataset",
        "authors": [{"name": _AUTHORS}],
        "version": manifest.label,
        "date-released": manifest.released_on.isoformat(),
        "references": [
            {"type": "data", "title": one.title, "authors": [{"name": one.publisher}], "notes": one.citation}
            | ({"url": one.address} if one.address else {})
            for one in manifest.data.sources
        ],
    }
    written: str = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=1000)
    return written


def crate(manifest: Manifest, files: Mapping[str, tuple[int, str]]) -> str:
    """
    Return ``ro-crate-metadata.json`` (RO-Crate 1.1): the edition as a data set, its files, and what made them.

    Parameters
    ----------
    manifest : Manifest
        The edition.
    files : mapping
        Path -> size in bytes and SHA-256 of each file.
    """
    titles = {path: one.title + f", {one.country} {one.period} ({one.language})" for one in manifest.documents for path in one.files}
    languages = {path: one.language for one in manifest.documents for path in one.files}
    packages = [{"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "version": version}
                for name, version in [("turquesa", manifest.software.turquesa), ("Python", manifest.software.python)]]  # fmt: skip
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": title(manifest),
        "description": f"Documents, public tables and schemas; {len(manifest.documents)} documents, described in {MANIFEST}.",
        "datePublished": manifest.released_on.isoformat(),
        "version": manifest.label,
        "creativeWorkStatus": manifest.status,
        "creator": {"@id": "#authors"},
        "license": {"@id": _LICENCE},
        "citation": [{"@id": f"#{one.source_id}"} for one in manifest.data.sources],
        "hasPart": [{"@id": path} for path in files],
    }
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": "#authors", "@type": "Organization", "name": _AUTHORS},
        {
            "@id": _LICENCE,
            "@type": "CreativeWork",
            "name": "Terms of each source",
            "description": "Figures under the terms of their sources, which are named beside each of them; schemas under the MIT licence.",
        },
        *packages,
        {
            "@id": "#rendering",
            "@type": "CreateAction",
            "name": "Rendering of the documents",
            "instrument": [{"@id": one["@id"]} for one in packages],
            "result": [{"@id": path} for path in titles],
        },
        *(
            {"@id": f"#{one.source_id}", "@type": "CreativeWork", "name": one.title, "publisher": one.publisher, "license": one.licence}
            for one in manifest.data.sources
        ),
        *(_file(path, size, digest, titles.get(path), languages.get(path)) for path, (size, digest) in files.items()),
    ]
    return json.dumps({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _file(path: str, size: int, digest: str, name: str | None, language: str | None) -> dict[str, Any]:
    about: dict[str, Any] = {"@id": path, "@type": "File", "name": name or path, "contentSize": str(size), "sha256": digest}
    about |= {"encodingFormat": _TYPES.get(path.rpartition(".")[2], "text/plain")}
    return about | ({"inLanguage": language} if language else {})


def readme(manifest: Manifest) -> str:
    """Return ``README.txt``: what is there, and how to check that it is whole."""
    status = "PRELIMINARY: figures can still change; each page says so." if manifest.status == "preliminary" else "Final."
    return f"""{title(manifest)}
Released on {manifest.released_on}. {status}

site/                    the documents; open site/index.html
data/                    public tables as a Frictionless Data Package and SDMX-CSV; records of persons never leave
schema/                  schemas and code lists of all tables; schema/manifest.schema.json describes {MANIFEST}
policy/                  the disclosure policy: which counts of persons are hidden
{manifest.release_register.path:<24} every count of persons that this edition prints or hides, with what a reader can know of it
{MANIFEST:<24} documents, data, software, policy, audit
CITATION.cff             how to cite
ro-crate-metadata.json   the same for machines (RO-Crate 1.1)
SHA256SUMS               hash of every file

To check that all files are as published:  sha256sum --check SHA256SUMS
Executed notebooks (.ipynb) hold what the pages print, and no record of a person.
"""
