"""The rules on victims, the elements of trafficking, their cases and dates: which rows are found, and which are not."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turquesa_stats.schema.checks import CHECKS, fields, persons, routes, smuggling
from turquesa_stats.schema.checks import cases as case_checks
from turquesa_stats.schema.checks import elements as element_checks
from turquesa_stats.schema.checks.found import Found
from turquesa_stats.schema.inspection import inspect
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.validation import empty_table

Row = dict[str, Any]
VICTIM = ["v1", "v2", "v3", "v4", "v5", "v6"]
AGE_STATUS = ("age_status_entry", "age_status_exploit", "age_status_reg")


def frame(rows: Sequence[Row], **shared: Any) -> pd.DataFrame:
    """Return rows with the fields that most of them share."""
    return pd.DataFrame([{**shared, **row} for row in rows]).assign(source_id=lambda made: made.get("source_id", "src_a"))


def victims(*rows: Row, **shared: Any) -> pd.DataFrame:
    made = [{"victim_id": name, **row} for name, row in zip(VICTIM, rows, strict=False)]
    base: Row = {"case_id": "c1", "id_status": "FORMAL", "citizenship": "COL", "person_key": None, **dict.fromkeys(AGE_STATUS, "_U")}
    return frame(made, **(base | shared))


def cases(*rows: Row, **shared: Any) -> pd.DataFrame:
    made = [{"case_id": f"c{number}", **row} for number, row in enumerate(rows, start=1)]
    base: Row = {"crime_type": "TIP", "iccs_lead": "0204", "attempted": "COMP", "legal_id": None, "country_report": "COL"}
    return frame(made, **(base | {"event_start": pd.NaT, "event_start_prec": "_N"} | shared))


def elements(*rows: tuple[str, str], source_id: str = "src_a") -> pd.DataFrame:
    made = [{"victim_id": victim, "element": code[:3], "code": code, "source_id": source_id} for victim, code in rows]
    return pd.DataFrame(made, columns=["victim_id", "element", "code", "source_id"]).replace(
        {"code": r"^[A-Z]{3}(_[UN])$"}, r"\1", regex=True
    )


def ages(*rows: tuple[Any, Any, Any], statuses: Sequence[str] = ("_U", "_U", "_U")) -> pd.DataFrame:
    """Return victims by ages at recruitment, at exploitation and at registration."""
    made = pd.DataFrame(rows, columns=["age_recruitment", "age_exploitation_start", "age_registration"], dtype="Int64")
    return made.assign(age_band="_N", **dict(zip(AGE_STATUS, statuses, strict=True)))


def found(rule: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, list[Any]]:
    """Return the rows that a check rejects or tells, by table; rows that it only warns of as ``table?``."""
    hits: dict[str, set[Any]] = {}
    for one in CHECKS[rule](tables):
        assert isinstance(one, Found)
        assert one.rows.dtype == bool
        assert list(one.rows.index) == list(tables[one.table].index)
        hits.setdefault(one.table + "?" * one.only_warn, set()).update(one.rows.index[one.rows])
    return {name: sorted(rows) for name, rows in hits.items() if rows}


def test_a_known_age_decides_who_is_a_child() -> None:
    victim = ages((17, 17, 18), (17, 18, 18), (None, None, None), (17, 17, None), statuses=("MINOR", "MINOR", "ADULT"))
    assert found("R01", {"victim": victim}) == {"victim": [1]}
    bands = ages(*[(None, None, None)] * 4, statuses=("_U", "_U", "MINOR")).assign(age_band=["Y9T17", "Y18T20", "Y_GE18", "_U"])
    assert found("R01", {"victim": bands}) == {"victim": [1, 2]}
    assert found("R01", {"victim": bands.assign(age_status_reg="ADULT")}) == {"victim": [0]}
    assert found("R01", {"victim": bands.assign(age_status_reg="_U")}) == {}
    unknown = ages((None, None, 12), (None, None, None))
    assert found("R01", {"victim": unknown}) == {"victim": [0]}  # unknown although the age is known


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 110))] * 3), min_size=1, max_size=30))
def test_ages_are_in_order_where_all_that_are_known_are(rows: list[tuple[int | None, int | None, int | None]]) -> None:
    known = [[age for age in row if age is not None] for row in rows]
    expected = [position for position, row in enumerate(known) if row != sorted(row)]
    assert found("R02", {"victim": ages(*rows)}) == ({"victim": expected} if expected else {})


@given(st.lists(st.one_of(st.none(), st.integers(0, 110)), min_size=1, max_size=30))
def test_the_right_age_status_is_never_found(known: list[int | None]) -> None:
    victim = ages(*[(age, age, age) for age in known])
    right = ["_U" if age is None else "MINOR" if age < 18 else "ADULT" for age in known]
    assert found("R01", {"victim": victim.assign(**dict.fromkeys(AGE_STATUS, right))}) == {}
    turned = [{"_U": "_U", "MINOR": "ADULT", "ADULT": "MINOR"}[status] for status in right]
    expected = [position for position, age in enumerate(known) if age is not None]
    assert found("R01", {"victim": victim.assign(age_status_entry=turned)}) == ({"victim": expected} if expected else {})


def test_a_child_when_registered_was_one_before() -> None:
    statuses = [("MINOR", "MINOR", "MINOR"), ("ADULT", "MINOR", "MINOR"), ("_U", "_U", "MINOR"), ("MINOR", "ADULT", "ADULT")]
    assert found("R03", {"victim": pd.DataFrame(statuses, columns=list(AGE_STATUS))}) == {"victim": [1]}


def test_formal_victims_have_an_act_and_a_purpose() -> None:
    tables = {
        "case": cases({}, {"crime_type": "REL"}),
        "victim": victims({}, {}, {}, {"id_status": "PRESUMED"}, {"case_id": "c2"}, {}),
        "victim_element": elements(
            ("v1", "ACT_RECRUIT"), ("v1", "PUR_SEXUAL"), ("v2", "ACT_RECRUIT"), ("v3", "PUR_ORGANS"), ("v6", "ACT_U"), ("v6", "PUR_OTHER")
        ),
    }
    # no purpose (1), no act (2); an act said to be unknown (5) is told; the presumed victim and the one of another crime are not looked at
    assert found("R10", tables) == {"victim": [1, 2], "victim?": [5]}


def test_a_source_that_records_no_acts_loses_no_victim() -> None:
    tables = {"case": cases({}), "victim": victims({}, {}), "victim_element": elements(("v1", "PUR_SEXUAL"), ("v2", "PUR_SEXUAL"))}
    assert found("R10", tables) == {"victim?": [0, 1]}


def test_adults_have_a_means_and_children_need_none() -> None:
    rows: list[Row] = [{"age_status_exploit": "ADULT"}, {"age_status_exploit": "ADULT"}, {"age_status_exploit": "MINOR"}, {}]
    rows += [{"age_status_exploit": "ADULT", "id_status": "PRESUMED"}, {"age_status_exploit": "ADULT"}]
    tables = {"victim": victims(*rows), "victim_element": elements(("v1", "MNS_FORCE"), ("v2", "ACT_RECRUIT"), ("v6", "MNS_U"))}
    # without law and case tables the means is asked for; presumed (4) and said to be unknown (5) are told and kept
    assert found("R11", tables) == {"victim": [1], "victim?": [4, 5]}
    assert found("R12", tables) == {"victim": [2]}
    assert rules()["R12"].severity == "N"


def laws(*rows: tuple[str, str, str | None, str | None]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["legal_id", "means_element", "valid_from", "valid_to"])
    days = {name: pd.to_datetime(made[name]).astype("datetime64[s]") for name in ("valid_from", "valid_to")}
    precise = {f"{name}_prec": made[name].notna().map({True: "D", False: "_Z"}) for name in days}
    return made.assign(**days, **precise, iso3="COL", covers="TIP", source_id="src_law")


@pytest.mark.parametrize(
    ("event", "precision", "expected"),
    [
        ("2004-05-01", "D", {"victim?": [0]}),  # the old law asked for no means: told as gap to the Protocol
        ("2006-05-01", "D", {"victim": [0]}),
        ("2005-01-01", "Y", {"victim?": [0]}),  # the year holds both laws
        (None, "_N", {"victim?": [0]}),  # so does an unknown day
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_the_law_of_the_day_says_whether_a_means_is_needed(
    event: str | None, precision: str, expected: dict[str, list[int]], *, named: bool
) -> None:
    law = laws(("law_old", "AGGRAVATING", "2000-01-01", "2005-06-30"), ("law_new", "ELEMENT", "2005-07-01", None))
    day = pd.Timestamp(event) if event else pd.NaT
    legal_id = ("law_new" if expected == {"victim": [0]} else "law_old") if named else None
    tables = {
        "case": cases({"event_start": day, "event_start_prec": precision, "legal_id": legal_id}, {}),
        "victim": victims({"age_status_exploit": "ADULT"}, {"age_status_exploit": "ADULT", "case_id": "c2"}),
        "victim_element": elements(("v2", "MNS_FORCE")),
        "legal_framework": law,
    }
    assert found("R11", tables) == expected


def test_a_law_on_smuggling_alone_excuses_nothing() -> None:
    tables = {
        "case": cases({}),
        "victim": victims({"age_status_exploit": "ADULT"}, {}),
        "victim_element": elements(("v2", "MNS_FORCE")),
        "legal_framework": laws(("law_som", "ABSENT", None, None)).assign(covers="SOM"),
    }
    assert found("R11", tables) == {"victim": [0]}


def test_consent_has_no_field_but_the_one_on_data() -> None:
    victim = victims({"consent_data": "GIVEN", "victim_consented": "Y"}, {"consent_data": "_N", "victim_consented": None})
    assert found("R13", {"victim": victim}) == {"victim": [0]}
    assert found("R13", {"victim": victim.drop(columns="victim_consented")}) == {}
    assert found("R13", {"victim": victim[["victim_id"]], "case": cases({"consentimiento": "sí"})}) == {"case": [0]}


def test_exploitation_that_had_not_begun_is_a_note() -> None:
    day = pd.Timestamp("2020-01-01")
    victim = victims({"exploit_start": pd.NaT}, {"exploit_start": day}, {"exploit_start": pd.NaT, "case_id": "c2"})
    assert found("R14", {"victim": victim, "case": cases({"attempted": "ATT"}, {})}) == {"victim": [0]}
    hits = inspect({"victim": victim, "case": cases({"attempted": "ATT"}, {})}, only=["R14"]).hits
    assert list(hits[["severity", "action", "key"]].iloc[0]) == ["N", "kept", "v1"]


def test_sector_and_form_fit_the_purpose() -> None:
    tables = {
        "victim": victims(
            {"sector": "A"},
            {"sector": "A"},
            {"sector": "_U"},
            {"sector": "T"},
            {"sector": "A"},
            {"sector": "_Z"},
        ),
        "victim_element": elements(
            ("v1", "PUR_FORCED_LABOUR"), ("v2", "PUR_SEXUAL"), ("v4", "PUR_SLAVERY"), ("v5", "PUR_U"), ("v6", "PUR_SEXUAL_AND_LABOUR")
        ),
    }
    # a sector with sexual exploitation alone (1); slavery (3) and an unknown purpose (4) may go with a sector
    assert found("R15", tables) == {"victim": [1], "victim?": [3, 4]}
    forms = pd.DataFrame({"victim_id": ["v1", "v2", "v3", "v5", "v6"], "code": ["REMOTE", "REMOTE", "_U", "REMOTE", "REMOTE"]})
    # a form with forced labour alone (0); v5 has no known purpose
    assert found("R15", {**tables, "victim_sex_form": forms}) == {"victim": [0, 1], "victim?": [3, 4]}


def test_the_offence_names_the_purpose() -> None:
    codes = ("02041", "02042", "02041", "0204", "02042", "02041")
    case = cases(*({"iccs_lead": code} for code in codes), {"iccs_lead": "0302"})
    victim = victims(*({"case_id": f"c{number}"} for number in (1, 2, 3, 4, 5, 6)))
    purposes = ("PUR_SEXUAL", "PUR_SEXUAL", "PUR_SEXUAL", "PUR_ORGANS", "PUR_BEGGING", "PUR_U")
    element = elements(*zip(VICTIM, purposes, strict=True), ("v3", "PUR_FORCED_LABOUR"))
    tables = {"case": case, "victim": victim, "victim_element": element}
    # forced labour for sexual exploitation (1), one of two purposes (2); the general code (3) and an unknown purpose (5) name none
    assert found("R16", tables) == {"case": [1, 2]}


def test_a_victim_belongs_to_a_case_of_trafficking() -> None:
    case = cases({}, {"crime_type": "SOM"}, {"crime_type": "TIP_SOM"}, {"crime_type": "REL"})
    victim = victims({}, {"case_id": "c2"}, {"case_id": "c3"}, {"case_id": "c4"}, {"case_id": "nowhere"})
    assert found("F01", {"victim": victim, "case": case}) == {"victim": [1, 3]}


def test_a_person_stands_once_in_a_case() -> None:
    victim = victims({"person_key": "p1"}, {"person_key": "p1"}, {"person_key": "p1", "case_id": "c2"}, {}, {})
    assert found("F11", {"victim": victim}) == {"victim": [0, 1]}


def exploited(*rows: tuple[Any, str, Any, str, float | None]) -> pd.DataFrame:
    columns = ["exploit_start", "exploit_start_prec", "exploit_end", "exploit_end_prec", "duration_months"]
    made = pd.DataFrame(rows, columns=columns)
    days = {name: pd.to_datetime(made[name]).astype("datetime64[s]") for name in ("exploit_start", "exploit_end")}
    return made.assign(**days, duration_months=made["duration_months"].astype("float64"), duration_band="_N")


def test_the_duration_follows_from_the_dates() -> None:
    victim = exploited(
        ("2020-01-01", "D", "2021-01-01", "D", None),
        ("2020-01-17", "M", "2020-03-02", "M", None),
        ("2020-01-01", "Y", "2021-01-01", "D", None),  # a year is too coarse
        ("2020-01-01", "D", "2021-01-01", "D", 11.0),  # given
        ("2020-01-01", "D", None, "_U", None),
        ("2021-01-01", "D", "2020-01-01", "D", None),  # rule R04
    )
    (one,) = CHECKS["F12"]({"victim": victim})
    assert one.columns[0] == "duration_months"
    assert list(one.rows[one.rows].index) == [0, 1]
    assert one.derived is not None
    assert one.derived[one.rows].tolist() == [12.0, 2.0]


def test_a_given_duration_agrees_with_the_dates() -> None:
    victim = exploited(
        ("2020-01-01", "D", "2021-01-01", "D", 12.0),
        ("2020-01-01", "D", "2021-01-01", "D", 24.0),
        ("2020-01-01", "Y", "2021-01-01", "Y", 23.0),  # from January to December
        ("2020-01-01", "Y", "2021-01-01", "Y", 26.0),
        ("2020-01-01", "D", None, "_U", 90.0),
        ("2020-01-01", "D", "2021-01-01", "D", 2.0),
    )
    assert found("F13", {"victim": victim}) == {"victim": [1, 3, 5]}
    undated = victim.assign(exploit_start=pd.NaT, duration_band=["M0T12", "M0T12", "M13T24", "M_GE25", "M_GE25", "_U"])
    assert found("F13", {"victim": undated}) == {"victim": [1]}  # 12 and 24 months may be rounded


def test_a_record_whose_use_was_refused_is_set_aside() -> None:
    victim = victims({"consent_data": "_REFUSED"}, {"consent_data": "_N"}, {"consent_data": "GIVEN"})
    assert found("F14", {"victim": victim}) == {"victim": [0]}
    assert inspect({"victim": victim}, only=["F14"]).hits["action"].tolist() == ["set_aside"]


def test_the_main_citizenship_is_listed() -> None:
    victim = victims({}, {"citizenship": "PER"}, {"citizenship": "PER"}, {"citizenship": "_MULTI"}, {"citizenship": "_U"})
    listed = pd.DataFrame({"victim_id": ["v1", "v1", "v2", "v4", "v5"], "citizenship": ["COL", "VEN", "VEN", "VEN", "VEN"]})
    assert found("F34", {"victim": victim, "victim_citizenship": listed}) == {"victim": [1]}


def test_the_leading_offence_fits_the_crime() -> None:
    crimes = [
        ("TIP", "02041"),
        ("TIP", "08051"),
        ("SOM", "08051"),
        ("SOM", "0204"),
        ("TIP_SOM", "08051"),
        ("TIP_SOM", "0302"),
        ("REL", "0302"),
    ]
    case = cases(*({"crime_type": crime, "iccs_lead": code} for crime, code in crimes))
    assert found("F08", {"case": case}) == {"case": [1, 3, 5]}


def test_the_law_was_in_force() -> None:
    dates = [("2005-06-30", "D"), ("2005-07-01", "D"), ("2005-01-01", "Y"), (None, "_U")]
    case = cases(
        *({"event_start": pd.Timestamp(day or pd.NaT), "event_start_prec": prec, "legal_id": "law_new"} for day, prec in dates), {}
    )
    tables = {"case": case, "legal_framework": laws(("law_new", "ELEMENT", "2005-07-01", None))}
    assert found("F09", tables) == {"case": [0]}
    ended = {**tables, "legal_framework": laws(("law_new", "ELEMENT", "2000-01-01", "2005-06-30"))}
    assert found("F09", ended) == {"case": [1]}


def test_a_case_reports_no_fewer_persons_than_it_lists() -> None:
    numbers = {"n_victims_reported": [1, 2, None], "n_smuggled_reported": [0, None, None], "n_accused_reported": [0, 1, None]}
    case = cases({}, {}, {}).assign(**{name: pd.array(values, dtype="Int64") for name, values in numbers.items()})
    tables = {"case": case, "victim": victims({}, {}, {"case_id": "c2"}, {"case_id": "c3"})}
    assert found("F10", tables) == {"case": [0]}
    accused = pd.DataFrame({"case_id": ["c2", "c2", "c2"], "accused_id": ["a1", "a1", "a2"], "role": ["GUIDE", "OTHER", "GUIDE"]})
    assert found("F10", {**tables, "case_accused": accused}) == {"case": [0, 1]}  # two persons, one in two roles


def test_dates_stand_in_order_at_the_precision_they_have() -> None:
    day = pd.Timestamp
    rows: list[Row] = [
        {"event_start": day("2020-05-01"), "event_start_prec": "D", "opened_on": day("2020-04-30"), "opened_on_prec": "D"},
        {"event_start": day("2020-05-01"), "event_start_prec": "D", "opened_on": day("2020-01-01"), "opened_on_prec": "Y"},
        {"event_start": day("2020-05-20"), "event_start_prec": "M", "opened_on": day("2020-05-01"), "opened_on_prec": "D"},
        {"event_start": pd.NaT, "event_start_prec": "_U", "opened_on": day("2020-05-01"), "opened_on_prec": "D"},
        {"event_start": day("2020-04-01"), "event_start_prec": "Q", "opened_on": day("2020-03-31"), "opened_on_prec": "D"},
    ]
    case = cases(*rows, event_end=pd.NaT, event_end_prec="_N", loaded_at=day("2026-01-01"))
    assert found("R04", {"case": case}) == {"case": [0, 4]}
    charge = pd.DataFrame({"case_id": ["c4", "c4"], "filed_on": [day("2020-04-01"), day("2020-05-01")], "filed_on_prec": "D"})
    assert found("R04", {"case": case, "charge": charge}) == {"case": [0, 4], "charge?": [0]}  # told, since files open late


def test_exploitation_may_go_on_after_the_person_is_identified() -> None:
    day = pd.Timestamp("2020-05-01")
    victim = exploited(("2020-01-01", "D", "2021-01-01", "D", None), ("2021-01-01", "D", "2021-02-01", "D", None))
    victim = victim.assign(id_date=day, id_date_prec="D", first_contact_date=pd.NaT, first_contact_date_prec="_N")
    assert found("R04", {"victim": victim}) == {"victim": [1], "victim?": [0, 1]}


def test_the_order_of_dates_is_not_asked_of_tables_that_lack_them() -> None:
    assert found("R04", {"victim": pd.DataFrame({"victim_id": ["v1"]})}) == {}


def test_an_empty_value_says_why() -> None:
    table = pd.DataFrame({"debt_amount": [1.0, None, 1.0, None], "debt_amount_missing": ["_U", "_N", None, None], "other_missing": "_N"})
    assert found("F16", {"victim": table}) == {"victim": [0], "victim?": [3]}


def test_a_date_says_how_precise_it_is() -> None:
    dates = pd.to_datetime(["2020-01-01", "2020-01-01", None, None, "2020-01-01"])
    table = pd.DataFrame({"event_start": dates, "event_start_prec": ["Y", "_U", "_U", "D", None]})
    assert found("F17", {"case": table}) == {"case": [1], "case?": [3, 4]}


def test_an_amount_has_the_year_of_its_prices() -> None:
    victim = pd.DataFrame({"debt_amount": [100.0, 100.0, 0.0, None], "wage_withheld": None, "price_year": [None, 2020, None, None]})
    leg = pd.DataFrame({"fee_leg": [5.0, 5.0, None], "fee_price_year": [None, 2020, None]})
    assert found("F15", {"victim": victim.astype({"wage_withheld": "float64"}), "route_leg": leg}) == {"victim": [0], "route_leg": [0]}


@pytest.mark.parametrize("rule", ["R04", "R13", "R20", "F15", "F16", "F17"])
def test_rules_over_many_tables_run_with_none_of_them(rule: str) -> None:
    assert found(rule, {"victim": victims({}).iloc[:0]} if rule == "R13" else {}) == {}


@pytest.mark.parametrize(
    "rule", sorted({*persons.CHECKS, *element_checks.CHECKS, *case_checks.CHECKS, *fields.CHECKS, *smuggling.CHECKS, *routes.CHECKS})
)
def test_a_check_needs_no_field_that_its_rule_does_not_name(rule: str) -> None:
    declared = rules()[rule]
    read = [*declared.tables, *declared.also] or table_names()
    tables = {}
    for name in read:
        schema = table_schema(name)
        wanted = {field for field in declared.fields.get(name, schema.field_names) if "*" not in field} | {*schema.key, "source_id"}
        assert wanted <= {*schema.field_names, "source_id"}, (rule, name)
        tables[name] = empty_table(name)[[column for column in schema.field_names if column in wanted]]
    assert found(rule, tables) == {}
    assert found(rule, {name: tables[name] for name in declared.tables}) == {}
