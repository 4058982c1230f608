"""Finds the configuration of a run."""

from __future__ import annotations

import os

NAME = ".sovlint.yaml"


def find_config(start: str | os.PathLike[str]) -> str | None:
    """The nearest configuration upward from a folder, up to the repository root (the folder that holds `.git`)."""
    folder = os.path.abspath(start)
    while True:
        candidate = os.path.join(folder, NAME)
        if os.path.isfile(candidate):
            return candidate
        project = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(project) and _has_table(project):
            return project
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def _has_table(project: str) -> bool:
    with open(project, encoding="utf-8", errors="replace") as file:
        return "[tool.sovlint" in file.read()
