"""The rules file names every rule of the data model, in four languages and without a word that accuses a person."""

import re
from typing import Any

import pytest
import yaml

from turquesa_stats.schema.checks import CHECKS
from turquesa_stats.schema.inspection import MISFIT
from turquesa_stats.schema.location import project_root
from turquesa_stats.schema.rules import Action, Rule, Severity, rules
from turquesa_stats.schema.tables import table_names, table_schema

LANGUAGES = ("en", "es", "fr", "pt")
STRUCTURE = ["S01", "S02", "S03"]
MODEL = [
    *(f"R{number:02d}" for number in (1, 2, 3, 4)),
    *(f"R{number}" for number in (*range(10, 22), *range(30, 37), *range(40, 49), *range(50, 60), 60, 61, 62, 70, 71, 80, 81, 82, 90)),
]
FIELD_RULES = [f"F{number:02d}" for number in range(1, 35)]
TABLES = {
    "case",
    "victim",
    "victim_element",
    "victim_citizenship",
    "victim_recruit_channel",
    "victim_sex_form",
    "victim_control",
    "victim_technology",
    "victim_perpetrator",
    "case_offence_link",
    "smuggled_person",
    "smuggled_service",
    "smuggled_harm",
    "place",
    "route_leg",
    "accused",
    "case_accused",
    "charge",
    "charge_event",
    "sentence",
    "protection",
    "operation",
    "operation_case",
    "operation_country",
    "operation_result",
    "operation_network",
    "coop_request",
    "training_activity",
    "training_target_group",
    "training_module",
    "participant",
    "training_participation",
    "training_followup",
    "legal_framework",
    "legal_purpose",
    "population",
    "context_event",
    "judgement",
    "judgement_basis",
    "release_register",
    "official_stat",
    "source",
}
NEVER = {
    "en": r"illegal|victims? of (aggravated )?smuggling|smuggling victims?|\bprostitut|\brescued|modern slavery|\bcoyote|\bminors?\b"
    r"|smuggling of persons|trafficking of migrants|trafficking in migrants|\btraffickers?\b|prevalence",
    "es": r"ilegal|clandestin|oleada|víctimas? del? tráfico|tráfico de personas|trata de migrantes|\bmenor(es)?\b|prostitut|coyote|pollero",
    "fr": r"illégal|clandestin|trafic d'êtres|trafic de personnes|victimes? du trafic|traite de(s)? migrants|\bmineure?s?\b|prostitu",
    "pt": r"ilegal|ilegais|clandestin|vítimas? de tráfico(?! de pessoas)|tráfico humano|\bmenor(es)?\b|prostitut|coiote",
}
SMUGGLING = {
    "en": r"smuggl\w+ in persons",
    "es": r"tráfico(?! ilícito)",
    "fr": r"trafic(?! illicite)",
    "pt": r"tráfico(?! de pessoas| ilícito)",
}


@pytest.fixture(name="declared", scope="module")
def _declared() -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = yaml.safe_load((project_root() / "data/schema/rules.yml").read_text(encoding="utf-8"))
    return written


def test_every_rule_of_the_data_model_stands_once_and_in_order(declared: list[dict[str, Any]]) -> None:
    assert [one["id"] for one in declared] == STRUCTURE + MODEL + FIELD_RULES


def test_the_file_has_no_key_that_nothing_reads(declared: list[dict[str, Any]]) -> None:
    for one in declared:
        assert set(one) <= {*Rule.__slots__}, one["id"]


def test_a_rule_names_known_tables_and_finds_rows_of_the_first() -> None:
    for rule in rules().values():
        named = (*rule.tables, *rule.also, *rule.fields)
        assert set(named) <= TABLES, rule.id
        assert len({*rule.tables, *rule.also}) == len(rule.tables) + len(rule.also), rule.id
        assert rule.basis
        assert set(rule.basis) <= set("PSHCIGXZNT"), rule.id
    assert set(table_names()) - {"rules"} <= TABLES


def test_severity_and_action_belong_together() -> None:
    allowed = {
        Severity.REJECT: {Action.SET_ASIDE, Action.KEPT, Action.UNPUBLISHED},
        Severity.WARN: {Action.KEPT},
        Severity.DERIVE: {Action.DERIVED, Action.KEPT},
        Severity.NOTE: {Action.KEPT},
    }
    assert {rule.id for rule in rules().values() if rule.action not in allowed[rule.severity]} == set()


def test_what_is_no_error_is_never_rejected_and_accused_children_are_kept() -> None:
    assert rules()["R12"].severity is rules()["R14"].severity is Severity.NOTE
    assert (rules()["R48"].severity, rules()["R48"].action) == (Severity.REJECT, Action.KEPT)
    assert rules()["R57"].action is rules()["R90"].action is Action.UNPUBLISHED
    assert rules()["R51"].severity is Severity.WARN  # a total is never repaired


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_told_in_each_language(language: str) -> None:
    english = rules()
    for rule in rules().values():
        assert list(rule.title) == list(rule.rule) == list(rule.mend) == list(LANGUAGES), rule.id
        title, sentence, mend = (text[language] for text in (rule.title, rule.rule, rule.mend))
        assert 3 <= len(re.findall(r"[\w'-]+", title)) <= 9, (rule.id, title)
        assert title.strip() == title
        assert not title.endswith("."), (rule.id, title)
        for text in (sentence, mend):
            assert re.fullmatch(r"[A-ZÀ-Ý].*[^.]\.", text), (rule.id, text)
            assert ". " not in text, (rule.id, text)
        if language != "en":
            assert sentence != english[rule.id].rule["en"]
            assert mend != english[rule.id].mend["en"]
    titles = [rule.title[language] for rule in rules().values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_follow_the_wording_rules(language: str) -> None:
    for rule in rules().values():
        for text in (rule.title[language], rule.rule[language], rule.mend[language]):
            for never in (NEVER[language], SMUGGLING[language]):
                found = re.search(never, text, re.IGNORECASE)
                assert found is None, (rule.id, text, found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_needs_the_code_to_be_understood(language: str) -> None:
    names = re.compile(r"\b[a-z]+_[a-z_]+\b|\b_[A-Z]\b|\bNULL\b|\bnull\b|\b[A-Z]+_[A-Z_]+\b")
    for rule in rules().values():
        for text in (rule.title[language], rule.rule[language], rule.mend[language]):
            assert names.search(text) is None, (rule.id, text)


def test_every_rule_has_its_check() -> None:
    assert set(CHECKS) == set(rules()) - {MISFIT}


@pytest.mark.parametrize(("rule", "suffix"), [("F16", "_missing"), ("F17", "_prec")])
def test_rules_on_pairs_of_fields_name_every_pair_of_the_schema(rule: str, suffix: str) -> None:
    pairs = {}
    for table in table_names():
        names = set(table_schema(table).field_names)
        described = {name for name in names if name + suffix in names}
        if described:
            pairs[table] = described | {name + suffix for name in described}
    assert {table: set(names) for table, names in rules()[rule].fields.items()} == pairs
    assert set(rules()[rule].also) == set(pairs)
