"""What people must be able to rely on: no network, no writes, nothing executed, the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from check_runs import BUCKET, GOOD, POD, PROVIDER, Outcome, write

from support import FIXTURES, run_sovlint

GEMEENTE = FIXTURES / "projects" / "gemeente"

FORMS = ("text", "concise", "json", "sarif")


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder: mode, time of change and content."""
    out: dict[str, tuple[int, int, bytes]] = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        out[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return out


def run(folder: Path, *args: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Like `run_sovlint`, with a HOME of the test's own."""
    return run_sovlint(["check", *args], cwd=folder, env=env, timeout=60)


# --- nothing leaves, nothing is executed

GUARDED = """
import os, sys

allowed = sys.argv.pop(1)
FORBIDDEN = ("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.spawn", "os.startfile",
             "pty.spawn", "socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "ctypes.")

def hook(event, args):
    if event.startswith(FORBIDDEN):
        os.write(2, ("FORBIDDEN " + event + "\\n").encode())
        os._exit(99)
    if event == "open":
        path, mode, flags = args
        writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if writing and isinstance(path, (str, bytes)):
            where = os.path.realpath(os.fsdecode(path))
            if not where.startswith(allowed + os.sep) and "__pycache__" not in where:
                os.write(2, ("FORBIDDEN write " + where + "\\n").encode())
                os._exit(99)
    if event in ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod",
                 "shutil.rmtree"):
        where = os.path.realpath(os.fsdecode(args[0]))
        if not (where + os.sep).startswith(allowed + os.sep) and "__pycache__" not in where:
            if not allowed.startswith(where):
                os.write(2, ("FORBIDDEN " + event + " " + where + "\\n").encode())
                os._exit(99)

import socket
def no_socket(*args, **kwargs):
    os.write(2, b"FORBIDDEN socket\\n")
    os._exit(99)
socket.socket = socket.create_connection = socket.getaddrinfo = socket.gethostbyname = no_socket

sys.addaudithook(hook)
from sovlint.cli.main import main
main()
"""
"""The command with an audit hook: sockets, processes, and writes outside one folder end it with exit 99."""

EAGER = {
    "main.tf": (
        'data "external" "x" {\n  program = ["touch", "executed"]\n}\n'
        'data "http" "x" {\n  url = "http://127.0.0.1:9/"\n}\n'
        'resource "null_resource" "x" {\n  provisioner "local-exec" {\n    command = "touch executed"\n  }\n}\n'
        'module "git" {\n  source = "git::https://example.invalid/x.git"\n}\n'
        'module "registry" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.0.0"\n}\n'
        'module "archive" {\n  source = "https://example.invalid/x.zip"\n}\n'
        'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:9/"\n  }\n}\n'
        + PROVIDER
        % 'data.external.x.result["region"]'
    ),
    "templates.tf": 'locals {\n  t = templatefile("t.tpl", { x = "$(touch executed)" })\n  c = "`touch executed`"\n}\n',
    "t.tpl": "${x} $(touch executed) {{ exec }}",
    "k.yaml": POD.replace("{name: p}", '{name: !!python/object/apply:os.system ["touch executed"]}'),
    "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n  - name: d\n    version: 1.0.0\n"
    "    repository: https://example.invalid/charts\n",
    "chart/values.yaml": 'image: docker.io/a/b:1\nx: !!python/object/new:os.system ["touch executed"]\n',
    "chart/templates/a.yaml": '{{ exec "touch executed" }}\n' + POD,
    "decoded.tf": 'locals {\n  y = yamldecode(file("evil.yaml"))\n}\n',
    "evil.yaml": 'x: !!python/object/apply:os.system ["touch executed"]\n',
    ".git/config": '[core]\n  fsmonitor = "touch executed"\n',
    ".git/HEAD": "ref: refs/heads/main\n",
    ".terraformrc": 'credentials_helper "x" {}\n',
    "package.json": '{"scripts": {"preinstall": "touch executed"}}',
}
"""A tree that would like to be executed or to call home."""

MODULE = "import pathlib\npathlib.Path('executed').touch()\nraise SystemExit(98)\n"

PYTHON_FILES = [
    "yaml.py",
    "click.py",
    "json.py",
    "pathspec.py",
    "jsonschema.py",
    "sarif_om.py",
    "sitecustomize.py",
    "usercustomize.py",
    "sovlint/__init__.py",
    "sovlint/cli/main.py",
    "_yaml/__init__.py",
    "setup.py",
    "conftest.py",
]


@pytest.fixture
def eager(tmp_path: Path) -> Path:
    write(tmp_path, {f"tree/{name}": text for name, text in EAGER.items()})
    return tmp_path / "tree"


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_no_network_no_process_no_write(eager: Path, where: str) -> None:
    """`inside` has the tree as the working directory and writes no cache at all."""
    home = eager.parent / "home"
    home.mkdir()
    outputs = eager.parent / "out"
    outputs.mkdir()
    shutil.copytree(GEMEENTE, eager / "gemeente")
    before = snapshot(eager)
    allowed = home / ".cache" if where == "beside" else outputs
    formats = [word for form in FORMS for word in ("-f", form, "-o", str(outputs / form))]
    if where == "beside":
        # The catalogue may be compiled into the cache; reports go to standard output.
        formats = ["-f", "json"]
    args = ["check", *formats, *(["--no-cache"] if where == "inside" else []), str(eager)]
    result = subprocess.run(
        [sys.executable, "-P", "-c", GUARDED, str(allowed), *args],
        cwd=eager if where == "inside" else eager.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(eager.parent / "tmp")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "FORBIDDEN" not in result.stderr, result.stderr
    assert result.returncode in (1, 2), result.stderr
    assert not list(eager.parent.rglob("executed"))
    assert snapshot(eager) == before
    text = result.stdout if where == "beside" else (outputs / "json").read_text()
    assert "aws_s3_bucket.b" in text
    if where == "inside":
        assert list(home.iterdir()) == []
        assert sorted(p.name for p in outputs.iterdir()) == sorted(FORMS)
    assert not (eager.parent / "tmp").exists()


def test_the_guard_guards(tmp_path: Path) -> None:
    for action in ("import socket; socket.socket()", "os.system('true')", "open('x', 'w')", "os.mkdir('x')"):
        code = GUARDED.replace("from sovlint.cli.main import main\nmain()", action)
        command = [sys.executable, "-P", "-c", code, str(tmp_path / "allowed")]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=20).returncode == 99


def test_python_files_in_the_working_directory_are_not_imported(eager: Path) -> None:
    write(eager, dict.fromkeys(PYTHON_FILES, MODULE))
    write(eager, {"catalogue/x.yaml": "x", "policies/rules/SOV101.yaml": "code: SOV101\n"})
    before = snapshot(eager)
    out = Outcome(eager)
    assert "aws_s3_bucket.b" in {a for f in out.findings for a in f["affects"]}
    assert snapshot(eager) == before
    for command in (["explain", "SOV101"], ["catalogue", "--format", "json"], ["inventory", "."], ["--version"]):
        result = run_sovlint(command, cwd=eager, timeout=60)
        assert result.returncode in (0, 2), (command, result.stderr)
        assert "Traceback" not in result.stderr
    assert not list(eager.rglob("executed"))


def test_objects_in_the_configuration_are_not_made(good: Path) -> None:
    for tag in ("object/apply:os.system", "object/new:os.system", "name:os.system", "module:os"):
        write(good, {".sovlint.yaml": f'profile: !!python/{tag} ["touch executed"]\n'})
        result = run_sovlint(["check"], cwd=good, timeout=20)
        assert (result.returncode, result.stdout) == (2, "")
        assert ".sovlint.yaml:1:10" in result.stderr
    assert not list(good.rglob("executed"))


# --- files


def test_only_the_cache_folder_and_the_files_asked_for_are_written(tmp_path: Path) -> None:
    shutil.copytree(GEMEENTE, tmp_path / "tree")
    for name in ("home", "tmp", "cache", "out"):
        (tmp_path / name).mkdir()
    tree, home = tmp_path / "tree", tmp_path / "home"
    env = {"HOME": str(home), "TMPDIR": str(tmp_path / "tmp")}
    before = snapshot(tmp_path)
    report = run(tree, "-f", "json", "--no-cache", env=env)
    assert report.returncode == 1
    assert snapshot(tmp_path) == before
    # With the cache: one folder below HOME, or XDG_CACHE_HOME.
    assert run(tree, "-f", "json", env=env).stdout == report.stdout
    assert run(tree, "-f", "json", env=env).stdout == report.stdout
    written = [p for p in home.rglob("*") if p.is_file()]
    assert all(p.is_relative_to(home / ".cache" / "sovlint") for p in written)
    shutil.rmtree(home)
    home.mkdir()
    moved = {**env, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert run(tree, "-f", "json", "-o", "../out/r.json", env=moved).returncode == 1
    assert list(home.iterdir()) == list((tmp_path / "tmp").iterdir()) == []
    assert (tmp_path / "out/r.json").read_text() == report.stdout
    after = snapshot(tree)
    assert after == {k.removeprefix("tree/"): v for k, v in before.items() if k.startswith("tree/")} | {
        ".": before["tree"]
    }


@pytest.mark.parametrize("home", ["/dev/null", "relative"])
def test_a_home_that_cannot_be_written_is_no_hindrance(good: Path, home: str) -> None:
    out = Outcome(good, env={"HOME": home})
    assert out.code == 1
    assert out.run.stderr == ""
    assert [p.name for p in good.iterdir()] == ["good"]


def test_a_damaged_cache_changes_no_report(tmp_path: Path) -> None:
    write(tmp_path, {"tree/main.tf": GOOD, "tree/pod.yaml": POD})
    tree, env = tmp_path / "tree", {"HOME": str(tmp_path)}
    first = run(tree, "-f", "json", env=env)
    assert first.returncode == 1
    folder = tmp_path / ".cache"
    for damage in ("empty", "other", "deleted"):
        # An installed wheel brings its catalogue along and has no cache.
        for path in [p for p in folder.rglob("*") if p.is_file()]:
            if damage == "deleted" and path.name != "core.json":
                path.unlink()  # tidied up by age, file by file
            elif damage != "deleted":
                path.write_bytes(b"" if damage == "empty" else b"[1]")
        again = run(tree, "-f", "json", env=env)
        assert (again.returncode, again.stdout, again.stderr) == (1, first.stdout, ""), damage


# --- the same input, the same bytes


def test_reports_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    sources = sorted(p for p in GEMEENTE.rglob("*") if p.is_file())
    for name, order in (("a", sources), ("b", sources[::-1])):
        # Folders list their files in the order in which they were made, on many file systems.
        for path in order:
            target = tmp_path / name / "repo" / path.relative_to(GEMEENTE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        (tmp_path / name / "repo/.git").mkdir()
    a, b = tmp_path / "a/repo", tmp_path / "b/repo"
    runs: list[tuple[Path, list[str], dict[str, str]]] = [
        (a, ["."], {}),
        (a, ["."], {"PYTHONHASHSEED": "0"}),
        (b, ["."], {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}),
        (b, [], {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "COLUMNS": "40", "TERM": "dumb"}),
        (a.parent, ["repo"], {"PYTHONHASHSEED": "12", "PYTHONUTF8": "0", "LANG": "C", "FORCE_COLOR": "1"}),
        (Path("/"), [str(b)], {"PYTHONHASHSEED": "123", "CI": "true", "GITHUB_ACTIONS": "true"}),
        (b, sorted((p.name for p in b.iterdir() if p.name != ".git"), reverse=True), {"PYTHONOPTIMIZE": "1"}),
    ]
    seen: list[dict[str, bytes]] = []
    for number, (cwd, paths, env) in enumerate(runs):
        out = tmp_path / f"out{number}"
        out.mkdir()
        formats = [word for form in FORMS for word in ("-f", form, "-o", str(out / form))]
        named = [path for path in paths if not (cwd / path).is_file()]
        result = run(cwd, "--no-config", "--today", "2026-11-23", *formats, *named, env=env)
        assert result.returncode == 1, result.stderr
        seen.append({form: (out / form).read_bytes() for form in FORMS})
    for number, reports in enumerate(seen[:-1]):
        for form in FORMS:
            assert reports[form] == seen[0][form], (number, form)
    assert str(tmp_path).encode() not in b"".join(seen[0].values())
    # Other order of the same folders; files beside them are not in this one.
    folders = {f["path"] for f in json.loads(seen[-1]["json"])["findings"]}
    assert folders == {f["path"] for f in json.loads(seen[0]["json"])["findings"] if "/" in f["path"]}


def test_no_secret_of_the_environment_reaches_a_report(good: Path) -> None:
    write(good, {"good/more.tf": 'variable "unused" {}\noutput "x" { value = var.unused }\n' + BUCKET})
    secret = "s3cr3t-4711"
    env = {"TF_VAR_unused": secret, "AWS_SECRET_ACCESS_KEY": secret, "TF_TOKEN_app_terraform_io": secret}
    out = Outcome(good, env=env, forms=("text", "concise", "sarif"))
    assert secret not in out.run.stdout + out.run.stderr + "".join(out.others.values())
