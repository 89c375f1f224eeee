"""HTML pages: every figure, table and text, and what hides in comments, attributes and scripts."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

from lxml import etree, html  # type: ignore[import-untyped]

from turquesa_stats.edition.audit.record import Block, Page, clean

_TEXTS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "figcaption", "title", "dt", "dd", "blockquote", "pre", "summary"}
_SILENT = {
    *("id", "class", "style", "href", "src", "alt", "role", "lang", "charset", "rel", "type", "for", "scope", "hidden", "autocomplete"),
    *("aria-live", "width", "height", "colspan", "rowspan", "viewbox", "xmlns", "name", "http-equiv", "tabindex"),
}
_DIGIT = re.compile(r"\d")


def read_html(path: str, content: bytes) -> Page:
    """
    Return what an HTML page holds.

    Parameters
    ----------
    path : str
        Its name in the edition.
    content : bytes
        The file.
    """
    page = Page(path)
    root = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    for found in root.iter(etree.Comment):
        page.aside.append(("comment", clean(found.text)))
    for element in root.iter(etree.Element):
        _attributes(element, page)
    _walk(root, page)
    return page


def _attributes(element: html.HtmlElement, page: Page) -> None:
    inside_picture = element.tag in {"path", "rect", "circle", "line", "polyline", "polygon", "g", "use", "text", "svg", "tspan"}
    for name, value in element.attrib.items():
        said_already = (name == "aria-label" and value == element.get("alt")) or (name == "data-column" and value in _headings(element))
        if name.lower() not in _SILENT and _DIGIT.search(value) and not said_already and not inside_picture:
            page.aside.append((f"attribute {name} of {element.tag}", clean(value)))


def _headings(cell: html.HtmlElement) -> list[str]:
    """Return the headings of the table that a cell is in: on a phone each cell repeats its own."""
    table = next(cell.iterancestors("table"), None)
    return [] if table is None else [clean(one.text_content()) for one in table.iterfind("./thead/tr/th")]


def _walk(element: html.HtmlElement, page: Page) -> None:
    if not isinstance(element.tag, str):
        return
    if element.tag == "table":
        page.blocks += _table(element)
    elif element.tag == "figure":
        page.blocks += _figure(element, page)
    elif element.tag in {"img", "svg"}:
        page.blocks.append(_picture([element], element.get("id", ""), page))
    elif element.tag == "script":
        page.aside.append(("script", clean(element.text)))
    elif element.tag == "style":
        return
    elif element.tag in _TEXTS:
        kind = "note" if any("source" in (up.get("class") or "").split() for up in element.iterancestors("div")) else "text"
        page.blocks.append(Block("note" if kind == "note" else "text", clean(element.text_content())))
    else:
        _loose(element.text, page)
        for child in element:
            _walk(child, page)
            _loose(child.tail, page)


def _loose(text: str | None, page: Page) -> None:
    if clean(text):
        page.blocks.append(Block("text", clean(text)))


def _table(element: html.HtmlElement) -> list[Block]:
    rows = [tuple(clean(cell.text_content()) for cell in row.iter("td", "th")) for row in element.iter("tr")]
    head = [tuple(clean(cell.text_content()) for cell in row.iter("td", "th")) for row in element.iterfind("./thead/tr")]
    captions = [Block("text", clean(caption.text_content())) for caption in element.iter("caption")]
    holder = element if element.get("id") else element.getparent()
    label = holder.get("id", "") if holder is not None else ""
    return [*captions, Block("table", label=label, header=head[0] if head else (), rows=tuple(rows[len(head) :]))]


def _figure(element: html.HtmlElement, page: Page) -> list[Block]:
    captions = [Block("text", clean(one.text_content())) for one in element.iter("figcaption")]
    pictures = [one for one in element.iter("img", "svg") if not any(up.tag == "svg" for up in one.iterancestors())]
    others = [clean(one.text_content()) for one in element if isinstance(one.tag, str) and one.tag not in {"figcaption", "img", "svg"}]
    loose = [Block("text", text) for text in others if text]
    return [_picture(pictures, element.get("id", ""), page), *captions, *loose]


def _picture(elements: list[html.HtmlElement], label: str, page: Page) -> Block:
    held, alts = [], []
    for one in elements:
        if one.tag == "svg":
            held.append(("image/svg+xml", etree.tostring(one)))
            alts.append(one.get("aria-label", ""))
            continue
        alts.append(one.get("alt", ""))
        source = re.match(r"data:([\w/+.-]+)((?:;[\w=-]+)*),(.*)", one.get("src", ""), re.DOTALL)
        if source is None:
            page.unread.append(f"picture {one.get('src', '')[:60]!r} of {label or 'the page'} is not in the page")
            continue
        data = base64.b64decode(source[3]) if ";base64" in source[2] else unquote_to_bytes(source[3])
        held.append((source[1], data))
    return Block("figure", clean(" ".join(alts)), label, pictures=tuple(held))
