"""The action, the GitLab component, the Containerfile and the blocks in docs/ci.md: valid, pinned, and they run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from adopt_documents import blocks

from sovlint.scaffold import files
from support import FIXTURES, REPOSITORY

ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step.get("name", step.get("uses")): step for step in ACTION["runs"]["steps"]}
EXAMPLES = {
    block.mark.removeprefix("pipeline: "): block.text for block in blocks() if block.mark.startswith("pipeline")
}
BIN = Path(sys.executable).parent


def bash(script: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A step as a runner does it: `bash --noprofile --norc -eo pipefail`."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_example_is_there() -> None:
    assert set(EXAMPLES) == {"pre-commit", "github", "github-cache", "gitlab", "gitlab-job", "forgejo", "woodpecker"}


def test_what_runs_elsewhere_is_pinned_by_commit() -> None:
    """A tag can be moved: every action is named by its commit, ours in the example included."""
    written = files("eu-baseline", ["github"], "https://git.example.eu/sovlint", "<commit>").values()
    texts = [(REPOSITORY / "action.yml").read_text(encoding="utf-8"), *EXAMPLES.values(), *written]
    used = [name for text in texts for name in re.findall(r"^ *-? *uses: (\S+)", text, re.M)]
    assert len(used) >= 7
    assert [name for name in used if not re.search(r"@(?:[0-9a-f]{40}|<commit>)$", name)] == []


def test_no_expression_inside_a_script() -> None:
    """GitHub puts expressions into scripts as text: what a title of a pull request holds would be run."""
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_the_example_names_inputs_that_exist() -> None:
    steps = yaml.safe_load(EXAMPLES["github"])["jobs"]["sovlint"]["steps"]
    [ours] = [step for step in steps if "/sovlint@" in step["uses"]]
    assert set(ours["with"]) <= set(ACTION["inputs"])
    text = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
    assert [name for name in ACTION["inputs"] if f"| `{name}` |" not in text] == []


def test_scripts_are_shell() -> None:
    for name, step in STEPS.items():
        done = subprocess.run(["bash", "-n"], input=step.get("run", ""), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`$RUNNER_TEMP` with sovlint installed by the action's own step."""
    temp = tmp_path_factory.mktemp("runner")
    pip = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "HTTP", "http"))}
    home = {"HOME": os.environ.get("HOME", str(temp))}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    env = {**pip, **home, "PATH": path, "ACTION": str(REPOSITORY), "RUNNER_TEMP": str(temp)}
    done = bash(STEPS["Install"]["run"], temp, env)
    assert done.returncode == 0, done.stdout + done.stderr
    return temp


def check_step(runner: Path, tree: Path, **env: str) -> tuple[dict[str, str], subprocess.CompletedProcess[str]]:
    """Runs the step `Check`: its outputs, and the process."""
    for name in ("output", "summary", "sovlint.sarif", "sovlint.md"):
        (runner / name).unlink(missing_ok=True)
    settings = {"PATHS": ".", "ARGS": "", "ONLY_CHANGES": "false", "BASE": "", **env}
    files = {"GITHUB_OUTPUT": str(runner / "output"), "GITHUB_STEP_SUMMARY": str(runner / "summary")}
    done = bash(STEPS["Check"]["run"], tree, {**settings, **files, "RUNNER_TEMP": str(runner)})
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = dict(line.split("=", 1) for line in (runner / "output").read_text(encoding="utf-8").splitlines())
    return outputs, done


def test_the_action_reports_and_fails(runner: Path, tmp_path: Path) -> None:
    tree = tmp_path / "a tree"
    shutil.copytree(FIXTURES / "projects" / "gemeente", tree)
    outputs, done = check_step(runner, tree, PATHS="infra/aws\nk8s\n", ARGS="--profile=eu-strict\n--fail-on=low\n")
    assert outputs["exit-code"] == "1"
    assert json.loads(Path(outputs["sarif"]).read_text(encoding="utf-8"))["runs"][0]["results"]
    assert Path(outputs["markdown"]).read_text(encoding="utf-8").startswith("### sovlint")
    assert "eu-strict" in (runner / "summary").read_text(encoding="utf-8")
    assert "::error file=" in done.stdout
    for code in ("0", "1", "2"):
        assert bash(STEPS["Verdict"]["run"], tree, {"CODE": code}).returncode == int(code)
    assert bash(STEPS["Verdict"]["run"], tree, {}).returncode == 2, "no verdict is no success"


