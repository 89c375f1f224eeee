"""The rules on smuggled persons and journeys: which rows are found, and which are not."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.checks.found import Found
from turquesa_stats.schema.checks.journeys import kilometres, reach_of_flow
from turquesa_stats.schema.codes import american_countries, code_list
from turquesa_stats.schema.inspection import inspect

Row = dict[str, Any]
PLACES = {  # city: country, latitude, longitude
    "bogota": ("COL", 4.6, -74.1),
    "cucuta": ("COL", 7.9, -72.5),
    "quito": ("ECU", -0.2, -78.5),
    "lima": ("PER", -12.0, -77.0),
    "tumbes": ("PER", -3.6, -80.5),
    "unknown": ("_UNK", None, None),
}
DATES = ("depart_on", "arrive_on")


def places() -> pd.DataFrame:
    rows = [{"place_id": name, "iso3": iso3, "latitude": north, "longitude": east} for name, (iso3, north, east) in PLACES.items()]
    country = {"place_id": "colombia", "iso3": "COL", "kind": "_U"}
    return pd.DataFrame([*rows, country]).assign(
        kind=lambda made: made["kind"].fillna("CITY"),
        iso3166_2=None,
        source_id="src_a",
        latitude=lambda made: made["latitude"].astype("float64"),
    )


def legs(*rows: tuple[str, int, str, str], **shared: Any) -> pd.DataFrame:
    """Return legs by journey, number, and place from and to."""
    made = pd.DataFrame(rows, columns=["journey_id", "leg_no", "place_from_id", "place_to_id"])
    base: Row = {"case_id": None, "victim_id": None, "smuggled_id": None, "stage": "TRANSIT", "mode": "BUS", "crossing": "_U", "docs": "_U"}
    base |= {"doc_fraud_type": None, "source_id": "src_a", **dict.fromkeys(DATES, pd.NaT), **{f"{name}_prec": "_N" for name in DATES}}
    return made.assign(**(base | shared)).astype(dict.fromkeys(DATES, "datetime64[s]"))


def dated(leg: pd.DataFrame, departures: Sequence[str | None], arrivals: Sequence[str | None], precision: str = "D") -> pd.DataFrame:
    days = {
        name: pd.to_datetime(pd.Series(texts)).astype("datetime64[s]") for name, texts in zip(DATES, (departures, arrivals), strict=True)
    }
    return leg.assign(**days, **{f"{name}_prec": [precision if day else "_U" for day in days[name].notna()] for name in DATES})


def cases(*rows: Row, **shared: Any) -> pd.DataFrame:
    made = pd.DataFrame([{"case_id": f"c{number}", **row} for number, row in enumerate(rows, start=1)])
    base: Row = {
        "crime_type": "SOM",
        "attempted": "COMP",
        "cross_border": "_U",
        "n_smuggled_reported": None,
        "n_victims_reported": None,
        "source_id": "src_a",
    }
    return made.assign(**{name: made[name].fillna(value) if name in made else value for name, value in (base | shared).items()}).astype(
        {"n_smuggled_reported": "Int64", "n_victims_reported": "Int64"}
    )


def smuggled(*rows: Row, **shared: Any) -> pd.DataFrame:
    base: Row = {"case_id": "c1", "citizenship": "VEN", "country_start": None, "country_intended": None, "status": "DETECTED"}
    base |= {
        "source_id": "src_a",
        "fee_total": None,
        "fee_currency": None,
        "fee_price_year": None,
        "payment_method": "_U",
        "debt_after": "_U",
    }
    made = [{**base, **shared, "smuggled_id": f"s{number}", **row} for number, row in enumerate(rows, start=1)]
    return pd.DataFrame(made).astype({"fee_total": "float64"})


def victims(*rows: Row, **shared: Any) -> pd.DataFrame:
    base: Row = {"case_id": "c1", "citizenship": "COL", "country_recruit": None, "country_exploit_last": None, "country_identify": None}
    base |= {"id_status": "PRESUMED", "source_id": "src_a"}
    return pd.DataFrame([{**base, **shared, "victim_id": f"v{number}", **row} for number, row in enumerate(rows, start=1)])


def found(rule: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, list[Any]]:
    """Return the rows that a check rejects or tells, by table; rows that it only warns of as ``table?``."""
    hits: dict[str, set[Any]] = {}
    for one in CHECKS[rule](tables):
        assert isinstance(one, Found)
        assert one.rows.dtype == bool
        assert list(one.rows.index) == list(tables[one.table].index)
        hits.setdefault(one.table + "?" * one.only_warn, set()).update(one.rows.index[one.rows])
    return {name: sorted(rows) for name, rows in hits.items() if rows}


def test_smuggling_has_persons() -> None:
    case = cases({"n_smuggled_reported": 3}, {}, {}, {"n_smuggled_reported": 0}, {"crime_type": "TIP"}, {"n_smuggled_reported": 0})
    persons = smuggled({"case_id": "c2"}, {"case_id": "c6"})
    # neither counted nor listed (2), counted as none (3); the last says none but lists one (rule F10)
    assert found("R17", {"case": case, "smuggled_person": persons}) == {"case": [2, 3]}
    assert found("R17", {"case": case}) == {"case": [3, 5]}  # persons are not loaded: only a count of none is sure


def test_smuggling_crosses_a_border() -> None:
    case = cases({}, {}, {"attempted": "ATT"}, {}, {}, {}, n_smuggled_reported=1)
    leg = legs(
        ("abroad", 1, "bogota", "cucuta"),
        ("abroad", 2, "bogota", "quito"),
        ("home", 1, "bogota", "cucuta"),
        ("tried", 1, "lima", "tumbes"),
        ("stay", 1, "lima", "tumbes"),
        ("unknown", 1, "lima", "unknown"),
        ("person", 1, "lima", "tumbes"),
    )
    leg["case_id"] = ["c1", "c1", "c2", "c3", "c4", "c5", None]
    leg.loc[4, "docs"] = "VISA_OVERSTAY"
    leg.loc[6, "smuggled_id"] = "s1"
    tables = {"case": case, "route_leg": leg, "place": places(), "smuggled_person": smuggled({"case_id": "c6"})}
    # at home (1), also by way of a person (5); only attempted (2) is told; a stay (3) and unknown countries (4) are no hit
    assert found("R17", tables) == {"case": [1, 5], "case?": [2]}
    assert found("R17", {**tables, "route_leg": leg.assign(crossing="UNOFFICIAL")}) == {"case": [1, 5], "case?": [2]}  # countries decide
    unplaced = {"case": case, "route_leg": leg.assign(crossing="NONE")}
    assert found("R17", unplaced) == {"case": [0, 1, 4], "case?": [2]}  # without places the kind of crossing does


def test_a_journey_of_a_victim_says_nothing_about_the_smuggling() -> None:
    leg = legs(("home", 1, "bogota", "cucuta"), case_id="c1", victim_id="v1")
    tables = {"case": cases({"crime_type": "TIP_SOM", "n_smuggled_reported": 1}), "route_leg": leg, "place": places()}
    assert found("R21", tables) == {}
    assert found("R21", {**tables, "route_leg": leg.assign(victim_id=None)}) == {"case": [0]}


def test_nobody_enters_the_own_country() -> None:
    leg = legs(
        ("a", 1, "bogota", "quito"),
        ("b", 1, "lima", "quito"),
        ("b", 2, "quito", "bogota"),
        ("b", 3, "bogota", "cucuta"),
        ("c", 1, "bogota", "cucuta"),
    )
    leg["smuggled_id"] = ["s1", "s2", "s2", "s2", "s3"]
    persons = smuggled({}, {}, {}, {"citizenship": "ECU", "country_intended": "ECU"}, citizenship="COL")
    tables = {"smuggled_person": persons, "route_leg": leg, "place": places()}
    # into Colombia (1), also where the journey goes on inside; never out of it (2); only intended (3)
    assert found("R18", tables) == {"smuggled_person": [1], "smuggled_person?": [3]}
    assert found("R18", {"smuggled_person": persons}) == {"smuggled_person?": [3]}
    through = persons.assign(citizenship="ECU", country_intended=None)
    assert found("R18", {**tables, "smuggled_person": through}) == {"smuggled_person": [0]}  # who only passes through Ecuador (1) is no hit


def test_help_without_any_benefit_is_told() -> None:
    free: Row = {"fee_total": 0.0, "debt_after": "N"}
    persons = smuggled(
        free, {**free, "payment_method": "LABOUR_DEBT"}, {**free, "debt_after": "_U"}, {**free, "fee_total": 5.0}, {"debt_after": "N"}
    )
    assert found("R19", {"smuggled_person": persons}) == {"smuggled_person": [0]}


def test_migrants_are_not_counted_as_victims() -> None:
    persons, victim = smuggled({}), victims({}, {})
    stat = pd.DataFrame({"indicator": ["tip_victims_detected", "som_migrants_detected"], "unit_measure": "PERSONS"})
    tables = {"smuggled_person": persons, "victim": victim, "official_stat": stat}
    assert found("R20", tables) == {}
    assert found("R20", {**tables, "victim": victim.assign(victim_id=["v1", "s1"])}) == {"victim": [1]}
    assert found("R20", {"official_stat": stat.assign(unit_measure=["ENCOUNTERS", "ENCOUNTERS"])}) == {"official_stat": [0]}


def test_a_case_of_both_crimes_meets_both() -> None:
    case = cases({"crime_type": "TIP_SOM"}, {"crime_type": "TIP_SOM", "n_smuggled_reported": 0}, {})
    victim = victims({"id_status": "FORMAL"}, {"case_id": "c2"})
    element = pd.DataFrame({"victim_id": ["v1", "v2", "v2"], "element": ["ACT", "PUR", "ACT"], "source_id": "src_a"})
    element["code"] = ["ACT_RECRUIT", "PUR_ORGANS", "ACT_RECRUIT"]
    tables = {"case": case, "victim": victim, "victim_element": element, "smuggled_person": smuggled({})}
    assert found("R21", tables) == {"case": [1], "case?": [0]}
    assert found("R10", tables) == {"victim": [0]}


def test_a_smuggled_person_belongs_to_a_case_of_smuggling() -> None:
    case = cases({}, {"crime_type": "TIP_SOM"}, {"crime_type": "TIP"}, {"crime_type": "REL"})
    persons = smuggled(*({"case_id": name} for name in ("c1", "c2", "c3", "c4", None)))
    assert found("F02", {"smuggled_person": persons, "case": case}) == {"smuggled_person": [2, 3]}


def test_only_interviewed_persons_lack_a_case() -> None:
    persons = smuggled({}, {"case_id": None}, {"case_id": None, "status": "INTERVIEWED"})
    assert found("F18", {"smuggled_person": persons}) == {"smuggled_person": [1]}


def test_a_fee_has_currency_and_year() -> None:
    whole: Row = {"fee_total": 10.0, "fee_currency": "USD", "fee_price_year": 2020}
    persons = smuggled(
        whole, {**whole, "fee_currency": None}, {**whole, "fee_price_year": None}, {**whole, "fee_total": None}, {"fee_total": 0.0}, {}
    )
    assert found("F19", {"smuggled_person": persons}) == {"smuggled_person": [1, 2, 3]}


def flows(*rows: tuple[str | None, str | None]) -> list[Row]:
    return [{"country_recruit": start, "country_exploit_last": end} for start, end in rows]


def derived(tables: Mapping[str, pd.DataFrame]) -> dict[Any, Any]:
    (one,) = CHECKS["R30"](tables)
    assert one.derived is not None
    assert one.columns == ("cross_border",)
    return one.derived[one.rows].to_dict()


def test_whether_a_case_crosses_borders() -> None:
    victim = victims(
        *flows(
            ("COL", "COL"),
            ("COL", "PER"),
            ("COL", "_UNK"),
            ("PER", "PER"),
            ("PER", "PER"),
            ("PER", "_MULTI"),
            ("COL", "COL"),
            ("COL", "COL"),
        )
    )
    victim["case_id"] = ["c1", "c2", "c3", "c4", "c4", "c4", "c5", "c6"]
    victim["citizenship"] = "VEN"  # a foreigner recruited where exploited is in no flow across borders
    case = cases({}, {}, {}, {}, {"cross_border": "CB"}, {"cross_border": "DOM"}, {}, crime_type="TIP")
    # one country unknown: nothing is derived for c3 and c4; c6 has the right value, c7 no victim
    assert derived({"case": case, "victim": victim}) == {0: "DOM", 1: "CB", 4: "DOM"}
    leg = legs(("a", 1, "bogota", "quito"), ("b", 1, "bogota", "cucuta"), ("c", 1, "lima", "quito"))
    leg["case_id"], leg["victim_id"] = [None, "c2", "c7"], ["v1", None, None]
    crossed = derived({"case": case, "victim": victim, "route_leg": leg, "place": places()})
    assert crossed == {0: "CB", 1: "CB", 4: "DOM", 6: "CB"}
    assert derived({"case": case}) == {}
    more = case.assign(n_victims_reported=pd.array([2, 1, 1, 3, 1, 1, None], dtype="Int64"))  # one victim of c1 is not listed
    assert derived({"case": more, "victim": victim}) == {1: "CB", 4: "DOM"}


def test_flow_by_citizenship_is_another_flow() -> None:
    rows = flows(("COL", "COL"), ("COL", "COL"), ("COL", "PER"), ("COL", None))
    citizens = [("VEN", "COL"), ("COL", "COL"), ("COL", "PER"), ("VEN", "COL")]
    victim = victims(*({**row, "citizenship": who, "country_identify": where} for row, (who, where) in zip(rows, citizens, strict=True)))
    assert found("R31", {"victim": victim}) == {"victim": [0]}


def test_flows_beyond_the_americas_are_counted() -> None:
    victim = victims(
        *flows(("FRA", "ESP"), ("FRA", "PER"), ("COL", "ESP"), ("COL", "COL"), ("FRA", None), ("_UNK", "ESP"), ("_OTHER", "ESP"))
    )
    assert found("R32", {"victim": victim}) == {"victim": [0]}


@given(st.lists(st.tuples(st.sampled_from(code_list("area").codes), st.sampled_from(code_list("area").codes)), min_size=1, max_size=20))
def test_every_flow_has_the_reach_that_its_two_countries_give(pairs: list[tuple[str, str]]) -> None:
    region = code_list("area").column("m49_subregion")
    american = set(american_countries())
    countries = american | {code for code, iso2 in code_list("area").column("iso2").items() if iso2}

    def expected(start: str, end: str) -> str | None:
        if not {start, end} <= countries or not {start, end} & american:
            return None
        if not {start, end} <= american:
            return "OUT_OF_AMERICAS" if start in american else "INTO_AMERICAS"
        if start == end:
            return "DOMESTIC"
        return "SUBREGION" if region[start] and region[start] == region[end] else "AMERICAS"

    starts, ends = (pd.Series(side, dtype="str") for side in zip(*pairs, strict=True))
    reach = reach_of_flow(starts, ends)
    assert [None if pd.isna(one) else one for one in reach] == [expected(*pair) for pair in pairs]


def test_legs_that_form_a_journey_are_not_found() -> None:
    leg = legs(("a", 2, "cucuta", "quito"), ("a", 1, "bogota", "cucuta"), ("b", 1, "lima", "tumbes"), ("a", 3, "quito", "lima"))
    leg = dated(leg, ["2020-01-05", "2020-01-01", "2020-03-01", None], ["2020-01-08", "2020-01-05", None, "2020-02-01"])
    assert found("R33", {"route_leg": leg, "place": places()}) == {}
    assert found("R33", {"route_leg": leg}) == {}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a", 1, "bogota", "cucuta"), ("a", 3, "cucuta", "quito"), ("b", 1, "lima", "quito")], [0, 1]),  # a leg is missing
        ([("a", 2, "bogota", "cucuta"), ("b", 1, "lima", "quito")], [0]),  # no first leg
        ([("a", 1, "bogota", "cucuta"), ("a", 2, "lima", "quito"), ("b", 1, "lima", "quito")], [0, 1]),  # places do not join
        ([("b", 1, "lima", "quito"), ("a", 1, "bogota", "bogota")], [1]),  # no length
    ],
)
def test_legs_that_form_no_journey_are_found_with_the_whole_journey(rows: list[tuple[str, int, str, str]], expected: list[int]) -> None:
    assert found("R33", {"route_leg": legs(*rows), "place": places()}) == {"route_leg": expected}


@pytest.mark.parametrize(
    ("departures", "arrivals", "precision", "broken"),
    [
        (["2020-01-01", "2020-01-04"], ["2020-01-05", "2020-01-08"], "D", True),
        (["2020-01-01", "2020-01-04"], ["2020-01-05", "2020-01-08"], "M", False),  # some days of January are in order
        (["2020-02-01", "2020-01-04"], [None, None], "D", True),  # leaves before it left
        (["2020-02-01", "2020-01-04"], [None, None], "M", True),
        (["2020-02-01", None], [None, "2020-01-08"], "D", True),
        ([None, None], [None, None], "D", False),
    ],
)
def test_no_leg_starts_before_the_one_before_it_ends(departures: list[Any], arrivals: list[Any], precision: str, *, broken: bool) -> None:
    leg = dated(legs(("a", 1, "bogota", "cucuta"), ("a", 2, "cucuta", "quito")), departures, arrivals, precision)
    assert found("R33", {"route_leg": leg}) == ({"route_leg": [0, 1]} if broken else {})


def test_a_leg_without_length_may_change_the_stage() -> None:
    leg = legs(("a", 1, "bogota", "bogota"), ("a", 2, "bogota", "cucuta"), stage=["RECRUIT", "TRANSIT"])
    assert found("R33", {"route_leg": leg, "place": places()}) == {}
    assert found("R33", {"route_leg": leg.assign(stage="TRANSIT"), "place": places()}) == {"route_leg": [0, 1]}
    assert found("R33", {"route_leg": leg.assign(stage="_U"), "place": places()}) == {"route_leg": [0, 1]}


def test_a_leg_inside_a_country_known_no_nearer_is_told_and_kept() -> None:
    leg = legs(("a", 1, "colombia", "colombia"), ("b", 1, "colombia", "quito"))
    assert found("R33", {"route_leg": leg, "place": places()}) == {"route_leg?": [0]}


@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    leg = legs(
        ("a", 1, "bogota", "cucuta"),
        ("a", 2, "cucuta", "quito"),
        ("b", 1, "lima", "quito"),
        ("b", 2, "lima", "tumbes"),
        ("c", 1, "quito", "lima"),
        ("c", 3, "lima", "tumbes"),
    )
    shuffled = leg.iloc[order]
    assert {name: sorted(rows) for name, rows in found("R33", {"route_leg": shuffled, "place": places()}).items()} == {
        "route_leg": [2, 3, 4, 5]
    }


def test_a_journey_fits_the_countries_of_the_person() -> None:
    leg = legs(
        ("a", 1, "bogota", "quito"),
        ("a", 2, "quito", "lima"),
        ("b", 1, "bogota", "quito"),
        ("c", 1, "lima", "quito"),
        ("d", 1, "quito", "lima"),
    )
    leg["victim_id"], leg["smuggled_id"] = ["v1", "v1", "v2", None, "v3"], [None, None, None, "s1", None]
    victim = victims(
        {"country_recruit": "COL", "country_exploit_last": "PER"},
        {"country_recruit": "PER", "country_exploit_last": "PER", "country_identify": "COL"},
        {"country_recruit": "_UNK", "country_exploit_last": "COL", "country_identify": "PER"},  # ends where identified
    )
    tables = {"route_leg": leg, "place": places(), "victim": victim, "smuggled_person": smuggled({"country_start": "COL"})}
    assert found("R34", tables) == {"route_leg": [2, 3]}
    assert found("R34", {"route_leg": leg, "place": places()}) == {}


def test_the_crossing_fits_the_transport() -> None:
    modes = [("AIR", "AIR"), ("AIR", "SEA"), ("AIR", "NONE"), ("AIR", "_U"), ("BOAT", "OFFICIAL"), ("SHIP", "SEA"), ("BUS", "SEA")]
    leg = legs(*(("a", number, "bogota", "quito") for number in range(1, 8)))
    leg["mode"], leg["crossing"] = zip(*modes, strict=True)
    assert found("R35", {"route_leg": leg}) == {"route_leg": [1, 4]}


def test_the_distance_of_a_leg() -> None:
    leg = legs(("a", 1, "bogota", "lima"), ("a", 2, "lima", "lima"), ("a", 3, "lima", "unknown"))
    far = kilometres({"route_leg": leg, "place": places()})
    assert far[0] == pytest.approx(1870, abs=15)  # Bogotá to Lima, great circle, known to be some 1,880 km
    assert far[1] == 0
    assert pd.isna(far[2])


def test_speed_over_land() -> None:
    leg = legs(*(("a", number, "bogota", "lima") for number in range(1, 8)))
    leg = dated(
        leg, ["2020-01-01"] * 5 + [None, "2020-01-05"], ["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-01", None, None, "2020-01-01"]
    )
    leg["mode"] = ["BUS", "AIR", "BUS", "CAR", "BUS", "BUS", "BUS"]
    leg.loc[3, "arrive_on_prec"] = "M"  # any day of January
    assert found("R36", {"route_leg": leg, "place": places()}) == {"route_leg": [0]}


def test_a_leg_belongs_to_somebody() -> None:
    leg = legs(*(("a", number, "bogota", "lima") for number in range(1, 5)))
    leg["case_id"], leg["victim_id"], leg["smuggled_id"] = ["c1", None, None, None], [None, "v1", None, None], [None, None, "s1", None]
    assert found("F20", {"route_leg": leg}) == {"route_leg": [3]}


def test_the_kind_of_fraud_fits_the_papers() -> None:
    papers = [
        ("FORGED", "I_FORGED"),
        ("FORGED", "III_OTHER_HOLDER"),
        ("GENUINE_OWN", "II_OBTAINED"),
        ("_U", "I_FORGED"),
        ("FORGED", "_U"),
        ("NONE", "_Z"),
    ]
    leg = legs(*(("a", number, "bogota", "quito") for number in range(1, 7)))
    leg["docs"], leg["doc_fraud_type"] = zip(*papers, strict=True)
    assert found("F21", {"route_leg": leg}) == {"route_leg": [1, 2]}


def test_a_broken_journey_leaves_with_all_its_legs_and_nothing_else() -> None:
    leg = legs(
        ("a", 1, "bogota", "cucuta"), ("a", 2, "lima", "quito"), ("b", 1, "bogota", "quito"), ("b", 2, "quito", "lima"), case_id="c1"
    )
    hits = inspect({"route_leg": leg, "place": places()}, only=["R33"]).hits
    assert hits[["rule", "table", "key", "action"]].to_numpy().tolist() == [
        ["R33", "route_leg", f"a, {number}", "set_aside"] for number in (1, 2)
    ]


def test_persons_of_one_source_are_not_measured_by_the_journeys_of_another() -> None:
    leg = legs(("a", 1, "bogota", "quito"), victim_id="v1", source_id=["src_b"])
    tables = {"route_leg": leg, "place": places(), "victim": victims({"country_recruit": "PER"})}
    assert found("R34", tables) == {"route_leg": [0]}
    result = inspect(tables, only=["R34"])  # the places are those of another source: nothing can be compared
    assert len(result.hits) == 0
    assert inspect({"route_leg": leg}, only=["R34"]).not_run == {"R34": "place"}


def test_a_person_with_two_journeys_enters_where_each_ends() -> None:
    leg = legs(("b", 1, "bogota", "quito"), ("a", 1, "lima", "bogota"), smuggled_id="s1")
    tables = {"smuggled_person": smuggled({"citizenship": "COL"}), "route_leg": leg, "place": places()}
    assert found("R18", tables) == {"smuggled_person": [0]}
    assert found("R18", {**tables, "route_leg": leg.iloc[:1]}) == {}
