"""Start-up: what one file in a commit hook imports, and that the short way to the check is the long way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from check_runs import write

from sovlint.catalogue.compile import compile_policies
from sovlint.catalogue.store import write_shards
from sovlint.cli import check
from sovlint.cli.lint import lint
from sovlint.cli.main import _is_plain
from sovlint.cli.settings import make_config
from support import POLICIES, REPOSITORY, run_sovlint

ONE = """\
variable "region" {
  default = "us-east-1"
}

provider "aws" {
  region = var.region
}

resource "aws_dynamodb_table" "t" {
  name     = "t"
  hash_key = "id"
}
"""

IMPORTED = Path(__file__).parent.parent / "data" / "imported_by_one_file.txt"
"""Every module of ours that one Terraform file may cost; a new one needs a reason in its commit."""

SCRIPT = """
import sys
before = set(sys.modules)
sys.argv = ["sovlint", "check", "one.tf"]
from sovlint.cli.main import main
try:
    main()
except SystemExit as end:
    assert end.code == 1, end.code
print("\\n".join(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


def test_one_file_imports_what_is_listed(tmp_path: Path) -> None:
    write(tmp_path, {"one.tf": ONE})
    # As a wheel has it: with the compiled catalogue. -S: what others hang into the interpreter's start is not ours.
    shutil.copytree(REPOSITORY / "src" / "sovlint", tmp_path / "lib" / "sovlint")
    write_shards(tmp_path / "lib" / "sovlint" / "_catalogue", compile_policies(POLICIES))
    done = subprocess.run(
        [sys.executable, "-S", "-c", SCRIPT],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "lib")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SOV101" in done.stdout, done.stderr
    imported = done.stderr.split()
    if os.environ.get("SOVLINT_APPROVE"):
        IMPORTED.write_text("\n".join(m for m in imported if m.startswith("sovlint")) + "\n", encoding="utf-8")
    ours = {name for name in imported if name.startswith("sovlint")}
    assert ours - set(IMPORTED.read_text(encoding="utf-8").split()) == set()
    # Of the standard library: those that were measured to cost more than a millisecond, by the name of the package.
    expensive = {"click", "yaml", "jsonschema", "pathspec", "dataclasses", "inspect", "pathlib", "hashlib", "_hashlib"}
    expensive |= {"urllib", "ipaddress", "datetime", "tempfile", "shutil", "subprocess", "logging", "argparse", "uuid"}
    expensive |= {"multiprocessing", "concurrent", "socket", "ssl", "asyncio", "platform", "importlib.metadata", "pdb"}
    assert {name for name in imported if name in expensive or name.partition(".")[0] in expensive} == set()


def test_paths_alone_need_no_options_library() -> None:
    assert _is_plain(["check", "a.tf", "b c.tfvars"])
    for words in ([], ["check"], ["check", "-v", "a.tf"], ["check", "a", "--", "-b"], ["inventory", "a"], ["a.tf"]):
        assert not _is_plain(words), words


def test_the_short_way_has_the_defaults_of_the_options() -> None:
    defaults = {**(lint.__kwdefaults__ or {}), **(make_config.__kwdefaults__ or {})}
    with check.command.make_context("check", ["one.tf"]) as context:
        given = dict(context.params)
    assert given.pop("paths") == ("one.tf",)
    # What `make_config` takes for Config itself has no default of its own: None and nothing of a list are dropped.
    assert {name: value for name, value in given.items() if value not in (None, ()) or name in defaults} == defaults


def test_both_ways_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"one.tf": ONE, "two.tf": 'resource "aws_s3_bucket" "b" {\n', "pod.yaml": "kind: Pod\n"})
    for words in (["one.tf"], ["."], ["one.tf", "two.tf"], ["pod.yaml"], ["missing.tf"]):
        short = run_sovlint(["check", *words], cwd=tmp_path)
        long = run_sovlint(["check", "--color", "auto", *words], cwd=tmp_path)
        assert (short.returncode, short.stdout, short.stderr) == (long.returncode, long.stdout, long.stderr), words
