"""What legs of a journey say: which cross a border, whose they are, how far they lead."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from turquesa_stats.schema.checks.found import Tables
from turquesa_stats.schema.checks.linked import country, is_known, is_one_of, looked_up
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, code_list

_EARTH_RADIUS_KM = 6371.0
_NO_CROSSING = "NONE"
DOMESTIC, IN_SUBREGION, IN_AMERICAS, INTO_AMERICAS, OUT_OF_AMERICAS = (
    "DOMESTIC",
    "SUBREGION",
    "AMERICAS",
    "INTO_AMERICAS",
    "OUT_OF_AMERICAS",
)


def countries_of_legs(tables: Tables) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return the country in which each leg starts and that in which it ends; missing where not known."""
    leg = tables["route_leg"]
    if "place" not in tables:
        unknown: pd.Series[str] = pd.Series(index=leg.index, dtype="str")
        return unknown, unknown
    start, end = (country(looked_up(leg[name], tables["place"], "place_id", "iso3")) for name in ("place_from_id", "place_to_id"))
    return start, end


def crossing_of_legs(tables: Tables) -> pd.Series[pd.BooleanDtype]:
    """Return whether each leg crosses an international border: by its countries, else by its kind of crossing; missing if neither tells."""
    leg = tables["route_leg"]
    start, end = countries_of_legs(tables)
    crosses = pd.Series(pd.NA, index=leg.index, dtype="boolean")
    told = is_known(leg["crossing"])
    crosses = crosses.mask(told, ~is_one_of(leg["crossing"], [_NO_CROSSING]))
    return crosses.mask(start.notna() & end.notna(), start.ne(end))


def cases_of_legs(tables: Tables) -> pd.Series[str]:
    """Return the case of each leg: its own, or that of its victim or smuggled person; missing where there is none."""
    leg = tables["route_leg"]
    case: pd.Series[str] = leg["case_id"]
    for name, key in (("victim", "victim_id"), ("smuggled_person", "smuggled_id")):
        if name in tables:
            case = case.fillna(looked_up(leg[key], tables[name], key, "case_id"))
    return case


def kilometres(tables: Tables) -> pd.Series[float]:
    """Return the great-circle distance that each leg covers (haversine formula); missing where coordinates are."""
    leg, place = tables["route_leg"], tables["place"]
    at = {
        (side, name): np.radians(looked_up(leg[f"place_{side}_id"], place, "place_id", name).astype("float64"))
        for side in ("from", "to")
        for name in ("latitude", "longitude")
    }
    north = np.sin((at["to", "latitude"] - at["from", "latitude"]) / 2) ** 2
    east = np.sin((at["to", "longitude"] - at["from", "longitude"]) / 2) ** 2
    chord = north + np.cos(at["from", "latitude"]) * np.cos(at["to", "latitude"]) * east
    distance: pd.Series[float] = 2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord.clip(0, 1)))
    return distance


def reach_of_flow(origin: pd.Series[str], destination: pd.Series[str]) -> pd.Series[str]:
    """
    Return how far each flow leads (rule R32); missing where a country is not known or the flow does not touch the Americas.

    Examples
    --------
    >>> reach_of_flow(pd.Series(["COL", "COL", "COL", "CHN", "COL", "FRA"]), pd.Series(["COL", "PER", "MEX", "PER", "ESP", "ESP"])).tolist()
    ['DOMESTIC', 'SUBREGION', 'AMERICAS', 'INTO_AMERICAS', 'OUT_OF_AMERICAS', nan]
    """
    start, end = country(origin), country(destination)
    region = _american_subregions()
    starts_in, ends_in = start.map(region), end.map(region)
    reach: pd.Series[str] = pd.Series(index=start.index, dtype="str")
    reach = reach.mask(starts_in.notna() & ends_in.notna(), IN_AMERICAS)
    reach = reach.mask(starts_in.notna() & starts_in.eq(ends_in), IN_SUBREGION)
    reach = reach.mask(starts_in.isna() & start.notna() & ends_in.notna(), INTO_AMERICAS)
    reach = reach.mask(starts_in.notna() & ends_in.isna() & end.notna(), OUT_OF_AMERICAS)
    return reach.mask(starts_in.notna() & start.eq(end), DOMESTIC)


@cache
def _american_subregions() -> Mapping[str, str]:
    """Return country -> subregion (UN M49) for the countries of the Americas."""
    named = {code: region for code, region in code_list("area").column("m49_subregion").items() if region}
    return {**named, DEMONSTRATION_COUNTRY: named.get(DEMONSTRATION_COUNTRY, DEMONSTRATION_COUNTRY)}
