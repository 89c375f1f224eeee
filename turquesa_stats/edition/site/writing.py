"""The site in its folder: pages, search, styles, downloads and the record of them; what a former site had more goes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from turquesa_stats.edition.site.downloads import Downloads, downloads
from turquesa_stats.edition.site.metadata import sitemap
from turquesa_stats.edition.site.pages import Site, asset, pages
from turquesa_stats.edition.site.record import RECORD, as_record, recorded
from turquesa_stats.edition.site.search import search_script
from turquesa_stats.edition.site.shelf import Country, formats, shelved
from turquesa_stats.render.journal import Entry
from turquesa_stats.render.typeset.pandoc import style
from turquesa_stats.schema.codes import Language, check_language
from turquesa_stats.schema.workspace import FINAL, Workspace, replacing

STYLES, SCRIPT, SEARCH, SITEMAP = "assets/site.css", "assets/site.js", "assets/search-data.js", "sitemap.xml"


def write_site(
    folder: Path,
    entries: Iterable[Entry],
    language: str,
    *,
    workspace: Workspace | None = None,
    address: str = "",
    status: str = FINAL,
    key: str = "",
) -> str:
    """
    Write the site around the documents of a folder, which stay as they are; the same input gives the same bytes.

    Parameters
    ----------
    folder : Path
        The documents' folder.
    entries : iterable of Entry
        Its documents.
    language : str
        Of the front page.
    workspace : Workspace, optional
        Whose official figures can be downloaded; without it, none.
    address : str
        Where the site will stand: then it has a map of its addresses, and machines are told whole ones.
    status : str
        ``final``, or ``preliminary``, which every page says.
    key : str
        What :func:`~turquesa_stats.edition.site.record.site_key` says of the input.

    Returns
    -------
    str
        Why there are no downloads; empty where there are some.
    """
    countries = shelved(entries)
    found = downloads(workspace, [country.code for country in countries]) if workspace else Downloads()
    site = Site(countries, found, check_language(language), f"{address.rstrip('/')}/" if address else "", status)
    content = {**found.content, **pages(site), SEARCH: search_script(folder, countries)}
    content |= {STYLES: styles(), SCRIPT: asset("site.js")}
    if site.address:
        content[SITEMAP] = sitemap(site.address, _addresses(countries))
    _, before = recorded(folder)
    with replacing(folder) as staged:
        for path, data in content.items():
            if not (folder / path).is_file() or (folder / path).read_bytes() != data:
                staged(path).write_bytes(data)
        staged(RECORD).write_bytes(as_record(key, content))
    for path in sorted(set(before) - set(content)):
        if not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts:
            (folder / path).unlink(missing_ok=True)
    return found.why_not


def styles() -> bytes:
    """Return the style sheet of the pages: the typeface, the look that all pages of turquesa share, and the site's own."""
    return f"{style('identity')}\n".encode() + asset("site.css")


def _addresses(countries: Iterable[Country]) -> list[dict[str, str]]:
    """Return language -> path of each page and document that is for reading."""
    countries = list(countries)
    inner = ["index.html", *(f"{country.code}/index.html" for country in countries)]
    found = [{str(language): f"{language}/{path}" for language in Language} for path in inner]
    for country in countries:
        for work in country.works:
            readable = {one.language: formats(one) for one in work.versions}
            found.append({language: next(iter(paths.values())) for language, paths in readable.items() if paths})
    return found
