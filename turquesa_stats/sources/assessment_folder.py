"""The working folder of a threat assessment: YAML files that an analyst fills in, read with the line of every entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

HEAD, JUDGEMENTS, SOURCES, LAST_YEAR = "assessment.yml", "judgements.yml", "sources.yml", "last-year"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """
    Something in the folder that is wrong, or that a reader would stumble over.

    Attributes
    ----------
    file, line : str, int
        Where: the file within the folder, and the line of the entry.
    item, name : str
        Which entry, such as ``j_2025_01``, and which of its keys, such as ``statement.es``.
    what, allowed, do : str
        What is wrong, what may stand there, and what to do.
    is_error : bool
        Whether the assessment cannot be published as it is; otherwise it is worth a look.
    """

    file: str
    line: int
    item: str
    name: str
    what: str
    allowed: str
    do: str
    is_error: bool = True

    def __str__(self) -> str:
        """Say all of it in one line."""
        at = " ".join(part for part in (f"{self.file}:{self.line}", self.item, self.name) if part)
        return f"{'error  ' if self.is_error else 'warning'} {at}: {self.what}. Allowed: {self.allowed}. {self.do}."

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self) | {"severity": "error" if self.is_error else "warning"}


@dataclass(frozen=True)
class Item:
    """One entry of a file: its values, and the line of each key (``statement.es`` for a key within a key)."""

    file: str
    given: Mapping[str, Any]
    lines: Mapping[str, int]
    line: int = 1

    @property
    def id(self) -> str:
        """Its key; empty where it has none."""
        return str(self.given.get("id") or "")

    def text(self, name: str, language: str) -> str:
        """Return a text in a language; empty where none is written."""
        held = self.given.get(name)
        return str(held.get(language) or "").strip() if isinstance(held, Mapping) else ""

    def listed(self, name: str) -> list[str]:
        """Return a list of texts."""
        held = self.given.get(name)
        return [str(one) for one in held] if isinstance(held, list) else []

    def problem(self, name: str, what: str, allowed: str, do: str, *, is_error: bool = True) -> Problem:
        """Return a problem of one of its keys, at the key's line."""
        return Problem(
            self.file, self.lines.get(name, self.lines.get(name.partition(".")[0], self.line)), self.id, name, what, allowed, do, is_error
        )


@dataclass
class AssessmentFolder:
    """What stands in a folder; ``problems`` are those of files that cannot be read as lists of entries."""

    folder: Path
    head: Item
    judgements: list[Item]
    sources: list[Item]
    problems: list[Problem] = field(default_factory=list)

    @property
    def area(self) -> str:
        """Code of its region."""
        return str(self.head.given.get("region") or "")

    @property
    def year(self) -> str:
        """Its year."""
        return str(self.head.given.get("year") or "")

    @property
    def scale(self) -> str:
        """Code of its scale of likelihood."""
        return str(self.head.given.get("scale") or "")


def read_folder(folder: Path, within: str = "") -> AssessmentFolder:
    """
    Read the files of a folder; what is not there or cannot be read is told in ``problems``.

    Parameters
    ----------
    folder : Path
        The working folder, or the one of last year within it.
    within : str
        Path of the folder as problems name it, such as ``last-year/``.
    """
    problems: list[Problem] = []
    head = _items(folder, HEAD, within, problems, of_list=False)
    judgements = _items(folder, JUDGEMENTS, within, problems)
    sources = _items(folder, SOURCES, within, problems)
    return AssessmentFolder(folder, head[0] if head else Item(within + HEAD, {}, {}), judgements, sources, problems)


def last_year_of(folder: Path) -> AssessmentFolder | None:
    """Return last year's assessment beside this year's; None where the folder holds none."""
    path = folder / LAST_YEAR
    return read_folder(path, f"{LAST_YEAR}/") if path.is_dir() else None


def _items(folder: Path, file: str, within: str, problems: list[Problem], *, of_list: bool = True) -> list[Item]:
    path, name = folder / file, within + file
    kind = "a list of entries, each with its keys" if of_list else "keys with their values"
    if not path.is_file():
        problems.append(
            Problem(
                name,
                1,
                "",
                "",
                "the file is not there",
                "the files that turquesa new assessment makes",
                "Make it, or take it from a new folder",
            )
        )
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
        held, node = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        told = getattr(error, "problem", None) or "it is no text in UTF-8"
        problems.append(
            Problem(
                name, mark.line + 1 if mark else 1, "", "", f"cannot be read: {told}", "YAML in UTF-8", "Mend this line or the one before"
            )
        )
        return []
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    entries = held if isinstance(held, list) else [held]
    if isinstance(held, list) is not of_list or not all(isinstance(one, dict) for one in entries):
        if held is not None:
            problems.append(Problem(name, 1, "", "", "has another form", kind, "Write it as the file of a new folder is written"))
        return []
    found = []
    for values, one in zip(entries, nodes, strict=True):
        lines: dict[str, int] = {}
        item = Item(name, values, lines, one.start_mark.line + 1)
        for key, line in _lines(one):
            if key in lines:
                problems.append(Problem(name, line, item.id, key, "stands twice", "each key once", "Remove one of the two"))
            lines[key] = line
        found.append(item)
    return found


def _lines(node: yaml.Node, name: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = f"{name}.{key.value}" if name else str(key.value)
            yield at, key.start_mark.line + 1
            yield from _lines(value, at)
