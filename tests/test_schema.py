import pandas as pd
import pytest
import yaml

from turquesa_stats.errors import SchemaMismatch, UnknownParameter
from turquesa_stats.schema import codes
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.tables import FieldType, Role, table_names, table_schema
from turquesa_stats.schema.validation import pandera_schema, validate

LANGUAGES = {"en", "es", "fr", "pt"}
LISTS = sorted(path.stem for path in (project_root() / "data/schema/codes").glob("*.csv"))


def test_the_tables_asked_for_are_there() -> None:
    needed = {"official_stat", "source", "case", "victim", "victim_element", "accused", "charge", "charge_event", "sentence"}
    assert needed <= set(table_names())


@pytest.mark.parametrize("name", table_names())
def test_every_field_is_fully_described_in_four_languages(name: str) -> None:
    schema = table_schema(name)
    assert set(schema.key) <= set(schema.field_names)
    for texts in (schema.title, schema.description, *(t for f in schema.fields for t in (f.label, f.description))):
        assert set(texts) == LANGUAGES
        assert all(text.strip() for text in texts.values())
    for field in schema.fields:
        assert field.standard
        assert (field.type is FieldType.CATEGORY) == (field.codes is not None), field.name
        if field.codes:
            assert codes.code_list(field.codes).codes


@pytest.mark.parametrize("name", table_names())
def test_the_pandera_schema_is_built_from_the_file(name: str) -> None:
    written = yaml.safe_load((project_root() / f"data/schema/{name}.yml").read_text())
    built = pandera_schema(name)
    assert list(built.columns) == [field["name"] for field in written["fields"]]
    assert {column: built.columns[column].nullable for column in built.columns} == {f["name"]: f["nullable"] for f in written["fields"]}


@pytest.mark.parametrize("name", table_names())
def test_foreign_keys_point_to_a_key(name: str) -> None:
    for link in table_schema(name).foreign_keys:
        assert link.field in table_schema(name).field_names
        assert link.to in table_schema(link.table).key


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_label_in_every_language(name: str) -> None:
    listed = codes.code_list(name)
    assert listed.codes
    for code in listed.codes:
        for language in LANGUAGES:
            assert listed.label(code, language).strip(), (name, code, language)


def test_trafficking_and_smuggling_are_never_mixed_up() -> None:
    crime = codes.code_list("crime")
    assert [crime.label("TIP", language) for language in ("es", "fr", "pt")] == [
        "trata de personas",
        "traite des personnes",
        "tráfico de pessoas",
    ]
    assert all("migra" in crime.label("SOM", language) for language in LANGUAGES)


def test_the_americas_are_those_of_the_united_nations() -> None:
    by_region: dict[str, int] = {}
    for region in codes.code_list("area").column("m49_subregion").values():
        by_region[region] = by_region.get(region, 0) + 1
    assert {region: n for region, n in by_region.items() if region} == {
        "NORTHERN_AMERICA": 5,
        "CENTRAL_AMERICA": 8,
        "CARIBBEAN": 28,
        "SOUTH_AMERICA": 16,
    }


def test_direct_identifiers_have_a_role_of_their_own() -> None:
    assert {f.name for f in table_schema("victim").fields if f.role is Role.DIRECT_IDENTIFIER} == {"person_key"}
    assert {"disability", "pregnancy", "indigenous"} <= {f.name for f in table_schema("victim").fields if f.role is Role.SENSITIVE}


def test_all_problems_are_told_at_once_with_place_value_and_what_is_allowed() -> None:
    element = {"victim_id": "Mary", "element": "ACTT", "code": "ACT_RECRUIT", "source_id": "src_a", "record_version": 0, "sens": "R"}
    frame = pd.DataFrame([element]).assign(loaded_at=pd.Timestamp("2026-01-01"))
    with pytest.raises(SchemaMismatch) as told:
        validate(frame, "victim_element")
    text = str(told.value)
    assert "column victim_id, row 0: value 'Mary'" in text
    assert "value 'ACTT'; must be: code of list element" in text
    assert "at least 1" in text


def test_a_wrong_column_name_gets_the_nearest() -> None:
    with pytest.raises(SchemaMismatch, match="column 'elements' is not in the schema; did you mean element"):
        validate(pd.DataFrame({"elements": ["ACT"]}), "victim_element")


def test_a_row_without_its_parent_is_refused() -> None:
    row = {
        "victim_id": "vi_0123456789abcdef",
        "element": "ACT",
        "code": "ACT_RECRUIT",
        "source_id": "src_a",
        "record_version": 1,
        "sens": "R",
    }
    frame = pd.DataFrame([row]).assign(loaded_at=pd.Timestamp("2026-01-01"))
    nobody = pd.DataFrame({"victim_id": pd.Series([], dtype="str")})
    with pytest.raises(SchemaMismatch, match="1 rows of victim_id have no row in victim"):
        validate(frame, "victim_element", {"victim": nobody})


@pytest.mark.parametrize(
    ("given", "hint"), [("COLL", "did you mean COL"), ("Colombia", "write its ISO 3166 code COL"), ("FRA", "of the Americas")]
)
def test_a_country_that_is_none_is_refused(given: str, hint: str) -> None:
    with pytest.raises(UnknownParameter, match=hint):
        codes.check_country(given)
