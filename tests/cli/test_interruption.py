"""Ctrl-C, full disks, limits of files, closed streams: a message, the right exit code, and nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from check_runs import GOOD, write

from support import _empty_home, as_from_a_terminal, sovlint_command

OLD = "what was there before"


def start(
    folder: Path,
    *words: str | Path,
    stdout: int | IO[str] = subprocess.PIPE,
    before: Callable[[], None] = as_from_a_terminal,
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sovlint_command(), *map(str, words)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": _empty_home()},
        text=True,
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509 - one thread
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that takes seconds in one process."""
    folder = tmp_path_factory.mktemp("large")
    bucket = 'resource "aws_s3_bucket" "b%d" {\n  region = "us-east-1"\n}\n'
    write(folder, {f"r{n}/main.tf": "".join(bucket % i for i in range(40)) for n in range(300)})
    return folder


def running(process: subprocess.Popen[str]) -> None:
    """Waits until the program itself runs: its interpreter has a handler for Ctrl-C, and the tree is being read."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        resident = int(status.partition("VmRSS:")[2].split()[0])
        if caught & (1 << (signal.SIGINT - 1)) and resident > 30_000:
            return
        time.sleep(0.002)
    raise AssertionError("it never ran")


@pytest.mark.parametrize("later", [0.0, 0.2, 0.6, 1.2])
@pytest.mark.parametrize("command", ["check", "inventory", "baseline"])
def test_ctrl_c_in_one_process(large: Path, tmp_path: Path, command: str, later: float) -> None:
    target = tmp_path / "report"
    target.write_text(OLD)
    commands: dict[str, list[str | Path]] = {
        "check": ["check", "--no-cache", "--jobs", "1", "-f", "json", "-o", target, "."],
        "inventory": ["inventory", "--no-cache", "--jobs", "1", "--format", "json", "."],
        "baseline": ["check", "--no-cache", "--jobs", "1", "-q", "--write-baseline", target, "."],
    }
    with start(large, *commands[command]) as process:
        running(process)
        time.sleep(later)
        since = time.process_time(), time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
        took = time.monotonic() - since[1]
    assert (process.returncode, err.lstrip("\n")) == (130, "sovlint: interrupted\n")
    assert out == ""
    assert took < 1
    assert target.read_text() == OLD
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("option", ["-o", "--write-baseline"])
def test_a_disk_that_fills_leaves_what_was_there(tmp_path: Path, option: str) -> None:
    """A limit on the size of files ends writing in the middle, as a full disk does."""
    many = "".join(f'resource "aws_s3_bucket" "b{i}" {{\n  region = "us-east-1"\n}}\n' for i in range(300))
    write(tmp_path, {"tree/main.tf": many, "out/report": OLD})
    target = tmp_path / "out/report"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # noqa: E731
    with start(
        tmp_path / "tree", "check", "--no-cache", "-q", "-f", "json", option, target, ".", before=limit
    ) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert err.startswith("sovlint: ") and "File too large" in err and str(target) in err
    assert err.count("\n") == 1
    assert out == ""
    assert target.read_text() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD})
    for option in ("-o", "--write-baseline"):
        with start(tmp_path, "check", "-q", "-f", "json", option, "/proc/sys/report", ".") as process:
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        assert err.startswith("sovlint: ") and "/proc/sys/report" in err and err.count("\n") == 1


def test_a_baseline_is_no_device_and_destroys_none(tmp_path: Path) -> None:
    """A pipe stands for the device: writing goes into it, and it is still there."""
    write(tmp_path, {"main.tf": GOOD})
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with start(tmp_path, "check", "-q", "--write-baseline", "pipe", ".") as process:
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert (tmp_path / "pipe").is_fifo()
    assert b'"sovlint-baseline/1"' in os.read(reader, 100_000)
    os.close(reader)
    for path in ("pipe", "/dev/zero"):
        with start(tmp_path, "check", "--baseline", path, ".") as process:
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (2, "")
        assert "not a file of at most" in err


@pytest.mark.parametrize(
    "words", [["check", "."], ["inventory", "."], ["catalogue", "--format", "json"], ["explain", "SOV101"]]
)
def test_a_closed_pipe_or_full_disk_of_any_command(tmp_path: Path, words: list[str]) -> None:
    write(tmp_path, {"main.tf": GOOD})
    read, written = os.pipe()
    os.close(read)
    with start(tmp_path, *words, stdout=written) as process:
        _, err = process.communicate(timeout=60)
    os.close(written)
    assert (process.returncode, err) == (2, "")
    with Path("/dev/full").open("w") as full, start(tmp_path, *words, stdout=full) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err == "sovlint: [Errno 28] No space left on device\n"


def test_streams_that_are_closed(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD})
    shell = f"{sovlint_command()} check %s"
    env = {"PATH": os.environ["PATH"], "HOME": _empty_home()}

    def run(words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", shell % words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
        )

    closed = run(". >&-")
    assert (closed.returncode, closed.stderr) == (2, "sovlint: [Errno 9] Bad file descriptor\n")
    written = run("-q -f json -o report.json . >&-")
    assert (written.returncode, written.stderr) == (1, "")
    assert (tmp_path / "report.json").read_text().startswith("{")
    silent = run(". 2>&-")
    assert silent.returncode == 1
    assert "SOV101" in silent.stdout
    assert run(". <&- >&- 2>&-").returncode == 2
