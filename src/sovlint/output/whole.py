"""Files that appear whole or not at all: a report, a baseline."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(data: bytes, target: str) -> None:
    """Writes a file beside its place and moves it there; a device or pipe (`/dev/stderr`) is written to as it is.

    Whatever ends the run before, an interruption included, leaves what was there, and nothing else.

    Raises:
        OSError: it cannot be written; the message names the file that was asked for.
    """
    path = Path(os.path.realpath(target))
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    import tempfile

    scratch = ""
    try:
        descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(scratch).chmod(0o666 & ~umask)
        Path(scratch).replace(path)
    except BaseException as error:
        if scratch:
            Path(scratch).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, target) from None
        raise
