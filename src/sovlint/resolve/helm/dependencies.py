"""What a chart depends on: `Chart.yaml`, `requirements.yaml` of older charts, and what the lock files say besides."""

from __future__ import annotations

from collections.abc import Sequence as Listed
from itertools import islice
from typing import NamedTuple

from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile, Span
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref, elements, get, text
from sovlint.resolve.yaml_attributes import Item, Layer, YamlAttributes

MAX_DEPENDENCIES = 1_000


class Dependency(NamedTuple):
    """One entry of `dependencies`.

    Attributes:
        key: the alias, else the name: the key under which values for it stand.
        condition: paths of values that switch it on or off, the first that is a boolean counts.
        tags: names below `tags` in the values.
        span: where its name stands.
        node: the entry.
    """

    name: str
    key: str
    repository: str
    condition: tuple[str, ...]
    tags: tuple[str, ...]
    span: Span
    source: SourceFile
    node: Node


def dependencies_in(source: SourceFile, document: Node | None) -> list[Dependency]:
    """The dependencies that a file lists; entries without a name are left out."""
    found: list[Dependency] = []
    listed = get(document, "dependencies") if document is not None else None
    for element in islice(elements(listed) if listed is not None else (), MAX_DEPENDENCIES):
        node = deref(element)
        name_node, name = get(node, "name"), text(get(node, "name"))
        if not name or name_node is None:
            continue
        condition = tuple(part.strip() for part in (text(get(node, "condition")) or "").split(",") if part.strip())
        tags_node = get(node, "tags")
        tags = tuple(t for e in elements(tags_node) if (t := text(e))) if tags_node is not None else ()
        span = Span(source, name_node.start, name_node.end)
        key = text(get(node, "alias")) or name
        found.append(Dependency(name, key, text(get(node, "repository")) or "", condition, tags, span, source, node))
    return found


def switched_off(dependency: Dependency, values: Item | None) -> Item | None:
    """The value that switches a dependency off; None where it is on, which is the default.

    A condition wins over tags, and one tag that is on is enough
    (https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies).
    """
    for path in dependency.condition:
        item = values
        for key in path.split("."):
            item = item.child(key) if item is not None else None
        written = item.text() if item is not None else None
        if item is not None and written in ("true", "false"):
            return item if written == "false" else None
    tags = values.child("tags") if values is not None else None
    found = [item for tag in dependency.tags if tags is not None and (item := tags.child(tag)) is not None]
    if found and all(item.text() == "false" for item in found):
        return found[0]
    return None


def dependency_resources(
    chart: str, unit: str, groups: Listed[tuple[list[Dependency], bool]], span: Span
) -> list[Resource]:
    """The dependencies as resources that name their repositories, those of one file together.

    Args:
        chart: the chart's name.
        unit: its folder.
        groups: dependencies of one file; whether a value switches them off.
        span: where the chart is declared.
    """
    resources = []
    for found, off in groups:
        by_file: dict[int, list[Dependency]] = {}
        for dependency in found:
            by_file.setdefault(id(dependency.source), []).append(dependency)
        for same in by_file.values():
            first, last = same[0].node, same[-1].node
            listed = Sequence(first.start, last.end, [one.node for one in same])
            top = Mapping(first.start, last.end, [(Scalar(first.start, first.start, "dependencies"), listed)])
            item = Item("", (Layer(same[0].source, top),))
            address = f"helm.sh/Chart/-/{chart}"
            attributes = YamlAttributes(item, address, heuristic=off)
            resources.append(Resource(address, "Chart", "helm", "chart", unit, attributes, span, heuristic=off))
    return resources
