"""What is rendered of a chart, with which values; the leaves of those values and where they are written."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sovlint.discovery.tree import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, deref, parse_stream
from sovlint.parse.yaml import Sequence as YamlSequence
from sovlint.parse.yaml.access import to_plain
from sovlint.resolve.helm.chart_files import BASE_NAMES, CHART_NAMES, is_values_file, unreadable
from sovlint.resolve.helm.copies import ChartCopy, Copy
from sovlint.resolve.helm.engine import Engine, Job, Output
from sovlint.resolve.helm.inputs import MAX_SETS, HelmInputs, node_of, set_layer
from sovlint.resolve.helm.markers import Mark, lines_of, marked, marks_in
from sovlint.resolve.helm.sets import assignments
from sovlint.resolve.helm.worker import merged as laid_over
from sovlint.resolve.yaml_attributes import Item, Layer

Way: TypeAlias = "tuple[str | int, ...]"

MAX_ENVIRONMENTS = 20
"""Values files of one chart that are rendered one by one."""

MAX_LEAVES = 20_000
MAX_VISITS = 200_000
"""Places of values that are looked at for them; aliases to aliases multiply."""
MAX_DEPTH = 60

TIME_BUDGET = 40.0
"""Seconds of the engine for one chart, after which values are not traced any further."""

SET = "--set"
"""Path of the text that `--set` options become."""


class Given(NamedTuple):
    """Values that are laid over a chart's own for one rendering.

    Attributes:
        name: what a person calls it: the file; empty for the chart's own values.
        layers: documents, the highest last.
        environments: those of a helmfile that give these values; empty where no helmfile does.
    """

    name: str
    layers: tuple[tuple[SourceFile, Node], ...]
    environments: tuple[str, ...] = ()


class Leaf(NamedTuple):
    """A scalar in the values of a rendering: its way from the top chart's values, text, and item in the source."""

    way: Way
    text: str
    item: Item


class Rendering:
    """One chart with one set of values, rendered.

    Attributes:
        files: texts by the template's path as Helm calls it, without notes.
        marks: for each line of a text the template lines it came from, innermost first; empty where nobody knows.
        error: why there is nothing.
    """

    def __init__(self, given: Given, plain: Output, rounds: Sequence[Output]) -> None:
        self.given = given
        self.error = plain.error
        self.files = {path: text for path, text in plain.files.items() if not path.endswith("/NOTES.txt")}
        self.marks: dict[str, list[tuple[Mark, ...]]] = {}
        self.emitted: set[Mark] = set()
        for path, text in self.files.items():
            self.emitted.update(mark for r in rounds for mark in marks_in(r.files.get(path, "")))
            found = (lines_of(text, r.files[path]) for r in rounds if path in r.files)
            self.marks[path] = next((lines for lines in found if lines is not None), [()] * (text.count("\n") + 1))


def givens(tree: Tree, folder: str, files: Iterable[str], inputs: HelmInputs, problems: list[Problem]) -> list[Given]:
    """The sets of values a chart is rendered with.

    Args:
        tree: where to read.
        folder: the chart's.
        files: files of the chart that are linted; where nothing is given each of its values files is one set.
        inputs: what the chart is given: all of it is one set.
        problems: is added to.
    """
    prefix = f"{folder}/" if folder else ""
    base = next((path for name in BASE_NAMES if tree.exists(path := f"{prefix}{name}")), "")
    # The static reading has said what lies outside the tree.
    paths = list(dict.fromkeys(inputs.paths(folder, base, f"{prefix}{CHART_NAMES[0]}", [])))
    layers = [layer for path in paths if (layer := _layer(tree, path, problems))]
    written = _set_document(inputs.sets, layers)
    if paths or inputs.sets:
        name = ", ".join(path.removeprefix(prefix) for path in paths)
        return [Given(name, (*layers, *([written] if written else ())))]
    out = [Given("", ())]
    others = [
        path
        for path in sorted(files)
        if is_values_file(path.removeprefix(prefix)) and path.removeprefix(prefix) not in BASE_NAMES
    ]
    for path in others[:MAX_ENVIRONMENTS]:
        layer = _layer(tree, path, [])  # the static reading says what is wrong with it
        if layer is not None:
            out.append(Given(path, (layer,)))
    if len(others) > MAX_ENVIRONMENTS:
        message = f"{len(others)} values files: the chart was rendered with the first {MAX_ENVIRONMENTS} only"
        problems.append(Problem(whole_file(others[MAX_ENVIRONMENTS]), "too-many", message, "warning"))
    return out


def _layer(tree: Tree, path: str, problems: list[Problem]) -> tuple[SourceFile, Node] | None:
    try:
        source, found = decode(path, tree.read(path))
    except TreeError as error:
        problems.append(unreadable(path, error))
        return None
    problems.extend(found)
    documents = parse_stream(source).documents if source is not None else []
    if source is None or not documents or type(deref(documents[0])) is not Mapping:
        return None
    return source, documents[0]


def _set_document(sets: Sequence[str], given: Sequence[tuple[SourceFile, Node]]) -> tuple[SourceFile, Node] | None:
    """All of `--set` as one document over the values files that are given."""
    layers = [Layer(source, deref(node)) for source, node in reversed(given)]
    data: object = {}
    place = Span(SourceFile(SET, ""), 0, 0)
    for text_ in sets[:MAX_SETS]:
        for assignment in assignments(text_):
            layer = set_layer(Item("", tuple(layers)) if layers else None, None, assignment, place)
            layers.insert(0, layer)
            data = laid_over(data, plain(layer.node))
    return (place.file, node_of(data, place)) if data else None


def plain(node: Node) -> object:
    """Plain data of a document as JSON can hold it."""
    return _finite(to_plain(node))


