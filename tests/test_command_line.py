"""The command as its users call it, end to end on real input."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from docx import Document
from pypdf import PdfReader

from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.workspace import Workspace

pytestmark = pytest.mark.xdist_group("command")


def turquesa(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "turquesa_stats", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**os.environ, **environment}, check=False)


@pytest.fixture(scope="module")
def colombia(real_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Colombia's prosecution outcomes of 2019 on UNODC's file, in all formats."""
    folder = tmp_path_factory.mktemp("colombia")
    asked = ["--report", "prosecution-outcomes", "--country", "COL", "--period", "2019", "--format", "html,pdf,docx"]
    done = turquesa("render", "--workspace", real_workspace.folder, *asked, "--typesetter", "pandoc", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "rendered/en/COL/2019"


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        return " ".join(page.extract_text() for page in PdfReader(path).pages)
    if path.suffix == ".docx":
        document = Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return " ".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    return re.sub(r"<[^>]+>", " ", re.sub(r'(?s)<style.*?</style>|src="data:[^"]+"', "", path.read_text()))


@pytest.mark.parametrize("ending", ["html", "pdf", "docx"])
def test_unodcs_figures_for_colombia_stand_in_every_format(colombia: Path, ending: str) -> None:
    text = " ".join(text_of(colombia / f"prosecution-outcomes.{ending}").split())
    assert "Prosecution outcomes in trafficking in persons" in text
    assert "prosecutions 78 (persons), convictions 28 (persons)" in text
    assert "formal contact with suspects 41" in text
    assert "UNODC data portal" in text


def test_the_table_equals_the_file(colombia: Path, glotip_file: Path) -> None:
    """Each number of the table of stages is the file's total of that year, and none is missing."""
    html = (colombia / "prosecution-outcomes.html").read_text()
    table = html[html.index('id="tbl-stages"') :]
    table = table[: table.index("</table>")]
    rows = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"(?s)<t[dh][ >].*?</t[dh]>", row)]
        for row in re.findall(r"(?s)<tr.*?</tr>", table.partition("</thead>")[2])
    ]
    shown = {row[0][:4]: row[1:] for row in rows if row}
    portal = pd.read_excel(glotip_file, header=2, dtype=str, keep_default_na=False, engine="calamine")
    total = portal[portal["Iso3_code"].eq("COL") & (portal[["Dimension", "Category", "Sex", "Age"]] == "Total").all(axis=1)]
    header = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"(?s)<th .*?</th>", table.partition("</thead>")[0])][1:]
    indicator = {
        "formal contact with suspects": "Persons brought into formal contact",
        "prosecutions": "Persons prosecuted",
        "convictions": "Persons convicted",
    }
    for year, cells in shown.items():
        for name, cell in zip(header, cells, strict=True):
            printed = total.loc[total["Year"].eq(year) & total["Indicator"].eq(indicator[name]), "txtVALUE"].to_list()
            assert cell.replace("&lt;", "<") == (printed[0] if printed else "–"), (year, name)
            assert len(printed) <= 1
    assert len(shown) >= 10


def test_a_conflicting_figure_is_shown_as_conflict_and_gives_no_share(colombia: Path) -> None:
    text = " ".join(text_of(colombia / "prosecution-outcomes.html").split())
    assert "in conflict" in text
    assert "Convictions for trafficking in persons 2019 women and girls all ages all forms &lt;5, 11" in text
    assert "100% (84%" not in text


def test_figures_have_computed_captions_numbers_and_alt_text(colombia: Path) -> None:
    html = (colombia / "prosecution-outcomes.html").read_text()
    figures = re.findall(r"(?s)<figure id=\"fig-[\w-]+\">.*?</figure>", html)
    assert figures
    for place, figure in enumerate(figures, start=1):
        assert f"Figure {place}." in figure
        assert re.search(r'alt="[^"]*Colombia[^"]*\d', figure)
    assert "@fig-" not in html
    assert "@tbl-" not in html
    assert "http-equiv" not in html
    assert not re.findall(r'(?:src|href)="https?://', re.sub(r'<a [^>]*href="[^"]*"', "", html))


def test_the_pdf_is_tagged_titled_and_in_its_language(colombia: Path) -> None:
    pdf = PdfReader(colombia / "prosecution-outcomes.pdf")
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert pdf.metadata is not None
    assert "Colombia, 2019" in str(pdf.metadata.title)


