"""Cells of persons in two editions: which printed numbers changed, and of which countries and periods the difference may not be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from turquesa_stats.disclosure.statement_bounds import Statement, determined
from turquesa_stats.edition.audit import comparisons
from turquesa_stats.edition.audit.changes import found_by_comparing
from turquesa_stats.edition.audit.codebook import PUBLICATIONS
from turquesa_stats.edition.audit.statements import Book, k_of
from turquesa_stats.edition.audit.verdict import examine
from turquesa_stats.edition.difference.documents import Documents
from turquesa_stats.edition.difference.editions import Edition
from turquesa_stats.edition.difference.figures import Cause
from turquesa_stats.period import Period
from turquesa_stats.schema.regions import countries_of

_LABELS = {publication.family: label for label, publication in PUBLICATIONS.items()}  # one of those of each family


class State(StrEnum):
    """What an edition says of a cell."""

    ABSENT = "absent"
    PRINTED = "printed"
    HIDDEN = "hidden"
    ROUNDED = "rounded"
    SHARE = "share"  # a share of its whole alone


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell of persons that two editions do not print alike.

    Attributes
    ----------
    cell, country, period, family : str
        Its key in the release register, and parts of it.
    state_before, state_after : State
        What each edition says of it.
    cause : Cause
        Why.
    before, after : int or None
        The numbers printed. That of a cell that is hidden now is not repeated.
    by : int or None
        The difference, where both editions print a number; of a hidden cell, or of the ends of one, there is none.
    """

    cell: str
    country: str
    period: str
    family: str
    state_before: State
    state_after: State
    cause: Cause
    before: int | None
    after: int | None
    by: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A country, or region, and period, of which cells of persons are told or refused together."""

    country: str
    period: str

    @classmethod
    def of(cls, cell: str) -> Place:
        """Return the place of a cell."""
        country, period, *_ = cell.split("/")
        return cls(country, period)

    @property
    def days(self) -> Period:
        """First and last day."""
        return Period.parse(self.period.replace("--", "/"))

    def touches(self, country: str, days: Period) -> bool:
        """Whether persons can be counted both here and in another country or region and period, so that one tells of the other."""
        own = self.days
        return bool({*countries_of(self.country)} & {*countries_of(country)}) and own.start <= days.end and days.start <= own.end


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place of which no number is told, as it would tell of fewer than k persons, or as the attack could not be run: not ``is_read``."""

    country: str
    period: str
    k: int
    is_read: bool = True


def refused(before: Edition, after: Edition, jobs: int = 1) -> list[Refusal]:
    """
    Attack the difference of two editions as publication attacks it, and return the places where it tells of too few persons.

    Changes of printed counts by fewer than k, what sums of changes give within a table and over periods, and, where the later edition was
    not published beside the earlier one, the whole audit of its pages beside the register of the earlier.

    Parameters
    ----------
    before, after : Edition
        The editions.
    jobs : int
        Processes of the audit.

    Returns
    -------
    list of Refusal
        By country and period; those that cannot be told without them are among them.
    """
    limits = {name: max(before.limits[name], after.limits[name]) for name in before.limits}
    every = {Place.of(str(cell)) for cell in [*before.register["cell_key"], *after.register["cell_key"]]}
    found = {Place.of(cell) for cell in _told_by_numbers(before, after, limits)}
    unread = False
    if every and not _published_beside(before, after):
        fallen, unread = _told_by_pages(before, after, jobs)
        found |= fallen
    touched = {one for one in every if any(one.touches(other.country, other.days) for other in found)}
    k = limits["k_person"]
    refusals = [Refusal(one.country, one.period, k) for one in touched]
    refusals += [Refusal(one.country, one.period, k, is_read=False) for one in every - touched if unread]
    return sorted(refusals, key=lambda one: (one.country, one.period))


def _told_by_numbers(before: Edition, after: Edition, limits: Mapping[str, int]) -> Iterator[str]:
    book = Book()
    for cell in [*before.register["cell_key"], *after.register["cell_key"]]:  # what either shows is known to be counted so
        country, period, family, *_ = str(cell).split("/")
        book.labels[country, period] |= {_LABELS[family]} if family in _LABELS else set()
    book.shown.update({cell: (float(number), float(number)) for cell, number in _numbers(after).items()})
    yield from (one.cell for one in comparisons.editions(before.register, book.shown)[1] if one.by < k_of(one.cell, limits))
    yield from (one.cell for one in found_by_comparing(before.register, book, limits))
    yield from _told_by_periods(before, after, limits)


