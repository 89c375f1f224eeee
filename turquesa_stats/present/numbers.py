"""Numbers as a reader sees them: no more digits than n carries, always the interval or the reason that it has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from babel.numbers import format_decimal, format_percent

from turquesa_stats.estimate import Flag
from turquesa_stats.present.words import Words

_SMALLEST_PERCENT = 10
_QUALIFIERS = {Flag.MORE_THAN: "number.more_than", Flag.ABOUT: "number.about", Flag.NEARLY: "number.nearly"}
_MARKS = {Flag.BREAK: "number.break", Flag.PRELIMINARY: "number.preliminary"}


def integer(value: float, words: Words) -> str:
    r"""
    Write a whole number in the language's digits.

    Examples
    --------
    >>> integer(12345, Words("en")), integer(12345, Words("es")), integer(12345, Words("fr"))
    ('12,345', '12.345', '12\u202f345')
    """
    return str(format_decimal(round(value), format="#,##0", locale=words.language))


def decimal(value: float, words: Words, places: int = 2) -> str:
    """Write a number with a fixed count of decimals."""
    return str(format_decimal(value, format="0." + "0" * places, locale=words.language))


def percent(share: float, words: Words) -> str:
    r"""
    Write a share as whole per cent.

    Examples
    --------
    >>> percent(0.538, Words("en")), percent(0.538, Words("fr"))
    ('54%', '54\xa0%')
    """
    return str(format_percent(share, locale=words.language))


def p_value(value: float, words: Words) -> str:
    """
    Write a p-value with its sign: two or three places, or below 0.001.

    Examples
    --------
    >>> p_value(0.0361, Words("es")), p_value(0.5, Words("en")), p_value(1e-9, Words("en"))
    ('= 0,036', '= 0.50', '< 0.001')
    """
    return f"< {decimal(0.001, words, 3)}" if value < 0.001 else f"= {decimal(value, words, 3 if value < 0.1 else 2)}"


def spread(low: str, high: str, words: Words) -> str:
    """Write an interval; one number where both ends read alike."""
    return low if low == high else words("number.range", low=low, high=high)


def count(row: Mapping[Any, Any], words: Words) -> str:
    """
    Write a counted number: as published, with its qualifier, ``<5`` where censored, the word for hidden where suppressed.

    Parameters
    ----------
    row : mapping
        An estimate's fields, or ``count`` alone.
    words : Words
        The language.
    """
    flag = row.get("flag") or Flag.NONE
    if flag == Flag.CONFLICT:
        return words("number.conflict")
    if flag == Flag.SUPPRESSED:
        return words("number.suppressed")
    if flag == Flag.CENSORED:
        return ends(row["low"], row["high"], words)
    value = row["value"] if "value" in row else row["count"]
    if pd.isna(value):
        return words("number.unknown")
    text = integer(float(value), words)
    if flag in _QUALIFIERS:
        return words(_QUALIFIERS[Flag(flag)], value=text)
    return words(_MARKS[Flag(flag)], value=text) if flag in _MARKS else text


def part(row: Mapping[Any, Any], words: Words) -> str:
    """Write the count of a part of a published split (``count_low`` to ``count_high``)."""
    if row["flag"] == Flag.CONFLICT:
        return words("number.conflict")
    return ends(row["count_low"], row["count_high"], words)


def ends(low: float, high: float, words: Words) -> str:
    """Write a count of which only the ends are known; ``<5`` for 0 to 4, as its source prints it."""
    if low == high:
        return integer(low, words)
    return words("number.below", value=integer(high + 1, words)) if low == 0 else spread(integer(low, words), integer(high, words), words)


def interval(row: Mapping[Any, Any], words: Words) -> str:
    """Write the interval of a count, empty where it has none."""
    if pd.isna(row["low"]) or pd.isna(row["high"]) or row.get("flag") in (Flag.CENSORED, Flag.SUPPRESSED):
        return ""
    return spread(integer(row["low"], words), integer(row["high"], words), words)


def share(row: Mapping[Any, Any], words: Words) -> str:
    """
    Write a share with its interval; with fewer than 10 known cases no percentage but the count.

    Parameters
    ----------
    row : mapping
        A share's estimate; ``count`` where n is small.
    words : Words
        The language.
    """
    if row["flag"] == Flag.SUPPRESSED:
        return words("number.suppressed")
    if row["n"] is None or pd.isna(row["n"]) or (pd.isna(row["value"]) and pd.isna(row["low"])):
        return ""
    if row["n"] < _SMALLEST_PERCENT:
        counted = row.get("count_high", row.get("count"))
        if counted is None or row.get("count_low", counted) != counted:
            return ""
        return words("number.of", count=integer(float(counted), words), n=integer(float(row["n"]), words))
    low, high = percent(row["low"], words), percent(row["high"], words)
    if pd.isna(row["value"]):
        return spread(low, high, words)
    return words("number.share_range", share=percent(row["value"], words), low=low, high=high)
