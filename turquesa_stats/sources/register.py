"""Rows of a register as rows of tables, by a column map; keys of persons and cases become opaque random ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.inspection import MISFIT
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import Field, TableSchema, table_schema
from turquesa_stats.sources.cells import read_cells
from turquesa_stats.sources.column_map import Block, ColumnMap, Made
from turquesa_stats.sources.spreadsheet import ROW, SHEET

_OPAQUE = r"[a-z]{2}_[0-9a-f]{16}"
_NO = ("0", "0.0", "false", "no", "n")
Domain = tuple[str, str]


@dataclass(slots=True)
class Keys:
    """
    Opaque keys: random, not made from what they replace; the same text in one import gets the same key.

    A text that is an opaque key already stays.
    """

    made: dict[tuple[Domain, str], str] = field(default_factory=dict)

    def of(self, domain: Domain, texts: pd.Series[str]) -> pd.Series[str]:
        """Return the key of each text of a domain (a table and its key field); missing where there is no text."""
        opaque = texts.str.fullmatch(_OPAQUE).eq(True)
        known = {text: self._key(domain, text) for text in texts[~opaque].dropna().unique()}
        return texts.where(opaque, texts.map(known))

    def _key(self, domain: Domain, text: str) -> str:
        return self.made.setdefault((domain, text), f"{domain[1][:2]}_{secrets.token_hex(8)}")


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    Tables made from the rows of a sheet.

    Attributes
    ----------
    tables : list of (name, DataFrame)
        Each with ``source_sheet`` and ``source_row``; fields that the map does not make are not there yet.
    misfits : DataFrame
        Hits of rule S01: cells that could not be read; their rows are not in the table.
    """

    tables: list[tuple[str, pd.DataFrame]]
    misfits: pd.DataFrame


def mapped(rows: pd.DataFrame, blocks: Sequence[Block], how: ColumnMap, keys: Keys) -> Mapped:
    """
    Make the rows of tables.

    Parameters
    ----------
    rows : DataFrame
        Text as in the register, with ``source_sheet`` and ``source_row``.
    blocks : sequence of Block
        The blocks of the map that read this sheet.
    how : ColumnMap
        The map.
    keys : Keys
        The keys given so far in this import.

    Raises
    ------
    SourceRefused
        If a table needs a key that neither the map nor another table of the same rows gives.
    """
    given = {_domain(block.table, key.name): _key_texts(rows, block.fields.get(key.name)) for block in blocks for key in _own_keys(block)}
    made = [_rows_of(block, rows, how, keys, given) for block in blocks]
    told = [misfits for _, misfits in made if len(misfits)]
    tables = [(block.table, table) for block, (table, _) in zip(blocks, made, strict=True)]
    return Mapped(tables, pd.concat(told, ignore_index=True) if told else pd.DataFrame())


def _own_keys(block: Block) -> Iterator[Field]:
    """Yield the key field of a table that has one opaque key of its own."""
    schema = table_schema(block.table)
    if len(schema.key) == 1:
        yield from (field for field in schema.fields if field.name == schema.key[0] and _is_opaque(field))


def _is_opaque(field: Field) -> bool:
    return field.pattern is not None and field.pattern.strip("^$") == _OPAQUE


def _domain(table: str, name: str) -> Domain:
    return next(((link.table, link.to) for link in table_schema(table).foreign_keys if link.field == name), (table, name))


def _key_texts(rows: pd.DataFrame, made: Made | None) -> pd.Series[str]:
    """Return the texts that name the rows of a table: a column, or the row itself."""
    if made is not None and made.column is not None:
        text: pd.Series[str] = rows[made.column].str.strip()
        return text.mask(text.eq(""))
    return (rows[SHEET].astype("str") + "\0" + rows[ROW].astype("str")).astype("str")


