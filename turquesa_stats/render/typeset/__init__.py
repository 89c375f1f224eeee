"""From an executed notebook to HTML, PDF and DOCX: two typesetters behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import nbformat

from turquesa_stats.errors import RenderFailed, nearest
from turquesa_stats.render.plan import Format

CHOICES = ("auto", "quarto", "pandoc")


@dataclass(frozen=True, slots=True)
class ToTypeset:
    """An executed notebook, what to make of it, and a folder that nothing else uses."""

    notebook: nbformat.NotebookNode
    to: Format
    folder: Path


class Typesetter(Protocol):
    """What turns executed notebooks into documents, without executing them again."""

    @property
    def at_once(self) -> int:
        """How many documents are worth waiting for, to be typeset by one process."""

    @property
    def identity(self) -> str:
        """Name and version."""

    def typeset_many(self, documents: Sequence[ToTypeset]) -> list[Path]:
        """Write each document into its private folder and return the paths in order."""


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
