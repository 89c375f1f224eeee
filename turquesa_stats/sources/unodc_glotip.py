"""
UNODC data portal: detected victims, formal contact, prosecutions and convictions (Global Report on Trafficking in Persons).

Source: https://data.unodc.org/datareport/tip-victims; one row a published cell; ``<5`` stands for 0 to 4.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import TOTAL, UNKNOWN, code_list
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.place_names import area_of
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, SHEET, counts, read_sheet

SOURCE_ID = "src_unodc_glotip"
URL = "https://data.unodc.org/datareport/tip-victims"
_COLUMNS = ("Iso3_code", "Country", "Indicator", "Dimension", "Category", "Sex", "Age", "Year", "Unit of measurement", "Source")
_INDICATORS = {
    "Detected trafficking victims": ("tip_victims_detected", "PERSONS"),
    "Offences of trafficking in persons": ("tip_offences", "OFFENCES"),
    "Persons brought into formal contact": ("tip_formal_contact", "PERSONS"),
    "Persons convicted": ("tip_convictions", "PERSONS"),
    "Persons prosecuted": ("tip_prosecutions", "PERSONS"),
}
_SEX = {"Total": TOTAL, "Female": "F", "Male": "M", "Other": "_O", "Unknown": UNKNOWN}
_AGE = {"Total": TOTAL, "0 to 17 years": "Y_LT18", "18 years or over": "Y_GE18", "Unknown": UNKNOWN}
_FORMS = {"Sexual exploitation": "PUR_SEXUAL", "Forced labour": "PUR_FORCED_LABOUR", "Other forms of exploitation": "PUR_OTHER"}
_DIMENSIONS = {
    "Total": TOTAL,
    "by form of exploitation": TOTAL,
    "by citizenship": "CITIZENSHIP",
    "by country of repatriation": "REPATRIATION",
}
_UNLABELLED = "PUR_OTHER"  # the file prints several forms under this one label


def read(path: Path, today: date) -> Import:
    """
    Read the portal's file.

    Parameters
    ----------
    path : Path
        The Excel file as downloaded, with or without the preamble above the header.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not the portal's columns.
    """
    rows, preamble = read_sheet(path, _COLUMNS)
    value_column = next((name for name in ("txtVALUE", "VALUE") if name in rows), None)
    if value_column is None:
        raise SourceRefused(f"{path}: neither column txtVALUE nor VALUE; found {', '.join(rows.columns)}")
    cells = _cells(rows, value_column)
    reason = _why_not(rows, cells)
    refuse_if_all(path, reason)
    aside = rows[reason.notna()].assign(**{REASON: reason.dropna()})
    edition = _edition(preamble, path)
    stat = _table(cells[reason.isna()], edition, today)
    return Import(
        tables={"official_stat": validate(stat, "official_stat"), "source": _source(edition, path, today)},
        rows_read=len(rows),
        rows_kept=len(stat),
        set_aside=aside,
        findings=_findings(stat),
    )


def _cells(rows: pd.DataFrame, value_column: str) -> pd.DataFrame:
    value = counts(rows[value_column])
    below = rows[value_column].str.extract(r"^\s*<\s*([1-9][0-9]?)\s*$")[0].astype("float64")
    indicator = rows["Indicator"].map(_INDICATORS)
    by_area = rows["Dimension"].map(_DIMENSIONS).isin(["CITIZENSHIP", "REPATRIATION"])
    named = rows["Category"].where(by_area)
    counterpart = named.map({name: area_of(name) for name in named.dropna().unique()})
    counterpart = counterpart.mask(counterpart.eq("_OWN"), rows["Iso3_code"])
    exploitation = rows["Category"].map(_FORMS).where(rows["Dimension"].eq("by form of exploitation"))
    return pd.DataFrame(
        {
            "ref_area": rows["Iso3_code"],
            "time_period": rows["Year"],
            "indicator": indicator.str[0],
            "unit_measure": indicator.str[1],
            "counterpart_area": counterpart.where(by_area, TOTAL),
            "sex": rows["Sex"].map(_SEX),
            "age": rows["Age"].map(_AGE),
            "exploitation": exploitation.where(rows["Dimension"].eq("by form of exploitation"), TOTAL),
            "characteristic": rows["Dimension"].map(_DIMENSIONS),
            "obs_value": value,
            "obs_lower": value.mask(below.notna(), 0.0),
            "obs_upper": value.mask(below.notna(), below - 1),
            "censored": below.notna(),
            "obs_comment": rows["Category"].where(by_area),
            SHEET: rows[SHEET],
            ROW: rows[ROW],
        }
    )


def _why_not(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.Series[str]:
    """Return the reason to set each row aside; missing where it is kept."""
    by_area = cells["characteristic"].isin(["CITIZENSHIP", "REPATRIATION"])
    content = rows.drop(columns=ROW)
    tests: list[tuple[pd.Series[bool], str]] = [
        (rows["Iso3_code"].isna(), "no country code"),
        (~rows["Iso3_code"].isin(_iso_codes()), "code is not ISO 3166: a regional group, not a country"),
        (cells[["indicator", "characteristic", "sex", "age"]].isna().any(axis=1), "indicator, dimension, sex or age not known to turquesa"),
        (~rows["Year"].str.fullmatch(r"(19|20)\d\d").fillna(value=False).astype(bool), "year is not a year"),
        (rows["Unit of measurement"].ne("Counts"), "unit is not counts"),
        (cells["obs_lower"].isna(), "value is not a count"),
        (rows["Category"].isna(), "category is empty"),
        (cells["exploitation"].isna(), "form of exploitation not known to turquesa"),
        (by_area & cells["counterpart_area"].eq(TOTAL), "total standing among citizenships"),
        (by_area & cells["counterpart_area"].isna(), "country of citizenship or repatriation not recognised"),
        (content.duplicated() & cells["exploitation"].ne(_UNLABELLED), "exact duplicate of an earlier row"),
    ]
    reason = pd.Series(index=rows.index, dtype="str")
    for is_bad, text in reversed(tests):
        reason = reason.mask(is_bad, text)
    return reason


def _iso_codes() -> set[str]:
    return {code for code, row in code_list("area").rows.items() if row["iso2"]}


def _table(cells: pd.DataFrame, edition: str, today: date) -> pd.DataFrame:
    stat = cells.drop(columns="censored").assign(
        freq="A",
        period_start=pd.to_datetime(cells["time_period"] + "-01-01"),
        period_end=pd.to_datetime(cells["time_period"] + "-12-31"),
        characteristic_code=TOTAL,
        iccs="0204",
        source_id=SOURCE_ID,
        source_agency="UNODC",
        edition=edition,
        value_qual="EXACT",
        obs_status=cells["censored"].map({True: "Q", False: "A"}),
        conf_status=cells["censored"].map({True: "A", False: "F"}),
        legal_basis=None,
        record_version=1,
        loaded_at=pd.Timestamp(today),
    )
    key = [name for name in table_schema("official_stat").key if name != "dup_no"]
    group = stat.groupby(key, sort=False)
    return stat.assign(dup_no=group.cumcount() + 1, conflict=group["freq"].transform("size") > 1)


def _edition(preamble: pd.DataFrame, path: Path) -> str:
    for cell in preamble.stack():
        try:
            return datetime.strptime(str(cell), "%d/%m/%Y").date().isoformat()
        except ValueError:
            continue
    return path.stem


def _source(edition: str, path: Path, today: date) -> pd.DataFrame:
    title = "UNODC data portal: trafficking in persons (Global Report on Trafficking in Persons)"
    one: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": "UNODC",
        "url": URL,
        "citation": f"{title}, edition {edition}, file {path.name}, {URL}",
        "published_on": pd.to_datetime(edition, errors="coerce", format="%Y-%m-%d"),
        "retrieved_on": pd.Timestamp(today),
        "reporting_entity_type": "IO",
        "licence": "UN terms of use; figures cited with attribution",
        "method_note": "Counts below 5 are printed as <5 and stand for 0 to 4. Totals stand among parts and need not equal their sum.",
    }
    return described([one], today)


def _findings(stat: pd.DataFrame) -> list[Finding]:
    clash = stat[stat["conflict"] & stat["exploitation"].ne(_UNLABELLED)]
    unlabelled = stat[stat["conflict"] & stat["exploitation"].eq(_UNLABELLED)]
    censored = stat[stat["obs_status"].eq("Q")]
    return [
        Finding("counts censored by the source (<5), kept as the interval 0 to 4", len(censored)),
        Finding("rows that give several values for one key: all kept, none published", len(clash), _example(clash)),
        Finding(
            "several forms under the one label 'Other forms of exploitation': all kept, none published",
            len(unlabelled),
            _example(unlabelled),
        ),
    ]


def _example(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    first = rows.iloc[0]
    same = rows[
        (rows[["ref_area", "time_period", "indicator", "sex", "age"]] == first[["ref_area", "time_period", "indicator", "sex", "age"]]).all(
            axis=1
        )
    ]
    values = ", ".join(
        f"{low:g} to {high:g}" if low != high else f"{high:g}" for low, high in zip(same["obs_lower"], same["obs_upper"], strict=True)
    )
    lines = ", ".join(str(row) for row in same[ROW])
    return f"{first.ref_area} {first.time_period} {first.indicator} sex {first.sex} age {first.age}: {values} (rows {lines})"
