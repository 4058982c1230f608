"""Waivers in the annotation `sovlint.io/waive`: what they cover, and what they leave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import run_sovlint

REST = 'until=2026-12-31 owner=me reason="moves to a mirror, ICT-4711"'
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
{object}
spec:
  template:
    metadata:
{template}
    spec:
      nodeSelector: {{topology.kubernetes.io/region: us-east-1}}
      containers:
        - {{name: web, image: quay.io/a/web:1}}
---
apiVersion: v1
kind: Pod
metadata: {{name: other}}
spec: {{containers: [{{name: web, image: quay.io/a/web:1}}]}}
"""


def annotation(value: str, indent: int) -> str:
    return f"{' ' * indent}annotations:\n{' ' * indent}  sovlint.io/waive: {value}"


def found(
    folder: Path, *, on_object: str = "", on_template: str = "", today: str = "2026-12-31"
) -> set[tuple[int, str]]:
    """Lines and rules that are reported."""
    text = DEPLOYMENT.format(
        object=annotation(on_object, 2) if on_object else "  labels: {a: b}",
        template=annotation(on_template, 6) if on_template else "      labels: {a: b}",
    )
    (folder / "a.yaml").write_text(text)
    result = run_sovlint(["check", "--no-config", "--no-group", "--format", "json", "--today", today, "."], cwd=folder)
    report = json.loads(result.stdout)
    assert report["problems"] == []
    lines = text.splitlines()
    return {
        (1 if "web:1" in lines[f["line"] - 1] and f["line"] < 15 else f["line"], f["rule"]) for f in report["findings"]
    }


def rules(folder: Path, **options: str) -> tuple[set[str], set[str]]:
    """Rules reported for the deployment, and for the pod after it."""
    text = found(folder, **options)
    last = max(line for line, _ in text)
    return {rule for line, rule in text if line != last}, {rule for line, rule in text if line == last}


def test_without_it_everything_is_reported(tmp_path: Path) -> None:
    assert rules(tmp_path) == ({"SOV108", "SOV501"}, {"SOV501"})


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (f"'SOV501 {REST}'", {"SOV108"}),
        (f"'SOV501,SOV108 {REST}'", set()),
        (f"'SOV {REST}'", {"SOV108", "SOV501"}),
        (f"'SOV1 {REST}'", {"SOV501"}),
        (f"|\n      SOV501 {REST}\n\n      SOV108 {REST}\n", set()),
        (f"'sovlint:waive SOV501 {REST}'", {"SOV108"}),
        (f"'SOV501 {REST.replace('2026', '2025')}'", {"SOV108", "SOV501"}),
        ("'SOV501 until=2026-12-31'", {"SOV108", "SOV501"}),
        ("'SOV501'", {"SOV108", "SOV501"}),
        ("''", {"SOV108", "SOV501"}),
        ("[SOV501]", {"SOV108", "SOV501"}),
        ("true", {"SOV108", "SOV501"}),
    ],
)
def test_it_covers_the_object_and_the_pods_below(tmp_path: Path, value: str, left: set[str]) -> None:
    assert rules(tmp_path, on_object=value) == (left, {"SOV501"})


def test_on_a_template_it_covers_the_template(tmp_path: Path) -> None:
    assert rules(tmp_path, on_template=f"'SOV501 {REST}'") == ({"SOV108"}, {"SOV501"})


def test_on_a_template_it_leaves_the_object(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  annotations: {eks.amazonaws.com/role-arn: a}\n"
        "spec:\n  template:\n    metadata:\n      annotations:\n        eks.amazonaws.com/role-arn: a\n"
        f"        sovlint.io/waive: 'SOV403 {REST}'\n    spec: {{containers: []}}\n"
    )
    args = ["check", "--no-config", "--format", "json", "--today", "2026-12-31"]
    report = json.loads(run_sovlint([*args, "."], cwd=tmp_path).stdout)
    assert [(f["line"], f["rule"]) for f in report["findings"]] == [(4, "SOV403")]
    assert report["summary"]["waived"] == 1
    shown = json.loads(run_sovlint([*args, "--show-waived", "."], cwd=tmp_path).stdout)
    (waived,) = [f["waiver"] for f in shown["findings"] if f["waiver"]]
    assert (waived["line"], waived["owner"], waived["until"]) == (10, "me", "2026-12-31")


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        f"apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    sovlint.io/waive: 'SOV403 {REST}'\n"
        "    service.beta.kubernetes.io/aws-load-balancer-type: nlb\n"
    )
    args = ["check", "--no-config", "--format", "json", "--today", "2026-12-31"]
    assert json.loads(run_sovlint([*args, "."], cwd=tmp_path).stdout)["findings"] == []
    report = json.loads(run_sovlint([*args, "--no-waivers", "."], cwd=tmp_path).stdout)
    assert [f["rule"] for f in report["findings"]] == ["SOV403"]
