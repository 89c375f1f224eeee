"""The verdict for people and machines: a page, the same as JSON, and every number as CSV."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from turquesa_stats.edition.cells import csv_bytes
from turquesa_stats.edition.review.numbers import Answer
from turquesa_stats.edition.review.verdict import Review
from turquesa_stats.edition.single_page import single_page
from turquesa_stats.schema.workspace import replacing
from turquesa_stats.sources.spreadsheet import as_text_cells

_MOST = 200


def write_review(found: Review, folder: Path, language: str, *, allow_unjudged: bool = False) -> list[Path]:
    """
    Write a verdict.

    Parameters
    ----------
    found : Review
        The verdict.
    folder : Path
        Made if it does not exist.
    language : str
        Of the page.
    allow_unjudged : bool
        Whether documents that could not be made again are no fault.

    Returns
    -------
    list of Path
        ``index.html``, ``verdict.json`` and ``numbers.csv``.
    """
    written = {
        "index.html": page(found, language, allow_unjudged=allow_unjudged).encode(),
        "verdict.json": found.as_json(allow_unjudged=allow_unjudged).encode(),
        "numbers.csv": csv_bytes(as_text_cells(found.every_number())),
    }
    with replacing(folder) as staged:
        for name, content in written.items():
            staged(name).write_bytes(content)
    return [folder / name for name in written]


def page(found: Review, language: str, *, allow_unjudged: bool = False) -> str:
    """Return a verdict as an HTML page."""
    others = [(one, number) for one in found.documents for number in one.numbers if number.answer is not Answer.SAME]
    lists = {
        "otherwise": found.otherwise,
        "failed": [f"{one.stem}: {one.failed}" for one in found.documents if one.failed],
        "unjudged": [f"{one.stem}: {one.unjudged}" for one in found.unjudged],
        "bytes": list(chain.from_iterable(one.other_bytes for one in found.documents)),
        "pages": list(found.pages),
    }
    return single_page(
        "turquesa_stats.edition.review",
        "review.html.jinja",
        language,
        found=found,
        passes=found.passes(allow_unjudged=allow_unjudged),
        private=found.tells_of_persons,
        answers=list(Answer),
        totals={answer.name.lower(): found.totals()[answer] for answer in Answer},
        others=sorted(others, key=lambda one: one[1].answer),  # "different" before "within tolerance"
        lists={name: lines[:_MOST] for name, lines in lists.items()},
        most=_MOST,
    )
