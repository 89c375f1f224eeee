"""The Quarto CLI, where a machine has it: typesets the executed notebook without executing it again."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from turquesa_stats.errors import RenderFailed
from turquesa_stats.render.notebook import document_metadata, joined_markdown
from turquesa_stats.render.plan import Format

OLDEST = (1, 4)
_TIME_LIMIT = 300
_NAMES = {Format.HTML: "html", Format.PDF: "typst", Format.DOCX: "docx"}
_OPTIONS: dict[Format, dict[str, Any]] = {
    Format.HTML: {"embed-resources": True, "html-math-method": "mathml", "toc": True, "theme": "cosmo"},
    Format.PDF: {"toc": False, "papersize": "a4"},
    Format.DOCX: {},
}


@dataclass(frozen=True, slots=True)
class Quarto:
    """Typesets with the Quarto CLI."""

    program: str
    version: str

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"quarto {self.version}"

    def typeset(self, notebook: nbformat.NotebookNode, to: Format, folder: Path) -> Path:
        """
        Write a document; see :meth:`turquesa_stats.render.typeset.pandoc.Pandoc.typeset`.

        Raises
        ------
        RenderFailed
            If Quarto fails, with its message.
        """
        private = folder / _NAMES[to]
        private.mkdir()
        nbformat.write(with_metadata(notebook, to), private / "document.ipynb")
        command = [self.program, "render", "document.ipynb", "--to", _NAMES[to], "--no-execute"]
        done = subprocess.run(command, text=True, encoding="utf-8", capture_output=True, cwd=private, timeout=_TIME_LIMIT, check=False)
        made = private / f"document.{to}"
        if done.returncode != 0 or not made.is_file():
            raise RenderFailed(f"Quarto: {done.stderr.strip()[-2000:]}")
        return made


def with_metadata(notebook: nbformat.NotebookNode, to: Format) -> nbformat.NotebookNode:
    """Return the notebook as Quarto wants it unexecuted: a raw cell with the document's metadata, then what its cells displayed."""
    metadata = document_metadata(joined_markdown(notebook))
    front: dict[str, Any] = {
        **{key: metadata[key] for key in ("title", "subtitle", "lang") if key in metadata},
        "crossref": {"fig-title": metadata.get("fig-prefix", "Figure"), "tbl-title": metadata.get("tbl-prefix", "Table")},
        "execute": {"enabled": False, "echo": False},
        "format": {_NAMES[to]: _OPTIONS[to]},
    }
    head = nbformat.v4.new_raw_cell("---\n" + yaml.safe_dump(front, allow_unicode=True, sort_keys=False) + "---")
    head["id"] = "front-matter"
    made: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=[head, *notebook.cells], metadata=notebook.metadata)
    return made


def find() -> tuple[Quarto | None, str]:
    """Return the Quarto of the PATH if it is new enough, and what was found."""
    program = shutil.which("quarto")
    if program is None:
        return None, "no quarto on the PATH"
    done = subprocess.run([program, "--version"], text=True, capture_output=True, timeout=_TIME_LIMIT, check=False)
    match = re.match(r"(\d+)\.(\d+)", done.stdout.strip())
    if match is None:
        return None, f"{program} does not tell its version"
    if (int(match[1]), int(match[2])) < OLDEST:
        return None, f"quarto {done.stdout.strip()} is older than {OLDEST[0]}.{OLDEST[1]}"
    return Quarto(program, done.stdout.strip()), f"quarto {done.stdout.strip()} on the PATH"
