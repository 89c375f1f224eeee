"""The two public files of the Counter Trafficking Data Collaborative, in files made here in their layouts: none may be passed on."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from turquesa_stats.errors import SourceRefused
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import Import, import_file, importer

TODAY = date(2026, 1, 2)
TERMS = "By using this file its reader agrees to the terms of use"


def synthetic(folder: Path, *rows: dict[str, str], drop: tuple[str, ...] = ()) -> Path:
    columns = ["yearOfRegistration", "gender", "ageBroad", "majorityStatus", "majorityStatusAtExploit", "majorityEntry", "traffickMonths"]
    columns += ["citizenship", "CountryOfExploitation", "meansDebtBondageEarnings", "meansThreats", "meansAbusePsyPhySex"]
    columns += ["meansFalsePromises", "meansDrugsAlcohol", "meansDenyBasicNeeds", "meansExcessiveWorkHours", "meansWithholdDocs"]
    columns += ["isForcedLabour", "isSexualExploit", "isOtherExploit", "typeOfLabourAgriculture", "typeOfLabourConstruction"]
    columns += ["typeOfLabourDomesticWork", "typeOfLabourHospitality", "typeOfSexProstitution", "typeOfSexPornography"]
    columns += [f"recruiterRelation{who}" for who in ("IntimatePartner", "Friend", "Family", "Other")]
    path = folder / "synthetic.csv"
    pd.DataFrame(rows, columns=columns).drop(columns=list(drop)).to_csv(path, index=False)
    return path


def kanonymised(folder: Path, *rows: dict[str, str]) -> Path:
    flags = ["DebtBondage", "TakesEarnings", "RestrictsFinancialAccess", "Threats", "PsychologicalAbuse", "PhysicalAbuse", "SexualAbuse"]
    flags += ["FalsePromises", "PsychoactiveSubstances", "RestrictsMovement", "RestrictsMedicalCare", "ExcessiveWorkingHours"]
    flags += ["UsesChildren", "ThreatOfLawEnforcement", "WithholdsNecessities", "WithholdsDocuments", "Other", "NotSpecified", "Concatenated"]
    labour = ["Agriculture", "Aquafarming", "Begging", "Construction", "DomesticWork", "Hospitality", "IllicitActivities", "Manufacturing"]
    labour += ["MiningOrDrilling", "Peddling", "Transportation", "Other", "NotSpecified", "Concatenated"]
    columns = [TERMS, "yearOfRegistration", "Datasource", "gender", "ageBroad", "majorityStatus", "majorityStatusAtExploit", "majorityEntry"]
    columns += ["citizenship", *(f"meansOfControl{name}" for name in flags)]
    columns += ["isForcedLabour", "isSexualExploit", "isOtherExploit", "isSexAndLabour", "isForcedMarriage", "isForcedMilitary"]
    columns += ["isOrganRemoval", "isSlaveryAndPractices", "typeOfExploitConcatenated", *(f"typeOfLabour{name}" for name in labour)]
    columns += [f"typeOfSex{name}" for name in ("Prostitution", "Pornography", "RemoteInteractiveServices", "PrivateSexualServices")]
    columns += ["typeOfSexConcatenated", "isAbduction", "RecruiterRelationship", "CountryOfExploitation"]
    columns += [f"recruiterRelation{who}" for who in ("IntimatePartner", "Friend", "Family", "Other", "Unknown")]
    assert len(columns) == 64
    path = folder / "kanonymised.csv"
    pd.DataFrame(rows, columns=columns).fillna("-99").to_csv(path, index=False)
    return path


def of_first(result: Import, table: str) -> set[str]:
    """Return the codes of the first victim in a link table."""
    victim = result.tables["victim"]["victim_id"].iloc[0]
    rows = result.tables[table]
    return set(rows.loc[rows["victim_id"].eq(victim), "code"])


ONE = {"yearOfRegistration": "2019", "gender": "Woman", "ageBroad": "09--17", "majorityStatus": "Minor", "citizenship": "COL"}


def test_labels_are_read_as_the_file_and_as_the_code_book_write_them(tmp_path: Path) -> None:
    bands = {"0--8": "Y0T8", "09--17": "Y9T17", "18--20": "Y18T20", "48+": "Y_GE48", "9-17": "Y9T17", "": "_N"}
    months = {"0--12 (0-1 yr)": "M0T12", "13--24 (1-2 yrs)": "M13T24", "25+ (2+ yrs)": "M_GE25", "25+": "M_GE25", "": "_N"}
    rows = [{"yearOfRegistration": "2019", "ageBroad": band, "CountryOfExploitation": "COL"} for band in bands]
    rows += [{"yearOfRegistration": "2019", "traffickMonths": month, "CountryOfExploitation": "COL"} for month in months]
    result = importer("ctdc-synthetic")(synthetic(tmp_path, *rows), TODAY)
    assert result.rows_read == result.rows_kept == len(rows)
    victim = result.tables["victim"]
    assert list(victim["age_band"])[: len(bands)] == list(bands.values())
    assert list(victim["duration_band"])[len(bands) :] == list(months.values())


def test_a_flag_that_is_not_set_is_not_asked_and_never_no(tmp_path: Path) -> None:
    rows = [ONE | {"isSexualExploit": "1", "meansThreats": "1.0", "typeOfSexProstitution": "1"}, ONE]
    result = importer("ctdc-synthetic")(synthetic(tmp_path, *rows), TODAY)
    assert of_first(result, "victim_control") == {"THREAT"}
    assert of_first(result, "victim_sex_form") == {"PROSTITUTION"}
    assert of_first(result, "victim_element") == {"PUR_SEXUAL", "_N"}
    second = result.tables["victim"]["victim_id"].iloc[1]
    control = result.tables["victim_control"]
    assert list(control.loc[control["victim_id"].eq(second), "code"]) == ["_N"]
    assert set(result.tables["victim"]["id_status"]) == {"_N"}
    assert set(result.tables["victim"]["sector"]) == {"_N"}


def test_rows_that_repeat_one_another_are_different_persons(tmp_path: Path) -> None:
    result = importer("ctdc-synthetic")(synthetic(tmp_path, ONE, ONE, ONE), TODAY)
    assert result.rows_kept == result.tables["victim"]["victim_id"].nunique() == result.tables["case"]["case_id"].nunique() == 3


def test_several_sectors_and_relations_are_told_as_several(tmp_path: Path) -> None:
    rows = [
        ONE | {"isForcedLabour": "1", "typeOfLabourAgriculture": "1", "typeOfLabourConstruction": "1", "recruiterRelationFamily": "1"},
        ONE | {"isForcedLabour": "1", "typeOfLabourDomesticWork": "1", "recruiterRelationFriend": "1", "recruiterRelationFamily": "1"},
    ]
    victim = importer("ctdc-synthetic")(synthetic(tmp_path, *rows), TODAY).tables["victim"]
    assert list(victim["sector"]) == ["SEVERAL", "T"]
    assert list(victim["relation_recruiter"]) == ["FAMILY", "SEVERAL"]


def test_the_year_alone_is_known(tmp_path: Path) -> None:
    case = importer("ctdc-synthetic")(synthetic(tmp_path, ONE), TODAY).tables["case"]
    assert list(case["opened_on"].dt.year) == [2019]
    assert list(case["opened_on_prec"]) == ["Y"]
    assert list(case["country_report"]) == ["_N"]


def test_a_column_that_an_edition_lacks_is_told_and_taken_as_not_collected(tmp_path: Path) -> None:
    result = importer("ctdc-synthetic")(synthetic(tmp_path, ONE, drop=("majorityEntry",)), TODAY)
    assert set(result.tables["victim"]["age_status_entry"]) == {"_N"}
    assert any("majorityEntry" in finding.example for finding in result.findings if "not collected" in finding.what)


def test_namibia_is_a_country_and_minus_99_is_missing(tmp_path: Path) -> None:
    rows = [
        {TERMS: "1", "yearOfRegistration": "2016", "Datasource": "Hotline", "gender": "Female", "citizenship": "NA", "isForcedLabour": "1"},
        {TERMS: "2", "yearOfRegistration": "2016.0", "gender": "Male", "citizenship": "-99", "CountryOfExploitation": "US"},
        {TERMS: "3", "yearOfRegistration": "2016", "gender": "Male", "citizenship": "00", "CountryOfExploitation": "-99"},
    ]
    result = importer("ctdc-kanonymised")(kanonymised(tmp_path, *rows), TODAY)
    victim, case = result.tables["victim"], result.tables["case"]
    assert list(victim["citizenship"]) == ["NAM", "_N", "_OTHER"]
    assert list(case["country_report"]) == ["_N", "USA", "_N"]
    assert list(case["detected_via"]) == ["HOTLINE", "_N", "_N"]
    assert list(victim["sex"]) == ["F", "M", "M"]
    assert set(victim["age_band"]) == {"_N"}
    assert any(TERMS in finding.example for finding in result.findings if "not read" in finding.what)


def test_sexual_exploitation_and_labour_together_are_both(tmp_path: Path) -> None:
    rows = [{"yearOfRegistration": "2016", "gender": "Female", "isSexAndLabour": "1", "isForcedLabour": "1", "isAbduction": "1"}]
    result = importer("ctdc-kanonymised")(kanonymised(tmp_path, *rows), TODAY)
    assert of_first(result, "victim_element") == {"PUR_SEXUAL", "PUR_FORCED_LABOUR", "MNS_ABDUCTION", "_N"}


def test_a_row_without_its_year_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    rows = [{"yearOfRegistration": "-99", "gender": "Female"}, {"yearOfRegistration": "2016", "gender": "Female"}]
    result = importer("ctdc-kanonymised")(kanonymised(tmp_path, *rows), TODAY)
    assert (result.rows_read, result.rows_kept, len(result.set_aside)) == (2, 1, 1)
    assert "opened_on" in result.set_aside["set_aside_reason"].iloc[0]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    for source in ("ctdc-synthetic", "ctdc-kanonymised"):
        with pytest.raises(SourceRefused, match="no header with"):
            importer(source)(path, TODAY)


def test_synthetic_records_are_marked_and_covered_by_country_and_year(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    import_file("ctdc-synthetic", synthetic(tmp_path, ONE | {"CountryOfExploitation": "PER"}), workspace, TODAY)
    tables = workspace.tables()
    assert list(tables["source"]["synthetic"]) == [True]
    assert workspace.coverage()["victim"] == {"PER": ["2019"]}
