"""What a report displays: figures and tables of publishable tables, with caption, source, n and method under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import Origin, PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import markdown, numbers
from turquesa_stats.present.words import Words, catalogue

_OF_EXACT_COUNTS = ("method.", "note.clusters")  # keys of sentences on intervals that rounded counts do not have
Row = Mapping[Any, Any]
Axis = tuple[str, Callable[[Any], str]]  # key of the heading, row -> text
Column = tuple[str, str, Callable[[Any], str]]  # key of the heading, alignment, row -> text


def _refuse_raw(table: object) -> None:
    if not isinstance(table, PublishableTable):
        raise DisclosureRefused(f"a page takes a PublishableTable, not a {type(table).__name__}; pass it through protect()")


def note(table: PublishableTable, words: Words, methods: Sequence[str] = (), n: str = "") -> str:
    """
    Return what stands under a figure or table: mark, source, n, method, what is rounded or hidden.

    Parameters
    ----------
    table : PublishableTable
        The table shown.
    words : Words
        The language.
    methods : sequence of str
        Keys of further sentences.
    n : str
        How many units stand behind it.
    """
    _refuse_raw(table)
    said = [f"**{words('mark.synthetic')}.**"] if table.origin is Origin.SYNTHETIC else []
    said.append(words("note.source", sources="; ".join(markdown.cited(citation) for citation in table.citations)))
    said += [n] if n else []
    said += [words(key) for key in methods if not (table.base and key.startswith(_OF_EXACT_COUNTS))]
    said += [words("note.rounded", base=table.base, most=table.base - 1)] if table.base else []
    hidden = table.withheld.total - table.withheld.period
    if "year" in table.frame and table.frame.get("flag", pd.Series(dtype="object")).eq("break").any():
        said.append(words("note.break"))
    said += [words("note.withheld", k=table.k)] if hidden else []
    said += [words("note.withheld_period")] if table.withheld.period else []
    return " ".join(said)


def caption(table: PublishableTable, text: str, words: Words) -> str:
    """Return a caption, with the mark of synthetic data where they are."""
    _refuse_raw(table)
    return words("caption.mark", mark=words("mark.synthetic"), caption=text) if table.origin is Origin.SYNTHETIC else text


def figure(drawn: tuple[bytes, str], table: PublishableTable, label: str, text: str, under: str, words: Words) -> str:
    """
    Return the Markdown of a figure.

    Parameters
    ----------
    drawn : bytes, str
        PNG and alt text, from :mod:`turquesa_stats.present.figures`.
    table : PublishableTable
        The table drawn.
    label, text, under : str
        Label without ``fig-``, caption, and the note of :func:`note`.
    words : Words
        The language.
    """
    png, alt = drawn
    titled = caption(table, text, words)
    drawn_of = markdown.figure(png, label, titled, f"{titled}. {alt}", under)
    rows = spoken(alt, words)
    if not rows:
        return drawn_of
    header = [words("column.shown"), words("column.count")]
    behind = markdown.behind(label, words("document.numbers"), header, rows)
    return f"{drawn_of}\n{behind}"


def spoken(alt: str, words: Words) -> list[tuple[str, str]]:
    """
    Return the names and values that an alt text lists, so that a table can show exactly what is drawn and spoken; empty if it lists none.

    Examples
    --------
    >>> spoken("Dot chart with intervals. women: 88%; men: 12%.", Words("en"))
    [('women', '88%'), ('men', '12%')]
    """
    between = words.raw("alt.item").replace("{name}", "").replace("{value}", "")
    for key in (key for key in catalogue(words.language) if key.startswith("alt.") and "{items}" in words.raw(key)):
        opening, _, closing = words.raw(key).partition("{items}")
        _, found, items = alt.partition(opening)
        if found and items.endswith(closing):
            pairs = [item.partition(between) for item in items.removesuffix(closing).split("; ")]
            return [(name, value) for name, _, value in pairs if value]
    return []


def data_table(table: PublishableTable, columns: Sequence[Column], label: str, text: str, under: str, words: Words) -> str:
    """
    Return the Markdown of a table.

    Parameters
    ----------
    table : PublishableTable
        The rows.
    columns : sequence of (heading key, ``l`` or ``r``, row -> text)
        What each column shows.
    label, text, under : str
        Label without ``tbl-``, caption, and the note of :func:`note`.
    words : Words
        The language.
    """
    _refuse_raw(table)
    rows = [[write(row) for _, _, write in columns] for row in table.frame.to_dict("records")]
    align = "".join(side for _, side, _ in columns)
    header = [words(f"column.{key}") for key, _, _ in columns]
    return markdown.table(header, rows, align, label, caption(table, text, words), under)


def cross_table(
    table: PublishableTable, row: Axis, column: Axis, write: Callable[[Any], str], label: str, text: str, under: str, words: Words
) -> str:
    """
    Return the Markdown of a table that crosses two classifications, a dash where they do not meet.

    Parameters
    ----------
    table : PublishableTable
        One row a cell.
    row, column : (heading key, row -> text)
        What goes down and what goes across, each in the order of the table.
    write : callable
        Row -> text of the cell.
    label, text, under : str
        As in :func:`data_table`.
    words : Words
        The language.
    """
    _refuse_raw(table)
    records = table.frame.to_dict("records")
    down, across = (list(dict.fromkeys(name(record) for record in records)) for _, name in (row, column))
    cells: dict[tuple[str, str], str] = {}
    for record in records:
        place = row[1](record), column[1](record)
        cells[place] = f"{cells[place]}; {write(record)}" if place in cells else write(record)
    body = [[first, *(cells.get((first, second), "–") for second in across)] for first in down]
    header = [words(f"column.{row[0]}"), *across]
    return markdown.table(header, body, "l" + "r" * len(across), label, caption(table, text, words), under)


def n_known(row: Row, words: Words) -> str:
    """Return the sentence that gives n, a range where the source hides counts."""
    low, high = row["known_low"], row["known_high"]
    if pd.isna(low):
        return ""
    if low == high:
        return words("note.n", n=numbers.integer(high, words))
    return words("note.n_range", low=numbers.integer(low, words), high=numbers.integer(high, words))
