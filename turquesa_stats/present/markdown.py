"""The form that stock Quarto and pandoc both understand: displayed Markdown with labels, captions and alt text."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence

from tabulate import tabulate

_NARROWEST, _WIDEST = 11, 44  # characters
# Spaces and all that ends a line; not the spaces that keep the digits of a number together.
_SPACES = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
# No reader sees these: they break files, or turn the order of the words around them.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_CITED = re.compile(r"(?P<words>.*\w.*?)[,.;]?\s+(?P<address>https?://[^\s<>\\]+)$")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$@&])")
# What would make a line a list, a rule, a heading or a division.
_OPENS_BLOCK = re.compile(r"(?=:|[-+](?: |$)|-[- ]*$|=[= ]*$)|(?P<number>\(?\w+)(?=[.)](?: |$))")


def plain(text: object) -> str:
    r"""
    Escape text from data, so that no name or note can act as markup.

    Examples
    --------
    >>> plain("<script>*a*")
    '\\<script\\>\\*a\\*'
    >>> plain("::: {.caution}"), plain("1. of all"), plain("-5"), plain("R&D")
    ('\\::: \\{.caution\\}', '1\\. of all', '-5', 'R\\&D')
    """
    escaped = _SPECIAL.sub(r"\\\1", _UNSEEN.sub("", _SPACES.sub(" ", str(text))).strip())
    opens = _OPENS_BLOCK.match(escaped)
    return escaped if opens is None else f"{opens['number'] or ''}\\{escaped[opens.end() :]}"


def cited(citation: str) -> str:
    r"""
    Return a citation from data; the address at its end becomes a link of its words, which a reader need not see.

    Examples
    --------
    >>> cited("UNODC, GLOTIP_2024, https://example.org/a_b")
    '[UNODC, GLOTIP\\_2024](<https://example.org/a_b>)'
    >>> cited("Annual report, on paper")
    'Annual report, on paper'
    """
    return "; ".join(_linked(one) for one in citation.split("; "))  # a row of several sources cites them so


def _linked(citation: str) -> str:
    found = _CITED.match(citation.strip())
    return f"[{plain(found['words'])}](<{found['address']}>)" if found else plain(citation)


def head(metadata: Mapping[str, str]) -> str:
    """Return document metadata (title, language ...) as the YAML block that opens a document."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in metadata.items()]
    return "---\n" + "\n".join(lines) + "\n---\n"


def heading(text: str, label: str, level: int = 2) -> str:
    """Return a section heading that can be referred to as ``@sec-...``."""
    return f"{'#' * level} {text} {{#sec-{label}}}\n"


def notice(text: str, kind: str) -> str:
    """Return a marked paragraph of a kind: ``synthetic``, ``caution``, ``gap``, ``source``, ``made``."""
    return f"::: {{.{kind}}}\n{text}\n:::\n"


def figure(png: bytes, label: str, caption: str, alt: str, note: str) -> str:
    """Return a numbered figure with caption, alt text and the note under it."""
    data = base64.b64encode(png).decode("ascii")
    described = _SPACES.sub(" ", alt.replace("\\", "").replace('"', "'"))
    return f'![{plain(caption)}](data:image/png;base64,{data}){{#fig-{label} fig-alt="{described}"}}\n\n{notice(note, "source")}'


def behind(label: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the table of the numbers behind a figure, with the words to unfold it by; a page folds it, paper leaves it out."""
    return f"::: {{#data-{label}}}\n{plain(title)}\n\n{grid(header, rows, 'l' * len(header))}\n:::\n"


def _width(rule: str) -> str:
    """Return a column's rule of a length between the narrowest and the widest that share a page well: pandoc takes widths from it."""
    dashes = rule.count("-")
    return rule.replace("-" * dashes, "-" * min(max(dashes, _NARROWEST), _WIDEST)) if dashes else rule


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Return a table alone: a letter a column in ``align``, ``l`` or ``r``; cells are text from data."""
    sides = {"l": "left", "r": "right"}
    cells = [[plain(cell) for cell in row] for row in rows]
    lines = tabulate(cells, [plain(name) for name in header], "pipe", colalign=[sides[letter] for letter in align], disable_numparse=True)
    names, rule, *body = lines.split("\n")
    return "\n".join([names, "|".join(_width(part) for part in rule.split("|")), *body])


def table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str, label: str, caption: str, note: str) -> str:
    """
    Return a numbered table with caption and the note under it.

    Parameters
    ----------
    header : sequence of str
        Column headings.
    rows : sequence of sequences of str
        Cells as text.
    align : str
        A letter a column: ``l`` or ``r``.
    label, caption, note : str
        Label without ``tbl-``, caption, and what stands under the table.
    """
    under = f"\n{notice(note, 'source')}" if note else ""
    return f"::: {{#tbl-{label}}}\n{grid(header, rows, align)}\n\n{plain(caption)}\n:::\n{under}"
