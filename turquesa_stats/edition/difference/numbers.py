"""The seam for numbers that documents print: those that changed, by their places; not compared yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a document of both editions prints otherwise: its place in the document, and both texts."""

    document: str
    country: str
    period: str
    place: str
    before: str
    after: str


def changed_numbers(before: Path, after: Path) -> list[Number] | None:  # noqa: ARG001 - what will be read
    """
    Return the numbers that documents of both sites print otherwise; None where they cannot be compared, which is told.

    The comparison of executed notebooks will be wired in here. What it returns of a country and period that is refused is dropped by
    :func:`turquesa_stats.edition.difference.compare.compare`.

    Parameters
    ----------
    before, after : Path
        The folders ``site`` of two published editions.
    """
    return None
