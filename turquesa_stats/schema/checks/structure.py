"""Checks that every table shares: a key names one row (S02), a link leads to a row (S03); for S01, values that fit, see ``fitting``."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.tables import table_schema

CHECKED_OVER_ALL_TABLES = ("S02", "S03")


def keys_are_unique(tables: Tables) -> Iterator[Found]:
    """
    S02: of rows that repeat one another the first stays; rows of one key that differ are all found.

    Where not all fields are given, rows of one key may differ in the others: all are found.
    """
    for name, table in tables.items():
        schema = table_schema(name)
        key = list(schema.key)
        repeated = table[table.duplicated(key, keep=False)]
        if repeated.empty:
            continue
        whole = set(schema.field_names) <= set(table.columns)
        again = repeated.duplicated(schema.field_names) if whole else repeated.duplicated(key) & False
        firsts = repeated[~again]
        contested = firsts[firsts.duplicated(key, keep=False)]
        is_contested = pd.MultiIndex.from_frame(repeated[key]).isin(pd.MultiIndex.from_frame(contested[key]))
        found = pd.Series(False, index=table.index)
        found[repeated.index[again | is_contested]] = True
        yield Found(name, found, tuple(key))


def links_lead_somewhere(tables: Tables) -> Iterator[Found]:
    """S03: a row that names a row of another table finds it there; tables that are not there are not asked."""
    for name, table in tables.items():
        for link in table_schema(name).foreign_keys:
            if link.table in tables and link.field in table:
                stray = table[link.field].notna() & ~table[link.field].isin(tables[link.table][link.to])
                if stray.any():
                    yield Found(name, stray, (link.field,))


CHECKS: dict[str, Check] = {"S02": keys_are_unique, "S03": links_lead_somewhere}
