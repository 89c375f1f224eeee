"""A Frictionless Data Package (version 1): tables and code lists as CSV, their schemas, sources and licences in one descriptor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from turquesa_stats.edition.cells import as_cells, csv_bytes
from turquesa_stats.edition.release import Release
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.tables import Field, FieldType, TableSchema, table_schema
from turquesa_stats.sources.spreadsheet import as_text_cells

if TYPE_CHECKING:
    from collections.abc import Hashable

_TYPES = {FieldType.CATEGORY: FieldType.STRING}
_DIALECT = {
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
    "header": True,
    "caseSensitiveHeader": True,
}
_OWN_LICENCE = {"name": "MIT", "title": "MIT licence"}


def resources(released: Sequence[Release], sources: pd.DataFrame) -> dict[str, tuple[dict[str, Any], bytes]]:
    """
    Return path -> descriptor and content of each table and of each code list that the tables use.

    Parameters
    ----------
    released : sequence of Release
        What leaves.
    sources : DataFrame
        The unrestricted sources.
    """
    names = [release.name for release in released]
    found: dict[str, tuple[dict[str, Any], bytes]] = {}
    for release in released:
        schema = table_schema(release.name)
        used = sources[sources["source_id"].isin(release.rows["source_id"])]
        content = csv_bytes(as_cells(release.rows, release.name))
        found[f"{release.name}.csv"] = _table(release, schema, names, used), content
    for name in _lists(names):
        found[f"codes/{name}.csv"] = _code_list(name)
    return {path: ({**descriptor, "path": path, **integrity(content)}, content) for path, (descriptor, content) in found.items()}


def integrity(content: bytes) -> dict[str, Any]:
    """Return the size and hash by which a reader knows that a file is whole."""
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def cited(sources: pd.DataFrame) -> list[dict[str, Any]]:
    """Return sources as a descriptor lists them: title, address, citation, licence; and whether they are made up."""
    return [_source(row) for row in sources.to_dict("records")]


def licences(sources: pd.DataFrame) -> list[dict[str, str]]:
    """Return the terms of sources; named ``other`` where they are in words, not one of the known short names."""
    texts = dict.fromkeys(sources["licence"])
    return [{"name": text if re.fullmatch(r"[-a-zA-Z0-9._]+", text) else "other", "title": text} for text in texts]


def tabular(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the descriptors of all CSV files have in common."""
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": _DIALECT,
        "schema": {"missingValues": [""], **schema},
    }


def _source(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    address = {"path": row["url"]} if re.fullmatch(r"https?://\S+", row["url"]) else {}
    keys = ("source_id", "citation", "publisher", "licence", "synthetic")
    return {"title": row["title"], **address, **{key: row[key] for key in keys}}


def _table(release: Release, schema: TableSchema, names: list[str], used: pd.DataFrame) -> dict[str, Any]:
    links = [
        {"fields": link.field, "reference": {"resource": link.table if link.table != release.name else "", "fields": link.to}}
        for link in schema.foreign_keys
        if link.table in names
    ]
    links += [
        {"fields": field.name, "reference": {"resource": f"codes-{field.codes}", "fields": "code"}}
        for field in schema.fields
        if field.codes
    ]
    described = {"fields": [_field(field, schema) for field in schema.fields], "primaryKey": list(schema.key), "foreignKeys": links}
    return {
        **tabular(release.name, described),
        **_in_words(schema.title, schema.description),
        "rows": len(release.rows),
        "withheld": dict(release.withheld),
        "synthetic_rows": int(release.rows["source_id"].isin(used.loc[used["synthetic"], "source_id"]).sum()),
        "sources": cited(used),
        "licenses": licences(used),
    }


def _field(field: Field, schema: TableSchema) -> dict[str, Any]:
    limits: dict[str, Any] = {
        "required": True if not field.nullable else None,
        "unique": True if schema.key == (field.name,) else None,
        "enum": code_list(field.codes).codes if field.codes else None,
        "pattern": field.pattern,
        "minimum": _limit(field, field.minimum),
        "maximum": _limit(field, field.maximum),
    }
    described: dict[str, Any] = {"name": field.name, "type": str(_TYPES.get(field.type, field.type))}
    described |= _in_words(field.label, field.description)
    described |= {"unit": field.unit} if field.unit else {}
    constraints = {name: limit for name, limit in limits.items() if limit is not None}
    return {**described, "constraints": constraints} if constraints else described


def _limit(field: Field, limit: float | None) -> float | None:
    return int(limit) if limit is not None and (field.type is FieldType.INTEGER or float(limit).is_integer()) else limit


def _in_words(title: Mapping[str, str], description: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return title and description in English, where the standard has them, and in four languages beside."""
    said: dict[str, Any] = {"title": title[Language.EN], "titles": dict(title)}
    return said | ({"description": description[Language.EN], "descriptions": dict(description)} if description else {})


def _lists(tables: Iterable[str]) -> list[str]:
    """Return the code lists of the tables' fields, and those that a code of these names in turn."""
    used = {field.codes for name in tables for field in table_schema(name).fields if field.codes}
    for name in sorted(used):
        rows = code_list(name).rows.values()
        used |= {row["codes"] for row in rows if row.get("codes")}
    return sorted(used)


def _code_list(name: str) -> tuple[dict[str, Any], bytes]:
    codes = code_list(name)
    rows = pd.DataFrame(
        [{**row, **{f"label_{language}": codes.label(code, language) for language in Language}} for code, row in codes.rows.items()],
        dtype="str",
    )
    is_key = {"constraints": {"required": True, "unique": True}}
    fields = [{"name": column, "type": "string"} | (is_key if column == "code" else {}) for column in rows]
    described = tabular(f"codes-{name}", {"fields": fields, "primaryKey": ["code"]})
    return {**described, "title": f"Code list {name}", "licenses": [_OWN_LICENCE]}, csv_bytes(as_text_cells(rows))
