"""Every type of page in every language, in a real browser and as files: what WCAG 2.2 AA, PDF/UA and Word's checker ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests.browser import chromium, violations
from turquesa_stats.cli import app
from turquesa_stats.edition.site import write_index
from turquesa_stats.render.journal import read_journal
from turquesa_stats.schema.codes import Language
from turquesa_stats.sources.default_data import default_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LANGUAGES = [str(language) for language in Language]
REPORTS = ("country-profile", "modus-operandi", "prosecution-outcomes", "victim-demographics")
WIDTHS = (320, 768, 1280)
HEAVIEST = 1_500_000  # bytes of a page: what a phone on a slow line waits for


def _run(*asked: str) -> None:
    done = CliRunner().invoke(app, list(asked), catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every report of the demonstration country, and a profile of official figures in every format, in four languages."""
    into = tmp_path_factory.mktemp("accessible")
    every = ["--language", ",".join(LANGUAGES), "--into", str(into), "--jobs", "2", "--typesetter", "pandoc"]
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        patch.setenv("TURQUESA_AUDIENCE", "public")
        _run("render", "--report", ",".join(REPORTS), "--country", "XAA", "--period", "2021", "--format", "html", *every)
        _run("render", "--report", "country-profile", "--country", "PER", "--period", "2019", "--format", "html,pdf,docx", *every)
        _run("dictionary", "--into", str(into / "dictionary"))
        for language in LANGUAGES:
            write_index(into, read_journal(into).values(), language).rename(into / f"index.{language}.html")
            _run("quality", str(default_workspace().folder), "--into", str(into / f"quality-{language}"), "--language", language)
    return into


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    opened = context.new_page()
    yield opened
    context.close()


def pages_of(edition: Path, kind: str, language: str) -> Path:
    named = {
        "index": f"index.{language}.html",
        "dictionary": f"dictionary/dictionary.{language}.html",
        "quality": f"quality-{language}/index.html",
    }
    return edition / named.get(kind, f"{language}/{kind}.html")


KINDS = [*(f"XAA/2021/{report}" for report in REPORTS), "PER/2019/country-profile", "index", "dictionary", "quality"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_barrier_at_any_width(kind: str, language: str, edition: Path, page: Page) -> None:
    import time

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    path = pages_of(edition, kind, language)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.lang") == language
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        t = time.time()
        assert violations(page) == [], width
        print(kind, width, time.time() - t)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
