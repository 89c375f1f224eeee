"""The review of a published edition through the command line: whole or tampered with, with other data or another environment."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.edition.publication.archive import write_sums
from turquesa_stats.edition.publication.manifest import read_manifest
from turquesa_stats.edition.review.integrity import integrity
from turquesa_stats.edition.review.numbers import Answer, Passage, compared
from turquesa_stats.edition.review.opening import opened
from turquesa_stats.errors import PublicationRefused, ReviewRefused
from turquesa_stats.render.journal import file_hash

PERU, DEMO = "en/PER/2019/country-profile", "en/XAA/2021/victim-demographics"
Verdict = dict[str, Any]


def _run(*arguments: object) -> Result:
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        for name in ("AUDIENCE", "STATUS", "WORKSPACE"):
            patch.setenv(f"TURQUESA_{name}", "")
        return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("review")
    yield path
    for inside in path.rglob("*"):  # so that pytest can take it away
        inside.chmod(0o755)


@pytest.fixture(scope="module")
def archive(folder: Path) -> Path:
    """An edition of the data that ship with turquesa: a document of official figures, and one of made-up cases."""
    for stem, formats in ((PERU, "html,docx"), (DEMO, "html")):
        language, country, period, report = stem.split("/")
        asked = ["--report", report, "--country", country, "--period", period, "--language", language, "--format", formats, "--jobs", "1"]
        done = _run("render", *asked, "--into", folder / "edition")
        assert done.exit_code == 0, done.output
    done = _run("publish", folder / "edition", "--into", folder / "published", "--label", "2024", "--date", "2024-11-30", "--jobs", "1")
    assert done.exit_code == 0, done.output
    return folder / "published" / "2024.zip"


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Path:
    """The edition's folder, to tamper with."""
    made = Path(shutil.copytree(archive.with_suffix(""), tmp_path / "2024"))
    for inside in [made, *made.rglob("*")]:
        inside.chmod(0o755 if inside.is_dir() else 0o644)
    return made


