"""Finds the configuration of a run."""

from __future__ import annotations

import os

NAME = ".sovlint.yaml"

MAX_BYTES = 2_000_000
"""Bytes of a `pyproject.toml` in which a table of ours is looked for."""


def boundary_of(file: str) -> str:
    """What a configuration that was found, not named, may lead to: its repository, or its folder where it is in none.

    Whoever may change a repository decides what stands in its configuration, and not what else of a machine is read.
    """
    here = folder = os.path.realpath(os.path.dirname(os.path.abspath(file)))
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return here
        folder = above
    return folder


def is_within(path: str, folder: str) -> bool:
    """Whether a path, links followed, lies in a real folder."""
    return (os.path.realpath(path) + "/").startswith(folder.rstrip("/") + "/")


def find_config(start: str | os.PathLike[str]) -> str | None:
    """The nearest configuration upward from a folder, up to the repository root (the folder that holds `.git`)."""
    folder = os.path.abspath(start)
    while True:
        candidate = os.path.join(folder, NAME)
        if os.path.isfile(candidate):
            return candidate
        project = os.path.join(folder, "pyproject.toml")
        # A link out of the repository is somebody else's project.
        if os.path.isfile(project) and is_within(project, boundary_of(project)) and _has_table(project):
            return project
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def _has_table(project: str) -> bool:
    from sovlint.model.files import read_regular

    try:
        return b"[tool.sovlint" in (read_regular(project, MAX_BYTES) or b"")
    except OSError:
        return False
