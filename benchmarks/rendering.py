"""
Documents a minute, rebuilds and growth: ``python -m benchmarks.rendering [--documents 60] [--many 1000] [--workspace FOLDER]``.

Everything is measured in one run on one machine, and printed with the load that others put on it meanwhile. Each measured program is a
process of its own; CPU seconds are those that the system counts for it and all that it started.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pandas as pd

from turquesa_stats.render.notebook import reports_in
from turquesa_stats.render.plan import Grid, Job, available_years, make_plan
from turquesa_stats.schema.codes import american_countries
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace

CORES = os.cpu_count() or 1
_FOUR = ["en", "es", "fr", "pt"]
SHORT = """---
turquesa: {needs: [official_stat.VICTIMS, official_stat.INVESTIGATIONS, official_stat.PROSECUTIONS, official_stat.CONVICTIONS]}
---

```{python}
#| tags: [parameters]
country = "COL"
period = "2019"
language = "en"
```

```{python}
from turquesa_stats.reporting import open_report
report = open_report("country-profile", country, period, language)
report.show("front_matter")
report.show("sources")
```
"""
PAPERMILL = """
import sys
import nbformat, papermill
from nbconvert import HTMLExporter
for path in sys.argv[1:]:
    papermill.execute_notebook(path, path + ".out", progress_bar=False, log_output=False)
    html, _ = HTMLExporter().from_filename(path + ".out")
    open(path + ".html", "w").write(html)
"""
LOCAL = """
import resource, sys, time
from pathlib import Path
from turquesa_stats.cli import main
start = time.perf_counter()
try:
    main()
except SystemExit as end:
    code = end.code
wall = time.perf_counter() - start
own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print("MEASURED", wall, children.ru_utime + children.ru_stime, own.ru_maxrss / 1024, children.ru_maxrss / 1024)
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, CPU seconds, and what a program printed."""

    wall: float
    cpu: float
    out: str

    def figures(self) -> tuple[float, float, float, float]:
        """Return what a run of turquesa tells of itself: seconds, CPU of its children, memory of parent and largest child in MiB."""
        wall, cpu, parent, child = (float(part) for part in self.out.rsplit("MEASURED", 1)[1].split())
        return wall, cpu, parent, child


def measure(command: list[str], cwd: Path, **variables: str) -> Measured:
    """Run a program to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(project_root()), **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[:3]} failed: {done.stdout[-500:]} {done.stderr[-2000:]}")
    return Measured(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout)


def turquesa(*arguments: str, cwd: Path) -> Measured:
    """Run the command and let it tell what it took."""
    return measure([sys.executable, "-c", LOCAL, *arguments], cwd)


def sample(folder: Path, reports: Path, workspace: Workspace, number: int, **asked: object) -> tuple[list[Job], list[str]]:
    """Return so many documents, of countries that have data for every report or else of all, and the options that make them."""
    coverage, found = workspace.coverage(), reports_in(reports)
    fit = [country for country in american_countries() if all(available_years(one.needs, country, coverage) for one in found.values())]
    for countries in [*(fit[:last] for last in range(1, len(fit) + 1)), ["all"]]:
        grid = {"reports": ["all"], "countries": countries, "formats": ["html"], **asked}
        path = folder / f"{reports.name}-{number}.yml"
        path.write_text(json.dumps({"sample": grid}), encoding="utf-8")
        jobs = make_plan(Grid.read(path, "sample"), found, coverage)
        if len(jobs) >= number:
            break
    return jobs, ["--grid", "sample", "--grid-file", str(path)]


