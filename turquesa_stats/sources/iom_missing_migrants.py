"""
IOM Missing Migrants Project: deaths and disappearances on migration routes of the Americas, by region and year; minimum counts.

Source: https://missingmigrants.iom.int/downloads (CC BY 4.0); one row an incident, without a key. The persons are migrants who died or
disappeared on the way: whether anybody smuggled or trafficked them is not known.
"""

from __future__ import annotations

from calendar import month_name, monthrange
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL, UNKNOWN
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.adding_up import added_up, used_rows
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, counts, read_sheet, short

SOURCE_ID = "src_iom_missing_migrants"
URL = "https://missingmigrants.iom.int/downloads"
_YEAR, _REGION, _ROUTE, _CAUSE = "Incident year", "Region of Incident", "Migration route", "Cause of Death"
_DEAD, _MISSING, _BOTH = "Number of Dead", "Minimum Estimated Number of Missing", "Total Number of Dead and Missing"
_MONTH = "Reported Month"
_COLUMNS = (_YEAR, _MONTH, _REGION, _ROUTE, _CAUSE, _DEAD, _MISSING, _BOTH, "Country of Origin", "Region of Origin")
_VALUES = {"migrant_deaths": "dead", "migrant_missing": "missing"}
_REGIONS = {
    "North America": "IOM_NORTH_AMERICA",
    "Central America": "IOM_CENTRAL_AMERICA",
    "South America": "IOM_SOUTH_AMERICA",
    "Caribbean": "IOM_CARIBBEAN",
}
_ELSEWHERE = (
    "Mediterranean",
    "Europe",
    *(f"{part} Africa" for part in ("Northern", "Western", "Eastern", "Middle", "Southern")),
    *(f"{part} Asia" for part in ("Southern", "Western", "South-eastern", "Eastern", "Central")),
)
_ROUTES = {
    "US-Mexico border crossing": "US_MEXICO_BORDER",
    "Darien": "DARIEN",
    "Caribbean to US": "CARIBBEAN_USA",
    "Dominican Republic to Puerto Rico": "DOM_PRI",
    "Haiti to Dominican Republic": "HTI_DOM",
    "Venezuela to Caribbean": "VEN_CARIBBEAN",
    "Caribbean to Central America": "CARIBBEAN_CENTRAL_AMERICA",
}
_CAUSES = {
    "Drowning": "DROWNING",
    "Mixed or unknown": UNKNOWN,
    "Vehicle accident / death linked to hazardous transport": "TRANSPORT",
    "Harsh environmental conditions / lack of adequate shelter, food, water": "ENVIRONMENT",
    "Violence": "VIOLENCE",
    "Sickness / lack of access to adequate healthcare": "SICKNESS",
    "Accidental death": "ACCIDENT",
}
_SPLITS = {None: TOTAL, "route": "ROUTE", "cause": "CAUSE"}


def read(path: Path, today: date) -> Import:
    """
    Read the published file into figures of regions of the Americas and years: all, by route, by cause of death.

    Parameters
    ----------
    path : Path
        The CSV or Excel file as downloaded.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not these columns, or a row does not say its year or region: no sum would be right.
    """
    rows, _ = read_sheet(path, _COLUMNS)
    cells = pd.DataFrame(
        {
            "year": counts(rows[_YEAR]).where(lambda year: year.between(2000, 2100)),
            "region": rows[_REGION].str.strip().map(_REGIONS | dict.fromkeys(_ELSEWHERE, "")),
            "route": rows[_ROUTE].str.strip().map(_ROUTES).mask(rows[_ROUTE].isna(), UNKNOWN),
            "cause": rows[_CAUSE].map({text: _cause(text) for text in rows[_CAUSE].dropna().unique()}),
            "dead": counts(rows[_DEAD]),
            "missing": counts(rows[_MISSING]),
        }
    )
    _refuse_unplaced(path, rows, cells["year"].isna() | cells["region"].isna())
    repeated = rows.drop(columns=ROW).duplicated()
    american = cells["region"].ne("")
    given = cells[american & ~repeated]
    bad = {name: rows[column].notna() & cells[name].isna() for name, column in (("dead", _DEAD), ("missing", _MISSING))}
    figures = [
        added_up(given, ["region", "year"], split, value, bad[value].loc[given.index]).assign(
            indicator=indicator, characteristic=characteristic
        )
        for indicator, value in _VALUES.items()
        for split, characteristic in _SPLITS.items()
    ]
    reason = pd.Series("another row of its figures cannot be read: no sum is right", index=rows.index, dtype="str")
    for is_bad, text in (
        (bad["dead"] | bad["missing"], "number of dead or missing is not a count"),
        (repeated, "exact duplicate of an earlier row; the file has no key"),
        (~american, "region of incident outside the Americas"),
    ):
        reason = reason.mask(is_bad, text)
    reason = reason.where(~rows.index.isin(used_rows(figures)))
    refuse_if_all(path, reason)
    last = _last(rows, cells["year"])
    return Import(
        tables={"official_stat": validate(_table(figures, last, today), "official_stat"), "source": _source(path, today)},
        rows_read=len(rows),
        rows_kept=0,
        rows_merged=int(reason.isna().sum()),
        set_aside=rows[reason.notna()].assign(**{REASON: reason.dropna()}),
        findings=_findings(rows[american & ~repeated], given, last),
    )


