"""Facts between runs: one file per tree and inputs in the user's cache folder.

A row holds what one unit gave, with everything that was asked of the tree for it: what was read, listed and looked for
in vain. It counts as long as every one of these questions has the same answer, and the program, the catalogue and the
inputs are the same (`open_store`). Never findings: profiles and waivers are applied anew.

A file is written whole beside the old one and then takes its place, so runs at the same time only cost each other work.
Rows are checked by a digest and are JSON (`rows.py`): whoever can write to a cache that is carried between machines
must not be able to run anything. A store that cannot be read or written costs time, never a run.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.store import cache_folder, identity
from sovlint.config import Config
from sovlint.discovery import Found, Tree
from sovlint.discovery.traced import Asked, Question, TracedTree
from sovlint.run.gathered import Gathered
from sovlint.run.rows import LARGEST_ROW

MAGIC = b"sovlint facts 2\n"

LARGEST = 256 * 1024 * 1024
"""Bytes of one file; a run that would need more keeps what came first."""

ALL = 512 * 1024 * 1024
"""Bytes of all files: the ones that were not used for longest go first."""

LARGEST_INDEX = 16 * 1024 * 1024
"""Bytes of the index of a file, see `LARGEST_ROW`."""

_KINDS = ("read", "list", "exists", "is_folder")


class Row(NamedTuple):
    """What one unit gave.

    Attributes:
        unit: kind, path and what else tells it from others.
        path: where it lies.
        asked: what was asked of the tree, with the answers.
        content: see `rows.encode`.
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


def open_store(config: Config, catalogue: Catalogue, tree: Tree, like: Gathered) -> FactStore | None:
    """The facts of earlier runs on this tree with these inputs; None if there is no place for any.

    Args:
        config: inputs.
        catalogue: what facts are made with.
        tree: one in memory has no store.
        like: labels that are asked for, whether declarations are, and what charts are given: a file that the command
            line names may be a link, and another one than before.
    """
    if config.policies:
        from sovlint.catalogue.overlay import content_key

        if content_key(config.policies) != catalogue.custom:
            return None  # edited since they were read: nobody can tell which of the two the facts are of
    folder, root = cache_folder(), getattr(tree, "root", "")
    if folder is None or not root:
        return None
    inputs = {name: value for name, value in config._asdict().items() if name not in WITHOUT_EFFECT}
    inputs["environment"] = sorted(config.environment.items())
    scope = (identity(config.policies), root, inputs, like.helm, like.labels, like.declared is not None)
    mark = blake2b(repr(scope).encode(), digest_size=16).hexdigest()
    return FactStore(folder / "facts" / f"{mark}.facts")


