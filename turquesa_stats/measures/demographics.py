"""Who the identified victims are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.measures.cases import GROUPS, elements, recruitment, several_answers, shares
from turquesa_stats.schema.codes import TOTAL


def groups(chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return women, men, girls and boys among victims whose sex and age status are known.

    Returns
    -------
    DataFrame
        ``group, count`` and the share as estimate; ``n`` = victims with known sex and age status.
    """
    tally = chosen["group"].value_counts().reindex(GROUPS, fill_value=0).rename_axis("group").reset_index(name="count")
    return shares(tally.assign(n=int(chosen["group"].notna().sum())))


AGE_BANDS = ("Y0T8", "Y9T17", "Y18T20", "Y21T23", "Y24T26", "Y27T29", "Y30T38", "Y39T47", "Y_GE48")
_BAND_ENDS = (-1, 8, 17, 20, 23, 26, 29, 38, 47, 200)


def age_bands(chosen: pd.DataFrame) -> pd.Series[str]:
    """Return the band (:data:`AGE_BANDS`) of each victim's age at registration, missing where it is not known."""
    return pd.cut(chosen["age_registration"].astype("float64"), list(_BAND_ENDS), labels=list(AGE_BANDS))


def ages(chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return victims by sex and age band at registration.

    Returns
    -------
    DataFrame
        ``sex`` (F, M), ``age`` (SDMX bands) and ``count``, one row a combination.
    """
    bands = age_bands(chosen)
    valid = chosen["sex"].isin(["F", "M"]) & bands.notna()
    table = pd.crosstab(bands[valid], chosen.loc[valid, "sex"], dropna=False).reindex(columns=["F", "M"], fill_value=0)
    return table.rename_axis("age").reset_index().melt("age", var_name="sex", value_name="count").astype({"age": "str"})


def purpose_by_group(tables: dict[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return the form of exploitation by group of victims (indicator A04); a victim may have several.

    Returns
    -------
    DataFrame
        ``group`` (with ``_T`` for all), ``code``, ``count`` and the share of the group as estimate.
    """
    purposes = elements(tables, chosen, "PUR")
    every = [several_answers(purposes, "exploitation").assign(group=TOTAL)]
    every += [several_answers(purposes[purposes["group"].eq(group)], "exploitation").assign(group=group) for group in GROUPS]
    return pd.concat([part for part in every if len(part)] or every, ignore_index=True)


def recruitment_by_group(tables: Mapping[str, pd.DataFrame], chosen: pd.DataFrame) -> pd.DataFrame:
    """
    Return how victims were recruited, by group (indicator A14).

    Returns
    -------
    DataFrame
        ``group, code, count`` and the share as estimate; ``n`` = victims of the group with a known answer. A victim may give several.
    """
    held = recruitment(tables, chosen)
    each = [several_answers(held[held["group"].eq(group)], "recruit").assign(group=group) for group in GROUPS]
    return pd.concat([part for part in each if len(part)] or each, ignore_index=True)
