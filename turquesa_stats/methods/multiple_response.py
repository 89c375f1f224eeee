"""Questions to which a unit may give several answers: shares with the right denominator, and their comparison between groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from turquesa_stats.errors import MeasureRefused, nearest
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.clusters import Labels, clustered_proportion, design_effect, numbered, rao_scott
from turquesa_stats.methods.comparisons import Correction, adjusted

_FEWEST_EXPECTED = 5


def answer_matrix(answers: pd.DataFrame, possible: Sequence[str]) -> pd.DataFrame:
    """
    Return who gave which answer.

    Parameters
    ----------
    answers : DataFrame
        ``unit, answer``: one row a unit and known answer. A unit without a known answer is not in it: it says nothing of any answer.
    possible : sequence of str
        All answers that could be given, in the order wanted; those that nobody gave stay, with no unit.

    Returns
    -------
    DataFrame of bool
        One row a unit with at least one known answer, in the order of their names, one column an answer.

    Raises
    ------
    MeasureRefused
        If an answer is missing or not among the possible ones.

    Examples
    --------
    >>> answer_matrix(pd.DataFrame({"unit": ["b", "a", "b"], "answer": ["x", "y", "y"]}), ["x", "y"]).values.tolist()
    [[False, True], [True, True]]
    """
    if answers[["unit", "answer"]].isna().any(axis=None):
        raise MeasureRefused("an answer or its unit is missing; leave out what is not known before counting")
    wrong = sorted(set(answers["answer"]) - set(possible))
    if wrong:
        raise MeasureRefused(f"'{wrong[0]}' is not a possible answer; {nearest(wrong[0], possible)}")
    given = pd.crosstab(answers["unit"], answers["answer"]) > 0
    return given.reindex(columns=list(possible), fill_value=False).rename_axis(index=None, columns=None)


def answer_shares(given: pd.DataFrame, cluster: Labels | None = None, confidence: float = 0.95) -> pd.DataFrame:
    """
    Estimate the share of the units that gave each answer; shares add to more than 100 % where units gave several.

    Parameters
    ----------
    given : DataFrame of bool, shape (n, k)
        From :func:`answer_matrix`.
    cluster : sequence, shape (n,), optional
        Cluster of each unit, such as its case.
    confidence : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``answer, count`` and the share as estimate (:func:`turquesa_stats.methods.clusters.clustered_proportion`), with ``design_effect``;
        ``n`` = units with at least one known answer. Empty if there is none.

    Raises
    ------
    MeasureRefused
        If a unit has no cluster.
    """
    rows = []
    for answer in given.columns if len(given) else ():
        has = given[answer].to_numpy(bool)
        estimate = clustered_proportion(has, cluster, confidence)
        effect = np.nan if estimate.method == "one cluster" else design_effect(has, cluster)
        of_estimate = {name: getattr(estimate, name) for name in ESTIMATE_COLUMNS}
        rows.append({"answer": answer, "count": int(has.sum()), **of_estimate, "design_effect": effect})
    return pd.DataFrame(rows, columns=["answer", "count", *ESTIMATE_COLUMNS, "design_effect"])


def compare_profiles(given: pd.DataFrame, group: Labels, cluster: Labels | None = None) -> float:
    """
    Return the p-value that every answer has the same share in all groups.

    The chi-squared statistics of the answers are added, and judged with the dependence between answers of one unit and within clusters
    (Bilder, Loughin and Nettleton 2000, with Rao and Scott's second-order correction, :func:`turquesa_stats.methods.clusters.rao_scott`).

    Parameters
    ----------
    given : DataFrame of bool, shape (n, k)
        From :func:`answer_matrix`.
    group : sequence, shape (n,)
        Group of each unit.
    cluster : sequence, shape (n,), optional
        Cluster of each unit; units of one cluster may be of several groups.

    Raises
    ------
    MeasureRefused
        With fewer than two groups or clusters, or if no answer is expected from 5 units, and not from 5 others, in each group.

    Examples
    --------
    >>> given = pd.DataFrame({"x": [True, True, False, False] * 10, "y": [True, False] * 20})
    >>> compare_profiles(given, ["a", "b"] * 20) < 0.001, compare_profiles(given[["x"]], ["a", "b"] * 20)
    (True, 1.0)
    """
    numbers = _groups(group, len(given))
    tested = [answer for answer in given.columns if _can_be_compared(given[answer].to_numpy(bool), numbers)]
    if not tested:
        raise MeasureRefused(f"no answer is expected {_FEWEST_EXPECTED} times, and not given as often, in each group; join groups")
    return _p_value(given[tested].to_numpy(float), numbers, cluster)


def compare_answers(
    given: pd.DataFrame, group: Labels, cluster: Labels | None = None, correction: Correction = "holm", confidence: float = 0.95
) -> pd.DataFrame:
    """
    Estimate the share of each answer in each group, and test whether groups differ.

    Parameters
    ----------
    given, group, cluster
        As in :func:`compare_profiles`.
    correction : {"holm", "fdr_bh"}
        As in :func:`turquesa_stats.methods.comparisons.adjusted`, over all answers tested.
    confidence : float
        Confidence level of each interval, not adjusted.

    Returns
    -------
    DataFrame
        ``answer, group, count``, the share as estimate with ``design_effect``; ``p_value`` that all groups have the same share of it (Rao
        and Scott), ``p_adjusted`` and ``reason`` why an answer was not tested. A test not made is not in the family.

    Raises
    ------
    MeasureRefused
        With fewer than two groups, or one cluster.
    """
    numbers = _groups(group, len(given))
    labels = np.asarray(group, dtype=object)
    clusters = numbered(cluster, len(given))
    parts = []
    for one in sorted(set(labels), key=str):
        of_group = labels == one
        parts.append(answer_shares(given[of_group], None if cluster is None else clusters[of_group], confidence).assign(group=one))
    found = pd.concat(parts, ignore_index=True)
    tested = [answer for answer in given.columns if _can_be_compared(given[answer].to_numpy(bool), numbers)]
    p_values = [_p_value(given[[answer]].to_numpy(float), numbers, cluster) for answer in tested]
    p_adjusted = adjusted(p_values, correction) if tested else []
    found = found.assign(
        p_value=found["answer"].map(dict(zip(tested, p_values, strict=True))),
        p_adjusted=found["answer"].map(dict(zip(tested, p_adjusted, strict=True))),
        reason=np.where(found["answer"].isin(tested), "", f"expected fewer than {_FEWEST_EXPECTED} times in a group"),
    )
    return found[["answer", "group", *(name for name in found.columns if name not in {"answer", "group"})]]


def _groups(group: Labels, units: int) -> np.ndarray:
    numbers = numbered(group, units)
    if numbers.max(initial=-1) < 1:
        raise MeasureRefused("a comparison needs units of two groups or more, each with a known group")
    return numbers


def _can_be_compared(has: np.ndarray, group: np.ndarray) -> bool:
    """Whether both having and not having it are expected in each group often enough for a chi-squared statistic (Cochran 1954)."""
    return bool(np.bincount(group).min() * min(has.mean(), 1 - has.mean()) >= _FEWEST_EXPECTED)


def _p_value(given: np.ndarray, group: np.ndarray, cluster: Labels | None) -> float:
    in_group = group[:, None] == np.arange(group.max() + 1)
    sizes, shares = in_group.sum(axis=0), given.mean(axis=0)
    difference = in_group.T @ given / sizes[:, None] - shares
    weight = sizes[:, None] / (shares * (1 - shares))
    influence = (in_group / sizes - 1 / len(given))[:, :, None] * (given - shares)[:, None, :]
    return rao_scott(difference.ravel(), weight.ravel(), influence.reshape(len(given), -1), cluster)[0]
