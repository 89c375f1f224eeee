"""How often intervals hold the truth, by simulation: each module of this package is a topic and has ``scenarios()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal
from zlib import crc32

import numpy as np

Promise = Literal["nominal", "at least"]
PROMISED: dict[Promise, tuple[float, float]] = {"nominal": (0.93, 0.97), "at least": (0.93, 1.0)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One way in which data come about, with a truth that the interval should hold.

    Attributes
    ----------
    method : str
        The interval, in words.
    function : str
        Name of our function, from ``turquesa_stats``.
    case : str
        How the data come about and what is true of them, in short.
    promise : {"nominal", "at least"}
        What theory says of a 95 % interval: that it covers about as often as it says, or at least so often (exact and worst-case ones).
    covers : callable
        Draws one set of data with the generator given, and returns whether the interval holds the truth.
    repeats : int
        How many sets to draw.
    """

    method: str
    function: str
    case: str
    promise: Promise
    covers: Callable[[np.random.Generator], bool]
    repeats: int = 2000

    def coverage(self, seed: int) -> float:
        """Return the share of simulated sets whose interval holds the truth; the sets drawn do not depend on other scenarios."""
        streams = np.random.default_rng([seed, crc32(f"{self.function}|{self.method}|{self.case}".encode())]).spawn(self.repeats)
        return sum(self.covers(stream) for stream in streams) / self.repeats

    def keeps(self, coverage: float) -> bool:
        """Whether a coverage is what was promised."""
        low, high = PROMISED[self.promise]
        return low <= coverage <= high


def scenarios(only: Sequence[str] = ()) -> Iterator[Scenario]:
    """Yield the scenarios of some topics, by default of all."""
    for topic in sorted(only or (module.name for module in iter_modules(__path__) if not module.name.startswith("_"))):
        yield from import_module(f"{__name__}.{topic}").scenarios()
