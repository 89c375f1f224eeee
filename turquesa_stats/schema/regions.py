"""Regions that a report can be of instead of a country: the Americas and their parts (UN M49), and one made up for demonstration."""

from __future__ import annotations

from functools import cache

from turquesa_stats.errors import UnknownParameter, nearest
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, Language, american_countries, check_country, code_list

AMERICAS = "AMERICAS"
DEMONSTRATION = "DEMONSTRATION"  # holds the demonstration country alone: nothing made up stands on a real region's page


def regions() -> list[str]:
    """Return the codes of all regions, the Americas first."""
    return code_list("region").codes


def is_region(code: str) -> bool:
    """Whether a code is of a region, not of a country."""
    return code in code_list("region")


@cache
def countries_of(area: str) -> tuple[str, ...]:
    """
    Return the countries of a region; of a country itself alone.

    The demonstration country lies in a region of its own.

    Examples
    --------
    >>> countries_of("DEMONSTRATION")
    ('XAA',)
    >>> countries_of("NORTHERN_AMERICA")
    ('BMU', 'CAN', 'GRL', 'SPM', 'USA')
    >>> countries_of("COL")
    ('COL',)
    """
    if not is_region(area):
        return (area,)
    if area == DEMONSTRATION:
        return (DEMONSTRATION_COUNTRY,)
    subregion = code_list("area").column("m49_subregion")
    real = (code for code in american_countries() if code != DEMONSTRATION_COUNTRY)
    return tuple(code for code in real if area in (AMERICAS, subregion[code]))


def area_name(code: str, language: str) -> str:
    """Return the name of a country or region."""
    return code_list("region" if is_region(code) else "area").label(code, language)


def check_region(code: str) -> str:
    """
    Return the code if it is of a region.

    Raises
    ------
    UnknownParameter
        If it is none, with the nearest code or the code of the region so named.
    """
    if is_region(code):
        return code
    for region in regions():
        if any(code_list("region").label(region, language).casefold() == code.casefold() for language in Language):
            raise UnknownParameter(f"region '{code}' is a name; write its code {region}.")
    raise UnknownParameter(f"region '{code}' does not exist; {nearest(code, regions())}")


def check_area(code: str) -> str:
    """
    Return the code if it is of a country of the Americas or of a region.

    Raises
    ------
    UnknownParameter
        If it is neither.
    """
    if is_region(code):
        return code
    try:
        return check_country(code)
    except UnknownParameter as error:
        raise UnknownParameter(f"{error} Regions: {', '.join(regions())}.") from None
