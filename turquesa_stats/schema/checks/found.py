"""What a check gives: the rows that break its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Found:
    """
    Rows that a check finds.

    Attributes
    ----------
    table : str
        The table whose rows are found.
    rows : Series of bool
        Over the rows of the table; True where the rule is broken.
    columns : tuple of str
        The fields to look at; their values are told.
    only_warn : bool
        Whether these rows are told and kept although the rule rejects in general.
    derived : Series, optional
        What a deriving rule finds for each row of the table, to fill or replace the first of ``columns``.
    told : Series of str, optional
        What is told of each row in place of the values of ``columns``: a difference, say, which no single field holds.
    """

    table: str
    rows: pd.Series[bool]
    columns: tuple[str, ...]
    only_warn: bool = False
    derived: pd.Series[Any] | None = None
    told: pd.Series[str] | None = None


Check = Callable[[Tables], Iterable[Found]]
"""From tables (those a rule names; the optional ones may be absent) to the rows found, one ``Found`` a kind of hit."""
