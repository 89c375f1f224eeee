"""Population of the United Nations as the package bokeh-sampledata ships it."""

import csv
import gzip
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.un_wpp import read

TODAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def population_file() -> Path:
    return Path(str(files("bokeh_sampledata"))) / "_data" / "population.csv.gz"


@pytest.fixture(scope="module")
def wpp(population_file: Path) -> Import:
    return read(population_file, TODAY)


def one(result: Import, iso3: str, year: int, sex: str, age: str) -> float:
    table = result.tables["population"]
    found = table[table["iso3"].eq(iso3) & table["year"].eq(year) & table["sex"].eq(sex) & table["age"].eq(age)]
    assert len(found) == 1
    return float(found["persons"].iloc[0])


def test_every_row_is_accounted_for(wpp: Import) -> None:
    assert wpp.rows_read == 346_332
    assert wpp.rows_kept + len(wpp.set_aside) == 346_332
    regions = set(wpp.set_aside["Location"])
    assert len(wpp.set_aside) == len(regions) * 31 * 42
    assert {"World", "Americas", "Latin America and the Caribbean", "Caribbean"} <= regions
    assert not {"Peru", "Saint Lucia", "Antigua and Barbuda", "Bolivia (Plurinational State of)"} & regions


def test_every_american_country_of_the_edition_is_there(wpp: Import) -> None:
    from turquesa_stats.schema.codes import american_countries

    held = set(wpp.tables["population"]["iso3"])
    assert {"ARG", "BOL", "BRA", "CAN", "COL", "CUB", "HTI", "JAM", "MEX", "PER", "TTO", "USA", "VEN", "KNA", "LCA", "VCT"} <= held
    assert set(american_countries()) - held == {"XAA", "BVT", "SGS"}, "the fictitious country, and two islands without inhabitants"


def test_totals_are_the_sums_that_the_file_gives_by_hand(wpp: Import, population_file: Path) -> None:
    sums = {"M": 0.0, "F": 0.0}
    with gzip.open(population_file, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Location"] == "Peru" and row["Year"] == "2020":
                sums[row["Sex"][0]] += float(row["Value"])
    assert one(wpp, "PER", 2020, "F", "_T") == sums["F"]
    assert one(wpp, "PER", 2020, "_T", "_T") == sums["F"] + sums["M"]
    assert 32e6 < sums["F"] + sums["M"] < 34e6


def test_a_country_without_all_its_groups_has_no_total(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "Location,Year,Sex,AgeGrp,Value\nPeru,2020,Male,0-4,10\nPeru,2020,Female,0-4,x\nPeru,2020,Male,100+,2\nPeru,2020,Male,100+,3\n"
    )
    result = read(path, TODAY)
    assert (result.rows_kept, len(result.set_aside)) == (1, 3)
    assert "_T" not in set(result.tables["population"]["sex"]) | set(result.tables["population"]["age"])


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(SourceRefused, match="has no column Location"):
        read(path, TODAY)
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:-6])
    with pytest.raises(SourceRefused, match="cannot be read"):
        read(path, TODAY)
