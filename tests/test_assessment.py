"""The folder of a threat assessment: made, checked and imported by the command; each planted mistake is told with its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from tests.conftest import TODAY
from turquesa_stats.cli import app
from turquesa_stats.edition.assessment_lint import lint
from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.regions import DEMONSTRATION
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.assessment import read
from turquesa_stats.sources.assessment_template import new_assessment
from turquesa_stats.sources.contract import import_file
from turquesa_stats.sources.default_data import demonstration_assessment

RUN = CliRunner()
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the assessment that ships, to plant mistakes in."""
    shutil.copytree(demonstration_assessment(), tmp_path / "a")
    return tmp_path / "a"


@pytest.fixture
def edit(folder: Path) -> Edit:
    def replace(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def test_the_assessment_that_ships_has_no_error() -> None:
    assert [str(problem) for problem in lint(demonstration_assessment()) if problem.is_error] == []


J, S, H = "judgements.yml", "sources.yml", "assessment.yml"


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "what", "allowed"),
    [
        (J, "ICD203_VERY_LIKELY", "PHIA_VERY_LIKELY", "j_2021_01 likelihood", "'PHIA_VERY_LIKELY' is not in its list", "ICD203_LIKELY"),
        (J, "ICD203_VERY_LIKELY", "ICD203_LIKELY", "statement.en", "says 'very likely', but its likelihood is ICD203_LIKELY", "'likely'"),
        (J, "it is very likely that fewer", "fewer", "statement.en", "does not say its likelihood", "'very likely'"),
        (J, "it is very likely that fewer", "with confidence it is very likely that fewer", "statement.en", "one sentence", "one of them"),
        (J, "[src_demo_police, src_demo_labour]", "[]", "j_2021_01 sources", "is not filled in", "ids of sources.yml"),
        (
            J,
            "[src_demo_police, src_demo_labour]",
            "[src_demo_polce]",
            "sources",
            "'src_demo_polce' is not in sources.yml",
            "src_demo_police",
        ),
        (
            J,
            "confidence: LOW\n  sources: [src_demo_border]",
            "confidence: HIGH\n  sources: [src_demo_border]",
            "confidence",
            "one source alone",
            "MODERATE",
        ),
        (J, "confidence: MODERATE", "confidence: SURE", "confidence", "'SURE' is not in its list", "LOW, MODERATE, HIGH"),
        (J, "section: DRIVERS", "section: DRIVER", "section", "'DRIVER' is not in its list", "DRIVERS"),
        (J, 'es: "Registros mensuales', 'xx: "Registros mensuales', "would_change.es", "is not written", "four languages"),
        (J, "fewer victims were", "7 victims were", "statement.en", "the number 7 stands in the text", "years"),
        (J, "trata de personas que", "tráfico de personas que", "statement.es", "trafficking_word", "trata de personas"),
        (J, "detected while", "rescued while", "statement.en", "'rescued' (rescued)", "identified"),
        (J, "last_year: j_2020_01", "last_year: j_2020_10", "last_year", "no judgement of last-year", "j_2020_01"),
        (J, "last_year: j_2020_01", "lastyear: j_2020_01", "lastyear", "is no key of this file", "last_year"),
        (J, "id: j_2021_02", "id: j_2021_01", "id", "stands twice", "each id once"),
        (J, "id: j_2021_02", "id: 2021-2", "id", "'2021-2' is no id", "j_"),
        (J, "  confidence: MODERATE", "  confidence: MODERATE\n  confidence: LOW", "confidence", "stands twice", "each key once"),
        (J, "  section: DRIVERS", "  section: [DRIVERS", "", "cannot be read", "YAML"),
        (S, "grade: B2", "grade: X2", "grade", "'X2' is no grade of ADMIRALTY", "A1 to F6"),
        (S, "scheme: EUROPOL4X4\n  grade: B2", "scheme: EUROPOL4X4\n  grade: D2", "grade", "'D2' is no grade of EUROPOL4X4", "A1 to C4"),
        (S, "scheme: ADMIRALTY", "scheme: ADMIRAL", "scheme", "'ADMIRAL' is not in its list", "ADMIRALTY"),
        (S, "handling: H0", "handling: H2", "handling", "may not be named to the public", "H0"),
        (H, "scale: ICD203", "scale: ICD", "scale", "'ICD' is not in its list", "ICD203, PHIA"),
        (H, "region: DEMONSTRATION", "region: AMERICA", "region", "'AMERICA' is not in its list", "AMERICAS"),
        (H, "year: 2021", "year: 2020", "year", "last-year is of 2020", "a year before 2020"),
    ],
)
def test_each_planted_mistake_is_told(folder: Path, edit: Edit, file: str, old: str, new: str, at: str, what: str, allowed: str) -> None:
    edit(file, old, new)
    text = (folder / file).read_text(encoding="utf-8")
    told = [problem for problem in lint(folder) if problem.is_error and what in problem.what + problem.allowed]
    assert told, [str(one) for one in lint(folder)]
    one = told[0]
    assert at in f"{one.item} {one.name}"
    assert allowed in one.allowed
    assert one.do
    assert one.file == file
    assert 1 <= one.line <= text.count("\n") + 1