def test_the_action_passes(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('provider "scaleway" {\n  region = "fr-par"\n}\n', encoding="utf-8")
    assert check_step(runner, tmp_path)[0]["exit-code"] == "0"
    assert check_step(runner, tmp_path, PATHS="$(touch hacked)")[0]["exit-code"] == "2"
    assert not (tmp_path / "hacked").exists()


def test_the_action_reports_only_changes(runner: Path, tmp_path: Path) -> None:
    old = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "b" {}\n'
    new = old.replace("us-east-1", "us-west-2")
    git = ["git", "-c", "user.name=you", "-c", "user.email=you@example.eu"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "a"]):
        (tmp_path / "main.tf").write_text(old, encoding="utf-8")
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    base = subprocess.run(
        [*git, "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout.strip()
    assert check_step(runner, tmp_path, ONLY_CHANGES="true", BASE=base)[0]["exit-code"] == "0"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "main.tf").write_text(new, encoding="utf-8")
    subprocess.run([*git, "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "b"], cwd=tmp_path, check=True)
    assert check_step(runner, tmp_path, ONLY_CHANGES="true", BASE=base)[0]["exit-code"] == "1"


# --- GitLab


def component() -> tuple[dict[str, Any], str]:
    """Inputs and the text of the job."""
    head, _, job = (REPOSITORY / "templates" / "sovlint.yml").read_text(encoding="utf-8").partition("\n---\n")
    return yaml.safe_load(head)["spec"]["inputs"], job


def filled(job: str, given: dict[str, str]) -> dict[str, Any]:
    """The job with inputs interpolated, as GitLab does before it reads the job."""
    text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: given[match[1]], job)
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_the_gitlab_component_runs(tmp_path: Path) -> None:
    inputs, job = component()
    assert set(re.findall(r"inputs\.([\w-]+)", job)) == set(inputs)
    include = yaml.safe_load(EXAMPLES["gitlab"])["include"][0]
    assert (
        {name for name, spec in inputs.items() if not spec or "default" not in spec}
        <= set(include["inputs"])
        <= set(inputs)
    )
    given = {name: str((spec or {}).get("default", "x")) for name, spec in inputs.items()}
    steps = filled(job, given)["sovlint"]
    (tmp_path / "main.tf").write_text('provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "b" {}\n')
    # What `before_script` makes there.
    (tmp_path / ".sovlint-venv").symlink_to(BIN.parent)
    [script] = steps["script"]
    done = bash(script, tmp_path, {})
    assert done.returncode == 1, done.stdout + done.stderr
    report = tmp_path / steps["artifacts"]["reports"]["codequality"]
    assert json.loads(report.read_text(encoding="utf-8"))


@pytest.mark.parametrize("which", ["gitlab-job", "forgejo", "woodpecker"])
def test_the_examples_run(tmp_path: Path, which: str) -> None:
    """The lines that call sovlint, in a tree where they find something."""
    data = yaml.safe_load(EXAMPLES[which])
    if which == "gitlab-job":
        lines = data["sovlint"]["script"]
    elif which == "forgejo":
        lines = [step["run"] for step in data["jobs"]["sovlint"]["steps"]]
    else:
        lines = data["steps"][0]["commands"]
    calls = [line for line in lines if line.startswith("sovlint")]
    assert len(calls) == 1
    git = ["git", "-c", "user.name=you", "-c", "user.email=you@example.eu"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], cwd=tmp_path, check=True)
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "b" {}\n'
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "main.tf").write_text(text)
    subprocess.run([*git, "add", "-A"], cwd=tmp_path, check=True)
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = bash(calls[0], tmp_path, {"PATH": path, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "SOV101" in done.stdout or "region-outside-zone" in done.stdout


# --- container


def test_the_containerfile_copies_what_a_wheel_needs() -> None:
    text = (REPOSITORY / "Containerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.M) for word in line.split()[:-1]]
    assert {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src", "policies"} == set(copied)
    let_in = (REPOSITORY / ".containerignore").read_text(encoding="utf-8").split()
    assert {name[1:] for name in let_in if name.startswith("!")} == set(copied)
    assert 'ENTRYPOINT ["sovlint"]' in text
    assert re.search(r"^USER (?!0|root)", text, re.M)
