"""Text from data is text in every document, page and download, whatever it looks like to HTML, Markdown, LaTeX or Typst."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path

import nbformat
import pypdf
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.errors import SchemaMismatch
from turquesa_stats.present import markdown
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset.pandoc import Pandoc
from turquesa_stats.schema import codes
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace

ATTACKS = (
    "<script>alert(document)</script>",
    '"><img src=x onerror=alert(document)>',
    "[a](javascript:alert(document))",
    "x](javascript:alert(document))",
    "![p](https://evil.example/x.png)",
    "```{=html} <b>raw</b> ```",
    "`<b>raw</b>`{=html}",
    "::: {.synthetic}",
    "<https://evil.example>",
    "<!-- comment -->",
    "&lt;i&gt;",
    '#import "x": y',
    '#panic("x")',
    "$x^y$",
    "@ref",
    "\\input{x}",
    "{{< include /etc/passwd >}}",
    "{place}",
)
ATTACK = " ".join(ATTACKS)
SHORT = "<img src=x onerror=alert()> $a$ &lt;"
FIELDS = {
    "source": ("title",),
    "official_stat": ("obs_comment",),
    "operation": ("name", "edition", "coordination_places"),
    "operation_result": ("definition",),
    "judgement": tuple(f"{part}_{language}" for part in ("text", "gap", "watch") for language in Language),
}
DOCUMENTS = {
    "country-profile": ("PER", "2019", {"citation", "short"}),
    "operations": ("PER", "2023", {"citation", "name", "edition", "coordination_places"}),
    "annual-threat-assessment": ("DEMONSTRATION", "2021", {"text_en", "gap_en", "watch_en", "short"}),
}


def hostile(into: Path) -> Workspace:
    """Write the data that ship with every free text replaced by an attack that begins with the field's name."""
    tables = default_workspace().tables()
    for name, fields in FIELDS.items():
        for field in fields:
            held = tables[name][field]
            tables[name][field] = held.astype("object").where(held.isna(), f"Q{field} {ATTACK}").astype(held.dtype)
    citation = tables["source"]["citation"]
    tables["source"]["citation"] = ("Qcitation " + ATTACK + " " + tables["source"]["source_id"].astype(str)).astype(citation.dtype)
    for table, field in (("official_stat", "source_agency"), ("source", "publisher")):  # charts write them beside their lines
        held = tables[table][field]
        tables[table][field] = held.map({name: f"{n} {SHORT}" for n, name in enumerate(held.dropna().unique())}).astype(held.dtype)
    workspace = Workspace(into)
    workspace.add(tables, {"accounts/x.json": json.dumps(_account())})
    return workspace


def _account() -> dict[str, object]:
    zeros = dict.fromkeys(("rows_read", "rows_kept", "rows_merged", "rows_set_aside"), 0)
    return {
        "file": f"Qfile {ATTACK}",
        **zeros,
        "set_aside_by_reason": {f"Qreason {ATTACK}": 1},
        "findings": [{"what": f"Qfinding {ATTACK}", "count": 1, "example": ATTACK}],
        "rules": [],
        "rules_not_run": {},
        "rows_written": {},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render documents of hostile data, with a hostile label of a code, the site around them, and the quality of the data."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile(folder / "w")
    for report, (country, period, _) in DOCUMENTS.items():
        what = ["--report", report, "--country", country, "--period", period, "--format", "all", "--typesetter", "pandoc"]
        done = CliRunner().invoke(app, ["render", *what, "--workspace", str(folder / "w"), "--into", str(folder / "out"), "--jobs", "1"])
        assert done.exit_code == 0, done.output
    _write_site(folder)
    done = CliRunner().invoke(app, ["quality", str(folder / "w"), "--into", str(folder / "quality")])
    assert done.exit_code == 0, done.output
    return folder


def _write_site(folder: Path) -> None:
    from turquesa_stats.edition.site.writing import write_site
    from turquesa_stats.render.journal import read_journal

    write_site(folder / "out", read_journal(folder / "out").values(), "en", workspace=Workspace(folder / "w"))


def _page(path: Path) -> etree._Element:
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))


