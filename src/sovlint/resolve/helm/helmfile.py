"""helmfile.yaml as far as it is static: releases with their values, and the repositories of their charts.

Layers of a release are files or mappings under `values`, later ones win, then `set`; a chart whose name is a path lies
in the tree (https://helmfile.readthedocs.io/en/latest/#configuration). Templates
(`.gotmpl`) are not read.
"""

from __future__ import annotations

from itertools import islice

from sovlint.discovery.tree import Tree, TreeError, join
from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile, Span
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, Scalar, deref, parse_stream
from sovlint.resolve.helm.charts import CHART_NAMES, chart_values
from sovlint.resolve.helm.inputs import path_of, put
from sovlint.resolve.helm.values import Scope, ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, Layer, YamlAttributes, top

MAX_RELEASES = 500
MAX_LAYERS = 100


def is_helmfile(path: str) -> bool:
    """Whether a path is that of a helmfile."""
    folder, _, name = path.rpartition("/")
    inside = folder.rpartition("/")[2] == "helmfile.d" and name.endswith((".yaml", ".yml"))
    return inside or name in ("helmfile.yaml", "helmfile.yml")


def load_helmfile(tree: Tree, source: SourceFile, documents: list[Node], unit: str) -> list[Resource]:
    """The releases of a helmfile as values, and its repositories."""
    resources = []
    for document in documents:
        if type(deref(document)) is not Mapping:
            continue
        item = top(source, document)
        address = f"helm.sh/Helmfile/-/{source.path.rpartition('/')[2]}"
        span = Span(source, deref(document).start, deref(document).start + 1)
        resources.append(Resource(address, "Helmfile", "helm", "chart", unit, YamlAttributes(item, address), span))
        releases = item.child("releases")
        for release in islice(releases.elements() if releases is not None else (), MAX_RELEASES):
            one = _release(tree, source, release, unit) if release.is_mapping else None
            if one is not None:
                resources.append(one)
    return resources


def _release(tree: Tree, source: SourceFile, release: Item, unit: str) -> Resource | None:
    folder = source.path.rpartition("/")[0]
    name, chart = release.child("name"), release.child("chart")
    layers: list[Layer] = []
    values = release.child("values")
    for element in islice(values.elements() if values is not None else (), MAX_LAYERS):
        layer = element.layers[0] if element.is_mapping else _file(tree, folder, element.text() or "")
        if layer is not None:
            layers.insert(0, layer)
    given = release.child("set")
    for element in islice(given.elements() if given is not None else (), MAX_LAYERS):
        key, value = element.child("name"), element.child("value")
        keys = path_of((key.text() if key is not None else "") or "")
        if key is not None and value is not None and keys and type(value.node) is Scalar:
            layers.insert(0, Layer(source, put(None, keys, value.node, value.span), value.layers[0].via))
    if not layers:
        return None
    base: ValuesAttributes | None = None
    scopes: tuple[Scope, ...] = ()
    text = (chart.text() if chart is not None else "") or ""
    path = join(folder, text) if text.startswith(".") else None
    if path is not None and any(tree.exists(f"{path}/{one}" if path else one) for one in CHART_NAMES):
        base, scopes = chart_values(tree, path)
    below = base.item.layers if base is not None else ()
    address = (name.text() if name is not None else None) or text or "release"
    sources = tuple(layer.source for layer in layers)
    attributes = ValuesAttributes(Item("", (*layers, *below)), address, sources[0], base, sources, scopes)
    span = name.span if name is not None else release.span
    return Resource(f"{address}:values", "values", "helm", "values", unit, attributes, span, heuristic=True)


def _file(tree: Tree, folder: str, text: str) -> Layer | None:
    path = join(folder, text) if text and "{{" not in text and text.endswith((".yaml", ".yml", ".json")) else None
    if path is None or not tree.exists(path):
        return None
    try:
        source, _ = decode(path, tree.read(path))
    except TreeError:
        return None
    documents = parse_stream(source).documents if source is not None else []
    if source is None or not documents or type(deref(documents[0])) is not Mapping:
        return None
    return Layer(source, deref(documents[0]))
