"""A published edition as it is compared: its manifest, its register of cells and its public tables, each as it was published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from turquesa_stats.edition.audit.comparisons import read_register
from turquesa_stats.edition.publication.archive import SUMS, is_within, read_sums
from turquesa_stats.edition.publication.manifest import MANIFEST, Manifest, read_manifest
from turquesa_stats.edition.publication.publish import SITE
from turquesa_stats.errors import PublicationRefused
from turquesa_stats.render.journal import file_hash
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.sources.spreadsheet import from_text_cells


@dataclass(frozen=True, slots=True)
class Edition:
    """
    A published edition.

    Attributes
    ----------
    folder : Path
        Where it is.
    manifest : Manifest
        What it says of itself.
    register : DataFrame
        Its rows of the release register.
    tables : mapping of str to DataFrame
        Its public tables as text, empty where a value is missing.
    """

    folder: Path
    manifest: Manifest
    register: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]

    @property
    def site(self) -> Path:
        """The folder of its documents."""
        return self.folder / SITE

    @property
    def limits(self) -> dict[str, int]:
        """The smallest counts of victims and of accused persons that it prints."""
        return {name: int(self.manifest.protection.policy[name]) for name in ("k_person", "k_accused")}


def read_edition(folder: Path) -> Edition:
    """
    Read a published edition.

    Parameters
    ----------
    folder : Path
        As ``turquesa publish`` made it.

    Raises
    ------
    PublicationRefused
        If it is no published edition, or a file that is compared is missing or not as it was published.
    """
    if not (folder / MANIFEST).is_file():
        raise PublicationRefused(
            f"{folder} is not a published edition (no {MANIFEST}); give a folder that turquesa publish made, such as published/2025, "
            "and unpack an archive first"
        )
    manifest = read_manifest(folder)
    sums = _sums(folder)
    _check(folder, MANIFEST, sums)
    register = read_register(_check(folder, manifest.release_register.path, sums))
    for document in manifest.documents:  # of which the attack and the comparison of numbers read the pages
        for name in document.files:
            _check(folder, name, sums)
    return Edition(folder, manifest, register, _tables(folder, manifest, sums))


def _sums(folder: Path) -> dict[str, str]:
    try:
        return read_sums((folder / SUMS).read_text(encoding="utf-8"))[0]
    except (OSError, UnicodeDecodeError):
        raise PublicationRefused(f"{folder / SUMS}: missing or unreadable; take the edition out of its archive again") from None


def _check(folder: Path, name: str, sums: Mapping[str, str]) -> Path:
    """Return the path of a file that is as it was published."""
    path = folder / name
    if not is_within(name) or not path.is_file() or file_hash(path) != sums.get(name):
        raise PublicationRefused(f"{path}: missing or changed since it was published; take {folder.name} out of its archive again")
    return path


def _tables(folder: Path, manifest: Manifest, sums: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    if manifest.data.package is None:
        return {}
    package = _check(folder, manifest.data.package, sums)
    try:
        paths = {str(one["name"]): str(one["path"]) for one in json.loads(package.read_bytes())["resources"]}
    except (ValueError, KeyError, TypeError):
        raise PublicationRefused(f"{package}: not a descriptor of a Data Package") from None
    base = PurePosixPath(manifest.data.package).parent
    known = [name for name in table_names() if name in paths]
    return {name: _table(name, _check(folder, (base / paths[name]).as_posix(), sums)) for name in known}


def _table(name: str, path: Path) -> pd.DataFrame:
    rows = from_text_cells(pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")).astype("object")
    missing = [field for field in table_schema(name).key if field not in rows]
    if missing:
        raise PublicationRefused(f"{path}: has no column {', '.join(missing)}, by which its rows are told apart")
    return rows
