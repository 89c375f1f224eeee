"""Hiding small counts, and enough others that no subtraction from a total brings them back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_HIDDEN_COLUMNS = ("value", "low", "high", "count")


def primary(table: pd.DataFrame, k: int) -> pd.Series[bool]:
    """
    Whether each row must be hidden for itself.

    A count below ``k`` is hidden, zero included (a band that excluded zero would be narrower); so is a share whose complement in
    ``n`` is 1 to ``k`` - 1, and any row with ``n`` below ``k``.

    Parameters
    ----------
    table : DataFrame
        Columns ``count`` and ``n``.
    k : int
        Smallest count that may be printed.
    """
    rest = table["n"] - table["count"]
    return table["count"].lt(k) | rest.between(1, k - 1)


def complementary(count: pd.Series[float], hidden: pd.Series[bool], lines: Sequence[pd.Series[str]], k: int) -> pd.Series[bool]:
    """
    Hide further rows until every line of an additive table hides nothing, or two rows or more that hold ``k`` units or more.

    A line is a set of rows that add up to a printed total. The smallest shown row is hidden first. Repeated to a fixed point, as hiding
    in one line opens another. This protects single tables; tables linked across reports are the edition's audit.

    Parameters
    ----------
    count : Series
        The counts, shape (rows,).
    hidden : Series of bool
        Rows already hidden.
    lines : sequence of Series
        For each direction in which rows add up, the line that each row belongs to.
    k : int
        Least number of units to stand behind hidden rows.
    """
    hidden = hidden.copy()
    changed = True
    while changed:
        changed = False
        for direction in lines:
            for _, members in count.groupby(direction, sort=True):
                inside = hidden.loc[members.index]
                shown = members[~inside]
                open_to_subtraction = inside.any() and (inside.sum() == 1 or members[inside].sum() < k)
                if open_to_subtraction and not shown.empty:
                    hidden[count.index == shown.idxmin()] = True
                    changed = True
    return hidden


def suppress(table: pd.DataFrame, k: int, additive: Sequence[Sequence[str]]) -> tuple[pd.DataFrame, int, int]:
    """
    Return the table with hidden rows emptied and flagged, and how many were hidden first and in addition.

    Parameters
    ----------
    table : DataFrame
        Columns ``count``, ``n`` and, where present, ``value, low, high, flag``.
    k : int
        Smallest count that may be printed.
    additive : sequence of sequences of str
        For each direction in which rows add up to a printed total, the columns that name its lines; an empty one is the whole table.
    """
    first = primary(table, k)
    lines = [_lines(table, names) for names in additive]
    hidden = complementary(table["count"], first, lines, k)
    emptied = {name: table[name].astype("float64").mask(hidden, np.nan) for name in _HIDDEN_COLUMNS if name in table}
    flag = (table["flag"] if "flag" in table else pd.Series("", index=table.index)).mask(hidden, "suppressed")
    return table.assign(**emptied, flag=flag), int(first.sum()), int((hidden & ~first).sum())


def _lines(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[str]:
    """Return the line of each row: one for each combination of the named columns."""
    return pd.Series(["|".join(str(row[name]) for name in names) for row in table.to_dict("records")], index=table.index, dtype="str")
