"""A region's countries with case-level records: each country's own tables on the region's page, linked offences, operations by network."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

from turquesa_stats.disclosure.policy import PUBLIC, policy
from turquesa_stats.edition.audit.readings import Document, readings_of
from turquesa_stats.edition.audit.record import Block, Page
from turquesa_stats.measures import operations
from turquesa_stats.measures.activity_registers import ACTIVITY_REGISTERS
from turquesa_stats.measures.linked_offences import LINKS, linked_case_units
from turquesa_stats.period import Period
from turquesa_stats.present.words import Words
from turquesa_stats.reporting import Report, open_report
from turquesa_stats.reporting.activity_tables import counted
from turquesa_stats.reporting.linked import linked_offences
from turquesa_stats.reporting.member_cases import holders
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, Language
from turquesa_stats.schema.regions import DEMONSTRATION
from turquesa_stats.sources.default_data import published_operations_folder
from turquesa_stats.sources.demonstration import demonstration_tables
from turquesa_stats.sources.published_operations import read

NAME, YEAR = "annual-threat-assessment", "2021"


def assessment(area: str = DEMONSTRATION, language: str = "en") -> Report:
    return open_report(NAME, area, YEAR, language)


def tables(parts: list[str]) -> dict[str, list[str]]:
    """Return label -> lines of the Markdown tables."""
    found = {}
    for part in parts:
        label = re.match(r"::: \{#(tbl-[\w-]+)\}", part)
        if label:
            found[label[1]] = [line for line in part.splitlines() if line.startswith("|")]
    return found


@pytest.mark.parametrize(
    ("block", "report", "of_country"),
    [("region_rights", "country-profile", "rights"), ("region_cooperation", "operations", "cooperation")],
)
def test_a_regions_page_shows_exactly_what_the_countrys_own_report_does(block: str, report: str, of_country: str) -> None:
    own = tables(open_report(report, DEMONSTRATION_COUNTRY, YEAR).write(of_country))
    held = assessment()
    text = held.write(block)
    shown = {label: lines for label, lines in tables(text).items() if not label.startswith("tbl-since-")}
    assert shown == {f"{label}-xaa": lines for label, lines in own.items()}
    assert held.hidden > 0  # said at the end of the document
    assert sum("Synthetic demonstration data" in part for part in text) > len(own)


def test_what_a_regions_page_reads_of_a_country_makes_it_stale() -> None:
    held = assessment()
    before = held.fingerprint
    held.write("region_rights")
    assert held.fingerprint != before
    assert {"protection", "victim", "sentence"} <= held.tables._names


def test_a_region_without_case_level_records_says_who_would_have_them() -> None:
    held = assessment("SOUTH_AMERICA")
    text = "\n".join([part for block in ("links", "region_rights", "response") for part in held.write(block)])
    assert not holders(held)
    assert {"links", "rights", "cooperation", "training"} <= set(held.gaps)
    assert "tbl-services" not in text


def test_nothing_that_is_shown_is_said_to_be_held_by_nobody() -> None:
    held = assessment()
    for block in ("links", "region_rights", "response"):
        held.write(block)
    assert not {"links", "rights", "cooperation", "training"} & set(held.gaps)
    assert held.words("gap.rights.what") not in "\n".join(held.write("missing"))


def case_tables(links: list[tuple[str, str]], crimes: dict[str, str]) -> dict[str, pd.DataFrame]:
    case = pd.DataFrame(
        {
            "case_id": [*crimes],
            "crime_type": [*crimes.values()],
            "country_report": ["COL" if name == "elsewhere" else "XAA" for name in crimes],
            "opened_on": pd.Timestamp("2021-05-01"),
        }
    )
    return {"case": case, "case_offence_link": pd.DataFrame(links, columns=["case_id", "iccs"])}


def test_a_case_counts_once_under_each_linked_offence_and_the_two_crimes_apart() -> None:
    held = case_tables(
        [("a", "0601"), ("a", "0901"), ("a", "07041"), ("b", "07023"), ("c", "0703"), ("both", "0903"), ("elsewhere", "0906")],
        {"a": "TIP", "b": "SOM", "c": "TIP", "both": "TIP_SOM", "none": "TIP", "elsewhere": "TIP"},
    )
    units = linked_case_units(held, "XAA")
    assert sorted(units["unit_id"]) == ["a", "b", "both", "c"]
    tip, som = (counted(f"linked-{crime}", units).set_index("code") for crime in ("tip", "som"))
    assert tip["count"].to_dict() == dict(zip(LINKS, [0, 1, 0, 1, 1], strict=True))  # drugs and weapons of one case: one case
    assert som["count"].to_dict() == dict(zip(LINKS, [1, 1, 0, 0, 0], strict=True))
    assert (set(tip["n"]), set(som["n"])) == ({3}, {2})


def test_linked_offences_of_few_cases_are_not_told() -> None:
    held = open_report(NAME, DEMONSTRATION_COUNTRY, YEAR)
    printed = tables(linked_offences(held))["tbl-linked-tip"]
    counts = [int(line.strip("|").split("|")[1]) for line in printed[2:]]
    assert min(counts) >= policy(PUBLIC).k_accused
    assert not any("terrorism" in line for line in printed)
    units = ACTIVITY_REGISTERS["linked"].units(demonstration_tables(date(2026, 1, 2), years=(2021,)), DEMONSTRATION_COUNTRY)
    assert 0 < units["link.LINK_TERRORISM"].eq("Y").sum() < policy(PUBLIC).k_accused  # there are some


@pytest.mark.parametrize(
    ("area", "label", "cell", "unclear"),
    [
        (DEMONSTRATION, "tbl-linked-tip-xaa", "XAA/2021/linked_tip/LINK_CYBER", 0),
        ("AMERICAS", "tbl-linked-tip-xaa", "", 1),  # the demonstration country is of no real region
        ("AMERICAS", "tbl-linked-tip-col", "COL/2021/linked_tip/LINK_CYBER", 0),
        ("SOUTH_AMERICA", "tbl-linked-tip-xaa", "", 1),  # no country of this region
        ("AMERICAS", "tbl-anything-xaa", "", 1),
        ("COL", "tbl-linked-tip-xaa", "", 1),  # a country's page has its own numbers alone
    ],
)
def test_the_audit_reads_a_countrys_table_on_a_regions_page_as_the_countrys(area: str, label: str, cell: str, unclear: int) -> None:
    block = Block("table", label=label, header=("Linked offence", "Cases"), rows=(("cybercrime", "31"),))
    found = readings_of(Page("p", [block, Block("note", "n = 155. Source: one.")]), Document("p", "en", area, YEAR))
    assert [one.cell for one in found.read] == ([cell, cell.replace("LINK_CYBER", "n")] if cell else [])
    assert len(found.unclear) == unclear


@pytest.fixture(scope="module")
def shipped() -> dict[str, pd.DataFrame]:
    return dict(read(published_operations_folder(), date(2026, 1, 2)).tables)


def test_operations_are_told_by_network_with_the_publishers_qualifiers(shipped: dict[str, pd.DataFrame]) -> None:
    networks, told = operations.by_network(shipped, "AMERICAS", Period.parse("2023"))
    assert networks == {"ISON"}
    found = told[told["edition"].eq("II") & told["metric"].eq("arrests_tip")]
    assert found[["obs_value", "value_qual"]].to_numpy().tolist() == [[30, "MORE_THAN"]]
    assert set(told["edition"]) == {"I", "II"}
    assert set(told["iso3"]) == {"_T"}  # never a country's


def test_a_region_counts_which_of_the_countries_named_are_its_own(shipped: dict[str, pd.DataFrame]) -> None:
    period = Period.parse("2023")
    of = {
        area: operations.operations(shipped, area, period).set_index("edition")["named_here"] for area in ("AMERICAS", "CARIBBEAN", "PAN")
    }
    named = operations.operations(shipped, "AMERICAS", period).set_index("edition")["named"]
    assert (of["CARIBBEAN"] < of["AMERICAS"]).all()
    assert (of["AMERICAS"] <= named).all()
    assert (of["AMERICAS"] < named).any()  # countries of other continents took part
    assert set(of["PAN"]) <= {0, 1}


@pytest.mark.parametrize("language", list(Language))
def test_regional_operations_set_the_crimes_apart_and_name_the_networks_that_none_names(language: str) -> None:
    report = open_report("regional-operations", "AMERICAS", "2023", language)
    words = Words(language)
    text = "\n".join([*report.write("operation_networks"), *report.write("operation_arrests")])
    for metric in ("arrests_tip", "arrests_som", "arrests_other"):
        assert words.label("operation_metric", metric) in text
    assert words.country("ECU") in text  # whose own result stands with its country
    unnamed = words("operations.networks_unnamed", names="; ".join(words.label("network", code) for code in ("HTEG", "REDTRAM")))
    assert unnamed in text
