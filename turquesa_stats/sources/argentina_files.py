"""The two files of Argentina's hotline 145, found by their headers: the calls, and the persons named in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from turquesa_stats.errors import SourceRefused

CALLS, PERSONS = "calls", "persons"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    CALLS: ("nro_registro_interno", "fecha_ingreso", "via_ingreso", "tema", "subtema"),
    PERSONS: ("nro_registro_interno", "referido_tipo", "nacionalidad", "genero", "edad_aparente"),
}
_HEADER_WITHIN = 50


def pair(path: Path) -> dict[str, Path]:
    """
    Return the file of calls and that of persons.

    Parameters
    ----------
    path : Path
        The folder with both, or either file with the other beside it.

    Raises
    ------
    SourceRefused
        If one of them is not there, or if there are several and their names do not tell which go together.
    """
    folder = path if path.is_dir() else path.parent
    kinds = {file: _kind(file) for file in sorted(folder.iterdir()) if file.is_file() and file.suffix.casefold() == ".csv"}
    if not path.is_dir() and kinds.get(path) is None:
        raise SourceRefused(f"{path}: is neither the {_described(CALLS)} nor the {_described(PERSONS)}, in the layout used since 2020")
    return {kind: _one(path, kind, [file for file, its in kinds.items() if its == kind]) for kind in COLUMNS}


def _one(path: Path, kind: str, files: Sequence[Path]) -> Path:
    if path in files:
        return path
    if not files:
        raise SourceRefused(
            f"{path}: the {_described(kind)}, is not {'in it' if path.is_dir() else 'beside it'}; both files are needed, since persons are "
            "joined to their calls"
        )
    of_period = files if path.is_dir() else [file for file in files if _period(file) == _period(path)]
    chosen = files if len(files) == 1 else of_period
    if len(chosen) != 1:
        names = ", ".join(file.name for file in files)
        raise SourceRefused(
            f"{path}: which file of {kind} is meant: {names}? Put the two files that go together into a folder of their own"
        )
    return chosen[0]


def _kind(file: Path) -> str | None:
    """Return which of the two files it is by its header, if it is one."""
    with file.open("rb") as opened:
        lines = [line.decode("utf-8-sig", errors="replace") for line in islice(opened, _HEADER_WITHIN)]
    for line in lines:
        header = {cell.strip().strip('"') for cell in re.split(r"[,;\t]", line)}
        for kind, columns in COLUMNS.items():
            if header.issuperset(columns):
                return kind
    return None


def _described(kind: str) -> str:
    return f"file of {kind}, a CSV file with the columns {', '.join(COLUMNS[kind])}"


def _period(file: Path) -> list[str]:
    return re.findall(r"\d{4,}", file.stem)
