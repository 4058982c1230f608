"""`Tree`: the only door to files. Confined to one folder, immutable within a run.

Paths are relative to the tree, with forward slashes and without `.` and `..`; the root is the empty path. `file()`,
modules, charts and comparisons with other revisions all go through here, so that security and caching have one place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from sovlint.model.errors import SovlintError

# Opening a pipe that nobody writes to must not wait; what it is, is looked at after opening. The last part of a path is
# resolved before: what has become a link since then may lead anywhere. Not every system has all of these.
_OPENING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW"):
    _OPENING |= getattr(os, _flag, 0)

MAX_REMEMBERED = 200_000
"""Names of folders' contents that are kept; of more, some 40 MB, later folders are listed anew."""


class TreeError(SovlintError):
    """A file could not be read. `code` is the problem's code: `missing`, `unreadable`, `outside-tree`, `too-large`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Entry(NamedTuple):
    """A name in a folder. `link` tells a symbolic link; `folder` is about its target."""

    name: str
    folder: bool
    link: bool = False
    special: bool = False


class Tree(Protocol):
    """Read-only access to the files of one tree."""

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            TreeError: it is not there, not a regular file, not readable, too large or outside the tree.
        """
        ...

    def list(self, folder: str) -> tuple[Entry, ...]:
        """What a folder holds, sorted by name.

        Raises:
            TreeError: as for `read`.
        """
        ...

    def exists(self, path: str) -> bool:
        """Whether a regular file is there (and inside the tree)."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there (and inside the tree)."""
        ...


def join(folder: str, relative: str) -> str | None:
    """A path inside the tree from a folder in it and a relative path; None if it leads out of the tree.

    Absolute paths lead out, whatever they name.
    """
    if relative.startswith("/") or "\0" in relative or "\\" in relative:
        return None
    parts = folder.split("/") if folder else []
    for part in relative.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


