"""Every type of page in every language, in a real browser and as files: what WCAG 2.2 AA, PDF/UA and Word's checker ask for."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.apart import apart
from tests.browser import chromium, violations
from turquesa_stats.cli import app
from turquesa_stats.edition.review.causes import Cause
from turquesa_stats.edition.review.integrity import Fault, Integrity
from turquesa_stats.edition.review.numbers import Answer, Compared
from turquesa_stats.edition.review.page import write_review
from turquesa_stats.edition.review.verdict import Judged, Review
from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.errors import RenderFailed
from turquesa_stats.present.wording import faults
from turquesa_stats.render.journal import read_journal
from turquesa_stats.render.typeset.pandoc import typeset_pdf
from turquesa_stats.schema.codes import Language
from turquesa_stats.sources.default_data import default_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LANGUAGES = [str(language) for language in Language]
REPORTS = ("country-profile", "modus-operandi", "prosecution-outcomes", "victim-demographics", "operations", "routes", "training")
ASSESSMENT = "annual-threat-assessment"
WIDTHS = (320, 768, 1280)
HEAVIEST = 1_500_000  # bytes of a page: what a phone on a slow line waits for


def _run(*asked: str) -> None:
    done = CliRunner().invoke(app, list(asked), catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every report of the demonstration country, and a profile of official figures in every format, in four languages."""
    into = tmp_path_factory.mktemp("accessible")
    every = ["--language", ",".join(LANGUAGES), "--into", str(into), "--jobs", "2", "--typesetter", "pandoc"]
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        patch.setenv("TURQUESA_AUDIENCE", "public")
        _run("render", "--report", ",".join(REPORTS), "--country", "XAA", "--period", "2021", "--format", "html", *every)
        _run("render", "--report", ASSESSMENT, "--country", "AMERICAS", "--period", "2021", "--format", "html", *every)
        _run("render", "--report", "country-profile", "--country", "PER", "--period", "2019", "--format", "html,pdf,docx", *every)
        _run("dictionary", "--into", str(into / "dictionary"))
        write_site(into, read_journal(into).values(), "en", workspace=default_workspace())
        for language in LANGUAGES:
            _run("quality", str(default_workspace().folder), "--into", str(into / f"quality-{language}"), "--language", language)
            write_review(_verdict(), into / f"review-{language}", language)
    return into


