"""A run loses nothing and doubles nothing: crashes, hangs, kills, second runs, full disks."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.errors import NoRoom, PlanRefused
from turquesa_stats.render import journal
from turquesa_stats.render.child import Limits
from turquesa_stats.render.folder import opened
from turquesa_stats.render.journal import JOURNAL, append, as_entry, read_journal
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Grid, make_plan
from turquesa_stats.render.run import Run
from turquesa_stats.schema.location import project_root

pytestmark = pytest.mark.xdist_group("processes")


def contents(folder: Path) -> dict[str, bytes]:
    """Every document of an edition; its journal holds times and is compared by itself."""
    kept = {JOURNAL, "executed.txt"}
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in kept
    }


def start(into: Path, reports: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.small_edition", str(into), str(reports)]
    return subprocess.Popen(command, cwd=project_root(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("undisturbed")
    run = small_run(folder / "edition", write_reports(folder / "reports"))
    assert len(make(run).made) == len(JOBS)
    return run


def test_every_document_holds_its_own_country_and_period_and_what_it_wrote_itself(undisturbed: Run) -> None:
    for job in JOBS:
        html = (undisturbed.into / f"{job.stem}.html").read_text()
        assert re.findall(r"\w{3} in \d{4}", html) == [f"{job.country} in {job.period}"]
    assert not list(undisturbed.into.glob(".*"))


def test_a_second_run_makes_nothing(undisturbed: Run) -> None:
    before = (undisturbed.into / "executed.txt").read_text()
    outcome = make(undisturbed)
    assert (len(outcome.made), len(outcome.fresh)) == (0, len(JOBS))
    assert (undisturbed.into / "executed.txt").read_text() == before


def test_killed_at_twenty_moments_the_edition_is_the_undisturbed_one(undisturbed: Run, tmp_path: Path) -> None:
    """Twenty kills: whatever stands is whole at any moment, nothing that stands is made again, and the end is the same."""
    chance, kills, editions, midway = random.Random(20261125), 0, 0, 0
    began = time.monotonic()
    start(tmp_path / "whole", undisturbed.reports["one"].path.parent).wait()
    whole = time.monotonic() - began  # a slow machine is killed as far on its way as a fast one
    while kills < 20:
        into = tmp_path / f"edition-{editions}"
        editions += 1
        finished = 0
        while finished < len(JOBS) and kills < 20:
            process = start(into, undisturbed.reports["one"].path.parent)
            try:
                process.wait(timeout=whole * chance.uniform(0.4, 1.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            found = read_journal(into)
            assert all(entry.is_intact(into) for entry in found.values())
            assert all(path.read_bytes().endswith(b"</html>\n") for path in into.rglob("??/*/*/*.html"))
            assert len(found) >= finished
            finished = len(found)
            midway += 0 < finished < len(JOBS)
        make(replace(undisturbed, into=into))
        assert contents(into) == contents(undisturbed.into)
        lines = [as_entry(line) for line in (into / JOURNAL).read_text().split("\n")]
        noted = [entry.stem for entry in lines if entry is not None]
        assert sorted(noted) == sorted(job.stem for job in JOBS)
    assert midway >= 3


def test_what_a_killed_run_had_finished_but_not_noted_is_kept_and_the_rest_of_it_removed(undisturbed: Run, tmp_path: Path) -> None:
    into = tmp_path / "edition"
    make(replace(undisturbed, into=into))
    entry = read_journal(into)[JOBS[0].stem]
    (into / JOURNAL).unlink()
    finished = into / ".making-1" / "finished"
    finished.mkdir(parents=True)
    (into / ".making-2").mkdir()
    os.replace(into / f"{entry.stem}.html", finished / "document.html")  # the other file had been moved already
    (into / ".making-1" / "entry.json").write_text(journal.as_line(entry))
    outcome = make(replace(undisturbed, into=into))
    assert JOBS[0].stem in {fresh.stem for fresh in outcome.fresh}
    assert len(outcome.made) == len(JOBS) - 1
    assert contents(into) == contents(undisturbed.into)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1 / 0", r"one COL 2019 en, cell 2 \(1 / 0\): ZeroDivisionError: division by zero"),
        ("import os; os.kill(os.getpid(), 9)", r"ended by SIGKILL, in cell 2 \(import os; os.kill\(os.getpid\(\), 9\)\)"),
        ("import os; os._exit(7)", r"its process ended with 7, in cell 2"),
        ("import time; time.sleep(600)", r"longer than the time limit of 5 s and was ended, in cell 2 \(import time; time.sleep\(600\)\)"),
        ("held = bytearray(8 * 2**30)", r"cell 2 \(held = bytearray\(8 \* 2\*\*30\)\): MemoryError"),
        ("print('hello')", r"cell 2 gives stdout: 'hello\\n'; reports display Markdown only"),
    ],
)
def test_a_document_that_cannot_be_made_loses_only_itself(code: str, why: str, tmp_path: Path) -> None:
    reports = write_reports(tmp_path / "reports", one=code)
    outcome = make(small_run(tmp_path / "edition", reports, limits=Limits(seconds=5)), [JOBS[0], JOBS[6]])
    assert [entry.stem for entry in outcome.made] == [JOBS[6].stem]
    (failure,) = outcome.failed
    assert re.search(why, failure.why), failure.why
    assert failure.command == "turquesa render --report one --country COL --period 2019 --language en --format html"
    assert not list((tmp_path / "edition").glob(".making-*"))


def test_a_child_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    code = (
        "import builtins, os\nassert not hasattr(builtins, 'seen') and 'SEEN' not in os.environ\nbuiltins.seen = os.environ['SEEN'] = '1'"
    )
    outcome = make(small_run(tmp_path / "edition", write_reports(tmp_path / "reports", one=code, two=code)), JOBS[:4])
    assert outcome.failed == []


def test_fail_fast_stops_and_says_how_many_are_left(tmp_path: Path) -> None:
    run = small_run(tmp_path / "edition", write_reports(tmp_path / "reports", one="1 / 0"))
    outcome = make(run, JOBS, fail_fast=True)
    assert outcome.stopped == "stopped at the first failure"
    assert len(outcome.failed) == 1
    assert outcome.left == len(JOBS) - 1 - len(outcome.made) > 0


def test_a_second_run_into_the_folder_of_a_live_one_is_refused(tmp_path: Path) -> None:
    reports = write_reports(tmp_path / "reports", one="import time; time.sleep(600)")
    live = start(tmp_path / "edition", reports)
    try:
        while not list(tmp_path.glob("edition/.making-*/finished")):
            assert live.poll() is None
            time.sleep(0.05)
        with pytest.raises(
            NoRoom, match=rf"another run \(process {live.pid}\) is making documents in .*; wait for its end, or use another"
        ):
            make(small_run(tmp_path / "edition", reports))
        assert list(tmp_path.glob("edition/.making-*/finished"))
    finally:
        live.kill()
        live.wait()
    write_reports(reports)
    assert len(make(small_run(tmp_path / "edition", reports)).made) == len(JOBS)


def test_an_output_that_cannot_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(NoRoom, match=r"file/edition cannot be written to: Not a directory; choose another --into"):
        make(small_run(tmp_path / "file" / "edition", write_reports(tmp_path / "reports")))
    assert (tmp_path / "file").read_text() == "kept"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = subprocess.run(
        [mount or "false", "-t", "tmpfs", "-o", "size=120k", "turquesa-test", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_the_run_and_corrupts_nothing(small_disk: Path, undisturbed: Run) -> None:
    run = replace(undisturbed, into=small_disk / "edition")
    with pytest.raises(NoRoom, match=r"edition cannot be written to: the disk is full; free some space, .*finished documents are kept"):
        make(run)
    stood = read_journal(run.into)
    assert all(entry.is_intact(run.into) for entry in stood.values())
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    outcome = make(run)
    fresh, made = {entry.stem for entry in outcome.fresh}, {entry.stem for entry in outcome.made}
    # a document that was finished when the disk filled up may be noted only now that there is room for its line
    assert fresh >= stood.keys()
    assert len(fresh) + len(made) == len(fresh | made) == len(JOBS)
    assert contents(run.into) == contents(undisturbed.into)


def test_a_read_only_disk_is_told(small_disk: Path, undisturbed: Run) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(NoRoom, match="cannot be written to: Read-only file system; choose another --into"):
        make(replace(undisturbed, into=small_disk / "edition"))


def test_a_line_of_the_journal_is_written_whole_or_not_at_all(undisturbed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = read_journal(undisturbed.into)[JOBS[0].stem]
    append(tmp_path, entry)
    before = (tmp_path / JOURNAL).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        append(tmp_path, replace(entry, title="another"))
    assert (tmp_path / JOURNAL).read_bytes() == before


def test_a_line_cut_short_is_passed_over_and_the_next_stands_on_its_own(undisturbed: Run, tmp_path: Path) -> None:
    first, second = (read_journal(undisturbed.into)[job.stem] for job in JOBS[:2])
    append(tmp_path, first)
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole + whole[:50])
    append(tmp_path, second)
    assert set(read_journal(tmp_path)) == {first.stem, second.stem}


def test_a_lock_left_by_a_killed_run_does_not_hold(tmp_path: Path) -> None:
    (tmp_path / ".turquesa.lock").write_text("1")
    with opened(tmp_path) as folder:
        assert folder.path == tmp_path
    assert not (tmp_path / ".turquesa.lock").exists()


def test_two_reports_that_would_be_written_to_one_file_are_refused(tmp_path: Path) -> None:
    needs = "---\nturquesa: {needs: [victim]}\n---\n"
    for name in ("flows", "Flows"):
        (tmp_path / f"{name}.qmd").write_text(needs)
    reports = {name: ReportFile(tmp_path / f"{name}.qmd") for name in ("flows", "Flows")}
    asked = Grid(("all",), ("COL",), ("2020",), ("en",), ("html",), {})
    with pytest.raises(PlanRefused, match="reports Flows and flows would be written to the same file en/COL/2020/Flows; rename one"):
        make_plan(asked, reports, {"victim": {"COL": ["2020"]}})
