"""What was detected or recorded before and since the onset of COVID-19 (indicator A33)."""

from __future__ import annotations

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.measures.time_segments import (
    STRETCH_COLUMNS,
    TIMES_A_YEAR,
    exact_counts,
    exposure,
    label,
    own_flag,
    segments,
    stretch_keys,
    time_of,
)
from turquesa_stats.methods.breaks import placebo_breaks, segmented
from turquesa_stats.methods.count_models import Family

ONSET = pd.Timestamp(2020, 3, 1)
_FIT_COLUMNS = ("p_value", "break_at", "points_before", "points_after", "dispersion", "autocorrelation", "placebos", "placebo_p_value")
PANDEMIC_COLUMNS = (*STRETCH_COLUMNS, "term", *ESTIMATE_COLUMNS, *_FIT_COLUMNS, "reason")


def pandemic_break(
    line: pd.DataFrame,
    seed: int,
    events: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
    onset: pd.Timestamp = ONSET,
    seasonal: bool = True,
    family: Family = "poisson",
) -> pd.DataFrame:
    """
    Measure how level and slope of the numbers recorded differ since the onset of COVID-19.

    What changed may be trafficking, or who was looking for it: the table is about detection. The month, or year, that holds the day of
    onset counts as the first after it.

    Parameters
    ----------
    line, events
        As in :func:`turquesa_stats.measures.time_segments.segments`.
    seed : int
        Seed of the simulation behind the intervals.
    population : DataFrame, optional
        The table ``population``: measures the rate per inhabitant of the same sex and age.
    onset : Timestamp
        Day of the break; by default the first of March 2020.
    seasonal : bool
        Whether monthly numbers get a yearly cycle, which needs 24 months before.
    family : {"poisson", "negative-binomial"}
        As in :func:`turquesa_stats.methods.breaks.segmented`.

    Returns
    -------
    DataFrame
        The terms of :func:`turquesa_stats.methods.breaks.segmented` for the stretch that holds the day (slopes a year), with how many
        ``placebos`` there are and the ``placebo_p_value`` of level and slope change (0 and nan where no other time admits a break); or one
        row with the ``reason`` why there is no answer.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.measures.time_segments.segments`, or if the series has no figure for the time of onset.
    """
    cut = segments(line, events)
    freq = str(cut["freq"].iloc[0])
    time = time_of(onset, freq)
    at = cut[cut["time"].eq(time)]
    if at.empty:
        first, last = cut.iloc[[0, -1]].to_dict("records")
        raise MeasureRefused(f"the series from {label(first)} to {label(last)} has no figure for {onset:%Y-%m}")
    stretch = cut[cut["segment"].eq(int(at["segment"].iloc[0]))]
    try:
        found = _broken(stretch, time, seed, population, family, 12 if seasonal and freq == "M" else None)
    except MeasureRefused as refusal:
        found = pd.DataFrame({"reason": [str(refusal)]})
    keys = stretch_keys(stretch) | {"break_at": label(at.to_dict("records")[0])}
    return found.assign(**keys).reindex(columns=list(PANDEMIC_COLUMNS))


def _broken(
    stretch: pd.DataFrame, time: int, seed: int, population: pd.DataFrame | None, family: Family, cycle: int | None
) -> pd.DataFrame:
    over = None if population is None else exposure(stretch, population)
    counts, when = exact_counts(stretch), stretch["time"].to_list()
    found = segmented(counts, when, time, seed, over, family, TIMES_A_YEAR[str(stretch["freq"].iloc[0])], cycle)
    found = found.assign(flag=[own_flag(stretch, str(flag)) for flag in found["flag"]], reason="")
    placebos = placebo_breaks(counts, when, time, seed, over, family, cycle).query("not is_placebo").set_index("term")
    return found.assign(placebos=found["term"].map(placebos["n"]), placebo_p_value=found["term"].map(placebos["p_value"]))