def _verdict() -> Review:
    """Return a verdict in which something is wrong of every kind."""
    numbers = (
        Compared("Key facts · tbl-key-facts · victims · Number", 1, "1,866", "1,266", Answer.DIFFERENT),
        Compared("Key facts · tbl-key-facts · victims · Share", 1, "47", "48", Answer.WITHIN),
        Compared("Key facts · text", 1, "2019", "2019", Answer.SAME),
    )
    causes = {Cause.DATA: ["official_stat is not the table that the edition stands on"]}
    one = Judged("en/PER/2019/country-profile", numbers, ("site/en/PER/2019/country-profile.html",), causes, stands_on_persons=True)
    other = Judged("en/XAA/2021/country-profile", unjudged="it stands on rows of victim, which are in no edition; give --workspace")
    failed = Judged("en/COL/2021/country-profile", failed="the kernel died")
    faults = [Fault("site/en/PER/2019/country-profile.html", "changed since it was published (SHA256SUMS, manifest.json)")]
    return Review(
        "2024", "0123456789abcdef" * 4, Integrity(265, faults, None), (one, other, failed), ("index.html",), register=("XAA/2021/victims",)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    opened = context.new_page()
    yield opened
    context.close()


def page_of(edition: Path, kind: str, language: str) -> Path:
    named = {
        "index": f"{language}/index.html",
        "country": f"{language}/XAA/index.html",
        "dictionary": f"dictionary/dictionary.{language}.html",
        "quality": f"quality-{language}/index.html",
        "review": f"review-{language}/index.html",
    }
    return edition / named.get(kind, f"{language}/{kind}.html")


_SHORTEN = """() => {  // the dictionary repeats one form six hundred times: a few of each are looked at
  for (const one of document.querySelectorAll('section.level3:nth-of-type(n+4), tbody tr:nth-child(n+40), nav li li:nth-child(n+4)')) one.remove();
}"""
KINDS = [
    *(f"XAA/2021/{report}" for report in REPORTS),
    f"AMERICAS/2021/{ASSESSMENT}",
    "PER/2019/country-profile",
    "index",
    "country",
    "dictionary",
    "quality",
    "review",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_barrier_at_any_width(kind: str, language: str, edition: Path, page: Page) -> None:
    """Axe finds nothing, the page does not scroll sideways, and it asks no other machine for anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_of(edition, kind, language).as_uri())
    assert page.evaluate("document.documentElement.lang") == language
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(_SHORTEN)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == [], f"{width} pixels wide"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_the_first_key_press_offers_to_skip_to_the_content(edition: Path, page: Page) -> None:
    page.goto(page_of(edition, "PER/2019/country-profile", "es").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Saltar al contenido"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_contents_stand_open_beside_the_text_and_closed_above_it(edition: Path, page: Page) -> None:
    for width, is_open in ((1280, True), (320, False)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(page_of(edition, "PER/2019/country-profile", "fr").as_uri())
        assert page.evaluate("document.querySelector('nav details').open") is is_open


def test_what_is_wrong_is_found(page: Page) -> None:
    """The checks can fail: a picture without words, pale text and a field without a name are each told."""
    page.set_content('<html><title>x</title><main><h1>x</h1><img src="data:,"><p style="color:#bbb">pale</p><input></main></html>')
    found = " ".join(violations(page))
    assert all(rule in found for rule in ("html-has-lang", "image-alt", "color-contrast", "label"))


def test_pages_are_light(edition: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in edition.rglob("XAA/2021/*.html")}
    assert sizes
    assert max(sizes.values()) < HEAVIEST, sizes


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_what_reports_never_say(language: str, edition: Path) -> None:
    """Titles of sources, which others wrote, are left out: they are links, in notes of sources, or in the list of them."""
    from lxml import html

    pages = [*(edition / language).rglob("*.html")]
    assert len(pages) > len(REPORTS)
    for path in pages:
        root = html.fromstring(path.read_bytes())
        for quoted in root.xpath(
            "//a[starts-with(@href, 'http')] | //script | //style | //*[@id='sec-made']//ul | //*[contains(@class, 'note')]"
        ):
            quoted.drop_tree()
        assert [str(one) for one in faults(root.text_content(), language)] == [], path


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_figure_has_its_numbers_in_a_table_behind_it(language: str, edition: Path) -> None:
    from lxml import html

    root = html.fromstring((edition / f"{language}/XAA/2021/modus-operandi.html").read_bytes())
    figures = root.xpath("//figure[starts-with(@id, 'fig-')]")
    assert len(figures) >= 3
    for figure in figures:
        (behind,) = root.xpath(f"//details[@id='data-{figure.get('id').removeprefix('fig-')}']//tbody")
        alt = figure.xpath(".//img/@alt")[0]
        for row in behind.iter("tr"):
            name, value = (cell.text_content().strip() for cell in row)
            assert value in alt[alt.index(name) :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_tagged_as_pdf_ua_asks(language: str, edition: Path) -> None:
    import pikepdf

    with pikepdf.open(edition / f"{language}/PER/2019/country-profile.pdf") as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang).startswith(language)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "2019" in str(metadata["dc:title"])
        tags = list(_tags(root.StructTreeRoot))
        kinds = [str(tag.S).lstrip("/") for tag in tags]
        figures = [tag for tag, kind in zip(tags, kinds, strict=True) if kind == "Figure"]
        assert kinds.index("H1") < kinds.index("H2")
        assert kinds.count("H1") == 1
        assert len(figures) >= 3
        assert all(len(str(figure.get("/Alt", ""))) > 20 for figure in figures)
        assert kinds.count("TH") >= kinds.count("Table") >= 3
        assert "Caption" in kinds


def _tags(node: Any) -> Iterator[Any]:
    import pikepdf

    for child in node.get("/K", []) if isinstance(node.get("/K"), pikepdf.Array) else [node.get("/K")]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _tags(child)


def test_a_figure_without_words_makes_no_pdf(tmp_path: Path) -> None:
    """A PDF that would not be accessible is refused, not written."""
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    (tmp_path / "x.png").write_bytes(b64decode(pixel))
    (tmp_path / "document.typ").write_text('#set document(title: "x")\n= x\n#figure(image("x.png"), kind: image, supplement: none)\n')
    with pytest.raises(RenderFailed, match="PDF/UA-1"):
        apart(typeset_pdf, tmp_path, tmp_path / "x.pdf")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_document_names_its_parts(language: str, edition: Path) -> None:
    import docx
    from docx.oxml.ns import qn

    document = docx.Document(str(edition / f"{language}/PER/2019/country-profile.docx"))
    assert document.core_properties.language == language
    assert document.core_properties.title
    assert document.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == language
    named = [paragraph.style.name for paragraph in document.paragraphs]
    assert {"Title", "Subtitle", "Heading 1", "Image Caption", "Table Caption", "turquesa source", "turquesa fact"} <= set(named)
    pictures = list(document.element.iter(qn("wp:docPr")))
    assert len(pictures) == named.count("Image Caption") >= 3
    assert all(len(one.get("descr", "")) > 20 for one in pictures)
    assert len(document.tables) == named.count("Table Caption") >= 3
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        assert table._tbl.find(f".//{qn('w:tblCaption')}") is not None
