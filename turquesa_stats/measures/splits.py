"""Any measure by sex, age status and form of exploitation, with one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Literal, get_args

import pandas as pd

from turquesa_stats.errors import MeasureRefused, nearest
from turquesa_stats.schema.codes import NOT_KNOWN, TOTAL, UNKNOWN

Split = Literal["sex", "age_status", "exploitation"]
Measure = Callable[[pd.DataFrame], pd.DataFrame]
SPLITS: tuple[Split, ...] = get_args(Split)
_AGE_STATUS = ("age_status", "age_status_exploit", "age_status_offence")


def split(measure: Measure, units: pd.DataFrame, by: Sequence[Split], tables: Mapping[str, pd.DataFrame] | None = None) -> pd.DataFrame:
    """
    Run a measure on all units, and on those of each sex, age status, form of exploitation, or each combination of these.

    Parameters
    ----------
    measure : callable
        From a frame of units to a tidy table; what it refuses is told in the result, not raised, so that one small group hides no other.
    units : DataFrame
        One row a unit: victims, accused, journeys ... with ``sex``, an age status, and ``victim_id`` or ``case_id`` for the form.
    by : sequence of {"sex", "age_status", "exploitation"}
        Characteristics to split by; none gives the total only.
    tables : mapping, optional
        Tables of a workspace, from which the form of exploitation is taken (``victim_element``, and ``victim`` for units of a case).

    Returns
    -------
    DataFrame
        The measure's table with ``sex, age_status, exploitation`` (``_T`` where not split, ``_U`` where not known), ``records`` (units of
        the group, so that ``n`` of an estimate over it is its completeness) and ``reason`` why there is no answer. Groups by sex and age
        status exclude one another and add up to the total; a unit with several forms of exploitation is in each of them.

    Raises
    ------
    MeasureRefused
        If the units lack what to split by, or there is no unit.

    Examples
    --------
    >>> units = pd.DataFrame({"sex": ["F", "F", "M", "_U"]})
    >>> split(lambda group: pd.DataFrame({"count": [len(group)]}), units, ["sex"])[["sex", "count"]].values.tolist()
    [['_T', 4], ['F', 2], ['M', 1], ['_U', 1]]
    """
    wrong = [name for name in by if name not in SPLITS]
    if wrong:
        raise MeasureRefused(f"units are not split by {', '.join(wrong)}; {nearest(wrong[0], SPLITS)}")
    if units.empty:
        raise MeasureRefused("there are no units to measure")
    members = {name: _members(name, units, tables) if name in by else {TOTAL: units.index} for name in SPLITS}
    found = []
    for codes in product(*members.values()):
        chosen = [members[name][code] for name, code in zip(SPLITS, codes, strict=True)]
        group = units.loc[units.index.isin(chosen[0]) & units.index.isin(chosen[1]) & units.index.isin(chosen[2])]
        if len(group):
            found.append(_answer(measure, group).assign(**dict(zip(SPLITS, codes, strict=True)), records=len(group)))
    together = pd.concat(found, ignore_index=True)
    together["reason"] = together["reason"].fillna("")
    return together[[*SPLITS, *(name for name in together.columns if name not in {*SPLITS, "records", "reason"}), "records", "reason"]]


def _answer(measure: Measure, group: pd.DataFrame) -> pd.DataFrame:
    try:
        answer = measure(group)
    except MeasureRefused as refusal:
        return pd.DataFrame({"reason": [str(refusal)]})
    return answer if "reason" in answer else answer.assign(reason="")


def _members(name: Split, units: pd.DataFrame, tables: Mapping[str, pd.DataFrame] | None) -> dict[str, pd.Index]:
    """Return which units are of each code, total first and not known last."""
    codes = _forms(units, tables) if name == "exploitation" else _of_column(name, units)
    codes = codes.where(codes.notna() & ~codes.isin(NOT_KNOWN), UNKNOWN)
    of_code = {str(code): index for code, index in sorted(codes.groupby(codes).groups.items(), key=_unknown_last)}
    return {TOTAL: units.index, **of_code}


def _unknown_last(item: tuple[object, pd.Index]) -> tuple[bool, str]:
    return item[0] == UNKNOWN, str(item[0])


def _of_column(name: Split, units: pd.DataFrame) -> pd.Series[str]:
    column = next((column for column in (_AGE_STATUS if name == "age_status" else ("sex",)) if column in units), None)
    if column is None:
        raise MeasureRefused(f"these units have no {name}; they have {', '.join(map(str, units.columns))}")
    return units[column].astype("object")


def _forms(units: pd.DataFrame, tables: Mapping[str, pd.DataFrame] | None) -> pd.Series[str]:
    """Return the forms of exploitation of each unit, one row a unit and form; of units without a victim those of the case's victims."""
    key = next((key for key in ("victim_id", "case_id") if key in units), None)
    if tables is None or key is None:
        raise MeasureRefused("a split by form of exploitation needs the tables, and units with victim_id or case_id")
    purposes = tables["victim_element"].query("element == 'PUR'")[["victim_id", "code"]]
    if key == "case_id":
        purposes = purposes.merge(tables["victim"][["victim_id", "case_id"]], on="victim_id")
    of_unit = units[[key]].rename_axis("unit").reset_index().merge(purposes[[key, "code"]].drop_duplicates(), on=key, how="left")
    return of_unit.set_index("unit")["code"].astype("object")
