"""Kustomizations, GitOps objects and pipelines by way of the command: positions, PATH, waivers, a clean platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from check_runs import write

from support import FIXTURES, run_sovlint

WAIVER = 'sovlint:waive SOV501 until=2026-12-31 owner=me reason="moves, ICT-4711"'

POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: a
      image: nginx:1
    - name: b
      image: quay.io/a/b:1
"""

TREE = {
    "base/pod.yaml": POD,
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "one/kustomization.yaml": "resources: [../base]\nimages:\n  - name: nginx\n    newName: ghcr.io/a/nginx\n",
    "two/kustomization.yaml": "resources: [../base]\nnamespace: two\nimages: [{name: nginx, newName: own.local/n}]\n",
}


def check(folder: Path, *args: str) -> dict[str, Any]:
    result = run_sovlint(["check", "--no-config", "--today", "2026-11-23", "-f", "json", *args], cwd=folder)
    assert result.returncode in (0, 1), result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def images(report: dict[str, Any]) -> list[tuple[str, int, list[str]]]:
    return [(f["path"], f["line"], f["affects"]) for f in report["findings"] if f["rule"] == "SOV501"]


def test_a_finding_in_a_shared_base_is_one_and_names_who_is_affected(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    report = check(tmp_path, ".")
    assert images(report) == [
        ("base/pod.yaml", 9, ["core/Pod/-/web", "core/Pod/two/web"]),
        ("one/kustomization.yaml", 4, ["core/Pod/-/web"]),
    ]
    via = [(v["path"], v["line"]) for v in report["findings"][0]["via"]]
    assert via == [("base/kustomization.yaml", 1), ("one/kustomization.yaml", 1)]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("two", ["base/pod.yaml"]),
        ("one", ["base/pod.yaml", "one/kustomization.yaml"]),
        ("one/kustomization.yaml", ["base/pod.yaml", "one/kustomization.yaml"]),
        # Its callers are not read: what they replace stands here as it is.
        ("base", ["base/pod.yaml", "base/pod.yaml"]),
        ("base/pod.yaml", ["base/pod.yaml", "base/pod.yaml"]),
    ],
)
def test_a_path_says_what_is_judged(tmp_path: Path, path: str, found: list[str]) -> None:
    write(tmp_path, TREE)
    (tmp_path / ".git").mkdir()
    assert [place for place, _, _ in images(check(tmp_path, path))] == found


@pytest.mark.parametrize("file", ["base/pod.yaml", "one/kustomization.yaml"])
def test_a_waiver_stands_where_the_finding_stands(tmp_path: Path, file: str) -> None:
    marks = ("      image: quay", "    newName:")
    text = TREE[file]
    for mark in marks:
        text = text.replace(mark, f"{mark[: len(mark) - len(mark.lstrip())]}# {WAIVER}\n{mark}")
    write(tmp_path, {**TREE, file: text})
    report = check(tmp_path, ".")
    assert [place for place, _, _ in images(report)] == [
        f for f in ("base/pod.yaml", "one/kustomization.yaml") if f != file
    ]
    assert report["summary"]["waived"] == 1


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    assert len({json.dumps(check(tmp_path, ".")) for _ in range(2)}) == 1


def test_a_pipeline_in_a_hidden_folder_is_found_and_may_be_named(tmp_path: Path) -> None:
    path = ".github/workflows/deploy.yml"
    write(tmp_path, {path: "jobs:\n  a:\n    runs-on: ubuntu-latest\n  b:\n    runs-on: ubuntu-latest\n"})
    for argument in (".", ".github", path):
        [finding] = check(tmp_path, argument)["findings"]
        assert (finding["rule"], finding["path"], finding["line"], finding["column"]) == ("SOV603", path, 3, 14)
        assert finding["affects"] == ["deploy.yml:a", "deploy.yml:b"]
        assert finding["value"] == "ubuntu-latest"


def test_no_secret_of_an_address_is_shown(tmp_path: Path) -> None:
    kind = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a}\n"
    text = f"{kind}spec:\n  url: https://me:hunter2@github.com/a/b\n"
    write(tmp_path, {"a.yaml": text})
    [finding] = check(tmp_path, ".")["findings"]
    assert finding["value"] == "github.com"
    assert "hunter2" not in json.dumps(finding)
    assert "hunter2" not in run_sovlint(["check", "--no-config", "."], cwd=tmp_path).stdout


@pytest.mark.parametrize("profile", ["eu-baseline", "eu-strict"])
def test_nothing_is_found_on_a_platform_without_foreign_operators(profile: str) -> None:
    folder = FIXTURES / "projects" / "gitops-eu"
    report = check(folder, "--profile", profile, ".")
    assert report["findings"] == []
    assert report["problems"] == []
    assert report["summary"]["resources"] > 20


def test_the_inventory_lists_pipelines_and_objects_as_applied(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, ".gitlab-ci.yml": "a: {script: [make]}\n"})
    result = run_sovlint(["inventory", "--no-config", "-f", "json", "."], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    listed = {(r["format"], r["address"]) for r in json.loads(result.stdout)["resources"]}
    assert {
        ("pipeline", ".gitlab-ci.yml:a"),
        ("kubernetes", "core/Pod/two/web"),
        ("kubernetes", "core/Pod/-/web"),
    } <= listed
