"""Table schemas as read from ``data/schema/*.yml``: the only declaration of tables and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import yaml

from turquesa_stats.errors import SchemaMismatch, nearest
from turquesa_stats.schema.location import project_root

RULES = "rules"  # the file beside the tables that is none


class FieldType(StrEnum):
    """What a field holds."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CATEGORY = "category"


class Role(StrEnum):
    """How a field can disclose a person."""

    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table; ``label`` and ``description`` map language to text."""

    name: str
    type: FieldType
    nullable: bool
    role: Role
    standard: tuple[str, ...]
    label: Mapping[str, str]
    description: Mapping[str, str]
    unit: str | None = None
    codes: str | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A field whose values stand in another table."""

    field: str
    table: str
    to: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: what a row is, its key, its fields and its links."""

    name: str
    sensitivity: str
    unit: str
    key: tuple[str, ...]
    title: Mapping[str, str]
    description: Mapping[str, str]
    fields: tuple[Field, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def field_names(self) -> list[str]:
        """The names of the fields, in order."""
        return [field.name for field in self.fields]


def table_names() -> list[str]:
    """Return the names of all tables."""
    return sorted(path.stem for path in (project_root() / "data" / "schema").glob("*.yml") if path.stem != RULES)


@cache
def table_schema(name: str) -> TableSchema:
    """
    Read one table's schema.

    Raises
    ------
    SchemaMismatch
        If there is no such table or its file is malformed.
    """
    path = project_root() / "data" / "schema" / f"{name}.yml"
    if not path.is_file():
        raise SchemaMismatch(f"table '{name}' has no schema; {nearest(name, table_names())}")
    declared: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    try:
        return TableSchema(
            name=declared["table"],
            sensitivity=declared["sensitivity"],
            unit=declared["unit"],
            key=tuple(declared["key"]),
            title=declared["title"],
            description=declared["description"],
            fields=tuple(_field(field) for field in declared["fields"]),
            foreign_keys=tuple(ForeignKey(**link) for link in declared.get("foreign_keys", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SchemaMismatch(f"{path.name}: malformed schema: {error}") from error


def _field(declared: dict[str, Any]) -> Field:
    typed = {"type": FieldType(declared["type"]), "role": Role(declared["role"]), "standard": tuple(declared["standard"])}
    return Field(**{**declared, **typed})
