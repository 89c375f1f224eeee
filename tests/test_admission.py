"""What enters the tables: values that rules derive are written with their type, and a broken journey leaves as a whole."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.schema.inspection import inspect
from turquesa_stats.sources.tidy import read

TODAY = date(2026, 1, 1)
REGISTER = {
    "case": """case_id,country_report,crime_type,iccs_lead,opened_on,n_smuggled_reported
K1,COL,SOM,08051,2020-05-01,2
K2,COL,SOM,08051,2020-05-01,
K3,PER,TIP,02041,2020-05-01,
""",
    "smuggled_person": """smuggled_id,case_id,sex,citizenship,country_start,fee_total,status
P1,K1,F,VEN,VEN,500,DETECTED
P2,K1,M,ECU,COL,,DETECTED
P3,K3,M,VEN,VEN,,DETECTED
""",
    "place": """place_id,iso3,kind,latitude,longitude
bogota,COL,CITY,4.6,-74.1
quito,ECU,CITY,-0.2,-78.5
caracas,VEN,CITY,10.5,-66.9
""",
    "route_leg": """journey_id,leg_no,smuggled_id,victim_id,place_from_id,place_to_id,depart_on,arrive_on,mode,crossing
J1,1,P1,,caracas,bogota,2020-01-01,2020-01-05,BUS,UNOFFICIAL
J1,2,P1,,bogota,quito,2020-01-04,2020-01-09,BUS,UNOFFICIAL
J2,1,P2,,bogota,quito,2020-01-01,,AIR,AIR
J3,1,,V1,quito,bogota,2020-01-01,2020-01-03,BUS,UNOFFICIAL
""",
    "victim": """victim_id,case_id,sex,citizenship,exploit_start,exploit_end,age_registration
V1,K3,F,PER,2019-01-01,2020-01-01,16
""",
}


@pytest.fixture(name="register")
def _register(tmp_path: Path) -> Path:
    for name, text in REGISTER.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_a_row_that_a_rule_rejects_leaves_with_what_hangs_on_it(register: Path) -> None:
    done = read(register, TODAY)
    refused = done.hits[done.hits["action"].eq("set_aside")]
    assert sorted(zip(refused["rule"], refused["table"], strict=True)) == [
        ("F02", "smuggled_person"),  # in a case of trafficking in persons
        ("R17", "case"),  # a case of smuggling without anybody
        ("R18", "smuggled_person"),  # into the own country
        ("R33", "route_leg"),  # the second leg starts before the first ends ...
        ("R33", "route_leg"),  # ... so that both leave
        ("S03", "route_leg"),  # the leg of the person who left
    ]
    left = {"case": 2, "smuggled_person": 1, "place": 3, "route_leg": 1, "victim": 1, "source": 1}
    assert {name: len(table) for name, table in done.tables.items()} == left


def test_derived_values_are_written_with_their_type_and_are_not_empty_any_more(register: Path) -> None:
    tables = read(register, TODAY).tables
    victim = tables["victim"]
    assert victim["duration_months"].tolist() == [12.0]  # 365 days
    assert victim["duration_months"].dtype == "float64"
    assert victim["duration_months_missing"].isna().all()
    assert dict(zip(tables["case"]["crime_type"], tables["case"]["cross_border"], strict=True)) == {"SOM": "_N", "TIP": "CB"}


def test_what_was_admitted_breaks_no_rule_that_rejects(register: Path) -> None:
    tables = read(register, TODAY).tables
    assert inspect(tables).hits["action"].unique().tolist() == ["kept"]


def test_a_rule_over_optional_tables_reads_no_other(register: Path) -> None:
    tables = dict(read(register, TODAY).tables)

    class Unreadable(pd.DataFrame):
        def __getitem__(self, key: object) -> pd.DataFrame:
            raise AssertionError("this table must not be read")

    tables["place"] = Unreadable(tables["place"])
    assert inspect(tables, only=["R04", "R20", "F15"]).not_run == {}
