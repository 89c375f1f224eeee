"""The gate between measures and pages: ``protect`` is the only maker of a ``PublishableTable``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from turquesa_stats.errors import DisclosureRefused


class Origin(StrEnum):
    """Where numbers come from, which decides what protects them."""

    OFFICIAL = "official"  # published already by its source: passes as it stands
    CASES = "cases"  # counted from case-level records
    SYNTHETIC = "synthetic"  # counted from demonstration records: protected as if real, and marked on every page


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What was decided of one row, over all tables that are linked with it.

    Attributes
    ----------
    cell : str
        Why its count is hidden; empty where it is shown.
    whole : str
        Why the count that it is a share of is hidden.
    """

    cell: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """How many rows of a table were hidden for themselves, in addition, and because their period is not published."""

    primary: int = 0
    complementary: int = 0
    period: int = 0

    @property
    def total(self) -> int:
        """All hidden rows."""
        return self.primary + self.complementary + self.period


_MADE_BY_GATE = object()
_HIDDEN_COLUMNS = ("value", "low", "high")
_NEVER_SHOWN = ("at_risk",)  # the number still waiting tells how many ended


@dataclass(frozen=True)
class PublishableTable:
    """
    A table that may stand on a page.

    Attributes
    ----------
    frame : DataFrame
        The rows, hidden ones emptied and flagged.
    origin : Origin
        Where the numbers come from.
    citations : tuple of str
        The sources to print under it.
    withheld : Withheld
        What was hidden.
    k : int
        Smallest count printed; 0 for official figures.
    """

    frame: pd.DataFrame
    origin: Origin
    citations: tuple[str, ...]
    withheld: Withheld
    k: int
    made_by: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse to exist unless ``protect`` made it."""
        if self.made_by is not _MADE_BY_GATE:
            raise DisclosureRefused("only turquesa_stats.disclosure.gate.protect makes a PublishableTable; pass the raw table to it")


def without_hidden(table: PublishableTable, by: str) -> PublishableTable:
    """Return the table without the values of ``by`` of which every row is hidden: none, few and hidden then look the same."""
    shown = table.frame["flag"].ne("suppressed").groupby(table.frame[by]).transform("any")
    return replace(table, frame=table.frame[shown].reset_index(drop=True))


def protect(
    table: pd.DataFrame, origin: Origin, citations: Sequence[str], k: int = 0, verdicts: Sequence[Verdict] = ()
) -> PublishableTable:
    """
    Return what may be published of a table.

    Parameters
    ----------
    table : DataFrame
        Rows with ``count`` and ``n`` (case-level), or official figures as their source published them.
    origin : Origin
        Case-level counts are hidden as decided; official figures pass as published, censored ones as intervals.
    citations : sequence of str
        The sources; at least one.
    k : int
        Smallest case-level count that is printed, to be told under the table.
    verdicts : sequence of Verdict
        Of case-level rows, one each: decided over all linked tables together, as a table alone cannot tell what others give away.

    Raises
    ------
    DisclosureRefused
        If there is no citation, or case-level rows lack ``count``, ``n`` or a verdict.
    """
    cited = tuple(dict.fromkeys(citations))
    if not cited:
        raise DisclosureRefused("a table without a source cannot be published; pass its citations")
    if origin is Origin.OFFICIAL:
        return PublishableTable(table.copy(), origin, cited, Withheld(), 0, _MADE_BY_GATE)
    if not {"count", "n"} <= set(table):
        raise DisclosureRefused(f"case-level rows need columns count and n to be protected; found {', '.join(table.columns)}")
    if len(verdicts) != len(table):
        raise DisclosureRefused(
            f"{len(table)} case-level rows have {len(verdicts)} verdicts; each needs one (turquesa_stats.reporting.protection)"
        )
    return PublishableTable(_emptied(table.reset_index(drop=True), verdicts), origin, cited, _withheld(verdicts), k, _MADE_BY_GATE)


def _emptied(table: pd.DataFrame, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the rows without what is hidden: a share needs its count and the whole; a count alone stays, its row flagged all the same."""
    hidden = pd.Series([bool(one.cell or one.whole) for one in verdicts], index=table.index, dtype="bool")
    whole = pd.Series([bool(one.whole) for one in verdicts], index=table.index, dtype="bool")
    cell = pd.Series([bool(one.cell) for one in verdicts], index=table.index, dtype="bool")
    emptied = {name: table[name].astype("float64").mask(hidden, np.nan) for name in _HIDDEN_COLUMNS if name in table}
    emptied["count"] = table["count"].astype("float64").mask(cell, np.nan)
    flag = (table["flag"] if "flag" in table else pd.Series("", index=table.index)).mask(hidden, "suppressed")
    told = [name for name in table.columns if name not in _NEVER_SHOWN]
    return table[told].assign(**emptied, n=table["n"].astype("float64").mask(whole, np.nan), flag=flag)


def _withheld(verdicts: Sequence[Verdict]) -> Withheld:
    reasons = [one.cell or one.whole for one in verdicts]
    return Withheld(
        primary=sum(reason not in {"", "secondary", "period"} for reason in reasons),
        complementary=reasons.count("secondary"),
        period=reasons.count("period"),
    )
