"""What Terraform deploys to a cluster: values of Helm releases and objects, as the YAML they would be.

The data has texts of its own (`Source`), whose places lead back to the values of Terraform: every scalar of a structure
stands on a line of its own, and a text (`values = [<<EOT …]`, `yaml_body`) is read as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Mapped
from typing import NamedTuple

from sovlint.discovery.tree import Tree, join
from sovlint.model.resource import Resource, Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref, parse_stream
from sovlint.resolve.helm import ValuesAttributes
from sovlint.resolve.helm.charts import CHART_NAMES, chart_values
from sovlint.resolve.helm.inputs import put
from sovlint.resolve.helm.sets import path_of
from sovlint.resolve.helm.values import Scope
from sovlint.resolve.inline_values import inline_values
from sovlint.resolve.kubernetes import load_documents
from sovlint.resolve.yaml_attributes import Item, Layer

PREFIX = "\0deployed/"
"""How the paths of these texts begin; no file's path does."""

MAX_SCALARS = 20_000
MAX_DEPTH = 60
UNKNOWN = "${unknown}"

_POD_SPECS: tuple[Route, ...] = (
    ("spec",),
    ("spec", "template", "spec"),
    ("spec", "job_template", "spec", "template", "spec"),
)


class Source(NamedTuple):
    """A text and the values of Terraform behind it: one for each line, or one for all of it."""

    file: SourceFile
    lines: tuple[Value, ...]
    whole: Value | None


class Deployed(NamedTuple):
    """What one resource of Terraform deploys, and the texts in which it stands by their path."""

    resource: Resource
    inner: list[Resource]
    sources: dict[str, Source]


def is_deploying(kind: str) -> bool:
    """Whether a type of Terraform deploys to a cluster."""
    return kind == "helm_release" or kind.startswith(("kubernetes_", "kubectl_", "k8s_"))


def deployed_by(resource: Resource, tree: Tree) -> Deployed:
    """What a resource of such a type deploys, as far as it is written."""
    return _Reader(resource, tree).read()