def _rows_of(
    block: Block, rows: pd.DataFrame, how: ColumnMap, keys: Keys, given: Mapping[Domain, pd.Series[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    schema = table_schema(block.table)
    fields = {one.name: one for one in schema.fields}
    many = [name for name, made in block.fields.items() if made.has_many]
    if len(many) > 1:
        raise SourceRefused(f"{block.table}: {' and '.join(many)} have several values in a cell; make a block of each")
    cells = {name: _cells(rows, made, how) for name, made in block.fields.items()}
    at = cells[many[0]].index if many else rows.index
    table = pd.DataFrame({SHEET: rows[SHEET].reindex(at).to_numpy(), ROW: rows[ROW].reindex(at).to_numpy()})
    misfits = []
    for name in _in_order(schema, block):
        one = fields[name]
        if _is_opaque(one):
            texts = _texts_of_key(one, block, rows, given)
            if texts is not None:
                table[name] = keys.of(_domain(block.table, name), texts.reindex(at).reset_index(drop=True))
                if not one.nullable:
                    misfits.append(_misfits(block, one, table, table[name].isna(), "a key", table[name]))
            continue
        made = block.fields[name]
        text = (cells[name] if name in many else cells[name].reindex(at)).reset_index(drop=True)
        read = read_cells(text, one, made, how)
        table = table.assign(**{key: values for key, values in read.fields.items() if key in fields and key not in table})
        misfits.append(_misfits(block, one, table, read.must_be.notna(), read.must_be, text))
    bad = pd.concat(misfits, ignore_index=True) if misfits else pd.DataFrame({"position": []})
    good = table.drop(index=bad["position"].unique().tolist())
    return good.drop_duplicates([name for name in good if name not in {SHEET, ROW}]) if _repeats(block, how) else good, bad


def _repeats(block: Block, how: ColumnMap) -> bool:
    """Whether rows of the register may say the same of a table twice: all tables but the one that each row is a row of."""
    return how.rows.get(block.sheet) != block.table


def _in_order(schema: TableSchema, block: Block) -> list[str]:
    """Return the fields to make: keys, and what the map names; precisions and reasons that it names go before derived ones."""
    named = [name for name in block.fields if name in schema.field_names]
    told = [name for name in named if name.endswith(("_prec", "_missing"))]
    opaque = [one.name for one in schema.fields if _is_opaque(one) and one.name not in named]
    return [*opaque, *told, *(name for name in named if name not in told)]


def _texts_of_key(one: Field, block: Block, rows: pd.DataFrame, given: Mapping[Domain, pd.Series[str]]) -> pd.Series[str] | None:
    made, domain = block.fields.get(one.name), _domain(block.table, one.name)
    if made is not None:
        return _key_texts(rows, made)
    if domain in given and (domain == (block.table, one.name) or not one.nullable):
        return given[domain]
    if one.nullable:
        return None
    raise SourceRefused(f"{block.table} needs {one.name}: name its column in the map, or make table {domain[0]} from the same rows")


def _cells(rows: pd.DataFrame, made: Made, how: ColumnMap) -> pd.Series[str]:
    """Return the texts of a field; one a row, or one a value where a row has many."""
    if made.value is not None:
        return pd.Series(made.value, index=rows.index, dtype="str")
    if made.flags:
        cells = _flagged(rows, made, how)
    else:
        cells = rows[str(made.column)]
        lists: pd.Series[Any] = cells.str.split(made.split, regex=False) if made.split is not None else cells
        cells = lists.explode().astype("str").str.strip()
        cells = cells.str.partition(made.before)[0] if made.before is not None else cells
    if made.several is None:
        return cells
    first, different = cells.groupby(level=0).first(), cells.groupby(level=0).nunique()
    return first.mask(different.gt(1), made.several)


def _flagged(rows: pd.DataFrame, made: Made, how: ColumnMap) -> pd.Series[str]:
    """Return one code for each column that says yes, and one empty cell for a row where none does."""
    yes = {word.casefold() for word in how.yes} | {f"{word}.0" for word in how.yes if word.isdigit()}
    parts = []
    for column, codes in made.flags.items():
        word = rows[column].str.strip().str.casefold()
        strange = word.notna() & ~word.isin([*yes, *_NO, "", *(key.casefold() for key in how.missing)])
        parts += [pd.Series(code, index=word.index[word.isin(yes)], dtype="str") for code in codes]
        parts.append(rows.loc[strange, column])
    several = pd.concat(parts).astype("str")
    none = pd.Series(index=rows.index.difference(several.index), dtype="str")
    flagged: pd.Series[str] = pd.concat([several, none]).sort_index(kind="stable")
    return flagged


def _misfits(
    block: Block, one: Field, table: pd.DataFrame, is_bad: pd.Series[bool], must_be: str | pd.Series[str], text: pd.Series[str]
) -> pd.DataFrame:
    made = block.fields.get(one.name)
    column = ", ".join(made.columns) if made is not None and made.columns else one.name
    bad = table[is_bad]
    why = must_be if isinstance(must_be, str) else must_be[is_bad].to_numpy()
    told = text[is_bad].fillna("empty").to_numpy()
    rule = rules()[MISFIT]
    return pd.DataFrame(
        {
            "rule": MISFIT,
            "severity": str(rule.severity),
            "action": str(rule.action),
            "table": block.table,
            "position": bad.index,
            "key": "",
            "source_id": None,
            SHEET: bad[SHEET].to_numpy(),
            ROW: bad[ROW].to_numpy(),
            "column": column,
            "value": pd.Series(told, dtype="str") + "; must be: " + pd.Series(why, index=range(len(bad)), dtype="str"),
            "set_to": None,
        }
    )