def _told_by_periods(before: Edition, after: Edition, limits: Mapping[str, int]) -> Iterator[str]:
    """Yield cells not printed in both editions of which the changes of a span and of its other years leave too small a change."""
    old, new = _numbers(before), _numbers(after)
    changes = {cell: new[cell] - old[cell] for cell in old.keys() & new.keys()}
    over, _ = comparisons.periods(sorted(changes))
    left = determined([*over, *(Statement.of({cell: 1}, by, by) for cell, by in changes.items())]) if over else {}
    yield from (cell for cell, by in left.items() if cell not in changes and 0 < abs(by) < k_of(cell, limits))


def _published_beside(before: Edition, after: Edition) -> bool:
    """Whether publication has attacked the later edition beside the earlier one; of folders apart, labels alone would not tell."""
    if before.folder.resolve() == after.folder.resolve():
        return True
    first, then = by_age(before, after)
    together = before.folder.resolve().parent == after.folder.resolve().parent
    return together and first.manifest.release_id in then.manifest.audit.earlier_releases


def by_age(before: Edition, after: Edition) -> tuple[Edition, Edition]:
    """Return the earlier and the later edition: by the day of release, of one day by which of them was published beside the other."""
    one, other = before.manifest, after.manifest
    beside = before.folder.resolve().parent == after.folder.resolve().parent and other.release_id in one.audit.earlier_releases
    is_later = one.released_on > other.released_on or (one.released_on == other.released_on and beside)
    return (after, before) if is_later else (before, after)


def _told_by_pages(before: Edition, after: Edition, jobs: int) -> tuple[set[Place], bool]:
    """Return the places that fall when the later edition's pages are read beside the earlier register, and whether any was not read."""
    first, then = by_age(before, after)
    verdict, _ = examine(then.site, first.register, jobs)
    return {Place.of(one.cell) for one in verdict.falls}, bool(verdict.unclear or verdict.unread or verdict.disagreeing)


def _numbers(edition: Edition) -> dict[str, int]:
    shown = pd.to_numeric(edition.register["value_shown"], errors="coerce")
    return {str(cell): int(number) for cell, number in zip(edition.register["cell_key"], shown, strict=True) if pd.notna(number)}


def _states(edition: Edition) -> dict[str, State]:
    """Return what an edition says of the cells that its register has."""
    numbers = _numbers(edition)
    other = {"SUPPRESSED": State.HIDDEN, "ROUNDED": State.ROUNDED}
    methods = zip(edition.register["cell_key"].astype(str), edition.register["method"].astype(str), strict=True)
    return {cell: State.PRINTED if cell in numbers else other.get(method, State.SHARE) for cell, method in methods}


def changed_cells(before: Edition, after: Edition, refusals: Iterable[Refusal], documents: Documents) -> list[Cell]:
    """
    Return the cells of persons that two editions do not print alike, without those of places that are refused.

    Parameters
    ----------
    before, after : Edition
        The editions.
    refusals : iterable of Refusal
        As :func:`refused` returns them.
    documents : Documents
        What became of the documents, as :func:`turquesa_stats.edition.difference.documents.changed_documents` returns it.
    """
    withheld = {Place(one.country, one.period) for one in refusals}
    states, numbers = (_states(before), _states(after)), (_numbers(before), _numbers(after))
    by_policy = before.manifest.protection.policy["method"] != after.manifest.protection.policy["method"]
    tables = [{_table_of(cell) for cell in of} for of in states]
    found = []
    for cell in sorted({*states[0], *states[1]}):
        place = Place.of(cell)
        one, other = (_state(cell, of, shown) for of, shown in zip(states, tables, strict=True))
        old, new = (of.get(cell) for of in numbers)
        if place in withheld or (one is other and old == new):
            continue
        cause = Cause.METHOD if by_policy else _cause(one, other, documents, (place.country, str(place.days)))
        by = None if old is None or new is None else new - old
        repeated = None if other is State.HIDDEN else old
        found.append(Cell(cell, place.country, place.period, cell.split("/")[2], one, other, cause, repeated, new, by))
    return found


def _table_of(cell: str) -> str:
    return "/".join(cell.split("/")[:3])


def _state(cell: str, states: Mapping[str, State], tables: Collection[str]) -> State:
    """Return what an edition says of a cell: one that its table leaves out is hidden, as a reader knows the list (and zeros are, too)."""
    return states.get(cell, State.HIDDEN if _table_of(cell) in tables else State.ABSENT)


def _cause(before: State, after: State, documents: Documents, place: tuple[str, str]) -> Cause:
    if State.HIDDEN in (before, after) and State.ABSENT not in (before, after):
        return Cause.SUPPRESSION
    if State.ABSENT in (before, after) and place in documents.came_or_went:
        return Cause.DOCUMENTS
    if place in documents.made_otherwise:
        return Cause.DATA_OR_METHOD
    return Cause.NEW_DATA if before is State.ABSENT else Cause.REVISED_DATA
