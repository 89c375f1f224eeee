"""The site in a real Chromium: three widths, the keyboard alone, from a disk and from a server, and nothing asked of anyone else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import chromium
from tests.small_site import make_site
from turquesa_stats.sources.default_data import default_workspace

HOME = "https://site.example/"
WIDTHS = (320, 768, 1280)
PAGES = ("index.html", "es/index.html", "fr/index.html", "en/PER/index.html", "pt/XAA/index.html")
Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    make_site(folder, default_workspace())
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Opened]:
    """Open a page of the site; whatever a page asks of others, or complains of, fails the test."""
    wrong: list[str] = []
    context = browser.new_context()

    def answer(route: Any) -> None:
        path = site / unquote(urlsplit(route.request.url).path).lstrip("/")
        if route.request.url.startswith(HOME) and path.is_file():
            route.fulfill(path=path)
        else:
            wrong.append(f"asked for {route.request.url}")
            route.abort()

    def open_page(path: str, width: int = 1280, start: str = HOME) -> Any:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.goto(start + path)
        return page

    context.route(re.compile("^(?!file:|data:)"), answer)
    yield open_page
    context.close()
    assert wrong == []


def _press(page: Any, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def _tab_to(page: Any, selector: str) -> None:
    """Press the tab key until an element has the focus, and see that the focus shows wherever it stops."""
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """selector => { const at = document.activeElement; const look = getComputedStyle(at); const after = getComputedStyle(at, "::after");
            return [at.matches(selector), at.matches(".skip") || look.outlineStyle !== "none" || after.outlineStyle !== "none"]; }""",
            selector,
        )
        assert at[1], "an element has the focus and does not show it"
        if at[0]:
            return
    pytest.fail(f"the tab key never comes to {selector}")


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_every_width(opened: Opened, width: int) -> None:
    for path in PAGES:
        page = opened(path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        targets = page.evaluate(
            """() => [...document.querySelectorAll(".tiles a, .chips a, .languages a, button, select, input, .countries a, .cards h3 a")]
            .filter(one => one.offsetParent).map(one => one.getBoundingClientRect()).filter(box => box.width < 24 || box.height < 24).length"""
        )
        assert targets == 0, path
        page.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation(opened: Opened, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in PAGES:
        page = opened(path, width)
        if width == 1280 and path != "index.html":
            page.fill("#query", "2019")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
        assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == [], path
        page.close()


def test_the_keyboard_alone_leads_from_the_front_page_to_a_document_through_the_search(opened: Opened) -> None:
    page = opened("index.html", 320)
    _tab_to(page, ".doors li[lang='es'] a")
    _press(page, "Enter")
    page.wait_for_url("**/es/index.html")
    _tab_to(page, "#query")
    page.keyboard.type("captacion pérou 2020")  # without an accent, and the country in another language
    assert page.locator("#search-status").inner_text() == "Se muestran 2 de 2 resultados"
    _press(page, "ArrowDown")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Perfil de país: trata de personas Perú, 2020 Captación"
    _press(page, "Enter")
    page.wait_for_url("**/es/PER/2020/country-profile.html#part-a")
    assert page.locator("h1").inner_text() == "Perfil de país: trata de personas"


def test_the_keyboard_alone_leads_to_a_document_through_the_list(opened: Opened) -> None:
    page = opened("fr/index.html")
    _press(page, "Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _press(page, "Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    _tab_to(page, ".countries a[href='HTI/index.html']")
    _press(page, "Enter")
    page.wait_for_url("**/fr/HTI/index.html")
    _tab_to(page, ".cards h3 a")
    _press(page, "Enter")
    page.wait_for_url("**/fr/HTI/2019/country-profile.html")


def test_the_search_prefers_the_language_of_the_page_and_says_what_it_found(opened: Opened) -> None:
    page = opened("en/index.html")
    page.fill("#query", "peru")
    told = [one.split("\n")[0].strip() for one in page.locator("#search-results a").all_inner_texts()]
    assert told == [
        "Peru",
        "Country profile: trafficking in persons Peru, 2020",
        "Víctimas detectadas de trata de personas Peru, 2019/2020",
        "Country profile: trafficking in persons Peru, 2019",
    ]
    assert page.locator("#search-results a[hreflang='es'] strong").get_attribute("lang") == "es"
    _press(page, "Escape")
    assert (page.input_value("#query"), page.locator("#search-results").is_visible()) == ("", False)
    page.fill("#query", "zzz")
    assert page.locator("#search-status").inner_text().startswith("Nothing found.")


def test_the_filter_narrows_the_list_and_says_how_much_is_left(opened: Opened) -> None:
    page = opened("es/index.html")
    assert page.locator("#filter-status").inner_text() == "Se muestran 8 de 8 documentos"
    page.select_option("#filter-language", "pt")
    assert page.locator("#works > li:visible").count() == 2
    page.fill("#filter-text", "haiti")
    assert page.locator("#nothing").is_visible()
    page.select_option("#filter-language", "fr")
    assert page.locator("#works > li:visible .report").inner_text().startswith("Perfil de país")
    assert page.locator("#filter-status").inner_text() == "Se muestran 1 de 8 documentos"


def test_the_site_works_from_a_disk(opened: Opened, site: Path) -> None:
    page = opened("pt/PER/index.html", start=f"{site.as_uri()}/")
    assert page.evaluate("getComputedStyle(document.querySelector('.cover')).color") == "rgb(255, 255, 255)"
    assert page.evaluate("document.fonts.ready.then(faces => [...faces].filter(face => face.status === 'loaded').length)") >= 1
    page.fill("#query", "trinite")
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/pt/TTO/index.html")


def test_a_page_is_whole_without_scripts(browser: Any, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/en/index.html")
    assert page.locator("#works > li:visible").count() == 8
    assert not page.locator("#search, #filter").first.is_visible()
    context.close()
