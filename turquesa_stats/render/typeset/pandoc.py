"""The embedded typesetter: the pandoc that ``pypandoc-binary`` ships, and Typst for PDF."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path

import nbformat

from turquesa_stats.errors import RenderFailed
from turquesa_stats.render.notebook import joined_markdown
from turquesa_stats.render.plan import Format
from turquesa_stats.render.typeset import ToTypeset

_TEMPLATES = files("turquesa_stats.render") / "templates"
_DRAWN = re.compile(r"\]\(data:image/(png|svg\+xml|jpeg);base64,([^)]+)\)")
_WEIGHTS = {400: "regular", 700: "bold"}
_TIME_LIMIT = 120
_DIALECT = "markdown+yaml_metadata_block-smart" + "".join(  # what reports have no use for, so that no text that slipped through can use it
    f"-{name}"
    for name in (
        "raw_html",
        "raw_attribute",
        "raw_tex",
        "native_divs",
        "native_spans",
        "markdown_in_html_blocks",
        "tex_math_dollars",
        "latex_macros",
        "footnotes",
        "inline_notes",
        "example_lists",
    )
)
_EPOCH = "315532800"  # 1980-01-01, the first day that a zip file knows: the same document is the same bytes whenever it is made


class Pandoc:
    """Typesets with pandoc and Typst; needs nothing but the Python packages."""

    at_once = 1

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"pandoc of pypandoc-binary {version('pypandoc_binary')}, typst {version('typst')}"

    def typeset_many(self, documents: Sequence[ToTypeset]) -> list[Path]:
        """Write each document into its folder; see :meth:`typeset`."""
        return [self.typeset(document.notebook, document.to, document.folder) for document in documents]

    def typeset(self, notebook: nbformat.NotebookNode, to: Format, folder: Path) -> Path:
        """
        Write a document.

        Parameters
        ----------
        notebook : NotebookNode
            Executed.
        to : Format
            What to write.
        folder : Path
            A folder that no other document uses.

        Raises
        ------
        RenderFailed
            If pandoc or Typst fails, with its message.
        """
        with as_file(_TEMPLATES) as templates:
            options = ["--from", _DIALECT, "--lua-filter", str(templates / "crossref.lua"), "--standalone"]
            options += ["--columns", "20", "--wrap", "none"]  # below the width of any table: columns then share the page
            markdown = _DRAWN.sub(_written_to(folder), joined_markdown(notebook))  # pandoc reads a file faster than a long address
            out = folder / f"document.{to}"
            if to is Format.HTML:
                (folder / "page.css").write_text(style("identity", "report"), encoding="utf-8")
                options += ["--to", "html5", "--embed-resources", "--mathml", "--toc", "--toc-depth=3", "--section-divs"]
                options += ["--template", str(templates / "report.html"), "--css", "page.css"]
            elif to is Format.DOCX:
                options += ["--to", "docx", "--shift-heading-level-by=-1", "--reference-doc", str(templates / "reference.docx")]
            else:
                options += ["--to", "typst", "--template", str(templates / "report.typ")]
                _run([*options, "--output", "document.typ"], markdown, folder)
                return typeset_pdf(folder, out)
            return _run([*options, "--output", out.name], markdown, folder)


def style(*sheets: str) -> str:
    """
    Return the look of a page: the typeface and then style sheets of the templates.

    Parameters
    ----------
    *sheets : str
        ``identity``, which all pages share, and ``report``.
    """
    return "\n".join([*map(_face, _WEIGHTS), *((_TEMPLATES / f"{sheet}.css").read_text(encoding="utf-8") for sheet in sheets)])


def _face(weight: int) -> str:
    """Return the rule of a face, which stands within the page: it asks no other machine for anything."""
    held = b64encode((_TEMPLATES / f"turquesa-sans-{_WEIGHTS[weight]}.woff").read_bytes()).decode("ascii")
    named = f'font-family: "Turquesa Sans"; font-weight: {weight}; font-display: swap'
    return f"@font-face {{ {named}; src: url(data:font/woff;base64,{held}) format('woff'); }}"


def _written_to(folder: Path) -> Callable[[re.Match[str]], str]:
    """Return what writes an embedded picture to a file, named by its content, and answers with its name."""

    def write(match: re.Match[str]) -> str:
        picture = b64decode(match[2])
        name = f"{hashlib.sha256(picture).hexdigest()[:16]}.{match[1].partition('+')[0]}"
        (folder / name).write_bytes(picture)
        return f"]({name})"

    return write


def _run(options: list[str], markdown: str, folder: Path) -> Path:
    import pypandoc

    command = [pypandoc.get_pandoc_path(), *options]
    done = subprocess.run(
        command,
        input=markdown,
        text=True,
        encoding="utf-8",
        capture_output=True,
        cwd=folder,
        timeout=_TIME_LIMIT,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
    )
    if done.returncode != 0 or "[WARNING]" in done.stderr:
        raise RenderFailed(f"pandoc: {done.stderr.strip()}")
    return folder / options[-1]


def typeset_pdf(folder: Path, out: Path) -> Path:
    """
    Write ``document.typ`` of a folder as a PDF that is tagged as PDF/UA-1 asks.

    Raises
    ------
    RenderFailed
        If Typst fails, or the PDF would not be accessible: a figure without alternative text, headings that skip a level.
    """
    import font_source_sans_pro
    import typst

    fonts = Path(font_source_sans_pro.__file__).parent / "files"
    try:
        typst.compile(
            str(folder / "document.typ"),
            output=str(out),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            timestamp=0,
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        raise RenderFailed(f"Typst: {error}") from error
    return out
