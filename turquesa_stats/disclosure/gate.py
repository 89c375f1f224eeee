"""The gate between measures and pages: ``protect`` is the only maker of a ``PublishableTable``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from turquesa_stats.errors import DisclosureRefused

Kind = Literal["share", "count", "curve", "quartiles"]


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
    rounded : (int, int), optional
        What is printed instead of its count and of the whole, where counts are rounded.
    """

    cell: str = ""
    whole: str = ""
    rounded: tuple[int, int] | None = None

    @property
    def reason(self) -> str:
        """Why the row is hidden; empty where it is shown."""
        return self.cell or self.whole


REASONS = ("small", "dominance", "complement", "secondary", "period")


@dataclass(frozen=True, slots=True)
class Withheld:
    """
    How many rows of a table were hidden, by reason. For the register's keeper: of one table it would tell which cells are small.

    Attributes
    ----------
    small : int
        The count is below k; zeros too, where these are hidden.
    dominance : int
        One case has most of the persons.
    complement : int
        What the count leaves of its total is small.
    secondary : int
        Hidden so that others do not follow by subtraction.
    period : int
        Counts of the period are not published.
    """

    small: int = 0
    dominance: int = 0
    complement: int = 0
    secondary: int = 0
    period: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Withheld:
        """Return how many verdicts hide their row, by reason."""
        counted = Counter(one.reason for one in verdicts)
        return cls(*(counted[reason] for reason in REASONS))

    @property
    def total(self) -> int:
        """All hidden rows."""
        return sum(getattr(self, reason) for reason in REASONS)


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
    base : int
        What counts are rounded to multiples of; 0 where they are not.
    """

    frame: pd.DataFrame
    origin: Origin
    citations: tuple[str, ...]
    withheld: Withheld
    k: int
    made_by: object = field(repr=False, compare=False)
    base: int = 0

    def __post_init__(self) -> None:
        """Refuse to exist unless ``protect`` made it."""
        if self.made_by is not _MADE_BY_GATE:
            raise DisclosureRefused("only turquesa_stats.disclosure.gate.protect makes a PublishableTable; pass the raw table to it")


def without_hidden(table: PublishableTable, by: str) -> PublishableTable:
    """Return the table without the values of ``by`` of which every row is hidden: none, few and hidden then look the same."""
    shown = table.frame["flag"].ne("suppressed").groupby(table.frame[by]).transform("any")
    return replace(table, frame=table.frame[shown].reset_index(drop=True))


def protect(
    table: pd.DataFrame,
    origin: Origin,
    citations: Sequence[str],
    k: int = 0,
    verdicts: Sequence[Verdict] = (),
    *,
    kind: Kind = "share",
    base: int = 0,
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
    kind : {"share", "count", "curve", "quartiles"}
        What ``value`` is: ``count`` / ``n``, the count itself, a share that follows from dates too, or a median of ``n`` persons.
    base : int
        What the counts of the verdicts are rounded to; 0 where they are not.

    Raises
    ------
    DisclosureRefused
        If there is no citation, or case-level rows lack ``count``, ``n``, a verdict or, with a base, the rounded count.
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
    hidden = _emptied(table.reset_index(drop=True), verdicts)
    if base:
        hidden = _rounded(hidden, verdicts, base, kind)
    elif kind == "quartiles":
        hidden = _of_enough(hidden, k)
    return PublishableTable(hidden, origin, cited, Withheld.of(verdicts), k, _MADE_BY_GATE, base)


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


def _of_enough(table: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the rows without medians of fewer than 2 k persons and quartiles of fewer than 4 k: k at least lie on each side of each."""
    few, fewer = table["n"].lt(4 * k), table["n"].lt(2 * k)
    ends = {name: table[name].mask(few) for name in ("low", "high")}
    return table.assign(value=table["value"].mask(fewer), **ends, flag=table["flag"].mask(fewer, "suppressed"))


def _rounded(table: pd.DataFrame, verdicts: Sequence[Verdict], base: int, kind: Kind) -> pd.DataFrame:
    """
    Return the rows with rounded counts, and shares of these between the bounds that rounding leaves.

    What follows from more than count and n is not printed. Answers in the order of their counts are put in that of the rounded ones, as an
    order tells too.
    """
    shown = table["flag"].ne("suppressed")
    if any(one.rounded is None and not one.reason for one in verdicts):
        raise DisclosureRefused("counts are to be rounded, but a row has no rounded count; all tables of a register are rounded together")
    counts = [one.rounded or (np.nan, np.nan) for one in verdicts]
    count, n = (pd.Series([pair[place] for pair in counts], index=table.index, dtype="float64").where(shown) for place in (0, 1))
    least, most = n.sub(base - 1).clip(lower=0), n.add(base - 1)
    share = kind == "share"
    ends = {
        "value": (count / n.where(n.gt(0))).clip(upper=1) if share else count if kind == "count" else np.nan,
        "low": count.sub(base - 1).clip(lower=0) / most if share else np.nan,
        "high": (count.add(base - 1) / least.where(least.gt(0))).fillna(1.0).clip(upper=1).where(shown) if share else np.nan,
    }
    found = table.assign(count=count, n=n, **ends, method="rounded")
    nothing = found["value"].isna()
    found = found.assign(flag=found["flag"].mask(nothing, "suppressed"), **{end: found[end].mask(nothing) for end in ("low", "high")})
    ranked = "code" in found and ("group" not in found or len(found["group"].unique()) < 2)
    return found.sort_values(["count", "code"], ascending=[False, True], ignore_index=True) if ranked else found
