"""Which kustomizations are applied by themselves, and which files are read as part of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sovlint.discovery.tree import Tree
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile, whole_file
from sovlint.resolve.inline_values import inline_values
from sovlint.resolve.kustomize.build import BUDGET, Builder, files_of
from sovlint.resolve.kustomize.files import FILE_NAMES, Files, Kustomization, is_kustomization_name
from sovlint.resolve.kustomize.items import TooMuchWorkError, text_at
from sovlint.resolve.kustomize.objects import Object
from sovlint.resolve.yaml_attributes import VISITS, YamlAttributes

SPARE = 2_000_000
"""Nodes that all kustomizations of a run together may visit in addition to the characters of their texts."""

_READABLE = (".yaml", ".yml", ".json")


@dataclass(slots=True)
class Root:
    """What one kustomization gives.

    Attributes:
        folder: where it lies.
        texts: everything that was read for it.
    """

    folder: str
    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    texts: list[SourceFile] = field(default_factory=list)


class Kustomizations:
    """The kustomizations among some files.

    A kustomization that another one uses is judged as part of that only, as a Terraform module is. Files that are read
    as part of one are not judged by themselves.

    Args:
        tree: where to read.
        files: candidates.
        named: those that were named as PATH.

    Attributes:
        rest: candidates that no kustomization uses, in order.
        problems: of kustomization files that cannot be read.
    """

    def __init__(self, tree: Tree, files: Iterable[str], named: Collection[str] = ()) -> None:
        candidates = list(files)
        self.files = Files(tree)
        self._told: set[str] = set()
        self._found: dict[str, Kustomization] = {}
        read: set[str] = set()
        for path in candidates:
            if is_kustomization_name(path):
                self._add(path.rpartition("/")[0], read)
        self._above(candidates, read)
        self.problems = list(self.files.problems)
        self.files.problems = []
        unreadable = {p.location.path for p in self.problems if p.level == "error"}
        self.rest = [path for path in candidates if path not in read and path not in unreadable]
        self.files.forget()
        self.roots = self._roots()
        self._spare = SPARE

    def _add(self, folder: str, read: set[str]) -> None:
        if folder in self._found:
            return
        kustomization = self.files.kustomization(folder)
        if kustomization is None:
            return
        self._found[folder] = kustomization
        read.add(kustomization.source.path)
        read |= files_of(kustomization, self.files)
        prefix = f"{folder}/" if folder else ""
        others = [prefix + n for n in FILE_NAMES if self.files.tree.exists(prefix + n)]
        if len(others) > 1:
            names = ", ".join(p.rpartition("/")[2] for p in others)
            text = f"several kustomizations in one folder ({names}): only the first is read"
            self.files.problems.append(Problem(whole_file(others[1]), "kustomize", text, "warning"))
            read.update(others)

    def _above(self, candidates: list[str], read: set[str]) -> None:
        """Kustomizations in the folders of candidates and above that use one of them, though no PATH covers them."""
        known: dict[str, list[Kustomization]] = {}
        named: dict[str, set[str]] = {}
        for path in candidates:
            if path in read or not path.endswith(_READABLE):
                continue
            for kustomization in self._upward(path.rpartition("/")[0], known):
                folder = kustomization.folder
                if folder not in named:
                    named[folder] = files_of(kustomization, self.files)
                if path in named[folder]:
                    self._add(folder, read)

    def _upward(self, folder: str, known: dict[str, list[Kustomization]]) -> list[Kustomization]:
        """The kustomizations of a folder and of those above it that are not among the candidates."""
        chain: list[str] = []
        while folder not in known:
            chain.append(folder)
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        below = known.get(folder, [])
        for one in reversed(chain):
            own = None if one in self._found or self.files.file_of(one) is None else self.files.kustomization(one)
            below = known[one] = [*below, own] if own is not None else below
        return known[chain[0]] if chain else below

    def _roots(self) -> list[str]:
        """Folders whose kustomization no other one uses; of a ring that nobody uses from outside, the first."""
        uses = {folder: self._used(k) for folder, k in sorted(self._found.items())}
        used = {other for folder, others in uses.items() for other in others if other != folder}
        roots = [folder for folder in uses if folder not in used]
        reached: set[str] = set()
        for folder in [*roots, *uses]:
            if folder in reached:
                continue
            if folder in used:
                roots.append(folder)
            todo = [folder]
            while todo:
                one = todo.pop()
                if one not in reached:
                    reached.add(one)
                    todo.extend(uses.get(one, ()))
        return sorted(set(roots))

    def _used(self, kustomization: Kustomization) -> list[str]:
        return [path for _, path in Builder(self.files, kustomization.folder).folders(kustomization)]

    def load(self) -> Iterator[Root]:
        """The objects of every root, one root at a time."""
        for folder in self.roots:
            yield self._load(folder)

    def _load(self, folder: str) -> Root:
        root = Root(folder)
        budget = min(BUDGET, self._spare)
        builder = Builder(self.files, folder, budget)
        resources: list[Resource] = []
        try:
            resources = [found.resource(folder) for found in builder.build() if not _local(found)]
        except TooMuchWorkError:
            kustomization = self.files.kustomization(folder)
            where = kustomization.span.location() if kustomization is not None else whole_file(folder)
            text = "this kustomization takes too long to build (patches and lists multiply): its objects were not read"
            root.problems.append(Problem(where, "too-large", text))
        self._spare -= max(0, min(budget, budget - builder.work.left))
        for below, kustomization in sorted(builder.visited.items()):
            if below not in self._told:
                self._told.add(below)
                resources.insert(0, _declared(kustomization))
        values, unread = inline_values(resources)
        root.resources = [*resources, *builder.values, *values]
        root.problems += [*self.files.problems, *unread]
        root.texts = list(self.files.read.values())
        visits = VISITS + sum(len(text.text) for text in root.texts) // 2
        for resource in resources:
            if isinstance(resource.attributes, YamlAttributes):
                # An object may hold more than the file it is declared in.
                resource.attributes.limit = max(resource.attributes.limit, visits)
        self.files.forget()
        return root


def _declared(kustomization: Kustomization) -> Resource:
    """A kustomization file as an object, for what it fetches."""
    attributes = YamlAttributes(kustomization.item, kustomization.address)
    return Resource(
        kustomization.address,
        kustomization.kind,
        "kubernetes",
        "object",
        kustomization.folder,
        attributes,
        kustomization.span,
    )


def _local(found: Object) -> bool:
    """Objects for Kustomize alone are never applied (`config.kubernetes.io/local-config`)."""
    return text_at(found.item, "metadata", "annotations", "config.kubernetes.io/local-config").lower() == "true"
