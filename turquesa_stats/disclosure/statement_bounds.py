"""What a system of linear statements leaves open for whole numbers that are not negative: exactly, and as intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import connected_components

Number = int | Fraction
Bounds = tuple[float, float]
_SMALL = 60  # unknowns up to which whole numbers are searched, not only rounded to
_NEAR = 1e-6
_ROUNDS = 60


class Contradiction(ValueError):
    """Statements that no whole numbers satisfy."""


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A linear statement: ``low <= sum of coefficient x cell <= high``.

    Attributes
    ----------
    terms : tuple of (cell, coefficient)
        The sum.
    low, high : int, Fraction or None
        Its ends; None where there is none.
    differencing : bool
        Whether it compares periods, areas or editions.
    assumed : bool
        Whether a reader would take it as true without being told.
    """

    terms: tuple[tuple[str, Number], ...]
    low: Number | None
    high: Number | None
    differencing: bool = False
    assumed: bool = False

    @classmethod
    def of(
        cls, terms: Mapping[str, Number], low: Number | None, high: Number | None, *, differencing: bool = False, assumed: bool = False
    ) -> Statement:
        """Return a statement on a mapping of cells to coefficients."""
        return cls(tuple((cell, factor) for cell, factor in terms.items() if factor), low, high, differencing, assumed)

    @property
    def is_exact(self) -> bool:
        """Whether it is an equation."""
        return self.low is not None and self.low == self.high

    def without(self, known: Mapping[str, Number]) -> Statement:
        """Return it with known cells moved to the other side."""
        if not any(cell in known for cell, _ in self.terms):
            return self
        rest = tuple((cell, factor) for cell, factor in self.terms if cell not in known)
        moved = sum((factor * known[cell] for cell, factor in self.terms if cell in known), Fraction(0))
        ends = [None if end is None else end - moved for end in (self.low, self.high)]
        return Statement(rest, ends[0], ends[1], self.differencing, self.assumed)


