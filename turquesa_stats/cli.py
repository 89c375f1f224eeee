"""The command ``turquesa``: thin; nothing heavy is imported before a command needs it."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turquesa_stats import __version__
from turquesa_stats.errors import DisclosureRefused, MeasureRefused, RenderFailed, TurquesaError, UnknownParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from turquesa_stats.render.plan import Grid, Job
    from turquesa_stats.render.run import Outcome, Run
    from turquesa_stats.schema.workspace import Workspace
    from turquesa_stats.sources.contract import Import

app = typer.Typer(
    name="turquesa",
    help="Statistics and reports on trafficking in persons and smuggling of migrants in the Americas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

new_app = typer.Typer(help="Make a folder to work in.", no_args_is_help=True)
app.add_typer(new_app, name="new")

WorkspaceOption = Annotated[Path | None, typer.Option(help="Folder of validated tables. Default: the data that ship with turquesa.")]
ReportsOption = Annotated[Path | None, typer.Option(help="Folder of the .qmd reports. Default: those that ship with turquesa.")]
TypesetterOption = Annotated[str, typer.Option(help="auto, quarto or pandoc.")]
JobsOption = Annotated[int, typer.Option(help="Documents at once.", min=1)]
SchedulerOption = Annotated[
    str | None, typer.Option(help="Make them on a Dask cluster: address of its scheduler, such as tcp://host:8786.")
]
AudienceOption = Annotated[
    str, typer.Option(help="Whose disclosure policy counts: public, partners, or none: no disclosure control, said on every page.")
]
StatusOption = Annotated[str, typer.Option(help="final, or preliminary, which every page says then.")]
FailFastOption = Annotated[bool, typer.Option("--fail-fast/--keep-going", help="Stop at the first document that fails.")]
TimeLimitOption = Annotated[float, typer.Option(help="Seconds that a document may take.", min=1)]
CORES = os.cpu_count() or 1
PUBLISHED = Path("published")


def main() -> None:
    """Run the command; errors of turquesa are told in words, with exit code 2 for refused input and 1 for a failed run."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments)
    except TurquesaError as error:
        if debug:
            raise
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(1 if isinstance(error, RenderFailed | MeasureRefused | DisclosureRefused) else 2) from None


