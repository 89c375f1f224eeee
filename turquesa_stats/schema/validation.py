"""Checks of tables, built as pandera schemas from the files in ``data/schema``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa

from turquesa_stats.errors import SchemaMismatch, nearest
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.tables import Field, FieldType, table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_DTYPES: dict[FieldType, Any] = {
    FieldType.STRING: pd.StringDtype(na_value=float("nan")),
    FieldType.CATEGORY: pd.StringDtype(na_value=float("nan")),
    FieldType.INTEGER: pd.Int64Dtype(),
    FieldType.NUMBER: "float64",
    FieldType.BOOLEAN: pd.BooleanDtype(),
    FieldType.DATE: "datetime64[s]",
}
_SHOWN = 20


@cache
def pandera_schema(table: str) -> pa.DataFrameSchema:
    """Build the pandera schema of a table from its YAML file and code lists."""
    declared = table_schema(table)
    return pa.DataFrameSchema(
        {field.name: _column(field) for field in declared.fields},
        unique=list(declared.key),
        strict=True,
        coerce=True,
        ordered=False,
        name=table,
    )


def _column(field: Field) -> pa.Column:
    checks = []
    if field.codes is not None:
        checks.append(pa.Check.isin(code_list(field.codes).codes, error=f"code of list {field.codes}"))
    if field.pattern is not None:
        checks.append(pa.Check.str_matches(field.pattern, error=f"text like {field.pattern}"))
    if field.minimum is not None:
        checks.append(pa.Check.ge(field.minimum, error=f"at least {field.minimum:g}"))
    if field.maximum is not None:
        checks.append(pa.Check.le(field.maximum, error=f"at most {field.maximum:g}"))
    return pa.Column(_DTYPES[field.type], checks, nullable=field.nullable, required=True)


def empty_table(table: str) -> pd.DataFrame:
    """Return a table of a schema's columns and types without rows."""
    return pd.DataFrame({field.name: pd.Series([], dtype=_DTYPES[field.type]) for field in table_schema(table).fields})


def validate(frame: pd.DataFrame, table: str, tables: Mapping[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    """
    Return the table with the schema's types and column order.

    Parameters
    ----------
    frame : DataFrame
        One row per unit of the table; columns as in the schema.
    table : str
        Name of the table's schema.
    tables : mapping, optional
        The tables that foreign keys point to.

    Raises
    ------
    SchemaMismatch
        With all problems at once: column, row, value and what is allowed.
    """
    declared = table_schema(table)
    try:
        checked: pd.DataFrame = pandera_schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise SchemaMismatch(_explain(table, errors.failure_cases)) from errors
    for link in declared.foreign_keys:
        if tables is not None and link.table in tables:
            missing = checked.loc[checked[link.field].notna() & ~checked[link.field].isin(tables[link.table][link.to]), link.field]
            if not missing.empty:
                raise SchemaMismatch(
                    f"table {table}: {len(missing)} rows of {link.field} have no row in {link.table}.{link.to}, first {missing.iloc[0]!r}"
                )
    return checked[declared.field_names]


def _explain(table: str, cases: pd.DataFrame) -> str:
    lines = [f"table {table}: {len(cases)} problems"]
    known = table_schema(table).field_names
    for case in cases.head(_SHOWN).to_dict("records"):
        if case["check"] == "column_in_schema":
            lines.append(f"  column '{case['failure_case']}' is not in the schema; {nearest(str(case['failure_case']), known)}")
        elif case["check"] == "column_in_dataframe":
            lines.append(f"  column '{case['failure_case']}' is missing")
        else:
            where = "" if pd.isna(case["index"]) else f", row {case['index']}"
            lines.append(f"  column {case['column']}{where}: value {case['failure_case']!r}; must be: {case['check']}")
    if len(cases) > _SHOWN:
        lines.append(f"  and {len(cases) - _SHOWN} more")
    return "\n".join(lines)
