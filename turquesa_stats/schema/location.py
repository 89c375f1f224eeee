"""Where the project's own files are: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def project_root() -> Path:
    """Return the folder that holds ``data/schema``, ``data/published`` and ``reports``."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    return checkout if (checkout / "data" / "schema").is_dir() else package / "share"


def is_checkout() -> bool:
    """Whether turquesa runs from a clone of the repository rather than from an installed wheel."""
    return project_root().name != "share"
