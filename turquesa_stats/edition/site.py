"""The front page of an edition: every document by country, report, period and language, with a filter that needs no server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from turquesa_stats.render.journal import Entry
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset.pandoc import style

if TYPE_CHECKING:
    from turquesa_stats.present.words import Words

_WORDS = ("title", "lead", "filter", "country", "report", "period", "language", "formats", "count", "synthetic", "nothing")


def write_index(folder: Path, entries: Iterable[Entry], language: str) -> Path:
    """
    Write ``index.html`` into the folder of documents.

    Parameters
    ----------
    folder : Path
        The documents' folder.
    entries : iterable of Entry
        Its documents.
    language : str
        Language of the page's own words.

    Returns
    -------
    Path
        The page, replaced as a whole.
    """
    from jinja2 import Environment

    from turquesa_stats.present.words import Words

    words = Words(language)
    template = files("turquesa_stats.edition").joinpath("index.html.jinja").read_text(encoding="utf-8")
    rows = sorted(
        (_row(entry, words) for entry in entries), key=lambda row: (row["country"], row["report"], row["period"], row["language"])
    )
    page = Environment(autoescape=True).from_string(template)
    said = {name: words.raw(f"site.{name}") for name in _WORDS}
    text = page.render(
        words=said,
        project=words("document.project"),
        skip=words("document.skip"),
        style=style("identity"),
        rows=rows,
        language=language,
        count_text=json.dumps(said["count"]),
    )
    path = folder / "index.html"
    temporary = folder / ".index.html.partial"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return path


def is_index_in(folder: Path, language: str) -> bool:
    """Whether the folder has a front page in a language."""
    path = folder / "index.html"
    return path.is_file() and f'<html lang="{language}">' in path.read_text(encoding="utf-8")[:100]


def _row(entry: Entry, words: Words) -> dict[str, object]:
    ending = {Path(path).suffix[1:]: path for path in entry.files}
    formats = [(name.upper(), ending[name]) for name in [*Format, "ipynb"] if name in ending]
    return {
        "country": words.country(entry.country),
        "code": entry.country,
        "report": words(f"report.{entry.report}"),
        "period": entry.period,
        "language": entry.language,
        "synthetic": entry.synthetic,
        "formats": formats,
    }
