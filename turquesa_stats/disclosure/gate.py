"""The gate between measures and pages: ``protect`` is the only maker of a ``PublishableTable``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from turquesa_stats.disclosure.suppression import suppress
from turquesa_stats.errors import DisclosureRefused


class Origin(StrEnum):
    """Where numbers come from, which decides what protects them."""

    OFFICIAL = "official"  # published already by its source: passes as it stands
    CASES = "cases"  # counted from case-level records
    SYNTHETIC = "synthetic"  # counted from demonstration records: protected as if real, and marked on every page


class Person(StrEnum):
    """Whose counts a table holds, which decides the smallest count printed."""

    VICTIM = "k_person"
    ACCUSED = "k_accused"


@dataclass(frozen=True, slots=True)
class Withheld:
    """How many rows of a table were hidden for themselves, and in addition."""

    primary: int = 0
    complementary: int = 0


_MADE_BY_GATE = object()


@dataclass(frozen=True)
class PublishableTable:
    """
    A table that may stand on a page.

    Attributes
    ----------
    frame : DataFrame
        The rows, hidden ones emptied and flagged.
    origin : Origin
        Where the numbers come from.
    citations : tuple of str
        The sources to print under it.
    withheld : Withheld
        What was hidden.
    k : int
        Smallest count printed; 0 for official figures.
    """

    frame: pd.DataFrame
    origin: Origin
    citations: tuple[str, ...]
    withheld: Withheld
    k: int
    made_by: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse to exist unless ``protect`` made it."""
        if self.made_by is not _MADE_BY_GATE:
            raise DisclosureRefused("only turquesa_stats.disclosure.gate.protect makes a PublishableTable; pass the raw table to it")


def without_hidden(table: PublishableTable, by: str) -> PublishableTable:
    """Return the table without the values of ``by`` of which every row is hidden: none, few and hidden then look the same."""
    shown = table.frame["flag"].ne("suppressed").groupby(table.frame[by]).transform("any")
    return replace(table, frame=table.frame[shown].reset_index(drop=True))


@cache
def policy(audience: str = "public") -> dict[str, Any]:
    """Return the disclosure policy of an audience, from ``policies/<audience>.yml``."""
    text = files("turquesa_stats.disclosure").joinpath(f"policies/{audience}.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def protect(
    table: pd.DataFrame,
    origin: Origin,
    citations: Sequence[str],
    person: Person = Person.VICTIM,
    additive: Sequence[Sequence[str]] = (),
) -> PublishableTable:
    """
    Return what may be published of a table.

    Parameters
    ----------
    table : DataFrame
        Rows with ``count`` and ``n`` (case-level), or official figures as their source published them.
    origin : Origin
        Case-level counts are suppressed below the policy's threshold; official figures pass as published, censored ones as intervals.
    citations : sequence of str
        The sources; at least one.
    person : Person
        Whose counts they are.
    additive : sequence of sequences of str
        Directions in which rows add up to a printed total: see :func:`turquesa_stats.disclosure.suppression.suppress`.

    Raises
    ------
    DisclosureRefused
        If there is no citation, or case-level rows lack ``count`` or ``n``.
    """
    cited = tuple(dict.fromkeys(citations))
    if not cited:
        raise DisclosureRefused("a table without a source cannot be published; pass its citations")
    if origin is Origin.OFFICIAL:
        return PublishableTable(table.copy(), origin, cited, Withheld(), 0, _MADE_BY_GATE)
    if not {"count", "n"} <= set(table):
        raise DisclosureRefused(f"case-level rows need columns count and n to be protected; found {', '.join(table.columns)}")
    k = int(policy()[person.value])
    shown, first, further = suppress(table.reset_index(drop=True), k, additive)
    return PublishableTable(shown, origin, cited, Withheld(first, further), k, _MADE_BY_GATE)
