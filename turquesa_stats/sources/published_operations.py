"""Results of police operations typed from published releases, one citation a row: the folder ``data/published/operations``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import counts, read_sheet

_CITATION = ("source_title", "source_publisher", "source_url", "source_tier")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "operations": ("op_id", "name", "edition", "start", "end", "type", "coordination_places", "networks", *_CITATION),
    "results": ("op_id", "iso3", "metric", "value", "value_qual", "definition", "quote_check", *_CITATION),
    "countries": ("op_id", "iso3", *_CITATION),
}
_CODED = {"operations": {"type": "operation_type"}, "results": {"iso3": "area", "metric": "operation_metric", "value_qual": "value_qual"}}
_KEY = {"operations": ["op_id"], "results": ["op_id", "iso3", "metric", *_CITATION], "countries": ["op_id", "iso3"]}
_TIERS = ("1", "2", "3")
_BETWEEN = ";"


def read(path: Path, today: date) -> Import:
    """
    Read operations, the countries named as taking part, and the published results.

    Parameters
    ----------
    path : Path
        A folder with ``operations.csv``, ``countries.csv`` and ``results.csv``, as described in ``data/published/README.md``.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the path is no folder, a file is missing or has other columns, or a file has no row that can be kept.
    SchemaMismatch
        If a kept row does not fit the schema.
    """
    if not path.is_dir():
        raise SourceRefused(f"{path}: is no folder; give the one with {', '.join(f'{name}.csv' for name in _COLUMNS)}")
    files = {name: path / f"{name}.csv" for name in _COLUMNS}
    missing = [file.name for file in files.values() if not file.is_file()]
    if missing:
        raise SourceRefused(f"{path}: {', '.join(missing)} is missing")
    rows = {name: read_sheet(file, _COLUMNS[name])[0] for name, file in files.items()}
    known = rows["operations"]["op_id"]
    reason = {name: _reasons(name, table, known) for name, table in rows.items()}
    for name, why in reason.items():
        refuse_if_all(files[name], why)
    kept = {name: table[reason[name].isna()].reset_index(drop=True) for name, table in rows.items()}
    aside = [table.assign(**{REASON: reason[name]})[reason[name].notna()] for name, table in rows.items()]
    read_rows = sum(len(table) for table in rows.values())
    set_aside = pd.concat(aside, ignore_index=True)
    qualified = int(kept["results"]["value_qual"].ne("EXACT").sum())
    return Import(
        tables={name: validate(table, name) for name, table in _tables(kept, today).items()},
        rows_read=read_rows,
        rows_kept=read_rows - len(set_aside),
        set_aside=set_aside,
        findings=[Finding("results that the publisher qualifies (more than, about, nearly)", qualified)],
    )


def _reasons(name: str, rows: pd.DataFrame, known: pd.Series[str]) -> pd.Series[str]:
    """Return why each row is set aside; missing where it is kept."""
    reason = pd.Series(index=rows.index, dtype="str")
    tests = [
        (rows.duplicated(_KEY[name], keep=False), "its key stands twice: which is meant cannot be told"),
        (~rows["op_id"].isin(known), "its operation is not in operations.csv"),
        *((~rows[field].isin(code_list(codes).codes), f"{field} is not in its code list") for field, codes in _CODED.get(name, {}).items()),
        (rows[list(_CITATION)].isna().any(axis=1) | ~rows["source_tier"].isin(_TIERS), "no citation, or a tier other than 1, 2 or 3"),
        (~rows["op_id"].fillna("").str.fullmatch(r"op_[a-z0-9_]+"), "op_id is not op_ and small letters"),
    ]
    if name == "operations":
        start, end = (pd.to_datetime(rows[field], errors="coerce", format="%Y-%m-%d") for field in ("start", "end"))
        tests.append((start.isna() | end.isna() | start.gt(end), "period is not two ISO dates in their order"))
        tests.append((rows["name"].isna(), "it has no name"))
        tests.append(
            (~_networks(rows).map(lambda named: set(named) <= set(code_list("network").codes)), "a network is not in its code list")
        )
    elif name == "countries":
        tests.append((~rows["iso3"].isin(code_list("area").codes), "iso3 is not in its code list"))
    else:
        tests.append((counts(rows["value"]).isna(), "value is not a count"))
    for is_bad, text in tests:
        reason = reason.mask(is_bad, text)
    return reason


def _networks(rows: pd.DataFrame) -> pd.Series[list[str]]:
    return rows["networks"].fillna("").map(lambda text: [one.strip() for one in str(text).split(_BETWEEN) if one.strip()])


def _source_ids(rows: pd.DataFrame) -> pd.Series[str]:
    cited = rows["source_title"] + "|" + rows["source_url"]
    return "src_" + cited.map(lambda text: hashlib.sha256(text.encode()).hexdigest()[:12])


def _tables(kept: Mapping[str, pd.DataFrame], today: date) -> dict[str, pd.DataFrame]:
    made = {
        name: table.assign(source_id=_source_ids(table), record_version=1, loaded_at=pd.Timestamp(today)) for name, table in kept.items()
    }
    operations, shared = made["operations"], ["op_id", "source_id", "record_version", "loaded_at"]
    days = {field: pd.to_datetime(operations[field], format="%Y-%m-%d") for field in ("start", "end")}
    results = made["results"].assign(value=counts(made["results"]["value"]).astype("float64"), status="preliminary", version=1)
    network = operations[shared].assign(network=_networks(operations)).explode("network").dropna(subset="network")
    every = pd.concat(made.values(), ignore_index=True).drop_duplicates("source_id")
    return {
        "operation": operations[[*shared, "name", "edition", "type", "coordination_places"]].assign(
            **days, start_prec="D", end_prec="D", lead_entity="IO"
        ),
        "operation_network": network.reset_index(drop=True),
        "operation_country": made["countries"][[*shared, "iso3"]].assign(took_part="Y"),
        "operation_result": results[[*shared, "iso3", "metric", "value", "value_qual", "definition", "status", "version"]],
        "source": described([_source(row) for row in every.to_dict("records")], today),
    }


def _source(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "source_id": row["source_id"],
        "title": row["source_title"],
        "publisher": row["source_publisher"],
        "url": row["source_url"],
        "reporting_entity_type": "IO" if row["source_publisher"] == "INTERPOL" else "OTHER",
        "source_tier": int(str(row["source_tier"])),
        "status": "preliminary",
        "licence": "published fact, cited",
    }
