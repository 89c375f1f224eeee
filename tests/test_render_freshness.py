"""Fresh or stale, and why: by the rows a document read, its report, words, policy, package and environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.period import Period
from turquesa_stats.render import freshness
from turquesa_stats.render.forecast import expected_seconds
from turquesa_stats.render.journal import read_journal
from turquesa_stats.render.run import Run
from turquesa_stats.reporting.report import Report
from turquesa_stats.schema.parts import Part, divide, fingerprint_of, fingerprints
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace
from turquesa_stats.sources.demonstration import demonstration_tables


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Synthetic cases of two countries, and the published figures of all."""
    made = Workspace(tmp_path_factory.mktemp("workspace"))
    made.add({name: table for name, table in default_workspace().tables().items() if name in ("official_stat", "source")})
    made.add(demonstration_tables(date(2026, 1, 2), ["COL", "PER"]))
    return made


def changed(workspace: Workspace, into: Path, name: str, column: str, value: object, where: str) -> Workspace:
    """Return a copy of a workspace with one value changed, in the first row for which ``where`` holds."""
    other = Workspace(into)
    tables = workspace.tables()
    row = tables[name].query(where).index[0]
    tables[name].loc[row, column] = value
    for table, rows in tables.items():
        other.add({table: rows})
    return other


def differing(one: Workspace, other: Workspace) -> set[tuple[str, str]]:
    before, after = fingerprints(one), fingerprints(other)
    countries = {country for by in before.values() for country in by}
    return {
        (name, country)
        for name in before
        for country in countries
        if fingerprint_of(before, name, country) != fingerprint_of(after, name, country)
    }


def test_a_country_gets_its_rows_and_those_of_no_country_alone(workspace: Workspace) -> None:
    tables, division = workspace.tables(), divide(workspace)
    part = Part(division, fingerprints(workspace), "COL")
    assert set(part["case"]["country_report"]) == {"COL"}
    assert set(part["official_stat"]["ref_area"]) == {"COL", "_T"}
    cases = set(part["case"]["case_id"])
    assert set(part["victim"]["case_id"]) <= cases
    assert len(part["victim"]) == tables["victim"]["case_id"].isin(cases).sum() > 0
    assert set(part["victim_element"]["victim_id"]) <= set(part["victim"]["victim_id"])
    assert set(part["charge_event"]["charge_id"]) <= set(part["charge"]["charge_id"])
    assert set(part["accused"]["accused_id"]) == set(part["case_accused"]["accused_id"])
    assert set(part["source"]["source_id"]) == set(part["official_stat"]["source_id"]) | set(part["case"]["source_id"])
    assert "loaded_at" not in part["victim"]
    whole = sum(len(division.of(name, country)) for name in ("case", "victim", "charge", "sentence") for country in ("COL", "PER"))
    assert whole == sum(len(tables[name]) for name in ("case", "victim", "charge", "sentence"))


@pytest.mark.parametrize(
    ("name", "column", "value", "where", "stale"),
    [
        ("official_stat", "obs_value", 12345.0, "ref_area == 'PER'", {("official_stat", "PER"), ("official_stat", "*")}),
        ("victim", "sex", "_U", "sex == 'F'", {("victim", "COL"), ("victim", "*")}),
        ("case", "loaded_at", pd.Timestamp("2030-01-01"), "country_report == 'PER'", set()),
    ],
)
def test_a_changed_row_changes_its_country_alone(
    name: str, column: str, value: object, where: str, stale: set[tuple[str, str]], workspace: Workspace, tmp_path: Path
) -> None:
    other = changed(workspace, tmp_path / "w", name, column, value, where)
    assert differing(workspace, other) == stale


def test_a_row_of_no_country_changes_every_country(workspace: Workspace, tmp_path: Path) -> None:
    other = changed(workspace, tmp_path / "w", "official_stat", "obs_value", 7.0, "ref_area == '_T'")
    stale = differing(workspace, other)
    assert {("official_stat", "COL"), ("official_stat", "PER"), ("official_stat", "_T")} <= stale
    assert {name for name, _ in stale} == {"official_stat"}


