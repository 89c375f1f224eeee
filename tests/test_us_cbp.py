"""Encounters at the border of the United States: events by fiscal year; no sum that lacks a row."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.us_cbp import read

HEADER = ["Fiscal Year", "Month Grouping", "Month (abbv)", "Land Border Region", "State", "Demographic", "Citizenship"]
HEADER += ["Title of Authority", "Encounter Count"]
MONTHS = ("OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")


def rows(*, months: tuple[str, ...] = MONTHS, year: str = "2020", citizenship: str = "MEXICO", count: str = "5") -> list[list[str]]:
    return [[year, "FYTD", month, "Other", "TX", "FMUA", citizenship, "Title 8", count] for month in months]


def made(folder: Path, *lines: list[str]) -> Import:
    path = folder / "cbp.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *lines])
    return read(path, date(2026, 1, 2))


def totals(result: Import) -> dict[str, float]:
    stat = result.tables["official_stat"]
    every = stat[stat["characteristic"].eq("_T")]
    return dict(zip(every["time_period"], every["obs_value"], strict=True))


def test_every_row_of_the_real_file_is_added_once_into_the_published_totals(cbp_file: Path) -> None:
    result = read(cbp_file, date(2026, 1, 2))
    assert (result.rows_read, result.rows_kept, result.rows_merged, len(result.set_aside)) == (42_532, 0, 42_532, 0)
    found = totals(result)
    assert found["2019-10-01/2020-09-30"] == 646_822
    assert found["2020-10-01/2021-09-30"] == 1_956_519
    by_hand: Counter[str] = Counter()
    with cbp_file.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            by_hand[row["Fiscal Year"]] += int(row["Encounter Count"])
    assert sorted(found.values()) == sorted(by_hand.values())


def test_parts_of_the_real_file_add_up_to_their_totals(cbp_file: Path) -> None:
    stat = read(cbp_file, date(2026, 1, 2)).tables["official_stat"]
    total = stat[stat["characteristic"].eq("_T")].set_index("time_period")["obs_value"]
    for characteristic in ("CITIZENSHIP", "ENCOUNTER_DEMOGRAPHIC"):
        parts = stat[stat["characteristic"].eq(characteristic)].groupby("time_period")["obs_value"].sum()
        assert parts.equals(total.rename("obs_value").sort_index()), characteristic
    assert set(stat["unit_measure"]) == {"EVENTS"}
    assert set(stat["freq"]) == {"I"}, "a fiscal year is no calendar year"


def test_a_year_to_date_ends_with_its_last_month(tmp_path: Path) -> None:
    assert totals(made(tmp_path, *rows(months=MONTHS[:5], year="2024 (FYTD)"))) == {"2023-10-01/2024-02-29": 25}
    assert totals(made(tmp_path, *rows(months=MONTHS[:2], year="2024 (FYTD)"))) == {"2023-10-01/2023-11-30": 10}


def test_a_count_may_be_written_with_a_decimal_part_of_zeros(tmp_path: Path) -> None:
    assert totals(made(tmp_path, *rows(count="1.0"))) == {"2019-10-01/2020-09-30": 12}


def test_one_unreadable_count_takes_the_sums_it_belongs_to_and_no_other(tmp_path: Path) -> None:
    bad = rows(citizenship="CHINA, PEOPLES REPUBLIC OF")
    bad[3][-1] = "x"
    result = made(tmp_path, *rows(), *bad, *rows(year="2021"))
    stat = result.tables["official_stat"]
    assert totals(result) == {"2020-10-01/2021-09-30": 60}
    mexico = stat[stat["counterpart_area"].eq("MEX")].set_index("time_period")["obs_value"]
    assert mexico.to_dict() == {"2019-10-01/2020-09-30": 60, "2020-10-01/2021-09-30": 60}
    assert "CHN" not in set(stat["counterpart_area"])
    assert result.rows_merged + len(result.set_aside) == result.rows_read == 36
    assert result.reasons["count is empty or not a count"] == 1
    assert sum(result.reasons.values()) == 12


def test_a_citizenship_not_recognised_counts_in_the_total_and_stops_the_split(tmp_path: Path) -> None:
    result = made(tmp_path, *rows(), *rows(citizenship="ATLANTIS"))
    assert totals(result) == {"2019-10-01/2020-09-30": 120}
    assert "CITIZENSHIP" not in set(result.tables["official_stat"]["characteristic"])
    assert len(result.set_aside) == 0


def test_a_row_that_stands_twice_makes_no_sum(tmp_path: Path) -> None:
    result = made(tmp_path, *rows(), rows()[4], *rows(year="2021"))
    assert totals(result) == {"2020-10-01/2021-09-30": 60}
    assert len(result.set_aside) == 13


def test_a_missing_month_makes_no_sum(tmp_path: Path) -> None:
    result = made(tmp_path, *rows(months=(*MONTHS[:4], *MONTHS[5:])), *rows(year="2021"))
    assert totals(result) == {"2020-10-01/2021-09-30": 60}
    assert len(result.set_aside) == 11


def test_a_row_without_its_year_or_month_stops_everything(tmp_path: Path) -> None:
    for column, value in ((0, "20x0"), (2, "XYZ"), (2, "")):
        lines = rows()
        lines[2][column] = value
        with pytest.raises(SourceRefused, match="row 4"):
            made(tmp_path, *lines)


def test_encounters_are_never_victims(cbp_file: Path) -> None:
    from turquesa_stats.measures.official import concept_rows

    result = read(cbp_file, date(2026, 1, 2))
    tables = {"official_stat": result.tables["official_stat"], "source": result.tables["source"]}
    for concept in ("VICTIMS", "MIGRANTS", "CONTACT"):
        assert concept_rows(tables, "USA", concept).empty
    assert isinstance(tables["official_stat"], pd.DataFrame)
