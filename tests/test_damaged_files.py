"""Damaged variants of the real files: each ends in a clear error or a full account, and no figure is wrong."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import TurquesaError
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources import spreadsheet
from turquesa_stats.sources.contract import REASON, import_file, importer
from turquesa_stats.sources.spreadsheet import counts, read_sheet

TODAY = date(2026, 1, 2)
BATCHES, VARIANTS_A_BATCH = 12, 75  # 900 variants
JUNK = [
    *("", "<0", "<", "-1", "1e400", "nan", "inf", "-inf", "1,2,3", "１２", "٣", "=1+1", "2021-13-45", "9" * 400, "3.7", "NaN", "-99"),
    *("None", "\ufffd", "1.234,5", "20211", "-2021", "1/0", "0x10", "TRUE", "A" * 5000),
]
Grid = list[list[str]]


def grid_of(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, header=None, dtype=str, keep_default_na=False)
    return pd.read_excel(path, header=None, dtype=str, engine="calamine", keep_default_na=False)


MAP = """\
source: {id: src_xx, title: Register, publisher: P, url: local, licence: restricted, reporting_entity_type: PROSECUTION}
rows: victim
missing: {n/a: _U}
tables:
  case: {case_id: file, country_report: {value: COL}, crime_type: {value: TIP}, iccs_lead: {value: "0204"}, opened_on: opened}
  victim: {sex: sex, age_registration: age, citizenship: citizenship}
  victim_element: {element: {value: PUR}, code: {column: purpose, split: "/", codes: {sex: PUR_SEXUAL, labour: PUR_FORCED_LABOUR}}}
