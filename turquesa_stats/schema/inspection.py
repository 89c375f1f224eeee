"""Runs the rules over tables: every hit with its place, and which rules could not run, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd
import pyarrow as pa

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.checks.found import Found
from turquesa_stats.schema.checks.structure import CHECKED_OVER_ALL_TABLES as STRUCTURE
from turquesa_stats.schema.rules import Action, Rule, Severity, rules
from turquesa_stats.schema.tables import table_schema

SHEET, ROW = "source_sheet", "source_row"
MISFIT = "S01"  # found when values get their types (``validation.fitting``), so that typed tables have none
HIT_COLUMNS = ["rule", "severity", "action", "table", "position", "key", "source_id", SHEET, ROW, "column", "value", "set_to"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What the rules found.

    Attributes
    ----------
    hits : DataFrame
        One row a hit: rule, severity, action, table, position (label of the table's index), key, source, sheet, row, fields, values, and
        the value to set the first of the fields to, where the rule derives one.
    not_run : dict
        Rule -> the tables that it needs and of which there is no row.
    """

    hits: pd.DataFrame
    not_run: Mapping[str, str] = field(default_factory=dict)

    def counts(self) -> pd.Series[int]:
        """Return rule -> number of hits."""
        return self.hits["rule"].value_counts().sort_index()


def inspect(tables: Mapping[str, Any], only: Iterable[str] | None = None) -> Inspection:
    """
    Run the rules over some tables.

    Parameters
    ----------
    tables : mapping
        Typed tables by name, pandas or Dask, each row with an index label of its own; of Dask tables only the fields that a rule reads are
        held in memory at once.
        A case-level row is inspected only against rows of its own source: a register whose other tables are not loaded yet breaks
        no rule.
    only : iterable of str, optional
        IDs of the rules to run; all by default.

    Returns
    -------
    Inspection
        The hits, and why rules did not run.
    """
    hits: list[pd.DataFrame] = []
    not_run: dict[str, str] = {}
    chosen = rules().values() if only is None else [rules()[name] for name in only]
    for rule in (one for one in chosen if one.id != MISFIT):
        missing = [name for name in rule.tables if name not in tables or len(tables[name]) == 0]
        if missing:
            not_run[rule.id] = ", ".join(missing)
            continue
        read = (*rule.tables, *rule.also) or tuple(tables)
        given = {name: _read(tables[name], _needed(name, rule, tables)) for name in read if name in tables}
        found = [_hits(rule, one, given) for one in CHECKS[rule.id](given)]
        hits += [one for one in found if len(one)]
        if not all(isinstance(tables[name], pd.DataFrame) for name in given):
            del given
            pa.default_memory_pool().release_unused()  # the next rule reads other columns: Arrow would keep the memory of these
    return Inspection(pd.concat(hits, ignore_index=True) if hits else no_hits(), not_run)


def _needed(name: str, rule: Rule, tables: Mapping[str, Any]) -> set[str] | None:
    """Return the names, or patterns of names, of the fields of a table that a rule reads; None for all."""
    schema = table_schema(name)
    if rule.id in STRUCTURE:
        if rule.id == "S02" and isinstance(tables[name], pd.DataFrame):
            return None
        links = {link.to for other in tables for link in table_schema(other).foreign_keys if link.table == name}
        return {*(link.field for link in schema.foreign_keys), *links, *schema.key, "source_id", SHEET, ROW}
    fields = rule.fields.get(name)
    return None if fields is None else {*fields, *schema.key, "source_id", SHEET, ROW}


def _read(table: Any, wanted: set[str] | None) -> pd.DataFrame:
    """Return the part of a table that a rule reads, in memory."""
    if wanted is not None:
        table = table[[column for column in table.columns if any(fnmatchcase(str(column), name) for name in wanted)]]
    return table if isinstance(table, pd.DataFrame) else table.compute()


def _hits(rule: Rule, found: Found, given: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    table = given[found.table]
    is_hit = found.rows.to_numpy(dtype=bool) & _comparable(rule, found.table, given)
    rows = table[is_hit]
    warned = found.only_warn and rule.severity is Severity.REJECT
    return pd.DataFrame(
        {
            "rule": rule.id,
            "severity": str(Severity.WARN if warned else rule.severity),
            "action": str(Action.KEPT if warned else rule.action),
            "table": found.table,
            "position": rows.index,
            "key": joined(rows, table_schema(found.table).key),
            "source_id": rows["source_id"].to_numpy() if "source_id" in rows else None,
            SHEET: rows[SHEET].to_numpy() if SHEET in rows else None,
            ROW: rows[ROW].to_numpy() if ROW in rows else None,
            "column": ", ".join(found.columns),
            "value": joined(rows, found.columns) if found.told is None else found.told.to_numpy()[is_hit],
            "set_to": None if found.derived is None else found.derived[is_hit].to_numpy(),
        },
        columns=HIT_COLUMNS,
    )


def _comparable(rule: Rule, hit_table: str, given: Mapping[str, pd.DataFrame]) -> Any:
    """Whether each row's source has rows in every restricted table that the rule needs."""
    table = given[hit_table]
    comparable = pd.Series(True, index=table.index)
    if table_schema(hit_table).sensitivity == "R":
        for name in rule.tables:
            if name != hit_table and table_schema(name).sensitivity == "R":
                comparable &= table["source_id"].isin(given[name]["source_id"].unique())
    return comparable.to_numpy(dtype=bool)


def joined(rows: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Return the values of some columns of each row as one text."""
    texts = [rows[name].map(_told).to_numpy(dtype=object) for name in columns if name in rows]
    return [", ".join(values) for values in zip(*texts, strict=True)] if texts else [""] * len(rows)


def _told(value: Any) -> str:
    if pd.isna(value):
        return "empty"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def no_hits() -> pd.DataFrame:
    """Return a table of hits without rows."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in HIT_COLUMNS})
