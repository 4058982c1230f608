"""The interface for programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import sovlint
from sovlint.model.errors import UsageError
from support import FIXTURES

GEMEENTE = FIXTURES / "projects" / "gemeente"


def test_check_gives_the_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "b" {}\n')
    before = (dict(os.environ), Path.cwd(), sys.getrecursionlimit(), sorted(tmp_path.iterdir()))
    report = sovlint.check(tmp_path / "main.tf", sovlint.Config(cache=False))
    assert isinstance(report, sovlint.Report)
    assert [(f.rule, f.location.line) for f in report.findings if f.rule == "SOV101"] == [("SOV101", 2)]
    assert before == (dict(os.environ), Path.cwd(), sys.getrecursionlimit(), sorted(tmp_path.iterdir()))
    assert capfd.readouterr() == ("", "")


def test_what_programs_give(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "main.tf").write_text('variable "r" {}\nprovider "aws" {\n  region = var.r\n}\n')
    config = sovlint.Config(
        working_directory=tmp_path, arguments=(("var", "r=us-east-1"),), select=("SOV1",), cache=False
    )
    assert sovlint.check(["a"], config).problems == ()
    assert sovlint.check("missing", config).problems[0].code == "missing"
    with pytest.raises(UsageError, match="nope"):
        sovlint.check(".", config._replace(profile="nope"))


def test_the_environment_and_configuration_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".sovlint.yaml").write_text("select: [SOV9]\n")
    (tmp_path / "main.tf").write_text(
        'variable "r" {\n  default = "us-east-1"\n}\n'
        'provider "aws" {\n  region = var.r\n}\nresource "aws_s3_bucket" "b" {}\n'
    )
    monkeypatch.setenv("TF_VAR_r", "eu-central-1")
    assert "SOV101" in {f.rule for f in sovlint.check(tmp_path, sovlint.Config(cache=False)).findings}
