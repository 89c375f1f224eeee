"""Modus operandi: several answers, clusters, association, maps and patterns: what must hold of any records."""

from datetime import date
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.known_answers.modus_operandi import SMOKING, clustered, permuted, two_groups
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.measures import cases, means_kinds, modus_operandi, patterns
from turquesa_stats.measures.splits import split
from turquesa_stats.methods.association import cramers_v
from turquesa_stats.methods.clusters import clustered_proportion, design_effect, numbered, rao_scott, variance_of_sums
from turquesa_stats.methods.co_occurrence import co_occurrence
from turquesa_stats.methods.correspondence import correspondence, multiple_correspondence
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.latent_classes import LatentClasses, adjusted_rand, latent_classes
from turquesa_stats.methods.multiple_response import answer_matrix, answer_shares, compare_answers, compare_profiles
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, NOT_KNOWN, code_list
from turquesa_stats.sources.demonstration import demonstration_tables

Tables = dict[str, pd.DataFrame]
ANSWERS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc")), min_size=1, max_size=40)
BITS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 7)), min_size=12, max_size=60)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Synthetic records, with control and technology that go with the form of exploitation, the same for most victims of a case."""
    made = demonstration_tables(date(2026, 1, 2), years=(2022, 2023))
    victim, rng = made["victim"], np.random.default_rng(4)
    kind_of_case = {case: rng.random() < 0.5 for case in victim["case_id"].unique()}
    rows = []
    for victim_id, case in victim[["victim_id", "case_id"]].itertuples(index=False):
        chances = (0.85, 0.8, 0.75, 0.1, 0.15) if kind_of_case[case] else (0.1, 0.15, 0.1, 0.8, 0.7)
        held = [code for code, chance in zip(("DEBT", "EARNINGS", "DOCS", "THREAT", "PHYS"), chances, strict=True) if rng.random() < chance]
        rows += [(victim_id, code) for code in held or ["NONE"]] if rng.random() < 0.9 else [(victim_id, "_U")]
    used = [(victim_id, "RECRUIT", "SOCIAL" if rng.random() < 0.6 else "NONE") for victim_id in victim["victim_id"]]
    used += [(victim_id, "CONTROL", "_U") for victim_id in victim["victim_id"]]
    control = pd.DataFrame(rows, columns=["victim_id", "code"])
    return {**made, "victim_control": control, "victim_technology": pd.DataFrame(used, columns=["victim_id", "stage", "code"])}


@pytest.fixture(scope="module")
def chosen(tables: Tables) -> pd.DataFrame:
    return cases.victims(tables, DEMONSTRATION_COUNTRY, Period(date(2022, 1, 1), date(2023, 12, 31)))


@pytest.fixture(scope="module")
def found_patterns(tables: Tables, chosen: pd.DataFrame) -> LatentClasses:
    return patterns.patterns(tables, chosen, seed=1, blocks=("control",), most=2, resamples=50)


# Several answers


@settings(max_examples=30, deadline=None)
@given(ANSWERS, st.randoms())
def test_each_unit_counts_once_an_answer_whatever_the_order_of_rows(rows: list[tuple[int, str]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (answer_shares(answer_matrix(pd.DataFrame(r, columns=["unit", "answer"]), list("abcd"))) for r in (rows, shuffled))
    pd.testing.assert_frame_equal(one, other)
    units = len({unit for unit, _ in rows})
    assert one["n"].eq(units).all()
    assert one.set_index("answer")["count"].to_dict() == {a: len({u for u, b in rows if a == b}) for a in "abcd"}
    assert one[["value", "low", "high"]].stack().between(0, 1).all()
    assert one["flag"].eq(Flag.SMALL_N if units < 10 else "").all()


@settings(max_examples=20, deadline=None)
@given(ANSWERS)
def test_units_split_in_two_add_up_to_all(rows: list[tuple[int, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["unit", "answer"])
    parts = [answer_shares(answer_matrix(frame[frame["unit"] % 2 == odd], list("abc"))) for odd in (0, 1)]
    whole = answer_shares(answer_matrix(frame, list("abc"))).set_index("answer")["count"]
    assert pd.concat(parts).groupby("answer")["count"].sum().to_dict() == whole.to_dict()


def test_no_known_answer_gives_an_empty_table_and_never_a_zero() -> None:
    nothing = answer_matrix(pd.DataFrame({"unit": [], "answer": []}), ["a"])
    assert answer_shares(nothing).empty


def test_groups_that_are_alike_are_found_different_no_more_often_than_said() -> None:
    """Victims of a case alike, cases of either group: Rao and Scott's test keeps its level, that without cases does not."""
    rng = np.random.default_rng(11)
    kept, naive = [], []
    for _ in range(200):
        case = np.repeat(np.arange(60), rng.integers(1, 7, 60))
        of_case = rng.random((60, 3)) < 0.4
        answers = pd.DataFrame(
            np.where(rng.random((len(case), 1)) < 0.8, of_case[case], rng.random((len(case), 3)) < 0.4), columns=list("abc")
        )
        group = rng.integers(0, 2, 60)[case]
        kept.append(compare_profiles(answers, group, case) < 0.05)
        naive.append(compare_profiles(answers, group) < 0.05)
    assert 0.02 <= np.mean(kept) <= 0.09
    assert np.mean(naive) > 0.15


