"""Runs the rules over tables: every hit with its place, and which rules could not run, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.checks.found import Found
from turquesa_stats.schema.rules import Action, Rule, Severity, rules
from turquesa_stats.schema.tables import table_schema

SHEET, ROW = "source_sheet", "source_row"
HIT_COLUMNS = ["rule", "severity", "action", "table", "position", "key", "source_id", SHEET, ROW, "column", "value"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What the rules found.

    Attributes
    ----------
    hits : DataFrame
        One row a hit: rule, severity, action, table, position (0-based, in the table), key, source, sheet, row, fields, values.
    derived : dict
        Rule -> the values that it derives, one a row of its table.
    not_run : dict
        Rule -> why it could not run.
    """

    hits: pd.DataFrame
    derived: Mapping[str, list[Found]] = field(default_factory=dict)
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
        Validated tables by name, pandas or Dask; of Dask tables only the fields that a rule reads are held in memory at once.
        A case-level row is inspected only against rows of its own source: a register whose other tables are not loaded yet breaks
        no rule.
    only : iterable of str, optional
        IDs of the rules to run; all by default.

    Returns
    -------
    Inspection
        The hits, what the deriving rules derive, and why rules did not run.
    """
    hits: list[pd.DataFrame] = []
    derived: dict[str, list[Found]] = {}
    not_run: dict[str, str] = {}
    for rule in [rules()[name] for name in only] if only is not None else rules().values():
        missing = [name for name in rule.tables if name not in tables or len(tables[name]) == 0]
        if missing:
            not_run[rule.id] = f"no rows of {', '.join(missing)}"
            continue
        given = {name: _read(tables[name], name, rule) for name in (*rule.tables, *rule.also) if name in tables}
        for found in CHECKS[rule.id](given):
            if found.derived is not None:
                derived.setdefault(rule.id, []).append(found)
            hits.append(_hits(rule, found, given))
    return Inspection(pd.concat(hits, ignore_index=True) if hits else _no_hits(), derived, not_run)


def _read(table: Any, name: str, rule: Rule) -> pd.DataFrame:
    """Return the part of a table that a rule reads, in memory."""
    fields = rule.fields.get(name)
    if fields is not None:
        wanted = {*fields, *table_schema(name).key, "source_id", SHEET, ROW}
        table = table[[column for column in table.columns if column in wanted]]
    return table if isinstance(table, pd.DataFrame) else table.compute().reset_index(drop=True)


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
            "position": is_hit.nonzero()[0],
            "key": _joined(rows, table_schema(found.table).key),
            "source_id": rows["source_id"].to_numpy() if "source_id" in rows else None,
            SHEET: rows[SHEET].to_numpy() if SHEET in rows else None,
            ROW: rows[ROW].to_numpy() if ROW in rows else None,
            "column": ", ".join(found.columns),
            "value": _joined(rows, found.columns) if found.told is None else found.told.to_numpy()[is_hit],
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


def _joined(rows: pd.DataFrame, columns: Iterable[str]) -> Any:
    texts = [rows[name].map(_told).to_numpy(dtype=object) for name in columns if name in rows]
    return [", ".join(values) for values in zip(*texts, strict=True)] if texts else [""] * len(rows)


def _told(value: Any) -> str:
    if pd.isna(value):
        return "empty"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _no_hits() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in HIT_COLUMNS})


def hits_by_table(hits: pd.DataFrame, action: Action) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that has hits of an action, with them."""
    for name, group in hits[hits["action"].eq(str(action))].groupby("table", sort=False):
        yield str(name), group
