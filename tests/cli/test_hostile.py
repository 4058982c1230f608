"""Input that is broken, binary or cannot be opened: a clear problem with a place, the rest still linted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from check_runs import GOOD, GOOD_PLACE, POD, Cases, Outcome, write

from support import run_sovlint

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
    assert [(p["line"], p["column"]) for p in out.report["problems"]] == [(6, 12), (12, 16)]
    assert ("bad/main.tf", 2, 12) in out.regions()
    assert GOOD_PLACE in out.regions()
    assert {"aws_s3_bucket.b", "aws_dynamodb_table.d"} <= out.affected("bad")
    assert "bad/main.tf:6:12" in out.run.stderr


CUT_OFF = {
    "open-block": 'resource "aws_s3_bucket" "a" {',
    "close": "}",
    "open-string": 'a = "',
    "heredoc": "a = <<E\nx",
    "comment": "/* never closed",
    "braces": "{{{{",
    "open-template": 'x = "${',
    "backslash": "\\",
    "equals": "= 1",
}


def test_a_file_cut_off_anywhere_is_a_problem_and_the_rest_is_linted(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {name: {"main.tf": text} for name, text in CUT_OFF.items()})
    assert cases.out.code == 2
    for name in CUT_OFF:
        assert [path for path, _ in cases.problems(name)][:1] == ["main.tf"], name


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


def test_what_a_broken_tfvars_may_have_set_is_not_known(tmp_path: Path) -> None:
    """The lost part may hold any variable: a default or an earlier file is no answer any more."""
    write(
        tmp_path,
        {
            "main.tf": (
                'variable "r" {\n  default = "eu-central-1"\n}\nvariable "kept" {\n  default = "eu-west-1"\n}\n'
                'provider "aws" {\n  region = var.r\n}\nprovider "aws" {\n  alias  = "b"\n  region = var.kept\n}\n'
                'resource "aws_s3_bucket" "x" {}\nresource "aws_s3_bucket" "y" {\n  provider = aws.b\n}\n'
            ),
            "terraform.tfvars": 'kept = "us-east-1"\nr = = "us-west-2"\n',
        },
    )
    out = Outcome(tmp_path)
    assert out.code == 2
    assert out.regions() == [("terraform.tfvars", 1, 8)]
    unknown = out.one("SOV109")
    assert (unknown["path"], unknown["line"]) == ("main.tf", 1)
    assert "terraform.tfvars:2:5 has a syntax error" in unknown["message"]
    assert unknown["inputs"] == []


def test_a_provider_in_a_file_that_cannot_be_read_is_not_called_unwritten(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'resource "aws_s3_bucket" "x" {\n  provider = aws.archive\n}\n',
            "providers.tf": 'provider "aws" {\n  alias  = "archive\n  region = "us-east-1"\n}\n',
        },
    )
    out = Outcome(tmp_path)
    assert out.code == 2
    assert "providers.tf has a syntax error" in out.one("SOV109")["message"]


# --- broken YAML

BROKEN_MANIFEST = "apiVersion: v1\nkind: Pod\nspec: [\n"

CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"

OURS = {
    "manifest": {"pod.yaml": BROKEN_MANIFEST},
    "chart": {"Chart.yaml": "a: [\n"},
    "values": {"values.yaml": "a: [\n", "Chart.yaml": CHART},
    "other-values": {"values-prod.yaml": "a: [\n", "Chart.yaml": CHART},
    "kustomization": {"kustomization.yaml": "a: [\n"},
}
THEIRS = {
    "flow": {"notes.yaml": "a: [\n"},
    "tab": {"notes.yaml": "\t: x"},
    "template": {"notes.yaml": "{% if x %}\na: {{ y }}\n{% endif %}\n"},
    "kind-only": {"notes.yaml": "kind: Pod\nspec: [\n"},
    "colons": {"notes.yaml": "a: b: c\n"},
}


def test_broken_yaml_is_a_problem_where_it_is_ours(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {**OURS, **THEIRS})
    assert cases.out.code == 2
    for name, files in OURS.items():
        assert cases.problems(name) == [(next(iter(files)), "syntax")], name
    for name in THEIRS:
        assert cases.problems(name) == [], name


def test_broken_yaml_of_somebody_else_alone_is_no_failure(good: Path) -> None:
    for name, files in THEIRS.items():
        write(good, {f"{name}/{path}": text for path, text in files.items()})
    assert Outcome(good).code == 1
    named = Outcome(good, "flow/notes.yaml", "good")
    assert named.code == 2
    assert [path for path, _ in named.problems] == ["flow/notes.yaml"]
    assert GOOD_PLACE in named.regions()


def test_one_broken_document_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": POD + "---\n" + BROKEN_MANIFEST})
    out = Outcome(tmp_path)
    assert out.code == 2
    assert ("SOV501", "all.yaml", 7, 14) in out.places


# --- encodings

MANIFEST = b"apiVersion: v1\nkind: Pod\n"

NOT_TEXT = {
    "png.tf": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "binary"),
    "png.yaml": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) + b"\n" + MANIFEST, "binary"),
    "nul.tf": (b'a = "x\0y"\n', "binary"),
    "nul.yaml": (MANIFEST + b'a: "x\0y"\n', "binary"),
    "latin-1.tf": ('a = "caf\u00e9"\n'.encode("latin-1"), "encoding"),
    "latin-1.yaml": (MANIFEST + 'name: "caf\u00e9"\n'.encode("latin-1"), "encoding"),
    "utf-16-without-a-mark.tf": (GOOD.encode("utf-16-le"), "binary"),
}


def test_what_is_not_text_is_a_problem_and_empty_files_are_none(tmp_path: Path) -> None:
    empty = {name: {name: b""} for name in ("main.tf", "terraform.tfvars", "pod.yaml", "values.yaml")}
    cases = Cases(tmp_path, {**{name: {name: content} for name, (content, _) in NOT_TEXT.items()}, **empty})
    assert cases.out.code == 2
    for name, (_, code) in NOT_TEXT.items():
        assert cases.problems(name) == [(name, code)]
    for name in empty:
        assert cases.problems(name) == cases.warnings(name) == []


MARKS = {"utf-16": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-8-sig": b""}


def test_byte_order_marks_are_read_and_not_counted(tmp_path: Path) -> None:
    flow = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "docker.io/x/y:1"}]}}\n'
    files = {"main.tf": GOOD, "pod.yaml": POD, "flow.yaml": flow}
    cases = Cases(
        tmp_path,
        {
            encoding: {name: mark + text.encode(encoding) for name, text in files.items()}
            for encoding, mark in MARKS.items()
        },
    )
    assert cases.out.code == 1, cases.out.run.stderr
    for encoding in MARKS:
        assert cases.regions(encoding) == [("main.tf", 1, 27)]
        assert sorted(cases.regions(encoding, "SOV501")) == [
            ("flow.yaml", 1, flow.index('"docker.io') + 1),
            ("pod.yaml", 7, 14),
        ]


def test_carriage_returns(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"main.tf": GOOD.replace("\n", "\r\n").replace(" {}", " {\r\n}"), "pod.yaml": POD.replace("\n", "\r\n")},
    )
    out = Outcome(tmp_path, forms=("text",))
    assert out.regions() == [("main.tf", 1, 27)]
    assert ("SOV501", "pod.yaml", 7, 14) in out.places
    assert "\\r" not in out.run.stdout
    assert "\r" not in out.others["text"]
    assert "\\r" not in out.others["text"]


COLUMNS = {
    "tab": ("\t", 1),
    "emoji": ("/* \U0001f600 */ ", 8),
    "cjk": ("/* \u6f22\u5b57 */ ", 9),
    "combining": ("/* e\u0301 */ ", 9),
    "zwj": ("/* \U0001f468\u200d\U0001f469 */ ", 10),
}


def test_columns_count_code_points(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {name: {"main.tf": before + GOOD} for name, (before, _) in COLUMNS.items()}, forms=["text"])
    assert cases.out.problems == []
    for name, (_, columns) in COLUMNS.items():
        assert cases.regions(name) == [("main.tf", 1, 27 + columns)]
        (finding,) = [f for f in cases.findings(name) if f["rule"] == "SOV101"]
        assert finding["end_column"] - finding["column"] == len('"us-east-1"')
        assert f"{cases.folders[name]}/main.tf:1:{27 + columns}" in cases.out.others["text"]


# --- what cannot be opened


def test_links_to_nowhere_and_loops_of_links_are_problems(good: Path) -> None:
    for folder in ("dangling", "loop", "vars"):
        (good / folder).mkdir()
    (good / "dangling/main.tf").symlink_to("nowhere.tf")
    (good / "dangling/pod.yaml").symlink_to("nowhere.yaml")
    (good / "loop/a.tf").symlink_to("b.tf")
    (good / "loop/b.tf").symlink_to("a.tf")
    (good / "loop/self.yaml").symlink_to("self.yaml")
    (good / "good/again").symlink_to(".")
    (good / "good/up").symlink_to("..")
    (good / "round").symlink_to("round")
    write(good, {"vars/main.tf": GOOD})
    (good / "vars/terraform.tfvars").symlink_to("nowhere.tfvars")
    out = Outcome(good)
    assert out.code == 2
    found = dict(out.problems)
    assert found["dangling/main.tf"] == "missing"
    assert {"loop/a.tf", "loop/b.tf", "round", "vars/terraform.tfvars"} <= set(found)
    assert found["round"] == "link-loop"
    assert sorted(out.regions()) == [GOOD_PLACE, ("vars/main.tf", 1, 27)]


def test_a_folder_with_the_name_of_a_file(good: Path) -> None:
    write(good, {"x/main.tf/keep.txt": "", "x/terraform.tfvars/keep.txt": "", "x/pod.yaml/keep.txt": ""})
    out = Outcome(good)
    assert out.code == 1
    assert out.regions() == [GOOD_PLACE]


def test_unreadable_files_and_folders_are_problems(good: Path) -> None:
    write(good, {"x/main.tf": GOOD, "y/pod.yaml": POD, "z/main.tf": GOOD, "v/main.tf": GOOD, "v/terraform.tfvars": ""})
    closed = [good / name for name in ("x/main.tf", "y/pod.yaml", "z", "v/terraform.tfvars")]
    if os.geteuid() == 0:
        # Root may read everything: the system's refusal is played by a hook.
        command = [sys.executable, "-P", "-c", REFUSING, *map(str, closed)]
        result = subprocess.run(command, cwd=good, capture_output=True, text=True, timeout=60, check=False)
        code, report = result.returncode, json.loads(result.stdout)
    else:
        for path in closed:
            path.chmod(0)
        try:
            out = Outcome(good)
        finally:
            (good / "z").chmod(0o755)
        code, report = out.code, out.report
    assert code == 2
    problems = {p["path"]: p["code"] for p in report["problems"]}
    assert problems == dict.fromkeys(("x/main.tf", "y/pod.yaml", "z", "v/terraform.tfvars"), "unreadable")
    places = {(f["path"], f["line"], f["column"]) for f in report["findings"] if f["rule"] == "SOV101"}
    assert places == {GOOD_PLACE, ("v/main.tf", 1, 27)}


REFUSING = """
import sys
from sovlint.cli.main import main