class WorkingTree:
    """The working directory below a root folder.

    Symbolic links are followed only if their target lies inside the tree.

    Args:
        root: the folder that is the tree.
        size_limit: bytes above which a file is not read.
    """

    def __init__(self, root: str | os.PathLike[str], size_limit: int = 10_000_000) -> None:
        self.root = os.path.realpath(root)
        self.size_limit = size_limit
        self._folders: dict[str, str] = {}
        self._lists: dict[str, tuple[Entry, ...]] = {}
        self._listed = 0

    def _real(self, path: str) -> str:
        """The real path of something in the tree; folders are resolved once."""
        folder, _, name = path.rpartition("/")
        real_folder = self._folders.get(folder)
        if real_folder is None:
            real_folder = self._folders[folder] = self._real_folder(folder)
        full = os.path.join(real_folder, name) if name else real_folder
        try:
            is_link = stat.S_ISLNK(os.lstat(full).st_mode)
        except FileNotFoundError:
            raise TreeError("missing", f"{path}: no such file") from None
        except (OSError, ValueError) as error:
            raise TreeError("unreadable", f"{path}: {_reason(error)}") from None
        return self._inside(full, path) if is_link else full

    def _real_folder(self, folder: str) -> str:
        """Where a folder really is. From the one above, if that is known: very deep folders are walked step by step."""
        above, _, name = folder.rpartition("/")
        base = self._folders.get(above)
        if base is not None and name not in ("", ".", ".."):
            full = os.path.join(base, name)
            try:
                if stat.S_ISDIR(os.lstat(full).st_mode):
                    return full
            except (OSError, ValueError):
                pass  # said below
        return self._inside(os.path.join(self.root, folder) if folder else self.root, folder)

    def _inside(self, full: str, path: str) -> str:
        try:
            real = os.path.realpath(full, strict=True)
        except FileNotFoundError:
            raise TreeError("missing", f"{path}: no such file") from None
        except (OSError, ValueError) as error:
            raise TreeError("unreadable", f"{path}: {_reason(error)}") from None
        if real != self.root and not real.startswith(self.root.rstrip("/") + "/"):
            raise TreeError("outside-tree", f"{path}: leads out of {os.path.basename(self.root) or '/'}")
        return real

    def read(self, path: str) -> bytes:
        """See `Tree.read`. Devices, pipes and sockets are never opened."""
        full = self._real(path)
        try:
            descriptor = os.open(full, _OPENING)
        except OSError as error:
            raise TreeError("unreadable", f"{path}: {_reason(error)}") from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise TreeError("unreadable", f"{path}: not a regular file")
            if status.st_size > self.size_limit:
                raise TreeError("too-large", too_large(path, status.st_size, self.size_limit))
            return _all_of(descriptor, status.st_size, self.size_limit)
        except OSError as error:
            raise TreeError("unreadable", f"{path}: {_reason(error)}") from None
        finally:
            os.close(descriptor)

    def list(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree.list`. The same answer every time: what vanishes after it was seen is a problem, not a gap."""
        known = self._lists.get(folder)
        if known is not None:
            return known
        full = self._folders[folder] = self._real_folder(folder)
        out: list[Entry] = []
        try:
            with os.scandir(full) as entries:
                for entry in entries:
                    link = entry.is_symlink()
                    try:
                        is_folder = entry.is_dir()
                        special = not is_folder and not entry.is_file() and not link
                    except OSError:
                        is_folder, special = False, False
                    out.append(Entry(entry.name, is_folder, link, special))
        except OSError as error:
            raise TreeError("unreadable", f"{folder or '.'}: {_reason(error)}") from None
        found = tuple(sorted(out, key=lambda e: e.name))
        self._listed += len(found)
        if self._listed <= MAX_REMEMBERED:
            self._lists[folder] = found
        return found

    def exists(self, path: str) -> bool:
        """See `Tree.exists`."""
        try:
            return os.path.isfile(self._real(path))
        except TreeError:
            return False

    def is_folder(self, path: str) -> bool:
        """See `Tree.is_folder`."""
        try:
            return os.path.isdir(self._real_folder(path))
        except TreeError:
            return False


class MemoryTree:
    """Files in memory, for tests and editor buffers. Values may be text (encoded as UTF-8) or bytes."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {p: f.encode() if isinstance(f, str) else f for p, f in files.items()}

    def read(self, path: str) -> bytes:
        """See `Tree.read`."""
        try:
            return self._files[path]
        except KeyError:
            raise TreeError("missing", f"{path}: no such file") from None

    def list(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree.list`."""
        prefix = folder + "/" if folder else ""
        names: dict[str, bool] = {}
        for path in self._files:
            if path.startswith(prefix):
                name, slash, _ = path[len(prefix) :].partition("/")
                names[name] = names.get(name, False) or bool(slash)
        if not names and folder:
            raise TreeError("missing", f"{folder}: no such folder")
        return tuple(Entry(name, is_folder) for name, is_folder in sorted(names.items()))

    def exists(self, path: str) -> bool:
        """See `Tree.exists`."""
        return path in self._files

    def is_folder(self, path: str) -> bool:
        """See `Tree.is_folder`."""
        return not path or any(p.startswith(path + "/") for p in self._files)


def _all_of(descriptor: int, size: int, limit: int) -> bytes:
    """What an open file of about this size holds, and of one that grew meanwhile as much as may be read.

    No more is asked for than there should be: a buffer for the whole limit costs more than reading most files.
    """
    data = os.read(descriptor, min(size, limit) + 1)
    if len(data) == size:
        return data
    parts = [data]
    length = len(data)
    while length <= limit:
        data = os.read(descriptor, min(1 << 20, limit + 1 - length))
        if not data:
            break
        parts.append(data)
        length += len(data)
    return b"".join(parts)


def too_large(path: str, size: int, limit: int) -> str:
    """What is said of a file above the size limit, both in bytes."""
    return f"{path}: {size:,} bytes, the limit is {limit:,} (size-limit); it was not read"


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "not readable").lower() if isinstance(error, OSError) else "not a usable name"
