"""The documents of an edition made again, with the reports and the package that are installed here: no code of the edition is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from turquesa_stats.disclosure.policy import policy
from turquesa_stats.disclosure.secret import mark, rounding_secret
from turquesa_stats.edition.publication.manifest import Document, Manifest
from turquesa_stats.errors import ReviewRefused, TurquesaError
from turquesa_stats.period import Period
from turquesa_stats.render.notebook import reports_in
from turquesa_stats.render.plan import ALL, Format, Job
from turquesa_stats.render.run import Run, Warming
from turquesa_stats.render.typeset import choose
from turquesa_stats.schema.codes import check_language
from turquesa_stats.schema.parts import fingerprints, has_rows
from turquesa_stats.schema.regions import check_area
from turquesa_stats.schema.workspace import Workspace, check_status

_PRELOAD = "turquesa_stats.reporting.report:preload"


def job_of(document: Document) -> Job:
    """
    Return a document as something to make.

    Raises
    ------
    ReviewRefused
        If its parameters are none: a manifest is input like any other.
    """
    try:
        period = Period.parse(document.period)
        formats = tuple(Format(name) for name in document.made_from.get("formats", "").split(",") if name)
        country, language = check_area(document.country), str(check_language(document.language))
    except (TurquesaError, ValueError) as error:
        raise ReviewRefused(f"the manifest names a document that cannot be ({document.title[:60]!r}): {error}") from None
    return Job(document.report, country, period, language, formats, document.made_from.get("sections", ALL))


def run_for(manifest: Manifest, jobs: Sequence[Job], workspace: Workspace, reports: Path, into: Path) -> Run:
    """
    Return what the documents of an edition are made again with.

    Raises
    ------
    ReviewRefused
        If a report of the edition is not among those here.
    """
    found = reports_in(reports)
    unknown = sorted({job.report for job in jobs} - found.keys())
    if unknown:
        raise ReviewRefused(
            f"the edition has documents of the reports {', '.join(unknown)}, which are not in {reports}; give their folder: --reports"
        )
    limits = policy(manifest.audience)
    check_status(manifest.status)
    wanted = manifest.software.typesetters[0].partition(" ")[0].lower() if manifest.software.typesetters else "auto"
    try:
        typesetter, _ = choose(wanted)
    except TurquesaError:  # its typesetter is not on this machine: numbers come from notebooks, looks can differ
        typesetter, _ = choose("auto")
    countries = tuple(sorted({job.country for job in jobs}))
    rounding = mark(rounding_secret(workspace.folder)) if limits.method == "rounding" else ""
    names = tuple(sorted({job.report for job in jobs}))
    warming = Warming(str(workspace.folder), _PRELOAD, limits.audience, countries, reports=names, rounding=rounding, status=manifest.status)
    return Run(found, fingerprints(workspace), typesetter, into, warming)


def unjudged(document: Document, run: Run, *, has_all_data: bool) -> str:
    """
    Return why a document cannot be made again here; empty if it can.

    Parameters
    ----------
    document : Document
        As the manifest has it.
    run : Run
        What it would be made with.
    has_all_data : bool
        Whether the reviewer holds the workspace that the edition was made of.
    """
    if has_all_data:
        return ""
    missing = [name for name in document.kept_back if not has_rows(run.fingerprints, name, document.country)]
    if missing:
        return f"it stands on rows of {', '.join(missing)}, which are in no edition; give --workspace"
    if document.kept_back and run.warming.rounding:
        return "its counts of persons are rounded by a secret, which is in no edition; give --workspace"
    return ""
