"""Trends, breaks, monotone change, and change of recorded numbers within stretches of one definition."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.known_answers.change import p_value_of_every_order
from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Flag
from turquesa_stats.measures import official
from turquesa_stats.measures.change import CHANCE, FEWER, change_between, recorded_change
from turquesa_stats.measures.pandemic import ONSET, pandemic_break
from turquesa_stats.measures.splits import split
from turquesa_stats.measures.time_segments import monthly_counts, segments, time_of
from turquesa_stats.methods.breaks import placebo_breaks, segmented
from turquesa_stats.methods.count_models import count_model, fit_counts
from turquesa_stats.methods.count_series import count_series
from turquesa_stats.methods.monotone import mann_kendall, sen_slope, variance_factor
from turquesa_stats.methods.serial_errors import autocorrelation, serial_errors
from turquesa_stats.methods.trends import trend
from turquesa_stats.period import Period
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import Import
from turquesa_stats.sources.un_wpp import read as read_population

COUNTS = st.lists(st.integers(1, 400), min_size=12, max_size=20).filter(lambda values: len(set(values)) > 3)
ENDS = ["value", "low", "high"]
UNTIL = Period.parse("2003/2021")


@settings(max_examples=15, deadline=None)
@given(COUNTS, st.randoms(), st.sampled_from(["hc3", "newey-west"]))
def test_the_order_of_rows_changes_no_trend(counts: list[int], random: object, errors: str) -> None:
    order = list(range(len(counts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one = trend(counts, range(len(counts)), 3, errors=errors)  # type: ignore[arg-type]
    other = trend([counts[place] for place in order], order, 3, errors=errors)  # type: ignore[arg-type]
    assert one[ENDS].to_numpy() == pytest.approx(other[ENDS].to_numpy())


@settings(max_examples=15, deadline=None)
@given(COUNTS, st.integers(1, 10**6), st.integers(1900, 2100))
def test_a_trend_knows_neither_the_unit_of_exposure_nor_the_first_year(counts: list[int], unit: int, start: int) -> None:
    one = trend(counts, range(len(counts)), 3)
    other = trend(counts, range(start, start + len(counts)), 3, [float(unit)] * len(counts))
    assert one[ENDS].to_numpy() == pytest.approx(other[ENDS].to_numpy(), rel=1e-6)
    backwards = trend(counts[::-1], range(len(counts)), 3, errors="hc3")
    forwards = trend(counts, range(len(counts)), 3, errors="hc3")
    assert backwards[["low", "high"]].to_numpy() == pytest.approx(1 / forwards[["high", "low"]].to_numpy(), rel=1e-6)


def test_a_rate_that_stays_the_same_has_no_trend_though_the_numbers_grow() -> None:
    people = [100.0 * 1.03**year for year in range(12)]
    counts = [round(40 * 1.03**year) for year in range(12)]
    assert trend(counts, range(12), 1)["value"].iloc[0] == pytest.approx(1.03, abs=2e-3)
    assert trend(counts, range(12), 1, people)["value"].iloc[0] == pytest.approx(1.0, abs=2e-3)


def test_dispersion_tells_what_chance_alone_does_not_explain() -> None:
    rng = np.random.default_rng(4)
    calm, wild = rng.poisson(100, 200), rng.negative_binomial(5, 5 / 105, 200)
    found = {name: trend(list(counts), range(200), 1, errors="hc3").iloc[0] for name, counts in (("calm", calm), ("wild", wild))}
    assert found["calm"]["dispersion"] == pytest.approx(1, abs=0.25)
    assert found["wild"]["dispersion"] > 10
    assert trend(list(wild), range(200), 1, family="negative-binomial", errors="hc3")["dispersion"].iloc[0] == pytest.approx(1, abs=0.25)


def test_counts_calmer_than_chance_are_poisson_at_the_limit_of_the_negative_binomial() -> None:
    counts = [50, 51, 50, 52, 51, 52, 53, 52, 53, 54, 53, 55]
    one, other = (trend(counts, range(12), 1, family=family)[ENDS] for family in ("poisson", "negative-binomial"))  # type: ignore[arg-type]
    assert one.to_numpy() == pytest.approx(other.to_numpy())
    frame = pd.DataFrame({"count": counts, "time": range(12)})
    assert count_model(frame, "count ~ time").set_index("term").loc["theta", "value"] == np.inf


def test_autocorrelated_counts_have_a_wider_interval_than_the_same_counts_shuffled() -> None:
    slow = [40, 45, 50, 56, 60, 61, 58, 50, 44, 40, 38, 41, 47, 54, 60, 62, 57, 50, 45, 41, 40, 44, 50, 57]
    mixed = list(np.random.default_rng(6).permutation(slow))
    widths = [np.log(found["high"] / found["low"]).iloc[0] for found in (trend(one, range(24), 1) for one in (slow, mixed))]
    assert widths[0] > 1.5 * widths[1]


def test_gaps_are_refused_unless_allowed_and_then_told() -> None:
    counts, years = [30, 33, 31, 38, 36, 41, 40, 44, 43], [2010, 2011, 2012, 2013, 2015, 2016, 2017, 2018, 2019]
    with pytest.raises(MeasureRefused, match=r"1 times are missing \(after 2013\)"):
        trend(counts, years, 1, errors="hc3")
    found = trend(counts, years, 1, errors="hc3", gaps_allowed=True).iloc[0]
    assert (found["missing_times"], found["points"], np.isnan(found["autocorrelation"])) == (1, 9, True)
    with pytest.raises(MeasureRefused, match="Newey-West errors need every time"):
        trend([*counts, 50, 51, 49, 55], [*years, 2020, 2021, 2022, 2023], 1, gaps_allowed=True)


def test_few_events_are_flagged() -> None:
    assert trend([1, 0, 1, 0, 2, 1, 1, 1], range(8), 1, errors="hc3")["flag"].iloc[0] == Flag.SMALL_N


FIVE, TWELVE = [3, 5, 4, 6, 7], [30, 33, 31, 38, 36, 41, 40, 44, 43, 45, 47, 44]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: trend(FIVE, range(5), 1, errors="hc3"), "5 points are too few: at least 8"),
        (lambda: trend(TWELVE[:10], range(10), 1), "10 points are too few: at least 12"),
        (lambda: trend([*TWELVE[:11], np.nan], range(12), 1), "1 counts are missing or censored"),
        (lambda: trend([*TWELVE[:11], 4.5], range(12), 1), "whole numbers of zero or more, not 4.5"),
        (lambda: trend([0] * 11 + [5], range(12), 1), "fewer than two times"),
        (lambda: trend(TWELVE, [1, *range(1, 12)], 1), "each once"),
        (lambda: trend(TWELVE, range(11), 1), "each time needs one of each"),
        (lambda: trend(TWELVE, range(12), 1, [1.0] * 11 + [0.0]), "more than zero at each time"),
        (
            lambda: trend(TWELVE, range(2000, 2012), 1, breaks=[False] * 5 + [True] + [False] * 6),
            "definition changes at 2005: no line across",
        ),
        (lambda: trend([2**time for time in range(12)], range(12), 1), "goes through every count"),
        (lambda: count_series([5, 6], [1, 2], breaks=[True]), "1 marks of a break for 2 times"),
        (lambda: fit_counts(np.arange(5.0), np.ones((5, 2)), np.ones(5), "poisson"), "say the same thing twice"),
        (lambda: fit_counts(np.arange(2.0), np.eye(2), np.ones(2), "poisson"), "2 counts cannot carry 2 coefficients"),
        (lambda: count_model(pd.DataFrame({"y": [1, 2, 3, np.nan], "x": [1, 2, 4, 4]}), "y ~ x"), "values are missing"),
        (lambda: count_model(pd.DataFrame({"y": [1, 2, 3, -1], "x": [1, 2, 4, 4]}), "y ~ x"), "whole numbers of zero or more"),
        (lambda: segmented(TWELVE, range(12), 7, 1), "7 points before and 5 after the break at 7"),
        (lambda: segmented(TWELVE * 2, range(24), 12, 1, cycle=12), "do not show a cycle of 12 twice"),
        (lambda: segmented([0] * 11 + [5] + TWELVE, range(24), 12, 1), "fewer than two times on a side of 12"),
        (lambda: segmented(TWELVE * 2, [*range(20), *range(21, 25)], 12, 1), "1 times are missing"),
        (lambda: placebo_breaks(TWELVE, range(12), 7, 1), "7 points before"),
        (lambda: mann_kendall([1, 2, 3], range(3)), "3 points are too few"),
        (lambda: mann_kendall([1, 2, 2, 3, 4], range(5)), "5 points with equal values"),
        (lambda: mann_kendall([2.0] * 9, range(9)), "all values are 2"),
        (lambda: mann_kendall([1, np.nan, 2, 3, 4], range(5)), "missing or censored"),
        (lambda: mann_kendall(FIVE, [1, 1, 2, 3, 4]), "each time needs one"),
        (lambda: mann_kendall(TWELVE, [*range(11), 12], "hamed-rao"), "needs every time"),
        (lambda: mann_kendall(TWELVE, [*range(11), 12], "autoregression", 1), "needs every time"),
        (lambda: mann_kendall(TWELVE, range(12), "autoregression"), "give a seed"),
        (lambda: mann_kendall(TWELVE[:9], range(9), "autoregression", 1), "9 points are too few to tell their autocorrelation"),
        (lambda: variance_factor(range(12), range(12)), "on one line"),
        (lambda: sen_slope(FIVE, range(5), "persons"), "5 points are too few: at least 6"),
        (lambda: autocorrelation(np.zeros(9), np.ones((9, 1))), "through every point"),
    ],
)
def test_what_cannot_be_answered_is_refused(call: object, why: str) -> None:
    with pytest.raises(MeasureRefused, match=why):
        call()  # type: ignore[operator]


def months(level: float, n: int = 72, at: int = 38, seed: int = 5) -> list[int]:
    since = np.arange(n) - at
    return list(np.random.default_rng(seed).poisson(80 * np.exp(0.005 * since + level * (since >= 0))))


def test_a_known_break_is_found_and_no_placebo_is_as_large() -> None:
    counts = months(-0.6)
    found = segmented(counts, range(72), 38, 1, per=12).set_index("term")
    assert found.loc["level_change", "low"] < np.exp(-0.6) < found.loc["level_change", "high"] < 0.8  # type: ignore[operator]
    assert found.loc["slope_change", "low"] < 1 < found.loc["slope_change", "high"]  # type: ignore[operator]
    placebos = placebo_breaks(counts, range(72), 38, 1)
    real = placebos[~placebos["is_placebo"]].set_index("term")
    assert real.loc["level_change", "p_value"] == 1 / (1 + real.loc["level_change", "n"])  # type: ignore[operator]
    assert set(placebos.loc[placebos["is_placebo"], "break_at"]) == {*range(8, 33), *range(46, 67)}


def test_without_a_break_its_rank_among_placebos_is_anywhere() -> None:
    ranks = []
    for seed in range(8):
        placebos = placebo_breaks(months(0.0, 40, 20, seed), range(40), 20, 1)
        ranks.append(float(placebos[placebos["term"].eq("level_change") & ~placebos["is_placebo"]]["p_value"].iloc[0]))
    assert min(ranks) < 0.4 < max(ranks)
    assert all(0 < rank <= 1 for rank in ranks)


def test_where_no_other_time_admits_a_break_the_rank_is_not_told() -> None:
    placebos = placebo_breaks(months(-0.6, 22, 12), range(22), 12, 1)
    assert placebos["n"].eq(0).all()
    assert placebos["p_value"].isna().all()


def test_a_yearly_cycle_is_not_taken_for_a_break() -> None:
    time = np.arange(84)
    counts = np.random.default_rng(8).poisson(200 * np.exp(0.5 * np.sin(2 * np.pi * time / 12)))
    with_cycle, without = (
        segmented(list(counts), range(84), 40, 1, cycle=cycle).set_index("term").loc["level_change"] for cycle in (12, None)
    )
    assert with_cycle["dispersion"] < 2 < without["dispersion"]
    assert np.log(with_cycle["high"] / with_cycle["low"]) < 0.5 * np.log(without["high"] / without["low"])


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(6)))
def test_the_exact_test_of_one_way_is_that_over_every_order(values: list[int]) -> None:
    found = mann_kendall(values, range(6)).iloc[0]
    assert found["p_value"] == pytest.approx(p_value_of_every_order(values))
    assert -1 <= found["value"] <= 1
    assert mann_kendall(values[::-1], range(6))["score"].iloc[0] == -found["score"]


@given(st.lists(st.integers(0, 50), min_size=8, max_size=15, unique=True), st.integers(-5, 5))
def test_a_slope_added_to_a_series_is_added_to_sens_slope(values: list[int], slope: int) -> None:
    """Without ties, which the interval's variance counts; an irrational slope makes none."""
    added = slope + np.sqrt(2)
    one, other = (
        sen_slope([value + more * time for time, value in enumerate(values)], range(len(values)), "persons") for more in (0.0, added)
    )
    assert (other.value, other.low, other.high) == pytest.approx([end + added for end in (one.value, one.low, one.high)])  # type: ignore[operator]
    assert one.low <= one.value <= one.high  # type: ignore[operator]


