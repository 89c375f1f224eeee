"""Shares, counts, rates and their comparison."""

from __future__ import annotations

from collections.abc import Iterator

from tests.known_answers import KnownAnswer, reference
from turquesa_stats.methods.intervals import proportion

_R_INTERVALS = {
    "wilson": "R 4.2.2 prop.test(correct=FALSE); Wilson 1927",
    "clopper-pearson": "R 4.2.2 binom.test; Clopper and Pearson 1934",
    "jeffreys": "R 4.2.2 qbeta; Brown, Cai and DasGupta 2001",
}


def answers() -> Iterator[KnownAnswer]:
    """Yield the known answers of this topic."""
    for row in reference("binomial_intervals").to_dict("records"):
        for method, source in _R_INTERVALS.items():
            for end in ("low", "high"):
                yield KnownAnswer(
                    f"{method} interval of a share, {end}",
                    "methods.intervals.proportion",
                    source,
                    f"{row['x']:g} of {row['n']:g}",
                    row[f"{method.replace('-', '_')}_{end}"],
                    lambda row=row, method=method, end=end: getattr(proportion(int(row["x"]), int(row["n"]), method), end),
                    1e-9,
                )
