"""What lies outside the tree is not read, whatever the tree says."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import BUCKET, GOOD, PROVIDER, Outcome, write

SECRET = "us-gov-west-1"

INPUT = 'variable "r" {}\nprovider "aws" { region = var.r }\n' + BUCKET


@pytest.fixture
def outside(tmp_path: Path) -> tuple[Path, Path]:
    """A tree (a repository) with a secret beside it."""
    write(tmp_path, {"secret.txt": SECRET, "secret.tf": GOOD, "secret.tfvars": f'r = "{SECRET}"\n'})
    write(tmp_path, {"module/main.tf": GOOD, "secret.yaml": f"region: {SECRET}\n"})
    write(tmp_path, {"tree/.git/HEAD": "ref: refs/heads/main\n"})
    return tmp_path / "tree", tmp_path


EXPRESSIONS = [
    'file("/etc/passwd")',
    'file("ABOVE/secret.txt")',
    'file("../../secret.txt")',
    'file("x/../../../secret.txt")',
    'file("link.txt")',
    'file("${path.module}/../../secret.txt")',
    'file("${path.root}/../../secret.txt")',
    'templatefile("../../secret.txt", {})',
    'fileexists("../../secret.txt") ? "us-gov-east-1" : "eu-west-1"',
    'trimspace(file("linked/secret.txt"))',
    'filebase64("../../secret.txt")',
    'filesha256("../../secret.txt")',
    'yamldecode(file("../../secret.yaml")).region',
    'one(fileset("../..", "secret.t*")) == "secret.txt" ? "us-gov-east-1" : "eu-west-1"',
    'pathexpand("~/../../etc/passwd")',
]


def test_files_out_of_the_tree_are_not_read(outside: tuple[Path, Path]) -> None:
    tree, above = outside
    for number, expression in enumerate(EXPRESSIONS):
        folder = tree / f"x{number}"
        write(tree, {f"x{number}/main.tf": PROVIDER % expression.replace("ABOVE", str(above))})
        (folder / "link.txt").symlink_to("../../secret.txt")
        (folder / "linked").symlink_to("../..")
    out = Outcome(tree, forms=("text", "sarif"))
    shown = out.run.stdout + out.run.stderr + "".join(out.others.values())
    assert SECRET not in shown
    assert "us-gov" not in "".join(f["value"] or "" for f in out.findings)
    assert "root:" not in shown
    assert out.regions() == []
    for number, expression in enumerate(EXPRESSIONS):
        assert out.affected(f"x{number}") == {"aws_s3_bucket.b"}, expression


def test_modules_and_links_out_of_the_tree_are_not_read(outside: tuple[Path, Path]) -> None:
    tree, above = outside
    write(tree, {"calls/main.tf": 'module "a" { source = "../../module" }\nmodule "b" { source = "./inside" }\n'})
    write(tree, {"calls/more.tf": f'module "c" {{ source = "{above}/module" }}\n'})
    (tree / "calls/inside").symlink_to("../../module")
    write(tree, {"links/main.tf": INPUT})
    (tree / "links/other.tf").symlink_to("../../secret.tf")
    (tree / "links/terraform.tfvars").symlink_to("../../secret.tfvars")
    (tree / "links/values.yaml").symlink_to("../../secret.yaml")
    out = Outcome(tree)
    assert out.regions() == []
    assert SECRET not in out.run.stdout + out.run.stderr
    assert {path for path, _ in (*out.warnings, *out.problems)} >= {"links/other.tf", "links/terraform.tfvars"}
    assert all(f["path"].startswith(("links/main.tf", "calls/")) for f in out.findings)


def test_a_variables_file_out_of_the_tree_is_a_problem(outside: tuple[Path, Path]) -> None:
    tree, _ = outside
    write(tree, {"main.tf": INPUT})
    out = Outcome(tree, "--var-file", "../secret.tfvars", ".")
    assert out.code == 2
    assert [code for _, code in out.problems] == ["outside-tree"]
    assert out.regions() == []


def test_a_path_out_of_the_tree_is_a_problem(outside: tuple[Path, Path]) -> None:
    tree, above = outside
    write(tree, {"main.tf": GOOD})
    out = Outcome(tree, ".", str(above / "module"))
    assert out.code == 2
    assert [code for _, code in out.problems] == ["outside-tree"]
    assert out.regions() == [("main.tf", 1, 27)]
