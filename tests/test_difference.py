"""The difference of two published editions: told exactly where the data differ, with its cause, and never of too few persons."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.browser import chromium, violations
from tests.conftest import TODAY
from turquesa_stats.cli import app
from turquesa_stats.edition.difference import compare as whole
from turquesa_stats.edition.difference.account import account
from turquesa_stats.edition.difference.compare import Difference, compare
from turquesa_stats.edition.difference.documents import changed_documents
from turquesa_stats.edition.difference.editions import Edition, read_edition
from turquesa_stats.edition.difference.figures import Cause, Figure, Kind, Origin, changed_figures
from turquesa_stats.edition.difference.numbers import Number, changed_numbers
from turquesa_stats.edition.difference.page import page
from turquesa_stats.edition.difference.persons import Place, State, changed_cells, refused
from turquesa_stats.errors import PublicationRefused
from turquesa_stats.measures import cases
from turquesa_stats.period import Period
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.unodc_glotip import read

STEM = "en/XAA/2021/victim-demographics"
FIELDS = ("ref_area", "time_period", "indicator", "counterpart_area", "sex", "age", "exploitation")
Told = tuple[Kind, tuple[str, ...], str | None, str | None]


def _run(*arguments: object, code: int = 0) -> Result:
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        for name in ("AUDIENCE", "STATUS", "WORKSPACE"):
            patch.setenv(f"TURQUESA_{name}", "")
        done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done


def _edition(workspace: Path, into: Path, label: str, report: str, country: str, period: str, *more: object) -> Path:
    """Render one document and publish it as an edition of its own, of 1 January of the year that is its label."""
    rendered = into.parent / f"rendered-{into.name}-{label}"
    asked = ["--country", country, "--report", report, "--period", period, "--format", "html", "--jobs", 1]
    _run("render", *asked, "--workspace", workspace, "--into", rendered, *more)
    _run("publish", rendered, "--workspace", workspace, "--into", into, "--label", label, "--date", f"{label}-01-01", "--jobs", 1, *more)
    return into / label


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("difference")
    yield path
    for inside in path.rglob("*"):  # so that pytest can take it away
        inside.chmod(0o755)


# Official figures: two releases of the file of UNODC


@pytest.fixture(scope="module")
def files(folder: Path, glotip_file: Path) -> tuple[Path, Path, Counter[Told]]:
    """Two releases of the file of two countries, and what differs between them: kind, key, value before, value after, row by row."""
    raw = pd.read_excel(glotip_file, header=None, engine="calamine", dtype=str)
    head = raw.iloc[:, 0].eq("Iso3_code").idxmax()
    kept = (raw.index <= head) | raw.iloc[:, 0].isin(["COL", "PER"])
    first, second = folder / "glotip-2024.xlsx", folder / "glotip-2025.xlsx"
    raw[kept].to_excel(first, header=False, index=False)
    book = openpyxl.load_workbook(first)
    sheet = book.active
    book_keys = read(first, TODAY).tables["official_stat"]
    free = book_keys[~book_keys["conflict"]].sample(frac=1, random_state=20241125)
    numbers, censored = free[free["obs_value"].notna()], free[free["obs_value"].isna()]
    assert len(censored) > 6
    value = [cell.value for cell in sheet[head + 1]].index("txtVALUE") + 1
    edits = [(row, "9876") for row in numbers.iloc[:12].itertuples()]
    edits += [(row, "<5") for row in numbers.iloc[12:16].itertuples()]
    edits += [(row, "123") for row in censored.iloc[:5].itertuples()]
    gone = [*numbers.iloc[16:24].itertuples(), *censored.iloc[5:6].itertuples()]
    told: Counter[Told] = Counter()
    for row, text in edits:
        sheet.cell(row.source_row, value).value = text
        told[Kind.REVISED, _key(row), None if text == "<5" else _text(row), text] += 1
    for row in sorted(gone, key=lambda one: -one.source_row):
        sheet.delete_rows(row.source_row)
        told[Kind.WITHDRAWN, _key(row), _text(row), None] += 1
    made_up = ["COL", "Colombia", "Americas", "South America", "Detected trafficking victims", "Total", "Total", "Female", "Total", "2031"]
    for area, number in (("COL", "41"), ("PER", "<5")):
        sheet.append([area, *made_up[1:], "Counts", number, "GLOTIP"])
        told[Kind.NEW, (area, "2031", "tip_victims_detected", "_T", "F", "_T", "_T"), None, number] += 1
    sheet.cell(2, 1).value = "30/11/2025"  # the day that the file says it is of
    book.save(second)
    return first, second, told


def _key(row: Any) -> tuple[str, ...]:
    return tuple(str(getattr(row, field)) for field in FIELDS)


def _text(row: Any) -> str:
    return f"{row.obs_value:g}" if pd.notna(row.obs_value) else "<5"


@pytest.fixture(scope="module")
def official(folder: Path, files: tuple[Path, Path, Counter[Told]]) -> tuple[Path, Path]:
    made = []
    for label, file in zip(("2024", "2025"), files[:2], strict=True):
        _run("import", "unodc-glotip", file, "--into", folder / f"official-{label}")
        made.append(_edition(folder / f"official-{label}", folder / "official", label, "country-profile", "COL", "2019"))
    return made[0], made[1]


def _told(one: dict[str, Any]) -> Told:
    def value(fields: dict[str, str] | None) -> str | None:
        if fields is None or "obs_value" not in fields:
            return None
        return fields["obs_value"] or {("0", "4"): "<5"}[fields["obs_lower"], fields["obs_upper"]]

    return Kind(one["kind"]), tuple(one["key"][field] for field in FIELDS), value(one["before"]), value(one["after"])


def test_two_releases_of_the_file_of_unodc_differ_exactly_where_the_files_do(
    official: tuple[Path, Path], files: tuple[Path, Path, Counter[Told]], tmp_path: Path
) -> None:
    done = _run("diff", *official, "--json", tmp_path / "d.json", "--html", tmp_path / "d.html")
    told = json.loads((tmp_path / "d.json").read_text())
    figures = [one for one in told["figures"] if one["table"] == "official_stat"]
    assert Counter(map(_told, figures)) == files[2]
    assert sum(files[2].values()) == 32
    causes = Counter((one["kind"], one["cause"]) for one in figures)
    assert causes == {
        ("new", "new_data"): 2,
        ("revised", "revised_data"): 17,
        ("revised", "suppression"): 4,
        ("withdrawn", "revised_data"): 9,
    }
    assert {one["origin_before"]["release"] for one in figures if one["kind"] == "revised"} == {"2023-05-30"}
    assert {one["origin_after"]["release"] for one in figures if one["kind"] == "revised"} == {"2025-11-30"}
    assert told["confirmed"]["official_stat"] > 800
    assert told["is_same"] is False
    assert "Colombia: " in done.output
    assert "Peru: " in done.output
    assert "src_unodc_glotip, 2023-05-30 → 2025-11-30" in done.output
    rows = (tmp_path / "d.html").read_text().split("<tr>")
    (new,) = (row for row in rows if ">2031<" in row and "&lt;5" in row)
    assert [*re.findall(r">([^<>]+)</t[hd]>", new)] == [
        "women and girls (UNODC)",
        "2031",
        "–",
        "&lt;5",
        "new",
        "new data",
        "src_unodc_glotip, 2025-11-30",
    ]


def test_a_country_can_be_told_of_alone(official: tuple[Path, Path], files: tuple[Path, Path, Counter[Told]], tmp_path: Path) -> None:
    done = _run("diff", *official, "--country", "PER", "--json", tmp_path / "d.json", "--language", "es")
    figures = json.loads((tmp_path / "d.json").read_text())["figures"]
    assert Counter(map(_told, figures)) == Counter({key: n for key, n in files[2].items() if key[1][0] == "PER"})
    assert "Perú: " in done.output
    assert "Colombia" not in done.output
    assert "write its ISO 3166 code PER" in str(CliRunner().invoke(app, ["diff", *map(str, official), "--country", "PERU"]).exception)


def test_the_most_and_largest_changes_come_first(official: tuple[Path, Path]) -> None:
    told = compare(*map(read_edition, official))
    lines = [*account(told, Words("en"))]
    counts = [int(line.rpartition(": ")[2].split()[0]) for line in lines if line.endswith((" change", " changes"))]
    assert len(counts) >= 2
    assert counts == sorted(counts, reverse=True)
    assert "+9," in next(line for line in lines if " · revised data" in line), "9,876 for a number of a country is the largest change"


def test_editions_in_the_wrong_order_are_told_and_new_is_withdrawn(
    official: tuple[Path, Path], files: tuple[Path, Path, Counter[Told]]
) -> None:
    done = _run("diff", official[1], official[0])
    assert "Edition 2024 is older than edition 2025" in done.output
    back = compare(read_edition(official[1]), read_edition(official[0]))
    kinds = Counter(one.kind for one in back.figures if one.table == "official_stat")
    assert kinds == {Kind.NEW: 9, Kind.REVISED: 21, Kind.WITHDRAWN: 2}
    assert "is older than" not in _run("diff", *official).output


def test_an_edition_and_itself_do_not_differ(official: tuple[Path, Path]) -> None:
    assert "Nothing changed for the reader." in _run("diff", official[0], official[0]).output


@pytest.mark.parametrize(
    "file", ["data/official_stat.csv", "release_register.csv", "manifest.json", "site/en/COL/2019/country-profile.html"]
)
def test_an_edition_that_is_not_as_it_was_published_is_refused(official: tuple[Path, Path], tmp_path: Path, file: str) -> None:
    spoilt = Path(shutil.copytree(official[0], tmp_path / "2024"))
    (spoilt / file).chmod(0o644)
    (spoilt / file).write_bytes((spoilt / file).read_bytes() + b"\n")
    for inside in (spoilt, *spoilt.rglob("*")):
        inside.chmod(0o755)
    with pytest.raises(PublicationRefused, match="missing or changed since it was published"):
        read_edition(spoilt)
    assert isinstance(_run("diff", spoilt, official[1], code=1).exception, PublicationRefused)  # which main() ends with exit code 2


def test_a_folder_that_is_no_edition_is_refused(official: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(PublicationRefused, match="is not a published edition.*unpack an archive first"):
        read_edition(tmp_path)


# Rows of public tables, made up


def _row(**changes: str) -> dict[str, str]:
    row = dict.fromkeys(table_schema("official_stat").field_names, "_T")
    row |= {"ref_area": "COL", "time_period": "2019", "period_start": "2019-01-01", "period_end": "2019-12-31", "freq": "A"}
    row |= {"indicator": "tip_arrests", "unit_measure": "PERSONS", "source_id": "src_a", "source_agency": "Police", "edition": "1"}
    row |= {"obs_value": "10", "obs_lower": "10", "obs_upper": "10", "value_qual": "EXACT", "obs_status": "A", "conf_status": "F"}
    return row | {"iccs": "", "legal_basis": "", "obs_comment": "", "dup_no": "1", "source_row": "7"} | changes


def _value(number: str, **changes: str) -> dict[str, str]:
    return _row(obs_value=number, obs_lower=number, obs_upper=number, **changes)


def _figures(before: list[dict[str, str]], after: list[dict[str, str]]) -> list[Figure]:
    return changed_figures({"official_stat": pd.DataFrame(before)}, {"official_stat": pd.DataFrame(after)})[0]


def test_rows_of_one_key_are_compared_as_a_multiset() -> None:
    three = [_value("10"), _value("10", dup_no="2"), _value("12", dup_no="3")]
    assert _figures(three, three[::-1]) == []
    (found,) = _figures(three, [three[0], three[2]])
    assert (found.kind, found.before and found.before["obs_value"]) == (Kind.WITHDRAWN, "10")
    (found,) = _figures(three, [three[0], three[2], _value("15")])
    assert (found.kind, found.before and found.before["obs_value"], found.after and found.after["obs_value"]) == (Kind.REVISED, "10", "15")


def test_another_place_in_the_file_or_day_of_loading_is_no_change_and_a_newer_release_confirms() -> None:
    other = _row(source_row="99", loaded_at="2031-01-01", edition="2")
    changed, confirmed = changed_figures({"official_stat": pd.DataFrame([_row()])}, {"official_stat": pd.DataFrame([other])})
    assert (changed, confirmed) == ([], {"official_stat": 1})


def test_a_field_that_one_edition_has_no_column_for_tells_no_change() -> None:
    before = pd.DataFrame([_row()]).drop(columns="legal_basis")
    assert changed_figures({"official_stat": before}, {"official_stat": pd.DataFrame([_row(legal_basis="art. 188")])})[0] == []
    assert len(_figures([_row()], [_row(legal_basis="art. 188")])) == 1


def test_tables_without_figures_are_compared_by_their_keys() -> None:
    fields = dict.fromkeys(table_schema("operation_result").field_names, "")
    row = fields | {"op_id": "op_1", "iso3": "COL", "metric": "ARRESTS", "value": "40", "version": "1", "source_id": "src_a"}
    tables = [
        {"operation_result": pd.DataFrame([row | {"value": value, "version": version}])} for value, version in (("40", "1"), ("55", "2"))
    ]
    (found,) = changed_figures(*tables)[0]
    assert (found.country, found.kind, found.before, found.after, found.size) == (
        "COL",
        Kind.REVISED,
        {"value": "40"},
        {"value": "55"},
        15.0,
    )
    assert found.origin_after == Origin("src_a", "2")
    (gone,) = changed_figures(tables[0], {})[0]
    assert gone.kind is Kind.WITHDRAWN
    assert "Colombia: 2 changes" in [*account(_difference(figures=[found, gone]), Words("en"))]


def test_another_source_is_told_apart_from_a_newer_release_of_the_same() -> None:
    (same,) = _figures([_value("10")], [_value("10", source_id="src_b")])
    assert (same.kind, same.origin_before, same.origin_after) == (Kind.SOURCE, Origin("src_a", "1"), Origin("src_b", "1"))
    (other,) = _figures([_value("10")], [_value("11", source_id="src_b")])
    assert (other.kind, other.origin_after) == (Kind.REVISED, Origin("src_b", "1"))
    (newer,) = _figures([_value("10")], [_value("11", edition="2")])
    assert (newer.kind, newer.origin_before, newer.origin_after) == (Kind.REVISED, Origin("src_a", "1"), Origin("src_a", "2"))
    both = _figures([_value("10"), _value("20", source_id="src_b")], [_value("20", source_id="src_b"), _value("11")])
    assert [(one.kind, one.size) for one in both] == [(Kind.REVISED, 1.0)], "each source with itself first"
    assert [one.kind for one in _figures([_value("10")], [_value("10", source_agency="Courts")])] == [Kind.NEW, Kind.WITHDRAWN]


def test_a_number_that_its_source_hides_now_is_not_repeated() -> None:
    hidden = _row(obs_value="", obs_lower="0", obs_upper="4", obs_status="Q", conf_status="A")
    (found,) = _figures([_value("3")], [hidden])
    assert found.cause is Cause.SUPPRESSION
    assert "3" not in json.dumps(found.before)
    text = "\n".join(account(_difference(figures=[found]), Words("en")))
    assert "a number, not repeated" in text
    assert "→ <5" in text
    (found,) = _figures([hidden], [_value("3")])
    assert found.cause is Cause.REVISED_DATA
    assert "<5 → 3" in "\n".join(account(_difference(figures=[found]), Words("en")))
    (found,) = _figures([hidden], [hidden | {"obs_upper": "9"}])
    assert "<5 → <10" in "\n".join(account(_difference(figures=[found]), Words("en"))), "an interval is told whole"


def test_a_change_of_status_alone_is_told_without_a_number() -> None:
    (found,) = _figures([_row()], [_row(obs_status="P")])
    assert (found.kind, found.before, found.after, found.size) == (Kind.REVISED, {"obs_status": "A"}, {"obs_status": "P"}, 0.0)
    assert "Status: normal → Status: provisional" in "\n".join(account(_difference(figures=[found]), Words("en")))


def _difference(**changes: Any) -> Difference:
    none = changed_documents.__globals__["Documents"]((), (), (), {}, {}, {}, frozenset(), frozenset())
    told = Difference("a", "b", TODAY, TODAY, False, [], {}, [], [], none, [], frozenset(), {})
    return replace(told, **changes)


# Counts of persons: records of the country that does not exist


@pytest.fixture(scope="module")
def records(folder: Path) -> Path:
    _run("demo-data", "--into", folder / "records")
    return folder / "records"


@pytest.fixture(scope="module")
def first(folder: Path, records: Path) -> Path:
    return _edition(records, folder / "persons", "2024", "victim-demographics", "XAA", "2021")


@pytest.fixture(scope="module")
def doubled(folder: Path, records: Path, first: Path) -> Path:
    """An edition published beside the first, in which each victim was joined by another alike: what was hidden for itself is printed."""
    more = Path(shutil.copytree(records, folder / "doubled"))
    for path in more.glob("victim*.parquet"):
        table = pd.read_parquet(path)
        others = table["victim_id"].map(lambda key: f"vi_{sha256(key.encode()).hexdigest()[:16]}")
        pd.concat([table, table.assign(victim_id=others)], ignore_index=True).to_parquet(path)
    return _edition(more, first.parent, "2025", "victim-demographics", "XAA", "2021")


@pytest.fixture(scope="module")
def one_less(folder: Path, records: Path, first: Path) -> Path:
    """An edition of one victim less, published where the first one is not known."""
    fewer = Path(shutil.copytree(records, folder / "fewer"))
    gone = cases.victims(Workspace(records).tables(), "XAA", Period.parse("2021"))["victim_id"].iloc[0]
    for path in fewer.glob("victim*.parquet"):
        table = pd.read_parquet(path)
        table[table["victim_id"].ne(gone)].reset_index(drop=True).to_parquet(path)
    return _edition(fewer, folder / "elsewhere", "2025", "victim-demographics", "XAA", "2021")


@pytest.fixture(scope="module")
def told_doubled(first: Path, doubled: Path) -> Difference:
    return compare(read_edition(first), read_edition(doubled))


@pytest.fixture(scope="module")
def told_one_less(first: Path, one_less: Path) -> Difference:
    return compare(read_edition(first), read_edition(one_less))


def _shown(edition: Path) -> dict[str, float]:
    register = pd.read_csv(edition / "release_register.csv")
    return dict(register[register["value_shown"].notna()].set_index("cell_key")["value_shown"])


def test_printed_numbers_that_changed_are_told_and_no_other(first: Path, doubled: Path, tmp_path: Path) -> None:
    done = _run("diff", first, doubled, "--json", tmp_path / "d.json")
    told = json.loads((tmp_path / "d.json").read_text())["cells"]
    before, after = _shown(first), _shown(doubled)
    both = {one["cell"]: (one["before"], one["after"], one["by"]) for one in told if one["by"] is not None}
    assert both == {cell: (before[cell], after[cell], after[cell] - before[cell]) for cell in before.keys() & after.keys()}
    assert {one["cause"] for one in told if one["by"] is not None} == {"revised_data"}
    victims = before["XAA/2021/victims"]
    assert f"2021, all persons: {victims:g} → {2 * victims:g} (+{victims:g}) · revised data" in done.output
    assert "[synthetic demonstration data]" in done.output
    assert "1 document made otherwise: other content, made in the same way" in done.output


def test_what_was_hidden_and_is_printed_now_is_told_without_a_difference(first: Path, doubled: Path, told_doubled: Difference) -> None:
    assert told_doubled.refusals == []
    shown = [one for one in told_doubled.cells if one.state_before is State.HIDDEN and one.state_after is State.PRINTED]
    assert {one.cell for one in shown} == _shown(doubled).keys() - _shown(first).keys()
    assert len(shown) > 3
    assert {(one.cause, one.before, one.by) for one in shown} == {(Cause.SUPPRESSION, None, None)}


def test_the_number_of_a_cell_that_is_hidden_now_is_not_repeated(first: Path, doubled: Path) -> None:
    """The way back from the later edition to the earlier, which hides more."""
    told = compare(read_edition(doubled), read_edition(first)).cells
    hidden = [one for one in told if one.state_before is State.PRINTED and one.state_after is State.HIDDEN]
    assert len(hidden) > 3
    assert {(one.cause, one.before, one.after, one.by) for one in hidden} == {(Cause.SUPPRESSION, None, None, None)}


def test_a_difference_that_tells_of_one_person_is_refused_without_a_number(first: Path, one_less: Path, tmp_path: Path) -> None:
    done = _run("diff", first, one_less, "--json", tmp_path / "d.json", "--html", tmp_path / "d.html", code=1)
    assert (
        "(synthetic data), 2021: no number is told, as the difference of the two editions would tell of fewer than 10 persons"
        in done.output
    )
    told = json.loads((tmp_path / "d.json").read_text())
    assert told["cells"] == []
    assert [(one["country"], one["period"], one["k"]) for one in told["refusals"]] == [("XAA", "2021", 10)]
    every = pd.read_csv(first / "release_register.csv")["cell_key"]
    for said in (done.output, (tmp_path / "d.json").read_text(), (tmp_path / "d.html").read_text()):
        assert not [cell for cell in every if cell in said], "neither a cell nor its number"
        assert f"{_shown(first)['XAA/2021/victims']:g} " not in said
    assert "Nothing changed" not in done.output


def test_a_refusal_is_no_matter_of_another_country(first: Path, one_less: Path) -> None:
    assert "no number is told" not in _run("diff", first, one_less, "--country", "COL").output  # with exit code 0


def test_editions_published_apart_are_attacked_page_by_page(
    first: Path, doubled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole audit runs where publication has not run it: of an edition that moved, its label alone is no proof."""
    from turquesa_stats.edition.difference import persons

    attacked: list[tuple[Path, int]] = []
    run = persons.examine
    monkeypatch.setattr(
        persons, "examine", lambda site, register, jobs: (attacked.append((site, len(register))), run(site, register, jobs))[1]
    )
    beside = read_edition(first), read_edition(doubled)
    assert refused(*beside) == []
    assert attacked == []
    apart = read_edition(Path(shutil.copytree(doubled, tmp_path / "2025")))
    (tmp_path / "2025").chmod(0o755)
    assert refused(beside[0], apart) == []
    assert attacked == [(tmp_path / "2025/site", len(beside[0].register))]


