"""The verdict in words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from turquesa_stats.edition.audit.verdict import Fall, Verdict

_MOST_PLACES = 3
_NARROWEST = 5


def account(verdict: Verdict) -> Iterator[str]:
    """
    Yield the lines that tell a verdict: what falls first, then what could not be judged, then how safe the rest is.

    Parameters
    ----------
    verdict : Verdict
        From :func:`turquesa_stats.edition.audit.verdict.audit`.
    """
    by_cell: dict[tuple[str, str, float, float], list[Fall]] = defaultdict(list)
    for one in verdict.falls:
        by_cell[one.cell, one.how, one.low, one.high].append(one)
    if by_cell:
        yield f"Found again, {len({cell for cell, *_ in by_cell})} hidden cells:"
    for (cell, how, low, high), places in by_cell.items():
        yield f"  {cell}: {_ends(low, high)}, {how}; fewer than {places[0].k} possible values, or exact"
        for one in places[:_MOST_PLACES]:
            yield f"    in {one.document}, {one.place}"
        if len(places) > _MOST_PLACES:
            yield f"    and in {len(places) - _MOST_PLACES} more places"
        yield f"    to do: {places[0].do}"
    yield from _listed(
        "Not understood, so that anything may stand there", [f"{file}, {place}: {text}" for file, place, text in verdict.unclear]
    )
    yield from _listed("Not read", [f"{file}: {why}" for file, why in verdict.unread])
    yield from _listed("Contradictions", [f"{cell}: {said}" for cell, said in verdict.disagreeing])
    narrow = sorted((one for one in verdict.stands if 0 < one.width < math.inf), key=lambda one: one.width)[:_NARROWEST]
    yield from _listed("Narrowest of the protected cells", [f"{one.cell}: {_ends(one.low, one.high)}" for one in narrow])
    hidden = len(verdict.stands) + len({one.cell for one in verdict.falls})
    yield f"{verdict.documents} files read, {verdict.shown} cells printed, {hidden} hidden or unnamed cells attacked."
    yield "Nothing that is hidden can be found again." if verdict.passes else "This edition must not be published as it stands."


def _ends(low: float, high: float) -> str:
    if low == high:
        return f"{low:g}"
    return f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)}):"
        yield from (f"  {line}" for line in lines)
