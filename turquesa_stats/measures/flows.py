"""
Official figures by citizenship and by migration route.

A flow by citizenship (rule R31) joins the country of citizenship and the country that identified the victim: it says who was found, not by
which way anybody came. The same holds of the country of exploitation in other data sets. Neither is a route.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from turquesa_stats.errors import MeasureRefused
from turquesa_stats.estimate import ESTIMATE_COLUMNS, Estimate, Flag
from turquesa_stats.measures import official
from turquesa_stats.measures.journeys import OUTSIDE
from turquesa_stats.methods.bounds import bounded
from turquesa_stats.methods.concentration_bounds import concentration_bounds
from turquesa_stats.methods.intervals import SMALLEST_N
from turquesa_stats.period import Period
from turquesa_stats.schema.checks.journeys import reach_of_flow
from turquesa_stats.schema.checks.linked import country

BASIS = "by citizenship"
_PERSONS = "PERSONS"


def persons_only(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return figures if all count persons.

    Raises
    ------
    MeasureRefused
        If some count something else, such as encounters at a border: one person can be met many times, so that neither adding them to
        persons nor reading them as persons is right.
    """
    others = rows[rows["unit_measure"].ne(_PERSONS)]
    if len(others):
        told = ", ".join(
            sorted(f"{row.indicator} in {row.unit_measure}" for row in others[["indicator", "unit_measure"]].drop_duplicates().itertuples())
        )
        raise MeasureRefused(f"these figures do not count persons: {told}; events and persons are not added, nor read for one another")
    return rows