def test_what_is_read_is_noted_and_nothing_else(workspace: Workspace) -> None:
    code = (
        "from turquesa_stats.reporting import open_report\n"
        "from turquesa_stats.schema.parts import tables_read\n"
        "report = open_report('prosecution-outcomes', 'COL', '2019')\n"
        "assert tables_read() == []\n"
        "before = report.fingerprint\n"
        "report.has_cases\n"
        "assert tables_read() == ['case'], tables_read()\n"
        "'population' in report.tables\n"
        "report.tables.whole('official_stat')\n"
        "assert tables_read() == ['case', 'official_stat*', 'population'], tables_read()\n"
        "assert report.fingerprint != before\n"
    )
    environment = {**os.environ, "TURQUESA_WORKSPACE": str(workspace.folder)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_fingerprints_are_kept_until_the_data_change(workspace: Workspace, tmp_path: Path) -> None:
    first = fingerprints(workspace)
    kept = workspace.folder / "fingerprints.json"
    marked = json.loads(kept.read_text()) | {"fingerprints": {"case": {"_T": "as kept"}}}
    kept.write_text(json.dumps(marked))
    assert fingerprints(workspace) == {"case": {"_T": "as kept"}}
    kept.write_text(json.dumps(marked | {"of": "other data"}))
    assert fingerprints(workspace) == first
    kept.write_text("cut sho")
    assert fingerprints(workspace) == first


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("fresh")
    run = small_run(folder / "edition", write_reports(folder / "reports"))
    make(run)
    return run


def reasons(run: Run) -> set[str]:
    return {"; ".join(why) for why in run.reasons(JOBS).values()}


def test_all_is_fresh_until_something_changes(made: Run) -> None:
    assert reasons(made) == {""}
    assert {entry.stem for entry in made.current()} == {job.stem for job in JOBS}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("package", "the package changed"),
        ("schemas", "data/schema changed"),
        ("policy", "the disclosure policy changed"),
        ("environment", "the environment changed"),
    ],
)
def test_what_changed_for_all_is_said(part: str, said: str, made: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    now = {**freshness.machinery(), part: "another"}
    monkeypatch.setattr(freshness, "machinery", lambda: now)
    assert reasons(made) == {said}
    assert made.current() == []


def test_the_hashes_follow_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    for relative in ("present/locale/en.po", "present/locale/es.po", "disclosure/policies/public.yml", "measures/official.py"):
        (package / relative).parent.mkdir(parents=True, exist_ok=True)
        (package / relative).write_text("before")
    monkeypatch.setattr(freshness, "_PACKAGE", package)
    monkeypatch.setattr(freshness, "project_root", lambda: tmp_path)

    def hashes() -> dict[str, str]:
        freshness._files.cache_clear()
        freshness._words.cache_clear()
        return {**freshness._files(), "en": freshness._words("en"), "es": freshness._words("es")}

    try:
        before = hashes()
        for relative, part in (
            ("present/locale/es.po", "es"),
            ("disclosure/policies/public.yml", "policy"),
            ("measures/official.py", "package"),
            ("data/schema/case.yml", "schemas"),
        ):
            (tmp_path if part == "schemas" else package).joinpath(relative).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path if part == "schemas" else package).joinpath(relative).write_text("after")
            after = hashes()
            assert {name for name in after if after[name] != before[name]} == {part}
            before = after
    finally:
        freshness._files.cache_clear()
        freshness._words.cache_clear()


def test_a_changed_report_is_said_and_the_other_is_fresh(made: Run, tmp_path: Path) -> None:
    reports = write_reports(tmp_path / "reports", one="x = 1")
    run = small_run(made.into, reports)
    assert {job.report for job, why in run.reasons(JOBS).items() if why == ["the report's text changed"]} == {"one"}
    assert {job.report for job, why in run.reasons(JOBS).items() if not why} == {"two"}


def test_other_formats_and_a_document_never_made_are_said(made: Run) -> None:
    other = replace(JOBS[0], formats=("html", "docx"))
    never = replace(JOBS[0], period=Period.parse("2001"))
    assert list(made.reasons([other, never]).values()) == [["formats changed"], ["new"]]


def test_changed_rows_are_said_for_those_who_read_them(made: Run) -> None:
    journal = read_journal(made.into)
    entry = replace(journal[JOBS[0].stem], rows={"official_stat": "before", "case": "no rows"})
    now = {"official_stat": {"COL": "after", "_T": "no rows"}, "case": {"_T": "no rows"}}
    assert freshness.reasons(JOBS[0], entry, made.key(JOBS[0]), now, made.into) == ["rows of COL in official_stat changed"]


def test_the_estimate_is_from_documents_like_these(made: Run) -> None:
    entries = [replace(entry, seconds=2.0 if entry.report == "one" else 4.0) for entry in read_journal(made.into).values()]
    assert expected_seconds(JOBS, entries, 2) == (pytest.approx(18.0), 12)
    assert expected_seconds(JOBS[:1], entries, 2) == (pytest.approx(2.0), 6)


def test_a_report_is_given_its_part_alone(workspace: Workspace) -> None:
    part = Part(divide(workspace), fingerprints(workspace), "PER")
    report = Report("country-profile", "PER", Period.parse("2019"), "en", part)
    report.write("key_facts")
    assert "COL" not in set(report.tables["official_stat"]["ref_area"])
