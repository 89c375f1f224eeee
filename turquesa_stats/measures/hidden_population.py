"""How many victims nobody has seen (indicator A31): the lists of the bodies that identify victims, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.measures.cases import known, of_country_and_period
from turquesa_stats.methods.multiple_systems.capture_table import CaptureTable, from_memberships
from turquesa_stats.period import Period

COUNTED = ("PRESUMED", "REASONABLE", "FORMAL")
_MOST_UNLINKED = 0.05


def identification_lists(tables: Mapping[str, pd.DataFrame], country: str, period: Period) -> CaptureTable:
    """
    Return the lists of presumed and identified victims of a country and period, one list a kind of body (``victim.id_by``).

    For one sex, age status or form of exploitation: :func:`lists_of` with :func:`turquesa_stats.measures.splits.split`.

    Parameters
    ----------
    tables : mapping
        Tables of a workspace; ``case`` and ``victim`` are read.
    country : str
        ISO 3166 alpha-3 of the authority that holds the case.
    period : Period
        Of first contact. Short, as the population is taken to stay the same within it; a year is usual.

    Returns
    -------
    CaptureTable
        For :func:`turquesa_stats.methods.multiple_systems.estimate.hidden_population`.

    Raises
    ------
    MeasureRefused
        If there is no record, and as :func:`lists_of`.
    """
    records = of_country_and_period(tables, country, period)
    if not records["id_status"].isin(COUNTED).any():
        raise MeasureRefused(f"no victims of {country} in {period} are held as records")
    return lists_of(records)


def lists_of(records: pd.DataFrame) -> CaptureTable:
    """
    Return the lists of some records of victims by what persons they share.

    A person is known across lists by ``person_key``; a record without one cannot be linked and would pass for a person of its own.

    Parameters
    ----------
    records : DataFrame
        Rows of ``victim``, such as those of one sex; persons neither presumed nor identified are left out.

    Raises
    ------
    MeasureRefused
        If the body or the person is not known for more than 5 % of the records, or with fewer than two bodies.
    """
    records = records[records["id_status"].isin(COUNTED)]
    usable = records["person_key"].notna() & known(records["id_by"])
    unlinked = int((~usable).sum())
    if unlinked > _MOST_UNLINKED * len(records):
        raise MeasureRefused(
            f"{unlinked} of {len(records)} records lack person_key or id_by: persons on several lists cannot be recognised, and the "
            f"estimate would be too large. At most {_MOST_UNLINKED:.0%} may lack them"
        )
    return from_memberships({str(body): set(rows["person_key"]) for body, rows in records[usable].groupby("id_by", observed=True)})
