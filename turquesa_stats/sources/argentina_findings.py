"""What a reader of Argentina's hotline calls must know: the account of each file, what is in no table and why, what is strange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from turquesa_stats.sources.argentina_files import CALLS, PERSONS
from turquesa_stats.sources.cells import folded
from turquesa_stats.sources.contract import Finding
from turquesa_stats.sources.spreadsheet import ROW, SHEET, counts

_NTH = {"first": "", "second": "2", "third": "3"}
_USED = ("tema", "subtema", "referido_tipo", "edad_aparente", "fecha_ingreso_denuncia")  # what they say is in the tables or the reasons
_NAMED_FROM = 10  # a body that got fewer referrals is not named: some names are those of a person


def findings(
    cases: pd.DataFrame, victims: pd.DataFrame, rows: Mapping[str, pd.DataFrame], aside: pd.DataFrame, read_columns: set[str]
) -> list[Finding]:
    """
    Return what was found at least once.

    Parameters
    ----------
    cases, victims : DataFrame
        The rows of calls on trafficking, and of their direct victims.
    rows : mapping
        All rows of the two files.
    aside : DataFrame
        Places of the rows set aside.
    read_columns : set of str
        Columns of which a table has something.
    """
    told = [*_accounts(rows, aside), *_not_carried(rows, read_columns), *_strange(cases, victims, rows), *_referrals(cases)]
    return [finding for finding in told if finding.count]


def _accounts(rows: Mapping[str, pd.DataFrame], aside: pd.DataFrame) -> Iterator[Finding]:
    for kind, became in ((CALLS, "cases"), (PERSONS, "presumed victims")):
        gone = int(aside[SHEET].isin(rows[kind][SHEET].unique()).sum())
        read = len(rows[kind])
        yield Finding(f"rows of the file of {kind}", read, f"{read:,} = {read - gone:,} kept as {became} + {gone:,} set aside")
    numbers = {kind: frame["nro_registro_interno"].dropna().str.strip() for kind, frame in rows.items()}
    yield Finding("calls in which a person is named", int(numbers[CALLS].isin(numbers[PERSONS]).sum()))


def _not_carried(rows: Mapping[str, pd.DataFrame], read_columns: set[str]) -> Iterator[Finding]:
    for kind, frame in rows.items():
        used = {*read_columns, *_USED, SHEET, ROW, *(name for name in frame if str(name).startswith("derivacion"))}
        left = [str(name) for name in frame if name not in used]
        why = "place, hour, pregnancy, disability, the caller and free words could tell who a person is; others have no place"
        yield Finding(f"columns of the file of {kind} that are in no table: {why}", len(left), ", ".join(left))


def _strange(cases: pd.DataFrame, victims: pd.DataFrame, rows: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    cells = [name for name in rows[PERSONS] if name not in {SHEET, ROW}]
    again = rows[PERSONS].duplicated(cells)
    yield Finding("rows of persons that repeat another in every cell: kept, since the file has no key of persons", int(again.sum()))
    age = counts(victims["edad_aparente"])
    yield Finding("victims with an apparent age of 0, which stands for unknown: age unknown", int(age.eq(0).sum()))
    named = victims["nro_registro_interno"].str.strip()
    none = int((~cases["nro_registro_interno"].str.strip().isin(named)).sum())
    yield Finding("cases whose call names no direct victim: the number of victims is unknown, not 0", none)
    about = named.map(cases.assign(number=cases["nro_registro_interno"].str.strip()).set_index("number")["subtema"]).fillna("").map(folded)
    only_children = about.isin(["explotacion sexual ninas, ninos y adolescentes", "explotacion laboral ninas, ninos y adolescentes"])
    yield Finding(
        "victims of an apparent age of 18 or more in calls on the exploitation of children: kept as adults",
        int((only_children & age.ge(18)).sum()),
    )
    if "subtema" in victims:
        differ = victims["subtema"].fillna("").map(folded).ne(about)
        yield Finding("victims with another subtheme than their call: that of the call counts", int(differ.sum()))


def _referrals(cases: pd.DataFrame) -> Iterator[Finding]:
    """Yield what the file says of referrals; no table of the data model has a place for them."""
    opened = pd.to_datetime(cases["fecha_ingreso"], format="%Y-%m-%d", errors="coerce")
    any_taken = pd.Series(False, index=cases.index)
    for nth, mark in _NTH.items():
        columns = [f"derivacion{mark}_{what}" for what in ("institucion", "fecha", "judicializa")]
        if not set(columns) <= set(cases):
            continue
        institution, day, taken = (cases[column] for column in columns)
        body = institution.dropna().str.strip()
        many = body.value_counts()
        told = "; ".join(f"{name} {count:,}" for name, count in many[many.ge(_NAMED_FROM)].items())
        yield Finding(f"cases with a {nth} referral, in no table", len(body), told)
        before = pd.to_datetime(day.str.slice(0, 10), format="%Y-%m-%d", errors="coerce") < opened
        yield Finding(f"cases with the day of the {nth} referral before that of the call: the day of the call is kept", int(before.sum()))
        any_taken |= taken.fillna("").map(folded).eq("si")
    yield Finding(
        "cases of which a referral was taken to court (judicializa), in no table: no charge and no accused is known", int(any_taken.sum())
    )
