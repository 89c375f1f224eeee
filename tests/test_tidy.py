"""A country's own register: by a column map alone, in the schema's own columns, and in the field names of HTCDS."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from turquesa_stats.errors import SchemaMismatch, SourceRefused, TurquesaError
from turquesa_stats.schema.tables import table_schema
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources import large
from turquesa_stats.sources.cells import read_cells
from turquesa_stats.sources.column_map import ColumnMap, Made, read_map, shipped_maps
from turquesa_stats.sources.contract import Import, import_file
from turquesa_stats.sources.tidy import read

TODAY = date(2026, 1, 2)
MAP = """\
source: {id: src_xx_fiscalia, title: Registro, publisher: Fiscalía, url: local, licence: restricted, reporting_entity_type: PROSECUTION}
rows: victim
encoding: cp1252
dates: ["%d/%m/%Y", "%d de %B de %Y", "%B %Y", "%Y"]
missing: {S/D: _U, No corresponde: _Z}
tables:
  case:
    case_id: Expediente
    country_report: {value: COL}
    crime_type: {value: TIP}
    iccs_lead: {value: "0204"}
    opened_on: Apertura
  victim:
    sex: {column: Sexo, codes: {Mujer: F, Hombre: M}}
    age_registration: Edad
    citizenship: Nacionalidad
    id_status: {value: FORMAL}
  victim_element:
    - {element: {value: PUR}, code: {column: Fines, split: +, codes: {Explotación sexual: PUR_SEXUAL, Trabajo forzoso: PUR_FORCED_LABOUR}}}
    - {element: {value: ACT}, code: {value: _N}}
