"""A downloader for pooch that resumes: what came before a break is kept beside the target and continued where the server can."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from turquesa_stats import __version__
from turquesa_stats.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import Response, Session

AT_MOST = 2**28  # bytes of one file; the largest known has four million
TIMEOUTS = (10.0, 60.0)  # seconds to connect, and between two pieces
_REDIRECTS = 5
_PIECE = 2**14  # bytes; what came of a last piece before a break is fetched again
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Resuming:
    """
    Downloads one file for ``pooch.retrieve``.

    Parameters
    ----------
    target : Path
        Where the file will stand. Until it is whole, what came stands in ``.NAME.part`` beside it, and in ``.NAME.part.json`` its
        address and the mark (strong ETag, or date) by which the server knows whether the file is still the same.
    at_most : int
        Bytes that a file may have.
    """

    def __init__(self, target: Path, at_most: int = AT_MOST) -> None:
        self._part = target.with_name(f".{target.name}.part")
        self._note = target.with_name(f".{target.name}.part.json")
        self._at_most = at_most
        self.resumed_at = 0

    def __call__(self, url: str, output_file: str, _: object) -> None:
        """
        Download a file to a path, which is written whole or not at all.

        Raises
        ------
        SourceRefused
            If there is no connection or it breaks (what came is kept), the server refuses, the file is too large, or the address leads
            away from https.
        """
        import requests

        with requests.Session() as session:
            session.auth = lambda request: request  # no password of a .netrc goes anywhere
            try:
                with self._answer(session, url) as answer:
                    self._write(answer)
            except requests.exceptions.RequestException as error:
                raise SourceRefused(
                    f"{url}: cannot be reached, or the download broke ({_first_line(error)}); {self._told()}. "
                    "Is this machine offline, or behind a proxy (HTTPS_PROXY)?"
                ) from error
        os.replace(self._part, output_file)
        self._note.unlink(missing_ok=True)

    @contextmanager
    def _answer(self, session: Session, url: str) -> Iterator[Response]:
        """Ask for the file, from where it broke if that is possible."""
        held = self._held(url)
        with _asked(session, url, held) as answer:
            begins = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if answer.status_code == 206 and held and begins and int(begins[1]) == self._size():
                self.resumed_at = self._size()
                yield answer
                return
            if answer.status_code == 200:
                self._begin(answer, url)
                yield answer
                return
            status = answer.status_code
        if not held or status not in (206, 412, 416):
            raise SourceRefused(f"{url}: the server answers {status}{_meaning(status)}; {self._told()}.")
        self._part.unlink(missing_ok=True)  # what was kept is of no use to this server: once more, from the start
        with self._answer(session, url) as answer:
            yield answer

    def _held(self, url: str) -> dict[str, str]:
        """Return what to ask with to go on; empty where there is nothing, or nothing to know the same file by."""
        if self._part.is_symlink() or self._note.is_symlink():
            self._part.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            same = note["url"] == url and self._size()
            return {"Range": f"bytes={self._size()}-", "If-Range": str(note["mark"])} if same and note["mark"] else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.is_file() else 0

    def _told(self) -> str:
        kept = self._size()
        return f"the {kept:,} bytes that came are kept, and the same command goes on with them" if kept else "nothing was written"

    def _begin(self, answer: Response, url: str) -> None:
        etag = answer.headers.get("ETag", "")
        mark = etag if etag.startswith('"') else answer.headers.get("Last-Modified", "")  # a weak ETag does not promise the same bytes
        self._part.unlink(missing_ok=True)
        self._note.write_text(json.dumps({"url": url, "mark": mark}), encoding="utf-8")

    def _write(self, answer: Response) -> None:
        size = self._size()
        said = answer.headers.get("Content-Length", "")
        if said.isdigit() and size + int(said) > self._at_most:
            self._refuse_size(answer.url)
        with self._part.open("ab") as file:
            for piece in answer.iter_content(_PIECE):
                size += len(piece)
                if size > self._at_most:
                    self._refuse_size(answer.url)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def _refuse_size(self, url: str) -> None:
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        raise SourceRefused(f"{url}: larger than the {self._at_most:,} bytes that a source may have; it is not what it should be")


def _asked(session: Session, url: str, held: dict[str, str]) -> Response:
    """Ask for a file and follow where it leads, never from https to http."""
    headers: dict[str, Any] = {"User-Agent": f"turquesa/{__version__}", "Accept-Encoding": "identity", **held}
    at = url
    for _ in range(_REDIRECTS + 1):
        answer = session.get(at, headers=headers, stream=True, timeout=TIMEOUTS, allow_redirects=False)
        if not answer.is_redirect:
            return answer
        answer.close()
        to = urljoin(at, answer.headers["Location"])
        if urlsplit(to).scheme not in ("http", "https") or (urlsplit(at).scheme == "https" and urlsplit(to).scheme != "https"):
            raise SourceRefused(f"{at}: leads to {to}, which is not as safe; nothing was read there")
        at = to
    raise SourceRefused(f"{url}: leads on and on; nothing was read after {_REDIRECTS} redirections")


def _meaning(status: int) -> str:
    if status in (404, 410):
        return " (no such file: the publisher may have moved it)"
    if status in (401, 403):
        return " (not for programs, or not for everyone)"
    return " (busy or broken: try again later)" if status == 429 or status >= 500 else ""


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
