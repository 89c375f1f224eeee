"""Word and PDF documents: their pages, and what their properties, comments and attachments say."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from turquesa_stats.edition.audit.record import Block, Page, clean

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TYPES = {"png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
_COUNTED_BY_WORD = re.compile(r"\{[^}]*extended-properties\}(Words|Lines|Characters\w*|Paragraphs|Pages|TotalTime|AppVersion|DocSecurity)$")
_LINK = re.compile(r"^[^\d]*, \w+ (\d+)$")  # what Typst says of a link within the document: the page it goes to
_NO_TEXT = (
    "word/styles.xml",
    "word/settings.xml",
    "word/webSettings.xml",
    "word/fontTable.xml",
    "word/numbering.xml",
    "[Content_Types].xml",
)


def read_docx(path: str, content: bytes) -> Page:
    """
    Return what a Word document holds.

    Parameters
    ----------
    path : str
        Its name in the edition.
    content : bytes
        The file.
    """
    page = Page(path)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = parts.namelist()
        media = {name: parts.read(name) for name in names if name.startswith("word/media/")}
        related = _relationships(parts.read("word/_rels/document.xml.rels")) if "word/_rels/document.xml.rels" in names else {}
        for name in names:
            if name == "word/document.xml":
                _body(etree.fromstring(parts.read(name)), related, media, page)
            elif name.startswith("docProps/") and name.endswith(".xml"):
                page.aside += _properties(etree.fromstring(parts.read(name)), name)
            elif name.endswith((".xml", ".rels")):
                if name not in _NO_TEXT and not name.startswith("word/theme/") and not name.endswith(".rels"):
                    page.blocks += [Block("text", text) for text in _paragraphs(etree.fromstring(parts.read(name)))]
            elif not name.startswith("word/media/") and not name.endswith("/"):
                page.unread.append(f"{name} inside the document")
    return page


def _relationships(content: bytes) -> dict[str, str]:
    return {one.get("Id", ""): "word/" + one.get("Target", "") for one in etree.fromstring(content)}


def _properties(root: Any, name: str) -> list[tuple[str, str]]:
    found = []
    for element in root.iter(etree.Element):
        own = clean(element.text)
        if own and not _COUNTED_BY_WORD.search(element.tag) and not element.tag.endswith(("}created", "}modified")):
            above = element.getparent()
            called = above.get("name") if above is not None and above.get("name") else etree.QName(element).localname
            found.append((f"{name}, {called}", own))
    return found


def _paragraphs(root: Any) -> list[str]:
    return [text for text in (_words_of(paragraph) for paragraph in root.iter(f"{_W}p")) if text]


def _words_of(element: Any) -> str:
    return clean("".join(one.text or "" for one in element.iter(f"{_W}t", f"{_W}delText")))


def _body(root: Any, related: dict[str, str], media: dict[str, bytes], page: Page) -> None:
    label = ""
    for element in root.find(f"{_W}body"):
        marks = [element] if element.tag == f"{_W}bookmarkStart" else list(element.iter(f"{_W}bookmarkStart"))
        for mark in marks:
            name = mark.get(f"{_W}name", "")
            label = name if name.startswith(("fig-", "tbl-")) else label
        if element.tag == f"{_W}tbl":
            rows = [tuple(_words_of(cell) for cell in row.iter(f"{_W}tc")) for row in element.iter(f"{_W}tr")]
            page.blocks.append(Block("table", label=label, header=rows[0], rows=tuple(rows[1:])))
            page.blocks += [Block("text", clean(one.get(f"{_W}val"))) for one in element.iter(f"{_W}tblDescription")]
            label = ""
        elif element.tag == f"{_W}p":
            drawn = [one for one in element.iter() if etree.QName(one).localname == "docPr"]
            if drawn:
                alt = clean(" ".join(one.get("descr", "") for one in drawn))
                page.aside += [("title of a picture", one.get("title")) for one in drawn if one.get("title")]
                page.blocks.append(Block("figure", alt, label, pictures=_pictures(element, related, media)))
                label = ""
            elif _words_of(element):
                style = element.find(f"{_W}pPr/{_W}pStyle")
                is_note = style is not None and style.get(f"{_W}val") == "turquesasource"
                page.blocks.append(Block("note" if is_note else "text", _words_of(element)))


def _pictures(element: Any, related: dict[str, str], media: dict[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    names = [value for one in element.iter() for key, value in one.attrib.items() if etree.QName(key).localname == "embed"]
    files = [related.get(name, "") for name in names]
    return tuple((_TYPES.get(file.rpartition(".")[2].lower(), file), media[file]) for file in files if file in media)


def read_pdf(path: str, content: bytes) -> Page:
    """
    Return the text, pictures and properties of a PDF document; its tables are lines of text.

    Parameters
    ----------
    path : str
        Its name in the edition.
    content : bytes
        The file.
    """
    import pypdf

    page = Page(path)
    reader = pypdf.PdfReader(io.BytesIO(content))
    for sheet in reader.pages:
        page.blocks.append(Block("text", sheet.extract_text()))
        page.blocks += [Block("figure", pictures=(picture,)) for picture in _samples(sheet)]
        for note in sheet.get("/Annots") or []:
            said = clean(str(note.get_object().get("/Contents") or ""))
            to_page = _LINK.search(said) if note.get_object().get("/Subtype") == "/Link" else None
            address = (note.get_object().get("/A") or {}).get(
                "/URI"
            )  # Typst says of a link where it goes, as the page of a site does in href
            if said and said != address and not (to_page and int(to_page[1]) <= len(reader.pages)):
                page.aside.append(("annotation", said))
    for name, value in (reader.metadata or {}).items():
        if name not in {"/CreationDate", "/ModDate", "/Creator", "/Producer"}:
            page.aside.append((f"property {name}", clean(str(value))))
    page.aside += [("alt text", text) for text in _alternatives(reader)]
    page.unread += [f"attachment {name}" for name in reader.attachments]
    return page


def _samples(sheet: Any) -> list[tuple[str, bytes]]:
    """Return the pictures of a sheet as their raw samples, with their size as type: ``image/raw;1190x360``."""
    held = (sheet.get("/Resources") or {}).get("/XObject") or {}
    drawn = [one.get_object() for one in held.values()]
    return [(f"image/raw;{one['/Width']}x{one['/Height']}", one.get_data()) for one in drawn if one.get("/Subtype") == "/Image"]


def _alternatives(reader: Any) -> list[str]:
    """Return the alt texts of the structure tree, which a screen reader speaks."""
    from pypdf.generic import DictionaryObject, IndirectObject

    found: list[str] = []
    waiting: list[Any] = [reader.trailer["/Root"].get("/StructTreeRoot")]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
            node = node.get_object()
        if isinstance(node, list):
            waiting += list(node)
        elif isinstance(node, DictionaryObject):
            found += [clean(str(node[key])) for key in ("/Alt", "/ActualText") if key in node]
            waiting += [node.raw_get("/K")] if "/K" in node else []
    return found
