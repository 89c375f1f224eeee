"""The concentration that counts of which only an interval is known allow (identification bounds, Manski 2003)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.methods.bounds import bounded, count_ends
from turquesa_stats.methods.concentration import inverse, tidy

Whole = npt.NDArray[np.int64]
Ends = tuple[Whole, Whole]


def concentration_bounds(
    low: npt.ArrayLike, high: npt.ArrayLike, top: int = 3, unplaced: tuple[int, int] = (0, 0), unit: str = "categories"
) -> pd.DataFrame:
    """
    Bound the concentration of counts of which only an interval is known; chance is not in it.

    Parameters
    ----------
    low, high : arrays of int, shape (k,)
        Ends of the count of each category; equal where it is known.
    top : int
        As in :func:`methods.concentration.concentration`.
    unplaced : tuple of int
        Least and most units whose category is not known: each may be of a category listed, or of another.
    unit : str
        Unit of the effective number.

    Returns
    -------
    DataFrame
        One row a ``measure`` as in :func:`methods.concentration.concentration`, but of the units at hand: the sum of squared shares, its
        inverse, and the share of the largest; ``n`` is the largest total. Each end is reached by a completion: the smallest with counts as
        equal as the bounds allow, the largest found over all totals.

    Raises
    ------
    MeasureRefused
        If ends are not whole or no counts, all counts can only be 0, or ``top`` is not positive.

    Examples
    --------
    >>> found = concentration_bounds([18, 0, 0], [18, 4, 4], top=1).set_index("measure")
    >>> found[["low", "high"]].round(3).to_numpy().tolist()
    [[0.527, 1.0], [1.0, 1.899], [0.692, 1.0]]
    """
    lows, highs = _whole_ends(low, high)
    fewest, most = unplaced
    if not 0 <= fewest <= most:
        raise MeasureRefused(f"units whose category is not known are 0 <= least <= most, not {unplaced}")
    if top < 1:
        raise MeasureRefused(f"the share of the {top} largest is of none; take 1 or more")
    n = int(highs.sum() + most)
    if not n:
        raise MeasureRefused("a concentration of nothing: all counts are zero")
    alone = np.arange(most) < fewest
    spread = np.concatenate([lows, alone.astype(int)]), np.concatenate([highs, np.ones(most, dtype=int)])
    heaped = _heaped(lows, highs, fewest, most)
    index = bounded(_smallest_index(*spread), max(_largest_index(*ends) for ends in heaped), n, "index")
    share = bounded(_smallest_top(*spread, top), max(_largest_top(*ends, top) for ends in heaped), n, "share")
    effective = inverse(index)
    numbered = Estimate(effective.value, effective.low, effective.high, n, unit, "bounds", effective.flag)
    return tidy({"herfindahl": index, "effective_number": numbered, "top_share": share})


def _whole_ends(low: npt.ArrayLike, high: npt.ArrayLike) -> tuple[Whole, Whole]:
    lows, highs = count_ends(np.asarray(low, dtype=float).tolist(), np.asarray(high, dtype=float).tolist())
    if (lows % 1 != 0).any() or (highs % 1 != 0).any():
        raise MeasureRefused("counts of persons are whole")
    return lows.astype(int), highs.astype(int)


def _heaped(lows: Whole, highs: Whole, fewest: int, most: int) -> list[Ends]:
    """Return the counts with all units of unknown category in one: in each of those listed, or in another."""
    if not most:
        return [(lows, highs)]
    made = [(np.append(lows, fewest), np.append(highs, most))]
    for position in np.unique(np.column_stack([lows, highs]), axis=0, return_index=True)[1]:
        here = np.arange(len(lows)) == position
        made.append((lows + here * fewest, highs + here * most))
    return made


def _smallest_index(lows: Whole, highs: Whole) -> float:
    """Return the smallest sum of squared shares: of each total, that of the counts nearest to equal (units added to the smallest first)."""
    count, found = lows.copy(), np.inf
    while True:
        if count.sum():
            found = min(found, float((count**2).sum() / count.sum() ** 2))
        room = np.flatnonzero(count < highs)
        if not room.size:
            return found
        count[room[np.argmin(count[room])]] += 1


def _largest_index(lows: Whole, highs: Whole) -> float:
    """Return the largest sum of squared shares: it lies where each count is at an end, and of each total it is found one by one."""
    width, gain = highs - lows, highs**2 - lows**2
    squares = np.full(int(width.sum()) + 1, -1, dtype=np.int64)
    squares[0] = (lows**2).sum()
    for wide, more in zip(width[width > 0], gain[width > 0], strict=True):
        reached = squares[:-wide] >= 0
        squares[wide:] = np.where(reached, np.maximum(squares[wide:], squares[:-wide] + more), squares[wide:])
    total = lows.sum() + np.arange(len(squares))
    possible = (squares >= 0) & (total > 0)
    return float((squares[possible] / total[possible] ** 2).max())


def _smallest_top(lows: Whole, highs: Whole, top: int) -> float:
    """Return the smallest share of the largest: it lies where all counts are cut to one level, which is an end of one of them."""
    made = [np.clip(level, lows, highs) for level in np.unique(np.concatenate([lows, highs, [1]]))]
    return min(float(np.sort(count)[::-1][:top].sum() / count.sum()) for count in made if count.sum())


def _largest_top(lows: Whole, highs: Whole, top: int) -> float:
    """Return the largest share of ``top`` categories, these at their highest and all others at their lowest (Dinkelbach 1967)."""
    share = 0.0
    while True:
        score = (1 - share) * highs + share * lows
        chosen = np.argsort(-score, kind="stable")[:top]
        together = highs[chosen].sum() + np.delete(lows, chosen).sum()
        better = float(highs[chosen].sum() / together) if together else 0.0
        if better <= share:
            return share
        share = better
