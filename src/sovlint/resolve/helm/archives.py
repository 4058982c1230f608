"""Packed charts (`.tgz` below `charts/`): looked through before anything unpacks them."""

from __future__ import annotations

import io
import posixpath
import tarfile
import zlib

MAX_UNPACKED = 50_000_000
"""Bytes of all files of an archive."""

MAX_MEMBERS = 5_000


class ArchiveError(Exception):
    """An archive that is not unpacked; the message says why."""


def unpack(data: bytes, limit: int = MAX_UNPACKED) -> dict[str, bytes]:
    """The files of a packed chart by path (`redis/templates/x.yaml`), read in memory.

    Args:
        data: the archive.
        limit: bytes that it may unpack to.

    Raises:
        ArchiveError: a path leads out of the archive, it unpacks to more than is allowed, or it is broken.
    """
    out: dict[str, bytes] = {}
    # Not more is unpacked than is allowed, whatever the archive says of itself.
    unzip = zlib.decompressobj(wbits=31)
    try:
        raw = unzip.decompress(data, limit + 1024 * MAX_MEMBERS)
    except zlib.error:
        raise ArchiveError("is not a gzip archive") from None
    if unzip.unconsumed_tail:
        raise ArchiveError(f"unpacks to more than {limit} bytes")
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= MAX_MEMBERS:
                    raise ArchiveError(f"holds more than {MAX_MEMBERS} files")
                name = member.name
                if "\\" in name or "\0" in name or name.startswith("/") or ".." in name.split("/"):
                    raise ArchiveError(f"holds the path {name[:100]!r}, which leads out of it")
                if member.isfile() and not member.issparse():
                    file = archive.extractfile(member)
                    assert file is not None
                    out[posixpath.normpath(name)] = file.read()
                elif not member.isdir():
                    raise ArchiveError(f"holds {name[:100]!r}, which is neither a file nor a folder")
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError):
        raise ArchiveError("is a broken archive") from None
    if not out:
        raise ArchiveError("is empty")
    return out
