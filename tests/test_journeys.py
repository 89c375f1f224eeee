"""Journeys, corridors, flows by citizenship, and what is known before any share: what is counted, and what is refused."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import TODAY
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.measures import answers, cases, corridors, flows, journeys, official, routes
from turquesa_stats.measures.splits import split
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import NOT_KNOWN, code_list
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.demonstration import demonstration_tables
from turquesa_stats.sources.iom_missing_migrants import read as read_iom
from turquesa_stats.sources.us_cbp import read as read_cbp

Tables = dict[str, pd.DataFrame]
Leg = tuple[str, int, str, str]


def made(*rows: Leg, **owners: Any) -> Tables:
    """Return tables of legs by journey, number, and place from and to; a place is named after its country, then what is added in lower case."""
    leg = pd.DataFrame(rows, columns=["journey_id", "leg_no", "place_from_id", "place_to_id"])
    base: dict[str, Any] = {"case_id": None, "victim_id": None, "smuggled_id": None, "mode": "BUS", "crossing": "_U", "docs": "_U"}
    base |= {"doc_fraud_type": "_Z", "depart_on": pd.NaT, "arrive_on": pd.NaT}
    leg = leg.assign(**{name: owners.get(name, value) for name, value in base.items()})
    leg = leg.astype({"depart_on": "datetime64[s]", "arrive_on": "datetime64[s]"})
    places = sorted({*leg["place_from_id"], *leg["place_to_id"]})
    place = pd.DataFrame({"place_id": places, "iso3": [name[:3] if name != "unknown" else "_UNK" for name in places]})
    case = pd.DataFrame({"case_id": ["c1", "c2", "c3", "c4"], "crime_type": ["TIP", "SOM", "TIP_SOM", "TIP"]})
    case["opened_on"] = pd.to_datetime(["2020-05-01", "2021-05-01", "2022-05-01", "2020-06-01"])
    return {"route_leg": leg, "place": place, "case": case}


@pytest.fixture(scope="module")
def demonstration() -> Tables:
    return demonstration_tables(TODAY, years=(2019, 2020, 2021, 2022))


@pytest.fixture(scope="module")
def every(demonstration: Tables) -> pd.DataFrame:
    return journeys.journeys(demonstration)


def test_legs_are_joined_in_their_order_by_country() -> None:
    tables = made(("a", 2, "COLb", "ECU"), ("a", 1, "VEN", "COL"), ("a", 3, "ECU", "PER"), case_id="c1")
    tables["route_leg"].loc[1, "place_to_id"] = "COLb"  # two places of one country
    tables["route_leg"].loc[[1, 0], "depart_on"] = pd.to_datetime(["2019-03-02", "2019-03-09"])
    (found,) = journeys.journeys(tables).to_dict("records")
    assert found["path"] == ("VEN", "COL", "ECU", "PER")
    assert (found["origin"], found["transit"], found["destination"]) == ("VEN", "COL>ECU", "PER")
    assert (found["crime"], found["reach"], found["legs"], found["problem"]) == ("TIP", "SUBREGION", 3, "")
    assert found["date"] == pd.Timestamp("2019-03-02")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("a", 1, "VEN", "COL"), ("a", 3, "COL", "PER")], "leg_missing"),
        ([("a", 2, "VEN", "COL")], "leg_missing"),
        ([("a", 1, "VEN", "COL"), ("a", 1, "COL", "PER")], "leg_missing"),
        ([("a", 1, "VEN", "COL"), ("a", 2, "ECU", "PER")], "places_do_not_join"),
        ([("a", 1, "VEN", "COLx"), ("a", 2, "COL", "PER")], "places_do_not_join"),
        ([("a", 1, "VEN", "unknown"), ("a", 2, "unknown", "PER")], "country_not_known"),
    ],
)
def test_a_journey_that_is_not_whole_is_kept_with_its_reason(rows: list[Leg], problem: str) -> None:
    found = journeys.journeys(made(*rows, ("b", 1, "VEN", "PER"), case_id="c1")).set_index("journey_id")
    assert found["problem"].to_dict() == {"a": problem, "b": ""}
    assert pd.isna(found.loc["a", "path"])
    assert pd.isna(found.loc["a", "reach"])
    told = journeys.completeness(found.reset_index()).set_index("problem")["count"]
    assert told.sum() == 2
    assert told[problem] == told[""] == 1


def test_legs_of_two_persons_are_no_journey_of_one() -> None:
    tables = made(("a", 1, "VEN", "COL"), ("a", 2, "COL", "PER"), victim_id=["v1", "v2"])
    assert journeys.journeys(tables)["problem"].to_list() == ["several_persons"]


def test_the_crime_is_that_of_the_person_then_of_the_case() -> None:
    rows: list[Leg] = [(name, 1, "VEN", "PER") for name in "abcde"]
    tables = made(*rows, case_id=["c1", "c2", "c3", "c3", None], victim_id=[None, None, None, "v1", None], smuggled_id=[None] * 4 + ["s1"])
    assert journeys.journeys(tables)["crime"].fillna("").to_list() == ["TIP", "SOM", "", "TIP", "SOM"]


@pytest.mark.parametrize(
    ("start", "end", "reach"),
    [
        ("COL", "COL", "DOMESTIC"),
        ("COL", "PER", "SUBREGION"),
        ("COL", "MEX", "AMERICAS"),
        ("NPL", "BRA", "INTO_AMERICAS"),
        ("BRA", "ESP", "OUT_OF_AMERICAS"),
        ("MAR", "ESP", "OUTSIDE"),
    ],
)
def test_every_journey_has_its_reach(start: str, end: str, reach: str) -> None:
    found = journeys.journeys(made(("a", 1, start, f"{end}x"), ("b", 1, start, f"{end}x"), case_id=["c1", "c4"]))
    assert found["reach"].to_list() == [reach] * 2
    told = routes.reach(found).set_index("reach")
    assert told["count"].to_dict() == {name: 2 * (name == reach) for name in routes.REACHES}


def test_victims_and_smuggled_migrants_are_never_counted_together(every: pd.DataFrame, demonstration: Tables) -> None:
    leg = journeys.legs(demonstration)
    measures: list[Callable[[pd.DataFrame], object]] = [routes.corridor_use, routes.reach, routes.ways, partial(corridors.hubs, seed=1)]
    measures += [partial(routes.mix, every_leg=leg, field="mode"), partial(corridors.corridor_concentration, seed=1)]
    for measure in measures:
        with pytest.raises(MeasureRefused, match="SOM and TIP are not counted together: a smuggled migrant is not a victim"):
            measure(every)
        with pytest.raises(MeasureRefused, match="not counted together|known"):
            measure(every.head(0))
    with pytest.raises(MeasureRefused, match="not compared"):
        corridors.displaced(journeys.of_crime(every, "TIP"), journeys.of_crime(every, "SOM"), 1)


def test_corridors_count_journeys_once_and_tell_what_is_not_known() -> None:
    rows: list[Leg] = [
        ("a", 1, "VEN", "COL"),
        ("a", 2, "COL", "PER"),
        ("b", 1, "VEN", "COL"),
        ("c", 1, "unknown", "COL"),
        ("d", 1, "PER", "PERx"),
    ]
    found = routes.corridor_use(journeys.journeys(made(*rows, smuggled_id=["s1", "s1", "s2", "s3", "s4"])))
    told = found.set_index(["origin", "destination"])
    assert told["count"].to_dict() == {("COL", "PER"): 1, ("PER", "PER"): 1, ("VEN", "COL"): 2}
    assert (found["n"] == 3).all()
    assert (found["unknown"] == 1).all()
    assert (found["flag"] == Flag.SMALL_N).all()
    one = told.loc[("VEN", "COL")]
    assert (one["value"], one["lowest"], one["highest"]) == pytest.approx((2 / 3, 2 / 4, 3 / 4))


def test_persons_of_one_case_are_one_story() -> None:
    rows: list[Leg] = [(f"j{n}", 1, "VEN", "COL") for n in range(12)]
    alone = routes.corridor_use(journeys.journeys(made(*rows, case_id="c1"))).iloc[0]
    assert (alone["value"], alone["flag"]) == (1.0, Flag.SMALL_N)
    assert (alone["low"], alone["high"]) == (0.0, 1.0)
    with pytest.raises(MeasureRefused, match="one story"):
        corridors.hubs(journeys.journeys(made(*rows, case_id="c1")), 1)


def test_no_place_below_the_country_is_told(every: pd.DataFrame, demonstration: Tables) -> None:
    som, places = journeys.of_crime(every, "SOM"), set(demonstration["place"]["place_id"])
    tables = [
        routes.corridor_use(som),
        routes.ways(som),
        corridors.hubs(som, 1),
        routes.mix(som, journeys.legs(demonstration), "docs", True),
    ]
    for table in tables:
        assert not places & set(table.astype("str").to_numpy().ravel())


def test_papers_and_transport_add_up_over_the_legs(every: pd.DataFrame, demonstration: Tables) -> None:
    leg, som = journeys.legs(demonstration), journeys.of_crime(every, "SOM")
    whole, parts = routes.mix(som, leg, "mode"), routes.mix(som, leg, "mode", by_corridor=True)
    assert whole["value"].sum() == pytest.approx(1)
    own = leg[leg["journey_id"].isin(som["journey_id"])]
    assert whole["count"].sum() + whole["unknown"].iloc[0] == len(own)
    countries = own.dropna(subset=["start", "end"])
    assert parts["count"].sum() == (~countries["mode"].isin(NOT_KNOWN)).sum()
    false = routes.mix(som, leg, "doc_fraud_type")
    assert false["n"].iloc[0] == own["docs"].isin(["FORGED", "FRAUD_OBTAINED", "GENUINE_OTHER"]).sum(), (
        "other papers are no false ones unknown"
    )


def test_ways_add_up_to_the_journeys_known(every: pd.DataFrame) -> None:
    tip = journeys.of_crime(every, "TIP")
    assert routes.ways(tip)["count"].sum() == routes.reach(tip)["count"].sum() == tip["problem"].eq("").sum()
    assert routes.ways(tip)["value"].sum() == pytest.approx(1)


def test_routes_that_moved_are_found_with_the_corridors_that_moved(every: pd.DataFrame) -> None:
    before, after = (journeys.of_crime(every, "SOM", Period.parse(year)) for year in ("2019/2020", "2021/2022"))
    distance, parts = corridors.displaced(before, after, seed=1)
    found = distance.set_index("measure")
    assert found.loc["jensen_shannon", "low"] > 0
    assert found.loc["jensen_shannon", "p_value"] < 0.05
    assert parts["divergence"].sum() == pytest.approx(found.loc["jensen_shannon", "observed"] ** 2)
    grew = parts[parts["value"].gt(0)]
    assert ("COL", "PAN") in set(zip(grew["origin"], grew["destination"], strict=True))
    with pytest.raises(MeasureRefused, match="the same journey is in both"):
        corridors.displaced(before, before, 1)


def test_groups_by_sex_add_up_to_all_journeys(every: pd.DataFrame, demonstration: Tables) -> None:
    tip = journeys.of_crime(every, "TIP")
    found = split(routes.reach, tip, ["sex", "age_status", "exploitation"], demonstration)
    total = found[found[["sex", "age_status", "exploitation"]].eq("_T").all(axis=1)].set_index("reach")["count"]
    for name in ("sex", "age_status"):
        others = [one for one in ("sex", "age_status", "exploitation") if one != name]
        parts = found[found[name].ne("_T") & found[others].eq("_T").all(axis=1)]
        assert parts.groupby("reach")["count"].sum().to_dict() == total.to_dict()
        assert parts.drop_duplicates(name)["records"].sum() == len(tip)


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_journeys_and_legs_changes_nothing(demonstration: Tables, seed: int) -> None:
    shuffled = {**demonstration, "route_leg": demonstration["route_leg"].sample(frac=1, random_state=seed)}
    one, other = journeys.journeys(demonstration), journeys.journeys(shuffled)
    pd.testing.assert_frame_equal(one, other)
    som = journeys.of_crime(one, "SOM")
    pd.testing.assert_frame_equal(routes.corridor_use(som), routes.corridor_use(som.sample(frac=1, random_state=seed)))


RELATIONS = [code for code in code_list("relation").codes if code not in NOT_KNOWN][:3]
UNITS = st.lists(
    st.tuples(st.sampled_from([*RELATIONS, "_U", "_N", "_Z", None]), st.sampled_from(["F", "M", "_U"])), min_size=1, max_size=25
)


def frame(rows: list[tuple[str | None, str]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["relation", "sex"], dtype="object")
    return made.assign(victim_id=[f"v{n // 2}" for n in range(len(rows))], code=made["relation"])


@settings(max_examples=20, deadline=None)
@given(UNITS, st.integers(0, 1000))
def test_single_answers_split_and_added_agree(rows: list[tuple[str | None, str]], seed: int) -> None:
    units = frame(rows)
    measure = partial(cases.single_answer, field="relation", codes="relation")
    whole, found = measure(units), split(measure, units, ["sex"])
    pd.testing.assert_frame_equal(whole, measure(units.sample(frac=1, random_state=seed)))
    if whole.empty:
        return
    parts = found[found["sex"].ne("_T") & found["code"].notna()]
    assert parts.groupby("code")["count"].sum().to_dict() == whole.set_index("code")["count"].to_dict()
    assert parts.drop_duplicates("sex")["n"].sum() == whole["n"].iloc[0]
    assert whole["value"].between(0, 1).all()
    assert whole["value"].sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(UNITS, st.integers(0, 1000))
def test_several_answers_split_and_added_agree(rows: list[tuple[str | None, str]], seed: int) -> None:
    units = frame(rows)
    units["sex"] = units.groupby("victim_id")["sex"].transform("first")  # a person has one sex and may have several answers
    measure = partial(cases.several_answers, codes="relation")
    whole, found = measure(units), split(measure, units, ["sex"])
    pd.testing.assert_frame_equal(whole, measure(units.sample(frac=1, random_state=seed)))
    if whole.empty:
        return
    parts = found[found["sex"].ne("_T") & found["code"].notna()]
    assert parts.groupby("code")["count"].sum().to_dict() == whole.set_index("code")["count"].to_dict()
    assert whole["value"].between(0, 1).all()
    assert whole["value"].sum() >= 1 - 1e-9


@settings(max_examples=30, deadline=None)
@given(UNITS, st.lists(st.sampled_from(RELATIONS), min_size=40, max_size=40))
def test_bounds_hold_every_completion_of_unknown_answers(rows: list[tuple[str | None, str]], fill: list[str]) -> None:
    units = frame(rows)
    about = answers.states(units, ["relation"]).iloc[0]
    assert sum(int(about[name]) for name in answers.STATES) == len(units)
    applies = units[units["relation"].ne("_Z")].reset_index(drop=True)
    if applies.empty:
        with pytest.raises(MeasureRefused, match="applies to none"):
            answers.shares_with_unknown(units, "relation", "relation")
        return
    found = answers.shares_with_unknown(units, "relation", "relation").set_index("code")
    unknown = ~cases.known(applies["relation"])
    completed = applies["relation"].mask(unknown, pd.Series(fill[: len(applies)], dtype="object"))
    share = completed.value_counts(normalize=True).reindex(found.index, fill_value=0.0)
    assert (found["lowest"] <= share + 1e-12).all()
    assert (share <= found["highest"] + 1e-12).all()
    assert (found["lowest_with_chance"] <= found["lowest"] + 1e-12).all()
    assert (found["highest"] <= found["highest_with_chance"] + 1e-12).all()
    everything = applies["relation"].mask(unknown, RELATIONS[0]).value_counts(normalize=True).get(RELATIONS[0], 0.0)
    assert found.loc[RELATIONS[0], "highest"] == pytest.approx(everything), "the bound is reached"


def test_what_nobody_was_asked_is_not_0() -> None:
    units = pd.DataFrame({"relation": ["_N"] * 12, "sex": "F"})
    found = answers.shares_with_unknown(units, "relation", "relation")
    assert found["value"].isna().all()
    assert (found["lowest"].eq(0) & found["highest"].eq(1)).all()
    with pytest.raises(MeasureRefused, match="did you mean relation"):
        answers.states(units, ["relatoin"])
    with pytest.raises(MeasureRefused, match="no units"):
        answers.states(units.head(0), ["relation"])


def test_flows_by_citizenship_are_bounds_and_named_so(glotip: Import) -> None:
    rows = official.concept_rows(glotip.tables, "COL", "VICTIMS")
    period = Period.parse("2010/2021")
    found = flows.by_citizenship(rows, period)
    assert set(found["basis"]) == {"by citizenship"}
    assert found["citizenship"].is_unique
    assert found["count_low"].lt(found["count_high"]).any(), "some counts are censored"
    assert found.loc[found["citizenship"].eq("COL"), "reach"].to_list() == ["DOMESTIC"]
    share = flows.reach_by_citizenship(rows, period)
    assert share["low"].sum() <= 1 <= share["high"].sum()
    bounds = flows.citizenship_concentration(rows, period).set_index("measure")
    placed = found[found["placed"]]
    rng = np.random.default_rng(1)
    for _ in range(50):
        drawn = [rng.integers(row.count_low, row.count_high + 1) for row in placed.itertuples()]
        index = sum(int(x) ** 2 for x in drawn) / sum(drawn) ** 2
        assert bounds.loc["herfindahl", "low"] - 1e-12 <= index <= bounds.loc["herfindahl", "high"] + 1e-12
    assert (bounds["flag"] == Flag.BOUNDS).all()
    lumped = flows.citizenship_concentration(official.concept_rows(glotip.tables, "BRA", "VICTIMS"), Period.parse("2021")).set_index(
        "measure"
    )
    assert lumped.loc["herfindahl", "low"] == pytest.approx((62**2 + 80) / 142**2), "80 of other countries, each of another"
    assert lumped.loc["herfindahl", "high"] == 1.0, "or, as the source does not say, all of one and the same"
    with pytest.raises(MeasureRefused, match="no figure by citizenship is held within 1999"):
        flows.by_citizenship(rows, Period.parse("1999"))


def test_encounters_are_not_read_as_persons_nor_added_to_them(cbp_file: Path, glotip: Import) -> None:
    encounters = read_cbp(cbp_file, TODAY).tables["official_stat"].assign(publisher="US CBP", citation="")
    victims = official.concept_rows(glotip.tables, "COL", "VICTIMS")
    for rows in (encounters, pd.concat([victims, encounters])):
        with pytest.raises(MeasureRefused, match="border_encounters in EVENTS; events and persons are not added"):
            flows.by_citizenship(rows, Period.parse("2019/2023"))
    one = encounters[encounters["characteristic"].eq("CITIZENSHIP")]
    with pytest.raises(MeasureRefused, match="differ in"):
        official.sum_parts(pd.concat([one.head(1), victims.head(1)]), "counterpart_area")


def test_deaths_by_route_are_least_numbers_without_an_upper_end(iom_file: Path) -> None:
    tables = read_iom(iom_file, TODAY).tables
    found = flows.deaths_by_route(tables, Period.parse("2018/2022")).set_index(["concept", "route"])
    stat = tables["official_stat"]
    darien = stat[stat["characteristic_code"].eq("DARIEN") & stat["indicator"].eq("migrant_deaths")]
    within = darien[darien["period_start"].dt.year.between(2018, 2022)]
    assert found.loc[("DEATHS", "DARIEN"), "value"] == within["obs_value"].sum() > 0
    assert found["high"].isna().all()
    assert (found["flag"] == Flag.MORE_THAN).all()
    with pytest.raises(MeasureRefused, match="no deaths or disappearances"):
        flows.deaths_by_route(tables, Period.parse("1999"))
    again = pd.concat([stat, stat.assign(edition="another")])
    with pytest.raises(MeasureRefused, match="never added"):
        flows.deaths_by_route({"official_stat": again}, Period.parse("2018/2022"))


def test_journeys_without_tables_or_legs_known_are_refused() -> None:
    with pytest.raises(MeasureRefused, match="route_leg and place"):
        journeys.journeys({})
    hidden = journeys.journeys(made(("a", 1, "unknown", "COL"), case_id="c1"))
    with pytest.raises(MeasureRefused, match="of 1 journeys none is known"):
        routes.corridor_use(hidden)
    tables = made(("a", 1, "VEN", "COL"), case_id="c1")
    with pytest.raises(MeasureRefused, match="of 1 legs none has a known docs"):
        routes.mix(journeys.journeys(tables), journeys.legs(tables), "docs")