def test_the_executed_notebook_can_be_read_and_holds_no_case_level_row(colombia: Path) -> None:
    notebook = nbformat.read(colombia / "prosecution-outcomes.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all("text/markdown" in output.data for cell in notebook.cells for output in cell.get("outputs", []))
    assert not re.search(r"\b(vi|ca|ac)_[0-9a-f]{16}\b", json.dumps(notebook))


def test_perus_report_shows_the_discrepancy_of_2017(real_workspace: Workspace, tmp_path: Path) -> None:
    asked = ["--report", "victim-demographics", "--country", "PER", "--period", "2017", "--language", "es", "--typesetter", "pandoc"]
    done = turquesa("render", "--workspace", real_workspace.folder, *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = " ".join(text_of(tmp_path / "rendered/es/PER/2017/victim-demographics.html").split())
    assert "de 540 a 725" in text
    assert "Ministerio del Interior (Perú)" in text
    assert '<html lang="es">' in (tmp_path / "rendered/es/PER/2017/victim-demographics.html").read_text()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"--country": "COLL"}, "did you mean COL?"),
        ({"--period": "20221"}, "did you mean 2022?"),
        ({"--report": "victims"}, "did you mean victim-demographics?"),
        ({"--period": "1999"}, "did you mean"),
        ({"--language": "sp"}, "language 'sp' does not exist"),
        ({"--typesetter": "word"}, "typesetter 'word' does not exist"),
    ],
)
def test_wrong_input_fails_before_any_work(change: dict[str, str], told: str, real_workspace: Workspace, tmp_path: Path) -> None:
    asked = {"--report": "country-profile", "--country": "COL", "--period": "2019", "--workspace": str(real_workspace.folder)} | change
    done = turquesa("render", *(part for pair in asked.items() for part in pair), cwd=tmp_path)
    assert done.returncode == (1 if "--typesetter" in change else 2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_country_is_ever_assumed(tmp_path: Path) -> None:
    done = turquesa("render", "--report", "country-profile", cwd=tmp_path)
    assert done.returncode == 2
    assert "no country, period or report is assumed" in done.stderr


def test_a_site_of_demonstration_data_says_so_everywhere_and_is_fresh_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "grid.yml").write_text("mine: {reports: all, countries: [XAA], periods: ['2021'], languages: asked, formats: html}\n")
    made = turquesa("demo-data", "--into", "w", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    asked = ["site", "--grid", "mine", "--grid-file", "grid.yml", "--workspace", "w", "--language", "fr", "--typesetter", "pandoc"]
    first = turquesa(*asked, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    pages = sorted((tmp_path / "_site/fr/XAA/2021").glob("*.html"))
    assert len(pages) == 7
    for page in pages:
        html = page.read_text()
        assert "Données synthétiques de démonstration" in html
        shown = re.findall(r"(?s)<figure.*?</figure>|<caption.*?</caption>", html)
        marked = [one for one in shown if "Données synthétiques de démonstration" in one]
        unmarked = [one for one in shown if one not in marked and "tbl-missing" not in one and "Ce qui manque" not in one]
        assert marked, page.name
        assert unmarked == [], page.name
    assert 'href="fr/index.html"' in (tmp_path / "_site/index.html").read_text()
    index = (tmp_path / "_site/fr/index.html").read_text()
    assert index.count("fr/XAA/2021/") >= 7
    assert "données synthétiques" in index
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "_site").rglob("*.*")}
    second = turquesa(*asked, cwd=tmp_path)
    assert "Nothing to do: all 7 documents" in second.stdout
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "_site").rglob("*.*")}
    pages[0].write_text("changed by hand")
    third = turquesa(*asked, cwd=tmp_path)
    assert "1 documents made, 6 were fresh" in third.stdout
    written = {path: path.read_bytes() for path in (tmp_path / "_site").rglob("*.html")}
    (tmp_path / "_site/pt/index.html").write_text("changed by hand")
    turquesa(*asked, cwd=tmp_path)
    assert written == {path: path.read_bytes() for path in (tmp_path / "_site").rglob("*.html")}


def test_a_report_that_fails_loses_only_its_document(tmp_path: Path, real_workspace: Workspace) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    good = (project_root() / "reports/modus-operandi.qmd").read_text()
    (reports / "modus-operandi.qmd").write_text(good)
    (reports / "country-profile.qmd").write_text(good.replace('report.show("means")', 'report.show("meens")'))
    (reports / "victim-demographics.qmd").write_text(good.replace('report.show("means")', "import os; os.abort()"))
    asked = ["--report", "all", "--country", "PER", "--period", "2019", "--typesetter", "pandoc", "--reports", reports]
    done = turquesa("render", "--workspace", real_workspace.folder, *asked, cwd=tmp_path)
    assert done.returncode == 1
    assert "1 documents made, 0 were fresh, 2 failed" in done.stdout
    assert "block 'meens' does not exist; did you mean means?" in done.stderr
    assert "turquesa render --report country-profile --country PER --period 2019 --language en" in done.stderr
    made = [path.name for path in (tmp_path / "rendered").rglob("*") if path.is_file()]
    assert sorted(made) == ["documents.jsonl", "modus-operandi.html", "modus-operandi.ipynb"]


def test_doctor_says_what_renders_and_why(tmp_path: Path) -> None:
    done = turquesa("doctor", cwd=tmp_path, PATH="/usr/bin:/bin")
    assert done.returncode == 0
    assert "no quarto on the PATH" in done.stdout


def test_an_import_ends_with_its_account(peru_file: Path, tmp_path: Path) -> None:
    done = turquesa("import", "peru-mininter", peru_file, "--into", "w", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sums = re.search(r"([\d,]+) rows read = ([\d,]+) kept \+ ([\d,]+) merged \+ ([\d,]+) set aside", done.stdout)
    assert sums is not None
    read, kept, merged, aside = (int(n.replace(",", "")) for n in sums.groups())
    assert read == 75_508 == kept + merged + aside
    account = json.loads((tmp_path / "w/accounts/peru-mininter.json").read_text())
    assert sum(account["set_aside_by_reason"].values()) == aside
    assert len((tmp_path / "w/set_aside/peru-mininter.csv").read_text().splitlines()) == aside + 1


def test_a_file_that_is_not_the_source_leaves_the_workspace_untouched(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    done = turquesa("import", "unodc-glotip", "x.csv", "--into", "w", cwd=tmp_path)
    assert done.returncode == 2
    assert "no header with Iso3_code" in done.stderr
    assert not (tmp_path / "w").exists()
