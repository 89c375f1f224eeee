"""What comparing tells a reader: a span with its years, a region with its countries, an edition with those before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd

from turquesa_stats.disclosure.statement_bounds import Statement
from turquesa_stats.errors import SchemaMismatch
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import code_list

_NEEDED = ("release_id", "cell_key", "lower", "upper", "value_shown")


def periods(cells: Iterable[str]) -> tuple[list[Statement], set[str]]:
    """
    Return how cells of overlapping periods add up, and the cells of stretches of time that no page has but subtraction gives.

    A person counts once a period, so that a span holds no more than its parts together and no fewer than each; that it equals their sum
    is what a reader would assume.
    """
    by_country: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for cell in cells:
        country, period, rest = cell.split("/", 2)
        by_country[country][rest].add(period)
    statements: list[Statement] = []
    unnamed: set[str] = set()
    for country, of_cells in by_country.items():
        known = sorted({period for of in of_cells.values() for period in of})
        stretches = {period: _stretches(period, known) for period in known}
        for rest, own in of_cells.items():
            for period in (period for period in own if len(stretches[period]) > 1):
                parts = [f"{country}/{stretch}/{rest}" for stretch in stretches[period]]
                whole = f"{country}/{period}/{rest}"
                unnamed |= {part for part, stretch in zip(parts, stretches[period], strict=True) if stretch not in known}
                total = dict.fromkeys(parts, 1) | {whole: -1}
                statements.append(Statement.of(total, 0, 0, differencing=True, assumed=True))
                statements.append(Statement.of(total, 0, None, differencing=True))
                statements += [Statement.of({part: 1, whole: -1}, None, 0, differencing=True) for part in parts]
    return statements, unnamed


def _period(slug: str) -> Period:
    return Period.parse(slug.replace("--", "/"))


def _stretches(period: str, known: Iterable[str]) -> list[str]:
    """Return the parts into which the starts and ends of other periods cut a period."""
    own = _period(period)
    day = timedelta(days=1)
    starts = {own.start}
    for other in map(_period, known):
        starts |= {start for start in (other.start, other.end + day) if own.start < start <= own.end}
    return [Period(start, after - day).slug for start, after in pairwise([*sorted(starts), own.end + day])]


def areas(cells: Iterable[str]) -> Iterator[Statement]:
    """Yield that a region is the sum of its countries, of which some may not be published."""
    areas_of: dict[str, list[str]] = defaultdict(list)
    for code, row in code_list("area").rows.items():
        if row["m49_subregion"]:
            areas_of[row["m49_subregion"]].append(code)
    for cell in sorted(cells):
        area, rest = cell.split("/", 1)
        if area in areas_of:
            parts = dict.fromkeys((f"{member}/{rest}" for member in areas_of[area]), 1)
            yield Statement.of(parts | {cell: -1}, 0, 0, differencing=True, assumed=True)


def read_register(path: Path) -> pd.DataFrame:
    """
    Read a release register: CSV, or Parquet by its ending.

    Raises
    ------
    SchemaMismatch
        If there is no such file, or a column is missing.
    """
    if not path.is_file():
        raise SchemaMismatch(f"{path}: no such release register")
    register = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    missing = [name for name in _NEEDED if name not in register]
    if missing:
        raise SchemaMismatch(f"{path}: release register has no column {', '.join(missing)}; it needs {', '.join(_NEEDED)}")
    return register


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that an earlier release showed with another count: the difference counts persons too."""

    cell: str
    release: str
    by: float


def editions(register: pd.DataFrame, shown: Mapping[str, tuple[float, float]]) -> tuple[list[Statement], list[Change]]:
    """
    Return what earlier releases say of cells whose count is not printed now, and which cells changed.

    Parameters
    ----------
    register : DataFrame
        Rows of the release register; ``cell_key`` as in this audit: ``country/period/family/codes``.
    shown : mapping
        Cell -> (lowest, highest) count printed now.
    """
    statements, changes = [], []
    for row in register.to_dict("records"):
        cell, value = str(row["cell_key"]), pd.to_numeric(row["value_shown"], errors="coerce")
        low, high = (pd.to_numeric(row[name], errors="coerce") for name in ("lower", "upper"))
        now = shown.get(cell)
        if now is not None and now[0] == now[1] and pd.notna(value) and value != now[0]:
            changes.append(Change(cell, str(row["release_id"]), abs(float(now[0]) - float(value))))
        elif now is None or now[0] != now[1]:
            ends = (value, value) if pd.notna(value) else (low, high)
            least, most = (None if pd.isna(end) else int(end) for end in ends)
            statements.append(Statement.of({cell: 1}, least, most, differencing=True, assumed=True))
    return statements, changes
