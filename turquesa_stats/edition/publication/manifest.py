"""The manifest of a published edition: what it is, what it was made from and with, and by which rules persons are protected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from turquesa_stats.edition.publication.archive import is_within
from turquesa_stats.errors import PublicationRefused

MANIFEST = "manifest.json"
FORMAT = "turquesa-edition/1"
LABEL = r"^[0-9a-z]+(-[0-9a-z]+)*$"
LONGEST_LABEL = 64


def _within(path: str) -> str:
    """A manifest is input: a path in it must not lead out of the edition."""
    if not is_within(path):
        raise ValueError("a path within the edition")
    return path


Inside = Annotated[str, AfterValidator(_within)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(_Part):
    """One document: its parameters, what it was made from, and SHA-256 of each of its files by path within the edition."""

    title: str
    report: str
    country: str
    period: str
    language: str
    synthetic: bool
    command: str
    made_from: dict[str, str]  # hashes of what decided it: report, words, schemas, policy, package, environment
    kept_back: list[str]  # tables of which it read rows that never leave: no edition holds them
    files: dict[Inside, Digest]


class Table(_Part):
    """A table that anyone may see. Case-level tables have no hash here: who holds all rows but one could test guesses of that one by it."""

    rows: int
    fingerprint: str


class Source(_Part):
    """A source that the documents stand on."""

    source_id: str
    title: str
    publisher: str
    citation: str
    licence: str
    synthetic: bool
    address: str | None = None


class Data(_Part):
    """What the documents stand on, and what of it is in this edition."""

    package: str | None  # descriptor of the public tables; null where none may leave
    tables: dict[str, Table]
    sources: list[Source]


class Software(_Part):
    """What made the documents."""

    turquesa: str
    python: str
    typesetters: list[str]
    packages: dict[str, str]


class Protection(_Part):
    """The whole policy, and how many cells of persons are printed and hidden; not which for themselves, which would tell of them."""

    policy: dict[str, str | int | float | bool]
    printed: int
    hidden: int


class Audit(_Part):
    """What the audit found: it passed, or there would be no edition."""

    passes: Literal[True]
    files_read: int
    cells_printed: int
    cells_attacked: int
    earlier_releases: list[str]


class Register(_Part):
    """The edition's part of the release register."""

    path: Inside
    rows: int
    sha256: Digest


class Manifest(_Part):
    """All of it."""

    format: Literal["turquesa-edition/1"] = "turquesa-edition/1"
    label: Annotated[str, Field(pattern=LABEL)]
    release_id: str
    released_on: date
    status: Literal["final", "preliminary"]
    replaces: str | None
    audience: str
    protection: Protection
    audit: Audit
    documents: list[Document]
    data: Data
    software: Software
    release_register: Register

    def as_json(self) -> str:
        """Return the manifest as JSON, the same for the same content."""
        return self.model_dump_json(indent=1) + "\n"

    @classmethod
    def schema_text(cls) -> str:
        """Return the JSON schema of manifests."""
        return json.dumps(cls.model_json_schema(), indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """
    Read the manifest of a published edition.

    Parameters
    ----------
    folder : Path
        The edition.

    Raises
    ------
    PublicationRefused
        If there is none, or it is not as a manifest must be.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise PublicationRefused(f"{folder} is not a published edition (no {MANIFEST}); move it out of the folder of editions") from None
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()[:5])
        raise PublicationRefused(f"{path}: not a manifest of format {FORMAT}: {problems}") from None


def release_id(label: str) -> str:
    """
    Return the key of an edition in the release register.

    Examples
    --------
    >>> release_id("2025-preliminary")
    'rel_2025_preliminary'
    """
    return f"rel_{label.replace('-', '_')}"
