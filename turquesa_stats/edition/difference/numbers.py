"""Numbers that documents of both editions print otherwise though no figure and no count of their country changed: so by method."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from turquesa_stats.edition.difference.editions import Edition
from turquesa_stats.edition.publication.manifest import Document
from turquesa_stats.edition.review.numbers import Answer, compared, passages
from turquesa_stats.schema.regions import countries_of


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a document of both editions prints otherwise: its place in the document, and both texts."""

    document: str
    country: str
    period: str
    place: str
    before: str
    after: str


def changed_numbers(before: Edition, after: Edition, data_of: Collection[str]) -> list[Number]:
    """
    Return the numbers of executed notebooks that differ, of documents of countries whose data are the same in both editions.

    Of a country whose data changed, numbers follow from the figures and counts that are told already.

    Parameters
    ----------
    before, after : Edition
        The two.
    data_of : collection of str
        Countries and regions of which a figure or count changed.
    """
    changed = {country for code in data_of if code for country in countries_of(code)}
    old = {path: one for one in before.manifest.documents for path in one.files if path.endswith(".ipynb")}
    new = {path for one in after.manifest.documents for path in one.files}
    kept = {path: one for path, one in old.items() if path in new and not changed & {*countries_of(one.country)}}
    return [number for path, one in kept.items() for number in _of(path, one, before, after)]


def _of(path: str, document: Document, before: Edition, after: Edition) -> list[Number]:
    texts = [(edition.folder / path).read_bytes() for edition in (before, after)]
    if texts[0] == texts[1]:
        return []
    old, new = (passages(path, text) for text in texts)
    stem = path.partition("/")[2].removesuffix(".ipynb")
    return [
        Number(stem, document.country, document.period, one.place, one.published, one.remade)
        for one in compared(old, new, document.language, units=0)
        if one.answer is Answer.DIFFERENT and re.search(r"\d", one.published + one.remade)
    ]
