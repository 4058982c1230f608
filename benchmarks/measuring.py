"""What a command costs: seconds, seconds of all processors, memory of the whole tree of its processes.

`measure` runs this file as a small process of its own, which starts the command: one forked from a large process would
count that one's memory as its own peak. Memory is the largest sum, over the processes that live at one time, of their
proportional shares (PSS, which counts what forked processes share once), sampled ten times a second on Linux; and at
least the peak of the largest single process, which is exact, and all there is elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

INTERVAL = 0.1


class Usage(NamedTuple):
    """What a command took.

    Attributes:
        seconds: by the clock.
        cpu: seconds of all processors, of the process and what it started.
        peak: megabytes, of the whole tree of processes.
        largest: megabytes, of the largest process.
        code: what it exited with; negative for a signal.
        output: what it wrote to standard output.
        error: the end of what it wrote to standard error.
    """

    seconds: float
    cpu: float
    peak: float
    largest: float
    code: int
    output: bytes
    error: str

    @property
    def last(self) -> str:
        """The last line of what it said."""
        return ((self.output.decode("utf-8", "replace").strip() or self.error).splitlines() or [""])[-1]


def measure(command: list[str], cwd: Path | None = None, timeout: float = 3_600, **environment: str) -> Usage:
    """Runs a command once.

    Args:
        command: the program and its arguments.
        cwd: where.
        timeout: seconds after which it is killed; its code is then -9.
        environment: variables to set besides those of this process.
    """
    import subprocess

    with tempfile.TemporaryDirectory() as scratch:
        out, err = Path(scratch) / "out", Path(scratch) / "err"
        words = [sys.executable, "-S", "-E", __file__, str(out), str(err), str(timeout), *command]
        variables = {**os.environ, **environment}
        # As for any installed program: what was compiled once is kept.
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(words, cwd=cwd, env=variables, stdout=subprocess.PIPE, check=True, text=True)
        taken: dict[str, Any] = json.loads(done.stdout)
        return Usage(**taken, output=out.read_bytes(), error=err.read_text(encoding="utf-8", errors="replace")[-2_000:])


def machine() -> str:
    """Processors, interpreter and how busy it was just before, for a line under a table."""
    import platform

    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, Python {platform.python_version()}, "
        f"{time.strftime('%Y-%m-%d')}; load before: {busy:.1f}"
        + (" - **a busy machine: ratios tell more than seconds**" if busy > 0.5 else "")
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found.extend(map(int, (task / "children").read_text("ascii").split()))
        except OSError:
            continue
    return found


def _proportional(pid: int) -> int:
    """Kilobytes of a process's own pages, and its share of those it has together with others."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        return int(text.partition("\nPss:")[2].split(None, 1)[0])
    except (OSError, IndexError):
        return 0


def _run(out: str, err: str, timeout: float, command: list[str]) -> None:
    """In the process between: starts the command, watches it, prints what it took."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600), (os.POSIX_SPAWN_OPEN, 2, err, flags, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
    peak, code = 0, 0
    # Short commands are met more often than a sample per interval would.
    pause = 0.001
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        seconds = time.perf_counter() - start
        if done:
            code = os.waitstatus_to_exitcode(status)
            break
        if seconds > timeout:
            os.kill(pid, 9)
        if pause >= INTERVAL:
            peak = max(peak, sum(map(_proportional, _tree(pid))))
        time.sleep(pause)
        pause = min(INTERVAL, pause * 1.2) if seconds > 0.2 else pause
    largest = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    cpu = used.ru_utime + used.ru_stime
    whole = max(largest, peak / 1024)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": whole, "largest": largest, "code": code}))


if __name__ == "__main__":
    _run(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:])
