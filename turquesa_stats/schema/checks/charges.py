"""Checks of single charges, sentences and accused persons: what one row says, and the chain of charges that replaced each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from turquesa_stats.schema.checks.found import Found, Tables
from turquesa_stats.schema.dates import out_of_order

_TIP, _SOM = "0204", "0805"  # ICCS: trafficking in persons; smuggling of migrants
_ROUNDED = 0.2  # months: three lengths, each rounded to a tenth, may miss by 0.15


def true(test: pd.Series[bool]) -> pd.Series[bool]:
    """Return a test's answer with missing as no."""
    return test.fillna(value=False).astype(bool)


def of_charge(charge_id: pd.Series[str], charge: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a field of the charge that each ID names; missing where there is none."""
    return charge_id.map(charge.drop_duplicates("charge_id").set_index("charge_id")[column])


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
    """Find charges that were reduced, over any number of steps, from themselves."""
    charge = tables["charge"]
    of = charge.drop_duplicates("charge_id").set_index("charge_id")["reduced_from"].astype("object")
    before = of.dropna()
    step = 1
    while step < len(of) and not before.empty:  # twice as many steps back each time: what is left goes round in a circle
        before = before.map(before).dropna()
        step *= 2
    yield Found("charge", charge["charge_id"].isin(set(before)), ("charge_id", "reduced_from"))


def crime_follows_offence(tables: Tables) -> Iterator[Found]:
    """Find charges whose marks of trafficking or smuggling are not those of their offence."""
    charge = tables["charge"]
    for mark, code in (("is_tip", _TIP), ("is_som", _SOM)):
        right = true(charge["iccs"].str.startswith(code))
        yield Found("charge", charge["iccs"].notna() & true(charge[mark].ne(right)), (mark, "iccs"), derived=right)


def paid_within_ordered(tables: Tables) -> Iterator[Found]:
    """Find compensation paid above what was ordered."""
    sentence = tables["sentence"]
    paid, ordered = sentence["compensation_paid"], sentence["compensation_ordered"]
    yield Found("sentence", true(paid.gt(ordered)), ("compensation_paid", "compensation_ordered"), only_warn=True)


def filed_after_opening(tables: Tables) -> Iterator[Found]:
    """Find charges filed before their case was opened, for certain."""
    charge, case = tables["charge"], tables["case"].drop_duplicates("case_id").set_index("case_id")
    opened, precision = (charge["case_id"].map(case[name]) for name in ("opened_on", "opened_on_prec"))
    early = out_of_order(opened, precision, charge["filed_on"], charge["filed_on_prec"])
    yield Found("charge", early, ("filed_on", "filed_on_prec"), only_warn=True)
