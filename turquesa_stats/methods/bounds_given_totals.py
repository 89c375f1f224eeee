"""
Bounds of counts of which only intervals are known, when totals of them are known too.

They can be so tight that they undo a publisher's suppression: for testing what may be published, never for printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.bounds import bounded, count_ends


@dataclass(frozen=True, slots=True)
class KnownTotal:
    """
    What is known of a sum of counts.

    Attributes
    ----------
    members : tuple of int
        Positions of the counts that it adds.
    low, high : float
        Ends of the sum; equal where it is known.
    """

    members: tuple[int, ...]
    low: float
    high: float


def total_bounds_given(low: Sequence[float], high: Sequence[float], totals: Sequence[KnownTotal], of: Sequence[int], unit: str) -> Estimate:
    """
    Bound the sum of some counts over every completion with whole numbers that agrees with the totals (integer programme, HiGHS).

    Parameters
    ----------
    low, high : sequences of float, shape (k,)
        Ends of the counts.
    totals : sequence of KnownTotal
        Totals that every completion must meet.
    of : sequence of int
        Positions of the counts to add.
    unit : str
        What was counted.

    Returns
    -------
    Estimate
        Exact: both ends are reached by a completion.

    Raises
    ------
    MeasureRefused
        If no completion agrees with the totals: the figures contradict one another.

    Examples
    --------
    >>> total_bounds_given([18, 0], [18, 4], [KnownTotal((0, 1), 21, 21)], [1], "persons").value
    3.0
    """
    lows, highs = count_ends(low, high)
    weights = np.zeros(len(lows))
    weights[list(of)] = 1.0
    constraints = LinearConstraint(_members(totals, len(lows)), [t.low for t in totals], [t.high for t in totals]) if totals else ()
    ends = []
    for sign in (1.0, -1.0):
        solved = milp(sign * weights, bounds=Bounds(lows, highs), constraints=constraints, integrality=np.ones(len(lows), dtype=int))
        if solved.x is None:
            raise MeasureRefused("no counts agree with these totals: a total lies outside the sum of its parts")
        ends.append(float(np.round(weights @ solved.x)))
    return bounded(ends[0], ends[1], None, unit)


def share_bounds_given(
    low: Sequence[float], high: Sequence[float], totals: Sequence[KnownTotal], part: Sequence[int], whole: Sequence[int]
) -> Estimate:
    """
    Bound the share of some counts in others over every completion that agrees with the totals.

    A linear fractional programme, solved as a linear one (Charnes and Cooper 1962). Counts may be fractions in it, so the bounds hold
    every completion with whole numbers and can be a little wider than these.

    Parameters
    ----------
    low, high, totals
        As in :func:`total_bounds_given`.
    part, whole : sequences of int
        Positions of the counts in the numerator, and in the denominator, which must hold the numerator's.

    Raises
    ------
    MeasureRefused
        If no completion agrees with the totals, the whole can only be zero, or the part is not in the whole.
    """
    lows, highs = count_ends(low, high)
    if not set(part) <= set(whole):
        raise MeasureRefused("a share needs its part among the whole")
    k = len(lows)
    numerator, denominator = np.zeros(k + 1), np.zeros(k + 1)
    numerator[list(part)], denominator[list(whole)] = 1.0, 1.0
    sums = _members(totals, k)
    at_most = np.vstack(
        [
            np.column_stack([np.eye(k), -highs]),
            np.column_stack([-np.eye(k), lows]),
            *([np.column_stack([sums, [-t.high for t in totals]]), np.column_stack([-sums, [t.low for t in totals]])] if totals else []),
        ]
    )
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(sign * numerator, A_ub=at_most, b_ub=np.zeros(len(at_most)), A_eq=denominator[None, :], b_eq=[1.0], method="highs")
        if solved.x is None:
            raise MeasureRefused("no counts agree with these totals, or the whole can only be zero")
        ends.append(min(max(float(numerator @ solved.x), 0.0), 1.0))
    return bounded(ends[0], ends[1], int(highs[list(whole)].sum()), "share")


def _members(totals: Sequence[KnownTotal], counts: int) -> np.ndarray:
    rows = np.zeros((len(totals), counts))
    for row, total in zip(rows, totals, strict=True):
        row[list(total.members)] = 1.0
    return rows
