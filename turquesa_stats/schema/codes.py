"""Code lists: the closed sets of values that fields may take, with labels in four languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from turquesa_stats.errors import SchemaMismatch, UnknownParameter, nearest
from turquesa_stats.schema.location import project_root

TOTAL = "_T"
UNKNOWN = "_U"
NOT_ASKED = "_N"
NOT_KNOWN = (UNKNOWN, "_UNK", NOT_ASKED, "_Z")  # answers that tell nothing of the characteristic
_MARKUP = re.compile(r"[<>\[\]{}`$\\*_|#~^@&\"\x00-\x1f]")
DEMONSTRATION_COUNTRY = "XAA"  # user-assigned in ISO 3166: no real country can be meant


class Language(StrEnum):
    """The languages in which every word a reader sees exists."""

    EN = "en"
    ES = "es"
    FR = "fr"
    PT = "pt"


@dataclass(frozen=True, slots=True)
class CodeList:
    """One code list: code -> row of its CSV file."""

    name: str
    rows: Mapping[str, Mapping[str, str]]

    def __contains__(self, code: object) -> bool:
        return code in self.rows

    @property
    def codes(self) -> list[str]:
        """The codes in the order of the file."""
        return list(self.rows)

    def label(self, code: str, language: str) -> str:
        """
        Return what a reader sees for a code.

        Raises
        ------
        SchemaMismatch
            If the code is not in the list.
        """
        if code not in self.rows:
            raise SchemaMismatch(f"code list {self.name}: '{code}' is not in it; {nearest(code, self.codes)}")
        row = self.rows[code]
        return row[f"label_{language}"] or _country_name(row["iso2"], language)

    def column(self, name: str) -> dict[str, str]:
        """Return code -> value of a further column."""
        return {code: row[name] for code, row in self.rows.items()}


def code_list_names() -> list[str]:
    """Return the names of all code lists."""
    return sorted(path.stem for path in _folder().glob("*.csv"))


def _folder() -> Path:
    return project_root() / "data" / "schema" / "codes"


@cache
def code_list(name: str) -> CodeList:
    """
    Read ``data/schema/codes/<name>.csv``.

    Raises
    ------
    SchemaMismatch
        If there is no such list, or a label has a sign that could mean more than itself: sentences take labels as they are.
    """
    path = _folder() / f"{name}.csv"
    if not path.is_file():
        raise SchemaMismatch(f"code list '{name}' does not exist; {nearest(name, code_list_names())}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    _refuse_markup(path.name, rows)
    return CodeList(name, rows)


def _refuse_markup(file: str, rows: Mapping[str, Mapping[str, str]]) -> None:
    for code, row in rows.items():
        for column, text in row.items():
            if column.startswith("label_") and (found := _MARKUP.search(text or "")):
                raise SchemaMismatch(f"{file}, {code}, {column}: '{found[0]}' may stand in no label, which is words alone: {text!r}")


@cache
def _territories(language: str) -> Mapping[str, str]:
    from babel import Locale

    names: Mapping[str, str] = Locale(language).territories
    return names


def _country_name(iso2: str, language: str) -> str:
    return _territories(language)[iso2]


def american_countries() -> list[str]:
    """Return the ISO 3166-1 alpha-3 codes of the Americas (UN M49 019), and the demonstration country."""
    areas = code_list("area")
    return [code for code, row in areas.rows.items() if row["m49_subregion"] or code == DEMONSTRATION_COUNTRY]


def check_country(code: str) -> str:
    """
    Return the code if it is a country of the Americas.

    Raises
    ------
    UnknownParameter
        If it is none, with the nearest code or the code of the country so named.
    """
    countries = american_countries()
    if code in countries:
        return code
    for country in countries:
        if any(code_list("area").label(country, language).casefold() == code.casefold() for language in Language):
            raise UnknownParameter(f"country '{code}' is a name; write its ISO 3166 code {country}.")
    raise UnknownParameter(f"country '{code}' is not an ISO 3166 alpha-3 code of the Americas; {nearest(code, countries)}")


def check_language(code: str) -> Language:
    """
    Return the language of a two-letter code.

    Raises
    ------
    UnknownParameter
        If turquesa does not speak it.
    """
    if code in list(Language):
        return Language(code)
    raise UnknownParameter(f"language '{code}' does not exist; {nearest(code, list(Language))}")