def test_autocorrelation_makes_one_way_less_sure() -> None:
    slow = [40, 45, 50, 56, 60, 61, 58, 50, 44, 40, 38, 41, 47, 54, 60, 62, 67, 70, 75, 71, 70, 74, 80, 87]
    plain = mann_kendall(slow, range(24))["p_value"].iloc[0]
    one = sen_slope(slow, range(24), "persons")
    for how in ("autoregression", "hamed-rao"):
        assert plain < mann_kendall(slow, range(24), how, 1)["p_value"].iloc[0]  # type: ignore[arg-type]
        other = sen_slope(slow, range(24), "persons", how, 1)  # type: ignore[arg-type]
        assert other.low <= one.low <= one.high <= other.high  # type: ignore[operator]
        assert other.high - other.low > one.high - one.low  # type: ignore[operator]


def test_a_seed_gives_the_same_interval_and_another_nearly_the_same() -> None:
    fit = fit_counts(np.array(months(-0.5), dtype=float), np.column_stack([np.ones(72), np.arange(72)]), np.ones(72), "poisson")
    one, again, other = (serial_errors(fit.design, fit.residuals, fit.coefficients, np.eye(2), seed, fit.white) for seed in (1, 1, 2))
    assert one.critical.tolist() == again.critical.tolist()
    assert one.critical == pytest.approx(other.critical, rel=0.15)
    assert (one.critical > 1.96).all()


