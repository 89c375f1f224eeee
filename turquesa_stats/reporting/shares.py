"""Shares of a whole as points with intervals and the sentence that reads them: used by every block that splits a total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import PublishableTable, without_hidden
from turquesa_stats.present import blocks, figures, markdown, numbers
from turquesa_stats.present.words import Words
from turquesa_stats.reporting.activity_tables import EVERY_TABLE
from turquesa_stats.reporting.report import Report

Name = Callable[[dict[Any, Any]], str]
Draw = Callable[[PublishableTable, Name, Words], figures.Picture]
_OTHER = ("OTHER", "MNS_OTHER", "PUR_OTHER", "_O")
_MOST_SHOWN = 12


def official_dots(report: Report, split: pd.DataFrame, name: Name, label: str, caption: str) -> list[str]:
    """
    Return the figure and its sentence for a published split; nothing if no share can be given.

    Parameters
    ----------
    report : Report
        The report.
    split : DataFrame
        From :func:`turquesa_stats.measures.official.split`.
    name : callable
        Row -> label of the part.
    label, caption : str
        Figure label and key of the caption (with ``country`` and ``year``).
    """
    words = report.words
    order = split.sort_values(["count_high", "count_low"], ascending=False, kind="stable", ignore_index=True)
    known = order[order["low"].notna() & order["count_high"].gt(0)].head(_MOST_SHOWN)
    if known.empty:
        return []
    table = report.publish_official(known)
    text = words(caption, country=report.place["country"], year=int(order["year"].iloc[0]))
    first = known.iloc[0].to_dict()
    methods = [f"method.{method}" for method in dict.fromkeys(known["method"])] + ["note.parts"]
    under = blocks.note(table, words, methods, blocks.n_known(first, words))
    figure = blocks.figure(figures.dots(table, name, words), table, label, text, under, words)
    return [" ".join(_sentences(report, order, known, name)), figure]


def _sentences(report: Report, order: pd.DataFrame, known: pd.DataFrame, name: Name) -> list[str]:
    words = report.words
    named = known[~_is_other(known)].to_dict("records")
    said = _largest(report, named, name)
    unknown = order[order["low"].isna() & order["count_high"].gt(0)]
    if len(unknown):
        counted = numbers.ends(unknown["count_low"].sum(), unknown["count_high"].sum(), words)
        said.append(words("unknown.count", unknown["count_high"].sum(), count=counted))
    other = known[_is_other(known)]
    if len(other):
        low, high = other["count_low"].sum(), other["count_high"].sum()
        said.append(words("other.unspecified", high, count=numbers.ends(low, high, words)))
    return said


def _is_other(rows: pd.DataFrame) -> pd.Series[bool]:
    columns = [name for name in ("code", "exploitation", "characteristic_code", "sex") if name in rows]
    return rows[columns].isin(_OTHER).any(axis=1)


def _largest(report: Report, rows: list[dict[Any, Any]], name: Name) -> list[str]:
    words = report.words
    spoken = [
        (markdown.plain(name(row)), numbers.share(row, words)) for row in rows if numbers.share(row, words) and row["flag"] != "suppressed"
    ]
    if not spoken:
        return []
    if len(spoken) == 1:
        return [words("largest.share", name=spoken[0][0], share=spoken[0][1])]
    (first, first_share), (second, second_share) = spoken[:2]
    return [words("largest.two", first=first, first_share=first_share, second=second, second_share=second_share)]


def _key(counted: pd.DataFrame) -> str:
    return next(name for name in ("code", "group", "step") if name in counted)


def case_shares(
    report: Report,
    counted: pd.DataFrame,
    name: Name,
    label: str,
    caption: str,
    methods: Sequence[str] = (),
    draw: Draw = figures.dots,
) -> list[str]:
    """
    Return the figure and its sentence for shares counted from case-level records; nothing if all is hidden.

    Parameters
    ----------
    report : Report
        The report.
    counted : DataFrame
        Shares as estimates with ``count``.
    name : callable
        Row -> label.
    label, caption : str
        Figure label, which is also the name of the table for disclosure control, and key of the caption (with ``country``, ``period`` and
        ``year``).
    methods : sequence of str
        Keys of further sentences under the figure.
    draw : callable
        How it is drawn.
    """
    if counted.empty:
        return []
    return protected_shares(report, report.publish_cases(counted, label), name, label, caption, methods, draw)


def protected_shares(
    report: Report,
    protected: PublishableTable,
    name: Name,
    label: str,
    caption: str,
    methods: Sequence[str] = (),
    draw: Draw = figures.dots,
) -> list[str]:
    """Return what :func:`case_shares` does, of a table that is protected already."""
    words = report.words
    table = without_hidden(protected, _key(protected.frame))
    if not figures.is_drawable(table):
        return []
    shown = [row for row in table.frame.to_dict("records") if not row["flag"]]
    sentence = _largest(report, [row for row in shown if row.get("code") not in _OTHER], name)
    text = words(caption, **report.place, year=str(report.period))
    alike = ["note.clusters"] if table.frame["method"].str.startswith("rao-scott").any() else []
    under = blocks.note(table, words, ["method.wilson", *alike, *methods], n_of(report, table))
    register = EVERY_TABLE[label].register
    return [
        *(report.of_cases(said, register) for said in sentence),
        blocks.figure(draw(table, name, words), table, label, text, under, words),
    ]


def n_of(report: Report, table: PublishableTable) -> str:
    """Return the sentence that gives n of a protected table, from what is shown of it."""
    n, words = table.frame["n"].max(), report.words
    return words("note.n", n=numbers.integer(float(n), words) if pd.notna(n) else words("number.suppressed"))