def test_the_test_of_several_answers_agrees_with_permutation_for_three_groups() -> None:
    given, _ = two_groups()
    group = np.random.default_rng(8).integers(0, 3, len(given))
    three = float(np.mean([compare_profiles(given, np.random.default_rng(seed).integers(0, 3, len(given))) < 0.2 for seed in range(100)]))
    assert 0.1 <= three <= 0.32
    assert compare_profiles(given, group) == pytest.approx(compare_profiles(given.iloc[::-1], group[::-1]))
    two = np.random.default_rng(9).integers(0, 2, len(given))
    assert compare_profiles(given, two) == pytest.approx(permuted(given, two, 2000), abs=0.04)


def test_rare_answers_are_shown_but_not_tested() -> None:
    answers = pd.DataFrame({"often": [True, False] * 50, "rare": [True] + [False] * 99})
    found = compare_answers(answers, ["x"] * 60 + ["y"] * 40)
    rare = found[found["answer"].eq("rare")]
    assert rare["p_value"].isna().all()
    assert rare["reason"].str.contains("fewer than 5").all()
    often = found[found["answer"].eq("often")]
    assert often["p_adjusted"].tolist() == often["p_value"].tolist()
    assert found.groupby("answer")["count"].sum().to_dict() == {"often": 50, "rare": 1}


# Clusters


@settings(deadline=None)
@given(BITS)
def test_a_share_lies_in_its_interval_and_clusters_only_widen_it(rows: list[tuple[bool, bool, int]]) -> None:
    has, cluster = np.array([x for x, _, _ in rows]), [c for _, _, c in rows]
    found, plain = clustered_proportion(has, cluster), proportion(int(has.sum()), len(has))
    assert 0 <= found.low <= found.value <= found.high <= 1  # type: ignore[operator]
    assert found.high - found.low >= plain.high - plain.low - 1e-12  # type: ignore[operator]
    renamed = clustered_proportion(has[::-1], [f"case {c}" for c in cluster[::-1]])
    assert (renamed.low, renamed.high) == pytest.approx((found.low, found.high))


def test_one_cluster_says_nothing_beyond_itself() -> None:
    found = clustered_proportion(np.array([True] * 10 + [False] * 10), ["one"] * 20)
    assert (found.low, found.high, found.flag) == (0.0, 1.0, Flag.SMALL_N)


def test_copies_of_units_are_no_new_information() -> None:
    x = np.array([1, 0, 0, 1, 0, 1, 1, 0, 0, 0] * 4)
    copied = clustered_proportion(np.repeat(x, 5), np.repeat(np.arange(40), 5))
    single = clustered_proportion(x, np.arange(40))
    assert copied.value == single.value
    assert copied.high - copied.low == pytest.approx(single.high - single.low, rel=0.05)  # type: ignore[operator]
    assert design_effect(np.repeat(x, 5), np.repeat(np.arange(40), 5)) == pytest.approx(5 * 40 / 39)
    assert design_effect(np.ones(200), np.repeat(np.arange(40), 5)) == 5


# Pairs and strength


