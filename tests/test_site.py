"""The site of an edition: what stands on its pages, what can be found and downloaded, and that it changes nothing without need."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.small_site import DOCUMENTS, make_site
from turquesa_stats.edition.sdmx import observations
from turquesa_stats.edition.site.pages import tiles
from turquesa_stats.edition.site.record import check_address
from turquesa_stats.edition.site.refresh import refresh_site
from turquesa_stats.errors import UnknownParameter
from turquesa_stats.present.words import Words
from turquesa_stats.render.journal import read_journal
from turquesa_stats.render.run import Run, Warming
from turquesa_stats.render.typeset.pandoc import Pandoc
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, Language, american_countries
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return default_workspace()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, workspace: Workspace) -> Path:
    folder = tmp_path_factory.mktemp("site")
    make_site(folder, workspace)
    return folder


def _pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("index.html"))


def _tree(path: Path) -> Any:
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def _described(path: Path) -> list[dict[str, Any]]:
    return [json.loads(one.text) for one in _tree(path).iter("script") if one.get("type") == "application/ld+json"]


def test_every_country_has_a_page_in_every_language(site: Path) -> None:
    countries = sorted({country for _, country, *_ in DOCUMENTS})
    expected = {
        "index.html",
        *(f"{one}/index.html" for one in Language),
        *(f"{one}/{code}/index.html" for one in Language for code in countries),
    }
    assert {path.relative_to(site).as_posix() for path in _pages(site)} == expected


def test_every_link_and_file_named_by_a_page_is_there_and_none_is_elsewhere(site: Path) -> None:
    for path in _pages(site):
        tree = _tree(path)
        named = [one.get(name) for one in tree.iter() for name in ("href", "src") if one.get(name)]
        assert len(named) > 10
        for target in named:
            inside, _, anchor = target.partition("#")
            assert "://" not in target, (path, target)
            assert (path.parent / inside).resolve().is_relative_to(site)
            assert not inside or (path.parent / inside).is_file(), (path, target)
            assert not anchor or inside or tree.get_element_by_id(anchor) is not None


def test_every_document_and_each_of_its_files_is_reached_from_its_country_and_from_the_index(site: Path) -> None:
    entries = read_journal(site).values()
    for language in Language:
        index = {(site / language / one.get("href")).resolve() for one in _tree(site / language / "index.html").iter("a")}
        for entry in entries:
            page = site / language / entry.country / "index.html"
            reached = {(page.parent / one.get("href")).resolve() for one in _tree(page).iter("a")}
            assert (site / f"{entry.stem}.html").resolve() in reached & index
            if entry.language == language:
                assert {(site / path).resolve() for path in entry.files} <= reached


@pytest.mark.parametrize("language", list(Language))
def test_pages_say_their_language_and_where_the_others_are(site: Path, language: str) -> None:
    tree = _tree(site / language / "PER" / "index.html")
    assert tree.get("lang") == language
    beside = {one.get("hreflang"): one.get("href") for one in tree.iter("link") if one.get("rel") == "alternate"}
    assert beside == {**{str(one): f"../../{one}/PER/index.html" for one in Language}, "x-default": "../../index.html"}
    switch = tree.xpath("//nav[@class='languages']//a")
    assert [(one.get("lang"), one.get("hreflang")) for one in switch] == [(one, one) for one in Language]
    assert [one.get("lang") for one in switch if one.get("aria-current")] == [language]
    assert tree.xpath("string(//h1)") == Words(language).country("PER")


def test_a_document_of_another_language_says_so(site: Path) -> None:
    links = _tree(site / "en/HTI/index.html").xpath("//li/h3/a")
    assert [(one.get("href"), one.get("hreflang")) for one in links] == [("../../fr/HTI/2019/country-profile.html", "fr")]
    assert "Not in English, but in Français" in " ".join(_tree(site / "en/HTI/index.html").text_content().split())


def test_history_goes_from_the_newest_period_to_the_oldest(site: Path) -> None:
    told = [" ".join(one.text_content().split()) for one in _tree(site / "es/PER/index.html").xpath("//section[@class='period']/h2")]
    assert told == ["2020 más reciente", "2019/2020", "2019"]


def test_synthetic_data_are_named_where_they_are(site: Path) -> None:
    words = Words("pt")
    assert words("banner.synthetic").replace("**", "") in _tree(site / "pt/XAA/index.html").text_content()
    assert words("banner.synthetic").replace("**", "") not in _tree(site / "pt/PER/index.html").text_content()
    marked = _tree(site / "pt/index.html").xpath("//li[span[@class='made-up']]/@data-report")
    assert marked == ["modus-operandi"]


def test_no_page_may_ask_another_server_or_run_a_script_of_its_own(site: Path) -> None:
    for path in _pages(site):
        tree = _tree(path)
        policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        assert "default-src 'none'" in policy
        assert re.findall(r"(?:https?:|\*|unsafe-)", policy) == []
        assert [one.text for one in tree.iter("script") if one.get("src")] == [None, None]
        assert not tree.xpath("//*[@style] | //*[starts-with(name(@*), 'on')] | //iframe | //style")


def test_every_country_and_territory_of_the_americas_has_one_square_but_uninhabited_ones() -> None:
    assert len(set(tiles().values())) == len(tiles())
    assert set(american_countries()) - set(tiles()) == {DEMONSTRATION_COUNTRY, "BVT", "SGS"}


def test_the_map_links_countries_with_documents_only_and_names_them(site: Path) -> None:
    tree = _tree(site / "fr/index.html")
    linked = tree.xpath("//ul[@class='tiles']//a")
    assert sorted(one.get("href") for one in linked) == [f"{code}/index.html" for code in ("ARG", "BRA", "HTI", "PER", "TTO")]
    assert {one.xpath("string(span[@class='unseen'])") for one in linked} == {"Argentine", "Brésil", "Haïti", "Pérou", "Trinité-et-Tobago"}


def test_downloads_are_the_official_figures_of_the_country_and_nothing_else(site: Path, workspace: Workspace) -> None:
    every = _rows(site / "data/official_stat.csv")
    figures = workspace.tables()["official_stat"]
    assert len(every) == len(figures)
    assert {path.name for path in (site / "data").iterdir() if path.is_dir()} == {"ARG", "BRA", "HTI", "PER", "TTO", "codes", "sdmx"}
    for code in ("PER", "HTI"):
        assert _rows(site / f"data/{code}/official_stat.csv") == [row for row in every if row["ref_area"] == code]
        exchanged = _rows(site / f"data/{code}/sdmx/official_stat.csv")
        assert exchanged == [row for row in _rows(site / "data/sdmx/official_stat.csv") if row["REF_AREA"] == code]
        assert len(exchanged) == (figures["ref_area"] == code).sum() > 0
        cited = (site / f"data/{code}/CITATION.txt").read_text()
        sources = {row["source_id"]: row for row in _rows(site / "data/source.csv")}
        own = {sources[row["source_id"]]["citation"] for row in exchanged for row in [{"source_id": row["SOURCE_ID"]}]}
        assert own <= set(cited.splitlines())
        assert all(f"{one}: " in (site / f"data/{code}/LICENCE.txt").read_text() for one in own)


def test_restricted_and_kept_back_figures_are_not_offered(tmp_path: Path, workspace: Workspace) -> None:
    tables = workspace.tables()
    stat, source = tables["official_stat"].copy(), tables["source"].copy()
    peru = stat.index[stat["ref_area"].eq("PER")]
    assert len(peru) > 2
    stat.loc[peru[0], "conf_status"] = "C"
    stat.loc[peru[1], "conflict"] = True
    source.loc[source["source_id"].isin(stat.loc[stat["ref_area"].eq("HTI"), "source_id"]), "handling"] = "H2"
    other = Workspace(tmp_path / "w")
    other.add({"official_stat": stat, "source": source, "victim": tables["victim"], "case": tables["case"]})
    make_site(tmp_path / "s", other)
    assert not (tmp_path / "s/data/HTI").exists()
    assert len(_rows(tmp_path / "s/data/PER/official_stat.csv")) == len(peru) - 2
    assert not [path for path in (tmp_path / "s/data").rglob("*") if path.stem in {"victim", "case"}]
    hidden = set(source.loc[source["handling"].eq("H2"), "source_id"])
    texts = "".join(path.read_text() for path in (tmp_path / "s").rglob("*") if path.is_file() and path.suffix != ".jsonl")
    assert hidden
    assert not [one for one in hidden if one in texts]
    assert Words("fr")("site.data_none") in _tree(tmp_path / "s/fr/HTI/index.html").text_content()


def test_figures_without_any_entry_in_a_column_are_exchanged_too(workspace: Workspace) -> None:
    tables = workspace.tables()
    stat = tables["official_stat"].assign(obs_comment=None, legal_basis=None)
    exchanged = observations(stat.head(3), tables["source"])
    assert exchanged["OBS_COMMENT"].isna().all()
    assert exchanged["OBS_VALUE"].tolist() == [f"{value:g}" for value in stat["obs_value"].head(3)]


def test_without_official_figures_there_is_a_site_without_downloads(tmp_path: Path) -> None:
    make_site(tmp_path)
    assert not (tmp_path / "data").exists()
    assert _described(tmp_path / "es/PER/index.html") == []


def test_machines_are_told_what_can_be_downloaded(site: Path) -> None:
    (told,) = _described(site / "es/PER/index.html")
    assert (told["@type"], told["name"]) == ("Dataset", "Estadísticas oficiales sobre trata de personas: Perú")
    assert told["spatialCoverage"]["identifier"]["value"] == "PER"
    years = {row["period_start"][:4] for row in _rows(site / "data/PER/official_stat.csv")}
    assert told["temporalCoverage"] == f"{min(years)}/{max(years)}"
    for one in told["distribution"]:
        assert (site / "es/PER" / one["contentUrl"]).is_file()
    assert [one["encodingFormat"] for one in told["distribution"]] == ["text/csv", "application/vnd.sdmx.data+csv; version=2.0.0"]
    titles = {row["title"] for row in _rows(site / "data/source.csv")}
    assert {one["name"] for one in told["isBasedOn"]} <= titles
    assert {"license", "creator", "description", "inLanguage"} <= set(told)
    assert _described(site / "es/XAA/index.html") == []  # nobody is to take made-up data for a data set


def test_a_known_address_gives_a_map_of_addresses_with_languages_beside_each_other(tmp_path: Path) -> None:
    make_site(tmp_path, address="https://example.org/tip")
    text = (tmp_path / "sitemap.xml").read_text()
    pages = re.findall("<loc>(.*?)</loc>", text)
    assert len(pages) == len(set(pages)) == 4 + 4 * 6 + 13
    entry = next(part for part in text.split("<url>") if "<loc>https://example.org/tip/en/PER/2019/country-profile.html</loc>" in part)
    assert re.findall('hreflang="(..)" href="([^"]*)"', entry) == [
        (one, f"https://example.org/tip/{one}/PER/2019/country-profile.html") for one in ("en", "es")
    ]
    assert all((tmp_path / page.removeprefix("https://example.org/tip/")).is_file() for page in pages)
    assert _tree(tmp_path / "fr/index.html").xpath("//link[@rel='canonical']/@href") == ["https://example.org/tip/fr/index.html"]


@pytest.mark.parametrize("address", ["example.org", "https://", "javascript:alert(1)", 'https://a.org/"x', "ftp://a.org/"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnknownParameter, match="write it whole"):
        check_address(address)


def test_the_same_documents_give_the_same_bytes_and_what_is_gone_goes(tmp_path: Path, workspace: Workspace) -> None:
    make_site(tmp_path / "a", workspace)
    make_site(tmp_path / "b", workspace)
    (first, second) = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "documents.jsonl"}
        for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second
    (tmp_path / "b/data/PER/mine.txt").write_text("a user's own")
    make_site(tmp_path / "b", workspace, without="PER")
    left = {path.relative_to(tmp_path / "b").as_posix() for path in (tmp_path / "b").rglob("*PER*/*") if path.is_file()}
    assert left == {"data/PER/mine.txt"}
    assert "PER/index.html" not in (tmp_path / "b/es/index.html").read_text()


def test_a_record_that_names_files_elsewhere_takes_none_away(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "mine.txt").write_text("kept")
    (tmp_path / "site/site.json").write_text(json.dumps({"key": "", "files": {"../mine.txt": "0", str(tmp_path / "mine.txt"): "0"}}))
    make_site(tmp_path / "site")
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_nothing_is_written_where_nothing_changed(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    make_site(tmp_path)
    run = Run({}, {}, Pandoc(), tmp_path, Warming("none", "builtins:list", "public", ()))
    monkeypatch.setattr(Run, "current", lambda self: list(read_journal(self.into).values()))
    assert refresh_site(run, workspace, "es") == ""
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*")}
    refresh_site(run, workspace, "es")
    assert before == {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*")}
    (tmp_path / "assets/site.js").write_text("changed")
    refresh_site(run, workspace, "es")
    assert (tmp_path / "assets/site.js").read_text() != "changed"
    refresh_site(run, workspace, "pt")
    assert _tree(tmp_path / "index.html").get("lang") == "pt"


def test_titles_that_a_report_of_ones_own_has_cannot_break_out_of_a_page(tmp_path: Path) -> None:
    from dataclasses import replace

    from tests.small_site import put_documents
    from turquesa_stats.edition.site.writing import write_site

    bad = '</script><img src=x onerror="alert(1)">'
    entries = [replace(entry, report="mine", title=bad) for entry in put_documents(tmp_path)]
    write_site(tmp_path, entries, "en")
    for path in _pages(tmp_path):
        assert _tree(path).xpath("//img") == []
    assert bad not in (tmp_path / "en/index.html").read_text()
