"""The lint of a threat assessment's folder: what must hold of its entries, and the wording of what readers will see."""

from __future__ import annotations

from pathlib import Path

from turquesa_stats.errors import SourceRefused
from turquesa_stats.present.wording import faults
from turquesa_stats.schema.codes import Language
from turquesa_stats.sources.assessment_checks import TEXTS, problems_of
from turquesa_stats.sources.assessment_folder import AssessmentFolder, Problem, last_year_of, read_folder


def lint(folder: Path) -> list[Problem]:
    """
    Return every problem of a folder, that of last year within it included, in the order of files and lines.

    Raises
    ------
    SourceRefused
        If there is no such folder.
    """
    if not folder.is_dir():
        raise SourceRefused(f"{folder}: is no folder; turquesa new assessment YEAR makes one")
    this, last = read_folder(folder), last_year_of(folder)
    return sorted({*problems_of(this, last), *_wordings(this), *(_wordings(last) if last else ())})


def _wordings(found: AssessmentFolder) -> list[Problem]:
    return [
        item.problem(f"{name}.{language}", f"'{fault.found}' ({fault.rule}): {fault.why.rstrip('.')}", fault.write, "Write this instead")
        for item in found.judgements
        for name in TEXTS
        for language in Language
        for fault in faults(item.text(name, language), language)
    ]
