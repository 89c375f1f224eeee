"""The workflow that reviews a change: what keeps it safe, and its steps run in order without GitHub."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from turquesa_stats.edition.audit.public_account import MARK
from turquesa_stats.schema.location import project_root

ROOT = project_root()
WORKFLOW = ROOT / ".github/workflows/review.yml"
GRID = "\nsmall:\n  {reports: [victim-demographics], countries: [XAA], periods: ['2021'], languages: asked, formats: html}\n"
PAGE = Path("rendered/en/XAA/2021/victim-demographics.html")
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
NEEDED = ["turquesa_stats", "data", "reports", "pyproject.toml"]
pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    read = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return read | {"on": read.pop(True)}  # YAML 1.1 reads the key `on` as true


def _steps(workflow: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(job, step) for job, held in workflow["jobs"].items() for step in held["steps"]]


def test_only_the_job_that_comments_may_write_and_nothing_but_comments(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job} == {
        "comment": {"pull-requests": "write"}
    }


def test_it_is_called_or_dispatched_and_never_runs_on_pull_request_target(workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) == {"workflow_call", "workflow_dispatch"}
    assert workflow["on"]["workflow_call"] == workflow["on"]["workflow_dispatch"]
    inputs = workflow["on"]["workflow_call"]["inputs"]
    assert set(inputs) == {"grid", "language", "reports", "workspace", "python", "turquesa-ref", "turquesa-repository"}
    assert all(one["type"] == "string" and one["description"] for one in inputs.values())


def test_no_shell_text_holds_an_expression(workflow: dict[str, Any]) -> None:
    scripts = [step["run"] for _, step in _steps(workflow) if "run" in step]
    assert len(scripts) >= 5
    assert not [script for script in scripts if "${{" in script]


def test_actions_are_those_of_github_at_a_major_version(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for _, step in _steps(workflow) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+(/[a-z]+)?@v\d+", one) for one in used)


def test_no_checkout_keeps_credentials_and_the_job_that_comments_has_none(workflow: dict[str, Any]) -> None:
    checkouts = [(job, step) for job, step in _steps(workflow) if step.get("uses", "").startswith("actions/checkout")]
    assert [job for job, _ in checkouts] == ["render", "audit"]
    assert all(step["with"]["persist-credentials"] is False for _, step in checkouts)
    comment = "".join(step.get("run", "") for step in workflow["jobs"]["comment"]["steps"])
    assert "turquesa " not in comment.replace("turquesa review -->", "")
    assert "python" not in comment


def test_the_audit_runs_the_code_of_the_base_and_not_of_the_pull_request(workflow: dict[str, Any]) -> None:
    checkout = workflow["jobs"]["audit"]["steps"][0]["with"]
    assert checkout["ref"] == "${{ inputs.turquesa-ref || github.event.pull_request.base.sha || github.sha }}"
    assert workflow["jobs"]["audit"]["needs"] == "render"


def test_what_is_handed_out_holds_the_public_verdict_alone(workflow: dict[str, Any]) -> None:
    handed = [step["with"]["path"] for _, step in _steps(workflow) if step.get("uses", "").startswith("actions/upload-artifact")]
    assert handed == ["verdict"]
    audit = next(step["run"] for _, step in _steps(workflow) if step.get("id") == "audit")
    assert "> account.txt" in audit  # the log of a public repository is public


class Runner:
    """Runs the steps of the workflow with bash in a copy of the checkout: stand-ins for install, cache, artifacts and ``gh``."""

    def __init__(self, workflow: dict[str, Any], folder: Path) -> None:
        self.jobs, self.folder = workflow["jobs"], folder
        self.checkout, self.summary = folder / "checkout", folder / "summary.md"
        for name in NEEDED:
            copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            copied(ROOT / name, self.checkout / name)
        with (self.checkout / "reports/grid.yml").open("a") as grid:
            grid.write(GRID)
        self._program(self.checkout / ".venv/bin/turquesa", f'PYTHONPATH="{self.checkout}" exec "{sys.executable}" -m turquesa_stats "$@"')
        self._program(folder / "bin/make", f'echo "$@" >> "{folder}/made"')
        answers = f'case "$*" in *--paginate*) cat "{folder}/comments" 2>/dev/null || true;; esac'
        body = f'for one in "$@"; do case "$one" in body=@*) cp "${{one#body=@}}" "{folder}/comment.md";; esac; done'
        forbidden = f'case "$*" in *--paginate*) ;; *) test ! -e "{folder}/forbidden";; esac'
        self._program(folder / "bin/gh", f'echo "$@" >> "{folder}/gh"\n{answers}\n{body}\n{forbidden}')
        inputs = {name: one["default"] for name, one in workflow["on"]["workflow_call"]["inputs"].items()}
        self.values = {f"inputs.{name}": value for name, value in (inputs | {"grid": "small"}).items()}
        self.values |= {"github.repository": "team/fork", "github.event.pull_request.number": "7", "github.token": "none"}

    @staticmethod
    def _program(path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def job(self, name: str) -> tuple[int, str]:
        """Run a job's steps in order; after one fails only those that ask for it run on. Return the exit code and all that was said."""
        failed, told = 0, ""
        for step in self.jobs[name]["steps"]:
            if "run" not in step or (failed and "!cancelled()" not in step.get("if", "")):
                continue
            given = {key: EXPRESSION.sub(lambda found: self.values[found[1]], value) for key, value in step.get("env", {}).items()}
            said = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(self.summary)}
            where = {key: os.environ[key] for key in ("HOME", "XDG_CACHE_HOME", "LANG") if key in os.environ}
            bash = ["bash", "-e", "-c", step["run"]]
            env = where | said | given
            done = subprocess.run(bash, cwd=self.checkout, env=env, capture_output=True, text=True, timeout=300, check=False)
            told += done.stdout + done.stderr
            failed = failed or done.returncode
        return failed, told


