"""The site of a run: written only where something has changed, and nothing heavy is imported before that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turquesa_stats.edition.site.record import is_as_recorded, site_key
from turquesa_stats.render.journal import read_journal
from turquesa_stats.schema.parts import WHOLE

if TYPE_CHECKING:
    from turquesa_stats.render.run import Run
    from turquesa_stats.schema.workspace import Workspace


def refresh_site(run: Run, workspace: Workspace, language: str, address: str = "") -> str:
    """
    Write the site around the documents of a run that stand as they would be made now; nothing if that changes nothing.

    Parameters
    ----------
    run : Run
        What the documents were made with.
    workspace : Workspace
        Whose official figures can be downloaded.
    language : str
        Of the front page.
    address : str
        Where the site will stand, if known.

    Returns
    -------
    str
        Why there are no downloads; empty where there are some, or nothing was written.
    """
    held = {name: run.fingerprints.get(name, {}).get(WHOLE, "") for name in ("official_stat", "source")}
    texts = {name: report.text for name, report in run.reports.items()}
    made_with = {
        "reports": texts,
        "typesetter": run.typesetter.identity,
        "audience": run.warming.audience,
        "status": run.warming.status,
        "data": held,
    }
    key = site_key(read_journal(run.into).values(), made_with=made_with, language=language, address=address)
    if is_as_recorded(run.into, key):
        return ""
    from turquesa_stats.edition.site.writing import write_site

    status = run.warming.status
    return write_site(run.into, run.current(), language, workspace=workspace, address=address, status=status, key=key)
