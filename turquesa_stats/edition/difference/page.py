"""The account of a difference as a page, in the look of the quality report."""

from __future__ import annotations

from importlib.resources import files

from turquesa_stats.edition.difference import account
from turquesa_stats.edition.difference.compare import Difference
from turquesa_stats.present.words import Words
from turquesa_stats.render.typeset.pandoc import style

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
    from jinja2 import Environment

    words = Words(language)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("turquesa_stats.edition.difference").joinpath("difference.html.jinja").read_text("utf-8"))
    return template.render(
        told=told,
        words=words,
        language=language,
        style=style("identity"),
        lead=account.lead(told, words),
        refusals=account.refusals(told.refusals, words),
        countries=account.countries(told, words),
        made=account.made(told, words),
        counted=lambda counts: account.counted(counts, words),
        shown=_ROWS_SHOWN,
    )
