"""Execution of a report's cells in the present process, which should be one forked for this document alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat

from turquesa_stats.errors import RenderFailed, TurquesaError


def execute(notebook: nbformat.NotebookNode, name: str, at: Callable[[int], None] | None = None) -> nbformat.NotebookNode:
    """
    Return the notebook with the outputs of its cells.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook whose parameters are set.
    name : str
        What to call it in errors.
    at : callable, optional
        Called with the number of each cell before it runs.

    Raises
    ------
    RenderFailed
        If a cell fails, with its number, source and message.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}))
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if at is not None:
            at(place)
        with capture_output() as captured:
            result = shell.run_cell(cell.source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            kind = "" if isinstance(error, TurquesaError) else f"{type(error).__name__}: "
            raise RenderFailed(f"{name}, {cell_name(notebook, place)}: {kind}{error}") from error
        cell.outputs = [_output(rich) for rich in captured.outputs]
        for stream in ("stdout", "stderr"):
            text = getattr(captured, stream)
            if text:
                cell.outputs.append(nbformat.v4.new_output("stream", name=stream, text=text))
        cell.execution_count = place + 1
    return notebook


def cell_name(notebook: nbformat.NotebookNode, place: int) -> str:
    """Return what to call a cell in errors: its number and last line."""
    lines = [line for line in notebook.cells[place].source.splitlines() if line.strip() and not line.startswith("#|")]
    return f"cell {place} ({lines[-1].strip()[:80]})" if lines else f"cell {place}"


def _output(rich: Any) -> nbformat.NotebookNode:
    made: nbformat.NotebookNode = nbformat.v4.new_output("display_data", data=rich.data, metadata=rich.metadata or {})
    return made
