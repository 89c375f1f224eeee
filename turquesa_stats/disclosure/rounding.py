"""Controlled rounding: every cell goes to a neighbouring multiple of a base, and tables still add up."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from turquesa_stats.disclosure.arrays import Floats
from turquesa_stats.disclosure.feasible import intervals_given
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.disclosure.register import Key
from turquesa_stats.errors import DisclosureRefused

NODES = 5000


class NoRounding(DisclosureRefused):
    """No rounding that adds up exists, or none was found within the solver's limit."""


@dataclass(frozen=True, slots=True)
class RoundedTables:
    """
    Rounded cells of linked tables.

    Attributes
    ----------
    tables : LinkedTables
        The system.
    base : int
        What was rounded to.
    rounded : array, (cells,)
        The rounded counts; true ones are less than ``base`` away.
    """

    tables: LinkedTables
    base: int
    rounded: Floats

    @property
    def is_proven(self) -> bool:
        """
        Whether every cell that can hold anybody stays open to ``base - 1`` or more against all rounded counts together.

        The rounded counts are those of a register themselves (in whole multiples, offsets apart), and each true count may be as many as
        ``base - 1`` above: so ``base - 1`` persons of any kind can be added to that register and nothing printed tells. This needs crosses
        that make a common register (``joint``), and no public figure that fixes a count.
        """
        return self.tables.joint and not len(self.tables.known_low)

    def frame(self) -> pd.DataFrame:
        """Return every printed cell: ``key, count`` (rounded), and ``low, high``, between which a reader knows the true count to be."""
        low, high = self._ranges()
        found = pd.DataFrame({"key": self.tables.keys, "count": self.rounded, "low": low, "high": high})
        return found[self.tables.printed].reset_index(drop=True)

    def intervals(self, positions: list[int]) -> pd.DataFrame:
        """
        Return between what an attacker can place some true counts who reads all rounded ones together.

        Each alone is known to ``2 * base - 2``, and one printed as 0 to ``base - 1``. Together they can be known better: see whether the
        width is that of the rule before printing.
        """
        low, high = self._ranges()
        return intervals_given(self.tables, low, high, np.array(positions, dtype="int64"))

    def _ranges(self) -> tuple[Floats, Floats]:
        """Return the ends that each rounded count tells; a cell that is only protected tells none."""
        printed = self.tables.printed
        low = np.where(printed, np.maximum(self.rounded - self.base + 1, np.minimum(self.tables.offsets, 0.0)), -np.inf)
        return low, np.where(printed, self.rounded + self.base - 1, np.inf)


def controlled_rounding(tables: LinkedTables, base: int, secret: str) -> RoundedTables:
    """
    Return linked tables in multiples of a base, each cell at one of its two neighbours, that add up (Cox and Ernst 1982).

    A cell wishes to go up with the chance of its remainder over the base, drawn from its key and a secret: the same cell wishes the same in
    every edition that has its count. As many wishes as adding up allows are met (integer programme, HiGHS). A multiple stays.
    A cell with an offset adds up with it, rounded up: so that a reader who knows the offset learns no more than of any other cell.

    Parameters
    ----------
    tables : LinkedTables
        The system.
    base : int
        2 or more. To leave an unsafe cell a width of k, at least k + 1.
    secret : str
        Whoever knows it can undo part of the rounding: never published, and kept from one edition to the next.

    Raises
    ------
    NoRounding
        If no such rounding exists, which can happen with three crossed attributes, or none is found within the solver's limit.
    DisclosureRefused
        If the base is under 2 or there is no secret.
    """
    if base < 2 or not secret:
        raise DisclosureRefused(f"rounding needs a base of 2 or more and a secret; got base {base} and {'a' if secret else 'no'} secret")
    wishes = np.array([_draw(secret, key) for key in tables.keys]) < np.mod(tables.counts, base) / base
    below = np.floor(tables.counts / base)
    values = base * (below + wishes)
    bound = np.flatnonzero(tables.printed & (np.diff(tables.rows.indptr) > 0))
    if len(bound):
        loose = np.mod(tables.counts[bound], base) > 0
        values[bound] = base * (
            below[bound] + _adding_up(tables, bound, below[bound] - np.ceil(tables.offsets[bound] / base), loose, wishes[bound])
        )
    return RoundedTables(tables, base, values)


def _adding_up(tables: LinkedTables, bound: np.ndarray, below: Floats, loose: np.ndarray, wishes: np.ndarray) -> Floats:
    """Return which cells go up so that all, less their offsets, are sums of leaves in whole multiples, with the fewest wishes not met."""
    cells, leaves = len(bound), len(tables.leaves)
    matrix = sparse.block_array([[tables.rows[bound], -sparse.eye_array(cells)], [tables.ties, None]], format="csc")
    right = np.concatenate([below, np.zeros(tables.ties.shape[0])])
    solved = milp(
        np.concatenate([np.zeros(leaves), np.where(wishes, -1.0, 1.0)]),
        bounds=Bounds(0, np.concatenate([np.full(leaves, np.inf), loose.astype("float64")])),
        constraints=LinearConstraint(matrix, right, right),
        integrality=np.ones(leaves + cells, dtype=int),
        options={"node_limit": NODES},
    )
    if solved.x is None:
        raise NoRounding(
            f"no rounding of these tables that adds up was found ({solved.message}); take another base, cross less, or suppress instead"
        )
    return np.asarray(np.rint(solved.x[leaves:]), dtype="float64")


def _draw(secret: str, key: Key) -> float:
    """Return a number from 0 to 1 that only the secret and the cell decide."""
    text = "|".join(f"{name}={code}" for name, code in key)
    return int.from_bytes(blake2b(text.encode(), key=secret.encode()[:64], digest_size=8).digest(), "big") / 2**64
