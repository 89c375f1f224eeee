"""A new working folder for a year's threat assessment: files to fill in, last year's beside; nothing is ever overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.codes import Language, code_list
from turquesa_stats.schema.likelihood import terms_of
from turquesa_stats.sources.assessment_checks import FEWEST, JUDGEMENT_KEYS, NONE, SOURCE_KEYS, TEXTS
from turquesa_stats.sources.assessment_folder import HEAD, JUDGEMENTS, LAST_YEAR, SOURCES, AssessmentFolder, read_folder

_KEPT = (HEAD, JUDGEMENTS, SOURCES)
_DEFAULT_SCALE = "ICD203"


def new_assessment(year: int, region: str, into: Path, last_year: Path | None = None) -> list[Path]:
    """
    Make the folder.

    Parameters
    ----------
    year : int
        The year that the assessment is of.
    region : str
        Code of its region.
    into : Path
        The folder; it must not exist, or be empty.
    last_year : Path, optional
        Last year's folder, which is copied beside; a judgement to fill in is made for each of its judgements.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    SourceRefused
        If the folder holds anything, or last year's is none, of another region or not of an earlier year.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise SourceRefused(f"{into}: exists and is not empty; nothing is overwritten. Give another folder with --into")
    last = _checked(last_year, year, region) if last_year else None
    scale = (last.scale if last else "") or _DEFAULT_SCALE
    texts = {
        "README.md": _readme(year, region, scale),
        HEAD: f"# Region, year, and the one scale of likelihood: {', '.join(code_list('likelihood_scale').codes)}.\n"
        f"region: {region}\nyear: {year}\nscale: {scale}\npublisher:\nsynthetic: false\n",
        SOURCES: "\n".join(_sources_text(last)),
        JUDGEMENTS: "\n".join(_judgements_text(year, last)),
    }
    into.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in texts.items():
        (into / name).write_text(text, encoding="utf-8")
        made.append(into / name)
    if last is not None:
        (into / LAST_YEAR).mkdir()
        for name in _KEPT:
            shutil.copyfile(last.folder / name, into / LAST_YEAR / name)
            made.append(into / LAST_YEAR / name)
    return made


def _checked(folder: Path, year: int, region: str) -> AssessmentFolder:
    last = read_folder(folder)
    if last.problems:
        raise SourceRefused(f"{folder}: cannot stand as last year's: {last.problems[0]}")
    if last.area != region or not last.year < str(year):
        raise SourceRefused(f"{folder}: is of {last.area} {last.year}; last year's must be of {region} and a year before {year}")
    return last


def _readme(year: int, region: str, scale: str) -> str:
    terms = code_list("likelihood_term")
    rows = "\n".join(f"| {term} | " + " | ".join(terms.label(term, language) for language in Language) + " |" for term in terms_of(scale))
    text = files("turquesa_stats.sources").joinpath("assessment_files/README.md").read_text(encoding="utf-8")
    sections = ", ".join(f"`{code}`" for code in code_list("assessment_section").codes)
    return text.format(year=year, region=region, sections=sections, terms=rows)


def _sources_text(last: AssessmentFolder | None) -> Iterator[str]:
    yield "# Each source once. scheme: ADMIRALTY or EUROPOL4X4; grade: in that scheme; body, handling: codes of the data dictionary."
    held = [item.given for item in last.sources] if last else [{"id": "src_", "tier": 1, "handling": "H0"}]
    for given in held:
        for place, key in enumerate(SOURCE_KEYS):
            yield f"{'- ' if place == 0 else '  '}{key}: {_scalar(given.get(key))}".rstrip()
        yield ""


def _scalar(value: object) -> str:
    import json

    return "" if value is None else str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _judgements_text(year: int, last: AssessmentFolder | None) -> Iterator[str]:
    yield "# Six to ten judgements; README.md says what each key is. turquesa lint tells what is still to do."
    followed = list(last.judgements) if last else []
    for number in range(1, max(FEWEST, len(followed)) + 1):
        before = followed[number - 1] if number <= len(followed) else None
        known = {"id": f"j_{year}_{number:02d}", "last_year": before.id if before else NONE}
        known |= {"section": str(before.given.get("section"))} if before else {}
        if before:
            yield f"# Last year ({before.given.get('likelihood')}): {' '.join(before.text('statement', Language.EN).split())}"
        for place, key in enumerate(JUDGEMENT_KEYS):
            start = "- " if place == 0 else "  "
            if key in TEXTS:
                yield f"{start}{key}:"
                yield from (f"    {language}:" for language in Language)
            else:
                yield f"{start}{key}: {'[]' if key == 'sources' else known.get(key, '')}".rstrip()
        yield ""
