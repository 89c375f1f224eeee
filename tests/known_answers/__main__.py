"""Print every method with its known right answer and ours, as Markdown: ``make methods`` keeps it in ``docs/methods.md``."""

from __future__ import annotations

import sys
from itertools import groupby

from tests.known_answers import KnownAnswer, known_answers

HEAD = """# Methods, and the right answers they are held to

Made by `make methods`; not by hand. A line is a method with one source of known answers: of its cases the one in which ours is farthest from the
reference, in parts of what is allowed. Differences below 1e-12 are those of the computer's arithmetic. `tests/test_known_answers.py` checks every
case. How often intervals hold the truth is in [coverage.md](coverage.md). Assumptions and refusals stand in the functions' docstrings.

| method | function | source of the answer | cases | farthest case | reference | ours | difference | allowed |
| --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: |"""
_ARITHMETIC = 1e-12


def key(known: KnownAnswer) -> tuple[str, str, str]:
    """Return what makes one line of the table."""
    return known.function, known.method, known.source


def _of_allowed(known: KnownAnswer, ours: float) -> float:
    """Return the difference in parts of what is allowed; where nothing is, any difference is too much."""
    difference = known.difference(ours)
    return difference / known.tolerance if known.tolerance else float("inf") if difference else 0.0


def _line(group: list[KnownAnswer]) -> tuple[str, bool]:
    answers = [(_of_allowed(known, ours := known.ours()), ours, known) for known in group]
    parts, ours, known = max(answers, key=lambda answer: answer[0])
    difference = known.difference(ours)
    share = " of it" if known.relative else ""
    shown = (
        known.method,
        f"`{known.function}`",
        known.source,
        f"{len(group)}",
        known.case,
        f"{known.reference:.8g}",
        f"{ours:.8g}",
        "< 1e-12" if difference < _ARITHMETIC else f"{difference:.1e}{share}",
        f"{known.tolerance:g}{share}",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in shown)} |", parts <= 1


def main() -> int:
    """Print the table; 1 if an answer is farther from its reference than allowed."""
    print(HEAD)
    right = True
    for _, group in groupby(sorted(known_answers(), key=key), key=key):
        line, kept = _line(list(group))
        right &= kept
        print(line)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
