"""What the source may not call, with a reason for every exception; and that nothing but ``turquesa fetch`` uses the network."""

from __future__ import annotations

import ast
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from turquesa_stats.edition.audit.documents import read_docx
from turquesa_stats.schema.location import project_root

CODE = ("pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib")  # modules that run what they read
NETWORK = ("requests", "socket", "http", "ftplib", "smtplib", "urllib.request", "urllib3", "aiohttp", "httpx", "distributed", "ssl")
LOADERS = {"CSafeLoader", "SafeLoader", "CBaseLoader"}  # they make nothing but texts, numbers, lists and mappings
ALLOWED = {
    ("sources/download.py", "import requests"): "turquesa fetch: the one command that uses the network",
    ("edition/publication/contents.py", "import socket"): "the name of this machine, which may stand in no edition; nothing is connected",
    ("render/cluster.py", "import distributed"): "--scheduler: a Dask cluster that the user names; docs/security.md says whom to trust",
}


def faults(source: str) -> Iterator[str]:
    """Return what of a source is dangerous: calls that run data as code, that start a shell, that unpack, and ways to the network."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = names if isinstance(node, ast.Import) else [node.module or "", *(f"{node.module}.{name}" for name in names)]
            yield from sorted({f"import {one}" for name in modules for one in (*CODE, *NETWORK) if f"{name}.".startswith(f"{one}.")})
        elif isinstance(node, ast.Call):
            yield from _of_call(node, ast.unparse(node.func))


def _of_call(node: ast.Call, called: str) -> Iterator[str]:
    words = {word.arg: word.value for word in node.keywords}
    last = called.rpartition(".")[2]
    if called in {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp"}:
        yield called
    if last in {"read_pickle", "to_pickle", "extractall", "unpack_archive", "unsafe_load", "full_load", "load_all"}:
        yield last
    if last in {"eval", "query"} and "." in called and not (node.args and isinstance(node.args[0], ast.Constant)):
        yield last  # pandas runs what stands in it
    if called == "yaml.load" and ast.unparse(words.get("Loader", ast.Constant(""))).rpartition(".")[2] not in LOADERS:
        yield "yaml.load"
    if "shell" in words and not (isinstance(words["shell"], ast.Constant) and words["shell"].value is False):
        yield "shell"
    if "allow_pickle" in words or (last == "Environment" and "autoescape" not in words):
        yield "allow_pickle" if "allow_pickle" in words else "Environment without autoescape"
    if last == "import_module" and node.args and isinstance(node.args[0], ast.Constant):
        yield from (f"import {one}" for one in (*CODE, *NETWORK) if f"{node.args[0].value}.".startswith(f"{one}."))
    if last == "XMLParser" and ast.unparse(words.get("resolve_entities", ast.Constant(True))) != "False":
        yield "XMLParser that resolves entities"


def test_the_source_runs_no_data_as_code_and_starts_no_shell() -> None:
    package = project_root() / "turquesa_stats"
    found = {
        (path.relative_to(package).as_posix(), fault)
        for path in package.rglob("*.py")
        for fault in faults(path.read_text(encoding="utf-8"))
    }
    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set(), "an exception that nothing needs any more"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import http.client",
        "from urllib import request",
        "import urllib.request as r",
        "eval('1')",
        "exec(x)",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=is_it)",
        "os.system('ls')",
        "pd.read_pickle('x')",
        "np.load('x', allow_pickle=True)",
        "archive.extractall('x')",
        "frame.query(text)",
        "Environment()",
        "etree.XMLParser(huge_tree=True)",
        "import_module('requests')",
    ],
)
def test_each_of_them_would_be_found(source: str) -> None:
    assert list(faults(source))


def test_what_is_like_them_is_not_found() -> None:
    fine = "import urllib.parse\nyaml.load(t, Loader=yaml.CSafeLoader)\nre.compile('x')\nsubprocess.run(['ls'], shell=False)\nshell.run_cell('x')"
    assert list(faults(fine)) == []


def test_a_document_that_is_audited_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret", encoding="utf-8")
    outside = f'<!DOCTYPE w [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        parts.writestr(
            "word/document.xml", f'{outside}<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>'
        )
    try:
        page = repr(read_docx("a.docx", packed.getvalue()))
    except Exception as error:  # noqa: BLE001 - to refuse it is as good
        page = repr(error)
    assert "the secret" not in page


BLOCKED = """
import os, socket
real = socket.socket.__init__
def blocked(self, family=-1, *rest, **named):
    if family in (-1, socket.AF_INET, socket.AF_INET6) and named.get("fileno") is None and (len(rest) < 3 or rest[2] is None):
        with open(os.environ["NETWORK_ASKED"], "a") as file:
            file.write(f"{os.getpid()} {family}\\n")
        raise OSError("the network is closed in this test")
    real(self, family, *rest, **named)
def asked(*args, **named):
    blocked(None)
socket.socket.__init__ = blocked
socket.getaddrinfo = socket.create_connection = asked
"""
COMMANDS = """
import sys
from turquesa_stats.cli import app
def run(*arguments):
    try:
        app(list(arguments), standalone_mode=False)
    except SystemExit as ended:
        assert not ended.code, arguments
run("site", "--grid", "one", "--grid-file", "grid.yml", "--typesetter", "pandoc", "--jobs", "1", "--into", "site")
run("audit", "site", "--jobs", "1")
run("publish", "site", "--into", "published", "--label", "a", "--jobs", "1")
run("export", "--into", "exported")
run("fetch", "--list")
print("all done")
"""


@pytest.fixture
def closed(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which every Python process, children too, has no network and notes who asked for it."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(BLOCKED, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "hook"), str(project_root()), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "NETWORK_ASKED": str(tmp_path / "asked.txt")}


def _without_network() -> list[str]:
    """Return what takes the network from programs that are not Python (pandoc), where the machine allows it."""
    unshare = shutil.which("unshare")
    works = unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0
    return [str(unshare), "-rn"] if works else []


def test_no_other_command_than_fetch_uses_the_network(closed: dict[str, str], tmp_path: Path) -> None:
    one = {"reports": "operations", "countries": "PER", "periods": "2023", "languages": "en", "formats": ["html", "pdf"]}
    (tmp_path / "grid.yml").write_text(yaml.safe_dump({"one": one}), encoding="utf-8")
    command = [*_without_network(), sys.executable, "-c", COMMANDS]
    done = subprocess.run(command, cwd=tmp_path, env=closed, capture_output=True, text=True, check=False, timeout=300)
    for path in tmp_path.rglob("*"):  # a published edition is read-only: so that pytest can take it away
        path.chmod(0o755)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "all done" in done.stdout
    assert not (tmp_path / "asked.txt").exists(), (tmp_path / "asked.txt").read_text(encoding="utf-8")


def test_the_hook_of_that_test_closes_the_network_to_children_too(closed: dict[str, str], tmp_path: Path) -> None:
    code = "import subprocess, sys, socket; subprocess.run([sys.executable, '-c', 'import socket; socket.create_connection((\"127.0.0.1\", 9))'])"
    subprocess.run([sys.executable, "-c", code], env=closed, capture_output=True, check=False)
    assert len((tmp_path / "asked.txt").read_text(encoding="utf-8").splitlines()) == 1
    done = subprocess.run(
        [sys.executable, "-m", "turquesa_stats", "fetch", "us-cbp", "--into", str(tmp_path / "in")],
        env=closed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "offline" in done.stderr
    assert "By hand: https://www.cbp.gov" in done.stderr
