"""One executed notebook, all its documents: the same headings, numbers, captions and cross-references in HTML, PDF and Word, by pandoc and by Quarto."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import nbformat
import pypdf
import pytest
from docx.oxml.ns import qn
from lxml import html
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.present.words import Words
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset import ToTypeset, choose
from turquesa_stats.schema.codes import Language

LANGUAGES = [str(language) for language in Language]
STEM = "PER/2019/country-profile"


@dataclass(frozen=True)
class Told:
    """What a document says: headings, captions by their number, references to them, tables as cells, figures, and all its text."""

    headings: list[str]
    captions: dict[str, str]
    references: list[str]
    tables: list[list[list[str]]]
    figures: int
    text: str


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()


def numbered(texts: list[str], words: Words) -> dict[str, str]:
    """Return the captions by name and number; Quarto writes a colon where pandoc writes a point."""
    names = f"{words('document.figure')}|{words('document.table')}"
    found = [re.match(rf"((?:{names}) \d+)\s?[.:]\s(.*)", plain(text)) for text in texts]
    return {one[1]: one[2] for one in found if one}


def in_html(path: Path, words: Words) -> Told:
    root = html.fromstring(path.read_bytes())
    main = root.xpath("//main")[0]
    for folded in main.xpath(".//details"):
        folded.drop_tree()  # the numbers behind a figure: on paper they stand in it
    captions = numbered([one.text_content() for one in main.xpath(".//figcaption | .//caption")], words)
    rows = [[[plain(cell.text_content()) for cell in row.xpath("./td | ./th")] for row in table.iter("tr")] for table in main.iter("table")]
    links = [plain(one.text_content()) for one in main.xpath(".//a[starts-with(@href, '#fig-') or starts-with(@href, '#tbl-')]")]
    pictures = main.xpath(".//figure//img | .//figure//svg")
    return Told([plain(one.text_content()) for one in main.iter("h2")], captions, links, rows, len(pictures), plain(main.text_content()))


def in_docx(path: Path, words: Words) -> Told:
    document = docx.Document(str(path))
    named = [(one.style.name, one.text) for one in document.paragraphs]
    captions = numbered([text for style, text in named if style.endswith("Caption")], words)
    rows = [[[plain(cell.text) for cell in row.cells] for row in table.rows] for table in document.tables]
    anchors = [one for one in document.element.iter(qn("w:hyperlink")) if str(one.get(qn("w:anchor"))).startswith(("fig-", "tbl-"))]
    links = [plain("".join(part.text or "" for part in one.iter(qn("w:t")))) for one in anchors]
    pictures = list(document.element.iter(qn("wp:docPr")))
    text = plain(" ".join(part.text or "" for part in document.element.iter(qn("w:t"))))
    return Told([plain(text) for style, text in named if re.match(r"Heading [12]$", style)], captions, links, rows, len(pictures), text)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("agreeing")
    asked = ["render", "--report", "country-profile", "--country", "PER", "--period", "2019", "--language", ",".join(LANGUAGES)]
    done = CliRunner().invoke(app, [*asked, "--format", "html,pdf,docx", "--typesetter", "pandoc", "--into", str(into), "--jobs", "2"])
    assert done.exit_code == 0, done.output
    return into


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_word_document_say_the_same(language: str, edition: Path) -> None:
    words = Words(language)
    page, word = (read(edition / f"{language}/{STEM}.{to}", words) for read, to in ((in_html, "html"), (in_docx, "docx")))
    assert page.headings == word.headings
    assert page.captions == word.captions
    assert page.references == word.references
    assert page.tables == word.tables
    assert page.figures == word.figures == sum(name.startswith(words("document.figure")) for name in page.captions)
    assert len(page.tables) == sum(name.startswith(words("document.table")) for name in page.captions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_what_the_page_says(language: str, edition: Path) -> None:
    words = Words(language)
    page = in_html(edition / f"{language}/{STEM}.html", words)
    reader = pypdf.PdfReader(edition / f"{language}/{STEM}.pdf")
    whole = squeezed(" ".join(sheet.extract_text() for sheet in reader.pages))
    assert [one.title for one in reader.outline[1]] == page.headings  # below the title
    for name, caption in page.captions.items():
        assert squeezed(f"{name}. {caption}") in whole
    for table in page.tables:
        for row in table:
            assert all(squeezed(cell) in whole for cell in row)
    for reference in page.references:
        assert squeezed(reference) in whole
    numbers = re.findall(r"\d[\d.,\u202f]*\d|\d", page.text)
    assert len(numbers) > 50
    assert [number for number in numbers if squeezed(number) not in whole] == []
    drawn = [one for sheet in reader.pages for one in sheet["/Resources"].get("/XObject", {}).values()]
    assert sum(one.get_object()["/Subtype"] == "/Image" for one in drawn) == page.figures


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u200b\u00ad-]", "", text)  # nor hyphens, which a line break may add


def test_a_figure_has_one_number_in_all_formats_and_languages(edition: Path) -> None:
    """Figure 2 is the same figure in Spanish and Portuguese, on the page and in Word."""
    seen: dict[str, set[str]] = {}
    for language in LANGUAGES:
        words = Words(language)
        root = html.fromstring((edition / f"{language}/{STEM}.html").read_bytes())
        captioned = [(one.get("id"), one.xpath("./figcaption | ./caption")) for one in root.xpath("//figure[@id] | //table[@id]")]
        for label, captions in captioned:
            name = next(iter(numbered([captions[0].text_content()], words)))
            seen.setdefault(label, set()).add(name.rpartition(" ")[2])
        order = list(in_docx(edition / f"{language}/{STEM}.docx", words).captions)
        assert order == [next(iter(numbered([captions[0].text_content()], words))) for _, captions in captioned]
    assert len(seen) >= 5
    assert {label: numbers for label, numbers in seen.items() if len(numbers) != 1} == {}


def quarto_of(to: Format, notebook: nbformat.NotebookNode, folder: Path) -> Path:
    chosen, why = choose("auto")
    if not chosen.identity.startswith("quarto"):
        pytest.skip(f"Quarto is not here: {why}")
    (made,) = chosen.typeset_many([ToTypeset(notebook, to, folder)])
    return made


@pytest.mark.parametrize(("to", "read"), [(Format.HTML, in_html), (Format.DOCX, in_docx)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_quarto_says_what_pandoc_says(
    language: str, to: Format, read: Callable[[Path, Words], Told], edition: Path, tmp_path: Path
) -> None:
    notebook = nbformat.read(edition / f"{language}/{STEM}.ipynb", as_version=4)
    ours = read(edition / f"{language}/{STEM}.{to}", Words(language))
    theirs = read(quarto_of(to, notebook, tmp_path), Words(language))
    assert theirs.headings == ours.headings
    assert theirs.captions == ours.captions
    assert theirs.references == ours.references
    assert theirs.figures == ours.figures
    missing = set(re.findall(r"\d[\d.,\u202f]*\d|\d", ours.text)) - set(re.findall(r"\d[\d.,\u202f]*\d|\d", theirs.text))
    assert missing == set()
