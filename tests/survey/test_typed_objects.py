"""The Kubernetes provider's own types say what the same objects say in YAML, at the value in the configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support import run_sovlint

PAIRS = Path(__file__).parent.parent / "data" / "typed_objects"
"""Per object a `.yaml` and a `.tf`; each finding's line says which rule is expected (`# expect: SOV108`)."""

NAMES = sorted(path.stem for path in PAIRS.glob("*.yaml"))

_EXPECT = re.compile(r"# expect: ([\w,]+)")


def findings(folder: Path, *names: str) -> dict[str, list[dict[str, Any]]]:
    """The findings by file."""
    (folder / ".git").mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text((PAIRS / name).read_text())
    result = run_sovlint(["check", "--format", "json", "--no-config", *names], cwd=folder)
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["problems"] == [], result.stderr
    return {name: [one for one in report["findings"] if one["path"] == name] for name in names}


def expected(name: str) -> list[tuple[int, str]]:
    lines = (PAIRS / name).read_text().splitlines()
    return [
        (number, rule)
        for number, line in enumerate(lines, 1)
        for match in _EXPECT.finditer(line)
        for rule in sorted(match[1].split(","))
    ]


def said(found: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return sorted((one["rule"], one["value"], one["severity"], one["verdict"]) for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_type_says_what_its_object_says(tmp_path: Path, name: str) -> None:
    found = findings(tmp_path, f"{name}.yaml", f"{name}.tf")
    for path in found:
        assert sorted((one["line"], one["rule"]) for one in found[path]) == expected(path), path
    assert said(found[f"{name}.tf"]) == said(found[f"{name}.yaml"])


def test_there_are_many() -> None:
    assert len(NAMES) >= 20
    assert all((PAIRS / f"{name}.tf").exists() for name in NAMES)
    assert sum(bool(expected(f"{name}.yaml")) for name in NAMES) >= 20
