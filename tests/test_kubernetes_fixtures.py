"""The tables of kinds: every kind in them has a bad and a good example, and every example is judged as it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations import Mark, difference, expected, reported
from support import FIXTURES, POLICIES, REPOSITORY, run_sovlint

ROOT = FIXTURES / "kubernetes"
BAD = sorted((ROOT / "pods" / "bad").glob("*.yaml"))
FOLDERS = sorted(path for path in ROOT.glob("*/*") if path.is_dir())


def folder_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lint(folder: Path) -> dict[str, Any]:
    name = folder.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["check", "--format", "json", "--no-config", name])
    assert result.returncode in (0, 1), f"exit {result.returncode}\n{result.stderr[-4000:]}"
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["summary"]["files"] > 0
    assert report["problems"] == []
    return report


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_every_finding_is_expected_and_every_expectation_found(folder: Path) -> None:
    name = folder.relative_to(REPOSITORY).as_posix()
    report = lint(folder)
    differs = difference(expected(folder), reported(report, name), report, name)
    assert not differs, f"{name}:\n{differs}"


@pytest.mark.parametrize("folder", FOLDERS, ids=folder_id)
def test_the_folder_says_what_it_holds(folder: Path) -> None:
    assert bool(expected(folder)) == (folder.name == "bad")


def workloads() -> set[tuple[str, str]]:
    """Kinds of all tables of workloads."""
    found: set[tuple[str, str]] = set()
    for path in (POLICIES / "catalogue" / "kubernetes").glob("*.yaml"):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")).get("workloads", ()):
            found.update((row["group"], kind) for kind in (row["kind"], *row.get("kinds", ())))
    return found


def kinds_with_marks(folder: Path) -> dict[tuple[str, str], int]:
    """Kinds of the documents of a folder with the number of findings that are expected in them."""
    marks: Counter[Mark] = expected(folder)
    found: dict[tuple[str, str], int] = {}
    for path in sorted(folder.glob("*.yaml")):
        for node in yaml.compose_all(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader):
            top = {key.value: value.value for key, value in node.value}
            group, slash, _ = top["apiVersion"].rpartition("/")
            lines = range(node.start_mark.line + 1, node.end_mark.line + 2)
            count = sum(n for mark, n in marks.items() if mark.path == path.name and mark.line in lines)
            key = (group if slash else "core", top["kind"])
            found[key] = found.get(key, 0) + count
    return found


def test_every_kind_that_runs_pods_has_a_bad_and_a_good_example() -> None:
    """`tools/pod_fixtures.py` writes them."""
    bad, good = kinds_with_marks(ROOT / "pods" / "bad"), kinds_with_marks(ROOT / "pods" / "good")
    assert workloads() - {key for key, count in bad.items() if count} == set()
    assert workloads() - set(good) == set()
    assert len(workloads()) > 100


def test_what_runs_on_any_cluster_is_left_alone() -> None:
    """At least forty objects of many kinds, and not one finding."""
    report = lint(ROOT / "portable" / "good")
    assert report["findings"] == []
    assert report["summary"]["resources"] >= 40