def _refuse_unplaced(path: Path, rows: pd.DataFrame, unplaced: pd.Series[bool]) -> None:
    if unplaced.any():
        first = rows[unplaced].iloc[0]
        raise SourceRefused(
            f"{path}, row {first[ROW]}: {_YEAR} '{short(first[_YEAR])}', {_REGION} '{short(first[_REGION])}': not a year and region "
            f"known to turquesa ({int(unplaced.sum())} such rows); the row could belong to any sum, so none would be right"
        )


def _cause(text: str) -> str | None:
    """Return the code of a cause; several causes are joined by commas, which single causes hold too."""
    rest = text.strip()
    for name in sorted(_CAUSES, key=len, reverse=True):
        rest = rest.replace(name, "")
    if rest.strip(", "):
        return None
    return _CAUSES.get(text.strip(), "SEVERAL")


def _last(rows: pd.DataFrame, year: pd.Series[float]) -> Period:
    """Return what the file covers of its last year: to the last month of any incident, anywhere."""
    last = int(year.max())
    month = rows.loc[year.eq(last), _MONTH].str.strip().str.casefold().map({name.casefold(): n for n, name in enumerate(month_name)}).max()
    end = int(month) if pd.notna(month) else 12
    return Period(date(last, 1, 1), date(last, end, monthrange(last, end)[1]))


def _table(figures: list[pd.DataFrame], last: Period, today: date) -> pd.DataFrame:
    every = pd.concat(figures, ignore_index=True)
    period = [last if year == last.end.year else Period(date(int(year), 1, 1), date(int(year), 12, 31)) for year in every["year"]]
    code = every["route"].fillna(every["cause"]).fillna(TOTAL)
    return pd.DataFrame(
        {
            "ref_area": every["region"],
            "freq": ["A" if one.is_year else "I" for one in period],
            "time_period": [str(one) for one in period],
            "period_start": pd.to_datetime([one.start for one in period]),
            "period_end": pd.to_datetime([one.end for one in period]),
            "indicator": every["indicator"],
            "unit_measure": "PERSONS",
            "counterpart_area": TOTAL,
            "sex": TOTAL,
            "age": TOTAL,
            "exploitation": TOTAL,
            "characteristic": every["characteristic"],
            "characteristic_code": code,
            "iccs": None,
            "source_id": SOURCE_ID,
            "source_agency": "IOM Missing Migrants Project",
            "edition": f"to {last.end:%Y-%m}",
            "obs_value": every["obs_value"],
            "obs_lower": every["obs_value"],
            "obs_upper": None,  # every number is a minimum
            "value_qual": "EXACT",
            "obs_status": ["E" if one.is_year else "P" for one in period],
            "conf_status": "F",
            "legal_basis": None,
            "obs_comment": [f"minimum; number not known in {n} incidents" if n else "minimum" for n in every["unknown"]],
            "dup_no": 1,
            "conflict": False,
            "source_sheet": None,
            "source_row": None,
            "record_version": 1,
            "loaded_at": pd.Timestamp(today),
        }
    )


def _source(path: Path, today: date) -> pd.DataFrame:
    title = "IOM Missing Migrants Project: incidents of death and disappearance"
    one: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": "International Organization for Migration",
        "url": URL,
        "citation": f"{title}, {path.name}, {URL}",
        "retrieved_on": pd.Timestamp(today),
        "reporting_entity_type": "IO",
        "status": "revised",
        "licence": "CC BY 4.0",
        "method_note": "Minimum counts: many deaths are never recorded. Whether the persons were smuggled or trafficked is not known.",
    }
    return described([one], today)


def _findings(rows: pd.DataFrame, cells: pd.DataFrame, last: Period) -> list[Finding]:
    both = counts(rows[_BOTH])
    differs = both.ne(cells["dead"].fillna(0) + cells["missing"].fillna(0)) & both.notna()
    presumed = rows["Region of Origin"].str.endswith(" (P)").eq(True)
    unreadable = pd.concat([rows[(rows[name].notna() & counts(rows[name]).isna())] for name in (_DEAD, _MISSING)])
    return [
        *([] if last.is_year else [Finding("last year of the file, not over: its figures are of a part of the year", 1, str(last))]),
        Finding("incidents of the Americas added up to regions and years", len(rows)),
        Finding(
            "of these, number of dead not known: their sums are told as minimum, and not as if it were 0", int(cells["dead"].isna().sum())
        ),
        Finding("of these, a number of dead or missing that is no count: its sums are not given", len(unreadable), _places(unreadable)),
        Finding("of these, dead and missing do not add up to the total beside them", int(differs.sum()), _places(rows[differs])),
        Finding("of these, of a route not named: their years are not split by route", int(cells["route"].isna().sum())),
        Finding("of these, region of origin presumed; origins are in no table (several in a cell, most unknown)", int(presumed.sum())),
    ]


def _places(rows: pd.DataFrame) -> str:
    return f"rows {', '.join(str(row) for row in rows[ROW].head(3))}" if len(rows) else ""
