"""Documents made on a real Dask cluster on loopback; one of its two workers is killed in the middle."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.errors import RenderFailed
from turquesa_stats.render import cluster
from turquesa_stats.render.cluster import Cluster
from turquesa_stats.render.journal import JOURNAL, read_journal
from turquesa_stats.render.run import Done
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.parts import fingerprints
from turquesa_stats.schema.workspace import Workspace

pytestmark = pytest.mark.xdist_group("processes")
pytest.importorskip("distributed")


@pytest.fixture
def running() -> list[subprocess.Popen[bytes]]:
    return []


@pytest.fixture
def started(running: list[subprocess.Popen[bytes]]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", "--host", "127.0.0.1", *arguments]
        running.append(subprocess.Popen(command, cwd=project_root(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(started: Callable[..., subprocess.Popen[bytes]]) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started("scheduler", "--port", str(port), "--no-dashboard")
    address = f"tcp://127.0.0.1:{port}"
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return address
        time.sleep(0.05)
    raise TimeoutError(address)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    made.folder.mkdir()
    (made.folder / "coverage.json").write_text("{}")
    return made


def workers(address: str, number: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    scheduler: str, started: Callable[..., subprocess.Popen[bytes]], workspace: Workspace, tmp_path: Path
) -> None:
    both = [started("worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]
    workers(scheduler, 2)
    reports = write_reports(tmp_path / "reports", one='import time; time.sleep(0.2)\nif country == "CHL" and period == "2020": 1 / 0')
    run = small_run(tmp_path / "edition", reports, fingerprints(workspace), workspace=str(workspace.folder))
    finished: list[str] = []

    def tell(done: Done | None) -> None:
        if done is not None:
            finished.append(done.job.stem)
            if len(finished) == 3:
                both[0].kill()

    outcome = run.make(JOBS, Cluster(scheduler), tell)
    assert both[0].poll() is not None
    assert [failure.job.stem for failure in outcome.failed] == ["en/CHL/2020/one"]
    assert "cell 2 (if country ==" in outcome.failed[0].why
    assert "ZeroDivisionError" in outcome.failed[0].why
    assert sorted(finished) == sorted(job.stem for job in JOBS)
    lines = [json.loads(line)["stem"] for line in (run.into / JOURNAL).read_text().splitlines()]
    assert sorted(lines) == sorted(job.stem for job in JOBS if job.stem != "en/CHL/2020/one")
    local = small_run(tmp_path / "local", reports, fingerprints(workspace))
    make(local)
    for stem, entry in read_journal(run.into).items():
        assert entry.is_intact(run.into)
        assert entry.files == read_journal(local.into)[stem].files
        assert entry.key == read_journal(local.into)[stem].key
    assert len(make(run).fresh) == len(JOBS) - 1


def test_a_worker_with_other_data_is_told_and_makes_nothing(
    scheduler: str, started: Callable[..., subprocess.Popen[bytes]], workspace: Workspace, tmp_path: Path
) -> None:
    started("worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    workers(scheduler, 1)
    run = small_run(tmp_path / "edition", write_reports(tmp_path / "reports"), {"case": {"_T": "other"}}, workspace=str(workspace.folder))
    outcome = run.make(JOBS[:1], Cluster(scheduler), lambda done: None)
    assert outcome.made == []
    assert "has another data than the machine that asks" in outcome.failed[0].why


def test_a_scheduler_without_workers_or_none_at_all_is_told(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run(tmp_path / "edition", write_reports(tmp_path / "reports"))
    with pytest.raises(RenderFailed, match=f"the scheduler at {scheduler} has no worker; start some with: dask worker {scheduler}"):
        run.make(JOBS, Cluster(scheduler), lambda done: None)
    monkeypatch.setattr(cluster, "_CONNECT", "1s")
    with pytest.raises(RenderFailed, match="no Dask scheduler answers at tcp://127.0.0.1:1"):
        run.make(JOBS, Cluster("tcp://127.0.0.1:1"), lambda done: None)


def test_where_dask_is_not_installed_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = small_run(tmp_path / "edition", write_reports(tmp_path / "reports"))
    with pytest.raises(RenderFailed, match=r"--scheduler needs Dask, which is not installed: pip install 'turquesa-stats\[cluster\]'"):
        run.make(JOBS, Cluster("tcp://127.0.0.1:8786"), lambda done: None)


def test_a_scheduler_that_is_lost_ends_the_run_and_what_was_finished_stays(
    scheduler: str,
    started: Callable[..., subprocess.Popen[bytes]],
    running: list[subprocess.Popen[bytes]],
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    started("worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    workers(scheduler, 1)
    run = small_run(tmp_path / "edition", write_reports(tmp_path / "reports"), fingerprints(workspace), workspace=str(workspace.folder))

    def tell(done: Done | None) -> None:
        if done is not None:
            running[0].kill()

    with pytest.raises(RenderFailed, match=f"the scheduler at {scheduler} was lost"):
        run.make(JOBS, Cluster(scheduler), tell)
    finished = read_journal(run.into)
    assert finished
    outcome = make(run)
    # the worker may finish a document after its scheduler is gone: that one is kept too
    assert {entry.stem for entry in outcome.fresh} >= finished.keys()
    assert sorted(entry.stem for entry in [*outcome.fresh, *outcome.made]) == sorted(job.stem for job in JOBS)
