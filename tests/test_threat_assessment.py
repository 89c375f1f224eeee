"""The annual threat assessment: what its sections say of judgements and of official figures, and that the audit understands it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TODAY
from turquesa_stats.edition.audit.record import Block
from turquesa_stats.edition.audit.verdict import audit
from turquesa_stats.edition.audit.written import split
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.reporting import Report, open_report
from turquesa_stats.reporting.region import compared, members
from turquesa_stats.reporting.report import load
from turquesa_stats.schema.workspace import WORKSPACE_VARIABLE, Workspace
from turquesa_stats.sources.contract import import_file
from turquesa_stats.sources.default_data import demonstration_assessment, published_figures_file

NAME = "annual-threat-assessment"
LANGUAGES = ("en", "es", "fr", "pt")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The published figures that ship, and the made-up judgements."""
    made = Workspace(tmp_path_factory.mktemp("threat"))
    import_file("published-figures", published_figures_file(), made, TODAY)
    import_file("assessment", demonstration_assessment(), made, TODAY)
    return made


@pytest.fixture
def report(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Report]:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.folder))
    yield open_report(NAME, "DEMONSTRATION", "2021", "en")
    load.cache_clear()


def tables(parts: list[str]) -> dict[str, list[list[str]]]:
    """Return label -> rows of cells of the Markdown tables."""
    found = {}
    for part in parts:
        label = re.match(r"::: \{#(tbl-[\w-]+)\}", part)
        if label:
            lines = [line for line in part.splitlines() if line.startswith("|")]
            found[label[1]] = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return found


def test_likelihood_and_confidence_stand_apart_and_last_year_beside(report: Report) -> None:
    found = tables(report.write("key_judgements"))
    third = found["tbl-judgements"][2]
    assert third[0] == "3"
    assert third[2:] == ["likely (55% to 80%)", "roughly even chance"]
    assert [row[3] for row in found["tbl-judgements"]][5:] == ["new", "new", "new"]
    assert found["tbl-judgement-basis"][2][1] == "high"
    assert "inspections of places of work" in found["tbl-judgement-basis"][2][2]
    assert [row[0] for row in found["tbl-judgements-dropped"]] == ["6"]
    everything = "\n".join(report.write("key_judgements"))
    assert not re.search(r"confidence[^.|]*very likely", everything.partition("::: {#tbl-judgements}")[2])


def test_every_section_says_what_became_of_its_judgements(report: Report) -> None:
    said = {
        name: report.write(name)[1] for name in ("drivers", "actors", "markets", "routes", "modus_operandi", "links", "harm", "response")
    }
    assert "judgement 1 went from “likely” to “very likely”." in said["drivers"]
    assert "judgement 2 stays at the term “likely”." in said["actors"]
    assert "judgement 6 is new, with the term “unlikely”." in said["links"]
    assert all(text.startswith("**Synthetic demonstration data.**") for text in said.values())


@pytest.mark.usefixtures("report")
def test_two_years_of_one_agency_are_compared_by_the_exact_interval() -> None:
    found = compared(open_report(NAME, "AMERICAS", "2021"), 2019, 2020).set_index("country")
    row = found.loc["Argentina"]
    assert (row["earlier"], row["later"], row["decision"]) == ("1,438", "933", "fewer recorded")
    assert row["value"] == pytest.approx(933 / 1438)
    assert found.loc["Costa Rica", "decision"] == "no more than chance"
    assert "Honduras" not in found.index  # no figure for 2020


def test_countries_stand_in_the_order_of_their_names_in_the_language(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.folder))
    names = [member.place["country"] for member in members(open_report(NAME, "AMERICAS", "2021", "es"))]
    load.cache_clear()
    assert (
        names.index("Belice") < names.index("Bolivia") < names.index("Panamá") < names.index("Perú") < names.index("República Dominicana")
    )


def test_the_scale_and_the_native_grades_are_printed(report: Report) -> None:
    found = tables(report.write("assessment_annex"))
    assert found["tbl-likelihood-scale"][0] == ["almost no chance", "1%", "5%"]
    grades = {row[0].removeprefix("Made-up source: "): row[2:] for row in found["tbl-source-grades"]}
    assert grades["reports of border posts"] == ["Europol 4x4", "B2", "source reliable in most instances; known personally to the source"]
    assert grades["case register of the police"][1:] == ["B2", "usually reliable; probably true"]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("text_en", "In the demonstration country, it is very likely that 7 girls were found.", "number 7 is under no disclosure control"),
        ("gap_en", "Whether more are rescued.", "'rescued'"),
        ("text_en", "With high confidence it is very likely that routes moved.", "breaks rule R80"),
    ],
)
def test_a_judgement_that_may_not_be_published_stops_the_page(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str, text: str, told: str
) -> None:
    spoilt = Workspace(tmp_path / "w")
    held = workspace.tables()
    judgement = held["judgement"].copy()
    judgement.loc[judgement["jid"].eq("j_2021_01"), field] = text
    spoilt.add(held | {"judgement": judgement})
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(spoilt.folder))
    with pytest.raises(DisclosureRefused, match=f"j_2021_01.*{told}"):
        open_report(NAME, "DEMONSTRATION", "2021", "en").write("key_judgements")
    load.cache_clear()


@pytest.mark.parametrize(
    ("label", "header", "cells", "unclear"),
    [
        ("tbl-judgements", ("No.", "Judgement", "Likelihood"), ("1", "In 2021 it is likely that routes move.", "likely (55% to 80%)"), 0),
        ("tbl-judgements", ("No.", "Judgement", "Likelihood"), ("1", "It is likely that 7 girls were hurt.", "likely (55% to 80%)"), 1),
        ("tbl-judgements", ("No.", "Judgement", "Likelihood"), ("1", "It is likely.", "likely (7 girls)"), 1),
        ("tbl-outlook", ("No.", "Indicator to watch"), ("312", "Deaths."), 1),
        ("tbl-source-grades", ("Source", "Grade", "Scheme"), ("Report 12 of 2020", "B2", "Europol 4x4"), 0),
        ("tbl-source-grades", ("Source", "Grade", "Scheme"), ("Report", "B23", "Europol 4x4"), 1),
    ],
)
def test_the_audit_finds_numbers_among_what_analysts_wrote(
    label: str, header: tuple[str, ...], cells: tuple[str, ...], unclear: int
) -> None:
    found, _ = split(Block("table", label=label, header=header, rows=(cells,)), "en")
    assert len(found) == unclear


def test_a_rendered_assessment_is_understood_by_the_audit_until_a_number_is_written_into_it(workspace: Workspace, tmp_path: Path) -> None:
    where = ["--workspace", str(workspace.folder), "--into", str(tmp_path / "e"), "--typesetter", "pandoc", "--jobs", "1"]
    what = ["--report", NAME, "--country", "DEMONSTRATION", "--period", "2021", "--language", "fr"]
    done = subprocess.run(
        [sys.executable, "-m", "turquesa_stats", "render", *what, *where], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert audit(tmp_path / "e", None, 1).passes
    page = tmp_path / f"e/fr/DEMONSTRATION/2021/{NAME}.html"
    text = page.read_text(encoding="utf-8")
    assert "Données synthétiques de démonstration" in text
    page.write_text(text.replace("moins de victimes ont été détectées", "7 filles ont été détectées", 1), encoding="utf-8")
    assert not audit(tmp_path / "e", None, 1).passes