def _with_cells(edition: Edition, cells: dict[str, float]) -> Edition:
    rows = [
        {"release_id": "rel_x", "cell_key": cell, "value_shown": n, "lower": n, "upper": n, "method": "NONE"} for cell, n in cells.items()
    ]
    return replace(edition, register=pd.DataFrame(rows))


def test_periods_and_regions_that_share_persons_with_a_refused_one_are_refused_with_it(first: Path, doubled: Path) -> None:
    before = {
        "XAA/2020/victims": 40,
        "XAA/2021/victims": 50,
        "XAA/2020--2021/victims": 90,
        "COL/2021/victims": 70,
        "DEMONSTRATION/2021/victims": 120,
    }
    after = before | {
        "XAA/2021/victims": 51,
        "XAA/2020/victims": 60,
        "XAA/2020--2021/victims": 111,
        "COL/2021/victims": 90,
        "DEMONSTRATION/2021/victims": 141,
    }
    editions = _with_cells(read_edition(first), before), _with_cells(read_edition(doubled), after)
    refusals = refused(*editions)
    assert {(one.country, one.period) for one in refusals} == {("XAA", "2021"), ("XAA", "2020--2021"), ("DEMONSTRATION", "2021")}
    told = changed_cells(*editions, refusals, changed_documents(editions[0].manifest, editions[1].manifest))
    assert {one.cell: one.by for one in told} == {"XAA/2020/victims": 20, "COL/2021/victims": 20}


