"""Whose number a stray text gives away: the hidden cell that all its words name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from turquesa_stats.edition.audit.codebook import ACTIVITIES, PUBLICATIONS, VICTIMS, WHOLE, name_of
from turquesa_stats.edition.audit.values import numbers_in
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import TOTAL, Language

_NEAR = 60  # characters between a name and its number
_AXES = {
    "steps": ("sex", "step"),
    "exploitation": ("group", "exploitation"),
    "recruitment": ("group", "recruit"),
    "ages": ("sex", "age"),
    "training": ("adult_sex", "training_step"),
} | {
    one.family: one.axes
    for one in PUBLICATIONS.values()
    if not one.first and (len(one.axes) == 1 or (one.family in ACTIVITIES and one.family != "training"))
}


@cache
def _called(family: str, code: str, place: int) -> tuple[re.Pattern[str], ...]:
    axes = _AXES.get(family, ())
    if place >= len(axes):
        return ()
    texts = {code, *(name_of(axes[place], code, Words(language)) for language in Language)}
    return tuple(re.compile(rf"(?<!\w){re.escape(text.casefold())}(?!\w)") for text in sorted(texts))


def given_away(text: str, cells: Iterable[str]) -> list[tuple[str, int]]:
    """
    Return the cells that a text names in any language or by code, each with the number nearest to its name.

    Only the cells that it names most closely are returned: "girls in forced labour: 4" is about that cell, not about all girls.

    Parameters
    ----------
    text : str
        Any text.
    cells : iterable of str
        Names of hidden cells of the text's country and period.
    """
    folded, found = text.casefold(), dict[str, tuple[int, int]]()
    for cell in cells:
        country, _, family, *codes = cell.split("/")
        if family == VICTIMS or codes[-1] == WHOLE or family not in _AXES or country in codes:  # a page names its own country everywhere
            continue
        named = [(code, place) for place, code in enumerate(codes) if code != TOTAL]
        spots = [[match.span() for form in _called(family, code, place) for match in form.finditer(folded)] for code, place in named]
        if all(spots) and named:
            number = _nearest(folded, [span for of_code in spots for span in of_code])
            if number is not None:
                found[cell] = len(named), number
    most = max((count for count, _ in found.values()), default=0)
    return [(cell, number) for cell, (count, number) in found.items() if count == most]


def cells_named(row: Mapping[str, str], cells: Iterable[str]) -> list[str]:
    """
    Return the cells that a row of a table names: its country, its period and every code, each as a value of its own.

    Of several families with the same codes, only those are returned that the row names too, if it names any.
    """
    values = {value.casefold() for value in row.values()} | {value.casefold().replace("/", "--") for value in row.values()}
    found = {}
    for cell in cells:
        country, period, family, *codes = cell.split("/")
        named = [(code, place) for place, code in enumerate(codes) if code != TOTAL]
        if country.casefold() in values and period in values and all(values & _texts(family, code, place) for code, place in named):
            found[cell] = len(named)
    most = max(found.values(), default=0)
    closest = [cell for cell, count in found.items() if count == most]
    labels = {family: {family, *(one.label for one in PUBLICATIONS.values() if one.family == family)} for family in _AXES}
    said = [cell for cell in closest if values & labels.get(cell.split("/")[2], {cell.split("/")[2]})]
    return said or closest


@cache
def _texts(family: str, code: str, place: int) -> frozenset[str]:
    axes = _AXES.get(family, ())
    known = place < len(axes) and code != WHOLE
    return frozenset({code.casefold(), *((name_of(axes[place], code, Words(one)).casefold() for one in Language) if known else ())})


def _nearest(text: str, spans: list[tuple[int, int]]) -> int | None:
    best: tuple[int, int, int] | None = None
    for match in re.finditer(r"\d+(?:[.,\u202f\u00a0]\d{3})*", text):
        if any(start <= match.start() < end for start, end in spans) or not numbers_in(f" {match.group()} "):
            continue
        for start, end in spans:
            after = match.start() - end
            distance = (after, 0) if after >= 0 else (start - match.end(), 1)
            candidate = (*distance, int(re.sub(r"\D", "", match.group())))
            if 0 <= distance[0] <= _NEAR and (best is None or candidate < best):
                best = candidate
    return None if best is None else best[2]
