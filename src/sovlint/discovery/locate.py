"""Which folder is "the tree", and where the given paths lie in it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from sovlint.model.problem import Problem
from sovlint.model.source import whole_file


@dataclass(slots=True)
class Located:
    """The tree's root and the given paths inside it; paths that cannot be linted are problems."""

    root: Path
    paths: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def locate(paths: tuple[str, ...], working_directory: Path) -> Located:
    """The tree and the paths in it.

    The tree is the repository root of the first path that exists, else the working directory if it contains that path,
    else the path itself (its folder, for a file).
    """
    absolute = [(given, Path(os.path.normpath(working_directory / given))) for given in paths]
    first = next((path for _, path in absolute if path.exists()), working_directory)
    root = Path(os.path.realpath(_root(first, working_directory)))
    located = Located(root)
    for given, path in absolute:
        # The path as given decides what is reported; only its folder is resolved, a link itself is judged by the tree.
        real = Path(os.path.realpath(path if path.is_dir() else path.parent))
        if not path.is_dir():
            real = real / path.name
        if not os.path.lexists(path):
            shown = _relative(real, root) or given
            located.problems.append(Problem(whole_file(shown), "missing", f"no such file or folder: {given}"))
            continue
        relative = _relative(real, root)
        if relative is None:
            message = f"{given} lies outside {root.name or '/'}, the tree of this run; lint it on its own"
            located.problems.append(Problem(whole_file(given), "outside-tree", message))
            continue
        located.paths.append(relative)
    return located


def _root(path: Path, working_directory: Path) -> Path:
    start = path if path.is_dir() else path.parent
    real = Path(os.path.realpath(start))
    for folder in (real, *real.parents):
        if (folder / ".git").exists():
            return folder
    if _relative(real, Path(os.path.realpath(working_directory))) is not None:
        return working_directory
    return start


def _relative(path: Path, root: Path) -> str | None:
    try:
        relative = path.relative_to(root).as_posix()
    except ValueError:
        return None
    return "" if relative == "." else relative
