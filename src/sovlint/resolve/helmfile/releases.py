"""The releases of a helmfile in one environment: which chart with which values, each leaf where it is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sovlint.discovery.tree import Tree, TreeError, join
from sovlint.model.resource import Resource, Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Value
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref
from sovlint.resolve.helm.chart_files import CHART_NAMES, is_template
from sovlint.resolve.helm.charts import chart_values
from sovlint.resolve.helm.inputs import put
from sovlint.resolve.helm.sets import path_of
from sovlint.resolve.helm.subcharts import ignored_in
from sovlint.resolve.helm.templates import TemplateText
from sovlint.resolve.helm.values import Scope, ValuesAttributes
from sovlint.resolve.helmfile.evaluate import Context
from sovlint.resolve.helmfile.files import Files, composite_of, is_list, layers, placed
from sovlint.resolve.helmfile.state import State
from sovlint.resolve.helmfile.text import blanked, filled, in_place, pieces
from sovlint.resolve.yaml_attributes import Item, Layer

MAX_RELEASES = 500
MAX_LAYERS = 200
MAX_TEMPLATES = 500
MAX_FOLDERS = 10
MAX_DEPTH = 100

_CHANGED_LATER = ("jsonPatches", "strategicMergePatches", "transformers", "postRenderer")


class Release(NamedTuple):
    """A release that is deployed.

    Attributes:
        name: as far as it is known, else its chart.
        folder: the chart's in the tree; None for one from elsewhere.
        layers: its values, the highest first.
        span: where it is declared.
    """

    name: str
    folder: str | None
    layers: list[Layer]
    span: Span


class ReadThrough(TemplateText):
    """A template with the values of a release: only what these decide; its own text is looked at with the chart."""

    __slots__ = ()

    def select(self, route: Route) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`; a literal line is not one of the release."""
        for name, value in super().select(route):
            if not (type(value) is Known and value.span.file is self.source):
                yield name, value


def releases_of(state: State, files: Files) -> Iterator[Release]:
    """The releases that are installed in an environment."""
    top = state.top
    listed = top.child("releases") if top is not None else None
    if top is None or listed is None:
        return
    defaults = top.child("helmDefaults")
    for key in ("args", "syncArgs", "templateArgs") if defaults is not None else ():
        arguments = defaults.child(key) if defaults is not None else None
        for written in arguments.elements() if arguments is not None else ():
            if (written.text() or "").startswith(("--set", "--values", "-f")):
                files.say(written.span, "not-static", "values in arguments of Helm: these were not read")
    for number, release in enumerate(listed.elements()):
        if number >= MAX_RELEASES:
            text = f"more than {MAX_RELEASES} releases: the rest was not read"
            files.say(release.span, "too-many", text)
            return
        if not release.is_mapping:
            if not release.is_null and state.done(release) is None:
                files.say(release.span, "helmfile", "a release must be a mapping: this one was not read", error=True)
            continue
        if release.is_mapping:
            one = _Reader(state, files, top, release).read()
            if one is not None:
                yield one


