"""The pages of the site as text: the front page, an index and country pages in each language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from turquesa_stats.edition.site import downloads as offered
from turquesa_stats.edition.site.metadata import dataset
from turquesa_stats.edition.site.shelf import OF_REGIONS, REGIONS, Country, by_name, formats, language_name
from turquesa_stats.present.words import Words, catalogue
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.workspace import PRELIMINARY

if TYPE_CHECKING:
    from jinja2 import Environment

_M49 = dict(zip(REGIONS, ("021", "013", "029", "005", ""), strict=True))  # as CLDR names the subregions
_FOR_SCRIPT = ("results", "found_nothing", "count")


@dataclass(frozen=True)
class Site:
    """
    What all pages are written from.

    Attributes
    ----------
    countries : sequence of Country
        The documents.
    downloads : Downloads
        The data beside them.
    language : str
        Of the front page.
    address : str
        Where the site will stand, ending with a slash; empty where that is not known.
    status : str
        ``final`` or ``preliminary``.
    """

    countries: Sequence[Country]
    downloads: offered.Downloads
    language: str
    address: str
    status: str


def pages(site: Site) -> dict[str, bytes]:
    """Return path -> page of the whole site."""
    found = {"index.html": _page(site, "front", "index.html", site.language, "")}
    for language in Language:
        found[f"{language}/index.html"] = _page(site, "index", f"{language}/index.html", language, "")
        for country in site.countries:
            path = f"{language}/{country.code}/index.html"
            found[path] = _page(site, "country", path, language, country.code)
    return {path: text.encode() for path, text in found.items()}


def asset(name: str) -> bytes:
    """Return a file of styles or scripts that the pages use."""
    return files("turquesa_stats.edition.site").joinpath(f"templates/{name}").read_bytes()


@cache
def tiles() -> dict[str, tuple[int, int]]:
    """Return country -> column and row of its square on the map, counted from one."""
    lines = files("turquesa_stats.edition.site").joinpath("tiles.txt").read_text(encoding="utf-8").splitlines()
    squares = ((code, column, row) for row, line in enumerate(lines, start=1) for column, code in enumerate(line.split(), start=1))
    return {code: (column, row) for code, column, row in squares if code != "."}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("turquesa_stats.edition.site")
    return Environment(autoescape=True, undefined=StrictUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True)


def _page(site: Site, kind: str, path: str, language: str, code: str) -> str:
    words = Words(language)
    up = "../" * path.count("/")
    own = {name.removeprefix("site."): text for name, text in catalogue(language).items() if name.startswith("site.")}
    offer = site.downloads.offers.get(code)
    machine = dataset(offer, code, words, site.address or up, site.address + path if site.address else "") if offer else ""
    shared: dict[str, Any] = {
        "kind": kind,
        "path": path,
        "up": up,
        "language": language,
        "said": own,
        "words": words,
        "project": words("document.project"),
        "banner": words("banner.preliminary").replace("**", "") if site.status == PRELIMINARY else "",
        "languages": [(str(one), language_name(one), _in_language(path, one)) for one in Language],
        "for_script": json.dumps({name: own[name] for name in _FOR_SCRIPT}, ensure_ascii=False),
        "address": site.address,
        "offer": offer,
        "offered": offered,
        "machine": machine,
        "language_name": language_name,
        "formats": formats,
        "in_languages": [(str(one), language_name(one), Words(one)) for one in sorted(Language, key=lambda one: one != language)],
    }
    return _environment().get_template(f"{kind}.html.jinja").render(**shared, **_CONTENT[kind](site, words, code))


def _in_language(path: str, language: str) -> str:
    """Return the path of a page in another language; the front page leads to the index."""
    return f"{language}/index.html" if path == "index.html" else f"{language}{path[2:]}"


def _index(site: Site, words: Words, code: str) -> Mapping[str, Any]:  # noqa: ARG001
    named = by_name(site.countries, words)
    regions = [(_region(name, words), [one for one in named if one.region == name]) for name in (OF_REGIONS, *REGIONS)]
    held = {country.code for country in site.countries}
    works = [work for country in named for work in country.works]
    return {
        "regions": [(name, countries) for name, countries in regions if countries],
        "tiles": [(code, *place, words.country(code), code in held) for code, place in tiles().items()],
        "works": works,
        "reports": sorted({work.report: work.title(words) for work in works}.items(), key=lambda one: one[1]),
        "periods": sorted({work.period for work in works}, reverse=True),
        "spoken": [str(one) for one in Language if any(version.language == one for work in works for version in work.versions)],
    }


def _region(name: str, words: Words) -> str:
    from babel import Locale

    if name == OF_REGIONS:
        return words("site.regions")
    return str(Locale(words.language).territories[_M49[name]]) if name else words("site.demonstration")


def _country(site: Site, words: Words, code: str) -> Mapping[str, Any]:
    return {"country": next(one for one in site.countries if one.code == code), "name": words.country(code)}


_CONTENT = {"front": lambda *_: {}, "index": _index, "country": _country}
