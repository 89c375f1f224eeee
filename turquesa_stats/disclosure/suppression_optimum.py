"""Which further cells to hide at the least cost, exactly: for small systems, and to measure the quick search against."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.disclosure.movements import NEAR, find_movement
from turquesa_stats.disclosure.proofs import Proofs

ROUNDS = 200
_Cut = frozenset[int]


def optimum(tables: LinkedTables, needs: Floats, forced: Flags, prices: Floats, rounds: int = ROUNDS) -> tuple[Flags, Proofs] | None:
    """
    Return the cheapest set of cells to hide, and the proof that it protects every cell that needs it.

    A master programme chooses cells (HiGHS). Each cell that its choice leaves open gives a cut: a least set of shown cells that open it,
    of which one must be hidden (the cover form of the cuts of Fischetti and Salazar 2001). Repeated until nothing is open; the
    choice is then the cheapest of all, also against an attacker who knows that people are not divided.

    Parameters
    ----------
    tables, needs, forced, prices
        As in :func:`turquesa_stats.disclosure.suppression_search.search`.
    rounds : int
        Most choices to try.

    Returns
    -------
    tuple or None
        None if the rounds do not suffice, or nothing that may be hidden protects.
    """
    free = np.flatnonzero(~forced & np.isfinite(prices))
    proofs, cuts = Proofs.none_yet(tables, needs), list[_Cut]()
    for _ in range(rounds):
        chosen = _cheapest(free, prices, cuts)
        if chosen is None:
            return None
        hidden = forced.copy()
        hidden[chosen] = True
        _reuse(proofs, hidden)
        found = [_cut(proofs, hidden, int(cell)) for cell in proofs.open() if not proofs.prove(hidden, int(cell))]
        if not found:
            return hidden, proofs
        cuts += [cut for cut in dict.fromkeys(found) if cut not in cuts]
    return None


def _cheapest(free: Cells, prices: Floats, cuts: list[_Cut]) -> Cells | None:
    """Return the cheapest cells that meet every cut, or None if none do."""
    if not cuts:
        return free[:0]
    if not len(free):
        return None
    place = {int(cell): index for index, cell in enumerate(free)}
    meets = sparse.lil_array((len(cuts), len(free)))
    for row, cut in enumerate(cuts):
        for cell in cut & place.keys():
            meets[row, place[cell]] = 1.0
    solved = milp(
        prices[free],
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(sparse.csc_array(meets), 1, np.inf),
        integrality=np.ones(len(free), dtype=int),
        options={"mip_rel_gap": 0.0},
    )
    return None if solved.x is None else free[solved.x > 0.5]


def _reuse(proofs: Proofs, hidden: Flags) -> None:
    """Take up again every movement found before that the hidden cells allow, and give up the others."""
    proofs.by[:] = -1
    for place, movement in enumerate(proofs.movements):
        if not (movement.moved & ~hidden).any():
            left = proofs.open()
            proofs.by[left[movement.widths[left] >= proofs.needs[left] - NEAR]] = place


def _cut(proofs: Proofs, hidden: Flags, cell: int) -> _Cut:
    """Return a least set of shown cells, by removal, that opens a cell however the others are hidden."""
    need = float(proofs.needs[cell])
    linear = find_movement(proofs.tables, hidden, [(cell, 1.0, need)])
    whole = linear is not None and linear.widths[cell] >= need - NEAR
    shown = np.flatnonzero(~hidden) if whole else _used(proofs.tables, hidden, cell)
    for one in shown[np.argsort(proofs.tables.counts[shown], kind="stable")]:
        fewer = np.ones(len(hidden), dtype=bool)
        fewer[shown[shown != one]] = False
        found = find_movement(proofs.tables, fewer, [(cell, 1.0, need)], whole=whole)
        if found is not None and found.widths[cell] < need - NEAR:
            shown = shown[shown != one]
    return frozenset(int(one) for one in shown)


def _used(tables: LinkedTables, hidden: Flags, cell: int) -> Cells:
    """Return the shown cells that the duals of a cell's least and largest value use: without the others it is as open."""
    shown = np.flatnonzero(~hidden)
    equal = sparse.vstack([tables.rows[shown], tables.ties], format="csc")
    right = np.concatenate([(tables.counts - tables.offsets)[shown], np.zeros(tables.ties.shape[0])])
    finite = np.isfinite(tables.known_high), np.isfinite(tables.known_low)
    facts = sparse.vstack([tables.known[np.flatnonzero(finite[0])], -tables.known[np.flatnonzero(finite[1])]], format="csc")
    ends = np.concatenate([tables.known_high[finite[0]], -tables.known_low[finite[1]]])
    used = np.zeros(len(shown), dtype=bool)
    for sign in (1.0, -1.0):
        solved = linprog(sign * tables.rows[[cell]].toarray().ravel(), A_eq=equal, b_eq=right, A_ub=facts, b_ub=ends, method="highs")
        if solved.status == 0:
            used |= np.abs(solved.eqlin.marginals[: len(shown)]) > 1e-9
    return shown[used]
