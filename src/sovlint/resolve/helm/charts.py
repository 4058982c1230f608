"""Chart folders to resources: one per values file and one per template that says something."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from sovlint.discovery.tree import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.resource import Attributes, Resource
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Step
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, deref, get, parse_stream, text
from sovlint.resolve.helm.chart_files import (
    BASE_NAMES,
    CHART_NAMES,
    is_template,
    is_values_file,
    no_mapping,
    unreadable,
)
from sovlint.resolve.helm.dependencies import Dependency, dependencies_in, dependency_resources, switched_off
from sovlint.resolve.helm.includes import Definitions
from sovlint.resolve.helm.inputs import MAX_SETS, HelmInputs, set_layer
from sovlint.resolve.helm.registry import Order, registry_order
from sovlint.resolve.helm.sets import assignments
from sovlint.resolve.helm.subcharts import (
    Subchart,
    ignored_in,
    library_texts,
    subcharts_in,
    templates_in,
    wrapped,
)
from sovlint.resolve.helm.templates import TemplateText
from sovlint.resolve.helm.values import Scope, ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, Layer, joined, top

_STEM = re.compile(r"\.(?:ya?ml|json)$")
_SAYS_SOMETHING = (
    *("image", "topology", "failure-domain", "csi.", "annotations", "nodeSelector"),
    *("storageClassName", "ingressClassName", "gatewayClassName", "loadBalancerClass", "provisioner"),
)


def load_values(source: SourceFile, unit: str) -> tuple[list[Resource], list[Problem]]:
    """A values file that stands alone; its file name takes the place of the chart's name.

    Args:
        source: the text.
        unit: path of the file.
    """
    stream = parse_stream(source)
    name = _STEM.sub("", source.path.rpartition("/")[2])
    resources = []
    if stream.documents and type(deref(stream.documents[0])) is Mapping:
        attributes = ValuesAttributes(top(source, stream.documents[0]), name, source)
        address = f"{name}:{source.path.rpartition('/')[2]}"
        resources.append(_resource(source, "values", address, unit, attributes))
    return resources, list(stream.problems)


def load_chart(
    tree: Tree,
    folder: str,
    files: list[str],
    sources: list[SourceFile] | None = None,
    inputs: HelmInputs | None = None,
) -> tuple[list[Resource], list[Problem]]:
    """A chart: its values, the values of its environments laid over them, and the text of its templates.

    Args:
        tree: where to read.
        folder: the chart's folder; charts below `charts/` are charts of their own.
        files: files of the chart that are linted. The chart's `values.yaml` is read as context in any case.
        sources: filled with the texts of the files linted.
        inputs: values it is given. If there are any, they are all laid over each other, and other values files are not
            read; without them every values file is an environment of its own over `values.yaml`.

    Returns:
        Resources in the order of the files, and problems of `Chart.yaml`, values files and unreadable templates.
    """
    return _ChartReader(tree, folder, sources if sources is not None else []).load(files, inputs or HelmInputs())


def chart_values(tree: Tree, folder: str) -> tuple[ValuesAttributes | None, tuple[Scope, ...]]:
    """The values of a chart in the tree and of the charts below it, for whoever lays others over them."""
    reader = _ChartReader(tree, folder, [])
    reader.load([], HelmInputs())
    return reader.base, reader.base.scopes if reader.base is not None else ()


class _ChartReader:
    def __init__(self, tree: Tree, folder: str, sources: list[SourceFile]) -> None:
        self.tree = tree
        self.folder = folder
        self.sources = sources
        self.problems: list[Problem] = []
        self.chart: SourceFile | None = None
        self.name = folder.rpartition("/")[2] or "chart"
        self.span = Span(SourceFile(self._path("Chart.yaml"), ""), 0, 0)
        self.dependencies: list[Dependency] = []
        self.locked: list[Dependency] = []
        self.ignore = ignored_in(tree, folder)
        self.subcharts: list[Subchart] = []
        self.broken: dict[str, Resource] = {}
        self.definitions = Definitions(self._templates, lambda: library_texts(self.subcharts))

    def load(self, files: list[str], inputs: HelmInputs) -> tuple[list[Resource], list[Problem]]:
        """See `load_chart`."""
        self._chart_file(files)
        self.subcharts = subcharts_in(self.tree, self.folder, self.dependencies, self.span, self.problems)
        base_path = next((p for n in BASE_NAMES if self.tree.exists(p := self._path(n))), "")
        found: dict[str, list[Resource]] = {}
        below = self._is_below()
        given = [] if below else inputs.paths(self.folder, base_path, self._path("Chart.yaml"), self.problems)
        sets = () if below else inputs.sets
        values: list[ValuesAttributes]
        if files and (given or sets):
            values = self._layered(files, base_path, given, sets, found)
        else:
            values = self._each(files, base_path, found)
        for path, resource in self.broken.items():
            found.setdefault(path, []).append(resource)
        for path in files:
            relative = path[len(self.folder) + 1 :] if self.folder else path
            if is_template(relative) and not self.ignore.ignores(relative):
                found.setdefault(path, []).extend(self._template(path, relative, values))
        first = self._depended(files, values[0].item if values else None)
        order = {path: number for number, path in enumerate(files)}
        listed = sorted(found.items(), key=lambda pair: order.get(pair[0], -1))
        return [*first, *(resource for _, resources in listed for resource in resources)], self.problems

    # --- values

    def _each(self, files: list[str], base_path: str, found: dict[str, list[Resource]]) -> list[ValuesAttributes]:
        """Every values file by itself over the chart's own."""
        base_layer = self._values(base_path, report=base_path in files) if base_path else None
        below = [base_layer] if base_layer is not None else []
        base = self._attributes(below)
        self.base = base
        values = []
        if base is not None:
            values.append(base)
            if base_path in files or (not base_path and files):
                path = base_path or self._path("Chart.yaml")
                found[path] = [self._resource(base, base_layer.source if base_layer is not None else base.source)]
        for path in files:
            relative = path[len(self.folder) + 1 :] if self.folder else path
            if path == base_path or is_template(relative) or not is_values_file(relative):
                continue
            layer = self._values(path, report=True)
            if layer is not None:
                own = self._attributes([layer, *below], base)
                assert own is not None
                values.append(own)
                found[path] = [self._resource(own, layer.source)]
        if base is not None:
            base.environments = tuple(values[1:])
        return values

    def _layered(
        self, files: list[str], base: str, paths: list[str], sets: tuple[str, ...], found: dict[str, list[Resource]]
    ) -> list[ValuesAttributes]:
        """All layers of an environment as one."""
        layers: list[Layer] = []
        given: list[Layer] = []
        for path in dict.fromkeys((base, *paths) if base else paths):
            layer = self._values(path, report=True)
            if layer is not None:
                layers.insert(0, layer)
                given[:0] = [layer] if path != base else []
        for text_ in sets[:MAX_SETS]:
            for assignment in assignments(text_):
                below = self._attributes(layers)
                over = Item("", tuple(given)) if given else None
                layer = set_layer(over, below.item if below is not None else None, assignment, self.span)
                layers.insert(0, layer)
                given.insert(0, layer)
        own = self._attributes(layers)
        if own is None:
            return []
        found[files[0]] = [self._resource(own, layers[0].source if layers else own.source)]
        return [own]

    def _attributes(self, layers: list[Layer], base: ValuesAttributes | None = None) -> ValuesAttributes | None:
        """Values over those of the charts below; None where there are none at all.

        What stands in unpacked charts is looked at there and only read here; packed ones have no lines to point at.
        """
        packed, unpacked = self._below(layers)
        everything = (*layers, *packed, *unpacked)
        if not everything or not (layers or packed):
            return None
        scopes = self._scopes(Item("", everything))
        deciding = [layers[0]] if base is not None else [*layers, *packed]
        if base is None and unpacked:
            item = Item("", tuple(unpacked))
            base = ValuesAttributes(item, self.name, unpacked[0].source, scopes=scopes)
        sources = tuple(layer.source for layer in deciding)
        return ValuesAttributes(Item("", everything), self.name, sources[0], base, sources, scopes)

    def _below(self, layers: list[Layer]) -> tuple[list[Layer], list[Layer]]:
        packed: list[Layer] = []
        unpacked: list[Layer] = []
        values = Item("", tuple(layers)) if layers else None
        way: list[tuple[tuple[str, ...], Subchart]] = [((), one) for one in self.subcharts]
        for above, one in way:
            for key in one.keys:
                off = not above and self._switch(key, values) is not None
                if one.values is not None and not (one.packed and off):
                    (packed if one.packed else unpacked).append(wrapped(one.values, (*above, key)))
                way.extend(((*above, key), inner) for inner in one.below)
        return packed, unpacked

    def _switch(self, key: str, values: Item | None) -> Item | None:
        named = [dependency for dependency in self.dependencies if dependency.key == key]
        return switched_off(named[0], values) if named else None

    def _scopes(self, values: Item) -> tuple[Scope, ...]:
        scopes = [Scope("", self._own_order)]
        way: list[tuple[str, Subchart]] = [("", one) for one in self.subcharts]
        for above, one in way:
            for key in one.keys:
                prefix = joined(above, key)
                off = self._switch(key, values) if not above else None
                step = Step(off.key or off.span, prefix, f"{off.path} switches {key} off") if off is not None else None
                scopes.append(Scope(prefix, _order_of(one), step))
                way.extend((prefix, inner) for inner in one.below)
        for dependency in self.dependencies:
            # Charts that are fetched later: nobody knows what their templates do.
            if all(dependency.key not in one.keys for one in self.subcharts):
                off = switched_off(dependency, values)
                note = f"{off.path} switches {dependency.key} off" if off is not None else ""
                step = Step(off.key or off.span, dependency.key, note) if off is not None else None
                scopes.append(Scope(joined("", dependency.key), _unknown_order, step))
        return tuple(scopes)

    def _own_order(self) -> Order:
        if self._order is None:
            texts = (source.text for source in self._templates())
            self._order = registry_order(texts, library_texts(self.subcharts))
        return self._order

    def _templates(self) -> list[SourceFile]:
        if self._own_templates is None:
            self._own_templates = templates_in(self.tree, self.folder, self.ignore)
        return self._own_templates

    _order: Order | None = None
    _own_templates: list[SourceFile] | None = None
    base: ValuesAttributes | None = None

    def _is_below(self) -> bool:
        """Whether another chart holds this one and gives it its values."""
        above, _, _ = self.folder.rpartition("/")
        if above != "charts" and not above.endswith("/charts"):
            return False
        folder = above.rpartition("/")[0]
        return any(self.tree.exists(f"{folder}/{name}" if folder else name) for name in CHART_NAMES)

    # --- Chart.yaml

    def _chart_file(self, files: list[str]) -> None:
        path = next((p for n in CHART_NAMES if self.tree.exists(p := self._path(n))), None)
        if path is None:
            return
        document = self._document(path, files)
        if document is not None and self.chart is not None:
            name = get(document, "name")
            self.name = text(name) or self.name
            if name is not None and text(name):
                self.span = Span(self.chart, name.start, name.end)
            self.dependencies.extend(dependencies_in(self.chart, document))
        for file, into in (
            ("requirements.yaml", self.dependencies),
            ("Chart.lock", self.locked),
            ("requirements.lock", self.locked),
        ):
            other = self._path(file)
            if self.tree.exists(other):
                chart, self.chart = self.chart, None
                document = self._document(other, files)
                if document is not None and self.chart is not None:
                    into.extend(dependencies_in(self.chart, document))
                self.chart = chart

    def _document(self, path: str, files: list[str]) -> Node | None:
        """The document of a file about the chart; its text is kept in `chart`."""
        source = self._read(path, report=path in files)
        if source is None:
            return None
        stream = parse_stream(source)
        self.chart = source
        if path in files:
            self.problems.extend(stream.problems)
        document = stream.documents[0] if stream.documents else None
        named = document is not None and text(get(document, "name"))
        if path in files and not stream.problems and not named and path.rpartition("/")[2] in CHART_NAMES:
            message = "this chart has no name: Helm does not take it"
            self.problems.append(Problem(whole_file(path), "chart", message, "warning"))
        return document

    def _depended(self, files: list[str], values: Item | None) -> list[Resource]:
        """The repositories of dependencies; locked ones only where the lock says something else."""
        known = {(one.name, one.repository) for one in self.dependencies}
        listed = [*self.dependencies, *(one for one in self.locked if (one.name, one.repository) not in known)]
        if self._path(CHART_NAMES[0]) not in files:
            listed = [one for one in listed if one.source.path in files]
        off = [one for one in listed if switched_off(one, values) is not None]
        on = [one for one in listed if one not in off]
        return dependency_resources(self.name, self.folder, ((on, False), (off, True)), self.span)

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    def _read(self, path: str, *, report: bool) -> SourceFile | None:
        """The text of a file; files that are only context report no problems of their own."""
        try:
            data = self.tree.read(path)
        except TreeError as error:
            if report:
                self.problems.append(unreadable(path, error))
            return None
        source, problems = decode(path, data)
        if report:
            self.problems.extend(problems)
            if source is not None:
                self.sources.append(source)
        return source

    def _values(self, path: str, *, report: bool) -> Layer | None:
        source = self._read(path, report=report)
        if source is None:
            return None
        stream = parse_stream(source)
        if report:
            self.problems.extend(stream.problems)
        if not stream.documents or type(deref(stream.documents[0])) is not Mapping:
            if report and stream.problems:
                # What is literal in it is still read, line by line.
                name = path.rpartition("/")[2]
                self.broken[path] = template_resource(source, f"{self.name}:{name}", self.folder)
            elif report:
                self.problems.extend(no_mapping(source, stream.documents))
            return None
        return Layer(source, deref(stream.documents[0]))

    def _resource(self, attributes: ValuesAttributes, source: SourceFile) -> Resource:
        address = f"{self.name}:{source.path.rpartition('/')[2]}"
        return _resource(source, "values", address, self.folder, attributes)

    def _template(self, path: str, relative: str, values: list[ValuesAttributes]) -> list[Resource]:
        source = self._read(path, report=True)
        if source is None or not any(word in source.text for word in _SAYS_SOMETHING):
            return []
        return [template_resource(source, f"{self.name}:{relative}", self.folder, values, self.definitions)]


def _order_of(subchart: Subchart) -> Callable[[], Order]:
    @cache
    def order() -> Order:
        return registry_order(subchart.texts, library_texts(subchart.below))

    return order


def _unknown_order() -> Order:
    return "either"


def template_resource(
    source: SourceFile,
    address: str,
    unit: str,
    values: Sequence[ValuesAttributes] = (),
    definitions: Definitions | None = None,
) -> Resource:
    """Template text as a resource of its own; `values` are those it is rendered with, `definitions` what it uses."""
    return _resource(source, "template", address, unit, TemplateText(source, address, values, definitions))


def _resource(source: SourceFile, kind: str, address: str, unit: str, attributes: Attributes) -> Resource:
    return Resource(address, kind, "helm", "values", unit, attributes, _beginning(source, attributes), heuristic=True)


def _beginning(source: SourceFile, attributes: Attributes) -> Span:
    """The first key of values, or the first line of a text: what stands for the file as a whole."""
    if isinstance(attributes, ValuesAttributes):
        for layer in attributes.item.layers:
            if layer.source is source and type(layer.node) is Mapping and layer.node.entries:
                key = layer.node.entries[0][0]
                return Span(source, key.start, key.end)
    return Span(source, 0, len(source.line(1)))
