"""Which values a chart is given besides its own: layers of an environment, `--values` and `--set`.

Precedence as Helm's: the chart's values, layers in their order, `--values`, `--set`
(https://helm.sh/docs/chart_template_guide/values_files/, https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sovlint.model.globs import covers
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Step
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref
from sovlint.resolve.yaml_attributes import Item, Layer

MAX_SETS = 1_000
MAX_INDEX = 10_000


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


class Assignment(NamedTuple):
    """One `KEY=VALUE`: names and indexes, the text (None for null), and what was written."""

    keys: tuple[str | int, ...]
    text: str | tuple[str, ...] | None
    written: str


def assignments(text: str) -> Iterator[Assignment]:
    """The assignments of one `--set`: `a.b=c,d[0]=e,f={g,h},i=null`; a backslash takes a mark as it is."""
    for part in _split(text, ","):
        name, mark, value = _cut(part)
        keys = tuple(_keys(name))
        if not mark or not keys:
            continue
        written = f"{name}={value}"
        if value.startswith("{") and value.endswith("}"):
            inner = value[1:-1]
            yield Assignment(keys, tuple(_plain(v) for v in _split(inner, ",")) if inner else (), written)
        else:
            yield Assignment(keys, None if value == "null" else _plain(value), written)


def set_layer(item: Item | None, assignment: Assignment, fallback: Span, flag: str = "--set") -> Layer:
    """An assignment as a layer over values; it stands on the key of the chart that it changes, or the nearest above.

    Args:
        item: the values below.
        assignment: what is set.
        fallback: where it stands if no key of it is written anywhere.
        flag: how it was given, for the reader.
    """
    place, at, elements = fallback, item, []
    for key in assignment.keys:
        if at is None:
            break
        if isinstance(key, int):
            listed = list(at.elements())
            elements.append(at)
            at = listed[key] if key < len(listed) else None
        else:
            at = at.child(key)
        if at is not None:
            exact = at.span if not at.is_mapping and at.span.end > at.span.start else at.key
            place = exact or place
    # A file of its own, although its text is that of the chart's: what stands here was said by the flag.
    source = SourceFile(place.file.path, place.file.text)
    leaf = _leaf(assignment.text, place)
    node = put(item, assignment.keys, leaf, place)
    step = Step(Span(source, place.start, place.end), "", f"{flag} {assignment.written}"[:200])
    return Layer(source, node, (step,))


def _leaf(text: str | tuple[str, ...] | None, place: Span) -> Node:
    if text is None:
        return Scalar(place.start, place.end, "null")
    if isinstance(text, tuple):
        return Sequence(place.start, place.end, [Scalar(place.start, place.end, one) for one in text])
    return Scalar(place.start, place.end, text)


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


def _split(text: str, mark: str) -> Iterator[str]:
    depth, part, escaped = 0, "", False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character == mark and depth <= 0:
            yield part
            part = ""
            continue
        part += character
    if part:
        yield part


def _cut(part: str) -> tuple[str, str, str]:
    name, mark, value = part.partition("=")
    return name.strip(), mark, value


def _plain(text: str) -> str:
    out, escaped = "", False
    for character in text:
        if character == "\\" and not escaped:
            escaped = True
            continue
        out += character
        escaped = False
    return out


def path_of(name: str) -> tuple[str | int, ...]:
    """The keys and indexes of a name as `--set` takes it: `a.b[0]`, with backslashes before dots that are none."""
    return tuple(_keys(name))


def _keys(name: str) -> Iterator[str | int]:
    for part in _split(name, "."):
        word, bracket, rest = part.partition("[")
        if word:
            yield _plain(word)
        for index in rest.split("[") if bracket else ():
            number = index.rstrip("]")
            if number.isdigit() and int(number) <= MAX_INDEX:
                yield int(number)