@settings(max_examples=40, deadline=None)
@given(BITS)
def test_measures_of_a_pair_lie_in_their_intervals_and_do_not_depend_on_which_comes_first(rows: list[tuple[bool, bool, int]]) -> None:
    frame, cluster = pd.DataFrame({"x": [r[0] for r in rows], "y": [r[1] for r in rows]}), [r[2] for r in rows]
    if frame["x"].nunique() < 2 or frame["y"].nunique() < 2 or len(set(cluster)) < 2:
        with pytest.raises(MeasureRefused):
            co_occurrence(frame, cluster=cluster)
        return
    found = co_occurrence(frame, cluster=cluster).set_index("measure")
    turned = co_occurrence(frame[["y", "x"]], cluster=cluster).set_index("measure")
    numbers = ["value", "low", "high", "p_value"]
    pd.testing.assert_frame_equal(found[numbers].astype(float), turned[numbers].astype(float))
    known = found[found["value"].notna() & found.index.isin(["phi", "lift", "jaccard"])].astype(
        {"value": float, "low": float, "high": float}
    )
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
    assert found.loc["phi", ["low", "high"]].between(-1, 1).all()
    assert found[["both", "first_only", "second_only", "neither"]].sum(axis=1).eq(len(rows)).all()
    assert found["p_value"].between(0, 1).all()


def test_all_pairs_are_in_one_family_and_constant_answers_in_none() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.random((200, 4)) < 0.4, columns=list("abcd")).assign(none=False)
    found = co_occurrence(frame, cluster=np.arange(200) // 2)
    pairs = found.drop_duplicates(["first", "second"])
    assert len(pairs) == 6
    smallest = pairs["p_value"].min()
    assert pairs.loc[pairs["p_value"].eq(smallest), "p_adjusted"].item() == pytest.approx(min(1.0, 6 * smallest))


def test_pairs_across_questions_use_the_units_that_answered_both() -> None:
    first = pd.DataFrame({"m": [True, False] * 20}, index=range(40))
    second = pd.DataFrame({"p": [True, True, False, False] * 10}, index=range(5, 45))
    found = co_occurrence(first, second)
    assert found.loc[found["measure"].ne("jaccard"), "n"].eq(35).all()
    both = int((first["m"].loc[5:39] & second["p"].loc[5:39]).sum())
    assert found["both"].eq(both).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 4))
def test_strength_lies_in_its_interval_and_ignores_order_and_names(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, rows, 60), rng.integers(0, columns, 60)
    assume(len(np.unique(x)) > 1 and len(np.unique(y)) > 1)
    one, p = cramers_v(x, y)
    other, q = cramers_v(y[::-1] * 10, x[::-1] - 3)
    assert 0 <= one.low <= one.value <= one.high <= 1  # type: ignore[operator]
    assert (one.value, one.low, one.high, p) == pytest.approx((other.value, other.low, other.high, q))
    assert (one.low > 0) == (p < 0.025)  # type: ignore[operator]


