"""Known right answers of every method: tests hold our answers to them, and ``docs/methods.md`` is made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pandas as pd

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """
    One number that somebody else computed, and how we compute it.

    Attributes
    ----------
    method : str
        What is estimated, in words: "Wilson interval of a share, lower end".
    function : str
        Name of our function, from ``turquesa_stats``: ``methods.intervals.proportion``.
    source : str
        Who gives the answer: paper and table, or program, version and call.
    case : str
        Which input, in short: "3 of 17".
    reference : float
        The known right answer.
    ours : callable
        Computes our answer when called.
    tolerance : float
        Largest difference allowed, relative to the reference where ``relative``.
    relative : bool
        Whether the tolerance is relative.
    """

    method: str
    function: str
    source: str
    case: str
    reference: float
    ours: Callable[[], float]
    tolerance: float
    relative: bool = False

    def difference(self, ours: float) -> float:
        """Return the distance of an answer from the reference, in the sense of the tolerance."""
        return abs(ours - self.reference) / (abs(self.reference) if self.relative else 1.0)


def reference(name: str) -> pd.DataFrame:
    """Return a file of reference answers (``../shared/reference``)."""
    return pd.read_csv(REFERENCE / f"{name}.csv", skipinitialspace=True)


def known_answers() -> Iterator[KnownAnswer]:
    """Yield all known answers, topic by topic: each module of this package is a topic and has ``answers()``."""
    for topic in sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")):
        yield from import_module(f"{__name__}.{topic}").answers()
