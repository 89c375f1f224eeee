"""The tests behind the rules: one function a rule, from tables to the rows that it finds; one module a part of the data model."""

from __future__ import annotations

from collections.abc import Mapping

from turquesa_stats.schema.checks import (
    activities,
    cases,
    charges,
    elements,
    fields,
    judgements,
    justice,
    persons,
    provenance,
    release,
    routes,
    smuggling,
    statistics,
    structure,
)
from turquesa_stats.schema.checks.found import Check

CHECKS: Mapping[str, Check] = {
    **structure.CHECKS,
    **fields.CHECKS,
    **persons.CHECKS,
    **elements.CHECKS,
    **cases.CHECKS,
    **smuggling.CHECKS,
    **routes.CHECKS,
    **justice.CHECKS,
    **charges.CHECKS,
    **statistics.CHECKS,
    **provenance.CHECKS,
    **activities.CHECKS,
    **judgements.CHECKS,
    **release.CHECKS,
}
