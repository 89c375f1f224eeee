"""The figures that ship: one citation a row, nothing contradictory, and what their qualifiers mean."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.measures import official
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import american_countries
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.default_data import published_figures_file
from turquesa_stats.sources.published_figures import read

TODAY = date(2026, 1, 2)
ROW = {
    "ref_area": "COL",
    "time_period_start": "2019-01-01",
    "time_period_end": "2019-12-31",
    "indicator": "tip_convictions",
    "unit": "persons",
    "sex": "_T",
    "age": "_T",
    "purpose": "_T",
    "value": "12",
    "value_qual": "EXACT",
    "obs_status": "A",
    "source_agency": "courts",
    "source_title": "A, Report: Colombia",
    "source_url": "https://example.org/a",
    "source_year": "2020",
    "quote_check": "12 convicted",
    "note": "",
}


@pytest.fixture(scope="module")
def shipped() -> Import:
    return read(published_figures_file(), TODAY)


def figures(path: Path, *rows: dict[str, str]) -> Path:
    pd.DataFrame([ROW | row for row in rows]).to_csv(path, index=False)
    return path


def test_every_shipped_figure_is_kept_cited_and_free_of_contradiction(shipped: Import) -> None:
    stat, source = shipped.tables["official_stat"], shipped.tables["source"]
    assert shipped.rows_kept == shipped.rows_read == len(stat)
    assert not stat["conflict"].any()
    assert source["url"].str.match(r"https?://\w").all()
    assert set(stat["source_id"]) == set(source["source_id"])


def test_the_shipped_figures_cover_the_americas(shipped: Import) -> None:
    stat = shipped.tables["official_stat"]
    countries = set(stat["ref_area"]) - {"_T"}
    assert len(countries) >= 20
    assert countries <= set(american_countries())
    assert set(range(2016, 2023)) <= set(stat["period_start"].dt.year)
    concepts = set(stat["indicator"])
    assert {"tip_investigations", "tip_prosecutions", "tip_convictions", "tip_victims_identified"} <= concepts
    assert {"F", "M"} <= set(stat["sex"])
    assert {"Y_LT18", "Y_GE18"} <= set(stat["age"])
    assert {"PUR_SEXUAL", "PUR_FORCED_LABOUR"} <= set(stat["exploitation"])


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [("EXACT", 12, 12), ("MORE_THAN", 12, None), ("NEARLY", None, 12), ("ABOUT", None, None), ("CLOSE_TO", None, None)],
)
def test_a_qualifier_opens_the_ends(qualifier: str, low: float | None, high: float | None, tmp_path: Path) -> None:
    stat = read(figures(tmp_path / "f.csv", {"value_qual": qualifier}), TODAY).tables["official_stat"]
    shown = [None if pd.isna(end) else end for end in stat.loc[0, ["obs_value", "obs_lower", "obs_upper"]]]
    assert shown == [12, low, high]


def test_a_reporting_period_is_not_taken_for_a_calendar_year(tmp_path: Path) -> None:
    stat = read(figures(tmp_path / "f.csv", {"time_period_start": "2019-04-01", "time_period_end": "2020-03-31"}), TODAY).tables[
        "official_stat"
    ]
    assert stat["freq"].tolist() == ["I"]
    assert stat["time_period"].tolist() == ["2019-04-01/2020-03-31"]


def test_a_later_report_revises_and_agencies_stay_apart(tmp_path: Path) -> None:
    later = {"value": "15", "source_year": "2021", "source_url": "https://example.org/b"}
    other = {"value": "99", "source_agency": "police"}
    tables = read(figures(tmp_path / "f.csv", {}, later, other), TODAY).tables
    yearly = official.series(official.concept_rows(dict(tables), "COL", "CONVICTIONS"), Period.parse("2020"))
    assert dict(zip(yearly["source_agency"], yearly["value"], strict=True)) == {"courts": 15, "police": 99}
    assert len(tables["official_stat"]) == 3


def test_what_cannot_be_read_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    bad = [{"value": "a dozen"}, {"indicator": "tip_convicted"}, {"time_period_end": "2019"}, {"purpose": "FUN"}, {"source_url": ""}]
    result = read(figures(tmp_path / "f.csv", {}, *bad), TODAY)
    assert result.rows_kept == 1
    assert set(result.reasons) == {
        "value is not a count",
        "indicator is not in its code list",
        "period is not two ISO dates in their order",
        "purpose or age group not known to turquesa",
        "no citation",
    }


def test_a_file_of_which_nothing_can_be_kept_is_refused_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"none of its 1 rows can be used: indicator is not in its code list \(1\)"):
        read(figures(tmp_path / "f.csv", {"indicator": "tip_convicted"}), TODAY)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("ref_area,value\nCOL,1\n")
    with pytest.raises(SourceRefused, match="no header with"):
        read(tmp_path / "f.csv", TODAY)
