"""What analysts wrote: a number in it goes past disclosure control, so that each must be one that the report prints itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from turquesa_stats.edition.audit.record import Block
from turquesa_stats.present import numbers
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.likelihood import numbers_said

WRITTEN = frozenset(
    {"fig-judgement-ladder", "tbl-judgements", "tbl-judgement-basis", "tbl-judgements-dropped", "tbl-outlook", "tbl-source-grades"}
)
CITED = ("column.basis", "column.source", "column.publisher")
_NUMBER = re.compile(r"\d{1,2}")
_GRADE = re.compile(r"[A-F][1-6]|[ABCX][1-4]")


def split(block: Block, language: str) -> tuple[list[str], list[str]]:
    """
    Return the texts of a block with a number that is none of the report's own, and those that name sources.

    Parameters
    ----------
    block : Block
        With a label of :data:`WRITTEN`.
    language : str
        Language of the page.
    """
    words = Words(language)
    if block.kind == "figure":
        opening = words.raw("alt.ladder").partition("{items}")
        before, found, items = block.text.partition(opening[0])
        between = re.escape(words.raw("alt.item").replace("{name}", "").replace("{value}", ""))
        left = re.sub(rf"(?:^|(?<=; ))\d{{1,2}}{between}", "", items) if found else before
        return ([block.text] if next(numbers_said(left), "") else []), []
    cited = {words.raw(key) for key in CITED}
    allowed = _allowed(language)
    unclear, sources = [], []
    for row in block.rows:
        for name, cell in zip(block.header, row, strict=False):
            if name in cited:
                sources.append(cell)
            elif not allowed.get(name, _is_text)(cell):
                unclear.append(cell)
        unclear += row[len(block.header) :]
    return unclear, sources


def _is_text(cell: str) -> bool:
    return not next(numbers_said(cell), "")


@cache
def _allowed(language: str) -> dict[str, Callable[[str], bool]]:
    """Return heading -> whether a cell under it is one that the report prints."""
    words, terms = Words(language), code_list("likelihood_term")
    shares = {code: [numbers.percent(float(row[end]), words) for end in ("low", "high")] for code, row in terms.rows.items()}
    likely = {
        words("judgement.likelihood", term=words.label("likelihood_term", code), low=low, high=high) for code, (low, high) in shares.items()
    }
    schemes = {words.label("grade_scheme", code) for code in code_list("grade_scheme").codes}
    return {
        words.raw("column.number"): lambda cell: _NUMBER.fullmatch(cell) is not None,
        words.raw("column.likelihood"): lambda cell: cell in likely or _is_text(cell),
        words.raw("column.scheme"): lambda cell: cell in schemes,
        words.raw("column.grade"): lambda cell: _GRADE.fullmatch(cell) is not None,
    }
