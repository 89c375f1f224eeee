"""Trafficking and smuggling are never confused, and nobody is called what reports do not call people."""

import csv

import pytest

from turquesa_stats.present.wording import faults
from turquesa_stats.present.words import forms
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.location import project_root

PLANTED = {
    "irregular": ("illegal migrants", "migrantes ilegales", "migrants clandestins", "migrantes ilegais"),
    "smuggled_not_victim": ("victims of migrant smuggling", "víctimas del tráfico", "victimes du trafic", "vítimas de contrabando"),
    "trafficking_word": ("human smuggling", "tráfico de personas", "trafic d’êtres humains", "tráfico de migrantes"),
    "exploited_in_prostitution": ("child prostitution", "prostitutas", "prostituées", "prostituição infantil"),
    "rescued": ("were rescued", "fueron rescatadas", "ont été secourues", "foram resgatadas"),
    "flood": ("waves of migrants", "oleada", "esclavage moderne", "escravidão moderna"),
    "slang": ("a coyote", "un pollero", "le coyote", "os coiotes"),
    "prevalence": ("trafficking has increased", "la trata aumentó", "la traite a diminué", "o tráfico de pessoas cresceu"),
}


@pytest.mark.parametrize("rule", PLANTED)
@pytest.mark.parametrize("language", list(Language))
def test_each_planted_wording_is_found(rule: str, language: str) -> None:
    said = PLANTED[rule][["en", "es", "fr", "pt"].index(language)]
    assert rule in {fault.rule for fault in faults(f"2021: {said.capitalize()}, 40.", language)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Detected victims of trafficking in persons; smuggled migrants; victims of aggravated smuggling"),
        ("es", "Víctimas de trata de personas detectadas; migrantes objeto de tráfico ilícito"),
        ("fr", "Victimes de la traite des personnes ; migrants objet d'un trafic illicite"),
        ("pt", "Vítimas de tráfico de pessoas detectadas; migrantes objeto de contrabando"),
    ],
)
def test_right_wordings_stand(language: str, text: str) -> None:
    assert faults(text, language) == []


@pytest.mark.parametrize("language", list(Language))
def test_no_word_or_label_breaks_a_rule(language: str) -> None:
    texts = {key: " ".join(several) for key, several in forms(language).items()}
    for path in sorted((project_root() / "data/schema/codes").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            texts |= {f"{path.stem} {row['code']}": row[f"label_{language}"] for row in csv.DictReader(file)}
    assert {key: found for key, text in texts.items() if (found := faults(text, language))} == {}
