"""Comparisons and look-ups that the checks share: none of them answers missing where yes or no is asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from turquesa_stats.schema.codes import NOT_ASKED, UNKNOWN

NOT_KNOWN = frozenset({UNKNOWN, NOT_ASKED, "_Z"})
_COUNTRY = r"[A-Z]{3}"  # ISO 3166-1 alpha-3; codes such as _UNK, _MULTI or _OTHER are none


def yes(answers: pd.Series[Any]) -> pd.Series[bool]:
    """Whether each answer is yes; a missing one is not."""
    return answers.fillna(value=False).astype(bool)


def is_one_of(values: pd.Series[Any], codes: Collection[str]) -> pd.Series[bool]:
    """Whether each value is one of some codes; never missing."""
    return yes(values.isin(list(codes)))


def is_known(values: pd.Series[Any]) -> pd.Series[bool]:
    """Whether each value is there and does not say that it is not known."""
    return values.notna() & ~is_one_of(values, NOT_KNOWN)


def looked_up(keys: pd.Series[str], table: pd.DataFrame, key: str, field: str) -> pd.Series[Any]:
    """Return for each key the field of the row of a table that has it; missing where there is none, the first where there are several."""
    known = table.dropna(subset=[key]).drop_duplicates(key).set_index(key)[field]
    return known.reindex(keys.to_numpy()).set_axis(keys.index)


def country(values: pd.Series[str]) -> pd.Series[str]:
    """
    Return the values that are one known country; others become missing.

    Examples
    --------
    >>> country(pd.Series(["COL", "_UNK", "_MULTI", None])).tolist()
    ['COL', nan, nan, nan]
    """
    text = values.astype("str")
    return text.where(yes(text.str.fullmatch(_COUNTRY)))
