"""Helm values that stand in objects of GitOps controllers: read like a values file, at their exact places.

- Argo CD: `helm.parameters` over `helm.valuesObject`, else `helm.values`, a text
  (https://argo-cd.readthedocs.io/en/stable/user-guide/helm/: parameters > valuesObject > values > valueFiles).
- Flux: `spec.values` of a HelmRelease (https://fluxcd.io/flux/components/helm/helmreleases/#inline-values).
- Kustomize: `helmCharts[].valuesInline` (https://kubectl.docs.kubernetes.io/references/kustomize/builtins/).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource, Route
from sovlint.model.source import SourceFile
from sovlint.parse.yaml import Mapping, Node, Scalar, deref
from sovlint.resolve.embedded import Embedded
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, Layer, YamlAttributes

_ARGO: tuple[Route, ...] = (("spec", "source", "helm"), ("spec", "sources", "helm"))
_TEMPLATED = tuple(("spec", "template", *route) for route in _ARGO)

# (API group, kind) → routes to the mappings that hold values under these keys.
_HOLDERS: dict[tuple[str, str], tuple[tuple[Route, ...], str]] = {
    ("argoproj.io", "Application"): (_ARGO, "valuesObject"),
    ("argoproj.io", "ApplicationSet"): (_TEMPLATED, "valuesObject"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"): ((("spec",),), "values"),
    ("kustomize.config.k8s.io", "Kustomization"): ((("helmCharts",),), "valuesInline"),
    ("kustomize.config.k8s.io", "Component"): ((("helmCharts",),), "valuesInline"),
}

MAX_PARAMETERS = 2_000
"""Parameters of one application that are read."""

_SEGMENT = pattern(r"(?:\\.|[^.\\])+")


class InlineValues(ValuesAttributes):
    """Values in an object; patches of a kustomization may have brought some of them from other files."""

    __slots__ = ()

    def decides(self, item: Item) -> bool:
        """See `ValuesAttributes.decides`: there is nothing below these values."""
        return True


def inline_values(resources: Sequence[Resource]) -> tuple[list[Resource], list[Problem]]:
    """Values in objects, as resources with the objects' addresses, and texts among them that are no YAML."""
    found: list[Resource] = []
    problems: list[Problem] = []
    readers: dict[int, Embedded] = {}
    for resource in resources:
        holders = _HOLDERS.get((resource.address.partition("/")[0], resource.kind))
        attributes = resource.attributes
        if holders is None or not isinstance(attributes, YamlAttributes):
            continue
        routes, key = holders
        for route in routes:
            for holder in attributes.items(route):
                values = _values(holder, key, readers, problems)
                if values is not None:
                    found.append(_resource(resource, values))
    return found, problems


def _values(holder: Item, key: str, readers: dict[int, Embedded], problems: list[Problem]) -> Item | None:
    """The values of one holder: parameters laid over them where there are some."""
    if not holder.is_mapping:
        return None
    values = holder.child(key)
    if values is not None and values.is_null:
        values = None
    written = holder.child("values") if key == "valuesObject" and values is None else None
    if written is not None:
        values = _from_text(written, readers, problems)
    if values is not None and not values.is_mapping:
        values = None
    parameters = holder.child("parameters") if key == "valuesObject" else None
    layer = _parameter_layer(parameters) if parameters is not None else None
    if layer is not None:
        return Item("", (layer, *(values.layers if values is not None else ())))
    if values is None:
        return None
    # Kustomize imports this module for the objects that it builds.
    from sovlint.resolve.kustomize.items import placed

    # Paths begin here: `image.tag`, as in a values file.
    return placed(values, "")


def _from_text(written: Item, readers: dict[int, Embedded], problems: list[Problem]) -> Item | None:
    layer = written.layers[0]
    if type(layer.node) is not Scalar:
        return None
    reader = readers.get(id(layer.source))
    if reader is None:
        reader = readers[id(layer.source)] = Embedded(layer.source)
    documents, found = reader.read(layer.node)
    if any(problem.level == "error" for problem in found) and "{{" in layer.node.text:
        text = "these values are no YAML before the controller fills in the template; they were not read"
        found = [Problem(problem.location, "template", text, "warning") for problem in found[:1]]
    problems.extend(found)
    return Item("", (Layer(layer.source, deref(documents[0]), layer.via),)) if documents else None


def _parameter_layer(parameters: Item) -> Layer | None:
    """`[{name: image.tag, value: "1"}]` as the mapping it means; names with indexes are left out."""
    whole = parameters.layers[0]
    top = Mapping(whole.node.start, whole.node.end, [])
    for parameter in islice(parameters.elements(), MAX_PARAMETERS):
        name, value = parameter.child("name"), parameter.child("value")
        path = name.text() if name is not None else None
        if name is None or value is None or not path or "[" in path or "{" in path:
            continue
        if type(value.node) is Scalar and value.layers[0].source is whole.source:
            _set(top, [part.replace("\\.", ".") for part in _SEGMENT.findall(path)], name.node, value.node)
    return Layer(whole.source, top, whole.via) if top.entries else None


def _set(mapping: Mapping, keys: list[str], name: Node, value: Node) -> None:
    for key in keys[:-1][:50]:
        below = next((v for k, v in mapping.entries if type(k) is Scalar and k.text == key), None)
        if type(below) is not Mapping:
            below = Mapping(name.start, value.end, [])
            mapping.entries.append((Scalar(name.start, name.end, key), below))
        mapping = below
    mapping.entries.append((Scalar(name.start, name.end, keys[-1]), value))


def _resource(owner: Resource, values: Item) -> Resource:
    source: SourceFile = values.layers[0].source
    attributes = InlineValues(values, owner.address, source)
    return Resource(
        owner.address, owner.kind, owner.format, "values", owner.unit, attributes, owner.span, heuristic=True
    )
