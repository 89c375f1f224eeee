"""How agencies and their series are called."""

from __future__ import annotations

from typing import Any

from turquesa_stats.reporting.report import Report

_GENERIC = {"government": "agency.government", "government and NGOs": "agency.government_and_ngos"}


def agency_alone(report: Report, row: Any) -> str:
    """Return the agency, where the publisher is named elsewhere."""
    agency = str(row["source_agency"])
    return report.words(_GENERIC[agency]) if agency in _GENERIC else agency


def agency_name(report: Report, row: Any) -> str:
    """Return the agency, and the publisher that relays it where that is another."""
    agency, named = str(row["source_agency"]), agency_alone(report, row)
    return named if agency == row["publisher"] else report.words("agency.relayed", agency=named, publisher=row["publisher"])


def series_name(report: Report, row: Any) -> str:
    """Return the name of a series of counts: the agency, and the unit where it is not persons."""
    name = agency_name(report, row)
    return name if row["unit_measure"] == "PERSONS" else f"{name}, {report.words('unit.' + row['unit_measure'])}"
