"""Checks of single charges, sentences and accused persons: what one row says, and the chain of charges that replaced each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables

_TIP, _SOM = "0204", "08051"  # ICCS: trafficking in persons with its kinds; smuggling of migrants (0805 holds other acts too)
_ROUNDED = 0.2  # months: three lengths, each rounded to a tenth, may miss by 0.15


def true(test: pd.Series[bool]) -> pd.Series[bool]:
    """Return a test's answer with missing as no."""
    return test.fillna(value=False).astype(bool)


def looked_up(ids: pd.Series[str], table: pd.DataFrame, key: str, column: str) -> pd.Series[Any]:
    """Return a field of the row that each ID names, of the field's type; missing where there is none, the first where there are several."""
    return table.drop_duplicates(key).set_index(key)[column].reindex(ids).set_axis(ids.index)


def of_charge(charge_id: pd.Series[str], charge: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Return a field of the charge that each ID names; missing where there is none."""
    return looked_up(charge_id, charge, "charge_id", column)


def months_add_up(tables: Tables) -> Iterator[Found]:
    """R44: time to serve and time suspended make the whole sentence; a life sentence has no months."""
    sentence = tables["sentence"]
    total, custodial, suspended = (sentence[f"months_{name}"] for name in ("total", "custodial", "suspended"))
    parts = custodial.fillna(0) + suspended.fillna(0)
    whole = custodial.notna() & suspended.notna()
    wrong = parts.gt(total + _ROUNDED) | (whole & parts.lt(total - _ROUNDED))
    life = true(sentence["kind"].eq("LIFE"))
    counted = total.notna() | custodial.notna() | suspended.notna()
    yield Found("sentence", true(wrong) & ~life, ("months_total", "months_custodial", "months_suspended"))
    yield Found("sentence", life & counted, ("kind", "months_total", "months_custodial", "months_suspended"))


def accused_children(tables: Tables) -> Iterator[Found]:
    """R48: persons who were children when they are said to have acted are counted apart."""
    accused = tables["accused"]
    yield Found("accused", true(accused["age_status_offence"].eq("MINOR")), ("age_status_offence",))


def reductions_end(tables: Tables) -> Iterator[Found]:
    """F23: no charge was reduced, over any number of steps, from themselves."""
    charge = tables["charge"]
    of = charge.drop_duplicates("charge_id").set_index("charge_id")["reduced_from"].astype("object")
    before = of.dropna()
    step = 1
    while step < len(of) and not before.empty:  # twice as many steps back each time: what is left goes round in a circle
        before = before.map(before).dropna()
        step *= 2
    yield Found("charge", charge["charge_id"].isin(set(before)), ("charge_id", "reduced_from"))


def crime_follows_offence(tables: Tables) -> Iterator[Found]:
    """F22: the offence decides whether a charge is one of trafficking or of smuggling."""
    charge = tables["charge"]
    for mark, code in (("is_tip", _TIP), ("is_som", _SOM)):
        right = true(charge["iccs"].str.startswith(code))
        yield Found("charge", charge["iccs"].notna() & true(charge[mark].ne(right)), (mark, "iccs"), derived=right)


def paid_within_ordered(tables: Tables) -> Iterator[Found]:
    """F24: what is paid in compensation is not more than what was ordered."""
    sentence = tables["sentence"]
    paid, ordered = sentence["compensation_paid"], sentence["compensation_ordered"]
    yield Found("sentence", true(paid.gt(ordered)), ("compensation_paid", "compensation_ordered"))


def penalties_in_order(tables: Tables) -> Iterator[Found]:
    """F31: the least penalty of a law is not above its greatest."""
    law = tables["legal_framework"]
    yield Found("legal_framework", true(law["min_months"].gt(law["max_months"])), ("min_months", "max_months"))


CHECKS: Mapping[str, Check] = {
    "R44": months_add_up,
    "R48": accused_children,
    "F22": crime_follows_offence,
    "F23": reductions_end,
    "F24": paid_within_ordered,
    "F31": penalties_in_order,
}
