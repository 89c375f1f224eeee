"""Requests, services, compensation, training and journeys: known answers, one crime apart from the other, and reports that the audit passes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.disclosure.policy import policy
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS
from turquesa_stats.measures.training import courses, modules, score_change
from turquesa_stats.period import Period
from turquesa_stats.reporting.activity_protection import protect_activities
from turquesa_stats.reporting.activity_tables import ACTIVITY_TABLES, counted
from turquesa_stats.reporting.operations import answer_times
from turquesa_stats.reporting.report import open_report
from turquesa_stats.reporting.rights import median_of
from turquesa_stats.schema.codes import Language
from turquesa_stats.sources.demonstration import demonstration_tables

TODAY = date(2026, 1, 2)
YEAR = "2022"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return demonstration_tables(TODAY, years=(2020, 2021))


def units(tables: dict[str, pd.DataFrame], register: str) -> pd.DataFrame:
    return ACTIVITY_REGISTERS[register].units(tables, "XAA")


@pytest.mark.parametrize("register", list(ACTIVITY_REGISTERS))
def test_each_unit_counts_once_with_a_code_of_every_attribute(register: str, tables: dict[str, pd.DataFrame]) -> None:
    found = units(tables, register)
    assert len(found)
    assert found["unit_id"].is_unique
    for attribute, (leaves, sums) in ACTIVITY_REGISTERS[register].attributes.items():
        assert set(found[attribute]) <= set(leaves), attribute
        assert all(set(parts) <= set(leaves) for parts in sums.values()), attribute


def test_requests_count_by_direction_and_outcome(tables: dict[str, pd.DataFrame]) -> None:
    request = (
        tables["coop_request"]
        .head(4)
        .assign(
            iso3_from=["XAA", "XAA", "COL", "COL"],
            iso3_to=["COL", "PER", "XAA", "PER"],
            outcome=["EXECUTED", "PENDING", "REFUSED", "EXECUTED"],
        )
    )
    found = units({**tables, "coop_request": request}, "requests")
    assert found["direction"].tolist() == ["SENT", "SENT", "RECEIVED"]  # what others ask of one another is not ours
    rows = counted("request-directions", found).set_index(["direction", "step"])["count"]
    assert rows["SENT"].to_dict() == {"ASKED": 2, "ANSWERED": 1, "DONE": 1, "REFUSED": 0}
    assert rows["RECEIVED"].to_dict() == {"ASKED": 1, "ANSWERED": 1, "DONE": 0, "REFUSED": 1}


def test_the_time_to_an_answer_counts_open_requests_as_waiting() -> None:
    report = open_report("operations", "XAA", "2021")
    sent = pd.Timestamp("2021-06-01")
    days = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    answered = pd.DataFrame(
        {
            "direction": "SENT",
            "kind": "MLA",
            "state": "EXECUTED",
            "sent_on": sent,
            "answered_on": [sent + pd.Timedelta(days=n) for n in days],
        }
    )
    waiting = answered.assign(state="PENDING", answered_on=pd.NaT)
    found = answer_times(report, answered).set_index("direction")
    assert found.loc["SENT", ["count", "value"]].tolist() == [10, 50]
    assert answer_times(report, pd.concat([answered, waiting], ignore_index=True)).set_index("direction").loc["SENT", "value"] == 100
    assert pd.isna(answer_times(report, answered.head(9)).set_index("direction").loc["SENT", "value"])  # fewer than twice five


def test_a_service_is_told_by_the_furthest_step(tables: dict[str, pd.DataFrame]) -> None:
    victim = tables["victim"].loc[tables["victim"]["id_status"].eq("FORMAL"), "victim_id"].iloc[0]
    day = pd.Timestamp("2021-03-01")
    rows = (
        tables["protection"]
        .head(3)
        .assign(
            victim_id=victim,
            kind=["SHELTER", "SHELTER", "LEGAL"],
            accepted=["N", "Y", "Y"],
            offered_on=[day, day, day],
            started_on=[pd.NaT, day + pd.Timedelta(days=4), pd.NaT],
        )
    )
    found = units({**tables, "protection": rows}, "services").iloc[0]
    assert found["service.SHELTER"] == "DELIVERED"
    assert found["waited.SHELTER"] == 4
    assert found["service.LEGAL"] == "ACCEPTED"
    assert found["service.HEALTH"] == "NO"


def test_compensation_ordered_is_set_against_what_was_paid(tables: dict[str, pd.DataFrame]) -> None:
    sentence = (
        tables["sentence"]
        .head(5)
        .assign(compensation_ordered=[0.0, 500.0, 500.0, 500.0, np.nan], compensation_paid=[np.nan, np.nan, 100.0, 500.0, np.nan])
    )
    found = units({**tables, "sentence": sentence}, "compensation")
    assert sorted(found["paid"]) == ["NOTHING", "PART", "UNPAID", "WHOLE"]  # whoever is not known is not counted
    assert counted("compensation", found)["count"].tolist() == [4, 3, 2, 1]


def test_a_median_needs_twice_the_smallest_count() -> None:
    amounts = pd.Series(np.arange(1.0, 21.0))
    assert median_of(amounts, 10, "days")["value"] == 10.5
    assert median_of(amounts.head(19), 10, "days")["value"] is None


def test_the_change_of_scores_is_paired_and_its_interval_by_course() -> None:
    taken = pd.DataFrame({"score_pre": [50.0, 60, 40, 70], "score_post": [60.0, 80, 60, 80], "act_id": ["a", "a", "b", "b"]})
    found = score_change(taken)
    assert found["before"] == 55
    assert found["after"] == 70
    assert found["value"] == 15  # mean of 10, 20, 20, 10
    assert found["low"] == found["high"] == 15  # both courses changed alike
    apart = score_change(taken.assign(act_id=["a", "b", "b", "a"]))
    error = np.sqrt(2 * (10**2 + 10**2)) / 4  # sums of deviations by course: -10, +10
    assert apart["high"] - 15 == pytest.approx(12.7062 * error, rel=1e-4)
    assert score_change(taken.assign(act_id="a"))["low"] is None


def test_courses_name_those_without_the_module_on_rights(tables: dict[str, pd.DataFrame]) -> None:
    period = Period.parse("2021")
    assert courses(tables, "XAA", period)["with_rights"].all()
    first = courses(tables, "XAA", period)["act_id"].iloc[0]
    module = tables["training_module"]
    lacking = {**tables, "training_module": module[~(module["act_id"].eq(first) & module["module"].eq("VICTIM_RIGHTS"))]}
    chosen = courses(lacking, "XAA", period)
    assert chosen.loc[~chosen["with_rights"], "act_id"].tolist() == [first]
    assert modules(lacking, chosen).set_index("module").loc["VICTIM_RIGHTS", ["count", "n"]].tolist() == [len(chosen) - 1, len(chosen)]
    assert courses(tables, "COL", period).empty


def test_smuggled_migrants_and_victims_are_never_counted_together(tables: dict[str, pd.DataFrame]) -> None:
    smuggled, journeys = units(tables, "smuggled"), units(tables, "journeys")
    assert set(smuggled["unit_id"]) <= set(tables["smuggled_person"]["smuggled_id"])
    assert set(journeys["unit_id"]) <= set(tables["victim"]["victim_id"])
    assert not set(smuggled["unit_id"]) & set(journeys["unit_id"])


@pytest.mark.parametrize("register", ["compensation", "services", "requests"])
def test_no_small_count_is_left_to_print(register: str, tables: dict[str, pd.DataFrame]) -> None:
    public = policy("public")
    found = protect_activities(tables, "XAA", register, public)  # type: ignore[arg-type]
    k = public.k_person if register == "services" else public.k_accused
    assert found.hidden
    assert not [key for key, count in found.counts.items() if 0 < count < k and key not in found.hidden]


def test_every_activity_table_counts_rows_of_its_register(tables: dict[str, pd.DataFrame]) -> None:
    for name, table in ACTIVITY_TABLES.items():
        rows = counted(name, units(tables, table.register))
        assert len(rows) == len(table.rows), name
        assert (rows["count"] <= rows["n"]).all(), name


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pillars")
    runs = [("XAA", "operations,routes,training", YEAR, "en,es"), ("PAN", "operations,routes", "2020", "fr,pt")]
    runs += [
        ("AMERICAS", "annual-threat-assessment,regional-operations", "2021", "pt"),
        ("DEMONSTRATION", "annual-threat-assessment", "2021", "es"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TURQUESA_AUDIENCE", "public")
        for country, reports, period, languages in runs:
            asked = ["render", "--country", country, "--report", reports, "--period", period, "--language", languages, "--format", "html"]
            done = CliRunner().invoke(app, [*asked, "--into", str(folder), "--jobs", "2"], catch_exceptions=False)
            assert done.exit_code == 0, done.output
    return folder


def test_the_auditor_understands_every_table_and_finds_nothing_again(edition: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["audit", str(edition), "--json", str(tmp_path / "v.json")], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    verdict = json.loads((tmp_path / "v.json").read_text())
    assert verdict["passes"]
    assert verdict["shown"] > 60


@pytest.mark.parametrize("language", list(Language))
def test_operations_keep_the_publishers_qualifiers_in_every_language(language: str) -> None:
    text = "\n".join(open_report("operations", "PAN", "2023", language).write("operation_results"))
    assert {"en": "more than 200", "es": "más de 200", "fr": "plus de 200", "pt": "mais de 200"}[language] in text
    assert {"en": "close to 100", "es": "cercano a 100", "fr": "proche de 100", "pt": "próximo de 100"}[language] in text


def test_a_country_without_records_says_what_is_missing_and_shows_no_synthetic_row() -> None:
    report = open_report("operations", "COL", "2023")
    text = "\n".join(report.write("cooperation"))
    assert report.gaps == ["cooperation"]
    assert "Synthetic" not in text
