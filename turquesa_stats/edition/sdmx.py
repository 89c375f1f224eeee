"""Official figures as SDMX: observations as SDMX-CSV 2.0, and their structure with code lists in four languages as SDMX-ML 2.1."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from turquesa_stats.edition.cells import as_cells, csv_bytes
from turquesa_stats.edition.datapackage import cited, integrity, licences, tabular
from turquesa_stats.edition.sdmx_structure import STRUCTURE_ID, structure
from turquesa_stats.errors import ExportRefused
from turquesa_stats.period import Period
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.tables import Field, FieldType, Role, table_schema

TABLE = "official_stat"
_TIME, _MEASURE = "time_period", "obs_value"
_ATTRIBUTES = ("obs_lower", "obs_upper", "value_qual", "iccs", "obs_status", "conf_status", "legal_basis", "obs_comment")
_TARGET = {"STRUCTURE": "dataflow", "STRUCTURE_ID": STRUCTURE_ID, "ACTION": "I"}  # I: information, neither addition nor deletion
_BREAK = r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+"


def components() -> tuple[list[Field], Field, list[Field]]:
    """Return what identifies a figure (time last), what holds its value, and what says more of it."""
    schema = table_schema(TABLE)
    fields = {field.name: field for field in schema.fields}
    of_source = {field.name: field for field in table_schema("source").fields}
    unit_mult = Field(
        name="unit_mult",
        type=FieldType.INTEGER,
        nullable=False,
        role=Role.NONE,
        standard=("X",),
        label={language: Words(language)("export.unit_mult") for language in Language},
        description={language: Words(language)("export.unit_mult_meaning") for language in Language},
    )
    dimensions = [*(fields[name] for name in schema.key if name != _TIME), fields[_TIME]]
    return dimensions, fields[_MEASURE], [*(fields[name] for name in _ATTRIBUTES), unit_mult, of_source["synthetic"]]


def sdmx_resources(rows: pd.DataFrame, sources: pd.DataFrame) -> dict[str, tuple[dict[str, Any], bytes]]:
    """
    Return path -> descriptor and content of the observations and of their structure.

    Parameters
    ----------
    rows : DataFrame
        The figures that leave.
    sources : DataFrame
        The unrestricted sources.

    Raises
    ------
    ExportRefused
        If two figures have one key.
    """
    used = sources[sources["source_id"].isin(rows["source_id"])]
    table = observations(rows, used)
    content = csv_bytes(table)
    fields = [{"name": name, "type": "number" if name in {"OBS_VALUE", "OBS_LOWER", "OBS_UPPER"} else "string"} for name in table]
    shared = {"licenses": licences(used), "sources": cited(used)}
    about = {**tabular(f"{TABLE}-sdmx", {"fields": fields}), "title": "Official statistics as SDMX-CSV 2.0", **shared}
    about["mediatype"] = "application/vnd.sdmx.data+csv; version=2.0.0"
    message = structure(*components(), used)
    described = {"profile": "data-resource", "name": f"{TABLE}-structure", "title": "SDMX structure of the official statistics", **shared}
    described |= {"format": "xml", "mediatype": "application/vnd.sdmx.structure+xml; version=2.1", "encoding": "utf-8"}
    return {
        path: ({**descriptor, "path": path, **integrity(data)}, data)
        for path, descriptor, data in ((f"sdmx/{TABLE}.csv", about, content), ("sdmx/structure.xml", described, message))
    }


def observations(rows: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """
    Return the columns of SDMX-CSV 2.0: what they belong to, dimensions, the value, attributes; a missing value stays empty.

    Line breaks within a text become spaces: many readers of SDMX-CSV take each line for an observation.
    """
    identifying, value, further = components()
    dimensions = [field.name for field in identifying]
    made_up = rows["source_id"].isin(sources.loc[sources["synthetic"], "source_id"])
    cells = as_cells(rows, TABLE).assign(unit_mult="0", synthetic=made_up.map({True: "true", False: "false"}))
    cells[_TIME] = [
        sdmx_period(Period(start.date(), end.date())) for start, end in zip(rows["period_start"], rows["period_end"], strict=True)
    ]
    texts = cells[[field.name for field in (*identifying, value, *further)]].astype("string")  # a column may be missing altogether
    table: pd.DataFrame = texts.apply(lambda column: column.str.replace(_BREAK, " ", regex=True))
    repeated = table.duplicated(dimensions)
    if repeated.any():
        raise ExportRefused(f"table {TABLE}: two figures have one SDMX key: {', '.join(table.loc[repeated, dimensions].iloc[0])}")
    return table.rename(columns=str.upper).assign(**_TARGET)[[*_TARGET, *table.columns.str.upper()]]


def sdmx_period(period: Period) -> str:
    """
    Return a period as SDMX writes it: a year, half-year, quarter or month by its name, any other by its first day and its length.

    Examples
    --------
    >>> sdmx_period(Period.parse("2021-Q3")), sdmx_period(Period.parse("2018-04-01/2019-03-31"))
    ('2021-Q3', '2018-04-01/P1Y')
    >>> sdmx_period(Period.parse("2022-11-28/2022-12-02"))
    '2022-11-28/P5D'
    """
    text = str(period)
    if "/" not in text:
        return text
    after = period.end + timedelta(days=1)
    years = after.year - period.start.year
    whole = years > 0 and (after.month, after.day) == (period.start.month, period.start.day)
    return f"{period.start.isoformat()}/P" + (f"{years}Y" if whole else f"{(after - period.start).days}D")
