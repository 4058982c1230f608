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
from sovlint.model.source import SourceFile
from sovlint.model.value import Known, Value, changed, picked
from sovlint.parse.yaml import Mapping, Node, deref, parse_stream
from sovlint.resolve.helm import ValuesAttributes
from sovlint.resolve.helm.chart_files import CHART_NAMES
from sovlint.resolve.helm.charts import chart_values
from sovlint.resolve.helm.values import Scope
from sovlint.resolve.inline_values import inline_values
from sovlint.resolve.kubernetes import load_documents
from sovlint.resolve.release_sets import Sets
from sovlint.resolve.structured import Lines, written
from sovlint.resolve.terraform.types import Encoded
from sovlint.resolve.typed_objects import typed_object
from sovlint.resolve.yaml_attributes import Item, Layer

PREFIX = "\0deployed/"
"""How the paths of these texts begin; no file's path does."""

MAX_TEXT = 2_000_000


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


def deployed_by(resource: Resource, tree: Tree, number: int = 0) -> Deployed:
    """What a resource of such a type deploys, as far as it is written.

    Args:
        resource: the resource.
        tree: where charts lie.
        number: tells its texts from those of others.
    """
    return _Reader(resource, tree, f"{PREFIX}{number}/").read()


class _Reader:
    def __init__(self, resource: Resource, tree: Tree, prefix: str) -> None:
        self.resource = resource
        self.tree = tree
        self.prefix = prefix
        self.sources: dict[str, Source] = {}

    def read(self) -> Deployed:
        """See `deployed_by`."""
        kind = self.resource.kind
        inner: list[Resource]
        if kind == "helm_release":
            inner = list(self._release())
        elif kind in ("kubernetes_manifest", "k8s_manifest"):
            routes = (("manifest",), ("content",)) if kind == "k8s_manifest" else (("manifest",),)
            inner = [one for way in routes for _, value in self._select(way) for one in self._structure(value)]
        elif kind.startswith("kubectl_"):
            inner = [one for _, value in self._select(("yaml_body",)) for one in self._text(value)]
        else:
            inner = self._typed()
        return Deployed(self.resource, inner, self.sources)

    def _select(self, route: Route) -> list[tuple[str, Value]]:
        return list(self.resource.attributes.select(route))

    # --- objects

    def _text(self, value: Value) -> list[Resource]:
        data = _data_of(value)
        if data is not None:
            return self._structure(data)
        source = self._text_source(value)
        if source is None:
            return []
        documents = parse_stream(source).documents
        return self._objects(source, documents)

    def _structure(self, value: Value) -> list[Resource]:
        if type(value) is not Known or not isinstance(value.value, Mapped):
            return self._text(value)
        lines = Lines()
        node = lines.node(value)
        return self._objects(self._line_source(lines), [node])

    def _objects(self, source: SourceFile, documents: list[Node]) -> list[Resource]:
        resources, _ = load_documents(source, documents, self.resource.unit)
        inline, _ = inline_values(resources)
        return resources + inline

    def _typed(self) -> list[Resource]:
        """One of the provider's own types, as the object that it becomes."""
        lines = Lines()
        node = typed_object(self.resource, lines)
        return self._objects(self._line_source(lines), [node]) if node is not None else []

    # --- releases

    def _release(self) -> Iterator[Resource]:
        layers: list[Layer] = []
        for _, value in self._select(("values",)):
            layer = self._values(value)
            if layer is not None:
                layers.insert(0, layer)
        layers[:0] = self._sets()
        if not layers:
            return
        base: ValuesAttributes | None = None
        scopes: tuple[Scope, ...] = ()
        for _, value in self._select(("chart",)):
            chart = value.value if type(value) is Known else None
            path = join(self.resource.unit, chart) if isinstance(chart, str) else None
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

    def _values(self, value: Value) -> Layer | None:
        """One text of `values`."""
        data = _data_of(value)
        if type(data) is Known and isinstance(data.value, Mapped):
            lines = Lines()
            node = lines.node(data)
            return Layer(self._line_source(lines), node)
        source = self._text_source(value) if data is None else None
        documents = parse_stream(source).documents if source is not None else []
        if source is None or not documents or type(deref(documents[0])) is not Mapping:
            return None
        return Layer(source, deref(documents[0]))

    def _sets(self) -> list[Layer]:
        """`set` and its sisters, blocks or the lists of objects that newer versions take."""
        sets = Sets()
        for kind in _SETS:
            names = dict(self._select((kind, "name")))
            types = dict(self._select((kind, "type")))
            values = self._set_values(kind)
            for path, name in names.items():
                block = path.removesuffix(".name")
                value = values.get(block)
                if value is None or type(name) is not Known or not isinstance(name.value, str):
                    continue
                typed = types.get(f"{block}.type")
                how = typed.value if type(typed) is Known and isinstance(typed.value, str) else ""
                sets.add(name.value, value if kind != "set_sensitive" else changed(value, sensitive=True), how)
        return [Layer(self._line_source(sets.lines), sets.node)] if sets.node is not None else []

    def _set_values(self, kind: str) -> dict[str, Value]:
        """The values by the path of their block; routes enter lists, which are put together again."""
        found: dict[str, Value] = {}
        listed: dict[str, list[Value]] = {}
        for path, value in self._select((kind, "value")):
            block, _, index = path.rpartition(".value")
            if index:
                listed.setdefault(block, []).append(value)
            else:
                found[block] = value
        found.update((block, Known(tuple(values), values[0].span)) for block, values in listed.items())
        return found

    # --- texts

    def _line_source(self, lines: Lines) -> SourceFile:
        source = lines.source(f"{self.prefix}{len(self.sources)}")
        self.sources[source.path] = Source(source, tuple(lines.values), None)
        return source

    def _text_source(self, value: Value) -> SourceFile | None:
        known = value if type(value) is Known else written(value)
        if not isinstance(known.value, str) or len(known.value) > MAX_TEXT:
            return None
        source = SourceFile(f"{self.prefix}{len(self.sources)}", known.value)
        self.sources[source.path] = Source(source, (), value)
        return source


_SETS = ("set", "set_list", "set_sensitive")
"""In the order in which the provider applies them
(https://github.com/hashicorp/terraform-provider-helm/blob/main/helm/resource_helm_release.go)."""


def _data_of(value: Value) -> Value | None:
    """The data behind a text that was encoded from it (`yamlencode`), so that each leaf has its own place."""
    return picked(value.parts.data, value) if isinstance(value.parts, Encoded) else None
