"""
Calls to hotline 145 of Argentina: one case for each call on trafficking in persons, one presumed victim for each direct victim named in it.

Source: http://datos.jus.gob.ar/dataset/lucha-contra-la-trata-de-personas-llamados-linea-145-denuncias, in the layout used since 2020. Its
theme is always trafficking; what a call is about stands in the free words of its subtheme, and ``data/schema/aliases/linea145_subtema.csv``
decides for each of them: trafficking is what names it, one of its acts in Argentine law (offering, recruiting, transferring), a deceptive
offer of work, or a form of exploitation; another offence alone, a missing person and words that do not say are not. The columns are in
``data/schema/maps/argentina_linea145.yml``.

Whom a caller accuses is accused by no authority, and a relative is no victim of trafficking: neither enters a table. The records are those
of persons: rows set aside are told by their place in the file, without their cells.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from turquesa_stats.schema.location import project_root
from turquesa_stats.sources.argentina_files import CALLS, COLUMNS, PERSONS, pair
from turquesa_stats.sources.argentina_findings import findings
from turquesa_stats.sources.cells import folded
from turquesa_stats.sources.column_map import ColumnMap, read_map
from turquesa_stats.sources.contract import REASON, Import, refuse_if_all
from turquesa_stats.sources.intake import Sheet, source_told, taken_in, taker
from turquesa_stats.sources.register import Keys, mapped
from turquesa_stats.sources.spreadsheet import ROW, SHEET, counts, read_sheet

_NUMBER, _NOT_STATED = "nro_registro_interno", "not stated"
_TRAFFICKING = "TIP"
_NOT_TRAFFICKING = {
    "OTHER_OFFENCE": "its subtheme is another offence than trafficking in persons",
    "MISSING_PERSON": "its subtheme is a missing person, not said to be trafficked",
    "NO_OFFENCE": "its subtheme is no offence: a question, health, Covid-19 rules and the like",
    "NOT_SAID": "its subtheme does not say what the call is about",
}
_NOT_PERTINENT, _DIRECT = "llamada no pertinente", "victima directa"
_NO_VICTIM = {
    "acusado": "named by a caller as accused: no authority has accused this person",
    "victima indirecta": "relative of a victim: not a victim of trafficking",
    "victima indirecta - familiar": "relative of a victim: not a victim of trafficking",
}
_GROUPS = {"Y0T5": 5, "Y6T11": 11, "Y12T17": 17, "Y18T29": 29, "Y30T59": 59, "Y_GE60": 120}  # oldest of each
_CHILD = ("Y0T5", "Y6T11", "Y12T17")


class Subtheme(NamedTuple):
    """What a subtheme is about, and the purposes of exploitation that it names (``;`` between them, ``_U`` where it names none)."""

    topic: str
    purposes: str


@dataclass(frozen=True, slots=True)
class _Judged:
    """Rows of a file with the reason why each is set aside; missing where it is kept."""

    rows: pd.DataFrame
    reason: pd.Series[str]

    @property
    def kept(self) -> pd.DataFrame:
        return self.rows[self.reason.isna()].reset_index(drop=True)

    @property
    def aside(self) -> pd.DataFrame:
        return _places(self.rows).assign(**{REASON: self.reason})[self.reason.notna()]


def read(path: Path, today: date) -> Import:
    """
    Read the two files into cases, presumed victims and the purposes of their exploitation.

    Parameters
    ----------
    path : Path
        The folder with the file of calls and the file of persons, or either of them with the other beside it.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If one of the files is not there or cannot be read, or no call is kept.
    """
    files, how = pair(path), read_map("argentina_linea145")
    rows = {kind: read_sheet(file, COLUMNS[kind])[0] for kind, file in files.items()}
    calls = _Judged(rows[CALLS], _why_no_case(rows[CALLS]))
    refuse_if_all(files[CALLS], calls.reason)
    persons = _Judged(rows[PERSONS], _why_no_victim(rows[PERSONS], calls))
    made = {CALLS: _with_victims_counted(calls.kept, persons.kept), PERSONS: _with_age_and_purposes(persons.kept, calls.kept)}
    keys = Keys()
    sheets = [_sheet(files[kind].name, kind, made[kind], how, keys) for kind in (CALLS, PERSONS)]
    result = taken_in(path, sheets, str(how.source["id"]), source_told(how), today)
    aside = pd.concat([part for part in (calls.aside, persons.aside, result.set_aside) if len(part)] or [calls.aside], ignore_index=True)
    rows_read = len(calls.rows) + len(persons.rows)
    read_columns = {column for block in how.blocks for one in block.fields.values() for column in one.columns}
    told = findings(made[CALLS], made[PERSONS], rows, aside, read_columns)
    return replace(result, rows_read=rows_read, rows_kept=rows_read - len(aside), set_aside=aside, findings=[*result.findings, *told])


def _sheet(name: str, kind: str, rows: pd.DataFrame, how: ColumnMap, keys: Keys) -> Sheet:
    blocks = [block for block in how.blocks if block.sheet == kind]
    made = mapped(rows, blocks, how, keys)
    return Sheet(name, how.rows[kind], len(rows), taker(_places(rows)), made.tables, made.misfits)


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[SHEET, ROW]]


@cache
def subthemes() -> Mapping[str, Subtheme]:
    """Return every subtheme that has been decided, by its folded words."""
    path = project_root() / "data" / "schema" / "aliases" / "linea145_subtema.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {folded(row["subtema"]): Subtheme(row["topic"], row["purposes"]) for row in csv.DictReader(file)}


def _decided(calls: pd.DataFrame, what: str) -> pd.Series[str]:
    """Return the topic, or the purposes, of the subtheme of each call; missing where nobody has decided."""
    words = _words(calls["subtema"])
    of = {word: getattr(subthemes()[word], what) for word in words.unique() if word in subthemes()}
    return words.map(of).astype("str")


def _words(cells: pd.Series[str]) -> pd.Series[str]:
    return cells.fillna("").map(folded)


def _why_no_case(calls: pd.DataFrame) -> pd.Series[str]:
    topic, number = _decided(calls, "topic"), calls[_NUMBER].str.strip()
    reason = topic.map(_NOT_TRAFFICKING).astype("str")
    reason = reason.mask(topic.isna(), "its subtheme is not in data/schema/aliases/linea145_subtema.csv: decide there what it is")
    reason = reason.mask(_words(calls["subtema"]).eq(""), _NOT_TRAFFICKING["NOT_SAID"])
    reason = reason.mask(_words(calls["tema"]).ne("trata"), "its theme is not trafficking in persons")
    reason = reason.mask(_words(calls["via_ingreso"]).eq(_NOT_PERTINENT), "the hotline marked the call as not pertinent")
    reason = reason.mask(number.duplicated(keep=False), "its number stands on more than one call")
    return reason.mask(number.isna() | number.eq(""), "it has no number")


def _why_no_victim(persons: pd.DataFrame, calls: _Judged) -> pd.Series[str]:
    kind, number = _words(persons["referido_tipo"]), persons[_NUMBER].str.strip()
    reason = kind.map(_NO_VICTIM).astype("str")
    strange = kind.ne(_DIRECT) & reason.isna()
    reason = reason.mask(strange, "referido_tipo says neither direct victim nor accused nor indirect victim")
    reason = reason.mask(~number.isin(calls.kept[_NUMBER].str.strip()), "its call was set aside")
    return reason.mask(~number.isin(calls.rows[_NUMBER].dropna().str.strip()), "no call has its number")


def _with_victims_counted(calls: pd.DataFrame, victims: pd.DataFrame) -> pd.DataFrame:
    """Return the calls with the number of direct victims named; a call that names none does not say that there are none."""
    named = calls[_NUMBER].str.strip().map(victims[_NUMBER].str.strip().value_counts())
    return calls.assign(**{"<direct victims>": named.astype("Int64").astype("str").fillna(_NOT_STATED)})


def _with_age_and_purposes(victims: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """Return the victims with group and status by apparent age, and with the purposes that the subtheme of their call names."""
    text = victims["edad_aparente"].str.strip()
    age = counts(text)
    group = pd.cut(age, [0, *_GROUPS.values()], labels=list(_GROUPS)).astype("str")  # 0 is what the file has for unknown
    status = group.map({name: "MINOR" if name in _CHILD else "ADULT" for name in _GROUPS}).astype("str")
    unknown = text.isna() | text.eq("") | age.eq(0)
    purposes = _decided(calls, "purposes").set_axis(calls[_NUMBER].str.strip())
    return victims.assign(
        **{
            "genero": victims["genero"].mask(victims["genero"].fillna("").str.strip().eq(""), _NOT_STATED),
            "<group of apparent age>": group.mask(unknown, _NOT_STATED).fillna(text),  # what is no age is refused with its place
            "<status by apparent age>": status.mask(unknown, _NOT_STATED).fillna(text),
            "<purposes of the call>": victims[_NUMBER].str.strip().map(purposes).astype("str"),
        }
    )
