"""Reading files that are no part of the tree: configurations, policies, baselines."""

from __future__ import annotations

import os
import stat


def read_regular(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """The bytes of a regular file; None if it is something else (a pipe, a device), or larger than `limit` bytes.

    Opening never waits for a pipe's other end, and what was opened is looked at, not what was there a moment before.

    Raises:
        OSError: it is not there, or may not be read.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
        return data if len(data) <= limit else None
    finally:
        os.close(descriptor)
