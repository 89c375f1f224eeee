"""The words of the reports, from gettext catalogues with symbolic keys: ``locale/<language>.po``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from turquesa_stats.errors import TurquesaError, nearest
from turquesa_stats.schema.codes import check_language, code_list
from turquesa_stats.schema.regions import area_name


@cache
def _read(language: str) -> Catalog:
    path = files("turquesa_stats.present").joinpath(f"locale/{check_language(language)}.po")
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def forms(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return key -> texts of a language: one, or one for each plural form."""
    found = {}
    for message in _read(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return key -> text of a language, that of many where there are several."""
    return {key: texts[-1] for key, texts in forms(language).items()}


@cache
def _choice(language: str) -> Callable[[int], int]:
    return c2py(_read(language).plural_expr)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: str

    def __call__(self, key: str, number: float | None = None, /, **values: object) -> str:
        """
        Return the text of a key with its places filled.

        Parameters
        ----------
        key : str
            Of the catalogue.
        number : float, optional
            What decides the plural form, where the key has several; of a range, its upper end.
        **values : object
            What stands in the places.

        Raises
        ------
        TurquesaError
            If the key has no text, a place has no value, or several forms no number.

        Examples
        --------
        >>> Words("es")("number.range", low="1", high="4")
        '1 a 4'
        >>> Words("fr")("quality.passed", 1, count=1), Words("fr")("quality.passed", 2, count=2)
        ('1 règle est respectée', '2 règles sont respectées')
        """
        self.raw(key)
        texts = forms(self.language)[key]
        if len(texts) > 1 and number is None:
            raise TurquesaError(f"word '{key}' ({self.language}) has {len(texts)} plural forms; give the number that decides")
        text = texts[0] if len(texts) == 1 else texts[_choice(self.language)(round(number or 0))]
        try:
            return text.format(**values)
        except (KeyError, IndexError) as error:
            raise TurquesaError(f"word '{key}' ({self.language}): no value for {error}") from error

    def has(self, key: str) -> bool:
        """Whether a key has a text."""
        return key in catalogue(self.language)

    def raw(self, key: str) -> str:
        """Return the text of a key, that of many where there are several, with its places as they are."""
        texts = catalogue(self.language)
        if key not in texts:
            raise TurquesaError(f"word '{key}' is not in the {self.language} catalogue; {nearest(key, texts)}")
        return texts[key]

    def label(self, codes: str, code: str) -> str:
        """Return what a reader sees for a code of a list."""
        return code_list(codes).label(code, self.language)

    def combination(self, codes: str, code: str) -> str:
        """
        Return what a reader sees for some codes of a list that occur together, written with a plus between them.

        Examples
        --------
        >>> Words("en").combination("means_kind", "FORCE+ABUSE"), Words("en").combination("means_kind", "FORCE")
        ('force or coercion + abuse or payment', 'force or coercion alone')
        """
        names = [self.label(codes, one) for one in code.split("+")]
        return " + ".join(names) if len(names) > 1 else self("together.only", kind=names[0])

    def corridor(self, code: str) -> str:
        """
        Return what a reader sees for a corridor: two regions with an arrow between their codes.

        Examples
        --------
        >>> Words("en").corridor("CARIBBEAN>OUTSIDE")
        'The Caribbean → outside the Americas'
        """
        names = [self("step.REACH_OUTSIDE") if end == "OUTSIDE" else self.country(end) for end in code.split(">")]
        return self("corridor.name", start=names[0], end=names[1])

    def country(self, code: str) -> str:
        """Return the name of a country or region."""
        return area_name(code, self.language)
