"""A series of detected or recorded numbers, cut where no line may be drawn: gaps, breaks in definition, changes of law or recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.measures import official
from turquesa_stats.measures.detection_rates import inhabitants
from turquesa_stats.period import Period

TIMES_A_YEAR = {"A": 1, "M": 12}
STRETCH_COLUMNS = ("segment", "starts", "first", "last", "points")
EVENT_KINDS = ("LEGAL", "RECORDING")
_SAME = ("ref_area", "freq", *official.SERIES, *official.DIMENSIONS)


def segments(line: pd.DataFrame, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """
    Number the stretches of one series within which change may be measured.

    A stretch ends where a year (or month) is missing, where the source marks a break (status ``B``) or where the status of differing
    definition (``D``) begins or ends, and where a change of law or of recording is recorded. A time in the midst of which a change falls
    belongs neither to what was before nor to what came after, and stands alone.

    Parameters
    ----------
    line : DataFrame
        One agency's figures of one indicator, yearly as from :func:`turquesa_stats.measures.official.series` or monthly as from
        :func:`monthly_counts`.
    events : DataFrame, optional
        The table ``context_event``; those of the country itself with kind ``LEGAL`` or ``RECORDING`` count.

    Returns
    -------
    DataFrame
        The figures in the order of time with ``time`` (number of the year, or of the month), ``segment`` (from 1), ``starts`` (``first``,
        ``gap``, ``status``, ``event``) and ``flag`` ``break`` where a status begins the stretch.

    Raises
    ------
    MeasureRefused
        If there is no figure, they are of several agencies, units, countries, groups or frequencies, or a time stands twice.
    """
    _refuse_what_is_not_one_series(line)
    rows = line.assign(time=times(line)).sort_values("time", ignore_index=True)
    if rows["time"].duplicated().any():
        raise MeasureRefused(
            f"a time stands twice ({rows.loc[rows['time'].duplicated(), 'period_start'].iloc[0]:%Y-%m}): choose one figure"
        )
    why = pd.Series("", index=rows.index, dtype="object")
    for earliest, after in _changes(rows, events):
        new = rows["period_start"].ge(after)
        mixed = rows["period_end"].ge(earliest) & ~new
        why = why.mask(mixed | (new & ~new.shift(fill_value=False)), "event")
    status = rows["obs_status"].astype("object")
    broken = status.eq("B") | status.eq("D").ne(status.eq("D").shift(fill_value=bool(status.iloc[0] == "D")))
    why = why.mask(broken, "status").mask(rows["time"].diff().gt(1), "gap")
    why.iloc[0] = "first"
    flag = rows["flag"].astype("object") if "flag" in rows else pd.Series("", index=rows.index, dtype="object")
    return rows.assign(segment=why.ne("").cumsum(), starts=why, flag=flag.mask(broken, Flag.BREAK.value))


def times(line: pd.DataFrame) -> pd.Series[int]:
    """Return the number of the year of each yearly figure, or of the month counted from year 0 of each monthly one."""
    year, month = line["period_start"].dt.year.astype("int64"), line["period_start"].dt.month.astype("int64")
    numbers: pd.Series[int] = year if line["freq"].iloc[0] == "A" else year * 12 + month - 1
    return numbers


def time_of(day: pd.Timestamp, freq: str) -> int:
    """Return the number of the year or month that holds a day."""
    return int(day.year if freq == "A" else day.year * 12 + day.month - 1)


def _refuse_what_is_not_one_series(line: pd.DataFrame) -> None:
    if line.empty:
        raise MeasureRefused("there is no figure in this series")
    several = [name for name in _SAME if name in line and len(line[name].drop_duplicates()) > 1]
    if several:
        raise MeasureRefused(f"these figures differ in {', '.join(several)}: change is measured within one series, agencies never together")
    if line["freq"].iloc[0] not in TIMES_A_YEAR:
        raise MeasureRefused(f"change is measured on calendar years or months (frequency A or M), not {line['freq'].iloc[0]}")


def _changes(rows: pd.DataFrame, events: pd.DataFrame | None) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return of each change of law or recording the first day on which it may have come, and the first that surely is after it."""
    if events is None or events.empty:
        return []
    own = events[events["iso3"].eq(rows["ref_area"].iloc[0]) & events["kind"].isin(EVENT_KINDS)]
    return [_window(pd.Timestamp(event["start"]), str(event["start_prec"])) for event in own.to_dict("records")]


