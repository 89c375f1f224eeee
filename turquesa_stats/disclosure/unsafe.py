"""Which cells must not be found out for their own sake, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.errors import DisclosureRefused


class Reason(StrEnum):
    """Why a cell is unsafe; the first that holds."""

    SMALL = "small"  # fewer than k units
    COMPLEMENT = "complement"  # never printed itself, but what a printed cell leaves of its total is 1 to k - 1
    DOMINANCE = "dominance"  # one cluster, such as one case, has most of its units


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What makes a cell unsafe.

    Attributes
    ----------
    k : int
        Smallest count that may be printed, and least width (high - low) of what an attacker can derive of an unsafe cell.
    hide_zero : bool
        Whether 0 is hidden with the small counts; if not, whoever reads a hidden cell knows that it is not 0.
    dominance : float, optional
        Largest share of a cell's units that one cluster may have.
    """

    k: int
    hide_zero: bool = True
    dominance: float | None = None

    def __post_init__(self) -> None:
        """Refuse a threshold under 2 and a share outside 0 to 1."""
        if self.k < 2:
            raise DisclosureRefused(f"a threshold of {self.k} hides nothing; it must be 2 or more")
        if self.dominance is not None and not 0 < self.dominance <= 1:
            raise DisclosureRefused(f"a dominance of {self.dominance:g} is no share; give one above 0 and at most 1")


def unsafe(tables: LinkedTables, rule: Rule) -> pd.DataFrame:
    """
    Return the unsafe cells.

    A printed cell is small below ``k``, by its units or by what it prints. A cell that is only protected is unsafe from 1 to ``k`` - 1:
    in one of 0 there is nobody to be found. Cells that can hold nobody are safe.

    Returns
    -------
    DataFrame
        Rows ``position, key, count, reason``. Not for print: it holds the hidden counts.
    """
    units = tables.counts - tables.offsets
    least = np.minimum(units, tables.counts)
    possible = np.diff(tables.rows.indptr) > 0
    small = possible & tables.printed & (least < rule.k) & (rule.hide_zero | (least > 0))
    complement = possible & ~tables.printed & (least < rule.k) & (np.maximum(units, tables.counts) > 0)
    dominated = np.zeros(len(units), dtype=bool) if rule.dominance is None else possible & (tables.dominance > rule.dominance)
    reasons = np.select([small, complement, dominated], [Reason.SMALL, Reason.COMPLEMENT, Reason.DOMINANCE], default="")
    positions = np.flatnonzero(reasons != "")
    return pd.DataFrame(
        {
            "position": positions,
            "key": [tables.keys[place] for place in positions],
            "count": tables.counts[positions],
            "reason": [str(reasons[place]) for place in positions],
        }
    )