def _review(edition: Path, into: Path, *more: object) -> tuple[int, Verdict, str]:
    done = _run("review", edition, "--into", into, "--jobs", "1", *more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, json.loads((into / "verdict.json").read_text(encoding="utf-8")), done.output


def _sealed(edition: Path) -> None:
    """Write all hashes anew, as whoever tampers with care would."""
    manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    for document in manifest["documents"]:
        document["files"] = {path: file_hash(edition / path) for path in document["files"]}
    manifest["release_register"]["sha256"] = file_hash(edition / manifest["release_register"]["path"])
    (edition / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    package = json.loads((edition / "data/datapackage.json").read_text(encoding="utf-8"))
    for one in package["resources"]:
        one["hash"] = f"sha256:{file_hash(edition / 'data' / one['path'])}"
    (edition / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    crate = json.loads((edition / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    for one in crate["@graph"]:
        if "sha256" in one:
            one["sha256"] = file_hash(edition / one["@id"])
    (edition / "ro-crate-metadata.json").write_text(json.dumps(crate), encoding="utf-8")
    write_sums(edition)


def _changed(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def test_every_number_of_an_edition_comes_out_again_from_its_archive_alone(archive: Path, tmp_path: Path) -> None:
    code, verdict, told = _review(archive, tmp_path / "review", "--sha256", hashlib.sha256(archive.read_bytes()).hexdigest().upper())
    assert verdict["faults"] == verdict["not_as_it_was"] == verdict["pages_that_differ"] == verdict["register"] == []
    assert verdict["numbers"]["different"] == verdict["numbers"]["within tolerance"] == 0
    assert (code, verdict["passes"], verdict["audit"]["passes"], verdict["not_for_publication"]) == (0, True, True, False)
    assert "Every number is as published." in told
    every = pd.read_csv(tmp_path / "review" / "numbers.csv", dtype="str", keep_default_na=False)
    assert len(every) == verdict["numbers"]["same"] > 500
    assert set(every["document"]) == {PERU, DEMO}
    assert (every["published"] == every["remade"]).all()
    facts = every[every["place"].str.contains("Key facts · tbl-key-facts · .* · Number", regex=True)]
    assert set(facts["published"]) >= {"1,266"}  # victims identified in Peru in 2019, as the US Department of State has it
    page = (tmp_path / "review" / "index.html").read_text(encoding="utf-8")
    assert "Every number is as published." in page
    code, verdict, told = _review(archive, tmp_path / "other", "--sha256", "0" * 64, "--language", "es")
    assert code == 1
    assert [one["path"] for one in verdict["faults"]] == ["2024.zip"]
    assert "Esta edición no se sostiene tal como está." in (tmp_path / "other" / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def spoilt(archive: Path, folder: Path) -> Path:
    made = Path(shutil.copytree(archive.with_suffix(""), folder / "spoilt"))
    for inside in [made, *made.rglob("*")]:
        inside.chmod(0o755 if inside.is_dir() else 0o644)
    return made


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_one_byte_changed_in_any_file_is_found_and_named(spoilt: Path, data: st.DataObject) -> None:
    kinds = ["data/official_stat.csv", f"site/{PERU}.html", f"site/{PERU}.ipynb", f"site/{PERU}.docx", "manifest.json", "SHA256SUMS"]
    kinds += ["release_register.csv", "ro-crate-metadata.json", "data/datapackage.json", "policy/public.yml", "site/index.html"]
    path = spoilt / data.draw(st.sampled_from(kinds))
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != before[place]))
    try:
        path.write_bytes(before[:place] + bytes([byte]) + before[place + 1 :])
        named = {one.path for one in integrity(spoilt).faults}
    finally:
        path.write_bytes(before)
    assert path.relative_to(spoilt).as_posix() in named
    assert integrity(spoilt).faults == []


def test_a_table_that_can_no_longer_be_read_is_named_in_a_verdict(copy: Path, tmp_path: Path) -> None:
    _changed(copy / "data/official_stat.csv", lambda text: text.replace(",PERSONS,", ",PERSON,", 1))
    code, verdict, told = _review(copy, tmp_path / "review")
    assert (code, verdict["passes"], verdict["documents"]) == (1, False, [])
    assert {one["path"] for one in verdict["faults"]} == {"data/official_stat.csv", "manifest.json"}
    assert "data/official_stat.csv cannot be read as the table official_stat" in told


def test_files_that_are_missing_or_were_added_are_named(copy: Path) -> None:
    (copy / f"site/{PERU}.docx").unlink()
    (copy / "site/extra.html").write_text("<p>7</p>")
    found = {one.path: one.why for one in integrity(copy).faults}
    assert found.keys() == {f"site/{PERU}.docx", "site/extra.html"}
    assert "missing" in found[f"site/{PERU}.docx"]
    assert "not among the files published" in found["site/extra.html"]


def test_a_number_changed_with_all_hashes_is_found_by_making_the_document_again(copy: Path, tmp_path: Path) -> None:
    for ending in ("html", "ipynb"):
        _changed(copy / f"site/{PERU}.{ending}", lambda text: text.replace("1,266", "1,866"))
    _sealed(copy)
    assert integrity(copy).faults == []
    code, verdict, told = _review(copy, tmp_path / "review")
    assert code == 1
    peru = next(one for one in verdict["documents"] if one["document"] == PERU)
    assert {(one["published"], one["remade"], one["answer"]) for one in peru["not_the_same"]} == {("1,866", "1,266", "different")}
    assert any(one["place"].startswith("Key facts · tbl-key-facts") for one in peru["not_the_same"])
    assert any(one["place"].startswith("html: ") for one in peru["not_the_same"])
    assert peru["why"][0].startswith("unknown: nothing that decides it is known to differ")
    assert next(one for one in verdict["documents"] if one["document"] == DEMO)["numbers"]["different"] == 0
    assert "1,866 published, 1,266 here" in told


def test_other_data_are_told_as_the_cause(copy: Path, tmp_path: Path) -> None:
    _changed(copy / "data/official_stat.csv", lambda text: text.replace(",1266,1266,1266,", ",1277,1277,1277,"))
    _sealed(copy)
    code, verdict, _ = _review(copy, tmp_path / "review")
    assert code == 1
    peru = next(one for one in verdict["documents"] if one["document"] == PERU)
    assert ("1,266", "1,277") in {(one["published"], one["remade"]) for one in peru["not_the_same"]}
    assert peru["why"] == ["data: official_stat is not the table that the edition stands on"]


def test_another_version_of_pandas_is_environment_and_no_wrong_number(copy: Path, tmp_path: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    here = manifest["software"]["packages"]["pandas"]
    manifest["software"]["packages"]["pandas"] = "1.5.3"
    for document in manifest["documents"]:
        document["made_from"]["environment"] = "0123456789abcdef"
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _sealed(copy)
    code, verdict, told = _review(copy, tmp_path / "review")
    assert (code, verdict["numbers"]["different"]) == (0, 0)
    assert verdict["not_as_it_was"] == [f"environment: pandas 1.5.3 then, {here} here"]
    assert f"environment: pandas 1.5.3 then, {here} here" in told


def test_documents_of_rows_that_are_in_no_edition_are_not_judged_without_them(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert _run("demo-data", "--into", data, "--seed", "7").exit_code == 0
    asked = ["--report", "victim-demographics", "--country", "XAA", "--period", "2021", "--workspace", data, "--jobs", "1"]
    assert _run("render", *asked, "--into", tmp_path / "edition").exit_code == 0
    published = folder / "seven"
    done = _run("publish", tmp_path / "edition", "--workspace", data, "--into", published, "--label", "seven", "--jobs", "1")
    assert done.exit_code == 0, done.output
    assert "victim" in read_manifest(published / "seven").documents[0].kept_back
    code, verdict, told = _review(published / "seven", tmp_path / "alone")
    assert (code, verdict["numbers"]["same"]) == (1, 0)
    assert "which are in no edition; give --workspace" in told
    assert _review(published / "seven", tmp_path / "allowed", "--allow-unjudged")[0] == 0
    code, verdict, told = _review(published / "seven", tmp_path / "with", "--workspace", data)
    assert code == 0, told
    assert verdict["numbers"]["same"] > 200


def _texts(published: str, remade: str, language: str = "en") -> list[Answer]:
    return [one.answer for one in compared([Passage("a", published)], [Passage("a", remade)], language)]


def test_counts_must_be_the_same_and_rates_may_differ_in_their_last_place() -> None:
    same, within, different = Answer.SAME, Answer.WITHIN, Answer.DIFFERENT
    assert _texts("47 % (41 % to 52 %) · 117", "48 % (41 % to 52 %) · 117") == [within, same, same, same]
    assert _texts("117", "118") == [different]
    assert _texts("0.12", "0.13") == [within]
    assert _texts("0.12", "0.14") == [different]
    assert _texts("0.12", "0.125") == [different]
    assert _texts("1.197", "1.198", "es") == [different]  # a point groups thousands there
    assert _texts("1,97", "1,98", "es") == [within]
    assert _texts("hidden", "8") == [different]
    assert _texts("8", "hidden") == [different]
    assert _texts("women: 12", "men: 12") == [different]  # the same number of something else
    assert _texts("", "5") == [different]
    assert [one.answer for one in compared([Passage("a", "1"), Passage("b", "2")], [Passage("b", "2")], "en")] == [different, same]


def _zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def _link() -> zipfile.ZipInfo:
    about = zipfile.ZipInfo("2024/link")
    about.external_attr = (stat.S_IFLNK | 0o777) << 16
    return about


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("../outside", "would lie outside"),
        ("2024/../../outside", "would lie outside"),
        ("/outside", "would lie outside"),
        ("2024//twice", "would lie outside"),
        ("2024\\..\\outside", "would lie outside"),
        ("C:/outside", "would lie outside"),
        ("2024/a\x01b", "would lie outside"),
        ("outside", "lies beside"),
        ("2024/MANIFEST.json", "is there twice"),
        ("2024/folder/", "would lie outside"),
        (_link(), "is not a plain file"),
        ("other/file", "not an archive of one edition"),
    ],
)
def test_an_archive_that_is_not_safe_is_refused_and_nothing_is_written(tmp_path: Path, member: str | zipfile.ZipInfo, why: str) -> None:
    path = _zip(tmp_path / "a" / "b" / "2024.zip" if (tmp_path / "a/b").mkdir(parents=True) else tmp_path / "a/b/2024.zip",
                ("2024/manifest.json", b"{}"), (member, b"x"))  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ReviewRefused, match=why), opened(path):
        pass
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/outside").exists()


def test_an_archive_that_is_too_large_or_lies_of_its_size_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "2024.zip", ("2024/manifest.json", b"{}"), ("2024/zeros", bytes(5_000_000)))
    with pytest.raises(ReviewRefused, match="at most 1,000,000 are read"), opened(path, most_bytes=1_000_000):
        pass
    content = path.read_bytes()
    size = (5_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(ReviewRefused), opened(path, most_bytes=1_000_000):
        pass


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\x00" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "2024.zip"
    path.write_bytes(content)
    done = _run("review", path, "--into", tmp_path / "review")
    assert isinstance(done.exception, ReviewRefused)
    assert "damaged, or not a zip archive" in str(done.exception)
    assert not (tmp_path / "review").exists()


def test_a_manifest_that_names_what_cannot_be_is_refused(copy: Path, tmp_path: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["documents"][0]["country"] = "../../PER"
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _sealed(copy)
    done = _run("review", copy, "--into", tmp_path / "review")
    assert isinstance(done.exception, ReviewRefused)
    assert "names a document that cannot be" in str(done.exception)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "site\\..\\x", "site/../../x"])
def test_paths_of_a_manifest_stay_within_the_edition(copy: Path, path: str) -> None:
    whole = (copy / "manifest.json").read_text(encoding="utf-8")
    for spoil in (lambda one: one["documents"][0]["files"].update({path: "0" * 64}), lambda one: one["release_register"].update(path=path)):
        manifest = json.loads(whole)
        spoil(manifest)
        (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(PublicationRefused, match="a path within the edition"):
            read_manifest(copy)


def test_a_folder_with_links_is_refused(copy: Path) -> None:
    (copy / "site/link.html").symlink_to("/etc/hostname")
    with pytest.raises(ReviewRefused, match="links to other files, first site/link.html"), opened(copy):
        pass
