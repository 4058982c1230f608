"""Facts between runs: one file per tree and inputs in the user's cache folder.

A row holds what one unit gave, with everything that was asked of the tree for it: what was read, listed and looked for
in vain. It counts as long as every one of these questions has the same answer, and the program, the catalogue and the
inputs are the same (`open_store`). Never findings: profiles and waivers are applied anew.

A file is written whole beside the old one and then takes its place, so runs at the same time only cost each other work.
Rows are checked by a digest and read by an unpickler that makes nothing but records of facts: whoever can write to a
cache that is carried between machines must not be able to run anything. A store that cannot be read or written costs
time, never a run.
"""

from __future__ import annotations

import contextlib
import io
import json
import mmap
import os
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from sovlint.catalogue.store import cache_folder, identity
from sovlint.config import Config
from sovlint.discovery import Found, Tree
from sovlint.discovery.traced import Asked, Question, TracedTree
from sovlint.resolve.terraform.folder import FolderCache, ModuleFolder
from sovlint.run.gathered import Gathered

MAGIC = b"sovlint facts 1\n"

LARGEST = 256 * 1024 * 1024
"""Bytes of one file; a run that would need more keeps what came first."""

ALL = 512 * 1024 * 1024
"""Bytes of all files: the ones that were not used for longest go first."""

PROTOCOL = 5

