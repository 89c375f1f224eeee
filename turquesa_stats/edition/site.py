"""The front page of an edition: every document by country, report, period and language, with a filter that needs no server."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from turquesa_stats.render.journal import Entry
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset.pandoc import style
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.workspace import FINAL, PRELIMINARY

if TYPE_CHECKING:
    from turquesa_stats.present.words import Words

_WORDS = ("title", "lead", "filter", "country", "report", "period", "language", "formats", "count", "synthetic", "nothing")


def write_index(folder: Path, entries: Iterable[Entry], language: str, status: str = FINAL) -> Path:
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
    status : str
        ``preliminary`` is said on the page.

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
    banner = words("banner.preliminary").replace("**", "") if status == PRELIMINARY else ""
    text = page.render(
        words=said,
        project=words("document.project"),
        skip=words("document.skip"),
        style=style("identity"),
        rows=rows,
        language=language,
        banner=banner,
        count_text=json.dumps(said["count"]),
    )
    path = folder / "index.html"
    temporary = folder / ".index.html.partial"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return path


def is_index_in(folder: Path, language: str) -> bool:
    """Whether the folder has a front page in a language."""
    return (folder / "index.html").is_file() and language_of_index(folder) == language


def language_of_index(folder: Path) -> str:
    """Return the language of a folder's front page; English where there is none."""
    path = folder / "index.html"
    found = re.search(r'<html lang="(\w+)">', path.read_text(encoding="utf-8")[:100]) if path.is_file() else None
    return found[1] if found and found[1] in list(Language) else Language.EN


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
