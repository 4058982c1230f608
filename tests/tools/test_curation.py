"""The scripts of the people who curate the catalogue, run as they run them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import POLICIES, REPOSITORY

FRAMEWORK = """\
defaults: {source: "https://example.org/", as_of: "2026-01-01"}
id: f
title: F
version: "1"
status: voluntary
label: F
criteria:
  "1": {title: Old by default}
  "2": {title: Looked up later, as_of: "2026-06-01"}
  "3": {title: Older still, as_of: "2025-05-05", confidence: assumed}
"""


def tool(name: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, REPOSITORY / "tools" / f"{name}.py", *args], capture_output=True, text=True, check=False
    )


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    (folder / "frameworks").mkdir(parents=True)
    (folder / "frameworks" / "f.yaml").write_text(FRAMEWORK, encoding="utf-8")
    return folder


def test_freshness_names_what_is_old(policies: Path) -> None:
    done = tool("freshness", "--policies", policies, "--today", "2026-07-01")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split() == ["frameworks/f.yaml", "3", "1", "2025-05-05", "2"]
    assert "    2025-05-05  criteria.3" in done.stdout
    assert "criteria.2" not in done.stdout
    assert done.stdout.endswith("2 of 3 facts are older than 180 days; 1 are assumed\n")


@pytest.mark.parametrize(("today", "days", "expected"), [("2026-07-01", "180", 1), ("2026-07-01", "2000", 0)])
def test_freshness_fails_if_asked(policies: Path, today: str, days: str, expected: int) -> None:
    args = ("--policies", policies, "--today", today, "--days", days)
    assert tool("freshness", *args, "--fail").returncode == expected
    assert tool("freshness", *args).returncode == 0


def test_freshness_on_the_day_that_is_the_limit(policies: Path) -> None:
    """Older than 180 days, not 180 days old."""
    assert "criteria.1" not in tool("freshness", "--policies", policies, "--today", "2026-06-30").stdout
    assert "criteria.1" in tool("freshness", "--policies", policies, "--today", "2026-07-01").stdout


def test_freshness_of_the_shipped_policies() -> None:
    """Every fact has a date, and none comes from the future."""
    done = tool("freshness", "--all", "--today", "2100-01-01")
    assert done.returncode == 0, done.stderr
    files = {line.split()[0] for line in done.stdout.splitlines()[1:-1] if not line.startswith(" ")}
    listed = {path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.yaml")}
    assert listed <= files
    assert "catalogue/known-types.json" in files


@pytest.fixture
def types(tmp_path: Path) -> Path:
    """A list with one type less than the catalogue knows, and three more."""
    folder = tmp_path / "types"
    folder.mkdir()

    known = json.loads((POLICIES / "catalogue" / "known-types.json").read_text(encoding="utf-8"))["types"]["aws"]
    kept = [kind for kind in known if kind != "aws_s3_bucket"]
    new = ["aws_glue_brand_new", "aws_unheard_of_thing"]
    text = "\n".join(["# aws 99.0.0, from the documentation", *kept, *new]) + "\n"
    (folder / "aws.txt").write_text(text, encoding="utf-8")
    return folder


def test_diff_of_types(types: Path) -> None:
    done = tool("typesdiff", types)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "aws"
    assert "  + aws_glue_brand_new  by pattern aws_glue_*: aws/glue" in lines
    assert "  + aws_unheard_of_thing  by nothing" in lines
    assert "  - aws_s3_bucket  by name: aws/s3" in lines
    assert lines[-1] == "2 new, 1 of them by a pattern and 1 by nothing; 1 gone"


def test_diff_of_types_as_a_check(types: Path) -> None:
    done = tool("typesdiff", types, "--uncovered", "--fail")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == ["aws", "  + aws_unheard_of_thing  by nothing"]
    assert tool("typesdiff", types, "--provider", "azurerm", "--fail").returncode == 0


def test_diff_with_the_types_of_older_versions(types: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.mkdir()
    (older / "aws.txt").write_text("aws_s3_bucket\tdocs v1.0\n", encoding="utf-8")
    done = tool("typesdiff", types, older)
    assert done.stdout.splitlines()[-1] == "2 new, 1 of them by a pattern and 1 by nothing; 0 gone"


def test_diff_without_lists_is_a_mistake(tmp_path: Path) -> None:
    done = tool("typesdiff", tmp_path)
    assert done.returncode == 2
    assert "no <provider>.txt in it" in done.stderr


def test_coverage_of_a_list(types: Path) -> None:
    done = tool("coverage", "--types", types)
    assert done.returncode == 0, done.stderr
    assert "aws" in done.stdout
