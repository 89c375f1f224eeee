"""Regions: their countries, the rows their documents read, and what makes these stale."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.edition.audit.site import reader_of
from turquesa_stats.edition.site.shelf import OF_REGIONS, Country
from turquesa_stats.errors import UnknownParameter
from turquesa_stats.present.words import Words
from turquesa_stats.schema.codes import DEMONSTRATION_COUNTRY, american_countries
from turquesa_stats.schema.parts import Part, divide, fingerprint_of, fingerprints
from turquesa_stats.schema.regions import AMERICAS, DEMONSTRATION, check_area, check_region, countries_of, regions
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.default_data import default_workspace

STAT = "official_stat"


def test_subregions_part_the_americas_without_the_demonstration_country() -> None:
    parts = [code for region in regions() if region not in (AMERICAS, DEMONSTRATION) for code in countries_of(region)]
    assert len(parts) == len(set(parts))
    assert set(parts) == set(countries_of(AMERICAS)) == set(american_countries()) - {DEMONSTRATION_COUNTRY}
    assert countries_of(DEMONSTRATION) == (DEMONSTRATION_COUNTRY,)
    assert not set(regions()) & set(american_countries())


def test_names_and_wrong_codes_get_the_right_one() -> None:
    assert [Words(language).country("CARIBBEAN") for language in ("en", "es", "fr", "pt")] == [
        "The Caribbean",
        "El Caribe",
        "Les Caraïbes",
        "O Caribe",
    ]
    for wrong, told in (("SOUTH_AMERCA", "did you mean SOUTH_AMERICA"), ("Las Américas", "write its code AMERICAS")):
        with pytest.raises(UnknownParameter, match=told):
            check_region(wrong)
    assert (check_area("PER"), check_area("CARIBBEAN")) == ("PER", "CARIBBEAN")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    tables = default_workspace().tables()
    stat = tables[STAT]
    made = Workspace(tmp_path_factory.mktemp("regions"))
    made.add({"source": tables["source"], STAT: stat[stat["ref_area"].isin(["COL", "PER", "PAN", "_T"])].reset_index(drop=True)})
    return made


def test_a_region_reads_the_rows_of_its_countries_and_those_of_no_country(workspace: Workspace) -> None:
    division, known = divide(workspace), fingerprints(workspace)
    read = {
        area: set(Part(division, known, area)[STAT]["ref_area"]) for area in ("SOUTH_AMERICA", "CENTRAL_AMERICA", "CARIBBEAN", AMERICAS)
    }
    assert read == {
        "SOUTH_AMERICA": {"COL", "PER", "_T"},
        "CENTRAL_AMERICA": {"PAN", "_T"},
        "CARIBBEAN": {"_T"},
        AMERICAS: {"COL", "PER", "PAN", "_T"},
    }


def test_a_regions_documents_are_stale_when_a_row_of_one_of_its_countries_changes(workspace: Workspace, tmp_path: Path) -> None:
    changed = Workspace(tmp_path / "changed")
    tables = workspace.tables()
    stat = tables[STAT].copy()
    place = stat.index[stat["ref_area"].eq("PER") & stat["obs_value"].notna()][0]
    stat.loc[place, "obs_value"] += 1
    changed.add({"source": tables["source"], STAT: stat})
    before, after = fingerprints(workspace), fingerprints(changed)
    differs = {area: fingerprint_of(before, STAT, area) != fingerprint_of(after, STAT, area) for area in (*regions(), "PER", "COL")}
    assert {area for area, is_different in differs.items() if is_different} == {AMERICAS, "SOUTH_AMERICA", "PER"}


def test_a_source_that_only_a_judgement_rests_on_can_be_read() -> None:
    held = default_workspace()
    part = Part(divide(held), fingerprints(held), "CARIBBEAN")
    basis: pd.Series[str] = part["judgement_basis"]["basis_source_id"]
    assert set(basis) <= set(part["source"]["source_id"])


def test_the_site_has_a_group_and_a_page_for_regions_and_the_audit_reads_it() -> None:
    of_region, of_country = Country(AMERICAS, []), Country("PER", [])
    assert (of_region.region, of_country.region) == (OF_REGIONS, "SOUTH_AMERICA")
    assert (of_region.synthetic_banner, of_country.synthetic_banner) == ("banner.assessment_synthetic", "banner.synthetic_country")
    assert reader_of("es/AMERICAS/index.html") is not None
    assert reader_of("es/americas/index.html") is None
