"""Prosecution in official figures: its stages, and the ratio of two of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

STAGE_CONCEPTS = ("INVESTIGATIONS", "CONTACT", "PROSECUTIONS", "CONVICTIONS")


def period_ratio(by_stage: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Divide the convictions of a year by its prosecutions (indicator D02): a ratio, never a rate, as it can exceed 100 (rule R53).

    The convicted of a year are not among those prosecuted in it; what becomes of these a cohort shows
    (:func:`turquesa_stats.measures.attrition.attrition`).

    Parameters
    ----------
    by_stage : mapping
        Concept -> yearly totals by agency (:func:`turquesa_stats.measures.official.series`).

    Returns
    -------
    DataFrame
        ``publisher, source_agency, unit_measure, year, prosecutions, convictions, value`` (ratio x 100); same agency, unit and year only.
    """
    key = ["publisher", "source_agency", "unit_measure", "year"]
    columns = [*key, "value", "citation"]
    charged, convicted = (by_stage[stage].reindex(columns=columns).dropna(subset="value") for stage in ("PROSECUTIONS", "CONVICTIONS"))
    both = charged.merge(convicted, on=key, suffixes=("_charged", "_convicted"))
    both = both[both["value_charged"].gt(0)]
    return pd.DataFrame(
        {
            **{name: both[name] for name in key},
            "prosecutions": both["value_charged"],
            "convictions": both["value_convicted"],
            "value": 100 * both["value_convicted"] / both["value_charged"],
            "citation": both["citation_convicted"],
        }
    ).reset_index(drop=True)
