"""Fixtures: real public files beside the project (skipped where absent), and workspaces made from them once a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from turquesa_stats.schema.workspace import Workspace
from turquesa_stats.sources.contract import Import, import_file

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
TODAY = date(2026, 1, 2)
settings.register_profile("turquesa", deadline=None)  # a slow machine is no fault of the code
settings.load_profile("turquesa")


def shared(relative: str) -> Path:
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"real file not here: ../shared/{relative}")
    return path


@pytest.fixture(scope="session")
def glotip_file() -> Path:
    return shared("data/unodc-glotip/data_glotip_2024-11.xlsx")


@pytest.fixture(scope="session")
def peru_file() -> Path:
    return shared("data/peru-mininter/DataSet_trata_personas_enero2017_septiembre2025.xlsx")


@pytest.fixture(scope="session")
def real_workspace(tmp_path_factory: pytest.TempPathFactory, glotip_file: Path, peru_file: Path) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    import_file("unodc-glotip", glotip_file, workspace, TODAY)
    import_file("peru-mininter", peru_file, workspace, TODAY)
    return workspace


@pytest.fixture(scope="session")
def glotip(glotip_file: Path) -> Import:
    from turquesa_stats.sources.unodc_glotip import read

    return read(glotip_file, TODAY)


@pytest.fixture(scope="session")
def peru(peru_file: Path) -> Import:
    from turquesa_stats.sources.peru_mininter import read

    return read(peru_file, TODAY)


@pytest.fixture(scope="session")
def reference() -> Callable[[str], pd.DataFrame]:
    return lambda name: pd.read_csv(shared(f"reference/{name}.csv"), skipinitialspace=True)


@pytest.fixture(scope="session")
def cbp_file() -> Path:
    return shared("data/us-cbp/nationwide-encounters-fy20-fy23-state.csv")


@pytest.fixture(scope="session")
def linea145_folder() -> Path:
    return shared("data/argentina-linea145")


@pytest.fixture(scope="session")
def linea145(linea145_folder: Path) -> Import:
    from turquesa_stats.sources.argentina_linea145 import read

    return read(linea145_folder, TODAY)


@pytest.fixture(scope="session")
def iom_file() -> Path:
    return shared("data/iom-missing-migrants/global-missing-migrants.csv")
