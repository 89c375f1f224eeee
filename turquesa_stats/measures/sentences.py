"""What convicted persons were sentenced to: kinds and lengths (indicator D07)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.cases import shares
from turquesa_stats.methods.order_statistics import quantile
from turquesa_stats.schema.codes import TOTAL

QUARTILES = {"Q1": 0.25, "MEDIAN": 0.5, "Q3": 0.75}


def quartiles(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return the median and the quartiles, in months, of custodial sentences by sex, of persons sentenced to custody other than life.

    Returns
    -------
    DataFrame
        ``sex, count, value`` (median), ``low, high`` (quartiles), ``n``, unit ``months``, method ``quartiles``. For what chance could
        change see :func:`lengths`.
    """
    imprisoned = people[people["custodial"] & ~people["life"] & people["months_custodial"].notna()]
    rows = []
    for sex in (TOTAL, "F", "M"):
        months = imprisoned.loc[imprisoned["sex"].eq(sex) | (sex == TOTAL), "months_custodial"].to_numpy(float)
        if months.size:
            low, median, high = np.quantile(months, list(QUARTILES.values()))
            rows.append({"sex": sex, "count": months.size, "value": median, "low": low, "high": high, "n": months.size})
    return pd.DataFrame(rows, columns=["sex", "count", "value", "low", "high", "n"]).assign(unit="months", method="quartiles", flag="")


def kinds(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return the shares of convicted persons by kind of sentence, each person by the most severe.

    Returns
    -------
    DataFrame
        ``kind`` (CUSTODY: any term in custody, LIFE, SUSPENDED and others; ANY_CUSTODY: CUSTODY and LIFE together), ``count``, the share as
        estimate (``n`` = convicted persons whose sentence is known) and ``unknown`` (convicted persons whose sentence is not).

    Raises
    ------
    MeasureRefused
        If nobody was convicted, or of nobody the sentence is known.
    """
    convicted = _convicted(people)
    kind = convicted["kind"].astype("object").mask(convicted["custodial"] & ~convicted["life"], "CUSTODY")
    counted = kind.dropna()
    if counted.empty:
        raise MeasureRefused(f"the sentence of none of {len(convicted)} convicted persons is recorded")
    tally = counted.value_counts().reindex(["CUSTODY", "LIFE", "SUSPENDED", "COMMUNITY", "FINE", "OTHER"], fill_value=0)
    tally.loc["ANY_CUSTODY"] = tally["CUSTODY"] + tally["LIFE"]
    rows = tally.rename_axis("kind").reset_index(name="count").assign(n=len(counted))
    return shares(rows).assign(unknown=len(convicted) - len(counted))


def lengths(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return quartiles of the months in custody with exact intervals, of persons sentenced to custody and of all convicted.

    A sentence for life has no months: it is counted (``life``) and in no quartile, which are therefore of the shorter sentences. Of all
    convicted persons, those with another sentence have 0 months. Of several sentences of a person the longest counts.

    Returns
    -------
    DataFrame
        ``among`` (CUSTODY, CONVICTED), ``statistic`` (Q1, MEDIAN, Q3), ``count`` (persons), the months as estimate, ``life`` and
        ``unknown`` (persons with custody of unknown length, or no known sentence).

    Raises
    ------
    MeasureRefused
        If nobody was convicted, or no length is known.
    """
    convicted = _convicted(people)
    months = convicted["months_custodial"].astype(float).where(convicted["custodial"], 0.0)
    months = months.where(convicted["kind"].notna() & ~convicted["life"])
    rows = []
    for among, members in (("CUSTODY", convicted["custodial"]), ("CONVICTED", pd.Series(data=True, index=convicted.index))):
        known = months[members].dropna()
        life = int((convicted["life"] & members).sum())
        for name, share in QUARTILES.items() if len(known) else ():
            found = quantile(known.to_list(), share, "months")
            estimate = {column: getattr(found, column) for column in ESTIMATE_COLUMNS}
            unknown = int(members.sum()) - life - len(known)
            rows.append({"among": among, "statistic": name, "count": len(known), **estimate, "life": life, "unknown": unknown})
    if not rows:
        raise MeasureRefused(f"of none of {len(convicted)} convicted persons is the length of the sentence known")
    return pd.DataFrame(rows)


def _convicted(people: pd.DataFrame) -> pd.DataFrame:
    convicted = people[people["end"].eq("CONVICTED")]
    if convicted.empty:
        raise MeasureRefused("nobody of the cohort was convicted")
    return convicted
