"""What is counted: characteristics of the units of one register, and the tables (margins) that are published of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from turquesa_stats.errors import DisclosureRefused, nearest

TOTAL = "_T"
Key = tuple[tuple[str, str], ...]
"""A cell: sorted pairs of attribute and code, attributes at their total left out; the empty key is the total of all units."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """
    One characteristic of the units.

    Attributes
    ----------
    name : str
        Column of the units' frame.
    leaves : tuple of str
        Every code that a unit can have, those that nobody has and the unknown one included.
    sums : mapping of str to frozenset of str
        Further published codes and the leaves that each adds up; ``_T`` is always all leaves.
    """

    name: str
    leaves: tuple[str, ...]
    sums: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse leaves that repeat, and sums of what are not leaves."""
        if len(set(self.leaves)) != len(self.leaves) or not self.leaves:
            raise DisclosureRefused(f"attribute {self.name} needs leaves, each once; found {', '.join(self.leaves) or 'none'}")
        for code, parts in self.sums.items():
            strange = sorted(parts - set(self.leaves))
            if strange or not parts or code in self.leaves:
                found = ", ".join(strange) or "a leaf's name, or nothing"
                raise DisclosureRefused(f"sum {code} of {self.name} must be a new code that adds up leaves; found {found}")

    def members(self, code: str) -> frozenset[str]:
        """
        Return the leaves that a code adds up.

        Examples
        --------
        >>> sorted(Attribute("sex", ("F", "M", "_U"), {"_KNOWN": frozenset("FM")}).members("_KNOWN"))
        ['F', 'M']
        """
        if code == TOTAL:
            return frozenset(self.leaves)
        if code in self.leaves:
            return frozenset({code})
        if code not in self.sums:
            raise DisclosureRefused(f"{self.name} has no code {code}: {nearest(code, [*self.leaves, *self.sums, TOTAL])}")
        return self.sums[code]

    def plain(self, code: str) -> str:
        """
        Return the one code that stands for all codes with the same leaves: the total, else the leaf, else the first sum by name.

        Examples
        --------
        >>> Attribute("period", ("2019", "2020"), {"2019/2020": frozenset({"2019", "2020"})}).plain("2019/2020")
        '_T'
        """
        members = self.members(code)
        if len(members) == len(self.leaves):
            return TOTAL
        if len(members) == 1:
            return next(iter(members))
        return min(name for name, parts in self.sums.items() if parts == members)


@dataclass(frozen=True, slots=True)
class Margin:
    """
    One table that is published.

    Attributes
    ----------
    attributes : tuple of str
        The characteristics that it crosses.
    codes : mapping of str to tuple of str
        For each of them the codes, leaves or sums, of which cells are printed.
    weight : float
        What a cell is worth: its information, or the number of places where it is printed.
    protect_only : mapping of str to tuple of str
        Codes that are never printed but must not be found out either, such as the complement of a printed code.
    """

    attributes: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    weight: float = 1.0
    protect_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table of which an attribute has no codes, and a worth that is not positive."""
        lacking = [name for name in self.attributes if not self.codes.get(name)]
        foreign = sorted({*self.codes, *self.protect_only} - set(self.attributes))
        if lacking or foreign or len(set(self.attributes)) != len(self.attributes):
            raise DisclosureRefused(
                f"a table needs codes for each of its attributes and no other: {', '.join(lacking + foreign) or 'one repeats'}"
            )
        if self.weight <= 0:
            raise DisclosureRefused(f"a table's weight must be above 0, not {self.weight:g}; leave out what is worth nothing")


def plain_key(codes: Iterable[tuple[str, str]], attributes: Mapping[str, Attribute]) -> Key:
    """
    Return the one key of a cell, however it is written.

    Examples
    --------
    >>> sex, year = Attribute("sex", ("F", "M")), Attribute("year", ("2019", "2020"))
    >>> plain_key([("year", "2019"), ("sex", "_T")], {"sex": sex, "year": year})
    (('year', '2019'),)
    """
    pairs = dict(codes)
    for name in pairs:
        if name not in attributes:
            raise DisclosureRefused(f"no attribute {name}: {nearest(name, attributes)}")
    plain = ((name, attributes[name].plain(code)) for name, code in pairs.items())
    return tuple(sorted(pair for pair in plain if pair[1] != TOTAL))