def _faults(page: etree._Element) -> list[str]:
    """Return what in a page acts: scripts that are not turquesa's, attributes of events, addresses of scripts, raw markup, other servers."""
    found = []
    for element in page.iter(etree.Element):
        text = (element.text or "").strip()
        if element.tag == "script" and "alert(" in text.replace("\\u003c", "") and element.get("type") != "application/ld+json":
            found.append(f"script: {text[:60]}")
        if element.tag == "script" and element.get("type") == "application/ld+json":
            json.loads(text)
        if (
            element.tag in {"iframe", "object", "embed", "base", "math"}
            or element.get("action")
            or (element.tag in {"b", "i"} and text in {"raw", "i"})
        ):
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name.startswith("on") or value.strip().casefold().startswith("javascript:"):
                found.append(f"{element.tag} {name}={value[:60]}")
            if name in {"src", "href"} and ("evil.example" in value or value == "x"):
                found.append(f"{element.tag} {name}={value[:60]}")
    found += [comment.text for comment in page.iter(etree.Comment) if (comment.text or "").strip() == "comment"]
    return found


def _text(page: etree._Element) -> str:
    return " ".join(page.text_content().split())


def _without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("report", DOCUMENTS)
def test_in_html_it_is_text_and_shown_as_it_is(report: str, made: Path) -> None:
    country, period, fields = DOCUMENTS[report]
    page = _page(made / f"out/en/{country}/{period}/{report}.html")
    assert _faults(page) == []
    for field in fields - {"short"}:
        assert f"Q{field} {ATTACK}" in _text(page), field
    if "short" in fields:
        assert SHORT in _text(page)
    assert all("Q" not in one.get("class", "") for one in page.iter(etree.Element))


@pytest.mark.parametrize("report", DOCUMENTS)
def test_in_word_it_is_text_and_shown_as_it_is(report: str, made: Path) -> None:
    country, period, fields = DOCUMENTS[report]
    path = made / f"out/en/{country}/{period}/{report}.docx"
    document = Document(str(path))
    text = _without_spaces("".join(part.text or "" for part in document.element.body.iter() if etree.QName(part).localname == "t"))
    for field in fields - {"short"}:
        assert _without_spaces(f"Q{field} {ATTACK}") in text, field
    with zipfile.ZipFile(path) as parts:
        related = parts.read("word/_rels/document.xml.rels").decode()
    assert "evil.example" not in related
    assert "javascript:" not in related


