"""`sovlint check` as a user holds it: exit codes, and the options that choose what is judged and how."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from check_runs import GOOD, LIMIT_SECONDS, PROVIDER, Outcome, write

from support import run_sovlint

WHOLE = """provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "a" {}
resource "aws_dynamodb_table" "t" {
  replica { region_name = "us-west-2" }
}
resource "aws_rds_cluster" "c" {}
variable "x" {}
resource "aws_s3_bucket" "u" { region = var.x }
terraform {
  backend "s3" { region = "us-east-1" }
}
"""
"""Findings of many rules: 101, 103, 109, 201, 401, 601, 602 at least; severities critical, high, medium and note."""


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write(tmp_path, {"main.tf": WHOLE})
    return tmp_path


# --- exit codes


def test_exit_codes(tmp_path: Path) -> None:
    write(tmp_path, {"none/notes.txt": "", "bad/main.tf": GOOD, "fine/main.tf": PROVIDER % '"eu-west-1"'})
    write(tmp_path, {"broken/main.tf": GOOD + "x = = 1\n", "odd/main.tf": "x = = 1\n"})
    expected = {"none": 0, "bad": 1, "fine": 0, "broken": 2, "odd": 2, "nowhere": 2}
    out = {name: Outcome(tmp_path, name) for name in expected}
    assert {name: run.code for name, run in out.items()} == expected
    # Only medium ones in `fine`: reported, below the default of --fail-on.
    assert out["fine"].rules == {"SOV201"}
    # Problems do not hide findings, nor findings problems.
    assert out["broken"].regions() == [("broken/main.tf", 1, 27)]
    assert out["broken"].problems == [("broken/main.tf", "syntax")]
    together = Outcome(tmp_path)
    assert together.code == 2
    assert len(together.regions()) == 2
    assert len(together.problems) == 2


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif"])
def test_exit_codes_are_the_same_for_every_format(whole: Path, form: str) -> None:
    assert run_sovlint(["check", "--no-config", "-f", form], cwd=whole).returncode == 1
    write(whole, {"x.tf": "x = = 1\n"})
    result = run_sovlint(["check", "--no-config", "-f", form], cwd=whole)
    assert result.returncode == 2
    assert "SOV101" in result.stdout
    # Every format says it; formats for programs leave it to standard error as well.
    assert ("x.tf:1:5" in result.stderr) == (form in ("json", "sarif"))
    assert form in ("json", "sarif") or "x.tf:1:5" in result.stdout


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["check", "--nope"], "--nope"),
        (["nope"], "nope"),
        (["check", "--fail-on", "loud"], "critical"),
        (["check", "--unknown", "perhaps"], "ignore"),
        (["check", "--min-confidence", "sure"], "literal"),
        (["check", "--var", "r"], "NAME=VALUE"),
        (["check", "--today", "tomorrow"], "YYYY-MM-DD"),
        (["check", "--today", "20261231"], "YYYY-MM-DD"),
        (["check", "--select", "XYZ"], "SOV1"),
        (["check", "--select", "SOV999"], "SOV999"),
        (["check", "--ignore", "SOV98"], "SOV98"),
        (["check", "--profile", "nope"], "eu-baseline"),
        (["check", "--profile", "nope"], "nl-rijk-2026"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_is_allowed(whole: Path, args: list[str], part: str) -> None:
    result = run_sovlint(args, cwd=whole, timeout=LIMIT_SECONDS)
    assert result.returncode == 2
    assert result.stdout == ""
    assert part in result.stderr


PATCHED = """
import sys
import sovlint.run
from sovlint.cli.main import main

def check(config):
    raise {error}

