"""Official figures: series by agency, parts of a total, conflicts and disagreement. Agencies are never added (rule R52)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.methods.bounds import share_bounds, total_bounds
from turquesa_stats.methods.intervals import SMALLEST_N, count, proportion
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import NOT_KNOWN, TOTAL, code_list

DIMENSIONS = ("counterpart_area", "sex", "age", "exploitation", "characteristic", "characteristic_code")
SERIES = ("publisher", "source_agency", "indicator", "unit_measure")
_SAME_TABLE = [*SERIES, "time_period"]
_QUALIFIED = {"MORE_THAN": Flag.MORE_THAN, "ABOUT": Flag.ABOUT, "CLOSE_TO": Flag.ABOUT, "NEARLY": Flag.NEARLY}
_STATUS = {"B": Flag.BREAK, "D": Flag.BREAK, "P": Flag.PRELIMINARY}


def concept_rows(tables: Mapping[str, pd.DataFrame], country: str, concept: str) -> pd.DataFrame:
    """
    Return a country's official figures of one concept, each with its publisher.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace; ``official_stat`` and ``source`` are read.
    country : str
        ISO 3166 alpha-3.
    concept : str
        ``VICTIMS``, ``INVESTIGATIONS``, ``CONTACT``, ``PROSECUTIONS``, ``CONVICTIONS`` ...
    """
    stat = tables["official_stat"]
    indicators = [code for code, of in code_list("indicator").column("concept").items() if of == concept]
    rows = stat[stat["ref_area"].eq(country) & stat["indicator"].isin(indicators)]
    publisher = tables["source"].set_index("source_id")[["publisher", "citation"]]
    return rows.join(publisher, on="source_id")


def usable(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return the figures that may be used: no conflicting keys (rule R57), and of revised figures the latest.

    A publisher that repeats a year in a later report revises it; the earlier figure is dropped here and stays in the workspace.
    """
    certain = rows[~rows["conflict"] & (rows["obs_value"].notna() | rows["obs_upper"].notna())]
    key = [*SERIES, *DIMENSIONS, "ref_area", "time_period", "freq"]
    return certain.sort_values(["edition", "source_id"], kind="stable").drop_duplicates(key, keep="last").sort_index()


