"""The files of an edition: which document each is of, and all that it says, format by format."""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]
from PIL import Image
from pypdf.errors import PyPdfError

from turquesa_stats.edition.audit import pictures
from turquesa_stats.edition.audit.codebook import BANDS, SEXES
from turquesa_stats.edition.audit.documents import read_docx, read_pdf
from turquesa_stats.edition.audit.downloads import PUBLIC, Row, rows_of
from turquesa_stats.edition.audit.notebooks import read_notebook
from turquesa_stats.edition.audit.pages import read_html
from turquesa_stats.edition.audit.readings import Document, Reading, Readings, readings_of
from turquesa_stats.edition.audit.record import Page, clean
from turquesa_stats.edition.audit.site import reader_of
from turquesa_stats.edition.audit.values import Value
from turquesa_stats.present.style import PALETTE
from turquesa_stats.present.words import Words
from turquesa_stats.render.journal import JOURNAL, Entry
from turquesa_stats.schema.codes import Language

_READERS: dict[str, Callable[[str, bytes], Page]] = {
    ".html": read_html,
    ".docx": read_docx,
    ".ipynb": read_notebook,
    ".pdf": read_pdf,
}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    etree.LxmlError,
    PyPdfError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
)
"""What the readers of formats raise at a file that is not whole."""
_TABLES = {".csv", ".tsv", ".json", ".jsonl", ".parquet"}
_DESCRIBING = {"datapackage.json"}
_STEM = re.compile(r"^(?P<language>[a-z]{2})/(?P<country>[A-Z]{3}|[A-Z_]{4,})/(?P<period>\d{4}[\dQS-]*)/(?P<report>[\w-]+)$")
_PYRAMID = "fig-victim-ages"


@dataclass(slots=True)
class Heard:
    """What some files of an edition say: documents, rows of downloads, and what could not be read or understood."""

    documents: list[Readings] = field(default_factory=list)
    rows: list[tuple[str, Row]] = field(default_factory=list)
    unclear: list[tuple[str, str, str]] = field(default_factory=list)  # file, place, text
    unread: list[tuple[str, str]] = field(default_factory=list)  # file, why