sovlint.run.check = check
sys.argv = ["sovlint", "check", "."]
main()
"""


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        ("RuntimeError('x\\x1b[31m' + 'y' * 10000)", 2, "internal error"),
        ("RecursionError()", 2, "internal error"),
        ("MemoryError()", 2, "sovlint: "),
        ("SystemExit(7)", 7, ""),
        ("PermissionError(13, 'Permission denied', 'some/file')", 2, "some/file"),
        ("KeyboardInterrupt()", 130, "interrupted"),
    ],
)
def test_a_mistake_of_ours_is_never_exit_1(tmp_path: Path, error: str, code: int, text: str) -> None:
    command = [sys.executable, "-P", "-c", PATCHED.format(error=error)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == code
    assert result.stdout == ""
    assert text in result.stderr
    assert "Traceback" not in result.stderr
    assert "\x1b" not in result.stderr
    assert len(result.stderr) < 1_000


def test_a_reader_that_goes_away_is_neither_a_traceback_nor_a_finding(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"'})
    command = [str(Path(sys.executable).parent / "sovlint"), "check", "--no-config", "-f", "json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        error = process.stderr.read().decode()
        assert process.wait(LIMIT_SECONDS) == 2
    assert "Traceback" not in error
    assert "Exception" not in error


# --- which rules


def test_select_and_ignore_take_codes_and_prefixes(whole: Path) -> None:
    every = {f["rule"]: f["severity"] for f in Outcome(whole).findings}
    assert set(every) >= {"SOV101", "SOV103", "SOV109", "SOV201", "SOV401", "SOV601", "SOV602"}

    def starting(*prefixes: str) -> set[str]:
        return {rule for rule in every if rule.startswith(prefixes)}

    cases: dict[tuple[str, ...], set[str]] = {
        ("--select", "SOV101"): {"SOV101"},
        ("--select", "SOV1"): starting("SOV1"),
        ("--select", "sov10, SOV6"): starting("SOV10", "SOV6"),
        ("--select", "SOV4", "--select", "SOV601"): starting("SOV4", "SOV601"),
        ("--ignore", "SOV1,SOV6"): set(every) - starting("SOV1", "SOV6"),
        ("--select", "SOV1", "--ignore", "SOV101"): starting("SOV1") - {"SOV101"},
        # The longer prefix decides.
        ("--select", "SOV,SOV101", "--ignore", "SOV1"): set(every) - starting("SOV1") | {"SOV101"},
        ("--select", "SOV101", "--ignore", "SOV101"): set(),
    }
    for args, expected in cases.items():
        out = Outcome(whole, *args)
        assert out.rules == expected, args
        assert out.code == int(any(every[rule] in ("critical", "high") for rule in expected)), args
        assert out.report["summary"]["resources"] == 4


def test_the_severity_that_fails(whole: Path) -> None:
    order = ("critical", "high", "medium", "low", "note", "never")
    # One process per pair says nothing more than the pairs beside the border.
    for args, severity in ((("--select", "SOV201"), "medium"), (("--select", "SOV6", "--ignore", "SOV602"), "high")):
        rank = order.index(severity)
        assert [Outcome(whole, *args, "--fail-on", order[i]).code for i in (rank - 1, rank, rank + 1)] == [0, 1, 1]
    assert Outcome(whole, "--fail-on", "never").code == 0
    assert Outcome(whole, "--select", "SOV109", "--fail-on", "note").code == 1
    write(whole, {"x.tf": "x = = 1\n"})
    assert Outcome(whole, "--fail-on", "never").code == 2


def test_what_an_undetermined_place_means(whole: Path) -> None:
    quiet = ("--select", "SOV109")
    note, ignored, failed = (
        Outcome(whole, *quiet, "--unknown", how, "--fail-on", "never") for how in ("note", "ignore", "fail")
    )
    assert (note.code, ignored.code, failed.code) == (0, 0, 1)
    assert (note.rules, ignored.rules, failed.rules) == ({"SOV109"}, set(), {"SOV109"})
    assert Outcome(whole, *quiet).code == 0
    assert {out.report["summary"]["undetermined"] for out in (note, ignored, failed)} == {1}
    assert note.report["inputs"] == ["var.x"]
    assert Outcome(whole, *quiet, "--unknown", "fail", "--var", "x=eu-west-1").code == 0


def test_an_undetermined_place_that_is_waived_does_not_fail(tmp_path: Path) -> None:
    waiver = "# sovlint:waive SOV109 until=2030-01-01 owner=me reason=x\n"
    write(tmp_path, {"main.tf": 'variable "x" {}\n' + waiver + 'resource "aws_s3_bucket" "u" { region = var.x }\n'})
    args = ("--unknown", "fail", "--today", "2026-12-31")
    waived = Outcome(tmp_path, *args)
    assert (waived.rules & {"SOV109"}, waived.code) == (set(), 0)
    assert Outcome(tmp_path, *args, "--no-waivers").code == 1


def test_confidence(tmp_path: Path) -> None:
    text = 'variable "n" {}\nvariable "r" { default = "us-east-1" }\n'
    for name, region, more in (
        ("lit", '"us-east-1"', ""),
        ("res", "var.r", ""),
        ("heu", '"us-east-1"', "count = var.n"),
    ):
        text += f'resource "aws_s3_bucket" "{name}" {{\n  region = {region}\n  {more}\n}}\n'
    write(tmp_path, {"main.tf": text})
    names = {"literal": {"lit"}, "resolved": {"lit", "res"}, "heuristic": {"lit", "res", "heu"}}
    for least, expected in names.items():
        out = Outcome(tmp_path, "--min-confidence", least, "--select", "SOV101")
        found = {a.removeprefix("aws_s3_bucket.").removesuffix("[*]"): f for f in out.findings for a in f["affects"]}
        assert set(found) == expected
        # What is less certain is left out, not hidden in the counts.
        assert out.report["summary"]["findings"]["critical"] == len(expected)
    assert {name: f["confidence"] for name, f in found.items()} == {
        "lit": "literal",
        "res": "resolved",
        "heu": "heuristic",
    }


# --- profiles


def test_the_dutch_profile_accepts_switzerland(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": PROVIDER % '"eu-central-2"'})
    baseline = Outcome(tmp_path)
    dutch = Outcome(tmp_path, "--profile", "nl-rijk-2026")
    assert (baseline.report["profile"], dutch.report["profile"]) == ("eu-baseline", "nl-rijk-2026")
    assert baseline.regions() == [("main.tf", 2, 12)]
    assert baseline.one("SOV101")["place"]["country"] == "CH"
    assert dutch.regions() == []
    # It is stricter about who runs it.
    assert (baseline.one("SOV201")["severity"], dutch.one("SOV201")["severity"]) == ("medium", "high")
    assert dutch.code == 1
    assert {c.partition(":")[0] for c in dutch.one("SOV201")["informs"]} & {"nl-cloud-2026"}
    assert {f["profile"] for f in dutch.findings} == {"nl-rijk-2026"}
    write(tmp_path, {"main.tf": PROVIDER % '"eu-west-2"'})
    assert Outcome(tmp_path, "--profile", "nl-rijk-2026").one("SOV101")["place"]["country"] == "GB"


# --- grouping


def test_one_finding_per_resource_instead_of_one_per_cause(whole: Path) -> None:
    grouped, single = Outcome(whole), Outcome(whole, "--no-group")
    (one,) = [f for f in grouped.findings if f["rule"] == "SOV101"]
    assert one["affects"] == ["aws_dynamodb_table.t", "aws_rds_cluster.c", "aws_s3_bucket.a"]
    many = [f for f in single.findings if f["rule"] == "SOV101"]
    assert [f["affects"] for f in many] == [[address] for address in one["affects"]]
    assert {(f["path"], f["line"], f["column"]) for f in many} == {("main.tf", 2, 12)}
    for out in (grouped, single):
        marks = [f["fingerprint"] for f in out.findings]
        assert len(set(marks)) == len(marks)
        assert sum(out.report["summary"]["findings"].values()) == len(marks)
    pairs = {(f["rule"], a) for f in grouped.findings for a in f["affects"]}
    assert pairs == {(f["rule"], a) for f in single.findings for a in f["affects"]}


def test_fingerprints_do_not_depend_on_lines_or_neighbours(whole: Path) -> None:
    def marks(out: Outcome) -> dict[str, str]:
        return {f["rule"]: f["fingerprint"] for f in out.findings}

    before = marks(Outcome(whole))
    write(whole, {"main.tf": "# a\n\n" + WHOLE + '\nresource "aws_s3_bucket" "more" {}\n'})
    assert marks(Outcome(whole)) == before


# --- what else standard error says


def test_quiet_and_verbose(whole: Path) -> None:
    write(whole, {"x.tf": "x = = 1\n"})
    assert "x.tf:1:5" in Outcome(whole).run.stderr
    assert Outcome(whole, "-q").run.stderr == ""
    write(whole, {"many.tf": "".join(f'resource "aws_s3_bucket" "m{i}" {{}}\n' for i in range(30))})
    short, long = (run_sovlint(["check", "--no-config", *args], cwd=whole).stdout for args in ([], ["-v"]))
    assert "aws_s3_bucket.m29" not in short
    assert "more" in short
    assert "aws_s3_bucket.m29" in long


def test_colours_only_where_they_are_wanted(whole: Path) -> None:
    def text(*args: str, **env: str) -> str:
        return run_sovlint(["check", "--no-config", *args], cwd=whole, env=env).stdout

    plain = text()
    assert "\x1b[" not in plain
    assert text("--color", "never", FORCE_COLOR="1") == plain
    coloured = text("--color", "always", NO_COLOR="1")
    assert "\x1b[" in coloured


def test_counts_agree_with_the_findings(whole: Path) -> None:
    out = Outcome(whole)
    by_severity = {
        severity: len(list(group)) for severity, group in itertools.groupby(sorted(f["severity"] for f in out.findings))
    }
    assert {k: v for k, v in out.report["summary"]["findings"].items() if v} == by_severity
    assert out.report["summary"]["files"] == 1
    assert out.report["schema"] == "sovlint-report/1"
    assert json.loads(out.run.stdout)["tool"]["name"] == "sovlint"
