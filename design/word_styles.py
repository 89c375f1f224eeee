"""
The styles of the Word documents: ``python -m design.word_styles`` writes them into the reference document that pandoc takes them from.

Every look is a named style (a reader of Word can change it, a screen reader can name it); nothing is set by hand on a paragraph.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

REFERENCE = Path(__file__).resolve().parent.parent / "turquesa_stats/render/templates/reference.docx"
INK, MUTED, TEAL, DEEP, PALE, WARN, HAIRLINE = "1D2B36", "52626D", "0B6E7F", "07404D", "EEF5F6", "8A2B0B", "D5DDE2"
FACE = "Source Sans Pro"


def main() -> None:
    """Write the reference document anew, the same bytes each time."""
    document = docx.Document(str(REFERENCE))
    for style in document.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH:
            _face(style)
    _text(document)
    _headings(document)
    _marked(document)
    _table(document)
    _page(document)
    held = io.BytesIO()
    document.save(held)
    _write_fixed(held)


def _face(style: Any) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FACE)


def _look(style: Any, size: float, colour: str, before: float, after: float, *, bold: bool | None = None, keep: bool = False) -> Any:
    style.font.size, style.font.color.rgb, style.font.italic = Pt(size), RGBColor.from_string(colour), False
    style.font.bold = bold
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.keep_with_next = keep
    return style


def _shaded(style: Any, fill: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{name}"), value)
    _put(style, "w:shd", shade)


def _bordered(style: Any, **sides: tuple[str, int, str]) -> None:
    """Give borders: side -> kind, eighths of a point, colour."""
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        if side in sides:
            kind, size, colour = sides[side]
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", kind), ("sz", str(size)), ("space", "6"), ("color", colour)):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    _put(style, "w:pBdr", borders)


def _put(style: Any, name: str, element: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn(name)):
        properties.remove(old)
    later = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    places = [properties.find(qn(one)) for one in later[later.index("w:shd") + (name == "w:shd") :]]
    first = next((place for place in places if place is not None), None)
    if first is None:
        properties.append(element)
    else:
        first.addprevious(element)


def _text(document: Any) -> None:
    styles = document.styles
    for name in ("Normal", "Body Text", "First Paragraph"):
        _look(styles[name], 10.5, INK, 0 if name == "Normal" else 4, 0 if name == "Normal" else 7).paragraph_format.line_spacing = 1.15
    _look(styles["Compact"], 9.5, INK, 2, 2)
    for name in ("Table Caption", "Image Caption"):
        _look(styles[name], 10, INK, 12, 4, keep=True)
    figure = _look(styles["Captioned Figure"], 10.5, INK, 4, 2)
    figure.paragraph_format.keep_with_next = True


def _headings(document: Any) -> None:
    styles = document.styles
    title = _look(styles["Title"], 28, "FFFFFF", 0, 0, bold=True, keep=True)
    subtitle = _look(styles["Subtitle"], 15, "D9F0F1", 0, 24, bold=False, keep=True)
    for style, sides in ((title, {"top": ("single", 96, DEEP)}), (subtitle, {"bottom": ("single", 36, "E9A23B")})):
        _shaded(style, DEEP)
        edges = {"left": ("single", 48, DEEP), "right": ("single", 48, DEEP)}
        _bordered(style, **edges, **sides)
        style.paragraph_format.alignment = 0
    first = _look(styles["Heading 1"], 16, INK, 22, 6, bold=True, keep=True)
    _bordered(first, top=("single", 18, TEAL))
    _look(styles["Heading 2"], 13, INK, 16, 4, bold=True, keep=True)
    _look(styles["Heading 3"], 11, INK, 12, 4, bold=True, keep=True)


def _style(document: Any, name: str, kind: Any = WD_STYLE_TYPE.PARAGRAPH) -> Any:
    known = [style for style in document.styles if style.name.casefold() == name]
    made = known[0] if known else document.styles.add_style(name, kind)
    if kind == WD_STYLE_TYPE.PARAGRAPH:
        made.base_style = document.styles["Normal"]
        _face(made)
    return made


def _marked(document: Any) -> None:
    _look(_style(document, "turquesa source"), 8, MUTED, 3, 12)
    caution = _look(_style(document, "turquesa caution"), 10.5, INK, 6, 8)
    _shaded(caution, PALE)
    _bordered(caution, left=("single", 24, TEAL))
    gap = _look(_style(document, "turquesa gap"), 9.5, MUTED, 6, 6)
    _bordered(gap, **dict.fromkeys(("top", "left", "bottom", "right"), ("dashed", 4, "8796A0")))
    synthetic = _look(_style(document, "turquesa synthetic"), 11, INK, 6, 12)
    _shaded(synthetic, "FFF5EE")
    lines = dict.fromkeys(("top", "bottom", "right"), ("single", 8, WARN))
    _bordered(synthetic, left=("single", 36, WARN), **lines)
    _shaded(_look(_style(document, "turquesa made"), 9, INK, 4, 4), "F4F7F8")
    _bordered(_look(_style(document, "turquesa fact"), 10.5, INK, 5, 5), left=("single", 24, TEAL))
    number = _style(document, "turquesa number", WD_STYLE_TYPE.CHARACTER)
    number.font.size, number.font.bold, number.font.color.rgb = Pt(20), True, RGBColor.from_string(DEEP)
    minor = _style(document, "turquesa minor", WD_STYLE_TYPE.CHARACTER)
    minor.font.size, minor.font.color.rgb = Pt(8.5), RGBColor.from_string(MUTED)


def _table(document: Any) -> None:
    """A strong line under the header, hairlines between rows, room within cells."""
    style = document.styles["Table"].element
    for old in (*style.findall(qn("w:tblPr")), *style.findall(qn("w:tblStylePr"))):
        style.remove(old)
    line = f'w:val="single" w:sz="4" w:space="0" w:color="{HAIRLINE}"'
    strong = f'w:val="single" w:sz="10" w:space="0" w:color="{INK}"'
    room = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (("top", 40), ("left", 60), ("bottom", 40), ("right", 60)))
    properties = docx.oxml.parse_xml(
        f'<w:tblPr {nsdecls("w")}><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders><w:bottom {line}/><w:insideH {line}/></w:tblBorders>'
        f"<w:tblCellMar>{room}</w:tblCellMar></w:tblPr>"
    )
    header = docx.oxml.parse_xml(
        f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders><w:bottom {strong}/></w:tcBorders>'
        f'<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
    )
    style.append(properties)
    style.append(header)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.1)
    section.top_margin, section.bottom_margin = Cm(2.0), Cm(2.0)
    foot = section.footer
    foot.is_linked_to_previous = False
    line = foot.paragraphs[0]
    for old in list(line.runs):
        line._p.remove(old._r)
    line.style = _look(_style(document, "footer"), 8.5, MUTED, 0, 0)
    line.paragraph_format.tab_stops.clear_all()
    line.paragraph_format.tab_stops.add_tab_stop(Cm(16.8), WD_TAB_ALIGNMENT.RIGHT)
    line.add_run("turquesa\t")
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = line.add_run()
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), str(kind))
        run._r.append(part)


def _write_fixed(held: io.BytesIO) -> None:
    """Write the parts in order of name with a fixed date."""
    with zipfile.ZipFile(held) as made, zipfile.ZipFile(REFERENCE, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(made.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, made.read(name))


if __name__ == "__main__":
    main()
