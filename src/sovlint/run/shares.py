"""How the units of a large tree are shared among worker processes. The result is the same as without them."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, TypeVar

from sovlint.config import Config
from sovlint.discovery import Found
from sovlint.discovery.classify import TERRAFORM_SUFFIXES
from sovlint.model.problem import Problem
from sovlint.model.source import Location, whole_file
from sovlint.resolve.manifests import Unit
from sovlint.run.gathered import Gathered
from sovlint.run.reader import Reader
from sovlint.run.store import Row
from sovlint.run.workers import Crew

MOST = 8
"""Workers without being told so."""

WORTH_IT = 1_000
"""Units from which on workers are started unasked: with 1,100 and two busy processors they were as fast as one process,
and took a third more of the processors (docs/performance.md)."""

LARGEST = 64
"""Units in a share: neighbours, which call the same modules."""

T = TypeVar("T")


class Share(NamedTuple):
    """Units for one worker at a time: folders of root modules, or other units.

    `overridden` is what has become known of them since the workers were started, see `Reader`.
    """

    roots: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    overridden: frozenset[Location] = frozenset()


def jobs_for(config: Config, found: Found) -> int:
    """How many worker processes a run is worth; 1 for none.

    Only forked workers are used, so there are none where systems cannot fork safely, and none unasked where the
    program has threads: a lock that one of them holds would never be released in a worker.
    """
    if config.plan or sys.platform == "darwin" or "fork" not in multiprocessing.get_all_start_methods():
        return 1
    if config.jobs:
        return config.jobs
    folders: set[str] = set()
    others = 0
    for path in found.files:
        if path.endswith(TERRAFORM_SUFFIXES):
            folders.add(path.rpartition("/")[0])
        else:
            others += 1
    if len(folders) + others < WORTH_IT or threading.active_count() > 1:
        return 1
    return min(MOST, _processors())


def _processors() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


class Result(NamedTuple):
    """What a share gave.

    Attributes:
        parts: in the order of the units; a unit that depends on all the others is for the main process.
        fresh, used: for the store of facts.
    """

    parts: list[Gathered | Unit]
    fresh: list[Row]
    used: list[str]


class Sharing:
    """Gives units to workers and gathers what they found, in the order of the units.

    Args:
        jobs: number of workers.
        reader: reads units; every worker has its own copy.
        out: what everything will be added to; problems of the workers themselves are.
    """

    def __init__(self, jobs: int, reader: Reader, out: Gathered) -> None:
        self._jobs = jobs
        self._reader = reader
        self._out = out
        self._crew: Crew[Share, Result] = Crew(jobs, self._work, self._arrived)
        self._roots = range(0)

    def __enter__(self) -> Sharing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crew.__exit__(kind, error, trace)
        if self._crew.lost:
            text = "a worker process was killed (was there enough memory?); its share was done again without it"
            self._out.problems.append(Problem(whole_file("."), "worker", text, "warning"))

    def share_roots(self, folders: Sequence[str]) -> None:
        """Gives root modules to the workers; `roots` has the results."""
        # Before the workers are started, so that each of them has it.
        self._reader.prepare_units()
        self._roots = self._crew.submit([Share(roots=part) for part in self._parts(folders)])

    def roots(self) -> Iterator[Gathered]:
        """What the root modules gave."""
        for part in self._taken(self._roots):
            assert isinstance(part, Gathered)
            yield part

    def manifests(self, units: Sequence[Unit]) -> Iterator[Gathered | Unit]:
        """What other units gave, or the unit itself where it depends on all the others."""
        overridden = frozenset(self._reader.overridden)
        shares = [
            Share(units=part, overridden=overridden if any(unit.kind == "chart" for unit in part) else frozenset())
            for part in self._parts(units)
        ]
        return self._taken(self._crew.submit(shares))

    def turn(self) -> None:
        """Keeps the workers busy while the main process does something else."""
        self._crew.turn()

    def _taken(self, numbers: range) -> Iterator[Gathered | Unit]:
        for result in self._crew.results(numbers):
            if self._reader.storing is not None:
                self._reader.storing.take_over(result.fresh, result.used)
            yield from result.parts

    def _parts(self, units: Sequence[T]) -> Iterator[tuple[T, ...]]:
        size = max(1, min(LARGEST, len(units) // (4 * self._jobs)))
        for first in range(0, len(units), size):
            yield tuple(units[first : first + size])

    def _arrived(self, share: Share) -> None:
        for folder in share.roots:
            self._out.watch("terraform", folder or ".")
        for unit in share.units:
            self._out.watch("manifests", unit.path)

    def _work(self, share: Share) -> Result:
        """In a worker: what a share gives, and the units in it that are for the main process."""
        parts: list[Gathered | Unit] = []
        for folder in share.roots:
            _join(parts, self._reader.root(folder))
        self._reader.overridden.update(share.overridden)
        for unit in share.units:
            part = self._reader.unit(unit, apart=True)
            if part is None:
                parts.append(unit)
            else:
                _join(parts, part)
        for one in parts:
            if isinstance(one, Gathered):
                one.travel()
        fresh, used = ([], []) if self._reader.storing is None else self._reader.storing.hand_over()
        return Result(parts, fresh, used)


def _join(parts: list[Gathered | Unit], part: Gathered) -> None:
    """Neighbouring parts travel as one."""
    if parts and isinstance(parts[-1], Gathered):
        parts[-1].add(part)
    else:
        parts.append(part)