closed = sys.argv[1:]

def hook(event, args):
    if event in ("open", "os.scandir", "os.listdir") and isinstance(args[0], str):
        if any(args[0] == path or args[0].startswith(path + "/") for path in closed):
            raise PermissionError(13, "Permission denied", args[0])

sys.addaudithook(hook)
sys.argv = ["sovlint", "check", "--no-config", "-f", "json"]
main()
"""


def test_pipes_and_sockets_do_not_hang(good: Path) -> None:
    (good / "x").mkdir()
    for name in ("x/main.tf", "x/pod.yaml", "x/terraform.tfvars", "good/terraform.tfvars", "named.tf"):
        os.mkfifo(good / name)
    with tempfile.TemporaryDirectory(prefix="s") as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        Path(f"{short}/s").rename(good / "x/socket.tf")
        out = Outcome(good, "named.tf", ".")
    assert out.code == 2
    assert "named.tf" in {path for path, _ in out.problems}
    assert GOOD_PLACE in out.regions()


def test_paths_that_do_not_exist_do_not_stop_the_others(good: Path) -> None:
    out = Outcome(good, "nowhere", "good", "no/such/file.tf")
    assert out.code == 2
    assert sorted(out.problems) == [("no/such/file.tf", "missing"), ("nowhere", "missing")]
    assert out.regions() == [GOOD_PLACE]
    alone = Outcome(good, "nowhere")
    assert alone.code == 2
    assert alone.problems == [("nowhere", "missing")]
    assert json.loads(alone.run.stdout)["findings"] == []


def test_what_is_named_and_is_no_file_of_ours(good: Path) -> None:
    write(good, {"README.md": "# a: b: c\n", "ok.tf": GOOD, "pod.txt": POD})
    os.mkfifo(good / "fifo.tf")
    (good / "dangling.tf").symlink_to("nowhere")
    out = Outcome(good, "README.md", "fifo.tf", "dangling.tf", "ok.tf", "pod.txt")
    assert out.warnings == [("README.md", "unsupported")]
    assert out.problems == [("dangling.tf", "missing"), ("fifo.tf", "unreadable")]
    messages = {p["path"]: p["message"] for p in out.report["problems"]}
    assert messages["fifo.tf"] == "not a regular file"
    assert ("ok.tf", 1, 27) in out.regions()


def test_a_file_that_may_not_be_read_is_a_problem_also_when_it_is_named(good: Path) -> None:
    write(good, {"closed.yaml": POD, "ok.tf": GOOD})
    closed = str(good / "closed.yaml")
    script = REFUSING.replace('"-f", "json"]', '"-f", "json", "closed.yaml", "ok.tf"]')
    command = [sys.executable, "-P", "-c", script, closed]
    result = subprocess.run(command, cwd=good, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2, result.stderr
    report = json.loads(result.stdout)
    assert [(p["path"], p["code"]) for p in report["problems"]] == [("closed.yaml", "unreadable")]
    assert [(f["path"], f["line"]) for f in report["findings"] if f["rule"] == "SOV101"] == [("ok.tf", 1)]


def test_an_empty_path_is_not_the_current_folder(good: Path) -> None:
    result = run_sovlint(["check", ""], cwd=good)
    assert result.returncode == 2
    assert "a path is empty" in result.stderr


IGNORES = ("!\n", "[{-z]\n", "a/***b\n", "\\\n", "*a*a*a*a*a*a*a*a*a*b\n")


def test_lines_of_a_gitignore_that_are_no_patterns_stop_nothing(good: Path) -> None:
    write(good, {".git/HEAD": "", "x/" + "a" * 200 + ".tf": GOOD, "x/y/b.tf": GOOD})
    write(good, {".gitignore": "".join(IGNORES) + "y/\n"})
    out = Outcome(good, timeout=10)
    assert (out.code, out.problems) == (1, [])
    assert {path[:4] for path, _, _ in out.regions()} == {"good", "x/aa"}
