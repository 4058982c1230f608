"""Objects under construction: `Item`s some of whose members were replaced by those of other files.

Nothing is changed in place: bases are shared by the overlays that use them. What was not touched stays an ordinary
item, so that a large object with one new value costs only the mappings on the way to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sovlint.model.value import Known, Step, passed
from sovlint.parse.yaml import Sequence
from sovlint.resolve.yaml_attributes import Item, Layer, joined

MAX_STEPS = 20
"""Kustomizations on the way of one value that are remembered; nobody reads more."""

MAX_DEPTH = 250
"""Levels that patches and transformations go down; documents are 200 deep at most, aliases lead deeper."""


class TooMuchWorkError(Exception):
    """A kustomization would take longer than any real one: patches and lists that multiply."""


class Work:
    """Counts what building one kustomization costs, in nodes and list elements.

    Attributes:
        left: what may still be spent; reading a text adds its length, since every node of it may be visited once per
            level and nobody has many levels.
    """

    __slots__ = ("left",)

    def __init__(self, budget: int) -> None:
        self.left = budget

    def spend(self, amount: int = 1) -> None:
        """Note some work.

        Raises:
            TooMuchWorkError: the budget is used up.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuchWorkError


@dataclass(slots=True, eq=False)
class Changed(Item):
    """A mapping or sequence whose members are told apart from its node, which only says where it is written.

    Attributes:
        members: of a mapping, in order.
        listed: of a sequence.
        steps: what every member has to pass on its way outward.
    """

    members: dict[str, Item] | None = None
    listed: list[Item] | None = None
    steps: tuple[Step, ...] = ()

    def child(self, name: str) -> Item | None:
        """See `Item.child`."""
        found = self.members.get(name) if self.members is not None else None
        return None if found is None else placed(found, joined(self.path, name), self.steps)

    def children(self) -> Iterator[tuple[str, Item]]:
        """See `Item.children`."""
        for name, member in (self.members or {}).items():
            yield name, placed(member, joined(self.path, name), self.steps)

    def elements(self) -> Iterator[Item]:
        """See `Item.elements`."""
        for index, element in enumerate(self.listed or ()):
            yield placed(element, f"{self.path}[{index}]", self.steps)


@dataclass(slots=True, eq=False)
class Composed(Item):
    """A scalar made of parts that are written in different places: an image with another name or tag."""

    known: Known | None = None

    def value(self, owner: str = "", *, heuristic: bool = False) -> Known | None:
        """See `Item.value`."""
        known = self.known
        if known is None:
            return None
        return Known(
            known.value, known.span, known.via, (), known.owner or owner, known.parts, known.heuristic or heuristic
        )

    def text(self) -> str | None:
        """See `Item.text`."""
        return str(self.known.value) if self.known is not None else None


def placed(item: Item, path: str, steps: tuple[Step, ...] = ()) -> Item:
    """The same item at another path, after some more steps on its way outward."""
    layers = item.layers
    if steps:
        layers = tuple(Layer(layer.source, layer.node, _longer(layer.via, steps)) for layer in layers)
    elif item.path == path:
        return item
    if type(item) is Changed:
        return Changed(path, layers, item.key, item.members, item.listed, _longer(item.steps, steps))
    if type(item) is Composed:
        known = item.known
        if known is not None:
            for step in steps[:MAX_STEPS]:
                known = _passed(known, step)
        return Composed(path, layers, item.key, known)
    return Item(path, layers, item.key)


def _passed(known: Known, step: Step) -> Known:
    if len(known.via) >= MAX_STEPS:
        return known
    parts = tuple(passed(part, step) for part in known.parts)
    return Known(known.value, known.span, (*known.via, step), (), known.owner, parts, known.heuristic)


def _longer(via: tuple[Step, ...], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return (*via, *steps)[:MAX_STEPS] if steps else via


def members_of(item: Item, work: Work) -> dict[str, Item]:
    """The members of a mapping, to be changed."""
    found = dict(item.children())
    work.spend(len(found) + 1)
    return found


def elements_of(item: Item, work: Work) -> list[Item]:
    """The elements of a sequence, to be changed."""
    found: list[Item] = []
    for element in item.elements():
        work.spend()
        found.append(element)
    return found


def with_members(item: Item, members: dict[str, Item]) -> Changed:
    """A mapping with other members."""
    return Changed(item.path, item.layers, item.key, members)


def with_elements(item: Item, elements: list[Item]) -> Changed:
    """A sequence with other elements."""
    return Changed(item.path, item.layers, item.key, None, elements)


def is_sequence(item: Item) -> bool:
    """Whether the data is a list here."""
    return type(item.node) is Sequence


def text_at(item: Item | None, *keys: str) -> str:
    """The text under some keys; empty where there is none."""
    for key in keys:
        item = item.child(key) if item is not None else None
    return (item.text() or "") if item is not None else ""
