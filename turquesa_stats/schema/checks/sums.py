"""Whether published totals lie where their parts allow (rule R51): told with the difference, never repaired."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from turquesa_stats.schema.checks.found import Found, Tables
from turquesa_stats.schema.codes import TOTAL, UNKNOWN

TABLE_KEY = [
    "ref_area",
    "freq",
    "time_period",
    "indicator",
    "unit_measure",
    "counterpart_area",
    "sex",
    "age",
    "exploitation",
    "characteristic",
    "characteristic_code",
    "iccs",
    "source_id",
    "source_agency",
    "edition",
]
_OWN = "_OWN"
_AGE = re.compile(r"^Y(?:_LT(?P<below>\d+)|_GE(?P<least>\d+)|(?P<low>\d+)T(?P<high>\d+))$")
_Level = tuple[frozenset[str], bool]  # parts that may be added, and whether none of the whole lacks


def sex_levels(codes: frozenset[str]) -> list[_Level]:
    """Return the parts by sex that may be added."""
    return [(codes, {"F", "M"} <= codes)]


def age_levels(codes: frozenset[str]) -> list[_Level]:
    """
    Return the sets of age groups that may be added: the widest groups, the narrowest, each with the unknown.

    Examples
    --------
    >>> [(sorted(part), whole) for part, whole in age_levels(frozenset({"Y_LT18", "Y_GE18", "Y0T8", "Y9T17"}))]
    [(['Y_GE18', 'Y_LT18'], True), (['Y0T8', 'Y9T17', 'Y_GE18'], True)]
    >>> age_levels(frozenset({"Y0T8", "Y6T11"}))
    []
    """
    bands = {code: _band(code) for code in codes - {UNKNOWN}}
    known = {code: band for code, band in bands.items() if band is not None}
    if len(known) < len(bands):
        return []
    inside = {(one, other) for one in known for other in known if one != other and _within(known[one], known[other])}
    widest = frozenset(known) - {one for one, _ in inside}
    narrowest = frozenset(known) - {other for _, other in inside}
    levels = []
    for level in dict.fromkeys((widest, narrowest)):
        ordered = sorted(known[code] for code in level)
        follows = [then[0] - before[1] for before, then in pairwise(ordered)]
        if all(step > 0 for step in follows):
            whole = bool(ordered) and ordered[0][0] == 0 and ordered[-1][1] == np.inf and all(step == 1 for step in follows)
            levels.append((level | (codes & {UNKNOWN}), whole))
    return levels


def _band(code: str) -> tuple[float, float] | None:
    found = _AGE.match(code)
    if found is None:
        return None
    if found["below"]:
        return 0, int(found["below"]) - 1
    return (int(found["least"]), np.inf) if found["least"] else (int(found["low"]), int(found["high"]))


def _within(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def exploitation_levels(codes: frozenset[str]) -> list[_Level]:
    """Return the forms that may be added; whole only with a form for the rest, as no list of forms is closed."""
    level = codes - {"PUR_DOMESTIC"} if "PUR_SERVITUDE" in codes else codes
    return [(level, {"PUR_SEXUAL", "PUR_FORCED_LABOUR"} <= level and bool(level & {"PUR_OTHER", UNKNOWN}))]


def citizenship_levels(codes: frozenset[str]) -> list[_Level]:
    """Return the citizenships that may be added; whole only with the own citizens and the unknown."""
    return [(codes, {_OWN, "_UNK"} <= codes)]


def stated_total(codes: frozenset[str]) -> list[_Level]:
    """Return the total that a source states for its parts."""
    return [(codes, True)]


@dataclass(frozen=True, slots=True)
class _Split:
    """
    One way in which totals are split.

    Attributes
    ----------
    over : str
        The field of the parts.
    levels : callable
        From the parts that stand there to the sets of them that may be added.
    characteristic : str, optional
        The characteristic that marks the parts, where one does.
    """

    over: str
    levels: Callable[[frozenset[str]], list[_Level]]
    characteristic: str | None = None


_SPLITS = (
    _Split("sex", sex_levels),
    _Split("age", age_levels),
    _Split("exploitation", exploitation_levels),
    _Split("counterpart_area", citizenship_levels, "CITIZENSHIP"),
    _Split("characteristic", stated_total, "SEX_AGE"),
    _Split("characteristic", stated_total, "PURPOSE"),
)


def totals_fit_their_parts(tables: Tables) -> Iterator[Found]:
    """
    R51: a total lies within the sum of its parts, each split by itself.

    A part that is hidden or missing leaves the sum open above. Persons of whom a source says neither sex nor age may belong to any part,
    so they widen the sum. Several values for one part count as the least and as their sum, as they may be one figure or several.
    """
    index = tables["official_stat"].index
    stat = tables["official_stat"].reset_index(drop=True)
    low, high = bounds(stat)
    for split in _SPLITS:
        told = pd.Series("", index=stat.index, dtype="object")
        for least, most in _sums(stat, low, high, split):
            outside = ((high < least) | (low > most)) & told.eq("")
            for row in stat.index[outside]:
                told[row] = _difference((low[row], high[row]), (least[row], most[row]))
        told = told.set_axis(index)
        yield Found("official_stat", told.ne(""), ("obs_value", split.over), told=told)


def bounds(stat: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the lowest and highest value that each figure allows: its bounds, its exact value, or any."""
    exact = stat["obs_value"].where(stat["value_qual"].eq("EXACT").fillna(value=False).astype(bool))
    return stat["obs_lower"].fillna(exact).fillna(0.0), stat["obs_upper"].fillna(exact).fillna(np.inf)


