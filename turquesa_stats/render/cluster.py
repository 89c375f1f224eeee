"""The engine of a Dask cluster: workers make documents and hand over their bytes; this machine alone writes to the edition."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from turquesa_stats.errors import RenderFailed
from turquesa_stats.render.document import FINISHED, Made
from turquesa_stats.render.folder import EditionFolder, close_document
from turquesa_stats.render.freshness import digest
from turquesa_stats.render.maker import Order, order
from turquesa_stats.render.plan import Job
from turquesa_stats.render.run import Done, Run

_PATIENCE = 0.5  # seconds between two looks at the cluster
_CONNECT = "10s"
_IN_HAND = 2  # documents that a worker's thread has before it: one being made, one waiting
_RETRIES = 2
_idle: dict[str, SimpleQueue[subprocess.Popen[str]]] = {}  # in a worker: makers that wait, by what they are warmed with


@dataclass(frozen=True, slots=True)
class Cluster:
    """Makes documents on an existing Dask cluster, whose workers see the workspace under the same path and have the same package."""

    address: str

    def each(self, run: Run, folder: EditionFolder, jobs: Sequence[Job]) -> Generator[Done | None]:
        """
        Yield each document when it is through.

        Raises
        ------
        RenderFailed
            If Dask is not installed, the scheduler does not answer, it has no worker, or it is lost.
        """
        distributed = _distributed()
        client = self._connected(distributed)
        try:
            yield from _Errand(distributed, client, run, folder).each(list(reversed(jobs)))
        except (OSError, distributed.CancelledError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise RenderFailed(
                f"the scheduler at {self.address} was lost ({error}); the same command goes on where this one ended"
            ) from error
        finally:
            client.close(timeout=2)

    def _connected(self, distributed: Any) -> Any:
        try:
            client = distributed.Client(self.address, timeout=_CONNECT)
        except (OSError, ValueError, TimeoutError) as error:
            raise RenderFailed(f"no Dask scheduler answers at {self.address}: {error}; start one with: dask scheduler") from error
        if not client.nthreads():
            client.close(timeout=2)
            raise RenderFailed(f"the scheduler at {self.address} has no worker; start some with: dask worker {self.address}")
        return client


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise RenderFailed("--scheduler needs Dask, which is not installed: pip install 'turquesa-stats[cluster]'") from error


@dataclass(slots=True)
class _Errand:
    """Documents asked of a cluster: a few for each worker at a time, so that neither side holds many."""

    distributed: Any
    client: Any
    run: Run
    folder: EditionFolder

    def each(self, waiting: list[Job]) -> Generator[Done | None]:
        warming = json.dumps(asdict(self.run.warming) | {"processes": 1})  # a machine may have several workers
        data, name = digest(self.run.fingerprints), uuid4().hex[:8]
        asked: dict[Any, Job] = {}
        try:
            while waiting or asked:
                room = _IN_HAND * max(1, sum(self.client.nthreads().values())) - len(asked)
                for job in [waiting.pop() for _ in range(min(room, len(waiting)))]:
                    wanted = order(job, self.run.reports[job.report], self.run.typesetter.identity, self.run.limits, data)
                    key = f"turquesa-{name}-{job.stem}"
                    asked[self.client.submit(make_here, warming, wanted, key=key, retries=_RETRIES, pure=False)] = job
                for future in self._through(asked):
                    job = asked.pop(future)
                    yield self._received(job, future)
                    future.release()
                yield None
        finally:
            self.client.cancel(list(asked), force=True)

    def _through(self, asked: dict[Any, Job]) -> list[Any]:
        try:
            return list(self.distributed.wait(list(asked), timeout=_PATIENCE, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []

    def _received(self, job: Job, future: Any) -> Done:
        if future.status != "finished":
            error = future.exception()
            lost = isinstance(error, self.distributed.scheduler.KilledWorker)
            return Done(job, None, "every worker that tried it was lost" if lost else f"{type(error).__name__}: {error}")
        delivered = future.result()
        if delivered["why"]:
            return Done(job, None, delivered["why"])
        place = self.folder.private()
        (place / FINISHED).mkdir()
        for file, content in delivered["files"].items():
            (place / FINISHED / file).write_bytes(content)
        close_document(place, self.run.entry(job, Made(**delivered["made"])))
        return Done(job, place)


def make_here(warming: str, wanted: Order) -> dict[str, Any]:
    """Make a document in a maker of this worker; return its files, or why there are none."""
    idle = _idle.setdefault(warming, SimpleQueue())
    try:
        maker = idle.get_nowait()
    except Empty:
        command = [sys.executable, "-m", "turquesa_stats.render.maker", warming]
        maker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if maker.stdin is None or maker.stdout is None:
        raise RenderFailed("a maker was started without pipes")
    try:
        maker.stdin.write(json.dumps(wanted) + "\n")
        maker.stdin.flush()
        line = maker.stdout.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        return {"why": f"the process that makes documents at {os.uname().nodename} ended with {maker.wait()}; see the worker's log"}
    answer: dict[str, Any] = json.loads(line)
    idle.put(maker)
    if not answer["why"]:
        place = Path(answer["folder"])
        answer["files"] = {path.name: path.read_bytes() for path in sorted((place / FINISHED).iterdir())}
        shutil.rmtree(place, ignore_errors=True)
    return answer
