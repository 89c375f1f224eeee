"""What an attacker can derive of hidden cells from all that is shown and known, together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.errors import DisclosureRefused

WHOLE = 300  # so many leaf counts are solved in whole numbers; more by linear programmes, which give an attacker no more than the truth


def intervals(tables: LinkedTables, hidden: Flags, positions: Cells | None = None) -> pd.DataFrame:
    """
    Return the least and largest count that each hidden cell can have.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    hidden : array of bool, (cells,)
        What is not shown.
    positions : array of int, optional
        Cells to derive; all hidden ones by default.

    Returns
    -------
    DataFrame
        Rows ``position, key, low, high, whole``; ``high`` is infinite where nothing bounds it.
    """
    low, high = np.where(hidden, -np.inf, tables.counts), np.where(hidden, np.inf, tables.counts)
    return intervals_given(tables, low, high, np.flatnonzero(hidden) if positions is None else positions)


def intervals_given(tables: LinkedTables, low: Floats, high: Floats, positions: Cells) -> pd.DataFrame:
    """
    Return the least and largest count of some cells when each cell is known to lie in a range.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    low, high : arrays, (cells,)
        What is shown of each cell: equal for a count, apart for a rounded one, infinite for a hidden one.
    positions : array of int
        Cells to derive.
    """
    fixed, part = _parts(tables, low, high)
    found = []
    for cell in positions:
        inside = tables.rows.indices[tables.rows.indptr[cell] : tables.rows.indptr[cell + 1]]
        free = inside[~fixed[inside]]
        certain = float(tables.leaves[inside[fixed[inside]]].sum() + tables.offsets[cell])
        variables = np.flatnonzero(np.isin(part, part[free]) & ~fixed)
        whole = len(variables) <= WHOLE
        ends = _ends(tables, low, high, int(cell), variables, whole) if len(variables) else (0.0, 0.0)
        found.append((int(cell), tables.keys[cell], certain + ends[0], certain + ends[1], whole))
    return pd.DataFrame(found, columns=["position", "key", "low", "high", "whole"])


def _parts(tables: LinkedTables, low: Floats, high: Floats) -> tuple[Flags, Cells]:
    """Return the leaf counts that equations with one unknown give away, and for the others the part that they are linked in."""
    shown = np.flatnonzero(low == high)
    equations = abs(sparse.vstack([tables.rows[shown], tables.ties], format="csr"))
    fixed = np.zeros(len(tables.leaves), dtype=bool)
    while True:
        alone = np.flatnonzero(equations @ (~fixed).astype("float64") == 1.0)
        new = (equations[alone].sum(axis=0) > 0) & ~fixed
        if not new.any():
            break
        fixed |= new
    ranged = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    links = abs(sparse.vstack([tables.rows[ranged], tables.ties, tables.known], format="csc"))[:, np.flatnonzero(~fixed)]
    part = np.full(len(fixed), -1, dtype="int32")
    part[~fixed] = sparse.csgraph.connected_components(links.T @ links, directed=False)[1]
    return fixed, part


def _ends(tables: LinkedTables, low: Floats, high: Floats, cell: int, variables: Cells, whole: bool) -> tuple[float, float]:
    """Return the least and largest sum of the free leaf counts of a cell."""
    ranged = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    matrix = sparse.vstack([tables.rows[ranged], tables.ties, tables.known], format="csr")
    truth = tables.leaves.copy()
    truth[variables] = 0.0
    rest = matrix @ truth
    none = np.zeros(tables.ties.shape[0])
    least = np.concatenate([(low - tables.offsets)[ranged], none, tables.known_low]) - rest
    most = np.concatenate([(high - tables.offsets)[ranged], none, tables.known_high]) - rest
    here = matrix[:, variables]
    used = np.flatnonzero(np.diff(here.indptr))
    gain = tables.rows[[cell]][:, variables].toarray().ravel()
    constraints = LinearConstraint(sparse.csc_array(here[used]), least[used], most[used]) if len(used) else ()
    ends = []
    for sign in (1.0, -1.0):
        solved = milp(sign * gain, bounds=Bounds(0, np.inf), constraints=constraints, integrality=np.full(len(gain), int(whole)))
        if solved.status in {3, 4}:
            ends.append(sign * -np.inf)
        elif solved.x is None or solved.status != 0:
            raise DisclosureRefused(f"no register agrees with what is shown ({solved.message}); shown counts must come from one register")
        else:
            ends.append(float(gain @ solved.x))
    return (round(ends[0]), round(ends[1])) if whole and np.isfinite(ends).all() else (ends[0], ends[1])
