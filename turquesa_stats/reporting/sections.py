"""Which sections of a report are shown: all, a brief of two pages, or those asked for by name."""

from __future__ import annotations

from turquesa_stats.errors import UnknownParameter, nearest

ALL, BRIEF = "all", "brief"
ALWAYS = ("front_matter", "assessment_opening", "made")
"""What no choice leaves out: what the document is, that data are synthetic, and how it was made."""
_BRIEF = (
    "key_facts",
    "map",
    "victims_by_year",
    "victims_profile",
    "exploitation",
    "stages",
    "missing",
    "key_judgements",
    "outlook",
    "assessment_annex",
)


def check_sections(sections: str) -> str:
    """
    Return the choice of sections if every name in it is a block.

    Parameters
    ----------
    sections : str
        ``all``; ``brief``; names separated by commas; or names with a minus before each, which are left out.

    Raises
    ------
    UnknownParameter
        If a name is no block, or some names are asked for and others left out.
    """
    from turquesa_stats.reporting.blocks import BLOCKS

    if sections in (ALL, BRIEF):
        return sections
    names = [name.strip() for name in sections.split(",")]
    for name in names:
        if name.removeprefix("-") not in BLOCKS:
            raise UnknownParameter(f"section '{name}' does not exist; {nearest(name.removeprefix('-'), [ALL, BRIEF, *BLOCKS])}")
    if len({name.startswith("-") for name in names}) > 1:
        raise UnknownParameter(f"sections '{sections}' ask for some and leave out others; give either names, or names with a minus")
    return ",".join(names)


def is_shown(block: str, sections: str) -> bool:
    """
    Whether a choice of sections shows a block.

    Examples
    --------
    >>> is_shown("means", "all"), is_shown("means", "brief"), is_shown("means", "-means,ratio"), is_shown("made", "means")
    (True, False, False, True)
    """
    if sections == ALL or block in ALWAYS:
        return True
    if sections == BRIEF:
        return block in _BRIEF
    names = sections.split(",")
    return f"-{block}" not in names if sections.startswith("-") else block in names
