"""Checks of the register of released cells: none tells a small number of persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.schema.checks.found import Check, Found, Tables

# ``k_person`` of turquesa_stats/disclosure/policies/public.yml, which this room may not read; a test keeps the two the same.
SMALLEST_COUNT = 10


def released_cells_disclose_nobody(tables: Tables) -> Iterator[Found]:
    """R90: no cell shows 1 to k - 1 persons, and a hidden cell that may hold so few has k possible values or more."""
    register = tables["release_register"]
    k = _number(register, "k").fillna(SMALLEST_COUNT) if "k" in register else pd.Series(float(SMALLEST_COUNT), index=register.index)
    shown, lower, upper = (_number(register, name) for name in ("value_shown", "lower", "upper"))
    persons = register["unit_measure"].eq("PERSONS") if "unit_measure" in register else pd.Series(data=True, index=register.index)
    persons = persons.fillna(value=False).astype(bool)
    may_be_small = lower.lt(k) & upper.ge(1)
    narrow = shown.isna() & may_be_small & (upper - lower + 1).lt(k)
    yield Found("release_register", persons & shown.ge(1) & shown.lt(k), ("cell_key", "value_shown"))
    yield Found("release_register", persons & narrow, ("cell_key", "lower", "upper"))


def _number(register: pd.DataFrame, name: str) -> pd.Series[float]:
    """Return a field as numbers: what stands for a hidden value is missing."""
    numbers: pd.Series[float] = pd.to_numeric(register[name], errors="coerce").astype("float64")
    return numbers


CHECKS: Mapping[str, Check] = {"R90": released_cells_disclose_nobody}
