"""Work that leaves threads behind, done in a process of its own: whoever forks from a process with such threads can wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any


def apart(work: Callable[..., Any], *given: object) -> Any:
    """Return what a function returns, or raise what it raises, in a forked process: Typst compiles in threads of its own."""
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        return pool.submit(work, *given).result()
