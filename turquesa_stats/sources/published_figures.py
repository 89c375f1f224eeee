"""Official figures typed from published reports, one citation a row: ``data/published/official_figures.csv``."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd

from turquesa_stats.period import Period
from turquesa_stats.schema.codes import TOTAL, code_list
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, SHEET, counts, read_sheet

_COLUMNS = [
    "ref_area",
    "time_period_start",
    "time_period_end",
    "indicator",
    "unit",
    "sex",
    "age",
    "purpose",
    "value",
    "value_qual",
    "obs_status",
    "source_agency",
    "source_title",
    "source_url",
    "source_year",
    "quote_check",
    "note",
]
_CODED = ("ref_area", "indicator", "sex", "value_qual", "obs_status")
_AGE = {TOTAL: TOTAL, "CHILD": "Y_LT18", "ADULT": "Y_GE18"}
_PURPOSE = {
    TOTAL: TOTAL,
    "SEXUAL": "PUR_SEXUAL",
    "LABOUR": "PUR_FORCED_LABOUR",
    "DOMESTIC": "PUR_DOMESTIC",
    "SERVITUDE": "PUR_SERVITUDE",
    "BEGGING": "PUR_BEGGING",
    "FORCED_MARRIAGE": "PUR_FORCED_MARRIAGE",
    "SERVILE_MARRIAGE": "PUR_FORCED_MARRIAGE",
    "FORCED_CRIME": "PUR_FORCED_CRIME",
    "ILLEGAL_ADOPTION": "PUR_ILLEGAL_ADOPTION",
    "ORGANS": "PUR_ORGANS",
    "SEXUAL_AND_LABOUR": "PUR_SEXUAL_AND_LABOUR",
    "OTHER": "PUR_OTHER",
    "UNKNOWN": "_U",
}
_ISSUERS = ("INTERPOL", "UNODC", "IOM")  # publish their own counts; others relay those of a State
_OPEN_ABOVE, _OPEN_BOTH, _OPEN_BELOW = ("MORE_THAN",), ("ABOUT", "CLOSE_TO"), ("NEARLY",)


def read(path: Path, today: date) -> Import:
    """
    Read a file of published figures.

    Parameters
    ----------
    path : Path
        CSV with the columns described in ``data/published/README.md``.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the columns are not those.
    SchemaMismatch
        If a kept row does not fit the schema.
    """
    rows, _ = read_sheet(path, _COLUMNS)
    value = counts(rows["value"])
    bounds = rows[["time_period_start", "time_period_end"]].apply(pd.to_datetime, errors="coerce", format="%Y-%m-%d")
    reason = pd.Series(index=rows.index, dtype="str")
    for is_bad, text in (
        (rows.drop(columns=ROW).duplicated(), "exact duplicate of an earlier row"),
        (~rows["purpose"].isin(_PURPOSE) | ~rows["age"].isin(_AGE), "purpose or age group not known to turquesa"),
        *((~rows[name].isin(_codes(name)), f"{name} is not in its code list") for name in _CODED),
        (~rows["unit"].str.upper().isin(_codes("unit_measure")), "unit is not in its code list"),
        (bounds.isna().any(axis=1) | bounds.iloc[:, 0].gt(bounds.iloc[:, 1]), "period is not two ISO dates in their order"),
        (value.isna(), "value is not a count"),
        (rows["source_url"].isna() | rows["source_title"].isna(), "no citation"),
    ):
        reason = reason.mask(is_bad, text)
    refuse_if_all(path, reason)
    kept = rows[reason.isna()].assign(value=value, start=bounds.iloc[:, 0], end=bounds.iloc[:, 1])
    stat = _table(kept, today)
    return Import(
        tables={"official_stat": validate(stat, "official_stat"), "source": _sources(kept, today)},
        rows_read=len(rows),
        rows_kept=len(kept),
        set_aside=rows[reason.notna()].assign(**{REASON: reason.dropna()}),
        findings=[
            Finding("figures that the source qualifies (more than, about, nearly)", int(kept["value_qual"].ne("EXACT").sum())),
            Finding("figures of one key with several values in one source: all kept, none published", int(stat["conflict"].sum())),
        ],
    )


def _codes(name: str) -> list[str]:
    """Return the codes that the schema allows in a field of ``official_stat``."""
    lists = {field.name: field.codes for field in table_schema("official_stat").fields}
    return code_list(lists[name] or "").codes


def _source_ids(rows: pd.DataFrame) -> pd.Series[str]:
    cited = rows["source_title"] + "|" + rows["source_url"]
    return "src_" + cited.map(lambda text: hashlib.sha256(text.encode()).hexdigest()[:12])


def _table(kept: pd.DataFrame, today: date) -> pd.DataFrame:
    period = [Period(start.date(), end.date()) for start, end in zip(kept["start"], kept["end"], strict=True)]
    qualified = kept["value_qual"]
    stat = pd.DataFrame(
        {
            "ref_area": kept["ref_area"],
            "freq": ["A" if p.is_year else "I" for p in period],
            "time_period": [str(p) for p in period],
            "period_start": kept["start"],
            "period_end": kept["end"],
            "indicator": kept["indicator"],
            "unit_measure": kept["unit"].str.upper(),
            "counterpart_area": TOTAL,
            "sex": kept["sex"],
            "age": kept["age"].map(_AGE),
            "exploitation": kept["purpose"].map(_PURPOSE),
            "characteristic": TOTAL,
            "characteristic_code": TOTAL,
            "iccs": None,
            "source_id": _source_ids(kept),
            "source_agency": kept["source_agency"].fillna("government"),
            "edition": kept["source_year"],
            "obs_value": kept["value"],
            "obs_lower": kept["value"].mask(qualified.isin(_OPEN_BOTH + _OPEN_BELOW)),
            "obs_upper": kept["value"].mask(qualified.isin(_OPEN_BOTH + _OPEN_ABOVE)),
            "value_qual": qualified,
            "obs_status": kept["obs_status"],
            "conf_status": "F",
            "legal_basis": None,
            "obs_comment": kept["note"],
            "source_sheet": kept[SHEET],
            "source_row": kept[ROW],
            "record_version": 1,
            "loaded_at": pd.Timestamp(today),
        }
    )
    key = [name for name in table_schema("official_stat").key if name != "dup_no"]
    group = stat.groupby(key, sort=False)
    return stat.assign(dup_no=group.cumcount() + 1, conflict=group["freq"].transform("size") > 1)


def _sources(kept: pd.DataFrame, today: date) -> pd.DataFrame:
    cited = kept.assign(source_id=_source_ids(kept)).drop_duplicates("source_id")
    publisher = cited["source_title"].str.split(",").str[0]
    rows = [
        {
            "source_id": source_id,
            "title": title,
            "publisher": name,
            "url": url,
            "reporting_entity_type": "IO" if name in _ISSUERS else "OTHER",
            "source_tier": 1 if name in _ISSUERS else 2,
            "licence": "published fact, cited",
        }
        for source_id, title, name, url in zip(cited["source_id"], cited["source_title"], publisher, cited["source_url"], strict=True)
    ]
    return described(rows, today)
