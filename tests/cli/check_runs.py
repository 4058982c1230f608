"""Runs of `sovlint check` for the tests of this folder: files laid out, JSON read, many cases in one process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from support import run_sovlint

Files: TypeAlias = Mapping[str, "str | bytes"]

LIMIT_SECONDS = 20.0
"""No run of these tests may take longer: input that hangs the linter is a bug, and must not hang the tests."""

GOOD = 'provider "aws" { region = "us-east-1" }\nresource "aws_s3_bucket" "good" {}\n'
"""One wrong region: SOV101 at 1:27."""

GOOD_PLACE = ("good/main.tf", 1, 27)

POD = """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: docker.io/library/nginx:1
"""
"""One image of a foreign registry: SOV501 at 7:14."""

PROVIDER = 'provider "aws" {\n  region = %s\n}\nresource "aws_s3_bucket" "b" {}\n'

BUCKET = 'resource "aws_s3_bucket" "b" {}\n'


def write(folder: Path, files: Files) -> None:
    """Lays out files below a folder."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


class Outcome:
    """One run with `--format json` (and `--no-config`, unless `config` says otherwise).

    Args:
        folder: the working directory.
        args: further arguments; `.` where there are none.
        forms: other formats to write in the same run; `others` holds them.
        env: further environment variables.
        config: whether configuration files are read.
    """

    def __init__(
        self,
        folder: Path,
        *args: str,
        forms: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        config: bool = False,
        timeout: float = LIMIT_SECONDS,
    ) -> None:
        written = [folder.parent / f"{folder.name}-report.{form}" for form in forms]
        formats: list[str] = []
        for form, path in zip(forms, written, strict=True):
            formats += ["-f", form, "-o", str(path)]
        command = ["check", *([] if config else ["--no-config"]), *formats, "-f", "json", "-o", "-", *(args or (".",))]
        try:
            self.run: subprocess.CompletedProcess[str] = run_sovlint(command, cwd=folder, env=env, timeout=timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"longer than {timeout} s: {command}")
        assert "Traceback" not in self.run.stderr, self.run.stderr
        assert "internal error" not in self.run.stderr, self.run.stderr
        assert "Warning" not in self.run.stderr, self.run.stderr
        assert self.run.returncode in (0, 1, 2), self.run
        assert self.run.stdout, self.run.stderr
        self.report: dict[str, Any] = json.loads(self.run.stdout)
        self.others = {form: path.read_text("utf-8") for form, path in zip(forms, written, strict=True)}
        for path in written:
            path.unlink()

    @property
    def code(self) -> int:
        """The exit code."""
        return self.run.returncode

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings as the report has them."""
        found: list[dict[str, Any]] = self.report["findings"]
        return found

    @property
    def rules(self) -> set[str]:
        """Codes of all findings."""
        return {f["rule"] for f in self.findings}

    @property
    def places(self) -> list[tuple[str, str, int, int]]:
        """(rule, path, line, column) of every finding."""
        return [(f["rule"], f["path"], f["line"], f["column"]) for f in self.findings]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(path, code) of every problem that is an error."""
        return [(p["path"], p["code"]) for p in self.report["problems"] if p["level"] == "error"]

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """(path, code) of every problem that is a warning."""
        return [(p["path"], p["code"]) for p in self.report["problems"] if p["level"] == "warning"]

    def regions(self, rule: str = "SOV101") -> list[tuple[str, int, int]]:
        """(path, line, column) of every finding of a rule."""
        return [(path, line, column) for code, path, line, column in self.places if code == rule]

    def one(self, rule: str, path: str | None = None) -> dict[str, Any]:
        """The only finding of a rule (in a file)."""
        found = [f for f in self.findings if f["rule"] == rule and path in (None, f["path"])]
        assert len(found) == 1, (rule, self.places)
        return found[0]

    def affected(self, folder: str) -> set[str]:
        """Addresses that the findings in files below a folder affect."""
        return {a for f in self.findings if f["path"].startswith(folder + "/") for a in f["affects"]}


class Cases:
    """Several trees side by side, each in a folder of its own, linted by one process beside one good file.

    Args:
        folder: where to lay them out.
        cases: name of the case → its files.
        args: further arguments of the run; `.` where there are none.
    """

    def __init__(self, folder: Path, cases: Mapping[str, Files], *args: str, forms: Sequence[str] = ()) -> None:
        self.folders = {name: f"case{number:03}" for number, name in enumerate(cases)}
        write(folder, {"good/main.tf": GOOD})
        for name, files in cases.items():
            write(folder, {f"{self.folders[name]}/{path}": content for path, content in files.items()})
        self.out = Outcome(folder, *args, forms=forms)
        assert GOOD_PLACE in self.out.regions()

    def affected(self, name: str) -> set[str]:
        """Addresses that the findings in the files of a case affect."""
        return self.out.affected(self.folders[name])

    def rules(self, name: str) -> set[str]:
        """Codes of the findings in the files of a case."""
        return {f["rule"] for f in self.findings(name)}

    def findings(self, name: str) -> list[dict[str, Any]]:
        """The findings in the files of a case."""
        return [f for f in self.out.findings if f["path"].startswith(self.folders[name] + "/")]

    def regions(self, name: str, rule: str = "SOV101") -> list[tuple[str, int, int]]:
        """(path in the case, line, column) of every finding of a rule in the files of a case."""
        head = self.folders[name] + "/"
        return [(p.removeprefix(head), ln, col) for p, ln, col in self.out.regions(rule) if p.startswith(head)]

    def problems(self, name: str) -> list[tuple[str, str]]:
        """(path in the case, code) of every problem of a case that is an error."""
        head = self.folders[name] + "/"
        return [(p.removeprefix(head), code) for p, code in self.out.problems if p.startswith(head)]

    def warnings(self, name: str) -> list[tuple[str, str]]:
        """(path in the case, code) of every problem of a case that is a warning."""
        head = self.folders[name] + "/"
        return [(p.removeprefix(head), code) for p, code in self.out.warnings if p.startswith(head)]
