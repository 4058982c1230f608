"""Everything that `docs/performance.md` says, measured anew: prints Markdown to paste.

Usage: `python benchmarks/run_all.py [--quick] [--path FOLDER,…] [--keep FOLDER] [--only NAME,…]`.

Takes about an hour on two processors, most of it for the other tools; nothing else should run meanwhile, and every
section says how busy the machine was before. `--quick` takes small inputs, to see that everything works. `--path` names
folders in which Trivy, Checkov and tf-eu-guard are looked for besides PATH, `--keep` a folder for the monorepo at full
scale. What fails is said, and the rest goes on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def commands(quick: bool, keep: str) -> dict[str, tuple[str, list[str]]]:
    """Name → heading, script with arguments."""
    full = ["--scale", "0.1" if quick else "1", *(("--keep", keep) if keep else ())]
    sizes = "1000,3000" if quick else "1000,3000,10000,30000,100000"
    return {
        "startup": ("Start-up", ["startup.py", "5" if quick else "31"]),
        "catalogue": ("What a run loads of the catalogue", ["catalogue.py"]),
        "hcl": ("HCL parser", ["hcl_parser.py"]),
        "yaml": ("YAML composer", ["yaml_composer.py"]),
        "manifests": ("Manifests", ["manifests.py", "--count", "1000" if quick else "10000"]),
        "sarif": ("SARIF", ["sarif.py", *(("2500", "1") if quick else ())]),
        "diff": ("`--diff`", ["diff.py", *(("200", "1") if quick else ())]),
        "tenth": ("A tenth of the monorepo", ["monorepo.py", "--scale", "0.1", "--repeat", "1" if quick else "5"]),
        "monorepo": ("The monorepo", ["monorepo.py", *full, "--repeat", "1" if quick else "3"]),
        "growth": ("Growth", ["growth.py", "--sizes", sizes]),
        "compare": (
            "Beside other tools",
            ["compare.py", *(("--runs", "1", "--only", "one file") if quick else ("--timeout", "1200"))],
        ),
    }


def main() -> None:
    """Runs all of it, one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--path", default="", help="folders with other tools")
    parser.add_argument("--keep", default="")
    parser.add_argument("--only", default="", help="names of sections")
    arguments = parser.parse_args()
    folders = [folder for folder in arguments.path.split(",") if folder]
    environment = {**os.environ, "PATH": os.pathsep.join((*folders, os.environ.get("PATH", "")))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = arguments.only.split(",") if arguments.only else None
    for name, (heading, words) in commands(arguments.quick, arguments.keep).items():
        if wanted is not None and name not in wanted:
            continue
        busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        print(f"## {heading}\n\n`benchmarks/{words[0]}`, {time.strftime('%Y-%m-%d')}; load before: {busy:.1f}\n")
        done = subprocess.run(
            [sys.executable, str(HERE / words[0]), *words[1:]],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
        text = done.stdout.rstrip()
        print(text if "| --- |" in text else f"```text\n{text}\n```")
        print(f"\n**ended with {done.returncode}**\n" if done.returncode else "", flush=True)


if __name__ == "__main__":
    main()
