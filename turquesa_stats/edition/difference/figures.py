"""Public tables of two editions, row by row: figures that are new, revised or withdrawn, and by which release of which source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from turquesa_stats.schema.tables import table_names, table_schema

OFFICIAL = "official_stat"
_RELEASE = ("edition", "wpp_edition", "version")  # fields that name a release of a source
_ORIGIN = ("source_id", *_RELEASE, "dup_no")  # where a row comes from, not what it counts
_NOT_FOR_READERS = ("record_version", "loaded_at", "retrieved_on", "source_sheet", "source_row", "conflict")
_COUNTRY = ("ref_area", "iso3")
_NUMBERS = ("obs_value", "obs_lower", "obs_upper")
_EDITION_OF_OPERATION = "operation"  # whose field `edition` is of the operation, not of the source


class Cause(StrEnum):
    """Why something is not as it was."""

    NEW_DATA = "new_data"
    REVISED_DATA = "revised_data"
    METHOD = "method"
    SUPPRESSION = "suppression"
    DATA_OR_METHOD = "data_or_method"  # both may be: records are not published, nor their hashes
    DOCUMENTS = "documents"  # documents came or went


class Kind(StrEnum):
    """What became of a row."""

    NEW = "new"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    SOURCE = "source"  # the same figure, from another source now


@dataclass(frozen=True, slots=True)
class Origin:
    """Source and release that a row comes from."""

    source_id: str
    release: str


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A row of a public table that is not in both editions alike.

    Attributes
    ----------
    table, country, indicator : str
        Where it stands; no country or indicator where the table has none.
    key : mapping
        Field -> code of what is counted, without its source.
    kind : Kind
        What became of it.
    cause : Cause
        Why.
    before, after : mapping or None
        Field -> text of what is not the same; all that a reader sees of a new or withdrawn row; None where it is not there.
    origin_before, origin_after : Origin or None
        Where it comes from.
    start, end : date or None
        First and last day of the period it is of.
    """

    table: str
    country: str
    indicator: str
    key: Mapping[str, str]
    kind: Kind
    cause: Cause
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    origin_before: Origin | None
    origin_after: Origin | None
    start: date | None
    end: date | None

    @property
    def size(self) -> float:
        """By how much the figure differs; a new or withdrawn one its whole, one whose ends alone are known the larger end."""
        return abs(_amount(self.after) - _amount(self.before))


def _amount(fields: Mapping[str, str] | None) -> float:
    for name in ("obs_value", "value", "persons", "obs_upper"):
        text = (fields or {}).get(name, "")
        try:
            return float(text)
        except ValueError:
            continue
    return 0.0


