"""Many comparisons at once, with the chance of a false one held down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Flag
from turquesa_stats.methods.intervals import SMALLEST_N

Correction = Literal["holm", "fdr_bh"]


def adjusted(p_values: Sequence[float], correction: Correction = "holm") -> list[float]:
    """
    Adjust p-values for their number.

    Parameters
    ----------
    p_values : sequence of float
        All tests that were made, those that came to nothing included.
    correction : {"holm", "fdr_bh"}
        Holm (1979) holds down the chance of any false finding; Benjamini and Hochberg (1995) the share of false ones among the findings,
        for tests that are independent or positively dependent.

    Raises
    ------
    MeasureRefused
        If there is no p-value, or one is missing or outside 0 to 1: a test that was refused is not in the family.

    Examples
    --------
    >>> [round(p, 3) for p in adjusted([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=float)
    if not values.size or not np.isfinite(values).all() or (values < 0).any() or (values > 1).any():
        raise MeasureRefused("p-values to adjust lie between 0 and 1, and none is missing")
    if values.size == 1:  # one test is its own family (statsmodels would also collect garbage, which takes longer than all else)
        return [float(values[0])]
    return [float(value) for value in multipletests(values, method=correction)[1]]


def compare_shares(groups: pd.DataFrame, correction: Correction = "holm", confidence: float = 0.95) -> pd.DataFrame:
    """
    Compare the share of a characteristic between every two groups.

    Parameters
    ----------
    groups : DataFrame
        ``group, count, n``: units of the group with the characteristic, and units of which it is known.
    correction : {"holm", "fdr_bh"}
        As in :func:`adjusted`, over all pairs compared.
    confidence : float
        Confidence level of each interval, not adjusted.

    Returns
    -------
    DataFrame
        ``first, second``, the difference of shares as estimate (interval by Newcombe 1998, method 10), ``p_value`` (Fisher's exact test)
        and ``p_adjusted``. Unit ``share difference``; flagged ``small_n`` where a group has fewer than 10 known units.

    Raises
    ------
    MeasureRefused
        With fewer than two groups, a group twice, or a count outside 0 to ``n``.
    """
    if len(groups) < 2 or groups["group"].duplicated().any():
        raise MeasureRefused("a comparison needs two groups or more, each once")
    if not groups["count"].between(0, groups["n"]).all() or not groups["n"].gt(0).all():
        raise MeasureRefused("each group needs 0 <= count <= n and n > 0")
    rows = []
    for one, other in combinations(groups.to_dict("records"), 2):
        x, n, y, m = (int(number) for number in (one["count"], one["n"], other["count"], other["n"]))
        low, high = confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff", alpha=1 - confidence)
        rows.append(
            {
                "first": one["group"],
                "second": other["group"],
                "value": x / n - y / m,
                "low": float(low),
                "high": float(high),
                "n": n + m,
                "unit": "share difference",
                "method": "newcombe",
                "flag": (Flag.SMALL_N if min(n, m) < SMALLEST_N else Flag.NONE).value,
                "p_value": float(fisher_exact(np.array([[x, n - x], [y, m - y]])).pvalue),
            }
        )
    found = pd.DataFrame(rows)
    return found.assign(p_adjusted=adjusted(found["p_value"].to_list(), correction))