class _Reader:
    def __init__(self, state: State, files: Files, top: Item, release: Item) -> None:
        self.state = state
        self.files = files
        self.release = release
        self.templates = self._inherited(top)
        self.context = state.context.for_release({}, None)

    def read(self) -> Release | None:
        """The release; None where it is not installed."""
        name_item = self.field("name")
        name = self.state.text(name_item) or ""
        labels = self.field("labels")
        fields: dict[str, str | None] = {"Name": name if "{{" not in name else None}
        for key, field in (("Namespace", "namespace"), ("Chart", "chart"), ("Version", "version")):
            written = self.state.text(self.field(field))
            fields[key] = written if written is not None and "{{" not in written else None
        self.context = self.state.context.for_release(fields, labels)
        name = self.again(name)
        chart_item = self.field("chart")
        chart = self.again(self.state.text(chart_item) or "")
        if not self._installed():
            return None
        span = name_item.span if name_item is not None else self.release.span
        found: list[Layer] = []
        self._listed(found, "values")
        self._listed(found, "valuesTemplate")
        self._sets(found)
        secrets = self.field("secrets")
        if secrets is not None and is_list(secrets) and next(iter(secrets.elements()), None) is not None:
            text = "the secrets of this release are encrypted: values in them were not read"
            self.files.say(secrets.key or secrets.span, "not-static", text)
        for key in _CHANGED_LATER:
            changed = self.field(key)
            if changed is not None and not changed.is_null:
                text = f"{key} changes what the chart renders; that was not applied"
                self.files.say(changed.key or changed.span, "not-static", text)
        folder = self._folder(chart, chart_item)
        return Release(name if name and "{{" not in name else chart or "release", folder, found, span)

    # --- fields

    def _inherited(self, top: Item) -> list[tuple[Item, set[str]]]:
        """The templates that the release inherits from, the highest first, each with the fields it does not take."""
        named: list[tuple[str, set[str]]] = []
        inherit = self.release.child("inherit")
        for element in list(inherit.elements() if inherit is not None else ())[:MAX_LAYERS]:
            name = self.state.text(element.child("template")) if element.is_mapping else None
            excepted = element.child("except") if element.is_mapping else None
            fields = {text for one in (excepted.elements() if excepted is not None else ()) if (text := one.text())}
            if name:
                named.append((name, fields))
        default = top.child("defaultInherit")
        if default is not None:
            for element in list(default.elements()) if is_list(default) else [default]:
                name = self.state.text(element)
                if name and all(name != other for other, _ in named):
                    named.insert(0, (name, set()))
        templates = top.child("templates")
        out: list[tuple[Item, set[str]]] = []
        for name, fields in named:
            template = templates.child(name) if templates is not None else None
            if template is not None and template.is_mapping:
                out.insert(0, (template, fields))
        return out

    def field(self, name: str) -> Item | None:
        """A field of the release, else of a template that it inherits from: lists are never layered."""
        own = self.release.child(name)
        if own is not None:
            return own
        for template, excepted in self.templates:
            found = template.child(name) if name not in excepted else None
            if found is not None:
                return found
        return None

    def again(self, text: str) -> str:
        """A text that is a template once more, of the release: `{{ .Release.Name }}`."""
        for _ in range(2):
            if "{{" not in text:
                break
            text = _rendered(text, self.context)
        return text

    def _installed(self) -> bool:
        installed = self.field("installed")
        written = self.state.text(installed)
        template = self.state.text(self.field("installedTemplate"))
        if template is not None:
            written = self.again(template)
        if written == "false":
            return False
        condition = self.again(self.state.text(self.field("conditionTemplate")) or "") or self.state.text(
            self.field("condition")
        )
        if not condition or condition == "true" or "{{" in condition:
            return True
        if condition == "false":
            return False
        item = self.state.context.values
        for key in condition.split("."):
            item = item.child(key) if item is not None else None
        return item is None or item.text() != "false"

    # --- values

    def _listed(self, found: list[Layer], name: str) -> None:
        listed = self.field(name)
        if listed is None or not is_list(listed):
            if listed is not None and not listed.is_null and self.state.done(listed) is None:
                self.files.say(listed.span, "helmfile", f"{name} must be a list: these were not read", error=True)
            return
        handler = self.state.text(self.field("missingFileHandler")) or ""
        if not handler:
            top = self.state.top
            defaults = top.child("missingFileHandler") if top is not None else None
            handler = self.state.text(defaults) or ""
        prefix = self.again(self.state.text(self.field("valuesPathPrefix")) or "")
        for element in list(listed.elements())[:MAX_LAYERS]:
            done = self.state.done(element)
            text = self.state.text(element) if composite_of(element, done) is None else None
            if text is not None and "{{" in text:
                again = self.again(text)
                if again != text:
                    found[:0] = self._file(prefix + again, element, handler)
                    continue
            if text is not None and prefix and "{{" not in text:
                found[:0] = self._file(prefix + text, element, handler)
                continue
            if element.is_mapping and name == "valuesTemplate":
                found[:0] = self._template_mapping(element)
                continue
            found[:0] = self.files.entry(element, self.state.folder, self.context, done, handler) or []

    def _file(self, text: str, element: Item, handler: str) -> list[Layer]:
        out: list[Layer] = []
        lost = "its values were not read"
        for path in self.files.paths(text, element.span, self.state.folder, handler, lost) or ():
            out[:0] = self.files.values(path, self.context) or []
        return out

    def _template_mapping(self, element: Item) -> list[Layer]:
        """Inline values whose texts are templates of the release."""
        layer = element.layers[0]
        out = layers(layer.source, element.node, self.state.done(element), layer.via)
        return [Layer(one.source, _filled_again(one.node, self.again, 0), one.via) for one in out]

    def _sets(self, found: list[Layer]) -> None:
        for name in ("set", "setTemplate", "setString"):
            listed = self.field(name)
            if listed is None or not is_list(listed):
                continue
            for element in list(listed.elements())[:MAX_LAYERS]:
                if element.is_mapping:
                    self._set(found, element, text=name == "setString")

    def _set(self, found: list[Layer], element: Item, *, text: bool) -> None:
        key, value, many = element.child("name"), element.child("value"), element.child("values")
        keys = path_of(self.again(self.state.text(key) or ""))
        file = element.child("file")
        if file is not None and value is None:
            self.files.say(file.span, "not-static", "a value that is a whole file (--set-file): not read")
        if key is None or not keys:
            if key is None or "{{" not in (self.state.text(key) or ""):
                self.files.say(element.span, "helmfile", "no name as --set takes it: this was not read", error=True)
            return
        chosen = value if value is not None else many
        if chosen is None:
            return
        layer = chosen.layers[0]
        done = self.state.done(chosen)
        node = in_place(layer.source, deref(chosen.node), done) if done is not None else deref(chosen.node)
        source, via, span = layer.source, layer.via, chosen.span
        written = deref(chosen.node)
        if done is not None and type(written) is Scalar:
            leaf = placed(source, written, pieces(written, done))
            if leaf is not None:
                step = Step(Span(source, written.start, written.end), f"set {self.state.text(key)}")
                source, node, via = leaf.source, leaf.node, (*leaf.via, step)
                span = Span(source, node.start, node.end)
        if type(node) is Scalar:
            node = Scalar(node.start, node.end, self.again(node.text), '"' if text else node.style, node.tag)
        elif type(node) is Mapping:
            return
        below = Item("", tuple(found)) if found else None
        found.insert(0, Layer(source, put(below, keys, node, span), via))

    # --- the chart

    def _folder(self, chart: str, item: Item | None) -> str | None:
        if not chart or "{{" in chart or "://" in chart or chart.startswith("/"):
            if item is not None and "{{" in chart:
                self.files.say(item.span, "not-static", "which chart this is depends on where helmfile runs")
            return None
        path = join(self.state.folder, chart)
        tree = self.files.tree
        if path is not None and any(tree.exists(f"{path}/{one}" if path else one) for one in CHART_NAMES):
            return path
        if item is not None and chart.startswith(("./", "../")):
            if path is None:
                self.files.say(item.span, "outside-tree", f"{chart} lies outside the tree; the chart was not read")
            elif not tree.is_folder(path) and not tree.exists(path):
                self.files.say(item.span, "missing", f"{chart}: there is no such chart", error=True)
            elif tree.exists(path):
                self.files.say(item.span, "not-static", f"{chart} is a packed chart: only the values here were read")
        return None


