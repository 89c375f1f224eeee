"""Suppression over linked tables: cheapest where it can be enumerated, safe against an attacker written apart, everywhere."""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from turquesa_stats.disclosure.feasible import intervals
from turquesa_stats.disclosure.linked_suppression import information, suppress_linked
from turquesa_stats.disclosure.linked_tables import LinkedTables, linked_tables
from turquesa_stats.disclosure.register import Attribute, Margin
from turquesa_stats.disclosure.suppression_optimum import optimum
from turquesa_stats.disclosure.suppression_search import search
from turquesa_stats.disclosure.unsafe import Rule, unsafe
from turquesa_stats.errors import DisclosureRefused

K = 10


def crossed(counts: np.ndarray, sums: dict[str, dict[str, frozenset[str]]] | None = None, **known: object) -> LinkedTables:
    """One table with all its margins: attributes a, b, c of leaves a0, a1 ..."""
    names = "abc"[: counts.ndim]
    leaves = [tuple(f"{name}{i}" for i in range(size)) for name, size in zip(names, counts.shape, strict=True)]
    rows = [row for row, count in zip(itertools.product(*leaves), counts.ravel(), strict=True) for _ in range(int(count))]
    attributes = [Attribute(name, own, (sums or {}).get(name, {})) for name, own in zip(names, leaves, strict=True)]
    codes = {one.name: (*one.leaves, *one.sums, "_T") for one in attributes}
    return linked_tables(pd.DataFrame(rows, columns=list(names)), attributes, [Margin(tuple(names), codes)], **known)  # type: ignore[arg-type]


def naive_ends(tables: LinkedTables, hidden: np.ndarray, cell: int) -> tuple[float, float]:
    """An attacker of a few lines, over every leaf count at once."""
    equal = np.vstack([tables.rows.toarray()[~hidden], tables.ties.toarray()])
    right = np.concatenate([(tables.counts - tables.offsets)[~hidden], np.zeros(tables.ties.shape[0])])
    known = tables.known.toarray()
    bounded, least = np.isfinite(tables.known_high), np.isfinite(tables.known_low)
    above = np.vstack([known[bounded], -known[least]])
    ends = np.concatenate([tables.known_high[bounded], -tables.known_low[least]])
    row = tables.rows.toarray()[cell]
    found = []
    for sign in (1, -1):
        solved = linprog(sign * row, A_eq=equal, b_eq=right, A_ub=above, b_ub=ends)
        found.append(sign * (-np.inf if solved.status == 3 else solved.fun) + tables.offsets[cell])
    return found[0], found[1]


def is_safe(tables: LinkedTables, hidden: np.ndarray, cells: np.ndarray, width: float = K) -> bool:
    return all(high - low >= width - 1e-6 for low, high in (naive_ends(tables, hidden, int(cell)) for cell in cells))


def cheaper_sets(prices: np.ndarray, limit: float, start: int = 0) -> Iterator[set[int]]:
    """Every set of positions that costs less than the limit."""
    yield set()
    for one in range(start, len(prices)):
        if prices[one] < limit:
            yield from ({one} | more for more in cheaper_sets(prices, limit - prices[one], one + 1))


def nothing_cheaper_is_safe(tables: LinkedTables, positions: np.ndarray, cost: float) -> bool:
    """Whether every set of cells that costs less leaves something open; a set inside one known to be open is not tried again."""
    base = ~tables.printed
    base[positions] = True
    free, prices, opened = np.flatnonzero(~base), information(tables), list[set[int]]()
    for chosen in cheaper_sets(prices[free], cost - 1e-6):
        cells = {int(free[one]) for one in chosen}
        if any(cells <= one for one in opened):
            continue
        hidden = base.copy()
        hidden[list(cells)] = True
        if is_safe(tables, hidden, positions):
            return False
        opened.append(_widest_open(tables, hidden, positions, free))
    return True


def _widest_open(tables: LinkedTables, hidden: np.ndarray, positions: np.ndarray, free: np.ndarray) -> set[int]:
    """Hide more, one after the other, as long as something stays open."""
    wide = hidden.copy()
    for one in free:
        more = wide.copy()
        more[one] = True
        if not is_safe(tables, more, positions):
            wide = more
    return {int(one) for one in free if wide[one]}


def both(tables: LinkedTables) -> tuple[np.ndarray, float, float]:
    """The unsafe cells, and what the exact choice and the search cost."""
    positions = unsafe(tables, Rule(K))["position"].to_numpy("int64")
    forced, needs, prices = ~tables.printed, np.zeros(len(tables.keys)), information(tables)
    forced[positions], needs[positions] = True, K
    best = optimum(tables, needs, forced, prices)
    assert best is not None
    found = search(tables, needs, forced, prices)
    costs = []
    for hidden, _ in (best, found):
        assert is_safe(tables, hidden, positions)
        costs.append(float(prices[hidden & ~forced].sum()))
    return positions, costs[0], costs[1]


SHAPES = [((2, 3), 1), ((3, 4), 1), ((3, 4), 2)]


@pytest.mark.parametrize(("shape", "seed"), SHAPES)
def test_the_exact_choice_is_the_cheapest_of_all(shape: tuple[int, ...], seed: int) -> None:
    tables = crossed(np.random.default_rng(seed).integers(0, 60, shape))
    positions, exact, found = both(tables)
    assert len(positions)
    assert nothing_cheaper_is_safe(tables, positions, exact)
    assert found >= exact - 1e-9


