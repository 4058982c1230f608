"""The approved reports of the example project: what a person reads, letter for letter.

After an intended change: `SOVLINT_APPROVE=1 python -m pytest tests/test_approved.py`; then read the difference before
it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import run_sovlint

REPOSITORY = Path(__file__).resolve().parent.parent
APPROVED = REPOSITORY / "fixtures" / "approved"
PROJECT = "fixtures/projects/gemeente"


@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("json", "json"), ("sarif", "sarif")])
def test_report_is_as_approved(form: str, suffix: str) -> None:
    result = run_sovlint(["check", PROJECT, "--no-config", "--today", "2026-11-23", "-f", form], cwd=REPOSITORY)
    assert result.returncode == 1, result.stderr
    path = APPROVED / f"gemeente.{suffix}"
    if os.environ.get("SOVLINT_APPROVE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(result.stdout, encoding="utf-8")
    assert result.stdout == path.read_text(encoding="utf-8")
