"""Chart folders to resources: one per values file and one per template that says something."""

from __future__ import annotations

import re

from sovlint.discovery.classify import kind_by_name
from sovlint.discovery.tree import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.resource import Attributes, Resource
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, deref, get, parse_stream, text
from sovlint.resolve.helm.templates import TemplateText
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.yaml_attributes import top

CHART_NAMES = ("Chart.yaml", "Chart.yml")
BASE_NAMES = ("values.yaml", "values.yml")

_STEM = re.compile(r"\.(?:ya?ml|json)$")
_SAYS_SOMETHING = (
    *("image", "topology", "failure-domain", "csi.", "annotations", "nodeSelector"),
    *("storageClassName", "ingressClassName", "gatewayClassName", "loadBalancerClass", "provisioner"),
)


def static_note(count: int) -> str:
    """The sentence for a run that read charts statically; empty without charts."""
    if not count:
        return ""
    if count == 1:
        return "1 Helm chart was read statically (values and template text), not rendered"
    return f"{count} Helm charts were read statically (values and template text), not rendered"


def unreadable(path: str, error: TreeError) -> Problem:
    """The problem of a file that could not be read; one over the size limit is a warning."""
    message = error.message.removeprefix(f"{path}: ")
    return Problem(whole_file(path), error.code, message, "warning" if error.code == "too-large" else "error")


def is_template(relative: str) -> bool:
    """Whether a path relative to a chart's folder is a template whose text may declare something."""
    return relative.startswith("templates/") and relative.endswith((".yaml", ".yml", ".tpl", ".json"))


def is_values_file(relative: str) -> bool:
    """Whether a path relative to a chart's folder is a values file: by its name, or in a folder `values/`."""
    folder, _, name = relative.rpartition("/")
    if folder.split("/", 1)[0] in ("templates", "crds"):
        return False
    if kind_by_name(name) == "values":
        return True
    return "values" in folder.split("/") and name.endswith((".yaml", ".yml"))


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
        resources.append(_values_resource(source, stream.documents[0], name, unit, None))
    return resources, list(stream.problems)


def load_chart(
    tree: Tree, folder: str, files: list[str], sources: list[SourceFile] | None = None
) -> tuple[list[Resource], list[Problem]]:
    """A chart: its values, the values of its environments laid over them, and the text of its templates.

    Args:
        tree: where to read.
        folder: the chart's folder; charts below `charts/` are charts of their own.
        files: files of the chart that are linted. The chart's `values.yaml` is read as context in any case.
        sources: filled with the texts of the files linted.

    Returns:
        Resources in the order of the files, and problems of `Chart.yaml`, values files and unreadable templates.
    """
    return _ChartReader(tree, folder, sources if sources is not None else []).load(files)


class _ChartReader:
    def __init__(self, tree: Tree, folder: str, sources: list[SourceFile]) -> None:
        self.tree = tree
        self.folder = folder
        self.sources = sources
        self.problems: list[Problem] = []

    def load(self, files: list[str]) -> tuple[list[Resource], list[Problem]]:
        name = self._chart_name(files)
        base_path = next((p for n in BASE_NAMES if self.tree.exists(p := self._path(n))), "")
        base = self._values(base_path, name, None, report=base_path in files) if base_path else None
        resources: list[Resource] = []
        for path in files:
            relative = path[len(self.folder) + 1 :] if self.folder else path
            if path == base_path:
                if base is not None:
                    resources.append(base)
            elif is_template(relative):
                resources.extend(self._template(path, relative, name))
            elif is_values_file(relative):
                attributes = base.attributes if base is not None else None
                assert attributes is None or isinstance(attributes, ValuesAttributes)
                own = self._values(path, name, attributes, report=True)
                if own is not None:
                    resources.append(own)
        return resources, self.problems

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    def _chart_name(self, files: list[str]) -> str:
        fallback = self.folder.rpartition("/")[2] or "chart"
        path = next((p for n in CHART_NAMES if self.tree.exists(p := self._path(n))), None)
        if path is None:
            return fallback
        source = self._read(path, report=path in files)
        if source is None:
            return fallback
        stream = parse_stream(source)
        if path in files:
            self.problems.extend(stream.problems)
        name = text(get(stream.documents[0], "name")) if stream.documents else None
        return name or fallback

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

    def _values(self, path: str, chart: str, base: ValuesAttributes | None, *, report: bool) -> Resource | None:
        source = self._read(path, report=report)
        if source is None:
            return None
        stream = parse_stream(source)
        if report:
            self.problems.extend(stream.problems)
        if not stream.documents or type(deref(stream.documents[0])) is not Mapping:
            return None
        return _values_resource(source, stream.documents[0], chart, self.folder, base)

    def _template(self, path: str, relative: str, chart: str) -> list[Resource]:
        source = self._read(path, report=True)
        if source is None or not any(word in source.text for word in _SAYS_SOMETHING):
            return []
        return [template_resource(source, f"{chart}:{relative}", self.folder)]


def template_resource(source: SourceFile, address: str, unit: str) -> Resource:
    """Template text as a resource of its own."""
    return _resource(source, "template", address, unit, TemplateText(source, address))


def _values_resource(source: SourceFile, node: Node, chart: str, unit: str, base: ValuesAttributes | None) -> Resource:
    below = [(layer.source, layer.node) for layer in base.item.layers] if base is not None else []
    attributes = ValuesAttributes(top(source, node, *below), chart, source, base)
    return _resource(source, "values", f"{chart}:{source.path.rpartition('/')[2]}", unit, attributes)


def _resource(source: SourceFile, kind: str, address: str, unit: str, attributes: Attributes) -> Resource:
    return Resource(address, kind, "helm", "values", unit, attributes, Span(source, 0, 0), heuristic=True)
