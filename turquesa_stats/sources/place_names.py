"""Countries by the names that sources give them: four languages, demonyms, misspellings, broken encodings."""

from __future__ import annotations

import csv
import unicodedata
from functools import cache

from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.location import project_root


@cache
def _names() -> dict[str, str]:
    areas = code_list("area")
    names = {}
    for code, row in areas.rows.items():
        if row["iso2"]:
            for language in Language:
                label = areas.label(code, language)
                names[_key(label)] = code
                names[_key("".join(letter for letter in label if letter.isascii()))] = code  # what a broken encoding leaves
            names[_key(code)] = code
    with (project_root() / "data" / "schema" / "aliases" / "area.csv").open(encoding="utf-8", newline="") as file:
        names.update({_key(row["alias"]): row["code"] for row in csv.DictReader(file)})
    return names


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def area_of(name: str) -> str | None:
    r"""
    Return the area code of a name, or None if it is not known.

    Examples
    --------
    >>> area_of("ESPA\ufffdA"), area_of("Türkiye"), area_of("Atlantis")
    ('ESP', 'TUR', None)
    """
    return _names().get(_key(name))
