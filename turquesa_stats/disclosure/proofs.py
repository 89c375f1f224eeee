"""Which unsafe cells are protected by what is hidden, each by two registers that an attacker cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats
from turquesa_stats.disclosure.linked_tables import LinkedTables
from turquesa_stats.disclosure.movements import NEAR, Movement, find_movement


@dataclass(slots=True)
class Proofs:
    """
    The movements found so far, and the cells that each protects.

    Attributes
    ----------
    tables : LinkedTables
        The system.
    needs : array, (cells,)
        Width that each cell must keep; 0 where none is asked.
    movements : list of Movement
        What was found; whole numbers only, so that they hold against an attacker who knows that people are not divided.
    by : array of int, (cells,)
        The movement that protects each cell; -1 where none is known.
    """

    tables: LinkedTables
    needs: Floats
    movements: list[Movement]
    by: Cells

    @classmethod
    def none_yet(cls, tables: LinkedTables, needs: Floats) -> Proofs:
        """Return proofs of nothing."""
        return cls(tables, needs, [], np.full(len(needs), -1))

    def copy(self) -> Proofs:
        """Return proofs that can be added to without changing these."""
        return replace(self, movements=list(self.movements), by=self.by.copy())

    def open(self) -> Cells:
        """Return the cells that need a proof and have none."""
        return np.flatnonzero((self.needs > 0) & (self.by < 0))

    def add(self, movement: Movement | None, cells: Cells) -> bool:
        """Keep a movement for those of the cells that it protects; say whether there are any."""
        if movement is None or not movement.whole:
            return False
        held = cells[movement.widths[cells] >= self.needs[cells] - NEAR]
        if len(held):
            self.by[held] = len(self.movements)
            self.movements.append(movement)
        return bool(len(held))

    def withdraw(self, hidden: Flags) -> None:
        """Give up the proofs that move a cell which is not hidden."""
        for place in np.unique(self.by[self.by >= 0]):
            if (self.movements[place].moved & ~hidden).any():
                self.by[self.by == place] = -1

    def moved(self) -> Flags:
        """Return the cells that some proof in use moves."""
        found = np.zeros(len(self.needs), dtype=bool)
        for place in np.unique(self.by[self.by >= 0]):
            found |= self.movements[place].moved
        return found

    def search(self, hidden: Flags) -> None:
        """
        Prove as many open cells as programmes over all of them can, up and down in turn.

        Nobody can be taken out of a cell that are not in it: those of fewer units than they need are only looked for upwards. A cell left
        alone is for :meth:`prove`, which asks the same and more.
        """
        idle, sign, first = 0, 1.0, True
        units = self.tables.counts - self.tables.offsets
        while idle < 2:
            left = self.open()
            if not len(left) or (len(left) == 1 and not first):
                return
            wanted = left if sign > 0 else left[units[left] >= self.needs[left] - NEAR]
            if len(wanted):
                goals = [(int(place), sign, float(self.needs[place])) for place in wanted]
                self.add(find_movement(self.tables, hidden, goals, one_way=True), left)
            idle = idle + 1 if len(self.open()) > 0.8 * len(left) else 0
            sign, first = -sign, False

    def prove(self, hidden: Flags, cell: int) -> bool:
        """Say whether one cell is protected: by a linear programme from the truth, then in whole numbers between two registers."""
        goal, left = [(cell, 1.0, float(self.needs[cell]))], self.open()
        self.add(find_movement(self.tables, hidden, goal, one_way=True), left)
        if self.by[cell] < 0:
            self.add(find_movement(self.tables, hidden, goal, whole=True, in_full=True), left)
        return bool(self.by[cell] >= 0)

    def prove_all(self, hidden: Flags, patience: int) -> bool:
        """Say whether every open cell is protected; stop at the first that is not, or if a search leaves more open than ``patience``."""
        if len(self.open()) > 1:
            self.search(hidden)
        if len(self.open()) > patience:
            return False
        while len(self.open()):
            if not self.prove(hidden, int(self.open()[0])):
                return False
        return True


def achievable(tables: LinkedTables, cells: Cells, width: float) -> Floats:
    """
    Return the width that each of some cells can be asked to keep, shape (cells of the system,).

    It is ``width``, or less where what is public already narrows a cell to less even though nothing is published: then publishing must not
    narrow it further.
    """
    needs = np.zeros(len(tables.keys))
    needs[cells] = width
    if not len(tables.known_low):
        return needs
    proofs, everything = Proofs.none_yet(tables, needs), np.ones(len(needs), dtype=bool)
    proofs.search(everything)
    for cell in proofs.open():
        if proofs.by[cell] < 0 and not proofs.prove(everything, int(cell)):
            most = find_movement(tables, everything, [(int(cell), 1.0, width)], whole=True)
            needs[cell] = np.floor(most.widths[cell] + NEAR) if most else 0.0
    return needs
