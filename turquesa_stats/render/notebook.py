"""Reports as notebooks: a ``.qmd`` read into cells, parameters injected strictly, outputs joined to one Markdown text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import yaml
from markdown_it import MarkdownIt

from turquesa_stats.errors import RenderFailed, UnknownParameter, nearest

PARAMETERS_TAG = "parameters"
AREAS = ("country", "region")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ASSIGNED = re.compile(r"^(\w+)\s*=", re.MULTILINE)
_OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.*)$", re.MULTILINE)
_MAY_BE_LEFT_OUT = {"sections"}  # all of them, unless some are asked for
_UNDERSTOOD = {"echo", "label", "output", "tags", "warning"}


@dataclass(frozen=True)
class ReportFile:
    """One report: a Quarto document with a ``parameters`` cell."""

    path: Path

    @property
    def name(self) -> str:
        """The report's name."""
        return self.path.stem

    @cached_property
    def text(self) -> str:
        """The document's text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def front_matter(self) -> dict[str, Any]:
        """The YAML at its head."""
        match = _FRONT_MATTER.match(self.text)
        return (yaml.safe_load(match[1]) or {}) if match else {}

    @property
    def needs(self) -> list[str]:
        """What a country and period must have at least one of: names of :meth:`Workspace.coverage`."""
        return list(self.front_matter.get("turquesa", {}).get("needs", []))

    @property
    def of(self) -> str:
        """
        What its parameter ``country`` may be: ``country`` or ``region``.

        Raises
        ------
        RenderFailed
            If its head says anything else.
        """
        said = str(self.front_matter.get("turquesa", {}).get("of", AREAS[0]))
        if said not in AREAS:
            raise RenderFailed(f"{self.path.name}: 'of: {said}' under turquesa is neither; {nearest(said, AREAS)}")
        return said

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """
        The document as a notebook.

        Raises
        ------
        RenderFailed
            If a cell has an option that the two typesetters do not both honour.
        """
        body = _FRONT_MATTER.sub("", self.text, count=1)
        lines, cells, done = body.splitlines(), [], 0
        for token in MarkdownIt().parse(body):
            if token.type == "fence" and token.info.strip() == "{python}" and token.map and token.level == 0:
                cells += _markdown_cell(lines[done : token.map[0]])
                cells.append(self._code_cell(token.content))
                done = token.map[1]
        cells += _markdown_cell(lines[done:])
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        made: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        return made

    def _code_cell(self, source: str) -> nbformat.NotebookNode:
        options = dict(_OPTION.findall(source))
        unknown = sorted(set(options) - _UNDERSTOOD)
        if unknown:
            raise RenderFailed(
                f"{self.path.name}: cell option '{unknown[0]}' is outside the dialect of the reports; {nearest(unknown[0], _UNDERSTOOD)}"
            )
        tags = yaml.safe_load(options.get("tags", "[]"))
        made: nbformat.NotebookNode = nbformat.v4.new_code_cell(
            source.rstrip(), metadata={"tags": tags, **({"output": options["output"]} if "output" in options else {})}
        )
        return made

    @property
    def parameters(self) -> list[str]:
        """
        The names assigned in the parameters cell.

        Raises
        ------
        RenderFailed
            If there is no such cell.
        """
        return _ASSIGNED.findall(self.notebook.cells[self._parameters_at].source)

    @property
    def _parameters_at(self) -> int:
        for place, cell in enumerate(self.notebook.cells):
            if PARAMETERS_TAG in cell.metadata.get("tags", []):
                return place
        raise RenderFailed(f"{self.path.name}: no cell with '#| tags: [{PARAMETERS_TAG}]'")

    def with_parameters(self, values: Mapping[str, str]) -> nbformat.NotebookNode:
        """
        Return the notebook with a cell that sets every parameter, after the one that declares them.

        Raises
        ------
        UnknownParameter
            If a name is not declared, or a declared one has no value: a default country must never slip into a report.
        """
        for name in values:
            if name not in self.parameters:
                raise UnknownParameter(f"report {self.name} has no parameter '{name}'; {nearest(name, self.parameters)}")
        left_out = [name for name in self.parameters if name not in values and name not in _MAY_BE_LEFT_OUT]
        if left_out:
            raise UnknownParameter(f"report {self.name}: parameter '{left_out[0]}' has no value")
        notebook = nbformat.from_dict(self.notebook)
        source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
        injected = nbformat.v4.new_code_cell(source, metadata={"tags": ["injected-parameters"]})
        place = self._parameters_at + 1
        cells = [*notebook.cells[:place], injected, *notebook.cells[place:]]
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"  # random ids would make the same input differ
        made: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
        return made


def _markdown_cell(lines: list[str]) -> list[nbformat.NotebookNode]:
    text = "\n".join(lines).strip()
    return [nbformat.v4.new_markdown_cell(text)] if text else []


def reports_in(folder: Path) -> dict[str, ReportFile]:
    """Return the reports of a folder by name."""
    return {path.stem: ReportFile(path) for path in sorted(folder.glob("*.qmd"))}


def joined_markdown(notebook: nbformat.NotebookNode) -> str:
    """
    Return an executed notebook as one Markdown text: its prose and what its cells displayed.

    Raises
    ------
    RenderFailed
        If a cell displayed anything but Markdown: that would look different, or be lost, in one of the formats.
    """
    parts = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        for output in cell.outputs:
            if output.output_type not in {"display_data", "execute_result"} or "text/markdown" not in output.data:
                kind = output.get("name", output.output_type)
                raise RenderFailed(f"cell {place} gives {kind}: {str(output.get('text', ''))[:200]!r}; reports display Markdown only")
            parts.append(output.data["text/markdown"])
    return "\n\n".join(parts) + "\n"


def document_metadata(markdown: str) -> dict[str, Any]:
    """Return the metadata that a report displays about itself (title, language ...)."""
    match = re.search(r"^---\n(.*?)\n---\n", markdown, re.DOTALL | re.MULTILINE)
    return dict(yaml.safe_load(match[1])) if match else {}
