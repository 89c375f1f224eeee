"""Tables of one register as one system: cells that are sums of leaf counts, and what ties the leaf counts together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from math import prod

import numpy as np
import pandas as pd
from scipy import sparse

from turquesa_stats.disclosure.arrays import Cells, Flags, Floats, Matrix
from turquesa_stats.disclosure.cliques import Clique, joint_cliques, junctions, maximal
from turquesa_stats.disclosure.crosses import Crosses, merged
from turquesa_stats.disclosure.register import TOTAL, Attribute, Key, Margin, plain_key
from turquesa_stats.errors import DisclosureRefused, nearest

LARGEST_CROSS = 50_000


@dataclass(frozen=True, slots=True)
class LinkedTables:
    """
    Every cell of an edition that a register answers for.

    Attributes
    ----------
    keys : tuple of Key, (cells,)
        The cells, sorted; one for all tables and languages that print it.
    counts : array, (cells,)
        What each prints: its units and its offset.
    offsets : array, (cells,)
        By how much a count is known to differ from the sum of its leaves.
    weights : array, (cells,)
        What each is worth, added over the tables that print it; 0 where none does.
    dominance : array, (cells,)
        Largest share of a cell's units that one cluster has; 0 without clusters.
    rows : sparse array, (cells, variables)
        Which leaf counts each cell adds.
    ties : sparse array, (equations, variables)
        Sums of leaf counts that are 0: margins of two crosses agree.
    leaves : array, (variables,)
        The true leaf counts.
    known : sparse array, (facts, variables)
        Which leaf counts add up to what is public already.
    known_low, known_high : arrays, (facts,)
        Within what.
    joint : bool
        Whether the ties are all that a common register implies; if not, an attacker could know more than the equations say.
    attributes : mapping of str to Attribute
        The characteristics.
    """

    keys: tuple[Key, ...]
    counts: Floats
    offsets: Floats
    weights: Floats
    dominance: Floats
    rows: Matrix
    ties: Matrix
    leaves: Floats
    known: Matrix
    known_low: Floats
    known_high: Floats
    joint: bool
    attributes: Mapping[str, Attribute] = field(repr=False)

    @property
    def printed(self) -> Flags:
        """Whether a table prints the cell; the others are only protected."""
        return self.weights > 0

    def part(self, cells: Cells, variables: Cells) -> LinkedTables:
        """Return the system of some cells and variables that nothing links to the others."""
        ties, known = self.ties[:, variables], self.known[:, variables]
        used, facts = np.flatnonzero(np.diff(ties.indptr)), np.flatnonzero(np.diff(known.indptr))
        one = {name: getattr(self, name)[cells] for name in ("counts", "offsets", "weights", "dominance")}
        return replace(
            self,
            **one,
            keys=tuple(self.keys[cell] for cell in cells),
            rows=self.rows[cells][:, variables],
            ties=ties[used],
            leaves=self.leaves[variables],
            known=known[facts],
            known_low=self.known_low[facts],
            known_high=self.known_high[facts],
        )

    def blocks(self) -> list[tuple[Cells, Cells]]:
        """Return the cells and the variables of each part that nothing links to another; cells that can hold nobody are in none."""
        whole = sparse.csr_array(sparse.vstack([self.rows, self.ties, self.known]))
        links = sparse.csr_array(abs(whole).T @ abs(whole))
        count, label = sparse.csgraph.connected_components(links, directed=False)
        held = np.flatnonzero(np.diff(self.rows.indptr))
        of_cell = label[self.rows.indices[self.rows.indptr[held]]]
        return [(held[of_cell == part], np.flatnonzero(label == part)) for part in range(count)]

    def position(self, key: Iterable[tuple[str, str]]) -> int:
        """Return the position of a cell, however its key is written."""
        plain = plain_key(key, self.attributes)
        if plain not in self.keys:
            raise DisclosureRefused(f"no table has the cell {plain}; add the margin that prints it")
        return self.keys.index(plain)


def linked_tables(
    units: pd.DataFrame,
    attributes: Sequence[Attribute],
    margins: Sequence[Margin],
    *,
    offsets: Mapping[Key, float] | None = None,
    known: Mapping[Key, tuple[float, float]] | None = None,
    impossible: Iterable[Key] = (),
    clusters: str | None = None,
    joint: bool = True,
) -> LinkedTables:
    """
    Return the tables of a register as one system of equations.

    Leaf counts are kept for crosses of attributes that hold every table (see :func:`turquesa_stats.disclosure.cliques.joint_cliques`),
    not for the cross of all. Leaf counts that occur in the same cells and ties are one variable: no attacker could tell them apart.

    Parameters
    ----------
    units : DataFrame, (units, attributes)
        A row for each person, each attribute's leaf in the column of its name.
    attributes, margins : sequences
        The characteristics, and the tables that are published.
    offsets : mapping of Key to float
        By how much a printed count differs from its units: a person counted once in a span of years. An attacker may know it.
    known : mapping of Key to (low, high)
        Counts that are public already.
    impossible : iterable of Key
        Cells that cannot hold anybody, which everyone knows.
    clusters : str, optional
        Column with the group (the case) of each unit.
    joint : bool
        Whether to cross as many attributes as a common register needs. Without it only tables that share attributes are tied in pairs.

    Raises
    ------
    DisclosureRefused
        If a unit has a code that is no leaf, a fact contradicts the register, or a cross is too large to be solved.
    """
    every = {one.name: one for one in sorted(attributes, key=lambda one: one.name)}
    _check(units, every, margins)
    facts = {plain_key(key, every): ends for key, ends in (known or {}).items()}
    zeros = [plain_key(key, every) for key in impossible]
    sets = [margin.attributes for margin in margins] + [[name for name, _ in key] for key in [*facts, *zeros]]
    crosses = joint_cliques(sets) if joint else maximal([(), *sets])
    _refuse_large(crosses, every)
    system = Crosses(every, crosses, zeros)
    weights = _weights(margins, every)
    keys = tuple(sorted(weights))
    rows, facts_rows = system.rows(keys), system.rows(tuple(facts))
    ties = system.ties(junctions(crosses) if joint else list(combinations(range(len(crosses)), 2)))
    places = system.places(units)
    leaves = system.counts(places)
    dominance = _dominance(rows, places, units, clusters)
    rows, ties, facts_rows, leaves = merged(rows, ties, facts_rows, leaves)
    extra = {plain_key(key, every): value for key, value in (offsets or {}).items()}
    shift = np.array([extra.get(key, 0.0) for key in keys])
    low, high = (np.array([ends[end] for ends in facts.values()], dtype="float64") for end in (0, 1))
    _refuse_contradictions(tuple(facts), facts_rows @ leaves, low, high)
    worth = np.array([weights[key] for key in keys])
    return LinkedTables(keys, rows @ leaves + shift, shift, worth, dominance, rows, ties, leaves, facts_rows, low, high, joint, every)


def _check(units: pd.DataFrame, attributes: Mapping[str, Attribute], margins: Sequence[Margin]) -> None:
    """Refuse unknown attributes, and units with codes that are not leaves."""
    for name in dict.fromkeys(name for margin in margins for name in margin.attributes):
        if name not in attributes:
            raise DisclosureRefused(f"a table crosses {name}, which is no attribute: {nearest(name, attributes)}")
    for name, attribute in attributes.items():
        if name not in units:
            raise DisclosureRefused(f"units have no column {name}; found {', '.join(map(str, units.columns))}")
        strange = sorted(set(map(str, units[name].unique())) - set(attribute.leaves))
        if strange:
            raise DisclosureRefused(f"{name} of some units is {strange[0]}, which is no leaf: {nearest(strange[0], attribute.leaves)}")


def _refuse_large(crosses: list[Clique], attributes: Mapping[str, Attribute]) -> None:
    """Refuse a cross with more leaves than can be solved."""
    for cross in crosses:
        size = prod(len(attributes[name].leaves) for name in cross)
        if size > LARGEST_CROSS:
            raise DisclosureRefused(
                f"these tables need the cross of {', '.join(cross)}, which has {size:,} cells; at most {LARGEST_CROSS:,} can be solved; "
                "cross fewer characteristics, use wider codes, or pass joint=False and know that ties beyond pairs are not seen"
            )


def _refuse_contradictions(keys: Sequence[Key], counts: Floats, low: Floats, high: Floats) -> None:
    """Refuse a fact that the register contradicts: it is a count of something else."""
    for key, count, least, most in zip(keys, counts, low, high, strict=True):
        if not least <= count <= most:
            raise DisclosureRefused(
                f"{key} is said to be {least:g} to {most:g} which the register contradicts: not the same units; leave it out or widen it"
            )


def _weights(margins: Sequence[Margin], attributes: Mapping[str, Attribute]) -> dict[Key, float]:
    """Return each cell's weight, added over the tables that print it; 0 where it is only protected."""
    found: dict[Key, list[float]] = {}
    for margin in margins:
        codes = []
        for name in sorted(margin.attributes):
            every = dict.fromkeys([*margin.codes[name], *margin.protect_only.get(name, ())])
            codes.append([((name, attributes[name].plain(code)), code in margin.codes[name]) for code in every])
        for combination in product(*codes):
            key = tuple(pair for pair, _ in combination if pair[1] != TOTAL)
            found.setdefault(key, []).append(margin.weight if all(shown for _, shown in combination) else 0.0)
    return {key: sum(sorted(weights)) for key, weights in found.items()}


def _dominance(rows: Matrix, places: Sequence[Cells], units: pd.DataFrame, clusters: str | None) -> Floats:
    """Return the largest share of each cell's units that one cluster has."""
    if clusters is None or units.empty:
        return np.zeros(rows.shape[0])
    codes, names = pd.factorize(units[clusters])
    if (codes < 0).any():
        raise DisclosureRefused(f"some units have no {clusters}; give each unit alone a value of its own")
    inside = np.concatenate(places), np.tile(codes, len(places))
    members = sparse.coo_array((np.ones(len(inside[0])), inside), shape=(rows.shape[1], len(names))).tocsr()
    held = sparse.csr_array(rows @ members)
    total = held.sum(axis=1)
    largest = held.max(axis=1).toarray().ravel() if held.shape[0] else np.zeros(0)
    return np.divide(largest, total, out=np.zeros(rows.shape[0]), where=total > 0)
