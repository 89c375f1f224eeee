"""The account of a difference as a page, in the look of the quality report."""

from __future__ import annotations

from turquesa_stats.edition.difference import account
from turquesa_stats.edition.difference.compare import Difference
from turquesa_stats.edition.single_page import single_page
from turquesa_stats.present.words import Words

_ROWS_SHOWN = 200


def page(told: Difference, language: str) -> str:
    """
    Return the HTML page of a difference.

    Parameters
    ----------
    told : Difference
        The difference.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.
    """
    words = Words(language)
    return single_page(
        "turquesa_stats.edition.difference",
        "difference.html.jinja",
        language,
        told=told,
        lead=account.lead(told, words),
        refusals=account.refusals(told.refusals, words),
        countries=account.countries(told, words),
        made=account.made(told, words),
        counted=lambda counts: account.counted(counts, words),
        shown=_ROWS_SHOWN,
    )
