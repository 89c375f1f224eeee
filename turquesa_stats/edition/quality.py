"""The quality report of a workspace: one HTML page for people, the same as JSON for machines, every hit as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.edition.single_page import single_page
from turquesa_stats.measures import quality
from turquesa_stats.present.words import Words
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.schema.codes import american_countries
from turquesa_stats.schema.custody import holds_restricted, make_private
from turquesa_stats.schema.inspection import Inspection, inspect
from turquesa_stats.schema.rules import Severity, rules
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.workspace import Workspace, replacing
from turquesa_stats.sources.spreadsheet import as_text_cells

_EXAMPLES = 12
_ROWS_SHOWN = 100
_HIT = ("key", "source_id", "source_sheet", "source_row", "column", "value")


def assess(workspace: Workspace, reports: Sequence[ReportFile]) -> tuple[dict[str, Any], pd.DataFrame]:
    """
    Assess a workspace.

    Parameters
    ----------
    workspace : Workspace
        The tables.
    reports : sequence of ReportFile
        The reports for which it is told what they would lack.

    Returns
    -------
    assessment : dict
        Text, numbers, lists and mappings alone: ``imports``, ``rules``, ``not_run``, ``held``, ``completeness``, ``reconciliation``,
        ``breaks``, ``conflicts``, ``reports``, ``restricted``, ``tables``.
    hits : DataFrame
        Every hit of every rule in the data as they stand.
    """
    tables = workspace.tables()
    inspection = inspect(tables)
    covered = workspace.coverage()
    assessment = {
        "workspace": workspace.fingerprint(),
        "restricted": any(table_schema(name).sensitivity == "R" and len(table) > 0 for name, table in tables.items()),
        "tables": {name: len(table) for name, table in tables.items()},
        "imports": _accounts(workspace),
        "rules": _broken(inspection),
        "not_run": dict(inspection.not_run),
        "held": _held(inspection),
        "completeness": _records(quality.completeness(tables)),
        "reconciliation": _records(quality.reconciliation(tables).sort_values("ratio", ascending=False, ignore_index=True)),
        "breaks": _records(_americas_first(quality.breaks(tables))),
        "conflicts": _records(_americas_first(quality.conflicts(tables))),
        "reports": {report.name: _lack(report.needs, covered) for report in reports},
    }
    return assessment, inspection.hits


def _accounts(workspace: Workspace) -> dict[str, Any]:
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((workspace.folder / "accounts").glob("*.json"))}
    return {name: account for name, account in found.items() if account}


def _broken(inspection: Inspection) -> list[dict[str, Any]]:
    """Return each rule with hits, the gravest first: how many in each table, and the first of them."""
    order = {str(severity): place for place, severity in enumerate(Severity)}
    found = []
    for rule, hits in inspection.hits.groupby("rule"):
        examples = hits.head(_EXAMPLES)[["table", *_HIT]].astype("object")
        found.append(
            {
                "rule": str(rule),
                "severity": min(hits["severity"], key=order.__getitem__),
                "action": str(rules()[str(rule)].action),
                "count": len(hits),
                "tables": {str(table): int(count) for table, count in hits["table"].value_counts().items()},
                "examples": examples.where(examples.notna(), None).to_dict("records"),
            }
        )
    return sorted(found, key=lambda one: (order[one["severity"]], one["rule"]))


def _held(inspection: Inspection) -> list[str]:
    return sorted(set(rules()) - set(inspection.hits["rule"]) - set(inspection.not_run))


def _lack(needs: Sequence[str], covered: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, dict[str, list[str]]]:
    """Return country -> need -> years held; an empty list where the country has nothing of it."""
    countries = sorted({country for need in needs for country in covered.get(need, {})})
    return {country: {need: list(covered.get(need, {}).get(country, [])) for need in needs} for country in countries}


def _americas_first(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("country", key=lambda countries: ~countries.isin(american_countries()), kind="stable", ignore_index=True)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records"))  # type: ignore[no-any-return]


def write_quality(workspace: Workspace, reports: Sequence[ReportFile], into: Path, language: str) -> list[Path]:
    """
    Write ``index.html``, ``quality.json`` and ``hits.csv``.

    Parameters
    ----------
    workspace : Workspace
        The tables.
    reports : sequence of ReportFile
        The reports for which it is told what they would lack.
    into : Path
        Folder of the files; made if it does not exist, each file replaced as a whole. Of restricted data it is for its owner alone.
    language : str
        Language of the page.

    Returns
    -------
    list of Path
        The files.
    """
    assessment, hits = assess(workspace, reports)
    written = {
        "index.html": page(assessment, language),
        "quality.json": json.dumps(assessment, ensure_ascii=False, indent=1),
        "hits.csv": as_text_cells(hits.drop(columns=["position", "set_to"])).to_csv(index=False),
    }
    if holds_restricted(workspace.folder):
        make_private(into)
    with replacing(into) as staged:
        for name, text in written.items():
            staged(name).write_text(text, encoding="utf-8")
    return [into / name for name in written]


def page(assessment: Mapping[str, Any], language: str) -> str:
    """
    Return the HTML page of an assessment.

    Parameters
    ----------
    assessment : mapping
        As :func:`assess` gives it.
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.
    """
    words = Words(language)
    return single_page(
        "turquesa_stats.edition",
        "quality.html.jinja",
        language,
        data=assessment,
        rules={
            name: {"title": rule.title[language], "rule": rule.rule[language], "mend": rule.mend[language]}
            for name, rule in rules().items()
        },
        shown=_ROWS_SHOWN,
        states=quality.STATES,
        fields=_overall(assessment["completeness"]),
        grid=json.dumps(_grid(assessment["completeness"], words), ensure_ascii=False).replace("<", "\\u003c"),
        label=lambda table, field: next((one.label[language] for one in table_schema(table).fields if one.name == field), field),
        table_title=lambda table: table_schema(table).title[language],
        need=lambda name: _need(name, words),
        years=_spans,
    )


def _overall(completeness: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[Any, Any]]]:
    """Return table -> field -> share of rows in each state, over all countries and years."""
    if not completeness:
        return {}
    summed = pd.DataFrame(completeness).groupby(["table", "field"], sort=False)[["n", *quality.STATES]].sum().reset_index()
    shares = summed.assign(**{state: 100 * summed[state] / summed["n"] for state in quality.STATES})
    return {str(table): rows.to_dict("records") for table, rows in shares.groupby("table", sort=False)}


def _grid(completeness: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    """Return table -> country -> field -> year -> [known, n], for the page's own grid."""
    grid: dict[str, Any] = {}
    for row in completeness:
        cells = grid.setdefault(row["table"], {}).setdefault(row["country"], {}).setdefault(row["field"], {})
        cells[row["year"]] = [row["known"], row["n"]]
    named = {code: words.country(code) if code else "" for of_table in grid.values() for code in of_table}
    labels = {table: {one.name: one.label[words.language] for one in table_schema(table).fields} for table in grid}
    return {"cells": grid, "countries": named, "labels": labels}


def _need(name: str, words: Words) -> str:
    kind, _, part = name.partition(".")
    if not part:
        return words(f"quality.need.{kind}")
    key = f"concept.{part}"
    return words(key) if words.has(key) else words.label("characteristic", part) if part != "EXPLOITATION" else words("column.form")


def _spans(years: Sequence[str]) -> str:
    """
    Return years with runs shortened.

    Examples
    --------
    >>> _spans(["2017", "2018", "2019", "2021"])
    '2017–2019, 2021'
    """
    runs: list[list[int]] = []
    for year in map(int, years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
