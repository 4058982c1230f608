"""Run the installed command the way a user does: as a process, in an environment without anything of the developer."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "fixtures"
POLICIES = REPOSITORY / "policies"

TIMEOUT_SECONDS = 60


@functools.cache
def sovlint_command() -> str:
    """Path of the console script that belongs to the running interpreter.

    Raises:
        FileNotFoundError: sovlint is not installed in this environment.
    """
    script = Path(sys.executable).parent / "sovlint"
    if not script.exists():
        raise FileNotFoundError(f"{script} does not exist: install sovlint into this environment first")
    return str(script)


@functools.cache
def _empty_home() -> str:
    """One home folder per test process, empty at first, so that nothing but sovlint's own cache is in it."""
    home = tempfile.mkdtemp(prefix="sovlint-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    # An editable install compiles its catalogue once; limits of time are about everything else.
    subprocess.run(
        [sovlint_command(), "explain", "SOV101"],
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": home},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return home


def run_sovlint(
    args: Sequence[str | Path],
    cwd: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run `sovlint ARGS` in `cwd`; PATH, an empty HOME and `env` are all the environment there is.

    Raises:
        subprocess.TimeoutExpired: it took longer than `timeout` seconds.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": _empty_home(), **(env or {})}
    return subprocess.run(
        [sovlint_command(), *map(str, args)],
        cwd=cwd,
        env=environment,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def as_from_a_terminal() -> None:
    """Before a program is started whose answer to Ctrl-C is tested: the tests may run where nobody can send one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
