"""Every word a reader sees exists in four languages, with the same places, and is used."""

import re
import string
from pathlib import Path

import pytest

from turquesa_stats.errors import TurquesaError
from turquesa_stats.present.words import Words, catalogue, forms
from turquesa_stats.schema.codes import Language
from turquesa_stats.schema.location import project_root

PACKAGE = project_root() / "turquesa_stats"
CODE = "\n".join(path.read_text() for path in sorted(PACKAGE.rglob("*.py")))
BUILT = (
    "banner.audience_",
    "report.",
    "section.",
    "group.",
    "step.",
    "outcome.",
    "concept.",
    "indicator.",
    "unit.",
    "column.",
    "gap.",
    "method.",
    "site.",
    "agency.",
    "dictionary.",
    "quality.",
    "review.",
    "difference.",
)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", list(Language))
def test_every_key_has_a_text_with_the_same_places(language: str) -> None:
    english, other = forms("en"), forms(language)
    assert set(other) == set(english)
    for key, texts in other.items():
        assert len(texts) == len(english[key]), key  # all four have two plural forms
        for text in texts:
            assert text.strip(), key
            assert places(text) == places(english[key][0]), key


@pytest.mark.parametrize(
    ("language", "none", "one", "two"),
    [
        ("en", "0 rules hold", "1 rule holds", "2 rules hold"),
        ("es", "0 reglas se cumplen", "1 regla se cumple", "2 reglas se cumplen"),
        ("fr", "0 règle est respectée", "1 règle est respectée", "2 règles sont respectées"),
        ("pt", "0 regras são cumpridas", "1 regra é cumprida", "2 regras são cumpridas"),
    ],
)
def test_plurals_follow_the_language(language: str, none: str, one: str, two: str) -> None:
    words = Words(language)
    assert [words("quality.passed", number, count=number) for number in (0, 1, 2)] == [none, one, two]


def test_a_key_with_plural_forms_needs_its_number() -> None:
    with pytest.raises(TurquesaError, match=r"'quality.passed' \(en\) has 2 plural forms; give the number"):
        Words("en")("quality.passed", count=1)


def test_every_key_that_code_names_exists() -> None:
    named = set(re.findall(r'words\(\s*"([a-z_]+\.[a-zA-Z_.-]+)"', CODE)) | set(
        re.findall(r'"((?:caption|method|note|axis)\.[a-z_-]+)"', CODE)
    )
    assert len(named) > 60
    assert named <= set(catalogue("en"))


def test_every_key_is_used() -> None:
    unused = [key for key in catalogue("en") if f'"{key}"' not in CODE and not key.startswith(BUILT)]
    assert unused == []


def test_every_report_gap_concept_and_indicator_has_its_words() -> None:
    keys = set(catalogue("en"))
    reports = {f"report.{path.stem}" for path in (project_root() / "reports").glob("*.qmd")}
    gaps = {f"gap.{topic}.{part}" for topic in re.findall(r'gap\("(\w+)"', CODE) for part in ("what", "holder")}
    columns = {f"column.{key}" for key in re.findall(r'\("(\w+)", "[lr]", lambda', CODE)}
    assert reports | gaps | columns <= keys


def test_an_unknown_key_gets_the_nearest() -> None:
    with pytest.raises(TurquesaError, match=r"did you mean number\.range"):
        Words("en")("number.rnge")


def test_a_place_without_value_is_refused() -> None:
    with pytest.raises(TurquesaError, match="no value for 'high'"):
        Words("en")("number.range", low=1)


def test_code_has_no_sentences_for_readers() -> None:
    """Whatever reports display comes from the catalogues: no block holds a literal sentence."""
    for path in [
        *(PACKAGE / "reporting").glob("*.py"),
        *(PACKAGE / "present").glob("*.py"),
        *Path(project_root() / "reports").glob("*.qmd"),
    ]:
        body = re.sub(r'(?s)r?""".*?"""', "", path.read_text())
        lines = [
            line for line in body.splitlines() if "raise " not in line and "Refused(" not in line and not line.lstrip().startswith("#")
        ]
        assert not [line for line in lines if re.search(r'"[A-Z][a-z]+ [a-z]+ [a-z]+ ', line)], path.name
