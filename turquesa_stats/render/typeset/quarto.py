"""The Quarto CLI, where a machine has it: typesets the executed notebook without executing it again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from turquesa_stats.errors import RenderFailed
from turquesa_stats.render.notebook import document_metadata, joined_markdown
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset import ToTypeset

OLDEST = (1, 4)
_TIME_LIMIT = 300
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "315532800"}  # as for pandoc, which Quarto calls
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
    at_once: int = 4  # a Quarto process takes 0.4 to 1 s to start, a document 1.3 to 2.6 s

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"quarto {self.version}"

    def typeset_many(self, documents: Sequence[ToTypeset]) -> list[Path]:
        """
        Write each document into its folder: one Quarto process for all documents of a format.

        Every document has a folder of its own with a project file, so that Quarto neither finds nor locks a project above it.

        Raises
        ------
        RenderFailed
            If Quarto fails, with its message.
        """
        for document in documents:
            private = document.folder / _NAMES[document.to]
            private.mkdir()
            (private / "_quarto.yml").write_text("project: {type: default}\n", encoding="utf-8")
            nbformat.write(with_metadata(document.notebook, document.to), private / "document.ipynb")
        for to in dict.fromkeys(document.to for document in documents):
            self._run([document.folder / _NAMES[to] for document in documents if document.to is to], to)
        return [document.folder / _NAMES[document.to] / f"document.{document.to}" for document in documents]

    def _run(self, folders: Sequence[Path], to: Format) -> None:
        inputs = [str(folder / "document.ipynb") for folder in folders] if len(folders) > 1 else ["document.ipynb"]
        command = [self.program, "render", *inputs, "--to", _NAMES[to], "--no-execute"]
        limit = _TIME_LIMIT * len(folders)
        done = subprocess.run(
            command,
            text=True,
            encoding="utf-8",
            capture_output=True,
            cwd=folders[0],
            timeout=limit,
            check=False,
            env=_ENVIRONMENT | os.environ,
        )
        if done.returncode != 0 or not all((folder / f"document.{to}").is_file() for folder in folders):
            raise RenderFailed(f"Quarto: {done.stderr.strip()[-2000:]}")


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
