"""
A process that makes documents for another: ``python -m turquesa_stats.render.maker``; one line of JSON in, one out, for each.

A worker of a cluster has threads, and a process with threads must not fork; this one has none. It imports the stack and reads the tables
once, and makes each document in a forked child. When the worker ends, however it ends, its input closes: it ends its child and itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from turquesa_stats.errors import TurquesaError
from turquesa_stats.period import Period
from turquesa_stats.render.child import Child, Limits
from turquesa_stats.render.document import make_document
from turquesa_stats.render.freshness import digest, machinery
from turquesa_stats.render.notebook import ReportFile
from turquesa_stats.render.plan import Format, Job
from turquesa_stats.render.processes import why_not
from turquesa_stats.render.run import Warming
from turquesa_stats.render.typeset import choose
from turquesa_stats.schema.parts import fingerprints
from turquesa_stats.schema.workspace import Workspace

Order = dict[str, Any]


def order(job: Job, report: ReportFile, typesetter: str, limits: Limits, data: str) -> Order:
    """Return what a maker must know of a document, and what must be the same where it works."""
    return {
        "job": [job.report, job.country, str(job.period), job.language, list(job.formats), job.sections],
        "text": report.text,
        "typesetter": typesetter,
        "limits": asdict(limits),
        "same": {**machinery(), "data": data},
    }


def _job(asked: Order) -> Job:
    report, country, period, language, formats, sections = asked["job"]
    return Job(report, country, Period.parse(period), language, tuple(Format(name) for name in formats), sections)


def _make(asked: Order, here: dict[str, str], home: Path, requests: int) -> dict[str, Any]:
    differing = [name for name, value in asked["same"].items() if here[name] != value]
    if differing:
        return {"why": f"the worker at {os.uname().nodename} has another {' and '.join(differing)} than the machine that asks"}
    place = Path(mkdtemp(dir=home))
    (place / "report").mkdir()
    path = place / "report" / f"{asked['job'][0]}.qmd"
    path.write_text(asked["text"], encoding="utf-8")
    job, report = _job(asked), ReportFile(path)
    typesetter, _ = choose(asked["typesetter"].split()[0])
    if typesetter.identity != asked["typesetter"]:
        return {"why": f"the worker at {os.uname().nodename} has {typesetter.identity}, not {asked['typesetter']}"}
    limits = Limits(**asked["limits"])
    child = Child(partial(make_document, job, report, typesetter, place), limits)
    while not child.is_late and not set(child.sentinels) & set(ready := wait([*child.sentinels, requests], timeout=1.0)):
        if requests in ready:  # nobody asks before the answer: the worker has ended
            child.stop()
            raise EOFError
    answer = child.answer()
    if answer.value is None:
        shutil.rmtree(place, ignore_errors=True)
        return {"why": why_not(report, job, answer)}
    return {"why": "", "made": asdict(answer.value), "folder": str(place)}


def main() -> None:
    """Make documents until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints must not stand among the answers
    warming = Warming(**json.loads(sys.argv[1]))
    warming()
    here = {**machinery(), "data": digest(fingerprints(Workspace(Path(warming.workspace))))}
    with TemporaryDirectory(prefix="turquesa-") as home:
        while line := sys.stdin.readline():
            try:
                answer = _make(json.loads(line), here, Path(home), sys.stdin.fileno())
            except (TurquesaError, OSError) as error:
                answer = {"why": str(error)}
            except EOFError:
                return
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