def line(counts: list[float | None], first: int = 2008, status: str = "", years: list[int] | None = None) -> pd.DataFrame:
    """Return a yearly series of one agency; None is a count below 5."""
    when = years or list(range(first, first + len(counts)))
    return pd.DataFrame(
        {
            "ref_area": "COL",
            "freq": "A",
            "publisher": "UNODC",
            "source_agency": "UNODC",
            "indicator": "tip_victims_detected",
            "unit_measure": "PERSONS",
            "sex": "_T",
            "age": "_T",
            "period_start": [pd.Timestamp(year, 1, 1) for year in when],
            "period_end": [pd.Timestamp(year, 12, 31) for year in when],
            "obs_value": [np.nan if count is None else float(count) for count in counts],
            "obs_lower": [0.0 if count is None else float(count) for count in counts],
            "obs_upper": [4.0 if count is None else float(count) for count in counts],
            "value_qual": "EXACT",
            "obs_status": list(status) or "A",
        }
    )


def event(start: str, kind: str = "LEGAL", precision: str = "D", country: str = "COL") -> pd.DataFrame:
    return pd.DataFrame({"iso3": [country], "start": [pd.Timestamp(start)], "start_prec": [precision], "kind": [kind]})


def numbers(cut: pd.DataFrame) -> list[int]:
    return list(cut["segment"])


