"""The command `helm` as it was released, in the versions 3 and 4.

`SOVLINT_HELM` names a folder that holds `v3/helm` and `v4/helm`; without it that is `.helm` in the checkout, which git
ignores. What is not there is fetched once, by `tools/helm_binary.py`.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import REPOSITORY

VERSIONS = ("v3", "v4")


@functools.cache
def helm(version: str) -> Path:
    """Path of a binary; the test fails with a word about it where there is none."""
    folder = Path(os.environ.get("SOVLINT_HELM") or REPOSITORY / ".helm")
    binary = folder / version / "helm"
    if not binary.exists():
        command = [sys.executable, str(REPOSITORY / "tools" / "helm_binary.py"), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(
                f"there is no {binary}, and tools/helm_binary.py could not fetch it; set SOVLINT_HELM to a folder "
                f"with v3/helm and v4/helm for this system:\n{done.stderr[-1000:]}"
            )
    try:
        subprocess.run([binary, "version", "--short"], check=True, capture_output=True)
    except OSError as error:
        pytest.fail(f"{binary} does not run here ({error}); set SOVLINT_HELM to a folder with binaries that do")
    return binary