class FactStore:
    """One file of rows.

    Args:
        file: where it is or will be.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor = -1
        self._questions: list[tuple[Question, str]] = []
        self._rows: dict[str, _Kept] = {}
        self._used: set[str] = set()
        self._new: dict[str, _Kept] = {}
        self._numbers: dict[tuple[Question, str], int] = {}
        self._index_size = 0
        self._scratch: io.BufferedWriter | None = None
        self._scratch_name = ""
        self._full = False
        self._failed = False
        # Whatever is wrong with a file, it is as good as none.
        try:
            self._open()
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, MemoryError):
            self._rows = {}

    def _open(self) -> None:
        # Not mapped into memory: a file that somebody cuts short meanwhile would end the process.
        self._descriptor = os.open(self.file, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        status = os.fstat(self._descriptor)
        tail = status.st_size - len(MAGIC)
        if not stat.S_ISREG(status.st_mode) or tail < 24 or self._read(tail, len(MAGIC)) != MAGIC:
            return
        start = int.from_bytes(self._read(tail - 8, 8), "big")
        if not 0 <= tail - 24 - start <= LARGEST_INDEX:
            return
        index = self._read(start, tail - 24 - start)
        if blake2b(index, digest_size=16).digest() != self._read(tail - 24, 16):
            return
        self._questions, self._rows = _index_of(index, start)

    def _read(self, start: int, length: int) -> bytes:
        """Some bytes of the file; fewer where it has no more. Processes that share it do not disturb each other."""
        parts = []
        while length > 0:
            data = os.pread(self._descriptor, length, start)
            if not data:
                break
            parts.append(data)
            start, length = start + len(data), length - len(data)
        return b"".join(parts)

    def _content(self, row: _Kept) -> bytes | None:
        """What a row of the file holds; None if it is broken."""
        try:
            content = self._read(row.start, row.end - row.start)
        except OSError:
            return None
        return content if blake2b(content, digest_size=16).hexdigest() == row.digest else None

    def find(self, unit: str, tree: TracedTree) -> bytes | None:
        """The content of a unit's row, if the tree still answers as it did."""
        row = self._rows.get(unit)
        if row is None or not all(tree.holds(*self._questions[number]) for number in row.asked):
            return None
        return self._content(row)

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
            # The name is known before the file is there: whatever ends the run in between, it is removed.
            self._scratch_name = str(self.file.parent / f"{os.getpid()}-{os.urandom(8).hex()}.new")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(self._scratch_name, flags, 0o600)
            self._scratch = os.fdopen(descriptor, "wb")
            self._scratch.write(MAGIC)
        return self._scratch

    def _written(self, path: str, content: bytes, asked: Iterable[tuple[Question, str]]) -> _Kept:
        scratch = self._begun()
        start = scratch.tell()
        scratch.write(content)
        asked = list(asked)
        self._index_size += sum(_written_size(one[0].path) + 60 for one in asked if one not in self._numbers)
        self._index_size += 2 * _written_size(path) + 120 + 8 * len(asked)
        self._full = start + len(content) > LARGEST or self._index_size > LARGEST_INDEX
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
                    content = self._content(row)
                    if content is not None:
                        asked = [self._questions[number] for number in row.asked]
                        self._new[unit] = self._written(row.path, content, asked)
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
        rows = self._new.values()
        columns = {
            "kinds": [question.kind for question, _ in self._numbers],
            "asked": [question.path for question, _ in self._numbers],
            "answers": [answer for _, answer in self._numbers],
            "units": list(self._new),
            "paths": [row.path for row in rows],
            "starts": [row.start for row in rows],
            "ends": [row.end for row in rows],
            "digests": [row.digest for row in rows],
            "counts": [len(row.asked) for row in rows],
            "numbers": [number for row in rows for number in row.asked],
        }
        # Names that are no Unicode are escaped as Python's own, and come back as they were.
        index = json.dumps(columns, separators=(",", ":")).encode("ascii")
        start = scratch.tell()
        scratch.write(index + blake2b(index, digest_size=16).digest() + start.to_bytes(8, "big") + MAGIC)
        scratch.close()
        os.replace(self._scratch_name, self.file)
        self._scratch_name = ""

    def close(self) -> None:
        """Leaves nothing half-written behind. Nothing can be found any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._rows = {}
        if self._scratch is not None:
            with contextlib.suppress(OSError):
                self._scratch.close()
            self._scratch = None
        if self._scratch_name:
            with contextlib.suppress(OSError):
                os.unlink(self._scratch_name)
            self._scratch_name = ""


def _index_of(index: bytes, end: int) -> tuple[list[tuple[Question, str]], dict[str, _Kept]]:
    """The questions and rows of a file whose rows end before `end`; nothing is taken on trust.

    Raises:
        ValueError, TypeError, LookupError: nobody here has written this.
    """
    read = json.loads(index)
    kinds, asked, answers, units, paths, digests = (
        _column(read[name], str) for name in ("kinds", "asked", "answers", "units", "paths", "digests")
    )
    starts, ends, counts, numbers = (_column(read[name], int) for name in ("starts", "ends", "counts", "numbers"))
    if not set(_KINDS).issuperset(kinds) or (numbers and not 0 <= min(numbers) <= max(numbers) < len(kinds)):
        raise ValueError("questions")
    questions = [(Question(kind, path), answer) for kind, path, answer in zip(kinds, asked, answers, strict=True)]
    rows: dict[str, _Kept] = {}
    at = 0
    for unit, path, start, stop, digest, count in zip(units, paths, starts, ends, digests, counts, strict=True):
        if not (len(MAGIC) <= start <= stop <= end and stop - start <= LARGEST_ROW and count >= 0):
            raise ValueError("rows")
        rows[unit] = _Kept(path, start, stop, digest, numbers[at : at + count])
        at += count
    if at != len(numbers):
        raise ValueError("numbers")
    return questions, rows


def _column(values: Any, kind: type) -> Any:
    if type(values) is not list or not {kind}.issuperset(map(type, values)):
        raise TypeError(kind.__name__)
    return values


_PLAIN_MARKS = str.maketrans("", "", "/-._")


def _written_size(name: str) -> int:
    """Bytes that a name takes in the index at most; whatever is in it, no more than six for a character."""
    return len(name) if name.isascii() and name.translate(_PLAIN_MARKS).isalnum() else 6 * len(name)


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
