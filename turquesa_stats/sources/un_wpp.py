"""
UN World Population Prospects 2024, every fifth year, by country, sex and five-year age group.

Source: United Nations, Department of Economic and Social Affairs, Population Division (2024), https://population.un.org/wpp/ (CC BY 3.0
IGO); medium variant, persons. The file is ``bokeh_sampledata/_data/population.csv.gz`` of the PyPI package ``bokeh-sampledata``.
"""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import TOTAL, code_list
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.place_names import area_of
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, SHEET, counts, short

SOURCE_ID = "src_un_wpp"
URL = "https://population.un.org/wpp/"
EDITION = "2024, medium variant"
_COLUMNS = ("Location", "Year", "Sex", "AgeGrp", "Value")
_REGION = "Micronesia"  # here the subregion; the country is "Micronesia (Fed. States of)"
_SEX = {"Male": "M", "Female": "F"}
_UNPACKED_AT_MOST = 2**28  # bytes; the file unpacks to 13 million


def read(path: Path, today: date) -> Import:
    """
    Read the package's file.

    Parameters
    ----------
    path : Path
        CSV file, packed or not.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not these columns.
    """
    rows = _rows(path)
    names = {name: area_of(name) for name in rows["Location"].dropna().unique() if name != _REGION}
    cells = pd.DataFrame(
        {
            "iso3": rows["Location"].map(names),
            "year": counts(rows["Year"]),
            "sex": rows["Sex"].map(_SEX),
            "age": rows["AgeGrp"].map(_ages()),
            "persons": counts(rows["Value"]),
        }
    )
    key = ["iso3", "year", "sex", "age"]
    reason = pd.Series(index=rows.index, dtype="str")
    for is_bad, text in (
        (cells[key].notna().all(axis=1) & cells.duplicated(key, keep=False), "country, year, sex and age stand twice: which is meant?"),
        (cells["persons"].isna(), "value is not a count"),
        (cells["sex"].isna() | cells["age"].isna() | ~cells["year"].between(1900, 2150), "year, sex or age group not known to turquesa"),
        (cells["iso3"].isna(), "not a country or area of ISO 3166: a region, or a name not known"),
    ):
        reason = reason.mask(is_bad, text)
    refuse_if_all(path, reason)
    kept = cells[reason.isna()]
    every = pd.concat([kept, *_totals(kept)], ignore_index=True)
    table = every.assign(wpp_edition=EDITION, source_id=SOURCE_ID, record_version=1, loaded_at=pd.Timestamp(today))
    return Import(
        tables={"population": validate(table, "population"), "source": _source(path, today)},
        rows_read=len(rows),
        rows_kept=len(kept),
        set_aside=rows[reason.notna()].assign(**{REASON: reason.dropna()}),
        findings=[
            Finding("totals over ages, over sexes and over both, added for complete countries and years", len(table) - len(kept)),
            Finding("years after the edition: projections", int(kept["year"].gt(2023).sum()), "2025"),
        ],
    )


def _rows(path: Path) -> pd.DataFrame:
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(path) as packed:
                data = packed.read(_UNPACKED_AT_MOST + 1)
            if len(data) > _UNPACKED_AT_MOST:
                raise SourceRefused(f"{path}: unpacks to more than {_UNPACKED_AT_MOST / 2**20:g} MiB")
        rows = pd.read_csv(io.BytesIO(data), dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except (OSError, EOFError, ValueError) as error:
        raise SourceRefused(f"{path}: cannot be read as a CSV file: {error}") from error
    lacking = [name for name in _COLUMNS if name not in rows]
    if lacking:
        raise SourceRefused(f"{path}: has no column {', '.join(lacking)}; found {', '.join(map(short, rows.columns[:8]))}")
    rows[SHEET], rows[ROW] = path.name, rows.index + 2
    return rows


def _ages() -> dict[str, str]:
    """Return the file's age groups -> codes."""
    codes = [code for code in code_list("population_age").codes if code != TOTAL]
    return {code.removeprefix("Y_GE") + "+" if "GE" in code else code[1:].replace("T", "-"): code for code in codes}


def _totals(kept: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the sums over age groups, sexes and both, of the countries and years that have every group of both sexes."""
    groups = kept.groupby(["iso3", "year"])["persons"].transform("size")
    whole = kept[groups.eq(2 * len(_ages()))]
    sums = []
    for over in (["age"], ["sex"], ["age", "sex"]):
        by = [name for name in ("iso3", "year", "sex", "age") if name not in over]
        total = whole.groupby(by)["persons"].sum().reset_index()
        total[over] = TOTAL
        sums.append(total)
    return sums


def _source(path: Path, today: date) -> pd.DataFrame:
    title = "United Nations, World Population Prospects 2024"
    one = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": "United Nations, Population Division",
        "url": URL,
        "citation": f"{title} (medium variant, every fifth year, as shipped by the package bokeh-sampledata, {path.name}), {URL}",
        "retrieved_on": pd.Timestamp(today),
        "reporting_entity_type": "IO",
        "licence": "CC BY 3.0 IGO",
        "method_note": "Estimates to 2023, projections after. Only every fifth year is here.",
    }
    return described([one], today)
