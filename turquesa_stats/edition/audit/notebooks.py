"""Executed notebooks: their Markdown read as a page; any other output is a way out."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from turquesa_stats.edition.audit.record import Block, Page, clean

_FIGURE = re.compile(
    r'^!\[(?P<caption>.*)\]\(data:(?P<type>[\w/+.-]+);base64,(?P<data>[^)]*)\)\{#(?P<label>[\w-]+) fig-alt="(?P<alt>.*)"\}$'
)
_OPENS = re.compile(r"^:{3,}\s*\{(?P<mark>[^}]*)\}\s*$")
_DISPLAYED = {"text/markdown", "text/plain"}
_NAME_OF_OBJECT = "<IPython.core.display.Markdown object>"


def read_notebook(path: str, content: bytes) -> Page:
    """
    Return what an executed notebook holds; outputs that are not Markdown stand aside, whatever they are.

    Parameters
    ----------
    path : str
        Its name in the edition.
    content : bytes
        The file.
    """
    page = Page(path)
    for place, cell in enumerate(json.loads(content)["cells"]):
        if cell["cell_type"] == "markdown":
            page.blocks += read_markdown(_text(cell["source"]))
        for output in cell.get("outputs", []):
            _output(output, f"output of cell {place}", page)
        for name, text in (
            *cell.get("attachments", {}).items(),
            *((key, value) for key, value in cell["metadata"].items() if key != "tags"),
        ):
            page.aside.append((f"{name} of cell {place}", clean(json.dumps(text))))
    return page


def _output(output: dict[str, Any], place: str, page: Page) -> None:
    if output["output_type"] not in {"display_data", "execute_result"}:
        page.aside.append((f"{output['output_type']}, {place}", clean(_text(output.get("text", output.get("traceback", ""))))))
        return
    for kind, data in output["data"].items():
        text = _text(data) if not isinstance(data, dict) else json.dumps(data)
        if kind == "text/markdown":
            page.blocks += read_markdown(text)
        elif not (kind in _DISPLAYED and text.strip() == _NAME_OF_OBJECT):
            page.aside.append((f"{kind}, {place}", clean(re.sub(r"<[^>]*>", " ", text))))
    if output.get("metadata"):
        page.aside.append((f"metadata, {place}", clean(json.dumps(output["metadata"]))))


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def read_markdown(text: str) -> list[Block]:
    """Return the blocks of a displayed Markdown text, in the dialect of ``turquesa_stats.present.markdown``."""
    blocks: list[Block] = []
    marks: list[str] = []
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            blocks.append(_table(table, next((mark[1:] for mark in reversed(marks) if mark.startswith("#")), "")))
            table = []
        opens, figure = _OPENS.match(line), _FIGURE.match(line)
        if opens:
            marks.append(opens["mark"])
        elif line.startswith(":::"):
            marks = marks[:-1]
        elif figure:
            picture = (figure["type"], base64.b64decode(figure["data"]))
            blocks += [Block("figure", clean(figure["alt"]), figure["label"], pictures=(picture,)), Block("text", plain(figure["caption"]))]
        elif plain(line):
            blocks.append(Block("note" if ".source" in marks else "text", plain(line)))
    return blocks


def plain(line: str) -> str:
    """Return a line of Markdown as a reader sees it."""
    line = re.sub(r"\s*\{#[\w-]+\}\s*$", "", re.sub(r"^(#+|-)\s+", "", line))
    if re.fullmatch(r"-{3,}|[\w-]+: \".*\"", line):
        line = line.partition(": ")[2].strip('"')
    return clean(re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)(\*\*?|`)", "", line)))


def _table(lines: list[str], label: str) -> Block:
    rows = [tuple(plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])) for line in lines]
    return Block("table", label=label, header=rows[0], rows=tuple(rows[2:]))
