"""The words of the reports, from gettext catalogues with symbolic keys: ``locale/<language>.po``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from turquesa_stats.errors import TurquesaError, nearest
from turquesa_stats.schema.codes import check_language, code_list


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return key -> text of a language."""
    path = files("turquesa_stats.present").joinpath(f"locale/{check_language(language)}.po")
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """
        Return the text of a key with its places filled.

        Raises
        ------
        TurquesaError
            If the key has no text, or a place no value.

        Examples
        --------
        >>> Words("es")("number.range", low="1", high="4")
        '1 a 4'
        """
        try:
            return self.raw(key).format(**values)
        except (KeyError, IndexError) as error:
            raise TurquesaError(f"word '{key}' ({self.language}): no value for {error}") from error

    def has(self, key: str) -> bool:
        """Whether a key has a text."""
        return key in catalogue(self.language)

    def raw(self, key: str) -> str:
        """Return the text of a key with its places as they are."""
        texts = catalogue(self.language)
        if key not in texts:
            raise TurquesaError(f"word '{key}' is not in the {self.language} catalogue; {nearest(key, texts)}")
        return texts[key]

    def label(self, codes: str, code: str) -> str:
        """Return what a reader sees for a code of a list."""
        return code_list(codes).label(code, self.language)

    def country(self, code: str) -> str:
        """Return the name of a country."""
        return self.label("area", code)
