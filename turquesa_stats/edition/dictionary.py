"""The data dictionary: every table, field and code list in words, made from the files from which data are checked."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from turquesa_stats.present.markdown import grid, head, plain
from turquesa_stats.present.words import Words
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset.pandoc import Pandoc
from turquesa_stats.schema.codes import Language, code_list, code_list_names
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import Field, TableSchema, table_names, table_schema


def dictionary(language: str) -> str:
    """
    Return the data dictionary as Markdown, with its title as document metadata.

    Parameters
    ----------
    language : str
        ``en``, ``es``, ``fr`` or ``pt``.
    """
    words = Words(language)
    schemas = [table_schema(name) for name in table_names()]
    lists = code_list_names()
    counted = {"tables": len(schemas), "fields": sum(len(schema.fields) for schema in schemas), "lists": len(lists)}
    metadata = {
        "title": words("dictionary.title"),
        "subtitle": words("dictionary.subtitle", **counted),
        "lang": language,
        "project": words("document.project"),
        "toc-title": words("document.contents"),
        "skip": words("document.skip"),
    }
    parts = [head(metadata), words("dictionary.lead"), f"## {words('dictionary.tables')}"]
    parts += [_table(schema, words) for schema in schemas]
    parts.append(f"## {words('dictionary.rules')}")
    parts += [words("dictionary.rules_lead"), _rules(words)]
    parts.append(f"## {words('dictionary.lists')}")
    parts += [_list(name, words) for name in lists]
    return "\n\n".join(parts) + "\n"


def write_dictionary(folder: Path) -> list[Path]:
    """
    Write ``dictionary.<language>.md`` and ``.html`` for every language.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; each file is replaced as a whole.

    Returns
    -------
    list of Path
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with TemporaryDirectory(dir=folder) as scratch:
        for language in Language:
            text = dictionary(language)
            source = Path(scratch) / f"{language}.md"
            source.write_text(text, encoding="utf-8")
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
            page = Pandoc().typeset(notebook, Format.HTML, Path(scratch))
            for path in (source, page):
                final = folder / f"dictionary.{language}{path.suffix}"
                shutil.move(path, final)
                written.append(final)
    return written


def _table(schema: TableSchema, words: Words) -> str:
    language = words.language
    header = [words(f"dictionary.{name}") for name in ("field", "meaning", "holds", "empty", "role", "standard")]
    rows = [
        [
            field.name,
            f"{field.label[language]}. {field.description[language]}",
            _holds(field, schema, words),
            words("dictionary.yes" if field.nullable else "dictionary.no"),
            words(f"dictionary.role.{field.role}"),
            ", ".join(words(f"dictionary.standard.{standard}") for standard in field.standard),
        ]
        for field in schema.fields
    ]
    about = [
        schema.description[language],
        words("dictionary.key", fields=", ".join(schema.key)),
        words("dictionary.access", access=words.label("sensitivity", schema.sensitivity)),
    ]
    title = f"### {plain(schema.title[language])} ({plain(schema.name)})"
    return f"{title}\n\n{plain(' '.join(about))}\n\n{grid(header, rows, 'llllll')}"


def _holds(field: Field, schema: TableSchema, words: Words) -> str:
    """Return what a field takes: its type, unit and limits."""
    if field.codes:
        said = [words("dictionary.codes", list=field.codes)]
    elif field.pattern:
        said = [words("dictionary.pattern", pattern=field.pattern)]
    else:
        said = [words(f"dictionary.type.{field.type}")]
    said += [field.unit] if field.unit and field.unit != field.type else []
    low, high = (f"{limit:g}" if limit is not None else None for limit in (field.minimum, field.maximum))
    if low and high:
        said.append(words("dictionary.range_both", low=low, high=high))
    elif low or high:
        said.append(words("dictionary.range", low=low) if low else words("dictionary.range_high", high=high))
    said += [words("dictionary.link", field=link.to, table=link.table) for link in schema.foreign_keys if link.field == field.name]
    return ", ".join(said)


def _rules(words: Words) -> str:
    language = words.language
    header = [words(f"dictionary.{name}") for name in ("rule", "holds_rule", "tables_of_rule", "grave", "mend", "standard")]
    rows = [
        [
            f"{rule.id} {rule.title[language]}",
            rule.rule[language],
            ", ".join(rule.tables) or words("dictionary.all_tables"),
            f"{words(f'quality.severity.{rule.severity}')}: {words(f'quality.action.{rule.action}')}",
            rule.mend[language],
            ", ".join(words(f"dictionary.standard.{standard}") for standard in rule.basis),
        ]
        for rule in rules().values()
    ]
    return grid(header, rows, "llllll")


def _list(name: str, words: Words) -> str:
    codes = code_list(name)
    rows = [[code, codes.label(code, words.language)] for code in codes.codes]
    return f"### {plain(name)}\n\n{grid([words('dictionary.code'), words('dictionary.label')], rows, 'll')}"