def _rendered(text: str, context: Context) -> str:
    """A short text with the actions filled in that are known."""
    done = blanked(text, context, inline=True)
    return filled(text, pieces(Scalar(0, len(text), done.text), done))


def _filled_again(node: Node, again: Callable[[str], str], depth: int) -> Node:
    """A copy of a tree in which texts are filled in once more, each at its own place."""
    node = deref(node)
    if depth > MAX_DEPTH:
        return node
    if type(node) is Scalar and "{{" in node.text:
        return Scalar(node.start, node.end, again(node.text), node.style, node.tag)
    if type(node) is Mapping:
        entries = [(key, _filled_again(value, again, depth + 1)) for key, value in node.entries]
        return Mapping(node.start, node.end, entries, node.tag)
    if type(node) is Sequence:
        return Sequence(node.start, node.end, [_filled_again(one, again, depth + 1) for one in node.items], node.tag)
    return node


class Chart(NamedTuple):
    """A chart in the tree that releases use: its values, the charts in it, its templates by their path in it."""

    base: ValuesAttributes | None
    scopes: tuple[Scope, ...]
    templates: list[tuple[str, SourceFile]]


def chart_in(tree: Tree, folder: str) -> Chart:
    """Reads a chart for the releases that use it; what is wrong with it is said where it is linted by itself."""
    base, scopes = chart_values(tree, folder)
    prefix = f"{folder}/" if folder else ""
    ignore = ignored_in(tree, folder)
    templates: list[tuple[str, SourceFile]] = []
    todo = ["templates"]
    while todo and len(templates) < MAX_TEMPLATES:
        relative = todo.pop(0)
        try:
            entries = tree.list(prefix + relative)
        except TreeError:
            continue
        for entry in entries:
            path = f"{relative}/{entry.name}"
            if entry.link or entry.special or ignore.ignores(path):
                continue
            if entry.folder and path.count("/") < MAX_FOLDERS:
                todo.append(path)
            elif is_template(path) and len(templates) < MAX_TEMPLATES:
                try:
                    source, _ = decode(prefix + path, tree.read(prefix + path))
                except TreeError:
                    continue
                if source is not None and ".Values." in source.text:
                    templates.append((path, source))
    return Chart(base, scopes, templates)


def resources_of(release: Release, tree: Tree, unit: str, charts: dict[str, Chart]) -> Iterator[Resource]:
    """A release as values over those of its chart, and the chart's templates with these values.

    Args:
        release: the release.
        tree: where charts are.
        unit: path of the helmfile.
        charts: charts in the tree that were read before, by folder; is added to.
    """
    if not release.layers:
        return
    chart: Chart | None = None
    if release.folder is not None:
        chart = charts.get(release.folder)
        if chart is None:
            chart = charts[release.folder] = chart_in(tree, release.folder)
    base = chart.base if chart is not None else None
    below = base.item.layers if base is not None else ()
    sources = tuple(layer.source for layer in release.layers)
    item = Item("", (*release.layers, *below))
    scopes = chart.scopes if chart is not None else ()
    attributes = ValuesAttributes(item, release.name, sources[0], base, sources, scopes)
    address, span = release.name, release.span
    yield Resource(f"{address}:values", "values", "helm", "values", unit, attributes, span, heuristic=True)
    for path, source in chart.templates if chart is not None else ():
        through = ReadThrough(source, f"{address}:{path}", [attributes])
        yield Resource(f"{address}:{path}", "template", "helm", "values", unit, through, span, heuristic=True)