def test_a_year_that_a_span_and_its_other_years_leave_is_refused_with_the_span(first: Path, doubled: Path) -> None:
    """The span has 21 more, one of its years 20 more; the other year is not printed, and has one more."""
    before = {"XAA/2021/victims": 50.0, "XAA/2020--2021/victims": 90.0}
    after = {"XAA/2021/victims": 70.0, "XAA/2020--2021/victims": 111.0}
    editions = _with_cells(read_edition(first), before), _with_cells(read_edition(doubled), after)
    assert [one.period for one in refused(*editions)] == ["2020--2021"]
    assert refused(editions[0], _with_cells(editions[1], after | {"XAA/2020--2021/victims": 130.0})) == []


def test_a_change_that_only_sums_tell_is_refused(first: Path, doubled: Path) -> None:
    """41 came in, 40 of them in the one way of detection that is printed: one in those that are hidden."""
    before = {"XAA/2021/victims": 300.0, "XAA/2021/detection/n": 200.0, "XAA/2021/detection/SELF": 100.0}
    after = {"XAA/2021/victims": 400.0, "XAA/2021/detection/n": 241.0, "XAA/2021/detection/SELF": 140.0}
    editions = _with_cells(read_edition(first), before), _with_cells(read_edition(doubled), after)
    assert [(one.country, one.period, one.is_read) for one in refused(*editions)] == [("XAA", "2021", True)]
    safe = _with_cells(editions[1], after | {"XAA/2021/detection/n": 260.0})
    assert refused(editions[0], safe) == []


