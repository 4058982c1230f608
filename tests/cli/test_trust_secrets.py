"""Reports are shown to others and printed on terminals: no sensitive value, nothing that a terminal would obey."""

from __future__ import annotations

# ruff: noqa: E501 - files of the input, as they are
import json
from pathlib import Path

from check_runs import BUCKET, POD, Cases, Outcome, write

from sovlint.output import FORMATS

# --- sensitive values

SECRET = "ap-southeast-3"
"""A region outside the zone, so that a finding is about it."""

PROVIDER = 'provider "aws" {\n  region = %s\n}\n' + BUCKET

MARKED = 'variable "r" {\n  sensitive = true\n%s}\n'

SENSITIVE: dict[str, dict[str, str]] = {
    "default": {"main.tf": MARKED % f'  default = "{SECRET}"\n' + PROVIDER % "var.r"},
    "one-line": {
        "main.tf": f'variable "r" {{ default = "{SECRET}" }}\n'.replace("{ ", "{\n  sensitive = true\n  ", 1).replace(
            " }", "\n}"
        )
        + PROVIDER % "var.r"
    },
    "tfvars": {"main.tf": MARKED % "" + PROVIDER % "var.r", "terraform.tfvars": f'r = "{SECRET}"\n'},
    "json": {"main.tf": MARKED % "" + PROVIDER % "var.r", "terraform.tfvars.json": f'{{"r": "{SECRET}"}}\n'},
    "local": {"main.tf": MARKED % f'  default = "{SECRET}"\n' + "locals {\n  r = var.r\n}\n" + PROVIDER % "local.r"},
    "template": {
        "main.tf": MARKED % '  default = "ap-southeast"\n' + PROVIDER % '"${var.r}-3"',
    },
    "function": {"main.tf": MARKED % f'  default = "{SECRET.upper()}"\n' + PROVIDER % "lower(var.r)"},
    "element": {
        "main.tf": MARKED % f'  default = {{\n    a = ["{SECRET}"]\n  }}\n' + PROVIDER % "var.r.a[0]",
    },
    "index": {
        "main.tf": MARKED % '  default = "a"\n'
        + f'locals {{\n  of = {{ a = "{SECRET}" }}\n}}\n'
        + PROVIDER % "local.of[var.r]",
    },
    "condition": {
        "main.tf": MARKED % "  default = true\n" + PROVIDER % 'var.r ? join("-", ["ap", "southeast-3"]) : "eu-west-1"',
    },
    "sensitive()": {"main.tf": PROVIDER % 'sensitive(join("-", ["ap", "southeast-3"]))'},
    "object": {
        "main.tf": 'variable "r" {\n  sensitive = true\n  type = object({ x = string })\n'
        f'  default = {{\n    x = "{SECRET}"\n  }}\n}}\n' + PROVIDER % "var.r.x",
    },
    "argument": {
        "main.tf": MARKED % f'  default = "{SECRET}"\n' + 'module "m" {\n  source = "./m"\n  r = var.r\n}\n',
        "m/main.tf": 'variable "r" {}\n' + PROVIDER % "var.r",
    },
    "marked-inside": {
        "main.tf": 'module "m" {\n  source = "./m"\n  r = join("-", ["ap", "southeast-3"])\n}\n',
        "m/main.tf": MARKED % "" + PROVIDER % "var.r",
    },
    "output": {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n' + PROVIDER % "module.m.r",
        "m/main.tf": 'output "r" {\n  sensitive = true\n  value = join("-", ["ap", "southeast-3"])\n}\n',
    },
    "each": {
        "main.tf": MARKED % f'  default = "{SECRET}"\n' + 'resource "aws_s3_bucket" "b" {\n'
        "  for_each = { x = var.r }\n  region = each.value\n}\n",
    },
    "dynamic": {
        "main.tf": MARKED % f'  default = ["{SECRET}"]\n' + 'provider "aws" {\n  region = "us-east-1"\n}\n'
        'resource "aws_dynamodb_table" "b" {\n  dynamic "replica" {\n    for_each = var.r\n    content {\n'
        "      region_name = replica.value\n    }\n  }\n}\n",
    },
    "backend": {
        "main.tf": MARKED % f'  default = "{SECRET}"\n'
        + 'terraform {\n  backend "s3" {\n    region = var.r\n  }\n}\n'
        + PROVIDER % '"us-east-1"',
    },
}

FORMS = tuple(form for form in FORMATS if form != "json")


def shown(out: Outcome) -> str:
    return out.run.stdout + out.run.stderr + "".join(out.others.values())


