"""What a run tells while it goes on and afterwards: only to a terminal, never in a report. And shell completion."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import time
from pathlib import Path

import pytest
from check_runs import write

from sovlint.cli import progress
from sovlint.cli.progress import Progress, say_timings
from sovlint.output import FORMATS
from support import run_sovlint, sovlint_command

BUCKET = 'resource "aws_s3_bucket" "b" {\n  region = "us-east-1"\n}\n'


def test_a_short_run_shows_nothing() -> None:
    stream = io.StringIO()
    watch = Progress(True, stream)
    watch("terraform", "a")
    assert [stage for stage, _ in watch.end()] == ["terraform"]
    assert stream.getvalue() == ""


def test_a_long_run_shows_one_line_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_PAUSE", 0.0)
    monkeypatch.setenv("COLUMNS", "30")
    stream = io.StringIO()
    watch = Progress(True, stream)
    watch("discovery")
    watch("terraform", "a")
    watch("terraform", "evil\x1b[2J\n" + "中" * 40)
    watch.end()
    written = stream.getvalue().split("\r\x1b[K")
    assert written[:3] == ["", "discovery", "terraform 1: a"]
    assert written[3].startswith("terraform 2: evil\\x1b[2J\\n")
    assert len(written[3]) <= 29
    assert written[4:] == [""]


def test_stages_add_up() -> None:
    watch = Progress(False, io.StringIO())
    start = time.perf_counter()
    for stage in ("discovery", "terraform", "manifests", "terraform", "judgement"):
        watch(stage)
        time.sleep(0.01)
    timings = watch.end()
    assert [stage for stage, _ in timings] == ["discovery", "terraform", "manifests", "judgement"]
    assert dict(timings)["terraform"] >= 0.02
    assert sum(seconds for _, seconds in timings) <= time.perf_counter() - start
    stream = io.StringIO()
    say_timings((("discovery", 0.1), ("terraform", 1.256)), stream)
    assert stream.getvalue() == "sovlint: discovery 0.10 s, terraform 1.26 s; 1.36 s in all\n"


def test_verbose_tells_the_time_on_standard_error_only(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET, "pod.yaml": "apiVersion: v1\nkind: Pod\n"})
    plain = run_sovlint(["check", ".", "-f", "json"], cwd=tmp_path)
    verbose = run_sovlint(["check", ".", "-f", "json", "-v"], cwd=tmp_path)
    assert verbose.stdout == plain.stdout
    assert plain.stderr == ""
    stages = ("catalogue", "discovery", "terraform", "manifests", "judgement")
    line = ", ".join(rf"{stage} \d+\.\d\d s" for stage in stages)
    assert re.fullmatch(rf"sovlint: {line}; \d+\.\d\d s in all\n", verbose.stderr)
    assert run_sovlint(["check", ".", "-v", "-q"], cwd=tmp_path).stderr == ""


def test_a_terminal_sees_no_trace_of_a_short_run(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sovlint_command(), "check", "main.tf", "-f", "concise"],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "TERM": "xterm",
                "SOVLINT_CACHE_DIR": str(tmp_path),
            },
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=False,
        )
    finally:
        os.close(theirs)
    assert b"SOV101" in done.stdout
    seen = b""
    try:
        while chunk := os.read(ours, 1000):
            seen += chunk
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    os.close(ours)
    # The first run compiles the catalogue, which may take longer than anybody's patience.
    assert re.sub(rb"\r\x1b\[K[a-z]*", b"", seen) == b""


def test_statistics(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BUCKET})
    done = run_sovlint(["check", ".", "--statistics"], cwd=tmp_path)
    assert re.search(
        r"^findings  affected  worst     rule\n +1 +1  critical  SOV101 region-outside-zone$", done.stdout, re.M
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    done = run_sovlint(["completion", shell])
    assert done.returncode == 0, done.stderr
    assert f"_SOVLINT_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sovlint ch", "plain,check"),
        ("sovlint check --stat", "plain,--statistics"),
        ("sovlint check --fail-on cri", "plain,critical"),
        ("sovlint check -f ju", "plain,junit"),
        ("sovlint check --select SOV10", "\n".join(f"plain,SOV10{n}" for n in range(1, 10))),
        ("sovlint check --ignore sov101,sov30", "\n".join(f"plain,sov101,SOV30{n}" for n in range(1, 6))),
        ("sovlint check --profile eu-b", "plain,eu-baseline"),
        ("sovlint check envs/", "file,envs/"),
    ],
)
def test_what_is_completed(words: str, expected: str) -> None:
    environment = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_SOVLINT_COMPLETE": "bash_complete",
    }
    assert run_sovlint([], env=environment).stdout == f"{expected}\n"


def test_help_names_every_format() -> None:
    text = " ".join(run_sovlint(["check", "--help"]).stdout.split())
    assert f"One of: {', '.join(FORMATS)}." in text
