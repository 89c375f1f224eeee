"""Two typesetters behind one interface; Quarto is played by a program that records how it is called."""

import json
import stat
import time
from pathlib import Path

import nbformat
import pytest
import yaml

from tests.apart import apart
from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.errors import RenderFailed
from turquesa_stats.render.notebook import joined_markdown
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset import ToTypeset, choose
from turquesa_stats.render.typeset.pandoc import Pandoc

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
DISPLAYED = f"""---
title: "Título"
subtitle: "País, 2020"
lang: "es"
fig-prefix: "Gráfico"
tbl-prefix: "Cuadro"
---

## Víctimas {{#sec-a}}

Véanse @fig-one, @tbl-one y @sec-a.

![Primera](data:image/png;base64,{PIXEL}){{#fig-one fig-alt="texto alternativo 12"}}

::: {{.source}}
Fuente: x.
:::

::: {{#tbl-one}}
| a | b |
|:----------|----------:|
| \\<script\\>x | 1 |

Primer cuadro
:::
"""


def executed(markdown: str = DISPLAYED) -> nbformat.NotebookNode:
    output = nbformat.v4.new_output("display_data", data={"text/markdown": markdown})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("report.show('x')", outputs=[output])])


def install_quarto(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = folder / "quarto"
    program.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = --version ] && echo {version} && exit 0\n'
        f'echo "$PWD $*" >> {folder}/calls\n'
        'case "$*" in *typst*) to=pdf;; *docx*) to=docx;; *) to=html;; esac\n'
        "shift\n"
        'for input in "$@"; do\n'
        '  case "$input" in --*) break;; esac\n'
        '  grep -q BROKEN "$input" && echo "something broke" >&2 && exit 1\n'
        '  cp "$input" "${input%ipynb}$to"\n'
        "done\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder / "calls"


def test_pandoc_numbers_refers_and_describes(tmp_path: Path) -> None:
    html = Pandoc().typeset(executed(), Format.HTML, tmp_path).read_text()
    assert '<html lang="es">' in html
    assert "<strong>Gráfico 1.</strong> Primera" in html
    assert "<strong>Cuadro 1.</strong> Primer cuadro" in html
    assert '<a href="#fig-one">Gráfico 1</a>, <a href="#tbl-one">Cuadro 1</a> y <a href="#sec-a">Víctimas</a>' in html
    assert 'alt="texto alternativo 12"' in html
    assert "&lt;script&gt;x" in html
    assert "<script>x" not in html


@pytest.mark.parametrize(
    ("markdown", "told"),
    [
        ("See @fig-none.", "the reference @fig-none has no target"),
        ("::: {#tbl-x}\nno table\n:::", "needs a table and then a caption"),
    ],
)
def test_pandoc_refuses_what_would_be_lost(markdown: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match=told):
        Pandoc().typeset(executed(markdown), Format.HTML, tmp_path)


def test_anything_but_markdown_is_refused_by_name() -> None:
    frame = nbformat.v4.new_output("execute_result", data={"text/html": "<table>"}, execution_count=1)
    printed = nbformat.v4.new_output("stream", name="stdout", text="hello")
    for output, told in ((frame, "execute_result"), (printed, "stdout: 'hello'")):
        with pytest.raises(RenderFailed, match=told):
            joined_markdown(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])]))


def test_quarto_is_chosen_where_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_quarto(tmp_path, "1.7.34", monkeypatch)
    chosen, why = choose("auto")
    assert chosen.identity == "quarto 1.7.34"
    assert "on the PATH" in why
    assert choose("pandoc")[0].identity.startswith("pandoc")


def test_an_old_quarto_is_named_and_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_quarto(tmp_path, "1.3.450", monkeypatch)
    chosen, why = choose("auto")
    assert chosen.identity.startswith("pandoc")
    assert why == "quarto 1.3.450 is older than 1.4"
    with pytest.raises(RenderFailed, match=r"1\.3\.450 is older than 1\.4.*--typesetter pandoc"):
        choose("quarto")


@pytest.mark.parametrize(("to", "name"), [(Format.HTML, "html"), (Format.PDF, "typst"), (Format.DOCX, "docx")])
def test_quarto_typesets_without_executing_in_a_folder_of_its_own(
    to: Format, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = install_quarto(tmp_path, "1.7.34", monkeypatch)
    private = tmp_path / "private"
    private.mkdir()
    (made,) = choose("quarto")[0].typeset_many([ToTypeset(executed(), to, private)])
    assert made == private / name / f"document.{to}"
    assert calls.read_text().split(maxsplit=1)[1].strip() == f"render document.ipynb --to {name} --no-execute"
    cells = json.loads((private / name / "document.ipynb").read_text())["cells"]
    assert cells[0]["cell_type"] == "raw"
    front = yaml.safe_load("".join(cells[0]["source"]).strip("-"))
    assert front["title"] == "Título"
    assert front["lang"] == "es"
    assert front["execute"]["enabled"] is False
    assert front["crossref"] == {"fig-title": "Gráfico", "tbl-title": "Cuadro"}
    assert name in front["format"]
    assert (private / name / "_quarto.yml").read_text() == "project: {type: default}\n"  # no project above it is found, or locked


def test_the_message_of_quarto_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_quarto(tmp_path, "1.7.34", monkeypatch)
    with pytest.raises(RenderFailed, match="Quarto: something broke"):
        choose("quarto")[0].typeset_many([ToTypeset(executed("BROKEN"), Format.HTML, tmp_path)])


def test_documents_share_quarto_processes_and_one_that_breaks_loses_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = install_quarto(tmp_path, "1.7.34", monkeypatch)
    reports = write_reports(tmp_path / "reports", one='if country == "PER" and period == "2020": country = "BRO" + "KEN"')
    outcome = make(small_run(tmp_path / "edition", reports, typesetter=choose("quarto")[0]))
    assert [failure.job.stem for failure in outcome.failed] == ["en/PER/2020/one"]
    assert "Quarto: something broke" in outcome.failed[0].why
    assert len(outcome.made) == len(JOBS) - 1
    for entry in outcome.made:
        made = (tmp_path / "edition" / f"{entry.stem}.html").read_text()
        assert f"{entry.country} in {entry.period}" in made
    sizes = [line.count("document.ipynb") for line in calls.read_text().splitlines()]
    assert max(sizes) == 4
    assert len(sizes) < len(JOBS)
    executed_once = (tmp_path / "edition" / "executed.txt").read_text().splitlines()
    assert len(executed_once) == len(JOBS)


@pytest.mark.parametrize("to", list(Format))
def test_the_same_notebook_is_the_same_bytes_whenever_and_wherever_it_is_typeset(
    to: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for zone in ("America/Lima", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        (tmp_path / zone.replace("/", "-")).mkdir()
        made.append(apart(Pandoc().typeset, executed(), to, tmp_path / zone.replace("/", "-")).read_bytes())
        time.sleep(1.1)  # the dates in a file count seconds
    assert made[0] == made[1]