"""


def own_register() -> Grid:
    dice = random.Random(5)
    rows = [["file", "opened", "sex", "age", "citizenship", "purpose"]]
    for number in range(60):
        opened = f"20{dice.randrange(10, 24)}-0{dice.randrange(1, 9)}-1{dice.randrange(9)}"
        purpose = dice.choice(["sex", "labour", "sex/labour", ""])
        rows.append(
            [f"A{number // 2}", opened, dice.choice("FM"), str(dice.randrange(5, 70)), dice.choice(["COL", "PER", "Haiti"]), purpose]
        )
    for first, second in zip(rows[1::2], rows[2::2], strict=True):
        second[1] = first[1]  # one file number, one day
    return rows


def collaborative(years: int) -> Grid:
    header = ["yearOfRegistration", "gender", "ageBroad", "traffickMonths", "citizenship", "CountryOfExploitation", "isForcedLabour"]
    header += ["isSexualExploit", "typeOfLabourAgriculture", "meansThreats", "recruiterRelationFamily"]
    dice = random.Random(6)
    band = ["0--8", "09--17", "18--20", "48+", ""]
    rows = [[str(2010 + n % years), dice.choice(["Man", "Woman", ""]), dice.choice(band), "", "COL", "PER"] for n in range(60)]
    return [header, *([*row, *(dice.choice(["", "1", "1.0"]) for _ in header[6:])] for row in rows)]


@pytest.fixture(scope="module")
def grids(glotip_file: Path, peru_file: Path, cbp_file: Path, iom_file: Path, linea145_folder: Path) -> dict[str, Grid]:
    """Part of each real file that stands for itself, and files made in the layouts of those that may not be passed on."""
    glotip, peru, cbp, iom = grid_of(glotip_file), grid_of(peru_file), grid_of(cbp_file), grid_of(iom_file)
    population = pd.read_csv(Path(str(files("bokeh_sampledata"))) / "_data" / "population.csv.gz", dtype=str, header=None)
    return {
        "unodc-glotip": pd.concat([glotip.iloc[:3], glotip.iloc[3:].sample(250, random_state=1)]).to_numpy().tolist(),
        "peru-mininter": pd.concat([peru.iloc[:1], peru[peru[0].eq("2023")]]).to_numpy().tolist(),
        "published-figures": grid_of(project_root() / "data/published/official_figures.csv").to_numpy().tolist(),
        "us-cbp": pd.concat([cbp.iloc[:1], cbp[cbp[0].isin(["2020", "2021"]) & cbp[4].eq("TX") & cbp[6].isin(["MEXICO", "PERU"])]])
        .to_numpy()
        .tolist(),
        "un-wpp": pd.concat([population.iloc[:1], population[population[1].isin(["Peru", "World"]) & population[2].eq("2020")]])
        .to_numpy()
        .tolist(),
        "iom-missing-migrants": pd.concat([iom.iloc[:1], iom[iom[3].isin(["Caribbean", "South America"])].head(120)]).to_numpy().tolist(),
        "argentina-linea145": grid_of(next(linea145_folder.glob("rescate*.csv"))).head(160).to_numpy().tolist(),
        "ctdc-synthetic": collaborative(8),
        "tidy": own_register(),
    }


def write(path: Path, grid: Grid, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = pd.DataFrame(grid).to_csv(index=False, header=False, sep=delimiter)
    path.write_bytes(text.encode(encoding, "replace"))
    return path


def swap(grid: Grid, dice: random.Random) -> None:
    row, other, column = dice.randrange(len(grid)), dice.randrange(len(grid)), dice.randrange(len(grid[0]))
    grid[row][column], grid[other][-1] = grid[other][-1], grid[row][column]


def spoil(grid: Grid, dice: random.Random) -> None:
    grid[dice.randrange(len(grid))][dice.randrange(len(grid[0]))] = dice.choice(JUNK)


def spoil_column(grid: Grid, dice: random.Random) -> None:
    column, junk = dice.randrange(len(grid[0])), dice.choice(JUNK)
    for row in grid[dice.choice([0, 4]) :]:
        row[column] = junk


def drop_column(grid: Grid, dice: random.Random) -> None:
    column = dice.randrange(len(grid[0]))
    for row in grid:
        del row[column]


def cut(grid: Grid, dice: random.Random) -> None:
    del grid[dice.randrange(1, len(grid)) :]


def repeat(grid: Grid, dice: random.Random) -> None:
    grid.append(list(dice.choice(grid)))


def shuffle(grid: Grid, dice: random.Random) -> None:
    dice.shuffle(grid)


DAMAGES: list[Callable[[Grid, random.Random], None]] = [*([swap, spoil] * 4), repeat, spoil_column, drop_column, cut, shuffle]


def damaged_file(folder: Path, grid: Grid, dice: random.Random) -> Path:
    """Write the table with one to twenty damages, and sometimes the file itself in another form, cut off, or with other bytes in it."""
    grid = [list(row) for row in grid]
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        if len(grid) > 4 and grid[0]:
            dice.choice(DAMAGES)(grid, dice)
    path = folder / dice.choice(["f.csv", "f.csv", "f.csv", "f.txt", "f.xlsx"])
    if path.suffix == ".xlsx":
        text = pd.DataFrame(grid).astype("str").replace(r"[\x00-\x08]", "", regex=True)
        text.to_excel(path, index=False, header=False, engine="openpyxl")
    else:
        write(path, grid, dice.choice(",,,;\t"), dice.choice(["utf-8"] * 5 + ["utf-8-sig", "utf-16", "latin-1"]))
    data = bytearray(path.read_bytes())
    match dice.randrange(10):
        case 0:
            data = data[: dice.randrange(len(data))]
        case 1:
            for _ in range(20):
                data[dice.randrange(len(data))] = dice.randrange(256)
        case 2 if dice.random() < 0.3:
            data = bytearray(dice.randbytes(dice.randrange(3000)))
    path.write_bytes(bytes(data))
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_damaged_file_ends_in_a_clear_error_or_a_full_account(
    batch: int, grids: dict[str, Grid], linea145_folder: Path, tmp_path: Path
) -> None:
    ended, longest = {"account": 0, "error": 0}, 0
    column_map = tmp_path / "map.yml"
    column_map.write_text(MAP, encoding="utf-8")
    write(tmp_path / "persons.csv", grid_of(next(linea145_folder.glob("oficina*.csv"))).head(120).to_numpy().tolist())
    for seed in range(batch * VARIANTS_A_BATCH, (batch + 1) * VARIANTS_A_BATCH):
        dice = random.Random(seed)
        name = dice.choice(sorted(grids))
        path = damaged_file(tmp_path, grids[name], dice)
        try:
            result = importer(name)(path, TODAY, str(column_map)) if name == "tidy" else importer(name)(path, TODAY)
        except TurquesaError as error:
            ended["error"] += 1
            longest = max(longest, len(str(error)))
            continue
        ended["account"] += 1
        assert result.rows_kept + result.rows_merged + len(result.set_aside) == result.rows_read, f"variant {seed}"
        assert result.set_aside[REASON].notna().all(), f"variant {seed}"
        for table, field in (("official_stat", "obs_value"), ("population", "persons")):
            if table in result.tables:
                value = result.tables[table][field].dropna()
                assert value.between(0, 1e12).all(), f"variant {seed}"
                assert value.mod(1).eq(0).all(), f"variant {seed}"
        if "victim" in result.tables:
            units = len(result.tables["victim"]) + (len(result.tables["case"]) if name == "argentina-linea145" else 0)
            assert units == result.rows_kept, f"variant {seed}"
            assert set(result.tables["victim_element"]["victim_id"]) <= set(result.tables["victim"]["victim_id"]), f"variant {seed}"
    assert min(ended.values()) > 0, ended
    assert 0 < longest < 3000, "a message buries its cause"


def figures_of(path: Path, name: str) -> pd.DataFrame:
    stat = importer(name)(path, TODAY).tables["official_stat"]
    return stat.drop(
        columns=["source_id", "source_row", "source_sheet", "edition", "dup_no", "conflict", "period_end", "time_period", "freq"]
    )


@pytest.mark.parametrize("seed", range(40))
def test_unreadable_missing_or_repeated_rows_never_change_a_figure(seed: int, grids: dict[str, Grid], tmp_path: Path) -> None:
    """A sum without one of its rows, or with one twice, would be wrong: it must be absent, not smaller or larger."""
    dice = random.Random(seed)
    name = ["unodc-glotip", "peru-mininter"][seed % 2]
    grid = [list(row) for row in grids[name]]
    whole = figures_of(write(tmp_path / "whole.csv", grid), name)
    value_column = {"unodc-glotip": 11, "peru-mininter": 9}[name]
    for _ in range(dice.choice([1, 3])):
        row = dice.randrange(4, len(grid))
        match dice.randrange(3):
            case 0:
                grid[row][value_column] = dice.choice([junk for junk in JUNK if not (junk.isascii() and junk.isdigit())])
            case 1:
                del grid[row]
            case 2:
                grid.append(list(grid[row]))
    if dice.random() < 0.3:
        del grid[len(grid) - dice.randrange(1, 80) :]  # less than the 86 rows of a police unit: one missing whole cannot be seen
    found = figures_of(write(tmp_path / "damaged.csv", grid), name)
    both = found.merge(whole.drop_duplicates(), how="left", indicator=True)
    assert both["_merge"].eq("both").all(), both[both["_merge"].ne("both")].T.to_string()
    assert len(found) > 0


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "_UNPACKED_AT_MOST", 2**25)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(2**26))
    assert path.stat().st_size < 2**17
    with pytest.raises(TurquesaError, match=r"unpacks to 0\.1 GiB; at most"):
        read_sheet(path, ["Year"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_same_table_is_read_whatever_its_marks(delimiter: str, encoding: str, grids: dict[str, Grid], tmp_path: Path) -> None:
    name = "unodc-glotip"
    plain = figures_of(write(tmp_path / "plain.csv", grids[name]), name)
    other = figures_of(write(tmp_path / "other.csv", grids[name], delimiter, encoding), name)
    pd.testing.assert_frame_equal(other, plain)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Year,A\n2019,1\n2020\n2021,3\n2022,4\n", "row 3 has 1 cells, the others 2"),
        ("Year,A,A\n2019,1,2\n", "the header has A twice"),
        ("Year,A\n2019,\0\n", "null character"),
        ('Year,A\n2019,"1\n', "unexpected end of data"),
        ("", "found nothing"),
    ],
)
def test_a_damaged_text_table_is_refused_with_the_place(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(TurquesaError, match=message):
        read_sheet(path, ["Year", "A"])


def test_letters_that_are_not_utf8_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("Year,A\n2019,Perú\n".encode("latin-1"))
    with pytest.raises(TurquesaError, match="byte 16 is not UTF-8.*save the file as UTF-8"):
        read_sheet(path, ["Year", "A"])


def test_no_cell_of_the_rows_set_aside_can_run_as_a_formula(grids: dict[str, Grid], tmp_path: Path) -> None:
    grid = [list(row) for row in grids["unodc-glotip"]]
    formulas = ["=1+1", "+A1", "-A1", "@SUM(A1)", " =HYPERLINK(0)", "=5"]
    for row, text in zip(grid[4:], formulas, strict=False):
        row[11] = text
    grid[4 + len(formulas)][11] = "-99"
    import_file("unodc-glotip", write(tmp_path / "f.csv", grid), Workspace(tmp_path / "w"), TODAY)
    aside = pd.read_csv(tmp_path / "w/set_aside/unodc-glotip.csv", dtype=str, keep_default_na=False)
    assert sorted(set(aside["txtVALUE"]) - {"<5"} - {row[11] for row in grid}) == sorted(f"'{text}" for text in formulas)
    assert "-99" in set(aside["txtVALUE"])


def test_only_counts_are_counts() -> None:
    cells = pd.Series(
        ["0", "12", " 1,282 ", "7.0", "1,234,567", "1,2", "12,82", "-3", "3.5", "1e3", "<5", "", None, "１２", "inf"], dtype="str"
    )
    assert counts(cells).dropna().tolist() == [0, 12, 1282, 7, 1234567]