def _window(start: pd.Timestamp, precision: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    if precision == "D":
        return start, start
    span = start.to_period({"M": "M", "Q": "Q"}.get(precision, "Y"))  # known no better than to the year: anywhere in it
    return span.start_time, (span + 1).start_time


def monthly_counts(units: pd.DataFrame, dated: str, period: Period, country: str, unit_measure: str) -> pd.DataFrame:
    """
    Count case-level units by month; for use with :func:`turquesa_stats.measures.splits.split`.

    A month of the period without a unit counts 0: give a period that the register covers whole.

    Parameters
    ----------
    units : DataFrame
        One row a unit, of one country.
    dated : str
        Column of the date by which a unit is counted, such as ``opened_on``; a date known only to the quarter or year (``_prec``) is no
        month.
    period : Period
        Whole months that the register covers.
    country : str
        ISO 3166 alpha-3.
    unit_measure : str
        What a unit is: ``PERSONS``, ``CASES``.

    Returns
    -------
    DataFrame
        One row a month, with the columns that :func:`segments` reads, and ``undated``: units in the frame without a month of their own.

    Raises
    ------
    MeasureRefused
        If the period does not begin and end with a month.
    """
    first, last = pd.Timestamp(period.start), pd.Timestamp(period.end)
    if first.day != 1 or not last.is_month_end:
        raise MeasureRefused(f"{period} does not begin and end with a month")
    exact = units[dated].notna()
    if f"{dated}_prec" in units:
        exact &= units[f"{dated}_prec"].isin(["D", "M"])
    months = pd.period_range(first, last, freq="M")
    tally = units.loc[exact, dated].dt.to_period("M").value_counts().reindex(months, fill_value=0).astype(float)
    fixed: Mapping[str, Any] = {
        "ref_area": country,
        "freq": "M",
        "unit_measure": unit_measure,
        "value_qual": "EXACT",
        "obs_status": "A",
        "undated": int((~exact).sum()),
    }
    counted = {f"obs_{name}": tally.to_numpy() for name in ("value", "lower", "upper")}
    return pd.DataFrame({"period_start": months.start_time, "period_end": months.end_time.normalize(), **counted}).assign(**fixed)


def stretch_keys(stretch: pd.DataFrame) -> dict[str, Any]:
    """Return what tells one stretch from another: its number, why it starts, first and last time, and how many figures it has."""
    first, last = stretch.iloc[[0, -1]].to_dict("records")
    return dict(zip(STRETCH_COLUMNS, (int(first["segment"]), first["starts"], label(first), label(last), len(stretch)), strict=True))


def label(row: Mapping[Any, Any]) -> str:
    """Return the year, or year and month, of a figure as text."""
    return f"{row['period_start']:%Y}" if row["freq"] == "A" else f"{row['period_start']:%Y-%m}"


def exact_counts(stretch: pd.DataFrame) -> list[float]:
    """Return the figures of a stretch; one that the source does not give exactly is missing."""
    return [float(value) for value in stretch["obs_value"].where(stretch["value_qual"].eq("EXACT"))]


def exposure(rows: pd.DataFrame, population: pd.DataFrame) -> list[float]:
    """
    Return the inhabitants of the same sex and age (rule R54) in the year of each figure.

    Raises
    ------
    MeasureRefused
        If the figures do not say of which sex and age they are, or the population is not held.
    """
    if "sex" not in rows or "age" not in rows:
        raise MeasureRefused("these figures do not say of which sex and age they are: no population is theirs; leave it out")
    return [
        inhabitants(population, row["ref_area"], row["period_start"].year, row["sex"], row["age"]).persons
        for row in rows.to_dict("records")
    ]


def own_flag(rows: pd.DataFrame, flag: str) -> str:
    """Return the flag of a result, ``preliminary`` where it has none and one of its figures is."""
    return flag or (Flag.PRELIMINARY.value if rows["obs_status"].eq("P").any() else Flag.NONE.value)
