"""Every rule runs over tables as the schema files declare them: a field renamed in one place only is found here."""

from typing import Any

import pandas as pd
import pytest

from turquesa_stats.schema.codes import code_list
from turquesa_stats.schema.inspection import HIT_COLUMNS, MISFIT, inspect
from turquesa_stats.schema.rules import Severity, rules
from turquesa_stats.schema.tables import Field, FieldType, TableSchema, table_names, table_schema
from turquesa_stats.schema.validation import validate

EXAMPLES = {"^([A-F][1-6]|[ABCX][1-4])$": "B2", "^[A-Z]{3}$": "USD", "^[A-Z]{2}-[A-Z0-9]{1,3}$": "CO-ANT"}


def example(schema: TableSchema, field: Field) -> Any:
    """Return a value that fits a field, so that links lead somewhere."""
    link = next((link for link in schema.foreign_keys if link.field == field.name), None)
    if field.name.endswith("_missing"):
        return None
    if link is not None and link.table != schema.name:
        target = table_schema(link.table)
        return example(target, next(other for other in target.fields if other.name == link.to))
    if field.pattern is not None and "{16}" in field.pattern:
        return f"{(link.to if link else field.name)[:2]}_{'0' * 16}"
    if field.codes is not None:
        return "D" if field.codes == "date_precision" else code_list(field.codes).codes[0]
    if field.pattern is not None:
        prefix = field.pattern[1:].partition("_[")[0]
        return EXAMPLES.get(field.pattern, "PUR_SEXUAL" if "PUR" in field.pattern else f"{prefix}_x")
    if field.type is FieldType.DATE:
        return pd.Timestamp(2020, 1, 1)
    if field.type in {FieldType.NUMBER, FieldType.INTEGER}:
        return min(max(field.minimum or 1, 1), field.maximum if field.maximum is not None else 1)
    return False if field.type is FieldType.BOOLEAN else "2020" if field.name == "time_period" else "text"


@pytest.fixture(scope="module")
def one_row_each() -> dict[str, pd.DataFrame]:
    rows = {name: {field.name: example(table_schema(name), field) for field in table_schema(name).fields} for name in table_names()}
    for row in rows.values():
        row["source_id"] = "src_x"
    return {name: validate(pd.DataFrame([row]), name) for name, row in rows.items()}


def test_every_rule_runs_where_every_table_has_rows(one_row_each: dict[str, pd.DataFrame]) -> None:
    found = inspect(one_row_each)
    assert dict(found.not_run) == {}
    assert list(found.hits.columns) == HIT_COLUMNS
    assert set(found.hits["rule"]) <= set(rules()) - {MISFIT}
    assert set(found.hits["severity"]) <= {str(severity) for severity in Severity}
    assert {"R41", "R71", "R90", "F22", "F23"} <= set(found.hits["rule"]), "rows made without thought break rules"


def test_links_lead_somewhere_until_a_row_is_taken_away(one_row_each: dict[str, pd.DataFrame]) -> None:
    assert "S03" not in set(inspect(one_row_each, ["S03"]).hits["rule"])
    without = one_row_each | {"case": one_row_each["case"].iloc[:0]}
    stray = inspect(without, ["S03"]).hits
    assert {"victim", "charge", "case_accused", "smuggled_person", "route_leg"} <= set(stray["table"])


def test_a_rule_whose_table_is_not_there_says_so(one_row_each: dict[str, pd.DataFrame]) -> None:
    found = inspect({"victim": one_row_each["victim"]})
    assert found.not_run["R10"] == "case, victim_element"
    assert "R01" not in found.not_run


def test_a_register_is_not_judged_by_the_tables_of_another_source(one_row_each: dict[str, pd.DataFrame]) -> None:
    victim = one_row_each["victim"].assign(id_status="FORMAL")
    other = {name: one_row_each[name].assign(source_id="src_y") for name in ("case", "victim_element")}
    alone = inspect({"victim": victim, **{name: one_row_each[name] for name in ("case", "victim_element")}}, ["R10"])
    assert len(inspect({"victim": victim, **other}, ["R10"]).hits) == 0
    assert set(alone.hits["table"]) <= {"victim"}


def test_of_rows_with_one_key_repeats_go_and_contradictions_all_go(one_row_each: dict[str, pd.DataFrame]) -> None:
    case = one_row_each["case"]
    again = pd.concat([case, case], ignore_index=True)
    assert inspect({"case": again}, ["S02"]).hits["position"].tolist() == [1]
    other = pd.concat([case, case.assign(public_judgment=True), case], ignore_index=True)
    assert inspect({"case": other}, ["S02"]).hits["position"].tolist() == [0, 1, 2]
