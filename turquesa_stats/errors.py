"""The errors of turquesa: one root, one subclass per phase; and the nearest valid value to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TurquesaError(Exception):
    """Anything turquesa refuses to do; its text says what, where, what is allowed and what to do."""


class SchemaMismatch(TurquesaError):
    """A table that does not fit its schema, with all its problems."""


class SourceRefused(TurquesaError):
    """A source file that cannot be read as what it claims to be."""


class MeasureRefused(TurquesaError):
    """A statistic that the data cannot answer for, such as a sum over parts and totals."""


class DisclosureRefused(TurquesaError):
    """A table that may not be published as it stands."""


class UnknownParameter(TurquesaError):
    """A parameter's name or value that does not exist."""


class ExportRefused(TurquesaError):
    """Rows that may not leave, or a folder that may not be written to."""


class PlanRefused(TurquesaError):
    """A plan with problems or with nothing to do."""


class PublicationRefused(TurquesaError):
    """An edition that may not be published, or a published one that is not as it was."""


class ReviewRefused(TurquesaError):
    """An edition that cannot be reviewed: not there, damaged, or not safe to open."""


class RenderFailed(TurquesaError):
    """A document that could not be executed or typeset."""


class NoRoom(RenderFailed):
    """A folder that cannot be written to: a full or read-only disk, or another run at work in it."""


def nearest(value: str, allowed: Iterable[str], shown: int = 8) -> str:
    """
    Say which valid value is nearest, or which there are.

    Examples
    --------
    >>> nearest("COLL", ["COL", "CHL", "PER"])
    'did you mean COL?'
    >>> nearest("xyz", ["a", "b"])
    'allowed: a, b'
    """
    options = sorted(set(allowed))
    by_folded = {option.casefold(): option for option in options}
    close = get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean {by_folded[close[0]]}?"
    listed = ", ".join(options[:shown])
    return f"allowed: {listed}" + (f" and {len(options) - shown} more" if len(options) > shown else "")
