"""The rules of the data model (R01 to R90, and the rules of single fields) as read from ``data/schema/rules.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

import yaml

from turquesa_stats.errors import SchemaMismatch
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.tables import RULES


class Severity(StrEnum):
    """How serious a hit is."""

    REJECT = "E"
    WARN = "W"
    DERIVE = "D"
    NOTE = "N"


class Action(StrEnum):
    """What is done with a row that a rule finds."""

    SET_ASIDE = "set_aside"
    KEPT = "kept"
    UNPUBLISHED = "unpublished"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule: what must hold, and what happens where it does not.

    Attributes
    ----------
    tables : tuple of str
        Tables that the rule needs; the first is the one whose rows it finds.
    also : tuple of str
        Tables that it uses where they are there.
    fields : mapping
        Table -> the fields that its check reads, besides key and source; ``*`` stands for any letters.
    title, rule, mend : mapping
        Language -> short name; what must hold; what to do on a hit.
    """

    id: str
    severity: Severity
    action: Action
    tables: tuple[str, ...]
    basis: tuple[str, ...]
    title: Mapping[str, str]
    rule: Mapping[str, str]
    mend: Mapping[str, str]
    also: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def rules() -> Mapping[str, Rule]:
    """
    Read all rules, by their ID.

    Raises
    ------
    SchemaMismatch
        If the file is malformed.
    """
    path = project_root() / "data" / "schema" / f"{RULES}.yml"
    declared: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    try:
        return {one["id"]: _rule(one) for one in declared}
    except (KeyError, TypeError, ValueError) as error:
        raise SchemaMismatch(f"{path.name}: malformed rule: {error}") from error


def _rule(declared: dict[str, Any]) -> Rule:
    lists = {name: tuple(declared.get(name, ())) for name in ("tables", "also", "basis")}
    fields = {table: tuple(names) for table, names in declared.get("fields", {}).items()}
    typed = {"severity": Severity(declared["severity"]), "action": Action(declared["action"]), "fields": fields}
    return Rule(**{**declared, **lists, **typed})