def test_the_exact_choice_is_the_cheapest_over_spans_of_years() -> None:
    spans = {"a": {"a0/a1": frozenset({"a0", "a1"}), "a1/a2": frozenset({"a1", "a2"})}}
    tables = crossed(np.array([[30, 25], [4, 41], [33, 52]]), spans)
    positions, exact, _ = both(tables)
    assert nothing_cheaper_is_safe(tables, positions, exact)


def test_a_table_of_four_by_five_is_solved_as_by_enumeration() -> None:
    counts = np.array([[3, 25, 31, 44, 18], [27, 5, 36, 22, 52], [41, 33, 24, 61, 35], [29, 47, 38, 26, 55]])
    tables = crossed(counts)
    positions, exact, _ = both(tables)
    assert exact == pytest.approx(np.log(2 + 25) + np.log(2 + 27))  # one rectangle protects both
    assert nothing_cheaper_is_safe(tables, positions, exact)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(0, 45), min_size=9, max_size=9), st.randoms())
def test_no_shown_cell_is_unsafe_and_order_changes_nothing(values: list[int], random: object) -> None:
    tables = crossed(np.array(values).reshape(3, 3))
    found = suppress_linked(tables, Rule(K))
    frame = found.frame()
    assert not (frame.loc[frame["status"].eq("shown"), "count"] < K).any()
    assert is_safe(tables, found.hidden, found.unsafe["position"].to_numpy("int64"))
    units = pd.DataFrame(
        [(a, b) for (a, b), n in zip(itertools.product("xyz", "pqr"), values, strict=True) for _ in range(n)], columns=["a", "b"]
    )
    attributes = [Attribute("a", tuple("xyz")), Attribute("b", tuple("pqr"))]
    margins = [Margin(("a",), {"a": ("x", "y", "z", "_T")}), Margin(("b", "a"), {"a": tuple("xyz"), "b": tuple("pqr")})]
    one = suppress_linked(linked_tables(units, attributes, margins), Rule(K)).frame()
    other = suppress_linked(linked_tables(units.sample(frac=1, random_state=1), attributes[::-1], margins[::-1]), Rule(K)).frame()
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=6, max_size=6), st.integers(0, 3))
def test_what_is_public_already_is_used_and_never_narrowed(values: list[int], slack: int) -> None:
    counts = np.array(values).reshape(2, 3)
    total = int(counts.sum())
    tables = crossed(counts, known={(): (total - slack, total + slack), (("a", "a0"),): (counts[0].sum(), counts[0].sum())})
    found = suppress_linked(tables, Rule(K))
    nothing = np.ones(len(tables.keys), dtype=bool)
    for cell, width in found.unsafe[["position", "width"]].itertuples(index=False):
        low, high = naive_ends(tables, found.hidden, cell)
        alone = naive_ends(tables, nothing, cell)
        assert high - low >= width - 1e-6
        assert width == pytest.approx(min(K, alone[1] - alone[0]))


def test_a_tiny_table_is_safe_against_every_whole_completion() -> None:
    tables = crossed(np.array([[1, 2, 3], [3, 2, 4]]))
    found = suppress_linked(tables, Rule(3))
    shown = ~found.hidden
    assert shown[tables.position(())]
    matrix, counts = tables.rows.toarray(), tables.counts
    every = [matrix @ one for one in itertools.product(range(10), repeat=6) if sum(one) == 15]
    agreeing = np.array([one for one in every if (one[shown] == counts[shown]).all()])
    for cell in found.unsafe["position"]:
        assert np.ptp(agreeing[:, cell]) >= 3
    ends = intervals(tables, found.hidden)
    for cell, low, high in ends[["position", "low", "high"]].itertuples(index=False):
        assert (low, high) == (agreeing[:, cell].min(), agreeing[:, cell].max())


def test_complements_and_dominance_are_protected_with_their_reason() -> None:
    sex = Attribute("sex", ("F", "M", "_U"), {"_KNOWN": frozenset("FM"), "NOT_F": frozenset({"M"})})
    year = Attribute("year", ("1", "2"))
    units = pd.DataFrame(
        {"sex": ["F"] * 90 + ["M"] * 4 + ["_U"] * 30, "year": ["1", "2"] * 62, "case": ["raid"] * 80 + [f"c{i}" for i in range(44)]}
    )
    margins = [Margin(("sex",), {"sex": ("F", "_KNOWN", "_T")}, protect_only={"sex": ("NOT_F",)}), Margin(("year",), {"year": ("1", "2")})]
    tables = linked_tables(units, [sex, year], margins, clusters="case")
    found = suppress_linked(tables, Rule(K, dominance=0.8))
    assert dict(zip(found.unsafe["key"], found.unsafe["reason"], strict=True)) == {
        (("sex", "F"),): "dominance",
        (("sex", "M"),): "complement",
        (("sex", "_KNOWN"),): "dominance",
    }
    assert is_safe(tables, found.hidden, found.unsafe["position"].to_numpy("int64"))
    assert "NOT_F" not in {code for key in found.frame()["key"] for _, code in key}


def test_zeros_may_be_shown_only_where_the_rule_says_so() -> None:
    tables = crossed(np.array([[0, 40, 40], [40, 40, 40]]))
    assert unsafe(tables, Rule(K))["count"].tolist() == [0]
    assert unsafe(tables, Rule(K, hide_zero=False)).empty
    with pytest.raises(DisclosureRefused, match="hides nothing"):
        Rule(1)


def test_what_must_be_shown_and_cannot_be_is_refused() -> None:
    tables = crossed(np.array([[3, 40], [50, 60]]))
    with pytest.raises(DisclosureRefused, match="could not be proven safe"):
        suppress_linked(tables, Rule(K), np.full(len(tables.keys), np.inf))
