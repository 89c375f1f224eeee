"""
The attack on hidden counts: from all that is published, what a reader can work out of each.

A published table is a system of linear statements about whole numbers that are not negative. A hidden count is safe only if enough values
remain possible for it (Fischetti and Salazar 2001). This module knows no table, page or protector: statements come in, intervals go out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from turquesa_stats.disclosure.statement_bounds import Bounds, Contradiction, Statement, components, determined, intervals


class How(StrEnum):
    """By what a hidden count is found."""

    LEAK = "LEAK"  # the number itself stands somewhere
    SUBTRACTION = "SUBTRACTION"  # it follows exactly from sums
    INTERVAL = "INTERVAL"  # all published numbers together leave few values
    DIFFERENCE = "DIFFERENCE"  # only by comparing periods, areas or editions


@dataclass(frozen=True, slots=True)
class Found:
    """
    What an attacker knows of a hidden cell.

    Attributes
    ----------
    cell : str
        Its name.
    low, high : float
        Lowest and highest whole number possible; ``high`` is infinite where nothing bounds it.
    how : How
        By what.
    falls : bool
        Whether so little is left open that the cell is not protected.
    """

    cell: str
    low: float
    high: float
    how: How
    falls: bool

    @property
    def width(self) -> float:
        """Highest minus lowest value."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Attack:
    """Every hidden cell with what is known of it, and the sets of cells about which the statements contradict each other."""

    found: tuple[Found, ...]
    contradictions: tuple[tuple[str, ...], ...]


def falls(low: float, high: float, k: int, marked: bool = True) -> bool:
    """
    Whether a hidden count is known too well (rule R90): exactly, or it may be below ``k`` and has fewer than ``k`` possible values.

    Parameters
    ----------
    low, high : float
        Lowest and highest possible value.
    k : int
        Smallest count that may be printed.
    marked : bool
        Whether a page says that the count is hidden; one that no page promises to hide falls only where it may be 1 to ``k`` - 1.

    Examples
    --------
    >>> falls(0, 9, 10), falls(1, 9, 10), falls(40, 45, 10), falls(42, 42, 10), falls(42, 42, 10, marked=False)
    (False, True, False, True, False)
    """
    if marked and low == high:
        return True
    return low < k and high >= 1 and high - low + 1 < k


def attack(statements: Sequence[Statement], hidden: Mapping[str, int], unmarked: Mapping[str, int] | None = None) -> Attack:
    """
    Return what can be worked out of each hidden cell.

    Parameters
    ----------
    statements : sequence of Statement
        All that a reader can write down; every cell is a whole number of at least 0. A statement that is only ``assumed`` is dropped where
        it contradicts the others.
    hidden : mapping
        Cell that a page hides -> its ``k``.
    unmarked : mapping, optional
        Cell that no page names but that must not be learnt either -> its ``k``.

    Returns
    -------
    Attack
        A row for each cell of ``hidden`` and ``unmarked``.

    Examples
    --------
    >>> total = Statement.of({"girls": 1, "boys": 1}, 12, 12)
    >>> attack([total], {"girls": 10, "boys": 10}).found[0]
    Found(cell='girls', low=0, high=12, how=<How.INTERVAL: 'INTERVAL'>, falls=False)
    >>> attack([total, Statement.of({"boys": 1}, 9, 9)], {"girls": 10}).found[0]
    Found(cell='girls', low=3, high=3, how=<How.SUBTRACTION: 'SUBTRACTION'>, falls=True)
    """
    asked = dict(unmarked or {}) | dict(hidden)
    within = [one for one in statements if not one.differencing]
    alone, wrong = _solve(within, asked)
    joint, contradictions = _solve(statements, asked) if len(within) < len(statements) else (alone, wrong)
    exact = determined(_consistent(statements, contradictions))
    found = []
    for cell, k in asked.items():
        marked = cell in hidden
        low, high = joint[cell]
        how = How.SUBTRACTION if cell in exact and low == high else How.INTERVAL
        if joint[cell] != alone[cell] and not falls(*alone[cell], k, marked):
            how = How.DIFFERENCE
        found.append(Found(cell, low, high, how, falls(low, high, k, marked)))
    return Attack(tuple(found), tuple(contradictions))


def _consistent(statements: Iterable[Statement], contradictions: Sequence[tuple[str, ...]]) -> list[Statement]:
    refuted = {cell for cells in contradictions for cell in cells}
    return [one for one in statements if not refuted.intersection(cell for cell, _ in one.terms)]


def _solve(statements: Sequence[Statement], asked: Mapping[str, int]) -> tuple[dict[str, Bounds], list[tuple[str, ...]]]:
    """Return the interval of every asked cell, and the cells of each component that no whole numbers satisfy."""
    found: dict[str, Bounds] = dict.fromkeys(asked, (0, math.inf))
    contradictions = []
    for part in components(statements):
        cells = sorted({cell for one in part for cell, _ in one.terms})
        wanted = [cell for cell in cells if cell in asked]
        if not wanted:
            continue
        try:
            found.update(intervals(part, wanted))
        except Contradiction:
            sure = [one for one in part if not one.assumed]
            try:
                if len(sure) == len(part):
                    raise
                again, wrong = _solve(sure, {cell: asked[cell] for cell in wanted})
                found.update(again)
                contradictions += wrong
            except Contradiction:
                contradictions.append(tuple(cells))
    return found, contradictions


def counts_printed_as(share: float, low: float, high: float, count: Bounds, n: Bounds, half: float = 0.005) -> tuple[Bounds, Bounds] | None:
    """
    Return the ends of count and n that a printed share with its Wilson interval allows.

    Every pair of whole numbers is tried: rounding to a per cent leaves few where n is small (Wilson 1927, 95 %).

    Parameters
    ----------
    share, low, high : float
        As printed; ``low`` and ``high`` may be NaN where no interval is printed.
    count, n : (float, float)
        Whole numbers that are possible for each otherwise; finite.
    half : float
        Half of the last printed place.

    Returns
    -------
    (count, n), each (low, high), or None if no pair is printed so.

    Examples
    --------
    >>> counts_printed_as(0.9, 0.79, 0.96, (47, 47), (47, 400))
    ((47, 47), (52, 52))
    """
    if not all(map(math.isfinite, (*count, *n))):
        raise ValueError(f"counts {count} and n {n} must be bounded")
    whole = np.arange(max(1, int(n[0])), int(n[1]) + 1)[:, None]
    part = np.arange(int(count[0]), int(count[1]) + 1)[None, :]
    z2 = 1.959963984540054**2
    with np.errstate(invalid="ignore"):
        p = part / whole
        centre, spread = (p + z2 / (2 * whole)) / (1 + z2 / whole), p * (1 - p) / whole + z2 / (4 * whole**2)
        reach = np.sqrt(z2 * np.maximum(spread, 0)) / (1 + z2 / whole)
    fits = (part <= whole) & _reads(p, share, half) & _reads(centre - reach, low, half) & _reads(centre + reach, high, half)
    if not fits.any():
        return None
    rows, columns = np.nonzero(fits)
    return (int(part[0, columns.min()]), int(part[0, columns.max()])), (int(whole[rows.min(), 0]), int(whole[rows.max(), 0]))


def _reads(value: np.ndarray, printed: float, half: float) -> np.ndarray:
    return np.ones(value.shape, dtype=bool) if math.isnan(printed) else np.abs(value - printed) <= half + 1e-9
