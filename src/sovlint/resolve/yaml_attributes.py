"""Lazy access to YAML data as values with their places: single documents, and Helm values laid over each other.

Everything works on an `Item`: one place in the data with the nodes that may speak there, the highest layer first. A
Kubernetes object has one layer. Aliases and merge keys are followed where somebody asks, never expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from sovlint.model.lazy import pattern
from sovlint.model.resource import Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step
from sovlint.parse.yaml import (
    MAX_DEPTH,
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    deref,
    elements,
    entry,
    is_null,
    items,
    resolve_scalar,
)

VISITS = 20_000
"""Items one question may visit, in addition to half the length of the text. Without aliases no document has more."""

_PLAIN_KEY = pattern(r"[\w-]+")


@dataclass(slots=True, eq=False)
class Layer:
    """One node that speaks at a place. `node` is never an alias; `via` are the aliases through which it was reached."""

    source: SourceFile
    node: Node
    via: tuple[Step, ...] = ()


@dataclass(slots=True, eq=False)
class Item:
    """A place in YAML data.

    Attributes:
        path: way from the top: `spec.containers[0].image`; keys that are no words stand in brackets.
        layers: nodes that speak here, the highest first; never empty. Below a scalar or sequence nothing is kept.
        key: the key's place; None for elements and the top.
        kept: what `children` gives, where somebody keeps it (see `walk`).
    """

    path: str
    layers: tuple[Layer, ...]
    key: Span | None = None
    kept: dict[str, Item] | None = field(default=None, kw_only=True)

    @property
    def node(self) -> Node:
        """The node that decides: the highest layer's."""
        return self.layers[0].node

    @property
    def span(self) -> Span:
        """Place of the deciding node."""
        layer = self.layers[0]
        return Span(layer.source, layer.node.start, layer.node.end)

    @property
    def is_mapping(self) -> bool:
        """Whether the data has keys here."""
        return type(self.node) is Mapping

    @property
    def is_null(self) -> bool:
        """Whether nothing is said here: a null scalar."""
        node = self.node
        return type(node) is Scalar and is_null(node)

    def child(self, name: str) -> Item | None:
        """What stands under a key; None if there is none, or a higher layer deleted it with null."""
        if self.kept is not None:
            return self.kept.get(name)
        if len(self.layers) == 1:
            # Nearly everything has one layer, and most of what is asked for is not there.
            layer = self.layers[0]
            found = entry(layer.node, name)
            if found is None:
                return None
            path = joined(self.path, name)
            return Item(path, (_below(layer, found, path),), Span(layer.source, found[0].start, found[0].end))
        pairs = [(layer, pair) for layer in self.layers if (pair := entry(layer.node, name)) is not None]
        return _laid_over(joined(self.path, name), pairs) if pairs else None

    def children(self) -> Iterator[tuple[str, Item]]:
        """Each key once with what stands under it, in the order of the lowest layer, new keys after it."""
        if self.kept is not None:
            yield from self.kept.items()
            return
        if len(self.layers) == 1:
            layer = self.layers[0]
            for name, key, value in items(layer.node):
                path = joined(self.path, name)
                yield name, Item(path, (_below(layer, (key, value), path),), Span(layer.source, key.start, key.end))
            return
        # Lowest layer first for the order of keys, then turned round: the highest speaks first.
        found: dict[str, list[tuple[Layer, tuple[Node, Node]]]] = {}
        for layer in reversed(self.layers):
            for name, key, value in items(layer.node):
                found.setdefault(name, []).append((layer, (key, value)))
        for name, pairs in found.items():
            child = _laid_over(joined(self.path, name), pairs[::-1])
            if child is not None:
                yield name, child

    def elements(self) -> Iterator[Item]:
        """Elements of a sequence; sequences of lower layers are replaced as a whole."""
        layer = self.layers[0]
        for index, element in enumerate(elements(layer.node)):
            path = f"{self.path}[{index}]"
            yield Item(path, (_followed(layer, element, path),))

    def value(self, owner: str = "", *, heuristic: bool = False) -> Known | None:
        """The scalar here as a value; None for composites."""
        layer = self.layers[0]
        node = layer.node
        if type(node) is not Scalar:
            return None
        plain = resolve_scalar(node)
        if isinstance(plain, float):
            plain = Decimal(str(plain))
        return Known(plain, self.span, layer.via, owner=owner, heuristic=heuristic)

    def text(self) -> str | None:
        """The scalar here as it is written, without quotes; None for null and composites."""
        node = self.node
        return node.text if type(node) is Scalar and not is_null(node) else None

    def walk(self, limit: int, *, keep: bool = False) -> Iterator[tuple[str, Item]]:
        """This and everything below in source order, each with its key (the nearest one for elements).

        Args:
            limit: items to visit; data that is larger through its aliases ends there.
            keep: items keep what is below them, for data that several will walk through; the top lets go of all of it.
        """
        todo: list[tuple[int, str, Item]] = [(0, "", self)]
        while todo and limit > 0:
            limit -= 1
            depth, name, item = todo.pop()
            yield name, item
            # Only aliases to aliases lead deeper than a document may be.
            if depth >= MAX_DEPTH:
                continue
            if item.is_mapping:
                if keep and item.kept is None:
                    item.kept = dict(item.children())
                todo.extend(reversed([(depth + 1, key, child) for key, child in item.children()]))
            elif type(item.node) is Sequence:
                # Not more than can be visited: a list of ten thousand aliases to a list of ten thousand aliases …
                below = [(depth + 1, name, element) for element in islice(item.elements(), limit)]
                todo.extend(reversed(below))
            if len(todo) > limit:
                del todo[: len(todo) - limit]


