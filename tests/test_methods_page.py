"""The page of methods and known answers is complete: what is not held to an answer cannot stand before a court."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import turquesa_stats.methods
from tests.known_answers import REFERENCE, known_answers
from tests.known_answers.__main__ import key

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"
# What gives no number of its own: parts of the functions that are held to answers.
PARTS = {
    "methods.bounds.bounded",
    "methods.bounds.count_ends",
    "methods.cluster_counts.counts_of_clusters",
    "methods.concentration.inverse",
    "methods.concentration.tidy",
    "methods.multiple_systems.capture_table.capture_table",
    "methods.multiple_systems.capture_table.from_memberships",
    "methods.multiple_systems.loglinear.design",
    "methods.multiple_systems.selection.all_models",
}
with_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="reference answers not here: ../shared/reference")


def public_functions() -> set[str]:
    """Return the names of all public functions of the methods, from ``turquesa_stats``."""
    found = set()
    for module in pkgutil.walk_packages(turquesa_stats.methods.__path__, "turquesa_stats.methods."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.name:
                found.add(f"{module.name.removeprefix('turquesa_stats.')}.{name}")
    return found


@with_reference
def test_every_method_is_held_to_a_known_answer() -> None:
    held = {known.function for known in known_answers()}
    assert public_functions() - held - PARTS == set()
    assert public_functions() - held >= PARTS


@with_reference
def test_the_page_has_a_line_for_every_method_and_source() -> None:
    lines = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "`" in line]
    written = {(cells[1].strip("`"), cells[0].removeprefix("| "), cells[2]) for cells in lines}
    expected = {tuple(part.replace("|", "/") for part in key(known)) for known in known_answers()}
    assert written == expected
