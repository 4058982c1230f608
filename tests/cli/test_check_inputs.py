"""Terraform inputs: what wins over what, as the real Terraform decides it."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from check_runs import BUCKET, LIMIT_SECONDS, Outcome, write

from sovlint.discovery import WorkingTree
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root
from sovlint.resolve.terraform.values import NotKnown, plain
from support import run_sovlint

INPUT = 'variable "r" {}\nprovider "aws" {\n  region = var.r\n}\n' + BUCKET

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="the binary `terraform` is not on PATH: nothing to compare with"
)


def region(folder: Path, *args: str, env: Mapping[str, str] | None = None) -> str | None:
    """The region that SOV101 reports in a folder."""
    found = [f for f in Outcome(folder, *args, ".", env=env).findings if f["rule"] == "SOV101"]
    value: str | None = found[0]["place"]["region"] if found else None
    return value


# --- the command line

LAYERS = [
    ("TF_VAR_r", "us-east-1"),
    ("terraform.tfvars", "us-east-2"),
    ("terraform.tfvars.json", "us-west-1"),
    ("a.auto.tfvars", "us-west-2"),
    ("b.auto.tfvars.json", "ca-central-1"),
    ("c.auto.tfvars", "sa-east-1"),
]


def test_later_inputs_win(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": INPUT})
    env = {}
    for name, value in LAYERS:
        if name == "TF_VAR_r":
            env[name] = value
        else:
            write(tmp_path, {name: json.dumps({"r": value}) if name.endswith("json") else f'r = "{value}"\n'})
        assert region(tmp_path, env=env) == value
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


def test_where_a_value_from_outside_stands(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": INPUT, "vars/x.tfvars": '# x\nr = "us-east-2"\n'})
    for args, env, flag in (
        (("--var", "r=us-east-1"), {}, "--var r"),
        ((), {"TF_VAR_r": "us-east-1"}, "TF_VAR_r"),
    ):
        finding = Outcome(tmp_path, *args, ".", env=env).one("SOV101")
        assert (finding["path"], finding["line"], finding["column"]) == ("main.tf", 1, 10)
        assert finding["resource"] == "var.r"
        assert flag in " ".join(hop["note"] for hop in finding["via"])
    # Of a file, its own place; files are relative to the working directory, not to the module.
    write(tmp_path, {"sub/main.tf": INPUT})
    for out in (
        Outcome(tmp_path / "vars", "--var-file", "x.tfvars", "../sub"),
        Outcome(tmp_path, "--var-file", str(tmp_path / "vars/x.tfvars"), "sub"),
    ):
        if out.code != 2:  # without a repository, the first run's tree is `sub`, which does not hold the file
            assert out.regions() == [("vars/x.tfvars", 2, 5)]
        else:
            assert [code for _, code in out.problems] == ["outside-tree"]


def test_a_missing_variables_file_and_an_undeclared_variable(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": INPUT})
    missing = Outcome(tmp_path, "--var-file", "nope.tfvars", "--var", "r=us-east-1", ".")
    assert missing.code == 2
    assert missing.problems == [("nope.tfvars", "missing")]
    assert missing.report["findings"] != []
    # Variables files are shared between root modules: not every one declares everything.
    undeclared = Outcome(tmp_path, "--var", "r=us-east-1", "--var", "other=x", ".")
    assert undeclared.code == 1
    assert undeclared.problems == []


def test_missing_values_are_named_with_the_files_that_were_not_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": INPUT, "envs/prod.tfvars": 'r = "us-east-1"\n', "envs/test.tfvars": ""})
    finding = Outcome(tmp_path).one("SOV109")
    assert finding["inputs"] == ["var.r"]
    assert "envs/prod.tfvars" in finding["message"]
    assert "envs/test.tfvars" in finding["message"]
    assert Outcome(tmp_path, "--var-file", "envs/prod.tfvars", ".").regions() == [("envs/prod.tfvars", 1, 5)]


def test_the_workspace(tmp_path: Path) -> None:
    regions = 'locals {\n  of = { default = "us-east-1", prod = "us-west-1", eu = "eu-west-1" }\n}\n'
    write(tmp_path, {"main.tf": regions + 'provider "aws" {\n  region = local.of[terraform.workspace]\n}\n' + BUCKET})
    assert region(tmp_path) == "us-east-1"
    assert region(tmp_path, "--workspace", "prod") == "us-west-1"
    assert region(tmp_path, "--workspace=eu") is None
    assert Outcome(tmp_path, "--workspace", "other", ".").rules >= {"SOV109"}


def test_variables_files_that_git_ignores_are_read_and_shown(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "*.tfvars\n*.tfvars.json\n", "m/main.tf": INPUT})
    write(tmp_path, {"m/x.auto.tfvars.json": '{\n  "r": "us-east-1"\n}\n'})
    assert Outcome(tmp_path).regions() == [("m/x.auto.tfvars.json", 2, 8)]


# --- against the real one


def terraform(folder: Path, flags: Sequence[str], env: Mapping[str, str], expression: str) -> Any:
    """What the real `terraform console` says of an expression; None if it reports an error."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    result = subprocess.run(
        ["terraform", "console", *flags],
        cwd=folder,
        input=f"base64encode(jsonencode({expression}))\n",
        env={**environment, "CHECKPOINT_DISABLE": "1", **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    if result.returncode != 0:
        return None
    return json.loads(base64.b64decode(result.stdout.strip().strip('"')))


def ours(folder: Path, arguments: Sequence[tuple[str, str]], env: Mapping[str, str], names: Sequence[str]) -> Any:
    """The same of ours, variable by variable."""
    given = Given({k.removeprefix("TF_VAR_"): v for k, v in env.items()}, arguments)
    loaded = load_root(FolderCache(WorkingTree(folder)), "", given)
    out: dict[str, Any] = {}
    for address in names:
        name = address.removeprefix("var.")
        place = loaded.root.folder.variables[name].label_span
        try:
            out[name] = plain(loaded.root.variable(name, place))
        except NotKnown as error:
            out[name] = f"unknown: {error.unknown.reason}"
    return out


def flag_words(arguments: Sequence[tuple[str, str]]) -> list[str]:
    return [f"-{kind}={text}" for kind, text in arguments]


SOURCES = ("default", "env", "terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars", "b.auto.tfvars.json", "flag")


@needs_terraform
def test_every_combination_of_sources_is_decided_as_terraform_decides(tmp_path: Path) -> None:
    sets = [s for n in range(1, len(SOURCES) + 1) for s in itertools.combinations(SOURCES, n)]
    names = {f"v{i}": chosen for i, chosen in enumerate(sets)}
    text = ""
    files: dict[str, dict[str, str]] = {name: {} for name in SOURCES if "tfvars" in name}
    env, arguments = {}, []
    for name, chosen in names.items():
        default = '  default = "default"\n' if "default" in chosen else ""
        text += f'variable "{name}" {{\n{default}}}\n'
        for source in chosen:
            if source in files:
                files[source][name] = source
            elif source == "env":
                env[f"TF_VAR_{name}"] = "env"
            elif source == "flag":
                arguments.append(("var", f"{name}=flag"))
    write(tmp_path, {"main.tf": text})
    for path, values in files.items():
        lines = "".join(f'{name} = "{value}"\n' for name, value in values.items())
        write(tmp_path, {path: json.dumps(values) if path.endswith("json") else lines})
    wanted = terraform(tmp_path, flag_words(arguments), env, "{ " + ", ".join(f"{n} = var.{n}" for n in names) + " }")
    assert wanted is not None
    assert ours(tmp_path, arguments, env, list(names)) == wanted


ORDERS: list[list[tuple[str, str]]] = [
    list(order)
    for order in itertools.permutations([("var", "r=flag"), ("var-file", "x.tfvars"), ("var-file", "y.tfvars.json")])
]


@needs_terraform
def test_flags_in_every_order_are_decided_as_terraform_decides(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'variable "r" {}\n', "x.tfvars": 'r = "x"\n', "y.tfvars.json": '{"r": "y"}'})
    write(tmp_path, {"z.auto.tfvars": 'r = "z"\n'})
    for arguments in ORDERS:
        wanted = terraform(tmp_path, flag_words(arguments), {}, "{ r = var.r }")
        assert (
            ours(tmp_path, arguments, {}, ["r"]) == wanted == {"r": arguments[-1][1].partition("=")[2] or wanted["r"]}
        )