def test_official_figures_of_a_refused_country_and_period_and_numbers_of_its_documents_are_not_told(
    first: Path, one_less: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = read_edition(first), read_edition(one_less)
    rows = [
        _value("10", ref_area="XAA", time_period=year, period_start=f"{year}-01-01", period_end=f"{year}-12-31")
        for year in ("2021", "2022")
    ]
    later = [row | {"obs_value": "11", "obs_lower": "11", "obs_upper": "11"} for row in rows]
    numbers = [Number(STEM, "XAA", year, "a sentence", "10", "11") for year in ("2021", "2022")]
    monkeypatch.setattr(whole, "changed_numbers", lambda before, after, data_of: numbers)
    told = compare(
        replace(before, tables={"official_stat": pd.DataFrame(rows)}), replace(after, tables={"official_stat": pd.DataFrame(later)})
    )
    assert [one.key["time_period"] for one in told.figures] == ["2022"]
    assert [one.period for one in told.numbers] == ["2022"]


def test_places_touch_where_they_can_hold_the_same_persons() -> None:
    assert Place("COL", "2021").touches("SOUTH_AMERICA", Period.parse("2019/2022"))
    assert not Place("COL", "2021").touches("COL", Period.parse("2020"))
    assert not Place("COL", "2021").touches("PER", Period.parse("2021"))


# Documents and what they are made by


@pytest.fixture(scope="module")
def reworded(folder: Path, records: Path, first: Path) -> Path:
    """The same data in a document of another text."""
    reports = Path(shutil.copytree(project_root() / "reports", folder / "reports"))
    text = (reports / "victim-demographics.qmd").read_text(encoding="utf-8")
    head, shown, rest = text.partition("report.show(")
    assert shown
    (reports / "victim-demographics.qmd").write_text(f"{head}{shown}{rest}\n\n<!-- read again -->\n", encoding="utf-8")
    return _edition(records, folder / "reworded", "2026", "victim-demographics", "XAA", "2021", "--reports", reports)


def test_another_text_of_a_report_is_a_change_of_method(first: Path, reworded: Path) -> None:
    told = compare(read_edition(first), read_edition(reworded))
    assert (told.cells, told.figures, told.refusals) == ([], [], [])
    (changed,) = told.documents.changed
    assert (changed.document, changed.parts, changed.is_method) == (STEM, ("report",), True)
    text = "\n".join(account(told, Words("en")))
    assert "1 document made otherwise: the report's text" in text
    assert not told.is_same


def test_numbers_that_only_the_way_of_making_changed_are_told_with_their_places(first: Path, reworded: Path, tmp_path: Path) -> None:
    before, after = read_edition(first), read_edition(reworded)
    assert changed_numbers(before, after, set()) == []
    spoilt = Path(shutil.copytree(reworded, tmp_path / "edition"))
    path = spoilt / f"site/{STEM}.ipynb"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace("holds 371 victims", "holds 381 victims"), encoding="utf-8")
    (changed,) = changed_numbers(before, replace(after, folder=spoilt), set())
    assert (changed.document, changed.country, changed.period, changed.before, changed.after) == (STEM, "XAA", "2021", "371", "381")
    assert changed.place.startswith("Victims detected · text")
    assert changed_numbers(before, replace(after, folder=spoilt), {"XAA"}) == []  # its data changed: told as data already


