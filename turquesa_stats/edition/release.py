"""What may leave a workspace: tables that anyone may see, without the rows that may not be passed on or published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from turquesa_stats.errors import ExportRefused, UnknownParameter, nearest
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.tables import table_names, table_schema
from turquesa_stats.schema.validation import empty_table, validate
from turquesa_stats.schema.workspace import Workspace

PUBLIC, UNRESTRICTED = "P", "H0"
_NOT_PASSED_ON = "their source does not say that they may be passed on (handling other than H0)"
_IN_CONFLICT = "their source gives several values for one figure; none is published until that is resolved (rule R57)"
_NOT_FREE = "their confidentiality status keeps them from publication"
_FREE, _KEPT_BACK = "F", ("N", "C", "E")  # of SDMX's code list: not for publication, confidential, under embargo


@dataclass(frozen=True, slots=True)
class Release:
    """The rows of one table that leave; ``withheld`` maps why others do not to their number."""

    name: str
    rows: pd.DataFrame
    withheld: Mapping[str, int]


def releases(workspace: Workspace, asked: Sequence[str] = ()) -> tuple[list[Release], pd.DataFrame]:
    """
    Return what leaves of each table, and the unrestricted sources.

    Parameters
    ----------
    workspace : Workspace
        Where the tables are.
    asked : sequence of str
        Names of tables; without any, every table of the workspace that anyone may see.

    Raises
    ------
    UnknownParameter
        If a table does not exist, or not in the workspace.
    ExportRefused
        If a table is not for the public (rule R90), or if no row of any may leave.
    SchemaMismatch
        If a table does not fit its schema.
    """
    workspace.check()
    present = {path.stem: path for path in workspace.data_files}
    names = list(dict.fromkeys(asked)) or [name for name in table_names() if name in present and _is_public(name)]
    for name in names:
        _check(name, list(present))
    tables = {name: validate(pd.read_parquet(present[name]), name) for name in {*names, "source"} if name in present}
    sources = tables.get("source", empty_table("source"))
    unrestricted = sources[sources["handling"].eq(UNRESTRICTED)]
    found = [_release(name, tables[name], unrestricted) for name in names]
    if not any(len(release.rows) for release in found):
        why = "; ".join(f"{release.name}: {count} rows, {reason}" for release in found for reason, count in release.withheld.items())
        raise ExportRefused(f"{workspace.folder}: nothing may leave of {', '.join(names) or 'it'}: {why or 'there is no row'}")
    return found, unrestricted


def _is_public(name: str) -> bool:
    return table_schema(name).sensitivity == PUBLIC


def _check(name: str, present: list[str]) -> None:
    public = [other for other in table_names() if _is_public(other)]
    if name not in table_names():
        raise UnknownParameter(f"table '{name}' does not exist; {nearest(name, public)}")
    if not _is_public(name):
        level = table_schema(name).sensitivity
        said = code_list("sensitivity").label(level, Language.EN)
        raise ExportRefused(
            f"table '{name}' never leaves (rule R90): its sensitivity is {level} ({said}), and a person could be "
            "recognised in its rows; reports print counts above a threshold instead. "
            f"Tables that can leave: {', '.join(public)}"
        )
    if name not in present:
        raise UnknownParameter(f"table '{name}' is not in this workspace; {nearest(name, [other for other in public if other in present])}")


def _release(name: str, table: pd.DataFrame, unrestricted: pd.DataFrame) -> Release:
    reason = pd.Series(index=table.index, dtype="str")
    if "conf_status" in table:
        status = table["conf_status"]
        reason = reason.mask(status.isin(_KEPT_BACK) | (status.ne(_FREE) & table["obs_value"].notna()), _NOT_FREE)
    if "conflict" in table:
        reason = reason.mask(table["conflict"], _IN_CONFLICT)
    reason = reason.mask(~table["source_id"].isin(unrestricted["source_id"]), _NOT_PASSED_ON)
    counted = {str(why): int(count) for why, count in reason.value_counts().items()}
    return Release(name, table[reason.isna()].reset_index(drop=True), counted)