def _finite(data: object) -> object:
    if isinstance(data, dict):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, int) and not isinstance(data, bool) and data.bit_length() > 1000:
        return str(float("inf"))
    return data if isinstance(data, (str, bool, int, float)) or data is None else str(data)


class Chart:
    """A chart in scratch folders, ready to be rendered.

    Args:
        copy: the chart.
        engine: renders.
        scratch: an empty folder.
    """

    def __init__(self, copy: Copy, engine: Engine, scratch: str) -> None:
        self.copy = copy
        self.engine = engine
        self.scratch = scratch
        self._spent = 0.0
        self._folders = [str(Path(scratch, name)) for name in ("plain", "marked", "outer")]
        copy.write(self._folders[0], {})
        for folder, helpers in ((self._folders[1], True), (self._folders[2], False)):
            texts = {
                path: marked(source.text, number, helpers=helpers)
                for number, (path, source, _) in enumerate(copy.templates)
            }
            copy.write(folder, texts)

    def render(self, sets: Sequence[Given]) -> list[Rendering]:
        """Renders the chart with each set of values."""
        jobs = [Job(folder, self._values(given)) for given in sets for folder in self._folders]
        outputs = self._run(jobs)
        return [Rendering(given, outputs[3 * i], outputs[3 * i + 1 : 3 * i + 3]) for i, given in enumerate(sets)]

    def again(self, given: Given, changes: Sequence[dict[Way, str]]) -> list[Output]:
        """Renders with some leaves changed; one output per set of changes. Above `TIME_BUDGET` all of them fail."""
        if self._spent > TIME_BUDGET:
            return [Output({}, "no time left for this chart")] * len(changes)
        item = merged(self.copy.top, given)
        jobs = []
        for changed in changes:
            layer: dict[str, object] = {}
            for way, text in changed.items():
                _put(layer, way, text, item, self.copy.top)
            jobs.append(Job(self._folders[0], (*self._values(given), layer)))
        return self._run(jobs)

    def _run(self, jobs: list[Job]) -> list[Output]:
        start = time.monotonic()
        try:
            return self.engine.render(jobs, self.scratch)
        finally:
            self._spent += time.monotonic() - start

    def _values(self, given: Given) -> tuple[object, ...]:
        return tuple(plain(node) for _, node in given.layers)


def merged(chart: ChartCopy, given: Given) -> Item | None:
    """The values of the top chart with those of a rendering over them; None without any."""
    layers = [Layer(source, deref(node)) for source, node in reversed(given.layers)]
    if chart.values is not None:
        layers.append(Layer(chart.values[0], deref(chart.values[1])))
    return Item("", tuple(layers)) if layers else None


def leaves(chart: ChartCopy, item: Item | None, way: Way = ()) -> dict[Way, Leaf]:
    """The scalars of the values of a chart and of the charts below it, by their way from the top.

    Args:
        chart: where `item` are the values of.
        item: merged values of that chart.
        way: its way from the top.
    """
    out: dict[Way, Leaf] = {}
    if item is not None:
        for found, leaf in islice(_scalars(item, way, 0, [MAX_VISITS]), MAX_LEAVES):
            text = leaf.text()
            if text is not None:
                out[found] = Leaf(found, text, leaf)
    for child in chart.children:
        out.update(leaves(child, below(child, item), (*way, child.key)))
    return out


def scalars(source: SourceFile, node: Node) -> list[Leaf]:
    """The scalars of one document alone."""
    item = Item("", (Layer(source, deref(node)),))
    found = islice(_scalars(item, (), 0, [MAX_VISITS]), MAX_LEAVES)
    return [Leaf(way, text, leaf) for way, leaf in found if (text := leaf.text()) is not None]


def below(child: ChartCopy, item: Item | None) -> Item | None:
    """The values of a chart that another one uses: what the other says under its name, over its own."""
    said = item.child(child.key) if item is not None and child.key else None
    layers = said.layers if said is not None and said.is_mapping else ()
    if child.values is not None:
        layers = (*layers, Layer(child.values[0], deref(child.values[1])))
    return Item("", layers) if layers else None


def _scalars(item: Item, way: Way, depth: int, visits: list[int]) -> Iterator[tuple[Way, Item]]:
    visits[0] -= 1
    if depth > MAX_DEPTH or visits[0] < 0:
        return
    if item.is_mapping:
        for key, child in item.children():
            if visits[0] < 0:
                return
            yield from _scalars(child, (*way, key), depth + 1, visits)
    elif type(item.node) is YamlSequence:
        for index, element in enumerate(item.elements()):
            if visits[0] < 0:
                return
            yield from _scalars(element, (*way, index), depth + 1, visits)
    else:
        yield way, item


def _put(layer: dict[str, object], way: Way, text: str, item: Item | None, chart: ChartCopy) -> None:
    """Sets one leaf in a layer of values; a list is given as a whole, since Helm replaces lists."""
    at: object = layer
    current = item
    for number, key in enumerate(way[:-1]):
        assert isinstance(key, str)
        child = next((c for c in chart.children if c.key == key), None)
        if child is not None:
            chart, current = child, below(child, current)
        else:
            current = current.child(key) if current is not None else None
        assert isinstance(at, dict)
        following = way[number + 1]
        if isinstance(following, int):
            if key not in at:
                at[key] = _finite(to_plain(current.node)) if current is not None else []
            _put_in_list(at[key], way[number + 1 :], text)
            return
        at = at.setdefault(key, {})
    assert isinstance(at, dict)
    at[way[-1]] = text


def _put_in_list(data: object, way: Way, text: str) -> None:
    for key in way[:-1]:
        data = data[key]  # type: ignore[index]  # the way leads through mappings and lists
    data[way[-1]] = text  # type: ignore[index]  # the way leads through mappings and lists
