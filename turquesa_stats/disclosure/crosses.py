"""Leaf counts of crosses of characteristics: which of them a cell adds, and what makes two crosses agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
import pandas as pd
from scipy import sparse

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats, Matrix
from turquesa_stats.disclosure.cliques import Clique
from turquesa_stats.disclosure.register import TOTAL, Attribute, Key
from turquesa_stats.errors import DisclosureRefused

FEWEST = 0.01  # a round that would replace no more of the leaf counts is not worth its time


class Crosses:
    """Leaf variables of some crosses, one block after the other."""

    def __init__(self, attributes: Mapping[str, Attribute], crosses: list[Clique], zeros: Sequence[Key]) -> None:
        self.attributes, self.crosses = attributes, crosses
        self._codes: dict[tuple[str, str], Flags] = {}
        self.sizes = [prod(len(attributes[name].leaves) for name in cross) for cross in crosses]
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)])
        self.possible = np.ones(self.starts[-1], dtype=bool)
        for key in zeros:
            for place, cross in enumerate(crosses):
                if {name for name, _ in key} <= set(cross):
                    inside = self._pattern(cross, dict(key))
                    self.possible[self.starts[place] : self.starts[place + 1]] &= ~inside

    def _pattern(self, cross: Clique, codes: Mapping[str, str]) -> Flags:
        """Return for each leaf of a cross whether a cell adds it, shape (leaves of the cross,)."""
        pattern = np.ones(1, dtype=bool)
        for name in cross:
            pattern = np.logical_and.outer(pattern, self._inside(name, codes.get(name, TOTAL))).ravel()
        return pattern

    def _inside(self, name: str, code: str) -> Flags:
        """Return for each leaf of an attribute whether a code adds it."""
        if (name, code) not in self._codes:
            members = self.attributes[name].members(code)
            self._codes[name, code] = np.array([leaf in members for leaf in self.attributes[name].leaves])
        return self._codes[name, code]

    def rows(self, keys: Sequence[Key]) -> Matrix:
        """Return the sums that cells are, each over the first cross that holds its attributes, shape (cells, variables)."""
        columns, ends = [np.zeros(0, dtype="int64")], [0]
        for key in keys:
            names = {name for name, _ in key}
            place = next(place for place, cross in enumerate(self.crosses) if names <= set(cross))
            found = np.flatnonzero(self._pattern(self.crosses[place], dict(key))) + self.starts[place]
            columns.append(found[self.possible[found]])
            ends.append(ends[-1] + len(columns[-1]))
        indices = np.concatenate(columns)
        return sparse.csr_array((np.ones(len(indices)), indices, ends), shape=(len(keys), int(self.starts[-1])))

    def ties(self, pairs: Sequence[tuple[int, int]]) -> Matrix:
        """Return what makes pairs of crosses agree on the attributes they share, shape (equations, variables)."""
        found = [sparse.csr_array((0, int(self.starts[-1])))]
        for one, other in pairs:
            shared = tuple(name for name in self.crosses[one] if name in self.crosses[other])
            found.append(self._onto(one, shared) - self._onto(other, shared))
        return sparse.csr_array(sparse.vstack(found))

    def _onto(self, place: int, shared: Clique) -> Matrix:
        """Return the sums of one cross onto some of its attributes."""
        row = np.zeros(1, dtype="int64")
        for name in self.crosses[place]:
            size = len(self.attributes[name].leaves)
            row = np.add.outer(row * size, np.arange(size)).ravel() if name in shared else np.repeat(row, size)
        columns = np.arange(len(row)) + self.starts[place]
        kept = self.possible[columns]
        shape = (prod(len(self.attributes[name].leaves) for name in shared), int(self.starts[-1]))
        return sparse.csr_array((np.ones(int(kept.sum())), (row[kept], columns[kept])), shape=shape)

    def places(self, units: pd.DataFrame) -> list[Cells]:
        """Return for each cross the variable of each unit."""
        leaf = {name: pd.Index(one.leaves).get_indexer(pd.Index(units[name])) for name, one in self.attributes.items()}
        found = []
        for start, cross in zip(self.starts, self.crosses, strict=False):
            index = np.zeros(len(units), dtype="int64")
            for name in cross:
                index = index * len(self.attributes[name].leaves) + leaf[name]
            found.append(index + int(start))
        return found

    def counts(self, places: Sequence[Cells]) -> Floats:
        """Return the leaf counts of the register by the places of its units, or refuse if somebody is in an impossible cell."""
        total = np.zeros(self.starts[-1])
        for each in places:
            np.add.at(total, each, 1.0)
        if (total[~self.possible] > 0).any():
            raise DisclosureRefused("some units are in a cell declared impossible; correct the data or leave the declaration out")
        return total


def merged(rows: Matrix, ties: Matrix, known: Matrix, leaves: Floats) -> tuple[Matrix, Matrix, Matrix, Floats]:
    """
    Return the same system with fewer unknowns: an attacker can derive of each cell what could be derived before, and no more.

    Leaf counts that occur in the same sums are added together, and those in none are left out. A tie that says that one leaf count is the
    sum of others is put in its place wherever it occurs: it cannot be negative where they are not.
    """
    ends = [rows.shape[0], rows.shape[0] + ties.shape[0]]
    whole = sparse.csc_array(sparse.vstack([rows, ties, known]))
    while True:
        whole, leaves = _added(whole, leaves)
        columns, sums = _sums(sparse.csr_array(whole[ends[0] : ends[1]]))
        if len(columns) <= whole.shape[1] * FEWEST:
            break
        kept = np.setdiff1d(np.arange(whole.shape[1]), columns)
        whole = sparse.csc_array(whole[:, kept] + whole[:, columns] @ sums[:, kept])
        whole.eliminate_zeros()
        leaves = leaves[kept]
    parts = sparse.csr_array(whole)
    left = parts[ends[0] : ends[1]]
    return parts[: ends[0]], left[np.flatnonzero(np.diff(left.indptr))], parts[ends[1] :], leaves


def _added(whole: Matrix, leaves: Floats) -> tuple[Matrix, Floats]:
    """Return a system with equal columns added together and empty ones left out."""
    mixed = np.random.default_rng(0).integers(1, 2**53, (2, whole.shape[0]))
    marks = np.stack([whole.T.astype("int64") @ mix for mix in mixed])  # equal columns have equal marks; others differ, which is checked
    _, first, group = np.unique(marks, axis=1, return_index=True, return_inverse=True)
    if (whole - whole[:, first][:, group]).count_nonzero():
        raise DisclosureRefused("two unequal sums were taken for equal ones; report this as a fault")
    added = np.bincount(group, weights=leaves, minlength=len(first))
    order = np.argsort(first)
    used = order[np.diff(whole.indptr)[first[order]] > 0]
    return sparse.csc_array(whole[:, first[used]]), added[used]


def _sums(ties: Matrix) -> tuple[Cells, Matrix]:
    """
    Return leaf counts that ties say are sums of others, and these sums, shape (leaf counts, variables).

    No leaf count that is put into a sum is a sum itself, and each is in one: all can be replaced at once.
    """
    signs: Matrix = sparse.csr_array((np.sign(ties.data), ties.indices, ties.indptr), shape=ties.shape)
    above, below = ((abs(signs) + way * signs).sum(axis=1) / 2 for way in (1, -1))
    of_sum = np.where(above == 1, 1.0, -1.0)
    columns, chosen, taken = list[int](), list[int](), np.zeros(ties.shape[1], dtype=bool)
    for tie in np.flatnonzero((above == 1) | (below == 1)):
        part = slice(ties.indptr[tie], ties.indptr[tie + 1])
        members = ties.indices[part]
        alone = members[np.flatnonzero(ties.data[part] == of_sum[tie])]
        if len(alone) == 1 and not taken[members].any():
            columns.append(int(alone[0]))
            chosen.append(int(tie))
            taken[members] = True
    sums = sparse.csr_array(sparse.diags_array(-of_sum[chosen]) @ ties[chosen]) if chosen else ties[:0]
    return np.array(columns, dtype="int64"), sums
