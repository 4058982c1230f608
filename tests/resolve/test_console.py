"""`sovlint console` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support import run_sovlint

MAIN = """\
variable "region" { default = "eu-west-1" }
variable "size" { type = number }
variable "password" {
  default   = "hunter2"
  sensitive = true
}
locals {
  place = "${var.region}a"
  names = ["a", "b"]
}
"""


def answers(folder: Path, lines: str, *options: str) -> list[dict[str, Any]]:
    result = run_sovlint(["console", folder, "--no-config", *options], cwd=folder, stdin=lines)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(MAIN)
    return tmp_path


def test_one_line_of_json_for_every_line(folder: Path) -> None:
    got = answers(folder, "1 + 1\n\nlocal.names\nupper(\n")
    assert [set(answer) & {"value", "unknown", "error"} for answer in got] == [
        {"value"},
        {"error"},
        {"value"},
        {"error"},
    ]
    assert got[0]["value"] == 2
    assert got[1] == {"error": "empty"}
    assert got[2]["value"] == ["a", "b"]
    assert got[3]["column"] >= 1


def test_the_way_of_a_value_is_told(folder: Path) -> None:
    (answer,) = answers(folder, "var.region\n")
    assert answer["value"] == "eu-west-1"
    assert answer["cause"] == {"path": "main.tf", "line": 1, "column": 31}
    assert answer["via"][0]["note"] == "var.region: default applies, no value is given"


def test_a_composed_value_names_the_origins_of_its_parts(folder: Path) -> None:
    (answer,) = answers(folder, "local.place\n")
    assert answer["value"] == "eu-west-1a"
    assert any("var.region" in step["note"] for step in answer["via"])


def test_variables_are_given_as_to_terraform(folder: Path) -> None:
    (folder / "x.tfvars").write_text('region = "eu-north-1"\n')
    assert answers(folder, "var.region\n", "--var", "region=eu-south-1")[0]["value"] == "eu-south-1"
    assert answers(folder, "var.region\n", "--var-file", "x.tfvars")[0]["value"] == "eu-north-1"
    (folder / "terraform.tfvars").write_text("size = 3\n")
    assert answers(folder, "var.size / 2\n")[0]["value"] == 1.5
    assert answers(folder, "terraform.workspace\n", "--workspace", "prod")[0]["value"] == "prod"


def test_what_is_not_known_has_a_reason(folder: Path) -> None:
    whole, part = answers(folder, "var.size\n[var.size, 1]\n")
    assert whole["unknown"] == "var.size has no value"
    assert whole["inputs"] == ["var.size"]
    assert part["partial"] == [{"unknown": "var.size has no value"}, 1]


@pytest.mark.parametrize(
    "expression",
    [
        "var.password",
        '"x${var.password}"',
        "[var.password]",
        "{ a = var.password }",
        "tonumber(var.password)",
        "{}[var.password]",
        "{ for x in [1, 2] : var.password => x }",
        "jsondecode(var.password)",
        "yamldecode(var.password)",
        'formatdate("YYYY", var.password)',
        "lookup({}, var.password)",
        "upper(var.password) == 1 ? 1 : tonumber(var.password)",
        "nope(var.password)",
        "templatefile(var.password, {})",
        "file(var.password)",
        "var.password + 1",
        "var.password ? 1 : 2",
        "[for x in [var.password] : x + 1]",
        "regex(var.password, var.password)",
        "sha1(var.password)",
        "strrev(var.password)",
    ],
)
def test_a_sensitive_value_is_never_printed(folder: Path, expression: str) -> None:
    result = run_sovlint(["console", folder, "--no-config"], cwd=folder, stdin=expression + "\n")
    shown = result.stdout + result.stderr
    for secret in ("hunter2", "HUNTER2", "2retnuh", "f3bbbd66a63d4bf1747940578ec3d0103530e21d"):
        assert secret not in shown
    assert result.returncode == 0


def test_a_sensitive_value_says_so(folder: Path) -> None:
    (answer,) = answers(folder, "var.password\n")
    assert answer["unknown"] == "sensitive"
    (answer,) = answers(folder, "nonsensitive(length(var.password))\n")
    assert answer["value"] == 7


def test_numbers_are_exact(folder: Path) -> None:
    result = run_sovlint(["console", folder], cwd=folder, stdin="9007199254740993\n10 / 3\n0.1 + 0.2\n")
    first, second, third = result.stdout.splitlines()
    assert '"value": 9007199254740993,' in first
    assert second.count("3") > 150
    assert '"value": 0.3,' in third


def test_nothing_outside_the_tree_is_read(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    lines = 'file("/etc/passwd")\nfile("../../../../etc/passwd")\nfile("link")\nfileexists("/etc/passwd")\n'
    lines += 'fileset("/etc", "*")\nfileset(".", "../*")\nfilesha1("link")\ntemplatefile("/etc/passwd", {})\n'
    for answer in answers(folder, lines):
        assert answer["unknown"], answer


def test_type_is_for_the_console_alone(folder: Path) -> None:
    outer, inner = answers(folder, "type([1])\n[type(1)]\n")
    assert outer["value"] == "tuple([\n    number,\n])"
    assert "error" in inner


def test_a_broken_module_is_reported_and_answers_go_on(folder: Path) -> None:
    (folder / "broken.tf").write_text("locals {\n")
    result = run_sovlint(["console", folder], cwd=folder, stdin="var.region\n")
    assert result.returncode == 2
    assert "broken.tf" in result.stderr
    assert json.loads(result.stdout)["value"] == "eu-west-1"


def test_no_such_folder(folder: Path) -> None:
    assert run_sovlint(["console", folder / "nope"], cwd=folder, stdin="1\n").returncode == 2
    assert run_sovlint(["console", folder, folder], cwd=folder, stdin="1\n").returncode == 2
    assert run_sovlint(["console", folder, "--var-file", "nope"], cwd=folder, stdin="1\n").returncode == 2


def test_input_that_is_no_text(folder: Path) -> None:
    result = run_sovlint(["console", folder], cwd=folder, stdin="\x00\x01\n" + "(" * 100_000 + "\n" + "1\n")
    kinds = [json.loads(line) for line in result.stdout.splitlines()]
    assert [("error" in kind) for kind in kinds] == [True, True, False]
