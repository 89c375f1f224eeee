"""What two editions tell together: the records that came in between, or went, are an edition of their own; its counts must be safe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from turquesa_stats.disclosure.attack import attack
from turquesa_stats.disclosure.statement_bounds import Statement, determined
from turquesa_stats.edition.audit import statements
from turquesa_stats.edition.audit.statements import Book, k_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that is not printed in both editions, and by how much a reader finds that it changed: from ``low`` to ``high`` persons."""

    cell: str
    release: str
    low: float
    high: float


def differences(register: pd.DataFrame, shown: Mapping[str, tuple[float, float]]) -> dict[str, dict[str, int]]:
    """
    Return by how much each cell that is printed now as a number differs from each earlier release that printed one too.

    Parameters
    ----------
    register : DataFrame
        Rows of the release register.
    shown : mapping
        Cell -> (lowest, highest) count printed now.

    Returns
    -------
    dict
        Release -> cell -> count now minus count then, of the countries and periods of which any count has changed.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in register.to_dict("records"):
        now, before = shown.get(str(row["cell_key"])), pd.to_numeric(row["value_shown"], errors="coerce")
        if now is not None and now[0] == now[1] and pd.notna(before):
            found[str(row["release_id"])][str(row["cell_key"])] = int(now[0] - before)
    changed: dict[str, dict[str, int]] = {}
    for release, cells in found.items():
        places = {_place(cell) for cell, by in cells.items() if by}
        own = {cell: by for cell, by in cells.items() if _place(cell) in places}
        changed |= {release: own} if own else {}
    return changed


def _place(cell: str) -> tuple[str, str]:
    country, period, *_ = cell.split("/")
    return country, period


def found_by_comparing(register: pd.DataFrame, book: Book, limits: Mapping[str, int]) -> Iterator[Difference]:
    """
    Yield the cells of which so small a change is found that it tells of persons.

    Sums hold for differences whatever happened; that a part is no more than its whole, and that no count of them is below 0, holds where
    records only came in or only went, which is tried where the differences printed do not refute it.

    Parameters
    ----------
    register : DataFrame
        Rows of the release register.
    book : Book
        What the edition says.
    limits : mapping
        ``k_person`` and ``k_accused``, as its pages say.
    """
    for release, changes in differences(register, book.shown).items():
        known = [
            one if one.is_exact else replace(one, assumed=True)
            for country, period in sorted({_place(cell) for cell in changes})
            for one in statements.structure(country, period, book.labels[country, period])
        ]
        asked = {cell: k_of(cell, limits) for one in known for cell, _ in one.terms if cell not in changes}
        exact = determined([one for one in [*known, *_said(changes, 1)] if one.is_exact])
        certain = {cell: abs(by) for cell, by in exact.items() if cell in asked and 0 < abs(by) < asked[cell]}
        yield from (Difference(cell, release, float(by), float(by)) for cell, by in certain.items())
        for sign in (1, -1):
            for one in attack([*known, *_said(changes, sign)], {}, asked).found:
                if one.falls and one.cell not in certain:
                    yield Difference(one.cell, release, one.low, one.high)


def _said(changes: Mapping[str, int], sign: int) -> list[Statement]:
    return [Statement.of({cell: 1}, sign * by, sign * by) for cell, by in changes.items()]
