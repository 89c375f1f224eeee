"""Sentences read back: each is one of the catalogue's, or it is not understood and may say anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from turquesa_stats.edition.audit.values import WHOLE
from turquesa_stats.present.words import Words, catalogue, forms

_SHARE = r"\d+[\s\u00a0\u202f]?%(?: \([^()]*%\))?"
_SHARES = rf"(?:{_SHARE}|\d+[\s\u00a0\u202f]?% \w+ \d+[\s\u00a0\u202f]?%|(?:{WHOLE}) \w+ (?:{WHOLE}))"
_COUNT = rf"(?:\S+ ){{0,3}}<?(?:{WHOLE})(?: \w+ (?:{WHOLE}))?(?: \([^()\d]*\))?"
_DECIMAL = r"[<=]?\s?-?\d+(?:[.,]\d+)?"
_PERIOD = r"\d{4}[\d/QS-]*"
_SHAPES = {
    **dict.fromkeys(("count", "before", "interval", "difference", "median", "months", "ended", "convicted"), _COUNT),
    **dict.fromkeys(("hidden", "k_person", "k_accused", "k", "base", "most", "quartiles", "step"), _COUNT),
    **dict.fromkeys(("both", "deceived", "sexual", "neither"), rf"(?:{WHOLE})"),
    **dict.fromkeys(("low", "high", "v", "p"), rf"(?:{_DECIMAL}|{_COUNT})"),
    **dict.fromkeys(("share", "first_share", "second_share"), _SHARES),
    **dict.fromkeys(("year", "first_year", "last"), r"\d{4}(?:/\d{4})?"),
    **dict.fromkeys(("period",), _PERIOD),
    **dict.fromkeys(("version", "command", "fingerprint", "figures", "caption", "label", "n"), r".+?"),
}
_NAME = r"[^;:]+?"
_PREFIXES = ("victims.", "largest.", "method.", "banner.", "agreement.", "conflict.", "justice.", "ratio.", "female.", "incidence.")
_MORE = (
    "fact.",
    "cohort.",
    "sentences.",
    "association.",
    "unknown.",
    "other.",
    "means.",
    "children.",
    "gap.",
    "missing.",
    "made.",
    "operations.",
    "requests.",
    "training.",
    "rights.",
    "routes.",
    "sources.",
    "rounded.",
    "withheld.",
    "judgement.",
    "region.",
    "pandemic.",
    "links.",
    "outlook.",
    "grades.",
)
_PLAIN = ("caption.", "section.", "report.", "mark.", "document.", "note.", "site.")
_NOT_SENTENCES = {"justice.figure", "caption.mark", "note.source", "note.n", "note.n_range"}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with numbers of case-level records: key of the catalogue and what stands in its places."""

    key: str
    places: dict[str, str]


@cache
def _patterns(key: str, language: str, captured: bool = False) -> list[str]:
    """Return a pattern for each plural form of a key."""
    return [_pattern(key, text, captured) for text in forms(language)[key]]


def _pattern(key: str, form: str, captured: bool) -> str:
    text = re.escape(" ".join(form.replace("*", "").replace("`", "").split("\u0000")))
    for name in dict.fromkeys(re.findall(r"\\\{(\w+)\\\}", text)):
        shape = r"\d{4}" if name == "first" and key.startswith("caption.") else _SHAPES.get(name, _NAME)
        first, *others = text.split(re.escape("{" + name + "}"))
        text = first + (f"(?P<{name}>{shape})" if captured else f"(?:{shape})") + f"(?:{shape})".join(others)
    return text


@cache
def _every(language: str) -> re.Pattern[str]:
    keys = [key for key in catalogue(language) if key.startswith(_PREFIXES + _MORE + _PLAIN) and key not in _NOT_SENTENCES]
    keys = [key for key in keys if re.sub(r"\{\w+\}|\W", "", catalogue(language)[key])]
    keys.sort(key=lambda key: len(re.sub(r"\{\w+\}", "", catalogue(language)[key])), reverse=True)
    return re.compile("|".join(rf"(?<!\w){pattern}(?!\w)" for key in keys for pattern in _patterns(key, language)))


@cache
def _asked(language: str) -> list[tuple[str, re.Pattern[str]]]:
    keys = (
        *("victims.cases", "victims.cases_hidden", "cohort.text", "largest.two", "largest.share", "association.text", "association.counts"),
        *("made.disclosure", "made.rounded_victims", "made.rounded_accused"),
    )
    return [(key, re.compile(pattern)) for key in keys for pattern in _patterns(key, language, captured=True)]


def said_in(text: str, language: str) -> list[Said]:
    """Return the sentences of a text that say numbers of case-level records."""
    found = []
    for key, pattern in _asked(language):
        found += [Said(key, match.groupdict()) for match in pattern.finditer(text)]
    return found


@cache
def _note_forms(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = Words(language)
    n = re.escape(words.raw("note.n")).replace(r"\{n\}", r"(?P<n>[^;=]+?)").replace(r"\.", r"\.(?=\s|$)")
    low = re.escape(words.raw("note.n_range")).replace(r"\{low\}", rf"(?:{WHOLE})").replace(r"\{high\}", rf"(?:{WHOLE})")
    return re.compile(rf"(?<!\w){n}"), re.compile(rf"(?<!\w){low}")


def sizes(note: str, language: str) -> str:
    """Return what a note says after ``n =``; empty where it says nothing."""
    found = _note_forms(language)[0].search(note)
    return found["n"] if found else ""


def unexplained(text: str, language: str, kind: str) -> str:
    """
    Return what of a text with digits is no sentence of the catalogue; empty where all is.

    Parameters
    ----------
    text : str
        A paragraph, heading, caption or note.
    language : str
        Its language.
    kind : str
        ``note`` where sources may be cited.

    Examples
    --------
    >>> unexplained("By 36 months, 36% (29% to 44%) had been convicted.", "en", "text")
    ''
    >>> unexplained("By 36 months, 36% (29% to 44%) had been convicted. Of these, 4 were girls.", "en", "text")
    'Of these, 4 were girls.'
    """
    words = Words(language)
    left = text
    for kind_of in ("document.figure", "document.table"):
        left = re.sub(rf"^{re.escape(words.raw(kind_of))}\s\d+\.", " ", left)
    if kind == "note":
        for form in _note_forms(language):
            left = form.sub(" ", left)
    left = _every(language).sub(" ", left)
    if kind == "note":
        left = left.removeprefix(" ").lstrip(". ")
        source = re.escape(words.raw("note.source")).partition(r"\{sources\}")[0]
        left = re.sub(rf"^\W*{source}.*$", " ", left)
    left = " ".join(left.split())
    return left if re.search(r"\d", left) else ""


def citations(note: str, language: str) -> str:
    """Return the sources that a note cites, with whatever stands among them."""
    left = _every(language).sub(" ", _note_forms(language)[0].sub(" ", note))
    source = Words(language).raw("note.source").partition("{sources}")[0]
    return left.partition(source)[2] if source in left else left
