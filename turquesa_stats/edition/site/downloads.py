"""The downloads of the site: official figures that may be passed on, as CSV and SDMX-CSV, with citations and licences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from turquesa_stats.edition.cells import as_cells, csv_bytes
from turquesa_stats.edition.exchange import packed
from turquesa_stats.edition.sdmx import TABLE, observations
from turquesa_stats.errors import ExportRefused, UnknownParameter
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.workspace import Workspace

FOLDER = "data"
FIGURES, SDMX, STRUCTURE = f"{TABLE}.csv", f"sdmx/{TABLE}.csv", "sdmx/structure.xml"
CITATION, LICENCE = "CITATION.txt", "LICENCE.txt"
EVERYWHERE = ""  # stands for all countries


@dataclass(frozen=True, slots=True)
class Offer:
    """
    Official figures of a country, or of all.

    Attributes
    ----------
    folder : str
        Of their files, within the site.
    first, last : str
        Years of the figures.
    sources : sequence of mapping
        Rows of the table of sources.
    """

    folder: str
    first: str
    last: str
    sources: Sequence[Mapping[Any, str]]


@dataclass(frozen=True, slots=True)
class Downloads:
    """Path -> content of every file, what is offered by country, and why nothing is, where nothing is."""

    content: Mapping[str, bytes] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    why_not: str = ""


def downloads(workspace: Workspace, countries: Iterable[str]) -> Downloads:
    """
    Return the downloads of a site: never a row of a case, of a restricted source, or one that its source keeps back.

    Parameters
    ----------
    workspace : Workspace
        Where the tables are.
    countries : iterable of str
        Those that have pages.
    """
    try:
        package = packed(workspace, (TABLE, "source"))
    except (ExportRefused, UnknownParameter) as refused:
        return Downloads(why_not=str(refused))
    rows = next(release.rows for release in package.released if release.name == TABLE)
    if rows.empty:
        return Downloads(why_not="no official figure of this workspace may be passed on")
    content = {f"{FOLDER}/{path}": data for path, data in package.content.items()}
    cells, exchanged = as_cells(rows, TABLE), observations(rows, package.sources)
    sources = as_cells(package.sources, "source").fillna("").astype(str).sort_values(["citation", "source_id"])
    offers = {}
    for country in (EVERYWHERE, *countries):
        chosen = rows["ref_area"].eq(country) if country else rows["ref_area"].notna()
        if chosen.any():
            used = sources[sources["source_id"].isin(rows.loc[chosen, "source_id"])]
            years = rows.loc[chosen, "period_start"].dt.year.min(), rows.loc[chosen, "period_end"].dt.year.max()
            folder = f"{FOLDER}/{country}".rstrip("/")
            offers[country] = Offer(folder, f"{years[0]:d}", f"{years[1]:d}", used.to_dict("records"))
            content |= {f"{folder}/{CITATION}": _citation(used, country), f"{folder}/{LICENCE}": _licence(used)}
            if country:
                content |= {f"{folder}/{FIGURES}": csv_bytes(cells[chosen]), f"{folder}/{SDMX}": csv_bytes(exchanged[chosen])}
    return Downloads(content, offers)


def _citation(sources: pd.DataFrame, country: str) -> bytes:
    """Return how to cite the figures, in four languages, and then each of their sources."""
    every = [Words(language) for language in Language]
    own = [f"turquesa. {dataset_name(words, country)}." for words in every]
    asked = [words("site.cite_sources") for words in every]
    return "\n".join([*own, "", *asked, "", *sorted(set(sources["citation"])), ""]).encode()


def _licence(sources: pd.DataFrame) -> bytes:
    said = [Words(language)("site.licence_text") for language in Language]
    terms = sorted({f"{row['citation']}: {row['licence']}" for row in sources.to_dict("records")})
    return "\n".join([*said, "", *terms, ""]).encode()


def dataset_name(words: Words, country: str) -> str:
    """Return what the figures of a country, or of all, are called."""
    return words("site.dataset_of", country=words.country(country)) if country else words("site.dataset")
