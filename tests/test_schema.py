import re

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
RESTRICTED = [name for name in table_names() if table_schema(name).sensitivity == "R"]
NEVER_WITHOUT_ANSWER = {"crime", "iccs", "element", "stage", "sensitivity"}  # keys and codes that steer the checks
MAY_BE_EMPTY = {"grade_scheme"}  # no grade was given
NOT_OPAQUE = {
    "source_id",
    "legal_id",
    "survey_id",
    "op_id",
    "act_id",
}  # of publications, laws, surveys, operations, courses: not of persons


def test_the_tables_asked_for_are_there() -> None:
    needed = {"official_stat", "source", "case", "victim", "victim_element", "accused", "charge", "charge_event", "sentence"}
    needed |= {
        "case_offence_link",
        "victim_citizenship",
        "victim_recruit_channel",
        "victim_sex_form",
        "victim_control",
        "victim_technology",
    }
    needed |= {"victim_perpetrator", "smuggled_person", "smuggled_service", "smuggled_harm", "place", "route_leg", "protection"}
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
    links = table_schema(name).foreign_keys
    assert name == "source" or ("source_id", "source") in {(link.field, link.table) for link in links}
    for link in links:
        assert link.field in table_schema(name).field_names
        assert link.table in table_names()
        assert link.to in table_schema(link.table).key
        assert link.to in table_schema(link.table).field_names


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_label_in_every_language(name: str) -> None:
    listed = codes.code_list(name)
    assert listed.codes
    for code, row in listed.rows.items():
        for language in LANGUAGES:
            assert listed.label(code, language).strip(), (name, code, language)
            named_by_cldr = name == "area" and bool(row["iso2"])
            assert named_by_cldr or row[f"label_{language}"].strip(), (name, code, language)


@pytest.mark.parametrize("name", RESTRICTED)
def test_every_restricted_row_has_its_source_version_day_and_sensitivity(name: str) -> None:
    fields = {field.name: field for field in table_schema(name).fields}
    for needed in ("source_id", "record_version", "loaded_at", "sens"):
        assert not fields[needed].nullable


@pytest.mark.parametrize("name", RESTRICTED)
def test_every_restricted_key_is_opaque(name: str) -> None:
    for field in table_schema(name).fields:
        if field.name.endswith("_id") and field.name not in NOT_OPAQUE:
            assert field.pattern == "^[a-z]{2}_[0-9a-f]{16}$", field.name


@pytest.mark.parametrize("name", RESTRICTED)
def test_every_restricted_date_tells_its_precision_or_why_it_is_empty(name: str) -> None:
    fields = table_schema(name).fields
    for field, after in zip(fields, [*fields[1:], None], strict=True):
        if field.type is FieldType.DATE and field.name != "loaded_at":
            assert after is not None
            assert (after.name, after.codes, after.nullable) == (f"{field.name}_prec", "date_precision", False)


@pytest.mark.parametrize("name", RESTRICTED)
def test_every_restricted_number_that_may_be_empty_can_tell_why(name: str) -> None:
    fields = table_schema(name).fields
    for field, after in zip(fields, [*fields[1:], None], strict=True):
        if field.type in {FieldType.NUMBER, FieldType.INTEGER} and field.nullable:
            assert after is not None
            assert (after.name, after.codes, after.nullable) == (f"{field.name}_missing", "missing", True)
        if field.name.endswith("_missing"):
            named = next(other for other in fields if other.name == field.name.removesuffix("_missing"))
            assert named.nullable


@pytest.mark.parametrize("name", RESTRICTED)
def test_every_restricted_category_says_why_it_is_not_known(name: str) -> None:
    for field in table_schema(name).fields:
        if field.codes is None or field.name.endswith("_missing") or field.codes in MAY_BE_EMPTY:
            continue
        assert not field.nullable, field.name
        assert field.codes in NEVER_WITHOUT_ANSWER or "_N" in codes.code_list(field.codes), field.codes


def test_unknown_not_asked_and_not_applicable_are_three_codes() -> None:
    used = {field.codes for name in RESTRICTED for field in table_schema(name).fields if field.codes} | {"act", "means", "exploitation"}
    for name in sorted(used - NEVER_WITHOUT_ANSWER - MAY_BE_EMPTY - {"consent"}):  # a consent that is not known is no consent
        listed = codes.code_list(name)
        assert {"_UNK" if name == "area" else "_U", "_N", "_Z"} <= set(listed.codes), name
        for language in LANGUAGES:
            assert listed.label("_N", language) == codes.code_list("missing").label("_N", language), name
            assert listed.label("_Z", language) == codes.code_list("missing").label("_Z", language), name
    assert codes.code_list("missing").codes == ["_U", "_N", "_Z"]


def test_that_nothing_was_found_is_an_answer_of_its_own() -> None:
    for name in ("control", "technology", "harm", "protection"):
        assert {"NONE", "_U", "_N", "_Z"} <= set(codes.code_list(name).codes)


