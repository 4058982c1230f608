"""Input that is small and becomes large, or is nested without end: named as a problem, or looked at in part."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import BUCKET, GOOD, GOOD_PLACE, POD, PROVIDER, Cases, Outcome, write

from support import run_sovlint

DEEP = 20_000


def local(value: str) -> str:
    return f"locals {{\n  x = {value}\n}}\n"


DEEP_TERRAFORM = {
    "tuple": local("[" * DEEP + "]" * DEEP),
    "parens": local("(" * DEEP + "1" + ")" * DEEP),
    "object": local("{a=" * DEEP + "1" + "}" * DEEP),
    "template": local('"${' * DEEP + "1" + '}"' * DEEP),
    "not": local("!" * DEEP + "true"),
    "minus": local("-" * DEEP + "1"),
    "call": local("f(" * DEEP + ")" * DEEP),
    "conditional": local("true ? 1 : " * DEEP + "2"),
    "blocks": "a {\n" * DEEP + "}\n" * DEEP,
    "for": local("[for a in " * DEEP + "b" + " : a]" * DEEP),
    "if": local('"' + "%{ if true }" * DEEP + "x" + "%{ endif }" * DEEP + '"'),
}


def test_deeply_nested_terraform_is_a_problem(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {name: {"main.tf": text} for name, text in DEEP_TERRAFORM.items()})
    assert cases.out.code == 2
    for name in DEEP_TERRAFORM:
        assert {path for path, _ in cases.problems(name)} == {"main.tf"}, name


DEEP_YAML = {
    "flow-list": "apiVersion: v1\nkind: Pod\nx: " + "[" * DEEP + "]" * DEEP + "\n",
    "flow-map": "apiVersion: v1\nkind: Pod\nx: " + "{a: " * DEEP + "}" * DEEP + "\n",
    "block": "apiVersion: v1\nkind: Pod\nx:\n" + "".join(" " * i + "a:\n" for i in range(1, 3000)),
    "dashes": "apiVersion: v1\nkind: Pod\nx: " + "- " * DEEP + "\n",
}


def test_deeply_nested_yaml_is_a_problem(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {name: {"pod.yaml": text} for name, text in DEEP_YAML.items()})
    assert cases.out.code == 2
    for name in DEEP_YAML:
        assert {path for path, _ in cases.problems(name)} == {"pod.yaml"}, name


LONG = {
    "index": "b" + "[0]" * DEEP,
    "attribute": "b" + ".c" * DEEP,
    "splat": "b" + "[*]" * DEEP,
    "sum": "1" + " + 1" * DEEP,
    "and": "true" + " && true" * DEEP,
    "parts": '"' + "${1}" * DEEP + '"',
    "items": "[" + "1," * DEEP + "]",
    "long-line": '"' + "x" * 2_000_000 + '"',
}


def test_long_expressions_are_read_and_reports_stay_small(tmp_path: Path) -> None:
    cases = Cases(
        tmp_path,
        {name: {"main.tf": local(value) + PROVIDER % "local.x"} for name, value in LONG.items()},
        forms=("text", "concise", "sarif"),
    )
    for name in LONG:
        assert "aws_s3_bucket.b" in cases.affected(name), name
    for text in (cases.out.run.stdout, *cases.out.others.values()):
        assert len(text) < 400_000


# --- aliases

LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 30))

ALIASES = {
    "laughs": "apiVersion: v1\nkind: Pod\n" + LAUGHS + "spec: {containers: *a29}\n",
    "merges": "apiVersion: v1\nkind: Pod\n" + MERGES + "spec: *a29\n",
    "cycle": "apiVersion: v1\nkind: Pod\nspec: &x {containers: [*x], template: {spec: *x}}\n",
    "list-cycle": "apiVersion: v1\nkind: List\nitems: &x [*x]\n",
}


def test_alias_bombs_end(tmp_path: Path) -> None:
    files = {name: {"pod.yaml": text, "values.yaml": text} for name, text in ALIASES.items()}
    decoded = local('yamldecode(file("data.yaml"))') + "locals {\n  j = jsonencode(local.x)\n}\n" + PROVIDER % "local.j"
    cases = Cases(tmp_path, {**files, "decoded": {"data.yaml": LAUGHS, "main.tf": decoded}})
    assert len(cases.out.run.stdout) < 200_000
    assert "aws_s3_bucket.b" in cases.affected("decoded")


# --- size


def test_files_above_the_size_limit_are_named_and_not_read(good: Path) -> None:
    write(good, {"big/main.tf": b"# x\n" * 3_000_000, "big/pod.yaml": POD.encode() + b"# x\n" * 3_000_000})
    out = Outcome(good)
    assert {path for path, code in out.warnings if code == "too-large"} == {"big/main.tf", "big/pod.yaml"}
    assert out.code == 1
    assert out.regions() == [GOOD_PLACE]


LIMITED = "locals {\n  x = [%s]\n}\n"
CROWDED = {
    "tf": {"main.tf": LIMITED % ("1," * 300_000)},
    "blocks": {"main.tf": "a {\n}\n" * 150_000},
    "comments": {"main.tf": "#\n" * 300_000},
    "tf-json": {"main.tf.json": '{"locals": {"x": [' + "[]," * 300_000 + "[]]}}"},
    "manifest": {"pod.yaml": POD + "x: [" + "1," * 300_000 + "1]\n"},
    "documents": {"pod.yaml": ("---\n" + POD) * 30_000},
    "values": {"values.yaml": "x: [" + "1," * 300_000 + "1]\n"},
    "template": {"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/x.yaml": "{{ x }}\n" * 150_000},
    "pipeline": {".gitlab-ci.yml": "a: {image: b}\n" * 150_000},
}


@pytest.mark.parametrize("name", CROWDED)
def test_files_of_too_many_elements_are_named_and_cost_little(good: Path, name: str) -> None:
    """Such a file of ten megabytes would be a syntax tree of gigabytes."""
    write(good, {f"big/{path}": text for path, text in CROWDED[name].items()})
    out = Outcome(good, timeout=10)
    assert (out.code, out.problems) == (1, [])
    assert [code for path, code in out.warnings if path.startswith("big/")] == ["too-large"]
    assert out.regions() == [GOOD_PLACE]


def test_the_size_limit_is_the_users(good: Path) -> None:
    big = b"# x\n" * 60_000  # 240 kB
    write(good, {"big/main.tf": GOOD.encode() + big, "big/pod.yaml": POD.encode() + big, "plan.json": b" " * 300_000})
    assert Outcome(good).warnings == []
    limited = Outcome(good, "--size-limit", "0.2", ".")
    assert limited.code == 1
    assert limited.warnings == [("big/main.tf", "too-large"), ("big/pod.yaml", "too-large"), ("plan.json", "too-large")]
    assert "(size-limit)" in limited.report["problems"][0]["message"]
    assert limited.regions() == [GOOD_PLACE]
    write(good, {".sovlint.yaml": "size-limit: 0.2\n"})
    assert Outcome(good, config=True).warnings == limited.warnings
    # The command line wins, and more than the default may be asked for.
    assert Outcome(good, "--size-limit", "20", ".", config=True).warnings == []
    write(good, {"big/main.tf": GOOD.encode() + b"#" * 12_000_000})
    assert Outcome(good).warnings == [("big/main.tf", "too-large")]
    assert ("big/main.tf", 1, 27) in Outcome(good, "--size-limit", "20", ".").regions()


@pytest.mark.parametrize("words", ["0", "-1", "101", "x", "nan"])
def test_a_size_limit_is_a_number(good: Path, words: str) -> None:
    refused = run_sovlint(["check", "--size-limit", words, "."], cwd=good)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "size-limit" in refused.stderr
    write(good, {".sovlint.yaml": f"size-limit: {words}\n"})
    refused = run_sovlint(["check", "."], cwd=good)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert ".sovlint.yaml:1:1: size-limit is a number of megabytes" in refused.stderr


def test_a_plan_above_the_limit_is_an_error(good: Path) -> None:
    """Nothing else is judged then: exit 0 would be a lie."""
    write(good, {"plan.json": '{"planned_values": [' + "1," * 1_100_000 + "1]}"})
    out = Outcome(good, "--plan", "plan.json", "good")
    assert out.code == 2
    assert out.problems == [("plan.json", "too-large")]
    assert Outcome(good, "--plan", "plan.json", "--size-limit", "1", "good").problems == [("plan.json", "too-large")]


def _growing() -> str:
    """Locals that double sixty times, each in another way."""
    start = {"s": '"aaaaaaaa"', "l": '["a", "b"]', "n": '"x"', "p": '["a", "b"]', "m": "{}"}
    form = {
        "s": '"${local.s%d}${local.s%d}"',
        "l": "concat(local.l%d, local.l%d)",
        "n": "[local.n%d, local.n%d]",
        "p": "setproduct(local.p%d, local.p%d)",
        "m": "{ a = local.m%d, b = local.m%d }",
    }
    lines = [f"  {name}0 = {value}\n" for name, value in start.items()]
    lines += [f"  {name}{i} = {text % (i - 1, i - 1)}\n" for name, text in form.items() for i in range(1, 60)]
    return "locals {\n" + "".join(lines) + "}\n"


GROWN = {
    "text": "local.s59",
    "replaced": 'replace(local.s59, "a", local.s59)',
    "list": 'join("", local.l59)',
    "nested": "jsonencode(local.n59)",
    "nested-yaml": "yamlencode(local.n59)",
    "flattened": 'join("", flatten(local.n59))',
    "compared": 'local.n59 == local.n58 ? "a" : "b"',
    "product": "jsonencode(local.p59)",
    "objects": "jsonencode(local.m59)",
    "merged": "keys(merge(local.m59, local.m58))[0]",
    "loops": "jsonencode([for i in range(1024) : [for j in range(1024) : [for k in range(1024) : k]]])",
    "for": 'join("", [for a in local.n59 : join("", [for b in a : "x"])])',
}


@pytest.mark.parametrize("name", GROWN)
def test_values_that_grow_without_end_stay_small(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"x/main.tf": _growing() + PROVIDER % GROWN[name]})
    out = Outcome(tmp_path, timeout=10)
    assert "aws_s3_bucket.b" in out.affected("x")
    assert len(out.run.stdout) < 100_000


# --- numbers of instances and modules


def test_many_instances_end(tmp_path: Path) -> None:
    arguments = [
        "count = 1000000000",
        "count = 1e300",
        "count = -1",
        "count = 1.5",
        'count = "x"',
        "for_each = toset([for i in range(1024) : tostring(i)])",
        'for_each = { for p in setproduct(range(100), range(100)) : "${p[0]}-${p[1]}" => p }',
    ]
    cases = Cases(
        tmp_path,
        {
            argument: {"main.tf": PROVIDER % '"us-east-1"' + f'resource "aws_s3_bucket" "c" {{\n  {argument}\n}}\n'}
            for argument in arguments
        },
    )
    for argument in arguments:
        assert cases.regions(argument) == [("main.tf", 2, 12)], argument


def test_unknown_numbers_give_one_placeholder_that_is_judged(tmp_path: Path) -> None:
    arguments = ["for_each = var.unknown", "count = var.unknown", "for_each = toset([var.unknown])"]
    text = (
        'variable "unknown" {}\nprovider "aws" { region = "eu-west-1" }\n'
        'resource "aws_s3_bucket" "b" {\n  %s\n  region = "us-east-1"\n}\n'
    )
    cases = Cases(tmp_path, {argument: {"main.tf": text % argument} for argument in arguments})
    for argument in arguments:
        assert cases.regions(argument) == [("main.tf", 5, 12)]
        (finding,) = [f for f in cases.findings(argument) if f["rule"] == "SOV101"]
        assert finding["affects"] == ["aws_s3_bucket.b[*]"]


def test_towers_of_modules_do_not_explode(tmp_path: Path) -> None:
    tower: dict[str, str] = {
        f"m{i}/main.tf": f'module "a" {{ source = "../m{i + 1}" }}\nmodule "b" {{ source = "../m{i + 1}" }}\n'
        for i in range(40)
    }
    tower["m40/main.tf"] = BUCKET
    each = {
        "m/main.tf": 'module "m" {\n  source   = "./"\n  for_each = toset(["a", "b", "c"])\n}\n'
        'module "n" {\n  source = "../n"\n  count = 3\n}\n',
        "n/main.tf": 'module "m" {\n  source = "../m"\n  count = 3\n}\n',
    }
    Cases(tmp_path, {"tower": tower, "each": each})


# --- long chains


def test_long_chains_of_locals_are_followed(tmp_path: Path) -> None:
    def chain(links: int, form: str) -> str:
        steps = "".join(f"  l{i} = {form % (i - 1)}\n" for i in range(1, links + 1))
        return 'locals {\n  l0 = "us-east-1"\n' + steps + "}\n" + PROVIDER % f"local.l{links}"

    cases = Cases(
        tmp_path,
        {
            "100": {"main.tf": chain(100, "local.l%d")},
            "1000": {"main.tf": chain(1_000, "local.l%d")},
            "endless": {"main.tf": chain(20_000, "upper(local.l%d)")},
        },
    )
    assert cases.out.problems == []
    assert cases.regions("100") == cases.regions("1000") == [("main.tf", 2, 8)]
    # Undetermined, not a crash.
    assert "aws_s3_bucket.b" in cases.affected("endless")