def test_sensitive_values_are_never_printed(tmp_path: Path) -> None:
    cases = Cases(tmp_path, SENSITIVE, "-v", "--no-group", "--show-waived", ".", forms=FORMS)
    for name, files in SENSITIVE.items():
        # They are judged all the same.
        assert cases.rules(name) & {"SOV101", "SOV103"}, name
        assert files
    text = shown(cases.out)
    for secret in (SECRET, "ap-southeast", "AP-SOUTHEAST", "Jakarta"):
        assert secret not in text
    for name in SENSITIVE:
        for finding in cases.findings(name):
            assert SECRET not in json.dumps(finding)


def test_sensitive_values_of_flags_and_environment(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": MARKED % "" + PROVIDER % "var.r"})
    for args, env in (
        (["--var", f"r={SECRET}"], {}),
        ([], {"TF_VAR_r": SECRET}),
    ):
        out = Outcome(tmp_path, "-v", *args, ".", env=env, forms=FORMS)
        assert "SOV101" in out.rules
        assert "southeast-3" not in shown(out)
        assert out.one("SOV101")["value"] is None
    # What is wrong with a value is said without the value.
    typed = MARKED % "  type = list(number)\n"
    write(tmp_path, {"main.tf": typed + PROVIDER % "var.r[0]", "x.tfvars": f'r = ["{SECRET}"]\n'})
    for args in (["--var-file", "x.tfvars"], ["--var", f'r=["{SECRET}"]'], ["--var", f"r=[{SECRET}"]):
        out = Outcome(tmp_path, *args, ".", forms=FORMS)
        assert "southeast-3" not in shown(out)


def test_the_fingerprint_of_a_sensitive_value_does_not_tell_it(tmp_path: Path) -> None:
    """A fingerprint is a hash of known parts: with few possible values it could be tried out."""
    marks = set()
    for secret in ("us-east-1", "us-west-2"):
        write(tmp_path, {"main.tf": MARKED % f'  default = "{secret}"\n' + PROVIDER % "var.r"})
        marks.add(Outcome(tmp_path, "--select", "SOV101", ".").one("SOV101")["fingerprint"])
    assert len(marks) == 1


# --- terminals

RED, CLEAR, BELL, OVERRIDE, C1, LINK = "\\u001b[31m", "\\u001b[2J", "\\u0007", "\\u202e", "\\u009b31m", "\\u001b]8;;"

RAW = ("\x1b", "\x07", "\u202e", "\x9b", "\u2066", "\r", "\x00", "\x7f", "\u200f")
"""What must not be in anything that a terminal shows."""

ESCAPES: dict[str, dict[str, str]] = {
    "region": {"main.tf": PROVIDER % f'"us-east-1{RED}{CLEAR}{BELL}"'},
    "override": {"main.tf": PROVIDER % f'"{OVERRIDE}us-east-1{C1}"'},
    "forged": {"main.tf": PROVIDER % '"x\\nmain.tf:1:1: SOV101 critical forged [affects 1]"'},
    "raw": {"main.tf": PROVIDER % '"us-east-1\x1b[31m\x07\u202e\x9b"'},
    "comment": {"main.tf": PROVIDER % '"us-east-1" # \x1b[31m\x07\u202e\x9b \u2066 \u200f \x7f'},
    "return": {"main.tf": PROVIDER % '"us-east-1" # x\rSOV000'},
    "key": {
        "main.tf": 'resource "aws_s3_bucket" "b" {\n  region = "us-east-1"\n'
        f'  for_each = toset(["{RED}{CLEAR}\\nforged", "{OVERRIDE}"])\n}}\n',
    },
    "label": {"main.tf": f'resource "aws_s3_bucket" "b{RED}" {{\n  region = "us-east-1"\n}}\n'},
    "type": {"main.tf": f'resource "aws_s3_bucket{RED}{BELL}" "b" {{\n  region = "us-east-1"\n}}\n'},
    "module": {"main.tf": f'module "m" {{\n  source = "git::https://x/{RED}{LINK}"\n  region = "us-east-1"\n}}\n'},
    "missing-module": {"main.tf": f'module "m" {{\n  source = "./{RED}{OVERRIDE}"\n}}\n'},
    "unknown": {"main.tf": PROVIDER % f'file("{RED}{BELL}\\nforged")'},
    "error": {"main.tf": PROVIDER % f'{{}}["{RED}{OVERRIDE}"]'},
    "syntax": {"main.tf": "x = \x1b[31m \x07 \u202e\n" + PROVIDER % '"us-east-1"'},
    "waiver": {
        "main.tf": PROVIDER
        % '"us-east-1" # sovlint:waive SOV101 until=2030-01-01 owner="\x1b[31m" reason="\x07 \u202e x"',
    },
    "image": {"pod.yaml": POD.replace("docker.io/library/nginx:1", '"docker.io/x/\\e[31m\\a\\u202E:1"')},
    "manifest": {"pod.yaml": POD.replace("{name: p}", '{name: "p\\e[31m\\u202E\\nforged", namespace: "\\e[2J"}')},
    "yaml-error": {"pod.yaml": POD + 'x: "\\e[31m\\q"\ny: [\u202e\x85\n'},
    "host": {"pod.yaml": POD.replace("docker.io/library", '"\\e[31mexample.com/x').replace("nginx:1", 'nginx:1"')},
    "values": {
        "Chart.yaml": 'apiVersion: v2\nname: "c\\e[31m"\nversion: 1.0.0\n',
        "values.yaml": 'image:\n  repository: "docker.io/x/\\e[31m"\n  "\\e[2Jtag": 1\nregion: "us-east-1\\u202E"\n',
    },
    "tfvars": {
        "main.tf": 'variable "r" {}\n' + PROVIDER % "var.r",
        "terraform.tfvars": f'r = "us-east-1{RED}{OVERRIDE}"\n',
    },
}


def test_nothing_of_the_input_is_obeyed_by_a_terminal(tmp_path: Path) -> None:
    cases = Cases(tmp_path, ESCAPES, "-v", "--show-waived", "--today", "2026-12-31", ".", forms=("text", "concise"))
    # The same with the problems on standard error only, and all findings apart.
    single = Outcome(tmp_path, "-v", "--no-group", "--no-waivers", ".", forms=("text", "sarif"))
    for out in (cases.out, single):
        for text in (out.run.stdout, out.run.stderr, *out.others.values()):
            for character in RAW:
                assert character not in text, repr(text[max(0, text.find(character) - 200) :][:400])
    lines = (cases.out.others["text"] + cases.out.others["concise"] + cases.out.run.stderr).splitlines()
    assert not [line for line in lines if line.startswith(("forged", "main.tf:1:1: SOV101"))]
    # Programs get the text itself.
    values = json.dumps([f["affects"] for f in cases.out.findings])
    assert "\\u001b[31m" in values


def test_colours_do_not_let_the_input_through(tmp_path: Path) -> None:
    cases = Cases(tmp_path, ESCAPES, "--color", "always", "-v", ".", forms=("text",))
    text = cases.out.others["text"]
    assert "\x1b[" in text
    for sequence in ("\x1b[2J", "\x1b]8", "\x07", "\u202e", "\x9b"):
        assert sequence not in text


# --- secrets beside what is found

BESIDE = "hunter2-s3cr3t-4711"

SECRETS: dict[str, dict[str, str]] = {
    "terraform": {
        "main.tf": 'provider "aws" {\n  region     = "us-east-1"\n  secret_key = "SECRET"\n}\nresource "aws_db_instance" "d" {\n'
        '  password = "SECRET"\n  tags     = { region = "us-east-1", token = "SECRET" }\n}\nlocals {\n  all = { r = "us-east-1", password = "SECRET" }\n}\n'
        'provider "aws" {\n  alias  = "x"\n  region = local.all.r\n}\nresource "aws_s3_bucket" "b" {\n  provider = aws.x\n}\n'
    },
    "tfvars": {
        "main.tf": 'variable "c" {}\nprovider "aws" {\n  region = var.c.region\n}\nresource "aws_s3_bucket" "b" {}\n',
        "terraform.tfvars": 'c = { region = "us-east-1", password = "SECRET" }\n',
    },
    "manifest": {
        "k.yaml": POD.replace("image: docker.io/library/nginx:1", "image: docker.io/library/nginx:1\n      env: [{name: P, value: SECRET}]")
        + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {region: us-east-1, url: 'https://u:SECRET@s3.us-east-1.amazonaws.com/x'}\n"
    },
    "flow": {
        "k.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: docker.io/a/b:1, env: [{name: P, value: SECRET}]}]}\n"
    },
    "values": {
        "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "values.yaml": "db: {password: SECRET, region: us-east-1}\nimage: {repository: docker.io/a/b, pullSecret: SECRET}\n",
    },
    "json": {"k.json": '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"docker.io/a/b:1","env":[{"name":"P","value":"SECRET"}]}]}}\n'},
    "pipeline": {".gitlab-ci.yml": "variables: {TOKEN: SECRET, AWS_REGION: us-east-1}\njob: {image: docker.io/a/b, script: x}\n"},
}  # fmt: skip
"""Secrets on lines of their own and on the line of what is found."""


def test_secrets_beside_what_is_found_are_not_printed(tmp_path: Path) -> None:
    forms = tuple(form for form in FORMATS if form != "json")
    files = {n: {p: t.replace("SECRET", BESIDE) for p, t in case.items()} for n, case in SECRETS.items()}
    cases = Cases(tmp_path, files, "-v", "--no-group", ".", forms=forms)
    for name in SECRETS:
        assert cases.findings(name), name
    leaks = {form: text for form, text in {**cases.out.others, "json": cases.out.run.stdout}.items() if BESIDE in text}
    lines = {form: [line for line in text.splitlines() if BESIDE in line][:4] for form, text in leaks.items()}
    assert not leaks, lines
    assert BESIDE not in cases.out.run.stderr
