"""Checks that fields of many tables share: dates in order, their precision, reasons for empty values, prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables
from turquesa_stats.schema.checks.linked import NOT_KNOWN, is_one_of, looked_up, yes
from turquesa_stats.schema.dates import out_of_order

_PRECISION, _REASON = "_prec", "_missing"


@dataclass(frozen=True, slots=True)
class _Order:
    """Two dates of a table of which the first must not be later."""

    table: str
    first: str
    then: str
    only_warn: bool = False


_ORDERS = (
    _Order("case", "event_start", "event_end"),
    _Order("case", "event_start", "opened_on"),
    _Order("case", "event_end", "loaded_at"),
    _Order("case", "event_start", "loaded_at"),
    _Order("victim", "exploit_start", "exploit_end"),
    _Order("victim", "exploit_start", "id_date"),
    _Order("victim", "exploit_start", "first_contact_date"),
    _Order("victim", "exploit_end", "id_date", only_warn=True),  # exploitation may go on after the person is identified
    _Order("route_leg", "depart_on", "arrive_on"),
    _Order("protection", "offered_on", "started_on"),
    _Order("protection", "started_on", "ended_on"),
    _Order("protection", "offered_on", "ended_on"),
    _Order("coop_request", "sent_on", "answered_on"),
    _Order("training_activity", "start", "end"),
    _Order("legal_framework", "valid_from", "valid_to"),
    _Order("context_event", "start", "end"),
    _Order("source", "published_on", "retrieved_on", only_warn=True),
)
_AMOUNTS = {  # table -> amounts and the field with the year of their prices
    "victim": (("debt_amount", "wage_withheld"), "price_year"),
    "sentence": (("compensation_ordered", "compensation_paid", "confiscated"), "price_year"),
    "route_leg": (("fee_leg",), "fee_price_year"),
}


def dates_in_order(tables: Tables) -> Iterator[Found]:
    """R04: a date that comes first is not later than one that follows, for any days that their precisions allow."""
    for order in _ORDERS:
        table = tables.get(order.table)
        if table is not None and {order.first, order.then} <= set(table):
            late = out_of_order(*_dated(table, order.first), *_dated(table, order.then))
            yield Found(order.table, late, (order.first, order.then), order.only_warn)
    if {"case", "charge"} <= set(tables):
        charge, case = tables["charge"], tables["case"]
        opened = looked_up(charge["case_id"], case, "case_id", "opened_on")
        precision = looked_up(charge["case_id"], case, "case_id", "opened_on_prec")
        yield Found("charge", out_of_order(opened, precision, *_dated(charge, "filed_on")), ("filed_on", "case.opened_on"), only_warn=True)


def empty_values_say_why(tables: Tables) -> Iterator[Found]:
    """F16: a value or the reason why it is empty, not both; neither is told and kept."""
    for name, table in tables.items():
        for field in _described(table, _REASON):
            value, reason = table[field].notna(), table[field + _REASON].notna()
            yield Found(name, value & reason, (field, field + _REASON))
            yield Found(name, ~value & ~reason, (field, field + _REASON), only_warn=True)


def dates_say_how_precise(tables: Tables) -> Iterator[Found]:
    """
    F17: a date has a precision and an empty one the reason why.

    A date that is given and said not to be known is rejected; everything else is told and kept.
    """
    for name, table in tables.items():
        for field in _described(table, _PRECISION):
            date, precision = table[field].notna(), table[field + _PRECISION]
            not_known = is_one_of(precision, NOT_KNOWN)
            yield Found(name, date & not_known, (field, field + _PRECISION))
            yield Found(name, (date & precision.isna()) | (~date & ~not_known), (field, field + _PRECISION), only_warn=True)


def amounts_have_a_price_year(tables: Tables) -> Iterator[Found]:
    """F15: an amount of money other than zero has the year of its prices."""
    for name, (fields, year) in _AMOUNTS.items():
        if name in tables:
            table = tables[name]
            for field in fields:
                yield Found(name, yes(table[field].gt(0)) & table[year].isna(), (field, year))


def _described(table: pd.DataFrame, suffix: str) -> list[str]:
    """Return the fields of which another tells the precision or the reason to be empty."""
    return [name.removesuffix(suffix) for name in map(str, table) if name.endswith(suffix) and name.removesuffix(suffix) in table]


def _dated(table: pd.DataFrame, name: str) -> tuple[pd.Series[pd.Timestamp], pd.Series[str]]:
    precision = table.get(name + _PRECISION)
    return table[name], pd.Series("D", index=table.index) if precision is None else precision


CHECKS: Mapping[str, Check] = {
    "R04": dates_in_order,
    "F15": amounts_have_a_price_year,
    "F16": empty_values_say_why,
    "F17": dates_say_how_precise,
}
