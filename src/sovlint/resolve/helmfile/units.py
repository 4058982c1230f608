"""Helmfiles among some files: which are roots, what they use, and their releases per environment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sovlint.discovery.tree import Tree
from sovlint.model.problem import Problem
from sovlint.model.resource import Attributes, Resource
from sovlint.model.source import Location, SourceFile, Span
from sovlint.parse.yaml import Mapping, Scalar, deref
from sovlint.resolve.helm.charts import template_resource
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.helmfile.evaluate import Context
from sovlint.resolve.helmfile.files import Files, text_of
from sovlint.resolve.helmfile.releases import Chart, Release, chart_in, releases_of, resources_of
from sovlint.resolve.helmfile.state import MAX_DEPTH, MAX_ELEMENTS, State, environment_names
from sovlint.resolve.helmfile.text import in_place
from sovlint.resolve.yaml_attributes import Item, Layer, YamlAttributes, top

MAX_ENVIRONMENTS = 20
MAX_SIZE = 40_000_000
"""Characters of values of all releases in all environments of one helmfile; the rest is not read, and said."""

NAMES = ("helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl", "helmfile.yml.gotmpl")
_ENDS = (".yaml", ".yml", ".yaml.gotmpl", ".yml.gotmpl")


class HelmfileRoot(NamedTuple):
    """A helmfile that no other one uses, with all that it uses.

    Attributes:
        environments: of helmfile, in order; of a resource that does not hold in all of them its own are fewer.
        resources: (resource, environment), the name empty where there is only one environment.
        sources: the texts that were read.
    """

    path: str
    environments: tuple[str, ...]
    resources: list[tuple[Resource, str]]
    problems: list[Problem]
    sources: list[SourceFile]


def is_helmfile(path: str) -> bool:
    """Whether a path is that of a helmfile."""
    folder, _, name = path.rpartition("/")
    return name in NAMES or (folder.rpartition("/")[2] == "helmfile.d" and name.endswith(_ENDS))


class Helmfiles:
    """The helmfiles among some files.

    Args:
        tree: where to read.
        files: candidates.
        named: those that were named as PATH.

    Attributes:
        rest: files that no helmfile uses; complete when `load` is over.
        overridden: leaves of charts' own values that every release of the chart gives another value; likewise.
    """

    def __init__(self, tree: Tree, files: Iterable[str], named: Collection[str] = ()) -> None:
        self.tree = tree
        self.rest = list(files)
        self._named = frozenset(named)
        self._charts: dict[str, Chart] = {}
        self._kept: dict[str, set[tuple[str, int]]] = {}
        self._cut = False
        self.overridden: set[Location] = set()

    def load(self) -> Iterator[HelmfileRoot]:
        """The helmfiles that no other one uses, with what they hold."""
        candidates = [path for path in self.rest if is_helmfile(path)]
        if not candidates:
            return
        used: set[str] = set()
        below = {path: set(self._below(path, 0, set())) for path in candidates}
        for path in candidates:
            used.update(below[path] - {path})
        roots = [path for path in candidates if path not in used]
        # A circle has no root: its first file stands for it.
        reached = set(roots).union(*(below[path] for path in roots)) if roots else set()
        for path in candidates:
            if path not in reached:
                roots.append(path)
                reached |= {path, *below[path]}
        read: set[str] = set(candidates)
        for path in sorted(roots):
            root = self._root(path)
            read.update(source.path for source in root.sources)
            yield root
        self.rest = [path for path in self.rest if path not in read]
        for folder, kept in self._kept.items():
            base = self._charts[folder].base
            for span in _leaves(base.item, base.limit) if base is not None else ():
                if (span.file.path, span.start) not in kept:
                    self.overridden.add(span.location())

    def _below(self, path: str, depth: int, seen: set[str]) -> Iterator[str]:
        """Helmfiles that one uses, as far as it says so plainly."""
        if path in seen or depth > MAX_DEPTH:
            return
        seen.add(path)
        quiet = Files(self.tree)
        source = quiet.source(path)
        if source is None:
            return
        for document in quiet.documents(source, Context(None, None, complete=False)):
            if type(deref(document.node)) is not Mapping:
                continue
            item = Item("", (Layer(document.source, deref(document.node)),))
            listed = item.child("helmfiles")
            for element in islice(listed.elements() if listed is not None else (), MAX_ELEMENTS):
                one = element.child("path") if element.is_mapping else element
                text = text_of(one, document.done) if one is not None else None
                folder = path.rpartition("/")[0]
                for inner in (quiet.paths(text, element.span, folder, "warn", "") if text else None) or ():
                    yield inner
                    yield from self._below(inner, depth + 1, seen)

    def _root(self, path: str) -> HelmfileRoot:
        files = Files(self.tree)
        names = environment_names(files, path) or ["default"]
        if len(names) > MAX_ENVIRONMENTS:
            text = f"{len(names)} environments: only the first {MAX_ENVIRONMENTS} were read"
            files.say(path, "too-many", text)
            names = names[:MAX_ENVIRONMENTS]
        found: list[tuple[Resource, str]] = []
        for name in names:
            shown = name if len(names) > 1 else ""
            found.extend(
                (resource, shown) for resource in self._evaluated(files, path, name, path, MAX_SIZE // len(names))
            )
        found.extend((template_resource(one, f"{one.path}:", path), "") for one in files.broken.values())
        return HelmfileRoot(path, tuple(names), found, list(files.problems), list(files.sources.values()))

    def _evaluated(self, files: Files, path: str, name: str, unit: str, left: int) -> Iterator[Resource]:
        for state in states(files, path, name):
            for document in state.documents:
                source, node = document.source, deref(document.node)
                if document.done is not None:
                    node = in_place(source, node, document.done)
                item = top(source, node)
                address = f"helm.sh/Helmfile/-/{state.path.rpartition('/')[2]}"
                span = Span(source, node.start, node.start + 1)
                yield Resource(address, "Helmfile", "helm", "chart", unit, YamlAttributes(item, address), span)
            for release in releases_of(state, files):
                left -= self._size(release)
                if left < 0:
                    text = (
                        f"its releases have more than {MAX_SIZE} characters of values: from {release.name} on (in the"
                    )
                    files.say(path, "too-large", f"{text} environment {name}) they were not read")
                    self._kept.clear()
                    self._cut = True
                    return
                found = list(resources_of(release, self.tree, unit, self._charts))
                if release.folder is not None:
                    self._keep(release.folder, found[0].attributes if found else None)
                yield from found

    def _size(self, release: Release) -> int:
        """How much the values of a release and those of its chart are, in characters."""
        layers = list(release.layers)
        if release.folder is not None:
            if release.folder not in self._charts:
                self._charts[release.folder] = chart_in(self.tree, release.folder)
            base = self._charts[release.folder].base
            layers.extend(base.item.layers if base is not None else ())
        return sum(layer.node.end - layer.node.start for layer in layers)

    def _keep(self, folder: str, attributes: Attributes | None) -> None:
        """Notes which leaves of a chart's own values a release leaves as they are."""
        values = attributes if isinstance(attributes, ValuesAttributes) else self._charts[folder].base
        if values is not None and not self._cut:
            kept = self._kept.setdefault(folder, set())
            kept.update((span.file.path, span.start) for span in _leaves(values.item, values.limit))


