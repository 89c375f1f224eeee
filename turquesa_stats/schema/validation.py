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
def pandera_schema(table: str, *, keyed: bool = True) -> pa.DataFrameSchema:
    """Build the pandera schema of a table from its YAML file and code lists; without its key for a part of a table."""
    declared = table_schema(table)
    return pa.DataFrameSchema(
        {field.name: _column(field) for field in declared.fields},
        unique=list(declared.key) if keyed else None,
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
    if not isinstance(frame, pd.DataFrame):
        return _validate_large(frame, table)
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


def _validate_large(frame: Any, table: str) -> Any:
    """Return a Dask table of which each part is checked when it is computed; keys are checked now, over all parts."""
    key = frame[list(table_schema(table).key)].compute()
    twice = key[key.duplicated(keep=False)]
    if len(twice):
        shown = ", ".join(str(value) for value in twice.iloc[0])
        raise SchemaMismatch(f"table {table}: {len(twice)} rows repeat a key ({', '.join(key.columns)}), first {shown}")
    return frame.map_partitions(_validate_part, table, meta=empty_table(table))


def _validate_part(part: pd.DataFrame, table: str) -> pd.DataFrame:
    try:
        checked: pd.DataFrame = pandera_schema(table, keyed=False).validate(part, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise SchemaMismatch(_explain(table, errors.failure_cases)) from errors
    return checked[table_schema(table).field_names]


def fitting(frame: pd.DataFrame, table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the rows whose values fit their fields, and what does not fit (rule S01); keys and links are not looked at.

    Parameters
    ----------
    frame : DataFrame
        Columns as in the schema, and further ones that stay; the index names each row.
    table : str
        Name of the table's schema.

    Returns
    -------
    rows, misfits : DataFrame
        The rows with the schema's types; and ``position, column, value, must_be`` of each value that does not fit.

    Raises
    ------
    SchemaMismatch
        If a column is missing or is as a whole not of its type.
    """
    fields = table_schema(table).field_names
    schema = pandera_schema(table, keyed=False)
    misfits = pd.DataFrame({"position": [], "column": [], "value": [], "must_be": []})
    rows = frame
    try:
        typed = schema.validate(frame[[name for name in fields if name in frame]], lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].isna().any():
            raise SchemaMismatch(_explain(table, cases)) from errors
        misfits = cases.rename(columns={"index": "position", "failure_case": "value", "check": "must_be"})[misfits.columns]
        rows = frame.drop(index=misfits["position"].unique())
        typed = schema.validate(rows[fields], lazy=True)
    further = [name for name in rows if name not in fields]
    return pd.concat([typed, rows[further]], axis="columns"), misfits.reset_index(drop=True)


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
