"""Runs of the installed command on a few files, for tests of what is said about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support import run_sovlint


def findings(folder: Path, files: dict[str, str], *args: str) -> list[dict[str, Any]]:
    """Findings of `sovlint check` on these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    result = run_sovlint(["check", "--format", "json", "--no-config", *args, "."], cwd=folder)
    assert result.returncode in (0, 1), result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found