def test_no_association_gives_an_interval_that_holds_zero() -> None:
    """The defect of the bootstrap: its lower end lay above 0 for independent answers."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        held.append(cramers_v(rng.integers(0, 3, 80), rng.integers(0, 3, 80))[0].low == 0)
    assert np.mean(held) >= 0.94


def test_cases_alike_weaken_the_evidence_for_association() -> None:
    x, y, _ = clustered()
    copied = np.repeat(np.arange(len(x)), 4)
    alone, p_alone = cramers_v(x, y)
    naive, p_naive = cramers_v(x[copied], y[copied])
    with_cases, p_cases = cramers_v(x[copied], y[copied], copied)
    assert p_naive < p_alone
    assert p_cases == pytest.approx(p_alone, abs=0.02)
    assert with_cases.high - with_cases.low == pytest.approx(alone.high - alone.low, rel=0.05)  # type: ignore[operator]
    assert naive.high - naive.low < 0.7 * (alone.high - alone.low)  # type: ignore[operator]


# Maps


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(1, 30), min_size=4, max_size=4), min_size=2, max_size=5))
def test_a_map_keeps_the_chi_squared_statistic_and_ignores_the_order(rows: list[list[int]]) -> None:
    table = pd.DataFrame(rows, index=[f"r{i}" for i in range(len(rows))], columns=list("abcd"))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.to_numpy().sum()
    chi_squared = float(((table - expected) ** 2 / expected).to_numpy().sum())
    assume(table.to_numpy().sum() >= 30 and chi_squared > 1e-6)
    found = correspondence(table)
    assert found.inertia["value"].sum() == pytest.approx(chi_squared / table.to_numpy().sum(), abs=1e-9)
    turned = correspondence(table.iloc[::-1, ::-1])
    assert turned.inertia["value"].to_numpy() == pytest.approx(found.inertia["value"].to_numpy(), abs=1e-9)


def test_points_of_a_map_carry_all_inertia_between_them() -> None:
    points = correspondence(SMOKING, dimensions=3).points
    assert points.groupby(["side", "dimension"])["contribution"].sum().to_numpy() == pytest.approx(np.ones(6))
    assert points.groupby(["side", "name"])["quality"].sum().to_numpy() == pytest.approx(np.ones(9))
    masses = points[points["dimension"].eq(1)].groupby("side")["mass"].sum()
    assert masses.to_numpy() == pytest.approx(np.ones(2))
    assert (points["value"] * points["mass"]).groupby([points["side"], points["dimension"]]).sum().to_numpy() == pytest.approx(
        np.zeros(6), abs=1e-12
    )


# Latent classes


def planted(seed: int, size: int = 400) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return items of two classes (30 % and 70 %), some unknown, in cases of one class."""
    rng = np.random.default_rng(seed)
    case = np.sort(rng.integers(0, size // 2, size))
    kind = (rng.random(size // 2) < 0.3)[case]
    chances = np.where(kind[:, None], [0.9, 0.8, 0.85, 0.2, 0.1], [0.1, 0.2, 0.15, 0.8, 0.6])
    items = pd.DataFrame((rng.random((size, 5)) < chances).astype(float), columns=list("abcde"))
    return items.mask(rng.random((size, 5)) < 0.1).fillna({"a": 0.0}), kind, case


def test_planted_classes_are_found_in_order_of_size_and_in_spite_of_missing_answers() -> None:
    items, kind, case = planted(1)
    found = latent_classes(items, seed=3, cluster=case, most=2, resamples=50)
    assert found.choice.loc[found.choice["chosen"], "classes"].item() == 2
    sizes = found.sizes["value"]
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert sizes.sum() == pytest.approx(1)
    assert found.sizes["low"].iloc[0] <= 0.7 <= found.sizes["high"].iloc[0]
    assert adjusted_rand(found.membership[2] > 0.5, kind) > 0.7
    profile = found.profiles.pivot_table(index="class", columns="item", values="value")
    assert np.abs(profile.loc[2, list("bcd")].to_numpy(float) - [0.8, 0.85, 0.2]).max() < 0.15
    assert found.profiles[["low", "value", "high"]].stack().between(0, 1).all()
    assert found.stability.value is not None
    assert found.stability.value > 0.7


def test_where_there_are_no_classes_one_is_found() -> None:
    one = [
        latent_classes(
            pd.DataFrame((np.random.default_rng(seed).random((300, 5)) < 0.4).astype(float)), seed, most=2, starts=3, resamples=50
        )
        for seed in range(3)
    ]
    assert [len(found.sizes) for found in one] == [1] * 3
    assert all(found.stability.value is None for found in one)
    assert all(found.sizes[["value", "low", "high"]].eq(1.0).all(axis=None) for found in one)
    profiles = pd.concat([found.profiles for found in one])
    assert (profiles["low"].le(0.4) & profiles["high"].ge(0.4)).sum() >= 13  # of 15 intervals


def test_the_order_of_rows_changes_nothing_and_the_seed_repeats_everything() -> None:
    items, _, case = planted(2, 200)
    order = np.random.default_rng(1).permutation(len(items))
    one = latent_classes(items, 5, case, most=2, starts=3, resamples=50)
    shuffled = latent_classes(items.iloc[order], 5, case[order], most=2, starts=3, resamples=50)
    for name in ("choice", "profiles", "sizes"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(shuffled, name))
    pd.testing.assert_frame_equal(one.membership, shuffled.membership.sort_index())
    assert one.stability == shuffled.stability
    alone, turned = (latent_classes(rows, 5, most=1, resamples=50).profiles for rows in (items, items.iloc[order]))
    pd.testing.assert_frame_equal(alone, turned)


def test_more_parameters_than_the_data_carry_are_not_tried() -> None:
    items, _, _ = planted(3, 200)
    choice = latent_classes(items[["a", "b", "c"]], 1, most=3, resamples=50).choice
    assert choice["reason"].iloc[1:].str.contains("parameters are more than").all()
    assert choice["log_likelihood"].iloc[1:].isna().all()


# The subject


def test_every_measure_runs_for_every_group_and_tells_what_it_refuses(tables: Tables, chosen: pd.DataFrame) -> None:
    measures = [
        partial(modus_operandi.means_of_adults, tables),
        partial(modus_operandi.control, tables),
        partial(modus_operandi.recruitment_channel, tables),
        modus_operandi.relation,
        modus_operandi.sector,
        partial(modus_operandi.technology_by_stage, tables),
        partial(modus_operandi.control_together, tables),
        partial(modus_operandi.means_by_purpose, tables),
    ]
    for measure in measures:
        found = split(measure, chosen, ["sex"], tables)
        told = found[found["reason"].eq("")]
        assert set(ESTIMATE_COLUMNS) <= set(found.columns)
        assert told[["n"]].le(told["records"], axis=0).all(axis=None)
    by_form = split(partial(modus_operandi.control, tables), chosen, ["exploitation"], tables)
    assert by_form["exploitation"].nunique() > 3
    means = split(partial(modus_operandi.means_of_adults, tables), chosen, ["age_status"], tables)
    assert not (means["age_status"].eq("MINOR") & means["count"].gt(0)).any()


def test_counts_of_the_sexes_add_up_to_all(tables: Tables, chosen: pd.DataFrame) -> None:
    found = split(partial(modus_operandi.control, tables), chosen, ["sex"], tables)
    by_sex = found[found["sex"].ne("_T")].groupby("code")["count"].sum()
    total = found[found["sex"].eq("_T")].set_index("code")["count"]
    assert by_sex.to_dict() == total.to_dict()


def test_victims_of_whom_nothing_is_known_are_not_in_the_denominator(tables: Tables, chosen: pd.DataFrame) -> None:
    held = tables["victim_control"].merge(chosen[["victim_id"]], on="victim_id")
    found = modus_operandi.control(tables, chosen)
    assert found["n"].eq(held.loc[held["code"].ne("_U"), "victim_id"].nunique()).all()
    assert found.set_index("code").loc["NONE", "count"] > 0
    assert modus_operandi.sector(chosen).empty
    stages = modus_operandi.technology_by_stage(tables, chosen)
    assert set(stages["stage"]) == {"RECRUIT"}


def test_intervals_allow_for_victims_of_one_case_being_alike(tables: Tables, chosen: pd.DataFrame) -> None:
    found = modus_operandi.control(tables, chosen).set_index("code").loc["DEBT"]
    plain = proportion(int(found["count"]), int(found["n"]))
    assert found["high"] - found["low"] > plain.high - plain.low  # type: ignore[operator]


def test_controls_planted_together_are_found_together(tables: Tables, chosen: pd.DataFrame) -> None:
    found = modus_operandi.control_together(tables, chosen).set_index(["first", "second", "measure"])
    assert found.loc[("DEBT", "EARNINGS", "phi"), "low"] > 0
    assert found.loc[("DEBT", "EARNINGS", "lift"), "low"] > 1
    assert found.loc[("DEBT", "THREAT", "phi"), "high"] < 0
    assert "NONE" not in found.reset_index()["second"].tolist()


def test_deception_and_purpose_keep_their_answer_for_the_reports(tables: Tables, chosen: pd.DataFrame) -> None:
    found = modus_operandi.means_and_purpose(tables, chosen)
    assert found is not None
    estimate, p_value = found
    cells = modus_operandi.means_by_purpose(tables, chosen).set_index(["first", "second", "measure"])
    cell = cells.loc[("MNS_DECEPTION", "PUR_SEXUAL", "phi")]
    assert cell["n"] == estimate.n
    assert (cell["p_value"] < 0.01) == (p_value < 0.01)
    assert modus_operandi.means_and_purpose(tables, chosen.head(20)) is None


def test_groups_of_victims_are_compared_by_case(tables: Tables, chosen: pd.DataFrame) -> None:
    found = modus_operandi.answers_by_group(tables, chosen, "purpose")
    assert set(found["group"]) == {"F", "M"}
    assert found.loc[found["answer"].eq("PUR_SEXUAL"), "p_adjusted"].max() < 0.001


def test_the_planted_pattern_of_control_is_found(found_patterns: LatentClasses) -> None:
    assert len(found_patterns.sizes) == 2
    debt = found_patterns.profiles.query("item == 'control:DEBT'")["value"]
    assert abs(debt.iloc[0] - debt.iloc[1]) > 0.5
    assert found_patterns.stability.value is not None
    assert found_patterns.stability.value > 0.6


def test_patterns_run_for_every_sex_and_a_small_group_is_told_why_not(tables: Tables, chosen: pd.DataFrame) -> None:
    few = pd.concat([chosen[chosen["sex"].eq("F")].head(150), chosen[chosen["sex"].eq("M")].head(30)])
    measure = partial(patterns.pattern_profiles, tables, seed=1, blocks=("control",), most=2, resamples=50)
    found = split(measure, few, ["sex"], tables)
    assert found.loc[found["sex"].eq("M"), "reason"].str.contains("100 units").all()
    told = found[found["sex"].eq("F")]
    assert set(told["pattern"]) >= {0, 1}
    assert told.loc[told["pattern"].gt(0), "value"].between(0, 1).all()


def test_means_of_children_are_no_items(tables: Tables, chosen: pd.DataFrame) -> None:
    found = patterns.items(tables, chosen)
    children = chosen.loc[chosen["age_status_exploit"].ne("ADULT"), "victim_id"]
    means = [name for name in found.columns if name.startswith("means:")]
    assert means
    assert found.loc[found.index.isin(children), means].isna().all(axis=None)
    assert not [name for name in found.columns if name.endswith("NONE")]


def test_answers_that_exclude_one_another_are_no_patterns(tables: Tables, chosen: pd.DataFrame) -> None:
    """Each victim of the demonstration has one channel of recruitment; taken as items, channels alone would make classes."""
    found = patterns.items(tables, chosen, ("recruitment", "control"))
    channels = modus_operandi.recruitment_channel(tables, chosen)
    assert [name for name in found.columns if name.startswith("recruitment:")] == [f"recruitment:{channels['code'].iloc[0]}"]
    assert len([name for name in found.columns if name.startswith("control:")]) == 5


def test_a_fit_that_one_start_alone_reached_is_not_chosen() -> None:
    items, _, _ = planted(5, 200)
    choice = latent_classes(items, 1, most=4, starts=4, resamples=50).choice
    alone = choice[choice["starts_agreeing"].eq(0.25)]
    assert len(alone) == 2
    assert not alone["chosen"].any()
    assert alone["reason"].str.contains("starts alone").all()


def test_the_map_of_means_and_purposes_counts_pairs(tables: Tables, chosen: pd.DataFrame) -> None:
    found = patterns.means_purpose_map(tables, chosen)
    assert found.inertia["n"].iloc[0] >= found.inertia["victims"].iloc[0]
    assert {"MNS_DECEPTION", "PUR_SEXUAL"} <= set(found.points["name"])


NO_NUMBERS = pd.DataFrame({"a": [1.0, 0.0] * 60, "b": [1.0, 0.0] * 60, "c": [1.0, 1.0, 0.0] * 40})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: answer_matrix(pd.DataFrame({"unit": [1], "answer": ["X"]}), ["Y", "Z"]), "not a possible answer"),
        (lambda: answer_matrix(pd.DataFrame({"unit": [1], "answer": [None]}), ["Y"]), "missing"),
        (lambda: numbered(["a", None], 2), "2 units have 1 clusters"),
        (lambda: variance_of_sums(np.ones((3, 1)), ["a"] * 3), "at least two"),
        (lambda: rao_scott(np.zeros(1), np.ones(1), np.zeros((4, 1)), None), "nothing varies"),
        (lambda: design_effect(np.array([]), None), "no units"),
        (lambda: clustered_proportion(np.array([]), None), "n > 0"),
        (lambda: compare_profiles(pd.DataFrame({"a": [True, False]}), ["x", "x"]), "two groups"),
        (lambda: compare_profiles(pd.DataFrame({"a": [True, False]}), ["x", "y"]), "join groups"),
        (lambda: co_occurrence(pd.DataFrame({"a": [True, False], "b": [True, False]})), "2 units answered"),
        (lambda: co_occurrence(pd.DataFrame({"a": [True] * 20, "b": [True, False] * 10})), "0 pairs"),
        (lambda: cramers_v(np.array([0, 1] * 14), np.array([0, 1] * 14)), "not 28 units"),
        (lambda: cramers_v(np.array([0, 1] * 20), np.array([0, 1] * 20), ["one"] * 40), "at least two"),
        (lambda: correspondence(pd.DataFrame([[20, 0], [20, 0]])), "nothing is counted in 1"),
        (lambda: correspondence(pd.DataFrame([[5, 4], [3, 2]])), "30 units"),
        (lambda: correspondence(pd.DataFrame([[20, 10], [40, 20]])), "same profile"),
        (lambda: correspondence(pd.DataFrame([[20.5, 4], [3, 2]])), "counts of units"),
        (lambda: multiple_correspondence(pd.DataFrame({"a": [1, 0] * 20, "b": [1] * 40})), "all answer alike to b"),
        (lambda: latent_classes(NO_NUMBERS.head(60), 1), "60 of 60 units"),
        (lambda: latent_classes(NO_NUMBERS[["a", "b"]], 1), "3 items"),
        (lambda: latent_classes(NO_NUMBERS.assign(c=2.0), 1), "look at c"),
        (lambda: latent_classes(NO_NUMBERS, 1, resamples=10), "50 or more"),
        (lambda: latent_classes(NO_NUMBERS, 1, cluster=np.arange(120) % 4), "4 clusters"),
        (lambda: adjusted_rand([1], [1]), "same two or more"),
        (lambda: modus_operandi.control({}, pd.DataFrame()), "no table victim_control"),
        (lambda: modus_operandi.block({}, pd.DataFrame(), "controls"), "did you mean control"),  # type: ignore[arg-type]
        (lambda: patterns.items({}, pd.DataFrame(), ("control",)), "none of the blocks control is held"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(call: object, message: str) -> None:
    with pytest.raises(MeasureRefused, match=message):
        call()  # type: ignore[operator]


MEANS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(code_list("means").codes)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(MEANS)
def test_combinations_of_means_add_up_to_their_kinds_and_to_all_persons(pairs: list[tuple[int, str]]) -> None:
    answers = pd.DataFrame([(str(person), code) for person, code in pairs], columns=["victim_id", "code"]).assign(case_id="one")
    counted = means_kinds.means_together(answers).set_index("code")["count"] if pairs else pd.Series(dtype="int64")
    held: dict[str, set[str]] = {}
    for person, code in pairs:
        if code not in NOT_KNOWN:
            held.setdefault(str(person), set()).add(means_kinds.kind_of_means()[code])
    assert counted.sum() == len(held)
    for kind in means_kinds.KINDS:
        assert sum(counted.get(one, 0) for one in means_kinds.with_kind(kind)) == sum(kind in kinds for kinds in held.values())
    assert counted.get(means_kinds.OTHER, 0) == sum(kinds == {means_kinds.OTHER} for kinds in held.values())


def test_combinations_of_means_in_small() -> None:
    held = {
        "a": ["MNS_THREAT", "MNS_FORCE"],
        "b": ["MNS_PAYMENT", "MNS_FRAUD"],
        "c": ["MNS_OTHER"],
        "d": ["_U"],
        "e": ["MNS_OTHER", "MNS_FRAUD"],
    }
    answers = pd.DataFrame([(person, code) for person, codes in held.items() for code in codes], columns=["victim_id", "code"])
    assert means_kinds.combination_of(answers).to_dict() == {"a": "FORCE", "b": "DECEPTION+ABUSE", "c": "OTHER", "e": "DECEPTION"}


def test_every_means_is_of_one_kind() -> None:
    listed = set(code_list("means_kind").codes)
    assert listed == {*means_kinds.KINDS, means_kinds.OTHER}
    assert set(means_kinds.kind_of_means()) == set(code_list("means").codes) - set(NOT_KNOWN)
    assert set(means_kinds.kind_of_means().values()) == listed
