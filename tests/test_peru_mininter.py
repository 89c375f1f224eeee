"""Peru's police statistics as published, and against UNODC's."""

from datetime import date
from pathlib import Path

import pandas as pd

from turquesa_stats.measures import official
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.peru_mininter import read


def totals(stat: pd.DataFrame) -> dict[str, float]:
    rows = official.totals(stat)
    return dict(zip(rows["time_period"], rows["obs_value"], strict=True))


def test_every_row_of_the_real_file_is_accounted_for(peru: Import) -> None:
    assert peru.rows_read == 75_508
    assert peru.rows_kept == 0
    assert peru.rows_merged == 72_820
    assert sorted(peru.reasons.values()) == [1_032, 1_656]


def test_yearly_victims_equal_those_of_unodc_from_2018_to_2021(real_workspace: Workspace) -> None:
    yearly = official.series(official.concept_rows(real_workspace.tables(), "PER", "VICTIMS"), Period.parse("2021"))
    by_publisher = yearly.pivot_table(index="year", columns="publisher", values="value")
    ministry, unodc = by_publisher["Ministerio del Interior (Perú)"], by_publisher["UNODC"]
    assert [ministry[year] for year in range(2018, 2022)] == [734, 509, 372, 535]
    assert [unodc[year] for year in range(2018, 2022)] == [734, 509, 372, 535]


def test_the_discrepancy_of_2017_is_told_and_not_repaired(real_workspace: Workspace) -> None:
    yearly = official.series(official.concept_rows(real_workspace.tables(), "PER", "VICTIMS"), Period.parse("2021"))
    found = official.agreement(yearly, Period.parse("2021")).set_index("year")
    assert (found.loc[2017, "smallest"], found.loc[2017, "largest"]) == (540, 725)
    assert found.loc[2018:2021, "difference"].eq(0).all()


def test_totals_are_marked_and_kept_apart_from_their_parts(peru: Import) -> None:
    stat = peru.tables["official_stat"]
    means = stat[stat["characteristic"].eq("MEANS") & stat["time_period"].eq("2019")]
    assert means.loc[means["characteristic_code"].eq(TOTAL), "obs_value"].tolist() == [509]
    assert means.loc[means["characteristic_code"].ne(TOTAL), "obs_value"].sum() == 509
    sex_age = stat[stat["characteristic"].eq("SEX_AGE") & stat["time_period"].eq("2017")]
    assert sex_age["obs_value"].tolist() == [641]
    assert totals(stat)["2017"] == 725


def test_an_unfilled_block_is_missing_and_not_zero(peru: Import) -> None:
    stat = peru.tables["official_stat"]
    destination = stat[stat["characteristic"].eq("DESTINATION")]
    assert not set(destination["time_period"]) & {"2022", "2023"}
    ages_2017 = stat[stat["time_period"].eq("2017") & stat["age"].ne(TOTAL)]
    assert ages_2017.empty


def test_the_last_year_is_a_part_of_a_year_and_2023_a_whole_one(peru: Import) -> None:
    stat = peru.tables["official_stat"]
    assert totals(stat)["2023"] == 583
    assert totals(stat)["2025-01-01/2025-09-30"] == 384
    assert set(stat.loc[stat["time_period"].str.startswith("2025"), "freq"]) == {"I"}


def test_an_unknown_code_is_set_aside_and_not_lost(tmp_path: Path) -> None:
    header = ["AÑO", "MES", "CCDD", "lugar", "PROVINCIA", "DISTRITO", "COMISARÍA", "categoría", "Denuncias por comisión", "Valor"]
    place = [1, "LIMA", "LIMA", "LIMA", "A"]
    rows = [
        [2019, 12, *place, "CAPTACIÓN", code, value]
        for code, value in (("C_TOTAL", 3), ("C_INTERNET", 3), ("C_NUEVO", 1), ("C_SEDUCCION", None))
    ]
    path = tmp_path / "peru.xlsx"
    pd.DataFrame(rows, columns=header).to_excel(path, index=False)
    result = read(path, date(2026, 1, 2))
    assert result.rows_merged == 2
    assert result.reasons == {"code not known to turquesa": 1, "value is empty or not a count": 1}
