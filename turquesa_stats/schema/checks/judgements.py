"""Checks of analysts' judgements: their words of likelihood, and the sources that they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pandas as pd

from turquesa_stats.schema.checks.charges import true
from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.codes import CodeList, Language, code_list
from turquesa_stats.schema.tables import table_schema

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_CONFIDENCE = {
    Language.EN: re.compile(r"\bconfiden", re.IGNORECASE),
    Language.ES: re.compile(r"\bconfianza", re.IGNORECASE),
    Language.FR: re.compile(r"\bconfiance", re.IGNORECASE),
    Language.PT: re.compile(r"\bconfian[çc]a", re.IGNORECASE),
}


def likelihood_terms() -> CodeList:
    """Return the list of words of likelihood, which the field ``term`` names; its column ``scale`` holds the scales of each."""
    lists = {field.name: field.codes for field in table_schema("judgement").fields}
    return code_list(lists["term"] or "")


def terms_belong_to_their_scale(tables: Tables) -> Iterator[Found]:
    """R80: the term is one of the scale that is named, and no sentence states both likelihood and confidence."""
    judgement, terms = tables["judgement"], likelihood_terms()
    pairs = {f"{code} {scale}" for code, scales in terms.column("scale").items() for scale in scales.split()}
    named = judgement["term"].notna() | judgement["scale"].notna()
    belongs = true((judgement["term"].astype("str") + " " + judgement["scale"].astype("str")).isin(pairs))
    yield Found("judgement", named & ~belongs, ("term", "scale"))
    for language in Language:
        words = tuple(sorted({terms.label(code, language) for code in terms.codes}))
        texts = judgement[f"text_{language}"]
        mixed = texts.map(lambda text, words=words, language=language: mixes(str(text), words, language), na_action="ignore")
        yield Found("judgement", true(mixed), (f"text_{language}",))


def mixes(text: str, terms: tuple[str, ...], language: Language) -> bool:
    """
    Whether a sentence states a likelihood and a confidence at once.

    Examples
    --------
    >>> mixes("It is likely that routes move. We have high confidence in this.", ("likely",), Language.EN)
    False
    >>> mixes("We have high confidence that it is likely.", ("likely",), Language.EN)
    True
    """
    return any(
        _CONFIDENCE[language].search(sentence) is not None and _pattern(terms).search(sentence) is not None
        for sentence in _SENTENCE_END.split(text)
    )


@cache
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of all terms, several in one label parted by a stroke; adverbs made from them are found too."""
    words = {word.strip() for term in terms for word in term.split("/")}
    return re.compile("|".join(rf"\b{re.escape(word)}" for word in sorted(words) if word), re.IGNORECASE)


def judgements_rest_on_sources(tables: Tables) -> Iterator[Found]:
    """R81: a judgement has a source, and more than one where it claims high confidence."""
    judgement = tables["judgement"]
    sources = judgement["jid"].map(_sources_by_judgement(tables)).fillna(0)
    yield Found("judgement", sources.eq(0), ("jid",))
    yield Found("judgement", sources.eq(1) & true(judgement["confidence"].eq("HIGH")), ("jid", "confidence"))


def _sources_by_judgement(tables: Tables) -> dict[str, int]:
    basis = tables.get("judgement_basis")
    if basis is None:
        return {}
    # A link table may name the source that a judgement rests on apart from the source of the row itself.
    named = "basis_source_id" if "basis_source_id" in basis else "source_id"
    found: pd.Series[int] = basis.groupby("jid")[named].nunique()
    return {str(judgement): int(number) for judgement, number in found.items()}


def likelihoods_in_order(tables: Tables) -> Iterator[Found]:
    """F30: the low end of a likelihood is not above its high end."""
    judgement = tables["judgement"]
    yield Found("judgement", true(judgement["low"].gt(judgement["high"])), ("low", "high"))


def one_scale_in_an_assessment(tables: Tables) -> Iterator[Found]:
    """R82: the judgements of one assessment use one scale, with the shares that it gives to their terms."""
    judgement, terms = tables["judgement"], likelihood_terms()
    scales = judgement.groupby(["report_id", "area", "period"], observed=True)["scale"].transform("nunique")
    yield Found("judgement", true(scales.gt(1)), ("scale",))
    for end in ("low", "high"):
        printed = judgement["term"].map(terms.column(end)).astype("float64")
        yield Found("judgement", true(printed.sub(judgement[end]).abs().gt(1e-9)), (end, "term"))


CHECKS: Mapping[str, Check] = {
    "R80": terms_belong_to_their_scale,
    "R81": judgements_rest_on_sources,
    "R82": one_scale_in_an_assessment,
    "F30": likelihoods_in_order,
}