def components(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Return the statements in groups that share no unknown: cells whose value is stated alone hold none together."""
    known: dict[str, Number] = {}
    for one in statements:
        if one.is_exact and len(one.terms) == 1 and one.low is not None:
            known.setdefault(one.terms[0][0], Fraction(one.low) / one.terms[0][1])
    return _grouped(statements, set(known))


def _grouped(statements: Sequence[Statement], apart: set[str]) -> list[list[Statement]]:
    """Return groups of statements linked by cells other than those apart; statements on cells apart alone go with every group on them."""
    free = sorted({cell for one in statements for cell, _ in one.terms if cell not in apart})
    place = {cell: index for index, cell in enumerate(free)}
    links = [(place[a], place[b]) for one in statements for a, b in _chain([cell for cell, _ in one.terms if cell in place])]
    ones = np.ones(len(links))
    rows, columns = np.array(links, dtype=int).reshape(-1, 2).T
    _, label = connected_components(coo_array((ones, (rows, columns)), shape=(len(free), len(free))), directed=False)
    groups: dict[int, list[Statement]] = {}
    about: dict[str, list[Statement]] = {}
    for one in statements:
        inside = next((cell for cell, _ in one.terms if cell in place), None)
        if inside is not None:
            groups.setdefault(int(label[place[inside]]), []).append(one)
        elif len(one.terms) == 1:
            about.setdefault(one.terms[0][0], []).append(one)
        elif one.terms:
            groups.setdefault(-len(groups) - 1, []).append(one)
    for group in groups.values():
        group += [fact for cell in sorted({cell for one in group for cell, _ in one.terms} & set(about)) for fact in about[cell]]
    named = {cell for group in groups.values() for one in group for cell, _ in one.terms}
    return [*groups.values(), *(facts for cell, facts in about.items() if cell not in named)]


def _chain(cells: Sequence[str]) -> Iterable[tuple[str, str]]:
    return [(cells[0], cell) for cell in cells]


def determined(statements: Iterable[Statement]) -> dict[str, Fraction]:
    """
    Return the cells whose value follows from the equations alone, by elimination in exact fractions.

    Parameters
    ----------
    statements : iterable of Statement
        Those that are no equations are passed over.

    Examples
    --------
    >>> equations = [Statement.of({"a": 1, "b": 1}, 7, 7), Statement.of({"a": 1, "b": -1}, 1, 1)]
    >>> determined([*equations, Statement.of({"b": 1, "c": 1, "d": 1}, 9, 9)])
    {'a': Fraction(4, 1), 'b': Fraction(3, 1)}
    """
    pivots: dict[str, tuple[dict[str, Fraction], Fraction]] = {}
    for one in sorted((one for one in statements if one.is_exact), key=lambda one: len(one.terms)):
        row, right = _reduced({cell: Fraction(factor) for cell, factor in one.terms}, Fraction(one.low or 0), pivots)
        if not row:
            continue  # follows from the others, or contradicts them: the intervals tell
        pivot = min(row)
        scaled = {cell: factor / row[pivot] for cell, factor in row.items()}
        for other, (left, end) in list(pivots.items()):
            if pivot in left:
                pivots[other] = _minus(left, end, left[pivot], scaled, right / row[pivot])
        pivots[pivot] = scaled, right / row[pivot]
    return {cell: right for cell, (row, right) in sorted(pivots.items()) if len(row) == 1}


def _reduced(
    row: dict[str, Fraction], right: Fraction, pivots: Mapping[str, tuple[dict[str, Fraction], Fraction]]
) -> tuple[dict[str, Fraction], Fraction]:
    for cell in [cell for cell in row if cell in pivots]:
        row, right = _minus(row, right, row[cell], *pivots[cell])
    return row, right


def _minus(
    row: Mapping[str, Fraction], right: Fraction, times: Fraction, other: Mapping[str, Fraction], end: Fraction
) -> tuple[dict[str, Fraction], Fraction]:
    less = dict(row)
    for cell, factor in other.items():
        less[cell] = less.get(cell, Fraction(0)) - times * factor
    return {cell: factor for cell, factor in less.items() if factor}, right - times * end


def intervals(statements: Sequence[Statement], wanted: Sequence[str]) -> dict[str, Bounds]:
    """
    Return the lowest and highest value of each wanted cell over all whole numbers that satisfy the statements.

    Solved as linear programmes; where the optimum is no whole number, small systems are solved in whole numbers and ends of large ones are
    rounded inwards, so that the interval of a large system can be wider than the true one, never narrower.

    Parameters
    ----------
    statements : sequence of Statement
        One connected system.
    wanted : sequence of str
        Cells.

    Raises
    ------
    Contradiction
        If nothing satisfies the statements.
    """
    bounds = _propagated(statements)
    known = {cell: int(low) for cell, (low, high) in bounds.items() if low == high}
    found = {cell: bounds[cell] for cell in wanted}
    rest = [one.without(known) for one in statements]
    open_ = [one for one in rest if len(one.terms) > 1]
    free = set(wanted) - set(known)
    for part in _grouped(open_, set()):
        cells = sorted({cell for one in part for cell, _ in one.terms})
        found.update(_optimised(part, cells, [cell for cell in cells if cell in free], bounds))
    return found


def _propagated(statements: Sequence[Statement]) -> dict[str, Bounds]:
    """Return bounds that each statement alone implies, given those of the others."""
    low: dict[str, float] = {cell: 0 for one in statements for cell, _ in one.terms}
    high: dict[str, float] = dict.fromkeys(low, math.inf)
    for _ in range(_ROUNDS):
        before = dict(low), dict(high)
        for one in statements:
            _tighten(one, low, high)
        if (low, high) == before:
            break
    return {cell: (low[cell], high[cell]) for cell in low}


def _tighten(one: Statement, low: dict[str, float], high: dict[str, float]) -> None:
    least = [float(factor) * (low if factor > 0 else high)[cell] for cell, factor in one.terms]
    most = [float(factor) * (high if factor > 0 else low)[cell] for cell, factor in one.terms]
    for place, (cell, exact) in enumerate(one.terms):
        factor = float(exact)
        ends = []
        if one.high is not None:
            ends.append((float(one.high) - sum(least[:place] + least[place + 1 :])) / factor)
        if one.low is not None:
            ends.append((float(one.low) - sum(most[:place] + most[place + 1 :])) / factor)
        upper = [ends[0]] if one.high is not None and factor > 0 else [ends[-1]] if one.low is not None and factor < 0 else []
        lower = [ends[-1]] if one.low is not None and factor > 0 else [ends[0]] if one.high is not None and factor < 0 else []
        high[cell] = min([high[cell], *(math.floor(end + _NEAR) for end in upper if math.isfinite(end))])
        low[cell] = max([low[cell], *(math.ceil(end - _NEAR) for end in lower if math.isfinite(end))])
        if low[cell] > high[cell]:
            raise Contradiction(f"no whole number is possible for {cell}")


@dataclass(frozen=True)
class _System:
    matrix: csr_array
    least: np.ndarray
    most: np.ndarray
    box: list[Bounds]


def _optimised(part: Sequence[Statement], cells: Sequence[str], wanted: Sequence[str], bounds: Mapping[str, Bounds]) -> dict[str, Bounds]:
    place = {cell: index for index, cell in enumerate(cells)}
    entries = [(row, place[cell], float(factor)) for row, one in enumerate(part) for cell, factor in one.terms]
    rows, columns, factors = (np.array(values) for values in zip(*entries, strict=True))
    matrix = csr_array(coo_array((factors, (rows, columns)), shape=(len(part), len(cells))))
    least = np.array([-np.inf if one.low is None else float(one.low) for one in part])
    most = np.array([np.inf if one.high is None else float(one.high) for one in part])
    system = _System(matrix, least, most, [bounds[cell] for cell in cells])
    alike: dict[object, list[str]] = {}  # cells in the same statements with the same bounds have the same interval
    for cell in wanted:
        signature = bounds[cell], tuple((row, factor) for row, column, factor in entries if column == place[cell])
        alike.setdefault(signature, []).append(cell)
    found: dict[str, Bounds] = {}
    for twins in alike.values():
        ends = _end(system, place[twins[0]], 1), _end(system, place[twins[0]], -1)
        found.update(dict.fromkeys(twins, ends))
    return found


def _end(system: _System, cell: int, sign: int) -> float:
    """Return the lowest (sign 1) or highest (sign -1) value of one cell."""
    size = len(system.box)
    goal = np.zeros(size)
    goal[cell] = sign
    equal = system.least == system.most
    sides = [(system.matrix[~equal & np.isfinite(end)] * way, (end * way)[~equal & np.isfinite(end)]) for end, way in _ways(system)]
    solved = linprog(
        goal,
        A_ub=vstack([side for side, _ in sides]) if (~equal).any() else None,
        b_ub=np.concatenate([end for _, end in sides]) if (~equal).any() else None,
        A_eq=system.matrix[equal] if equal.any() else None,
        b_eq=system.least[equal] if equal.any() else None,
        bounds=system.box,
        method="highs",
    )
    if solved.status == 3:
        return math.inf
    if solved.status != 0 or solved.x is None or solved.fun is None:
        raise Contradiction(f"no solution: {solved.message}")
    value = float(solved.fun) * sign
    whole = bool(np.all(np.abs(solved.x - np.round(solved.x)) < _NEAR))
    if not whole and size <= _SMALL:
        value = _whole_end(system, goal, sign)
    return math.ceil(value - _NEAR) if sign == 1 else math.floor(value + _NEAR)


def _ways(system: _System) -> list[tuple[np.ndarray, int]]:
    return [(system.most, 1), (system.least, -1)]


def _whole_end(system: _System, goal: np.ndarray, sign: int) -> float:
    box = Box([low for low, _ in system.box], [high for _, high in system.box])
    inside = LinearConstraint(system.matrix, system.least - _NEAR * 1e-3, system.most + _NEAR * 1e-3)
    solved = milp(
        goal, constraints=inside, bounds=box, integrality=np.ones(goal.size, dtype=int), options={"mip_rel_gap": 0.0, "time_limit": 20.0}
    )
    if solved.status == 2:
        raise Contradiction("no whole numbers satisfy the statements")
    if solved.mip_dual_bound is None:
        raise Contradiction(f"no answer in whole numbers: {solved.message}")
    return float(solved.mip_dual_bound) * sign
