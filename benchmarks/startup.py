"""Time of a whole process: `sovlint check one.tf` against `python -c pass`, alternating, median of each.

Run: `python benchmarks/startup.py [runs]`. Prints milliseconds and their ratio. The first, uncounted run fills the
caches (bytecode, and in an editable install the compiled catalogue). Interpreter and environment are the caller's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 15

EXAMPLE = """\
variable "region" {
  type    = string
  default = "us-east-1"
}

provider "aws" {
  region = var.region
}

resource "aws_s3_bucket" "records" {
  bucket = "records"
}

resource "aws_dynamodb_table" "sessions" {
  name     = "sessions"
  hash_key = "id"
}
"""


def milliseconds(command: Sequence[str], folder: Path, expected: int) -> float:
    """Wall time of one process.

    Raises:
        RuntimeError: it ended otherwise than expected, so its time says nothing.
    """
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode != expected:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}, not {expected}\n{done.stderr}")
    return elapsed * 1000


def main() -> None:
    """Measures and prints."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    script = str(Path(sys.executable).parent / "sovlint")
    commands = {
        "python -c pass": ([sys.executable, "-c", "pass"], 0),
        "sovlint --version": ([script, "--version"], 0),
        "sovlint check one.tf": ([script, "check", "one.tf"], 1),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "one.tf").write_text(EXAMPLE, encoding="utf-8")
        for turn in range(runs + 1):
            for name, (command, expected) in commands.items():
                elapsed = milliseconds(command, folder, expected)
                if turn:
                    times[name].append(elapsed)
    bare = statistics.median(times["python -c pass"])
    print(f"median of {runs} runs, Python {sys.version.split()[0]}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:22} {median:7.1f} ms  (fastest {min(values):.1f})  ratio {median / bare:.1f}")


if __name__ == "__main__":
    main()