TYPED = """
variable "untyped" {}
variable "text" { type = string }
variable "number" { type = number }
variable "flag" { type = bool }
variable "list" { type = list(string) }
variable "set" { type = set(string) }
variable "map" { type = map(number) }
variable "object" { type = object({ a = string, b = optional(number, 5), c = optional(string) }) }
variable "tuple" { type = tuple([string, number]) }
variable "any" { type = any }
variable "not_null" {
  default  = "default"
  nullable = false
}
variable "null" { default = "default" }
"""

VALUES: list[dict[str, str]] = [
    {
        "untyped": "[1]",
        "text": "[1]",
        "number": "05",
        "flag": "true",
        "list": '["b", "a", "b"]',
        "set": '["b", "a", "b"]',
        "map": '{ x = "1", "y" = 2 }',
        "object": '{ a = 1, d = "dropped" }',
        "tuple": '["x", "2"]',
        "any": '["x", 1]',
        "not_null": "x",
        "null": "null",
    },
    {
        "untyped": "a=b=c",
        "text": " spaced ",
        "number": "1e3",
        "flag": "false",
        "list": "[]",
        "set": "[1, true]",
        "map": "{}",
        "object": '{ a = "${1 + 1}", c = null }',
        "tuple": '["", 0]',
        "any": "{ a = 1 }",
        "not_null": "null",
        "null": "",
    },
]


