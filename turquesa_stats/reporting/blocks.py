"""The blocks that reports are made of, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from turquesa_stats.reporting import assessment, closing, exploitation, judgements, justice, maps, region, region_routes, victims
from turquesa_stats.reporting.report import Report

Block = Callable[[Report], list[str]]

BLOCKS: Mapping[str, Block] = {
    "front_matter": closing.front_matter,
    "key_facts": closing.key_facts,
    "map": maps.locator,
    "victims_by_year": victims.by_year,
    "victims_profile": victims.profile,
    "citizenship": victims.citizenship,
    "detection": victims.detection,
    "completeness": victims.completeness,
    "exploitation": exploitation.forms,
    "exploitation_by_year": exploitation.forms_by_year,
    "means": exploitation.means,
    "recruitment": exploitation.recruitment,
    "relation": exploitation.relation,
    "place": exploitation.place,
    "reach": exploitation.reach,
    "stages": justice.stages,
    "stages_by_sex": justice.stages_by_sex,
    "ratio": justice.ratio,
    "cohort": justice.cohort,
    "time_to_outcome": justice.time_to_outcome,
    "sentences": justice.sentences,
    "operations": closing.operations,
    "sources": closing.sources,
    "victims_sources": closing.victims_sources,
    "assessment_opening": judgements.opening,
    "key_judgements": judgements.key_judgements,
    "scope": region.scope,
    "drivers": assessment.drivers,
    "actors": assessment.actors,
    "markets": assessment.markets,
    "routes": region_routes.routes,
    "modus_operandi": assessment.modus_operandi,
    "links": assessment.links,
    "harm": assessment.harm,
    "response": assessment.response,
    "outlook": judgements.outlook,
    "assessment_annex": judgements.annex,
    "missing": closing.missing,
    "made": closing.made,
}
