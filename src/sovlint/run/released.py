"""The charts in the tree that helmfiles deploy, for whoever renders them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sovlint.discovery import Tree
from sovlint.model.fact import Subject
from sovlint.resolve.helm.render import MAX_ENVIRONMENTS, Given, plain


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