def against_others(folder: Path, workspace: Workspace, number: int, baseline: int) -> None:
    """(a) and (d): the shipped reports, against papermill and nbconvert on the same notebooks, and a loop over Quarto."""
    reports = project_root() / "reports"
    jobs, options = sample(folder, reports, workspace, number, periods=["latest"], languages=["en"])
    ours = turquesa("render", *options, "--workspace", str(workspace.folder), "--into", "ours", "--typesetter", "pandoc", cwd=folder)
    wall, cpu, _, _ = ours.figures()
    rate = 60 * len(jobs) / wall
    print(
        f"(a) turquesa                 {len(jobs):>5} documents {wall:8.1f} s {rate:8.1f} a minute {ours.cpu / len(jobs):6.2f} CPU s each"
    )
    _loop(
        "papermill + nbconvert", _papermill(folder, reports, jobs[:: max(1, len(jobs) // baseline)], workspace), rate, ours.cpu / len(jobs)
    )
    if shutil.which("quarto"):
        _loop("quarto render", _quarto(folder, reports, jobs[:: max(1, len(jobs) // baseline)], workspace), rate, ours.cpu / len(jobs))
    else:
        print("    quarto render            not measured: no quarto on this machine")
    print(f"(d) efficiency               {cpu:.1f} CPU s in cells and pandoc / ({CORES} cores x {wall:.1f} s) = {cpu / CORES / wall:.2f}")


def _loop(name: str, measured: tuple[Measured, int], rate: float, each: float) -> None:
    done, number = measured
    other = 60 * number / done.wall
    print(
        f"    {name:<24} {number:>5} documents {done.wall:8.1f} s {other:8.1f} a minute {done.cpu / number:6.2f} CPU s each: "
        f"turquesa is {rate / other:.1f} times as fast, with 1/{done.cpu / number / each:.1f} of the CPU"
    )


def _papermill(folder: Path, reports: Path, jobs: list[Job], workspace: Workspace) -> tuple[Measured, int]:
    paths = []
    for place, job in enumerate(jobs):
        paths.append(str(folder / f"{place}.ipynb"))
        nbformat.write(reports_in(reports)[job.report].with_parameters(job.parameters), paths[-1])
    return measure([sys.executable, "-c", PAPERMILL, *paths], folder, TURQUESA_WORKSPACE=str(workspace.folder)), len(jobs)


def _quarto(folder: Path, reports: Path, jobs: list[Job], workspace: Workspace) -> tuple[Measured, int]:
    lines = ["set -e"]
    for place, job in enumerate(jobs):
        (folder / f"quarto-{place}").mkdir()
        shutil.copy(reports / f"{job.report}.qmd", folder / f"quarto-{place}")
        given = " ".join(f"-P {name}:{value}" for name, value in job.parameters.items())
        lines.append(f"(cd quarto-{place} && quarto render {job.report}.qmd --to html {given})")
    return measure(["bash", "-c", "\n".join(lines)], folder, TURQUESA_WORKSPACE=str(workspace.folder)), len(jobs)


def rebuilds(folder: Path, workspace: Workspace, many: int) -> None:
    """(b), (c) and (e): short documents, from ten to many; a rebuild of nothing; a rebuild after one row has changed."""
    reports = folder / "reports"
    reports.mkdir()
    for name in ("short", "brief"):
        (reports / f"{name}.qmd").write_text(SHORT, encoding="utf-8")
    private = Workspace(folder / "workspace")
    shutil.copytree(workspace.folder, private.folder)
    where = ["--workspace", str(private.folder), "--reports", "reports", "--typesetter", "pandoc"]
    for number, periods, languages in ((10, "latest", ["en"]), (100, "latest", _FOUR), (many, "all", _FOUR)):
        jobs, chosen = sample(folder, reports, private, number, periods=[periods], languages=languages)
        options = [*chosen, *where, "--into", f"short{number}"]
        wall, _, parent, child = turquesa("render", *options, cwd=folder).figures()
        print(
            f"(e) short documents          {len(jobs):>5} documents {wall:8.1f} s {1000 * wall / len(jobs):8.1f} ms each; "
            f"memory {parent:.0f} MiB, largest child {child:.0f} MiB"
        )
    nothing = measure([sys.executable, "-m", "turquesa_stats", "render", *options], folder)
    print(f"(b) nothing to do            {len(jobs):>5} documents {nothing.wall:8.2f} s")
    country = jobs[len(jobs) // 2].country
    path = private.folder / "official_stat.parquet"
    stat = pd.read_parquet(path)
    stat.loc[stat.index[stat["ref_area"].eq(country)][0], "obs_value"] = 4321.0
    stat.to_parquet(path)
    affected = sum(job.country == country for job in jobs)
    changed = measure([sys.executable, "-m", "turquesa_stats", "render", *options], folder)
    told = next(line for line in changed.out.splitlines() if "documents made" in line)
    print(f"(c) one row of {country} changed   {affected:>5} affected  {changed.wall:8.2f} s; {told.split(';')[0]}")


def main() -> None:
    """Measure all and print it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--documents", type=int, default=60, help="documents of the shipped reports")
    asked.add_argument("--baseline", type=int, default=60, help="of which so many by the loops turquesa is compared with")
    asked.add_argument("--many", type=int, default=1000, help="short documents")
    asked.add_argument("--workspace", type=Path, help="default: the data that ship with turquesa")
    given = asked.parse_args()
    workspace = Workspace(given.workspace.resolve()) if given.workspace else default_workspace()
    print(f"{CORES} cores; load average before {os.getloadavg()[0]:.2f} (others' work on the machine slows all that is measured)")
    with TemporaryDirectory() as folder:
        against_others(Path(folder), workspace, given.documents, given.baseline)
        rebuilds(Path(folder), workspace, given.many)
    print(f"load average after {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
