"""How long documents will take: from those that the journal holds, else from stated defaults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from turquesa_stats.render.journal import Entry
from turquesa_stats.render.plan import Job

CELLS, FORMAT = 1.0, 0.5  # seconds that a report's cells and each of its formats take where nothing is known


def expected_seconds(jobs: Sequence[Job], journal: Iterable[Entry], at_once: int) -> tuple[float, int]:
    """
    Return how long documents will take, and how many made documents that is known from.

    Parameters
    ----------
    jobs : sequence of Job
        The documents to make.
    journal : iterable of Entry
        Documents made earlier; those of the same report and formats count.
    at_once : int
        Documents at once.

    Examples
    --------
    >>> from turquesa_stats.period import Period
    >>> from turquesa_stats.render.plan import Format
    >>> expected_seconds([Job("a", "COL", Period.parse("2020"), "en", (Format.HTML,))] * 4, [], 2)
    (3.0, 0)
    """
    took: dict[tuple[str, str], list[float]] = {}
    for entry in journal:
        took.setdefault((entry.report, entry.key.get("formats", "")), []).append(entry.seconds)
    used: set[tuple[str, str]] = set()
    total = 0.0
    for job in jobs:
        kind = (job.report, ",".join(job.formats))
        total += fmean(took[kind]) if kind in took else CELLS + FORMAT * len(job.formats)
        used |= {kind} & set(took)
    return total / max(1, min(at_once, len(jobs))), sum(len(took[kind]) for kind in used)


def in_words(seconds: float) -> str:
    """
    Return a length of time as a person says it.

    Examples
    --------
    >>> in_words(42), in_words(600), in_words(9000)
    ('42 s', '10 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