def _version(value: bool) -> None:
    if value:
        typer.echo(f"turquesa {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Statistics and reports on trafficking in persons and smuggling of migrants in the Americas. With --debug: tracebacks."""


@app.command("import")
def import_source(
    source: Annotated[str, typer.Argument(help="Name of a public source, or tidy for a register of your own; a wrong name lists them.")],
    file: Annotated[Path, typer.Argument(help="The source's file, as published; a folder where it has several.")],
    into: Annotated[Path, typer.Option(help="Workspace folder; made if it does not exist.")],
    column_map: Annotated[
        str | None, typer.Option("--map", help="For tidy: a YAML file that says which column is which field, or the name of a shipped one.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="For tidy: country whose authority holds the cases, where no column says it.")] = None,
) -> None:
    """Read a source into a workspace, and tell what became of every row."""
    from turquesa_stats.schema.codes import check_country
    from turquesa_stats.schema.workspace import Workspace
    from turquesa_stats.sources.contract import import_file

    if source == "assessment":
        _refuse_errors(file)
    result = import_file(source, file, Workspace(into), date.today(), column_map, check_country(country) if country else None)
    _tell_import(result.label or source, result, into)


@app.command()
def fetch(
    source: Annotated[str | None, typer.Argument(help="Name of a public source; a wrong name lists them.")] = None,
    into: Annotated[Path, typer.Option(help="Folder of the files; made if it does not exist.")] = Path("downloads"),
    listed: Annotated[bool, typer.Option("--list", help="List the sources, with publisher, licence and page.")] = False,
    accept: Annotated[str | None, typer.Option(help="SHA-256 of a new release that is taken on purpose.")] = None,
) -> None:
    """Download a public source, whole and of a known hash, or not at all. No other command of turquesa uses the network."""
    from turquesa_stats.sources.fetch import fetch as fetch_files
    from turquesa_stats.sources.registry import public_source, registry

    if listed:
        for name, one in sorted(registry().items()):
            by_hand = "" if all(file.url for file in one.files) else ", by hand"
            typer.echo(f"{name}\n  {one.title}\n  {one.publisher}; {one.licence}\n  {one.page}{by_hand}")
        return
    if source is None:
        raise UnknownParameter("give the name of a source; turquesa fetch --list tells them")
    chosen = public_source(source)
    for done in fetch_files(chosen, into, accept):
        typer.echo(f"{done.path}: {done.how}; SHA-256 {done.sha256}")
    typer.echo(f"{chosen.publisher}, {chosen.title}; licence: {chosen.licence}")
    what = into if len(chosen.files) > 1 else into / chosen.files[0].name
    typer.echo(f"Next: turquesa import {source} {what} --into WORKSPACE")


def _refuse_errors(folder: Path) -> None:
    """Refuse an assessment with any error, those of wording included, before a row of it is written."""
    from turquesa_stats.edition.assessment_lint import lint
    from turquesa_stats.errors import SourceRefused

    errors = [problem for problem in lint(folder) if problem.is_error]
    if errors:
        raise SourceRefused("\n".join([f"{folder}: {len(errors)} errors; nothing was imported", *map(str, errors)]))


def _tell_import(source: str, result: Import, into: Path) -> None:
    typer.echo(f"{source}: {result.sums}")
    for reason, count in result.reasons.items():
        typer.echo(f"  set aside {count:>7,}  {reason}")
    for told in result.rules_told():
        typer.echo(f"  rule      {told}")
    for finding in result.findings:
        typer.echo(f"  noted     {finding.count:>7,}  {finding.what}" + (f"; e.g. {finding.example}" if finding.example else ""))
    for name, table in result.tables.items():
        typer.echo(f"  written   {len(table):>7,}  rows of {name}")
    typer.echo(f"Tables in {into}; account: {into}/accounts/{source}.json; rows set aside: {into}/set_aside/{source}.csv")
    typer.echo(f"Every hit of every rule: {into}/hits/{source}.csv")


@new_app.command("assessment")
def new_assessment(
    year: Annotated[int, typer.Argument(help="Year that the assessment is of.", min=1990, max=2099)],
    region: Annotated[str, typer.Option(help="Code of the region; a wrong one lists them.")] = "AMERICAS",
    into: Annotated[Path | None, typer.Option(help="Folder to make. Default: assessment-YEAR.")] = None,
    last_year: Annotated[Path | None, typer.Option("--from", help="Last year's folder, to be copied beside and followed.")] = None,
) -> None:
    """Make the working folder of a year's threat assessment: judgements and sources to fill in, last year's beside."""
    from turquesa_stats.schema.regions import check_region
    from turquesa_stats.sources.assessment_template import new_assessment as make

    folder = into or Path(f"assessment-{year}")
    for path in make(year, check_region(region), folder, last_year):
        typer.echo(f"written {_shown(path)}")
    typer.echo(f"Read {_shown(folder / 'README.md')}; turquesa lint {_shown(folder)} tells what is still to do")


@app.command("lint")
def lint_assessment(
    folder: Annotated[Path, typer.Argument(help="Folder made by turquesa new assessment.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the problems to this file, as JSON.")] = None,
) -> None:
    """Check a threat assessment's folder and tell every problem with its place; exit code 1 if any is an error."""
    import json

    from turquesa_stats.edition.assessment_lint import lint

    problems = lint(folder)
    errors = sum(problem.is_error for problem in problems)
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{errors} errors, {len(problems) - errors} warnings in {folder}")
    if json_file:
        json_file.write_text(json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False, indent=1), encoding="utf-8")
    if errors:
        raise typer.Exit(1)


@app.command("demo-data")
def demo_data(
    into: Annotated[Path, typer.Option(help="Workspace folder; made if it does not exist.")],
    country: Annotated[
        str, typer.Option(help="ISO 3166 codes, separated by commas. Default: the demonstration country, which does not exist.")
    ] = "XAA",
    seed: Annotated[int, typer.Option(help="Seed of the generator.")] = 20230401,
) -> None:
    """Write synthetic case-level records; every page made from them says so."""
    from turquesa_stats.schema.codes import check_country
    from turquesa_stats.schema.workspace import Workspace
    from turquesa_stats.sources.demonstration import demonstration_tables

    countries = [check_country(code) for code in country.split(",")]
    tables = demonstration_tables(date.today(), countries, seed=seed)
    Workspace(into).add(tables)
    typer.echo("Synthetic demonstration data, true of no person or case:")
    for name, table in tables.items():
        typer.echo(f"  written {len(table):>7,}  rows of {name}")


def _grid(path: Path | None, name: str, language: str = "en") -> Grid:
    """Return a grid of the grid file; its language ``asked`` is the one of the command line."""
    from dataclasses import replace

    from turquesa_stats.render.plan import Grid
    from turquesa_stats.schema.codes import check_language

    grid = Grid.read(path or _reports_folder(None) / "grid.yml", name)
    return replace(grid, languages=(check_language(language),)) if "asked" in grid.languages else grid


def _reports_folder(folder: Path | None) -> Path:
    from turquesa_stats.schema.location import project_root

    return folder or project_root() / "reports"


def _workspace(folder: Path | None) -> Workspace:
    from turquesa_stats.schema.workspace import Workspace
    from turquesa_stats.sources.default_data import default_workspace

    if folder is None:
        return default_workspace()
    _tell_exposure(folder)
    return Workspace(folder.resolve())


def _tell_exposure(folder: Path) -> None:
    """Tell on stderr of a workspace with restricted rows that others may read."""
    from turquesa_stats.schema.custody import exposure

    told = exposure(folder)
    if told:
        typer.echo(f"Warning: {told}", err=True)


def _prepare(
    folder: Path | None,
    reports: Path | None,
    grid: Grid,
    typesetter: str,
    into: Path,
    audience: str,
    status: str,
    limit: float = 300,
) -> tuple[Run, list[Job]]:
    import shlex

    from turquesa_stats.disclosure.policy import PUBLIC, policy
    from turquesa_stats.disclosure.secret import mark, rounding_secret
    from turquesa_stats.render.child import Limits
    from turquesa_stats.render.notebook import reports_in
    from turquesa_stats.render.plan import make_plan
    from turquesa_stats.render.run import Run, Warming
    from turquesa_stats.render.typeset import choose
    from turquesa_stats.schema.parts import fingerprints
    from turquesa_stats.schema.workspace import FINAL, check_status

    found = reports_in(_reports_folder(reports))
    workspace = _workspace(folder)
    plan = make_plan(grid, found, workspace.coverage())
    chosen, _ = choose(typesetter)
    given = {"--workspace": folder, "--reports": reports, "--typesetter": typesetter if typesetter != "auto" else None, "--into": into}
    given |= {"--audience": audience if audience != PUBLIC else None, "--status": status if check_status(status) != FINAL else None}
    options = " ".join(f"{name} {shlex.quote(str(value))}" for name, value in given.items() if value)
    countries = tuple(sorted({job.country for job in plan}))
    limits = policy(audience)
    rounding = mark(rounding_secret(workspace.folder)) if limits.method == "rounding" else ""
    preload = "turquesa_stats.reporting.report:preload"
    names = tuple(sorted({job.report for job in plan}))
    warming = Warming(str(workspace.folder), preload, limits.audience, countries, reports=names, rounding=rounding, status=status)
    return Run(found, fingerprints(workspace), chosen, into.resolve(), warming, Limits(limit), options), plan


def _make(run: Run, plan: Sequence[Job], jobs: int, scheduler: str | None, *, fail_fast: bool) -> Outcome:
    from turquesa_stats.render.folder import is_left_over
    from turquesa_stats.render.processes import Processes
    from turquesa_stats.render.progress import shown
    from turquesa_stats.render.run import Engine, Outcome

    stale, fresh = run.stale(plan)
    if not stale and not is_left_over(run.into):
        typer.echo(f"Nothing to do: all {len(fresh)} documents in {_shown(run.into)} are as they would be made now.")
        return Outcome(fresh=fresh)
    engine: Engine = Processes(jobs)
    if scheduler:
        from turquesa_stats.render.cluster import Cluster

        engine = Cluster(scheduler)
    with shown(len(stale)) as tell:
        outcome = run.make(plan, engine, tell, fail_fast=fail_fast)
    typer.echo(f"{len(outcome.made)} documents made, {len(outcome.fresh)} were fresh, {len(outcome.failed)} failed; in {_shown(run.into)}")
    if outcome.stopped:
        typer.echo(f"{outcome.stopped}: {outcome.left} documents are left; the same command goes on with them", err=True)
    return outcome


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _end(outcome: Outcome) -> None:
    if outcome.failed:
        typer.echo("Failed:", err=True)
        for failure in outcome.failed:
            typer.echo(f"  {failure.job.stem}: {failure.why}\n    again: {failure.command}", err=True)
    if outcome.failed or outcome.stopped:
        raise typer.Exit(1 if outcome.failed else 130)


@app.command()
def render(
    report: Annotated[str | None, typer.Option(help="Report, such as country-profile; several separated by commas, or all.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166 alpha-3 code, such as COL; several separated by commas, or all.")] = None,
    period: Annotated[str | None, typer.Option(help="2021, 2021-Q3, 2019/2021 ...; several separated by commas, all, or latest.")] = None,
    language: Annotated[str, typer.Option(help="en, es, fr, pt; several separated by commas, or all.")] = "en",
    format_: Annotated[str, typer.Option("--format", help="html, pdf, docx; several separated by commas, or all.")] = "html",
    sections: Annotated[
        str,
        typer.Option(help="all, brief (two pages), or blocks separated by commas (key_facts,stages); -means leaves one out."),
    ] = "all",
    grid: Annotated[str | None, typer.Option(help="Instead: name of a grid of the grid file.")] = None,
    grid_file: Annotated[Path | None, typer.Option(help="Default: grid.yml beside the reports.")] = None,
    workspace: WorkspaceOption = None,
    reports: ReportsOption = None,
    into: Annotated[Path, typer.Option(help="Folder of the documents.")] = Path("rendered"),
    typesetter: TypesetterOption = "auto",
    jobs: JobsOption = CORES,
    scheduler: SchedulerOption = None,
    audience: AudienceOption = "public",
    status: StatusOption = "final",
    fail_fast: FailFastOption = False,
    time_limit: TimeLimitOption = 300,
) -> None:
    """Make documents: report x country x period x language, each typeset in the formats asked for."""
    from turquesa_stats.render.plan import ALL, Grid
    from turquesa_stats.schema.codes import Language

    if grid:
        chosen = _grid(grid_file, grid, language)
    else:
        missing = [f"--{name}" for name, value in (("report", report), ("country", country), ("period", period)) if not value]
        if missing:
            raise UnknownParameter(f"give {', '.join(missing)}, or --grid; no country, period or report is assumed")
        languages = list(Language) if language == ALL else language.split(",")
        chosen = Grid(_listed(report), _listed(country), _listed(period), tuple(languages), _listed(format_), {}, sections=sections)
    run, plan = _prepare(workspace, reports, chosen, typesetter, into, audience, status, time_limit)
    outcome = _make(run, plan, jobs, scheduler, fail_fast=fail_fast)
    for entry in [*outcome.fresh, *outcome.made] if len(plan) <= 12 else []:
        for path in entry.files:
            typer.echo(f"  {_shown(run.into / path)}")
    _end(outcome)


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(","))


@app.command()
def site(
    grid: Annotated[
        str, typer.Option(help="Grid of the grid file: latest (every country's latest period) or edition (everything).")
    ] = "latest",
    language: Annotated[str, typer.Option(help="Language of the front page; and of the documents, where the grid leaves it open.")] = "en",
    grid_file: Annotated[Path | None, typer.Option(help="Default: grid.yml beside the reports.")] = None,
    workspace: WorkspaceOption = None,
    reports: ReportsOption = None,
    into: Annotated[Path, typer.Option(help="Folder of the site.")] = Path("_site"),
    address: Annotated[
        str,
        typer.Option(help="Where the site will stand, such as https://example.org/tip/; then it has a sitemap.xml."),
    ] = "",
    typesetter: TypesetterOption = "auto",
    jobs: JobsOption = CORES,
    scheduler: SchedulerOption = None,
    audience: AudienceOption = "public",
    status: StatusOption = "final",
    fail_fast: FailFastOption = False,
    time_limit: TimeLimitOption = 300,
) -> None:
    """Make an edition of all countries with figures, and the site around it: pages in four languages, search, downloads."""
    from turquesa_stats.edition.site.record import check_address
    from turquesa_stats.edition.site.refresh import refresh_site
    from turquesa_stats.schema.codes import check_language

    check_address(address)
    run, plan = _prepare(workspace, reports, _grid(grid_file, grid, language), typesetter, into, audience, status, time_limit)
    outcome = _make(run, plan, jobs, scheduler, fail_fast=fail_fast)
    why_not = refresh_site(run, _workspace(workspace), check_language(language), address)
    if why_not:
        typer.echo(f"No official figures to download: {why_not}")
    typer.echo(f"Open {_shown(run.into / 'index.html')}")
    _end(outcome)


@app.command()
def plan(
    grid: Annotated[str, typer.Option(help="Grid of the grid file.")] = "latest",
    language: Annotated[str, typer.Option(help="Language, where the grid leaves it open.")] = "en",
    grid_file: Annotated[Path | None, typer.Option(help="Default: grid.yml beside the reports.")] = None,
    workspace: WorkspaceOption = None,
    reports: ReportsOption = None,
    into: Annotated[Path, typer.Option(help="Folder of the documents.")] = Path("_site"),
    typesetter: TypesetterOption = "auto",
    audience: AudienceOption = "public",
    status: StatusOption = "final",
    jobs: JobsOption = CORES,
) -> None:
    """List the documents of a grid, which of them would be made now and why, and how long that would take."""
    from turquesa_stats.render.forecast import expected_seconds, in_words
    from turquesa_stats.render.journal import read_journal

    run, documents = _prepare(workspace, reports, _grid(grid_file, grid, language), typesetter, into, audience, status)
    found = run.reasons(documents)
    for job, why in found.items():
        typer.echo(f"{'make ' if why else 'fresh'} {job.stem} ({', '.join(job.formats)})" + (f": {'; '.join(why)}" if why else ""))
    stale = [job for job, why in found.items() if why]
    typer.echo(f"{len(documents)} documents, {len(stale)} to make")
    if stale:
        seconds, known = expected_seconds(stale, read_journal(run.into).values(), jobs)
        basis = f"as {known} documents made before took" if known else "by default; nothing like it was made here before"
        typer.echo(f"about {in_words(seconds)} with {jobs} at once ({basis})")


@app.command()
def dictionary(into: Annotated[Path, typer.Option(help="Folder of the pages.")] = Path("dictionary")) -> None:
    """Write the data dictionary in four languages, HTML and Markdown: every table, field and code."""
    from turquesa_stats.edition.dictionary import write_dictionary

    for path in write_dictionary(into):
        typer.echo(f"written {path}")


@app.command("quality")
def quality_report(
    workspace: Annotated[Path, typer.Argument(help="Folder of validated tables.")],
    into: Annotated[Path, typer.Option(help="Folder of the pages.")] = Path("quality"),
    language: Annotated[str, typer.Option(help="Language of the page.")] = "en",
    reports: ReportsOption = None,
) -> None:
    """Tell how good the data are: every row's account, broken rules, completeness, disagreement, breaks, what reports would lack."""
    from turquesa_stats.edition.quality import write_quality
    from turquesa_stats.render.notebook import reports_in
    from turquesa_stats.schema.codes import check_language
    from turquesa_stats.schema.workspace import Workspace

    found = reports_in(_reports_folder(reports))
    _tell_exposure(workspace)
    for path in write_quality(Workspace(workspace), list(found.values()), into, check_language(language)):
        typer.echo(f"written {path}")


@app.command()
def export(
    into: Annotated[Path, typer.Option(help="Folder of the export; made if it does not exist.")],
    workspace: WorkspaceOption = None,
    table: Annotated[
        str | None, typer.Option(help="official_stat, source ...; several separated by commas. Default: all that anyone may see.")
    ] = None,
) -> None:
    """Write public tables as a Frictionless Data Package, and official figures as SDMX-CSV too; records of persons never leave."""
    from turquesa_stats.edition.exchange import export as write_export

    done = write_export(_workspace(workspace), into, _listed(table) if table else ())
    for note in done.notes:
        typer.echo(note)
    typer.echo(f"{len(done.files)} files in {_shown(into.resolve())}; they are listed in datapackage.json")


@app.command()
def audit(
    edition: Annotated[Path, typer.Argument(help="Folder of rendered documents.")],
    register: Annotated[
        Path | None,
        typer.Option(
            help="Earlier editions, whose cells join the attack: the folder that turquesa publish wrote into, or a release register, "
            "CSV or Parquet. Default: the folder published, where there is one."
        ),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the verdict to this file, as JSON.")] = None,
    markdown_file: Annotated[
        Path | None,
        typer.Option("--markdown", help="Also write to this file, as Markdown that anyone may read, where cells fall, not what was found."),
    ] = None,
    jobs: JobsOption = CORES,
) -> None:
    """Attack an edition as a reader could, and list every hidden count that can be found again; exit code 1 if any falls."""
    from turquesa_stats.edition.audit.account import account
    from turquesa_stats.edition.audit.comparisons import read_register
    from turquesa_stats.edition.audit.public_account import public_account
    from turquesa_stats.edition.audit.verdict import audit as attack_edition
    from turquesa_stats.edition.publication.register import register_of

    earlier = register or (PUBLISHED if PUBLISHED.is_dir() else None)
    known = None if earlier is None else register_of(earlier) if earlier.is_dir() else read_register(earlier)
    if known is not None:
        typer.echo(f"Beside {known['release_id'].nunique()} earlier editions of {earlier}: {len(known):,} cells")
    verdict = attack_edition(edition, known, jobs)
    for line in account(verdict):
        typer.echo(line)
    if json_file:
        json_file.write_text(verdict.as_json(), encoding="utf-8")
    if markdown_file:
        markdown_file.write_text("\n".join(public_account(verdict)) + "\n", encoding="utf-8")
    if not verdict.passes:
        raise typer.Exit(1)


@app.command()
def publish(
    edition: Annotated[Path, typer.Argument(help="Folder of rendered documents, made by turquesa site or render.")],
    into: Annotated[Path, typer.Option(help="Folder of published editions.")] = PUBLISHED,
    label: Annotated[str | None, typer.Option(help="Name of the edition: small letters, digits and hyphens. Default: its day.")] = None,
    preliminary: Annotated[bool, typer.Option("--preliminary", help="Its pages say that it is (--status preliminary).")] = False,
    day: Annotated[
        str | None, typer.Option("--date", help="Day of release, such as 2026-11-30. Default: that of SOURCE_DATE_EPOCH, or today.")
    ] = None,
    replaces: Annotated[str | None, typer.Option(help="Label of the edition that this one takes the place of; that one stays.")] = None,
    grid: Annotated[str | None, typer.Option(help="Refuse an edition in which a document of this grid is missing.")] = None,
    grid_file: Annotated[Path | None, typer.Option(help="Default: grid.yml beside the reports.")] = None,
    workspace: WorkspaceOption = None,
    reports: ReportsOption = None,
    jobs: JobsOption = CORES,
) -> None:
    """Publish an edition for good, if the audit finds nothing in it, beside all editions published before."""
    from turquesa_stats.edition.publication.contents import run_of
    from turquesa_stats.edition.publication.publish import Release
    from turquesa_stats.edition.publication.publish import publish as put_in_place
    from turquesa_stats.edition.site.record import language_of_front
    from turquesa_stats.render.journal import file_hash
    from turquesa_stats.render.plan import make_plan
    from turquesa_stats.schema.workspace import FINAL, PRELIMINARY

    data, status = _workspace(workspace), PRELIMINARY if preliminary else FINAL
    run = run_of(edition.resolve(), data, _reports_folder(reports), status)
    release = Release.of(label, day, status, replaces)
    whole = make_plan(_grid(grid_file, grid, language_of_front(edition)), run.reports, data.coverage()) if grid else []
    manifest, archive = put_in_place(run, data, into.resolve(), release, jobs, whole)
    cells, earlier = manifest.protection, len(manifest.audit.earlier_releases)
    typer.echo(f"Published edition {manifest.label} ({manifest.status}): {len(manifest.documents)} documents")
    typer.echo(
        f"  {cells.printed} cells of persons printed, {cells.hidden} hidden; "
        f"{manifest.audit.cells_attacked} attacked, beside {earlier} earlier editions: none found again"
    )
    typer.echo(f"  {_shown(into.resolve() / manifest.label)}")
    typer.echo(f"  {_shown(archive)}, SHA-256 {file_hash(archive)}")


@app.command("diff")
def difference(
    before: Annotated[Path, typer.Argument(help="A published edition: its folder, as turquesa publish made it.")],
    after: Annotated[Path, typer.Argument(help="Another one, as a rule a later one.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, such as COL, or a region: tell of it alone.")] = None,
    language: Annotated[str, typer.Option(help="Language of the account and of the page.")] = "en",
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write all changes to this file, as JSON.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Also write the account to this file, as a page.")] = None,
    jobs: JobsOption = CORES,
) -> None:
    """Tell what changed for the reader from one edition to another, and why; exit code 1 if it would tell of too few persons."""
    from turquesa_stats.edition.difference.account import account
    from turquesa_stats.edition.difference.compare import compare
    from turquesa_stats.edition.difference.editions import read_edition
    from turquesa_stats.edition.difference.page import page
    from turquesa_stats.present.words import Words
    from turquesa_stats.schema.codes import check_country, check_language
    from turquesa_stats.schema.regions import is_region

    words = Words(check_language(language))
    only = country if country is None or is_region(country) else check_country(country)
    told = compare(read_edition(before), read_edition(after), only, jobs)
    for line in account(told, words):
        typer.echo(line)
    for path, text in ((json_file, told.as_json), (html_file, lambda: page(told, words.language))):
        if path is not None:
            path.write_text(text(), encoding="utf-8")
    if told.refusals:
        raise typer.Exit(1)


@app.command()
def review(
    edition: Annotated[Path, typer.Argument(help="Published edition: its folder, or its .zip.")],
    into: Annotated[Path, typer.Option(help="Folder of the verdict: index.html, verdict.json, numbers.csv.")] = Path("review"),
    workspace: Annotated[
        Path | None,
        typer.Option(
            help="Data that the edition was made of. Default: its own public tables, and the made-up rows that ship with turquesa."
        ),
    ] = None,
    reports: ReportsOption = None,
    sha256: Annotated[str, typer.Option(help="Hash of the archive, as turquesa publish told it.")] = "",
    tolerance: Annotated[int, typer.Option(help="Units of the last printed place that rates and per cents may differ by.", min=0)] = 1,
    allow_unjudged: Annotated[
        bool, typer.Option("--allow-unjudged", help="Documents that cannot be made again without --workspace are no fault.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the page.")] = "en",
    jobs: JobsOption = CORES,
) -> None:
    """Check a published edition: hashes, and every number by making its documents again; exit code 1 if any is not as published."""
    from turquesa_stats.edition.review.page import write_review
    from turquesa_stats.edition.review.reviewing import review as judge
    from turquesa_stats.edition.review.verdict import told
    from turquesa_stats.render.progress import shown
    from turquesa_stats.schema.codes import check_language
    from turquesa_stats.schema.workspace import Workspace

    check_language(language)
    data = Workspace(workspace.resolve()) if workspace else None
    found = judge(edition, _reports_folder(reports), shown, data, sha256, tolerance, jobs)
    for line in told(found, allow_unjudged=allow_unjudged):
        typer.echo(line)
    for path in write_review(found, into, language, allow_unjudged=allow_unjudged):
        typer.echo(f"written {_shown(path.resolve())}")
    if not found.passes(allow_unjudged=allow_unjudged):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what this machine renders with, and why."""
    from turquesa_stats.render.freshness import environment
    from turquesa_stats.render.typeset import choose
    from turquesa_stats.render.typeset.pandoc import Pandoc
    from turquesa_stats.render.typeset.quarto import find
    from turquesa_stats.schema.location import is_checkout, project_root

    chosen, why = choose("auto")
    quarto, found = find()
    typer.echo(f"turquesa      {__version__}, {'checkout' if is_checkout() else 'installed'}: {project_root()}")
    typer.echo(f"python        {sys.version.split()[0]}")
    typer.echo(f"typesetter    {chosen.identity} (auto: {why})")
    typer.echo(f"quarto        {quarto.identity + ', ' + quarto.program if quarto else found}")
    typer.echo(f"embedded      {Pandoc().identity}")
    typer.echo("libraries     " + ", ".join(f"{name} {version}" for name, version in environment().items()))


if __name__ == "__main__":
    main()
