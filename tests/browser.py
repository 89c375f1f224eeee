"""A real Chromium for tests: Debian's, driven by Playwright; no browser is fetched from anywhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REQUIRED = "TURQUESA_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the browser of this machine; skip where there is none, unless ``TURQUESA_BROWSER=required``."""
    program = next((found for found in map(shutil.which, _NAMES) if found), None)
    if program is None:
        told = f"no Chromium on the PATH ({', '.join(_NAMES)}); on Debian: apt-get install chromium"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(told)
        pytest.skip(told)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong on a page: rule, place, and what to do."""
    from importlib.resources import files

    if not page.evaluate("'axe' in window"):
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})",
        WCAG,
    )
    return [
        f"{one['id']} ({one['help']}): {node['target']} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