def by_citizenship(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """
    Return the persons of the latest year within a period by citizenship, of the one agency that gives most.

    Parameters
    ----------
    rows : DataFrame
        Figures of one concept and country (:func:`turquesa_stats.measures.official.concept_rows`).
    period : Period
        Within which the figures must lie.

    Returns
    -------
    DataFrame
        ``citizenship, ref_area, time_period, publisher, source_agency, basis`` (always ``by citizenship``), ``placed`` (whether it is one
        country), ``reach`` (rule R32, by citizenship; missing where not one country), ``count_low, count_high``, and the share of those of
        known citizenship as estimate, bounds where counts are censored.

    Raises
    ------
    MeasureRefused
        As :func:`persons_only`; also if there is no figure by citizenship within the period.
    """
    parts = rows[rows["characteristic"].eq("CITIZENSHIP")]
    found = official.split(persons_only(parts), period, ["counterpart_area"], "CITIZENSHIP") if len(parts) else parts
    if found.empty:
        raise MeasureRefused(f"no figure by citizenship is held within {period}")
    citizenship = found["counterpart_area"].astype("str")
    reach = reach_of_flow(citizenship, found["ref_area"].astype("str"))
    placed = country(citizenship).notna()
    told = found.assign(citizenship=citizenship, basis=BASIS, placed=placed, reach=reach.mask(placed & reach.isna(), OUTSIDE))
    keys = ["citizenship", "ref_area", "time_period", "publisher", "source_agency", "basis", "placed", "reach", "count_low", "count_high"]
    return told[[*keys, *ESTIMATE_COLUMNS]]


def reach_by_citizenship(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """
    Return the persons by the class of their flow by citizenship (indicator A08, rule R32), as bounds.

    A person whose citizenship is not one country could be of any class, so that the share of each lies between none and all of these.

    Returns
    -------
    DataFrame
        ``reach, basis, count_low, count_high`` and the share of all persons as bounds; classes of which there may be none are left out.

    Raises
    ------
    MeasureRefused
        As :func:`by_citizenship`; also if all counts can only be 0.
    """
    found = by_citizenship(rows, period)
    low, high = found["count_low"].astype(float), found["count_high"].astype(float)
    if not high.sum():
        raise MeasureRefused("a share of nothing: all counts are zero")
    told = []
    for name, part in found[found["placed"]].groupby("reach", observed=True):
        inside, placed = found.index.isin(part.index), found["placed"]
        most, least_others = high[inside].sum() + high[~placed].sum(), low[~inside & placed].sum()
        least, most_others = low[inside].sum(), high[~inside].sum()
        share = _flagged(
            bounded(
                least / (least + most_others) if least + most_others else 1.0,
                most / (most + least_others) if most else 0.0,
                int(high.sum()),
                "share",
            )
        )
        columns = {column: getattr(share, column) for column in ESTIMATE_COLUMNS}
        told.append({"reach": name, "basis": BASIS, "count_low": low[inside].sum(), "count_high": high[inside].sum(), **columns})
    return pd.DataFrame(told)


def citizenship_concentration(rows: pd.DataFrame, period: Period, top: int = 3) -> pd.DataFrame:
    """
    Return how concentrated the persons are on few citizenships (indicator A07), as bounds.

    Returns
    -------
    DataFrame
        From :func:`methods.concentration_bounds.concentration_bounds`, with ``basis``: persons whose citizenship is not one country (other
        or a group of countries, abroad, unknown) can be of any, those listed too, as a group may hold one of these. Flagged ``small_n``
        where there may be fewer than 10 persons.

    Raises
    ------
    MeasureRefused
        As :func:`by_citizenship`; also if all counts can only be 0, or all persons are of a citizenship that is not one country.
    """
    found = by_citizenship(rows, period)
    placed, other = found[found["placed"]], found[~found["placed"]]
    if placed.empty:
        raise MeasureRefused("no citizenship is one country: nothing can be told of their concentration")
    unplaced = (int(other["count_low"].sum()), int(other["count_high"].sum()))
    bounds = concentration_bounds(placed["count_low"].to_numpy(float), placed["count_high"].to_numpy(float), top, unplaced, "citizenships")
    fewest = placed["count_low"].sum() + other["count_low"].sum()
    return bounds.assign(basis=BASIS, flag=Flag.SMALL_N if fewest < SMALLEST_N else bounds["flag"])


def _flagged(share: Estimate) -> Estimate:
    if share.n is not None and share.n < SMALLEST_N:
        return Estimate(share.value, share.low, share.high, share.n, share.unit, share.method, Flag.SMALL_N)
    return share


def deaths_by_route(tables: Mapping[str, pd.DataFrame], period: Period) -> pd.DataFrame:
    """
    Return the least number of persons who died or disappeared on each migration route within a period (indicator A26).

    Whether they were smuggled or trafficked is not known, many deaths are never recorded, and a fall can be one of recording. The figures
    are of persons; the incidents in which they died are events and are not held.

    Returns
    -------
    DataFrame
        ``concept`` (DEATHS, MISSING), ``route``, ``years`` (figures added), and the number as estimate: ``low`` is the number, there is no
        upper end, flag ``more_than``. ``_U`` is a route not named.

    Raises
    ------
    MeasureRefused
        If no figure by route lies within the period.
    """
    stat = tables["official_stat"]
    rows = stat[stat["characteristic"].eq("ROUTE") & stat["indicator"].isin(["migrant_deaths", "migrant_missing"])]
    within = rows["period_start"].ge(pd.Timestamp(period.start)) & rows["period_end"].le(pd.Timestamp(period.end))
    chosen = persons_only(rows[within & ~rows["conflict"] & rows["obs_value"].notna()])
    if chosen.empty:
        raise MeasureRefused(f"no deaths or disappearances by route are held within {period}")
    if len(chosen[["source_id", "edition"]].drop_duplicates()) > 1:
        raise MeasureRefused("deaths by route are of several sources or editions, which are never added: take one")
    concept = chosen["indicator"].map({"migrant_deaths": "DEATHS", "migrant_missing": "MISSING"})
    told: list[dict[str, Any]] = []
    for (kind, route), part in chosen.groupby([concept.rename("concept"), "characteristic_code"], observed=True):
        least = float(part["obs_value"].sum())
        estimate = Estimate(least, least, None, int(least), "persons", "minimum count", Flag.MORE_THAN)
        columns = {column: getattr(estimate, column) for column in ESTIMATE_COLUMNS}
        told.append({"concept": kind, "route": route, "years": part["time_period"].nunique(), **columns})
    return pd.DataFrame(told)
