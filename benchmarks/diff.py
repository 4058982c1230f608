"""`--diff` against one whole check: a repository of many root modules in which a pull request changes a few.

Run: `python benchmarks/diff.py [files] [runs]`. Prints seconds of the whole process, alternating, and their ratio.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES, RUNS, CHANGED = 2_000, 3, 10

ROOT = """\
variable "region" {{
  type    = string
  default = "{region}"
}}

provider "aws" {{
  region = var.region
}}

resource "aws_s3_bucket" "records" {{
  bucket = "records-{number}"
  tags   = {{ team = "t{number}" }}
}}

resource "aws_sqs_queue" "jobs" {{
  name = "jobs-{number}"
}}
"""


def git(folder: Path, *words: str) -> None:
    """Runs git in a folder."""
    settings = ["-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "gc.auto=0"]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def seconds(folder: Path, *words: str) -> float:
    """Wall time of a whole process.

    Raises:
        RuntimeError: it could not do its job.
    """
    script = str(Path(sys.executable).parent / "sovlint")
    start = time.perf_counter()
    done = subprocess.run([script, "check", "-f", "json", *words, "."], cwd=folder, capture_output=True, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())
    return elapsed


def main() -> None:
    """Measures and prints."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else RUNS
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        git(folder, "init", "-q", "-b", "main")
        for number in range(files):
            root = folder / f"team{number % 40}" / f"r{number}"
            root.mkdir(parents=True)
            (root / "main.tf").write_text(ROOT.format(region="eu-central-1", number=number))
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "base")
        for number in range(CHANGED):
            path = folder / f"team{number % 40}" / f"r{number}" / "main.tf"
            path.write_text(ROOT.format(region="us-east-1", number=number))
        whole, change = [], []
        for _ in range(runs):
            whole.append(seconds(folder))
            change.append(seconds(folder, "--diff", "main"))
    one, two = statistics.median(whole), statistics.median(change)
    print(f"median of {runs} runs, {files} files, {CHANGED} of them changed")
    print(f"sovlint check              {one:6.2f} s")
    print(f"sovlint check --diff main  {two:6.2f} s  ratio {two / one:.2f} (aim: at most 2)")


if __name__ == "__main__":
    main()
