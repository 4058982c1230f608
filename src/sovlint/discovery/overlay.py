"""A tree with some files replaced, added or taken away: another revision, an editor's buffer, standard input."""

from __future__ import annotations

from collections.abc import Mapping

from sovlint.discovery.tree import Entry, TreeError, WorkingTree, too_large


class OverlayTree:
    """The working directory with changes laid over it.

    Args:
        below: the working directory.
        changes: path → content; None for a file that is not there.
    """

    def __init__(self, below: WorkingTree, changes: Mapping[str, bytes | None]) -> None:
        self._below = below
        self._changes = changes
        self.root = below.root
        self.size_limit = below.size_limit
        self._folders: dict[str, set[str]] = {}
        """Folder → names of what the changes put there; folders end in a slash."""
        for path, data in changes.items():
            if data is None:
                continue
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, set()).add(name)
            while folder:
                above, _, inner = folder.rpartition("/")
                self._folders.setdefault(above, set()).add(inner + "/")
                folder = above

    def read(self, path: str) -> bytes:
        """See `Tree.read`."""
        if path not in self._changes:
            return self._below.read(path)
        data = self._changes[path]
        if data is None:
            raise TreeError("missing", f"{path}: no such file")
        if len(data) > self.size_limit:
            raise TreeError("too-large", too_large(path, len(data), self.size_limit))
        return data

    def list(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree.list`. A folder that the changes empty is still listed: nothing asks for empty folders."""
        added = self._folders.get(folder, set())
        try:
            entries = {entry.name: entry for entry in self._below.list(folder)}
        except TreeError:
            if not added:
                raise
            entries = {}
        prefix = f"{folder}/" if folder else ""
        gone = [name for name in entries if self._changes.get(prefix + name, b"") is None]
        for name in gone:
            del entries[name]
        for name in added:
            plain = name.removesuffix("/")
            if plain not in entries or entries[plain].folder != name.endswith("/"):
                entries[plain] = Entry(plain, name.endswith("/"))
        return tuple(entries[name] for name in sorted(entries))

    def exists(self, path: str) -> bool:
        """See `Tree.exists`."""
        return self._changes[path] is not None if path in self._changes else self._below.exists(path)

    def is_folder(self, path: str) -> bool:
        """See `Tree.is_folder`."""
        return path in self._folders or self._below.is_folder(path)
