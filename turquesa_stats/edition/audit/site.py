"""The site around the documents: its pages, search, styles and downloads hold lists and official figures, no other number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree, html  # type: ignore[import-untyped]

from turquesa_stats.edition.audit.downloads import rows_of
from turquesa_stats.edition.audit.pages import read_html
from turquesa_stats.edition.audit.readings import RECORD_KEY
from turquesa_stats.edition.audit.record import clean
from turquesa_stats.edition.audit.sentences import unexplained
from turquesa_stats.edition.site.downloads import CITATION, FOLDER, LICENCE
from turquesa_stats.edition.site.pages import asset
from turquesa_stats.edition.site.record import RECORD
from turquesa_stats.edition.site.search import OPENING
from turquesa_stats.edition.site.writing import SCRIPT, SEARCH, SITEMAP, STYLES, styles
from turquesa_stats.render.journal import file_hash
from turquesa_stats.schema.codes import Language, code_list, code_list_names
from turquesa_stats.schema.tables import table_schema

Unclear = Iterator[tuple[str, str]]  # place and text
_PAGE = re.compile(rf"^(?:(?:{'|'.join(Language)})/(?:(?:[A-Z]{{3}}|[A-Z_]{{4,}})/)?)?index\.html$")
_NO_NUMBER = re.compile(r"\b(19|20)\d{2}(?:-S\d|-Q\d|-\d{2}){0,2}\b|initial-scale=1|ISO 3166-1 alpha-3|version=2\.0\.0")
_HASH = re.compile(r"(?:[0-9a-f]{16}|[0-9a-f]{64})?")
_ADDRESS = re.compile(r"(?:https?://[\w.-]+(?::\d+)?/(?:[\w.~-]+/)*|(?:\.\./)*)")
_ADDRESSES = {"url", "contentUrl", "citation"}


def reader_of(name: str) -> Callable[[Path, str, bytes], Unclear] | None:
    """Return what reads a file of the site, by its path in the edition; None for any other file."""
    if _PAGE.match(name):
        return _page
    if name in {STYLES, SCRIPT}:
        return _asset
    if name.startswith(f"{FOLDER}/") and name.endswith((f"/{CITATION}", f"/{LICENCE}")):
        return _terms
    if name.startswith(f"{FOLDER}/codes/"):
        return _codes
    fixed = {SEARCH: _search, RECORD: _record, SITEMAP: _addresses}
    return {**fixed, f"{FOLDER}/source.csv": _sources, f"{FOLDER}/sdmx/structure.xml": _structure}.get(name)


@cache
def _cells(path: Path) -> frozenset[str]:
    """Return what the table of sources says: titles, publishers, citations, licences."""
    rows = rows_of(".csv", path.read_bytes()) if path.is_file() else None
    texts = {clean(value) for row in rows or [] for key, value in row.items() if not _is_number(key)}
    terms = {clean(f"{row.get('citation')}: {row.get('licence')}") for row in rows or []}
    return frozenset(texts | terms)


def _is_number(column: str) -> bool:
    return column in {field.name for field in table_schema("source").fields if field.type in {"integer", "number"}}


def _left(folder: Path, text: str, language: str) -> str:
    """Return what of a text nothing explains: neither a year, nor the words of turquesa, nor a source's own."""
    if RECORD_KEY.search(text):
        return text
    if clean(text) in _cells(folder / FOLDER / "source.csv"):
        return ""
    return text if unexplained(_NO_NUMBER.sub(" ", text), language, "text") else ""


def _page(folder: Path, name: str, content: bytes) -> Unclear:
    root = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    language = root.get("lang") if root.get("lang") in list(Language) else "en"
    page = read_html(name, content)
    yield from (("picture", one) for one in page.unread)
    texts = [("text", text) for block in page.blocks for text in (block.text, *(cell for row in block.rows for cell in row))]
    texts += [(place, text) for place, text in page.aside if place != "script"]
    yield from ((place, text) for place, text in texts if _left(folder, text, language))
    for element in root.iter(etree.Element):
        if element.get("style"):
            yield f"attribute style of {element.tag}", element.get("style")
        if element.tag == "script" and element.get("type") == "application/ld+json":
            yield from (("metadata", text) for text in _described(folder, json.loads(element.text or "null"), language))
        elif element.tag == "script" and (clean(element.text) or not element.get("src", "").endswith((SCRIPT, SEARCH))):
            yield "script", clean(element.text) or element.get("src", "")


