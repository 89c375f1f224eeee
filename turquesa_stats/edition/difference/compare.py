"""The difference of two published editions, whole and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from turquesa_stats.edition.difference.documents import Documents, changed_documents
from turquesa_stats.edition.difference.editions import Edition
from turquesa_stats.edition.difference.figures import Figure, changed_figures
from turquesa_stats.edition.difference.numbers import Number, changed_numbers
from turquesa_stats.edition.difference.persons import Cell, Place, Refusal, by_age, changed_cells, refused
from turquesa_stats.period import Period
from turquesa_stats.schema.regions import countries_of


@dataclass(frozen=True, slots=True)
class Difference:
    """
    What changed for the reader between two editions.

    Attributes
    ----------
    before, after : str
        Labels of the editions.
    released_before, released_after : date
        Their days of release.
    is_backwards : bool
        Whether the second is the earlier one.
    figures : list of Figure
        Rows of public tables.
    confirmed : dict
        Table -> rows that another release of the same source gives unchanged.
    cells : list of Cell
        Counts of persons.
    refusals : list of Refusal
        Countries and periods of which no number is told.
    documents : Documents
        Documents, and what they were made by.
    numbers : list of Number
        Numbers that documents print otherwise, of countries whose data did not change.
    synthetic : frozenset of str
        Countries of which any document holds made-up records.
    sources : dict
        Key -> title of the sources from which changed figures come.
    country : str or None
        The only country told of.
    """

    before: str
    after: str
    released_before: date
    released_after: date
    is_backwards: bool
    figures: list[Figure]
    confirmed: dict[str, int]
    cells: list[Cell]
    refusals: list[Refusal]
    documents: Documents
    numbers: list[Number]
    synthetic: frozenset[str]
    sources: dict[str, str]
    country: str | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing changed for the reader; not where something is refused."""
        made = self.documents
        anything = (self.figures, self.cells, self.refusals, self.numbers, made.added, made.gone, made.changed, made.policy, made.edition)
        return not any(anything)

    def as_json(self) -> str:
        """Return all of it as JSON; a field that is not told is null."""
        made = asdict(self.documents)
        made = {name: made[name] for name in made if name not in ("came_or_went", "made_otherwise")}  # follow from the others
        whole: dict[str, Any] = {"format": "turquesa-difference/1", "is_same": self.is_same}
        whole |= asdict(self) | {"synthetic": sorted(self.synthetic), "documents": made}
        return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"


def compare(before: Edition, after: Edition, country: str | None = None, jobs: int = 1) -> Difference:
    """
    Return what changed from one edition to another; the difference is attacked before anything of it is told.

    Parameters
    ----------
    before, after : Edition
        The editions.
    country : str, optional
        The only country to tell of; the attack is on all.
    jobs : int
        Processes of the attack.
    """
    refusals = refused(before, after, jobs)
    documents = changed_documents(before.manifest, after.manifest)
    figures, confirmed = changed_figures(before.tables, after.tables)
    cells = changed_cells(before, after, refusals, documents)
    numbers = changed_numbers(before, after, {*(one.country for one in figures), *(one.country for one in cells)})
    every = [*before.manifest.documents, *after.manifest.documents]
    told = Difference(
        before.manifest.label,
        after.manifest.label,
        before.manifest.released_on,
        after.manifest.released_on,
        by_age(before, after)[0] is after,
        _not_of(figures, refusals),
        confirmed,
        cells,
        refusals,
        documents,
        [one for one in numbers if not _is_refused(one.country, Period.parse(one.period), refusals)],
        frozenset(one.country for one in every if one.synthetic),
        {},
    )
    told = told if country is None else _of(told, country)
    return replace(told, sources=_sources(told.figures, before, after))


def _sources(figures: Sequence[Figure], before: Edition, after: Edition) -> dict[str, str]:
    """Return the titles of sources, as the later of the two editions that has each gives it."""
    used = {origin.source_id for one in figures for origin in (one.origin_before, one.origin_after) if origin is not None}
    titles: dict[str, str] = {}
    for edition in (before, after):
        if "source" in edition.tables:
            titles |= dict(zip(edition.tables["source"]["source_id"], edition.tables["source"]["title"], strict=True))
    return {key: titles[key] for key in sorted(used) if key in titles}


def _not_of(figures: Sequence[Figure], refusals: Sequence[Refusal]) -> list[Figure]:
    """Return the figures without those of refused countries and periods: an official one may be counted from the same records."""

    def is_told(one: Figure) -> bool:
        return not (one.start and one.end and one.country and _is_refused(one.country, Period(one.start, one.end), refusals))

    return [one for one in figures if is_told(one)]


def _is_refused(country: str, days: Period, refusals: Sequence[Refusal]) -> bool:
    return any(Place(one.country, one.period).touches(country, days) for one in refusals)


def _of(told: Difference, country: str) -> Difference:
    """Return what is of one country or region; the ways of making documents hold for all."""
    made = told.documents
    parts = [tuple(one for one in stems if _is_of(one, country)) for stems in (made.added, made.gone)]
    return replace(
        told,
        country=country,
        figures=[one for one in told.figures if one.country == country],
        cells=[one for one in told.cells if one.country == country],
        refusals=[one for one in told.refusals if {*countries_of(one.country)} & {*countries_of(country)}],
        documents=replace(made, added=parts[0], gone=parts[1], changed=tuple(one for one in made.changed if one.country == country)),
        numbers=[one for one in told.numbers if one.country == country],
        confirmed={},
    )


def _is_of(stem: str, country: str) -> bool:
    return stem.split("/")[1:2] == [country]
