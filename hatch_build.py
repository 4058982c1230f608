"""Build hook: a wheel carries `policies/` and the catalogue compiled from it.

An editable install gets neither. It reads `policies/` of the checkout and compiles into the user's cache folder, keyed
by what the files hold (`sovlint.catalogue.store`), so that an edited policy counts at once.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Compiles the catalogue into a scratch folder and has the wheel take it from there."""

    PLUGIN_NAME = "custom"

    _scratch: str | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds `sovlint/policies` and `sovlint/_catalogue`; nothing is written into the source tree.

        Raises:
            sovlint.model.errors.PolicyError: a policy file is wrong; no wheel is built from it.
        """
        if version == "editable":
            return
        root = Path(self.root)
        policies = root / "policies"
        self._scratch = tempfile.mkdtemp(prefix="sovlint-build-")
        compiled = Path(self._scratch) / "_catalogue"
        _compile(root / "src", policies, compiled)
        build_data["force_include"][str(policies)] = "sovlint/policies"
        build_data["force_include"][str(compiled)] = "sovlint/_catalogue"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes the scratch folder."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _compile(source: Path, policies: Path, target: Path) -> None:
    """Compiles with the code that is being packaged, whatever other sovlint the environment may hold."""
    sys.path.insert(0, str(source))
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        from sovlint.catalogue.compile import compile_policies
        from sovlint.catalogue.store import write_shards

        write_shards(target, compile_policies(policies))
    finally:
        sys.path.remove(str(source))
        sys.dont_write_bytecode = before
