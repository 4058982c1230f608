"""Runs manifests through units, survey and the catalogue that belongs to the checkout."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.discovery import MemoryTree
from sovlint.model.fact import Artefact, Fact, Placement
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.resolve.manifests import Unit, load_unit, units_of
from sovlint.survey.manifests import ManifestSurvey


@functools.cache
def catalogue() -> Catalogue:
    return open_catalogue(cache=False)


@dataclass
class Run:
    files: dict[str, str | bytes]
    units: list[Unit]
    resources: list[Resource]
    facts: list[Fact]
    problems: list[Problem]
    waivers: list[str]

    @property
    def images(self) -> list[Artefact]:
        return [fact for fact in self.facts if isinstance(fact, Artefact)]

    @property
    def placements(self) -> list[Placement]:
        return [fact for fact in self.facts if isinstance(fact, Placement)]

    def at(self, fact: Fact) -> str:
        """The text that the cause of a fact covers."""
        where = fact.cause.location
        data = self.files[where.path]
        # A byte order mark is not counted.
        lines = (data if isinstance(data, str) else data.decode()).removeprefix("\ufeff").splitlines()
        assert where.line == where.end_line
        return lines[where.line - 1][where.column - 1 : where.end_column - 1]

    def line(self, fact: Fact) -> tuple[str, int]:
        return fact.cause.location.path, fact.cause.location.line


def run(files: Mapping[str, str | bytes], named: frozenset[str] = frozenset(), namespace: str = "") -> Run:
    tree = MemoryTree(files)
    survey = ManifestSurvey(catalogue(), namespace)
    out = Run(dict(files), units_of(tree, files, named), [], [], [], [])
    for unit in out.units:
        loaded = load_unit(tree, unit)
        out.resources.extend(loaded.resources)
        out.problems.extend(loaded.problems)
        out.waivers.extend(source.path for source in loaded.waiver_sources)
        for resource in loaded.resources:
            out.facts.extend(survey.facts(resource))
    out.facts.extend(survey.collected())
    return out
