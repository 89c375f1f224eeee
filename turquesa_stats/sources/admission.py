"""Decides which rows of a case-level source enter the tables: types, keys, links and rules; each refused row with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from turquesa_stats.schema.completion import WHY_EMPTY
from turquesa_stats.schema.inspection import HIT_COLUMNS, MISFIT, inspect, joined, no_hits
from turquesa_stats.schema.rules import Action, rules
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import fitting
from turquesa_stats.sources.spreadsheet import ROW, SHEET


@dataclass(frozen=True, slots=True)
class Admission:
    """
    What was let in.

    Attributes
    ----------
    tables : mapping
        Tables by name, typed, each row with its ``source_sheet`` and ``source_row``.
    hits : DataFrame
        Every hit of every rule, as :class:`turquesa_stats.schema.inspection.Inspection` has them.
    not_run : mapping
        Rule -> why it could not run.
    """

    tables: Mapping[str, Any]
    hits: pd.DataFrame
    not_run: Mapping[str, str]

    @property
    def refused(self) -> pd.DataFrame:
        """The hits for which a row left its table."""
        return self.hits[self.hits["action"].eq(str(Action.SET_ASIDE))]


def fit(frame: pd.DataFrame, table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of a table, or of a part of one, whose values fit; and the hits of rule S01."""
    rows, misfits = fitting(frame, table)
    if misfits.empty:
        return rows, no_hits()
    at = frame.loc[misfits["position"]]
    hits = misfits.assign(
        rule=MISFIT,
        severity=str(rules()[MISFIT].severity),
        action=str(rules()[MISFIT].action),
        table=table,
        key=joined(at, table_schema(table).key),
        source_id=at["source_id"].to_numpy(),
        set_to=None,
        value=misfits["value"].map(str) + "; must be: " + misfits["must_be"].map(str),
    )
    return rows, hits.assign(**{name: at[name].to_numpy() if name in at else None for name in (SHEET, ROW)})[HIT_COLUMNS]


def admit(tables: Mapping[str, Any], misfits: pd.DataFrame) -> Admission:
    """
    Return the rows that keep the rules.

    Parameters
    ----------
    tables : mapping
        Fitting tables by name, pandas or Dask, each row with an index label of its own.
    misfits : DataFrame
        Hits of rule S01, told before all others.

    Returns
    -------
    Admission
        A row that a rule rejects leaves its table, and with it the rows that hang on it; what it leaves is inspected again until
        nothing is rejected. Values that a rule derives are written.
    """
    hits, left = [misfits], dict(tables)
    while True:
        inspection = inspect(left)
        rejected = inspection.hits[inspection.hits["action"].eq(str(Action.SET_ASIDE))]
        if rejected.empty:
            break
        hits.append(rejected)
        for name, of_table in rejected.groupby("table"):
            left[str(name)] = _without(left[str(name)], set(of_table["position"]))
    for name, of_table in inspection.hits[inspection.hits["set_to"].notna()].groupby("table"):
        left[str(name)] = _with_derived(left[str(name)], of_table)
    told = [part for part in (*hits, inspection.hits) if len(part)]
    return Admission(left, pd.concat(told, ignore_index=True) if told else no_hits(), inspection.not_run)


def _without(table: Any, positions: set[int]) -> Any:
    if isinstance(table, pd.DataFrame):
        return table.drop(index=list(positions))
    return table.map_partitions(lambda part: part[~part.index.isin(positions)], meta=table._meta)


def _with_derived(table: Any, derived: pd.DataFrame) -> Any:
    if not isinstance(table, pd.DataFrame):
        return table.map_partitions(_with_derived, derived, meta=table._meta)
    written = table.copy()
    for column, values in derived.groupby("column"):
        field = str(column).partition(",")[0]
        here = values[values["position"].isin(written.index)]
        written.loc[here["position"], field] = here["set_to"].astype(written[field].dtype).to_numpy()
        if field + WHY_EMPTY in written:
            written.loc[here["position"], field + WHY_EMPTY] = None
    return written