def test_where_data_and_method_can_both_have_changed_neither_is_claimed(doubled: Path, first: Path, reworded: Path) -> None:
    old, new = read_edition(first), read_edition(doubled)
    documents = changed_documents(old.manifest, read_edition(reworded).manifest)
    causes = {one.cause for one in changed_cells(old, new, [], documents) if one.by is not None}
    assert causes == {Cause.DATA_OR_METHOD}


def test_policies_are_compared_limit_by_limit_and_packages_by_name(first: Path) -> None:
    manifest = read_edition(first).manifest
    limits = manifest.protection.policy | {"k_person": 20}
    packages = {**manifest.software.packages, "pandas": "99.0", "abacus": "1.0"}
    made = {"protection": manifest.protection.model_copy(update={"policy": limits}), "status": "preliminary"}
    other = manifest.model_copy(update={**made, "software": manifest.software.model_copy(update={"packages": packages})})
    found = changed_documents(manifest, other)
    assert found.policy == {"k_person": (10, 20)}
    assert found.packages == {"abacus": (None, "1.0"), "pandas": (pd.__version__, "99.0")}
    assert found.edition == {"status": ("final", "preliminary")}
    text = "\n".join(account(_difference(documents=found), Words("en")))
    for said in ("k_person: 10 → 20", "abacus: – → 1.0", f"pandas: {pd.__version__} → 99.0", "preliminary or final: final → preliminary"):
        assert said in text


