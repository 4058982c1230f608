"""Files that change, vanish or become others while they are read; devices; very many files; what it all costs."""

from __future__ import annotations

# ruff: noqa: E501 - files of the input, as they are
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from check_runs import GOOD, GOOD_PLACE, POD, Outcome, write

from fuzz_kinds import KINDS, seeds_of
from support import REPOSITORY, _empty_home, sovlint_command

MOVING = """
import json, os, shutil, sys

sys.path.insert(0, sys.argv[1])
from pathlib import Path
from fuzz_kinds import KINDS, seeds_of
from fuzz_trial import Tree, as_json, sound
from sovlint.api import check
from sovlint.model.errors import SovlintError

folder = Path(sys.argv[2])
secret = folder / "secret"
secret.write_text('provider "aws" {\\n  region = "us-gov-west-1"\\n}\\nresource "aws_s3_bucket" "b" {}\\n')
armed = []

def vanish(path): path.unlink()
def folder_gone(path): shutil.rmtree(path.parent) if path.parent.parent != folder else path.unlink()
def emptied(path): path.write_bytes(b"")
def longer(path): path.write_bytes(path.read_bytes() * 3)
def link(path): path.unlink(); path.symlink_to(secret)
def into_folder(path): path.unlink(); path.mkdir()
def pipe(path): path.unlink(); os.mkfifo(path)

def hook(event, args):
    if event == "open" and armed and isinstance(args[0], str):
        target, action = armed[0]
        if os.path.realpath(args[0]) == str(target):
            armed.clear()
            action(target)

sys.addaudithook(hook)
out = []
for name in KINDS:
    for action in (vanish, folder_gone, emptied, longer, link, into_folder, pipe):
        tree = Tree(name, folder)
        tree.put(seeds_of(name)[0])
        (tree.folder / "good").mkdir()
        (tree.folder / "good/1.tf").write_text('provider "aws" { region = "us-east-1" }\\nresource "aws_s3_bucket" "good" {}\\n')
        target = (tree.folder / KINDS[name].path).resolve()
        try:
            config = tree.config()
            armed[:] = [(target, action)]
            report = check(config.paths, config)
            sound(report)
            text = as_json(report)
            out.append([name, action.__name__, not armed, "good/1.tf" in text, "us-gov" in text, len(report.problems)])
        except SovlintError as error:
            out.append([name, action.__name__, not armed, None, "us-gov" in str(error), 1])
        armed.clear()
        shutil.rmtree(tree.folder, ignore_errors=True)
print(json.dumps(out))
"""
"""Every kind of file is moved at the moment it is opened: one row per kind and move."""


def test_files_that_move_while_they_are_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MOVING, str(REPOSITORY / "tests"), str(tmp_path)], capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "HOME": _empty_home()}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    rows = json.loads(done.stdout)
    assert len(rows) == 7 * len(KINDS)
    met = {name for name, _, moved, _, _, _ in rows if moved}
    # The lock is never opened; a configuration is read before the tree is.
    assert met >= set(KINDS) - {"lock", "config", "config-toml"}, set(KINDS) - met
    for name, action, moved, good, leaked, problems in rows:
        assert not leaked, (name, action, "a link out of the tree was followed")
        assert good is not False or "paths" in KINDS[name].settings or name == "plan", (
            name,
            action,
            "the rest was lost",
        )
        if (
            moved
            and action in ("vanish", "link", "pipe")
            and name in ("tf", "tfvars", "manifest", "values", "plan", "terragrunt")
        ):
            assert problems, (name, action, "nobody was told")


def test_devices_are_not_read(good: Path) -> None:
    (good / "x").mkdir()
    names = ("main.tf", "pod.yaml", "terraform.tfvars", "values.yaml", "Chart.yaml", ".gitignore", ".sovlint.yaml")
    for name in names:
        if os.geteuid() == 0:
            os.mknod(good / "x" / name, 0o20666, os.makedev(1, 5))  # /dev/zero: it never ends
        else:
            (good / "x" / name).symlink_to("/dev/zero")
    (good / "y").mkdir()
    (good / "y/main.tf").symlink_to("/dev/zero")
    (good / "pyproject.toml").symlink_to("/dev/zero")
    out = Outcome(good, config=True)
    assert out.code in (1, 2)
    assert GOOD_PLACE in out.regions()
    told = {path for path, _ in (*out.problems, *out.warnings)}
    assert {"x/main.tf", "x/pod.yaml", "x/terraform.tfvars", "y/main.tf"} <= told
    for option in ("--var-file", "--values", "--plan", "--backend-config", "--config", "--baseline"):
        refused = subprocess.run(
            [sovlint_command(), "check", option, "/dev/zero", "."], cwd=good, capture_output=True, text=True, check=False,
            timeout=20, env={"PATH": os.environ["PATH"], "HOME": _empty_home()},
        )  # fmt: skip
        assert refused.returncode == 2, option
        assert "internal error" not in refused.stderr, option
        assert "/dev/zero" in refused.stdout + refused.stderr, option


