"""What a release consists of: the same bytes from the same commit, and a bill of materials."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import sovlint
from support import REPOSITORY

EPOCH = "1763856000"

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".git", ".venv", "dist", "build", ".*_cache", ".hypothesis", "node_modules", "*.egg-info"
)


def build(root: Path, name: str, touched: int) -> dict[str, Path]:
    """Builds a copy of the project in a folder of another name, with other times: suffix → archive."""
    copy, dist = root / name / "project", root / f"{name}-dist"
    shutil.copytree(REPOSITORY, copy, ignore=LEFT_OUT)
    for path in copy.rglob("*"):
        os.utime(path, (touched, touched))
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(copy)],
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": str(touched % 100)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.suffix: path for path in dist.iterdir()}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Path]]:
    """Two builds."""
    root = tmp_path_factory.mktemp("builds")
    return [build(root, "one", 1_700_000_000), build(root, "another place", 1_750_000_000)]


def test_same_source_same_bytes(archives: list[dict[str, Path]]) -> None:
    one, other = archives
    assert set(one) == set(other) == {".whl", ".gz"}
    for suffix, path in one.items():
        hashes = [hashlib.sha256(found.read_bytes()).hexdigest() for found in (path, other[suffix])]
        assert hashes[0] == hashes[1], f"{path.name} differs from build to build"


def test_bill_of_materials(archives: list[dict[str, Path]]) -> None:
    """Complete, connected, and the same each time."""
    made = []
    for found in archives:
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "tools" / "sbom.py"), str(found[".whl"])],
            env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made.append(done.stdout)
    assert made[0] == made[1]
    bill: dict[str, Any] = json.loads(made[0])
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    own = bill["metadata"]["component"]
    assert own["purl"] == f"pkg:pypi/sovlint@{sovlint.__version__}"
    assert own["hashes"][0]["content"] == hashlib.sha256(archives[0][".whl"].read_bytes()).hexdigest()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^a-z0-9._-]", entry.lower())[0] for entry in project["dependencies"]}
    listed = {component["purl"]: component for component in bill["components"]}
    assert names <= {component["name"].lower().replace("_", "-") for component in listed.values()}
    assert "pytest" not in {component["name"] for component in listed.values()}, "what develops it is not in it"
    assert {entry["ref"] for entry in bill["dependencies"]} == {own["purl"], *listed}
    for entry in bill["dependencies"]:
        assert set(entry["dependsOn"]) <= set(listed)
    assert all(component["version"] for component in listed.values())


def test_the_version_is_read_without_git_and_without_metadata() -> None:
    """One line of one file, which neither looks into git nor imports importlib.metadata."""
    text = (REPOSITORY / "src" / "sovlint" / "__init__.py").read_text(encoding="utf-8")
    assert re.findall(r'^__version__ = "(.+)"$', text, re.M) == [sovlint.__version__]
    code = "import sys, sovlint; print('importlib.metadata' in sys.modules, sovlint.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY / 'src')!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", sovlint.__version__]


def test_supported_versions_are_the_same_everywhere() -> None:
    """Classifiers, the pipeline and the documentation name the same versions of Python."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert f"for minor in {' '.join(versions)};" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    for name in ("docs/releases.md", "docs/index.md", "SECURITY.md"):
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        assert all(version in text for version in versions), name
    assert project["requires-python"] == f">={versions[0]}"
