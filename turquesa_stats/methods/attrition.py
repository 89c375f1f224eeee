"""What becomes of a cohort on its way through ordered steps: how many go on, how many leave and why, how many wait."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from turquesa_stats.errors import MeasureRefused, nearest
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.intervals import proportion

COLUMNS = ("step", "state", "reason", "basis", "count", *ESTIMATE_COLUMNS)


def attrition(units: pd.DataFrame, steps: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """
    Count who reached each step of a way, who went on, who left for which reason, and who is still waiting.

    Counts add up: of each step but the last, reached = went on + left + waiting, and those who went on are those who reached the next.

    Parameters
    ----------
    units : DataFrame
        One row a unit: ``step``, the furthest that it reached (it passed all before it), and ``reason`` why it left from there, missing
        where it has not left: it waits, or stands at the last step.
    steps : sequence of str
        All steps, in order; the first is that of the whole cohort.
    confidence : float
        Confidence level of the Wilson intervals.

    Returns
    -------
    DataFrame
        ``step, state`` (REACHED, ON, LEFT, WAITING), ``reason`` (of LEFT, else empty), ``basis`` (STEP: share of those who reached the
        step; COHORT: share of all), ``count`` and the share as estimate. Every step has its rows; a step that nobody reached has no shares
        of it.

    Raises
    ------
    MeasureRefused
        If there are no units, fewer than two steps or one twice, a unit stands at no step, or left from the last, from which nobody leaves.

    Examples
    --------
    >>> units = pd.DataFrame({"step": ["charged", "charged", "convicted"], "reason": ["dismissed", None, None]})
    >>> found = attrition(units, ["charged", "convicted"])
    >>> found.loc[found["basis"].eq("STEP"), ["step", "state", "count"]].values.tolist()
    [['charged', 'ON', 1], ['charged', 'LEFT', 1], ['charged', 'WAITING', 1]]
    """
    place = _places(units, steps)
    reason = units["reason"].astype("object")
    reasons = sorted(reason.dropna().unique())
    rows: list[tuple[str, str, str, str, int, int]] = []
    for number, step in enumerate(steps):
        reached, here = int((place >= number).sum()), place.eq(number)
        rows.append((step, "REACHED", "", "COHORT", reached, len(units)))
        if number == len(steps) - 1:
            break
        parts = [("ON", "", int((place > number).sum()))]
        parts += [("LEFT", why, int((here & reason.eq(why)).sum())) for why in reasons]
        parts.append(("WAITING", "", int((here & reason.isna()).sum())))
        for basis, whole in (("STEP", reached), ("COHORT", len(units))):
            rows += [(step, state, why, basis, count, whole) for state, why, count in parts if whole and (count or state != "LEFT")]
    estimates = [proportion(count, whole, confidence=confidence) for *_, count, whole in rows]
    return pd.DataFrame(
        [[*row[:5], *(getattr(one, name) for name in ESTIMATE_COLUMNS)] for row, one in zip(rows, estimates, strict=True)],
        columns=list(COLUMNS),
    )


def _places(units: pd.DataFrame, steps: Sequence[str]) -> pd.Series[int]:
    if units.empty or len(steps) < 2 or len(set(steps)) < len(steps):
        raise MeasureRefused("attrition needs units, and two steps or more, each once")
    strange = sorted({str(step) for step in units["step"]} - set(steps))
    if strange:
        raise MeasureRefused(f"units stand at '{strange[0]}', which is no step; {nearest(strange[0], steps)}")
    place: pd.Series[int] = units["step"].astype("object").map({step: number for number, step in enumerate(steps)}).astype(int)
    arrived = place.eq(len(steps) - 1) & units["reason"].notna()
    if arrived.any():
        raise MeasureRefused(f"{int(arrived.sum())} units left from '{steps[-1]}', the last step; add the step that they did not reach")
    return place
