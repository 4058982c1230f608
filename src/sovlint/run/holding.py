"""In which environments of a helmfile a fact holds: what several of them say is one fact."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sovlint.discovery import Tree
from sovlint.model.fact import Fact, Subject
from sovlint.model.source import Location
from sovlint.resolve.helm.render import MAX_ENVIRONMENTS, Given, plain


def of_environments(found: Sequence[list[Fact]], names: Sequence[str], environments: Sequence[str]) -> list[list[Fact]]:
    """Facts of one unit, each once, with the environments in which it holds if these are not all.

    Args:
        found: facts of each resource.
        names: the environment of each resource; empty where there is only one.
        environments: all of the unit.
    """
    holds: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Fact] = {}
    out: list[list[Fact]] = []
    for facts, name in zip(found, names, strict=True):
        kept: list[Fact] = []
        for fact in facts:
            cause = fact.cause
            # What is told of it may lead through other files in each environment.
            key: tuple[object, ...] = (type(fact), fact.role, fact.subject.address, fact.attribute)
            key = (*key, cause.location, cause.value, cause.known)
            if key not in first:
                first[key] = fact
                kept.append(fact)
            holds.setdefault(key, []).append(name)
        out.append(kept)
    # A release may have another name in each environment: it is one value that they share.
    at: dict[tuple[object, ...], set[str]] = {}
    for mark, names_ in holds.items():
        at.setdefault((mark[0], mark[1], mark[4], mark[5]), set()).update(names_)
    for mark, fact in first.items():
        own = set(holds[mark])
        if "" not in own and len(at[mark[0], mark[1], mark[4], mark[5]]) < len(environments):
            fact.cause = fact.cause._replace(environments=tuple(name for name in environments if name in own))
    return out


OVERRIDDEN = "every release of the chart in a helmfile has another value here"


def remark_overridden(facts: Sequence[Fact], places: Collection[Location]) -> None:
    """Findings at values of a chart that are never deployed so are notes."""
    for fact in facts:
        if fact.cause.location in places and fact.subject.format == "helm" and not fact.cause.remark:
            fact.cause = fact.cause._replace(remark=OVERRIDDEN)


class Released:
    """The charts in the tree that helmfiles deploy, with the values of each environment.

    Args:
        tree: where to read.
        paths: of helmfiles.

    Attributes:
        environments: of all of them.
    """

    def __init__(self, tree: Tree, paths: Sequence[str]) -> None:
        self.environments: set[str] = set()
        self._found: dict[str, dict[str, Given]] = {}
        self._names: set[tuple[str, str, str]] = set()
        for path in paths:
            from sovlint.resolve.helmfile import deployed

            names, releases = deployed(tree, path)
            self.environments.update(names)
            for name, release in releases:
                if release.folder is None:
                    continue
                self._names.add((release.folder, path, release.name))
                layers = tuple((layer.source, layer.node) for layer in reversed(release.layers))
                # What is the same in several environments is rendered once.
                key = json.dumps([path, release.name, [plain(node) for _, node in layers]], sort_keys=True)
                charts = self._found.setdefault(release.folder, {})
                before = charts.get(key)
                own = (*(before.environments if before is not None else ()), name)
                charts[key] = Given(f"{path} ({release.name} in {', '.join(own)})", layers, own)

    def is_of(self, folder: str, subject: Subject) -> bool:
        """Whether a subject is a release of a chart, as the static reading sees it."""
        return (folder, subject.unit, subject.address.partition(":")[0]) in self._names

    def givens(self, folder: str) -> list[Given]:
        """The sets of values that helmfiles give to a chart."""
        return list(self._found.get(folder, {}).values())[:MAX_ENVIRONMENTS]
