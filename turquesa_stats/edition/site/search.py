"""What the search of the site knows: countries in four languages, reports, periods, and the headings of documents."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

from turquesa_stats.edition.site.shelf import Country, Work, formats
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import Language

OPENING = "window.turquesa = "
_HEADING = re.compile(r"<(h[23])\b([^>]*)>(.*?)</\1>", re.DOTALL)
_ID = re.compile(r"""\bid=["']?([a-zA-Z][\w.-]*)""")
_MARK = re.compile(r"<[^>]+>")


def headings(page: str) -> list[tuple[str, str]]:
    """
    Return the headings of a document below its title, each with the name by which a link reaches it; empty where it has none.

    Examples
    --------
    >>> headings('<h1>Perú</h1><h2 id="sex">Sexo <em>y</em> edad</h2><h3>M&amp;S</h3>')
    [('Sexo y edad', 'sex'), ('M&S', '')]
    """
    found = []
    for _, attributes, inner in _HEADING.findall(page):
        named = _ID.search(attributes)
        text = " ".join(unescape(_MARK.sub("", inner)).split())
        found += [(text, named[1] if named else "")] if text else []
    return found


def search_script(folder: Path, countries: Sequence[Country]) -> bytes:
    """
    Return the script that holds all that can be found; a script and no JSON file, so that it works from a disk too.

    Parameters
    ----------
    folder : Path
        Of the documents.
    countries : sequence of Country
        With their works.
    """
    every = {language: Words(language) for language in Language}
    reports = list({work.report: work for country in countries for work in country.works}.items())
    known: dict[tuple[str, str], int] = {}
    documents = [
        [
            list(every).index(Language(entry.language)),
            number,
            work.period,
            [name for name, _ in reports].index(work.report),
            [known.setdefault(one, len(known)) for one in _headings_of(folder, work, entry.language)],
        ]
        for number, country in enumerate(countries)
        for work in country.works
        for entry in work.versions
        if "html" in formats(entry)
    ]
    held: dict[str, Any] = {
        "languages": list(every),
        "countries": [[country.code, [words.country(country.code) for words in every.values()]] for country in countries],
        "reports": [[name, [work.title(words) for words in every.values()]] for name, work in reports],
        "headings": [list(one) for one in known],
        "documents": documents,
    }
    return f"{OPENING}{json.dumps(held, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _headings_of(folder: Path, work: Work, language: str) -> list[tuple[str, str]]:
    path = folder / formats(work.version(language))["html"]
    return list(dict.fromkeys(headings(path.read_text(encoding="utf-8")))) if path.is_file() else []
