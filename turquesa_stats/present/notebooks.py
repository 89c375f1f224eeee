"""What a notebook shows: publishable tables in full, and a report's blocks in the Markdown that Jupyter and code hosts understand."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from turquesa_stats.disclosure.gate import Origin, PublishableTable
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present import markdown

_MEASURED = (
    *("count", "n", "count_low", "count_high", "known_low", "known_high", "value", "low", "high"),
    *("unit", "method", "p_value", "flag"),
)
_OF_ESTIMATES = ("value", "low", "high")
_WITH_DECIMALS = ("share", "ratio")  # a ratio is of two counts that are printed
_FIGURE = re.compile(r'!\[[^\n]*?\]\(data:image/png;base64,(?P<png>[^)]*)\)\{#(?P<label>fig-[\w-]+) fig-alt="(?P<alt>[^"]*)"\}')
_DIVISION = re.compile(r"^::: \{(?P<mark>[.#])(?P<name>[\w-]+)\}\n(?P<inside>.*?)\n:::$", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r"\A---\n.*?^---$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (?P<text>.+) \{#sec-[\w-]+\}$", re.MULTILINE)
_MADE = "made"  # version and fingerprint change with every change of the package: they stand in the documents


def numbers(table: PublishableTable, by: Sequence[str] = ()) -> None:
    """
    Display a publishable table: official figures with four decimals, others no finer than a report prints them.

    A share or an interval of case-level records with more decimals would tell of counts that are hidden, and of how persons lie in cases:
    disclosure control decides on, and the audit attacks, whole numbers and percents.

    Parameters
    ----------
    table : PublishableTable
        From ``Report.publish_cases`` or ``publish_official``; a table that did not pass disclosure control is refused.
    by : sequence of str
        Columns that say what each row is; counts, estimates and their methods follow by themselves where the table has any.

    Raises
    ------
    DisclosureRefused
        If it is any other table.
    """
    from IPython.display import Markdown, display

    if not isinstance(table, PublishableTable):
        raise DisclosureRefused(f"a notebook takes a PublishableTable, not a {type(table).__name__}; pass it through Report.publish_cases")
    rows = table.frame
    held = [name for name in _MEASURED if name in rows and rows[name].notna().any() and rows[name].ne("").any()]
    columns = [*by, *(name for name in held if name not in by)]
    hidden = rows["flag"].eq("suppressed") if "flag" in rows else pd.Series(data=False, index=rows.index)
    cells = [
        [_written(row[name], _decimals(table, row, name), hidden=off) for name in columns]
        for row, off in zip(rows.to_dict("records"), hidden, strict=True)
    ]
    align = "".join("r" if pd.api.types.is_numeric_dtype(rows[name]) else "l" for name in columns)
    display(Markdown(markdown.grid(columns, cells, align)))


def _decimals(table: PublishableTable, row: Mapping[Any, Any], name: str) -> int:
    if table.origin is Origin.OFFICIAL:
        return 4
    return 2 if name in _OF_ESTIMATES and row.get("unit") in _WITH_DECIMALS else 0


def _written(value: Any, decimals: int = 0, *, hidden: bool = False) -> str:
    """
    Write a value; ``hidden`` stands for one that disclosure control took out.

    Examples
    --------
    >>> _written(124.0), _written(0.87903, 4), _written(0.87903, 2), _written(2e-9, 4), _written(None, hidden=True), _written("F")
    ('124', '0.8790', '0.88', '< 0.0001', 'hidden', 'F')
    """
    if not isinstance(value, str) and pd.isna(value):
        return "hidden" if hidden else ""
    if isinstance(value, float):
        if 0 < value < 0.5 * 10.0**-decimals:
            return f"< {10.0**-decimals:.{decimals}f}"
        return f"{value:.0f}" if value.is_integer() else f"{value:.{decimals}f}"
    return str(value)


def printed(parts: Sequence[str], pictures: Collection[str] = ()) -> None:
    """
    Display a block as a report prints it.

    Parameters
    ----------
    parts : sequence of str
        From ``Report.write``.
    pictures : collection of str
        Labels of the figures to draw, such as ``fig-victim-ages``; of others stands what they show, in words, as for a reader who
        cannot see them.
    """
    from IPython.display import Markdown, display

    text, at = "\n\n".join(parts), 0
    for found in _FIGURE.finditer(text):
        if found["label"] in pictures:
            display(Markdown(plain_markdown(text[at : found.start()])))
            _show(found["png"], f"{found['label']}. {found['alt']}")
            at = found.end()
    display(Markdown(plain_markdown(text[at:])))


def pictured(drawn: tuple[bytes, str]) -> None:
    """
    Display a figure of a publishable table, with its alt text.

    Parameters
    ----------
    drawn : bytes, str
        PNG and alt text, from :mod:`turquesa_stats.present.figures`.
    """
    png, alt = drawn
    _show(base64.b64encode(png).decode("ascii"), alt)


def _show(png: str, alt: str) -> None:
    from IPython.display import display

    display({"image/png": png, "text/plain": alt}, raw=True, metadata={"image/png": {"alt": alt}})


def plain_markdown(text: str) -> str:
    r"""
    Return a report's Markdown without what only pandoc understands: divisions, labels, metadata, embedded pictures.

    Examples
    --------
    >>> print(plain_markdown("## Age {#sec-age}\n\n::: {#tbl-age}\n| a |\n|---|\n\nAges\n:::"))
    #### Age
    <BLANKLINE>
    **tbl-age.** Ages
    <BLANKLINE>
    | a |
    |---|
    """
    told = _FIGURE.sub(lambda found: f"**{found['label']}.** {found['alt']}", _HEAD.sub("", text))
    told = _HEADING.sub(lambda found: f"#### {found['text']}", told)
    return _DIVISION.sub(_of_division, told).strip()


def _of_division(found: re.Match[str]) -> str:
    name, inside = found["name"], found["inside"].strip()
    if found["mark"] == "#":
        grid, caption = sorted(inside.split("\n\n"), key=lambda part: not part.startswith("|"))
        return f"**{name}.** {caption}\n\n{grid}"
    if name == _MADE:
        return ""
    return "\n".join(f"> {line}" for line in inside.splitlines())
