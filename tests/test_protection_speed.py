"""What makes protection quick changes nothing: units of many periods at once, fewer unknowns, several countries at once."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

from turquesa_stats.disclosure.arrays import Flags, Floats, Matrix
from turquesa_stats.disclosure.cliques import joint_cliques, junctions
from turquesa_stats.disclosure.crosses import Crosses, merged
from turquesa_stats.disclosure.register import Attribute, Key
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.measures import cases, registers
from turquesa_stats.measures.cohort import cohort, cohorts
from turquesa_stats.period import Period
from turquesa_stats.reporting import report as reporting
from turquesa_stats.reporting.protection import Protection
from turquesa_stats.schema.workspace import WORKSPACE_VARIABLE, Workspace
from turquesa_stats.sources.demonstration import demonstration_tables

PERIODS = [Period.parse(text) for text in ("2019", "2020", "2021", "2019/2020", "2019/2021")]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Tables in which every fifth record is of a person who is in another record too, often of another year."""
    made = demonstration_tables(date(2026, 1, 2), ["COL", "PER"], (2019, 2020, 2021), seed=3)
    victim, rng = made["victim"], np.random.default_rng(1)
    again = rng.random(len(victim)) < 0.2
    key = victim["person_key"].mask(again, pd.Series([f"person{n}" for n in rng.integers(0, 150, len(victim))], index=victim.index))
    return made | {"victim": victim.assign(person_key=key.astype(victim["person_key"].dtype))}


def test_persons_of_many_periods_at_once_are_those_of_each_measure(tables: dict[str, pd.DataFrame]) -> None:
    held = tables["victim_element"]
    repeated = 0
    for period, units in zip(PERIODS, registers.victim_units_of(tables, "COL", PERIODS), strict=True):
        chosen = cases.victims(tables, "COL", period)
        assert units["victim_id"].tolist() == chosen["victim_id"].tolist()
        assert units["sex"].tolist() == chosen["sex"].tolist()
        sexual = set(held.loc[held["code"].eq("PUR_SEXUAL"), "victim_id"])
        assert units["purpose.PUR_SEXUAL"].eq("Y").tolist() == [name in sexual for name in units["victim_id"]]
        pd.testing.assert_frame_equal(units, registers.victim_units(tables, "COL", period))
        repeated += len(cases.identified(cases.of_country_and_period(tables, "COL", period))) - len(units)
    assert repeated > 100


def test_a_span_holds_each_person_of_its_years_once(tables: dict[str, pd.DataFrame]) -> None:
    *years, _, span = registers.victim_units_of(tables, "COL", PERIODS)
    every = pd.concat(years)
    person = tables["victim"].set_index("victim_id")["person_key"].fillna(tables["victim"].set_index("victim_id").index.to_series())
    assert len(every) > len(span)
    assert set(every["victim_id"].map(person)) == set(span["victim_id"].map(person))
    assert not span["victim_id"].map(person).duplicated().any()


def test_cohorts_of_many_periods_at_once_are_those_of_each(tables: dict[str, pd.DataFrame]) -> None:
    found = cohorts(tables, "PER", PERIODS)
    assert [len(one) > 0 for one in found] == [True] * 5
    assert len(found[4]) == sum(len(one) for one in found[:3])
    for period, people in zip(PERIODS, found, strict=True):
        assert people["started_on"].between(pd.Timestamp(period.start), pd.Timestamp(period.end)).all()
        pd.testing.assert_frame_equal(people, cohort(tables, "PER", period))


def _system(rng: np.random.Generator) -> tuple[Matrix, Matrix, Floats]:
    attributes = {
        name: Attribute(name, tuple(f"{name}{place}" for place in range(size))) for name, size in zip("abcd", (3, 2, 2, 2), strict=True)
    }
    margins = [("a", "b", "c"), ("a", "b", "d"), ("b", "c")]
    zeros: list[Key] = [(("b", "b1"), ("d", "d0"))]
    crosses = joint_cliques([*margins, *(tuple(name for name, _ in key) for key in zeros)])
    system = Crosses(attributes, crosses, zeros)
    units = pd.DataFrame({name: rng.choice(one.leaves, 60) for name, one in attributes.items()})
    units.loc[units["b"].eq("b1"), "d"] = "d1"
    keys: list[Key] = []
    for names in [*margins, ("a",), ("b",), ("d",), ()]:
        kept = [name for name in names if rng.random() < 0.9]
        keys += [tuple((name, str(rng.choice(attributes[name].leaves))) for name in kept) for _ in range(3)]
    keys = sorted(set(keys))
    return system.rows(keys), system.ties(junctions(crosses)), system.counts(system.places(units))


def _ends(rows: Matrix, ties: Matrix, leaves: Floats, shown: Flags) -> Floats:
    equal = sparse.vstack([rows[np.flatnonzero(shown)], ties], format="csr")
    ends = []
    for cell in range(rows.shape[0]):
        for sign in (1.0, -1.0):
            solved = linprog(sign * rows[[cell]].toarray().ravel(), A_eq=equal, b_eq=equal @ leaves, method="highs")
            ends.append(np.inf if solved.fun is None else sign * solved.fun)
    return np.array(ends)


@pytest.mark.parametrize("seed", range(8))
def test_fewer_unknowns_leave_an_attacker_the_same_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, ties, leaves = _system(rng)
    fewer = merged(rows, ties, sparse.csr_array((0, rows.shape[1])), leaves)
    assert fewer[0].shape[1] < rows.shape[1]
    assert (fewer[0] @ fewer[3] == rows @ leaves).all()
    assert not (fewer[1] @ fewer[3]).any()
    for _ in range(3):
        shown = rng.random(rows.shape[0]) < 0.6
        np.testing.assert_allclose(_ends(fewer[0], fewer[1], fewer[3], shown), _ends(rows, ties, leaves, shown), atol=1e-6)


def test_countries_decided_at_once_are_decided_as_one_after_the_other(
    tables: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace(tmp_path).add(tables)
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(reporting, "_PROTECTIONS", {})

    def protection(tables: object, country: str, register: str, *_: object) -> Protection:
        if country == refused:
            raise DisclosureRefused(f"{country} cannot be protected")
        return Protection({(("sex", country),): 1}, {(("sex", country),): "small"}, {"sex": Attribute("sex", (country,))}, (register,))

    monkeypatch.setattr(reporting, "protect_register", protection)
    refused = ""
    reporting.preload(["COL", "PER"], 2)
    together = dict(reporting._PROTECTIONS)
    reporting._PROTECTIONS.clear()
    reporting.preload(["COL", "PER"])
    assert together == reporting._PROTECTIONS
    assert len(together) == 4
    refused = "PER"
    for processes in (1, 2):
        reporting._PROTECTIONS.clear()
        with pytest.raises(DisclosureRefused, match="PER cannot be protected"):
            reporting.preload(["COL", "PER"], processes)
