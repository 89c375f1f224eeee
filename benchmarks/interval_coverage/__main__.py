"""Print how often each interval holds the truth, as Markdown: ``make coverage`` keeps it in ``docs/coverage.md``."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

from benchmarks.interval_coverage import PROMISED, Scenario, scenarios

SEED = 20261124
HEAD = """# How often the intervals hold the truth

Made by `make coverage` (seed {seed}); not by hand. Each line draws so many sets of data of which the truth is known, and counts how often
the 95 % interval holds it. *Nominal* intervals should do so in {low:.0%} to {high:.0%} of the sets; exact and worst-case ones *at least*
as often.

| interval | function | data | sets | promise | coverage | kept |
| --- | --- | --- | ---: | --- | ---: | --- |"""


def _coverage(place: int) -> float:
    return list(scenarios(sys.argv[1:]))[place].coverage(SEED)


def _line(scenario: Scenario, coverage: float) -> str:
    kept = "yes" if scenario.keeps(coverage) else "**NO**"
    words = (scenario.method, f"`{scenario.function}`", scenario.case, f"{scenario.repeats:,}", scenario.promise, f"{coverage:.1%}", kept)
    return f"| {' | '.join(words)} |"


def main() -> int:
    """Print the table, of all topics or of those named; 1 if a promise is not kept."""
    every = list(scenarios(sys.argv[1:]))
    low, high = PROMISED["nominal"]
    print(HEAD.format(seed=SEED, low=low, high=high))
    kept = True
    with ProcessPoolExecutor() as processes:
        for scenario, coverage in zip(every, processes.map(_coverage, range(len(every))), strict=True):
            print(_line(scenario, coverage), flush=True)
            kept &= scenario.keeps(coverage)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
