"""The notebooks show every block of every report, the same numbers as the reports print, and no count that was not protected."""

from __future__ import annotations

import ast
import base64
import json
import re
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

import nbformat
import pandas as pd
import pytest
from nbval.plugin import get_sanitize_patterns
from PIL import Image

from turquesa_stats.disclosure.gate import Origin, Verdict, protect
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.present.notebooks import numbers, plain_markdown
from turquesa_stats.reporting import Report, open_report
from turquesa_stats.schema.location import project_root

NOTEBOOKS = project_root() / "notebooks"
REPORTS = sorted(path.stem for path in (project_root() / "reports").glob("*.qmd"))
LABEL = re.compile(r"\{#((?:tbl|data)-[\w-]+)\}")
SHOWN_LABEL = re.compile(r"^\*\*((?:tbl|data|fig)-[\w-]+)\.\*\*")
TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?")
WHOLLY_NUMBERS = re.compile(r"[\d\s%().,:;·×~<>≥–-]+(?:to [\d\s%().,·]+)*")
WORDS_ONLY = ("made",)  # the exact numbers behind what it prints are for the register's keeper
DISPLAYS = {"numbers", "printed", "pictured"}


class Section(NamedTuple):
    """A block's part of a notebook: its name, what the measures gave, and what the report prints."""

    measured: str
    printed: str


@cache
def _notebook(report: str) -> Any:
    return nbformat.read(NOTEBOOKS / f"{report}-numbers.ipynb", as_version=4)


def _code(report: str) -> list[Any]:
    return [cell for cell in _notebook(report).cells if cell.cell_type == "code"]


@cache
def _blocks(report: str) -> list[str]:
    return re.findall(r'report\.show\("(\w+)"\)', (project_root() / "reports" / f"{report}.qmd").read_text(encoding="utf-8"))


