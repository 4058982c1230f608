"""Runs files through pipelines, kustomizations, units and all surveys of manifests, as a run of the command does."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from manifest_runs import catalogue

from sovlint.discovery import MemoryTree
from sovlint.model.fact import Artefact, Fact, Reliance
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.resolve.manifests import load_all
from sovlint.survey.gitops import GitOpsSurvey
from sovlint.survey.manifests import ManifestSurvey
from sovlint.survey.pipelines import PipelineSurvey


@dataclass
class Run:
    files: dict[str, str]
    resources: list[Resource]
    facts: list[Fact]
    problems: list[Problem]

    @property
    def images(self) -> list[str]:
        """References of images that are pulled, sorted, each once."""
        return sorted({f.reference for f in self.facts if isinstance(f, Artefact) and f.role == "image"})

    @property
    def addresses(self) -> list[str]:
        return sorted({resource.address for resource in self.resources})

    def hosts(self, role: str) -> list[str]:
        """Hosts of facts with a role, with the text their causes stand on."""
        found = [f for f in self.facts if isinstance(f, (Artefact, Reliance)) and f.role == role]
        return sorted(f"{f.host} @ {self.at(f)}" for f in found)

    def at(self, fact: Fact) -> str:
        """`path:line text` of a fact's cause."""
        where = fact.cause.location
        lines = self.files[where.path].splitlines()
        end = where.end_column - 1 if where.line == where.end_line else None
        return f"{where.path}:{where.line} {lines[where.line - 1][where.column - 1 : end]}"

    def image(self, reference: str) -> str:
        """Where the image of a reference stands."""
        return next(self.at(f) for f in self.facts if isinstance(f, Artefact) and f.reference == reference)

    @property
    def said(self) -> list[str]:
        """Problems as `path:line code level`, sorted."""
        return sorted(f"{p.location.path}:{p.location.line} {p.code} {p.level}" for p in self.problems)


def run(files: Mapping[str, str], candidates: list[str] | None = None, named: frozenset[str] = frozenset()) -> Run:
    """All files, or only some of them as what was found below PATH."""
    texts = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    tree = MemoryTree(texts)
    surveys = (ManifestSurvey(catalogue()), GitOpsSurvey(catalogue()), PipelineSurvey(catalogue()))
    out = Run(texts, [], [], [])
    for _, loaded in load_all(tree, candidates or sorted(texts), named):
        out.resources.extend(loaded.resources)
        out.problems.extend(loaded.problems)
        for resource in loaded.resources:
            for survey in surveys:
                out.facts.extend(survey.facts(resource))
    return out