def test_the_reader_of_files_refuses_what_lint_calls_an_error(folder: Path, edit: Edit) -> None:
    edit(S, "grade: B2", "grade: X2")
    with pytest.raises(SourceRefused, match=r"1 errors; turquesa lint .*\n.*sources.yml:\d+ src_demo_police grade"):
        read(folder, TODAY)


def test_the_line_of_a_problem_is_where_it_stands(folder: Path, edit: Edit) -> None:
    edit(J, "trata de personas que", "tráfico de personas que")
    (problem,) = [one for one in lint(folder) if one.is_error]
    line = (folder / J).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert "tráfico de personas que" in line


def test_the_command_tells_all_problems_at_once_with_exit_code_and_json(folder: Path, edit: Edit, tmp_path: Path) -> None:
    edit(J, "section: DRIVERS", "section: DRIVER")
    edit(S, "grade: B2", "grade: X2")
    done = RUN.invoke(app, ["lint", str(folder), "--json", str(tmp_path / "found.json")])
    assert done.exit_code == 1
    assert "2 errors, 1 warnings" in done.output
    found = json.loads((tmp_path / "found.json").read_text())
    assert {(one["file"], one["name"]) for one in found if one["severity"] == "error"} == {(J, "section"), (S, "grade")}
    edit(J, "section: DRIVER", "section: DRIVERS")
    edit(S, "grade: X2", "grade: B2")
    assert RUN.invoke(app, ["lint", str(folder)]).exit_code == 0


def test_the_import_refuses_a_wording_before_anything_is_written(folder: Path, edit: Edit, tmp_path: Path) -> None:
    edit(J, "detected while", "rescued while")
    done = RUN.invoke(app, ["import", "assessment", str(folder), "--into", str(tmp_path / "w")])
    assert isinstance(done.exception, SourceRefused)
    assert "nothing was imported" in str(done.exception)
    assert not (tmp_path / "w").exists()


def test_a_new_folder_follows_last_years_and_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    made = RUN.invoke(app, ["new", "assessment", "2022", "--region", DEMONSTRATION, "--into", str(tmp_path / "b"), "--from", str(folder)])
    assert made.exit_code == 0, made.output
    judgements = yaml.safe_load((tmp_path / "b" / J).read_text(encoding="utf-8"))
    assert [(one["id"], one["last_year"]) for one in judgements[:2]] == [("j_2022_01", "j_2021_01"), ("j_2022_02", "j_2021_02")]
    assert (tmp_path / "b/last-year" / J).read_bytes() == (folder / J).read_bytes()
    for line in ("ICD203_EVEN", "turquesa lint", "`MODUS_OPERANDI`"):
        assert line in (tmp_path / "b/README.md").read_text(encoding="utf-8")
    left = [one for one in lint(tmp_path / "b") if one.is_error]
    assert {one.file for one in left} == {H, J}  # sources are last year's: only what is new is to do
    assert all("not filled in" in one.what or "not written" in one.what for one in left)
    with pytest.raises(SourceRefused, match="nothing is overwritten"):
        new_assessment(2022, DEMONSTRATION, tmp_path / "b")
    with pytest.raises(SourceRefused, match="a year before 2021"):
        new_assessment(2021, DEMONSTRATION, tmp_path / "c", folder)
    assert not (tmp_path / "c").exists()


def test_the_import_holds_both_years_and_what_each_rests_on(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    result = import_file("assessment", demonstration_assessment(), workspace, TODAY)
    assert len(result.set_aside) == 0
    assert result.hits is not None
    assert result.hits.empty
    tables = workspace.tables()
    judgement = tables["judgement"].set_index("jid")
    assert judgement.loc["j_2021_03", "changed_from"] == "j_2020_03"
    assert pd.isna(judgement.loc["j_2021_06", "changed_from"])
    assert tuple(judgement.loc["j_2021_03", ["scale", "low", "high"]]) == ("ICD203", 0.55, 0.8)
    basis = tables["judgement_basis"]
    assert set(basis.loc[basis["jid"].eq("j_2021_03"), "basis_source_id"]) == {"src_demo_labour", "src_demo_police", "src_demo_hotline"}
    source = tables["source"].set_index("source_id")
    assert tuple(source.loc["src_demo_border", ["grade_scheme", "grade"]]) == ("EUROPOL4X4", "B2")
    assert source["synthetic"].all()
    assert workspace.coverage() == {"judgement": {DEMONSTRATION: ["2020", "2021"]}}