def group_of(stat: pd.DataFrame, key: Sequence[str]) -> pd.Series[int]:
    """Return a number for each row, the same for rows that agree in all fields of a key."""
    return stat.groupby(list(key), sort=False, dropna=False).ngroup()


def _sums(
    stat: pd.DataFrame, low: pd.Series[float], high: pd.Series[float], split: _Split
) -> Iterator[tuple[pd.Series[float], pd.Series[float]]]:
    """Yield, for each set of parts that may be added, what it allows each total to be; any value where there are no such parts."""
    apart = {split.over} if split.characteristic is None else {split.over, "characteristic"}
    group = group_of(stat, [name for name in TABLE_KEY if name not in apart])
    is_total = (stat[sorted(apart)] == TOTAL).all(axis=1)
    is_part = stat[split.over].ne(TOTAL) if split.characteristic is None else stat["characteristic"].eq(split.characteristic)
    own = stat["counterpart_area"].eq(stat["ref_area"]) & (split.over == "counterpart_area")
    code = stat[split.over].astype("object").mask(own, _OWN)
    cells = pd.DataFrame({"group": group, "code": code, "low": low, "high": high})[is_part & code.ne(TOTAL)]
    merged = cells.groupby(["group", "code"], as_index=False).agg(low=("low", "min"), high=("high", "sum"))
    slack = _unplaced(stat, high) if split.over in {"sex", "age"} else 0.0
    for sums in _level_sums(merged, split.levels):
        least, most = (group.map(sums[name]).where(is_total) for name in ("low", "high"))
        yield least.fillna(0.0), most.fillna(np.inf) + slack


def _level_sums(merged: pd.DataFrame, levels: Callable[[frozenset[str]], list[_Level]]) -> Iterator[pd.DataFrame]:
    """Yield the sums of the first set of parts of each group, then of the second, and so on: low and high by group."""
    sets = merged.groupby("group")["code"].agg(frozenset)
    numbers = {codes: number for number, codes in enumerate(sets.unique())}  # few: the sets of parts that publishers use
    cells = merged.assign(set=merged["group"].map(sets.map(numbers)))
    found = [levels(codes) for codes in numbers]
    for place in range(max(map(len, found), default=0)):
        chosen = [(number, *of[place]) for number, of in enumerate(found) if place < len(of)]
        parts = pd.DataFrame([(number, code) for number, level, _ in chosen for code in level], columns=["set", "code"])
        whole = {number for number, _, is_whole in chosen if is_whole}
        rows = cells.merge(parts, on=["set", "code"])
        sums = rows.groupby("group").agg(low=("low", "sum"), high=("high", "sum"), set=("set", "first"))
        yield sums.assign(high=sums["high"].where(sums["set"].isin(whole), np.inf))


def _unplaced(stat: pd.DataFrame, high: pd.Series[float]) -> pd.Series[float]:
    """Return, for each row, the most persons of its table of whom the source says neither sex nor age."""
    table = group_of(stat, [name for name in TABLE_KEY if name not in {"sex", "age"}])
    unknown = (stat["sex"].eq(UNKNOWN) & stat["age"].eq(UNKNOWN)).fillna(value=False).astype(bool)
    return high.where(unknown, 0.0).groupby(table).transform("sum")


def _difference(total: Iterable[float], parts: Iterable[float]) -> str:
    (low, high), (least, most) = total, parts
    return f"{_interval(low, high)} - {_interval(least, most)} = {_interval(low - most, high - least)}"


def _interval(low: float, high: float) -> str:
    """
    Write an interval, or a number where it is one.

    Examples
    --------
    >>> _interval(4, 4), _interval(0, 4), _interval(5, np.inf)
    ('4', '[0, 4]', '[5, inf)')
    """
    if low == high:
        return f"{low:.15g}"
    return f"{'(' if low == -np.inf else '['}{low:.15g}, {high:.15g}{')' if high == np.inf else ']'}"