def test_documents_that_came_or_went_are_named_and_their_cells_are_no_new_data(first: Path, doubled: Path) -> None:
    old, new = read_edition(first), read_edition(doubled)
    moved = new.manifest.documents[0].model_copy(update={"report": "other", "files": {"site/en/XAA/2021/other.html": "0" * 64}})
    documents = changed_documents(old.manifest, new.manifest.model_copy(update={"documents": [moved]}))
    assert (documents.added, documents.gone) == (("en/XAA/2021/other",), (STEM,))
    empty = replace(old, register=old.register.iloc[:0])
    found = changed_cells(empty, new, [], documents)
    assert {one.cause for one in found} == {Cause.DOCUMENTS}
    assert {one.state_before for one in found} == {State.ABSENT}


def test_rounded_numbers_and_bounds_are_never_subtracted(first: Path, doubled: Path) -> None:
    editions = [read_edition(first), read_edition(doubled)]
    rounded = [replace(one, register=one.register.assign(value_shown=None, method="ROUNDED")) for one in editions]
    found = changed_cells(rounded[0], rounded[1], [], changed_documents(editions[0].manifest, editions[1].manifest))
    assert all((one.before, one.after, one.by) == (None, None, None) for one in found)


@pytest.mark.parametrize("language", list(Language))
def test_the_page_is_in_the_readers_language_and_runs_no_text_of_the_data(
    language: str, told_doubled: Difference, told_one_less: Difference
) -> None:
    hostile = "</script><script>alert(1)</script>"
    figures = _figures([_value("10", source_agency=hostile)], [_value("12", source_agency=hostile)])
    numbers = [Number(hostile, "XAA", "2021", hostile, hostile, "2")]
    text = page(replace(told_doubled, figures=figures, refusals=told_one_less.refusals, numbers=numbers, is_backwards=True), language)
    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert Words(language)("difference.refused_title") in text
    assert Words(language)("difference.kind.shown") in text
    assert text.count("<h1") == 1
    assert re.findall(r'id="([^"]+)"', text) == list(dict.fromkeys(re.findall(r'id="([^"]+)"', text))), "an id stands twice"
    assert "http://" not in text
    assert "https://" not in text


def test_the_page_has_no_barrier_at_any_width(told_doubled: Difference, told_one_less: Difference, tmp_path: Path) -> None:
    numbers = [Number(STEM, "XAA", "2021", "a sentence", "10", "11")]
    figures = _figures([_value("10"), _value("7", sex="F")], [_value("12"), _value("9", sex="F", source_id="src_b")])
    told = replace(told_doubled, figures=figures, refusals=told_one_less.refusals, numbers=numbers, sources={"src_a": "A title"})
    with chromium() as browser:
        shown = browser.new_page()
        for language in Language:
            (tmp_path / "d.html").write_text(page(told, language), encoding="utf-8")
            shown.goto((tmp_path / "d.html").as_uri())
            shown.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            for width in (320, 1280):
                shown.set_viewport_size({"width": width, "height": 800})
                assert violations(shown) == [], f"{language}, {width} pixels wide"
                assert shown.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