def test_a_series_is_cut_at_gaps_and_at_what_the_source_marks() -> None:
    assert numbers(segments(line([9, 9, 9, 9], years=[2010, 2011, 2013, 2014]))) == [1, 1, 2, 2]
    assert numbers(segments(line([9] * 6, status="AABAAA"))) == [1, 1, 2, 2, 2, 2]
    marked = segments(line([9] * 6, status="AADDAA"))
    assert numbers(marked) == [1, 1, 2, 2, 3, 3]
    assert marked["flag"].tolist() == ["", "", Flag.BREAK, "", Flag.BREAK, ""]
    assert numbers(segments(line([9] * 4, status="DDAA"))) == [1, 1, 2, 2]


def test_a_series_is_cut_at_changes_of_law_or_recording_of_its_own_country() -> None:
    plain = line([9] * 6)
    assert numbers(segments(plain, event("2011-01-01"))) == [1, 1, 1, 2, 2, 2]
    assert numbers(segments(plain, event("2011-06-01"))) == [1, 1, 1, 2, 3, 3], "the year in which the law changed is neither"
    assert numbers(segments(plain, event("2011-01-01", precision="Y"))) == [1, 1, 1, 2, 3, 3]
    assert numbers(segments(plain, event("2008-05-01", "RECORDING"))) == [1, 2, 2, 2, 2, 2]
    for other in (event("2011-01-01", "PANDEMIC"), event("2011-01-01", country="PER"), event("2001-01-01"), event("2030-01-01")):
        assert numbers(segments(plain, other)) == [1] * 6


