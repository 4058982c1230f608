"""Records what the real `terraform console` says of the expressions in `tests/data/console.json`.

Usage: `python tools/record_console.py [--add FILE]`, with the binary `terraform` on PATH. FILE holds one expression a
line. Every expression of the data file is evaluated again, so a new version of Terraform shows its differences as a
diff. No provider is needed and nothing is downloaded.

Piped mode of the console prints the last line only and stops at the first error. So expressions go in batches, as
`jsonencode([try(jsonencode(e1), "@@ERR"), …])`, in base64 because the console quotes strings in its own way; a batch
that is rejected as a whole (a syntax error, an unknown function, an unknown value) is halved until the culprit
is alone.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "console.json"
FAILED = "@@ERR"
BATCH = 60


def _console(folder: Path, line: str) -> str | None:
    """What the console prints for one line; None if it reports an error."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    result = subprocess.run(
        ["terraform", f"-chdir={folder}", "console"],
        input=line + "\n",
        env={**environment, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return result.stdout.rstrip("\n") if result.returncode == 0 else None


def _alone(folder: Path, expression: str) -> dict[str, Any]:
    """The record of one expression that no batch would take.

    Unknown values and sensitive ones make everything unknown or sensitive that is computed from them; the result of
    `type()` can be printed, and nothing else.
    """
    if expression.startswith("type("):
        printed = _console(folder, expression)
        return {"expression": expression, "error": True} if printed is None else _typed(expression, printed)
    printed = _console(folder, f"jsonencode({expression})")
    if printed == "(known after apply)":
        return {"expression": expression, "unknown": True}
    if printed == "(sensitive value)":
        return {"expression": expression, "sensitive": True}
    return {"expression": expression, "error": True}


def _typed(expression: str, printed: str) -> dict[str, Any]:
    return {"expression": expression, "value": json.dumps(printed)}


def ask(folder: Path, expressions: Sequence[str]) -> list[dict[str, Any]]:
    """One record per expression: `value` as JSON text, or one of `error`, `unknown`, `sensitive`, which are true.

    Args:
        folder: holds the configuration the expressions refer to.
        expressions: Terraform expressions of one line each.
    """
    batch = ", ".join(f'try(jsonencode({e}), "{FAILED}")' for e in expressions)
    printed = _console(folder, f"base64encode(jsonencode([{batch}]))")
    if printed is not None and printed.startswith('"'):
        texts = json.loads(base64.b64decode(printed.strip('"')))
        return [
            {"expression": e, "error": True} if text == FAILED else {"expression": e, "value": text}
            for e, text in zip(expressions, texts, strict=True)
        ]
    if len(expressions) == 1:
        return [_alone(folder, expressions[0])]
    half = len(expressions) // 2
    return [*ask(folder, expressions[:half]), *ask(folder, expressions[half:])]


def lay_out(folder: Path, files: dict[str, str]) -> None:
    """Writes the configuration the expressions refer to."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")


def record(files: dict[str, str], expressions: Sequence[str]) -> list[dict[str, Any]]:
    """Asks for all expressions, in batches.

    Args:
        files: the configuration, path to text.
        expressions: Terraform expressions of one line each.
    """
    # What refers to unknown or sensitive variables, and `type()`, spoils every batch: it is asked for alone.
    single = [e for e in expressions if e.startswith("type(") or "var.unset" in e or "var.secret" in e]
    others = [e for e in expressions if e not in set(single)]
    found: dict[str, dict[str, Any]] = {}
    batches = [others[start : start + BATCH] for start in range(0, len(others), BATCH)]
    batches += [[e] for e in single]

    def ask_batch(batch: Sequence[str]) -> list[dict[str, Any]]:
        # A folder of its own, for the console locks the state that it reads.
        with tempfile.TemporaryDirectory() as name:
            lay_out(Path(name), files)
            return ask(Path(name), batch)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for cases in pool.map(ask_batch, batches):
            found.update({case["expression"]: case for case in cases})
    return [found[e] for e in expressions]


def main() -> None:
    """Rewrites the data file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--add", type=Path, help="file with further expressions, one a line")
    options = parser.parse_args()
    data = json.loads(DATA.read_text(encoding="utf-8"))
    expressions = [case["expression"] for case in data["cases"]]
    if options.add:
        lines = options.add.read_text(encoding="utf-8").splitlines()
        expressions += [line for line in lines if line.strip() and not line.startswith("#")]
    expressions = list(dict.fromkeys(expressions))
    data["cases"] = record(data["files"], expressions)
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    errors = sum("error" in case for case in data["cases"])
    print(f"{len(data['cases'])} expressions, {errors} of them errors")


if __name__ == "__main__":
    main()