class _Lines:
    """A structure written down, one scalar a line."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self.values: list[Value] = []
        self._length = 0

    def scalar(self, text: str, value: Value, style: str = '"') -> Scalar:
        line = " ".join(text.split("\n"))
        node = Scalar(self._length, self._length + len(line), text, style)
        self._text.append(line)
        self.values.append(value)
        self._length += len(line) + 1
        return node

    def node(self, value: Value, depth: int = 0) -> Node:
        """A value as a node; what is not known is a placeholder."""
        if len(self.values) > MAX_SCALARS or depth > MAX_DEPTH:
            return self.scalar("null", value, "")
        plain = value.value if type(value) is Known else None
        start = self._length
        if isinstance(plain, tuple):
            items = [self.node(one, depth + 1) for one in plain]
            return Sequence(start, max(self._length, start + 1), items)
        if isinstance(plain, Mapped):
            entries: list[tuple[Node, Node]] = []
            for key, one in plain.items():
                entries.append((self.scalar(key, one), self.node(one, depth + 1)))
            return Mapping(start, max(self._length, start + 1), entries)
        if isinstance(plain, str):
            return self.scalar(plain, value)
        if type(value) is Unknown:
            written = _written(value)
            return self.scalar(written.value if isinstance(written.value, str) else UNKNOWN, written)
        text = "null" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)
        return self.scalar(text, value, "")

    def source(self, path: str) -> SourceFile:
        return SourceFile(path, "\n".join(self._text))


class _Reader:
    def __init__(self, resource: Resource, tree: Tree) -> None:
        self.resource = resource
        self.tree = tree
        self.sources: dict[str, Source] = {}

    def read(self) -> Deployed:
        """See `deployed_by`."""
        kind = self.resource.kind
        inner: list[Resource]
        if kind == "helm_release":
            inner = list(self._release())
        elif kind in ("kubernetes_manifest", "k8s_manifest"):
            inner = [one for _, value in self._select(("manifest",)) for one in self._structure(value)]
        elif kind.startswith("kubectl_"):
            inner = [one for _, value in self._select(("yaml_body",)) for one in self._text(value)]
        else:
            inner = list(self._pods())
        return Deployed(self.resource, inner, self.sources)

    def _select(self, route: Route) -> list[tuple[str, Value]]:
        return list(self.resource.attributes.select(route))

    # --- objects

    def _text(self, value: Value) -> list[Resource]:
        source = self._text_source(value)
        if source is None:
            return []
        documents = parse_stream(source).documents
        return self._objects(source, documents)

    def _structure(self, value: Value) -> list[Resource]:
        if type(value) is not Known or not isinstance(value.value, Mapped):
            return self._text(value)
        lines = _Lines()
        node = lines.node(value)
        return self._objects(self._line_source(lines), [node])

    def _objects(self, source: SourceFile, documents: list[Node]) -> list[Resource]:
        resources, _ = load_documents(source, documents, self.resource.unit)
        inline, _ = inline_values(resources)
        return resources + inline

    def _pods(self) -> Iterator[Resource]:
        """Images and node selectors of the provider's own types, as a pod."""
        for way in _POD_SPECS:
            images = [
                value for block in ("container", "init_container") for _, value in self._select((*way, block, "image"))
            ]
            selectors = [value for _, value in self._select((*way, "node_selector"))]
            if not images and not selectors:
                continue
            lines = _Lines()
            containers: list[Node] = []
            for value in images:
                name = lines.scalar("image", value)
                node = lines.node(value)
                containers.append(Mapping(name.start, node.end, [(name, node)]))
            entries: list[tuple[Node, Node]] = []
            if containers:
                listed = Sequence(containers[0].start, containers[-1].end, containers)
                entries.append((_mark("containers", listed), listed))
            for value in selectors[:1]:
                node = lines.node(value)
                entries.append((_mark("nodeSelector", node), node))
            spec = Mapping(entries[0][1].start, entries[-1][1].end, entries)
            named = [_pair("apiVersion", "v1"), _pair("kind", "Pod"), (_mark("spec", spec), spec)]
            yield from self._objects(self._line_source(lines), [Mapping(0, spec.end, named)])

    # --- releases

    def _release(self) -> Iterator[Resource]:
        layers: list[Layer] = []
        for _, value in self._select(("values",)):
            source = self._text_source(value)
            documents = parse_stream(source).documents if source is not None else []
            if source is not None and documents and type(deref(documents[0])) is Mapping:
                layers.insert(0, Layer(source, deref(documents[0])))
        layers[:0] = self._sets()
        if not layers:
            return
        base: ValuesAttributes | None = None
        scopes: tuple[Scope, ...] = ()
        for _, value in self._select(("chart",)):
            written = value.value if type(value) is Known else None
            path = join(self.resource.unit, written) if isinstance(written, str) else None
            if path is not None and any(self.tree.exists(f"{path}/{name}") for name in CHART_NAMES):
                base, scopes = chart_values(self.tree, path)
        below = base.item.layers if base is not None else ()
        sources = tuple(layer.source for layer in layers)
        item = Item("", (*layers, *below))
        attributes = ValuesAttributes(item, self.resource.address, sources[0], base, sources, scopes)
        resource = self.resource
        yield Resource(
            resource.address, "values", "helm", "values", resource.unit, attributes, resource.span, heuristic=True
        )

    def _sets(self) -> list[Layer]:
        """`set` blocks, or the list of objects that newer versions of the provider take; the last one first."""
        names = dict(self._select(("set", "name")))
        values = dict(self._select(("set", "value")))
        lines = _Lines()
        nodes: list[Node] = []
        for path, name in names.items():
            value = values.get(path.removesuffix(".name") + ".value")
            keys = path_of(name.value) if type(name) is Known and isinstance(name.value, str) else ()
            if value is None or not keys:
                continue
            leaf = lines.node(value)
            if type(leaf) is Scalar:
                leaf.style = ""
            # The keys stand where the value does.
            nodes.append(put(None, keys, leaf, Span(SourceFile("", ""), leaf.start, leaf.end)))
        source = self._line_source(lines)
        return [Layer(source, node) for node in reversed(nodes)]

    # --- texts

    def _line_source(self, lines: _Lines) -> SourceFile:
        source = lines.source(f"{PREFIX}{len(self.sources)}")
        self.sources[source.path] = Source(source, tuple(lines.values), None)
        return source

    def _text_source(self, value: Value) -> SourceFile | None:
        written = value if type(value) is Known else _written(value)
        if not isinstance(written.value, str) or len(written.value) > 2_000_000:
            return None
        source = SourceFile(f"{PREFIX}{len(self.sources)}", written.value)
        self.sources[source.path] = Source(source, (), written)
        return source


def _written(value: Value) -> Known:
    """A text that is known in part, with placeholders for the rest."""
    parts: list[Value] = []
    for part in value.parts:
        plain = part.value if type(part) is Known else None
        if isinstance(plain, str):
            parts.append(part)
        else:
            parts.append(Known(UNKNOWN, part.span, part.via, owner=part.owner, heuristic=True))
    text = "".join(str(part.value) for part in parts if type(part) is Known) or UNKNOWN
    return Known(text, value.span, value.via, owner=value.owner, parts=tuple(parts), heuristic=True)


def _mark(name: str, node: Node) -> Scalar:
    return Scalar(node.start, node.start, name)


def _pair(name: str, text: str) -> tuple[Node, Node]:
    return Scalar(0, 0, name), Scalar(0, 0, text)
