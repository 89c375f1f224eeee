"""The data dictionary says what the schema files say, in every language."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from turquesa_stats.edition.dictionary import dictionary
from turquesa_stats.present.markdown import plain
from turquesa_stats.schema.codes import Language, code_list, code_list_names
from turquesa_stats.schema.rules import rules
from turquesa_stats.schema.tables import table_names, table_schema


def section(text: str, ending: str) -> str:
    """Return the text under the heading that ends so."""
    start = text.index(f"{ending}\n\n")
    return re.split(r"\n#{2,3} ", text[start:])[0]


@pytest.mark.parametrize("language", list(Language))
def test_every_table_and_field_stands_in_it_in_the_readers_language(language: str) -> None:
    text = dictionary(language)
    for name in table_names():
        schema = table_schema(name)
        under = section(text, f" ({plain(name)})")
        rows = [line for line in under.splitlines() if line.startswith("|")][2:]
        assert len(rows) == len(schema.fields)
        for field, row in zip(schema.fields, rows, strict=True):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            assert cells[0] == plain(field.name)
            assert plain(field.label[language]) in cells[1]
            assert field.codes is None or plain(field.codes) in cells[2]


@pytest.mark.parametrize("language", list(Language))
def test_every_rule_stands_in_it_with_what_must_hold_and_what_to_do(language: str) -> None:
    text = dictionary(language)
    rows = {row.split(" ")[1]: row for row in text.splitlines() if re.match(r"\| [RSF]\d\d ", row)}
    assert set(rows) == set(rules())
    for name, rule in rules().items():
        assert plain(rule.rule[language]) in rows[name]
        assert plain(rule.mend[language]) in rows[name]


@pytest.mark.parametrize("language", list(Language))
def test_every_code_stands_in_it_with_its_label(language: str) -> None:
    text = dictionary(language)
    for name in code_list_names():
        rows = [line for line in section(text, f"### {plain(name)}").splitlines() if line.startswith("|")][2:]
        shown = [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]) for row in rows]
        codes = code_list(name)
        assert shown == [(plain(code), plain(codes.label(code, language))) for code in codes.codes]


def test_the_command_writes_a_page_and_a_text_in_each_language(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "turquesa_stats", "dictionary", "--into", str(tmp_path / "d")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (tmp_path / "d").iterdir())
    assert written == sorted(f"dictionary.{language}.{ending}" for language in Language for ending in ("md", "html"))
    page = (tmp_path / "d/dictionary.es.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert "<h1>Diccionario de datos</h1>" in page
    for field in table_schema("victim").fields:
        assert f'<th style="text-align: left;">{field.name}</th>' in page
