"""A threat assessment from its working folder: judgements, what they rest on, and last year's beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.validation import validate
from turquesa_stats.sources.assessment_checks import NONE, problems_of
from turquesa_stats.sources.assessment_folder import AssessmentFolder, Item, last_year_of, read_folder
from turquesa_stats.sources.contract import REASON, Import
from turquesa_stats.sources.provenance import described

REPORT = "annual-threat-assessment"
_TOLD = 5  # problems that a refusal names


def read(path: Path, today: date) -> Import:
    """
    Read a folder made by ``turquesa new assessment``.

    Parameters
    ----------
    path : Path
        The folder.
    today : date
        Date of reading.

    Raises
    ------
    SourceRefused
        If it is no folder, or has an error that ``turquesa lint`` tells.
    """
    if not path.is_dir():
        raise SourceRefused(f"{path}: is no folder; give the one that turquesa new assessment made")
    this, last = read_folder(path), last_year_of(path)
    errors = [problem for problem in problems_of(this, last) if problem.is_error]
    if errors:
        more = f"\n... and {len(errors) - _TOLD} more" if len(errors) > _TOLD else ""
        told = "\n".join(map(str, errors[:_TOLD]))
        raise SourceRefused(f"{path}: {len(errors)} errors; turquesa lint {path} lists them all\n{told}{more}")
    folders = [this] if last is None else [this, last]
    sources = {row["source_id"]: row for found in reversed(folders) for row in _sources(found, path)}
    tables = {"source": described(list(sources.values()), today)}
    judgement = pd.concat([_judgements(found, today) for found in folders], ignore_index=True)
    judgement["changed_from"] = judgement["changed_from"].where(judgement["changed_from"].isin(judgement["jid"]))
    tables["judgement"] = validate(judgement, "judgement", tables)
    basis = pd.concat([_basis(found, today) for found in folders], ignore_index=True)
    tables["judgement_basis"] = validate(basis, "judgement_basis", tables)
    entries = sum(len(found.judgements) + len(found.sources) for found in folders)
    return Import(tables, entries, entries, pd.DataFrame({REASON: pd.Series([], dtype="str")}), label=f"assessment-{_id(this)}")


def _id(found: AssessmentFolder) -> str:
    return f"{found.area.lower()}_{found.year}"


def _sources(found: AssessmentFolder, path: Path) -> list[dict[str, Any]]:
    synthetic = bool(found.head.given["synthetic"])
    own = {
        "source_id": f"src_assessment_{_id(found)}",
        "title": f"{found.head.given['publisher']}: judgements, {found.area}, {found.year}",
        "publisher": str(found.head.given["publisher"]),
        "url": path.name,
        "licence": "as published",
        "reporting_entity_type": "OTHER",
        "synthetic": synthetic,
    }
    return [own | {"citation": own["title"]}, *(_source(item, synthetic) for item in found.sources)]


def _source(item: Item, synthetic: bool) -> dict[str, Any]:
    given = item.given
    return {
        "source_id": item.id,
        **{name: str(given[name]) for name in ("title", "publisher", "url", "licence", "grade", "handling")},
        "method_note": str(given["method"]) if given.get("method") else None,
        "reporting_entity_type": str(given["body"]),
        "source_tier": int(given["tier"]),
        "grade_scheme": str(given["scheme"]),
        "synthetic": synthetic,
    }


def _shared(found: AssessmentFolder, today: date) -> dict[str, Any]:
    return {"source_id": f"src_assessment_{_id(found)}", "record_version": 1, "loaded_at": pd.Timestamp(today)}


def _judgements(found: AssessmentFolder, today: date) -> pd.DataFrame:
    terms, shared = code_list("likelihood_term"), _shared(found, today)
    rows = []
    for number, item in enumerate(found.judgements, start=1):
        term, before = str(item.given["likelihood"]), str(item.given["last_year"])
        texts = {"text": "statement", "gap": "would_change", "watch": "watch"}
        rows.append(
            {
                "jid": item.id,
                "report_id": REPORT,
                "area": found.area,
                "period": int(found.year),
                "number": number,
                "section": item.given["section"],
                **{f"{to}_{language}": item.text(name, language) for to, name in texts.items() for language in Language},
                "scale": found.scale,
                "term": term,
                "low": float(terms.rows[term]["low"]),
                "high": float(terms.rows[term]["high"]),
                "confidence": item.given["confidence"],
                "changed_from": None if before == NONE else before,
                **shared,
            }
        )
    return pd.DataFrame(rows)


def _basis(found: AssessmentFolder, today: date) -> pd.DataFrame:
    pairs = [(item.id, source) for item in found.judgements for source in dict.fromkeys(item.listed("sources"))]
    return pd.DataFrame(pairs, columns=["jid", "basis_source_id"]).assign(**_shared(found, today))
