"""The interface for programs."""

from __future__ import annotations

import os
from collections.abc import Iterable

from sovlint.config import Config
from sovlint.model.finding import Report
from sovlint.run.way import check as run

__all__ = ["Config", "Report", "check"]


def check(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = ".", config: Config | None = None
) -> Report:
    """Lints files and folders and returns the report.

    Nothing is printed or written apart from the cache of the catalogue (`Config.cache`), and nothing is read from the
    environment or from configuration files: `sovlint.config.read.read_config` reads one into keyword arguments of
    `Config`.

    Args:
        paths: a path or several, relative to `config.working_directory`.
        config: everything else; the defaults without it.

    Returns:
        Findings, problems of the input, and what the run was. Its `findings` are what every format shows.

    Raises:
        sovlint.model.errors.SovlintError: the job cannot be done: no such profile, nothing to compare with.
    """
    given = (paths,) if isinstance(paths, (str, os.PathLike)) else tuple(paths)
    return run((config or Config())._replace(paths=tuple(os.fspath(path) for path in given)))
