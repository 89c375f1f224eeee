"""Records of persons and restricted sources are for their owner alone, wherever a workspace is written; nothing else is closed."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.small_edition import JOBS, make, small_run, write_reports
from turquesa_stats.cli import app
from turquesa_stats.errors import TurquesaError
from turquesa_stats.schema.custody import exposure, make_private
from turquesa_stats.schema.parts import fingerprints
from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import import_file
from turquesa_stats.sources.default_data import published_figures_file
from turquesa_stats.sources.demonstration import demonstration_tables

TODAY = date(2026, 1, 2)
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def _open_to_others(folder: Path) -> list[str]:
    every = [folder, *folder.rglob("*")]
    return [str(path.relative_to(folder)) for path in every if not path.is_symlink() and path.stat().st_mode & OTHERS]


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("official") / "w")
    workspace.folder.mkdir(mode=0o755)
    import_file("published-figures", published_figures_file(), workspace, TODAY)
    return workspace


@pytest.fixture(scope="module")
def persons() -> dict[str, pd.DataFrame]:
    return demonstration_tables(TODAY)


@pytest.fixture(autouse=True)
def usual_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_public_figures_stay_as_open_as_the_machine_makes_them(official: Workspace) -> None:
    assert stat.S_IMODE(official.folder.stat().st_mode) == 0o755
    assert exposure(official.folder) == ""


def test_records_of_persons_close_the_workspace_and_all_that_is_in_it(
    official: Workspace, persons: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "w")
    workspace.folder.mkdir(mode=0o755)
    import_file("published-figures", published_figures_file(), workspace, TODAY)
    (workspace.folder / "link").symlink_to(official.folder)
    assert "accounts/published-figures.json" in _open_to_others(workspace.folder)
    workspace.add(persons, {"accounts/x.json": "{}", "set_aside/x.csv": "a\n"})
    assert _open_to_others(workspace.folder) == []
    fingerprints(workspace)
    import_file("published-figures", published_figures_file(), workspace, TODAY)
    assert {"fingerprints.json", "hits", "set_aside", "accounts"} < {path.name for path in workspace.folder.iterdir()}
    assert _open_to_others(workspace.folder) == []
    assert stat.S_IMODE(official.folder.stat().st_mode) == 0o755, "what a link leads to is not ours to close"


@pytest.mark.parametrize("handling", ["H1", "H2", "H3"])
def test_a_restricted_source_closes_the_workspace(handling: str, official: Workspace, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    tables = official.tables()
    codes = [handling, *tables["source"]["handling"].astype("str")[1:]]
    workspace.add(tables | {"source": tables["source"].assign(handling=pd.Series(codes, dtype=tables["source"]["handling"].dtype))})
    assert _open_to_others(workspace.folder) == []
    workspace.folder.chmod(0o755)
    assert "chmod -R go=" in exposure(workspace.folder)


def test_a_workspace_that_others_may_read_is_told_of_and_closed_at_the_next_write(persons: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    workspace.add(persons)
    workspace.folder.chmod(0o755)
    (workspace.folder / "victim.parquet").chmod(0o644)
    done = CliRunner().invoke(app, ["plan", "--workspace", str(workspace.folder), "--into", str(tmp_path / "out")])
    assert f"Warning: {workspace.folder} holds records of persons" in done.stderr
    assert "mode 0755" in done.stderr
    assert (workspace.folder / "fingerprints.json").is_file()
    assert _open_to_others(workspace.folder) == []
    again = CliRunner().invoke(app, ["plan", "--workspace", str(workspace.folder), "--into", str(tmp_path / "out")])
    assert "Warning" not in again.stderr


def test_a_file_that_others_may_read_in_a_closed_workspace_is_closed_too(persons: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    workspace.add(persons)
    (workspace.folder / "victim.parquet").chmod(0o644)
    workspace.add({"case": persons["case"]})
    assert _open_to_others(workspace.folder) == []


def test_no_records_of_persons_go_to_a_folder_that_all_share(persons: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(TurquesaError, match="a folder of your own"):
        Workspace(shared).add(persons)
    assert list(shared.iterdir()) == []
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_a_file_that_can_be_run_stays_so_for_its_owner(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir(mode=0o755)
    (tmp_path / "w/run").touch(mode=0o755)
    (tmp_path / "w/run").chmod(0o755)
    make_private(tmp_path / "w")
    assert stat.S_IMODE((tmp_path / "w/run").stat().st_mode) == 0o700


def test_the_quality_of_restricted_data_is_for_their_owner_alone(
    persons: dict[str, pd.DataFrame], official: Workspace, tmp_path: Path
) -> None:
    Workspace(tmp_path / "w").add(persons)
    for workspace, name in ((tmp_path / "w", "closed"), (official.folder, "open")):
        done = CliRunner().invoke(app, ["quality", str(workspace), "--into", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
    assert _open_to_others(tmp_path / "closed") == []
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o755


@pytest.mark.parametrize(("audience", "mode"), [("public", 0o755), ("rounded", 0o755), ("partners", 0o700), ("none", 0o700)])
def test_documents_that_are_not_for_everyone_are_made_in_a_folder_for_their_owner(audience: str, mode: int, tmp_path: Path) -> None:
    from dataclasses import replace

    run = small_run(tmp_path / "out", write_reports(tmp_path / "reports"))
    run = replace(run, warming=replace(run.warming, audience=audience))
    assert not make(run, JOBS[:1]).failed
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == mode
    (tmp_path / "out").chmod(0o750)
    assert not make(run, JOBS[:2]).failed
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750, "opened on purpose"