def test_the_methods_of_control_are_the_seventeen_of_the_collaborative() -> None:
    merged = {"DEBT_EARNINGS", "ABUSE"}  # as the synthetic dataset of the Counter Trafficking Data Collaborative has them
    found = [code for code in codes.code_list("control").codes if code != "NONE" and not code.startswith("_")]
    assert len(set(found) - merged) == 17


def test_several_answers_stand_in_tables_of_their_own() -> None:
    assert not {"recruit_channel", "sex_form"} & set(table_schema("victim").field_names)
    for name, key in {
        "case_offence_link": ("case_id", "iccs", "role"),
        "victim_citizenship": ("victim_id", "citizenship"),
        "victim_recruit_channel": ("victim_id", "code"),
        "victim_sex_form": ("victim_id", "code"),
        "victim_control": ("victim_id", "code"),
        "victim_technology": ("victim_id", "stage", "code"),
        "victim_perpetrator": ("victim_id", "accused_id", "role"),
        "smuggled_service": ("smuggled_id", "code"),
        "smuggled_harm": ("smuggled_id", "code"),
        "route_leg": ("journey_id", "leg_no"),
    }.items():
        assert table_schema(name).key == key


@pytest.mark.parametrize("name", ["smuggled_person", "smuggled_service", "smuggled_harm"])
def test_a_smuggled_migrant_is_never_called_a_victim(name: str) -> None:
    schema = table_schema(name)
    texts = [schema.title, schema.description]
    texts += [text for field in schema.fields if field.name != "tip_victim_id" for text in (field.label, field.description)]
    texts += [
        {"label": codes.code_list(field.codes).label(code, language)}
        for language in LANGUAGES
        for field in schema.fields
        if field.codes
        for code in codes.code_list(field.codes).codes
    ]
    assert not [text for by in texts for text in by.values() if re.search("v[ií]cti", text, re.IGNORECASE) or "vítima" in text.casefold()]


def _place(**given: object) -> pd.DataFrame:
    row = {"place_id": "pl_0123456789abcdef", "iso3": "PER", "iso3166_2": None, "kind": "CITY", "latitude": -12.1, "latitude_missing": None}
    row |= {"longitude": None, "longitude_missing": "_N", "source_id": "src_a", "record_version": 1, "sens": "R"}
    return pd.DataFrame([row | given]).assign(loaded_at=pd.Timestamp("2026-01-01"))


def test_an_empty_number_keeps_why_it_is_empty() -> None:
    checked = validate(_place(), "place")
    assert checked.loc[0, "longitude_missing"] == "_N"
    assert checked["longitude"].isna().all()
    with pytest.raises(SchemaMismatch, match="column longitude_missing, row 0: value 'unknown'; must be: code of list missing"):
        validate(_place(longitude_missing="unknown"), "place")
    with pytest.raises(SchemaMismatch, match="column latitude, row 0"):
        validate(_place(latitude=90.1), "place")


def _measure(**given: object) -> pd.DataFrame:
    dates = dict.fromkeys(("offered_on", "started_on", "ended_on"), pd.NaT)
    row = {"prot_id": "pr_0123456789abcdef", "victim_id": "vi_0123456789abcdef", "kind": "NONE", "accepted": "_Z", "provider_type": "_N"}
    row |= {"source_id": "src_a", "record_version": 1, "sens": "R"} | {f"{name}_prec": "_Z" for name in dates}
    return pd.DataFrame([row | given]).assign(loaded_at=pd.Timestamp("2026-01-01"), **dates)


def test_an_empty_date_tells_why_and_an_answer_is_never_left_out() -> None:
    assert validate(_measure(), "protection").loc[0, "offered_on_prec"] == "_Z"
    with pytest.raises(SchemaMismatch, match="column offered_on_prec, row 0"):
        validate(_measure(offered_on_prec=None), "protection")
    with pytest.raises(SchemaMismatch, match="column accepted, row 0"):
        validate(_measure(accepted=None), "protection")


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


def test_the_same_validation_runs_on_tables_in_parts() -> None:
    import dask.dataframe as dd

    good = validate(
        pd.DataFrame(
            {
                "part_id": [f"pa_{number:016x}" for number in range(6)],
                "sex": "F",
                "iso3": "COL",
                "trainee_group": "JUDGE",
                "unit_specialised": "_N",
                "source_id": "src_x",
                "record_version": 1,
                "loaded_at": pd.Timestamp("2026-01-02"),
                "sens": "R",
            }
        ),
        "participant",
    )
    parts = validate(dd.from_pandas(good, npartitions=3), "participant")
    assert parts.npartitions == 3
    pd.testing.assert_frame_equal(parts.compute(), good, check_dtype=False)
    twice = pd.concat([good, good.head(1)], ignore_index=True)
    with pytest.raises(SchemaMismatch, match="2 rows repeat a key"):
        validate(dd.from_pandas(twice, npartitions=2), "participant")
    wrong = good.assign(sex=["F", "F", "F", "F", "F", "X"])
    with pytest.raises(SchemaMismatch, match="value 'X'; must be: code of list sex"):
        validate(dd.from_pandas(wrong, npartitions=2), "participant").compute()