def bundles(folder: Path) -> list[list[str]]:
    """Return the files of an edition, those of one document together."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            found.setdefault(name.rpartition(".")[0] if _STEM.match(name.rpartition(".")[0]) else name, []).append(name)
    return list(found.values())


def hear(folder: Path, names: Sequence[str]) -> Heard:
    """
    Return all that the files of one document, or one other file, say.

    Parameters
    ----------
    folder : Path
        The edition.
    names : sequence of str
        Paths within it.
    """
    heard = Heard()
    stem = _STEM.match(names[0].rpartition(".")[0])
    if stem is None or stem["language"] not in list(Language):
        for name in names:
            _other(folder, name, heard)
        return heard
    pages: list[Page] = []
    for name in sorted(names, key=lambda name: name.endswith(".pdf")):
        document = Document(name, stem["language"], stem["country"], stem["period"].replace("--", "/"))
        content = (folder / name).read_bytes()
        if Path(name).suffix not in _READERS:
            _other(folder, name, heard)
        elif not name.endswith(".pdf"):
            page = read_page(name, content)
            pages.append(page)
            heard.documents.append(readings_of(page, document))
            heard.unread += [(name, why) for why in page.unread]
        else:
            _compare(read_page(name, content), pages, document, heard)
    _look_at_pictures(heard)
    return heard


def read_page(name: str, content: bytes) -> Page:
    """
    Return what a document's file shows; of a damaged file, only that it could not be read.

    Parameters
    ----------
    name : str
        Its ending says the format.
    content : bytes
        The file.
    """
    try:
        return _READERS[Path(name).suffix](name, content)
    except _DAMAGE as error:
        return Page(name, unread=[f"damaged: {type(error).__name__}: {clean(str(error))[:200]}"])


def _compare(page: Page, others: Sequence[Page], document: Document, heard: Heard) -> None:
    """A PDF is lines of text without tables: whatever no other format of the document prints is not understood."""
    found = Readings(document)
    heard.documents.append(found)
    heard.unread += [(page.path, why) for why in page.unread]
    if not others:
        heard.unread.append(
            (page.path, "a PDF can only be compared with the HTML, Word or notebook file of the same document, and none is here")
        )
        return
    joined = _without_known(_running_text(page, document), others[0])
    figure, table = (Words(document.language).raw(f"document.{kind}") for kind in ("figure", "table"))
    joined = re.sub(rf"(?:{figure}|{table})\d+\.", "\n", joined)
    found.unclear += [("text", line) for line in joined.split("\n") if re.search(r"\d", line)]
    alts = {block.text for other in others for block in other.blocks if block.kind == "figure"}
    title = " ".join(block.text for other in others for block in other.blocks[:8])
    for place, text in page.aside:
        known = text in alts or (place.startswith("property") and all(part in title for part in re.findall(r"\d+", text)))
        found.unclear += [] if known or not re.search(r"\d", text) else [(place, text)]
    drawn = {data for other in others for block in other.blocks for kind, data in block.pictures if kind == "image/png"}
    seen = {_samples(data) for data in drawn}
    for block in page.blocks:
        for _, data in block.pictures:
            if hashlib.sha256(data).digest() not in seen:
                found.unclear.append(("picture", "a picture that no other format of the document has (0 known pictures alike)"))


def _without_known(joined: str, other: Page) -> str:
    """Return what is left of a running text without all that another format of the document prints, each as often as it does."""
    tables = [block for block in other.blocks if block.kind == "table"]
    rows = {_without_spaces("".join(row)): row for block in tables for row in block.rows}
    whole = [_without_spaces(text) for block in other.blocks for text in (block.text, *("".join(row) for row in block.rows))]
    headers = {_without_spaces("".join(block.header)) for block in tables}  # repeated where a table goes on overleaf
    apart = [_without_spaces(cell) for block in tables for cell in block.header]
    for text in _longest_first({*whole, *headers}):
        if text not in joined and text in rows:
            apart += [_without_spaces(cell) for cell in rows[text]] * whole.count(text)
        joined = joined.replace(text, "\n", -1 if text in headers else whole.count(text))
    for text in _longest_first(apart):
        joined = joined.replace(text, "\n", apart.count(text))
    return joined


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted({*texts} - {""}, key=lambda text: (-len(text), text))


def _running_text(page: Page, document: Document) -> str:
    """Return the text without spaces, and without the lines at the head and foot of every sheet."""
    words = Words(document.language)
    project = re.escape(_without_spaces(words.raw("document.project")))
    title = re.escape(_without_spaces(f"{words.country(document.country)}, {document.period}"))
    sheets = [_without_spaces(block.text) for block in page.blocks if block.kind == "text"]
    return "".join(re.sub(rf"^[^\d]{{0,200}}·{title}turquesa", "", re.sub(rf"{project}\d{{1,3}}$", "", sheet)) for sheet in sheets)


def _without_spaces(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u200b\u00ad-]", "", text)  # nor hyphens, which a line break may add


def _samples(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).digest()


def _look_at_pictures(heard: Heard) -> None:
    done: set[tuple[str, bytes]] = set()
    for found in heard.documents:
        for label, drawn in found.drawn.items():
            for kind, data in drawn:
                mark = label, hashlib.sha256(data).digest()
                if mark not in done:
                    done.add(mark)
                    _look(label, kind, data, found, heard)


def _look(label: str, kind: str, data: bytes, found: Readings, heard: Heard) -> None:
    if kind not in {"image/png", "image/svg+xml", "image/jpeg"}:
        heard.unread.append((found.document.path, f"a picture of type {kind}"))
        return
    said = {str(int(one.value.low)) for one in found.read if one.place == label and one.value.is_count}
    for place, text in pictures.texts_in(kind, data):
        strange = [number for number in re.findall(r"\d+", text) if number not in said]
        if strange and not (kind == "image/svg+xml" and "%" in text):
            found.unclear.append((f"{place} of {label}", text))
    if label == _PYRAMID:
        _measure(kind, data, found)
    elif kind == "image/svg+xml" and label in {one.place for one in found.read}:
        _measure_in_order(label, data, found)


def _measure(kind: str, data: bytes, found: Readings) -> None:
    codes = {one.cell.rpartition("/ages/")[2]: one for one in found.read if one.place == _PYRAMID and "/ages/" in one.cell}
    shown = {
        (code.split("/")[0], BANDS.index(code.split("/")[1])): one.value.low
        for code, one in codes.items()
        if one.value.is_count and not code.endswith("/n")
    }
    bars = pictures.bars_in(kind, data)
    try:
        hidden = pictures.hidden_lengths(bars, shown, range(len(BANDS)), dict(zip(PALETTE[:2], SEXES, strict=True)))
    except ValueError as problem:
        found.unclear.append((f"picture of {_PYRAMID}", f"{problem}: bars without a number"))
        return
    for (sex, band), (low, high) in hidden.items():
        one = codes.get(f"{sex}/{BANDS[band]}")
        if one is not None:
            _drawn(one, low, high, found, _PYRAMID)


def _measure_in_order(label: str, data: bytes, found: Readings) -> None:
    """Measure a vector chart whose bars are in the order of its items."""
    items = [one for one in found.read if one.place == label and one.whole]
    bars = pictures.bars_in("image/svg+xml", data)
    shown = {("", place): one.value.low for place, one in enumerate(items) if one.value.is_count}
    try:
        hidden = pictures.hidden_lengths(bars, shown, range(len(items)), {bar.colour: "" for bar in bars})
    except ValueError as problem:
        found.unclear.append((f"picture of {label}", f"{problem}: bars without a number"))
        return
    for (_, place), (low, high) in hidden.items():
        _drawn(items[place], low, high, found, label)


def _drawn(one: Reading, low: float, high: float, found: Readings, label: str) -> None:
    place = f"length of a bar in the picture of {label}"
    found.read.append(Reading(one.cell, Value(low, high), "", one.accused, found.document.path, place))


def _other(folder: Path, name: str, heard: Heard) -> None:
    suffix, content = Path(name).suffix, (folder / name).read_bytes()
    reader = reader_of(name)
    if name == JOURNAL:
        _journal(name, content, heard)
    elif reader is not None:
        heard.unclear += [(name, place, text) for place, text in reader(folder, name, content)]
    elif suffix in _TABLES and Path(name).name not in _DESCRIBING:
        rows = rows_of(suffix, content)
        if rows is None:
            heard.unclear.append((name, "file", "its content is no table"))
        elif not (rows and {column.casefold() for column in rows[0]} >= PUBLIC):
            heard.rows += [(name, row) for row in rows]
    elif Path(name).name in _DESCRIBING:
        return
    else:
        heard.unread.append((name, f"the audit cannot read files of type '{suffix or name}'"))


def _journal(name: str, content: bytes, heard: Heard) -> None:
    known = {one.name for one in fields(Entry)}
    for number, line in enumerate(content.decode().splitlines(), start=1):
        strange = sorted(set(json.loads(line)) - known) if line.strip() else []
        heard.unclear += [(name, f"line {number}", f"{key}: {json.loads(line)[key]}") for key in strange]
