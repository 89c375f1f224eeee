"""Maps of tables: correspondence analysis of two classifications, and multiple correspondence analysis of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused

_SMALLEST_TABLE = 30
_NO_INERTIA = 1e-12


@dataclass(frozen=True, slots=True)
class CorrespondenceMap:
    """
    A table as points in few dimensions; it describes the units at hand, without intervals.

    Attributes
    ----------
    inertia : DataFrame
        One row a ``dimension`` (from 1): the inertia as estimate (association along it: chi-squared over n), ``share`` of the total and
        ``cumulative`` share.
    points : DataFrame
        One row a ``side`` (row, column), ``name`` and ``dimension``: principal coordinate as estimate, ``mass`` (share of the units),
        ``contribution`` (part of the inertia of the dimension that the point makes; 1 in all) and ``quality`` (part of the point's own
        distance that the dimension shows; below about 0.5 its place should not be read).
    """

    inertia: pd.DataFrame
    points: pd.DataFrame


def correspondence(counts: pd.DataFrame, dimensions: int = 2) -> CorrespondenceMap:
    """
    Map the rows and columns of a table of counts (Benzécri 1973; Greenacre 2017, chapters 4 to 11), by the library prince.

    Near points of one side have similar profiles. The distance between a row and a column has no meaning. The sign of a dimension is
    free: it is chosen so that the column that contributes most lies on the positive side.

    Parameters
    ----------
    counts : DataFrame of int, shape (r, c)
        Units in each row and column.
    dimensions : int
        How many dimensions of points to return; at most one less than the shorter side.

    Raises
    ------
    MeasureRefused
        With fewer than 30 units, a side with one class, an empty row or column, what is no count, or profiles all alike.

    Examples
    --------
    >>> table = pd.DataFrame([[20, 5], [5, 20]], index=["a", "b"], columns=["x", "y"])
    >>> round(correspondence(table).inertia["value"].item(), 3)
    0.36
    """
    _refuse_what_is_no_map(counts)
    from prince import CA  # slow to import

    fitted = CA(n_components=min(counts.shape) - 1, engine="scipy").fit(counts.astype(float))
    if fitted.total_inertia_ < _NO_INERTIA:
        raise MeasureRefused("all rows have the same profile: there is nothing to map")
    return _map(fitted, counts.astype(float), np.asarray(fitted.eigenvalues_), float(fitted.total_inertia_), dimensions, "correspondence")


def multiple_correspondence(items: pd.DataFrame, dimensions: int = 2) -> CorrespondenceMap:
    """
    Map the answers to several questions by the units that gave them, by the library prince.

    Inertias are adjusted, as those of the table of all answers are too low (Greenacre 2017, chapter 19: adjusted inertias and average
    off-diagonal total); coordinates are the plain ones. Points are the answers only: units are never shown.

    Parameters
    ----------
    items : DataFrame, shape (n, q)
        Answer of each unit to each question; none missing.
    dimensions : int
        How many dimensions to return.

    Returns
    -------
    CorrespondenceMap
        ``name`` of a point is ``question=answer``; dimensions with an adjusted inertia of zero are left out.

    Raises
    ------
    MeasureRefused
        With fewer than 30 units or two questions, an answer missing, or a question that all answer alike.

    Examples
    --------
    >>> items = pd.DataFrame({"debt": [1, 1, 0, 0] * 10, "threat": [1, 1, 1, 0] * 10})
    >>> multiple_correspondence(items).points["name"].unique().tolist()
    ['debt=0', 'debt=1', 'threat=0', 'threat=1']
    """
    alike = [str(name) for name in items.columns if items[name].nunique() < 2]
    if len(items) < _SMALLEST_TABLE or items.shape[1] < 2 or alike or items.isna().any(axis=None):
        raise MeasureRefused(
            f"a map of answers needs {_SMALLEST_TABLE} units and two questions, all answered and not all alike; there are {len(items)} "
            f"units, {items.shape[1]} questions, {int(items.isna().any(axis=1).sum())} units with an answer missing"
            + (f", and all answer alike to {', '.join(alike)}" if alike else "")
        )
    from prince import CA, MCA  # slow to import

    size = int(sum(items[name].nunique() for name in items.columns)) - items.shape[1]
    plain = items.reset_index(drop=True).astype(str)
    fitted = MCA(n_components=min(size, len(items) - 1), engine="scipy", one_hot_prefix_sep="=", correction="greenacre").fit(plain)
    adjusted = np.asarray(fitted.eigenvalues_)
    kept = adjusted > _NO_INERTIA
    if not kept.any():
        raise MeasureRefused("no two of these questions are associated: there is nothing to map")
    total = float(adjusted[0] / (fitted.percentage_of_variance_[0] / 100))
    indicators = pd.get_dummies(plain, prefix_sep="=", dtype=float)[list(fitted.one_hot_columns_)]
    plane = CA(n_components=int(kept.sum()), engine="scipy").fit(indicators)
    found = _map(plane, indicators, adjusted[kept], total, dimensions, "multiple correspondence")
    return CorrespondenceMap(found.inertia, found.points[found.points["side"].eq("column")].reset_index(drop=True))


def _map(fitted: Any, counts: pd.DataFrame, inertias: np.ndarray, total: float, dimensions: int, method: str) -> CorrespondenceMap:
    n = int(counts.to_numpy().sum()) if method == "correspondence" else len(counts)
    of_dimension = pd.DataFrame({"dimension": np.arange(1, len(inertias) + 1), "share": inertias / total})
    inertia = _estimates(of_dimension, inertias, n, "inertia", method).assign(cumulative=of_dimension["share"].cumsum())
    chosen = list(range(min(dimensions, len(inertias))))
    columns = fitted.column_coordinates(counts)
    row_quality, column_quality = fitted.row_cosine_similarities(counts), fitted.column_cosine_similarities(counts)
    leading = fitted.column_contributions_.to_numpy().argmax(axis=0)
    sign = np.where(columns.to_numpy()[leading, np.arange(columns.shape[1])] < 0, -1.0, 1.0)
    sides = {
        "row": (fitted.row_coordinates(counts), fitted.row_masses_, fitted.row_contributions_, row_quality),
        "column": (columns, fitted.col_masses_, fitted.column_contributions_, column_quality),
    }
    parts = []
    for side, (coordinates, mass, contribution, quality) in sides.items():
        for place in chosen:
            numbers = {"mass": mass.to_numpy(), "contribution": contribution.to_numpy()[:, place], "quality": quality.to_numpy()[:, place]}
            keys = pd.DataFrame({"side": side, "name": list(mass.index), "dimension": place + 1, **numbers})
            parts.append(_estimates(keys, coordinates.to_numpy()[:, place] * sign[place], n, "coordinate", method))
    return CorrespondenceMap(inertia, pd.concat(parts, ignore_index=True))


def _estimates(keys: pd.DataFrame, values: np.ndarray, n: int, unit: str, method: str) -> pd.DataFrame:
    return keys.assign(value=values, low=np.nan, high=np.nan, n=n, unit=unit, method=method, flag="")


def _refuse_what_is_no_map(counts: pd.DataFrame) -> None:
    values = counts.to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or (values != values.round()).any():
        raise MeasureRefused("a map needs counts of units, all known; a censored count has no place on it")
    if min(counts.shape) < 2 or values.sum() < _SMALLEST_TABLE:
        raise MeasureRefused(
            f"a map needs two rows, two columns and {_SMALLEST_TABLE} units; not {len(counts)}, {counts.shape[1]} and {values.sum():g}"
        )
    empty = [str(name) for axis in (0, 1) for name, total in counts.sum(axis=axis).items() if total == 0]
    if empty:
        raise MeasureRefused(f"nothing is counted in {', '.join(empty)}; leave out empty rows and columns")
