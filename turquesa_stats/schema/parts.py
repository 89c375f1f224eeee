"""The part of a workspace that one country's documents may read, and fingerprints of every part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turquesa_stats.errors import TurquesaError
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.custody import UNRESTRICTED, holds_restricted, make_private
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.regions import countries_of, is_region
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.workspace import Workspace, replacing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Fingerprints = Mapping[str, Mapping[str, str]]  # table -> country -> hash of its rows
WHOLE = "*"  # stands for all countries
_NO_ROWS = "no rows"
_EVERYBODYS = (TOTAL, "IOM_NORTH_AMERICA", "IOM_CENTRAL_AMERICA", "IOM_SOUTH_AMERICA", "IOM_CARIBBEAN")  # areas of no country alone
_CACHE = "fingerprints.json"
_COUNTRY: Mapping[str, tuple[str, ...]] = {  # fields that name the country of a row
    "official_stat": ("ref_area",),
    "case": ("country_report",),
    "population": ("iso3",),
    "context_event": ("iso3",),
    "coop_request": ("iso3_from", "iso3_to"),
    "participant": ("iso3",),
}
_HOLDERS = ("case", "victim", "smuggled_person", "charge", "participant")  # a row that names one of these is its country's
_HELD_BY = {"accused": ("case_accused", "charge")}  # persons named by rows of a country are the country's
_CHANGING = ("loaded_at", "retrieved_on", "source_row")  # change at every import and decide no number: no report gets them
_read: set[str] = set()


def tables_read() -> list[str]:
    """Return the names of the tables that this process has read through a :class:`Part`; ``name*`` if those of all countries."""
    return sorted(_read)


@dataclass(frozen=True)
class Division:
    """Tables, and which rows of each are whose: table -> country -> positions. A table without positions is everybody's."""

    tables: Mapping[str, pd.DataFrame]
    rows: Mapping[str, Mapping[str, NDArray[np.intp]]]

    def of(self, name: str, country: str) -> pd.DataFrame:
        """Return a country's or region's rows of a table, with those that belong to no country alone."""
        table = self.tables[name]
        if country == WHOLE or name not in self.rows:
            return table
        return table.take(_positions(self.rows[name], country)).reset_index(drop=True)

    def fingerprints(self) -> dict[str, dict[str, str]]:
        """Return the hash of every country's rows of every table; of a country without any under ``_T``."""
        import pandas as pd

        found: dict[str, dict[str, str]] = {}
        for name, table in self.tables.items():
            hashes = pd.util.hash_pandas_object(table, index=False).to_numpy()
            head = json.dumps([name, {column: str(kind) for column, kind in table.dtypes.items()}])
            found[name] = {TOTAL: _digest(head, hashes), WHOLE: _digest(head, hashes)}
            if name in self.rows:
                by = self.rows[name]
                found[name] |= {country: _digest(head, hashes[_positions(by, country)]) for country in sorted({*by, TOTAL})}
        return found


def _positions(by: Mapping[str, NDArray[np.intp]], country: str) -> NDArray[np.intp]:
    import numpy as np

    nothing = np.empty(0, dtype=np.intp)
    return np.unique(np.concatenate([by.get(code, nothing) for code in (*countries_of(country), *_EVERYBODYS)]))


def _digest(head: str, hashes: NDArray[Any]) -> str:
    return hashlib.sha256(head.encode() + hashes.tobytes()).hexdigest()[:16] if len(hashes) else _NO_ROWS


def fingerprint_of(fingerprints: Fingerprints, name: str, country: str) -> str:
    """
    Return the hash of a country's rows of a table (``name*``: of all rows); the same for no rows and for a case table that is absent.

    Of a region it is made of those of all its countries.
    """
    if name.endswith(WHOLE):
        name, country = name[:-1], WHOLE
    by = fingerprints.get(name)
    if by is None:
        return _NO_ROWS if name in table_names() and table_schema(name).sensitivity == "R" else "absent"
    if is_region(country):
        of_each = [by.get(code, by[TOTAL]) for code in countries_of(country)]
        return hashlib.sha256(json.dumps(of_each).encode()).hexdigest()[:16]
    return by.get(country, by[TOTAL])


