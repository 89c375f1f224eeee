"""Lists of persons that partly overlap, as counts of capture histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused

Pair = tuple[int, int]
_MOST_LISTS = 10  # 1,023 histories


@dataclass(frozen=True, slots=True, eq=False)
class CaptureTable:
    """
    Counts of every capture history that can be observed.

    Attributes
    ----------
    lists : tuple of str
        Names of the L lists.
    histories : array of bool, shape (2**L - 1, L)
        Which lists a history is on; never none of them.
    counts : array of int, shape (2**L - 1,)
        Persons with that history; zero where nobody was seen.
    """

    lists: tuple[str, ...]
    histories: np.ndarray
    counts: np.ndarray

    @property
    def seen(self) -> int:
        """Persons on at least one list."""
        return int(self.counts.sum())

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs of lists, by position."""
        return tuple(combinations(range(len(self.lists)), 2))

    def on_both(self, pair: Pair) -> np.ndarray:
        """Which histories are on both lists of a pair, whatever else they are on."""
        both: np.ndarray = self.histories[:, pair[0]] & self.histories[:, pair[1]]
        return both

    def overlap(self, pair: Pair) -> int:
        """Persons on both lists of a pair."""
        return int(self.counts[self.on_both(pair)].sum())

    def overlaps(self) -> pd.DataFrame:
        """Return persons on each list (diagonal) and on each two lists: the table to print beside any estimate."""
        shared = self.histories.T.astype(int) @ (self.histories * self.counts[:, None])
        return pd.DataFrame(shared, index=list(self.lists), columns=list(self.lists))

    def named(self, pairs: tuple[Pair, ...]) -> tuple[str, ...]:
        """Return pairs as words: ``"POLICE:NGO"``."""
        return tuple(f"{self.lists[i]}:{self.lists[j]}" for i, j in pairs)

    def with_counts(self, counts: np.ndarray) -> CaptureTable:
        """Return the same lists with other counts, without the lists on which nobody is."""
        held = (self.histories * counts[:, None]).any(axis=0)
        table = CaptureTable(self.lists, self.histories, counts)
        for name in [name for name, some in zip(self.lists, held, strict=True) if not some]:
            table = table.without(name)
        return table

    def without(self, name: str) -> CaptureTable:
        """Return the table as if one list had not been kept: who was only on it was not seen."""
        position = self.lists.index(name)
        rest = tuple(other for other in self.lists if other != name)
        histories = _all_histories(len(rest))
        codes = _code(np.delete(self.histories, position, axis=1))
        counts = np.bincount(codes, weights=self.counts, minlength=2 ** len(rest)).astype(int)
        return CaptureTable(rest, histories, counts[_code(histories)])


def capture_table(histories: pd.DataFrame, counts: pd.Series[Any]) -> CaptureTable:
    """
    Make the table of all capture histories from those that occur.

    Parameters
    ----------
    histories : DataFrame of 0/1 or bool, shape (k, L)
        One column a list, one row a history.
    counts : Series of int, shape (k,)
        Persons with that history; a history that stands twice is added up.

    Raises
    ------
    MeasureRefused
        With fewer than two or more than ten lists, a value other than 0 and 1, a count that is negative or no whole number, or persons
        on no list.
    """
    lists = tuple(str(name) for name in histories.columns)
    if not 2 <= len(lists) <= _MOST_LISTS:
        raise MeasureRefused(f"multiple systems estimation takes 2 to {_MOST_LISTS} lists, not {len(lists)}; merge lists that are alike")
    if len(set(lists)) < len(lists):
        raise MeasureRefused(f"two lists have one name: {', '.join(lists)}")
    given, number = histories.to_numpy(), counts.to_numpy()
    if not np.isin(given, (0, 1)).all():
        raise MeasureRefused("a capture history holds 0 and 1 only")
    if pd.isna(number).any() or (number < 0).any() or (number != np.floor(number.astype(float))).any():
        raise MeasureRefused("counts of capture histories are whole numbers, zero or more; a censored count (<5) cannot stand here")
    on = given.astype(bool)
    if number[~on.any(axis=1)].sum():
        raise MeasureRefused("persons on no list were not seen: they cannot be counted")
    tally = np.bincount(_code(on), weights=number.astype(float), minlength=2 ** len(lists)).astype(int)
    every = _all_histories(len(lists))
    return CaptureTable(lists, every, tally[_code(every)])


def from_memberships(memberships: Mapping[str, set[str]]) -> CaptureTable:
    """
    Make a capture table from lists of opaque person keys.

    Examples
    --------
    >>> table = from_memberships({"POLICE": {"a", "b"}, "NGO": {"b", "c"}})
    >>> table.seen, table.overlap((0, 1))
    (3, 1)
    """
    persons = sorted(set().union(*memberships.values()))
    on = pd.DataFrame({name: [person in keys for person in persons] for name, keys in memberships.items()})
    return capture_table(on, pd.Series(np.ones(len(persons), dtype=int)))


def _all_histories(lists: int) -> np.ndarray:
    """Return all histories but the unseen one, by number of lists, then in the order of the lists."""
    every = np.array(list(_histories(lists)), dtype=bool)
    return every[np.argsort(every.sum(axis=1), kind="stable")][1:]


def _histories(lists: int) -> Iterator[tuple[bool, ...]]:
    return product((False, True), repeat=lists)


def _code(histories: np.ndarray) -> np.ndarray:
    code: np.ndarray = histories.astype(int) @ (1 << np.arange(histories.shape[1]))
    return code
