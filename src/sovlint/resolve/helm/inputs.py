"""Which values a chart is given besides its own: layers of an environment, `--values` and `--set`.

Precedence as Helm's: the chart's values, layers in their order, `--values`, `--set`
(https://helm.sh/docs/chart_template_guide/values_files/, https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set).
"""

from __future__ import annotations

import json
from typing import NamedTuple

from sovlint.discovery.tree import join
from sovlint.model.globs import covers
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Step
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref
from sovlint.resolve.helm.sets import Assignment
from sovlint.resolve.yaml_attributes import Item, Layer

MAX_SETS = 1_000


class HelmInputs(NamedTuple):
    """What a run gives to charts.

    Attributes:
        values: paths in the tree of files for every chart, in order.
        sets: `KEY=VALUE`, several with commas between them.
        chart_values: chart folder or glob → layers; relative to the chart, or paths in the tree that begin with `/`.
    """

    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    chart_values: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def layers(self, folder: str) -> tuple[str, ...]:
        """The layers of a chart as written; those of every entry that names it."""
        found: list[str] = []
        for name, layers in self.chart_values:
            # A glob also covers what is below it, but the charts in a chart get their values from that chart.
            if name == (folder or ".") or (covers((name,), folder) and not covers((name,), folder.rpartition("/")[0])):
                found.extend(layers)
        return tuple(dict.fromkeys(found))

    def paths(self, folder: str, base: str, chart: str, problems: list[Problem]) -> list[str]:
        """Paths in the tree of the values files that a chart is given besides its own, in order.

        Args:
            folder: the chart's.
            base: path of its own values.
            chart: path of its `Chart.yaml`, where a layer that lies outside the tree is said.
            problems: is added to.
        """
        found: list[str] = []
        for layer in self.layers(folder):
            path = layer[1:] if layer.startswith("/") else join(folder, layer)
            if path is None:
                problems.append(Problem(whole_file(chart), "outside-tree", f"{layer} lies outside the tree"))
            elif path != base:
                found.append(path)
        return [*found, *self.values]


def set_layer(
    given: Item | None, item: Item | None, assignment: Assignment, fallback: Span, flag: str = "--set"
) -> Layer:
    """An assignment as a layer over values; it stands on the key of the chart that it changes, or the nearest above.

    Args:
        given: what other files and flags say: lists keep what these have in them, never what the chart's own have.
        item: all values below, for the place.
        assignment: what is set.
        fallback: where it stands if no key of it is written anywhere.
        flag: how it was given, for the reader.
    """
    place, at = fallback, item
    for key in assignment.keys:
        if at is None:
            break
        if isinstance(key, int):
            listed = list(at.elements())
            at = listed[key] if key < len(listed) else None
        else:
            at = at.child(key)
        if at is not None:
            exact = at.span if not at.is_mapping and at.span.end > at.span.start else at.key
            place = exact or place
    # A file of its own, although its text is that of the chart's: what stands here was said by the flag.
    source = SourceFile(place.file.path, place.file.text)
    leaf = node_of(assignment.value, place)
    node = put(given, assignment.keys, leaf, place)
    step = Step(Span(source, place.start, place.end), "", f"{flag} {assignment.written}"[:200])
    return Layer(source, node, (step,))


def node_of(data: object, place: Span) -> Node:
    """Plain data as a node that stands at one place; read like any file it gives the same data."""
    start, end = place.start, place.end
    if isinstance(data, dict):
        entries = [(node_of(key, place), node_of(value, place)) for key, value in data.items()]
        return Mapping(start, end, entries)
    if isinstance(data, (list, tuple)):
        return Sequence(start, end, [node_of(one, place) for one in data])
    return Scalar(start, end, data, '"') if isinstance(data, str) else Scalar(start, end, json.dumps(data))


def put(item: Item | None, keys: tuple[str | int, ...], leaf: Node, place: Span) -> Node:
    """A value under keys and indexes, as a node; lists keep what `item` has in them besides."""
    node = leaf
    # The items on the way down, so that lists keep their other elements.
    way: list[Item | None] = [item]
    for key in keys[:-1]:
        above = way[-1]
        if above is None:
            way.append(None)
        elif isinstance(key, int):
            listed = list(above.elements())
            way.append(listed[key] if key < len(listed) else None)
        else:
            way.append(above.child(key))
    listed_above = False
    for index in range(len(keys) - 1, -1, -1):
        key, above = keys[index], way[index]
        listed_above = any(isinstance(k, int) for k in keys[:index])
        below = deref(above.node) if above is not None else None
        if isinstance(key, int):
            items = list(below.items) if type(below) is Sequence else []
            while len(items) <= key:
                items.append(Scalar(place.start, place.end, "null"))
            items[key] = node
            node = Sequence(place.start, place.end, items)
        else:
            entries = list(below.entries) if listed_above and type(below) is Mapping else []
            node = Mapping(place.start, place.end, [*entries, (Scalar(place.start, place.end, key), node)])
    return node
