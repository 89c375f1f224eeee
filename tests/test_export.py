"""What leaves a workspace, through the command line, read back by libraries that know nothing of turquesa."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pandas as pd
import pytest
import sdmx
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from turquesa_stats.edition.exchange import export
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.tables import FieldType, table_names, table_schema
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import import_file
from turquesa_stats.sources.demonstration import demonstration_tables
from turquesa_stats.sources.spreadsheet import as_text_cells, from_text_cells

TODAY = date(2026, 1, 2)
PUBLISHED = project_root() / "data/published/official_figures.csv"
RUNS = ("=", "+", "-", "@")
HOSTILE = [
    '=HYPERLINK("http://example.org","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "+1;DROP",
    "\t=1+1",
    "police;=1+1",
    'a;"=1+1";-2',
    "first\n=1+1;",
    "first\r\n-2",
    "one\t@x",
    "-2\n;+3",
    "'=1+1",
    "''@x",
    'quote " and "" comma, semicolon;',
    "two\nlines",
    "<script>alert(1)</script>",
    "señas y ação 中文 \u2028 \U0001f600",
    "'quoted'",
    "-99",
    " padded ",
    "#N/A",
    "NaN",
    "null",
]


def turquesa(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "turquesa_stats", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=dict(os.environ), check=False)


def change(folder: Path, table: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Workspace:
    """Edit one table of a workspace as a later importer would have written it."""
    path = folder / f"{table}.parquet"
    edit(pd.read_parquet(path)).to_parquet(path, index=False)
    return Workspace(folder)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The published figures, the first three in conflict and the next hidden by its source as <5; and synthetic cases."""
    made = Workspace(tmp_path_factory.mktemp("w"))
    import_file("published-figures", PUBLISHED, made, TODAY)
    made.add(demonstration_tables(TODAY))

    def hide(stat: pd.DataFrame) -> pd.DataFrame:
        stat.loc[:2, "conflict"] = True
        stat.loc[3, ["obs_value", "obs_lower", "obs_upper"]] = [float("nan"), 0, 4]
        stat.loc[3, ["obs_status", "conf_status", "value_qual"]] = ["Q", "A", "EXACT"]
        return stat

    return change(made.folder, "official_stat", hide)


@pytest.fixture
def own(workspace: Workspace, tmp_path: Path) -> Path:
    """A workspace that a test may change."""
    return Path(shutil.copytree(workspace.folder, tmp_path / "w"))