_RECORDS = {
    "sovlint.model.fact": (
        *("Artefact", "Binding", "KeyCustody", "OperatorUse", "Placement", "Reliance", "ServiceUse", "StateStore"),
        *("Cause", "Hop", "Place", "Subject"),
    ),
    "sovlint.model.finding": ("Waiver",),
    "sovlint.model.problem": ("Problem",),
    "sovlint.model.source": ("Location",),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _RECORDS.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no record of a fact")


class Row(NamedTuple):
    """What one unit gave.

    Attributes:
        unit: kind, path and what else tells it from others.
        path: where it lies.
        asked: what was asked of the tree, with the answers.
        content: pickled.
    """

    unit: str
    path: str
    asked: Asked
    content: bytes


class _Kept(NamedTuple):
    """Where a row of the file is, and the numbers of its questions."""

    path: str
    start: int
    end: int
    digest: str
    asked: list[int]


WITHOUT_EFFECT = frozenset(
    {
        *("paths", "exclude", "cache", "jobs", "file", "provenance", "scopes", "environments"),
        *("profile", "profile_origin", "select", "ignore", "fail_on", "unknown", "min_confidence", "group", "limits"),
        *("waivers", "waived", "show_waived", "today", "diff", "baseline", "write_baseline"),
        *("helm_engine", "search_path"),
    }
)
"""What a configuration says about which units there are and what is made of their facts, not about the facts.

What scopes select by is asked for apart; environments arrive one by one, as inputs.
"""


def open_store(config: Config, tree: Tree, like: Gathered) -> FactStore | None:
    """The facts of earlier runs on this tree with these inputs; None if there is no place for any.

    Args:
        config: inputs.
        tree: one in memory has no store.
        like: labels that are asked for, and whether declarations are.
    """
    folder, root = cache_folder(), getattr(tree, "root", "")
    if folder is None or not root:
        return None
    inputs = {name: value for name, value in config._asdict().items() if name not in WITHOUT_EFFECT}
    inputs["environment"] = sorted(config.environment.items())
    scope = (identity(config.policies), root, inputs, like.labels, like.declared is not None)
    mark = blake2b(repr(scope).encode(), digest_size=16).hexdigest()
    return FactStore(folder / "facts" / f"{mark}.facts")


class FactStore:
    """One file of rows.

    Args:
        file: where it is or will be.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._data: mmap.mmap | bytes = b""
        self._questions: list[tuple[Question, str]] = []
        self._rows: dict[str, _Kept] = {}
        self._used: set[str] = set()
        self._new: dict[str, _Kept] = {}
        self._numbers: dict[tuple[Question, str], int] = {}
        self._scratch: io.BufferedWriter | None = None
        self._scratch_name = ""
        self._full = False
        self._failed = False
        # Whatever is wrong with a file, it is as good as none.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._open()

    def _open(self) -> None:
        with open(self.file, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if data[: len(MAGIC)] != MAGIC or data[-len(MAGIC) :] != MAGIC:
            return
        tail = len(data) - len(MAGIC)
        start, digest = int.from_bytes(data[tail - 8 : tail], "big"), data[tail - 24 : tail - 8]
        index = data[start : tail - 24]
        if blake2b(index, digest_size=16).digest() != digest:
            return
        read = json.loads(index)
        questions = [(Question(kind, path), answer) for kind, path, answer in read["questions"]]
        rows = {unit: _Kept(*row) for unit, row in read["rows"].items()}
        self._data, self._questions, self._rows = data, questions, rows

    def find(self, unit: str, tree: TracedTree) -> bytes | None:
        """The content of a unit's row, if the tree still answers as it did."""
        row = self._rows.get(unit)
        if row is None or not all(tree.holds(*self._questions[number]) for number in row.asked):
            return None
        content = self._data[row.start : row.end]
        return content if blake2b(content, digest_size=16).hexdigest() == row.digest else None

    def use(self, units: Iterable[str]) -> None:
        """Rows that were found still to count."""
        self._used.update(units)

    def add(self, row: Row) -> None:
        """A new row, or the new content of one."""
        try:
            if not (self._full or self._failed):
                self._new[row.unit] = self._written(row.path, row.content, row.asked.items())
        except OSError:
            self._failed = True
            self.close()

    def _begun(self) -> io.BufferedWriter:
        """The file that will take the place of the old one."""
        if self._scratch is None:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, self._scratch_name = tempfile.mkstemp(dir=self.file.parent, suffix=".new")
            self._scratch = os.fdopen(descriptor, "wb")
            self._scratch.write(MAGIC)
        return self._scratch

    def _written(self, path: str, content: bytes, asked: Iterable[tuple[Question, str]]) -> _Kept:
        scratch = self._begun()
        start = scratch.tell()
        scratch.write(content)
        self._full = start + len(content) > LARGEST
        numbers = [self._numbers.setdefault(one, len(self._numbers)) for one in asked]
        digest = blake2b(content, digest_size=16).hexdigest()
        return _Kept(path, start, start + len(content), digest, numbers)

    def save(self, found: Found) -> None:
        """Puts the rows of this run, and those that it had nothing to do with, in the place of the old ones."""
        kept = {
            unit: row for unit, row in self._rows.items() if unit not in self._new and self._stays(unit, row, found)
        }
        if self._failed:
            return
        try:
            if not self._new and len(kept) == len(self._rows):
                if kept:
                    os.utime(self.file)
                return
            scratch = self._begun()
            for unit, row in kept.items():
                if not self._full:
                    asked = [self._questions[number] for number in row.asked]
                    self._new[unit] = self._written(row.path, self._data[row.start : row.end], asked)
            self._finish(scratch)
            _tidy(self.file)
        except OSError:
            self.close()

    def _stays(self, unit: str, row: _Kept, found: Found) -> bool:
        """Whether a row was used, or is of a unit that this run did not look for."""
        if unit in self._new:
            return False
        return unit in self._used or bool(found.named) or not found.is_below(row.path)

    def _finish(self, scratch: io.BufferedWriter) -> None:
        questions = [(question.kind, question.path, answer) for question, answer in self._numbers]
        # Names that are no Unicode are escaped as Python's own, and come back as they were.
        index = json.dumps({"questions": questions, "rows": self._new}, separators=(",", ":")).encode("ascii")
        start = scratch.tell()
        scratch.write(index + blake2b(index, digest_size=16).digest() + start.to_bytes(8, "big") + MAGIC)
        scratch.close()
        os.replace(self._scratch_name, self.file)
        self._scratch_name = ""

    def close(self) -> None:
        """Leaves nothing half-written behind."""
        if self._scratch is not None:
            with contextlib.suppress(OSError):
                self._scratch.close()
            self._scratch = None
        if self._scratch_name:
            with contextlib.suppress(OSError):
                os.unlink(self._scratch_name)
            self._scratch_name = ""


def _tidy(own: Path) -> None:
    """Keeps all files together below `ALL`, and removes what ended processes left."""
    files = []
    for file in own.parent.iterdir():
        status = file.stat()
        if file != own and file.suffix == ".new" and status.st_mtime < own.stat().st_mtime - 24 * 3600:
            file.unlink(missing_ok=True)
        elif file.suffix == own.suffix:
            files.append((file == own, status.st_mtime, status.st_size, file))
    total = 0
    for _, _, size, file in sorted(files, reverse=True):
        total += size
        if total > ALL and file != own:
            file.unlink(missing_ok=True)


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
            state = _Unpickler(io.BytesIO(content)).load()
            (facts, problems, waivers, instances, files, remote_modules, declared, environments) = state
        except Exception:  # a row that cannot be read is as good as none, whatever is wrong with it
            return False
        part.facts, part.problems, part.remote_modules = facts, problems, remote_modules
        part.waivers, part.instances, part.files = dict.fromkeys(waivers), instances, files
        part.environments = dict.fromkeys(environments)
        if part.declared is not None:
            part.declared = declared
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
        content = pickle.dumps(
            (
                part.facts,
                part.problems,
                list(part.waivers),
                part.instances,
                part.files,
                part.remote_modules,
                part.declared,
                list(part.environments),
            ),
            PROTOCOL,
        )
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
    return f"{kind} {path} {rest.hexdigest() if more else ''}".rstrip()
