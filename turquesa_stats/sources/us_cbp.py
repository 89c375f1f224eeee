"""
US Customs and Border Protection: nationwide encounters by fiscal year, as events at the border; never persons, many of them no smuggling.

Source: https://www.cbp.gov/document/stats/nationwide-encounters; one row a month, state, demographic group, citizenship and legal title.
Fiscal years run from October to September and are named after the year in which they end.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.adding_up import added_up, used_rows
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.place_names import area_of
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, counts, read_sheet, short

SOURCE_ID = "src_us_cbp"
URL = "https://www.cbp.gov/document/stats/nationwide-encounters"
_AGENCY = "US Customs and Border Protection"
_YEAR, _MONTH, _DEMOGRAPHIC, _CITIZENSHIP, _COUNT = "Fiscal Year", "Month (abbv)", "Demographic", "Citizenship", "Encounter Count"
_COLUMNS = (_YEAR, _MONTH, "Land Border Region", "State", _DEMOGRAPHIC, _CITIZENSHIP, "Title of Authority", _COUNT)
_MONTHS = ("OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")  # of a fiscal year, in order
_GROUPS = {
    "Single Adults": "SINGLE_ADULTS",
    "FMUA": "FAMILY_UNIT",
    "UC / Single Minors": "UNACCOMPANIED_CHILDREN",
    "Accompanied Minors": "ACCOMPANIED_CHILDREN",
}


def read(path: Path, today: date) -> Import:
    """
    Read the published file into figures a fiscal year: all, by citizenship, by demographic group.

    Parameters
    ----------
    path : Path
        The CSV file as downloaded.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not these columns, or a row does not say its fiscal year or month: no sum would be right.
    """
    rows, _ = read_sheet(path, _COLUMNS)
    year = pd.to_numeric(rows[_YEAR].str.extract(r"^\s*((?:19|20)\d\d)(?:\.0)?\s*(?:\(FYTD\))?\s*$")[0])
    month = rows[_MONTH].str.strip().str.upper().map({name: place for place, name in enumerate(_MONTHS)})
    _refuse_undated(path, rows, year.isna() | month.isna())
    cells = pd.DataFrame(
        {
            "year": year,
            "month": month,
            "count": counts(rows[_COUNT]),
            "citizenship": rows[_CITIZENSHIP].map({name: _citizenship(name) for name in rows[_CITIZENSHIP].dropna().unique()}),
            "demographic": rows[_DEMOGRAPHIC].str.strip().map(_GROUPS),
            "twice": rows.duplicated([name for name in _COLUMNS if name != _COUNT], keep=False),
        }
    )
    cells["bad"] = cells["count"].isna() | cells["twice"]
    periods = _periods(cells)
    given = cells[cells["year"].isin([year for year, period in periods.items() if period is not None])]
    parts = [added_up(given, ["year"], split, "count", given["bad"]) for split in (None, "citizenship", "demographic")]
    reason = _why_not(cells, periods).where(~rows.index.isin(used_rows(parts)))
    refuse_if_all(path, reason)
    stat = _table(pd.concat(parts, ignore_index=True), periods, today)
    return Import(
        tables={"official_stat": validate(stat, "official_stat"), "source": _source(path, today)},
        rows_read=len(rows),
        rows_kept=0,
        rows_merged=int(reason.isna().sum()),
        set_aside=rows[reason.notna()].assign(**{REASON: reason.dropna()}),
        findings=_findings(cells, periods),
    )


def _refuse_undated(path: Path, rows: pd.DataFrame, undated: pd.Series[bool]) -> None:
    if undated.any():
        first = rows[undated].iloc[0]
        raise SourceRefused(
            f"{path}, row {first[ROW]}: {_YEAR} '{short(first[_YEAR])}', {_MONTH} '{short(first[_MONTH])}': not a fiscal year and month "
            f"({int(undated.sum())} such rows); the row could belong to any year, so no year's sum would be right: correct it in the file"
        )


def _citizenship(name: str) -> str | None:
    return "_OTHER" if name.strip().upper() == "OTHER" else area_of(name)


def _periods(cells: pd.DataFrame) -> dict[float, Period | None]:
    """Return fiscal year -> the days it covers, to its last month present; None where a month before that is not there."""
    periods: dict[float, Period | None] = {}
    for year in sorted(cells["year"].unique()):
        months = cells.loc[cells["year"].eq(year), "month"]
        last = int(months.max())
        ends_in = int(year) - (last < 3)
        month = (last + 9) % 12 + 1
        whole = set(months) == set(range(last + 1))
        end = date(ends_in, month, monthrange(ends_in, month)[1])
        periods[year] = Period(date(int(year) - 1, 10, 1), end) if whole else None
    return periods


def _why_not(cells: pd.DataFrame, periods: dict[float, Period | None]) -> pd.Series[str]:
    """Return the reason of each row that no figure has."""
    reason = pd.Series("another row of its figures cannot be read: no sum is right", index=cells.index, dtype="str")
    gap = cells["year"].isin([year for year, period in periods.items() if period is None])
    for is_bad, text in (
        (gap, "a month is missing before the last one of this fiscal year: no sum is right"),
        (cells["twice"], "a row of the same month, place, group, citizenship and title stands twice: no sum is right"),
        (cells["count"].isna(), "count is empty or not a count"),
    ):
        reason = reason.mask(is_bad, text)
    return reason


def _table(figures: pd.DataFrame, periods: dict[float, Period | None], today: date) -> pd.DataFrame:
    period = [periods[year] or Period(today, today) for year in figures["year"]]
    by_country, by_group = figures["citizenship"].notna(), figures["demographic"].notna()
    characteristic = pd.Series(TOTAL, index=figures.index).mask(by_country, "CITIZENSHIP").mask(by_group, "ENCOUNTER_DEMOGRAPHIC")
    return pd.DataFrame(
        {
            "ref_area": "USA",
            "freq": "I",
            "time_period": [str(one) for one in period],
            "period_start": pd.to_datetime([one.start for one in period]),
            "period_end": pd.to_datetime([one.end for one in period]),
            "indicator": "border_encounters",
            "unit_measure": "EVENTS",
            "counterpart_area": figures["citizenship"].fillna(TOTAL),
            "sex": TOTAL,
            "age": TOTAL,
            "exploitation": TOTAL,
            "characteristic": characteristic,
            "characteristic_code": figures["demographic"].fillna(TOTAL),
            "iccs": None,
            "source_id": SOURCE_ID,
            "source_agency": _AGENCY,
            "edition": f"to {max(one.end for one in period):%Y-%m}",
            "obs_value": figures["obs_value"],
            "obs_lower": figures["obs_value"],
            "obs_upper": figures["obs_value"],
            "value_qual": "EXACT",
            "obs_status": "A",
            "conf_status": "F",
            "legal_basis": None,
            "obs_comment": [f"US fiscal year {year:g}" for year in figures["year"]],
            "dup_no": 1,
            "conflict": False,
            "source_sheet": None,
            "source_row": None,
            "record_version": 1,
            "loaded_at": pd.Timestamp(today),
        }
    )


def _source(path: Path, today: date) -> pd.DataFrame:
    title = "US Customs and Border Protection: Nationwide Encounters"
    one: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": _AGENCY,
        "url": URL,
        "citation": f"{title}, {path.name}, {URL}",
        "retrieved_on": pd.Timestamp(today),
        "reporting_entity_type": "MIGRATION",
        "status": "revised",
        "licence": "Work of the United States government, public domain",
        "method_note": "Encounters are events: one person may be encountered several times; an encounter is not an offence of smuggling.",
    }
    return described([one], today)


def _findings(cells: pd.DataFrame, periods: dict[float, Period | None]) -> list[Finding]:
    partial = [f"{year:g} to {period.end:%Y-%m}" for year, period in periods.items() if period is not None and period.end.month != 9]
    unknown = cells["citizenship"].isna()
    return [
        Finding("rows of months, states and groups added up to figures a fiscal year", len(cells)),
        Finding("fiscal years read from October to their last month present", len(periods), ", ".join(f"{year:g}" for year in periods)),
        Finding("fiscal years that are not over", len(partial), ", ".join(partial)),
        Finding("rows whose citizenship is not recognised: their year has no figures by citizenship", int(unknown.sum())),
    ]
