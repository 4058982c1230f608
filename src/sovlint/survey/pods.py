"""Pods inside Kubernetes objects: their specs, what stands beside them, and their containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sovlint.model.resource import Resource, Route
from sovlint.resolve.yaml_attributes import Item, YamlAttributes

Data = dict[str, Any]

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class Pod(NamedTuple):
    """One pod spec.

    Attributes:
        spec: the spec itself.
        metadata: that of its template; None where the object is the pod, or nothing is written.
    """

    spec: Item
    metadata: Item | None

    def containers(self) -> Iterator[Item]:
        """Containers of every kind, in that order."""
        for name in CONTAINERS:
            holder = self.spec.child(name)
            if holder is not None:
                yield from (item for item in holder.elements() if item.is_mapping)

    def at(self, route: Route) -> Iterator[Item]:
        """Every place at a route inside the spec; the elements where it ends at a list."""
        return YamlAttributes(self.spec, "").items(route)


class Budget:
    """How much of each file may be read: some times its length, so that only aliases to aliases meet the end."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def spend(self, item: Item, characters: int) -> bool:
        """Whether so many characters may still be read of the file that says what stands at a place."""
        source = item.layers[0].source
        left = self._left.get(source.path)
        if left is None:
            left = 100_000 + 10 * len(source.text)
        self._left[source.path] = left - characters
        return left > 0


class Pods:
    """Finds pods by the table of kinds (`workloads`).

    Args:
        knowledge: the catalogue's part on Kubernetes.
    """

    def __init__(self, knowledge: Data) -> None:
        self._routes: dict[tuple[str, str], tuple[Route, ...]] = {
            (row["group"], kind): tuple(tuple(way.split(".")) for way in row["pods"])
            for row in knowledge["workloads"]
            if row.get("pods")
            for kind in (row["kind"], *row.get("kinds", ()))
        }

    def of(self, resource: Resource, attributes: YamlAttributes) -> Iterator[Pod]:
        """The pods of one object."""
        for route in self._routes.get((resource.address.partition("/")[0], resource.kind), ()):
            for holder in attributes.items(route[:-1]):
                spec = holder.child(route[-1]) if holder.is_mapping else None
                if spec is not None and spec.is_mapping:
                    yield Pod(spec, holder.child("metadata") if len(route) > 1 else None)