def has_rows(fingerprints: Fingerprints, name: str, country: str) -> bool:
    """Whether there is any row of a country or region in a table (``name*``: any row at all)."""
    name, area = (name[:-1], WHOLE) if name.endswith(WHOLE) else (name, country)
    by = fingerprints.get(name)
    return by is not None and any(by.get(code, by[TOTAL]) != _NO_ROWS for code in countries_of(area))


class Part(Mapping[str, "pd.DataFrame"]):
    """
    What one country's or region's documents may read: its rows of each table, and rows that belong to no country alone.

    Every table taken out is noted in :func:`tables_read`: together with the fingerprints it is all of the data that decided a document.

    Parameters
    ----------
    division : Division
        The tables.
    fingerprints : Fingerprints
        Of every part.
    country : str
        ISO 3166 alpha-3, or code of a region.
    """

    def __init__(self, division: Division, fingerprints: Fingerprints, country: str) -> None:
        self._division, self._fingerprints, self._country = division, fingerprints, country
        self._taken: dict[str, pd.DataFrame] = {}
        self._names: set[str] = set()

    def _note(self, name: str) -> None:
        self._names.add(name)
        _read.add(name)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return the country's rows of a table."""
        self._note(name)
        if name not in self._taken:
            self._taken[name] = self._division.of(name, self._country)
        return self._taken[name]

    def __contains__(self, name: object) -> bool:
        """Whether the workspace has a table: an answer that decides a document too."""
        self._note(str(name))
        return name in self._division.tables

    def __iter__(self) -> Iterator[str]:
        """Name the tables; every one counts as read, those that are absent too."""
        for name in table_names():
            self._note(name)
        return iter(self._division.tables)

    def __len__(self) -> int:
        """Return how many tables there are."""
        return sum(1 for _ in self)

    def of(self, country: str) -> Part:
        """Return the part of one country of this region; what is read of it counts as read of the region."""
        part = Part(self._division, self._fingerprints, country)
        part._names = self._names
        return part

    def whole(self, name: str) -> pd.DataFrame:
        """Return a table with the rows of all countries; a document that takes it is made again when any of them changes."""
        self._note(name + WHOLE)
        return self._division.of(name, WHOLE)

    @property
    def fingerprint(self) -> str:
        """Hash of the parts read so far."""
        return self.fingerprint_of(self._names)

    def fingerprint_of(self, names: Iterable[str]) -> str:
        """Hash of the country's rows of some tables."""
        read = {name: fingerprint_of(self._fingerprints, name, self._country) for name in sorted(names)}
        return hashlib.sha256(json.dumps(read).encode()).hexdigest()[:16]


def divide(workspace: Workspace) -> Division:
    """
    Return the tables of a workspace that may reach a page, divided by country.

    Rows of sources with handling H1 to H3 are not among them, nor fields that change at every import. Case-level tables that the workspace
    has not are there without rows.
    """
    from turquesa_stats.schema.validation import empty_table

    tables = workspace.tables()
    source = tables.get("source")
    kept = set() if source is None else set(source.loc[source["handling"].eq(UNRESTRICTED), "source_id"])
    public = {name: table[table["source_id"].isin(kept)].reset_index(drop=True) for name, table in tables.items()}
    public |= {name: empty_table(name) for name in table_names() if name not in public and table_schema(name).sensitivity == "R"}
    shown = {name: public[name].drop(columns=[c for c in _CHANGING if c in public[name]]) for name in sorted(public)}
    rows: dict[str, dict[str, NDArray[np.intp]]] = {}
    for name in shown:
        _divide(name, shown, rows)
    _divide_sources(shown, rows)
    return Division(shown, rows)


