"""Pages that stand alone, in the look of the documents: the quality report, the account of a difference, the verdict of a review."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from turquesa_stats.present.words import Words
from turquesa_stats.render.typeset.pandoc import style


def single_page(package: str, template: str, language: str, **told: Any) -> str:
    """
    Return a page made of a Jinja template; text of data is escaped.

    Parameters
    ----------
    package, template : str
        Where the template is, and its name.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.
    **told : object
        What the template tells, beside ``words``, ``language`` and ``style``.
    """
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["thousands"] = lambda number: _thousands(number, language)
    made = environment.from_string(files(package).joinpath(template).read_text(encoding="utf-8"))
    return made.render(words=Words(language), language=language, style=style("identity"), **told)


def _thousands(number: float, language: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(number, locale=language))
