"""Fixtures of the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import GOOD, write


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A folder with one file that has one finding."""
    write(tmp_path, {"good/main.tf": GOOD})
    return tmp_path
