"""Charts in the styles of the public ecosystem: every finding stands on the line in the values that decides it.

Both ways of reading, static and rendered by the engine, are held to the same comments; where they differ the comment
says so (`rendered:`), and `DIFFERENT` says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from expectations import Mark, difference, expected, refuted, reported
from support import FIXTURES, REPOSITORY, run_sovlint

ROOT = FIXTURES / "helm"
FOLDERS = sorted(path for path in ROOT.iterdir() if path.is_dir())
CHARTS = [path for path in FOLDERS if path.name != "broken"]
ENGINES = ("none", "sdk")

STYLES = {
    "broken": "goed/values.yaml",
    "common-library": "values.yaml values-prod.yaml values-test.yaml",
    "component-images": "values.yaml",
    "composed-images": "values.yaml",
    "helpers-tpl": "values.yaml",
    "lookup-required": "values.yaml",
    "operator": "values.yaml",
    "subcharts": "values.yaml",
    "subcharts/charts/wachtrij": "values.yaml",
    "umbrella": "values.yaml",
}
"""Charts with all of it in their values: images, regions, storage classes and selectors."""

DIFFERENT = {
    "common-library": "metrics.enabled is false: no rendering prints the image of what is switched off",
    "helmfile-environments": "the template shows that the region is that of a node selector, not of a client",
    "operator": "the operator fetches these images itself: no template prints them",
}
"""Charts of which rendering says something else, and why."""


def lint(folder: Path, *options: str) -> dict[str, Any]:
    name = folder.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["check", "--format", "json", "--no-config", name, *options])
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["summary"]["files"] > 0
    return report


@cache
def read(folder: Path, engine: str) -> dict[str, Any]:
    return lint(folder, "--helm-engine", engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folder", CHARTS, ids=lambda path: path.name)
def test_every_finding_is_expected_and_every_expectation_found(folder: Path, engine: str) -> None:
    name = folder.relative_to(REPOSITORY).as_posix()
    report = read(folder, engine)
    # Charts that are fetched later are missing when the others are rendered; nothing else is to be said.
    said = [p for p in report["problems"] if engine == "none" or "helm dependency build" not in p["message"]]
    assert said == []
    differs = difference(expected(folder, rendered=engine != "none"), reported(report, name), report, name)
    assert not differs, f"{name}:\n{differs}"
    for finding in report["findings"]:
        for place in (*finding["via"], *finding["related"]):
            assert "values" not in place["path"] or (place["line"], place["column"]) != (1, 1), place


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_what_no_rendering_shows_is_a_note(folder: Path) -> None:
    name = folder.relative_to(REPOSITORY).as_posix()
    levels: dict[str, dict[Mark, str]] = {engine: {} for engine in ENGINES}
    for engine, found in levels.items():
        for finding in read(folder, engine)["findings"]:
            path = finding["path"].removeprefix(f"{name}/")
            found[Mark(path, finding["line"], finding["rule"])] = finding["severity"]
    static, rendered = levels["none"], levels["sdk"]
    dropped = {mark for mark in rendered if rendered[mark] == "note" and static[mark] != "note"}
    assert dropped == refuted(folder)
    assert {mark for mark in rendered if mark not in dropped and rendered[mark] != static[mark]} == set()


def test_every_difference_has_a_reason() -> None:
    differing = {f.name for f in FOLDERS if expected(f) != expected(f, rendered=True) or refuted(f)}
    assert differing == set(DIFFERENT)


@pytest.mark.parametrize("style", STYLES)
def test_charts_have_all_four(style: str) -> None:
    """The lines that are compared hold an image, a region, a storage class and a selector, all in values."""
    folder = ROOT / style
    lines = dict(_expected_in_values(folder, STYLES[style].split()))
    rules = {rule for found in lines.values() for rule in found}
    assert {"SOV501", "SOV107", "SOV108"} <= rules
    assert any("SOV403" in found and re.search("(?i)storageclass", text) for text, found in lines.items())
    assert not refuted(folder) or len(refuted(folder)) < sum(len(found) for found in lines.values())


def _expected_in_values(folder: Path, names: list[str]) -> Iterator[tuple[str, set[str]]]:
    marks = expected(folder)
    for name in names:
        for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1):
            rules = {mark.rule for mark in marks if (mark.path, mark.line) == (name, number)}
            if rules:
                yield f"{name}:{number} {line}", rules


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_broken_is_told_and_the_rest_is_read(engine: str) -> None:
    folder = ROOT / "broken"
    name = folder.relative_to(REPOSITORY).as_posix()
    report = read(folder, engine)
    told = {(p["path"].removeprefix(f"{name}/"), p["code"], p["level"]) for p in report["problems"]}
    refused = {("kapot/Chart.yaml", "rendering", "warning")} if engine != "none" else set()
    assert told == {("kapot/values.yaml", "syntax", "error"), ("leeg/Chart.yaml", "chart", "warning"), *refused}
    differs = difference(expected(folder, rendered=engine != "none"), reported(report, name), report, name)
    assert not differs, differs