def changed_figures(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> tuple[list[Figure], dict[str, int]]:
    """
    Compare the public tables of two editions as multisets of rows.

    Rows of one key are paired with the same content first, of the same source before another; then by their order in the file.

    Parameters
    ----------
    before, after : mapping
        Table -> rows as text.

    Returns
    -------
    changed : list of Figure
        By table, key and source.
    confirmed : dict
        Table -> how many rows another release of the same source gives unchanged.
    """
    changed: list[Figure] = []
    confirmed: dict[str, int] = {}
    for name in (name for name in table_names() if name in before or name in after):
        held = [{*rows[name]} for rows in (before, after) if name in rows]
        table = _Table(name, set.intersection(*held))
        both = [table.rows(rows.get(name)) for rows in (before, after)]
        confirmed[name] = 0
        for key in sorted({*both[0], *both[1]}):
            pairs, again = _paired(both[0].get(key, []), both[1].get(key, []))
            confirmed[name] += again
            changed += [table.figure(key, one, other) for one, other in pairs]
    return changed, {name: count for name, count in confirmed.items() if count}


@dataclass(frozen=True, slots=True)
class _Row:
    origin: Origin
    seen: tuple[str, ...]  # what a reader sees, in the order of the table's fields


Pair = tuple[_Row | None, _Row | None]


class _Table:
    """How the rows of a table are told apart, and what a reader sees of them."""

    def __init__(self, name: str, held: Collection[str]) -> None:
        schema = table_schema(name)
        origin = tuple(one for one in _ORIGIN if not (name == _EDITION_OF_OPERATION and one == "edition"))
        self.name = name
        self.key = tuple(one for one in schema.key if one not in origin or schema.key == (one,))
        self.release = next((one for one in _RELEASE if one in schema.field_names and one in origin), "")
        apart = {*self.key, *origin, *_NOT_FOR_READERS}
        self.seen = [one for one in schema.field_names if one in held and one not in apart]  # a field of one schema alone tells no change

    def rows(self, table: pd.DataFrame | None) -> dict[tuple[str, ...], list[_Row]]:
        """Return key -> rows, in the order of the file."""
        found: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
        if table is None:
            return found
        keys, origins, seen = (self._of(table, fields) for fields in (self.key, ("source_id", self.release), self.seen))
        for key, (source, release), row in zip(keys, origins, seen, strict=True):
            found[key].append(_Row(Origin(source, release), row))
        return found

    @staticmethod
    def _of(table: pd.DataFrame, fields: Iterable[str]) -> Iterator[tuple[str, ...]]:
        return zip(*(table[name].tolist() if name in table else [""] * len(table) for name in fields), strict=True)

    def figure(self, key: tuple[str, ...], before: _Row | None, after: _Row | None) -> Figure:
        """Return what became of a pair of rows of which one may not be there."""
        named = dict(zip(self.key, key, strict=True))
        one, other = (None if row is None else dict(zip(self.seen, row.seen, strict=True)) for row in (before, after))
        whole = {**(one or {}), **(other or {}), **named}
        kind = _kind(before, after)
        if one is not None and other is not None:
            differing = {name for name in self.seen if one[name] != other[name]}
            differing |= {name for name in _NUMBERS if name in self.seen and differing & {*_NUMBERS}}  # an interval is told whole
            one, other = ({name: of[name] for name in self.seen if name in differing} for of in (one, other))
        cause = Cause.NEW_DATA if kind is Kind.NEW else Cause.REVISED_DATA
        if self.name == OFFICIAL and _hides(before, after, self.seen):  # a number that its source no longer gives is not repeated
            cause, one = Cause.SUPPRESSION, {name: text for name, text in (one or {}).items() if name not in _NUMBERS}
        return Figure(
            self.name,
            next((whole[field] for field in _COUNTRY if field in whole), ""),
            whole.get("indicator", ""),
            named,
            kind,
            cause,
            one,
            other,
            before.origin if before else None,
            after.origin if after else None,
            _day(whole.get("period_start")),
            _day(whole.get("period_end")),
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _kind(before: _Row | None, after: _Row | None) -> Kind:
    if before is None or after is None:
        return Kind.NEW if before is None else Kind.WITHDRAWN
    return Kind.SOURCE if before.seen == after.seen else Kind.REVISED


def _hides(before: _Row | None, after: _Row | None, seen: Sequence[str]) -> bool:
    """Whether a source that gave a number gives only ends of it now, or nothing."""
    place = seen.index("obs_value")
    return before is not None and after is not None and before.seen[place] != "" and after.seen[place] == ""


def _paired(before: Sequence[_Row], after: Sequence[_Row]) -> tuple[list[Pair], int]:
    """Return the rows of one key that are not in both editions alike, and how many another release gives unchanged."""
    old, new = list(before), list(after)
    list(_taken(old, new, lambda row: row))
    again = sum(one.origin != other.origin for one, other in _taken(old, new, lambda row: (row.origin.source_id, row.seen)))
    pairs: list[Pair] = [*_taken(old, new, lambda row: row.origin.source_id), *_taken(old, new, lambda row: row.seen)]
    pairs += _taken(old, new, lambda _: None)
    return [*pairs, *((one, None) for one in old), *((None, one) for one in new)], again


def _taken(old: list[_Row], new: list[_Row], alike: Callable[[_Row], object]) -> Iterator[tuple[_Row, _Row]]:
    """Yield pairs that are alike, and take them out of both lists; each row with the first that is left."""
    for one in list(old):
        other = next((row for row in new if alike(row) == alike(one)), None)
        if other is not None:
            old.remove(one)
            new.remove(other)
            yield one, other
