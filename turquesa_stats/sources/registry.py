"""The registry of public sources: where each file is published, and the release that its importer was tested on (``registry.yml``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from turquesa_stats.errors import SourceRefused, UnknownParameter, nearest
from turquesa_stats.sources.contract import IMPORTERS

HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TEXTS = ("title", "publisher", "page", "licence")
_OF_SOURCE, _OF_FILE = {*_TEXTS, "files", "by_hand"}, {"name", "url", "sha256"}


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file of a source: its name here, its address (none: by hand) and the SHA-256 of the tested release (none: not kept)."""

    name: str
    url: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class PublicSource:
    """A source with an importer of the same name; ``page`` is where a person finds it, ``by_hand`` what to take there."""

    importer: str
    title: str
    publisher: str
    page: str
    licence: str
    files: tuple[PublicFile, ...]
    by_hand: str = ""


def read_registry(text: str) -> dict[str, PublicSource]:
    """
    Return the sources of a registry by name.

    Parameters
    ----------
    text : str
        YAML.

    Raises
    ------
    SourceRefused
        If an entry lacks something, has more, is of no importer, or names a file outside its folder, a hash that is none or an address
        that is not http(s).
    """
    declared: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    found = {name: _source(name, entry) for name, entry in declared.items()}
    names = [file.name.casefold() for source in found.values() for file in source.files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceRefused(f"registry of sources: the file name {twice[0]} stands twice")
    return found


def _source(name: str, entry: Mapping[str, Any]) -> PublicSource:
    wrong = sorted((set(_TEXTS) - set(entry)) | (set(entry) - _OF_SOURCE)) or [key for key in _TEXTS if not isinstance(entry[key], str)]
    if wrong or name not in IMPORTERS:
        raise SourceRefused(f"registry of sources, {name}: {wrong[0] if wrong else 'no such importer'} is missing, unknown or no text")
    listed = tuple(_file(name, one) for one in entry.get("files", ()))
    if not listed:
        raise SourceRefused(f"registry of sources, {name}: no file")
    return PublicSource(importer=name, files=listed, by_hand=entry.get("by_hand", ""), **{key: entry[key] for key in _TEXTS})


def _file(source: str, entry: Mapping[str, Any]) -> PublicFile:
    if set(entry) != _OF_FILE or not _NAME.fullmatch(str(entry["name"])):
        raise SourceRefused(f"registry of sources, {source}: a file needs {', '.join(sorted(_OF_FILE))}, and a plain name, not {entry!r}")
    if entry["url"] is not None and not str(entry["url"]).startswith(("https://", "http://")):
        raise SourceRefused(f"registry of sources, {source}: address {entry['url']} is not http(s)")
    if entry["sha256"] is not None and not HASH.fullmatch(str(entry["sha256"])):
        raise SourceRefused(f"registry of sources, {source}: {entry['sha256']} is no SHA-256 of 64 small hexadecimal digits")
    return PublicFile(entry["name"], entry["url"], entry["sha256"])


@cache
def registry() -> dict[str, PublicSource]:
    """Return the registry that ships."""
    return read_registry(files("turquesa_stats.sources").joinpath("registry.yml").read_text(encoding="utf-8"))


def public_source(name: str) -> PublicSource:
    """
    Return a source of the registry.

    Raises
    ------
    UnknownParameter
        With the names that there are.
    """
    if name in registry():
        return registry()[name]
    if name in IMPORTERS:
        raise UnknownParameter(f"source '{name}' is nothing to fetch: it ships, or is a file of your own; sources: {_names()}")
    raise UnknownParameter(f"source '{name}' does not exist; {nearest(name, registry())}; sources: {_names()}")


def _names() -> str:
    return ", ".join(sorted(registry()))
