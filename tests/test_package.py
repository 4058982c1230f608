"""The project as a thing that is built, installed and published."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import sovlint
from sovlint.catalogue.compile import compile_policies
from support import POLICIES, REPOSITORY, run_sovlint

SOURCE = REPOSITORY / "src" / "sovlint"
MODULES = sorted(SOURCE.rglob("*.py"))
MACHINE_PATH = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:work|farm|root|tmp)/[A-Za-z]")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """A process in the repository; what it printed is in the assertion if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def tracked_files() -> list[Path]:
    """What git knows or would take, as far as it exists."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout, so there are no tracked files")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    return [path for name in listed.split("\0") if name and (path := REPOSITORY / name).is_file()]


def test_version_is_the_same_everywhere() -> None:
    version = sovlint.__version__
    assert importlib.metadata.version("sovlint") == version, "reinstall: the version changed since"
    assert run_sovlint(["--version"]).stdout == f"sovlint {version}\n"
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", changelog, re.M)
    assert headings[0] == "Unreleased"
    assert version in headings[:2] or len(headings) == 1, f"CHANGELOG.md has no heading for {version}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_paths_of_a_machine_in_tracked_files() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name, lines = path.relative_to(REPOSITORY).as_posix(), text.split("\n")
        found += [f"{name}:{n}: {line[:120]}" for n, line in enumerate(lines, 1) if MACHINE_PATH.search(line)]
    assert not found, "\n".join(found)


def test_rooms_import_only_downwards() -> None:
    done = run(Path(sys.executable).parent / "lint-imports", "--no-cache")
    assert "0 broken" in done.stdout


def test_every_dependency_is_explained() -> None:
    """A run-time dependency stands in ARCHITECTURE.md with reason, licence and weight."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8").lower()
    names = [re.split(r"[^A-Za-z0-9._-]", entry)[0] for entry in project["dependencies"]]
    assert [name for name in names if f"| {name.lower()} |" not in table] == []


def test_hooks_are_what_pre_commit_wants() -> None:
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["sovlint", "sovlint-all"]
    for hook in hooks:
        assert {"name", "entry", "language", "files"} <= hook.keys()
        assert hook["require_serial"] is True
        files, exclude = re.compile(hook["files"]), re.compile(hook.get("exclude", "^$"))
        for name in (
            "main.tf",
            "a/main.tofu",
            "prod.tfvars",
            "values.yaml",
            "a.yml",
            "main.tf.json",
            "pod.json",
            "x/terragrunt.hcl",
            "main.tofu.json",
            "prod.tfvars.json",
            "base/Kustomization",
            "kustomization.yaml",
            ".github/workflows/a.yml",
            ".gitlab-ci.yml",
            "chart/templates/_helpers.tpl",
        ):
            assert files.search(name), name
            assert not exclude.search(name), name
        assert not files.search("main.py")


def test_wheel_and_source_archive(tmp_path: Path) -> None:
    """One test, because building takes seconds: the source archive is built, and the wheel from it."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, REPOSITORY)
    [archive] = tmp_path.glob("*.tar.gz")
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        shards = {
            name.removeprefix("sovlint/_catalogue/").removesuffix(".json"): json.loads(file.read(name))
            for name in names
            if name.startswith("sovlint/_catalogue/")
        }
    top = {name.partition("/")[0] for name in names}
    assert top == {"sovlint", f"sovlint-{sovlint.__version__}.dist-info"}
    modules = {f"sovlint/{path.relative_to(SOURCE).as_posix()}" for path in MODULES}
    assert {*modules, "sovlint/py.typed"} <= names
    policies = {
        f"sovlint/policies/{path.relative_to(POLICIES).as_posix()}" for path in POLICIES.rglob("*") if path.is_file()
    }
    assert {name for name in names if name.startswith("sovlint/policies/")} == policies
    fresh: dict[str, Any] = json.loads(json.dumps(compile_policies(POLICIES)))
    assert shards == fresh
    assert not (SOURCE / "_catalogue").exists(), "the build wrote into the source tree"
    with tarfile.open(archive) as packed:
        contents = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "hatch_build.py", "LICENSE", "README.md", "tests/test_package.py"} <= contents
