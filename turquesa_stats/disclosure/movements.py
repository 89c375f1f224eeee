"""Registers that an attacker cannot tell from the true one: movements of units that leave every shown cell as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from highspy import HighsLp, HighsModelStatus, MatrixFormat
from highspy._core import _Highs  # the public class prints its name on being made, before it can be silenced
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats, Matrix
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.errors import DisclosureRefused

NEAR = 1e-6
NODES = 2000


@dataclass(frozen=True, slots=True)
class Movement:
    """
    Two registers that agree with everything that is shown.

    Attributes
    ----------
    widths : array, (cells,)
        By how much each cell differs between the two, at least what an attacker must leave open.
    moved : array of bool, (cells,)
        Cells that differ from the truth in either of them: they have to stay hidden for this proof.
    whole : bool
        Whether both registers have whole numbers.
    """

    widths: Floats
    moved: Flags
    whole: bool


def find_movement(
    tables: LinkedTables,
    hidden: Flags,
    wanted: Sequence[tuple[int, float, float]],
    *,
    cost: Floats | None = None,
    whole: bool = False,
    one_way: bool = False,
    in_full: bool = False,
) -> Movement | None:
    """
    Return two registers between which the wanted cells differ as much as can be.

    A linear programme over both registers at once (sliding protection of Fischetti and Salazar 2001, section 2). With ``cost``, shown cells
    may move too, and each unit moved costs so much (Kelly, Golden and Assad 1992): those that do would have to be hidden.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    hidden : array of bool, (cells,)
        Cells that may move freely.
    wanted : sequence of (position, sign, width)
        Cells that should differ, in which direction, and by how much at most to be counted.
    cost : array, (cells,), optional
        Price for each unit by which a shown cell moves; infinite where it must not. Without it none moves.
    whole : bool
        Whether both registers must have whole numbers.
    one_way : bool
        Whether one of the two registers is the true one: quicker, and finds less.
    in_full : bool
        Whether only registers count between which all that is wanted differs in full: without any, whole numbers are not looked for.

    Returns
    -------
    Movement or None
        None if the solver came to no answer within its limit of nodes, or there is none in full.
    """
    rows, truth = tables.rows, tables.leaves
    soft = np.zeros(0, dtype="int64") if cost is None else np.flatnonzero(~hidden & np.isfinite(cost))
    hard = ~hidden
    hard[soft] = False
    positions = np.array([position for position, _, _ in wanted], dtype="int64")
    signs = np.array([sign for _, sign, _ in wanted])
    size, moves, goals = len(truth), len(soft), len(wanted)
    still = _without_empty(sparse.vstack([tables.ties, rows[np.flatnonzero(hard)]]))
    facts, public = tables.known, tables.known @ tables.leaves
    price = np.zeros(0) if cost is None else np.tile(cost[soft], 2)
    one = _one_register(still, facts, rows[soft])
    gain = sparse.csr_array(rows[positions] * signs[:, None])
    side = sparse.hstack([gain, sparse.csr_array((goals, 2 * moves))])
    sides = 1 if one_way else 2
    blocks = [[one if i == j else None for j in range(sides)] + [None] for i in range(sides)]
    matrix = sparse.block_array([*blocks, [*(-side, side)[:sides], sparse.eye_array(goals)]], format="csc")
    low = np.concatenate([np.zeros(still.shape[0]), tables.known_low - public, np.zeros(moves)])
    high = np.concatenate([np.zeros(still.shape[0]), tables.known_high - public, np.zeros(moves)])
    floor = np.concatenate([-truth, np.zeros(2 * moves)])
    reward = 1.0 if cost is None else 4.0 * max(float(price.max(initial=0.0)), 1.0) * max(len(soft), 1)
    objective = np.concatenate([np.zeros(size), price])
    programme = _Programme(
        np.concatenate([np.tile(objective, sides), -reward * _distinct(goals)]),
        np.concatenate([np.tile(floor, sides), np.zeros(goals)]),
        np.concatenate([np.full(sides * len(floor), np.inf), [width for _, _, width in wanted]]),
        matrix,
        np.concatenate([np.tile(low, sides), np.full(goals, -np.inf)]),
        np.concatenate([np.tile(high, sides), np.zeros(goals)]),
        goals,
    )
    in_units = np.concatenate([np.tile(np.repeat([whole, False], [size, 2 * moves]), sides), np.zeros(goals, dtype=bool)])
    found = _least(programme, in_units, in_full)
    if found is None:
        return None
    up, down = found[:size], np.zeros(size) if one_way else found[len(floor) : len(floor) + size]
    return _movement(tables, up, down)


@dataclass(frozen=True, slots=True)
class _Programme:
    """The cheapest point within bounds and equations; the last ``goals`` variables are what is wanted, at most their upper bounds."""

    cost: Floats
    low: Floats
    high: Floats
    matrix: Matrix
    least: Floats
    most: Floats
    goals: int

    def is_full(self, point: Floats) -> bool:
        """Whether a point has all that is wanted in full."""
        return bool((point[-self.goals :] > self.high[-self.goals :] - NEAR).all())

    def over(self, columns: Cells) -> _Programme:
        """Return the programme in which all other variables are 0."""
        matrix = sparse.csr_array(self.matrix[:, columns])
        used = np.flatnonzero(np.diff(matrix.indptr))
        bounds = self.cost[columns], self.low[columns], self.high[columns]
        return _Programme(*bounds, sparse.csc_array(matrix[used]), self.least[used], self.most[used], self.goals)


def _least(programme: _Programme, whole: Flags, in_full: bool) -> Floats | None:
    """
    Return the cheapest point, or None where whole numbers were not found within :data:`NODES`.

    Whole numbers are first looked for among the variables that fractions move: mostly they suffice for all that is wanted, which is then
    the most, in a tenth of the time.
    """
    found, told = _linear(programme)
    if found is None:
        raise DisclosureRefused(f"the solver found no register at all ({told}); the true one is one: report this as a fault")
    if not programme.is_full(found) and in_full:
        return None
    if np.abs(found - np.rint(found))[whole].max(initial=0.0) < NEAR:
        return found
    few = np.flatnonzero((np.abs(found) > NEAR) | ~whole)
    solved = _in_whole_numbers(programme.over(few), whole[few])
    if solved is not None and programme.is_full(solved):
        found = np.zeros(len(whole))
        found[few] = solved
        return found
    return _in_whole_numbers(programme, whole)


def _in_whole_numbers(programme: _Programme, whole: Flags) -> Floats | None:
    bounds, equations = Bounds(programme.low, programme.high), LinearConstraint(programme.matrix, programme.least, programme.most)
    solved = milp(programme.cost, bounds=bounds, constraints=equations, integrality=whole.astype(int), options={"node_limit": NODES})
    return None if solved.x is None else np.asarray(solved.x, dtype="float64")


def _linear(programme: _Programme) -> tuple[Floats | None, str]:
    """Return the cheapest point, and the solver's word; asked of HiGHS itself, as SciPy takes longer to hand over than it to solve."""
    model, matrix = HighsLp(), programme.matrix
    model.num_col_ = model.a_matrix_.num_col_ = len(programme.cost)
    model.num_row_ = model.a_matrix_.num_row_ = len(programme.least)
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.low, programme.high
    model.row_lower_, model.row_upper_ = programme.least, programme.most
    model.a_matrix_.format_ = MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)  # a process that forks must have no others
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    if status != HighsModelStatus.kOptimal:
        return None, solver.modelStatusToString(status)
    return np.array(solver.getSolution().col_value), ""


