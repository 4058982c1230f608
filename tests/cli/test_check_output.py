"""Where reports go: `--format` and `--output`, pairwise, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from check_runs import GOOD, LIMIT_SECONDS, write

from support import run_sovlint


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one finding, and a place for reports beside it."""
    write(tmp_path, {"tree/main.tf": GOOD, "reports/old.json": "old\n"})
    return tmp_path / "tree"


def run(folder: Path, *args: str) -> tuple[int, str, str]:
    result = run_sovlint(["check", "--no-config", *args], cwd=folder, timeout=LIMIT_SECONDS)
    return result.returncode, result.stdout, result.stderr


def test_several_formats_at_once_are_the_same_as_one_at_a_time(project: Path) -> None:
    reports = project.parent / "reports"
    names = {"json": reports / "old.json", "sarif": reports / "new.sarif", "concise": reports / "c.txt"}
    pairs = [word for form, path in names.items() for word in ("-f", form, "--output", str(path))]
    code, shown, error = run(project, *pairs, "--format", "text")
    assert (code, error) == (1, "")
    assert shown == run(project)[1] == run(project, "-o", "-")[1] == run(project, "-f", "text", "-o", "-")[1]
    for form, path in names.items():
        assert path.read_text("utf-8") == run(project, "-f", form)[1], form
    # Nothing else was left behind, and the files have the rights of new files.
    assert sorted(p.name for p in reports.iterdir()) == ["c.txt", "new.sarif", "old.json"]
    umask = os.umask(0)
    os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in names.values()} == {0o666 & ~umask}


def test_files_are_relative_to_the_working_directory(project: Path) -> None:
    code, shown, _ = run(project.parent, "-f", "json", "-o", "reports/r.json", "tree")
    assert (code, shown) == (1, "")
    assert json.loads((project.parent / "reports/r.json").read_text())["findings"][0]["path"] == "tree/main.tf"


def test_nothing_found_is_a_report_too(project: Path) -> None:
    write(project, {"main.tf": ""})
    code, shown, error = run(project, "-f", "json", "-o", "../reports/r.json", "-f", "sarif", "-o", "-")
    assert (code, error) == (0, "")
    assert json.loads((project.parent / "reports/r.json").read_text())["findings"] == []
    assert json.loads(shown)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["-f", "nope", "-o", "../reports/new"], "text, concise, json, jsonl, sarif"),
        (["-f", "json", "-f", "text"], "same place"),
        (["-f", "json", "-o", "../reports/new", "-f", "text", "-o", "../reports/new"], "same place"),
        (["-f", "json", "-o", "../reports/new", "-f", "text", "-o", "../reports/./new"], "same place"),
        (["-f", "json", "-o", "../reports/new", "-o", "../reports/new2"], "more --output"),
        (["-o", "../missing/new"], "../missing/new"),
        (["-o", "../reports"], "../reports"),
        (["-o", ""], "--output"),
        (["-f", "json", "-o", "../reports/new", "-f", "text", "-o", "../missing/new"], "../missing/new"),
    ],
)
def test_what_cannot_be_written_is_exit_2_and_writes_nothing(project: Path, args: list[str], part: str) -> None:
    code, shown, error = run(project, *args)
    assert code == 2
    assert shown == ""
    assert part in error
    assert sorted(p.name for p in (project.parent / "reports").iterdir()) == ["old.json"]
    assert (project.parent / "reports/old.json").read_text() == "old\n"
    assert [p.name for p in project.iterdir()] == ["main.tf"]


def test_reports_through_links_and_devices(project: Path) -> None:
    reports = project.parent / "reports"
    (reports / "link.json").symlink_to("old.json")
    assert run(project, "-f", "json", "-o", str(reports / "link.json"), "-f", "concise", "-o", "/dev/stderr")[2] != ""
    # The file that the link names holds the report: a link is not replaced by a file.
    assert (reports / "link.json").is_symlink()
    assert json.loads((reports / "old.json").read_text())["schema"] == "sovlint-report/1"
