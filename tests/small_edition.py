"""An edition of twelve short documents, made without the statistics: ``python -m tests.small_edition FOLDER REPORTS`` makes it."""

from __future__ import annotations

import sys
from pathlib import Path

from turquesa_stats.period import Period
from turquesa_stats.render.child import Limits
from turquesa_stats.render.notebook import reports_in
from turquesa_stats.render.plan import Format, Job
from turquesa_stats.render.processes import Processes
from turquesa_stats.render.run import Outcome, Run, Warming
from turquesa_stats.render.typeset import Typesetter
from turquesa_stats.render.typeset.pandoc import Pandoc
from turquesa_stats.schema.parts import Fingerprints

PARAMETERS = '```{python}\n#| tags: [parameters]\ncountry = "COL"\nperiod = "2019"\nlanguage = "en"\n```\n\n'
SHOW = """```{python}
from IPython.display import Markdown, display
from pathlib import Path
with open("../executed.txt", "a") as file:
    file.write(f"{country} {period}\\n")
_ = Path("figure.txt").write_text(f"{country} in {period}")
```

```{python}
text = f'---\\ntitle: "About {country}"\\nlang: "en"\\n---\\n\\n## A section\\n\\n' + Path("figure.txt").read_text()
display(Markdown(text))
```
"""
JOBS = [
    Job(report, country, Period.parse(period), "en", (Format.HTML,))
    for report in ("one", "two")
    for country in ("COL", "PER", "CHL")
    for period in ("2019", "2020")
]


def write_reports(folder: Path, **changes: str) -> Path:
    """Write the two reports; ``one="code"`` puts a cell with that code into the first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("one", "two"):
        cell = f"```{{python}}\n{changes[name]}\n```\n\n" if name in changes else ""
        (folder / f"{name}.qmd").write_text(PARAMETERS + cell + SHOW)
    return folder


def small_run(
    into: Path,
    reports: Path,
    fingerprints: Fingerprints | None = None,
    typesetter: Typesetter | None = None,
    limits: Limits | None = None,
    workspace: str = "none",
) -> Run:
    """Return a run that warms up with nothing (a preload that takes anything)."""
    warming = Warming(workspace, "builtins:slice", "public", ())
    return Run(reports_in(reports), fingerprints or {}, typesetter or Pandoc(), into, warming, limits or Limits())


def make(run: Run, jobs: list[Job] = JOBS, *, fail_fast: bool = False) -> Outcome:
    """Make documents in two processes."""
    return run.make(jobs, Processes(2), lambda done: None, fail_fast=fail_fast)


if __name__ == "__main__":
    print(len(make(small_run(Path(sys.argv[1]), Path(sys.argv[2]))).made))