def _outputs(cell: Any) -> str:
    told = [output.get("data", {}).get("text/markdown") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n\n".join(told)


def _opened(report: str) -> dict[str, Report]:
    """Open the reports that a notebook opens, by the name it gives them."""
    found = {}
    for node in ast.walk(ast.parse(_code(report)[0].source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "open_report":
            found[ast.unparse(node.targets[0])] = open_report(*(ast.literal_eval(argument) for argument in node.value.args))
    return found


@cache
def _sections(report: str) -> dict[str, Section]:
    """Return what a notebook shows of each block, read from its cells and their kept outputs."""
    found, before = {}, ""
    for cell in _code(report)[1:]:
        blocks = set(re.findall(r'\.write\("(\w+)"', cell.source))
        if not blocks:
            before = _outputs(cell)
            continue
        assert len(blocks) == 1, f"one block a cell: {blocks}"
        found[blocks.pop()] = Section(before, _outputs(cell))
        before = ""
    return found


@cache
def _written(report: str) -> dict[str, dict[str, list[str]]]:
    """Return what each of the notebook's reports prints now, block by block, in the order of the report."""
    return {name: {block: opened.write(block) for block in _blocks(report)} for name, opened in _opened(report).items()}


def _tables(text: str, label: re.Pattern[str]) -> dict[str, list[str]]:
    """Return the lines of each labelled table."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        named = label.search(line)
        if named:
            lines = found.setdefault(named[1], [])
        elif line.startswith("|"):
            lines.append(line)
    return found


def test_every_report_has_its_notebook_and_the_notebook_opens_it() -> None:
    assert len(REPORTS) >= 9
    for report in REPORTS:
        opened = _opened(report)
        assert opened, report
        assert {one.name for one in opened.values()} == {report}


@pytest.mark.parametrize("report", REPORTS)
def test_every_block_of_the_report_is_in_the_notebook_in_its_order(report: str) -> None:
    assert list(_sections(report)) == _blocks(report)


@pytest.mark.parametrize("report", REPORTS)
def test_every_table_of_the_report_stands_in_the_notebook_with_the_same_rows(report: str) -> None:
    labels = set()
    shown = {block: section.printed for block, section in _sections(report).items()}
    source = {block: cell.source for cell in _code(report) for block in re.findall(r'\.write\("(\w+)"', cell.source)}
    for name, written in _written(report).items():
        for block, parts in written.items():
            tables = _tables("\n\n".join(parts), LABEL)
            if f'{name}.write("{block}"' not in source[block]:  # of two reports that print the same, the notebook shows one
                assert set(tables) <= set(_tables(shown[block], SHOWN_LABEL)), (name, block)
                continue
            for label, lines in tables.items():
                assert "\n".join(lines) in shown[block], f"{name}, {label}: the notebook is not as the report is; make notebooks"
                assert f"**{label}.**" in shown[block]
                labels.add(label)
            assert plain_markdown("\n\n".join(parts)).count("**fig-") <= shown[block].count("fig-")
    assert len(labels) >= 6


def _close(token: str, value: float) -> bool:
    number = float(token.replace(",", ""))
    half = 0.5 * 10.0 ** -len(token.partition(".")[2]) + 1e-9
    return abs(number - value) <= half or abs(number - 100 * value) <= half


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_in_a_table_follows_from_what_the_measures_gave(report: str) -> None:
    checked = 0
    for block, section in _sections(report).items():
        if block in WORDS_ONLY:
            continue
        pool = [float(token.replace(",", "")) for token in TOKEN.findall(section.measured)]
        for label, lines in _tables(section.printed, SHOWN_LABEL).items():
            for cell in [cell.strip() for line in lines[2:] for cell in line.strip("|").split("|")]:
                if not WHOLLY_NUMBERS.fullmatch(cell):
                    continue
                for token in TOKEN.findall(cell):
                    assert any(_close(token, value) for value in pool), f"{block}, {label}: {token} of {cell!r} is in no table above it"
                    checked += 1
    assert checked > 20


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_is_shown_but_through_the_gate(report: str) -> None:
    own = [node for node in ast.parse(_code(report)[0].source).body if isinstance(node, ast.FunctionDef)]
    for shows in own:  # a function of the notebook shows by the same functions
        calls = {
            ast.unparse(node.value.func) for node in ast.walk(shows) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        }
        assert calls == {"numbers"}, shows.name
    displays = DISPLAYS | {"print"} | {one.name for one in own}
    for cell in _code(report)[1:]:
        tree = ast.parse(cell.source)
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "display" not in called
        assert not ("print" in called and re.search(r"\b(register|chosen|people)\b", cell.source)), cell.source
        last = tree.body[-1]
        if isinstance(last, ast.Expr):  # what a notebook shows by itself
            assert isinstance(last.value, ast.Call), cell.source
            assert ast.unparse(last.value.func) in displays, cell.source
        assert {output.output_type for output in cell.outputs} <= {"display_data", "stream"}


def test_no_hidden_count_of_the_register_is_in_a_table_that_says_it_is_hidden() -> None:
    """The rows that the measures give and the report hides read ``hidden`` in the notebook."""
    measured = _sections("victim-demographics")["victims_profile"].measured
    small = [line for line in measured.splitlines() if "suppressed" in line]
    assert small
    assert all(" hidden " in line for line in small)


def test_a_table_that_did_not_pass_the_gate_is_refused() -> None:
    with pytest.raises(DisclosureRefused, match="not a DataFrame"):
        numbers(pd.DataFrame([{"count": 3, "n": 9}]))  # type: ignore[arg-type]


def test_case_level_shares_have_no_more_decimals_than_a_report_prints() -> None:
    row = pd.DataFrame([{"group": "WOMEN", "count": 156, "n": 335, "value": 0.46567, "low": 0.41294, "high": 0.51927, "unit": "share"}])
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("IPython.display.display", lambda shown, **_: said.append(shown.data))
        numbers(protect(row, Origin.SYNTHETIC, ["a source"], 10, [Verdict()]), ["group"])
        numbers(protect(row, Origin.OFFICIAL, ["a source"]), ["group"])
    assert "0.47" in said[0]
    assert "0.465" not in said[0]
    assert "0.4657" in said[1]


def test_pictures_are_sanitised_and_what_they_show_in_words_is_not() -> None:
    patterns = get_sanitize_patterns((NOTEBOOKS / "sanitize.cfg").read_text(encoding="utf-8"))
    for report in REPORTS:
        pictures = 0
        for cell in _code(report):
            for output in cell.outputs:
                text = json.dumps(output.get("data", {}), ensure_ascii=False)
                if "image/png" not in output.get("data", {}):
                    assert "base64" not in text
                    continue
                pictures += 1
                assert Image.open(BytesIO(base64.b64decode(output["data"]["image/png"]))).width > 400
                assert output["metadata"]["image/png"]["alt"] == output["data"]["text/plain"]
                for pattern, instead in patterns:
                    text = re.sub(pattern, instead, text)
                assert len(text) < 4000
                assert output["data"]["text/plain"] in text.replace('\\"', '"')
        assert pictures, report


def test_the_notebooks_are_small() -> None:
    assert sum(path.stat().st_size for path in NOTEBOOKS.glob("*.ipynb")) < 2_000_000
