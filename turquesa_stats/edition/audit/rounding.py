"""Rounded pages: what a multiple tells of the count behind it, and numbers that are no multiples, so that they are exact."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from turquesa_stats.edition.audit.readings import Reading, Readings
from turquesa_stats.edition.audit.values import Value

_LAST_PLACE = 0.0051  # half of a per cent, and what floating point leaves


@dataclass(slots=True)
class Rounded:
    """
    What documents say once their rounding is taken into account.

    Attributes
    ----------
    read : list of Reading
        All readings; a rounded count as the interval that it stands for.
    exact : list of Reading
        Numbers that rounding does not give, so that they tell a true count.
    differing : dict
        Cell -> what places print of it, where they print different multiples.
    cells : set of str
        Cells that are printed rounded: to be attacked.
    """

    read: list[Reading] = field(default_factory=list)
    exact: list[Reading] = field(default_factory=list)
    differing: dict[str, str] = field(default_factory=dict)
    cells: set[str] = field(default_factory=set)


def unrounded(documents: Iterable[Readings]) -> Rounded:
    """
    Return the readings of documents, rounded counts as what a reader knows of them: less than a base from the printed one.

    What a share adds to its count and n is nothing, as it is one divided by the other; a share that is not is exact.

    Parameters
    ----------
    documents : iterable of Readings
        As heard; each says itself to what it rounds (``limits``).
    """
    found, multiples = Rounded(), defaultdict[str, dict[float, str]](dict)
    for one in documents:
        bases = {accused: one.limits.get(f"base_{'accused' if accused else 'person'}", 0) for accused in (False, True)}
        printed = {each.cell: each.value.low for each in one.read if bases[each.accused] and each.value.is_count}
        for each in one.read:
            base = bases[each.accused]
            if not base or not each.value.is_shown:
                found.read.append(each)
                continue
            found.cells.add(each.cell)
            if each.value.is_count:
                multiples[each.cell].setdefault(each.value.low, f"{each.document}, {each.place}: {each.value.low:g}")
            if not _is_rounded(each, printed, base):
                found.exact.append(each)
            found.read.append(replace(each, value=_interval(each.value, base)))
    found.differing = {cell: "; ".join(by.values()) for cell, by in multiples.items() if len(by) > 1}
    return found


def _interval(value: Value, base: int) -> Value:
    if not math.isfinite(value.high):
        return Value()
    return Value(max(0.0, value.low - base + 1), value.high + base - 1)


def _is_rounded(one: Reading, printed: Mapping[str, float], base: int) -> bool:
    """Whether what is printed is a multiple, and its share with bounds that of a multiple by a multiple: the printed ones if there are."""
    value = one.value
    if math.isfinite(value.high) and (not value.is_count or value.low % base):
        return False
    if math.isnan(value.share):
        return True
    most = int(max(printed.values(), default=0))
    count, whole = value.low if value.is_count else printed.get(one.cell), printed.get(one.whole)
    wholes = range(base, most + 1, base) if whole is None else (int(whole),)
    parts = range(0, most + 1, base) if count is None else (int(count),)
    return any(_reads_so(value, part, n, base) for n in wholes for part in parts if n)


def _reads_so(value: Value, part: int, n: int, base: int) -> bool:
    least, most = max(0, part - base + 1) / (n + base - 1), min(1.0, (part + base - 1) / max(n - base + 1, 1))
    pairs = ((value.share, min(1.0, part / n)), (value.share_low, least), (value.share_high, most))
    return all(math.isnan(printed) or abs(printed - true) <= _LAST_PLACE for printed, true in pairs)
