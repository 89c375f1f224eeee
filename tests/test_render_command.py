"""Planning, rendering again and stopping, by the command as its users call it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.small_edition import PARAMETERS, SHOW
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace

pytestmark = pytest.mark.xdist_group("processes")
GRID = "mine: {reports: all, countries: all, periods: latest, languages: asked, formats: html}\n"
NEEDS = "---\nturquesa: {needs: [official_stat.VICTIMS]}\n---\n\n"
FACTS = """```{python}
from turquesa_stats.reporting import open_report
open_report("country-profile", country, period, language).show("key_facts")
```
"""


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Published figures of three countries, one short report, and what starts the command there."""
    tables = default_workspace().tables()
    stat = tables["official_stat"]
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/short.qmd").write_text(NEEDS + PARAMETERS + FACTS + SHOW)
    (tmp_path / "grid.yml").write_text(GRID)
    rows = stat[stat["ref_area"].isin(["COL", "PER", "ARG"])]
    Workspace(tmp_path / "w").add({"source": tables["source"], "official_stat": rows.reset_index(drop=True)})

    def command(name: str, *options: str) -> subprocess.Popen[str]:
        where = ["--grid", "mine", "--grid-file", "grid.yml", "--workspace", "w", "--reports", "reports", "--into", "edition"]
        whole = [sys.executable, "-m", "turquesa_stats", name, *where, "--typesetter", "pandoc", *options]
        return subprocess.Popen(whole, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return command


def told(process: subprocess.Popen[str], code: int = 0) -> str:
    out, error = process.communicate(timeout=120)
    assert process.returncode == code, error
    return out + error


def test_one_changed_row_makes_its_countrys_documents_again_and_no_other(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    said = told(start("plan", "--jobs", "2"))
    assert said.count(": new") == 3
    assert "3 documents, 3 to make\nabout 2 s with 2 at once (by default; nothing like it was made here before)" in said
    told(start("render", "--language", "es"))  # the language that the grid leaves open
    assert (tmp_path / "edition/es/COL").is_dir()
    shutil.rmtree(tmp_path / "edition")
    said = told(start("render"))
    assert "3/3 made en/" in said
    assert "a minute, none left, 0 failed)" in said
    assert "0 to make" in told(start("plan"))
    path = tmp_path / "w/official_stat.parquet"
    stat = pd.read_parquet(path)
    stat.loc[stat.index[stat["ref_area"].eq("COL")][0], "obs_value"] = 4321.0
    stat.to_parquet(path)
    said = told(start("plan"))
    assert [line for line in said.splitlines() if line.startswith("make")] == [
        line for line in said.splitlines() if "/COL/" in line and line.endswith("(html): rows of COL in official_stat changed")
    ]
    assert "3 documents, 1 to make" in said
    assert "as 3 documents made before took" in said
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("edition/??/[!C]*/**/*.html")}
    assert "1 documents made, 2 were fresh, 0 failed" in told(start("render"))
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("edition/??/[!C]*/**/*.html")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop_stops_at_once_and_says_what_is_left(
    number: signal.Signals, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    hang = '```{python}\nif country != "ARG":\n    import time; time.sleep(600)\n```\n\n'
    (tmp_path / "reports/short.qmd").write_text(NEEDS + PARAMETERS + hang + SHOW)
    process = start("render", "--jobs", "3")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("1/3 made en/ARG/")
    os.kill(process.pid, number)
    said = told(process, 130)
    assert "1 documents made, 0 were fresh, 0 failed" in said
    assert "stopped by you: 2 documents are left; the same command goes on with them" in said
    assert not list(tmp_path.glob("edition/.*"))
    assert len(list(tmp_path.glob("edition/en/*/*/short.html"))) == 1


def test_failures_are_listed_at_the_end_with_the_command_that_makes_them_alone(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    broken = '```{python}\nif country == "PER":\n    1 / 0\n```\n\n'
    (tmp_path / "reports/short.qmd").write_text(NEEDS + PARAMETERS + broken + SHOW)
    said = told(start("render", "--keep-going"), 1)
    assert "2 documents made, 0 were fresh, 1 failed" in said
    last = said[said.rindex("Failed:") :]
    assert "cell 2 (1 / 0): ZeroDivisionError" in last
    assert "again: turquesa render --report short --country PER" in last
    assert "--workspace w --reports reports --typesetter pandoc --into edition" in last
    assert "stopped at the first failure" in told(start("render", "--fail-fast"), 1)
