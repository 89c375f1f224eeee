"""What a threat assessment's folder must hold: keys, codes, links between its files, and the tradecraft of ICD 203 and PHIA."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turquesa_stats.errors import nearest
from turquesa_stats.schema.checks.judgements import mixes
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.custody import UNRESTRICTED
from turquesa_stats.schema.likelihood import numbers_said, terms_of, terms_said, written
from turquesa_stats.schema.regions import regions
from turquesa_stats.sources.assessment_folder import LAST_YEAR, AssessmentFolder, Item, Problem

SELF_SELECTED = ("HOTLINE", "NGO")
NONE = "none"  # what a judgement without one of last year says, so that nobody forgets to look
TEXTS = ("statement", "would_change", "watch")
FEWEST, MOST = 6, 10
HEAD_KEYS = ("region", "year", "scale", "publisher", "synthetic")
JUDGEMENT_KEYS = ("id", "section", "statement", "likelihood", "confidence", "sources", "would_change", "watch", "last_year")
SOURCE_KEYS = ("id", "title", "publisher", "url", "licence", "body", "tier", "scheme", "grade", "handling")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_CODED = ("region", "scale", "body", "tier", "scheme", "handling", "section", "confidence", "likelihood")
_ALLOWED = {"sources": "ids of sources.yml, such as [src_a, src_b]", **dict.fromkeys(TEXTS, "a text each for en, es, fr, pt")}
_GRADES = {"ADMIRALTY": (re.compile(r"[A-F][1-6]"), "A1 to F6"), "EUROPOL4X4": (re.compile(r"[ABCX][1-4]"), "A1 to C4, X1 to X4")}
_ID = {"j_": re.compile(r"j_[a-z0-9_]+"), "src_": re.compile(r"src_[a-z0-9_]+")}


def problems_of(found: AssessmentFolder, last: AssessmentFolder | None = None) -> list[Problem]:
    """
    Return everything that is wrong in a folder, in the order of its files and lines.

    Parameters
    ----------
    found : AssessmentFolder
        This year's.
    last : AssessmentFolder, optional
        Last year's, which lies beside it.
    """
    told = [*found.problems, *_head(found)]
    told += [problem for item in found.sources for problem in _source(item)]
    told += _ids(found.sources, "src_") + _ids(found.judgements, "j_")
    for item in found.judgements:
        told += _judgement(item, found, last)
    told += _together(found, last)
    if last is not None:
        told += problems_of(last)
    return sorted(set(told))


def _keys(item: Item, keys: Sequence[str], further: Sequence[str] = ()) -> Iterator[Problem]:
    for key in item.given:
        if key not in (*keys, *further):
            yield item.problem(
                str(key), f"'{key}' is no key of this file", ", ".join(keys), f"Rename or remove it; {nearest(str(key), keys)}"
            )
    for key in keys:
        if item.given.get(key) in _NOTHING and key not in _CODED:
            yield item.problem(key, "is not filled in", _ALLOWED.get(key, "a value"), "Fill it in")


def _coded(item: Item, key: str, allowed: Sequence[str]) -> Iterator[Problem]:
    value = item.given.get(key)
    if value in _NOTHING:
        yield item.problem(key, "is not filled in", ", ".join(allowed), "Choose one")
    elif str(value) not in allowed:
        yield item.problem(key, f"'{value}' is not in its list", ", ".join(allowed), f"Choose one; {nearest(str(value), allowed)}")


def _head(found: AssessmentFolder) -> Iterator[Problem]:
    head = found.head
    if not head.given:
        return
    yield from _keys(head, HEAD_KEYS)
    yield from _coded(head, "region", regions())
    yield from _coded(head, "scale", code_list("likelihood_scale").codes)
    if found.year and not re.fullmatch(r"(19|20)\d\d", found.year):
        yield head.problem("year", f"'{found.year}' is no year", "four digits", "Write the year that the assessment is of")
    if not isinstance(head.given.get("synthetic", False), bool):
        yield head.problem("synthetic", f"'{head.given['synthetic']}' is neither", "true, false", "Write true only of made-up examples")


def _ids(items: Sequence[Item], prefix: str) -> list[Problem]:
    times = Counter(item.id for item in items)
    told = [
        item.problem("id", "stands twice", "each id once", "Give one of them another id")
        for item in items
        if item.id and times[item.id] > 1
    ]
    allowed = f"{prefix} and small letters, digits or _"
    return told + [
        item.problem("id", f"'{item.id}' is no id", allowed, "Rename it")
        for item in items
        if item.id and not _ID[prefix].fullmatch(item.id)
    ]


def _source(item: Item) -> Iterator[Problem]:
    yield from _keys(item, SOURCE_KEYS, ("method",))
    yield from _coded(item, "body", code_list("entity").codes)
    yield from _coded(item, "tier", ("1", "2", "3"))
    yield from _coded(item, "scheme", list(_GRADES))
    yield from _coded(item, "handling", code_list("handling").codes)
    if item.given.get("body") in SELF_SELECTED and not item.given.get("method"):
        do = "Add a key method: who answers, and who does not"
        yield item.problem("body", "a self-selected source does not say its method", "method: a sentence", do, is_error=False)
    scheme, grade = str(item.given.get("scheme")), str(item.given.get("grade") or "")
    if scheme in _GRADES and grade and not _GRADES[scheme][0].fullmatch(grade):
        do = "Give the grade that the source was given in this scheme, or name the other scheme; a grade is never converted"
        yield item.problem("grade", f"'{grade}' is no grade of {scheme}", _GRADES[scheme][1], do)
    if str(item.given.get("handling") or UNRESTRICTED) in set(code_list("handling").codes) - {UNRESTRICTED}:
        do = "Ask whoever supplied it for a source that may be named, or leave it out"
        yield item.problem("handling", "the source may not be named to the public", UNRESTRICTED, do)


def _judgement(item: Item, found: AssessmentFolder, last: AssessmentFolder | None) -> Iterator[Problem]:
    yield from _keys(item, JUDGEMENT_KEYS)
    yield from _coded(item, "section", code_list("assessment_section").codes)
    yield from _coded(item, "confidence", code_list("confidence").codes)
    yield from _coded(item, "likelihood", terms_of(found.scale) or code_list("likelihood_term").codes)
    yield from _basis(item, {source.id for source in found.sources})
    for name in TEXTS:
        yield from _in_four_languages(item, name)
    for language in Language:
        yield from _statement(item, language, found.scale)
    before = str(item.given.get("last_year") or NONE)
    if last is not None and before != NONE and before not in {one.id for one in last.judgements}:
        allowed = ", ".join([*(one.id for one in last.judgements), NONE])
        yield item.problem(
            "last_year",
            f"'{before}' is no judgement of {LAST_YEAR}",
            allowed,
            f"Choose one; {nearest(before, [one.id for one in last.judgements])}",
        )


def _basis(item: Item, known: set[str]) -> Iterator[Problem]:
    named = item.listed("sources")
    if item.given.get("sources") and not isinstance(item.given["sources"], list):
        yield item.problem("sources", "is no list", "ids of sources.yml, such as [src_a, src_b]", "Write it in brackets")
    for source in named:
        if source not in known:
            yield item.problem(
                "sources",
                f"'{source}' is not in sources.yml",
                ", ".join(sorted(known)) or "no source yet",
                f"Describe it there; {nearest(source, known)}",
            )
    if len(set(named)) == 1 and item.given.get("confidence") == "HIGH":
        yield item.problem(
            "confidence", "one source alone gives no high confidence", "LOW, MODERATE", "Lower it, or add an independent source"
        )


def _in_four_languages(item: Item, name: str) -> Iterator[Problem]:
    held = item.given.get(name)
    if held in _NOTHING:
        return  # told as not filled in
    if not isinstance(held, Mapping):
        yield item.problem(name, "is one text", "a text each for en, es, fr, pt", "Write it in the four languages")
        return
    for language in held:
        if language not in list(Language):
            yield item.problem(f"{name}.{language}", f"'{language}' is no language of turquesa", "en, es, fr, pt", "Remove it")
    for language in Language:
        text = item.text(name, language)
        if not text:
            yield item.problem(f"{name}.{language}", "is not written", "a text in each of the four languages", "Write it")
        for number in numbers_said(text):
            do = "Say it in words, and let the report's tables give the number: they pass disclosure control, a sentence does not"
            yield item.problem(f"{name}.{language}", f"the number {number} stands in the text", "years", do)


def _statement(item: Item, language: Language, scale: str) -> Iterator[Problem]:
    text, term, name = item.text("statement", language), str(item.given.get("likelihood") or ""), f"statement.{language}"
    if not text or term not in terms_of(scale):
        return
    said, ways = terms_said(text, scale, language), ", ".join(f"'{one}'" for one in written(term, language))
    if term not in said:
        yield item.problem(name, f"the statement does not say its likelihood, {term}", ways, "Say it with this term")
    for other in dict.fromkeys(said):
        if other != term:
            told = f"the statement says '{written(other, language)[0]}', but its likelihood is {term}"
            yield item.problem(name, told, ways, "Use one term in one statement: mend the statement or the likelihood")
    every = tuple(one for of in terms_of(scale) for one in written(of, language))
    if mixes(text, every, language):
        do = "Leave confidence to its own key; the report prints it apart"
        yield item.problem(name, "likelihood and confidence stand in one sentence", "one of them in a sentence", do)


def _together(found: AssessmentFolder, last: AssessmentFolder | None) -> Iterator[Problem]:
    head, number = found.head, len(found.judgements)
    if not FEWEST <= number <= MOST:
        do = "Merge or split them, or leave it so if the year was like that"
        yield head.problem("", f"there are {number} judgements", f"{FEWEST} to {MOST}", do, is_error=number == 0)
    used = {source for item in found.judgements for source in item.listed("sources")}
    for item in found.sources:
        if item.id and item.id not in used:
            yield item.problem(
                "id", "no judgement rests on it", "sources that are used", "Name it in a judgement or remove it", is_error=False
            )
    if last is None:
        return
    if last.area != found.area:
        yield head.problem(
            "region", f"{LAST_YEAR} is of {last.area}", found.area, f"Put last year's assessment of {found.area} into {LAST_YEAR}"
        )
    if not (last.year and found.year and last.year < found.year):
        yield head.problem(
            "year", f"{LAST_YEAR} is of {last.year}", f"a year before {found.year}", f"Mend the year, or the folder {LAST_YEAR}"
        )
    if last.scale != found.scale:
        do = "Terms are compared by name only; say so, or keep the scale"
        yield head.problem("scale", f"last year's scale was {last.scale}", last.scale, do, is_error=False)
    followed = {str(item.given.get("last_year")) for item in found.judgements}
    for item in last.judgements:
        if item.id not in followed:
            yield item.problem(
                "id",
                "no judgement of this year follows it",
                "followed or dropped",
                "The report lists it as dropped; name it under last_year to follow it",
                is_error=False,
            )