def conflicts(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the figures within a period for which one source gives several values."""
    return rows[rows["conflict"] & _within(rows, period)]


def _within(rows: pd.DataFrame, period: Period) -> pd.Series[bool]:
    return rows["period_start"].ge(pd.Timestamp(period.start)) & rows["period_end"].le(pd.Timestamp(period.end))


def totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the grand totals: every dimension marked as total."""
    return rows[(rows[list(DIMENSIONS)] == TOTAL).all(axis=1)]


def parts(rows: pd.DataFrame, over: Sequence[str], characteristic: str = TOTAL) -> pd.DataFrame:
    """
    Return the figures split by some dimensions and total in all others; never the totals among them.

    Parameters
    ----------
    rows : DataFrame
        Figures of one concept.
    over : sequence of str
        Dimensions of the split, from :data:`DIMENSIONS`.
    characteristic : str
        Characteristic to which ``characteristic_code`` or ``counterpart_area`` refer.
    """
    others = [name for name in DIMENSIONS if name not in over and name != "characteristic"]
    split = (rows[list(over)] != TOTAL).all(axis=1) & (rows[others] == TOTAL).all(axis=1)
    return rows[split & rows["characteristic"].eq(characteristic)]


def sum_parts(rows: pd.DataFrame, over: str, unit: str = "persons") -> Estimate:
    """
    Add the parts of one total, as bounds where counts are censored.

    Parameters
    ----------
    rows : DataFrame
        Figures that differ in the dimension ``over`` alone.
    over : str
        The dimension.
    unit : str
        What was counted.

    Raises
    ------
    MeasureRefused
        If a total stands among the parts, a part stands twice, or the rows differ in anything else: agency, period, unit, dimension.
    """
    fixed = ["ref_area", "time_period", *SERIES, *(name for name in DIMENSIONS if name != over)]
    differing = [name for name in fixed if name in rows and not rows[name].eq(rows[name].iloc[0]).all()]
    if differing:
        raise MeasureRefused(f"these figures differ in {', '.join(differing)}; only parts of one total can be added")
    if rows[over].eq(TOTAL).any():
        raise MeasureRefused(f"a total stands among the parts by {over}; adding it would count the same {unit} twice")
    if rows[over].duplicated().any():
        raise MeasureRefused(f"a part stands twice by {over}")
    return total_bounds(rows["obs_lower"].to_list(), rows["obs_upper"].to_list(), unit)


def as_count(row: Mapping[Any, Any]) -> Estimate:
    """
    Return a published count as an estimate.

    An exact count gets the exact Poisson interval of what chance alone would change (Garwood 1936); a censored one the interval
    that the source states; a qualified one ("more than") no interval.
    """
    value, low, high = (_number(row[name]) for name in ("obs_value", "obs_lower", "obs_upper"))
    unit = str(row["unit_measure"]).lower()
    if value is None:
        return Estimate(None, low, high, None, unit, "source", Flag.CENSORED)
    if str(row["value_qual"]) != "EXACT":
        return Estimate(value, None, None, None, unit, "source", _QUALIFIED[str(row["value_qual"])])
    exact = count(int(value), unit)
    return Estimate(value, exact.low, exact.high, exact.n, unit, exact.method, _STATUS.get(str(row["obs_status"]), Flag.NONE))


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def series(rows: pd.DataFrame, until: Period) -> pd.DataFrame:
    """
    Return the yearly totals of each agency up to the end of a period.

    Returns
    -------
    DataFrame
        One row an agency, indicator, unit and year: ``publisher, source_agency, indicator, unit_measure, year, citation`` and the estimate.
    """
    yearly = totals(usable(rows))
    yearly = yearly[yearly["freq"].eq("A") & yearly["period_end"].le(pd.Timestamp(until.end))]
    return with_estimates(yearly.assign(year=yearly["period_start"].dt.year)).sort_values([*SERIES, "year"], ignore_index=True)


def with_estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the columns of an estimate each (:func:`as_count`)."""
    estimates = [as_count(row) for row in rows.to_dict("records")]
    columns = {name: [getattr(e, name) for e in estimates] for name in ESTIMATE_COLUMNS}
    return rows.assign(**columns) if len(rows) else rows.reindex(columns=[*rows.columns, *ESTIMATE_COLUMNS])


def of_other_periods(rows: pd.DataFrame, around: Period) -> pd.DataFrame:
    """Return totals whose period overlaps the given one but is no calendar year (reporting years, part-years)."""
    shown = totals(usable(rows))
    overlaps = shown["period_start"].le(pd.Timestamp(around.end)) & shown["period_end"].ge(pd.Timestamp(around.start))
    return with_estimates(shown[overlaps & shown["freq"].ne("A")])


def lead(yearly: pd.DataFrame, period: Period) -> pd.DataFrame:
    """
    Return the one row that leads a report: the latest year within the period; persons before cases, UNODC and the State before relays.

    Empty if no agency has a figure within the period.
    """
    within = yearly[yearly["year"].between(period.start.year, period.end.year)]
    if within.empty:
        return within
    latest = within[within["year"].eq(within["year"].max())]
    rank = latest["unit_measure"].ne("PERSONS") * 2 + latest["publisher"].eq("US Department of State")
    length = latest[list(SERIES)].apply(tuple, axis=1).map(yearly[list(SERIES)].apply(tuple, axis=1).value_counts())
    order = latest.assign(_rank=rank, _length=-length).sort_values(["_rank", "_length", *SERIES], kind="stable")
    return order.drop(columns=["_rank", "_length"]).head(1)


def split(rows: pd.DataFrame, period: Period, over: Sequence[str], characteristic: str = TOTAL) -> pd.DataFrame:
    """
    Return the latest split within a period, of the one agency that gives most parts, as counts and shares.

    Parameters
    ----------
    rows : DataFrame
        Figures of one concept, conflicting ones included.
    period : Period
        Within which the split must lie.
    over : sequence of str
        Dimensions of the split, from :data:`DIMENSIONS`.
    characteristic : str
        As in :func:`parts`.

    Returns
    -------
    DataFrame
        One row a part: the dimensions of ``over``, ``count_low``, ``count_high``, ``year``, the agency and ``citation``, ``known_low`` and
        ``known_high`` (n of the shares) and the share as estimate. No share for unknown parts, for a part standing alone, or where the
        source contradicts itself on any part: a conflicting part is flagged and has no count.
    """
    latest = _latest_split(parts(usable(rows), over, characteristic), period, over)
    if latest.empty:
        return latest
    disputed = parts(rows[rows["conflict"]], over, characteristic)
    disputed = disputed[(disputed[_SAME_TABLE] == latest.iloc[0][_SAME_TABLE]).all(axis=1)].drop_duplicates(list(over))
    if disputed.empty:
        return _with_shares(latest, over)
    without = {"value": None, "low": None, "high": None, "n": None, "unit": "share", "method": "none"}
    agreed = latest.assign(count_low=latest["obs_lower"], count_high=latest["obs_upper"], flag="", **without)
    hidden = disputed.assign(year=int(latest["year"].iloc[0]), count_low=np.nan, count_high=np.nan, flag=Flag.CONFLICT, **without)
    return pd.concat([agreed, hidden], ignore_index=True).assign(known_low=np.nan, known_high=np.nan)


def _latest_split(found: pd.DataFrame, period: Period, over: Sequence[str]) -> pd.DataFrame:
    found = found[found["freq"].eq("A") & _within(found, period) & found["obs_lower"].notna() & found["obs_upper"].notna()]
    if found.empty:
        return found
    found = found.assign(year=found["period_start"].dt.year)
    found = found[found["year"].eq(found["year"].max())]
    sizes = found.groupby(list(SERIES), sort=True)["obs_upper"].agg(["size", "sum"])
    chosen = sizes.sort_values(["size", "sum"], kind="stable").index[-1]
    one = found[(found[list(SERIES)] == list(chosen)).all(axis=1)]
    return one.drop_duplicates(list(over), keep="last").reset_index(drop=True)


def _with_shares(one: pd.DataFrame, over: Sequence[str]) -> pd.DataFrame:
    known = ~one[list(over)].isin(NOT_KNOWN).any(axis=1)
    low, high = one["obs_lower"], one["obs_upper"]
    shares = pd.Series([Estimate(None, None, None, None, "share", "none")] * len(one), index=one.index, dtype="object")
    if known.sum() > 1 and high[known].sum() > 0:
        shares[known] = _shares(low[known].to_list(), high[known].to_list())
    columns = {name: [getattr(estimate, name) for estimate in shares] for name in ESTIMATE_COLUMNS}
    return one.assign(count_low=low, count_high=high, known_low=low[known].sum(), known_high=high[known].sum(), **columns)


def _shares(low: list[float], high: list[float]) -> list[Estimate]:
    """Return the share of each part: Wilson intervals of exact counts, identification bounds where a count is censored."""
    n = int(sum(high))
    if low == high:
        return [proportion(int(part), n) for part in high]
    bounded = [share_bounds(low, high, position) for position in range(len(low))]
    return [replace(share, n=n, flag=Flag.SMALL_N if n < SMALLEST_N else share.flag) for share in bounded]


def agreement(yearly: pd.DataFrame, period: Period) -> pd.DataFrame:
    """
    Compare the agencies that count the same unit in the same year (indicator A34: largest divided by smallest).

    Returns
    -------
    DataFrame
        ``year, unit_measure, smallest, largest, ratio, difference, agencies``; years up to the period's end with two agencies or more.
    """
    exact = yearly[yearly["value"].notna() & yearly["year"].le(period.end.year)]
    rows = []
    for _, group in exact.groupby(["year", "unit_measure"]):
        if group[["publisher", "source_agency"]].drop_duplicates().shape[0] < 2:
            continue
        smallest, largest = float(group["value"].min()), float(group["value"].max())
        ratio = largest / smallest if smallest else np.nan
        rows.append(
            {
                "year": int(group["year"].iloc[0]),
                "unit_measure": group["unit_measure"].iloc[0],
                "smallest": smallest,
                "largest": largest,
                "ratio": ratio,
                "difference": largest - smallest,
                "agencies": "; ".join(f"{r.source_agency} ({r.publisher}): {r.value:g}" for r in group.itertuples()),
            }
        )
    return pd.DataFrame(rows, columns=["year", "unit_measure", "smallest", "largest", "ratio", "difference", "agencies"])
