"""Time and memory of a run on the monorepo of a ministry: very many root modules, charts and manifests.

Usage: `python benchmarks/monorepo.py [--scale 0.1] [--seed 1] [--jobs 1,auto] [--keep FOLDER] [--repeat 1]
[--json FILE] [--python INTERPRETER] [--profile]`.

`ministry.py` writes it: at `--scale 1`, 12,000 Terraform files of 640,000 lines and 9,000 YAML files of 340,000 lines.
Then the linter runs on it in processes of its own, for every number of jobs: without a cache; for the first time with
one; again, nothing changed; again, one file of a root module changed; again, one popular shared module changed. Cold
means that nothing is known but the compiled catalogue; the files are in the memory of the system, as they were just
written. Every run must write the same bytes as the first, else the benchmark fails.

Prints seconds, seconds of all processors, the memory of all processes together and of the largest, and what that is at
full scale. The target holds at full scale on two cores of a quiet machine: 15 s cold, 5 s for an unchanged second run,
1.2 GB. With `--python`, an environment with a wheel: in an editable install `--no-cache` compiles the catalogue, which
the row of an empty folder shows.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Usage, machine, measure, table
from ministry import TERRAFORM_LINES, YAML_LINES, counted, generate

TARGET = "targets at full scale, two quiet cores: 15 s cold, 5 s again, 1,200 MB"
HEAD = ("Run", "Jobs", "Seconds", "of processors", "All processes", "Largest", "Ratio", "Full scale")


class Measurement:
    """The runs of one benchmark: a folder, an interpreter, and what every run is expected to print."""

    def __init__(self, folder: Path, scratch: Path, python: str, repeat: int, share: float) -> None:
        self.folder, self.scratch, self.python = folder, scratch, python
        self.repeat, self.share = repeat, share
        self.expected: bytes | None = None
        self.rows: list[tuple[str, ...]] = []
        self.results: list[dict[str, object]] = []
        self.last = ""
        self.compiled = scratch / "catalogue"
        # A wheel brings its catalogue and writes none.
        self.compiled.mkdir()
        empty = scratch / "empty"
        empty.mkdir()
        self.once(empty, self.compiled, [])
        self.row("empty folder", "1", [self.once(empty, self.compiled, ["--no-cache"]) for _ in range(repeat)])

    def once(self, folder: Path, cache: Path, options: list[str]) -> Usage:
        """One run."""
        words = [self.python, "-m", "sovlint", "check", "--no-config", "--format", "concise", *options, str(folder)]
        return measure(words, SOVLINT_CACHE_DIR=str(cache))

    def run(self, name: str, jobs: str, cache: Path, options: tuple[str, ...] = (), fresh: bool = False) -> None:
        """Measures some runs, which must all print the same; with a fresh cache each, if asked."""
        words = [*options, *(() if jobs == "auto" else ("--jobs", jobs))]
        used: list[Usage] = []
        for _ in range(self.repeat):
            if fresh:
                shutil.rmtree(cache, ignore_errors=True)
                shutil.copytree(self.compiled, cache)
            used.append(self.once(self.folder, cache, words))
            if self.expected is None:
                self.expected, self.last = used[-1].output, used[-1].last
            if used[-1].output != self.expected or used[-1].code not in (0, 1):
                raise SystemExit(f"{name}, {jobs} jobs: not the output of the first run\n{used[-1].error}")
        self.row(name, jobs, used)

    def row(self, name: str, jobs: str, used: list[Usage]) -> None:
        """Prints the median run."""
        middle = sorted(used, key=lambda usage: usage.seconds)[(len(used) - 1) // 2]
        cpu = statistics.median(usage.cpu for usage in used)
        peak, largest = max(usage.peak for usage in used), max(usage.largest for usage in used)
        base = self.results[1]["seconds"] if len(self.results) > 1 else middle.seconds
        assert isinstance(base, float)
        ratio = middle.seconds / base if self.results else 0.0
        self.results.append(
            {"run": name, "jobs": jobs, "seconds": middle.seconds, "cpu": cpu, "peak": peak, "largest": largest}
        )
        self.rows.append(
            (
                *(name, jobs, f"{middle.seconds:.2f}", f"{cpu:.2f}", f"{peak:.0f} MB", f"{largest:.0f} MB"),
                *((f"{ratio:.2f}", f"{middle.seconds / self.share:.1f} s") if self.results[1:] else ("", "")),
            )
        )
        print("  ".join(self.rows[-1]), file=sys.stderr, flush=True)

    def changed(self, name: str, jobs: str, cache: Path, path: Path) -> None:
        """A run after a comment was added at the end of a file, which is taken back."""
        before = path.read_bytes()
        try:
            path.write_bytes(before + b"# changed\n")
            self.run(name, jobs, cache)
        finally:
            path.write_bytes(before)


def profiled(folder: Path, cache: Path, python: str) -> str:
    """Where the time of a run goes: functions by own time, and with what they call. In one process."""
    script = (
        "import cProfile, pstats, sys\n"
        "from sovlint import Config, check\n"
        "profile = cProfile.Profile()\n"
        "profile.runcall(check, sys.argv[1], Config(cache=True))\n"
        "stats = pstats.Stats(profile)\n"
        "stats.sort_stats('tottime').print_stats(40)\n"
        "stats.sort_stats('cumtime').print_stats(60)\n"
    )
    environment = {**os.environ, "SOVLINT_CACHE_DIR": str(cache)}
    return subprocess.run(
        [python, "-c", script, str(folder)], capture_output=True, text=True, check=True, env=environment
    ).stdout


def main() -> None:
    """Generates, runs, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", default="1,auto", help="numbers of worker processes to measure; auto for its own")
    parser.add_argument(
        "--keep", type=Path, help="folder to generate into, kept; what is there already is not written anew"
    )
    parser.add_argument("--repeat", type=int, default=1, help="runs per row; the median counts")
    parser.add_argument("--python", default=sys.executable, help="interpreter whose sovlint is measured")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--profile", action="store_true", help="where the time goes (cProfile)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        folder = arguments.keep or scratch / "monorepo"
        if not folder.is_dir():
            generate(folder, arguments.scale, arguments.seed)
        files, lines, yaml_files, yaml_lines = counted(folder)
        share = (lines + yaml_lines) / (TERRAFORM_LINES + YAML_LINES)
        said = f"{files} Terraform files, {lines} lines; {yaml_files} YAML files, {yaml_lines} lines"
        print(said, file=sys.stderr, flush=True)
        where = machine()
        measured = Measurement(folder, scratch, arguments.python, arguments.repeat, share)
        if arguments.profile:
            print(profiled(folder, measured.compiled, arguments.python))
            return
        for jobs in arguments.jobs.split(","):
            cache = scratch / f"cache-{jobs}"
            measured.run("cold, `--no-cache`", jobs, measured.compiled, ("--no-cache",))
            measured.run("cold, fills the cache", jobs, cache, fresh=True)
            measured.run("again, unchanged", jobs, cache)
            measured.changed("again, a root changed", jobs, cache, folder / "team-1" / "root-1" / "main.tf")
            measured.changed("again, a popular module changed", jobs, cache, folder / "modules" / "network" / "main.tf")
        print(f"{said}. {measured.last}.\n{where}.\n")
        print(table(HEAD, measured.rows))
        print(f"\n{TARGET}")
        if arguments.json:
            arguments.json.write_text(json.dumps({"machine": where, "rows": measured.results}, indent=2))


if __name__ == "__main__":
    main()
