"""The account of a difference: by country, then by indicator, the most changes first; and as lines of text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from turquesa_stats.edition.difference import names
from turquesa_stats.edition.difference.compare import Difference
from turquesa_stats.edition.difference.documents import Documents, MadeOtherwise
from turquesa_stats.edition.difference.persons import Refusal
from turquesa_stats.present.words import Words

_LINES = 6
_NAMES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One change, in words."""

    what: str
    period: str
    kind: str
    cause: str
    before: str
    after: str
    by: str
    source: str
    size: float


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of an indicator, of a table without indicators, or of a family of cells; ``counts`` maps kind to number."""

    title: str
    counts: Mapping[str, int]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Country:
    """The changes of a country or region; ``code`` is empty for what is of none."""

    code: str
    name: str
    is_synthetic: bool
    groups: Sequence[Group]
    documents: Sequence[str]

    @property
    def count(self) -> int:
        """How many figures and cells changed."""
        return sum(len(group.rows) for group in self.groups)


def countries(told: Difference, words: Words) -> list[Country]:
    """
    Return the countries of which anything changed, that with the most changes first.

    Parameters
    ----------
    told : Difference
        The difference.
    words : Words
        The language.
    """
    rows: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for figure in told.figures:
        before, after = names.values(figure, words)
        by, source = names.by_of(figure, words), names.origin(figure.origin_before, figure.origin_after, words)
        what, when, size = names.figure_name(figure, words), names.period_of(figure), figure.size
        row = Row(what, when, f"{figure.kind}", f"{figure.cause}", before, after, by, source, size)
        rows[figure.country][names.group_name(figure.table, figure.indicator, words)].append(row)
    for cell in told.cells:
        before, after = names.cell_values(cell, words)
        by, size = names.signed(float(cell.by), words) if cell.by is not None else "", abs(cell.by or 0)
        what, when = names.cell_name(cell, words), cell.period.replace("--", "/")
        row = Row(what, when, names.cell_kind(cell), f"{cell.cause}", before, after, by, "", size)
        rows[cell.country][names.family_name(cell.family, words)].append(row)
    documents = _documents(told.documents, words)
    found = [_country(code, rows[code], documents.get(code, []), told, words) for code in sorted({*rows, *documents})]
    return sorted(found, key=lambda one: (-one.count, one.name))


def _country(code: str, rows: Mapping[str, Sequence[Row]], documents: Sequence[str], told: Difference, words: Words) -> Country:
    groups = [_group(title, every) for title, every in rows.items()]
    name = words.country(code) if code else words("difference.no_country")
    return Country(code, name, code in told.synthetic, sorted(groups, key=lambda one: (-len(one.rows), one.title)), documents)


def _group(title: str, rows: Sequence[Row]) -> Group:
    counts = dict(Counter(row.kind for row in rows).most_common())
    return Group(title, counts, sorted(rows, key=lambda row: (-row.size, row.period, row.what)))


def _documents(made: Documents, words: Words) -> dict[str, list[str]]:
    """Return country -> what became of its documents, in words."""
    told: dict[str, list[str]] = defaultdict(list)
    for key, stems in (("difference.documents_added", made.added), ("difference.documents_gone", made.gone)):
        of: dict[str, list[str]] = defaultdict(list)
        for stem in stems:
            of[stem.split("/")[1] if stem.count("/") else ""].append(stem)
        for country, own in of.items():
            told[country].append(words(key, names=_listed(own)))
    by_parts: dict[tuple[str, tuple[str, ...]], list[MadeOtherwise]] = defaultdict(list)
    for one in made.changed:
        by_parts[one.country, one.parts].append(one)
    for (country, parts), every in by_parts.items():
        listed = ", ".join(words(f"difference.part.{part}") if words.has(f"difference.part.{part}") else part for part in parts)
        told[country].append(words("difference.documents_changed", len(every), count=len(every), parts=listed))
    return told


def _listed(every: Sequence[str]) -> str:
    return ", ".join(every[:_NAMES]) + (f" … ({len(every)})" if len(every) > _NAMES else "")


def made(told: Difference, words: Words) -> list[tuple[str, list[str]]]:
    """Return what changed for the whole edition: title, and what was and is of each part of it."""
    change = told.documents
    named = {f"difference.edition.{name}": pair for name, pair in change.edition.items()}
    parts: list[tuple[str, Mapping[str, tuple[object, object]]]] = [
        (words("difference.edition"), {words(key): pair for key, pair in named.items()}),
        (words("difference.policy"), change.policy),
        (words("difference.packages"), change.packages),
    ]
    return [(title, [_from_to(name, pair, words) for name, pair in pairs.items()]) for title, pairs in parts if pairs]


def _from_to(name: str, pair: tuple[object, object], words: Words) -> str:
    before, after = (words("difference.state.absent") if one is None else str(one) for one in pair)
    return words("difference.named", name=name, text=words("difference.from_to", before=before, after=after))


def refusals(every: Iterable[Refusal], words: Words) -> list[str]:
    """Return the reason of each refusal; neither what changed nor by how much."""
    return [_refusal(one, words) for one in every]


def _refusal(one: Refusal, words: Words) -> str:
    country, period = words.country(one.country), one.period.replace("--", "/")
    if not one.is_read:
        return words("difference.refused_unread", country=country, period=period)
    return words("difference.refused", country=country, period=period, k=one.k)


def counted(counts: Mapping[str, int], words: Words) -> str:
    """Return how many changes there are of each kind."""
    return ", ".join(words("difference.counted", kind=words(f"difference.kind.{kind}"), count=count) for kind, count in counts.items())


def lead(told: Difference, words: Words) -> list[str]:
    """Return what is said before all changes."""
    days = {"released_before": told.released_before, "released_after": told.released_after}
    said = [words("difference.lead", before=told.before, after=told.after, **days)]
    if told.is_backwards:
        said.append(words("difference.backwards", before=told.before, after=told.after))
    if told.country:
        said.append(words("difference.only", country=words.country(told.country)))
    if told.is_same:
        said.append(words("difference.same"))
    if told.confirmed:
        said.append(words("difference.confirmed", count=sum(told.confirmed.values())))
    return said


def account(told: Difference, words: Words) -> Iterator[str]:
    """
    Yield the lines that tell a difference on a terminal.

    Parameters
    ----------
    told : Difference
        The difference.
    words : Words
        The language.
    """
    yield from lead(told, words)
    yield from _section(words("difference.refused_title"), refusals(told.refusals, words))
    for country in countries(told, words):
        mark = f" [{words('site.synthetic')}]" if country.is_synthetic else ""
        yield ""
        count = words("difference.changes", country.count, count=country.count)
        yield words("difference.named", name=country.name + mark, text=count) if country.count else country.name + mark
        for group in country.groups:
            yield f"  {group.title}. {counted(group.counts, words)}"
            yield from (f"    {_line(row, words)}" for row in group.rows[:_LINES])
            if len(group.rows) > _LINES:
                yield f"    {words('difference.more', count=len(group.rows) - _LINES)}"
        yield from (f"  {words('difference.documents')}: {one}" for one in country.documents)
    for title, parts in made(told, words):
        yield from _section(
            title, [*parts[:_NAMES], *([words("difference.more", count=len(parts) - _NAMES)] if len(parts) > _NAMES else [])]
        )
    listed = [f"{one.document}, {one.place}: {words('difference.from_to', before=one.before, after=one.after)}" for one in told.numbers]
    more = [words("difference.more", count=len(listed) - _LINES)] if len(listed) > _LINES else []
    yield from _section(words("difference.numbers"), [*listed[:_LINES], *more])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title} ({len(lines)})"
        yield from (f"  {line}" for line in lines)


def _line(row: Row, words: Words) -> str:
    told = words("difference.from_to", before=row.before, after=row.after) + (f" ({row.by})" if row.by else "")
    where = f"{row.period}, {row.what}" if row.period else row.what
    kind = "" if row.cause.startswith(row.kind) else words(f"difference.kind.{row.kind}")  # new data are new
    about = [one for one in (kind, words(f"difference.cause.{row.cause}"), row.source) if one]
    return f"{words('difference.named', name=where, text=told)} · {' · '.join(about)}"