@pytest.fixture(scope="module")
def exported(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "out"
    done = turquesa("export", "--workspace", workspace.folder, "--into", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    assert "withheld: their source gives several values for one figure" in done.stdout
    assert "true of no person or case" in done.stdout
    return folder


def leaving(workspace: Workspace) -> pd.DataFrame:
    stat = workspace.tables()["official_stat"]
    return stat[~stat["conflict"].astype(bool)].reset_index(drop=True)


def observations(folder: Path) -> list[Any]:
    flow = sdmx.read_sdmx(folder / "sdmx/structure.xml").dataflow["OFFICIAL_STAT"]
    (data,) = sdmx.read_sdmx(folder / "sdmx/official_stat.csv", structure=flow).data
    return list(data.obs)


def same_number(text: str, value: float) -> bool:
    return text == "" if pd.isna(value) else text != "" and float(text) == value


def compare(folder: Path, expected: pd.DataFrame) -> None:
    """Compare every dimension, value and attribute that sdmx1 reads with the workspace."""
    found = observations(folder)
    assert len(found) == len(expected) > 0
    key = [name for name in table_schema("official_stat").key if name != "time_period"]
    texts = ("value_qual", "iccs", "obs_status", "conf_status", "legal_basis", "obs_comment")
    for one, row in zip(found, expected.to_dict("records"), strict=True):
        said = {name: str(value.value) for name, value in one.attached_attribute.items()}
        assert {name: one.dimension[name.upper()].value for name in key} == {name: str(row[name]) for name in key}
        assert same_number(one.value, row["obs_value"])
        assert same_number(said["OBS_LOWER"], row["obs_lower"])
        assert same_number(said["OBS_UPPER"], row["obs_upper"])
        assert {name: said[name.upper()] for name in texts} == {name: "" if pd.isna(row[name]) else row[name] for name in texts}
        period = one.dimension["TIME_PERIOD"].value
        assert period == row["time_period"] if "/" not in row["time_period"] else period.startswith(f"{row['period_start']:%Y-%m-%d}/P")
        assert (said["UNIT_MULT"], said["SYNTHETIC"]) == ("0", "false")


def test_sdmx1_reads_every_value_back(exported: Path, workspace: Workspace) -> None:
    expected = leaving(workspace)
    assert len(expected) < len(workspace.tables()["official_stat"])
    compare(exported, expected)


def test_a_hidden_count_keeps_its_bounds_and_is_neither_zero_nor_a_number(exported: Path) -> None:
    hidden = [one for one in observations(exported) if one.attached_attribute["OBS_STATUS"].value == "Q"]
    assert [(one.value, one.attached_attribute["OBS_LOWER"].value, one.attached_attribute["OBS_UPPER"].value) for one in hidden] == [
        ("", "0", "4")
    ]


def test_unodcs_file_leaves_whole(real_workspace: Workspace, tmp_path: Path) -> None:
    export(real_workspace, tmp_path / "out")
    compare(tmp_path / "out", leaving(real_workspace))


def test_the_sdmx_file_starts_as_sdmx_csv_2_says(exported: Path) -> None:
    lines = (exported / "sdmx/official_stat.csv").read_bytes().split(b"\r\n")
    assert lines[0].startswith(b"STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,FREQ,INDICATOR,")
    assert all(line.startswith(b"dataflow,TURQUESA:OFFICIAL_STAT(1.0),I,") for line in lines[1:-1])


def test_the_structure_names_every_code_and_concept_in_four_languages(exported: Path) -> None:
    message = sdmx.read_sdmx(exported / "sdmx/structure.xml")
    for name in ("area", "indicator", "sex", "age", "exploitation", "iccs", "obs_status", "conf_status", "unit_measure", "freq"):
        listed = message.codelist[f"CL_{name.upper()}"]
        assert list(listed.items) == code_list(name).codes
        for code in code_list(name).codes:
            assert listed[code].name.localizations == {str(one): code_list(name).label(code, one) for one in Language}
    concepts = message.concept_scheme["CS_OFFICIAL_STAT"].items.values()
    assert {len(concept.name.localizations) for concept in concepts} == {len(Language)}
    for one in observations(exported)[:50]:
        for dimension in ("REF_AREA", "INDICATOR", "SEX", "AGE"):
            listed = message.structure["OFFICIAL_STAT"].dimensions.get(dimension).local_representation.enumerated
            assert one.dimension[dimension].value in listed.items
        assert one.dimension["SOURCE_ID"].value in message.codelist["CL_SOURCE"].items


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table with frictionless, in its declared types, apostrophes before formulas taken off."""
    rows = frictionless.Package(str(folder / "datapackage.json")).get_resource(name).read_rows()
    texts = {field.name: "str" for field in table_schema(name).fields if field.type in {FieldType.STRING, FieldType.CATEGORY}}
    return from_text_cells(pd.DataFrame([row.to_dict() for row in rows]).astype(texts))


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, name: str) -> None:
    assert len(found) == len(expected)
    assert list(found) == table_schema(name).field_names
    for field in table_schema(name).fields:
        for got, was in zip(found[field.name], expected[field.name], strict=True):
            if pd.isna(was):
                assert pd.isna(got), field.name
            else:
                assert got == (was.date() if field.type is FieldType.DATE else was), field.name


def test_frictionless_finds_the_package_valid_and_every_value_equal(exported: Path, workspace: Workspace) -> None:
    report = frictionless.validate(str(exported / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "note"])
    assert_same(read_table(exported, "official_stat"), leaving(workspace), "official_stat")
    assert_same(read_table(exported, "source"), workspace.tables()["source"], "source")


def test_the_descriptor_says_types_limits_links_labels_and_sources(exported: Path, workspace: Workspace) -> None:
    package = json.loads((exported / "datapackage.json").read_text())
    by_name = {about["name"]: about for about in package["resources"]}
    stat = by_name["official_stat"]
    fields = {field["name"]: field for field in stat["schema"]["fields"]}
    assert fields["obs_value"]["type"] == "number"
    assert fields["obs_value"]["constraints"] == {"minimum": 0}
    assert fields["sex"]["constraints"] == {"required": True, "enum": code_list("sex").codes}
    assert fields["period_start"]["type"] == "date"
    assert set(fields["sex"]["titles"]) == set(map(str, Language))
    assert stat["schema"]["primaryKey"] == list(table_schema("official_stat").key)
    assert stat["schema"]["missingValues"] == [""]
    links = {link["fields"]: link["reference"] for link in stat["schema"]["foreignKeys"]}
    assert links["source_id"] == {"resource": "source", "fields": "source_id"}
    assert links["ref_area"] == {"resource": "codes-area", "fields": "code"}
    sources = workspace.tables()["source"]
    assert {one["citation"] for one in package["sources"]} == set(sources["citation"])
    assert [one["source_id"] for one in package["sources"] if one["synthetic"]] == ["src_demonstration"]
    assert (stat["synthetic_rows"], by_name["source"]["synthetic_rows"]) == (0, 1)
    assert any("rule R57" in note for note in package["notes"])
    areas = pd.read_csv(exported / "codes/area.csv", keep_default_na=False)
    assert areas.loc[areas["code"].eq("BRA"), [f"label_{one}" for one in Language]].to_numpy().tolist() == [
        ["Brazil", "Brasil", "Brésil", "Brasil"]
    ]
    assert "codes-means" in by_name, "the list of a characteristic's values"


def broken(exported: Path, folder: Path, edit: Callable[[list[list[str]]], None], keep_hash: bool = False) -> frictionless.Report:
    copy = Path(shutil.copytree(exported, folder / "copy"))
    path = copy / "official_stat.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    package = json.loads((copy / "datapackage.json").read_text())
    for about in package["resources"] if not keep_hash else []:
        del about["hash"], about["bytes"]
    (copy / "datapackage.json").write_text(json.dumps(package))
    return frictionless.validate(str(copy / "datapackage.json"))


def setting(column: str, value: str) -> Callable[[list[list[str]]], None]:
    return lambda rows: rows[3].__setitem__(rows[0].index(column), value)


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (setting("obs_value", "about 5"), "type-error"),
        (setting("obs_value", "-1"), "constraint-error"),
        (setting("ref_area", "COLL"), "constraint-error"),
        (setting("indicator", ""), "constraint-error"),
        (setting("period_start", "01/02/2020"), "type-error"),
        (setting("source_id", "src_nowhere"), "foreign-key"),
        (lambda rows: rows.append(rows[-1]), "primary-key"),
        (lambda rows: rows[0].__setitem__(0, "area"), "incorrect-label"),
    ],
)
def test_a_broken_copy_fails(edit: Callable[[list[list[str]]], None], error: str, exported: Path, tmp_path: Path) -> None:
    report = broken(exported, tmp_path, edit)
    assert not report.valid
    assert error in {kind for (kind,) in report.flatten(["type"])}


def test_a_changed_figure_is_known_by_its_hash(exported: Path, tmp_path: Path) -> None:
    report = broken(exported, tmp_path, setting("obs_value", "999999"), keep_hash=True)
    assert "hash-count" in {kind for (kind,) in report.flatten(["type"])}
    assert broken(exported, tmp_path / "same", lambda rows: None).valid


@pytest.mark.parametrize("name", [name for name in table_names() if table_schema(name).sensitivity != "P"])
def test_no_record_of_a_person_or_case_ever_leaves(name: str, workspace: Workspace, exported: Path, tmp_path: Path) -> None:
    assert not (exported / f"{name}.csv").exists()
    with pytest.raises(Exception, match=rf"table '{name}' never leaves \(rule R90\).*sensitivity is [RI] \(\w+\)"):
        export(workspace, tmp_path / "out", ["official_stat", name])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("victim", "table 'victim' never leaves (rule R90)"),
        ("oficial_stat", "table 'oficial_stat' does not exist; did you mean official_stat?"),
        ("official_stat,sources", "did you mean source?"),
    ],
)
def test_a_wrong_table_is_told_in_words_and_nothing_is_written(asked: str, told: str, workspace: Workspace, tmp_path: Path) -> None:
    done = turquesa("export", "--workspace", workspace.folder, "--into", "out", "--table", asked, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_workspace_is_told(tmp_path: Path) -> None:
    done = turquesa("export", "--workspace", tmp_path, "--into", tmp_path / "out", cwd=tmp_path)
    assert (done.returncode, "is not a workspace" in done.stderr) == (2, True)


@pytest.mark.parametrize("handling", ["H1", "H2", "H3"])
def test_rows_of_a_source_with_handling_never_leave(handling: str, own: Path, tmp_path: Path) -> None:
    restricted = pd.read_parquet(own / "official_stat.parquet")["source_id"].value_counts().index[0]
    workspace = change(own, "source", lambda rows: rows.assign(handling=rows["handling"].mask(rows["source_id"].eq(restricted), handling)))
    done = turquesa("export", "--workspace", own, "--into", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count = workspace.tables()["official_stat"]["source_id"].eq(restricted).sum()
    assert f"{count} withheld: their source does not say that they may be passed on (handling other than H0)" in done.stdout
    assert "1 withheld" in done.stdout.split("source: ")[1]
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert restricted.encode() not in everything


def test_rows_whose_source_is_not_described_do_not_leave(own: Path, tmp_path: Path) -> None:
    gone = pd.read_parquet(own / "official_stat.parquet")["source_id"].iloc[0]
    done = export(change(own, "source", lambda rows: rows[rows["source_id"].ne(gone)]), tmp_path / "out")
    assert gone not in set(done.released[0].rows["source_id"])
    (own / "source.parquet").unlink()
    with pytest.raises(Exception, match=r"nothing may leave of official_stat: official_stat: 620 rows, their source does not say"):
        export(Workspace(own), tmp_path / "none")


@pytest.mark.parametrize("status", ["N", "C", "E", "A", "S"])
def test_figures_that_are_not_free_do_not_leave(status: str, own: Path, tmp_path: Path) -> None:
    """A count under embargo, confidential, or flagged as hidden while its number still stands there."""
    workspace = change(own, "official_stat", lambda rows: rows.assign(conf_status=rows["conf_status"].where(rows.index != 500, status)))
    released = export(workspace, tmp_path / "out").released[0]
    assert released.withheld["their confidentiality status keeps them from publication"] == 1
    assert workspace.tables()["official_stat"]["source_row"][500] not in set(released.rows["source_row"])


@pytest.mark.parametrize("status", ["N", "C", "E"])
def test_neither_do_the_bounds_of_such_a_figure(status: str, own: Path, tmp_path: Path) -> None:
    """Where a count is hidden and its row under embargo or confidential, not even its bounds leave."""
    workspace = change(own, "official_stat", lambda rows: rows.assign(conf_status=rows["conf_status"].where(rows.index != 3, status)))
    released = export(workspace, tmp_path / "out").released[0]
    assert released.rows["obs_status"].ne("Q").all()
    assert released.withheld["their confidentiality status keeps them from publication"] == 1


def test_figures_in_conflict_do_not_leave(own: Path, tmp_path: Path) -> None:
    workspace = change(own, "official_stat", lambda rows: rows.assign(conflict=rows["source_row"].le(50)))
    released = export(workspace, tmp_path / "out").released[0]
    assert sum(released.withheld.values()) == (workspace.tables()["official_stat"]["source_row"] <= 50).sum()
    assert released.rows["source_row"].min() == 51


def test_figures_of_a_synthetic_source_are_marked_in_both_forms(own: Path, tmp_path: Path) -> None:
    change(own, "source", lambda rows: rows.assign(synthetic=True))
    export(Workspace(own), tmp_path / "out", ["official_stat"])
    assert {one.attached_attribute["SYNTHETIC"].value for one in observations(tmp_path / "out")} == {"true"}
    package = json.loads((tmp_path / "out/datapackage.json").read_text())
    assert package["resources"][0]["synthetic_rows"] == package["resources"][0]["rows"] > 0
    assert "true of no person or case" in package["description"]
    assert all(link["reference"]["resource"] != "source" for link in package["resources"][0]["schema"]["foreignKeys"])
    assert frictionless.validate(str(tmp_path / "out/datapackage.json")).valid


def test_the_same_workspace_gives_the_same_bytes(exported: Path, workspace: Workspace, tmp_path: Path) -> None:
    export(workspace, tmp_path / "again")
    files = {path.relative_to(exported): path.read_bytes() for path in exported.rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "again"): path.read_bytes() for path in (tmp_path / "again").rglob("*") if path.is_file()}


def test_a_former_export_is_replaced_whole_and_other_files_are_left(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(workspace, out)
    (out / "notes.txt").write_text("mine")
    export(workspace, out, ["source"])
    assert not (out / "official_stat.csv").exists()
    assert not (out / "sdmx/structure.xml").exists()
    assert (out / "notes.txt").read_text() == "mine"
    assert frictionless.validate(str(out / "datapackage.json")).valid
    assert not list(out.rglob("*.partial"))


@pytest.mark.parametrize("spoil", ["foreign", "edited", "other package", "file"])
def test_a_file_that_no_export_wrote_is_never_overwritten(spoil: str, workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if spoil == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        if spoil == "edited":
            export(workspace, out)
        (out / ("datapackage.json" if spoil == "other package" else "source.csv")).write_text('{"name": "mine"}')
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = turquesa("export", "--workspace", workspace.folder, "--into", out, cwd=tmp_path)
    assert done.returncode == 2
    assert "would be lost" in done.stderr or "is a file" in done.stderr
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_descriptor_cannot_make_an_export_remove_files_elsewhere(workspace: Workspace, tmp_path: Path) -> None:
    export(workspace, tmp_path / "out", ["source"])
    (tmp_path / "mine.txt").write_bytes(b"")
    package = json.loads((tmp_path / "out/datapackage.json").read_text())
    empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    package["resources"] += [{"path": path, "hash": empty} for path in ("../mine.txt", str(tmp_path / "mine.txt"))]
    (tmp_path / "out/datapackage.json").write_text(json.dumps(package))
    export(workspace, tmp_path / "out", ["source"])
    assert (tmp_path / "mine.txt").exists()


def test_a_failed_writing_leaves_what_was_there(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(workspace, tmp_path / "out", ["source"])
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    write, written = Path.write_bytes, iter(range(100))

    def fail_late(path: Path, data: bytes) -> int:
        if next(written) == 10:
            raise OSError("disk full")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fail_late)
    with pytest.raises(OSError, match="disk full"):
        export(workspace, tmp_path / "out")
    assert before == {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}


def cells(folder: Path) -> Iterator[str]:
    """Yield each cell as programs see it that split at commas, at semicolons (Spanish, French, Portuguese) or at tabs."""
    for path in folder.rglob("*.csv"):
        for delimiter in ",;\t":
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.reader(file, delimiter=delimiter):
                    yield from row


def is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-][0-9.,]*\s*", text) is not None


texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30),
    st.builds(
        str.__add__,
        st.sampled_from([*RUNS, "'", " =", '"', "\n@", "\r=", ";=", ';"+', "x;'=", "-1;"]),
        st.text(max_size=10).filter(lambda text: "\0" not in text),
    ),
)


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(texts, min_size=40, max_size=40))
def test_hostile_texts_come_back_whole_and_never_run(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, hostile: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(workspace.folder, folder / "w")
    drawn = [*HOSTILE, *hostile]

    def spoil(rows: pd.DataFrame, *fields: str) -> pd.DataFrame:
        filled = pd.Series(drawn * (len(rows) // len(drawn) + 1), dtype="str").iloc[: len(rows)].set_axis(rows.index)
        return rows.assign(**dict.fromkeys(fields, filled))

    change(folder / "w", "official_stat", lambda rows: spoil(rows, "obs_comment", "legal_basis"))
    spoiled = change(folder / "w", "source", lambda rows: spoil(rows, "title", "citation", "publisher", "method_note", "url", "licence"))
    done = turquesa("export", "--workspace", folder / "w", "--into", "out", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = frictionless.validate(str(folder / "out/datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "note"])
    assert_same(read_table(folder / "out", "official_stat"), leaving(spoiled), "official_stat")
    assert_same(read_table(folder / "out", "source"), spoiled.tables()["source"], "source")
    assert [text for text in cells(folder / "out") if text.lstrip(' "\t\r\n').startswith(RUNS) and not is_number(text)] == []
    assert len(observations(folder / "out")) == len(leaving(spoiled))


@example("\x1b=0")
@example("a;\x01=1")
@given(texts)
def test_the_apostrophe_before_a_formula_is_taken_off_exactly(text: str) -> None:
    table = pd.DataFrame({"a": [text]}, dtype="str")
    safe = as_text_cells(table)
    assert from_text_cells(safe)["a"].tolist() == [text]
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    sheet["A1"] = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", safe["a"][0])
    assert sheet["A1"].data_type != "f"


def test_a_spreadsheet_shows_the_tables_as_they_are(exported: Path) -> None:
    shown = pd.read_csv(exported / "official_stat.csv", dtype={"iccs": "str"}, keep_default_na=False, na_values=[""])
    assert shown["obs_value"].dtype == "float64"
    assert list(shown) == table_schema("official_stat").field_names
    assert not (exported / "official_stat.csv").read_bytes().startswith(b"\xef\xbb\xbf")
