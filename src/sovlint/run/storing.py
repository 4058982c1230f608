"""How one process uses the store of facts: units are looked up in it, and what they give is kept for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from sovlint.discovery import Found, Tree
from sovlint.discovery.traced import Asked, TracedTree
from sovlint.resolve.terraform.folder import FolderCache, ModuleFolder
from sovlint.run.gathered import Gathered
from sovlint.run.rows import LARGEST_ROW, Given, decode, encode
from sovlint.run.store import FactStore, Row


class Storing:
    """How one process uses a store: rows are looked up in it; new ones are held until somebody takes them.

    Args:
        store: opened before other processes are started.
        tree: where to read.

    Attributes:
        tree: the same tree; it notes what is asked.
        fresh: new rows.
        used: units whose rows were found to count.
    """

    def __init__(self, store: FactStore, tree: Tree) -> None:
        self.store = store
        self.tree = TracedTree(tree)
        self.fresh: list[Row] = []
        self.used: list[str] = []

    def folders(self) -> FolderCache:
        """Parsed folders; what was asked for one that is shared counts for all who share it."""
        return _TracedFolders(self.tree)

    def recall(self, kind: str, path: str, part: Gathered, *more: object) -> bool:
        """Fills a part with what a unit gave in an earlier run, if nothing changed since."""
        unit = _name(kind, path, more)
        content = self.store.find(unit, self.tree)
        if content is None:
            return False
        try:
            given = decode(content)
        except Exception:  # a row that cannot be read is as good as none, whatever is wrong with it
            return False
        if part.declared is not None and given.declared is None:
            return False
        part.facts, part.problems, part.remote_modules = given.facts, given.problems, given.remote_modules
        part.waivers, part.instances, part.files = dict.fromkeys(given.waivers), given.instances, given.files
        if part.declared is not None:
            part.declared = given.declared
        self.used.append(unit)
        return True

    @contextmanager
    def keeping(self, kind: str, path: str, part: Gathered, *more: object) -> Iterator[_Keeping]:
        """Keeps what a part is filled with inside as a new row."""
        keeping = _Keeping()
        with self.tree.asking() as asked:
            yield keeping
        if keeping.dropped:
            return
        given = Given(
            part.facts,
            part.problems,
            list(part.waivers),
            part.instances,
            part.files,
            part.remote_modules,
            part.declared,
        )
        try:
            content = encode(given)
        except (TypeError, LookupError):  # something new, which rows have no place for
            return
        if len(content) > LARGEST_ROW:
            return
        self.fresh.append(Row(_name(kind, path, more), path, asked, content))

    def save(self, found: Found) -> None:
        """Writes the store, with what this process holds."""
        self.take_over(*self.hand_over())
        self.store.save(found)

    def take_over(self, fresh: list[Row], used: list[str]) -> None:
        """Gives what another process handed over, or this one has, to the store."""
        for row in fresh:
            self.store.add(row)
        self.store.use(used)

    def hand_over(self) -> tuple[list[Row], list[str]]:
        """What is new and what was used since the last time."""
        out = self.fresh, self.used
        self.fresh, self.used = [], []
        return out


class _Keeping:
    dropped = False

    def drop(self) -> None:
        """What was read is not to be kept after all."""
        self.dropped = True


class _TracedFolders(FolderCache):
    def __init__(self, tree: TracedTree) -> None:
        super().__init__(tree)
        self._traced = tree
        self._asked: dict[str, Asked] = {}

    def read(self, path: str, *, keep: bool = True) -> ModuleFolder:
        if path in self:
            self._traced.note(self._asked[path])
            return super().read(path, keep=keep)
        with self._traced.asking() as asked:
            found = super().read(path, keep=keep)
        if keep:
            self._asked[path] = asked
        return found


def _name(kind: str, path: str, more: tuple[object, ...]) -> str:
    rest = blake2b(repr([sorted(x) if isinstance(x, frozenset) else x for x in more]).encode(), digest_size=8)
    return f"{kind} {path} {rest.hexdigest()}"
