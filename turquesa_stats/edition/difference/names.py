"""What a reader is told of a changed figure or cell: what it counts, and its values before and after, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from turquesa_stats.edition.audit.codebook import PUBLICATIONS, WHOLE, name_of, possible_codes
from turquesa_stats.edition.difference.figures import OFFICIAL, Figure, Origin
from turquesa_stats.edition.difference.persons import Cell, State
from turquesa_stats.present import numbers
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import TOTAL, Language, code_list
from turquesa_stats.schema.tables import Field, table_schema

_SPLITS = ("sex", "age", "exploitation", "counterpart_area", "characteristic_code")  # in the order in which a row is named
_COUNTED = ("obs_value", "obs_lower", "obs_upper")
_HOW_HIDDEN = ("obs_status", "conf_status")
_FEW_FIELDS = 4
_PERSONS = "PERSONS"


def group_name(table: str, indicator: str, words: Words) -> str:
    """Return what figures of an indicator, or of a table without indicators, are called."""
    return _label("indicator", indicator, words) if indicator else table_schema(table).title[Language(words.language)]


def family_name(family: str, words: Words) -> str:
    """Return what the cells of a family are called."""
    key = f"difference.family.{family}"
    return words("difference.records", family=words(key) if words.has(key) else family)


def figure_name(one: Figure, words: Words) -> str:
    """Return what a row of a public table counts, besides its country, indicator and period."""
    if one.table != OFFICIAL:
        fields = {field.name: field for field in table_schema(one.table).fields}
        named = (_label(fields[name].codes, code, words) for name, code in one.key.items() if name != "iso3")
        return ", ".join(text for text in named if text)
    parts = [_split(name, one.key, words) for name in _SPLITS if one.key[name] != TOTAL]
    units = one.key["unit_measure"]
    parts = parts or ([words.label("sex", TOTAL)] if units == _PERSONS else [])
    return ", ".join([*parts, *([] if units == _PERSONS else [words.label("unit_measure", units)])]) + f" ({one.key['source_agency']})"


def _split(name: str, key: Mapping[str, str], words: Words) -> str:
    if name == "counterpart_area":
        kind = key["characteristic"]
        area = words.country(key[name]) if key[name] in code_list("area") else key[name]
        return words("difference.named", name=_label("characteristic", kind, words), text=area) if kind != TOTAL else area
    if name == "characteristic_code":
        codes = code_list("characteristic").column("codes").get(key["characteristic"])
        return _label(codes or None, key[name], words)
    return _label(name, key[name], words)


def period_of(one: Figure) -> str:
    """Return the period of a figure as its table writes it; empty where it has none."""
    return one.key.get("time_period", one.key.get("year", ""))


def values(one: Figure, words: Words) -> tuple[str, str]:
    """Return what a figure was before and is after; a number that its source has taken back is not repeated."""
    ends = [fields for fields in (one.before, one.after) if fields is not None]
    whole = len(ends) == 1
    said = _HOW_HIDDEN if any(fields.get("obs_value") == "" for fields in ends) else ()  # by the value itself
    before, after = (_value(one.table, fields, words, said, whole=whole) for fields in (one.before, one.after))
    if not whole and "obs_value" in ends[1] and "obs_value" not in ends[0]:
        before = ", ".join(text for text in (words("difference.not_repeated"), before) if text)
    return before, after


def _value(table: str, fields: Mapping[str, str] | None, words: Words, said: Sequence[str], *, whole: bool) -> str:
    if fields is None:
        return words("difference.state.absent")
    declared = [field for field in table_schema(table).fields if field.name in fields and field.name not in (*_COUNTED, *said)]
    others = [_named(field, fields[field.name], words) for field in declared if fields[field.name] or not whole]
    if table == OFFICIAL and whole:
        return _count(fields, words)
    counted = [_count(fields, words)] if "obs_value" in fields else []
    return "; ".join([*counted, *others[:_FEW_FIELDS]])


def _named(field: Field, text: str, words: Words) -> str:
    told = _label(field.codes, text, words) if text else words("difference.state.absent")
    return words("difference.named", name=field.label[Language(words.language)], text=told)


def _count(fields: Mapping[str, str], words: Words) -> str:
    value, low, high = (fields.get(name, "") for name in _COUNTED)
    if value:
        exact = _number(value, words)
        qualifier = fields.get("value_qual", "EXACT")
        return exact if qualifier == "EXACT" else f"{_label('value_qual', qualifier, words)} {exact}"
    if low and high:
        return numbers.ends(float(low), float(high), words)
    return words("number.unknown")


def _number(text: str, words: Words) -> str:
    number = float(text)
    return numbers.integer(number, words) if number.is_integer() else numbers.decimal(number, words)


def by_of(one: Figure, words: Words) -> str:
    """Return by how much a printed figure differs, with its sign; empty where either end is no number."""
    if not (one.before and one.after and one.before.get("obs_value") and one.after.get("obs_value")):
        return ""
    return signed(float(one.after["obs_value"]) - float(one.before["obs_value"]), words)


def signed(number: float, words: Words) -> str:
    """
    Write a difference with its sign.

    Examples
    --------
    >>> signed(1200.0, Words("en")), signed(-3.0, Words("en")), signed(0.0, Words("en"))
    ('+1,200', '−3', '')
    """
    size = numbers.integer(abs(number), words) if number.is_integer() else numbers.decimal(abs(number), words)
    return "" if number == 0 else f"{'+' if number > 0 else '−'}{size}"


def origin(before: Origin | None, after: Origin | None, words: Words) -> str:
    """Return the source of a figure, and its releases where they are not the same; both sources where another one has taken its place."""
    one, other = before or after, after or before
    if one is None or other is None or not one.source_id:
        return ""
    if one.source_id != other.source_id:
        return words("difference.from_to", before=one.source_id, after=other.source_id)
    released = one.release
    if one.release != other.release:
        released = words("difference.from_to", before=one.release, after=other.release)
    return f"{one.source_id}, {released}" if released else one.source_id


def cell_name(one: Cell, words: Words) -> str:
    """Return what a cell of persons counts, besides its country, period and family."""
    codes = one.cell.split("/")[3:]
    named = ", ".join(_code(one.family, code, words) for code in codes if code != TOTAL)
    return named or words.label("sex", TOTAL)


def _code(family: str, code: str, words: Words) -> str:
    if code == WHOLE:
        return words("difference.whole")
    for axis in _axes(family):
        if axis != "months" and code in possible_codes(axis):
            return name_of(axis, code, words)
    return code.lstrip("0") if code.isdigit() else code


def _axes(family: str) -> Iterator[str]:
    near = {"unknown": "known", "unreached": "steps"}.get(family, family)
    for publication in PUBLICATIONS.values():
        if publication.family == near:
            yield from publication.axes


def cell_values(one: Cell, words: Words) -> tuple[str, str]:
    """Return what an edition before and after prints of a cell."""
    return _state(one.state_before, one.before, words), _state(one.state_after, one.after, words)


def _state(state: State, number: int | None, words: Words) -> str:
    if state is State.PRINTED:
        return words("difference.not_repeated") if number is None else numbers.integer(number, words)
    return words("number.suppressed") if state is State.HIDDEN else words(f"difference.state.{state}")


def cell_kind(one: Cell) -> str:
    """Return what became of a cell: a key of the words ``difference.kind``."""
    if one.state_before is State.PRINTED and one.state_after is State.PRINTED:
        return "revised"
    if State.ABSENT in (one.state_before, one.state_after):
        return "new" if one.state_before is State.ABSENT else "withdrawn"
    if State.HIDDEN in (one.state_before, one.state_after):
        return "hidden" if one.state_after is State.HIDDEN else "shown"
    return "other"


def _label(codes: str | None, code: str, words: Words) -> str:
    """Return the label of a code; the code itself where no list has it, as of an edition of other lists."""
    return words.label(codes, code) if codes and code in code_list(codes) else code
