"""Every number that a document prints, with its place; and those of two makings of a document beside each other."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest

from babel.numbers import NumberFormatError, parse_decimal

from turquesa_stats.edition.audit.files import read_page
from turquesa_stats.edition.audit.notebooks import plain, read_markdown
from turquesa_stats.edition.audit.record import Block

_NUMBER = re.compile(r"(?<![\w])\d(?:[\d.,\u00a0\u202f]*\d)?")
_PER_CENT = re.compile(r"[\s\u00a0\u202f]*%")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


class Answer(StrEnum):
    """What is to be said of a number."""

    SAME = "same"
    WITHIN = "within tolerance"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Passage:
    """A cell of a table, a figure's description or a sentence: where it stands, and its text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A number as it was published and as it was made again; empty where there is none. ``index`` counts the numbers of a place from 1."""

    place: str
    index: int
    published: str
    remade: str
    answer: Answer


def passages(path: str, content: bytes) -> list[Passage]:
    """
    Return all that a document says, in order.

    Parameters
    ----------
    path : str
        Its ending says the format: ``.ipynb``, ``.html``, ``.docx`` or ``.pdf``.
    content : bytes
        The file; of one that is damaged, a passage says only that.
    """
    page = read_page(path, content)
    if page.unread:
        return [Passage("file", f"cannot be read: {'; '.join(page.unread)}")]
    if path.endswith(".ipynb"):
        found = [one for section, text in _sections(content) for one in _passages(section, read_markdown(text))]
    else:
        found = list(_passages("", page.blocks))
    times: Counter[str] = Counter()
    numbered = []
    for one in found:
        times[one.place] += 1
        numbered.append(Passage(f"{one.place} ({times[one.place]})", one.text) if times[one.place] > 1 else one)
    return numbered


def _sections(notebook: bytes) -> Iterator[tuple[str, str]]:
    """Yield the title of each section of an executed notebook, and its Markdown."""
    title = ""
    for cell in json.loads(notebook)["cells"]:
        sources = [cell["source"]] if cell["cell_type"] == "markdown" else []
        sources += [output["data"].get("text/markdown", "") for output in cell.get("outputs", []) if "data" in output]
        for source in sources:
            text = source if isinstance(source, str) else "".join(source)
            start = 0
            for heading in _HEADING.finditer(text):
                yield title, text[start : heading.start()]
                title, start = plain(heading["title"]), heading.start()
            yield title, text[start:]


def _passages(section: str, blocks: list[Block]) -> Iterator[Passage]:
    for block in blocks:
        at = [section] if section else []
        if block.kind == "table":
            for row in block.rows:
                for name, cell in zip_longest(block.header, row, fillvalue=""):
                    yield Passage(" · ".join([*at, block.label or "table", row[0] if row else "", name]), cell)
        else:
            yield Passage(" · ".join([*at, block.label or block.kind]), block.text)


def compared(published: list[Passage], remade: list[Passage], language: str, units: int = 1) -> Iterator[Compared]:
    """
    Yield every number of two makings of a document, place by place.

    A number with decimals or of per cent may differ by so many units of its last printed place, as rounding can turn on the last bit
    of a computation; a count must be the same. Where the words around it differ, a number is different, too.

    Parameters
    ----------
    published, remade : list of Passage
        What the two say.
    language : str
        Of the document: how it writes numbers.
    units : int
        Tolerance in units of the last printed place.
    """
    again = {one.place: one.text for one in remade}
    for one in published:
        yield from _of_place(one.place, one.text, again.pop(one.place, ""), language, units)
    for place, text in again.items():
        yield from _of_place(place, "", text, language, units)


def _of_place(place: str, published: str, remade: str, language: str, units: int) -> Iterator[Compared]:
    before, after = list(_NUMBER.finditer(published)), list(_NUMBER.finditer(remade))
    same_words = _NUMBER.sub("0", published) == _NUMBER.sub("0", remade)
    if not (before or after) and published != remade:  # a number that is hidden, or is in words
        yield Compared(place, 1, published[:200], remade[:200], Answer.DIFFERENT)
    for index, (one, other) in enumerate(zip_longest(before, after), 1):
        texts = one[0] if one else "", other[0] if other else ""
        if not same_words:  # the same number of something else
            answer = Answer.DIFFERENT
        elif texts[0] == texts[1]:
            answer = Answer.SAME
        else:
            is_share = bool(one and _PER_CENT.match(published, one.end()))
            answer = Answer.WITHIN if _is_near(*texts, language, units, is_share) else Answer.DIFFERENT
        yield Compared(place, index, *texts, answer)


def _is_near(published: str, remade: str, language: str, units: int, is_share: bool) -> bool:
    try:
        numbers = [parse_decimal(text, locale=language, strict=True) for text in (published, remade)]
    except NumberFormatError:
        return False
    places = [-int(number.as_tuple().exponent) for number in numbers]
    if places[0] != places[1] or (places[0] == 0 and not is_share):
        return False
    return abs(numbers[0] - numbers[1]) <= units * Decimal(10) ** -places[0]
