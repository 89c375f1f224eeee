"""The quality report: what became of every row, what is known, where sources disagree, in numbers that can be checked by hand."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.edition.quality import assess, page
from turquesa_stats.measures import quality
from turquesa_stats.render.notebook import reports_in
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.demonstration import demonstration_tables

TODAY = date(2026, 1, 2)
REPORTS = list(reports_in(project_root() / "reports").values())


@pytest.fixture(scope="module")
def demonstration() -> dict[str, pd.DataFrame]:
    return demonstration_tables(TODAY, years=(2019, 2020))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, demonstration: dict[str, pd.DataFrame]) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("w"))
    made.add(demonstration)
    return made


def test_the_states_of_a_field_add_up_and_are_told_apart(demonstration: dict[str, pd.DataFrame]) -> None:
    found = quality.completeness(demonstration)
    assert (found[list(quality.STATES)].sum(axis=1) == found["n"]).all()
    victim = demonstration["victim"]
    age = found[found["table"].eq("victim") & found["field"].eq("age_registration")]
    assert age["known"].sum() == victim["age_registration"].notna().sum()
    assert age["not_asked"].sum() == victim["age_registration"].isna().sum()
    sex = found[found["table"].eq("victim") & found["field"].eq("sex")]
    assert sex["unknown"].sum() == victim["sex"].eq("_U").sum()
    assert set(age["country"]) == {"XAA"}
    opened = demonstration["case"].set_index("case_id")["opened_on"].dt.year
    by_year = victim["case_id"].map(opened).value_counts()
    assert dict(zip(age["year"], age["n"], strict=True)) == {str(year): int(n) for year, n in by_year.items()}


def test_zero_is_known_and_a_reason_is_not_a_value(demonstration: dict[str, pd.DataFrame]) -> None:
    case = demonstration["case"].head(4).copy()
    case["n_smuggled_reported"] = pd.array([0, None, None, None], dtype="Int64")
    case["n_smuggled_reported_missing"] = [None, "_U", "_N", "_Z"]
    found = quality.completeness({"case": case}).groupby("field")[list(quality.STATES)].sum()
    assert found.loc["n_smuggled_reported"].tolist() == [1, 1, 1, 1, 0]


def test_peru_and_the_united_nations_agree_for_four_years_and_differ_in_one(real_workspace: Workspace) -> None:
    found = quality.reconciliation(real_workspace.tables())
    peru = found[found["country"].eq("PER") & found["concept"].eq("VICTIMS")].set_index("year")
    assert peru.loc[[2018, 2019, 2020, 2021], "difference"].tolist() == [0, 0, 0, 0]
    assert (peru.loc[2017, "smallest"], peru.loc[2017, "largest"]) == (540, 725)


def test_breaks_are_gaps_marks_and_changes_beyond_chance(real_workspace: Workspace) -> None:
    def series(*values: tuple[int, float, str]) -> pd.DataFrame:
        rows = [{"year": year, "value": value, "low": value, "high": value, "obs_status": status} for year, value, status in values]
        return pd.DataFrame(rows).assign(publisher="P", source_agency="A", indicator="tip_victims_detected", unit_measure="PERSONS")

    found = list(
        quality._breaks_of("PER", "VICTIMS", series((2015, 10, "A"), (2016, 22, "A"), (2017, 100, "A"), (2020, 9, "A"), (2021, 18, "B")))
    )
    assert [(row["year"], row["kind"]) for row in found] == [(2021, "status"), (2017, "jump"), (2020, "gap")]
    whole = quality.breaks(real_workspace.tables())
    assert set(whole["kind"]) <= {"status", "gap", "jump"}
    assert whole["country"].nunique() > 50


def test_every_conflicting_key_stands_once_with_all_its_values(real_workspace: Workspace) -> None:
    stat = real_workspace.tables()["official_stat"]
    found = quality.conflicts(real_workspace.tables())
    assert found["rows"].str.split("; ").map(len).sum() == int(stat["conflict"].sum())
    bolivia = found[found["country"].eq("BOL") & found["time_period"].eq("2017") & found["sex"].eq("F")]
    assert any({"62", "43"} <= set(values.split("; ")) for values in bolivia["values"])


def test_every_rule_is_broken_held_or_not_run_and_never_two_of_these(workspace: Workspace) -> None:
    assessment, hits = assess(workspace, REPORTS)
    broken = {one["rule"] for one in assessment["rules"]}
    assert broken | set(assessment["held"]) | set(assessment["not_run"]) == set(rules())
    assert len(broken) + len(assessment["held"]) + len(assessment["not_run"]) == len(rules())
    assert {one["rule"]: one["count"] for one in assessment["rules"]} == hits["rule"].value_counts().to_dict()
    assert assessment["restricted"]


def test_what_each_report_would_lack_is_what_the_workspace_covers(workspace: Workspace) -> None:
    assessment, _ = assess(workspace, REPORTS)
    assert assessment["reports"]["victim-demographics"]["XAA"]["victim"] == ["2019", "2020"]
    assert assessment["reports"]["victim-demographics"]["XAA"]["official_stat.VICTIMS"] == []


@pytest.mark.parametrize("language", list(Language))
def test_the_page_is_in_the_readers_language_and_runs_no_text_of_the_data(workspace: Workspace, language: str) -> None:
    assessment, _ = assess(workspace, REPORTS)
    hostile = "</script><script>alert(1)</script>"
    assessment["rules"][0]["examples"][0]["value"] = hostile
    assessment["completeness"][0]["field"] = hostile
    text = page(assessment, language)
    assert f'<html lang="{language}">' in text
    assert "<script>alert" not in text
    for one in assessment["rules"]:
        title = rules()[one["rule"]].title[language].replace("'", "&#39;")
        assert title in text
    assert re.findall(r'id="([^"]+)"', text) == list(dict.fromkeys(re.findall(r'id="([^"]+)"', text))), "an id stands twice"
    assert "http://" not in text
    assert "https://" not in text


def test_the_command_writes_page_numbers_and_every_hit(workspace: Workspace, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "turquesa_stats", "quality", str(workspace.folder), "--into", str(tmp_path / "q"), "--language", "es"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assessment = json.loads((tmp_path / "q/quality.json").read_text())
    hits = pd.read_csv(tmp_path / "q/hits.csv")
    assert len(hits) == sum(one["count"] for one in assessment["rules"])
    assert "Informe de calidad" in (tmp_path / "q/index.html").read_text()


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "turquesa_stats", "quality", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is not a workspace" in done.stderr