# --- what it costs

SECONDS = 10
MEGABYTES = 500


def measured(folder: Path, *words: str) -> tuple[float, float, str]:
    """Seconds of the processor and megabytes of a run, and its report."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = (
        "import os, resource, sys\n"
        "pid = os.fork()\n"
        "if not pid:\n    os.execv(sys.argv[1], sys.argv[1:])\n"
        "_, status = os.waitpid(pid, 0)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
        "os._exit(os.waitstatus_to_exitcode(status))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, sovlint_command(), "check", "--no-config", "-q", "-f", "json", *words, "."],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "HOME": _empty_home()},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "internal error" not in done.stderr
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(done.stderr.split()[-1]) / 1_000, done.stdout


N = 240_000
LARGE = {
    "tf-list": {"main.tf": "locals {\n  x = [" + "1," * N + "1]\n}\n"},
    "tf-blocks": {"main.tf": 'a "b" "c" {\n}\n' * (N // 3)},
    "tf-attributes": {"main.tf": "locals {\n" + "".join(f"a{i}=1\n" for i in range(N)) + "}\n"},
    "tf-comments": {"main.tf": "#\n" * N},
    "tf-templates": {"main.tf": 'locals {\n  x = "' + "${a}" * (N // 2) + '"\n}\n'},
    "tf-line": {"main.tf": 'locals {\n  x = "' + "a" * 9_900_000 + '"\n}\n' + GOOD},
    "tf-errors": {"main.tf": "= =\n" * N},
    "tf-json": {"main.tf.json": '{"locals": {"x": [' + "[]," * (N // 2) + "[]]}}"},
    "tfvars": {"main.tf": 'variable "x" {}\n', "terraform.tfvars": "x = [" + "1," * N + "1]\n"},
    "manifest-list": {"k.yaml": POD + "x: [" + "1," * N + "1]\n"},
    "manifest-keys": {"k.yaml": POD + "x:\n" + "".join(f"  a{i}: 1\n" for i in range(N))},
    "manifest-line": {"k.yaml": POD + "x: " + "a " * 4_900_000 + "\n"},
    "manifest-quoted": {"k.yaml": POD + 'x: "' + "\\n" * 4_900_000 + '"\n'},
    "manifest-anchors": {"k.yaml": POD + "x:\n" + "".join(f"- &a{i} {{<<: *a{max(0, i - 1)}}}\n" for i in range(N // 3))},
    "documents": {"k.yaml": "---\napiVersion: v1\nkind: Pod\n" * (N // 3)},
    "values": {"values.yaml": "x: [" + "1," * N + "1]\n"},
    "template": {"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/d.yaml": "{{if x}}\n" * (N // 3)},
    "template-images": {"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/d.yaml": "image: a/b\n" * N},
    "pipeline": {".gitlab-ci.yml": "".join(f"a{i}: {{image: b}}\n" for i in range(N // 2))},
    "gitignore": {".gitignore": "*a*b*c*d\n" * 50_000, "main.tf": GOOD},
    "buckets-of-one-region": {
        "main.tf": 'provider "aws" { region = "us-east-1" }\n'
        + "".join(f'resource "aws_sqs_queue" "q{i}" {{}}\n' for i in range(20_000))
    },
}  # fmt: skip
"""Files just below the limits, made of almost nothing but one thing."""


@pytest.mark.parametrize("name", LARGE)
def test_what_is_just_below_the_limits_has_bounds(tmp_path: Path, name: str) -> None:
    write(tmp_path, LARGE[name])
    seconds, megabytes, out = measured(tmp_path)
    assert json.loads(out)["schema"] == "sovlint-report/1"
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def test_very_many_tiny_files(tmp_path: Path) -> None:
    for number in range(60):
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        for i in range(100):
            (folder / f"{i}.tf").write_bytes(b"")
            (folder / f"{i}.yaml").write_bytes(b"a: b\n")
    write(tmp_path, {"good/main.tf": GOOD})
    seconds, megabytes, out = measured(tmp_path)
    assert [f["path"] for f in json.loads(out)["findings"] if f["rule"] == "SOV101"] == ["good/main.tf"]
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def test_very_deep_folders(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    deep = here
    try:
        for _ in range(3_000):  # deeper than a path may be long
            os.mkdir("d", dir_fd=deep)
            inner = os.open("d", os.O_RDONLY, dir_fd=deep)
            if deep != here:
                os.close(deep)
            deep = inner
    finally:
        os.close(deep)
        os.close(here)
    write(tmp_path, {"good/main.tf": GOOD})
    try:
        out = Outcome(tmp_path)
        assert GOOD_PLACE in out.regions()
        assert [code for _, code in out.problems] in ([], ["unreadable"])
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=False)


def test_the_seeds_are_there() -> None:
    assert all(seeds_of(name) for name in KINDS)
