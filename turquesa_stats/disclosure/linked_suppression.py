"""What to hide of an edition's linked tables, so that no unsafe cell can be narrowed to less than the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from turquesa_stats.disclosure.arrays import Flags, Floats
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.disclosure.proofs import achievable
from turquesa_stats.disclosure.suppression_optimum import optimum
from turquesa_stats.disclosure.suppression_search import search
from turquesa_stats.disclosure.unsafe import Rule, unsafe

EXACT = 30  # so many cells that may be hidden are chosen among exactly


@dataclass(frozen=True, slots=True)
class LinkedSuppression:
    """
    What is hidden.

    Attributes
    ----------
    tables : LinkedTables
        The system.
    unsafe : DataFrame
        The cells that are unsafe for themselves, with their reason and ``width``: what an attacker must leave open. Not for print.
    hidden : array of bool, (cells,)
        Cells not to be printed; those that are only protected are among them.
    exact : bool
        Whether no cheaper choice exists.
    """

    tables: LinkedTables
    unsafe: pd.DataFrame
    hidden: Flags
    exact: bool

    def frame(self) -> pd.DataFrame:
        """
        Return every printed cell: ``key, count, status``, with an empty count where hidden.

        The status is ``shown``, ``primary`` or ``secondary``. For the register's keeper only: readers must not learn which of the two.
        """
        status = np.where(self.hidden, "secondary", "shown").astype(object)
        status[self.unsafe["position"].to_numpy("int64")] = "primary"
        found = pd.DataFrame({"key": self.tables.keys, "count": np.where(self.hidden, np.nan, self.tables.counts), "status": status})
        return found[self.tables.printed].reset_index(drop=True)


def information(tables: LinkedTables) -> Floats:
    """
    Return what hiding each cell costs: its weight times log(2 + count), so that totals are dearer than parts and no cell is free.

    Cells that are only protected cost nothing, and those that can hold nobody are never hidden: everyone knows them.
    """
    prices = tables.weights * np.log(2.0 + np.maximum(tables.counts, 0.0))
    prices[np.diff(tables.rows.indptr) == 0] = np.inf
    return prices


def suppress_linked(tables: LinkedTables, rule: Rule, prices: Floats | None = None) -> LinkedSuppression:
    """
    Return what to hide of linked tables: the unsafe cells, and the cheapest others found so that none can be narrowed.

    Every unsafe cell keeps, against an attacker who has all shown cells and all that is known, two registers of whole numbers between which
    it differs by ``rule.k`` or more; where public knowledge alone narrows it to less, it keeps that. Small parts are solved exactly,
    others by a search. The attacker is taken not to know which hidden cells are the unsafe ones, nor to be one of the persons counted.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    rule : Rule
        What is unsafe.
    prices : array, (cells,), optional
        What hiding each cell costs; :func:`information` by default. Infinite: must be shown.

    Raises
    ------
    DisclosureRefused
        If some cell cannot be protected.
    """
    found = unsafe(tables, rule)
    costs = information(tables) if prices is None else prices
    primary = np.zeros(len(tables.keys), dtype=bool)
    primary[found["position"].to_numpy("int64")] = True
    hidden = primary | (~tables.printed & (np.diff(tables.rows.indptr) > 0))
    needs, exact = np.zeros(len(primary)), True
    for cells, variables in tables.blocks():
        if not primary[cells].any():
            continue
        part = tables.part(cells, variables)
        asked = achievable(part, np.flatnonzero(primary[cells]), float(rule.k))
        few = int((~hidden[cells] & np.isfinite(costs[cells])).sum()) <= EXACT
        best = optimum(part, asked, hidden[cells], costs[cells]) if few else None
        exact &= best is not None
        hidden[cells] = (best or search(part, asked, hidden[cells], costs[cells]))[0]
        needs[cells] = asked
    return LinkedSuppression(tables, found.assign(width=needs[primary]), hidden, exact)
