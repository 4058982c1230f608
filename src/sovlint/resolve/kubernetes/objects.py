"""Documents to objects: every object of every document, lists unpacked, addressed `group/Kind/namespace/name`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile
from sovlint.parse.yaml import Mapping, Node, parse_stream
from sovlint.parse.yaml import Sequence as YamlSequence
from sovlint.resolve.yaml_attributes import Item, YamlAttributes, top

MAX_OBJECTS = 10_000
"""Objects of one document that were reached through aliases; lists of lists of aliases grow without limit."""

MAX_LISTS = 20
"""Lists inside lists; nobody writes more than one."""


def load(source: SourceFile, unit: str) -> tuple[list[Resource], list[Problem]]:
    """The objects of a file.

    Args:
        source: text of a YAML or JSON file.
        unit: path of the file, or the chart's folder.

    Returns:
        Objects in source order, and what could not be read. Documents that are no objects are left out silently.
    """
    stream = parse_stream(source)
    resources, problems = load_documents(source, stream.documents, unit)
    return resources, [*stream.problems, *problems]


def load_documents(source: SourceFile, documents: Sequence[Node], unit: str) -> tuple[list[Resource], list[Problem]]:
    """As `load`, for a file that was parsed already."""
    resources: list[Resource] = []
    problems: list[Problem] = []
    for document in documents:
        limit = MAX_OBJECTS + len(source.text)
        for item, group, kind in _objects(top(source, document)):
            limit -= 1
            if limit < 0:
                line, column = source.position(document.start)
                where = Location(source.path, line, column, line, column + 1)
                text = "the lists of this document hold too many objects through aliases; the rest was not read"
                problems.append(Problem(where, "too-deep", text))
                break
            resource = _resource(item, group, kind, unit)
            if resource is not None:
                resources.append(resource)
    return resources, problems


def object_at(item: Item, unit: str) -> Resource | None:
    """The object that stands somewhere in other data, as a guess; None where nothing says what it is."""
    found = _resource(item, _text(item, "apiVersion"), _text(item, "kind"), unit)
    if found is not None:
        found.attributes = YamlAttributes(item, found.address, heuristic=True)
        found.heuristic = True
    return found


def _objects(document: Item) -> Iterator[tuple[Item, str, str]]:
    """Objects with the `apiVersion` and `kind` that hold where the object itself says nothing (typed lists)."""
    todo: list[Iterator[tuple[Item, str, str]]] = [iter([(document, "", "")])]
    while todo:
        found = next(todo[-1], None)
        if found is None:
            todo.pop()
            continue
        item, version, kind = found
        if type(item.node) is YamlSequence and item is document:
            todo.append((Item("", element.layers), version, kind) for element in item.elements())
        elif type(item.node) is Mapping:
            own_version = _text(item, "apiVersion") or version
            own_kind = _text(item, "kind") or kind
            members = item.child("items") if own_kind.endswith("List") else None
            if members is not None and type(members.node) is YamlSequence and len(todo) < MAX_LISTS:
                inherited = ("", "") if own_kind == "List" else (own_version, own_kind.removesuffix("List"))
                todo.append((Item("", element.layers), *inherited) for element in members.elements())
            else:
                yield item, own_version, own_kind


def _text(item: Item, key: str) -> str:
    child = item.child(key)
    return (child.text() or "") if child is not None else ""


def _resource(item: Item, version: str, kind: str, unit: str) -> Resource | None:
    if not version or not kind:
        return None
    group, slash, _ = version.rpartition("/")
    metadata = item.child("metadata")
    namespace = name = ""
    if metadata is not None:
        namespace = _text(metadata, "namespace")
        name = _text(metadata, "name")
        if not name and (generated := _text(metadata, "generateName")):
            name = f"{generated}*"
    address = f"{group if slash else 'core'}/{kind}/{namespace or '-'}/{name or '-'}"
    written = item.child("kind")
    return Resource(
        address=address,
        kind=kind,
        format="kubernetes",
        mode="object",
        unit=unit,
        attributes=YamlAttributes(item, address),
        # An element of a typed list need not name its kind: then its own beginning stands for it.
        span=written.span if written is not None else item.span,
    )
