"""The verdict for a place that anyone may read, such as a comment: where a hidden cell falls, never what was found of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from turquesa_stats.edition.audit.verdict import Verdict

MARK = "<!-- turquesa review -->"
"""First line: by it the comment is found that the next verdict replaces."""
_TELLS_PLACE = re.compile(r"\b(fig|tbl|data|sec)-[\w-]+|\b(cell|line) \d+|\bchange since [\w.-]+")
_MOST = 20  # lines of a kind: a comment has a greatest length


def public_account(verdict: Verdict) -> Iterator[str]:
    """
    Yield the lines of the verdict as Markdown.

    What an attacker would win from a public comment is left out: the counts found, their bounds, the texts in which numbers stand that the
    audit does not understand, how narrow the protected cells are. :func:`turquesa_stats.edition.audit.account.account` tells all that.

    Parameters
    ----------
    verdict : Verdict
        From :func:`turquesa_stats.edition.audit.verdict.audit`.
    """
    fallen = len({one.cell for one in verdict.falls})
    yield MARK
    yield f"### Disclosure audit: {'passed' if verdict.passes else 'failed'}"
    yield ""
    yield "Nothing that is hidden can be found again." if verdict.passes else "**This edition must not be published as it stands.**"
    yield ""
    yield "| Files read | Cells printed | Hidden cells attacked | Found again | Not understood | Not read | Contradictions |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    counts = [verdict.documents, verdict.shown, len(verdict.stands) + fallen, fallen]
    counts += [len(verdict.unclear), len(verdict.unread), len(verdict.disagreeing)]
    yield f"| {' | '.join(str(count) for count in counts)} |"
    falls = dict.fromkeys((one.cell, one.document, one.place, one.how, one.do) for one in verdict.falls)
    yield from _listed(
        "Hidden cells found again",
        [f"{_code(cell)} in {_code(document)}, {_code(_place(place))} ({how}); to do: {do}" for cell, document, place, how, do in falls],
    )
    unclear = Counter((file, _place(place)) for file, place, _ in verdict.unclear)
    yield from _listed(
        "Not understood, so that anything may stand there",
        [f"{_code(file)}, {_code(place)}" + (f", {many} times" if many > 1 else "") for (file, place), many in unclear.items()],
    )
    yield from _listed("Not read", [_code(file) for file in dict.fromkeys(file for file, _ in verdict.unread)])
    yield from _listed("Contradictions", [_code(cell) for cell in dict.fromkeys(cell for cell, _ in verdict.disagreeing)])
    if not verdict.passes:
        yield ""
        yield "Where, and not what, is told here, as anyone may read it. `turquesa audit` on the folder of documents tells the numbers."


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    every = list(lines)
    if every:
        yield ""
        yield f"#### {title} ({len(every)})"
        yield ""
        yield from (f"- {line}" for line in every[:_MOST])
    if len(every) > _MOST:
        yield f"- and {len(every) - _MOST} more"


def _place(place: str) -> str:
    """
    Return a place without what stands there; one with a number that tells no place is not told.

    Examples
    --------
    >>> [_place(place) for place in ("sentence: Health service: 8", "note under fig-ages-2", "output of cell 2", "8 men")]
    ['sentence', 'note under fig-ages-2', 'output of cell 2', 'a text']
    """
    kind = place.partition(":")[0]
    return "a text" if re.search(r"\d", _TELLS_PLACE.sub("", kind)) else kind


def _code(text: str) -> str:
    r"""
    Return a name from the documents as code, so that nothing in it acts as markup, link or mention.

    Examples
    --------
    >>> _code("@all`\n<img>")
    '`@all <img>`'
    """
    return f"`{' '.join(text.replace('`', ' ').split())[:200]}`"
