"""Sections switch off by parameter, through the command line; names are checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turquesa_stats.cli import app
from turquesa_stats.errors import UnknownParameter
from turquesa_stats.reporting.sections import check_sections, is_shown

COL = ["render", "--report", "country-profile", "--country", "COL", "--period", "2019", "--typesetter", "pandoc"]


def _headings(folder: Path, *options: str) -> list[str]:
    done = CliRunner().invoke(app, [*COL, "--into", str(folder), *options])
    assert done.exit_code == 0, done.output
    return re.findall(r'<section id="sec-([\w-]+)"', (folder / "en/COL/2019/country-profile.html").read_text())


def test_a_brief_comes_first_and_stands_alone(tmp_path: Path) -> None:
    brief = _headings(tmp_path, "--sections", "brief")
    whole = _headings(tmp_path)
    assert brief[:-2] == whole[: len(brief) - 2]
    assert brief[-2:] == whole[-2:] == ["missing", "made"]
    assert len(brief) < len(whole)
    page = (tmp_path / "en/COL/2019/country-profile.html").read_text()
    assert "--sections" not in page
    without = _headings(tmp_path, "--sections=-recruitment,-operations")
    assert without == [name for name in whole if name not in {"recruitment", "operations"}]
    assert "--sections=-recruitment,-operations" in (tmp_path / "en/COL/2019/country-profile.html").read_text()


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ("recruitmint", "section 'recruitmint' does not exist; did you mean recruitment"),
        ("means,-stages", "ask for some and leave out others"),
        ("", "section '' does not exist"),
    ],
)
def test_wrong_sections_are_named(sections: str, told: str) -> None:
    with pytest.raises(UnknownParameter, match=told):
        check_sections(sections)


def test_what_a_document_is_and_how_it_was_made_is_never_left_out() -> None:
    assert all(is_shown(block, sections) for block in ("front_matter", "made") for sections in ("brief", "means", "-made", "-front_matter"))
