"""Fetching public sources: whole and of a known hash, or not at all; a broken download goes on where it broke."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from tests.conftest import shared
from turquesa_stats.cli import app
from turquesa_stats.errors import SourceRefused, UnknownParameter
from turquesa_stats.sources.contract import IMPORTERS
from turquesa_stats.sources.fetch import fetch
from turquesa_stats.sources.registry import PublicFile, PublicSource, public_source, read_registry, registry

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "figures.csv"


@dataclass
class Server:
    """A server of one file, with the faults of real ones."""

    content: bytes = CONTENT
    etag: str | None = '"one"'
    breaks_at: int | None = None
    ranges: bool = True
    status: int = 200
    location: str = ""
    states_length: bool = True
    address: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what answers with this server."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
                server.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        """Answer as asked, or break off."""
        if self.location and to.path != "/moved":
            to.send_response(302)
            to.send_header("Location", self.location)
            to.end_headers()
            return
        if self.status != 200:
            to.send_error(self.status)
            return
        start = 0
        wanted = to.headers.get("Range")
        if self.ranges and wanted and to.headers.get("If-Range") == self.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.content):
                to.send_error(416)
                return
        body = self.content[start:]
        to.send_response(206 if start else 200)
        if self.etag:
            to.send_header("ETag", self.etag)
        if start:
            to.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        if self.states_length:
            to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body if self.breaks_at is None else body[: self.breaks_at])


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    running = []

    def start(**faults: object) -> Server:
        server = Server(**faults)  # type: ignore[arg-type]
        http = ThreadingHTTPServer(("127.0.0.1", 0), server.handler())
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(http)
        server.address = f"http://127.0.0.1:{http.server_address[1]}"
        return server

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


def _source(url: str | None, digest: str | None = DIGEST) -> PublicSource:
    return PublicSource("us-cbp", "Figures", "An agency", "https://example.org/figures", "CC0", (PublicFile(NAME, url, digest),))


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_comes_whole_and_is_not_fetched_again(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    source = _source(f"{server.address}/{NAME}")
    (done,) = fetch(source, tmp_path / "in")
    assert (done.how, done.sha256, done.path.read_bytes()) == ("fetched", DIGEST, CONTENT)
    assert _left(tmp_path / "in") == [NAME]
    assert [one.how for one in fetch(source, tmp_path / "in")] == ["there already"]
    assert len(server.asked) == 1
    assert "authorization" not in server.asked[0]


def test_a_broken_download_goes_on_where_it_broke(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(breaks_at=100_000)
    source = _source(f"{server.address}/{NAME}")
    with pytest.raises(SourceRefused, match=r"the download broke .*the 98,304 bytes that came are kept"):
        list(fetch(source, tmp_path))
    assert _left(tmp_path) == [f".{NAME}.part", f".{NAME}.part.json"]
    server.breaks_at = None
    (done,) = fetch(source, tmp_path)
    assert (server.asked[1]["range"], server.asked[1]["if-range"]) == ("bytes=98304-", '"one"')
    assert done.how == "resumed at byte 98,304"
    assert done.path.read_bytes() == CONTENT
    assert _left(tmp_path) == [NAME]


@pytest.mark.parametrize(
    ("faults", "asks_for_part"),
    [({"ranges": False}, True), ({"etag": None}, False), ({"etag": 'W/"weak"'}, False)],
    ids=["a server without ranges", "no mark to know the file by", "a weak mark"],
)
def test_what_cannot_be_resumed_is_started_again(
    faults: dict[str, object], asks_for_part: bool, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(breaks_at=100_000, **faults)
    source = _source(f"{server.address}/{NAME}")
    with pytest.raises(SourceRefused):
        list(fetch(source, tmp_path))
    server.breaks_at = None
    (done,) = fetch(source, tmp_path)
    assert ("range" in server.asked[1]) is asks_for_part
    assert (done.how, done.path.read_bytes(), _left(tmp_path)) == ("fetched", CONTENT, [NAME])


def test_a_file_that_changed_between_is_started_again(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(content=b"an older release" * 10_000, breaks_at=50_000)
    source = _source(f"{server.address}/{NAME}")
    with pytest.raises(SourceRefused):
        list(fetch(source, tmp_path))
    server.content, server.etag, server.breaks_at = CONTENT, '"two"', None
    assert next(fetch(source, tmp_path)).path.read_bytes() == CONTENT


def test_a_part_that_is_as_long_as_the_file_is_started_again(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(breaks_at=100_000)
    source = _source(f"{server.address}/{NAME}")
    with pytest.raises(SourceRefused):
        list(fetch(source, tmp_path))
    (tmp_path / f".{NAME}.part").write_bytes(b"x" * len(CONTENT))
    server.breaks_at = None
    assert next(fetch(source, tmp_path)).path.read_bytes() == CONTENT
    assert len(server.asked) == 3


def test_another_hash_is_refused_until_it_is_accepted(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    source = _source(f"{server.address}/{NAME}", "0" * 64)
    with pytest.raises(SourceRefused, match=f"refused. Its SHA-256 is {DIGEST}, .*{'0' * 64}.*--accept {DIGEST}"):
        list(fetch(source, tmp_path))
    assert _left(tmp_path) == []
    with pytest.raises(SourceRefused, match="no SHA-256"):
        list(fetch(source, tmp_path, accept="latest"))
    assert next(fetch(source, tmp_path, accept=DIGEST)).path.read_bytes() == CONTENT


def test_a_file_of_which_no_release_was_kept_is_refused_until_it_is_accepted(serve: Callable[..., Server], tmp_path: Path) -> None:
    source = _source(f"{serve().address}/{NAME}", None)
    with pytest.raises(SourceRefused, match=f"no release was kept.*--accept {DIGEST}"):
        list(fetch(source, tmp_path))
    assert _left(tmp_path) == []
    assert next(fetch(source, tmp_path, accept=DIGEST)).sha256 == DIGEST


def test_nothing_that_stands_there_is_overwritten(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    source = _source(f"{server.address}/{NAME}")
    (tmp_path / NAME).write_text("mine", encoding="utf-8")
    with pytest.raises(SourceRefused, match="The file stays as it is"):
        list(fetch(source, tmp_path))
    assert (tmp_path / NAME).read_text(encoding="utf-8") == "mine"
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceRefused, match="something else than a file"):
        list(fetch(source, tmp_path))
    assert not (tmp_path / "elsewhere").exists()
    assert server.asked == []


def test_a_part_that_is_a_link_is_not_written_through(serve: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "victim.txt").write_text("mine", encoding="utf-8")
    (tmp_path / f".{NAME}.part").symlink_to(tmp_path / "victim.txt")
    next(fetch(_source(f"{serve().address}/{NAME}"), tmp_path))
    assert (tmp_path / "victim.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("status", "told"), [(404, "no such file"), (403, "not for programs"), (503, "try again later")])
def test_an_error_of_the_server_is_told_with_the_page_to_go_to(
    status: int, told: str, serve: Callable[..., Server], tmp_path: Path
) -> None:
    with pytest.raises(SourceRefused, match=rf"answers {status} .*{told}.*nothing was written.*By hand: https://example.org/figures"):
        list(fetch(_source(f"{serve(status=status).address}/{NAME}"), tmp_path))
    assert _left(tmp_path) == []


def test_a_machine_without_network_is_told_so(tmp_path: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        closed = one.getsockname()[1]
    with pytest.raises(SourceRefused, match=r"cannot be reached.*nothing was written.*offline.*By hand: https://example.org/figures"):
        list(fetch(_source(f"http://127.0.0.1:{closed}/{NAME}"), tmp_path))
    assert _left(tmp_path) == []


def test_redirections_are_followed_but_never_away_from_https(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = serve(location="/moved")
    assert next(fetch(_source(f"{moved.address}/{NAME}"), tmp_path / "a")).path.read_bytes() == CONTENT
    around = serve(location=f"/{NAME}")
    with pytest.raises(SourceRefused, match="leads on and on"):
        list(fetch(_source(f"{around.address}/{NAME}"), tmp_path / "b"))
    for location in ("file:///etc/passwd", "ftp://example.org/x"):
        with pytest.raises(SourceRefused, match="not as safe"):
            list(fetch(_source(f"{serve(location=location).address}/{NAME}"), tmp_path / "b"))
    plain, real = serve(), requests.Session.get

    def answered(session: requests.Session, url: str, **options: object) -> requests.Response:
        """Answer as a server with https would that leads to http: no certificate is needed for it."""
        if not url.startswith("https://"):
            return real(session, url, **options)  # type: ignore[arg-type]
        answer = requests.Response()
        answer.raw = io.BytesIO()
        answer.status_code, answer.headers["Location"] = 302, f"{plain.address}/{NAME}"
        return answer

    monkeypatch.setattr(requests.Session, "get", answered)
    with pytest.raises(SourceRefused, match="which is not as safe; nothing was read there"):
        list(fetch(_source(f"https://example.org/{NAME}"), tmp_path / "b"))
    assert plain.asked == []
    assert _left(tmp_path / "b") == []


@pytest.mark.parametrize("states_length", [True, False])
def test_a_file_that_is_too_large_is_refused(states_length: bool, serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(states_length=states_length)
    with pytest.raises(SourceRefused, match="larger than the 1,000 bytes"):
        list(fetch(_source(f"{server.address}/{NAME}"), tmp_path, at_most=1000))
    assert _left(tmp_path) == []


def test_a_file_without_an_address_is_to_be_taken_by_hand_and_is_checked_then(tmp_path: Path) -> None:
    source = replace(_source(None), by_hand="Take the csv.")
    with pytest.raises(SourceRefused, match=f"by hand from https://example.org/figures, SHA-256 {DIGEST}, .*Take the csv."):
        list(fetch(source, tmp_path))
    (tmp_path / NAME).write_bytes(CONTENT)
    assert [one.how for one in fetch(source, tmp_path)] == ["there already"]
    (tmp_path / NAME).write_bytes(CONTENT[:-1])
    with pytest.raises(SourceRefused, match="refused. Its SHA-256"):
        list(fetch(source, tmp_path))


def test_the_command_lists_and_names_the_sources_and_tells_what_is_next(tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["fetch", "--list"])
    assert listed.exit_code == 0
    for source in registry().values():
        assert f"{source.importer}\n  {source.title}" in listed.output
        assert source.licence in listed.output
    wrong = CliRunner().invoke(app, ["fetch", "unodc-glotp"])
    assert isinstance(wrong.exception, UnknownParameter)
    assert "did you mean unodc-glotip?" in str(wrong.exception)
    assert "us-cbp" in str(wrong.exception)
    assert isinstance(CliRunner().invoke(app, ["fetch"]).exception, UnknownParameter)
    with pytest.raises(UnknownParameter, match="nothing to fetch"):
        public_source("tidy")
    real = shared("data/us-cbp/nationwide-encounters-fy20-fy23-state.csv")
    (tmp_path / real.name).write_bytes(real.read_bytes())
    done = CliRunner().invoke(app, ["fetch", "us-cbp", "--into", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "there already" in done.output
    assert "turquesa import us-cbp" in done.output


def test_the_registry_is_of_importers_and_of_the_releases_that_they_were_tested_on() -> None:
    assert set(registry()) == set(IMPORTERS) - {"assessment", "published-figures", "published-operations", "tidy"}
    folder = shared("data")
    held = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*/*") if path.is_file()}
    named = {file.sha256 for source in registry().values() for file in source.files if source.importer != "un-wpp"}
    assert named - {None} == held
    assert all(file.url or source.by_hand for source in registry().values() for file in source.files)
    assert all(file.url is None or file.url.startswith("https://") for source in registry().values() for file in source.files)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("name: ../figures.csv", "plain name"),
        ("name: /etc/passwd", "plain name"),
        ("name: .hidden", "plain name"),
        ("url: file:///etc/passwd", "not http"),
        ("sha256: '123'", "no SHA-256"),
        ("size: 3", "a file needs"),
    ],
)
def test_a_wrong_registry_is_refused(change: str, told: str) -> None:
    file = {"name": "name: a.csv", "url": "url: null", "sha256": "sha256: null"} | {change.split(":", maxsplit=1)[0]: change}
    text = f"us-cbp: {{title: a, publisher: b, page: c, licence: d, files: [{{{', '.join(file.values())}}}]}}"
    with pytest.raises(SourceRefused, match=told):
        read_registry(text)
    with pytest.raises(SourceRefused, match="no such importer"):
        read_registry("nothing: {title: a, publisher: b, page: c, licence: d, files: [{name: a, url: null, sha256: null}]}")
