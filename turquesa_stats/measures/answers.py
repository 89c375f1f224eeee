"""What is known, unknown and not asked before any share: completeness, bounds and estimate side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from turquesa_stats.errors import MeasureRefused, nearest
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.quality import STATE_OF_CODE, STATES
from turquesa_stats.methods.intervals import proportion
from turquesa_stats.methods.missing import share_with_unknown
from turquesa_stats.schema.codes import NOT_KNOWN, TOTAL, code_list


def states(units: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """
    Return how much is known of each field that a measure uses.

    Parameters
    ----------
    units : DataFrame
        One row a unit.
    fields : sequence of str
        Columns of the answers.

    Returns
    -------
    DataFrame
        One row a ``field``: ``records``, the number in each of :data:`STATES`, which add up to it, and the share known as estimate with
        ``n`` = records to which the field applies (no value for none). A code of the field, never a 0, says that it is not known.

    Raises
    ------
    MeasureRefused
        If there is no unit, or the units lack a field.
    """
    if units.empty:
        raise MeasureRefused("there are no units: nothing is known, and nothing unknown, of them")
    lacking = [name for name in fields if name not in units]
    if lacking:
        raise MeasureRefused(f"these units have no {', '.join(lacking)}; {nearest(lacking[0], map(str, units.columns))}")
    return pd.DataFrame([_states_of(units[name], name) for name in fields])


def _states_of(values: pd.Series[str], field: str) -> dict[str, object]:
    state = values.astype("object").map(STATE_OF_CODE).fillna("known").mask(values.isna(), "empty")
    tally = {name: int(state.eq(name).sum()) for name in STATES}
    applies = len(values) - tally["not_applicable"]
    share = proportion(tally["known"], applies) if applies else None
    columns = {name: getattr(share, name) if share else None for name in ESTIMATE_COLUMNS}
    return {"field": field, "records": len(values), **tally, **columns}


def shares_with_unknown(units: pd.DataFrame, field: str, codes: str) -> pd.DataFrame:
    """
    Return the share of each answer to one question three ways: of those known, and what those not known allow.

    Parameters
    ----------
    units : DataFrame
        One row a unit.
    field : str
        Column of the answers.
    codes : str
        Code list of the answers; answers that nobody gave are there with count 0.

    Returns
    -------
    DataFrame
        ``code, count``; the share of known answers as estimate (Wilson; right only if who is not known is like who is); ``records, known,
        unknown, not_asked, not_applicable, empty`` (:func:`states`); ``lowest, highest``, the share among all to whom the question applies
        if none or all of those not known gave this answer, and ``lowest_with_chance, highest_with_chance``
        (:func:`methods.missing.share_with_unknown`), which need no assumption. Without any known answer the estimate is empty, the bounds
        are 0 to 1.

    Raises
    ------
    MeasureRefused
        As :func:`states`; also if the question applies to nobody.
    """
    about = states(units, [field]).iloc[0]
    known, every = int(about["known"]), int(about["records"] - about["not_applicable"])
    if not every:
        raise MeasureRefused(f"{field} applies to none of {len(units)} units")
    counts = units[field].value_counts()
    possible = [code for code in code_list(codes).codes if code not in (*NOT_KNOWN, TOTAL)]
    rows = []
    for code in possible:
        count = int(counts.get(code, 0))
        share = proportion(count, known) if known else None
        at_hand, with_chance = share_with_unknown(count, known, every - known)
        rows.append(
            {
                "code": code,
                "count": count,
                **{name: getattr(share, name) if share else None for name in ESTIMATE_COLUMNS},
                **{name: int(about[name]) for name in ("records", *STATES)},
                "lowest": at_hand.low,
                "highest": at_hand.high,
                "lowest_with_chance": with_chance.low,
                "highest_with_chance": with_chance.high,
            }
        )
    return pd.DataFrame(rows).sort_values(["count", "code"], ascending=[False, True], ignore_index=True)
