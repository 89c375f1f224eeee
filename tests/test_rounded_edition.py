"""An edition under the policy of rounding, through the command line: made, read back by the audit, and its secret kept."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.test_audit import _audit, _replace, _truth
from turquesa_stats.cli import _prepare, app
from turquesa_stats.disclosure import secret
from turquesa_stats.disclosure.policy import policy
from turquesa_stats.errors import DisclosureRefused
from turquesa_stats.render.plan import Grid
from turquesa_stats.reporting.protection import Protection, protect_register
from turquesa_stats.reporting.report import load
from turquesa_stats.schema.parts import Part
from turquesa_stats.sources.default_data import default_workspace

DRAWN_BY = "rounds alike in this test"
STEM = "en/XAA/2021/victim-demographics"


def _render(workspace: Path, into: Path) -> str:
    asked = [
        "render",
        "--country",
        "XAA",
        "--report",
        "victim-demographics,prosecution-outcomes,operations",
        "--period",
        "2021",
        "--language",
        "en,pt",
    ]
    with pytest.MonkeyPatch.context() as patch:  # what a run says to its reports stays in the run
        patch.setenv("TURQUESA_AUDIENCE", "public")
        patch.setenv("TURQUESA_WORKSPACE", str(workspace))
        options = ["--audience", "rounded", "--workspace", str(workspace), "--into", str(into), "--jobs", "2"]
        done = CliRunner().invoke(app, [*asked, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspaces") / "held"
    shutil.copytree(default_workspace().folder, folder, ignore=shutil.ignore_patterns(secret.FILE))
    return folder


@pytest.fixture(scope="module")
def edition(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rounded")
    _render(workspace, folder)
    return folder


@pytest.fixture
def page(edition: Path, tmp_path: Path) -> Path:
    """Copy one page, to plant a leak in."""
    path = tmp_path / "e" / f"{STEM}.html"
    path.parent.mkdir(parents=True)
    shutil.copy(edition / f"{STEM}.html", path)
    return path


def test_a_rounded_edition_stands_and_every_cell_of_it_is_attacked(edition: Path) -> None:
    code, verdict, told = _audit(edition)
    assert verdict["unclear"] == verdict["unread"] == verdict["falls"] == verdict["disagreeing"] == []
    assert code == 0
    assert "Narrowest of the protected cells" in told
    attacked = {one["cell"]: one for one in verdict["stands"]}
    truth = {f"XAA/{cell}": count for cell, count in _truth("2021").items()}
    known = [one for cell, one in attacked.items() if cell in truth]
    assert len(known) > 40
    assert all(one["low"] <= truth[one["cell"]] <= one["high"] for one in known)
    victims, women = attacked["XAA/2021/victims"], attacked["XAA/2021/groups/WOMEN"]
    assert victims["high"] - victims["low"] >= 10
    assert women["high"] - women["low"] >= 10
    assert attacked["XAA/2021/steps/_T/CONVICTED"]["high"] - attacked["XAA/2021/steps/_T/CONVICTED"]["low"] >= 5


def test_each_page_says_in_its_language_to_what_it_rounds(edition: Path) -> None:
    english, portuguese = ((edition / f"{name}.html").read_text(encoding="utf-8") for name in (STEM, STEM.replace("en/", "pt/")))
    assert "Counts of persons are rounded to multiples of 11" in english
    assert "Privacy certificate: policy rounded; method controlled rounding" in english
    assert "As contagens de pessoas são arredondadas para múltiplos de 11" in portuguese
    justice = (edition / "en/XAA/2021/prosecution-outcomes.html").read_text(encoding="utf-8")
    assert "Rounded to multiples of 6." in justice
    assert "Outcomes over time are not printed where counts of persons are rounded" in justice
    assert "Median and quartiles are not printed" in justice
    assert "--audience rounded" in justice


def test_only_multiples_are_printed(edition: Path) -> None:
    alts = re.findall(r'alt="([^"]*)"', (edition / f"{STEM}.html").read_text(encoding="utf-8"))
    counted = [int(number) for alt in alts for number in re.findall(r" · (\d+)", alt)]
    assert len(counted) > 20
    assert all(number % 11 == 0 for number in counted)


@pytest.mark.parametrize(
    ("old", "new", "cell"),
    [
        (r"women: (\d+% \(\d+% to \d+%\)) · \d+", r"women: \1 · 157", "XAA/2021/groups/WOMEN"),
        (r"the case file holds \d+ victims", "the case file holds 371 victims", "XAA/2021/victims"),
        (r"women: \d+% \(", "women: 61% (", "XAA/2021/groups/WOMEN"),
    ],
)
def test_a_number_that_is_not_rounded_is_found(page: Path, old: str, new: str, cell: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.search(old, text)
    page.write_text(re.sub(old, new, text), encoding="utf-8")
    code, verdict, _ = _audit(page.parents[3])
    assert code == 1
    assert [one for one in verdict["falls"] if one["cell"] == cell and one["how"] == "LEAK"]


def test_two_multiples_of_one_cell_are_a_contradiction(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = re.search(r"the case file holds (\d+) victims", text)
    assert shown
    _replace(page, shown[0], f"the case file holds {int(shown[1]) + 11} victims")
    assert "XAA/2021/victims" in {cell for cell, _ in _audit(page.parents[3])[1]["disagreeing"]}


def test_the_secret_is_the_owners_alone_and_in_no_file_of_the_edition(workspace: Path, edition: Path) -> None:
    path = workspace / secret.FILE
    held = secret.rounding_secret(workspace)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(held) == 64
    files = [one for one in edition.rglob("*") if one.is_file()]
    assert not [one for one in files if held.encode() in one.read_bytes()]
    journal = "".join(one.read_text(encoding="utf-8") for one in files if one.suffix == ".jsonl")
    assert f'"rounding": "{secret.mark(held)}"' in journal


def test_the_same_secret_makes_nothing_again_and_another_everything(workspace: Path, edition: Path, tmp_path: Path) -> None:
    assert "Nothing to do" in _render(workspace, edition)
    other = tmp_path / "other"
    shutil.copytree(workspace, other, ignore=shutil.ignore_patterns(secret.FILE))
    grid = Grid(("victim-demographics",), ("XAA",), ("2021",), ("en",), ("html",), {})
    run, plan = _prepare(other, None, grid, "auto", edition, "rounded", "final")
    assert list(run.reasons(plan).values()) == [["the secret of rounding changed"]]


def test_a_secret_that_others_may_read_or_that_is_empty_is_refused(tmp_path: Path) -> None:
    held = secret.rounding_secret(tmp_path)
    assert secret.rounding_secret(tmp_path) == held
    path = tmp_path / secret.FILE
    path.chmod(0o640)
    with pytest.raises(DisclosureRefused, match="others than its owner may read"):
        secret.rounding_secret(tmp_path)
    path.chmod(0o600)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DisclosureRefused, match="holds no secret of rounding"):
        secret.rounding_secret(tmp_path)


@pytest.fixture(scope="module")
def rounded() -> Protection:
    return protect_register(Part(*load(None), "XAA"), "XAA", "victims", policy("rounded"), None, DRAWN_BY)


def test_a_register_is_rounded_as_one_and_its_answers_add_up(rounded: Protection) -> None:
    assert rounded.base == 11
    assert rounded.hidden == {}
    assert all(count % 11 == 0 for count in rounded.rounded.values())
    assert all(abs(rounded.rounded[key] - count) < 11 for key, count in rounded.counts.items())
    years = [rounded.rounded[(("period", year),)] for year in rounded.periods[:-1]]
    assert sum(years) == rounded.rounded[()]


def test_a_public_figure_that_gives_a_count_away_has_the_register_suppressed(rounded: Protection) -> None:
    count = rounded.counts[(("period", "2021"),)]
    row = {"period_start": pd.Timestamp("2021-01-01"), "sex": "_T", "obs_lower": float(count), "obs_upper": float(count)}
    limits = replace(policy("rounded"), spans="none")  # fewer cells to decide
    tables = Part(*load(None), "XAA")
    found = protect_register(tables, "XAA", "victims", limits, pd.DataFrame([row]), DRAWN_BY)
    assert (found.base, found.rounded) == (0, {})
    assert found.hidden


def test_a_register_rounds_alike_in_every_edition(rounded: Protection) -> None:
    again = protect_register(Part(*load(None), "XAA"), "XAA", "victims", policy("rounded"), None, DRAWN_BY)
    other = protect_register(Part(*load(None), "XAA"), "XAA", "victims", policy("rounded"), None, DRAWN_BY[::-1])
    assert again.rounded == rounded.rounded
    assert other.rounded != rounded.rounded
