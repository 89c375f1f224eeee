"""The plan: which documents are to be made, decided before anything runs; all problems at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from turquesa_stats.errors import PlanRefused, TurquesaError, UnknownParameter, nearest
from turquesa_stats.period import Period
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.schema.codes import check_language
from turquesa_stats.schema.regions import check_area, is_region, regions
from turquesa_stats.schema.workspace import CASE_TABLES

ALL, LATEST = "all", "latest"
Coverage = Mapping[str, Mapping[str, Sequence[str]]]
_KEYS = {"reports", "countries", "periods", "languages", "formats", "formats_of", "exclude", "sections"}


class Format(StrEnum):
    """What a document can be typeset as."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """One document to execute once, and the formats to typeset it in."""

    report: str
    country: str
    period: Period
    language: str
    formats: tuple[Format, ...]
    sections: str = ALL

    @property
    def stem(self) -> str:
        """The document's path without ending, within the folder of documents."""
        return f"{self.language}/{self.country}/{self.period.slug}/{self.report}"

    @property
    def parameters(self) -> dict[str, str]:
        """What is injected into the report."""
        return {"country": self.country, "period": str(self.period), "language": self.language} | self._cut

    @property
    def _cut(self) -> dict[str, str]:
        return {} if self.sections == ALL else {"sections": self.sections}

    @property
    def command(self) -> str:
        """The command that makes this document alone."""
        return (
            f"turquesa render --report {self.report} --country {self.country} --period {self.period} "
            f"--language {self.language} --format {','.join(self.formats)}" + "".join(f" --sections={cut}" for cut in self._cut.values())
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """What is asked for; ``all`` stands for every one, the period ``latest`` for each country's and report's latest."""

    reports: tuple[str, ...]
    countries: tuple[str, ...]
    periods: tuple[str, ...]
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    formats_of: Mapping[str, tuple[str, ...]]
    exclude: tuple[Mapping[str, str], ...] = ()
    sections: str = ALL

    @classmethod
    def read(cls, path: Path, name: str) -> Grid:
        """
        Read one grid of a grid file.

        Raises
        ------
        PlanRefused
            If the file or the grid does not exist, or has an unknown key.
        """
        if not path.is_file():
            raise PlanRefused(f"{path}: no such grid file")
        grids: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if name not in grids:
            raise PlanRefused(f"{path}: no grid '{name}'; {nearest(name, grids)}")
        written = grids[name]
        for key in written:
            if key not in _KEYS:
                raise PlanRefused(f"{path}: grid {name} has the unknown key '{key}'; {nearest(key, _KEYS)}")
        lists = {key: _texts(written.get(key, ALL)) for key in ("reports", "countries", "periods", "languages", "formats")}
        of = {report: _texts(formats) for report, formats in written.get("formats_of", {}).items()}
        return cls(
            **lists, formats_of=of, exclude=tuple(written.get("exclude", ())), sections=",".join(_texts(written.get("sections", ALL)))
        )


def _texts(written: object) -> tuple[str, ...]:
    listed = written if isinstance(written, list) else [written]
    return tuple(str(one) for one in listed)


def available_years(needs: Sequence[str], country: str, coverage: Coverage) -> list[str]:
    """Return the years for which a country has anything that a report needs."""
    return sorted({year for need in needs for year in coverage.get(need, {}).get(country, [])})


def _has_data(needs: Sequence[str], country: str, period: Period, coverage: Coverage) -> bool:
    """Whether the period holds a whole year of official figures, or touches a year of case-level records."""
    for need in needs:
        for year in coverage.get(need, {}).get(country, []):
            whole = Period.parse(year)
            if period.contains(whole) or (need in CASE_TABLES and whole.start <= period.end and period.start <= whole.end):
                return True
    return False


def make_plan(grid: Grid, reports: Mapping[str, ReportFile], coverage: Coverage) -> list[Job]:
    """
    Return the documents that a grid asks for.

    Parameters
    ----------
    grid : Grid
        What is asked for.
    reports : mapping
        The reports by name.
    coverage : mapping
        Need -> country -> years, of the workspace.

    Raises
    ------
    PlanRefused
        With every wrong name and value, every explicit selection without data, or if nothing is selected.
    """
    problems: list[str] = []
    names = _checked(grid.reports, list(reports), lambda name: _known("report", name, reports), problems)
    covered = sorted({country for by in coverage.values() for country in by})
    countries = _checked(grid.countries, covered, check_area, problems)
    languages = _checked(grid.languages, [], check_language, problems)
    formats = {report: _formats(asked, problems) for report, asked in {"": grid.formats, **grid.formats_of}.items()}
    periods = [text for text in grid.periods if text in (ALL, LATEST) or _attempt(Period.parse, text, problems)]
    for report in grid.formats_of:
        _attempt(lambda name: _known("report", name, reports), report, problems)
    if problems:
        raise PlanRefused("\n".join(dict.fromkeys(problems)))
    problems += _misfits(names, countries, reports, grid)
    jobs = set()
    for report, country, language in itertools.product(names, countries, languages):
        if not _fits(reports[report], country):
            continue
        chosen = formats[report] if report in grid.formats_of else formats[""]
        for period in _periods_of(periods, reports[report].needs, country, coverage, report, problems, explicit=ALL not in grid.countries):
            job = Job(report, country, period, language, chosen, grid.sections)
            if not any(_excludes(rule, job) for rule in grid.exclude):
                jobs.add(job)
    problems += _collisions(jobs)
    if problems:
        raise PlanRefused("\n".join(dict.fromkeys(problems)))
    if not jobs:
        raise PlanRefused("nothing is selected: no country has data for these reports and periods; see turquesa plan")
    return sorted(jobs)


def _fits(report: ReportFile, country: str) -> bool:
    """Whether a report of countries is asked of a country, and one of regions of a region."""
    return (report.of == "region") == is_region(country)


def _misfits(names: Sequence[str], countries: Sequence[str], reports: Mapping[str, ReportFile], grid: Grid) -> list[str]:
    """Tell what was asked for by name and fits nothing else that was asked for."""
    told = []
    for name in () if ALL in grid.reports else names:
        if countries and not any(_fits(reports[name], country) for country in countries):
            allowed = ", ".join(regions()) if reports[name].of == "region" else "a country, such as COL"
            told.append(f"report {name} is made of a {reports[name].of}, not of {', '.join(countries)}; allowed: {allowed}")
    if told or ALL in grid.countries:
        return told
    of_regions = ", ".join(name for name, report in reports.items() if report.of == "region") or "none"
    return [
        f"no report asked for is made of {country}; made of regions: {of_regions}"
        for country in countries
        if names and not any(_fits(reports[name], country) for name in names)
    ]


def _collisions(jobs: Iterable[Job]) -> list[str]:
    """Two documents must not have one path, not even where a disk takes small and capital letters for the same."""
    by_path: dict[str, list[Job]] = {}
    for job in sorted(jobs):
        by_path.setdefault(job.stem.casefold(), []).append(job)
    return [
        f"reports {' and '.join(dict.fromkeys(job.report for job in same))} would be written to the same file {same[0].stem}; rename one"
        for same in by_path.values()
        if len(same) > 1
    ]


def _checked(asked: Sequence[str], every: list[str], check: Any, problems: list[str]) -> list[str]:
    if ALL in asked and every:
        return every
    return [str(value) for value in (_attempt(check, text, problems) for text in asked) if value]


def _attempt(check: Any, text: str, problems: list[str]) -> Any:
    try:
        return check(text)
    except TurquesaError as error:
        problems.append(str(error))
        return None


def _known(kind: str, name: str, allowed: Mapping[str, object]) -> str:
    if name not in allowed:
        raise UnknownParameter(f"{kind} '{name}' does not exist; {nearest(name, allowed)}")
    return name


def _formats(asked: Sequence[str], problems: list[str]) -> tuple[Format, ...]:
    every = list(Format)
    if ALL in asked:
        return tuple(every)
    known = {str(one): one for one in every}
    names = [_attempt(lambda name: _known("format", name, known), text, problems) for text in asked]
    return tuple(dict.fromkeys(known[name] for name in names if name))


def _periods_of(
    periods: Sequence[str], needs: Sequence[str], country: str, coverage: Coverage, report: str, problems: list[str], *, explicit: bool
) -> list[Period]:
    years = available_years(needs, country, coverage)
    found: list[Period] = []
    for text in periods:
        if text == ALL:
            found += [Period.parse(year) for year in years]
        elif text == LATEST:
            found += [Period.parse(year) for year in years[-1:]]
        elif _has_data(needs, country, Period.parse(text), coverage):
            found.append(Period.parse(text))
        elif explicit:
            problems.append(_no_data(report, country, text, years))
    if explicit and not years and not problems:
        problems.append(_no_data(report, country, ", ".join(periods), years))
    return found


def _no_data(report: str, country: str, period: str, years: Sequence[str]) -> str:
    if not years:
        return f"report {report}: {country} has no data at all in this workspace; import a source that covers it"
    start = Period.parse(period).start.year if period not in (ALL, LATEST) else int(years[-1])
    closest = min(years, key=lambda year: abs(int(year) - start))
    return f"report {report}: {country} has no data for period {period}; did you mean {closest}? It has {', '.join(years)}"


def _excludes(rule: Mapping[str, str], job: Job) -> bool:
    values = {"report": job.report, **job.parameters}
    return all(str(wanted) == values.get(key) for key, wanted in rule.items())