def test_monthly_series_are_cut_over_all_months_in_which_a_change_may_have_come() -> None:
    monthly = monthly_counts(dated(["2019-03-05"]), "opened_on", Period.parse("2018/2020"), "COL", "CASES")
    assert segments(monthly, event("2019-03-15"))["segment"].value_counts().sort_index().tolist() == [14, 1, 21]
    assert segments(monthly, event("2019-01-01", precision="Q"))["segment"].value_counts().sort_index().tolist() == [12, 1, 1, 1, 21]


def test_several_series_are_never_one() -> None:
    two = pd.concat([line([5, 6, 7]), line([5, 6, 7]).assign(source_agency="police")])
    with pytest.raises(MeasureRefused, match="differ in source_agency"):
        segments(two)
    with pytest.raises(MeasureRefused, match="a time stands twice"):
        segments(pd.concat([line([5, 6]), line([5, 7])]))
    with pytest.raises(MeasureRefused, match="not I"):
        segments(line([5, 6]).assign(freq="I"))
    with pytest.raises(MeasureRefused, match="no figure in this series"):
        segments(line([]))


def test_change_is_measured_within_a_stretch_and_never_across() -> None:
    low, high = [30, 33, 31, 35, 36, 38, 37, 40, 42, 41, 44, 43], [300, 290, 310, 280, 275, 290, 270, 265, 268, 260, 255, 250]
    found = recorded_change(line([*low, *high], 1998, status="A" * 12 + "B" + "A" * 11), 1)
    trends = found[found["what"].eq("trend")].set_index("segment")
    assert trends["points"].tolist() == [12, 12]
    assert trends.loc[1, "value"] > 1 > trends.loc[2, "value"]  # type: ignore[operator]
    with pytest.raises(MeasureRefused, match="cut between them \\(2010: status\\)"):
        change_between(line([*low, *high], 1998, status="A" * 12 + "B" + "A" * 11), 2009, 2010)


