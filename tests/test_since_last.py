"""Actors, technology, corridors and convictions for review: known answers; and each section of an assessment beside the year before."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import TODAY
from turquesa_stats.edition.audit.readings import Document, readings_of
from turquesa_stats.edition.audit.record import Block, Page
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS, BLOCS
from turquesa_stats.measures.actors import review_units, role_units, structure_units, technology_units
from turquesa_stats.reporting import Report, open_report
from turquesa_stats.reporting.activity_tables import EVERY_TABLE, counted
from turquesa_stats.reporting.blocks import BLOCKS
from turquesa_stats.reporting.member_cases import holders
from turquesa_stats.reporting.report import load
from turquesa_stats.reporting.since_last import SECTIONS, table
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, Language
from turquesa_stats.schema.regions import DEMONSTRATION
from turquesa_stats.schema.workspace import AUDIENCE_VARIABLE, WORKSPACE_VARIABLE, Workspace
from turquesa_stats.sources.contract import import_file
from turquesa_stats.sources.default_data import published_operations_folder
from turquesa_stats.sources.demonstration import demonstration_tables

NAME = "annual-threat-assessment"
OF_SECTIONS = ("drivers", "actors", "markets", "routes", "modus_operandi", "links", "harm", "region_rights", "response")


@pytest.fixture(scope="module")
def made() -> dict[str, pd.DataFrame]:
    return demonstration_tables(date(2026, 1, 2), years=(2020, 2021))


def case(**rows: tuple[str, str]) -> pd.DataFrame:
    """Return cases of the demonstration country, opened day after day: name -> crime and kind of group."""
    found = [{"case_id": name, "crime_type": crime, "organised": group} for name, (crime, group) in rows.items()]
    days = pd.date_range("2021-05-01", periods=len(found))
    return pd.DataFrame(found).assign(country_report=DEMONSTRATION_COUNTRY, opened_on=days)


def test_kinds_of_group_are_of_cases_and_the_two_crimes_stand_apart() -> None:
    held = {"case": case(a=("TIP", "IND"), b=("TIP", "_U"), c=("SOM", "BUSINESS"), d=("TIP_SOM", "BUSINESS"))}
    units = structure_units(held, DEMONSTRATION_COUNTRY)
    tip, som = (counted(f"structure-{crime}", units).set_index("code") for crime in ("tip", "som"))
    assert tip["count"].to_dict() == {"IND": 1, "PAIR_OPP": 0, "BUSINESS": 1, "GOVERNANCE": 0}
    assert som["count"].to_dict() == {"IND": 0, "PAIR_OPP": 0, "BUSINESS": 2, "GOVERNANCE": 0}
    assert (set(tip["n"]), set(som["n"])) == ({2}, {2})  # of which the kind is known
    assert structure_units(held, "COL").empty


def test_a_person_counts_once_with_the_roles_of_the_first_case() -> None:
    parts = [("a", "p", "RECRUITER"), ("b", "p", "EXPLOITER"), ("b", "q", "GUIDE"), ("b", "q", "BROKER"), ("b", "r", "_U")]
    held = {
        "case": case(a=("TIP", "IND"), b=("TIP", "IND")),
        "case_accused": pd.DataFrame(parts, columns=["case_id", "accused_id", "role"]),
    }
    units = role_units(held, DEMONSTRATION_COUNTRY)
    assert units.set_index("unit_id")["part"].to_dict() == {"p": "RECRUITER", "q": "ROLE_SEVERAL", "r": "_U"}
    rows = counted("roles-tip", units)
    assert set(rows["n"]) == {2}
    assert rows["count"].sum() == 2


def test_technology_counts_persons_at_each_stage_and_those_of_whom_none_was_used(made: dict[str, pd.DataFrame]) -> None:
    person = made["victim"].loc[made["victim"]["id_status"].eq("FORMAL"), "victim_id"].head(3).to_list()
    used = [(person[0], "RECRUIT", "SOCIAL"), (person[0], "CONTROL", "SOCIAL"), (person[1], "RECRUIT", "NONE"), (person[2], "_U", "SOCIAL")]
    units = technology_units(
        made | {"victim_technology": pd.DataFrame(used, columns=["victim_id", "stage", "code"])}, DEMONSTRATION_COUNTRY
    )
    rows = counted("technology", units).set_index(["stage", "code"])
    assert rows.loc[("RECRUIT", "SOCIAL"), ["count", "n"]].to_list() == [1, 2]
    assert rows.loc[("CONTROL", "SOCIAL"), "count"] == 1
    assert rows["count"].sum() == 2


def test_convictions_for_review_are_of_persons_known_to_be_victims_too(made: dict[str, pd.DataFrame]) -> None:
    units = review_units(made, DEMONSTRATION_COUNTRY)
    accused = made["accused"].set_index("accused_id")["also_victim"]
    assert set(units["unit_id"].map(accused)) == {"Y", "N"}  # whoever is not known is not counted
    rows = counted("reviews", units).set_index("step")
    assert rows.loc["ALSO_VICTIM", "count"] == units["also"].eq("Y").sum() > rows.loc["FOR_REVIEW", "count"] > 0
    assert set(rows["n"]) == {len(units)}


def test_corridors_add_up_to_the_origins_in_each_bloc(made: dict[str, pd.DataFrame]) -> None:
    register = ACTIVITY_REGISTERS["smuggled"]
    units = register.units(made, DEMONSTRATION_COUNTRY)
    rows = counted("smuggling-corridors", units)
    for bloc in BLOCS:
        began = units["origin"].isin(register.members("origin", f"FROM_{bloc}"))
        assert rows.loc[rows["code"].str.startswith(f"{bloc}>"), "count"].sum() == (began & units["end"].ne("_U")).sum()
    assert rows.set_index("code").loc["CARIBBEAN>SOUTH_AMERICA", "count"] > 0  # from Haiti to Chile
    assert rows.set_index("code").loc["OUTSIDE>SOUTH_AMERICA", "count"] > 0  # from China to Colombia


def test_a_small_country_lies_in_its_subregion() -> None:
    register = ACTIVITY_REGISTERS["smuggled"]
    lies = {code: sum_of for sum_of, codes in register.attributes["origin"][1].items() for code in codes}
    assert lies["_ELSEWHERE_CARIBBEAN"] == "FROM_CARIBBEAN"
    assert lies["_ELSEWHERE"] == "FROM_OUTSIDE"
    assert lies["MEX"] == "FROM_CENTRAL_AMERICA"  # as UN M49 groups countries
    assert set(lies) | {"_U"} == set(register.attributes["origin"][0])


def lines(part: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]


def test_both_years_are_what_each_years_own_page_prints() -> None:
    region = open_report(NAME, DEMONSTRATION, "2021")
    (holder,) = holders(region)
    (links,) = [one for one in SECTIONS["LINKS"] if one.name == "linked-tip"]
    beside = {row[0]: row[1:3] for row in lines(table(holder, links, 2020, 2021))[2:]}
    for place, year in enumerate(("2020", "2021")):
        text = "\n".join(open_report(NAME, DEMONSTRATION, year).write("links"))
        own = re.search(r"::: \{#tbl-linked-tip-xaa\}\n(.*?)\n:::", text, re.S)
        assert own is not None
        for name, count in lines(own[1])[2:]:
            assert beside[name][place] == count


def test_no_count_below_the_limit_stands_in_any_table_of_two_years() -> None:
    (holder,) = holders(open_report(NAME, DEMONSTRATION, "2021"))
    seen = 0
    for one in (one for section in SECTIONS.values() for one in section):
        k = 10 if EVERY_TABLE[one.name].register in ("victims", "services", "participants", "smuggled", "journeys", "technology") else 5
        for row in lines(table(holder, one, 2020, 2021))[2:]:
            counts = [int(text.replace(",", "")) for text in row[1:3] if text != "hidden"]
            assert all(count >= k for count in counts), (one.name, row)
            assert counts, (one.name, row)
            assert (row[3] == "–") == (len(counts) < 2)
            seen += len(counts)
    assert seen > 100


@pytest.mark.parametrize("area", ["AMERICAS", DEMONSTRATION])
@pytest.mark.parametrize("block", OF_SECTIONS)
def test_every_section_says_what_became_of_it_since_the_last_edition(area: str, block: str) -> None:
    report = open_report(NAME, area, "2021")
    text = "\n".join(report.write(block))
    said = [report.words("change.none"), report.words("change.markets", label="@sec-markets"), report.words("judgement.since_last")]
    assert any(one in text for one in said) or re.search(r"#tbl-(since|region-since|region-change)", text)


def test_nothing_made_up_stands_on_a_real_regions_page_and_nothing_real_on_the_made_up_one() -> None:
    real, made_up = open_report(NAME, "AMERICAS", "2021"), open_report(NAME, DEMONSTRATION, "2021")
    blocks = ["assessment_opening", "key_judgements", "scope", *OF_SECTIONS, "outlook", "assessment_annex", "made"]
    assert set(blocks) <= set(BLOCKS)
    of_real, of_made_up = ("\n".join(part for block in blocks for part in one.write(block)) for one in (real, made_up))
    assert "ynthetic" not in of_real
    assert "made up" not in of_real
    assert real.words.country(DEMONSTRATION_COUNTRY) not in of_real
    assert "-xaa}" not in of_real
    assert "judgements" in real.gaps  # said, not filled
    assert "Turquesa III" in of_real
    assert "Turquesa III" not in of_made_up
    assert {"operations", "events"} >= set(made_up.gaps) - {"pandemic"}
    for section in SECTIONS.values():
        assert any(f"tbl-since-{one.name}-xaa" in of_made_up for one in section)


@pytest.mark.parametrize("language", list(Language))
def test_the_audit_reads_each_column_as_its_year(language: str) -> None:
    report = open_report(NAME, DEMONSTRATION, "2021", language)
    words = report.words
    name = f"{words.label('tech_stage', 'RECRUIT')}, {words.label('technology', 'SOCIAL')}"
    hidden = words("number.suppressed")
    block = Block("table", label="tbl-since-technology-xaa", header=("a", "2020", "2021", "b"), rows=((name, "74", hidden, "–"),))
    found = readings_of(Page("p", [block]), Document("p", language, DEMONSTRATION, "2021"))
    said = {one.cell: (one.value.low, one.value.hidden) for one in found.read}
    assert said["XAA/2020/technology/RECRUIT/SOCIAL"] == (74, False)
    assert said["XAA/2021/technology/RECRUIT/SOCIAL"][1]
    assert not found.unclear
    strange = Block("table", label="tbl-since-technology-xaa", header=("a", "2020", "b", "c"), rows=((name, "74", "5", "–"),))
    assert readings_of(Page("p", [strange]), Document("p", language, DEMONSTRATION, "2021")).unclear


def test_a_rounded_page_of_a_region_says_to_what_it_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AUDIENCE_VARIABLE, "rounded")
    report = open_report(NAME, DEMONSTRATION, "2021")
    (holder,) = holders(report)
    base = holder.protection("linked").base
    assert base > 1
    (links,) = [one for one in SECTIONS["LINKS"] if one.name == "linked-tip"]
    rows = lines(table(holder, links, 2020, 2021))[2:]
    assert rows
    assert all(int(count) % base == 0 for row in rows for count in row[1:3])
    assert {row[3] for row in rows} == {"–"}  # the ratio of two rounded counts has no exact interval
    assert report.words("made.rounded_accused", base=base, k_accused=report.policy.k_accused) in "\n".join(report.write("made"))


def opened(folder: Path, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch, *parameters: str) -> Report:
    Workspace(folder).add(tables)
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(folder))
    load.cache_clear()
    report = open_report(*parameters)
    load.cache_clear()
    return report


def test_training_is_told_of_a_country_without_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = demonstration_tables(date(2026, 1, 2), ("COL",), (2021,))
    taught = {name: table for name, table in tables.items() if name.startswith("training") or name in ("participant", "source")}
    report = opened(tmp_path / "w", taught, monkeypatch, "training", "COL", "2021")
    text = "\n".join(part for block in ("training_activities", "participants", "scores") for part in report.write(block))
    assert not report.gaps
    assert "tbl-participants" in text
    assert "ynthetic" in "\n".join(report.write("front_matter"))


def test_a_workspace_of_an_earlier_version_covers_what_this_one_counts(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    import_file("published-operations", published_operations_folder(), workspace, TODAY)
    now = workspace.coverage()
    assert "AMERICAS" in now["operation"]
    (workspace.folder / "coverage.json").write_text('{"operation": {"PAN": ["2020"]}}', encoding="utf-8")  # as it was written before
    assert workspace.coverage() == now
    assert "AMERICAS" in (workspace.folder / "coverage.json").read_text(encoding="utf-8")


def test_routes_of_the_united_states_tell_encounters_as_events_and_deaths_by_area_and_route(
    cbp_file: Path, iom_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "w")
    import_file("us-cbp", cbp_file, workspace, TODAY)
    import_file("iom-missing-migrants", iom_file, workspace, TODAY)
    report = opened(tmp_path / "w", {}, monkeypatch, "routes", "USA", "2021")
    met, died = (report.write(block) for block in ("borders", "deaths"))
    events = report.words.label("indicator", "border_encounters")
    assert next(row for row in lines(met[-1]) if row[0] == "2020-10-01/2021-09-30")[1:] == [
        events,
        "US Customs and Border Protection",
        "1,956,519",
    ]
    assert report.words("routes.events") in met
    by_area, by_route = (lines(part)[2:] for part in died[-2:])
    assert {row[0] for row in by_area} == {"2020", "2021"}
    assert {row[2] for row in by_area} == {
        report.words.country(f"IOM_{area}") for area in ("NORTH_AMERICA", "CENTRAL_AMERICA", "SOUTH_AMERICA", "CARIBBEAN")
    }
    at_border = [row[-1] for row in by_route if row[2].startswith("border between Mexico") and row[1].startswith("Deaths")]
    assert at_border == ["594"]
    assert {"borders", "deaths"}.isdisjoint(report.gaps)