def _leaves(item: Item, limit: int) -> Iterator[Span]:
    return (one.span for _, one in item.walk(limit) if type(one.node) is Scalar)


def states(
    files: Files, path: str, name: str, given: tuple[Layer, ...] = (), inherited: tuple[Layer, ...] = (), depth: int = 0
) -> Iterator[State]:
    """A helmfile in one environment, and those that it uses with what it gives them.

    Args:
        files: where to read.
        path: of the helmfile.
        name: of the environment.
        given: state values from the helmfile above, over its own.
        inherited: state values of the helmfile above, below its own.
        depth: how many helmfiles lie around this one.
    """
    state = State(files, path, name, given, inherited)
    yield state
    merged = state.top
    listed = merged.child("helmfiles") if merged is not None else None
    handler = state.text(merged.child("missingFileHandler")) if merged is not None else None
    for element in islice(listed.elements() if listed is not None else (), MAX_ELEMENTS):
        one = element.child("path") if element.is_mapping else element
        text = state.text(one)
        if one is None or not text:
            continue
        own: list[Layer] = []
        values = element.child("values") if element.is_mapping else None
        for entry in islice(values.elements() if values is not None else (), MAX_ELEMENTS):
            own[:0] = files.entry(entry, state.folder, state.context, state.done(entry), "") or []
        inherits = element.child("inherits") if element.is_mapping else None
        named = [item.text() for item in (inherits.elements() if inherits is not None else ())]
        above = state.context.values.layers if "environments" in named and state.context.values is not None else ()
        lost = "the helmfile was not read"
        for inner in files.paths(text, one.span, state.folder, handler or "warn", lost) or ():
            if depth >= MAX_DEPTH:
                files.say(one.span, "too-deep", f"more than {MAX_DEPTH} helmfiles in one another: not read")
                return
            yield from states(files, inner, name, tuple(own), above, depth + 1)


def deployed(tree: Tree, path: str) -> tuple[tuple[str, ...], list[tuple[str, Release]]]:
    """The environments of a helmfile, and its releases with the name of theirs, for whoever renders their charts."""
    files = Files(tree)
    names = (environment_names(files, path) or ["default"])[:MAX_ENVIRONMENTS]
    found = [
        (name, release)
        for name in names
        for state in states(files, path, name)
        for release in releases_of(state, files)
    ]
    return tuple(names), found
