"""sovlint: where is it, under whose law, who holds the keys, how would we leave? Asked of infrastructure as code.

`check` is the whole interface for programs; what it takes and gives is `Config` and `Report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from sovlint.config import Config
    from sovlint.model.finding import Report

__version__ = "0.1.0"

__all__ = ["Config", "Report", "__version__", "check"]


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
    import os

    from sovlint.config import Config
    from sovlint.run import check as run

    given = (paths,) if isinstance(paths, (str, os.PathLike)) else tuple(paths)
    return run((config or Config())._replace(paths=tuple(os.fspath(path) for path in given)))


def __getattr__(name: str) -> object:
    # Looked up when asked for: starting the command must not pay for the names that programs use.
    if name == "Config":
        from sovlint.config import Config

        return Config
    if name == "Report":
        from sovlint.model.finding import Report

        return Report
    raise AttributeError(f"module 'sovlint' has no attribute {name!r}")
