"""Brings the README up to date: its table of rules from `policies/rules/`, its examples from what the program prints.

Run: `python tools/readme.py`, with sovlint installed in the environment. An example keeps its selection: each piece
between `[…]` is found again by its first two lines (what, and where) or, if it has one line, as the output's last one.
A piece that is not found any more stays, and is named: choose another by hand.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from sovlint.catalogue.read import read_policy

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = re.compile(r"(?P<head><!-- prints: sovlint (?P<args>.+?) -->\n```\w*\n)(?P<block>.*?)(?=^```$)", re.S | re.M)
TABLE = re.compile(r"(?<=<!-- rules -->\n\n).*?(?=\n<!-- /rules -->)", re.S)
OMISSION = "[…]"


def rules_table() -> str:
    """One row a rule: code, name, title, default severity."""
    rows = ["| Code | Name | Flags | Severity |", "|---|---|---|---|"]
    for path in sorted((ROOT / "policies" / "rules").glob("SOV*.yaml")):
        rule = read_policy(path)
        rows.append(f"| `{rule['code']}` | {rule['name']} | {rule['title']} | {rule['severity']} |")
    return "\n".join(rows) + "\n"


def example(match: re.Match[str]) -> str:
    """An example with each piece as it is printed today."""
    command = [str(Path(sys.executable).parent / "sovlint"), *shlex.split(match["args"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    blocks = done.stdout.strip("\n").split("\n\n")
    pieces = []
    for piece in match["block"].strip("\n").split("\n\n"):
        start = piece.split("\n")[:2]
        found = next((block for block in blocks if block.split("\n")[:2] == start), None)
        if piece == OMISSION:
            found = piece
        elif "\n" not in piece:
            found = blocks[-1]
        elif found is None:
            print(f"not printed any more by sovlint {match['args']}: {' '.join(start)}", file=sys.stderr)
        pieces.append(found or piece)
    return match["head"] + "\n\n".join(pieces) + "\n"


def main() -> None:
    """Rewrites README.md."""
    path = ROOT / "README.md"
    text = EXAMPLE.sub(example, path.read_text(encoding="utf-8"))
    path.write_text(TABLE.sub(lambda _: rules_table(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
