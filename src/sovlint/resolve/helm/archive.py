"""Packaged charts (`.tgz`) read in memory, with bounds: nothing is written, leads out, or grows without end."""

from __future__ import annotations

import io
import tarfile
import zlib

MAX_BYTES = 30_000_000
"""Bytes of one unpacked archive; Helm's own limit is 100 MiB."""

MAX_MEMBERS = 5_000
MAX_FILE = 5_000_000


class ArchiveError(ValueError):
    """The archive is not read: what is wrong with it, one clause."""


def read_archive(data: bytes, limit: int = MAX_BYTES) -> dict[str, bytes]:
    """The files of a chart's archive by path below the chart's folder (`values.yaml`, `templates/x.yaml`).

    Args:
        data: the archive.
        limit: bytes that it may unpack to.

    Raises:
        ArchiveError: no gzip, no tar, too large, too many members, or a member that leads out of the chart.
    """
    stream = zlib.decompressobj(wbits=31)
    try:
        unpacked = stream.decompress(data, limit + 1)
    except zlib.error:
        raise ArchiveError("no gzip archive") from None
    if len(unpacked) > limit:
        raise ArchiveError(f"more than {limit} bytes when unpacked")
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as tar:
            for count, member in enumerate(tar):
                if count >= MAX_MEMBERS:
                    raise ArchiveError(f"more than {MAX_MEMBERS} files")
                name = member.name.replace("\\", "/")
                parts = [part for part in name.split("/") if part not in ("", ".")]
                if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
                    raise ArchiveError(f"{member.name[:80]!r} leads out of the chart")
                if member.issym() or member.islnk():
                    raise ArchiveError(f"{member.name[:80]!r} is a link")
                if not member.isreg() or len(parts) < 2:
                    continue
                if member.size > MAX_FILE:
                    raise ArchiveError(f"{member.name[:80]!r} is larger than {MAX_FILE} bytes")
                content = tar.extractfile(member)
                if content is not None:
                    files["/".join(parts[1:])] = content.read()
    except (tarfile.TarError, EOFError, OSError, UnicodeError, ValueError) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError("no readable tar archive") from None
    if "Chart.yaml" not in files:
        raise ArchiveError("no chart: there is no Chart.yaml in it")
    return files
