"""Rows added up to figures, so that no figure ever lacks a row it should have."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def added_up(cells: pd.DataFrame, by: Sequence[str], split: str | None, value: str, bad: pd.Series[bool]) -> pd.DataFrame:
    """
    Return the sums of a value over groups of rows.

    Parameters
    ----------
    cells : DataFrame
        The rows; ``by``, ``split`` and ``value`` among its columns, a missing value is added as nothing.
    by : sequence of str
        What makes a total: each row must say it.
    split : str, optional
        A part by which the totals are split. Where one row of a total does not say its part, that total is not split: any of its parts
        could lack the row.
    value : str
        What is added.
    bad : Series of bool
        Rows whose value cannot be read: no sum that they belong to is given.

    Returns
    -------
    DataFrame
        ``by``, ``split``, ``obs_value``, ``unknown`` (rows without a value) and ``rows`` (the labels of the rows added).
    """
    keys = [*by, *([split] if split else [])]
    marked = cells.assign(_bad=bad, _unknown=cells[value].isna())
    if split:
        unplaced = marked[split].isna().groupby([marked[name] for name in by]).transform("any")
        marked = marked[~unplaced]
    grouped = marked.groupby(keys)
    sums = grouped.agg(obs_value=(value, "sum"), unknown=("_unknown", "sum"), bad=("_bad", "any")).reset_index()
    sums["rows"] = pd.Series([list(index) for index in grouped.groups.values()], index=sums.index, dtype="object")
    return sums[~sums["bad"]].drop(columns="bad").reset_index(drop=True)


def used_rows(figures: Sequence[pd.DataFrame]) -> set[int]:
    """Return the labels of the rows that stand in at least one figure."""
    return {label for table in figures for labels in table["rows"] for label in labels}
