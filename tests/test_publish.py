"""Publication through the command line: what is refused, what is written, and that two editions together tell of no person."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.edition.audit.changes import found_by_comparing
from turquesa_stats.edition.audit.readings import Reading
from turquesa_stats.edition.audit.statements import Book
from turquesa_stats.edition.audit.values import Value
from turquesa_stats.edition.publication.contents import no_machine_in
from turquesa_stats.edition.publication.manifest import read_manifest
from turquesa_stats.edition.publication.register import register_of
from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.errors import DisclosureRefused, PublicationRefused, TurquesaError, UnknownParameter
from turquesa_stats.measures import cases
from turquesa_stats.period import Period
from turquesa_stats.present.words import Words
from turquesa_stats.render.journal import as_line, file_hash, read_journal
from turquesa_stats.reporting.report import open_report
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.schema.workspace import Workspace

STEM = "en/XAA/2021/victim-demographics"


def _run(*arguments: object) -> Result:
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        for name in ("AUDIENCE", "STATUS", "WORKSPACE"):
            patch.setenv(f"TURQUESA_{name}", "")
        return CliRunner().invoke(app, [str(one) for one in arguments])


def _render(workspace: Path, into: Path) -> Path:
    asked = ["--country", "XAA", "--report", "victim-demographics", "--period", "2021", "--format", "html", "--jobs", "1"]
    done = _run("render", *asked, "--workspace", workspace, "--into", into)
    assert done.exit_code == 0, done.output
    return into


def _publish(edition: Path, workspace: Path, into: Path, *more: object) -> Result:
    return _run("publish", edition, "--workspace", workspace, "--into", into, "--date", "2024-11-30", "--jobs", "1", *more)


def _refused(done: Result, kind: type[TurquesaError], *said: str) -> None:
    assert isinstance(done.exception, kind), done.output
    for text in said:
        assert text in str(done.exception)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("publish")
    yield path
    for inside in path.rglob("*"):  # so that pytest can take it away
        inside.chmod(0o755)


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Path:
    assert _run("demo-data", "--into", folder / "data").exit_code == 0
    return folder / "data"


@pytest.fixture(scope="module")
def edition(folder: Path, workspace: Path) -> Path:
    return _render(workspace, folder / "edition")


@pytest.fixture(scope="module")
def published(folder: Path, workspace: Path, edition: Path) -> Path:
    done = _publish(edition, workspace, folder / "published", "--label", "2024")
    assert done.exit_code == 0, done.output
    assert "Published edition 2024 (final): 1 documents" in done.output
    return folder / "published"


@pytest.fixture
def copy(edition: Path, tmp_path: Path) -> Path:
    """Copy the edition, to spoil it."""
    return Path(shutil.copytree(edition, tmp_path / "edition"))


def _spoil(edition: Path, change: Callable[[str], str], key: dict[str, str] | None = None) -> None:
    """Change the page or what its key says, as one would who writes the journal too."""
    path = edition / f"{STEM}.html"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    entry = read_journal(edition)[STEM]
    entry.files[f"{STEM}.html"] = file_hash(path)  # type: ignore[index]
    entry.key.update(key or {})  # type: ignore[attr-defined]
    (edition / "documents.jsonl").write_text(as_line(entry) + "\n", encoding="utf-8")


def test_an_edition_is_published_with_all_that_describes_it(published: Path, edition: Path) -> None:
    made = published / "2024"
    sums = dict(reversed(line.split("  ")) for line in (made / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert all(hashlib.sha256((made / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert (made / f"site/{STEM}.html").read_bytes() == (edition / f"{STEM}.html").read_bytes()
    assert {"schema/victim.yml", "schema/manifest.schema.json", "policy/public.yml", "data/datapackage.json", "site/index.html"} < set(sums)
    assert "documents.jsonl" not in " ".join(sums)
    manifest = read_manifest(made)
    assert (manifest.label, manifest.status, manifest.audience, str(manifest.released_on)) == ("2024", "final", "public", "2024-11-30")
    assert manifest.protection.policy["k_person"] == 10
    assert manifest.protection.printed > 30
    assert set(manifest.documents[0].files) == {f"site/{STEM}.html", f"site/{STEM}.ipynb"}
    assert [one.source_id for one in manifest.data.sources] == ["src_demonstration"]
    assert "victim" not in manifest.data.tables
    assert manifest.software.packages["pandas"] == pd.__version__
    cited = yaml.safe_load((made / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["version"], cited["date-released"], len(cited["references"])) == ("2024", "2024-11-30", 1)
    crate = json.loads((made / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    parts = {one["@id"]: one for one in crate["@graph"]}
    assert {one["@id"] for one in parts["./"]["hasPart"]} == set(sums) - {"ro-crate-metadata.json"}
    assert parts[f"site/{STEM}.html"]["sha256"] == sums[f"site/{STEM}.html"]


def test_no_file_of_a_published_edition_can_be_written_to_or_names_a_folder_of_the_machine(published: Path, folder: Path) -> None:
    for path in [published / "2024", *(published / "2024").rglob("*"), published / "2024.zip"]:
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH), path
        if path.is_file():
            assert str(folder).encode() not in path.read_bytes(), path
    assert sorted(path.name for path in published.iterdir()) == ["2024", "2024.zip"]


def test_no_record_and_no_mark_of_one_stands_in_a_published_edition(published: Path, workspace: Path) -> None:
    tables = {name: table for name, table in Workspace(workspace).tables().items() if table_schema(name).sensitivity == "R"}
    names = {name for table in tables.values() for name in table if name.endswith("_id") and name != "source_id"}
    marks = {str(value) for table in tables.values() for name in names & set(table) for value in table[name].dropna().unique()}
    held = json.loads((workspace / "fingerprints.json").read_text(encoding="utf-8"))["fingerprints"]
    marks |= {mark for name in tables for mark in held.get(name, {}).values() if len(mark) >= 12}
    assert len(marks) > 5000
    for path in [path for path in (published / "2024").rglob("*") if path.is_file()]:
        words = set(re.findall(r"[\w-]{8,}", path.read_text(encoding="utf-8", errors="replace")))
        assert not {mark for mark in marks if len(mark) >= 8} & words, path


def test_the_register_holds_what_a_reader_knows_and_no_hidden_number(published: Path, workspace: Path) -> None:
    rows = register_of(published)
    assert rows is not None
    typed = validate(pd.read_csv(published / "2024/release_register.csv", parse_dates=["released_on", "loaded_at"]), "release_register")
    of = typed.set_index("cell_key")
    chosen = cases.victims(Workspace(workspace).tables(), "XAA", Period.parse("2021"))
    assert of.loc["XAA/2021/victims", "value_shown"] == len(chosen)
    hidden = of[of["method"].eq("SUPPRESSED")]
    assert len(hidden) > 5
    assert hidden["value_shown"].isna().all()
    assert (hidden["upper"].fillna(1e9) - hidden["lower"]).min() >= 9
    shares = of[of["value_shown"].isna() & of["method"].eq("NONE")]
    assert len(shares) > 0
    assert shares["upper"].notna().all(), "a share of a printed whole bounds its count"
    assert of["lower"].le(of["upper"].fillna(1e9)).all()


def test_the_same_edition_gives_the_same_archive(published: Path, edition: Path, workspace: Path, tmp_path: Path) -> None:
    assert _publish(edition, workspace, tmp_path / "again", "--label", "2024").exit_code == 0
    assert (tmp_path / "again/2024.zip").read_bytes() == (published / "2024.zip").read_bytes()
    with zipfile.ZipFile(published / "2024.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("2024/manifest.json") == (published / "2024/manifest.json").read_bytes()


def test_a_published_edition_is_never_overwritten_but_can_be_replaced(
    published: Path, edition: Path, workspace: Path, tmp_path: Path
) -> None:
    before = (published / "2024.zip").read_bytes()
    _refused(_publish(edition, workspace, published, "--label", "2024"), PublicationRefused, "published already", "--replaces 2024")
    assert (published / "2024.zip").read_bytes() == before
    own = Path(shutil.copytree(published, tmp_path / "published"))
    own.chmod(0o755)
    _refused(_publish(edition, workspace, own, "--label", "b", "--replaces", "2023"), PublicationRefused, "no such edition", "2024")
    assert _publish(edition, workspace, own, "--label", "2024-2", "--replaces", "2024").exit_code == 0
    manifest = read_manifest(own / "2024-2")
    assert (manifest.replaces, manifest.audit.earlier_releases) == ("2024", ["rel_2024"])
    rows = register_of(own)
    assert rows is not None
    assert rows.groupby("release_id")["edition_of"].unique().map(list).to_dict()["rel_2024_2"] == ["rel_2024"]


@pytest.fixture(scope="module")
def one_less(folder: Path, workspace: Path) -> tuple[Path, Path]:
    """Data without one victim of 2021, and the edition made of them."""
    fewer = Path(shutil.copytree(workspace, folder / "fewer"))
    gone = cases.victims(Workspace(workspace).tables(), "XAA", Period.parse("2021"))["victim_id"].iloc[0]
    for path in fewer.glob("*.parquet"):
        table = pd.read_parquet(path)
        if "victim_id" in table:
            table[table["victim_id"].ne(gone)].reset_index(drop=True).to_parquet(path)
    return fewer, _render(fewer, folder / "second")


def test_an_edition_that_is_safe_alone_but_tells_of_a_person_beside_an_earlier_one_is_refused(
    one_less: tuple[Path, Path], published: Path
) -> None:
    data, second = one_less
    alone = _run("audit", second, "--jobs", "1")
    assert alone.exit_code == 0, alone.output
    assert "Nothing that is hidden can be found again." in alone.output
    _refused(
        _publish(second, data, published, "--label", "2025"),
        DisclosureRefused,
        "is not published: the audit refuses it",
        "XAA/2021/victims: 1, DIFFERENCE",
        "change since rel_2024",
        "to do: hide the cell in the other period, area or edition too",
    )
    assert sorted(path.name for path in published.iterdir()) == ["2024", "2024.zip"]
    beside = _run("audit", second, "--register", published, "--jobs", "1")
    assert beside.exit_code == 1
    assert "Beside 1 earlier editions" in beside.output
    assert "XAA/2021/victims: 1, DIFFERENCE" in beside.output


def test_an_edition_with_a_leak_is_refused_and_nothing_is_written(copy: Path, workspace: Path, tmp_path: Path) -> None:
    _spoil(copy, lambda page: page.replace("women and girls, 0–8 years: hidden", "women and girls, 0–8 years: 3"))
    _refused(_publish(copy, workspace, tmp_path / "published"), DisclosureRefused, "XAA/2021/ages/F/Y0T8: 3, LEAK", "fig-victim-ages")
    assert not (tmp_path / "published").exists()


def test_what_the_audit_does_not_understand_is_refused(copy: Path, workspace: Path, tmp_path: Path) -> None:
    _spoil(copy, lambda page: page.replace('<section id="sec-citizenship"', '<p>There were 4 more.</p><section id="sec-citizenship"'))
    _refused(_publish(copy, workspace, tmp_path / "published"), DisclosureRefused, "Not understood", "There were 4 more.")


def test_documents_that_are_not_as_they_would_be_made_are_named(
    copy: Path, edition: Path, one_less: tuple[Path, Path], workspace: Path
) -> None:
    _refused(
        _publish(edition, one_less[0], copy.parent / "p"), PublicationRefused, f"{STEM}: rows of XAA in ", "rows of XAA in victim changed"
    )
    (copy / f"{STEM}.html").write_text("<p>nothing</p>", encoding="utf-8")
    (copy / "victims.csv").write_text("a,b\n", encoding="utf-8")
    done = _publish(copy, workspace, copy.parent / "p")
    _refused(done, PublicationRefused, f"{STEM}: its files are missing or changed", "victims.csv: a file of no document")
    _refused(_publish(copy.parent / "none", workspace, copy.parent / "p"), PublicationRefused, "no document to publish")
    assert not (copy.parent / "p").exists()


def test_a_document_of_the_grid_that_was_not_made_is_named(edition: Path, workspace: Path, tmp_path: Path) -> None:
    both = {"reports": "victim-demographics", "countries": "XAA", "periods": ["2020", "2021"], "languages": "en", "formats": "html"}
    (tmp_path / "grid.yml").write_text(yaml.safe_dump({"both": both, "one": both | {"periods": "2021"}}), encoding="utf-8")
    asked = ("--grid-file", tmp_path / "grid.yml", "--grid")
    missing = "en/XAA/2020/victim-demographics (html): not made"
    _refused(_publish(edition, workspace, tmp_path / "p", *asked, "both"), PublicationRefused, missing)
    assert _publish(edition, workspace, tmp_path / "p", *asked, "one").exit_code == 0


@pytest.mark.parametrize("audience", ["none", "partners"])
def test_what_is_not_for_everyone_is_not_published(audience: str, copy: Path, workspace: Path) -> None:
    _spoil(copy, str, {"audience": audience})
    _refused(_publish(copy, workspace, copy.parent / "p"), PublicationRefused, f"audience '{audience}', which is not everyone")


def test_an_edition_is_published_as_what_its_pages_say_that_it_is(copy: Path, edition: Path, workspace: Path) -> None:
    _refused(_publish(edition, workspace, copy.parent / "p", "--preliminary"), PublicationRefused, "--status preliminary", STEM)
    _spoil(copy, str, {"status": "preliminary"})
    _refused(_publish(copy, workspace, copy.parent / "p"), PublicationRefused, "do not say on their pages that they are final")
    done = _publish(copy, workspace, copy.parent / "p", "--preliminary")
    assert done.exit_code == 0, done.output
    made = copy.parent / "p/2024-11-30"  # without a label, its day
    assert read_manifest(made).status == "preliminary"
    assert read_manifest(made).documents[0].command.endswith("--status preliminary")
    assert "Preliminary edition." in (made / "site/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", list(Language))
def test_every_page_of_a_preliminary_edition_says_so(
    language: str, workspace: Path, edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURQUESA_WORKSPACE", str(workspace))
    said = Words(language).raw("banner.preliminary")
    assert not any(said in part for part in open_report("country-profile", "XAA", "2021", language).write("front_matter"))
    monkeypatch.setenv("TURQUESA_STATUS", "preliminary")
    report = open_report("country-profile", "XAA", "2021", language)
    assert any(said in part for part in report.write("front_matter"))
    assert "--status preliminary" in "".join(report.write("made"))
    for path in [path for entry in read_journal(edition).values() for path in entry.files]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(edition / path, tmp_path / path)
    write_site(tmp_path, read_journal(edition).values(), language, status="preliminary")
    pages = [tmp_path / "index.html", tmp_path / language / "index.html", tmp_path / language / "XAA/index.html"]
    assert all(said.replace("**", "").replace("'", "&#39;") in page.read_text(encoding="utf-8") for page in pages)


def test_a_status_or_label_or_day_that_does_not_exist_is_refused(edition: Path, workspace: Path, tmp_path: Path) -> None:
    _refused(_run("plan", "--status", "draft"), UnknownParameter, "status 'draft' does not exist")
    _refused(_publish(edition, workspace, tmp_path / "p", "--label", "../2025"), PublicationRefused, "label '../2025'")
    _refused(_run("publish", edition, "--workspace", workspace, "--date", "soon"), PublicationRefused, "no day: soon")


def test_an_earlier_edition_that_was_tampered_with_stops_the_next(published: Path, edition: Path, workspace: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(published, tmp_path / "published"))
    register, manifest = own / "2024/release_register.csv", own / "2024/manifest.json"
    for path in (own, own / "2024", register, manifest):
        path.chmod(0o755)
    register.write_text("\n".join(register.read_text().splitlines()[:5]), encoding="utf-8")
    _refused(_publish(edition, workspace, own, "--label", "2025"), PublicationRefused, "release_register.csv: missing or changed")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"final"', '"finished"'), encoding="utf-8")
    _refused(_publish(edition, workspace, own, "--label", "2025"), PublicationRefused, "not a manifest", "status")
    manifest.unlink()
    _refused(_publish(edition, workspace, own, "--label", "2025"), PublicationRefused, "is not a published edition")


@pytest.mark.parametrize("place", ["output", "metadata"])
def test_a_notebook_that_names_a_folder_of_the_machine_is_refused(place: str, edition: Path, tmp_path: Path) -> None:
    notebook = json.loads((edition / f"{STEM}.ipynb").read_text(encoding="utf-8"))
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    no_machine_in(tmp_path, [tmp_path])
    if place == "output":
        notebook["cells"][-1]["outputs"][0]["data"]["text/markdown"].append("read from /home/ana/case.parquet")
    else:
        notebook["metadata"]["papermill"] = {"input_path": "/home/ana/report.ipynb"}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(PublicationRefused, match=r"a\.ipynb: /home/ana/"):
        no_machine_in(tmp_path, [tmp_path])


def _book(counts: dict[str, int]) -> Book:
    told = {f"XAA/2021/{cell}": count for cell, count in counts.items()}
    book = Book.of(Reading(cell, Value(count, count), "", False, "page.html", "fig-detection") for cell, count in told.items())
    book.labels["XAA", "2021"] |= {"fig-detection"}
    return book


def _found(before: dict[str, int], now: dict[str, int]) -> dict[str, tuple[float, float]]:
    register = pd.DataFrame(
        [{"release_id": "rel_2024", "cell_key": f"XAA/2021/{cell}", "value_shown": count} for cell, count in before.items()]
    )
    found = found_by_comparing(register, _book(now), {"k_person": 10, "k_accused": 5})
    return {one.cell.removeprefix("XAA/2021/"): (one.low, one.high) for one in found}


BEFORE = {"victims": 300, "detection/n": 200, "detection/SELF": 100}


def test_a_small_change_of_what_is_hidden_is_found_by_subtraction_of_changes() -> None:
    """One person came in among the hidden ways of detection: 41 more in all, 40 of them in the way that is printed."""
    found = _found(BEFORE, {"victims": 400, "detection/n": 241, "detection/SELF": 140})
    assert found["detection/HEALTH"] == (0, 1)
    assert "detection/SELF" not in found
    went = _found({"victims": 400, "detection/n": 241, "detection/SELF": 140}, BEFORE)
    assert went["detection/HEALTH"] == (0, 1)


def test_no_change_and_large_changes_are_safe() -> None:
    assert _found(BEFORE, BEFORE) == {}
    assert _found(BEFORE, {"victims": 400, "detection/n": 260, "detection/SELF": 140}) == {}
    assert _found(BEFORE, {"victims": 320, "detection/n": 185, "detection/SELF": 140}) == {}  # more here, fewer there: all is possible
