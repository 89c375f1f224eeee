"""What a document shows, whatever its format: figures, tables and texts in their order, and what else lies in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Block:
    """
    One thing on a page.

    Attributes
    ----------
    kind : str
        ``figure``, ``table``, ``text`` or ``note`` (what stands under the figure or table before it).
    text : str
        The alt text of a figure, the text of the others.
    label : str
        The label that the page itself gives: ``fig-detection``.
    header, rows : tuple
        Of a table.
    pictures : tuple of (media type, bytes)
        Of a figure.
    """

    kind: Literal["figure", "table", "text", "note"]
    text: str = ""
    label: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    pictures: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Page:
    """
    A document as read.

    Attributes
    ----------
    path : str
        Within the edition.
    blocks : list of Block
        In order.
    aside : list of (place, text)
        Texts that no reader sees at once: metadata, comments, attributes, scripts.
    unread : list of str
        What of the file could not be read, and why.
    """

    path: str
    blocks: list[Block] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def clean(text: str | None) -> str:
    """Return a text on one line; spaces that do not break stay, as numbers hold them."""
    return re.sub(r"[ \t\n\r\f\v]+", " ", text or "").strip()