@pytest.mark.parametrize("report", DOCUMENTS)
def test_in_pdf_it_is_text_and_shown_as_it_is(report: str, made: Path) -> None:
    country, period, fields = DOCUMENTS[report]
    reader = pypdf.PdfReader(made / f"out/en/{country}/{period}/{report}.pdf")
    text = _without_spaces("".join(page.extract_text() for page in reader.pages)).replace("\u00ad", "").replace("‐", "")
    for field in fields - {"short"}:
        assert f"Q{field}" in text, field
    for attack in ATTACKS:
        assert _without_spaces(attack).replace("-", "") in text.replace("-", ""), attack
    addresses = [str(one.get_object().get("/A", {}).get("/URI", "")) for page in reader.pages for one in page.get("/Annots", [])]
    assert not [address for address in addresses if "evil" in address or "script" in address]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_label_of_a_code_that_could_be_markup_is_refused(attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences take labels as they are: they are words alone, and ship with turquesa."""
    header = ["code", "label_en", "label_es", "label_fr", "label_pt"]
    with (tmp_path / "kind.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, ["A", "good", "bueno", "bon", attack]])
    monkeypatch.setattr(codes, "_folder", lambda: tmp_path)
    with pytest.raises(SchemaMismatch, match="kind.csv, A, label_pt: .* may stand in no label"):
        codes.code_list.__wrapped__("kind")


def test_every_list_that_ships_can_be_read() -> None:
    assert len([codes.code_list(name) for name in codes.code_list_names()]) > 80


def _typeset(text: str, folder: Path, to: Format = Format.HTML) -> Path:
    data = {"text/markdown": markdown.head({"title": "T", "lang": "en"}) + "\n\n" + text}
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data=data)])
    return Pandoc().typeset(nbformat.v4.new_notebook(cells=[cell]), to, folder)


@pytest.mark.parametrize("attack", [*ATTACKS, ATTACK])
def test_even_what_nobody_escaped_runs_nothing_and_fetches_nothing(attack: str, tmp_path: Path) -> None:
    page = _page(_typeset(f"The {attack} here.", tmp_path))
    assert [fault for fault in _faults(page) if not fault.startswith("a href=https://")] == []


def test_on_the_pages_of_the_site_and_of_quality_it_is_text(made: Path) -> None:
    pages = [path for path in (made / "out").rglob("*.html") if path.with_suffix(".ipynb") not in set((made / "out").rglob("*.ipynb"))]
    pages.append(made / "quality/index.html")
    assert len(pages) > 8
    for path in pages:
        assert _faults(_page(path)) == [], path
    quality = _text(_page(made / "quality/index.html"))
    for field in ("reason", "finding"):
        assert f"Q{field} {ATTACK}" in quality
    assert json.loads((made / "quality/quality.json").read_text(encoding="utf-8"))["imports"]["x"]["file"] == f"Qfile {ATTACK}"


def test_in_the_search_and_the_downloads_it_is_text(made: Path) -> None:
    script = (made / "out/assets/search-data.js").read_text(encoding="utf-8")
    held = json.loads(script.partition("= ")[2].rstrip().rstrip(";"))
    assert held["documents"]
    assert "</script" not in script
    with (made / "out/data/source.csv").open(encoding="utf-8", newline="") as file:
        assert {row["title"] for row in csv.DictReader(file)} == {f"Qtitle {ATTACK}"}
    assert f"Qcitation {ATTACK}" in (made / "out/data/CITATION.txt").read_text(encoding="utf-8")
    json.loads((made / "out/data/datapackage.json").read_text(encoding="utf-8"))


LINES = st.sampled_from(
    [
        "- a",
        "+ a",
        "1. a",
        "(1) a",
        "a) b",
        "iv. a",
        "mix. a",
        ": a",
        "::: a",
        "---",
        "===",
        "--",
        "-",
        "***",
        "# a",
        "> a",
        "| a",
        "% a",
        "~~~",
        "...",
        "-5",
        "a",
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.one_of(st.sampled_from(ATTACKS), LINES), min_size=1, max_size=3).map("\u2028".join))


def _shown(text: str) -> str:
    return " ".join(markdown._UNSEEN.sub("", markdown._SPACES.sub(" ", text)).split(" ")).strip()


def test_any_text_is_one_paragraph_and_one_cell_of_itself(tmp_path: Path) -> None:
    """Hundreds of texts a document: to start pandoc for each would take minutes."""
    texts: list[str] = []

    @settings(max_examples=400, database=None)
    @given(TEXTS)
    def gather(text: str) -> None:
        if _shown(text):
            texts.append(text)

    gather()
    assert len(texts) > 200
    body = "\n".join(markdown.notice(markdown.plain(text), "source") for text in texts)
    table = markdown.table(["A", "B"], [[text, "end"] for text in texts], "ll", "x", texts[0], "")
    page = _page(_typeset(f"{body}\n\n{table}", tmp_path))
    assert _faults(page) == []
    notes = [_one_line(one) for one in page.xpath("//div[@class='source']")]
    assert notes == [" ".join(_shown(text).split()) for text in texts]
    assert all([child.tag for child in one] == ["p"] for one in page.xpath("//div[@class='source']"))
    cells = [[_one_line(cell) for cell in row.iter("th", "td")] for row in page.xpath("//tbody/tr")]
    assert cells == [[" ".join(_shown(text).split()), "end"] for text in texts]


def _one_line(element: etree._Element) -> str:
    return " ".join(element.text_content().split())
