"""Scales of likelihood as code lists: which terms a statement says, in four languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from turquesa_stats.schema.codes import code_list

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def terms_of(scale: str) -> list[str]:
    """Return the codes of a scale's terms, the least likely first."""
    return [code for code, of in code_list("likelihood_term").column("scale").items() if of == scale]


def written(term: str, language: str) -> list[str]:
    """
    Return the ways in which a term is written.

    Examples
    --------
    >>> written("PHIA_LIKELY", "en")
    ['likely', 'probable']
    """
    return [one.strip() for one in code_list("likelihood_term").label(term, language).split("/")]


@cache
def _pattern(scale: str, language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    codes = {text.casefold(): term for term in terms_of(scale) for text in written(term, language)}
    longest_first = sorted(codes, key=lambda text: (-len(text), text))
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + ")", re.IGNORECASE), codes


def terms_said(text: str, scale: str, language: str) -> list[str]:
    """
    Return the terms of a scale that a text says, in order.

    Examples
    --------
    >>> terms_said("It is very likely, not unlikely.", "ICD203", "en")
    ['ICD203_VERY_LIKELY', 'ICD203_UNLIKELY']
    >>> terms_said("Es muy probable que se desplacen.", "ICD203", "es")
    ['ICD203_VERY_LIKELY']
    """
    pattern, codes = _pattern(scale, language)
    return [codes[" ".join(match[0].split()).casefold()] for match in pattern.finditer(" ".join(text.split()))]


def numbers_said(text: str) -> Iterator[str]:
    """
    Yield the numbers of a text that are no years.

    Examples
    --------
    >>> list(numbers_said("In 2021, 7 girls and 1,200 others were identified."))
    ['7', '1,200']
    """
    yield from re.findall(r"\d+(?:[.,]\d+)*", _YEAR.sub(" ", text))
