"""Which characteristics must be crossed, so that tables which agree pair by pair are tables of one register."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

Clique = tuple[str, ...]


def maximal(margins: Iterable[Iterable[str]]) -> list[Clique]:
    """
    Return the sets of attributes that no other one contains.

    Examples
    --------
    >>> maximal([["sex"], ["sex", "year"], ["form", "year"]])
    [('form', 'year'), ('sex', 'year')]
    """
    sets = {frozenset(one) for one in margins}
    return sorted(tuple(sorted(one)) for one in sets if not any(one < other for other in sets))


def joint_cliques(margins: Iterable[Iterable[str]]) -> list[Clique]:
    """
    Return the cliques of a chordal graph that holds every margin.

    Non-negative tables over such cliques that agree where they overlap are always margins of one table over all attributes, with whole
    numbers too (Lauritzen 1996, decomposable models). Margins alone are not: three tables of two attributes each can agree in pairs and
    still have no common register, which an attacker could use. Attributes are eliminated in the order of least fill.

    Examples
    --------
    >>> joint_cliques([["a", "b"], ["b", "c"], ["a", "c"]])
    [('a', 'b', 'c')]
    >>> joint_cliques([["a", "b"], ["b", "c"]])
    [('a', 'b'), ('b', 'c')]
    """
    sets = [frozenset(one) for one in margins]
    around: dict[str, set[str]] = {name: set() for one in sets for name in one}
    for one in sets:
        for name in one:
            around[name] |= one - {name}
    found: list[frozenset[str]] = [frozenset()]
    while around:
        name = min(around, key=lambda each: (_fill(around, each), len(around[each]), each))
        found.append(frozenset({name, *around[name]}))
        for other in around[name]:
            around[other] = (around[other] | around[name]) - {name, other}
        del around[name]
    return maximal(found)


def junctions(cliques: list[Clique]) -> list[tuple[int, int]]:
    """
    Return the pairs of cliques to tie: a spanning tree with the largest overlaps, which is enough where the cliques are chordal.

    Examples
    --------
    >>> junctions([("a", "b"), ("b", "c"), ("d",)])
    [(0, 1), (0, 2)]
    """
    pairs = sorted(combinations(range(len(cliques)), 2), key=lambda pair: (-len(set(cliques[pair[0]]) & set(cliques[pair[1]])), pair))
    tree, group = [], list(range(len(cliques)))
    for one, other in pairs:
        if group[one] != group[other]:
            tree.append((one, other))
            group = [group[one] if each == group[other] else each for each in group]
    return tree


def _fill(around: dict[str, set[str]], name: str) -> int:
    """Return how many pairs of neighbours would have to be joined."""
    return sum(other not in around[one] for one, other in combinations(sorted(around[name]), 2))
