"""Names that users and files give cannot lead out of a folder: each is refused in words, or stays below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.cli import app
from turquesa_stats.edition.publication.contents import no_links_in
from turquesa_stats.edition.publication.publish import Release, publish
from turquesa_stats.errors import PublicationRefused, TurquesaError
from turquesa_stats.period import Period
from turquesa_stats.render.journal import as_entry, as_line, read_journal
from turquesa_stats.render.notebook import reports_in
from turquesa_stats.render.plan import Grid, make_plan
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace

EVIL = [
    "../../x",
    "/etc/passwd",
    "..",
    ".",
    "COL/../../x",
    "COL\x00",
    "COL\n",
    " COL ",
    "C" * 5000,
    "ＣＯＬ",
    "СOL",  # the first letter is Cyrillic
    "\\\\server\\share",
    "~root",
    "$HOME",
    "`id`",
    "; rm -rf x",
    "2021\n",
    "２０２１",
    "country-profile\u202e",
    "",
]
NAMES = st.one_of(st.text(max_size=20), st.sampled_from([*EVIL, "COL", "PER", "2019", "2020", "one", "two", "en", "es", "all", "latest"]))
COVERAGE = {"official_stat.VICTIMS": {"COL": ["2019", "2020"], "PER": ["2019"]}}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_reports(tmp_path_factory.mktemp("reports"))
    for path in folder.glob("*.qmd"):
        path.write_text("---\nturquesa: {needs: [official_stat.VICTIMS]}\n---\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@settings(max_examples=300)
@given(report=NAMES, country=NAMES, period=NAMES, language=NAMES, format_=st.one_of(NAMES, st.just("html")))
def test_every_document_that_is_planned_lies_below_the_folder(
    report: str, country: str, period: str, language: str, format_: str, reports: Path
) -> None:
    grid = Grid((report,), (country,), (period,), (language,), (format_,), {})
    try:
        plan = make_plan(grid, reports_in(reports), COVERAGE)
    except TurquesaError:
        return
    for job in plan:
        parts = PurePosixPath(job.stem).parts
        assert len(parts) == 4
        assert parts[0] in {"en", "es", "fr", "pt"}
        assert parts[1] in {"COL", "PER"}
        assert parts[3] in {"one", "two"}
        assert set(parts[2]) <= set("0123456789-SQ")
        assert Path("/a/b", job.stem).resolve().is_relative_to("/a/b")


@given(st.one_of(st.text(max_size=30), st.sampled_from(EVIL), st.from_regex(r"\d{4}(-S[12]|-Q[1-4]|-\d\d)?(/\d{4})?", fullmatch=True)))
def test_a_period_is_ascii_in_the_name_of_a_folder(text: str) -> None:
    try:
        slug = Period.parse(text).slug
    except TurquesaError:
        return
    assert text.isascii()
    assert set(slug) <= set("0123456789-SQ")


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("option", ["--report", "--country", "--period", "--language", "--format", "--audience", "--status"])
def test_no_option_of_a_document_leads_out_of_its_folder(option: str, name: str, tmp_path: Path) -> None:
    given = {"--report": "operations", "--country": "PER", "--period": "2023", "--language": "en", "--format": "html"} | {option: name}
    arguments = [part for pair in given.items() for part in pair]
    if (option, name.strip()) in {("--country", "COL"), ("--period", "2021")}:
        return  # a known name with spaces around it is that name
    done = CliRunner().invoke(app, ["render", *arguments, "--into", str(tmp_path / "out"), "--jobs", "1"])
    assert isinstance(done.exception, TurquesaError), done.output
    assert str(done.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EVIL)
def test_no_name_of_a_source_a_map_a_table_or_an_edition_leads_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n", encoding="utf-8")
    for arguments in (
        ["import", name, str(tmp_path / "x.csv"), "--into", str(tmp_path / "w")],
        ["fetch", name, "--into", str(tmp_path / "w")],
        ["export", "--into", str(tmp_path / "w"), "--table", name or "x"],
        ["site", "--grid", name, "--into", str(tmp_path / "w")],
        ["new", "assessment", "2025", "--region", name, "--into", str(tmp_path / "w")],
    ):
        done = CliRunner().invoke(app, arguments)
        assert isinstance(done.exception, TurquesaError), (arguments, done.output)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    if name and name not in {"2021\n"}:
        with pytest.raises(PublicationRefused, match="label"):
            Release.of(name, "2025-01-01", "final", None)


@pytest.mark.parametrize("label", ["2021\n", "a" * 65, "2021-", "é", "A", "a/b"])
def test_a_label_is_small_letters_digits_and_hyphens_to_the_end(label: str) -> None:
    with pytest.raises(PublicationRefused, match="small letters and digits"):
        Release.of(label, "2025-01-01", "final", None)


@pytest.mark.parametrize("name", [name for name in EVIL if name.strip()])
def test_the_source_of_a_map_names_no_file_elsewhere(name: str, tmp_path: Path) -> None:
    source = {"id": name, "title": "t", "publisher": "p", "url": "local", "licence": "l", "reporting_entity_type": "PROSECUTION"}
    tables = {
        "case": {
            "case_id": "Id",
            "country_report": {"value": "COL"},
            "crime_type": {"value": "TIP"},
            "iccs_lead": {"value": "0204"},
            "opened_on": "On",
        }
    }
    (tmp_path / "map.yml").write_text(yaml.safe_dump({"source": source, "rows": "case", "tables": tables}), encoding="utf-8")
    (tmp_path / "x.csv").write_text("Id,On\n1,2021-01-01\n", encoding="utf-8")
    done = CliRunner().invoke(
        app, ["import", "tidy", str(tmp_path / "x.csv"), "--map", str(tmp_path / "map.yml"), "--into", str(tmp_path / "w")]
    )
    assert isinstance(done.exception, TurquesaError), done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.yml", "x.csv"]


def test_a_journal_names_no_file_outside_its_folder(reports: Path, tmp_path: Path) -> None:
    run = small_run(tmp_path / "out", reports)
    assert not make(run, JOBS[:1]).failed
    (entry,) = read_journal(tmp_path / "out").values()
    assert as_entry(as_line(entry)) is not None
    digest = next(iter(entry.files.values()))
    for change in (
        {"files": {"../../x.html": digest}},
        {"files": {"/etc/passwd": digest}},
        {"files": {f"{entry.stem}/../../x.html": digest}},
        {"files": {f"{entry.stem}.html\x00": digest}},
        {"stem": "../x", "files": {"../x.html": digest}},
        {"country": "..", "stem": entry.stem.replace(entry.country, "..")},
        {"report": "../one", "stem": f"{entry.stem.rpartition('/')[0]}/../one"},
        {"language": "", "stem": entry.stem.removeprefix("en")},
    ):
        assert as_entry(as_line(replace(entry, **change))) is None, change


def test_links_are_not_followed_when_an_edition_is_published(reports: Path, tmp_path: Path) -> None:
    run = small_run(tmp_path / "out", reports)
    assert not make(run, JOBS[:1]).failed
    no_links_in(tmp_path / "out")
    (entry,) = read_journal(tmp_path / "out").values()
    secret = tmp_path / "secret.html"
    secret.write_text("secret", encoding="utf-8")
    page = tmp_path / "out" / next(path for path in entry.files if path.endswith(".html"))
    page.unlink()
    page.symlink_to(secret)
    release = Release.of("a", "2025-01-01", "final", None)
    with pytest.raises(PublicationRefused, match=r"1 links to other places, first .*\.html -> .*secret"):
        publish(run, default_workspace(), tmp_path / "published", release)
    page.unlink()
    (tmp_path / "out/en/folder").symlink_to(tmp_path)
    with pytest.raises(PublicationRefused, match="1 links to other places, first en/folder"):
        publish(run, default_workspace(), tmp_path / "published", release)
    (tmp_path / "out/en/folder").unlink()
    (tmp_path / "w").mkdir()
    (tmp_path / "w/victim.parquet").symlink_to(secret)
    with pytest.raises(PublicationRefused, match="victim.parquet"):
        publish(run, Workspace(tmp_path / "w"), tmp_path / "published", release)
    assert not (tmp_path / "published").exists()
