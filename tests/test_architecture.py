"""The way of the data runs in one direction, and the command starts at once."""

import subprocess
import sys
from pathlib import Path

from importlinter.cli import lint_imports

from turquesa_stats.schema.location import project_root


def test_no_arrow_runs_back_up() -> None:
    assert lint_imports(config_filename=str(project_root() / "pyproject.toml"), no_cache=True) == 0


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['turquesa', '--help']\n"
        "from turquesa_stats.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'statsmodels', 'pandera', 'nbformat', 'babel', 'IPython'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "doctor" in done.stdout


def test_no_real_file_stands_in_the_project() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=project_root(), check=False).stdout.split()
    data = [path for path in tracked if Path(path).suffix in {".xlsx", ".parquet", ".xls"}]
    assert data == []
    assert {path for path in tracked if path.endswith(".csv") and not path.startswith("data/schema/")} <= {
        "data/published/official_figures.csv",
        *(f"data/published/operations/{name}.csv" for name in ("countries", "operations", "results")),
    }
