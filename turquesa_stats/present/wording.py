"""What reports never say (``wording.yml``): trafficking and smuggling confused, words that stigmatise, claims beyond the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from turquesa_stats.schema.codes import check_language


@dataclass(frozen=True, slots=True)
class Fault:
    """
    A wording that is not used.

    Attributes
    ----------
    rule : str
        Name of the rule.
    found : str
        What stands in the text.
    write : str
        What to write instead.
    why : str
        The reason.
    """

    rule: str
    found: str
    write: str
    why: str

    def __str__(self) -> str:
        """Say what was found and what to write."""
        return f"'{self.found}' ({self.rule}): write {self.write}. {self.why}"


@cache
def _rules() -> Mapping[str, Mapping[str, Mapping[str, str] | str]]:
    text = files("turquesa_stats.present").joinpath("wording.yml").read_text(encoding="utf-8")
    rules: Mapping[str, Mapping[str, Mapping[str, str] | str]] = yaml.safe_load(text)
    return rules


@cache
def _patterns(language: str) -> list[tuple[str, re.Pattern[str], str, str]]:
    return [
        (name, re.compile(rule["never"][language], re.IGNORECASE), rule["write"][language], str(rule["why"]))  # type: ignore[index]
        for name, rule in _rules().items()
    ]


def faults(text: str, language: str) -> list[Fault]:
    """
    Return the wordings of a text that reports do not use, in the order of the rules.

    Parameters
    ----------
    text : str
        What a reader would read. Titles of sources and other quotations are left to whoever wrote them: do not pass them.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.

    Examples
    --------
    >>> [str(one) for one in faults("Víctimas del tráfico en la frontera", "es")]
    ["'Víctimas del tráfico' (smuggled_not_victim): write migrante objeto de tráfico ilícito. Smuggling is a crime against a state; \
a smuggled migrant may be a victim of aggravated smuggling or of other crimes, not of smuggling."]
    """
    plain = " ".join(text.split())
    return [
        Fault(name, match[0], write, why)
        for name, never, write, why in _patterns(check_language(language))
        for match in never.finditer(plain)
    ]