def test_a_stretch_with_a_censored_count_has_bounds_and_no_fit() -> None:
    found = recorded_change(line([None, 12, 15, 9, 20, 16, 18, 22, 25, 21, 24, 30]), 1).set_index("what")
    assert all("missing or censored" in found.loc[what, "reason"] for what in ("trend", "one way", "median change"))  # type: ignore[operator]
    bounds = found.loc["first to last"]
    assert (bounds["flag"], bounds["low"], bounds["reason"]) == (Flag.BOUNDS, 30 / 4, "")
    assert pd.isna(bounds["value"])
    assert pd.isna(bounds["high"]), "against 0 there is no largest ratio"


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 60), st.integers(1, 60))
def test_bounds_of_a_change_hold_the_change_of_every_completion(first: int, last: int) -> None:
    for completion in range(5):
        bounds = change_between(line([first + 1, None]), 2008, 2009).iloc[0]
        exact = change_between(line([first + 1, completion]), 2008, 2009).iloc[0]
        assert bounds["low"] <= exact["value"] <= bounds["high"]
        assert bounds["chance_low"] <= exact["chance_low"] <= exact["chance_high"] <= bounds["chance_high"]
        growth = change_between(line([None, last]), 2008, 2009).iloc[0]
        one = change_between(line([completion, last]), 2008, 2009).iloc[0]
        assert growth["low"] <= (one["value"] if completion else np.inf)
        assert growth["chance_low"] <= one["chance_low"]


def test_a_change_that_chance_alone_makes_is_called_so() -> None:
    few, many = (change_between(line(counts), 2008, 2009).iloc[0] for counts in ([12, 8], [1200, 800]))
    assert (few["decision"], many["decision"]) == (CHANCE, FEWER)
    assert few["value"] == many["value"]
    assert change_between(line([3, 4]), 2008, 2009)["flag"].iloc[0] == Flag.SMALL_N
    for counts, why in (([0, 0], "both 0"), ([5, 6], "no figure for 2010")):
        with pytest.raises(MeasureRefused, match=why):
            change_between(line(counts), 2008, 2009 if why == "both 0" else 2010)  # type: ignore[arg-type]


def test_a_number_called_more_than_enters_no_fit() -> None:
    qualified = line([30, 33, 31, 38, 36, 41, 40, 44, 43, 45, 47, 44]).assign(value_qual=["MORE_THAN", *["EXACT"] * 11], obs_upper=np.nan)
    found = recorded_change(qualified, 1)
    assert found["value"].isna().all()
    with pytest.raises(MeasureRefused, match="no lowest or highest number for 2008"):
        change_between(qualified, 2008, 2009)


def test_preliminary_numbers_are_flagged() -> None:
    found = recorded_change(line([30, 33, 31, 38, 36, 41, 40, 44, 43, 45, 47, 46], status="A" * 11 + "P"), 1)
    assert found.set_index("what").loc["trend", "flag"] == Flag.PRELIMINARY


def dated(days: list[str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"opened_on": pd.to_datetime(days), "opened_on_prec": "D"}).assign(**columns)  # type: ignore[arg-type]


def test_months_without_a_case_are_zero_and_a_year_is_no_month() -> None:
    units = dated(["2020-01-03", "2020-01-31", "2020-03-01", "2020-01-01"])
    units.loc[3, "opened_on_prec"] = "Y"
    monthly = monthly_counts(units, "opened_on", Period.parse("2020-Q1"), "COL", "CASES")
    assert monthly["obs_value"].tolist() == [2, 0, 1]
    assert monthly["undated"].eq(1).all()
    with pytest.raises(MeasureRefused, match="begin and end with a month"):
        monthly_counts(units, "opened_on", Period.parse("2020-01-01/2020-02-10"), "COL", "CASES")


def test_the_pandemic_break_runs_on_any_group_of_cases() -> None:
    rng = np.random.default_rng(9)
    days = pd.date_range("2016-01-01", "2022-12-31", freq="D")
    chance = np.where(days < ONSET, 0.5, 0.2)
    units = pd.concat([dated(list(days[rng.random(len(days)) < chance].astype(str)), sex=sex) for sex in ("F", "M")], ignore_index=True)
    few = dated(["2017-01-05", "2018-02-05"], sex="_U")
    found = split(
        lambda group: pandemic_break(monthly_counts(group, "opened_on", Period.parse("2016/2022"), "COL", "CASES"), 1),
        pd.concat([units, few], ignore_index=True),
        ["sex"],
    )
    levels = found[found["term"].eq("level_change")].set_index("sex")
    assert set(levels.index) == {"_T", "F", "M"}
    assert (levels["high"] < 0.7).all()
    assert (levels["placebo_p_value"] < 0.1).all()
    assert found.loc[found["sex"].eq("_U"), "reason"].str.contains("fewer than two times").all()
    assert set(ESTIMATE_COLUMNS) <= set(found.columns)


