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
    """Return the system with leaf counts that occur in the same sums added together, and those in none left out."""
    whole = sparse.csc_array(sparse.vstack([rows, ties, known]))
    whole.sort_indices()
    groups: dict[bytes, int] = {}
    group = np.full(whole.shape[1], -1)
    for column in range(whole.shape[1]):
        part = slice(whole.indptr[column], whole.indptr[column + 1])
        if part.start != part.stop:
            signature = whole.indices[part].tobytes() + whole.data[part].tobytes()
            group[column] = groups.setdefault(signature, len(groups))
    used = np.flatnonzero(group >= 0)
    first = np.array(sorted({int(group[c]): c for c in used[::-1]}.values(), key=lambda c: group[c]), dtype="int64")
    added = np.zeros(len(groups))
    np.add.at(added, group[used], leaves[used])
    kept = sparse.csr_array(whole[:, first]) if len(first) else sparse.csr_array((whole.shape[0], 0))
    ends = np.cumsum([0, rows.shape[0], ties.shape[0], known.shape[0]])
    parts = [sparse.csr_array(kept[ends[i] : ends[i + 1]]) for i in range(3)]
    return parts[0], parts[1], parts[2], added
