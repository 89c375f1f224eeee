"""Column maps: a YAML file that says which column of a register is which field, so that a country needs no programming."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from turquesa_stats.errors import SourceRefused, nearest
from turquesa_stats.schema.codes import NOT_ASKED, Language
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.tables import table_names, table_schema

_SOURCE = ("id", "title", "publisher", "url", "licence", "reporting_entity_type")
_ISO_DATES = ("%Y-%m-%d", "%Y-%m", "%Y")
_YES = ("1", "true", "yes", "y", "x", "si", "sí", "oui", "sim")


@dataclass(frozen=True, slots=True)
class Made:
    """
    How one field is made.

    Attributes
    ----------
    column : str, optional
        The column it is read from.
    value : str, optional
        Instead: what every row has.
    codes : mapping
        Words of the register -> codes; a word that is a code already needs no entry.
    otherwise : str, optional
        The code of all words that ``codes`` does not have; without it such a row is set aside.
    split : str, optional
        The mark between several values of one cell; each becomes a row.
    flags : mapping
        Instead of a column: columns that say yes or nothing -> the codes that a yes means; each becomes a row.
    before : str, optional
        A mark: only what stands before it is read.
    several : str, optional
        With ``split`` or ``flags``: the one code of a cell with several values, instead of a row for each.
    """

    column: str | None = None
    value: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    split: str | None = None
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    several: str | None = None
    before: str | None = None

    @property
    def has_many(self) -> bool:
        """Whether a row of the register can become several rows by this field."""
        return self.several is None and (self.split is not None or bool(self.flags))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the register that are read."""
        return (*self.flags, *((self.column,) if self.column is not None else ()))


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table made from the rows of one sheet."""

    table: str
    sheet: str | None
    fields: Mapping[str, Made]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """
    A whole map.

    Attributes
    ----------
    source : mapping
        What the table ``source`` says about the register.
    blocks : tuple of Block
        What is made of it.
    rows : mapping
        Sheet (None where there is one) -> the table of which one row of the sheet is one row.
    header : tuple of str
        Columns by which the header is known; a column that the map names and the file has not is then taken as not collected. Without
        it the file must have every column.
    missing : mapping
        Words for nothing -> ``_U`` unknown, ``_N`` not asked or not collected, ``_Z`` not applicable. An empty cell is ``_N``.
    yes : tuple of str
        What a flag column says where it says yes.
    dates : tuple of str
        Formats of dates, in strptime's notation; a date without its day is known to the month, without its month to the year.
    language : str
        Language of the names of months.
    """

    source: Mapping[str, Any]
    blocks: tuple[Block, ...]
    rows: Mapping[str | None, str]
    header: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    yes: tuple[str, ...] = _YES
    dates: tuple[str, ...] = _ISO_DATES
    language: str = "es"
    encoding: str | None = None
    decimal: str = "."
    thousands: str = ""


def shipped_maps() -> dict[str, Path]:
    """Return the maps that come with turquesa, by name."""
    return {path.stem: path for path in sorted((project_root() / "data" / "schema" / "maps").glob("*.yml"))}


def read_map(name: str) -> ColumnMap:
    """
    Read a column map.

    Parameters
    ----------
    name : str
        Name of a map that comes with turquesa, or path of a YAML file.

    Raises
    ------
    SourceRefused
        With everything wrong in it at once.
    """
    path = shipped_maps().get(name, Path(name))
    if not path.is_file():
        raise SourceRefused(f"column map '{name}' is neither a file nor one that comes with turquesa; {nearest(name, shipped_maps())}")
    try:
        # The base loader leaves every value the text it is (No is a word), and makes nothing but text, lists and mappings.
        declared = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceRefused(f"{path}: is not YAML: {error}") from error
    if not isinstance(declared, dict):
        raise SourceRefused(f"{path}: a column map has 'source', 'rows' and 'tables'; this file has none of them")
    problems = list(_problems(declared))
    if problems:
        raise SourceRefused(f"{path}: {len(problems)} problems\n" + "\n".join(f"  {problem}" for problem in problems))
    return _parsed(declared)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_pairs(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, [*value, *value.values()]))


def _are_flags(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(key) and (_is_text(codes) or _are_texts(codes)) for key, codes in value.items())


_TEXT, _LIST, _PAIRS = (_is_text, "a text"), (_are_texts, "a list of texts"), (_are_pairs, "words and what they mean")
_PARTS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "source": _PAIRS,
    "rows": (lambda value: _is_text(value) or _are_pairs(value), "the name of a table, or sheets and their tables"),
    "tables": (lambda value: isinstance(value, dict) and bool(value), "tables and their fields: nothing would be read"),
    "header": _LIST,
    "missing": _PAIRS,
    "yes": _LIST,
    "dates": _LIST,
    **dict.fromkeys(("language", "encoding", "decimal", "thousands"), _TEXT),
}
_MADE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "codes": _PAIRS,
    "flags": (_are_flags, "columns and the codes that a yes means"),
    **dict.fromkeys(("column", "value", "else", "split", "several", "before"), _TEXT),
}


def _misshapen(given: Mapping[Any, Any], parts: Mapping[str, tuple[Callable[[Any], bool], str]], where: str = "") -> list[str]:
    """Return what is no part of a mapping, and what has not the shape that its part must have."""
    found = [f"{where}'{key}' is not understood; {nearest(str(key), parts)}" for key in given if key not in parts]
    return found + [f"{where}{key} must be {parts[key][1]}" for key in given if key in parts and not parts[key][0](given[key])]


def _problems(declared: dict[Any, Any]) -> Iterator[str]:
    misshapen = _misshapen(declared, _PARTS)
    if misshapen:
        yield from misshapen
        return
    lacking = [name for name in _SOURCE if name not in declared.get("source", {})]
    if lacking:
        yield f"source lacks {', '.join(lacking)}"
    for word, kind in declared.get("missing", {}).items():
        if kind not in ("_U", NOT_ASKED, "_Z"):
            yield f"missing: '{word}' means '{kind}'; allowed: _U unknown, _N not asked or not collected, _Z not applicable"
    if declared.get("language", "es") not in list(Language):
        yield f"language: '{declared['language']}'; {nearest(declared['language'], list(Language))}"
    if "tables" not in declared:
        yield "tables is missing: nothing would be read"
    else:
        yield from _problems_of_tables(declared["tables"], declared.get("rows"))


def _problems_of_tables(tables: dict[Any, Any], rows: Any) -> Iterator[str]:
    for table, blocks in tables.items():
        if table not in table_names():
            yield f"table '{table}' does not exist; {nearest(str(table), table_names())}"
            continue
        for block in blocks if isinstance(blocks, list) else [blocks]:
            yield from _problems_of_block(table, block)
    for unit in rows.values() if isinstance(rows, dict) else [rows]:
        if unit not in tables:
            yield f"rows: says '{unit}'; one row of the file must be one row of a table of the map: {', '.join(map(str, tables))}"


def _problems_of_block(table: str, block: Any) -> Iterator[str]:
    if not isinstance(block, dict):
        yield f"{table}: must be fields and their columns"
        return
    fields = table_schema(table).field_names
    for name, made in block.items():
        if name == "sheet" and isinstance(made, str):
            continue
        if name not in fields:
            yield f"{table}.{name}: is no field of the table; {nearest(str(name), fields)}"
        if isinstance(made, dict):
            yield from _misshapen(made, _MADE, f"{table}.{name}: ")
            if sum(key in made for key in ("column", "value", "flags")) != 1:
                yield f"{table}.{name}: needs one of column, value, flags"
        elif not isinstance(made, str):
            yield f"{table}.{name}: must be the name of a column, or {{value: ...}}"


def _parsed(declared: dict[str, Any]) -> ColumnMap:
    blocks = []
    for table, given in declared["tables"].items():
        for block in given if isinstance(given, list) else [given]:
            fields = {name: _made(made) for name, made in block.items() if name != "sheet"}
            blocks.append(Block(table, block.get("sheet"), fields))
    rows = declared["rows"]
    units = rows if isinstance(rows, dict) else {block.sheet: rows for block in blocks if block.table == rows}
    return ColumnMap(
        declared["source"],
        tuple(blocks),
        units,
        header=tuple(declared.get("header", ())),
        missing=declared.get("missing", {}),
        yes=tuple(declared.get("yes", _YES)),
        dates=tuple(declared.get("dates", _ISO_DATES)),
        language=declared.get("language", "es"),
        encoding=declared.get("encoding"),
        decimal=declared.get("decimal", "."),
        thousands=declared.get("thousands", ""),
    )


def _made(made: str | dict[str, Any]) -> Made:
    if isinstance(made, str):
        return Made(column=made)
    return Made(
        column=made.get("column"),
        value=made.get("value"),
        codes=made.get("codes", {}),
        otherwise=made.get("else"),
        split=made.get("split"),
        flags={column: (codes,) if isinstance(codes, str) else tuple(codes) for column, codes in made.get("flags", {}).items()},
        several=made.get("several"),
        before=made.get("before"),
    )
