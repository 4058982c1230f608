"""Input that is broken, binary, endless or meant to harm: a clear problem with a place, everything else still linted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support import run_sovlint

GOOD = 'provider "aws" { region = "us-east-1" }\nresource "aws_s3_bucket" "good" {}\n'
"""One wrong region: SOV101 at 1:27."""

POD = """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: docker.io/library/nginx:1
"""


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8")
        target.write_bytes(content)


class Outcome:
    """One run with `--format json`."""

    def __init__(self, folder: Path, *args: str) -> None:
        arguments = args or (".",)
        self.run: subprocess.CompletedProcess[str] = run_sovlint(
            ["check", "--no-config", "-f", "json", *arguments], cwd=folder
        )
        assert "Traceback" not in self.run.stderr, self.run.stderr
        assert "Warning" not in self.run.stderr, self.run.stderr
        assert self.run.returncode in (0, 1, 2), self.run
        assert self.run.stdout, self.run.stderr
        self.report: dict[str, Any] = json.loads(self.run.stdout)

    @property
    def code(self) -> int:
        return self.run.returncode

    @property
    def places(self) -> list[tuple[str, str, int, int]]:
        """(rule, path, line, column) of every finding."""
        return [(f["rule"], f["path"], f["line"], f["column"]) for f in self.report["findings"]]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(path, code) of every problem that is an error."""
        return [(p["path"], p["code"]) for p in self.report["problems"] if p.get("level", "error") == "error"]

    @property
    def warnings(self) -> list[tuple[str, str]]:
        return [(p["path"], p["code"]) for p in self.report["problems"] if p.get("level") == "warning"]

    def regions(self, rule: str = "SOV101") -> list[tuple[str, int, int]]:
        return [(path, line, column) for code, path, line, column in self.places if code == rule]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A folder with one file that has one finding."""
    write(tmp_path, {"good/main.tf": GOOD})
    return tmp_path


GOOD_PLACE = ("good/main.tf", 1, 27)

# --- broken Terraform


def test_every_error_of_a_broken_file_is_reported_and_the_other_blocks_are_linted(good: Path) -> None:
    write(
        good,
        {
            "bad/main.tf": (
                'provider "aws" {\n  region = "us-west-2"\n}\n\n'
                'resource "aws_s3_bucket" "a" {\n  bucket = = "x"\n}\n\n'
                'resource "aws_s3_bucket" "b" {}\n\n'
                'resource "aws_s3_bucket" "c" {\n  tags = { a = }\n}\n\n'
                'resource "aws_dynamodb_table" "d" {}\n'
            ),
        },
    )
    out = Outcome(good)
    assert out.code == 2
    assert {path for path, _ in out.problems} == {"bad/main.tf"}
    lines = [p["line"] for p in out.report["problems"]]
    assert 6 in lines and 12 in lines
    assert ("bad/main.tf", 2, 12) in out.regions()
    assert GOOD_PLACE in out.regions()
    affected = {a for f in out.report["findings"] if f["path"] == "bad/main.tf" for a in f["affects"]}
    assert {"aws_s3_bucket.b", "aws_dynamodb_table.d"} <= affected


@pytest.mark.parametrize(
    "text",
    ['resource "aws_s3_bucket" "a" {', "}", 'a = "', "a = <<E\nx", "/* never closed", "{{{{", 'x = "${', "\\", "= 1"],
    ids=["open-block", "close", "open-string", "heredoc", "comment", "braces", "open-template", "backslash", "equals"],
)
def test_a_file_cut_off_anywhere_is_a_problem_and_the_rest_is_linted(good: Path, text: str) -> None:
    write(good, {"bad/main.tf": text})
    out = Outcome(good)
    assert out.code == 2
    assert [path for path, _ in out.problems][:1] == ["bad/main.tf"]
    assert GOOD_PLACE in out.regions()


def test_a_broken_file_does_not_hide_the_other_files_of_its_module(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.tf": 'variable "r" {\n  default = \n}\n',
            "b.tf": 'provider "aws" { region = "us-east-1" }\n',
            "c.tf": 'resource "aws_s3_bucket" "x" {}\n',
        },
    )
    out = Outcome(tmp_path)
    assert out.code == 2
    assert out.problems[0][0] == "a.tf"
    assert out.regions() == [("b.tf", 1, 27)]


def test_broken_tfvars(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'variable "r" {}\nprovider "aws" { region = var.r }\nresource "aws_s3_bucket" "x" {}\n',
            "terraform.tfvars": 'x = = 1\nr = "us-east-1"\n',
        },
    )
    out = Outcome(tmp_path)
    assert out.code == 2
    assert out.problems == [("terraform.tfvars", "syntax")]
    assert out.regions() == [("terraform.tfvars", 2, 5)]


# --- broken YAML

BROKEN_MANIFEST = "apiVersion: v1\nkind: Pod\nspec: [\n"


def test_broken_yaml_that_looks_like_a_manifest_is_a_problem(good: Path) -> None:
    write(good, {"k/pod.yaml": BROKEN_MANIFEST})
    out = Outcome(good)
    assert out.code == 2
    assert [path for path, _ in out.problems] == ["k/pod.yaml"]
    assert GOOD_PLACE in out.regions()


@pytest.mark.parametrize(
    "text", ["a: [\n", "\t: x", "{% if x %}\na: {{ y }}\n{% endif %}\n", "kind: Pod\nspec: [\n", "a: b: c\n"]
)
def test_broken_yaml_of_somebody_else_is_none_of_our_business(good: Path, text: str) -> None:
    write(good, {"other/notes.yaml": text})
    out = Outcome(good)
    assert out.problems == []
    assert out.code == 1


def test_broken_yaml_that_was_named_is_a_problem(good: Path) -> None:
    write(good, {"other/notes.yaml": "a: [\n"})
    out = Outcome(good, "other/notes.yaml", "good")
    assert out.code == 2
    assert [path for path, _ in out.problems] == ["other/notes.yaml"]
    assert GOOD_PLACE in out.regions()


@pytest.mark.parametrize("name", ["Chart.yaml", "values.yaml", "values-prod.yaml", "kustomization.yaml"])
def test_broken_yaml_with_a_special_name_is_a_problem(good: Path, name: str) -> None:
    write(good, {f"c/{name}": "a: [\n"})
    if name.startswith("values"):
        write(good, {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"})
    out = Outcome(good)
    assert out.code == 2
    assert (f"c/{name}", "syntax") in out.problems
    assert GOOD_PLACE in out.regions()


def test_one_broken_document_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": POD + "---\n" + BROKEN_MANIFEST})
    out = Outcome(tmp_path)
    assert out.code == 2
    assert ("SOV501", "all.yaml", 7, 14) in out.places


# --- encodings


@pytest.mark.parametrize("name", ["x/main.tf", "x/terraform.tfvars", "x/pod.yaml"])
def test_empty_files_are_fine(good: Path, name: str) -> None:
    write(good, {name: b""})
    out = Outcome(good)
    assert out.code == 1
    assert out.problems == []


@pytest.mark.parametrize("name", ["x/main.tf", "x/pod.yaml"])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "binary"),
        (b'a = "x\0y"\napiVersion: v1\nkind: Pod\n', "binary"),
        ('apiVersion: v1\nkind: Pod\nname: "caf\u00e9"\n'.encode("latin-1"), "encoding"),
    ],
    ids=["binary", "nul", "latin-1"],
)
def test_what_is_not_text_is_a_problem(good: Path, name: str, content: bytes, code: str) -> None:
    write(good, {name: content})
    if name.endswith(".yaml") and b"kind" not in content:
        content += b"\napiVersion: v1\nkind: Pod\n"
        write(good, {name: content})
    out = Outcome(good)
    assert out.code == 2
    assert out.problems == [(name, code)]
    assert GOOD_PLACE in out.regions()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_byte_order_marks_are_read_and_not_counted(tmp_path: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    write(tmp_path, {"main.tf": mark + GOOD.encode(encoding), "pod.yaml": mark + POD.encode(encoding)})
    out = Outcome(tmp_path)
    assert out.code == 1, out.run.stderr
    assert out.regions() == [("main.tf", 1, 27)]
    assert ("SOV501", "pod.yaml", 7, 14) in out.places


def test_utf16_without_a_mark_is_a_problem(good: Path) -> None:
    write(good, {"x/main.tf": GOOD.encode("utf-16-le")})
    out = Outcome(good)
    assert out.code == 2
    assert out.problems == [("x/main.tf", "binary")]


def test_column_of_line_one_after_a_mark_in_yaml(tmp_path: Path) -> None:
    text = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "docker.io/x/y:1"}]}}\n'
    write(tmp_path, {"pod.yaml": b"\xef\xbb\xbf" + text.encode()})
    out = Outcome(tmp_path)
    assert [place for place in out.places if place[0] == "SOV501"] == [
        ("SOV501", "pod.yaml", 1, text.index('"docker.io') + 1)
    ]


def test_carriage_returns(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"main.tf": GOOD.replace("\n", "\r\n").replace(" {}", " {\r\n}"), "pod.yaml": POD.replace("\n", "\r\n")},
    )
    out = Outcome(tmp_path)
    assert out.regions() == [("main.tf", 1, 27)]
    assert ("SOV501", "pod.yaml", 7, 14) in out.places
    assert all("\r" not in json.dumps(f) and "\\r" not in (f["value"] or "") for f in out.report["findings"])


@pytest.mark.parametrize(
    ("before", "columns"),
    [
        ("\t", 1),
        ("/* \U0001f600 */ ", 8),
        ("/* \u6f22\u5b57 */ ", 9),
        ("/* e\u0301 */ ", 9),
        ("/* \U0001f468\u200d\U0001f469 */ ", 10),
    ],
    ids=["tab", "emoji", "cjk", "combining", "zwj"],
)
def test_columns_count_code_points(tmp_path: Path, before: str, columns: int) -> None:
    write(tmp_path, {"main.tf": before + GOOD})
    out = Outcome(tmp_path)
    assert out.problems == []
    assert out.regions() == [("main.tf", 1, 27 + columns)]
    finding = next(f for f in out.report["findings"] if f["rule"] == "SOV101")
    assert finding["end_column"] - finding["column"] == len('"us-east-1"')
    text = run_sovlint(["check", "--no-config", "."], cwd=tmp_path)
    assert f"main.tf:1:{27 + columns}" in text.stdout


# --- what cannot be opened


def test_dangling_links_are_problems(good: Path) -> None:
    (good / "x").mkdir()
    (good / "x/main.tf").symlink_to("nowhere.tf")
    (good / "x/pod.yaml").symlink_to("nowhere.yaml")
    out = Outcome(good)
    assert out.code == 2
    assert ("x/main.tf", "missing") in out.problems
    assert GOOD_PLACE in out.regions()


def test_a_dangling_tfvars_link_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD})
    (tmp_path / "terraform.tfvars").symlink_to("nowhere.tfvars")
    out = Outcome(tmp_path)
    assert out.code == 2
    assert [path for path, _ in out.problems] == ["terraform.tfvars"]
    assert out.regions() == [("main.tf", 1, 27)]


def test_file_link_loops_are_problems(good: Path) -> None:
    (good / "x").mkdir()
    (good / "x/a.tf").symlink_to("b.tf")
    (good / "x/b.tf").symlink_to("a.tf")
    (good / "x/self.yaml").symlink_to("self.yaml")
    out = Outcome(good)
    assert out.code == 2
    assert {"x/a.tf", "x/b.tf"} <= {path for path, _ in out.problems}
    assert GOOD_PLACE in out.regions()


def test_folder_link_loops_end(good: Path) -> None:
    (good / "good/again").symlink_to(".")
    (good / "good/up").symlink_to("..")
    (good / "round").symlink_to("round")
    out = Outcome(good)
    assert out.regions() == [GOOD_PLACE]
    assert ("round", "link-loop") in out.problems
    assert out.code == 2


def test_a_folder_with_the_name_of_a_file(good: Path) -> None:
    write(good, {"x/main.tf/keep.txt": "", "x/terraform.tfvars/keep.txt": "", "x/pod.yaml/keep.txt": ""})
    out = Outcome(good)
    assert out.code in (1, 2)
    assert GOOD_PLACE in out.regions()


def test_an_unreadable_file_is_a_problem(good: Path) -> None:
    write(good, {"x/main.tf": GOOD, "y/pod.yaml": POD, "z/main.tf": GOOD})
    (good / "x/main.tf").chmod(0)
    (good / "y/pod.yaml").chmod(0)
    (good / "z").chmod(0)
    try:
        if os.access(good / "x/main.tf", os.R_OK):
            pytest.skip("this user may read everything (root)")
        out = Outcome(good)
    finally:
        (good / "z").chmod(0o755)
    assert out.code == 2
    assert ("x/main.tf", "unreadable") in out.problems
    assert "z" in {path for path, _ in out.problems}
    assert GOOD_PLACE in out.regions()


def test_pipes_and_sockets_in_the_tree_do_not_hang(good: Path) -> None:
    (good / "x").mkdir()
    os.mkfifo(good / "x/main.tf")
    os.mkfifo(good / "x/pod.yaml")
    os.mkfifo(good / "x/terraform.tfvars")
    os.mkfifo(good / "good/terraform.tfvars")
    with tempfile.TemporaryDirectory(prefix="s") as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        Path(f"{short}/s").rename(good / "x/socket.tf")
        out = Outcome(good)
    assert GOOD_PLACE in out.regions()


def test_a_pipe_that_is_named_does_not_hang(good: Path) -> None:
    os.mkfifo(good / "pipe.tf")
    out = Outcome(good, "pipe.tf", "good")
    assert out.code == 2
    assert [path for path, _ in out.problems] == ["pipe.tf"]
    assert GOOD_PLACE in out.regions()


def test_a_path_that_does_not_exist_does_not_stop_the_others(good: Path) -> None:
    out = Outcome(good, "nowhere", "good", "no/such/file.tf")
    assert out.code == 2
    assert sorted(out.problems) == [("no/such/file.tf", "missing"), ("nowhere", "missing")]
    assert GOOD_PLACE in out.regions()


def test_only_a_path_that_does_not_exist(tmp_path: Path) -> None:
    out = Outcome(tmp_path, "nowhere")
    assert out.code == 2
    assert out.problems == [("nowhere", "missing")]


# --- out of the tree


@pytest.fixture
def outside(tmp_path: Path) -> tuple[Path, Path]:
    """A tree (a repository) with a secret beside it."""
    write(tmp_path, {"secret.txt": "us-east-1", "secret.tf": GOOD, "secret.tfvars": 'r = "us-east-1"\n'})
    write(tmp_path, {"module/main.tf": GOOD, "tree/.git/HEAD": "ref: refs/heads/main\n"})
    return tmp_path / "tree", tmp_path


@pytest.mark.parametrize(
    "expression",
    [
        'file("/etc/passwd")',
        'file("../secret.txt")',
        'file("x/../../secret.txt")',
        'file("link.txt")',
        'file("${path.module}/../secret.txt")',
        'templatefile("../secret.txt", {})',
        'fileexists("../secret.txt") ? "us-east-1" : "us-east-2"',
        'trimspace(file("linked/secret.txt"))',
    ],
)
def test_files_out_of_the_tree_are_not_read(outside: tuple[Path, Path], expression: str) -> None:
    tree, beside = outside
    (tree / "link.txt").symlink_to("../secret.txt")
    (tree / "linked").symlink_to("..")
    provider = f'provider "aws" {{\n  region = {expression}\n}}\nresource "aws_s3_bucket" "b" {{}}\n'
    write(tree, {"main.tf": provider})
    out = Outcome(tree)
    findings = {f["rule"]: f for f in out.report["findings"]}
    if "fileexists" not in expression:
        assert "SOV101" not in findings
        assert "us-east-1" not in out.run.stdout
    assert "root:" not in out.run.stdout


def test_module_sources_out_of_the_tree_are_not_read(outside: tuple[Path, Path]) -> None:
    tree, _ = outside
    (tree / "inside").symlink_to("../module")
    write(tree, {"main.tf": 'module "a" { source = "../module" }\nmodule "b" { source = "./inside" }\n'})
    out = Outcome(tree)
    assert out.regions() == []
    assert out.report["summary"]["resources"] == 0


def test_links_to_files_out_of_the_tree_are_not_read(outside: tuple[Path, Path]) -> None:
    tree, _ = outside
    write(tree, {"main.tf": 'variable "r" {}\nprovider "aws" { region = var.r }\nresource "aws_s3_bucket" "x" {}\n'})
    (tree / "other.tf").symlink_to("../secret.tf")
    (tree / "terraform.tfvars").symlink_to("../secret.tfvars")
    out = Outcome(tree)
    assert out.regions() == []
    assert "us-east-1" not in out.run.stdout
    assert {path for path, _ in (*out.warnings, *out.problems)} == {"other.tf", "terraform.tfvars"}


def test_a_variables_file_out_of_the_tree_is_a_problem(outside: tuple[Path, Path]) -> None:
    tree, _ = outside
    write(tree, {"main.tf": 'variable "r" {}\nprovider "aws" { region = var.r }\nresource "aws_s3_bucket" "x" {}\n'})
    out = Outcome(tree, "--var-file", "../secret.tfvars", ".")
    assert out.code == 2
    assert [code for _, code in out.problems] == ["outside-tree"]
    assert out.regions() == []


def test_a_path_out_of_the_tree_is_a_problem(outside: tuple[Path, Path]) -> None:
    tree, beside = outside
    write(tree, {"main.tf": GOOD})
    out = Outcome(tree, ".", str(beside / "module"))
    assert out.code == 2
    assert [code for _, code in out.problems] == ["outside-tree"]
    assert out.regions() == [("main.tf", 1, 27)]


# --- bombs

DEEP = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  x = " + "[" * DEEP + "]" * DEEP + "\n}\n",
        "locals {\n  x = " + "(" * DEEP + "1" + ")" * DEEP + "\n}\n",
        "locals {\n  x = " + "{a=" * DEEP + "1" + "}" * DEEP + "\n}\n",
        "locals {\n  x = " + '"${' * DEEP + "1" + '}"' * DEEP + "\n}\n",
        "locals {\n  x = " + "!" * DEEP + "true\n}\n",
        "locals {\n  x = " + "-" * DEEP + "1\n}\n",
        "locals {\n  x = " + "f(" * DEEP + ")" * DEEP + "\n}\n",
        "locals {\n  x = " + "true ? 1 : " * DEEP + "2\n}\n",
        "a {\n" * DEEP + "}\n" * DEEP,
        "locals {\n  x = " + "[for a in " * DEEP + "b" + " : a]" * DEEP + "\n}\n",
        'locals {\n  x = "' + "%{ if true }" * DEEP + "x" + "%{ endif }" * DEEP + '"\n}\n',
    ],
    ids=["tuple", "parens", "object", "template", "not", "minus", "call", "conditional", "blocks", "for", "if"],
)
def test_deep_nesting_is_a_problem(good: Path, text: str) -> None:
    write(good, {"bomb/main.tf": text})
    out = Outcome(good)
    assert out.code == 2
    assert {path for path, _ in out.problems} == {"bomb/main.tf"}
    assert GOOD_PLACE in out.regions()


@pytest.mark.parametrize(
    "value",
    [
        "b" + "[0]" * DEEP,
        "b" + ".c" * DEEP,
        "b" + "[*]" * DEEP,
        "1" + " + 1" * DEEP,
        "true" + " && true" * DEEP,
        '"' + "${1}" * DEEP + '"',
        "[" + "1," * DEEP + "]",
        '"' + "x" * 2_000_000 + '"',
    ],
    ids=["index", "attribute", "splat", "sum", "and", "parts", "items", "long-line"],
)
def test_long_expressions_are_read(good: Path, value: str) -> None:
    text = (
        f'locals {{\n  x = {value}\n}}\nprovider "aws" {{\n  region = local.x\n}}\nresource "aws_s3_bucket" "b" {{}}\n'
    )
    write(good, {"long/main.tf": text})
    out = Outcome(good)
    assert GOOD_PLACE in out.regions()
    assert len(out.run.stdout) < 200_000
    text_run = run_sovlint(["check", "--no-config", "long"], cwd=good)
    assert len(text_run.stdout) < 200_000
    assert "Traceback" not in text_run.stderr


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nx: " + "[" * DEEP + "]" * DEEP + "\n",
        "apiVersion: v1\nkind: Pod\nx: " + "{a: " * DEEP + "}" * DEEP + "\n",
        "apiVersion: v1\nkind: Pod\nx:\n" + "".join(" " * i + "a:\n" for i in range(1, 3000)),
        "apiVersion: v1\nkind: Pod\nx: " + "- " * DEEP + "\n",
    ],
    ids=["flow-list", "flow-map", "block", "dashes"],
)
def test_deep_yaml_is_a_problem(good: Path, text: str) -> None:
    write(good, {"bomb/pod.yaml": text})
    out = Outcome(good)
    assert out.code == 2
    assert {path for path, _ in out.problems} == {"bomb/pod.yaml"}
    assert GOOD_PLACE in out.regions()


LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 30))


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\n" + LAUGHS + "spec: {containers: *a29}\n",
        "apiVersion: v1\nkind: Pod\n" + MERGES + "spec: *a29\n",
        "apiVersion: v1\nkind: Pod\nspec: &x {containers: [*x], template: {spec: *x}}\n",
        "apiVersion: v1\nkind: List\nitems: &x [*x]\n",
    ],
    ids=["laughs", "merges", "cycle", "list-cycle"],
)
def test_alias_bombs_end(good: Path, text: str) -> None:
    write(good, {"bomb/pod.yaml": text, "bomb/values.yaml": text})
    out = Outcome(good)
    assert GOOD_PLACE in out.regions()
    assert len(out.run.stdout) < 200_000


def test_alias_bombs_in_decoded_files_end(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "data.yaml": LAUGHS,
            "main.tf": (
                'locals {\n  d = yamldecode(file("data.yaml"))\n  j = jsonencode(local.d)\n}\n'
                'provider "aws" {\n  region = local.j\n}\nresource "aws_s3_bucket" "b" {}\n'
            ),
        },
    )
    Outcome(tmp_path)


def test_files_above_the_size_limit_are_named_and_not_read(good: Path) -> None:
    write(good, {"big/main.tf": b"# x\n" * 3_000_000, "big/pod.yaml": POD.encode() + b"# x\n" * 3_000_000})
    out = Outcome(good)
    assert {path for path, code in out.warnings if code == "too-large"} == {"big/main.tf", "big/pod.yaml"}
    assert out.code == 1
    assert GOOD_PLACE in out.regions()


def test_values_that_grow_without_end_stay_small(tmp_path: Path) -> None:
    doubling = "".join(f'  s{i} = "${{local.s{i - 1}}}${{local.s{i - 1}}}"\n' for i in range(1, 60))
    lists = "".join(f"  l{i} = concat(local.l{i - 1}, local.l{i - 1})\n" for i in range(1, 60))
    nested = "".join(f"  n{i} = [local.n{i - 1}, local.n{i - 1}]\n" for i in range(1, 60))
    text = (
        'locals {\n  s0 = "aaaaaaaa"\n  l0 = ["a", "b"]\n  n0 = "x"\n' + doubling + lists + nested + "}\n"
        'provider "aws" {\n  region = local.s59\n}\nresource "aws_s3_bucket" "b" {\n'
        '  bucket = join("", local.l59)\n  region = jsonencode(local.n59)\n}\n'
    )
    write(tmp_path, {"main.tf": text})
    Outcome(tmp_path)


@pytest.mark.parametrize(
    "expression",
    [
        "range(1000000000)",
        'format("%1000000000s", "x")',
        'format("%.1000000000f", 1)',
        "pow(10, 1000)",
        "pow(9, pow(9, 9))",
        "1e999999 * 1e999999",
        "1e999999",
        '"${1e999999}"',
        "9" * 10_000,
        '"a" == ' + "9" * 5_000,
        'regex("(a+)+$", "' + "a" * 60 + 'b")',
        'regex("(a|aa)+$", "' + "a" * 60 + 'b")',
        'regex("(a|a)*b", "' + "a" * 60 + '")',
        'regex("(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "' + "a" * 200 + '")',
        'replace("' + "a" * 60 + 'b", "/(a|aa)+$/", "x")',
        'replace("hello", "/l(.)/", "$1x")',
        'replace("hello", "/l/", "\\\\")',
        'format("%*d", 5, 1)',
        'format("%d", "x")',
        'format("%x", "x")',
        'format("%[0]d", 1)',
        'format("%[99999999999]d", 1)',
        'indent(100000000, "a\\nb")',
        "setproduct(range(1000), range(1000), range(1000))",
        'substr("abc", 1e30, 1)',
        'substr("abc", 0.5, 1)',
        'substr("abc", null, 1)',
        'element(["a"], 1e30)',
        'parseint("' + "9" * 5000 + '", 10)',
        'base64decode("////")',
        'jsondecode("' + "[" * 5000 + '")',
        'yamldecode("' + "[" * 5000 + '")',
        'jsondecode("' + "9" * 5000 + '")',
        'csvdecode("\\"a")',
        'cidrsubnet("10.0.0.0/8", 1000000000, 1)',
        'cidrsubnet("::/0", 64, 1e30)',
        'cidrhost("::/0", -1)',
        'cidrsubnets("10.0.0.0/8", -5)',
        "log(0, 0)",
        "log(-1, 2)",
        "log(2, 1)",
        'transpose({ a = "x" })',
        "transpose({ a = [[1]] })",
        "transpose({ a = null })",
        "transpose(null)",
        "alltrue(null)",
        "anytrue(5)",
        "sort(null)",
        "flatten(null)",
        "keys(null)",
        "merge(5)",
        "zipmap(null, null)",
        "zipmap([[]], [1])",
        "lookup(null, null)",
        "contains(null, 1)",
        "sum([null])",
        "max(null)",
        "ceil(null)",
        'floor("1e999999999")',
        "ceil(1e99999)",
        'abs("x")',
        'join(null, ["a"])',
        'join(",", null)',
        'split(null, "a")',
        'split("", null)',
        "replace(null, null, null)",
        'regex(null, "a")',
        'regex("(", "a")',
        'regexall("[", "a")',
        "title(null)",
        "upper([])",
        'trim(null, "a")',
        'trimprefix("a", null)',
        'startswith(null, "a")',
        "chunklist(null, 1)",
        "matchkeys(null, null, null)",
        "index(null, 1)",
        "slice(null, 0, 1)",
        "setunion(null)",
        "setproduct(null, null)",
        "tomap(null)",
        "file(null)",
        'file("")',
        'file("a\\u0000b")',
        'file("' + "a/" * 3000 + '")',
        'file("' + "a" * 5000 + '")',
        "templatefile(null, null)",
        'templatefile("main.tf", 5)',
        "basename(null)",
        "sensitive(null)",
        'urldecode("%ff%zz")',
        "urlencode(null)",
        'md5("\\uD800")',
        'jsonencode("\\uD800")',
        "{ for x in null : x => x }",
        "[for x in 5 : x]",
        "{ (null) = 1 }",
        "null[null]",
        "null.x",
        "5.x",
        '"x".y',
        "var",
        "var[0]",
        "local",
        "module",
        "data.x",
        "each.key",
        "count.index",
        "self.x",
        "path.x",
        "terraform.x",
        "aws_s3_bucket",
        "aws_s3_bucket.b",
        "aws_s3_bucket.b[0]",
        'aws_s3_bucket.b["x"]',
        "aws_s3_bucket.b.*.id",
        "aws_s3_bucket.b.region",
        "aws_s3_bucket.missing.region",
        "module.missing.x",
        "provider::a::b(1)",
        "::a()",
        "f(1...)",
        "max([]...)",
        "max(null...)",
        "true ? : 1",
        "!null",
        '-"x"',
        "1 / 0",
        "1 % 0",
        "null + 1",
        "null && true",
        "null ? 1 : 2",
        "[1] < [2]",
        '"${null}"',
        '"%{ for x in 5 }x%{ endfor }"',
        '"%{ if null }x%{ endif }"',
    ],
)
def test_no_expression_stops_the_run(good: Path, expression: str) -> None:
    text = f'provider "aws" {{\n  region = {expression}\n}}\n\nresource "aws_s3_bucket" "b" {{}}\n'
    write(good, {"x/main.tf": text})
    out = Outcome(good)
    assert GOOD_PLACE in out.regions()
    assert len(out.run.stdout) < 300_000


# --- names


@pytest.mark.parametrize(
    "name",
    [
        b"with space.tf",
        b"new\nline.tf",
        b"tab\t.tf",
        b"escape\x1b[31m.tf",
        b"bell\x07.tf",
        b"invalid\xff\xfe.tf",
        b"percent%20.tf",
        b"colon:1:2.tf",
        b"back\\slash.tf",
        b"'quote\".tf",
        "\u202eright-to-left.tf".encode(),
        "\u6f22\u5b57\U0001f600.tf".encode(),
        b"-f.tf",
        b"#hash?.tf",
        b"*.tf",
    ],
)
@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif"])
def test_strange_names(tmp_path: Path, name: bytes, form: str) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text(GOOD)
    result = run_sovlint(["check", "--no-config", "-f", form, "."], cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert "SOV101" in result.stdout
    for character in ("\x1b", "\x07", "\u202e"):
        assert character not in result.stdout
    if form in ("json", "sarif"):
        json.loads(result.stdout)
    else:
        assert "new\nline" not in result.stdout


@pytest.mark.parametrize("name", [b"new\nline", b"invalid\xff", b"escape\x1b[31m", b"with space"])
def test_strange_names_of_folders_and_named_paths(tmp_path: Path, name: bytes) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    folder.mkdir()
    (folder / "main.tf").write_text(GOOD)
    (folder / "pod.yaml").write_text(POD)
    (folder / "broken.tf").write_text("x = = 1\n")
    for path in (".", os.fsdecode(name), os.fsdecode(name) + "/main.tf"):
        for form in ("text", "json", "sarif"):
            result = run_sovlint(["check", "--no-config", "-f", form, path], cwd=tmp_path)
            assert result.returncode == 2, result.stderr
            assert "Traceback" not in result.stderr
            assert "SOV101" in result.stdout
            assert "\x1b" not in result.stdout + result.stderr


# --- cycles

PROVIDER = 'provider "aws" {\n  region = %s\n}\nresource "aws_s3_bucket" "b" {}\n'

CYCLES: dict[str, dict[str, str]] = {
    "local": {"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + PROVIDER % "local.a"},
    "local-self": {"main.tf": "locals {\n  a = [local.a]\n}\n" + PROVIDER % "local.a[0]"},
    "local-merge": {"main.tf": "locals {\n  a = merge(local.a, { x = 1 })\n}\n" + PROVIDER % "local.a.x"},
    "variable": {"main.tf": 'variable "a" {\n  default = var.a\n}\n' + PROVIDER % "var.a"},
    "variable-validation": {
        "main.tf": 'variable "a" {\n  default = "x"\n  validation {\n    condition = var.a != ""\n'
        '    error_message = "x"\n  }\n}\n' + PROVIDER % "var.a"
    },
    "tfvars": {"main.tf": 'variable "a" {}\n' + PROVIDER % "var.a", "terraform.tfvars": "a = var.a\n"},
    "module-self": {"main.tf": 'module "m" {\n  source = "./"\n  r = var.r\n}\nvariable "r" {}\n' + PROVIDER % "var.r"},
    "module-dot": {"main.tf": 'module "m" { source = "." }\n' + PROVIDER % '"x"'},
    "module-two": {
        "a/main.tf": 'module "b" { source = "../b" }\n' + PROVIDER % '"x"',
        "b/main.tf": 'module "a" { source = "../a" }\n' + PROVIDER % '"x"',
    },
    "module-outputs": {
        "main.tf": 'module "a" {\n  source = "./a"\n  in = module.b.out\n}\nmodule "b" {\n  source = "./b"\n'
        "  in = module.a.out\n}\n" + PROVIDER % "module.a.out",
        "a/main.tf": 'variable "in" {}\noutput "out" { value = var.in }\n',
        "b/main.tf": 'variable "in" {}\noutput "out" { value = var.in }\n',
    },
    "resources": {
        "main.tf": PROVIDER % '"us-east-1"' + 'resource "aws_subnet" "a" {\n  vpc_id = aws_subnet.c.vpc_id\n'
        "  availability_zone = aws_subnet.c.availability_zone\n}\n"
        'resource "aws_subnet" "c" {\n  vpc_id = aws_subnet.a.vpc_id\n'
        "  availability_zone = aws_subnet.a.availability_zone\n}\n"
    },
    "azure-parents": {
        "main.tf": 'provider "azurerm" {\n  features {}\n}\nresource "azurerm_subnet" "a" {\n'
        "  virtual_network_name = azurerm_virtual_network.b.name\n}\n"
        'resource "azurerm_virtual_network" "b" {\n  location = azurerm_subnet.a.location\n'
        "  resource_group_name = azurerm_resource_group.c.name\n}\n"
        'resource "azurerm_resource_group" "c" {\n  location = azurerm_virtual_network.b.location\n}\n'
    },
    "count": {"main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  count = length(aws_s3_bucket.c)\n}\n'},
    "for-each": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  for_each = aws_s3_bucket.d\n}\n'
        'resource "aws_s3_bucket" "d" {\n  for_each = aws_s3_bucket.c\n}\n'
    },
    "for-each-module": {
        "main.tf": 'module "m" {\n  source = "./m"\n  for_each = toset(module.m["a"].out)\n}\n' + PROVIDER % '"x"',
        "m/main.tf": 'output "out" { value = ["a"] }\nresource "aws_s3_bucket" "in" {}\n',
    },
    "provider": {"main.tf": PROVIDER % "aws_s3_bucket.b.region"},
    "self-attribute": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  region = aws_s3_bucket.c.region\n}\n'
    },
    "dynamic": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_dynamodb_table" "c" {\n  dynamic "replica" {\n'
        "    for_each = aws_dynamodb_table.c.replica\n    content {\n      region_name = replica.value.region_name\n"
        "    }\n  }\n}\n"
    },
    "templatefile": {"main.tf": PROVIDER % 'templatefile("t.tpl", {})', "t.tpl": '${templatefile("t.tpl", {})}'},
    "templatefile-two": {
        "main.tf": PROVIDER % 'templatefile("a.tpl", {})',
        "a.tpl": '${templatefile("b.tpl", {})}',
        "b.tpl": '${templatefile("a.tpl", {})}${templatefile("a.tpl", {})}',
    },
}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_end(good: Path, name: str) -> None:
    write(good, {f"cycle/{path}": text for path, text in CYCLES[name].items()})
    out = Outcome(good)
    assert GOOD_PLACE in out.regions()
    affected = {a for f in out.report["findings"] if f["path"].startswith("cycle/") for a in f["affects"]}
    assert any("aws_s3_bucket.b" in a for a in affected) or name in ("resources", "azure-parents"), affected


def test_a_module_that_calls_itself_with_for_each_does_not_explode(good: Path) -> None:
    write(
        good,
        {
            "m/main.tf": 'module "m" {\n  source   = "./"\n  for_each = toset(["a", "b", "c"])\n}\n'
            'module "n" {\n  source = "../n"\n  count = 3\n}\n',
            "n/main.tf": 'module "m" {\n  source = "../m"\n  count = 3\n}\n',
        },
    )
    assert GOOD_PLACE in Outcome(good).regions()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".sovlint.yaml", "[" * 30_000),
        (".sovlint.yaml", "a: &x [*x]\n"),
        (".sovlint.yaml", 'profile: "caf\u00e9'),
        (".sovlint.yaml", "profile: \x07"),
        ("pyproject.toml", "tool = 5 # [tool.sovlint]\n"),
        ("pyproject.toml", "[tool]\nsovlint = 5 # [tool.sovlint]\n"),
        ("pyproject.toml", "[tool.sovlint]\nx = " + "[" * 30_000),
    ],
)
def test_a_hostile_configuration_is_an_error_in_one_line(good: Path, name: str, text: str) -> None:
    write(good, {name: text})
    result = run_sovlint(["check", "."], cwd=good)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("sovlint: ")
    assert name in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 1_000


@pytest.mark.parametrize("name", ["a\nforged: SOV101", "a\x1b[31mred"])
def test_control_characters_in_paths_do_not_reach_standard_error(good: Path, name: str) -> None:
    result = run_sovlint(["check", "--no-config", "-f", "json", name, "good"], cwd=good)
    assert result.returncode == 2
    assert "\x1b" not in result.stderr
    assert len(result.stderr.splitlines()) == 1
    for args in (["--var-file", name], ["--profile", name], ["-f", name], ["--config", name], ["--select", name]):
        result = run_sovlint(["check", *args, "good"], cwd=good)
        assert result.returncode == 2
        assert "\x1b" not in result.stderr + result.stdout
        assert "\nforged" not in result.stderr + result.stdout


def test_a_tower_of_modules_does_not_explode(good: Path) -> None:
    files = {
        f"t/m{i}/main.tf": f'module "a" {{ source = "../m{i + 1}" }}\nmodule "b" {{ source = "../m{i + 1}" }}\n'
        for i in range(40)
    }
    files["t/m40/main.tf"] = 'resource "aws_s3_bucket" "x" {}\n'
    write(good, files)
    assert GOOD_PLACE in Outcome(good).regions()


@pytest.mark.parametrize("links", [100, 1_000])
def test_long_chains_of_locals_are_followed(tmp_path: Path, links: int) -> None:
    chain = "".join(f"  l{i} = local.l{i - 1}\n" for i in range(1, links + 1))
    write(tmp_path, {"main.tf": 'locals {\n  l0 = "us-east-1"\n' + chain + "}\n" + PROVIDER % f"local.l{links}"})
    out = Outcome(tmp_path)
    assert out.problems == []
    assert out.regions() == [("main.tf", 2, 8)]


def test_a_chain_of_locals_without_end_is_undetermined_not_a_crash(good: Path) -> None:
    chain = "".join(f"  l{i} = upper(local.l{i - 1})\n" for i in range(1, 20_001))
    write(good, {"x/main.tf": 'locals {\n  l0 = "us-east-1"\n' + chain + "}\n" + PROVIDER % "local.l20000"})
    assert GOOD_PLACE in Outcome(good).regions()


@pytest.mark.parametrize(
    "argument", ["for_each = var.unknown", "count = var.unknown", "for_each = toset([var.unknown])"]
)
def test_unknown_numbers_give_one_placeholder_that_is_judged(tmp_path: Path, argument: str) -> None:
    text = (
        'variable "unknown" {}\nprovider "aws" { region = "eu-west-1" }\n'
        f'resource "aws_s3_bucket" "b" {{\n  {argument}\n  region = "us-east-1"\n}}\n'
    )
    write(tmp_path, {"main.tf": text})
    out = Outcome(tmp_path)
    assert out.regions() == [("main.tf", 5, 12)]
    finding = next(f for f in out.report["findings"] if f["rule"] == "SOV101")
    assert finding["affects"] == ["aws_s3_bucket.b[*]"]


@pytest.mark.parametrize("argument", ["count = 1000000000", "for_each = toset([for i in range(1024) : tostring(i)])"])
def test_many_instances_end(good: Path, argument: str) -> None:
    write(good, {"x/main.tf": PROVIDER % '"us-east-1"' + f'resource "aws_s3_bucket" "c" {{\n  {argument}\n}}\n'})
    assert GOOD_PLACE in Outcome(good).regions()
