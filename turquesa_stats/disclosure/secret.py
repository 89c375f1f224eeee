"""The secret of rounding: made once for a workspace, kept beside its tables for its owner alone, and never printed."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from turquesa_stats.errors import DisclosureRefused

FILE = "rounding.secret"


def rounding_secret(folder: Path) -> str:
    """
    Return the secret of a workspace's rounding, made where there is none yet.

    The same secret rounds the same count alike in every edition; whoever knows it can undo part of the rounding. The file may be read by
    its owner alone (mode 0600). It is in no release, and a journal holds only its :func:`mark`.

    Parameters
    ----------
    folder : Path
        The workspace.

    Raises
    ------
    DisclosureRefused
        If others than the owner may read the file, or it is empty.
    """
    path = folder / FILE
    if not path.exists():
        _make(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise DisclosureRefused(
            f"{path}: others than its owner may read the secret of rounding; only mode 0600 is allowed: chmod 600 {path}"
        )
    secret = path.read_text(encoding="utf-8").strip()
    if len(secret) < 32:
        raise DisclosureRefused(f"{path}: holds no secret of rounding; restore it from a backup, so that counts round as they did before")
    return secret


def _make(path: Path) -> None:
    """Write a secret under another name, then give it its name unless another process was first."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)


def mark(secret: str) -> str:
    """Return a short hash that tells whether a document was rounded with this secret, and nothing of it."""
    return sha256(b"rounding " + secret.encode()).hexdigest()[:16]
