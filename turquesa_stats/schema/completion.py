"""Fills what a source does not give, so that not asked is never mistaken for unknown, not applicable or zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from turquesa_stats.errors import SchemaMismatch
from turquesa_stats.schema.codes import NOT_ASKED, code_list
from turquesa_stats.schema.tables import Field, FieldType, table_schema

PRECISION, WHY_EMPTY = "_prec", "_missing"


def completed(frame: pd.DataFrame, table: str, shared: Mapping[str, Any]) -> pd.DataFrame:
    """
    Return the table with every field of its schema.

    Parameters
    ----------
    frame : DataFrame
        What the source gives; further columns stay.
    table : str
        Name of the table's schema.
    shared : mapping
        Values of fields that every row shares, such as ``source_id`` and ``loaded_at``; columns of ``frame`` go before them.

    Returns
    -------
    DataFrame
        Codes that the source lacks are ``_N`` (not asked or not collected); dates it gives without a precision are exact days; an empty
        date or number says why it is empty, ``_N`` where the source does not say.

    Raises
    ------
    SchemaMismatch
        If a field without which a row means nothing is in neither.
    """
    done = frame.copy(deep=False)
    lacking = []
    for field in table_schema(table).fields:
        name = field.name
        if name not in done:
            of = _describes(name, table)
            if name in shared:
                done[name] = shared[name]
            elif of is not None:
                done[name] = _why_empty(done[of], name) if of in done else NOT_ASKED
            elif _can_say_not_asked(field) or field.nullable:
                done[name] = NOT_ASKED if _can_say_not_asked(field) and not field.nullable else None
            else:
                lacking.append(name)
        elif _can_say_not_asked(field) and not field.nullable:
            done[name] = done[name].where(done[name].notna(), NOT_ASKED)
    if lacking:
        raise SchemaMismatch(f"table {table}: nothing is given for {', '.join(lacking)}, and none of them may be empty")
    return done


def _describes(name: str, table: str) -> str | None:
    """Return the field whose precision, or whose reason to be empty, a field tells."""
    for suffix in (PRECISION, WHY_EMPTY):
        if name.endswith(suffix) and name.removesuffix(suffix) in table_schema(table).field_names:
            return name.removesuffix(suffix)
    return None


def _why_empty(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    given = "D" if name.endswith(PRECISION) else None
    return pd.Series(NOT_ASKED, index=values.index, dtype="str").mask(values.notna(), given)


def _can_say_not_asked(field: Field) -> bool:
    return field.type is FieldType.CATEGORY and field.codes is not None and NOT_ASKED in code_list(field.codes)