def _one_register(still: Matrix, facts: Matrix, soft: Matrix) -> Matrix:
    """Return the equations of one register: what stays, what is public, and shown cells that move at a price, up and down."""
    ones = sparse.eye_array(soft.shape[0])
    return sparse.csr_array(sparse.block_array([[still, None, None], [facts, None, None], [soft, -ones, ones]]))


def _movement(tables: LinkedTables, up: Floats, down: Floats) -> Movement:
    """Return a movement with its changes rounded to whole units where they are whole and then still agree."""
    rounded = np.rint(up), np.rint(down)
    whole = bool(np.abs(up - rounded[0]).max(initial=0.0) < NEAR and np.abs(down - rounded[1]).max(initial=0.0) < NEAR)
    if whole:
        up, down = rounded
    change_up, change_down = tables.rows @ up, tables.rows @ down
    moved = (np.abs(change_up) > NEAR) | (np.abs(change_down) > NEAR)
    return Movement(np.abs(change_up - change_down), moved, whole)


def _distinct(goals: int) -> Floats:
    """Return weights just above 1 that differ, so that a programme with many goals reaches some in full rather than all by half."""
    fractions: Floats = np.modf(np.arange(1, goals + 1) * 0.6180339887498949)[0]
    return 1.0 + 0.1 * fractions


def _without_empty(matrix: Matrix) -> Matrix:
    """Return the rows that have an entry."""
    found = sparse.csr_array(matrix)
    return found[np.flatnonzero(np.diff(found.indptr))]
