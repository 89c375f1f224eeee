"""Deaths and disappearances on migration routes: minimum counts by region and year; unknown is not zero."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import american_countries
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.iom_missing_migrants import read

TODAY = date(2026, 1, 2)
HEADER = [
    "Incident year",
    "Reported Month",
    "Region of Incident",
    "Migration route",
    "Cause of Death",
    "Number of Dead",
    "Minimum Estimated Number of Missing",
]
HEADER += ["Total Number of Dead and Missing", "Country of Origin", "Region of Origin", "Location of death"]


@pytest.fixture(scope="module")
def iom(iom_file: Path) -> Import:
    return read(iom_file, TODAY)


def incident(year: str = "2020", region: str = "Central America", dead: str = "2", missing: str = "0", **other: str) -> list[str]:
    row = dict(zip(HEADER, [year, "December", region, "Darien", "Drowning", dead, missing, "2", "Unknown", "Unknown", "x"], strict=True))
    return list({**row, **other}.values())


def made(folder: Path, *rows: list[str]) -> Import:
    path = folder / "iom.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return read(path, TODAY)


def figures(result: Import, indicator: str = "migrant_deaths", characteristic: str = "_T") -> dict[tuple[str, str, str], float]:
    stat = result.tables["official_stat"]
    rows = stat[stat["indicator"].eq(indicator) & stat["characteristic"].eq(characteristic)]
    keys = zip(rows["ref_area"], rows["time_period"], rows["characteristic_code"], strict=True)
    return dict(zip(keys, rows["obs_value"], strict=True))


def test_every_row_of_the_real_file_is_accounted_for(iom: Import) -> None:
    assert iom.rows_read == 13_020 == iom.rows_merged + len(iom.set_aside)
    assert iom.reasons == {"region of incident outside the Americas": 8_570, "exact duplicate of an earlier row; the file has no key": 54}
    found = {finding.what: finding.count for finding in iom.findings}
    assert found["incidents of the Americas added up to regions and years"] == 4_396
    assert found["of these, a number of dead or missing that is no count: its sums are not given"] == 1, "-1 missing in 2015"


def test_duplicates_of_the_whole_file_are_those_that_were_counted(iom_file: Path) -> None:
    lines = iom_file.read_text(encoding="utf-8-sig")
    rows = list(csv.reader(lines.splitlines(keepends=True)))[1:]
    assert len(rows) - len({tuple(row) for row in rows}) == 641


def test_totals_are_those_of_a_sum_by_hand(iom: Import, iom_file: Path) -> None:
    dead: Counter[tuple[str, str]] = Counter()
    missing: Counter[tuple[str, str]] = Counter()
    seen = set()
    with iom_file.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if tuple(row.values()) in seen:
                continue
            seen.add(tuple(row.values()))
            key = ("IOM_" + row["Region of Incident"].upper().replace(" ", "_"), row["Incident year"])
            dead[key] += int(row["Number of Dead"] or 0)
            missing[key] += int(row["Minimum Estimated Number of Missing"] or 0)
    for indicator, by_hand in (("migrant_deaths", dead), ("migrant_missing", missing)):
        found = figures(iom, indicator)
        regions = {region for region, _, _ in found}
        assert len(regions) == 4
        lacking = {key for key in by_hand if key[0] in regions} - {(region, period[:4]) for region, period, _ in found}
        assert lacking == (set() if indicator == "migrant_deaths" else {("IOM_CENTRAL_AMERICA", "2015")})
        for (region, period, _), value in found.items():
            assert value == by_hand[region, period[:4]], (indicator, region, period)


def test_parts_add_up_where_a_year_is_split(iom: Import) -> None:
    total = figures(iom)
    for characteristic in ("ROUTE", "CAUSE"):
        parts: Counter[tuple[str, str]] = Counter()
        for (region, year, _), value in figures(iom, characteristic=characteristic).items():
            parts[region, year] += int(value)
        assert len(parts) >= 35, characteristic
        assert all(total[region, year, "_T"] == value for (region, year), value in parts.items())


def test_every_figure_is_a_minimum_of_persons_and_of_no_country(iom: Import) -> None:
    stat = iom.tables["official_stat"]
    assert stat["obs_upper"].isna().all()
    assert stat["obs_lower"].eq(stat["obs_value"]).all()
    assert set(stat["unit_measure"]) == {"PERSONS"}
    assert not set(stat["ref_area"]) & set(american_countries())


def test_a_last_year_that_is_not_over_is_no_year(iom: Import, tmp_path: Path) -> None:
    stat = iom.tables["official_stat"]
    last = stat[stat["period_start"].dt.year.eq(2023)]
    assert set(last["time_period"]) == {"2023-01-01/2023-07-31"}
    assert set(last["freq"]) == {"I"}
    assert set(last["obs_status"]) == {"P"}
    assert set(stat.loc[stat["period_start"].dt.year.lt(2023), "freq"]) == {"A"}
    assert {year for _, year, _ in figures(made(tmp_path, incident("2021"), incident("2022")))} == {"2021", "2022"}


def test_an_unknown_number_of_dead_is_said_and_is_not_zero(tmp_path: Path) -> None:
    result = made(tmp_path, incident(), incident(dead="", missing="3"), incident(dead="0", missing="1"))
    assert figures(result) == {("IOM_CENTRAL_AMERICA", "2020", "_T"): 2}
    assert figures(result, "migrant_missing") == {("IOM_CENTRAL_AMERICA", "2020", "_T"): 4}
    stat = result.tables["official_stat"]
    comment = stat[stat["characteristic"].eq("_T")].set_index("indicator")["obs_comment"]
    assert comment.to_dict() == {"migrant_deaths": "minimum; number not known in 1 incidents", "migrant_missing": "minimum"}


def test_several_causes_are_told_from_one_cause_with_commas(tmp_path: Path) -> None:
    harsh = "Harsh environmental conditions / lack of adequate shelter, food, water"
    causes = [harsh, f"Drowning,{harsh}", "Mixed or unknown", "Drowning"]
    rows = [incident(**{"Cause of Death": cause, "Location of death": cause}) for cause in causes]
    found = figures(made(tmp_path, *rows), characteristic="CAUSE")
    assert {code for _, _, code in found} == {"ENVIRONMENT", "SEVERAL", "_U", "DROWNING"}


def test_an_unreadable_number_takes_the_sums_it_belongs_to_and_no_other(tmp_path: Path) -> None:
    result = made(tmp_path, incident(), incident(dead="x"), incident("2021"), incident(region="Caribbean"))
    assert set(figures(result)) == {("IOM_CENTRAL_AMERICA", "2021", "_T"), ("IOM_CARIBBEAN", "2020", "_T")}
    assert ("IOM_CENTRAL_AMERICA", "2020", "_T") in figures(result, "migrant_missing"), "the missing of that row can be read"
    assert result.rows_merged == 4


def test_a_cause_or_route_not_known_to_turquesa_stops_the_split_and_not_the_total(tmp_path: Path) -> None:
    result = made(tmp_path, incident(), incident(**{"Cause of Death": "Drowning, elsewhere", "Migration route": "New route"}))
    assert figures(result) == {("IOM_CENTRAL_AMERICA", "2020", "_T"): 4}
    assert figures(result, characteristic="CAUSE") == figures(result, characteristic="ROUTE") == {}


def test_exact_duplicates_count_once_and_stand_aside(tmp_path: Path) -> None:
    result = made(tmp_path, incident(), incident(), incident(dead="5"))
    assert figures(result) == {("IOM_CENTRAL_AMERICA", "2020", "_T"): 7}
    assert len(result.set_aside) == 1
    assert isinstance(result.set_aside, pd.DataFrame)


@pytest.mark.parametrize("row", [incident(year="20x0"), incident(region="Centrl America"), incident(region="")])
def test_a_row_without_year_or_region_stops_everything(tmp_path: Path, row: list[str]) -> None:
    with pytest.raises(SourceRefused, match="row 3"):
        made(tmp_path, incident(), row)
