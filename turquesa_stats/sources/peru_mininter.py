"""
Ministry of the Interior of Peru: police statistics of trafficking in persons by month, place and characteristic.

Source: https://www.datosabiertos.gob.pe/dataset/trata-de-personas; 86 codes a month and police unit, one value each, totals among
their parts. Values count victims, though the column's name speaks of complaints. Read here as national figures a year.
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
from turquesa_stats.sources.contract import REASON, Finding, Import, refuse_if_all
from turquesa_stats.sources.provenance import described
from turquesa_stats.sources.spreadsheet import ROW, counts, read_sheet, short

SOURCE_ID = "src_peru_mininter"
URL = "https://www.datosabiertos.gob.pe/dataset/trata-de-personas"
_AGENCY = "Ministerio del Interior (Perú)"
_YEAR, _MONTH, _BLOCK, _CODE, _VALUE = "AÑO", "MES", "categoría", "Denuncias por comisión", "Valor"
_PLACE = ("CCDD", "lugar", "PROVINCIA", "DISTRITO", "COMISARÍA")

# Peru's code -> (sex, age, exploitation, characteristic, code of the characteristic)
_Cell = tuple[str, str, str, str, str]


def _characteristics(characteristic: str, codes: dict[str, str]) -> dict[str, _Cell]:
    return {code: (TOTAL, TOTAL, TOTAL, characteristic, ours) for code, ours in codes.items()}


def _ages(sex: str, prefix: str) -> dict[str, _Cell]:
    ages = {
        "DE 0 A 5 AÑOS": "Y0T5",
        "DE 6 A 11 AÑOS": "Y6T11",
        "DE 12 A 17 AÑOS": "Y12T17",
        "DE 18 A 29 AÑOS": "Y18T29",
        "DE 30 A 59 AÑOS": "Y30T59",
        "DE 60 A MAS": "Y_GE60",
        "SUB TOTAL": TOTAL,
    }
    return {f"{prefix}_{text}": (sex, age, TOTAL, TOTAL, TOTAL) for text, age in ages.items()}


def _purposes(codes: dict[str, str]) -> dict[str, _Cell]:
    return {code: (TOTAL, TOTAL, ours, TOTAL, TOTAL) for code, ours in codes.items()}


_CELLS: dict[str, _Cell] = {
    **_ages("F", "EF"),
    **_ages("M", "EM"),
    "EM_EF_TOTAL": (TOTAL, TOTAL, TOTAL, "SEX_AGE", TOTAL),
    **_purposes(
        {
            "F1_EXPLOTACION LABORAL": "PUR_FORCED_LABOUR",
            "F1_EXPLOTACION SEXUAL": "PUR_SEXUAL",
            "F1_MENDICIDAD": "PUR_BEGGING",
            "F1_NO IDENTIFICADO": "_U",
            "F1_TRABAJOS Y SERVICIOS FORZADOS": "PUR_SERVITUDE",
            "F1_TRAFICO DE ORGANOS TEJIDO HUMANO": "PUR_ORGANS",
            "F1_VENTA DE NIÑOS": "PUR_ILLEGAL_ADOPTION",
        }
    ),
    "F1_TOTAL": (TOTAL, TOTAL, TOTAL, "PURPOSE", TOTAL),
    **_characteristics(
        "RECRUITMENT",
        {
            "C_INTERNET": "ONLINE",
            "C_OFERTA DE ESTUDIO": "STUDY_OFFER",
            "C_OFERTA DE TRABAJO": "JOB_OFFER",
            "C_OTRO (ESPECIFICAR)": "OTHER",
            "C_PADRINAZGO": "SPONSORSHIP",
            "C_SEDUCCION": "ROMANCE",
        },
    ),
    "C_TOTAL": (TOTAL, TOTAL, TOTAL, TOTAL, TOTAL),
    **_characteristics(
        "MEANS",
        {
            "M_ABUSO DE PODER": "MNS_ABUSE_POWER",
            "M_AMENAZA": "MNS_THREAT",
            "M_CONCESION O RECEPCION DE PAGOS": "MNS_PAYMENT",
            "M_ENGAÑO": "MNS_DECEPTION",
            "M_FRAUDE": "MNS_FRAUD",
            "M_OTRO (ESPECIFICAR)": "MNS_OTHER",
            "M_PRIVACION DE LA LIBERTAD": "MNS_DEPRIVATION",
            "M_VIOLENCIA": "MNS_FORCE",
            "M_TOTAL": TOTAL,
        },
    ),
    **_characteristics(
        "RELATION",
        {
            "P4_CONOCIDO": "FRIEND",
            "P4_CONYUGE": "INTIMATE",
            "P4_FAMILIAR": "FAMILY",
            "P4_OTRO (ESPECIFICAR)": "OTHER",
            "P4_TUTOR": "GUARDIAN",
            "P4_TOTAL": TOTAL,
        },
    ),
    **_characteristics(
        "VENUE",
        {
            "F2_ACTIVIDAD AGROPECUARIA": "FARM",
            "F2_ACTIVIDAD PESQUERA": "FISHING",
            "F2_ALBAÑILERIA": "CONSTRUCTION",
            "F2_CENTRO DE MASAJES": "MASSAGE",
            "F2_CENTRO DE PRODUCCION DE PORNOGRAFIA": "PORNOGRAPHY",
            "F2_DISCOTECA": "NIGHTCLUB_DISCO",
            "F2_ESTIBADORES": "DOCK",
            "F2_ESTUDIO DE MODELAJE": "MODELLING",
            "F2_FABRICA ARTESANAL DE LADRILOS": "BRICKS",
            "F2_MENDICIDAD/ VIA PUBLICA": "STREET_BEGGING",
            "F2_MINERIA ARTESANAL": "MINE",
            "F2_NIGHT CLUB": "NIGHT_CLUB",
            "F2_OTRO/ESPECIFICAR": "OTHER",
            "F2_PROSTIBULO": "BROTHEL",
            "F2_SEGREGACION DE BASURA": "WASTE",
            "F2_SERVICIO DOMESTICO": "DOMESTIC_SERVICE",
            "F2_TALA ILEGAL DE LA MADERA": "LOGGING",
            "F2_TALLERES PIROTECNICOS": "FIREWORKS",
            "F2_TRABAJO EN MERCADOS": "MARKET",
            "F2_TOTAL": TOTAL,
        },
    ),
    **_characteristics("REACH", {"T_INTERNACIONAL": "CB", "T_NACIONAL": "DOM", "T_TOTAL": TOTAL}),
    **_characteristics(
        "EDUCATION",
        {"P3_NO ESPECIFICA": "_U", "P3_PRIMARIA": "PRIMARY", "P3_SECUNDARIA": "SECONDARY", "P3_SUPERIOR": "HIGHER", "P3_TOTAL": TOTAL},
    ),
    **_characteristics(
        "REPORTER",
        {"P5_HERMANA": "SISTER", "P5_MADRE": "MOTHER", "P5_OTRO": "OTHER", "P5_UN FAMILIAR": "RELATIVE", "P5_TOTAL": TOTAL},
    ),
    **_characteristics(
        "DESTINATION",
        {
            "D_COMISARIA": "POLICE_STATION",
            "D_DESISTIMIENTO": "WITHDRAWN",
            "D_FISCALIA": "PROSECUTION",
            "D_JUEZ": "JUDGE",
            "D_OTRAS AUTORIDADES": "OTHER_AUTHORITY",
            "D_OTRO": "OTHER",
            "D_PENDIENTE DE INVESTIGACION": "UNDER_INVESTIGATION",
            "D_TOTAL": TOTAL,
        },
    ),
}
_DIMENSIONS = ["sex", "age", "exploitation", "characteristic", "characteristic_code"]


def read(path: Path, today: date) -> Import:
    """
    Read the ministry's file into national figures a year.

    Parameters
    ----------
    path : Path
        The Excel file as downloaded.
    today : date
        Date of reading, written into the tables.

    Raises
    ------
    SourceRefused
        If the file has not the ministry's columns, or a row without a year.
    """
    rows, _ = read_sheet(path, (_YEAR, _MONTH, *_PLACE, _BLOCK, _CODE, _VALUE))
    code = rows[_CODE].str.strip()
    value, year, month = (counts(rows[name]) for name in (_VALUE, _YEAR, _MONTH))
    undated = rows[~year.between(2000, 2100)]
    if len(undated):
        first = undated.iloc[0]
        raise SourceRefused(
            f"{path}, row {first[ROW]}, {_YEAR} '{short(first[_YEAR])}': not a year ({len(undated)} such rows); the row could belong to "
            "any year, so no year's sum would be right: correct it in the file"
        )
    known = code.isin(_CELLS) & month.between(1, 12)
    empty_block = _is_empty_block(year, rows[_BLOCK], code, value)
    reason = pd.Series(index=rows.index, dtype="str")
    for is_bad, text in (
        (empty_block, "whole block zero in a year with victims: not recorded, not zero"),
        (_is_in_part(rows, year, code, known & value.notna()), "a unit lacks this code in this year, or has it twice: no sum is right"),
        (value.isna(), "value is empty or not a count"),
        (~month.between(1, 12), "month is not one"),
        (~code.isin(_CELLS), "code not known to turquesa"),
    ):
        reason = reason.mask(is_bad, text)
    kept = pd.DataFrame({"year": year, "month": month, "code": code, "obs_value": value})[reason.isna()]
    refuse_if_all(path, reason)
    stat = _table(kept, today)
    return Import(
        tables={"official_stat": validate(stat, "official_stat"), "source": _source(path, today)},
        rows_read=len(rows),
        rows_kept=0,
        rows_merged=len(kept),
        set_aside=rows[reason.notna()].assign(**{REASON: reason.dropna()}),
        findings=_findings(stat, kept),
    )


def _is_in_part(rows: pd.DataFrame, year: pd.Series[float], code: pd.Series[str], readable: pd.Series[bool]) -> pd.Series[bool]:
    """
    Whether a code lacks a readable row of some police unit and month of its year, or has one twice: its sum would be wrong.

    A unit missing with all its rows cannot be told from one that never was.
    """
    unit = rows[[_MONTH, *_PLACE]].fillna("").agg("|".join, axis="columns")
    once = readable & ~pd.DataFrame({"year": year, "code": code, "unit": unit}).duplicated(keep=False)
    return once.groupby([year, code]).transform("sum").ne(unit.groupby(year).transform("nunique"))


def _is_empty_block(year: pd.Series[float], block: pd.Series[str], code: pd.Series[str], value: pd.Series[float]) -> pd.Series[bool]:
    """Whether the parts of a block are all zero in a year in which victims were recorded: the block was not filled in."""
    is_total = code.str.endswith("TOTAL").fillna(False).astype(bool)
    parts = value.where(~is_total, 0.0).groupby([year, block]).transform("sum")
    victims = value.where(code.eq("C_TOTAL"), 0.0).groupby(year).transform("sum")
    only_total = is_total.groupby(block).transform("all").eq(True)
    block_total = value.where(is_total, 0.0).groupby([year, block]).transform("sum")
    return parts.eq(0) & victims.gt(0) & ~only_total & (~is_total | block_total.eq(0))


def _table(kept: pd.DataFrame, today: date) -> pd.DataFrame:
    stat = kept.groupby(["year", "code"], as_index=False, sort=True)["obs_value"].sum()
    period = stat["year"].map(_periods(kept))
    cells = pd.DataFrame(stat["code"].map(_CELLS).tolist(), columns=_DIMENSIONS, index=stat.index)
    is_year = period.map(lambda p: p.is_year)
    figures = pd.DataFrame({name: cells[name] for name in _DIMENSIONS})
    return figures.assign(
        obs_value=stat["obs_value"],
        ref_area="PER",
        freq=is_year.map({True: "A", False: "I"}),
        time_period=period.map(str),
        period_start=pd.to_datetime(period.map(lambda p: p.start)),
        period_end=pd.to_datetime(period.map(lambda p: p.end)),
        indicator="tip_victims_detected",
        unit_measure="PERSONS",
        counterpart_area=TOTAL,
        iccs="0204",
        source_id=SOURCE_ID,
        source_agency=_AGENCY,
        edition=f"to {max(_periods(kept).values()).end:%Y-%m}",
        obs_lower=stat["obs_value"],
        obs_upper=stat["obs_value"],
        value_qual="EXACT",
        obs_status="A",
        conf_status="F",
        legal_basis=None,
        obs_comment=stat["code"],
        dup_no=1,
        conflict=False,
        source_sheet=None,
        source_row=None,
        record_version=1,
        loaded_at=pd.Timestamp(today),
    )


def _periods(kept: pd.DataFrame) -> dict[float, Period]:
    """Return year -> period covered: only the file's last year can be a part of a year (2023 stands in one month, whole)."""
    last = kept["year"].max()
    months = int(kept.loc[kept["year"].eq(last), "month"].max())
    periods = {year: Period.parse(f"{int(year)}") for year in kept["year"].unique()}
    periods[last] = Period(date(int(last), 1, 1), date(int(last), months, monthrange(int(last), months)[1]))
    return periods


