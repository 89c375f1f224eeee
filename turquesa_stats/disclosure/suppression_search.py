"""Which further cells to hide, found quickly: repair by the cheapest movement, then show again what need not be hidden."""

from __future__ import annotations

import numpy as np

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.disclosure.movements import NEAR, find_movement
from turquesa_stats.disclosure.proofs import Proofs
from turquesa_stats.errors import DisclosureRefused

FEW = 4000  # cells to protect times cells: up to this, they are repaired one by one, in several orders
TOGETHER = 12  # more are repaired so many at a time
TRIES = 60, 2  # attempts to show a cell again where there are few to protect, and where there are more
PATIENCE = 60, 4  # so many cells are proven one by one in an attempt


def search(tables: LinkedTables, needs: Floats, forced: Flags, prices: Floats) -> tuple[Flags, Proofs]:
    """
    Return which cells to hide, and the proof that this protects every cell that needs it.

    For a cell without protection the cheapest movement that gives it is found (Kelly, Golden and Assad 1992) and the shown cells that it
    moves are hidden. When all are protected, the dearest cells are shown again one by one where the others still protect. Small systems are
    done in several orders, and the cheapest result is kept. The same system always gives the same result.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    needs : array, (cells,)
        Width that each cell must keep; 0 where none is asked.
    forced : array of bool, (cells,)
        Cells that are never shown.
    prices : array, (cells,)
        What hiding each costs; infinite where it must be shown.

    Raises
    ------
    DisclosureRefused
        If no proof is found even with everything hidden that may be.
    """
    few = int((needs > 0).sum()) * len(needs) <= FEW
    results = []
    for descending, one_way in ((True, True), (True, False), (False, True), (False, False)) if few else ((False, True),):
        hidden, proofs = _repaired(tables, needs, forced, prices, descending, one_way, 1 if few else TOGETHER)
        hidden = _shown_again(hidden, proofs, forced, prices, TRIES[not few], PATIENCE[not few])
        results.append((float(prices[hidden & ~forced].sum()), hidden, proofs))
    _, hidden, proofs = min(results, key=lambda result: result[0])
    return hidden, proofs


def _repaired(
    tables: LinkedTables, needs: Floats, forced: Flags, prices: Floats, descending: bool, one_way: bool, together: int
) -> tuple[Flags, Proofs]:
    """Hide until everything is protected."""
    hidden, proofs = forced.copy(), Proofs.none_yet(tables, needs)
    proofs.search(hidden)
    while len(left := proofs.open()):
        order = left[np.argsort(tables.counts[left] * (-1 if descending else 1), kind="stable")][:together]
        before = int(hidden.sum())
        for group, way in ((order, one_way), (order[:1], one_way), (order[:1], False)):
            if _repair(proofs, hidden, prices, group, way):
                break
        else:
            _repair_whole(proofs, hidden, prices, int(order[0]))
        if int(hidden.sum()) == before:
            proofs.search(hidden)
    return hidden, proofs


def _repair(proofs: Proofs, hidden: Flags, prices: Floats, group: Cells, one_way: bool) -> bool:
    """Hide what the cheapest movement of some cells moves; say whether it protects one of them in whole numbers."""
    goals = [(int(cell), 1.0, float(proofs.needs[cell])) for cell in group]
    found = find_movement(proofs.tables, hidden, goals, cost=prices, one_way=one_way)
    if found is None or (found.widths[group] < proofs.needs[group] - NEAR).all():
        return False
    hidden |= found.moved
    return proofs.add(found, proofs.open()) or proofs.prove(hidden, int(group[0]))


def _repair_whole(proofs: Proofs, hidden: Flags, prices: Floats, cell: int) -> None:
    """Protect a cell that only fractions of people protect so far: by whole movements, else by hiding all around it, else everything."""
    found = find_movement(proofs.tables, hidden, [(cell, 1.0, float(proofs.needs[cell]))], cost=prices, whole=True)
    if found is not None and found.widths[cell] >= proofs.needs[cell] - NEAR:
        hidden |= found.moved
        if proofs.add(found, proofs.open()):
            return
    free = np.isfinite(prices)
    around = proofs.tables.rows @ proofs.tables.rows[[cell]].T
    for wider in (around.toarray().ravel() > 0, np.ones(len(hidden), dtype=bool)):
        hidden |= wider & free
        if proofs.prove(hidden, cell):
            return
    raise DisclosureRefused(
        "a cell could not be proven safe with everything hidden that may be; publish fewer tables or let more be hidden"
    )


def _shown_again(hidden: Flags, proofs: Proofs, forced: Flags, prices: Floats, attempts: int, patience: int) -> Flags:
    """Return what must stay hidden, after trying to show the dearest cells; ``proofs`` follow."""
    hidden = forced | (hidden & proofs.moved())
    candidates = np.flatnonzero(hidden & ~forced)
    tries = 0
    for cell in candidates[np.argsort(-prices[candidates], kind="stable")]:
        if not hidden[cell] or tries >= attempts:
            continue
        tries += 1
        fewer, trial = hidden.copy(), proofs.copy()
        fewer[cell] = False
        trial.withdraw(fewer)
        if trial.prove_all(fewer, patience):
            proofs.movements, proofs.by = trial.movements, trial.by
            hidden = forced | (fewer & proofs.moved())
    return hidden