def joined(path: str, name: str) -> str:
    """A path with one more key: `a.b`, or `a["x/y"]` where the key is no word."""
    if name.isalnum() or _PLAIN_KEY.fullmatch(name):
        return f"{path}.{name}" if path else name
    shown = name if len(name) <= 100 else name[:99] + "…"
    return f'{path}["{shown}"]'


def top(source: SourceFile, node: Node, *below: tuple[SourceFile, Node]) -> Item:
    """The top of a document, with further documents it is laid over, the highest first."""
    return Item("", tuple(Layer(s, deref(n)) for s, n in ((source, node), *below)))


class YamlAttributes:
    """`Attributes` of one Kubernetes object or other YAML data.

    Args:
        item: the object.
        owner: address of the object; values carry it.
        heuristic: the data was not read as it will be used (a chart's values).
    """

    __slots__ = ("heuristic", "item", "limit", "owner")

    def __init__(self, item: Item, owner: str, *, heuristic: bool = False) -> None:
        self.item = item
        self.owner = owner
        self.heuristic = heuristic
        self.limit = VISITS + sum(len(layer.source.text) for layer in item.layers) // 2

    def items(self, route: Route) -> Iterator[Item]:
        """Every place at the route, composites included; the elements where the route ends at a list."""
        limit = self.limit
        # Depth first in source order; a generator per level keeps only the way to the current place.
        todo: list[tuple[int, bool, Iterator[Item]]] = [(0, False, iter((self.item,)))]
        while todo:
            depth, listed, places = todo[-1]
            item = next(places, None)
            if item is None:
                todo.pop()
                continue
            limit -= 1
            if limit < 0:
                return
            if type(item.node) is Sequence:
                # No route leads into lists of lists.
                if not listed:
                    todo.append((depth, True, item.elements()))
            elif depth == len(route):
                yield item
            elif route[depth] == "*":
                todo.append((depth + 1, False, (child for _, child in item.children())))
            elif (child := item.child(route[depth])) is not None:
                todo.append((depth + 1, False, iter((child,))))

    def select(self, route: Route) -> Iterable[tuple[str, Known]]:
        """See `Attributes.select`; only scalars, null left out."""
        for item in self.items(route):
            value = item.value(self.owner, heuristic=self.heuristic)
            if value is not None and value.value is not None:
                yield item.path, value

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        return next((item.key for item in self._before_elements(route) if item.key is not None), None)

    def _before_elements(self, route: Route) -> Iterator[Item]:
        for holder in self.items(route[:-1]):
            child = holder.child(route[-1]) if route else None
            if child is not None:
                yield child

    def names(self) -> Iterable[str]:
        """See `Attributes.names`."""
        return [name for name, _ in self.item.children()]

    def references(self) -> Iterator[tuple[str, str, str]]:
        """YAML objects name each other by plain text only: there are none."""
        return iter(())


def _below(layer: Layer, pair: tuple[Node, Node], path: str) -> Layer:
    """The layer under one entry of a mapping; an entry that came through a merge key says so."""
    key, value = pair
    node = layer.node
    via = layer.via
    if not node.start <= key.start < node.end and key.start != node.start:
        step = _merge_step(layer, path)
        via = (step, *via) if step is not None else via
    if type(value) is not Alias:
        return Layer(layer.source, value, via)
    return Layer(layer.source, value.target, (Step(Span(layer.source, value.start, value.end), path), *via))


def _followed(layer: Layer, node: Node, path: str) -> Layer:
    if type(node) is not Alias:
        return Layer(layer.source, node, layer.via)
    step = Step(Span(layer.source, node.start, node.end), path)
    return Layer(layer.source, node.target, (step, *layer.via))


def _merge_step(layer: Layer, path: str) -> Step | None:
    """The place of the merge key of a mapping; the last one, which wins."""
    if type(layer.node) is Mapping:
        for key, value in reversed(layer.node.entries):
            if type(key) is Scalar and key.text == "<<":
                return Step(Span(layer.source, value.start, value.end), path)
    return None


def _laid_over(path: str, pairs: list[tuple[Layer, tuple[Node, Node]]]) -> Item | None:
    """One key of several layers, the highest first: maps are merged, others replaced, null deletes, as in Helm."""
    top_layer, (key, _) = pairs[0]
    first = _below(top_layer, pairs[0][1], path)
    found = [first]
    if type(first.node) is Mapping:
        for layer, pair in pairs[1:]:
            below = _below(layer, pair, path)
            if type(below.node) is not Mapping:
                break
            found.append(below)
    elif type(first.node) is Scalar and is_null(first.node):
        return None
    return Item(path, tuple(found), Span(top_layer.source, key.start, key.end))
