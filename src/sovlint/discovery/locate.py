"""Which folder is "the tree", and where the given paths lie in it."""

from __future__ import annotations

import os

from sovlint.model.problem import Problem
from sovlint.model.source import whole_file


class Located:
    """The tree's root and the given paths inside it; paths that cannot be linted are problems."""

    __slots__ = ("paths", "problems", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self.paths: list[str] = []
        self.problems: list[Problem] = []


def locate(paths: tuple[str, ...], working_directory: str | os.PathLike[str]) -> Located:
    """The tree and the paths in it.

    The tree is the repository root of the first path that exists, else the working directory if it contains that path,
    else the path itself (its folder, for a file).
    """
    here = os.path.abspath(working_directory)
    absolute = [(given, os.path.normpath(os.path.join(here, given))) for given in paths]
    first = next((path for _, path in absolute if os.path.exists(path)), here)
    root = os.path.realpath(_root(first, here))
    located = Located(root)
    for given, path in absolute:
        # The path as given decides what is reported; only its folder is resolved, a link itself is judged by the tree.
        folder, name = os.path.split(path)
        real = os.path.realpath(path) if os.path.isdir(path) else os.path.join(os.path.realpath(folder), name)
        if not os.path.lexists(path):
            shown = inside(real, root) or given
            message = "no such file or folder" if shown == given else f"no such file or folder: {given}"
            located.problems.append(Problem(whole_file(shown), "missing", message))
            continue
        relative = inside(real, root)
        if relative is None:
            message = f"{given} lies outside {os.path.basename(root) or '/'}, the tree of this run; lint it on its own"
            located.problems.append(Problem(whole_file(given), "outside-tree", message))
            continue
        located.paths.append(relative)
    return located


def inside(path: str, root: str) -> str | None:
    """An absolute path as a path in the tree (empty for the root); None if it lies outside."""
    if path == root:
        return ""
    prefix = root.rstrip("/") + "/"
    return path.removeprefix(prefix) if path.startswith(prefix) else None


def _root(path: str, working_directory: str) -> str:
    start = path if os.path.isdir(path) else os.path.dirname(path)
    real = folder = os.path.realpath(start)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    if inside(real, os.path.realpath(working_directory)) is not None:
        return working_directory
    return start
