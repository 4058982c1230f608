"""How the units of a large tree are shared among worker processes. The result is the same as without them."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, TypeVar

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree
from sovlint.discovery.classify import TERRAFORM_SUFFIXES
from sovlint.model.problem import Problem
from sovlint.model.source import whole_file
from sovlint.resolve.manifests import Unit, load_unit
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root
from sovlint.run.gather import WORTH_IT, Gathered, ManifestSurveys, survey_root
from sovlint.run.workers import Crew
from sovlint.survey.terraform import TerraformSurvey

MOST = 8
"""Workers without being told so."""

LARGEST = 24
"""Units in a share: neighbours, which call the same modules."""

T = TypeVar("T")


class Share(NamedTuple):
    """Units for one worker at a time: folders of root modules, or other units."""

    roots: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()


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


class Sharing:
    """Gives units to workers and gathers what they found, in the order of the units.

    Args:
        jobs: number of workers.
        tree: where to read.
        config: inputs.
        catalogue: for survey.
        out: what everything will be added to; problems of the workers themselves are.
    """

    def __init__(self, jobs: int, tree: Tree, config: Config, catalogue: Catalogue, out: Gathered) -> None:
        self._jobs = jobs
        self._tree = tree
        self._config = config
        self._catalogue = catalogue
        self._out = out
        self._given: Given | None = None
        self._terraform: tuple[FolderCache, TerraformSurvey] | None = None
        self._surveys: ManifestSurveys | None = None
        self._crew: Crew[Share, list[Gathered | Unit]] = Crew(jobs, self._work, self._arrived)
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

    def share_roots(self, folders: Sequence[str], given: Given) -> None:
        """Gives root modules to the workers; `roots` has the results."""
        self._given = given
        # Loaded before the workers are started, so that each of them has it: modules, and what the catalogue knows.
        self._terraform = FolderCache(self._tree), TerraformSurvey(self._catalogue)
        self._surveys = ManifestSurveys(self._config, self._catalogue)
        self._roots = self._crew.submit([Share(roots=part) for part in self._parts(folders)])

    def roots(self) -> Iterator[Gathered]:
        """What the root modules gave."""
        for parts in self._crew.results(self._roots):
            yield from (part for part in parts if isinstance(part, Gathered))

    def manifests(self, units: Sequence[Unit]) -> Iterator[Gathered | Unit]:
        """What other units gave, or the unit itself where it depends on all the others."""
        for parts in self._crew.results(self._crew.submit([Share(units=part) for part in self._parts(units)])):
            yield from parts

    def turn(self) -> None:
        """Keeps the workers busy while the main process does something else."""
        self._crew.turn()

    def _parts(self, units: Sequence[T]) -> Iterator[tuple[T, ...]]:
        size = max(1, min(LARGEST, len(units) // (4 * self._jobs)))
        for first in range(0, len(units), size):
            yield tuple(units[first : first + size])

    def _arrived(self, share: Share) -> None:
        for folder in share.roots:
            self._out.watch("terraform", folder or ".")
        for unit in share.units:
            self._out.watch("manifests", unit.path)

    def _work(self, share: Share) -> list[Gathered | Unit]:
        """In a worker: the facts of a share, and the units in it that are for the main process."""
        if share.roots:
            return [self._root_modules(share.roots)]
        if self._surveys is None:
            self._surveys = ManifestSurveys(self._config, self._catalogue)
        out: list[Gathered | Unit] = []
        for unit in share.units:
            part = self._out.beside()
            self._surveys.survey(unit, load_unit(self._tree, unit, part.helm), part)
            if self._surveys.manifests.waiting():
                # Resources of a cloud refer to those of other units; what holds them cannot travel, either.
                out.append(unit)
            elif out and isinstance(out[-1], Gathered):
                out[-1].add(part)
            else:
                out.append(part)
        return [_light(part) for part in out]

    def _root_modules(self, folders: Sequence[str]) -> Gathered:
        assert self._given is not None
        if self._terraform is None:
            self._terraform = FolderCache(self._tree), TerraformSurvey(self._catalogue)
        cache, survey = self._terraform
        part = self._out.beside()
        for folder in folders:
            survey_root(load_root(cache, folder, self._given), survey, part, self._tree, self._config)
        _light(part)
        return part


def _light(part: Gathered | Unit) -> Gathered | Unit:
    """Without what the main process has itself."""
    if isinstance(part, Gathered):
        part.changed = None
        part.helm = None
        part.said = set()
    return part
