"""Training: courses, learning gain with its interval (paired, by course), and modules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import t as student

from turquesa_stats.period import Period

RIGHTS = "VICTIM_RIGHTS"
_SMALLEST = 2  # courses, for an interval that counts those of one course together


def courses(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> pd.DataFrame:
    """
    Return the courses that started in a period and that participants of a country took part in.

    Returns
    -------
    DataFrame
        The fields of ``training_activity``, ``year`` and ``with_rights``, whether the module on victims' rights is in it (rule R71).
    """
    person = tables["participant"]
    taken = tables["training_participation"]
    own = taken.loc[taken["part_id"].isin(person.loc[person["iso3"].eq(country), "part_id"]), "act_id"]
    activity = tables["training_activity"] if "training_activity" in tables else pd.DataFrame(columns=["act_id", "start"])
    start = pd.to_datetime(activity["start"])
    chosen = activity[activity["act_id"].isin(own) & start.between(pd.Timestamp(period.start), pd.Timestamp(period.end))]
    module = tables["training_module"] if "training_module" in tables else pd.DataFrame(columns=["act_id", "module"])
    with_rights = module.loc[module["module"].eq(RIGHTS), "act_id"]
    year = pd.to_datetime(chosen["start"]).dt.year
    return chosen.assign(year=year, with_rights=chosen["act_id"].isin(with_rights)).reset_index(drop=True)


def modules(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """Return in how many of some courses each module is: ``module, count, n``."""
    module = tables["training_module"] if "training_module" in tables else pd.DataFrame(columns=["act_id", "module"])
    tally = module[module["act_id"].isin(chosen["act_id"])].drop_duplicates(["act_id", "module"])["module"].value_counts()
    return tally.rename_axis("module").reset_index(name="count").assign(n=len(chosen))


def score_change(units: pd.DataFrame) -> dict[str, float | None]:
    """
    Return the mean scores before and after of the same persons, and the mean change with a 95 % interval.

    Parameters
    ----------
    units : DataFrame
        ``score_pre, score_post`` (0 to 100) and ``act_id``, the course.

    Returns
    -------
    dict
        ``before, after, value`` (mean of the paired differences, points), ``low, high``: Student's interval from the sums by course,
        as persons of one course learn together (Liang and Zeger 1986, with the factor m / (m - 1)); none for fewer than two courses.
    """
    change = (units["score_post"] - units["score_pre"]).to_numpy(float)
    mean = float(change.mean())
    _, course = np.unique(units["act_id"].astype(str), return_inverse=True)
    sums = np.bincount(course, weights=change - mean)
    m = sums.size
    low = high = None
    if m >= _SMALLEST:
        error = float(np.sqrt(m / (m - 1) * np.sum(sums**2))) / change.size
        reach = float(student.ppf(0.975, m - 1)) * error
        low, high = mean - reach, mean + reach
    return {"before": float(units["score_pre"].mean()), "after": float(units["score_post"].mean()), "value": mean, "low": low, "high": high}
