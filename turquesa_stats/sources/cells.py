"""Cells of a register as values of a field: codes, dates with their precision, numbers; and why a cell is empty."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
from babel.dates import get_month_names

from turquesa_stats.schema.codes import NOT_ASKED, code_list
from turquesa_stats.schema.completion import PRECISION, WHY_EMPTY
from turquesa_stats.schema.tables import Field, FieldType
from turquesa_stats.sources.column_map import ColumnMap, Made
from turquesa_stats.sources.place_names import area_of

_TRUE, _FALSE = ("1", "true", "yes", "y", "si", "oui", "sim"), ("0", "false", "no", "n", "non", "nao")
_MIDNIGHT = r"[ T]00:00:00(?:\.0+)?$"


@dataclass(frozen=True, slots=True)
class Read:
    """
    Cells read as a field.

    Attributes
    ----------
    fields : dict
        Field -> values: the field itself, and its precision or its reason to be empty where the schema has one.
    must_be : Series
        What a cell that cannot be read must be; missing where it was read.
    """

    fields: dict[str, pd.Series[Any]]
    must_be: pd.Series[str]


def read_cells(cells: pd.Series[str], field: Field, made: Made, how: ColumnMap) -> Read:
    """
    Read cells as values of a field.

    Parameters
    ----------
    cells : Series of str
        Text as in the register; missing where empty.
    field : Field
        The field of the schema.
    made : Made
        Its words and codes.
    how : ColumnMap
        The register's dates, marks and words for nothing.
    """
    text = cells.str.strip()
    text = text.mask(text.eq(""))
    empty = text.map(folded, na_action="ignore").map({folded(word): kind for word, kind in how.missing.items()})
    why = empty.mask(text.isna(), NOT_ASKED)
    given = text.where(why.isna())
    if field.type is FieldType.DATE:
        return _dates(given, why, field, how)
    if field.type in {FieldType.INTEGER, FieldType.NUMBER}:
        return _numbers(given, why, field, how)
    if field.type is FieldType.BOOLEAN:
        return _words(given, why, field, dict.fromkeys(_TRUE, "true") | dict.fromkeys(_FALSE, "false"), "yes or no")
    if field.codes is not None:
        return _codes(given, why, field, made)
    return _texts(given, why, field, made)


def _texts(given: pd.Series[str], why: pd.Series[str], field: Field, made: Made) -> Read:
    """Read text; where its pattern allows the codes for nothing, an empty cell says why it is empty."""
    words = {folded(word): code for word, code in made.codes.items()}
    value = given.map(folded, na_action="ignore").map(words).fillna(given)
    says_why = field.pattern is not None and re.fullmatch(field.pattern, NOT_ASKED) is not None
    return Read({field.name: value.fillna(why) if says_why else value}, _nothing(given))


def _codes(given: pd.Series[str], why: pd.Series[str], field: Field, made: Made) -> Read:
    words = _own_words(str(field.codes)) | {folded(word): code for word, code in made.codes.items()}
    code = given.map(folded, na_action="ignore").map(words)
    if field.codes == "area":
        code = code.fillna(given.map({name: area_of(name) for name in given.dropna().unique()}))
    if made.otherwise is not None:
        code = code.mask(given.notna() & code.isna(), made.otherwise)
    allowed = [*made.codes, *code_list(str(field.codes)).codes][:12]
    bad = given.notna() & code.isna()
    in_list = why.where(why.isin(code_list(str(field.codes)).codes) & (not field.nullable))
    return Read(
        {field.name: code.fillna(in_list)},
        _nothing(given).mask(bad, f"a word of the map or code of list {field.codes}: {', '.join(allowed)} ..."),
    )


def _words(given: pd.Series[str], why: pd.Series[str], field: Field, words: Mapping[str, str], must_be: str) -> Read:
    value = given.map(folded, na_action="ignore").map(words)
    boolean = value.map({"true": True, "false": False}).astype("boolean")
    return Read({field.name: boolean}, _nothing(given).mask((given.notna() & value.isna()) | (why.notna() & (not field.nullable)), must_be))


def _dates(given: pd.Series[str], why: pd.Series[str], field: Field, how: ColumnMap) -> Read:
    text = given.str.replace(_MIDNIGHT, "", regex=True)
    text = text.str.casefold()
    if text.str.contains(r"[^\W\d_]", regex=True, na=False).any():
        for name, number in _months(how.language).items():
            text = text.str.replace(rf"\b{re.escape(name)}\.?(?=\W|$)", number, regex=True)
    value = pd.Series(pd.NaT, index=given.index, dtype="datetime64[s]")
    precision = pd.Series(index=given.index, dtype="str")
    for form in how.dates:
        numeric = re.sub("%.|.", _literal, form)
        parsed = pd.to_datetime(text.where(value.isna()), format=numeric, errors="coerce").astype("datetime64[s]")
        precision = precision.mask(parsed.notna(), "D" if "%d" in form else "M" if "%m" in numeric else "Y")
        value = value.fillna(parsed)
    bad = given.notna() & value.isna()
    told = {field.name: value, f"{field.name}{PRECISION}": precision.fillna(why)}
    return Read(told, _nothing(given).mask(bad, f"a date like {' or '.join(how.dates)}"))


def _literal(part: re.Match[str]) -> str:
    """Return a part of a date's format: names of months are numbers by now, other letters small ones."""
    return {"%B": "%m", "%b": "%m"}.get(part[0], part[0] if part[0].startswith("%") else part[0].casefold())


def _numbers(given: pd.Series[str], why: pd.Series[str], field: Field, how: ColumnMap) -> Read:
    mark, thousands = re.escape(how.decimal), re.escape(how.thousands)
    grouped = rf"|-?[0-9]{{1,3}}(?:{thousands}[0-9]{{3}}){{1,4}}(?:{mark}[0-9]{{1,15}})?" if how.thousands else ""
    readable = given.str.fullmatch(rf"-?[0-9]{{1,15}}(?:{mark}[0-9]{{1,15}})?{grouped}").eq(True)
    plain = given.where(readable)
    plain = plain.str.replace(how.thousands, "", regex=False) if how.thousands else plain
    value = pd.to_numeric(plain.str.replace(how.decimal, ".", regex=False)).astype("float64")
    whole = value.isna() | value.mod(1).eq(0) | (field.type is FieldType.NUMBER)
    bad = given.notna() & (value.isna() | ~whole)
    kind = "a whole number" if field.type is FieldType.INTEGER else "a number"
    read = value.where(~bad)
    typed = read.astype("Int64") if field.type is FieldType.INTEGER else read
    return Read({field.name: typed, f"{field.name}{WHY_EMPTY}": why}, _nothing(given).mask(bad, kind))


def _nothing(cells: pd.Series[str]) -> pd.Series[str]:
    return pd.Series(index=cells.index, dtype="str")


def folded(word: str) -> str:
    """
    Return a word without accents, capitals and needless blanks, as words of a register are compared.

    Examples
    --------
    >>> folded("  Víctima  DIRECTA")
    'victima directa'
    """
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().casefold()
    return " ".join(plain.split())


@cache
def _own_words(name: str) -> dict[str, str]:
    codes = code_list(name)
    words = {folded(code): code for code in codes.codes}
    return words | ({folded(row["iso2"]): code for code, row in codes.rows.items() if row["iso2"]} if name == "area" else {})


@cache
def _months(language: str) -> dict[str, str]:
    names = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, locale=language).items():
            names[name.casefold().removesuffix(".")] = f"{number:02d}"
    if language == "es":
        names |= {"setiembre": "09", "set": "09"}
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))
