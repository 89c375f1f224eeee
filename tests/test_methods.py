import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.methods.association import cramers_v
from turquesa_stats.methods.bounds import share_bounds, total_bounds
from turquesa_stats.methods.competing_risks import cumulative_incidence
from turquesa_stats.methods.intervals import count, proportion
from turquesa_stats.methods.rates import compare_counts

Reference = Callable[[str], pd.DataFrame]


@pytest.mark.parametrize("method", ["wilson", "clopper-pearson", "jeffreys"])
def test_intervals_of_a_share_equal_those_of_r(reference: Reference, method: str) -> None:
    for row in reference("binomial_intervals").to_dict("records"):
        share = proportion(int(row["x"]), int(row["n"]), method)  # type: ignore[arg-type]
        column = method.replace("-", "_")
        assert share.low == pytest.approx(row[f"{column}_low"], abs=1e-9)
        assert share.high == pytest.approx(row[f"{column}_high"], abs=1e-9)


def test_intervals_of_a_count_equal_those_of_r(reference: Reference) -> None:
    for row in reference("poisson_exact_rates").to_dict("records"):
        found = count(int(row["count"]))
        per = 1e5 / row["person_years"]
        assert found.low is not None
        assert found.high is not None
        assert found.low * per == pytest.approx(row["exact_low"], rel=1e-9)
        assert found.high * per == pytest.approx(row["exact_high"], rel=1e-9)


def test_the_comparison_of_two_counts_equals_that_of_r(reference: Reference) -> None:
    for row in reference("poisson_rate_ratio_exact").to_dict("records"):
        assert compare_counts(int(row["x1"]), int(row["x2"]), row["t1"], row["t2"]) == pytest.approx(row["p"], abs=1e-6)


@given(st.integers(1, 400), st.data())
def test_an_interval_of_a_share_holds_the_share_and_stays_within_0_and_1(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    share = proportion(x, n)
    assert share.low is not None
    assert share.high is not None
    assert 0 <= share.low <= x / n <= share.high <= 1
    assert (share.flag == Flag.SMALL_N) == (n < 10)


COUNTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=4)


@given(COUNTS)
def test_bounds_equal_the_extremes_over_every_completion(counts: list[tuple[int, int]]) -> None:
    low, high = [a for a, _ in counts], [a + width for a, width in counts]
    completions = list(itertools.product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))))
    total = total_bounds(low, high, "persons")
    assert (total.low, total.high) == (min(map(sum, completions)), max(map(sum, completions)))
    shares = [one[0] / sum(one) for one in completions if sum(one)]
    if shares:
        share = share_bounds(low, high, 0)
        assert share.low == pytest.approx(min(shares))
        assert share.high == pytest.approx(max(shares))


def test_a_censored_count_never_becomes_a_point() -> None:
    assert total_bounds([10, 0], [10, 4], "persons").value is None
    assert total_bounds([10, 3], [10, 3], "persons").value == 13


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion(1, 0),
        lambda: proportion(5, 4),
        lambda: count(-1),
        lambda: compare_counts(0, 0),
        lambda: total_bounds([], [], "persons"),
        lambda: total_bounds([2], [1], "persons"),
        lambda: share_bounds([0, 0], [0, 0], 0),
        lambda: cumulative_incidence([], [], [1]),
        lambda: cumulative_incidence([1.0, 2.0], [0, 0], [1]),
        lambda: cramers_v(np.zeros(50), np.zeros(50)),
    ],
)
def test_what_cannot_be_answered_is_refused(call: object) -> None:
    with pytest.raises(MeasureRefused):
        call()  # type: ignore[operator]


def test_association_is_one_for_equal_and_small_for_independent_answers() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 2, 400), rng.integers(0, 2, 400)
    same, p_same = cramers_v(x, x)
    none, p_none = cramers_v(x, y)
    assert same.value == pytest.approx(1.0)
    assert p_same < 1e-9
    assert none.value is not None
    assert none.value < 0.12
    assert p_none > 0.01
