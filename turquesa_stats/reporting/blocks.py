"""The blocks that reports are made of, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from turquesa_stats.reporting import closing, exploitation, justice, operations, rights, routes, training, victims
from turquesa_stats.reporting.report import Report

Block = Callable[[Report], list[str]]

BLOCKS: Mapping[str, Block] = {
    "front_matter": closing.front_matter,
    "key_facts": closing.key_facts,
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
    "operation_results": operations.results_of_operations,
    "operation_arrests": operations.arrests,
    "cooperation": operations.cooperation,
    "rights": rights.rights,
    "borders": routes.at_borders,
    "deaths": routes.deaths,
    "smuggled": routes.smuggled,
    "journeys": routes.journeys,
    "training_activities": training.activities,
    "participants": training.participants,
    "scores": training.scores,
    "followup": training.followup,
    "sources": closing.sources,
    "victims_sources": closing.victims_sources,
    "missing": closing.missing,
    "made": closing.made,
}
