"""Numbers read back from a page: the inverse of ``turquesa_stats.present.numbers``, from the words that a reader sees."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from turquesa_stats.present.words import Words

WHOLE = r"\d{1,3}(?:[.,\u202f\u00a0\u2009]\d{3})+|\d+"
_PERCENT = r"(\d+)[\s\u00a0\u202f]?%"
NOTHING = "–"  # a place of a cross table where two classifications do not meet


@dataclass(frozen=True, slots=True)
class Value:
    """
    What one printed text says of a count.

    Attributes
    ----------
    low, high : float
        Ends of the count; 0 and infinity where only a share is printed.
    share, share_low, share_high : float
        The share and its interval, NaN where not printed.
    n : float
        The whole, where printed with it; NaN otherwise.
    hidden : bool
        Whether the word for hidden stands there.
    """

    low: float = 0
    high: float = math.inf
    share: float = math.nan
    share_low: float = math.nan
    share_high: float = math.nan
    n: float = math.nan
    hidden: bool = False

    @property
    def is_count(self) -> bool:
        """Whether the count is printed."""
        return self.low == self.high

    @property
    def is_shown(self) -> bool:
        """Whether a number is printed."""
        return not self.hidden and (math.isfinite(self.high) or not math.isnan(self.share))


@cache
def _forms(language: str) -> dict[str, re.Pattern[str]]:
    words = Words(language)

    def pattern(key: str, **places: str) -> re.Pattern[str]:
        text = re.escape(words.raw(key))
        for name, form in places.items():
            text = text.replace(re.escape("{" + name + "}"), form)
        return re.compile(text)

    whole = f"({WHOLE})"
    return {
        "count": re.compile(whole),
        "share": re.compile(_PERCENT),
        "share_range": pattern("number.share_range", share=_PERCENT, low=_PERCENT, high=_PERCENT),
        "shares": pattern("number.range", low=_PERCENT, high=_PERCENT),
        "range": pattern("number.range", low=whole, high=whole),
        "below": pattern("number.below", value=whole),
        "of": pattern("number.of", count=whole, n=whole),
    }


def whole(text: str) -> int:
    r"""
    Read a whole number.

    Examples
    --------
    >>> whole("12,345"), whole("12\u202f345"), whole("7")
    (12345, 12345, 7)
    """
    return int(re.sub(r"\D", "", text))


def read_value(text: str, language: str) -> Value | None:
    r"""
    Read a printed number; None if the text is none.

    Examples
    --------
    >>> read_value("47% (41% to 52%) · 156", "en")
    Value(low=156, high=156, share=0.47, share_low=0.41, share_high=0.52, n=nan, hidden=False)
    >>> read_value("oculto", "es").hidden, read_value("<5", "en").high, read_value("some 40", "en")
    (True, 4, None)
    """
    text = text.strip()
    if text == Words(language).raw("number.suppressed"):
        return Value(hidden=True)
    if " · " in text:
        parts = [read_value(part, language) for part in text.split(" · ", 1)]
        shares = [part for part in parts if part is not None and not math.isnan(part.share)]
        counts = [part for part in parts if part is not None and math.isnan(part.share) and part.is_shown]
        if len(shares) != 1 or len(counts) != 1:
            return None
        share = shares[0]
        return Value(counts[0].low, counts[0].high, share.share, share.share_low, share.share_high)
    return _single(text, language)


def _single(text: str, language: str) -> Value | None:
    for name, form in _forms(language).items():
        found = form.fullmatch(text)
        if found is None:
            continue
        return _MADE[name](*(whole(group) for group in found.groups()))
    return None


_MADE: dict[str, Callable[..., Value]] = {
    "count": lambda count: Value(count, count),
    "share": lambda share: Value(share=share / 100),
    "share_range": lambda share, low, high: Value(share=share / 100, share_low=low / 100, share_high=high / 100),
    "shares": lambda low, high: Value(share_low=low / 100, share_high=high / 100),
    "range": Value,
    "below": lambda value: Value(0, value - 1),
    "of": lambda count, n: Value(count, count, n=n),
}


def numbers_in(text: str) -> list[int]:
    """Return the whole numbers of a text that stand alone: no part of a date, decimal, identifier or per cent."""
    found = re.finditer(rf"(?<![\w.,/\-:#])(?:{WHOLE})(?![\w/\-:]|[\s\u00a0\u202f]?%|[.,]\d)", text)
    return [whole(match.group()) for match in found]