@pytest.fixture(scope="module")
def population() -> pd.DataFrame:
    path = Path(str(files("bokeh_sampledata"))) / "_data" / "population.csv.gz"
    return read_population(path, date(2026, 1, 2)).tables["population"]


def detected(workspace: Workspace, country: str, publisher: str) -> pd.DataFrame:
    yearly = official.series(official.concept_rows(workspace.tables(), country, "VICTIMS"), Period.parse("2003/2024"))
    return yearly[yearly["publisher"].str.contains(publisher) & yearly["indicator"].eq("tip_victims_detected")]


def test_detected_victims_of_colombia_by_unodc(real_workspace: Workspace, population: pd.DataFrame) -> None:
    yearly = detected(real_workspace, "COL", "UNODC")
    found = recorded_change(yearly, 1, population=population).set_index("what")
    assert found.loc["trend", ["first", "last", "points"]].tolist() == ["2007", "2021", 15]  # type: ignore[index]
    assert found.loc["rate trend", "value"] < found.loc["trend", "value"], "Colombia grew"  # type: ignore[operator]
    assert (found["reason"] == "").all()
    alone = recorded_change(yearly, 1, independent=True).set_index("what")
    assert alone.loc["one way", "p_value"] == pytest.approx(0.0046, abs=5e-5)
    assert found.loc["one way", "p_value"] > 2 * alone.loc["one way", "p_value"]  # type: ignore[operator]
    assert found.loc["trend", "autocorrelation"] > 0.3, "so that the test for independent years is too sure"  # type: ignore[operator]


def test_the_pandemic_break_of_yearly_series_is_refused_with_its_reason(real_workspace: Workspace) -> None:
    for country, publisher in (("COL", "UNODC"), ("PER", "Interior")):
        found = pandemic_break(detected(real_workspace, country, publisher), 1)
        assert len(found) == 1
        assert found["break_at"].tolist() == ["2020"]
        assert "compare two times instead" in found["reason"].iloc[0]


def test_perus_police_and_unodc_give_the_same_change_from_2019_to_2020(real_workspace: Workspace, population: pd.DataFrame) -> None:
    police, unodc = (change_between(detected(real_workspace, "PER", who), 2019, 2020).iloc[0] for who in ("Interior", "UNODC"))
    assert police["value"] == unodc["value"] == 372 / 509
    assert police["decision"] == FEWER
    rates = change_between(detected(real_workspace, "PER", "UNODC"), 2019, 2020, population=population).iloc[0]
    assert rates["value"] < unodc["value"]


def test_gaps_and_censored_years_of_costa_rica_are_not_drawn_through(real_workspace: Workspace) -> None:
    cut = segments(detected(real_workspace, "CRI", "UNODC"))
    assert cut.groupby("segment")["period_start"].min().dt.year.tolist() == [2007, 2009, 2012]
    found = recorded_change(detected(real_workspace, "CRI", "UNODC"), 1)
    last = found[found["segment"].eq(3)].set_index("what")
    assert last.loc["first to last", "value"] == pytest.approx(21 / 22)
    assert last.loc[["trend", "one way"], "value"].isna().all()


def test_argentinas_calls_begin_too_late_for_the_pandemic(linea145: Import) -> None:
    monthly = monthly_counts(linea145.tables["case"], "opened_on", Period.parse("2020/2021"), "ARG", "CASES")
    assert monthly["obs_value"].sum() + monthly["undated"].iloc[0] <= len(linea145.tables["case"])
    found = pandemic_break(monthly, 1, seasonal=False)
    assert found["reason"].str.contains("2 points before and 22 after").all()
    assert recorded_change(monthly, 1).set_index("what").loc["trend", "points"] == 24


def test_months_are_numbered_through_the_years() -> None:
    assert time_of(pd.Timestamp(2020, 1, 5), "M") - time_of(pd.Timestamp(2019, 12, 31), "M") == 1
    assert time_of(pd.Timestamp(2020, 1, 5), "A") == 2020
