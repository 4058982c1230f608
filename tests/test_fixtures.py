"""Every fixture is linted by the installed command; findings must stand where the fixture's comments expect them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations import MalformedExpectationError, Mark, difference, expected, only, reported
from support import FIXTURES, POLICIES, REPOSITORY, run_sovlint

RULE_FIXTURES = sorted(path for path in (FIXTURES / "rules").glob("SOV*/*") if path.is_dir())
PROJECTS = sorted(path for path in (FIXTURES / "projects").iterdir() if path.is_dir())


def rule_codes() -> list[str]:
    """Codes of all rules in policies/rules, whether a file holds one rule or a list of them."""
    codes: set[str] = set()
    for path in (POLICIES / "rules").rglob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = content.get("rules", [content]) if isinstance(content, dict) else content
        codes.update(entry["code"] for entry in entries)
    return sorted(codes)


def fixture_id(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def lint(folder: Path) -> dict[str, Any]:
    """The JSON report on a folder, which must have been read without problems.

    `profile.txt` in it names a profile; `.sovlint.yaml` is its configuration, `baseline.json` what it is compared with.
    """
    name = folder.relative_to(REPOSITORY).as_posix()
    named = folder / "profile.txt"
    profile = ["--profile", named.read_text(encoding="utf-8").strip()] if named.is_file() else []
    configured = folder / ".sovlint.yaml"
    config = ["--config", str(configured)] if configured.is_file() else ["--no-config"]
    compared = ["--baseline", f"{name}/baseline.json"] if (folder / "baseline.json").is_file() else []
    result = run_sovlint(["check", "--format", "json", *config, *compared, *profile, name])
    assert result.returncode in (0, 1), f"exit {result.returncode}\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["summary"]["files"] > 0, "nothing was read, so that nothing is reported says nothing"
    assert [problem for problem in report["problems"] if problem.get("level") != "warning"] == []
    return report


@pytest.mark.parametrize("folder", RULE_FIXTURES, ids=fixture_id)
def test_rule_fixture(folder: Path) -> None:
    """Only findings of the folder's own rule count; a fixture need not be perfect in other respects."""
    rule = folder.parent.name
    name = folder.relative_to(REPOSITORY).as_posix()
    report = lint(folder)
    wanted, got = expected(folder), only(reported(report, name), rule)
    report["findings"] = [finding for finding in report["findings"] if finding["rule"] == rule]
    differs = difference(wanted, got, report, name)
    assert not differs, f"{name}:\n{differs}"


@pytest.mark.parametrize("folder", PROJECTS, ids=fixture_id)
def test_project(folder: Path) -> None:
    """Here all rules count: whatever is reported must be expected."""
    name = folder.relative_to(REPOSITORY).as_posix()
    report = lint(folder)
    differs = difference(expected(folder), reported(report, name), report, name)
    assert not differs, f"{name}:\n{differs}"


def test_nothing_is_reported_on_the_european_part() -> None:
    folder = FIXTURES / "projects" / "gemeente" / "infra" / "eu"
    report = lint(folder)
    assert report["findings"] == []
    assert report["summary"]["resources"] > 0


@pytest.mark.parametrize("folder", RULE_FIXTURES, ids=fixture_id)
def test_rule_fixture_says_what_its_name_promises(folder: Path) -> None:
    """A bad example expects its own rule and no other; a good one expects nothing."""
    rule, marks = folder.parent.name, expected(folder)
    assert folder.name.startswith(("bad-", "good-"))
    assert {mark.rule for mark in marks} == ({rule} if folder.name.startswith("bad-") else set())


def test_there_are_rules() -> None:
    assert rule_codes()


@pytest.mark.parametrize("code", rule_codes())
def test_rule_has_fixtures(code: str) -> None:
    names = [path.name for path in RULE_FIXTURES if path.parent.name == code]
    for kind in ("bad", "good"):
        assert any(name.startswith(f"{kind}-") for name in names), f"no {kind} example in fixtures/rules/{code}"


def test_fixtures_belong_to_rules() -> None:
    orphans = {path.parent.name for path in RULE_FIXTURES} - set(rule_codes())
    assert not orphans, f"fixtures of rules that do not exist: {sorted(orphans)}"


def test_expectations_are_read_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "main.tf").write_text('x = 1 # expect: SOV101,SOV101, SOV103\ny = "z" // expect: SOV201\n')
    (tmp_path / "main.tf.json").write_text("{}\n")
    (tmp_path / "expect.txt").write_text("main.tf.json:1: SOV601\n")
    assert sorted(expected(tmp_path).elements()) == [
        Mark("a/main.tf", 1, "SOV101"),
        Mark("a/main.tf", 1, "SOV101"),
        Mark("a/main.tf", 1, "SOV103"),
        Mark("a/main.tf", 2, "SOV201"),
        Mark("main.tf.json", 1, "SOV601"),
    ]


@pytest.mark.parametrize("comment", ["# expect: SOV10", "# expect SOV101", "# expect: SOV101 because", "// expect:"])
def test_expectation_with_a_slip_is_an_error(tmp_path: Path, comment: str) -> None:
    (tmp_path / "main.tf").write_text(f"x = 1 {comment}\n")
    with pytest.raises(MalformedExpectationError):
        expected(tmp_path)


def test_difference_names_what_is_missing_and_what_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("# expect: SOV101\n")
    finding = {
        "path": "fixtures/x/main.tf",
        "line": 2,
        "rule": "SOV101",
        "message": "outside the EEA",
        "value": "us-east-1",
    }
    report = {"findings": [finding]}
    lines = difference(expected(tmp_path), reported(report, "fixtures/x"), report, "fixtures/x").splitlines()
    assert lines == [
        "missing     main.tf:1 SOV101",
        "unexpected  main.tf:2 SOV101: outside the EEA (value 'us-east-1')",
    ]
