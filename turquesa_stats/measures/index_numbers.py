"""Series of very different size on one scale: index numbers of official figures, cut where they cannot be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from turquesa_stats.estimate import Flag
from turquesa_stats.measures.official import SERIES
from turquesa_stats.methods.intervals import SMALLEST_N
from turquesa_stats.methods.rates import rate_ratio

_COMPARED = (Flag.NONE, Flag.PRELIMINARY, Flag.BREAK)
_FEWEST_YEARS = 3


def indexed(yearly: pd.DataFrame) -> pd.DataFrame:
    """
    Return the yearly counts of each series as index numbers: its first year, and the first after a break, is 100.

    Only exact counts are compared. A year can be the first if it counts 10 or more; earlier ones are left out.

    Parameters
    ----------
    yearly : DataFrame
        From :func:`turquesa_stats.measures.official.series`.

    Returns
    -------
    DataFrame
        The rows of ``yearly`` with ``segment`` (from 0) and the index as estimate: ``low`` and ``high`` are the exact 95 % interval of the
        ratio of the two counts; the first year of a segment has none. ``flag`` is ``break`` where a segment other than the first begins.
        Series with fewer than three such years are left out.
    """
    kept = yearly[yearly["value"].notna() & yearly["flag"].isin(_COMPARED)].sort_values([*SERIES, "year"])
    found = [part for _, line in kept.groupby(list(SERIES), sort=False) if len(part := _one(line)) >= _FEWEST_YEARS]
    return pd.concat(found, ignore_index=True) if found else kept.head(0).assign(segment=pd.Series(dtype="int64"))


def _one(line: pd.DataFrame) -> pd.DataFrame:
    other = line["flag"].eq(Flag.BREAK)
    parts: list[pd.DataFrame] = []
    for _, segment in line.groupby(other.ne(other.shift()).cumsum()):
        enough = segment["value"].ge(SMALLEST_N)
        if not enough.any():
            continue
        since = segment[segment["year"].ge(segment.loc[enough, "year"].iloc[0])]
        base = int(since["value"].iloc[0])
        ratios = [rate_ratio(int(value), base) for value in since["value"]]
        told = since.assign(
            segment=len(parts),
            value=[100 * float(ratio.value or 0) for ratio in ratios],
            low=[np.nan if ratio.low is None else 100 * ratio.low for ratio in ratios],
            high=[np.nan if ratio.high is None else 100 * ratio.high for ratio in ratios],
            unit="index",
            method="ratio",
            flag=[Flag.BREAK if parts else Flag.NONE] + [Flag.NONE] * (len(since) - 1),
        )
        first = told.index[0]
        told.loc[first, ["low", "high"]] = np.nan
        parts.append(told)
    return pd.concat(parts) if parts else line.head(0).assign(segment=pd.Series(dtype="int64"))


def since_common_year(yearly: pd.DataFrame) -> pd.DataFrame:
    """
    Return series from the first year that all have in common, so that one year is 100 for all; the shortest go as long as none is.

    Parameters
    ----------
    yearly : DataFrame
        From :func:`turquesa_stats.measures.official.series`.
    """
    usable = yearly[yearly["value"].ge(SMALLEST_N) & yearly["flag"].isin(_COMPARED)]
    lines = sorted((set(line["year"]) for _, line in usable.groupby(list(SERIES))), key=len, reverse=True)
    common: set[int] = set()
    for years in lines:
        shared = {year for year in (common & years if common else years) if sum(other >= year for other in years) >= _FEWEST_YEARS}
        common = shared or common
    if not common:
        return yearly.head(0)
    kept = yearly[yearly["year"].ge(min(common))]
    has_base = kept[kept["year"].eq(min(common))][list(SERIES)].apply(tuple, axis=1)
    return kept[kept[list(SERIES)].apply(tuple, axis=1).isin(set(has_base))]
