"""Kinds of objects that run pods or are bound to places, from the tables of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sovlint.model.resource import Route
from sovlint.model.source import Span
from sovlint.model.value import Known

Data = dict[str, Any]


class Kind(NamedTuple):
    """Where a kind of object says what survey asks for; routes from the object's top.

    Attributes:
        images: image references.
        selectors: maps of node labels.
        terms: `{key, operator, values}` over node labels.
        drivers: names that tell whose zones the object means.
        sources: maps whose keys tell it.
        zones: names of regions or zones.
        objects: whole objects.
        keys: maps of labels and annotations.
    """

    images: tuple[Route, ...]
    selectors: tuple[Route, ...]
    terms: tuple[Route, ...]
    drivers: tuple[Route, ...]
    sources: tuple[Route, ...]
    zones: tuple[Route, ...]
    objects: tuple[Route, ...]
    keys: tuple[Route, ...]


NOTHING = Kind((), (), (), (), (), (), (), (("metadata", "annotations"), ("metadata", "labels")))


def kinds_of(knowledge: Data) -> dict[tuple[str, str], Kind]:
    """All kinds by API group and name.

    Args:
        knowledge: the compiled tables of `policies/catalogue/kubernetes/`.
    """
    pod = knowledge["pod_spec"]
    kinds: dict[tuple[str, str], Kind] = {}
    for row in knowledge["workloads"]:
        pods = [_route(way) for way in row.get("pods", ())]

        def ways(name: str, row: Data = row, pods: list[Route] = pods) -> tuple[Route, ...]:
            inside = [_route(way) for way in pod.get(name, {}).get("routes", ())]
            return (*map(_route, row.get(name, ())), *(p + way for p in pods for way in inside))

        # Annotations of a pod template stand beside its spec.
        beside = [(*p[:-1], "metadata", name) for p in pods for name in ("annotations", "labels")]
        entry = Kind(
            images=tuple(dict.fromkeys(ways("images"))),
            selectors=ways("selectors"),
            terms=tuple(dict.fromkeys(ways("terms"))),
            drivers=ways("drivers"),
            sources=ways("sources"),
            zones=ways("zones"),
            objects=ways("objects"),
            keys=(("metadata", "annotations"), ("metadata", "labels"), *beside, *ways("selectors")),
        )
        kinds.update(dict.fromkeys(((row["group"], name) for name in (row["kind"], *row.get("kinds", ()))), entry))
    return kinds


def several(value: Known) -> Iterator[Known]:
    """Names in one text that are parted by commas, each with its own place; the value itself if it is one name."""
    text = value.value
    if not isinstance(text, str) or "," not in text:
        yield value
        return
    written = value.span.text
    at = 0
    for part in text.split(","):
        name = part.strip()
        found = written.find(name, at) if name else -1
        if found >= 0:
            at = found + len(name)
            span = Span(value.span.file, value.span.start + found, value.span.start + at)
            yield Known(name, span, value.via, owner=value.owner, heuristic=value.heuristic)


def _route(text: str) -> Route:
    return tuple(text.split("."))
