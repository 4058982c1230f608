"""Attributes of a Kubernetes object that declares a cloud resource, under the names that Terraform gives them.

Crossplane's Upjet providers and Config Connector are generated from Terraform's providers: their attributes are
Terraform's in camel case, references to other objects stand beside them (`keyRingRef`, `subnetIdSelector`). Others
write their cloud's own names, which differ from Terraform's in capitals only (`kmsKeyID`); what differs more is in the
family's table of attributes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sovlint.model.lazy import pattern
from sovlint.model.resource import Route
from sovlint.model.source import Span
from sovlint.model.value import Reference, Unknown, Value
from sovlint.resolve.yaml_attributes import Item, YamlAttributes

_FILLED_IN_LATER = pattern(r"\$\{|\{\{|\$\(|<[A-Za-z_-]+>")

_MAX_TEMPLATE = 200
"""Characters above which text with placeholders is a policy or a script, not a name to be filled in."""


class Wanted(NamedTuple):
    """Another object, as an attribute tells it.

    Attributes:
        attribute: folded name of the attribute, which usually holds that of the kind.
        name: its name; empty where it is chosen in another way.
        labels: labels it has.
        sibling: it was made for the same composite.
    """

    attribute: str
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    sibling: bool = False


Finder = Callable[[Wanted], Iterable[Reference]]
"""The objects that are meant, as references."""


class Elsewhere(NamedTuple):
    """Where an attribute stands that has another name here; `refers`: its value is the name of another object."""

    route: Route
    refers: bool


class Patched(NamedTuple):
    """A field that a composition fills in: where it says so, and what may come of it as far as it is known."""

    span: Span
    candidates: tuple[Value, ...]
    reason: str


class CloudAttributes:
    """`Attributes` of an object, asked for with Terraform's routes.

    Args:
        attributes: the object.
        inside: routes to the maps that hold its attributes; the first in which one is written wins.
        elsewhere: attributes by Terraform name that stand in other places.
        find: finds the object of a name.
        patches: fields (routes in the object, folded) that a composition fills in.
    """

    __slots__ = ("_bases", "_elsewhere", "_find", "_heads", "_inside", "_patches", "_yaml")

    def __init__(
        self,
        attributes: YamlAttributes,
        inside: tuple[Route, ...],
        elsewhere: dict[str, tuple[Elsewhere, ...]],
        find: Finder,
        patches: dict[Route, Patched],
    ) -> None:
        self._yaml = attributes
        self._inside = inside
        self._elsewhere = elsewhere
        self._find = find
        self._patches = patches
        self._bases: list[tuple[Route, dict[str, Item]]] | None = None
        self._heads: set[str] | None = None

    def select(self, route: Route) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`."""
        for other in self._elsewhere.get(".".join(route), ()):
            found = list(self._at(other.route, other.refers))
            if found:
                yield from found
                return
        if not self._may_hold(route):
            return
        if self._patches:
            for base, _ in self._tops():
                patched = self._patches.get((*base, *map(folded, route)))
                if patched is not None:
                    yield ".".join(route), self._unknown(patched)
                    return
        for _, top in self._tops():
            found = [*self._values(top, route), *self._references(top, route)]
            if found:
                yield from found
                return

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        for _, top in self._tops():
            for item in self._items(top, route):
                if item.key is not None:
                    return item.key
        return None

    def names(self) -> Iterable[str]:
        """See `Attributes.names`: as they are written."""
        return self._yaml.names()

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Objects name each other by plain text: none is certain before somebody asks for the attribute."""
        return iter(())

    # --- ways in

    def _may_hold(self, route: Route) -> bool:
        """Whether anything at all begins as the route does: a type may have a hundred attributes to be asked for."""
        if self._heads is None:
            self._heads = {
                path[len(base)] for path in self._patches for base, _ in self._tops() if len(path) > len(base)
            }
            for _, top in self._tops():
                for name in top:
                    self._heads.add(name)
                    for ending in ("ref", "refs", "selector"):
                        if name.endswith(ending):
                            self._heads.add(name[: -len(ending)])
        return folded(route[0]) in self._heads

    def _tops(self) -> list[tuple[Route, dict[str, Item]]]:
        """The maps that hold attributes, by folded key; read once, for dozens of questions about one object."""
        if self._bases is None:
            self._bases = []
            for route in self._inside:
                children: dict[str, Item] = {}
                for holder in self._yaml.items(route):
                    for name, child in holder.children():
                        children.setdefault(folded(name), child)
                self._bases.append((tuple(map(folded, route)), children))
        return self._bases

    def _items(self, top: dict[str, Item], route: Route) -> Iterator[Item]:
        """Items at a route, each before its elements are entered; lists on the way are entered without an index."""
        first = top.get(folded(route[0]))
        found = [first] if first is not None else []
        for name in route[1:]:
            found = [child for item in found[: self._yaml.limit] for child in _below(item, name)]
        yield from found

    def _values(self, top: dict[str, Item], route: Route) -> Iterator[tuple[str, Value]]:
        for item in self._items(top, route):
            for one in _entered(item):
                yield from self._value(one)

    def _value(self, item: Item) -> Iterator[tuple[str, Value]]:
        value = item.value(self._yaml.owner, heuristic=self._yaml.heuristic)
        if value is None or value.value is None:
            return
        text = value.value
        if isinstance(text, str) and len(text) <= _MAX_TEMPLATE and _FILLED_IN_LATER.search(text):
            yield item.path, Unknown("filled in later", value.span, value.via, owner=value.owner)
        else:
            yield item.path, value

    def _references(self, top: dict[str, Item], route: Route) -> Iterator[tuple[str, Value]]:
        """`xRef: {name: …}` and `xRefs`; `external` (Config Connector) is the value itself."""
        *way, last = route
        for ending in ("ref", "refs"):
            for item in self._items(top, (*way, folded(last) + ending)):
                for one in _entered(item):
                    outside = one.child("external")
                    if outside is not None:
                        yield from self._value(outside)
                    name = one.child("name")
                    if name is not None:
                        yield from self._referred(name, folded(last))
        for item in self._items(top, (*way, folded(last) + "selector")):
            labels = item.child("matchLabels")
            pairs = ((key, child.text() or "") for key, child in labels.children()) if labels is not None else ()
            controller = item.child("matchControllerRef")
            sibling = controller is not None and controller.text() == "true"
            refs = tuple(self._find(Wanted(folded(last), "", tuple(pairs), sibling)))
            reason = "the object is chosen by its labels, in the cluster"
            yield item.path, Unknown(reason, item.key or item.span, refs=refs, owner=self._yaml.owner)

    def _referred(self, name: Item, attribute: str) -> Iterator[tuple[str, Value]]:
        text = name.text()
        if text:
            refs = tuple(self._find(Wanted(attribute, text)))
            reason = "it is that of another object" if refs else f"the object {text[:60]!r} is not in these files"
            yield name.path, Unknown(reason, name.span, refs=refs, owner=self._yaml.owner)

    def _at(self, route: Route, refers: bool) -> Iterator[tuple[str, Value]]:
        for item in self._yaml.items(route):
            yield from self._referred(item, "") if refers else self._value(item)

    def _unknown(self, patched: Patched) -> Unknown:
        return Unknown(patched.reason, patched.span, owner=self._yaml.owner, candidates=patched.candidates)


@functools.lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A key without capitals and underscores: Terraform's, Go's and the clouds' own spellings of one name agree."""
    return name.replace("_", "").lower()


def _entered(item: Item) -> Iterator[Item]:
    """The item, or its elements if it is a list."""
    elements = list(item.elements())
    yield from elements or (item,)


def _below(item: Item, name: str) -> Iterator[Item]:
    wanted = folded(name)
    for holder in _entered(item):
        for key, child in holder.children():
            if wanted in ("*", folded(key)):
                yield child