def _described(folder: Path, held: Any, language: str, key: str = "") -> Iterator[str]:
    """Yield what of the description of a data set is not understood; its addresses are those of files of the edition."""
    if isinstance(held, dict):
        for name, value in held.items():
            yield from _described(folder, value, language, name)
    elif isinstance(held, list):
        for value in held:
            yield from _described(folder, value, language, key)
    elif isinstance(held, str):
        if not (key in _ADDRESSES and _leads_home(folder, held)) and _left(folder, held, language):
            yield held
    elif held is not True and held is not None:
        yield f"{key}: {held}"


def _leads_home(folder: Path, address: str) -> bool:
    inside = _ADDRESS.fullmatch(address) or any(
        (folder / address[match.end() :]).is_file() for match in re.finditer(r"(?<![\w.~-])(?:\.\./|https?://[^/]+/|[\w.~-]+/)", address)
    )
    return bool(inside)


def _asset(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    if content != (styles() if name == STYLES else asset("site.js")):
        yield "file", "it is not what this version of turquesa writes"


def _search(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    text = content.decode()
    if not (text.startswith(OPENING) and text.endswith(";\n")):
        yield "file", "it is not the data of a search"
        return
    held = json.loads(text.removeprefix(OPENING).removesuffix(";\n"))
    most = max(len(part) for part in held.values())
    yield from (("search", one) for one in _searched(folder, held, most))


def _searched(folder: Path, held: Any, most: int) -> Iterator[str]:
    if isinstance(held, dict | list):
        for key, value in held.items() if isinstance(held, dict) else enumerate(held):
            if isinstance(key, str) and key not in {"languages", "countries", "reports", "headings", "documents"}:
                yield key
            yield from _searched(folder, value, most)
    elif isinstance(held, str):
        if all(_left(folder, held, language) for language in Language):
            yield held
    elif not (isinstance(held, int) and 0 <= held < most):  # a place in a list
        yield str(held)


def _record(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    held = json.loads(content)
    files = held.pop("files", {})
    if set(held) != {"key"} or not _HASH.fullmatch(held["key"]):
        yield "file", "it is not the record of a site"
    for path, hashed in files.items():
        if not (folder / path).is_file() or file_hash(folder / path) != hashed:
            yield "file", f"{path} is not as the record says; write the site again"


def _addresses(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    for element in etree.fromstring(content).iter(etree.Element):
        for text in (clean(element.text), clean(element.tail), element.get("href", "")):
            if text and not _leads_home(folder, text):
                yield "address", text


def _terms(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    for line in content.decode().splitlines():
        if all(_left(folder, line, language) for language in Language):
            yield "text", line


def _codes(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    codes = Path(name).stem
    rows = rows_of(".csv", content) or []
    known = code_list(codes) if codes in code_list_names() else None
    told = [{**row, **{f"label_{one}": known.label(code, one) for one in Language}} for code, row in known.rows.items()] if known else None
    if rows != told:
        yield "file", "it is no code list of this version of turquesa"


def _sources(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    for row in rows_of(".csv", content) or []:
        strange = set(row) - {field.name for field in table_schema("source").fields}
        if strange or RECORD_KEY.search(" ".join(row.values())):
            yield "row of a source", "; ".join(f"{key}: {value}" for key, value in row.items())[:300]


def _structure(folder: Path, name: str, content: bytes) -> Unclear:  # noqa: ARG001
    cells = _cells(folder / FOLDER / "source.csv")
    for text in _xml_texts(content):
        if re.search(r"\d", text) and text not in cells and text not in _known_structure():
            yield "structure", text[:300]


@cache
def _known_structure() -> frozenset[str]:
    from turquesa_stats.edition.sdmx import components
    from turquesa_stats.edition.sdmx_structure import structure

    none = pd.DataFrame({"source_id": [""], "title": [""], "citation": [""], "loaded_at": [pd.Timestamp(0)]})
    return frozenset(_xml_texts(structure(*components(), none)))


def _xml_texts(content: bytes) -> list[str]:
    return [clean(text) for element in etree.fromstring(content).iter() for text in (element.text, element.tail, *element.attrib.values())]
