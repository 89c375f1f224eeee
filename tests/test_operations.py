"""Operation Turquesa as data: what ships, what the importer refuses, and what is counted of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.measures import operations
from turquesa_stats.period import Period
from turquesa_stats.sources import published_figures
from turquesa_stats.sources.contract import REASON, Import
from turquesa_stats.sources.default_data import published_figures_file, published_operations_folder
from turquesa_stats.sources.published_operations import read

TODAY = date(2026, 1, 2)
UNTIL_2023 = Period.parse("2023")


@pytest.fixture(scope="module")
def shipped() -> Import:
    return read(published_operations_folder(), TODAY)


def test_five_operations_ship_with_every_figure_cited(shipped: Import) -> None:
    assert shipped.rows_kept == shipped.rows_read
    operation, result = shipped.tables["operation"], shipped.tables["operation_result"]
    assert operation.sort_values("start")["edition"].tolist() == ["I", "II", "III", "IV", "V"]
    assert set(result["source_id"]) <= set(shipped.tables["source"]["source_id"])
    assert shipped.tables["source"]["url"].str.match(r"https?://\w").all()
    assert set(result["status"]) == {"preliminary"}


def test_the_lists_of_countries_that_are_complete_have_as_many_as_the_releases_say(shipped: Import) -> None:
    named = shipped.tables["operation_country"]["op_id"].value_counts()
    said = operations.results(shipped.tables, UNTIL_2023).query("metric == 'countries'").set_index("op_id")["obs_value"]
    assert named["op_turquesa_1"] == said["op_turquesa_1"] == 20
    assert named["op_turquesa_5"] == said["op_turquesa_5"] == 33
    assert (named <= said.reindex(named.index)).all()


def test_the_figures_of_operations_agree_with_those_among_the_official_ones(shipped: Import) -> None:
    """Both files tell of the same releases: a figure that stands in both is the same, with the same qualifier."""
    metric = {"operation_arrests": "arrests_total", "som_migrants_detected": "migrants_irregular", "operation_countries": "countries"}
    stat = published_figures.read(published_figures_file(), TODAY).tables["official_stat"]
    stat = stat[stat["ref_area"].eq("_T") & stat["indicator"].isin(metric)]
    result = operations.results(shipped.tables, UNTIL_2023)
    both = stat.assign(metric=stat["indicator"].map(metric)).merge(result, left_on=["period_start", "metric"], right_on=["start", "metric"])
    assert len(both) == len(stat) == 15
    assert (both["obs_value_x"] == both["obs_value_y"]).all()
    assert (both["value_qual_x"] == both["value_qual_y"]).all()


def test_results_keep_their_qualifier_and_only_exact_ones_have_an_interval(shipped: Import) -> None:
    result = operations.results(shipped.tables, UNTIL_2023).set_index(["edition", "metric"])
    assert result.loc[("II", "arrests_total"), ["obs_value", "value_qual"]].tolist() == [200, "MORE_THAN"]
    assert result.loc[("V", "migrants_irregular"), ["obs_value", "value_qual"]].tolist() == [12000, "NEARLY"]
    assert pd.isna(result.loc[("II", "arrests_total"), "low"])
    assert result.loc[("III", "arrests_total"), "low"] < 216 < result.loc[("III", "arrests_total"), "high"]


def test_operations_after_the_period_are_not_told(shipped: Import) -> None:
    until = operations.operations(shipped.tables, "PAN", Period.parse("2020"))
    assert until["edition"].tolist() == ["II", "I"]
    assert until.set_index("edition")["took_part"].to_dict() == {"II": True, "I": True}
    assert until.set_index("edition")["networks"].to_dict() == {"II": "ISON", "I": "ISON"}
    assert set(operations.results(shipped.tables, Period.parse("2020"))["edition"]) == {"I", "II"}
    assert operations.operations(shipped.tables, "PAN", Period.parse("2018")).empty


def test_arrests_by_crime_of_a_country_stand_apart(shipped: Import) -> None:
    own = operations.results(shipped.tables, UNTIL_2023, "PAN").set_index("metric")["obs_value"]
    assert own[["arrests_tip", "arrests_other"]].tolist() == [3, 7]
    assert "arrests_total" not in own  # nothing is summed


def test_a_revised_result_replaces_the_earlier_one(shipped: Import) -> None:
    result = shipped.tables["operation_result"]
    one = result[result["op_id"].eq("op_turquesa_5") & result["metric"].eq("arrests_total")]
    tables = {**shipped.tables, "operation_result": pd.concat([one.assign(version=2, value=260.0), result], ignore_index=True)}
    found = operations.results(tables, UNTIL_2023).set_index(["edition", "metric"])
    assert found.loc[("V", "arrests_total"), "obs_value"] == 260


@pytest.mark.parametrize(
    ("file", "column", "value", "why"),
    [
        ("results", "value", "many", "value is not a count"),
        ("results", "metric", "arrests", "metric is not in its code list"),
        ("results", "op_id", "op_unknown", "its operation is not in operations.csv"),
        ("results", "source_url", "", "no citation, or a tier other than 1, 2 or 3"),
        ("operations", "end", "2018-01-01", "period is not two ISO dates in their order"),
        ("operations", "networks", "ISON;NONE", "a network is not in its code list"),
        ("countries", "iso3", "ZZZ", "iso3 is not in its code list"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_reason(file: str, column: str, value: str, why: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(published_operations_folder(), tmp_path / "operations"))
    rows = pd.read_csv(folder / f"{file}.csv", dtype=str, keep_default_na=False)
    rows.loc[0, column] = value
    rows.to_csv(folder / f"{file}.csv", index=False)
    found = read(folder, TODAY)
    assert found.set_aside[REASON].tolist() == [why]
    assert found.rows_kept == found.rows_read - 1


def test_a_folder_without_one_of_the_files_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(published_operations_folder(), tmp_path / "operations"))
    (folder / "results.csv").unlink()
    with pytest.raises(SourceRefused, match=r"results\.csv is missing"):
        read(folder, TODAY)
    with pytest.raises(SourceRefused, match="is no folder"):
        read(folder / "countries.csv", TODAY)
