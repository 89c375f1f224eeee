"""
Time and cost of suppression over linked tables: ``python benchmarks/disclosure.py [countries] [processes] [reports]``.

First the search against the exact choice on small tables, then made-up countries of several sizes, then a whole edition: 33 countries, each
with 5 years and 10 spans of some 150 cells. Last the real thing: all tables of reports, of the victims and the accused of countries that
the demonstration generator makes, with 5 years and the span of all, as a run decides them before its first document.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context

import numpy as np
import pandas as pd

from turquesa_stats.disclosure.arrays import Floats
from turquesa_stats.disclosure.linked_suppression import information, suppress_linked
from turquesa_stats.disclosure.linked_tables import LinkedTables, linked_tables
from turquesa_stats.disclosure.policy import policy
from turquesa_stats.disclosure.register import Attribute, Margin
from turquesa_stats.disclosure.suppression_optimum import optimum
from turquesa_stats.disclosure.suppression_search import search
from turquesa_stats.disclosure.unsafe import Rule, unsafe
from turquesa_stats.reporting.activity_protection import ACTIVITY_PERSON, protect_activities
from turquesa_stats.reporting.protection import PERSON, protect_register
from turquesa_stats.schema.codes import american_countries
from turquesa_stats.sources.demonstration import demonstration_tables

K = 10
_YEARS = tuple(str(year) for year in range(2018, 2023))
_SPANS = {f"{_YEARS[i]}/{_YEARS[j]}": frozenset(_YEARS[i : j + 1]) for i, j in itertools.combinations(range(5), 2)}
_LEAVES = {
    "sex": ("F", "M", "X", "_U"),
    "age": ("0-11", "12-17", "18-29", "30-49", "50+", "_U"),
    "citizenship": ("DOM", "N1", "N2", "N3", "N4", "_U"),
}


def country(units: int, seed: int, flags: int = 5) -> LinkedTables:
    """Return the tables of a made-up country."""
    rng = np.random.default_rng(seed)
    names = [f"form{place}" for place in range(flags)]
    leaves = {"period": _YEARS, **_LEAVES, **dict.fromkeys(names, ("Y", "N", "_U"))}
    frame = pd.DataFrame({name: rng.choice(own, units, p=rng.dirichlet(np.full(len(own), 2.0))) for name, own in leaves.items()})
    attributes = [Attribute(name, own, _SPANS if name == "period" else {"_KNOWN": frozenset(own) - {"_U"}}) for name, own in leaves.items()]
    codes = {one.name: (*one.leaves, *one.sums, "_T") for one in attributes} | {"period": (*_YEARS, *_SPANS)}
    crosses = [("period", "sex", "age"), ("period", "sex", "citizenship")]
    margins = [Margin(names, {name: codes[name] for name in names}) for names in crosses]
    margins += [
        Margin(("period", "sex", name), {"period": codes["period"], "sex": codes["sex"], name: ("Y", "_KNOWN")}, 1.0, {name: ("N",)})
        for name in names
    ]
    return linked_tables(frame, attributes, margins)


def crossed(rng: np.random.Generator, shape: tuple[int, ...]) -> LinkedTables:
    """Return one table of random counts with its margins."""
    names = "abc"[: len(shape)]
    leaves = [tuple(f"{name}{place}" for place in range(size)) for name, size in zip(names, shape, strict=True)]
    cells = list(itertools.product(*leaves))
    rows = [cell for cell, count in zip(cells, rng.integers(0, 60, len(cells)), strict=True) for _ in range(count)]
    attributes = [Attribute(name, own) for name, own in zip(names, leaves, strict=True)]
    margin = Margin(tuple(names), {one.name: (*one.leaves, "_T") for one in attributes})
    return linked_tables(pd.DataFrame(rows, columns=list(names)), attributes, [margin])


def gap(shape: tuple[int, ...], seeds: range) -> Floats:
    """Return what the exact choice and the search cost in all, and their seconds of processor."""
    totals = np.zeros(4)
    for seed in seeds:
        tables = crossed(np.random.default_rng(seed), shape)
        cells = unsafe(tables, Rule(K))["position"].to_numpy("int64")
        needs, prices, forced = np.zeros(len(tables.keys)), information(tables), np.zeros(len(tables.keys), dtype=bool)
        needs[cells], forced[cells] = K, True
        start = time.process_time()
        exact = optimum(tables, needs, forced, prices)
        middle = time.process_time()
        found = search(tables, needs, forced, prices)
        if exact is not None:
            costs = [float(prices[hidden & ~forced].sum()) for hidden in (exact[0], found[0])]
            totals += (*costs, middle - start, time.process_time() - middle)
    return totals


def _line(name: str, instances: int, costs: Floats) -> None:
    """Print what the exact choice and the search cost, and their seconds of processor."""
    exact, found, *seconds = costs
    print(f"{name:>14} {instances:9} {exact:8.1f} {found:8.1f} {found / exact - 1:6.1%} {seconds[0]:6.1f} {seconds[1]:6.1f}", flush=True)


def one(job: tuple[int, int]) -> tuple[int, int, int, int, float]:
    """Return a country's printed cells, its primary and secondary ones, all in the system, and the seconds of processor."""
    start = time.process_time()
    tables = country(*job)
    status = suppress_linked(tables, Rule(K)).frame()["status"].value_counts()
    shown, primary, secondary = (int(status.get(name, 0)) for name in ("shown", "primary", "secondary"))
    return shown + primary + secondary, primary, secondary, len(tables.keys), time.process_time() - start