@needs_terraform
@pytest.mark.parametrize("values", VALUES, ids=["first", "second"])
@pytest.mark.parametrize("way", ["var", "env", "tfvars", "json"])
def test_values_are_read_as_terraform_reads_them(tmp_path: Path, way: str, values: dict[str, str]) -> None:
    write(tmp_path, {"main.tf": TYPED})
    arguments: list[tuple[str, str]] = []
    env: dict[str, str] = {}
    quoted = ("text", "untyped", "not_null") if way == "tfvars" else ()
    if way == "var":
        arguments = [("var", f"{name}={text}") for name, text in values.items()]
    elif way == "env":
        env = {f"TF_VAR_{name}": text for name, text in values.items()}
    elif way == "tfvars":
        lines = [
            f"{name} = {json.dumps(text) if name in quoted else text or 'null'}\n" for name, text in values.items()
        ]
        write(tmp_path, {"terraform.tfvars": "".join(lines).replace("= 05", "= 5")})
    else:
        data = {
            "untyped": [1, "x", None],
            "text": 5,
            "number": "1e3",
            "flag": "true",
            "list": ["b", 1, True],
            "set": ["b", "a", "b"],
            "map": {"x": "1"},
            "object": {"a": "${1 + 1}", "b": None},
            "tuple": ["x", 2.50],
            "any": {"a": [1.0, 12345678901234567890]},
            "not_null": None,
            "null": None,
        }
        write(tmp_path, {"terraform.tfvars.json": json.dumps(data)})
    expression = "{ " + ", ".join(f'"{name}" = var.{name}' for name in values) + " }"
    wanted = terraform(tmp_path, flag_words(arguments), env, expression)
    assert wanted is not None
    got = ours(tmp_path, arguments, env, list(values))
    assert json.loads(json.dumps(got, default=float)) == wanted


def test_the_command_line_passes_all_of_it_on(tmp_path: Path) -> None:
    """One run with everything: environment, files, flags, types."""
    text = (
        'variable "of" { type = map(string) }\nvariable "key" {}\nvariable "names" { type = list(string) }\n'
        'resource "aws_s3_bucket" "b" {\n  for_each = toset(var.names)\n  region   = var.of[each.key]\n}\n'
    )
    write(tmp_path, {"main.tf": text, "x.tfvars": 'names = ["a", "b"]\n'})
    env = {"TF_VAR_of": '{ a = "us-east-1", b = "eu-west-1" }', "TF_VAR_key": "unused", "TF_VAR_other": "["}
    result = run_sovlint(
        ["check", "--no-config", "-f", "json", "--var-file", "x.tfvars"], cwd=tmp_path, env=env, timeout=LIMIT_SECONDS
    )
    findings = [f for f in json.loads(result.stdout)["findings"] if f["rule"] == "SOV101"]
    assert [(f["affects"], f["line"], f["column"]) for f in findings] == [(['aws_s3_bucket.b["a"]'], 1, 10)]
