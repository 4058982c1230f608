"""The hooks, run by pre-commit itself: it clones this project, builds an environment for it and calls the command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import REPOSITORY

SOUND = 'provider "aws" {\n  region = var.region\n}\nvariable "region" {}\nresource "aws_s3_bucket" "b" {}\n'
INSIDE = 'region = "eu-central-1"\n'
OUTSIDE = 'region = "us-east-1"\n'

PACKAGED = ("src", "policies", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
"""What pre-commit needs of this project; copied, so that what is not committed yet is tested, too."""


def call(folder: Path, *words: str, home: Path, timeout: float = 540) -> subprocess.CompletedProcess[str]:
    """A process with a git identity, and with caches of its own; pip keeps the configuration it has."""
    identity = {
        f"GIT_{role}_{what}": "test@example.eu" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "SOVLINT"))
    }
    environment |= {
        **identity,
        "PRE_COMMIT_HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PRE_COMMIT_COLOR": "never",
    }
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Scratch:
    """A repository that uses the hooks."""

    def __init__(self, folder: Path, hooks: Path, revision: str, home: Path) -> None:
        self.folder, self.home = folder, home
        folder.mkdir()
        self.git("init", "-q")
        configuration = {"repos": [{"repo": hooks.as_uri(), "rev": revision, "hooks": [{"id": "sovlint"}]}]}
        self.write(".pre-commit-config.yaml", yaml.safe_dump(configuration))
        self.write("main.tf", SOUND)
        self.write("terraform.tfvars", INSIDE)
        self.commit()

    def git(self, *words: str) -> None:
        done = call(self.folder, "git", *words, home=self.home)
        assert done.returncode == 0, done.stderr

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        self.git("add", name)

    def commit(self) -> None:
        self.git("commit", "-q", "--no-verify", "-m", "state")

    def run(self, *words: str) -> tuple[int, str]:
        """`pre-commit run`: exit code, and what it printed."""
        done = call(self.folder, "pre-commit", "run", *words, home=self.home)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """One for all tests: building the environment of the hook takes most of the time."""
    root = tmp_path_factory.mktemp("hooks")
    project, home = root / "project", root / "home"
    project.mkdir()
    home.mkdir()
    for name in PACKAGED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "copy")):
        done = call(project, "git", *words, home=home)
        assert done.returncode == 0, done.stderr
    revision = call(project, "git", "rev-parse", "HEAD", home=home).stdout.strip()
    made = Scratch(root / "scratch", project, revision, home)
    done = call(made.folder, "pre-commit", "install-hooks", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture
def clean(scratch: Scratch) -> Scratch:
    """The scratch repository in its first state, nothing staged."""
    first = call(scratch.folder, "git", "rev-list", "--max-parents=0", "HEAD", home=scratch.home).stdout.strip()
    scratch.git("reset", "-q", "--hard", first)
    scratch.git("clean", "-qfd")
    return scratch


def test_passes_and_fails(clean: Scratch) -> None:
    clean.write("main.tf", SOUND + "# a change\n")
    code, output = clean.run()
    assert code == 0, output
    assert "Passed" in output
    clean.write("main.tf", SOUND.replace("var.region", '"us-west-2"'))
    code, output = clean.run()
    assert code == 1
    assert "main.tf:2:12" in output, output
    assert "SOV101" in output or "region-outside-zone" in output


def test_one_changed_tfvars_alone(clean: Scratch) -> None:
    """The value that matters stands in the changed file, the resource it places in one that did not change."""
    clean.write("terraform.tfvars", OUTSIDE)
    code, output = clean.run()
    assert code == 1
    assert "terraform.tfvars:1:10" in output, output


def test_nothing_of_interest_changed(clean: Scratch) -> None:
    clean.write("notes.txt", "nothing\n")
    code, output = clean.run()
    assert code == 0
    assert "Skipped" in output, output


def test_all_files(clean: Scratch) -> None:
    clean.write("terraform.tfvars", OUTSIDE)
    clean.commit()
    assert clean.run()[0] == 0, "nothing is staged"
    code, output = clean.run("--all-files")
    assert code == 1
    assert "terraform.tfvars:1:10" in output, output


def test_name_with_spaces(clean: Scratch) -> None:
    clean.write("the net work/my main.tf", SOUND.replace("var.region", '"us-west-2"'))
    code, output = clean.run()
    assert code == 1
    assert re.search(r"the net work/my main\.tf:2:12", output), output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.tofu", SOUND.replace("var.region", '"us-west-2"')),
        ("chart/values.yaml", "image: docker.io/library/nginx:1\n"),
        (".github/workflows/a.yml", "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: []}}\n"),
        (".gitlab-ci.yml", "a: {image: 'docker.io/library/python:3', script: [true]}\n"),
        (
            "base/kustomization.yaml",
            "images: [{name: nginx, newName: docker.io/library/nginx}]\nresources: [pod.yaml]\n",
        ),
        ("base/Kustomization", "resources: [pod.yaml]\n"),
    ],
)
def test_file_types(clean: Scratch, name: str, text: str) -> None:
    """A change of that file alone makes the hook run and be able to say something."""
    clean.write("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")
    clean.write(
        "base/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}\n",
    )
    clean.commit()
    clean.write(name, text)
    code, output = clean.run("--verbose")
    assert code in (0, 1), output
    assert "Skipped" not in output
    assert "cannot" not in output.lower(), output


def test_the_whole_repository(clean: Scratch) -> None:
    """`sovlint-all` runs when one file changed, and reports others."""
    path = clean.folder / ".pre-commit-config.yaml"
    clean.write(".pre-commit-config.yaml", path.read_text().replace("id: sovlint", "id: sovlint-all"))
    clean.write("old/main.tf", SOUND.replace("var.region", '"us-west-2"'))
    clean.commit()
    clean.write("terraform.tfvars", INSIDE + "# a change\n")
    code, output = clean.run()
    assert code == 1
    assert "old/main.tf:2:12" in output, output
