"""UNODC's file as published: nothing lost, nothing silent, nothing counted twice."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import MeasureRefused, SourceRefused
from turquesa_stats.measures import official
from turquesa_stats.schema.codes import TOTAL, american_countries
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import REASON, Import
from turquesa_stats.sources.unodc_glotip import read

TODAY = date(2026, 1, 2)
HEADER = [
    "Iso3_code",
    "Country",
    "Region",
    "Subregion",
    "Indicator",
    "Dimension",
    "Category",
    "Sex",
    "Age",
    "Year",
    "Unit of measurement",
    "txtVALUE",
    "Source",
]


def portal_row(**changes: str) -> dict[str, str]:
    row = {
        "Iso3_code": "COL",
        "Country": "Colombia",
        "Region": "Americas",
        "Subregion": "Latin America and the Caribbean",
        "Indicator": "Detected trafficking victims",
        "Dimension": "Total",
        "Category": "Total",
        "Sex": "Total",
        "Age": "Total",
        "Year": "2019",
        "Unit of measurement": "Counts",
        "txtVALUE": "100",
        "Source": "GLOTIP",
    }
    return row | {key.replace("_of_", " of "): value for key, value in changes.items()}


def portal_file(path: Path, rows: list[dict[str, str]], preamble: int = 0) -> Path:
    lines = [["UNODC", *[None] * 12], ["30/05/2023", *[None] * 12]][:preamble]
    body = [HEADER, *([row[name] for name in HEADER] for row in rows)]
    pd.DataFrame(lines + body).to_excel(path, header=False, index=False)
    return path


def test_every_row_of_the_real_file_is_accounted_for(glotip: Import) -> None:
    assert glotip.rows_read == 46_556
    assert glotip.rows_kept + len(glotip.set_aside) == glotip.rows_read
    assert sorted(glotip.reasons.values()) == [2, 14, 26, 75, 113, 957]
    assert glotip.rows_kept == len(glotip.tables["official_stat"])
    reasons = glotip.reasons
    assert reasons["code is not ISO 3166: a regional group, not a country"] == 957
    assert reasons["no country code"] == 26
    assert reasons["category is empty"] + reasons["exact duplicate of an earlier row"] > 0
    placed = set(glotip.tables["official_stat"]["source_row"]) | set(glotip.set_aside["source_row"])
    assert len(placed) == 46_556


def test_the_header_is_found_where_it_stands(tmp_path: Path) -> None:
    rows = [portal_row(), portal_row(Year="2020", txtVALUE="1,282")]
    first = read(portal_file(tmp_path / "a.xlsx", rows, preamble=0), TODAY).tables["official_stat"]
    third = read(portal_file(tmp_path / "b.xlsx", rows, preamble=2), TODAY).tables["official_stat"]
    assert first["obs_value"].tolist() == third["obs_value"].tolist() == [100, 1282]
    assert first["source_row"].tolist() == [2, 3]
    assert third["source_row"].tolist() == [4, 5]
    assert set(third["edition"]) == {"2023-05-30"}


def test_a_censored_count_is_an_interval_and_never_a_number(glotip: Import) -> None:
    stat = glotip.tables["official_stat"]
    censored = stat[stat["obs_status"].eq("Q")]
    assert len(censored) > 20_000
    assert censored["obs_value"].isna().all()
    assert (censored["obs_lower"].eq(0) & censored["obs_upper"].eq(4) & censored["conf_status"].eq("A")).all()
    assert stat.loc[stat["obs_status"].ne("Q"), "obs_value"].ge(5).all()


def test_conflicting_keys_are_kept_both_and_used_neither(glotip: Import) -> None:
    stat = glotip.tables["official_stat"]
    bolivia = stat[
        stat["ref_area"].eq("BOL") & stat["time_period"].eq("2017") & stat["sex"].eq("F") & stat["age"].eq(TOTAL) & stat["conflict"]
    ]
    assert {62.0, 43.0} <= set(bolivia["obs_value"].dropna())
    assert bolivia["dup_no"].max() >= 2
    assert not official.usable(official.concept_rows(glotip.tables, "BOL", "VICTIMS"))["conflict"].any()


def test_two_unlabelled_forms_with_the_same_count_are_not_taken_for_a_duplicate(tmp_path: Path) -> None:
    other = {"Dimension": "by form of exploitation", "Category": "Other forms of exploitation", "txtVALUE": "<5"}
    result = read(portal_file(tmp_path / "a.xlsx", [portal_row(**other), portal_row(**other), portal_row(), portal_row()]), TODAY)
    stat = result.tables["official_stat"]
    assert stat["exploitation"].tolist() == ["PUR_OTHER", "PUR_OTHER", TOTAL]
    assert stat["conflict"].tolist() == [True, True, False]
    assert result.reasons == {"exact duplicate of an earlier row": 1}


def test_misspelt_and_broken_names_of_countries_are_read_or_set_aside(tmp_path: Path) -> None:
    names = ["ESPA\ufffdA", "Nationals", "Unknown", "Sudafrica", "Abroad", "TOTAL", "Narnia", "Perú"]
    rows = [portal_row(Dimension="by citizenship", Category=name, txtVALUE=str(10 + place)) for place, name in enumerate(names)]
    result = read(portal_file(tmp_path / "a.xlsx", rows), TODAY)
    assert result.tables["official_stat"]["counterpart_area"].tolist() == ["ESP", "COL", "_UNK", "ZAF", "_ABROAD", "PER"]
    assert result.set_aside["Category"].tolist() == ["TOTAL", "Narnia"]
    assert result.set_aside[REASON].str.contains("recognised|total standing").all()


def test_a_regional_group_never_becomes_a_country(tmp_path: Path) -> None:
    result = read(portal_file(tmp_path / "a.xlsx", [portal_row(), portal_row(Iso3_code="SAM"), portal_row(Iso3_code="")]), TODAY)
    assert result.tables["official_stat"]["ref_area"].tolist() == ["COL"]
    assert len(result.set_aside) == 2


def test_another_file_is_refused_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SourceRefused, match="no header with Iso3_code.*found sheet x.csv: a, b"):
        read(path, TODAY)


def test_no_total_is_ever_the_sum_of_parts_and_totals(real_workspace: Workspace) -> None:
    """Over every American country, year, indicator and dimension of the real file: parts come without their total, and sums refuse it."""
    tables = real_workspace.tables()
    checked = 0
    for country in american_countries():
        for concept in ("VICTIMS", "CONTACT", "PROSECUTIONS", "CONVICTIONS"):
            rows = official.concept_rows(tables, country, concept)
            rows = rows[rows["source_id"].eq("src_unodc_glotip")]
            usable = official.usable(rows)
            for over in ("sex", "age", "exploitation"):
                for _, parts in official.parts(usable, [over]).groupby("time_period"):
                    assert not parts[over].eq(TOTAL).any()
                    total = official.totals(usable[usable["time_period"].eq(parts["time_period"].iloc[0])])
                    summed = official.sum_parts(parts, over)
                    assert summed.low == parts["obs_lower"].sum()
                    if len(total):
                        with pytest.raises(MeasureRefused, match="total stands among the parts|differ in"):
                            official.sum_parts(pd.concat([parts, total]), over)
                        checked += 1
    assert checked > 500
