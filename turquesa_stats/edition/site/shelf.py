"""The documents of an edition in the order in which a reader looks for them: country, period, report, languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import PurePosixPath

from turquesa_stats.present.words import Words
from turquesa_stats.render.journal import Entry
from turquesa_stats.render.plan import Format
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, Language, code_list
from turquesa_stats.schema.regions import is_region

FORMATS = (*Format, "ipynb")
OF_REGIONS = "REGIONS"  # the group of reports that are of a region as a whole
REGIONS = ("NORTHERN_AMERICA", "CENTRAL_AMERICA", "CARIBBEAN", "SOUTH_AMERICA", "")  # north to south; none: the demonstration country


@dataclass(frozen=True)
class Work:
    """
    One report on one country and period, in one or more languages.

    Attributes
    ----------
    report, country, period : str
        What it is.
    versions : sequence of Entry
        Its documents in the order of the languages.
    """

    report: str
    country: str
    period: str
    versions: Sequence[Entry]

    def version(self, language: str) -> Entry:
        """Return the document in a language, or else in the first one there is."""
        return next((one for one in self.versions if one.language == language), self.versions[0])

    def title(self, words: Words) -> str:
        """Return the name of the report."""
        key = f"report.{self.report}"
        return words(key) if words.has(key) else self.version(words.language).title

    @property
    def is_synthetic(self) -> bool:
        """Whether any of its documents shows made-up data."""
        return any(one.synthetic for one in self.versions)


@dataclass(frozen=True)
class Country:
    """A country and its works, newest period first."""

    code: str
    works: Sequence[Work]

    @cached_property
    def periods(self) -> list[str]:
        """Its periods, newest first."""
        return list(dict.fromkeys(work.period for work in self.works))

    def of(self, period: str) -> list[Work]:
        """Return its works of a period."""
        return [work for work in self.works if work.period == period]

    @property
    def years(self) -> tuple[str, str]:
        """The first and the last year that any of its works covers."""
        return min(period[:4] for period in self.periods), max(period.rpartition("/")[2][:4] for period in self.periods)

    @property
    def region(self) -> str:
        """Its subregion of the Americas (UN M49); of a region itself the group of regions."""
        if is_region(self.code):
            return OF_REGIONS
        return code_list("area").rows[self.code]["m49_subregion"]

    @property
    def synthetic_banner(self) -> str:
        """Key of what its page says of made-up data."""
        if is_region(self.code):
            return "banner.assessment_synthetic"
        return "banner.synthetic" if self.is_made_up else "banner.synthetic_country"

    @property
    def is_made_up(self) -> bool:
        """Whether it is the demonstration country."""
        return self.code == DEMONSTRATION_COUNTRY

    @property
    def is_synthetic(self) -> bool:
        """Whether any of its works shows made-up data."""
        return any(work.is_synthetic for work in self.works)


def shelved(entries: Iterable[Entry]) -> list[Country]:
    """
    Return the countries of an edition with their works, in the order of their codes.

    Parameters
    ----------
    entries : iterable of Entry
        The documents.
    """
    order = [*Language]

    def place(entry: Entry) -> tuple[str, str, str]:
        return entry.country, entry.period, entry.report

    works = [
        Work(report, country, period, sorted(group, key=lambda one: order.index(Language(one.language))))
        for (country, period, report), group in groupby(sorted(entries, key=place), key=place)
    ]
    works.sort(key=lambda work: work.report)
    works.sort(key=lambda work: work.period, reverse=True)
    works.sort(key=lambda work: work.country)
    return [Country(code, list(group)) for code, group in groupby(works, key=lambda work: work.country)]


def by_name(countries: Iterable[Country], words: Words) -> list[Country]:
    """Return countries by their names in a language; the demonstration country last."""
    return sorted(countries, key=lambda one: (one.is_made_up, plain(words.country(one.code))))


def formats(entry: Entry) -> dict[str, str]:
    """Return ending -> path of a document's files, the page for reading first."""
    found = {PurePosixPath(path).suffix[1:]: path for path in entry.files}
    return {str(name): found[name] for name in FORMATS if name in found}


def plain(text: str) -> str:
    """
    Return a text in small letters without accents, as it is sorted and searched.

    Examples
    --------
    >>> plain("São Tomé")
    'sao tome'
    """
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)).casefold()


def language_name(language: str) -> str:
    """
    Return the name of a language in that language.

    Examples
    --------
    >>> language_name("pt")
    'Português'
    """
    from babel import Locale

    name = Locale(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]
