"""From an executed notebook to HTML, PDF and DOCX: two typesetters behind one interface."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import nbformat

from turquesa_stats.errors import RenderFailed, nearest
from turquesa_stats.render.plan import Format

CHOICES = ("auto", "quarto", "pandoc")


class Typesetter(Protocol):
    """What turns an executed notebook into a document, without executing it again."""

    @property
    def identity(self) -> str:
        """Name and version."""

    def typeset(self, notebook: nbformat.NotebookNode, to: Format, folder: Path) -> Path:
        """Write the document into a private folder and return its path."""


def choose(wanted: str) -> tuple[Typesetter, str]:
    """
    Return a typesetter, and why it was chosen.

    Parameters
    ----------
    wanted : {"auto", "quarto", "pandoc"}
        ``auto`` takes Quarto where it is on the PATH and new enough, and the embedded pandoc otherwise.

    Raises
    ------
    RenderFailed
        If the name is unknown, or Quarto is wanted and missing or too old.
    """
    from turquesa_stats.render.typeset import pandoc, quarto

    if wanted not in CHOICES:
        raise RenderFailed(f"typesetter '{wanted}' does not exist; {nearest(wanted, CHOICES)}")
    if wanted == "pandoc":
        return pandoc.Pandoc(), "asked for"
    found, why = quarto.find()
    if found is not None:
        return found, why
    if wanted == "quarto":
        raise RenderFailed(f"Quarto cannot be used: {why}. Install Quarto from https://quarto.org, or use --typesetter pandoc")
    return pandoc.Pandoc(), why