"""
HEADER = ["Expediente", "Sexo", "Edad", "Nacionalidad", "Fines", "Apertura", "Nombre"]
GOOD = ["A-1", "Mujer", "15", "Venezuela", "Explotación sexual+Trabajo forzoso", "17/05/2021", "X"]


def register(folder: Path, *rows: list[str], text: str = MAP) -> Import:
    lines = "\n".join(";".join(row) for row in [HEADER, *rows])
    (folder / "registro.csv").write_text(lines + "\n", encoding="cp1252")
    (folder / "map.yml").write_text(text, encoding="utf-8")
    return read(folder / "registro.csv", TODAY, str(folder / "map.yml"))


def changed(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]


def test_a_register_in_other_column_names_is_loaded_by_a_map_of_some_twenty_lines(tmp_path: Path) -> None:
    assert len(MAP.splitlines()) <= 22
    result = register(tmp_path, GOOD, changed(Sexo="hombre", Edad="33", Nacionalidad="PERU", Fines="Trabajo forzoso"))
    assert (result.rows_read, result.rows_kept, len(result.set_aside)) == (2, 2, 0)
    victim, case, element = (result.tables[name] for name in ("victim", "case", "victim_element"))
    assert list(victim["sex"]) == ["F", "M"]
    assert list(victim["citizenship"]) == ["VEN", "PER"]
    assert list(victim["age_status_reg"]) == ["MINOR", "ADULT"], "a known age decides who is a child"
    assert len(case) == 1, "one file number, one case"
    assert set(victim["case_id"]) == set(case["case_id"])
    purposes = element[element["element"].eq("PUR")]
    assert sorted(purposes["code"]) == ["PUR_FORCED_LABOUR", "PUR_FORCED_LABOUR", "PUR_SEXUAL"]
    assert [finding.example for finding in result.findings] == ["Nombre"]


def test_keys_are_opaque_and_random_and_no_file_number_is_kept(tmp_path: Path) -> None:
    first, second = register(tmp_path, GOOD), register(tmp_path, GOOD)
    key = first.tables["case"]["case_id"].iloc[0]
    assert re.fullmatch(r"[a-z]{2}_[0-9a-f]{16}", key)
    assert key != second.tables["case"]["case_id"].iloc[0], "a key made from the number could be made again"
    for table in first.tables.values():
        assert not table.astype("str").apply(lambda column: column.str.contains("A-1")).to_numpy().any()


def test_unknown_not_asked_not_applicable_and_zero_are_four_things(tmp_path: Path) -> None:
    ages = ["S/D", "", "No corresponde", "0"]
    victim = register(tmp_path, *(changed(Edad=age) for age in ages)).tables["victim"]
    assert list(victim["age_registration"].isna()) == [True, True, True, False]
    assert list(victim["age_registration_missing"].fillna("")) == ["_U", "_N", "_Z", ""]
    sexes = register(tmp_path, *(changed(Sexo=word) for word in ("S/D", "", "No corresponde"))).tables["victim"]
    assert list(sexes["sex"]) == ["_U", "_N", "_Z"]


def test_dates_are_known_as_precisely_as_they_are_written(tmp_path: Path) -> None:
    written = {"17/05/2021": ("2021-05-17", "D"), "3 de setiembre de 2020": ("2020-09-03", "D"), "mayo 2019": ("2019-05-01", "M")}
    written |= {"Diciembre 2018": ("2018-12-01", "M"), "2017": ("2017-01-01", "Y")}
    rows = [changed(Expediente=f"A-{number}", Apertura=text) for number, text in enumerate(written)]
    case = register(tmp_path, *rows).tables["case"]
    assert list(zip(case["opened_on"].dt.strftime("%Y-%m-%d"), case["opened_on_prec"], strict=True)) == list(written.values())


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Sexo": "Mujr"}, "Sexo: Mujr; must be: a word of the map or code of list sex"),
        ({"Edad": "4x"}, "Edad: 4x; must be: a whole number"),
        ({"Edad": "140"}, "140; must be: at most 110"),
        ({"Apertura": "31/02/2020"}, "31/02/2020; must be: a date like"),
        ({"Nacionalidad": "Atlantis"}, "Atlantis"),
        ({"Expediente": ""}, "a key"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_whole_with_its_cell(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    result = register(tmp_path, changed(Expediente="A-9"), changed(**{"Expediente": "A-2", **cells}))
    assert (result.rows_read, result.rows_kept, len(result.set_aside)) == (2, 1, 1)
    assert reason in result.set_aside["set_aside_reason"].iloc[0]
    assert list(result.set_aside["Nacionalidad"]) == [cells.get("Nacionalidad", "Venezuela") or None]
    assert len(result.tables["victim"]) == 1
    victims = set(result.tables["victim"]["victim_id"])
    assert set(result.tables["victim_element"]["victim_id"]) <= victims, "what hangs on it goes with it"


def test_a_row_that_a_rule_rejects_is_told_with_rule_place_and_value(tmp_path: Path) -> None:
    text = MAP.replace(
        "    age_registration: Edad\n",
        "    age_registration: Edad\n    age_status_reg: {column: Fines, codes: {NNA: MINOR}, else: ADULT}\n",
    )
    result = register(tmp_path, GOOD, changed(Expediente="A-2", Edad="30"), text=text)
    assert len(result.set_aside) == 1
    assert result.hits is not None
    hit = result.hits[result.hits["rule"].eq("R01")].iloc[0]
    assert (hit["table"], hit["source_sheet"], hit["source_row"], hit["action"]) == ("victim", "registro.csv", 2, "set_aside")
    assert hit["value"].startswith("15, ADULT")


def test_consent_refused_leaves_no_cell_behind(tmp_path: Path) -> None:
    text = MAP.replace(
        "    id_status: {value: FORMAL}\n",
        "    id_status: {value: FORMAL}\n    consent_data: {column: Nombre, codes: {si: GIVEN, no: _REFUSED}}\n",
    )
    result = register(tmp_path, changed(Nombre="si"), changed(Nombre="No", Expediente="SECRET-7"), text=text)
    assert (result.rows_kept, len(result.set_aside)) == (1, 1)
    assert "consent" in result.set_aside["set_aside_reason"].iloc[0]
    workspace = Workspace(tmp_path / "w")
    import_file("tidy", tmp_path / "registro.csv", workspace, TODAY, str(tmp_path / "map.yml"))
    for path in (tmp_path / "w").rglob("*"):
        assert path.is_dir() or b"SECRET-7" not in path.read_bytes(), path.name


def test_all_the_problems_of_a_map_are_told_at_once(tmp_path: Path) -> None:
    wrong = MAP.replace("    sex:", "    sexx:").replace("  victim_element:", "  victim_elements:").replace("S/D: _U", "S/D: _X")
    with pytest.raises(SourceRefused) as refused:
        register(tmp_path, GOOD, text=wrong)
    for part in ("3 problems", "victim.sexx: is no field", "did you mean sex", "victim_element?", "'S/D' means '_X'"):
        assert part in str(refused.value)


def test_a_map_that_names_no_key_of_a_case_says_what_to_do(tmp_path: Path) -> None:
    text = re.sub(r"  case:\n(?:    .*\n)+?(?=  victim:)", "", MAP)
    with pytest.raises(SourceRefused, match="victim needs case_id"):
        register(tmp_path, GOOD, text=text)


def test_a_field_without_which_a_row_means_nothing_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="nothing is given for opened_on"):
        register(tmp_path, GOOD, text=MAP.replace("    opened_on: Apertura\n", ""))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([(".", ","), (",", "."), (",", " ")]), st.integers(0, 99))
def test_numbers_are_read_with_the_marks_of_the_register(whole: int, marks: tuple[str, str], part: int) -> None:
    decimal, thousands = marks
    how = ColumnMap({}, (), {}, decimal=decimal, thousands=thousands)
    field = next(field for field in table_schema("victim").fields if field.name == "debt_amount")
    grouped = f"{whole:,}".replace(",", thousands) + f"{decimal}{part:02d}"
    plain = f"{whole}{decimal}{part:02d}"
    found = read_cells(pd.Series([grouped, plain, f"{plain}{decimal}1", "12a"]), field, Made(column="x"), how)
    assert list(found.fields["debt_amount"][:2]) == pytest.approx([whole + part / 100] * 2)
    assert found.must_be.notna().tolist() == [False, False, True, True]


def tables_of(folder: Path, format_: str) -> Path:
    """Write the tables of an imported register as files named after them."""
    made = register(folder, *(changed(Expediente=f"A-{number}", Edad=str(number + 10)) for number in range(12)))
    target = folder / "tables"
    target.mkdir()
    for name, table in made.tables.items():
        dated = table.assign(**{column: table[column].dt.strftime("%Y-%m-%d") for column in table.select_dtypes("datetime")})
        if format_ == "csv":
            dated.to_csv(target / f"{name}.csv", index=False)
        elif format_ == "xlsx":
            dated.to_excel(target / f"{name}.xlsx", index=False)
        else:
            table.to_parquet(target / f"{name}.parquet", index=False)
    return target


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_tables_in_the_schemas_columns_come_back_as_they_are(tmp_path: Path, format_: str) -> None:
    folder = tables_of(tmp_path, format_)
    again = read(folder, TODAY)
    once = read(tmp_path / "registro.csv", TODAY, str(tmp_path / "map.yml"))
    assert {name: len(table) for name, table in again.tables.items()} == {name: len(table) for name, table in once.tables.items()}
    assert list(again.tables["victim"]["age_registration"]) == list(range(10, 22))
    assert again.rows_read == again.rows_kept == sum(len(table) for table in again.tables.values())


def test_a_table_that_outgrows_memory_is_read_in_parts_with_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tables_of(tmp_path, "parquet")
    victim = pd.read_parquet(folder / "victim.parquet")
    victim.loc[3, "age_status_reg"] = "ADULT"  # aged 13: rule R01
    victim.loc[7, "sex"] = "X"  # no such code: rule S01
    victim.to_parquet(folder / "victim.parquet", index=False)
    whole = read(folder, TODAY)
    monkeypatch.setattr(large, "LARGE", 4)
    monkeypatch.setattr("turquesa_stats.sources.tidy.LARGE", 4)
    scratch = tmp_path / "scratch"
    parts = read(folder, TODAY, scratch=scratch)
    assert not isinstance(parts.tables["victim"], pd.DataFrame)
    assert (parts.rows_read, parts.rows_kept) == (whole.rows_read, whole.rows_kept)
    assert sorted(parts.reasons.items()) == sorted(whole.reasons.items())
    assert any("R01" in reason for reason in parts.reasons)
    assert any("S01" in reason for reason in parts.reasons)
    workspaces = [Workspace(tmp_path / name) for name in ("whole", "parts")]
    for workspace, result in zip(workspaces, (whole, parts), strict=True):
        workspace.add(result.tables)
    one, other = (workspace.tables()["victim"].sort_values("victim_id", ignore_index=True) for workspace in workspaces)
    pd.testing.assert_frame_equal(one, other)
    assert workspaces[0].coverage() == workspaces[1].coverage()


def test_a_file_not_named_after_a_table_and_a_column_not_of_it_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "victims.csv"
    path.write_text("victim_id,sex\n")
    with pytest.raises(SourceRefused, match="did you mean victim"):
        read(path, TODAY)
    path = tmp_path / "victim.csv"
    path.write_text("victim_id,sexo\nvi_0000000000000001,F\n")
    with pytest.raises(SourceRefused, match=r"'sexo' \(did you mean sex\?\)"):
        read(path, TODAY)


HTCDS = {
    "cas_IncomingReferralDate": "2022-03-04",
    "prs_FirstName": "Jane",
    "prs_Gender": "Feminine",
    "prs_Citizenship": "CO;VE",
    "vic_TraffickingStatus": "ActualVictimOfTrafficking",
    "vic_AgeWhenTrafficked": "16",
    "vic_TypeOfExploitation": "SexualExploitation;ForcedLabour",
    "vic_ForcedLabourIndustry": "A_AgricultureForestryAndFishing",
    "vic_MethodsOfControl": "DebtBondage;RestrictsMovement",
    "vic_MethodOfRecruitment": "ThroughOnlineSocialNetworks",
    "vic_TypeOfSexExploitation": "Prostitution",
    "vic_RelationshipToTrafficker": "Unaquainted",
}


def test_the_field_names_of_htcds_are_a_map_that_ships(tmp_path: Path) -> None:
    path = tmp_path / "htcds.csv"
    pd.DataFrame([HTCDS]).to_csv(path, index=False)
    result = read(path, TODAY, "htcds", country="COL")
    victim = result.tables["victim"].iloc[0]
    assert (victim["sex"], victim["gender"], victim["citizenship"], victim["sector"]) == ("F", "FEMININE", "_MULTI", "A")
    assert (victim["age_recruitment"], victim["age_status_entry"], victim["relation_recruiter"]) == (16, "MINOR", "STRANGER")
    assert sorted(result.tables["victim_citizenship"]["citizenship"]) == ["COL", "VEN"]
    assert sorted(result.tables["victim_control"]["code"]) == ["DEBT", "MOVE"]
    assert sorted(result.tables["victim_element"]["code"]) == ["PUR_FORCED_LABOUR", "PUR_SEXUAL", "_N", "_N"]
    assert list(result.tables["case"]["country_report"]) == ["COL"]
    for table in result.tables.values():
        assert not table.astype("str").apply(lambda column: column.str.contains("Jane")).to_numpy().any()


def test_every_map_that_ships_fits_the_schema_and_names_codes_that_exist() -> None:
    from turquesa_stats.schema.codes import code_list

    assert {"htcds", "ctdc_synthetic", "ctdc_kanonymised"} <= set(shipped_maps())
    for name in shipped_maps():
        for block in read_map(name).blocks:
            fields = {field.name: field for field in table_schema(block.table).fields}
            for field, made in block.fields.items():
                if fields[field].codes is not None:
                    codes = [*made.codes.values(), *(code for several in made.flags.values() for code in several)]
                    codes += [code for code in (made.value, made.otherwise, made.several) if code is not None]
                    assert set(codes) <= set(code_list(str(fields[field].codes)).codes), (name, block.table, field)


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.text(max_size=8) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["source", "rows", "tables", "victim", "sex", "column", "flags", "missing", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_map_ends_in_anything_but_an_error_in_words(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    path = tmp_path_factory.mktemp("map") / "map.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(TurquesaError):
        read_map(str(path))


def test_the_map_in_the_readme_is_one_that_works(tmp_path: Path) -> None:
    from turquesa_stats.schema.location import project_root

    text = re.search(r"```yaml\n(.*?)```", (project_root() / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    map_of_readme = text[1].replace("Fecha de apertura", "Apertura").replace('split: ";"', "split: +")
    result = register(tmp_path, GOOD, changed(Expediente="A-2", Apertura="mayo 2020"), text=map_of_readme)
    assert (result.rows_kept, len(result.set_aside)) == (2, 0)
    assert sorted(result.tables["case"]["opened_on_prec"]) == ["D", "M"]