def real(tables: Mapping[str, pd.DataFrame]) -> tuple[int, int, float]:
    """Return the cells of all registers of the country whose tables these are, how many are hidden, and the seconds of processor."""
    country = str(tables["case"]["country_report"].iloc[0])
    start = time.process_time()
    found = [protect_register(tables, country, register, policy()) for register in PERSON]
    found += [protect_activities(tables, country, register, policy()) for register in ACTIVITY_PERSON]
    return sum(len(one.counts) for one in found), sum(len(one.hidden) for one in found), time.process_time() - start


def reports(countries: int, processes: int) -> None:
    """Print how long all tables of reports take, for more and more countries, and for a whole edition."""
    codes = american_countries()[:countries]
    made = [demonstration_tables(date(2026, 1, 2), [code], range(2019, 2024), seed=seed) for seed, code in enumerate(codes)]
    start, took = time.perf_counter(), []
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        found = []
        for one in pool.map(real, made):
            found.append(one)
            took.append(time.perf_counter() - start)
    sums = np.cumsum(np.array(found), axis=0)
    print(f"\n{'countries':>9} {'cells':>8} {'hidden':>8} {'cpu s':>8} {'s':>8}")
    for place in sorted({0, *range(3, len(codes), 5), len(codes) - 1}):
        cells, hidden, seconds = sums[place]
        print(f"{place + 1:9} {cells:8.0f} {hidden:8.0f} {seconds:8.1f} {took[place]:8.1f}")
    print(f"all tables of the reports of {len(codes)} countries, 5 years and their span: {took[-1]:.0f} s in {processes} processes")


def main() -> None:
    """Print four tables; ``reports`` as the third argument prints the last alone."""
    given = [int(each) for each in sys.argv[1:3]]
    countries, processes = [*given, *(33, 2)[len(given) :]]
    if sys.argv[3:] == ["reports"]:
        return reports(countries, processes)
    print(f"{'small tables':>14} {'instances':>9} {'exact':>8} {'search':>8} {'gap':>6} {'s':>6} {'s':>6}")
    sums = np.zeros(4)
    for shape, seeds in (((3, 3), range(20)), ((3, 4), range(20)), ((4, 5), range(12)), ((2, 2, 3), range(8))):
        costs = gap(shape, seeds)
        sums += costs
        _line("x".join(map(str, shape)), len(seeds), costs)
    _line("all", 60, sums)
    print(f"\n{'victims':>8} {'printed':>8} {'primary':>8} {'secondary':>9} {'seconds':>8}")
    for units in (30, 100, 300, 1000, 3000, 10000):
        printed, primary, secondary, _, seconds = one((units, units))
        print(f"{units:8} {printed:8} {primary:8} {secondary:9} {seconds:8.1f}", flush=True)
    jobs = [(int(size), seed) for seed, size in enumerate(np.geomspace(20, 5000, countries))]
    start = time.perf_counter()
    with ProcessPoolExecutor(processes) as pool:
        found = np.array(list(pool.map(one, jobs)))
    printed, primary, secondary, cells, seconds = found.sum(axis=0)
    took = time.perf_counter() - start
    print(f"\nedition of {countries} countries: {printed:,.0f} printed cells of {cells:,.0f} in the system")
    print(f"{primary:,.0f} primary, {secondary:,.0f} secondary")
    print(f"{took:.0f} s in {processes} processes ({seconds:.0f} s of processor)")
    return reports(countries, processes)


if __name__ == "__main__":
    main()
