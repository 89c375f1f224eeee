"""Synthetic records: valid, the same for the same seed, and plausible in direction."""

from datetime import date

import pandas as pd
import pytest

from turquesa_stats.measures import cases, journeys
from turquesa_stats.measures.attrition import milestones
from turquesa_stats.measures.cohort import cohort
from turquesa_stats.measures.time_to_outcome import outcomes_over_time
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY
from turquesa_stats.schema.inspection import inspect
from turquesa_stats.sources import demonstration, demonstration_journeys
from turquesa_stats.sources.demonstration import TABLES, demonstration_tables

TODAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return demonstration_tables(TODAY)


def test_the_same_seed_gives_the_same_rows_and_another_others(tables: dict[str, pd.DataFrame]) -> None:
    again, other = demonstration_tables(TODAY), demonstration_tables(TODAY, seed=1)
    assert set(tables) == set(TABLES)
    for name in TABLES:
        pd.testing.assert_frame_equal(tables[name], again[name])
    assert not tables["victim"].equals(other["victim"])


def test_no_real_country_is_described_by_default(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables["case"]["country_report"]) == {DEMONSTRATION_COUNTRY}
    assert tables["source"]["synthetic"].all()


def test_logic_of_ages_dates_and_stages_holds(tables: dict[str, pd.DataFrame]) -> None:
    victim = tables["victim"]
    known = victim[victim["age_registration"].notna()]
    assert (known["age_registration"].lt(18) == known["age_status_reg"].eq("MINOR")).all()
    assert (victim["exploit_start"] <= victim["id_date"]).all()
    adults = victim[victim["age_status_exploit"].eq("ADULT")]
    means = tables["victim_element"][tables["victim_element"]["element"].eq("MNS")]
    assert set(adults["victim_id"]) <= set(means["victim_id"])
    sentence = tables["sentence"]
    assert (sentence["months_custodial"] + sentence["months_suspended"] == sentence["months_total"]).all()
    events = tables["charge_event"].pivot_table(index="charge_id", columns="stage", values="date")
    ended = events.dropna()
    assert (ended["CHARGED"] < ended["DISPOSED"]).all()
    convicted = tables["charge_event"][tables["charge_event"]["decision"].isin(["CONV_AS_CHARGED", "CONV_LESSER"])]
    assert set(sentence["charge_id"]) == set(convicted["charge_id"])


def test_form_depends_on_sex_and_age_as_meant(tables: dict[str, pd.DataFrame]) -> None:
    chosen = cases.victims(tables, DEMONSTRATION_COUNTRY, Period.parse("2018/2023"))
    purposes = cases.elements(tables, chosen, "PUR")
    share = purposes.assign(sexual=purposes["code"].eq("PUR_SEXUAL")).groupby("group")["sexual"].mean()
    assert share["WOMEN"] > 0.5 > share["MEN"]
    assert share["GIRLS"] > share["BOYS"]


def test_a_cohort_counts_each_person_once_and_keeps_the_pending(tables: dict[str, pd.DataFrame]) -> None:
    people = cohort(tables, DEMONSTRATION_COUNTRY, Period.parse("2022"))
    assert people["accused_id"].is_unique
    assert people["end"].isna().any()
    steps = milestones(people).set_index(["sex", "step"])["count"]
    assert len(people) >= steps["_T", "ENDED"] >= steps["_T", "CONVICTED"] >= steps["_T", "AS_CHARGED"]
    found = outcomes_over_time(people)
    at_end = found[found["months"].eq(found["months"].max())]
    assert at_end["value"].sum() <= 1
    assert (found.groupby("outcome")["value"].diff().dropna() >= 0).all()


def test_journeys_break_no_rule_and_end_in_the_country_of_the_case(tables: dict[str, pd.DataFrame]) -> None:
    hits = inspect(tables).hits
    assert not len(hits[hits["table"].isin(demonstration_journeys.TABLES)])
    assert not len(hits[hits["rule"].isin(["R30", "R31", "R32", "R33", "R34", "R35", "R36"])])
    every = journeys.journeys(tables)
    of_victims = every[every["crime"].eq("TIP") & every["problem"].eq("")]
    assert set(of_victims["destination"]) == {DEMONSTRATION_COUNTRY}
    of_migrants = every[every["crime"].eq("SOM")]
    assert of_migrants["victim_id"].isna().all()
    assert set(of_migrants["smuggled_id"]) == set(tables["smuggled_person"]["smuggled_id"])
    assert (every["problem"] == "country_not_known").any()


def test_journeys_change_no_other_table(monkeypatch: pytest.MonkeyPatch) -> None:
    with_journeys = demonstration_tables(TODAY, years=(2019,))
    monkeypatch.setattr(demonstration, "demonstration_journeys", lambda *_: {})
    without = demonstration_tables(TODAY, years=(2019,))
    assert set(with_journeys) - set(without) == set(demonstration_journeys.TABLES)
    for name, table in without.items():
        pd.testing.assert_frame_equal(table, with_journeys[name])
