"""From when and until when each register sees what becomes of the accused: without it, silence looks like waiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused

Days = date | Mapping[str, date]
_LONGEST_SILENCE = 183  # days that no register is suspected for
_UNLIKELY = 0.001
_FEWEST_ENTRIES = 50  # before a silence, to know the usual pace
_PACE = 730  # days from which the usual pace of entries is taken


def seen_until(entries: pd.DataFrame, given: Days | None = None) -> dict[str, pd.Timestamp]:
    """
    Return the last day on which each source would have shown an end.

    A day too early leaves out ends and waiting alike; one too late takes silence for waiting and makes justice look slower and milder than
    it is. The last day that a register was kept is best known to whoever keeps it: give it. Without it, the day of the source's last entry
    of any kind is taken, a little early where entries are few.

    Parameters
    ----------
    entries : DataFrame
        ``source_id, date`` of everything that the sources recorded.
    given : date or mapping of source to date, optional
        Day of each source, or of all; what is dated later counts as not yet seen.

    Raises
    ------
    MeasureRefused
        If a source is not among those given, a day lies before the source's first entry, or a source is silent for half a year or more
        before that day, though at its usual pace the chance of that is below 1 in 1,000: it stopped, or a stray date stands in it. Not
        of sources with fewer than 50 entries in the two years before.
    """
    found = {}
    for source, dates in entries.groupby("source_id")["date"]:
        last = pd.Timestamp(_day_of(str(source), given, "seen_until") or dates.max())
        kept = dates[dates <= last].sort_values()
        if kept.empty:
            raise MeasureRefused(f"source {source} has no entry until {last:%Y-%m-%d}; its first is of {dates.min():%Y-%m-%d}")
        _refuse_silence(str(source), kept, last)
        found[str(source)] = last
    return found


def seen_from(ends: pd.DataFrame, starts: pd.DataFrame, given: Days | None = None) -> dict[str, pd.Timestamp]:
    """
    Return the first day on which each source would have shown an end; empty where it saw all from their start.

    Parameters
    ----------
    ends : DataFrame
        ``source_id, date`` of the ends recorded.
    starts : DataFrame
        ``source_id, date`` of the starts of a cohort.
    given : date or mapping of source to date, optional
        Day on which each register began; persons whose time started earlier enter on that day, and those who ended earlier are not in it.

    Raises
    ------
    MeasureRefused
        If nothing is given, and 20 persons or more of a source started a year or more before its first end: the register began later.
    """
    found = {}
    for source, dates in starts.groupby("source_id")["date"]:
        day = _day_of(str(source), given, "seen_from")
        if day is not None:
            found[str(source)] = pd.Timestamp(day)
            continue
        first = ends.loc[ends["source_id"].eq(source), "date"].min()
        early = int((dates <= first - pd.DateOffset(years=1)).sum()) if pd.notna(first) else 0
        if early >= 20:
            raise MeasureRefused(
                f"source {source} has no end before {first:%Y-%m-%d}, though the time of {early} persons started a year or more earlier: "
                "it seems to have begun then, and those who ended before are not in it; give the day it began as seen_from"
            )
    return found


def _day_of(source: str, given: Days | None, name: str) -> date | None:
    if not isinstance(given, Mapping):
        return given
    if source not in given:
        raise MeasureRefused(f"{name} is given for {', '.join(sorted(given))}, but not for source {source}")
    return given[source]


def _refuse_silence(source: str, dates: pd.Series[pd.Timestamp], last: pd.Timestamp) -> None:
    days = np.append(dates.to_numpy("datetime64[D]"), np.datetime64(last, "D"))
    silences = np.diff(days).astype(int)
    for place in np.flatnonzero(silences >= _LONGEST_SILENCE):
        before = days[: place + 1]
        span = min(_PACE, max(1, int((before[-1] - before[0]).astype(int))))
        entries = int((before > before[-1] - span).sum())
        pace = entries / span
        if entries >= _FEWEST_ENTRIES and len(days) * np.exp(-pace * silences[place]) < _UNLIKELY:
            raise MeasureRefused(
                f"source {source} has no entry in the {silences[place]} days after {before[-1]}, though it had {pace * 365.25:.0f} a year "
                "before: it seems to have stopped; give that day as seen_until, or correct the stray date"
            )
