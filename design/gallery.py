"""
Pictures of what a reader gets: ``make gallery`` renders the reports and writes ``docs/gallery/``.

For every report and language a page at the width of a desk and of a phone, for the country profile the sheets of its PDF, and the index:
each is a PNG of few colours. The pictures are for people to look at: tests look at the documents themselves.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image

from turquesa_stats.edition.site.writing import write_site
from turquesa_stats.render.journal import read_journal
from turquesa_stats.sources.default_data import default_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).resolve().parent.parent / "docs/gallery"
_MAKING = FOLDER.with_name("gallery.making")  # takes the old gallery's place when it is whole
LANGUAGES = ("es", "en", "fr", "pt")
REPORTS = ("country-profile", "victim-demographics", "modus-operandi", "prosecution-outcomes", "operations", "routes", "training")
REGION = ("DEMONSTRATION", "2021")
OFFICIAL, DEMONSTRATION = ("PER", "2019"), ("XAA", "2021")
_WIDTHS = {"desk": (1280, 1800), "phone": (390, 1400)}
_COLOURS = 32
_SHEET_WIDTH = 420


@dataclass(frozen=True)
class Shot:
    """A picture and what it shows."""

    name: str
    text: str


def render(into: Path) -> None:
    """Render the documents that are shown."""
    every = ["--language", ",".join(LANGUAGES), "--into", str(into), "--typesetter", "pandoc"]
    for reports, (country, period), formats in (
        ("country-profile", OFFICIAL, "html,pdf"),
        ("country-profile", DEMONSTRATION, "html,pdf"),
        (",".join(REPORTS[1:]), DEMONSTRATION, "html"),
        ("annual-threat-assessment", REGION, "html"),
    ):
        asked = ["--report", reports, "--country", country, "--period", period, "--format", formats, *every]
        subprocess.run([sys.executable, "-m", "turquesa_stats", "render", *asked], check=True)
    write_site(into, read_journal(into).values(), "en", workspace=default_workspace())


def pages(edition: Path, browser: Browser) -> Iterator[Shot]:
    """Photograph the upper part of each page at two widths."""
    for language in LANGUAGES:
        of = [(report, DEMONSTRATION) for report in REPORTS] + [("country-profile", OFFICIAL), ("annual-threat-assessment", REGION)]
        paths = {f"{report}-{country}": f"{language}/{country}/{period}/{report}.html" for report, (country, period) in of}
        for name, path in {**paths, "index": f"{language}/index.html", "country-PER": f"{language}/PER/index.html"}.items():
            for device, (width, height) in _WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
                page.goto((edition / path).as_uri())
                drawn = Image.open(io.BytesIO(page.screenshot()))
                page.close()
                shot = Shot(f"{name}-{language}-{device}.png", f"{name}, {language}, {width} pixels wide")
                save(drawn.resize((drawn.width // 2, drawn.height // 2), Image.Resampling.LANCZOS) if device == "desk" else drawn, shot)
                yield shot


def sheets(edition: Path) -> Iterator[Shot]:
    """Lay the sheets of the PDF profiles side by side, four a row."""
    import pypdfium2

    for language in LANGUAGES:
        for country, period in (OFFICIAL, DEMONSTRATION):
            document = pypdfium2.PdfDocument(edition / f"{language}/{country}/{period}/country-profile.pdf")
            drawn = [sheet.render(scale=_SHEET_WIDTH / sheet.get_width()).to_pil() for sheet in document][:8]
            width, height = drawn[0].size
            together = Image.new("RGB", (4 * width + 50, -(-len(drawn) // 4) * (height + 10) + 10), "#c8d0d4")
            for place, sheet in enumerate(drawn):
                together.paste(sheet, (10 + place % 4 * (width + 10), 10 + place // 4 * (height + 10)))
            shot = Shot(f"country-profile-{country}-{language}-pdf.png", f"country-profile-{country}, {language}, the sheets of the PDF")
            save(together, shot)
            yield shot


def save(picture: Image.Image, shot: Shot) -> None:
    """Write a picture with few colours and nothing but its pixels."""
    few = picture.convert("RGB").quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(_MAKING / shot.name, optimize=True)


def main() -> None:
    """Make the gallery anew."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium on the PATH; on Debian: apt-get install chromium")
    shutil.rmtree(_MAKING, ignore_errors=True)
    _MAKING.mkdir(parents=True)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        render(Path(scratch))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        shots = [*pages(Path(scratch), browser), *sheets(Path(scratch))]
        browser.close()
    listed = "\n".join(f"- [{shot.text}]({shot.name})" for shot in shots)
    shown = "\n\n".join(f"![{shot.text}]({shot.name})" for shot in shots if "-es-" in shot.name)
    told = "Made by `make gallery`. XAA is the demonstration country: its data are synthetic."
    (_MAKING / "README.md").write_text(f"# Gallery\n{told}\n\n{listed}\n\n{shown}\n", encoding="utf-8")
    shutil.rmtree(FOLDER, ignore_errors=True)
    _MAKING.rename(FOLDER)
    weight = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(shots)} pictures in {FOLDER.name}, {weight / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