class Run(NamedTuple):
    """A copy of the checkout and what two runs of the first job said there."""

    runner: Runner
    first: tuple[int, str]
    second: tuple[int, str]


@pytest.fixture(scope="module")
def run(workflow: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    runner = Runner(workflow, tmp_path_factory.mktemp("review"))
    return Run(runner, runner.job("render"), runner.job("render"))


def test_the_first_run_makes_all_and_the_second_nothing(run: Run) -> None:
    assert run.first[0] == 0, run.first[1]
    assert "1 documents made, 0 were fresh, 0 failed" in run.first[1]
    assert "make  en/XAA/2021/victim-demographics (html): new" in run.first[1]
    assert run.second[0] == 0, run.second[1]
    assert "1 documents, 0 to make" in run.second[1]
    assert "Nothing to do: all 1 documents" in run.second[1]
    assert (run.runner.folder / "made").read_text().split() == [".venv/site.done"] * 2  # hash-pinned: see the Makefile


def test_a_clean_change_is_told_once_and_then_in_place(run: Run) -> None:
    runner = run.runner
    for comments in ("", "41\n42\n"):
        (runner.folder / "comments").write_text(comments)
        (runner.checkout / "rendered/made.txt").write_text("@team look\n1 documents made, 0 were fresh, 0 failed; in rendered $(id)\n")
        code, told = runner.job("audit")
        assert (code, told) == (0, "")
        assert runner.job("comment")[0] == 0
    calls = (runner.folder / "gh").read_text().splitlines()
    assert [call.split()[1:4] for call in calls if "body=" in call] == [
        ["--method", "POST", "repos/team/fork/issues/7/comments"],
        ["--method", "PATCH", "repos/team/fork/issues/comments/41"],
    ]
    said = (runner.folder / "comment.md").read_text(encoding="utf-8")
    assert said.startswith(f"{MARK}\n### Disclosure audit: passed\n")
    assert said.endswith("\nRendering: 1 documents made, 0 were fresh, 0 failed.\n")
    assert "| 2 | " in said  # a page and its notebook
    assert said in runner.summary.read_text(encoding="utf-8")


def test_a_planted_leak_fails_the_audit_and_the_comment_says_where_and_not_what(run: Run) -> None:
    runner = run.runner
    page = runner.checkout / PAGE
    clean = page.read_text(encoding="utf-8")
    leak = '<p>Health service: 8</p><p>There were 4321 more.</p><section id="sec-citizenship"'
    assert '<section id="sec-citizenship"' in clean
    page.write_text(clean.replace('<section id="sec-citizenship"', leak), encoding="utf-8")
    try:
        code, told = runner.job("audit")
        assert code == 1
        assert "HEALTH" not in told  # the log is public, too
        account = (runner.checkout / "account.txt").read_text(encoding="utf-8")
        assert "XAA/2021/detection/HEALTH: 8, LEAK" in account
        assert runner.job("comment")[0] == 0
    finally:
        page.write_text(clean, encoding="utf-8")
    said = (runner.folder / "comment.md").read_text(encoding="utf-8")
    assert "### Disclosure audit: failed" in said
    assert "**This edition must not be published as it stands.**" in said
    fall = next(line for line in said.splitlines() if line.startswith("- `XAA/2021/detection/HEALTH`"))
    assert fall == (
        "- `XAA/2021/detection/HEALTH` in `en/XAA/2021/victim-demographics.html`, `sentence` (LEAK); "
        "to do: take the number out of this place, or hide it there too"
    )
    assert "- `en/XAA/2021/victim-demographics.html`, `sentence`" in said
    assert "4321" not in said
    assert not re.search(r"\b8\b", said.replace("`", ""))


def test_without_documents_there_is_no_verdict_and_no_pass(run: Run, tmp_path: Path) -> None:
    runner = run.runner
    kept = shutil.move(runner.checkout / "rendered", tmp_path / "kept")
    try:
        (runner.checkout / "rendered").mkdir()
        (runner.checkout / "rendered/made.txt").write_text("")
        assert runner.job("audit")[0] == 1
        assert runner.job("comment")[0] == 0
    finally:
        shutil.rmtree(runner.checkout / "rendered")
        shutil.move(kept, runner.checkout / "rendered")
    said = (runner.folder / "comment.md").read_text(encoding="utf-8")
    assert said.startswith(f"{MARK}\n### Disclosure audit: failed\n\nThe audit came to no verdict")
    assert "passed" not in said


def test_where_nothing_was_audited_no_old_verdict_stays(run: Run) -> None:
    shutil.rmtree(run.runner.checkout / "verdict", ignore_errors=True)
    assert run.runner.job("comment")[0] == 0
    said = (run.runner.folder / "comment.md").read_text(encoding="utf-8")
    assert said == f"{MARK}\n### Disclosure audit: failed\n\nNothing was audited; see the log of the run.\n"


def test_where_commenting_is_not_allowed_the_job_says_so_and_the_summary_has_the_verdict(run: Run) -> None:
    (run.runner.folder / "forbidden").touch()
    (run.runner.folder / "comments").write_text("")
    code, told = run.runner.job("comment")
    (run.runner.folder / "forbidden").unlink()
    assert code == 0
    assert "::warning::The verdict could not be put on the pull request" in told


def test_inputs_are_data_and_never_run(run: Run, tmp_path: Path) -> None:
    runner, before = run.runner, dict(run.runner.values)
    runner.values |= {"inputs.grid": f"small$(touch {tmp_path}/ran)", "inputs.language": f"en; touch {tmp_path}/ran"}
    try:
        assert runner.job("render")[0] != 0
    finally:
        runner.values = before
    assert not (tmp_path / "ran").exists()


def test_the_caller_of_the_docs_gives_the_rights_and_the_inputs_that_there_are(workflow: dict[str, Any]) -> None:
    text = (ROOT / "docs/review-in-ci.md").read_text(encoding="utf-8")
    caller = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    job = caller["jobs"]["review"]
    assert caller[True] == "pull_request"
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert set(job["with"]) <= set(workflow["on"]["workflow_call"]["inputs"])
    assert job["uses"].endswith("/.github/workflows/review.yml@main")
    assert json.dumps(caller).count("pull_request_target") == 0
