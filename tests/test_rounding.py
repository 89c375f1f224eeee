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
    assert found.is_proven
    assert set(found.frame()) == {"key", "count", "low", "high"}


def test_a_base_or_secret_that_hides_nothing_is_refused() -> None:
    with pytest.raises(DisclosureRefused, match="a base of 2 or more and a secret; got base 1"):
        controlled_rounding(crossed(np.array([[13]])), 1, "secret")
    with pytest.raises(DisclosureRefused, match="no secret"):
        controlled_rounding(crossed(np.array([[13]])), 5, "")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=6, max_size=6), st.integers(-4, 0), st.sampled_from([3, 6, 11]))
def test_every_cell_stays_open_to_the_base_less_one_whatever_the_counts(counts: list[int], offset: int, base: int) -> None:
    """The proof of ``is_proven``, tried by attack: spans of which persons are counted once, sums, parts and what is never printed."""
    year, sex = Attribute("year", ("1", "2", "3"), {"1/2": frozenset("12")}), Attribute("sex", ("F", "M"))
    people = [(y, s) for y, s, count in zip("112233", "FMFMFM", counts, strict=True) for _ in range(count)]
    printed = [
        Margin(("year", "sex"), {"year": ("1", "2", "3", "1/2"), "sex": ("F",)}, protect_only={"sex": ("M",)}),
        Margin(("year",), {"year": ("1", "2", "3", "1/2", "_T")}),
    ]
    known = offset if min(counts[0] + counts[2], sum(counts[:4])) >= -offset else 0
    offsets = {(("year", "1/2"),): known, (("sex", "F"), ("year", "1/2")): known}
    tables = linked_tables(pd.DataFrame(people, columns=["year", "sex"]), [year, sex], printed, offsets=offsets)
    found = controlled_rounding(tables, base, "secret")
    assert found.is_proven
    left = found.intervals(list(range(len(tables.keys))))
    assert (left["high"] - left["low"] >= base - 1).all()
    assert ((left["low"] <= tables.counts) & (tables.counts <= left["high"])).all()


def test_a_public_count_leaves_no_proof() -> None:
    units = pd.DataFrame({"sex": ["F"] * 14 + ["M"] * 3})
    tables = linked_tables(units, [Attribute("sex", ("F", "M"))], [Margin(("sex",), {"sex": ("F", "M", "_T")})], known={(): (17, 17)})
    assert not controlled_rounding(tables, 11, "secret").is_proven
