"""Controlled rounding: neighbours, sums, the same in every edition, and what it gives away."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_suppression import crossed
from turquesa_stats.disclosure.linked_tables import linked_tables
from turquesa_stats.disclosure.register import Attribute, Margin
from turquesa_stats.disclosure.rounding import controlled_rounding
from turquesa_stats.errors import DisclosureRefused

COUNTS = st.lists(st.integers(0, 60), min_size=9, max_size=9).map(lambda values: np.array(values).reshape(3, 3))


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.sampled_from([3, 5, 11]))
def test_rounded_tables_add_up_at_their_neighbours(counts: np.ndarray, base: int) -> None:
    tables = crossed(counts)
    found = controlled_rounding(tables, base, "secret")
    assert (np.mod(found.rounded, base) == 0).all()
    assert (np.abs(found.rounded - tables.counts) < base).all()
    cell = dict(zip(tables.keys, found.rounded, strict=True))
    for a in ("a0", "a1", "a2"):
        assert cell[(("a", a),)] == sum(cell[(("a", a), ("b", b))] for b in ("b0", "b1", "b2"))
    assert cell[()] == sum(cell[(("b", b),)] for b in ("b0", "b1", "b2"))


def test_the_same_secret_rounds_alike_and_another_does_not() -> None:
    tables = crossed(np.random.default_rng(1).integers(0, 60, (4, 5)))
    one, again, other = (controlled_rounding(tables, 5, secret).rounded for secret in ("a", "a", "b"))
    assert (one == again).all()
    assert (one != other).any()


def test_a_count_goes_up_as_often_as_its_remainder_says() -> None:
    tables = crossed(np.array([[13]]))
    ups = [controlled_rounding(tables, 5, f"secret {place}").rounded[0] == 15 for place in range(300)]
    assert 0.5 < np.mean(ups) < 0.7  # 3 in 5


def test_all_rounded_cells_together_leave_a_width_that_is_said() -> None:
    tables = crossed(np.array([[3, 7, 25], [31, 0, 18], [22, 9, 40]]))
    small = [place for place, count in enumerate(tables.counts) if count < 10]
    wide = controlled_rounding(tables, 11, "secret").intervals(small)
    narrow = controlled_rounding(tables, 3, "secret").intervals(small)
    for found, most in ((wide, 20), (narrow, 4)):
        assert ((found["low"] <= tables.counts[small]) & (tables.counts[small] <= found["high"])).all()
        assert (found["high"] - found["low"] <= most).all()
    assert (wide["high"] - wide["low"] >= 10).all()


def test_a_span_with_people_counted_once_is_rounded_alone() -> None:
    year = Attribute("year", ("1", "2", "3"), {"1/2": frozenset("12")})
    units = pd.DataFrame({"year": ["1"] * 13 + ["2"] * 14 + ["3"] * 8})
    tables = linked_tables(units, [year], [Margin(("year",), {"year": ("1", "2", "3", "1/2", "_T")})], offsets={(("year", "1/2"),): -4})
    found = controlled_rounding(tables, 5, "secret")
    assert tables.counts[tables.position((("year", "1/2"),))] == 23
    assert found.rounded[tables.position((("year", "1/2"),))] in {20, 25}
    assert set(found.frame()) == {"key", "count", "low", "high"}


def test_a_base_or_secret_that_hides_nothing_is_refused() -> None:
    with pytest.raises(DisclosureRefused, match="a base of 2 or more and a secret; got base 1"):
        controlled_rounding(crossed(np.array([[13]])), 1, "secret")
    with pytest.raises(DisclosureRefused, match="no secret"):
        controlled_rounding(crossed(np.array([[13]])), 5, "")
