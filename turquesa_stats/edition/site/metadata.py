"""What machines read of the site: schema.org Dataset, and the map of addresses with languages beside each other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from turquesa_stats.edition.site.downloads import CITATION, FIGURES, LICENCE, SDMX, Offer, dataset_name
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import Language

_TYPES = {FIGURES: "text/csv", SDMX: "application/vnd.sdmx.data+csv; version=2.0.0"}


def dataset(offer: Offer, country: str, words: Words, root: str, page: str) -> str:
    """
    Return the description of a data set as JSON-LD that may stand within a page.

    Parameters
    ----------
    offer : Offer
        The figures.
    country : str
        Whose; empty for all.
    words : Words
        Of the page's language.
    root : str
        What stands before a path of the site: the site's address, or the way up to it.
    page : str
        The page's own address.
    """
    place: dict[str, Any] = {"@type": "Place", "name": words.country(country) if country else words("site.americas")}
    if country:
        place["identifier"] = {"@type": "PropertyValue", "propertyID": "ISO 3166-1 alpha-3", "value": country}
    licence = {"@type": "CreativeWork", "name": words("site.licence"), "url": f"{root}{offer.folder}/{LICENCE}"}
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": dataset_name(words, country),
        "description": words("site.data_lead"),
        "url": page,
        "inLanguage": [str(language) for language in Language],
        "spatialCoverage": place,
        "temporalCoverage": f"{offer.first}/{offer.last}",
        "license": licence,
        "creator": {"@type": "Organization", "name": words("document.project")},
        "isAccessibleForFree": True,
        "citation": f"{root}{offer.folder}/{CITATION}",
        "distribution": [
            {"@type": "DataDownload", "contentUrl": f"{root}{offer.folder}/{path}", "encodingFormat": kind} for path, kind in _TYPES.items()
        ],
        "isBasedOn": _works(offer.sources),
    }
    return json.dumps(described, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _works(sources: Sequence[Mapping[Any, str]]) -> list[dict[str, Any]]:
    works = {
        one["citation"]: {"@type": "CreativeWork", "name": one["title"], "publisher": {"@type": "Organization", "name": one["publisher"]}}
        for one in sources
    }
    return list(works.values())


def sitemap(address: str, groups: Sequence[Mapping[str, str]]) -> bytes:
    """
    Return the map of addresses, each with its other languages (``hreflang``).

    Parameters
    ----------
    address : str
        Of the site, ending with a slash.
    groups : sequence of mapping
        Language -> path: one page or document each.
    """
    lines = []
    for group in groups:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(address + path)}/>' for language, path in group.items()
        )
        lines += [f"<url><loc>{escape(address + path)}</loc>{others}</url>" for path in group.values()]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    return (head + 'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(lines) + "\n</urlset>\n").encode()