def _source(path: Path, today: date) -> pd.DataFrame:
    title = "Ministerio del Interior del Perú: Trata de personas (datos abiertos)"
    one: dict[str, Any] = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": _AGENCY,
        "url": URL,
        "citation": f"{title}, {path.name}, {URL}",
        "retrieved_on": pd.Timestamp(today),
        "reporting_entity_type": "POLICE",
        "status": "revised",
        "licence": "Open data of the State of Peru (Open Data Commons Attribution)",
        "method_note": "Police statistics; values count victims. Parts need not add up to the totals, which are kept as published.",
    }
    return described([one], today)


def _findings(stat: pd.DataFrame, kept: pd.DataFrame) -> list[Finding]:
    total = stat[stat["characteristic"].eq(TOTAL) & (stat[["sex", "age", "exploitation"]] == TOTAL).all(axis=1)].set_index("time_period")[
        "obs_value"
    ]
    sex_age = stat[stat["characteristic"].eq("SEX_AGE")].set_index("time_period")["obs_value"]
    differs = total[sex_age.reindex(total.index).ne(total)]
    example = "; ".join(f"{year}: {sex_age[year]:g} by sex and age, {total[year]:g} in all" for year in differs.index if year in sex_age)
    months = kept.groupby("year")["month"].nunique()
    single = [f"{year:g}" for year in months.index[months.eq(1)]]
    return [
        Finding("years whose total by sex and age differs from the total", len(differs), example),
        Finding("years that stand in one single month, read as whole years", len(single), ", ".join(single)),
    ]