def _divide(name: str, tables: Mapping[str, pd.DataFrame], rows: dict[str, dict[str, NDArray[np.intp]]]) -> None:
    """Note whose the rows of a table are: by their country, or by what they name of a country."""
    import numpy as np
    import pandas as pd

    if name in rows or name not in tables or name == "source":
        return
    table = tables[name]
    position = pd.Series(np.arange(len(table)))
    if name in _COUNTRY:
        found = [pd.DataFrame({"country": table[field], "position": position}) for field in _COUNTRY[name]]
    else:
        links = [(key.field, key.table, key.to) for key in table_schema(name).foreign_keys if key.table in _HOLDERS and key.table != name]
        links += [(table_schema(name).key[0], other, table_schema(name).key[0]) for other in _HELD_BY.get(name, ())]
        links = [link for link in links if link[1] in tables]
        if not links:
            return
        rows[name] = {}
        found = []
        for field, other, to in links:
            _divide(other, tables, rows)
            holders = [tables[other][to].iloc[places].to_frame("id").assign(country=country) for country, places in rows[other].items()]
            if holders:
                of = pd.concat(holders).drop_duplicates()
                found.append(pd.DataFrame({"id": table[field], "position": position}).merge(of, on="id")[["country", "position"]])
        if name == "smuggled_person" and "case" in tables:  # whoever was only interviewed is told of by those whose cases the source holds
            of_source = tables["case"][["source_id", "country_report"]].drop_duplicates()
            alone = pd.DataFrame({"source_id": table["source_id"], "position": position})[table["case_id"].isna()]
            found.append(alone.merge(of_source, on="source_id").rename(columns={"country_report": "country"})[["country", "position"]])
    pairs = pd.concat(found).drop_duplicates() if found else pd.DataFrame({"country": [], "position": []})
    rows[name] = {
        str(country): np.sort(group["position"].to_numpy(dtype=np.intp)) for country, group in pairs.groupby("country", sort=True)
    }


def _source_fields(name: str) -> list[str]:
    """Return the fields of a table that name a source: where the row is from, and what a judgement rests on."""
    return [key.field for key in table_schema(name).foreign_keys if key.table == "source"]


def _divide_sources(tables: Mapping[str, pd.DataFrame], rows: dict[str, dict[str, NDArray[np.intp]]]) -> None:
    """A source is a country's if any of its rows cites it."""
    import numpy as np

    cited: dict[str, set[str]] = {TOTAL: set()}
    for name, table in tables.items():
        if name == "source":
            continue
        for country, places in rows[name].items() if name in rows else ((TOTAL, np.arange(len(table))),):
            for key in _source_fields(name):
                cited.setdefault(country, set()).update(table[key].iloc[places].unique())
    if "source" in tables:
        ids = tables["source"]["source_id"]
        rows["source"] = {country: np.flatnonzero(ids.isin(named)) for country, named in cited.items()}


@cache
def _division_hash() -> str:
    """Return a hash of what decides how rows are divided: this module and the schemas."""
    files = [Path(__file__), *sorted((project_root() / "data" / "schema").glob("*.yml"))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


def fingerprints(workspace: Workspace) -> Fingerprints:
    """Return the hashes of every country's rows of every table, kept beside the tables until these change."""
    of = f"{_division_hash()}-{workspace.fingerprint()}"
    path = workspace.folder / _CACHE
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["of"] == of:
            kept: Fingerprints = held["fingerprints"]
            return kept
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or not readable: they are computed
        pass
    found = divide(workspace).fingerprints()
    try:
        if holds_restricted(workspace.folder):
            make_private(workspace.folder)
        with replacing(workspace.folder) as staged:
            staged(_CACHE).write_text(json.dumps({"of": of, "fingerprints": found}), encoding="utf-8")
    except (OSError, TurquesaError):  # a workspace that cannot be written to, or is another user's, can still be read
        pass
    return found
