"""How it is done: means, recruitment, relation to the trafficker."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import Estimate
from turquesa_stats.measures.cases import elements, known, several_answers
from turquesa_stats.methods.association import cramers_v

_SEED = 20231127


def means_of_adults(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return the means used against adult victims (indicator A17); children need none (Palermo Protocol, article 3 (c)).

    Returns
    -------
    DataFrame
        ``code, count`` and the share as estimate; ``n`` = adult victims with at least one known means. Shares add to more than 100 %.
    """
    adults = chosen[chosen["age_status_exploit"].eq("ADULT")]
    return several_answers(elements(tables, adults, "MNS"), "means")


def means_and_purpose(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> tuple[Estimate, float] | None:
    """
    Return how strongly deception goes with the form of exploitation among adults (indicator A19): Cramér's V and p-value.

    One row a victim: deceived or not, sexual exploitation or another form. None where the data cannot answer.
    """
    adults = chosen[chosen["age_status_exploit"].eq("ADULT")]
    means, purposes = elements(tables, adults, "MNS"), elements(tables, adults, "PUR")
    answered = sorted(set(means.loc[known(means["code"]), "victim_id"]) & set(purposes.loc[known(purposes["code"]), "victim_id"]))
    deceived = pd.Series(answered).isin(means.loc[means["code"].eq("MNS_DECEPTION"), "victim_id"])
    sexual = pd.Series(answered).isin(purposes.loc[purposes["code"].eq("PUR_SEXUAL"), "victim_id"])
    try:
        return cramers_v(deceived.to_numpy(int), sexual.to_numpy(int), seed=_SEED)
    except MeasureRefused:
        return None
