"""Linked tables: cells of one register whatever table prints them, and whole editions in which nobody is found again."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_suppression import naive_ends
from turquesa_stats.disclosure.cliques import joint_cliques, junctions
from turquesa_stats.disclosure.feasible import intervals
from turquesa_stats.disclosure.linked_suppression import LinkedSuppression, suppress_linked
from turquesa_stats.disclosure.linked_tables import LinkedTables, linked_tables
from turquesa_stats.disclosure.register import Attribute, Key, Margin
from turquesa_stats.disclosure.unsafe import Rule
from turquesa_stats.errors import DisclosureRefused

YEARS = tuple(str(year) for year in range(2018, 2023))
SPANS = {f"{YEARS[i]}/{YEARS[j]}": frozenset(YEARS[i : j + 1]) for i, j in itertools.combinations(range(5), 2)}
PERIOD = Attribute("period", YEARS, SPANS)
SEX = Attribute("sex", ("F", "M", "_U"), {"_KNOWN": frozenset("FM")})
AGE = Attribute("age", ("0-17", "18-29", "30+", "_U"), {"_KNOWN": frozenset({"0-17", "18-29", "30+"})})
FLAGS = [Attribute(name, ("Y", "N", "_U"), {"_KNOWN": frozenset("YN")}) for name in ("sexual", "labour")]
ALL = (*YEARS, *SPANS)
MARGINS = [
    Margin(("period", "sex", "age"), {"period": ALL, "sex": (*SEX.leaves, "_KNOWN", "_T"), "age": (*AGE.leaves, "_KNOWN", "_T")}),
    *(
        Margin(("period", "sex", one.name), {"period": ALL, "sex": ("F", "M", "_T"), one.name: ("Y", "_KNOWN")}, 1.0, {one.name: ("N",)})
        for one in FLAGS
    ),
]


def register(units: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    drawn = {
        "period": rng.choice(YEARS, units),
        "sex": rng.choice(SEX.leaves, units, p=[0.6, 0.3, 0.1]),
        "age": rng.choice(AGE.leaves, units, p=[0.3, 0.35, 0.25, 0.1]),
    }
    return pd.DataFrame(drawn | {one.name: rng.choice(one.leaves, units, p=[0.4, 0.4, 0.2]) for one in FLAGS})


def tables_of(units: pd.DataFrame, **more: object) -> LinkedTables:
    return linked_tables(units, [PERIOD, SEX, AGE, *FLAGS], MARGINS, **more)  # type: ignore[arg-type]


def count(units: pd.DataFrame, key: Key) -> int:
    attributes = {one.name: one for one in (PERIOD, SEX, AGE, *FLAGS)}
    inside = pd.Series(True, index=units.index)
    for name, code in key:
        inside &= units[name].isin(attributes[name].members(code))
    return int(inside.sum())


def nobody_found(found: LinkedSuppression, sample: int = 10**6) -> None:
    """No unsafe cell is shown, and each keeps its width against the naive attacker and the program for intervals."""
    tables, cells = found.tables, found.unsafe["position"].to_numpy("int64")
    assert found.hidden[cells].all()
    chosen = np.sort(np.random.default_rng(0).permutation(cells)[:sample])
    width = dict(zip(cells, found.unsafe["width"], strict=True))
    ends = intervals(tables, found.hidden, chosen)
    for cell, low, high in ends[["position", "low", "high"]].itertuples(index=False):
        assert low <= tables.counts[cell] <= high
        assert high - low >= width[cell] - 1e-6
    for cell in chosen[:3]:
        low, high = naive_ends(tables, found.hidden, int(cell))
        assert high - low >= width[cell] - 1e-6


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 80), st.integers(0, 10**6))
def test_each_cell_counts_its_units_and_leaf_counts_tie(size: int, seed: int) -> None:
    units = register(size, seed)
    tables = tables_of(units)
    some = range(seed % 11, len(tables.keys), 11)
    assert [count(units, tables.keys[place]) for place in some] == tables.counts[some].tolist()
    assert not (tables.ties @ tables.leaves).any()
    assert not tables.printed[tables.position([("period", "2018"), ("sex", "F"), ("labour", "N")])]


def test_one_cell_has_one_key_however_it_is_written() -> None:
    tables = tables_of(register(50, 1))
    assert tables.position([("sex", "_T"), ("period", "2018/2022")]) == tables.position([])
    assert len(set(tables.keys)) == len(tables.keys)
    with pytest.raises(DisclosureRefused, match="no code 2017.*did you mean"):
        tables.position([("period", "2017")])
    with pytest.raises(DisclosureRefused, match="no table has the cell"):
        tables.position([("labour", "Y"), ("sexual", "Y")])


def test_pairs_of_tables_that_no_register_has_are_not_believed() -> None:
    """Three tables of two attributes: agreement in pairs allows what one register does not, so an attacker knows more."""
    names = "abc"
    attributes = [Attribute(name, ("0", "1")) for name in names]
    units = pd.DataFrame([("0", "0", "1")] * 5 + [("1", "1", "0")] * 5, columns=list(names))
    margins = [Margin(pair, dict.fromkeys(pair, ("0", "1"))) for pair in itertools.combinations(names, 2)]
    widths = []
    for joint in (True, False):
        tables = linked_tables(units, attributes, margins, joint=joint)
        hidden = np.array([len(key) == 2 and {name for name, _ in key} == {"a", "c"} for key in tables.keys])
        found = intervals(tables, hidden)
        assert tables.joint is joint
        widths.append(float((found["high"] - found["low"]).max()))
    assert widths == [0.0, 5.0]
    assert joint_cliques([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]) == [("a", "b", "d"), ("b", "c", "d")]
    assert junctions([("a", "b", "d"), ("b", "c", "d")]) == [(0, 1)]


def test_nobody_is_found_again_in_three_countries() -> None:
    unsafe = 0
    for units, seed in ((80, 1), (250, 2), (1500, 3)):
        found = suppress_linked(tables_of(register(units, seed)), Rule(10))
        nobody_found(found, 25)
        unsafe += len(found.unsafe)
    assert unsafe > 500


def test_spans_that_count_a_person_once_are_equations_too() -> None:
    units = register(300, 5)
    span: Key = (("period", "2018/2019"),)
    tables = tables_of(units, offsets={span: -7})
    assert tables.counts[tables.position(span)] == count(units, span) - 7
    nobody_found(suppress_linked(tables, Rule(10)), 10)


def test_countries_of_one_system_are_protected_together_with_their_region() -> None:
    units = pd.concat([register(size, size)[["sex"]].assign(country=code) for size, code in ((40, "A"), (70, "B"), (160, "C"))])
    country = Attribute("country", ("A", "B", "C"), {"AB": frozenset("AB")})
    margin = Margin(("country", "sex"), {"country": ("A", "B", "C", "AB", "_T"), "sex": ("F", "M", "_U", "_T")})
    nobody_found(suppress_linked(linked_tables(units, [country, SEX], [margin]), Rule(10)))


def test_impossible_cells_are_shown_and_nobody_may_be_in_them() -> None:
    units = pd.DataFrame({"sex": ["F"] * 40 + ["M"] * 30 + ["_U"] * 12, "age": ["0-17"] * 20 + ["30+"] * 62})
    margin = Margin(("sex", "age"), {"sex": SEX.leaves, "age": AGE.leaves})
    tables = linked_tables(units, [SEX, AGE], [margin], impossible=[(("age", "18-29"),), (("age", "_U"),)])
    found = suppress_linked(tables, Rule(10)).frame().set_index("key")["status"]
    assert found[(("age", "18-29"), ("sex", "F"))] == "shown"
    assert found[(("age", "0-17"), ("sex", "M"))] == "primary"
    with pytest.raises(DisclosureRefused, match="declared impossible"):
        linked_tables(units, [SEX, AGE], [margin], impossible=[(("sex", "F"), ("age", "0-17"))])


def test_what_cannot_be_answered_for_is_refused() -> None:
    units = register(20, 1)
    with pytest.raises(DisclosureRefused, match="sex of some units is Z, which is no leaf"):
        tables_of(units.assign(sex="Z"))
    with pytest.raises(DisclosureRefused, match="is said to be 30 to 40 which the register contradicts"):
        tables_of(units, known={(): (30, 40)})
    with pytest.raises(DisclosureRefused, match="no attribute: did you mean sex"):
        linked_tables(units, [SEX], [Margin(("sexo",), {"sexo": ("F",)})])
    with pytest.raises(DisclosureRefused, match="must be a new code"):
        Attribute("sex", ("F", "M"), {"F": frozenset("F")})
    with pytest.raises(DisclosureRefused, match="weight must be above 0"):
        Margin(("sex",), {"sex": ("F",)}, 0.0)
    many = [Attribute(name, tuple(f"{name}{i}" for i in range(40))) for name in "abc"]
    wide = pd.DataFrame({name: [f"{name}0"] for name in "abc"})
    with pytest.raises(DisclosureRefused, match="cross of a, b, c, which has 64,000 cells"):
        linked_tables(wide, many, [Margin(pair, {name: (f"{name}0",) for name in pair}) for pair in itertools.combinations("abc", 2)])


def banded(age: pd.Series) -> pd.Series:
    return pd.cut(age, [0, 17, 29, 200], labels=["0-17", "18-29", "30+"]).astype("object").where(age > 0, "_U")


def test_nobody_is_found_again_among_argentinas_callers(linea145_folder: Path) -> None:
    rows = pd.read_csv(next(linea145_folder.glob("oficina-*.csv")), encoding="utf-8-sig")
    rows = rows[rows["referido_tipo"].str.startswith("Victima")]
    frame = pd.DataFrame(
        {
            "period": rows["fecha_ingreso_denuncia"].str[:4],
            "gender": rows["genero"].fillna("_U"),
            "age": banded(rows["edad_aparente"].fillna(0)),
            "citizenship": rows["nacionalidad"].fillna("_U"),
        }
    )
    attributes = [Attribute(name, tuple(sorted(frame[name].unique()))) for name in frame]
    codes = {one.name: (*one.leaves, "_T") for one in attributes}
    margins = [Margin(names, {name: codes[name] for name in names}) for names in (("period", "gender", "age"), ("period", "citizenship"))]
    nobody_found(suppress_linked(linked_tables(frame, attributes, margins), Rule(10)), 20)


def test_nobody_is_found_again_in_perus_departments(peru_file: Path) -> None:
    rows = pd.read_excel(peru_file, engine="calamine")
    group = rows["Denuncias por comisión"].astype("str").str.strip()
    ages = rows[
        rows["categoría"].astype("str").str.contains("FEMENINO|MASCULINO") & ~group.str.contains("TOTAL") & rows["AÑO"].between(2018, 2021)
    ]
    counts = ages.groupby(["AÑO", "lugar", "Denuncias por comisión"])["Valor"].sum().astype(int)
    assert counts.sum() > 1000
    frame = counts[counts > 0].reset_index()
    frame = frame.loc[frame.index.repeat(frame["Valor"])].drop(columns="Valor").astype("str")
    frame.columns = ["period", "place", "group"]
    attributes = [Attribute(name, tuple(sorted(frame[name].unique()))) for name in frame]
    codes = {one.name: (*one.leaves, "_T") for one in attributes}
    margins = [Margin(names, {name: codes[name] for name in names}) for names in (("period", "place"), ("period", "group"))]
    nobody_found(suppress_linked(linked_tables(frame, attributes, margins), Rule(10)), 20)
