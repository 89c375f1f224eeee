"""Convictions as charged (indicator D04), and whether women and men with the same role are convicted and sentenced alike (D08)."""

from __future__ import annotations

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS
from turquesa_stats.methods.clustered_models import FEWEST_CLUSTERS_OF_VALUE, clustered_model, marginal_effects
from turquesa_stats.methods.intervals import proportion


def as_charged_share(people: pd.DataFrame) -> pd.DataFrame:
    """
    Return the share of convicted persons who were convicted as charged (indicator D04).

    Returns
    -------
    DataFrame
        One row: ``count`` and the share as estimate; ``n`` = convicted persons.

    Raises
    ------
    MeasureRefused
        If nobody was convicted.
    """
    convicted = people[people["end"].eq("CONVICTED")]
    if convicted.empty:
        raise MeasureRefused("nobody of the cohort was convicted")
    found = proportion(int(convicted["as_charged"].sum()), len(convicted))
    return pd.DataFrame([{"count": int(convicted["as_charged"].sum()), **{name: getattr(found, name) for name in ESTIMATE_COLUMNS}}])


def conviction_gap(people: pd.DataFrame, cluster: str = "case_id") -> pd.DataFrame:
    """
    Estimate by how many percentage points women are convicted more often than men, as they are and given their role (indicator D08).

    Of persons whose proceedings have ended; so it says nothing of who waits longer
    (:func:`turquesa_stats.measures.time_to_outcome.compare_outcomes`). Nor is it the effect of sex: roles are as the prosecution described
    them, and much else differs.

    Parameters
    ----------
    people : DataFrame
        A cohort (:func:`turquesa_stats.measures.cohort.cohort`), with the court as further column where it is known.
    cluster : str
        Column of what judgments have in common: the court where it is known, else the case.

    Returns
    -------
    DataFrame
        ``adjusted_for`` (NOTHING, ROLE), the gap in percentage points as estimate (women less men), ``p_value, clusters, left_out``
        (persons ended whose sex, role or cluster is not known).

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.methods.clustered_models.clustered_model`.
    """
    ended, left_out = _comparable(people[people["end"].notna()], cluster)
    ended = ended.assign(outcome=ended["end"].eq("CONVICTED").astype(float))
    return _gap([marginal_effects(ended, "outcome", terms, cluster) for terms in _terms(ended, cluster)], left_out)


def sentence_gap(people: pd.DataFrame, cluster: str = "case_id") -> pd.DataFrame:
    """
    Estimate by how many months women's custodial sentences are longer than men's, as they are and given their role (indicator D08).

    Of persons in custody for a known term, so without life sentences; else as :func:`conviction_gap`.

    Returns
    -------
    DataFrame
        As :func:`conviction_gap`, in months: a difference of means.

    Raises
    ------
    MeasureRefused
        As :func:`turquesa_stats.methods.clustered_models.clustered_model`.
    """
    imprisoned = people[people["custodial"] & ~people["life"] & people["months_custodial"].notna()]
    held, left_out = _comparable(imprisoned, cluster)
    fits = [clustered_model(held, "months_custodial", terms, cluster, "amount").assign(unit="months") for terms in _terms(held, cluster)]
    return _gap(fits, left_out)


def _comparable(people: pd.DataFrame, cluster: str) -> tuple[pd.DataFrame, int]:
    if cluster not in people:
        raise MeasureRefused(f"the cohort has no column {cluster}; add the court of each person, or take case_id")
    known = people["sex"].isin(["F", "M"]) & people["role"].notna() & ~people["role"].str.startswith("_") & people[cluster].notna()
    kept = people[known]
    if kept["sex"].nunique() < 2:
        raise MeasureRefused("a gap needs women and men with known role; of one there are none")
    return kept.assign(female=kept["sex"].eq("F").astype(float)), len(people) - len(kept)


def _terms(people: pd.DataFrame, cluster: str) -> list[list[str]]:
    """Return the terms of the plain and of the adjusted model, after adding a column for each role but the commonest."""
    seen = people.groupby("role")[cluster].nunique()
    common = people["role"].where(people["role"].map(seen) >= FEWEST_CLUSTERS_OF_VALUE, "OTHER_ROLES")
    roles = common.value_counts().index[1:]
    for role in roles:
        people[f"role {role}"] = common.eq(role).astype(float)
    return [["female"], ["female", *(f"role {role}" for role in roles)]]


def _gap(fits: list[pd.DataFrame], left_out: int) -> pd.DataFrame:
    rows = [found[found["term"].eq("female")].assign(adjusted_for=name) for name, found in zip(("NOTHING", "ROLE"), fits, strict=True)]
    return pd.concat(rows, ignore_index=True)[["adjusted_for", *ESTIMATE_COLUMNS, "p_value", "clusters"]].assign(left_out=left_out)
