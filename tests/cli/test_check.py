"""`sovlint check` as a user holds it: options, configuration, exit codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import run_sovlint

INPUT = 'variable "r" {}\nprovider "aws" {\n  region = var.r\n}\nresource "aws_s3_bucket" "b" {}\n'


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def region(folder: Path, *args: str, env: Mapping[str, str] | None = None) -> str | None:
    """The region that SOV101 reports, in the folder `folder`."""
    result = run_sovlint(["check", "-f", "json", "--select", "SOV101", *args, "."], cwd=folder, env=env)
    assert "Traceback" not in result.stderr
    findings = json.loads(result.stdout)["findings"]
    return findings[0]["place"]["region"] if findings else None


# --- configuration


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("selct: [SOV1]\n", [":1:1", "selct", "select", "profile"]),
        ("fail-on: loud\n", [":1:1", "critical", "never"]),
        ("unknown: perhaps\n", [":1:1", "ignore, note, fail"]),
        ("fail-on: high\nselect: SOV1\n", [":2:1", "list"]),
        ("fail-on: high\nselect: [XYZ]\n", [":2", "XYZ", "SOV1"]),
        ("ignore: [SOV1, region]\n", [":1", "region"]),
        ("profile: nope\n", [".sovlint.yaml:1", "nope", "eu-baseline", "nl-rijk-2026"]),
        ("terraform: {var-file: [x]}\n", [":1", "var-files"]),
        ("fail-on: high\nfail-on: low\n", [":2:1", "fail-on"]),
        ("- a\n", [":1:1", "mapping"]),
        ("profile: [x\n", [":2:1"]),
        ("x: !!python/object/apply:os.system [id]\n", [":1:4"]),
    ],
)
def test_errors_in_the_configuration_name_file_line_and_what_is_allowed(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    write(tmp_path, {"main.tf": INPUT, ".sovlint.yaml": text})
    result = run_sovlint(["check", "."], cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    for part in (".sovlint.yaml", *parts):
        assert part in result.stderr


def test_a_rule_code_that_does_not_exist_is_not_silently_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": INPUT})
    result = run_sovlint(["check", "--no-config", "--select", "SOV999", "."], cwd=tmp_path)
    assert result.returncode == 2
    assert "SOV999" in result.stderr


# --- Terraform inputs

LAYERS = [
    ("TF_VAR_r", "us-east-1"),
    ("terraform.tfvars", "us-east-2"),
    ("terraform.tfvars.json", "us-west-1"),
    ("a.auto.tfvars", "us-west-2"),
    ("b.auto.tfvars.json", "ca-central-1"),
    ("c.auto.tfvars", "sa-east-1"),
]


@pytest.mark.parametrize("count", range(1, len(LAYERS) + 1))
def test_later_inputs_win(tmp_path: Path, count: int) -> None:
    write(tmp_path, {"main.tf": INPUT})
    env = {}
    for name, value in LAYERS[:count]:
        if name == "TF_VAR_r":
            env[name] = value
        else:
            write(tmp_path, {name: json.dumps({"r": value}) if name.endswith("json") else f'r = "{value}"\n'})
    assert region(tmp_path, env=env) == LAYERS[count - 1][1]
    assert region(tmp_path, "--var", "r=me-south-1", env=env) == "me-south-1"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--var", "r=us-east-1", "--var-file", "x.tfvars"], "us-east-2"),
        (["--var-file", "x.tfvars", "--var", "r=us-east-1"], "us-east-1"),
        (["--var-file=x.tfvars", "--var=r=us-east-1"], "us-east-1"),
        (["--var=r=us-east-1", "--var-file=x.tfvars", "--var", "r=us-west-1"], "us-west-1"),
        (["--var-file", "x.tfvars", "--var-file", "y.tfvars"], "us-west-2"),
        (["--var-file", "y.tfvars", "--var-file", "x.tfvars"], "us-east-2"),
        (["--var", "r=us-east-1", "--exclude", "--var", "--var-file", "x.tfvars"], "us-east-2"),
        (["--exclude", "--var-file", "--var-file", "x.tfvars", "--var", "r=us-east-1"], "us-east-1"),
    ],
)
def test_flags_win_in_the_order_of_the_command_line(tmp_path: Path, args: list[str], expected: str) -> None:
    write(tmp_path, {"main.tf": INPUT, "x.tfvars": 'r = "us-east-2"\n', "y.tfvars": 'r = "us-west-2"\n'})
    write(tmp_path, {"a.auto.tfvars": 'r = "sa-east-1"\n'})
    assert region(tmp_path, *args) == expected


# --- waivers

BUCKET = 'resource "aws_s3_bucket" "b" {}\n'


def rules(folder: Path, *args: str) -> list[str]:
    result = run_sovlint(["check", "--no-config", "-f", "json", "--today", "2026-12-31", *args, "."], cwd=folder)
    return [f["rule"] for f in json.loads(result.stdout)["findings"]]


def test_two_waivers_on_one_line_both_hold(tmp_path: Path) -> None:
    waiver = "sovlint:waive {} until=2026-12-31 owner=me reason=x"
    line = f'provider "aws" {{ region = "us-east-1" }} /* {waiver.format("SOV101")} */ # {waiver.format("SOV201")}\n'
    write(tmp_path, {"main.tf": line + BUCKET})
    assert rules(tmp_path) == []


@pytest.mark.parametrize("until", ["20261231", "2026-W53-4", "31-12-2026", "2026-13-01", "2026-12-31T00:00", "never"])
def test_a_waiver_with_a_malformed_day_waives_nothing(tmp_path: Path, until: str) -> None:
    waiver = f"# sovlint:waive SOV101 until={until} owner=me reason=x\n"
    write(tmp_path, {"main.tf": waiver + 'provider "aws" { region = "us-east-1" }\n' + BUCKET})
    assert "SOV101" in rules(tmp_path)


def test_a_day_is_written_in_one_way(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    assert run_sovlint(["check", "--today", "20261231", "."], cwd=tmp_path).returncode == 2
