"""Charts in the styles of the public ecosystem: every finding stands on the line in the values that decides it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expectations import difference, expected, reported
from support import FIXTURES, REPOSITORY, run_sovlint

ROOT = FIXTURES / "helm"
CHARTS = sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "broken")


def lint(folder: Path, *options: str) -> dict[str, Any]:
    name = folder.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["check", "--format", "json", "--no-config", name, *options])
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["summary"]["files"] > 0
    return report


@pytest.mark.parametrize("folder", CHARTS, ids=lambda path: path.name)
def test_every_finding_is_expected_and_every_expectation_found(folder: Path) -> None:
    name = folder.relative_to(REPOSITORY).as_posix()
    report = lint(folder)
    assert report["problems"] == []
    differs = difference(expected(folder), reported(report, name), report, name)
    assert not differs, f"{name}:\n{differs}"
    for finding in report["findings"]:
        for place in (*finding["via"], *finding["related"]):
            assert "values" not in place["path"] or (place["line"], place["column"]) != (1, 1), place


def test_what_is_broken_is_told_and_the_rest_is_read() -> None:
    folder = ROOT / "broken"
    name = folder.relative_to(REPOSITORY).as_posix()
    report = lint(folder)
    told = {(p["path"].removeprefix(f"{name}/"), p["code"], p["level"]) for p in report["problems"]}
    assert told == {("kapot/values.yaml", "syntax", "error"), ("leeg/Chart.yaml", "chart", "warning")}
    differs = difference(expected(folder), reported(report, name), report, name)
    assert not differs, differs
