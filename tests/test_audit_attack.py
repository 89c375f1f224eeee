"""The attack's intervals equal those of every completion tried by hand."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.disclosure.attack import Attack, How, attack, counts_printed_as, falls
from turquesa_stats.disclosure.statement_bounds import Contradiction, Statement, determined, intervals
from turquesa_stats.edition.audit.codebook import TOGETHER
from turquesa_stats.edition.audit.statements import structure
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.schema.codes import code_list

CELLS = tuple("abcd")
TOP = 6  # highest value of a cell in the brute force


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[Statement], list[tuple[int, ...]]]:
    """Statements that some table satisfies, and every table of whole numbers 0 to TOP that satisfies them."""
    truth = draw(st.tuples(*(st.integers(0, TOP) for _ in CELLS)))
    statements = [Statement.of({cell: 1}, 0, TOP) for cell in CELLS]
    for _ in range(draw(st.integers(1, 4))):
        factors = draw(st.tuples(*(st.integers(-2, 3) for _ in CELLS)))
        value = sum(factor * one for factor, one in zip(factors, truth, strict=True))
        below, above = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
        statements.append(Statement.of(dict(zip(CELLS, factors, strict=True)), value - below, value + above))
    every = [table for table in itertools.product(range(TOP + 1), repeat=len(CELLS)) if all(_holds(one, table) for one in statements)]
    return statements, every


def _holds(one: Statement, table: tuple[int, ...]) -> bool:
    total = sum(factor * table[CELLS.index(cell)] for cell, factor in one.terms)
    return (one.low is None or total >= one.low) and (one.high is None or total <= one.high)


def _intervals(result: Attack) -> dict[str, tuple[float, float]]:
    return {found.cell: (found.low, found.high) for found in result.found}


@settings(deadline=None, max_examples=50)
@given(systems())
def test_intervals_equal_those_of_every_completion(system: tuple[list[Statement], list[tuple[int, ...]]]) -> None:
    statements, every = system
    found = _intervals(attack(statements, dict.fromkeys(CELLS, 10)))
    for place, cell in enumerate(CELLS):
        assert found[cell] == (min(table[place] for table in every), max(table[place] for table in every))


@settings(deadline=None, max_examples=40)
@given(systems())
def test_what_elimination_determines_every_completion_has(system: tuple[list[Statement], list[tuple[int, ...]]]) -> None:
    statements, every = system
    for cell, value in determined(statements).items():
        assert {table[CELLS.index(cell)] for table in every} == {value}


@settings(deadline=None, max_examples=15)
@given(systems(), st.permutations(range(20)))
def test_the_order_of_statements_changes_nothing(system: tuple[list[Statement], list[tuple[int, ...]]], order: list[int]) -> None:
    statements, _ = system
    other = [statements[place] for place in order if place < len(statements)]
    hidden = dict.fromkeys(CELLS, 5)
    assert _intervals(attack(statements, hidden)) == _intervals(attack(other, hidden))


@settings(deadline=None, max_examples=15)
@given(systems())
def test_a_further_true_statement_never_widens(system: tuple[list[Statement], list[tuple[int, ...]]]) -> None:
    statements, _ = system
    fewer = _intervals(attack(statements[:-1], dict.fromkeys(CELLS, 5)))
    more = _intervals(attack(statements, dict.fromkeys(CELLS, 5)))
    assert all(fewer[cell][0] <= more[cell][0] and more[cell][1] <= fewer[cell][1] for cell in CELLS)


@given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.integers(0, 15))
def test_a_two_by_two_table_with_margins_equals_its_enumeration(cells: list[int], hidden: int) -> None:
    a, b, c, d = cells
    names = ["a", "b", "c", "d"]
    statements = [
        Statement.of({"a": 1, "b": 1}, a + b, a + b),
        Statement.of({"c": 1, "d": 1}, c + d, c + d),
        Statement.of({"a": 1, "c": 1}, a + c, a + c),
    ]
    shown = [name for place, name in enumerate(names) if not hidden >> place & 1]
    statements += [Statement.of({name: 1}, cells[names.index(name)], cells[names.index(name)]) for name in shown]
    tables = [
        (x, a + b - x, a + c - x, c + d - (a + c - x))
        for x in range(a + b + 1)
        if 0 <= a + c - x <= c + d
        and all((x, a + b - x, a + c - x, c + d - (a + c - x))[names.index(n)] == cells[names.index(n)] for n in shown)
    ]
    found = _intervals(attack(statements, {name: 3 for name in names if name not in shown}))
    for name, (low, high) in found.items():
        of_cell = [table[names.index(name)] for table in tables]
        assert (low, high) == (min(of_cell), max(of_cell))


def test_a_cell_that_nothing_bounds_has_no_highest_value() -> None:
    (found,) = attack([Statement.of({"a": 1, "b": -1}, 0, None)], {"a": 10}).found
    assert (found.low, found.high, found.falls) == (0, math.inf, False)
    (alone,) = attack([], {"z": 10}).found
    assert (alone.low, alone.high) == (0, math.inf)


def test_what_only_a_comparison_of_periods_gives_is_a_difference() -> None:
    years = [Statement.of({"2019": 1}, 30, 30), Statement.of({"span": 1}, 37, 37)]
    over = Statement.of({"span": 1, "2019": -1, "2020": -1}, 0, 0, differencing=True)
    (found,) = attack([*years, over], {"2020": 10}).found
    assert (found.low, found.high, found.how, found.falls) == (7, 7, How.DIFFERENCE, True)


def test_an_assumption_that_contradicts_what_is_printed_is_dropped() -> None:
    printed = [Statement.of({"a": 1, "b": 1}, 20, 20), Statement.of({"a": 1}, None, 15)]
    wrong = Statement.of({"a": 1, "b": -1}, 50, 50, assumed=True)
    result = attack([*printed, wrong], {"a": 10})
    assert (result.found[0].low, result.found[0].high) == (0, 15)
    assert result.contradictions == ()


def test_statements_that_contradict_each_other_are_told_not_solved() -> None:
    result = attack([Statement.of({"a": 1, "b": 1}, 3, 3), Statement.of({"a": 1, "b": 1}, 5, 5)], {"a": 10})
    assert result.contradictions == (("a", "b"),)
    with pytest.raises(Contradiction, match="no whole number is possible"):
        intervals([Statement.of({"a": 2}, 3, 3)], ["a"])


@pytest.mark.parametrize(
    ("low", "high", "k", "marked", "expected"),
    [
        (0, 9, 10, True, False),  # ten values: as the page says
        (0, 8, 10, True, True),
        (1, 9, 10, True, True),
        (10, 12, 10, True, False),  # surely 10 or more
        (12, 12, 10, True, True),
        (0, 0, 10, True, True),
        (0, 0, 10, False, False),
        (4, 4, 5, False, True),
    ],
)
def test_a_cell_falls_as_rule_r90_says(low: int, high: int, k: int, marked: bool, expected: bool) -> None:
    assert falls(low, high, k, marked) is expected


@settings(deadline=None, max_examples=40)
@given(st.integers(10, 90), st.data())
def test_the_true_count_is_among_those_that_a_printed_share_allows(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    one = proportion(count, n)
    assert one.low is not None
    assert one.high is not None
    share, low, high = (round(end, 2) for end in (count / n, one.low, one.high))
    found = counts_printed_as(share, low, high, (0, n), (n, n))
    assert found is not None
    tried = [
        c
        for c in range(n + 1)
        if abs(c / n - share) <= 0.005 + 1e-9
        and abs((proportion(c, n).low or 0) - low) <= 0.005 + 1e-9
        and abs((proportion(c, n).high or 0) - high) <= 0.005 + 1e-9
    ]
    assert found[0] == (min(tried), max(tried))
    assert count in tried


def test_a_printed_share_that_no_count_has_is_told() -> None:
    assert counts_printed_as(0.5, 0.9, 0.95, (0, 40), (40, 40)) is None
    with pytest.raises(ValueError, match="must be bounded"):
        counts_printed_as(0.5, 0.4, 0.6, (0, math.inf), (40, 40))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8))
def test_a_cube_with_two_margins_has_the_bounds_of_dobra_and_fienberg(counts: list[int]) -> None:
    """With margins AB and BC published, the bounds of a cell are a closed form (Dobra and Fienberg 2000, decomposable models)."""
    cube = dict(zip(itertools.product(range(2), repeat=3), counts, strict=True))

    def margin(**at: int) -> int:
        return sum(n for place, n in cube.items() if all(dict(zip("abc", place, strict=True))[axis] == code for axis, code in at.items()))

    statements = []
    for one, b in itertools.product(range(2), repeat=2):
        ab, bc = margin(a=one, b=b), margin(b=b, c=one)
        statements.append(Statement.of({f"{one}{b}{c}": 1 for c in range(2)}, ab, ab))
        statements.append(Statement.of({f"{a}{b}{one}": 1 for a in range(2)}, bc, bc))
    found = _intervals(attack(statements, {f"{a}{b}{c}": 10 for a, b, c in cube}))
    for a, b, c in cube:
        ab, bc = margin(a=a, b=b), margin(b=b, c=c)
        assert found[f"{a}{b}{c}"] == (max(0, ab + bc - margin(b=b)), min(ab, bc))


MEANS = [code for code, kind in code_list("means").column("kind").items() if kind]
PERSONS = st.lists(st.sets(st.sampled_from(MEANS), min_size=1, max_size=4), min_size=1, max_size=30)


def _of_means(persons: list[set[str]]) -> dict[str, int]:
    """Return the cells that pages print of adults with known means, counted plainly."""
    kind_of = code_list("means").column("kind")
    order = ("FORCE", "DECEPTION", "ABUSE")
    kinds = ["+".join(one for one in order if one in {kind_of[code] for code in codes}) or "OTHER" for codes in persons]
    cells = {f"together/{one}": kinds.count(one) for one in TOGETHER} | {
        f"means/{code}": sum(code in one for one in persons) for code in MEANS
    }
    cells |= {"together/n": len(persons), "means/n": len(persons), "victims": len(persons)}
    return {f"XAA/2021/{cell}": count for cell, count in cells.items()}


def _on_means() -> list[Statement]:
    every = structure("XAA", "2021", {"fig-means-cases", "fig-means-together"})
    families = ("XAA/2021/together", "XAA/2021/means", "XAA/2021/victims")
    return [one for one in every if all(cell.startswith(families) for cell, _ in one.terms)]


@settings(deadline=None, max_examples=50)
@given(PERSONS)
def test_what_the_audit_takes_for_true_of_means_is_true_of_all_persons(persons: list[set[str]]) -> None:
    true = _of_means(persons)
    for one in _on_means():
        total = sum(factor * true[cell] for cell, factor in one.terms)
        assert one.low is None or total >= one.low, one
        assert one.high is None or total <= one.high, one


def test_single_means_and_their_combinations_are_attacked_together() -> None:
    """A means that nearly all of its kind must have, and one that bounds the only hidden combination of it, give that away."""
    persons = [{"MNS_FRAUD"}] * 30 + [{"MNS_ABUSE_VULN"}] * 25 + [{"MNS_FRAUD", "MNS_ABUSE_VULN"}] * 4 + [{"MNS_FORCE"}] * 20
    true = _of_means(persons)
    hidden = {f"XAA/2021/together/{one}" for one in ("DECEPTION+ABUSE", "DECEPTION", "OTHER", "FORCE+DECEPTION")}
    hidden |= {cell for cell in true if "means/" in cell and cell.rpartition("/")[2] not in {"MNS_FRAUD", "MNS_DECEPTION", "n"}}
    shown = [Statement.of({cell: 1}, count, count) for cell, count in true.items() if cell not in hidden]
    result = attack([*shown, *_on_means()], dict.fromkeys(hidden, 10))
    alone = attack([*shown, *(one for one in _on_means() if not any("means/" in cell for cell, _ in one.terms))], dict.fromkeys(hidden, 10))
    ends = {found.cell: found.high - found.low for found in result.found}
    before = {found.cell: found.high - found.low for found in alone.found}
    assert ends["XAA/2021/together/OTHER"] < before["XAA/2021/together/OTHER"]
    assert all(ends[cell] <= before[cell] for cell in hidden if "together/" in cell)
