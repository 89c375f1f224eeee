"""The published number: a value never travels without its interval, or the reason that it has none."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class Flag(StrEnum):
    """What a reader must know about a number before using it."""

    NONE = ""
    CENSORED = "censored"  # the source prints an interval, such as <5
    BOUNDS = "bounds"  # low and high are identification bounds, not sampling error
    MORE_THAN = "more_than"
    ABOUT = "about"
    NEARLY = "nearly"
    SMALL_N = "small_n"  # fewer than 10 known cases: no percentage
    SUPPRESSED = "suppressed"
    CONFLICT = "conflict"  # the source gives several values
    BREAK = "break"  # definition wider than, or different from, the neighbours
    PRELIMINARY = "preliminary"


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    A number to publish.

    Attributes
    ----------
    value : float or None
        The point; None where only an interval is known, or nothing.
    low, high : float or None
        Ends of the interval, in the unit of ``value``; None where there is none.
    n : int or None
        Known units behind it (the denominator of a share, the count itself).
    unit : str
        ``persons``, ``cases``, ``share`` (0 to 1), ``ratio``, ``months`` ...
    method : str
        How the interval was made: ``wilson``, ``garwood``, ``bounds``, ``source`` ...
    flag : Flag
        What a reader must know first.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: str
    method: str
    flag: Flag = Flag.NONE


ESTIMATE_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Estimate))
