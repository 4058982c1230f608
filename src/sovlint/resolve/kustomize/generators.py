"""`configMapGenerator` and `secretGenerator`: literals and files as the data of an object.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/
"""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.model.source import SourceFile
from sovlint.model.value import Step
from sovlint.parse.yaml import Scalar
from sovlint.resolve.kustomize.files import Files, Kustomization
from sovlint.resolve.kustomize.items import Work, members_of, placed, text_at, with_members
from sovlint.resolve.kustomize.objects import Object
from sovlint.resolve.yaml_attributes import Item, Layer

KINDS = {"configMapGenerator": ("ConfigMap", "data"), "secretGenerator": ("Secret", "stringData")}


def generated(kustomization: Kustomization, objects: list[Object], files: Files, work: Work) -> list[Object]:
    """The objects with those that the generators add, merge into or replace."""
    for slot, entry in kustomization.entries(*KINDS):
        name = entry.child("name")
        if name is None or not name.text():
            continue
        kind, table = KINDS[slot]
        data = dict(_data(kustomization, entry, slot, files, work))
        behavior = text_at(entry, "behavior")
        at = next(
            (i for i, o in enumerate(objects) if o.kind == kind and any(own == name.text() for _, own in o.ids)), None
        )
        if behavior in ("merge", "replace") and at is not None:
            objects[at] = _merged(objects[at], table, data, work, behavior == "replace")
            continue
        objects.append(_object(entry, name, kind, table, data, text_at(entry, "namespace")))
    return objects


def _object(entry: Item, name: Item, kind: str, table: str, data: dict[str, Item], namespace: str) -> Object:
    def written(text: str) -> Item:
        # It is declared where its name is written.
        return Item("", (Layer(name.layers[0].source, Scalar(name.node.start, name.node.end, text), ()),))

    metadata = with_members(entry, {"name": name})
    members = {
        "apiVersion": written("v1"),
        "kind": written(kind),
        "metadata": metadata,
        table: with_members(entry, data),
    }
    return Object(placed(with_members(entry, members), ""), "core", "v1", kind, ((namespace, name.text() or ""),))


def _merged(found: Object, table: str, data: dict[str, Item], work: Work, replace: bool) -> Object:
    old = found.item.child(table)
    members = members_of(old, work) if old is not None and not replace else {}
    holder = with_members(old if old is not None else found.item, {**members, **data})
    return found._replace(item=with_members(found.item, {**members_of(found.item, work), table: holder}))


def _data(kustomization: Kustomization, entry: Item, slot: str, files: Files, work: Work) -> Iterator[tuple[str, Item]]:
    for key in ("literals", "files", "envs"):
        child = entry.child(key)
        for element in child.elements() if child is not None else ():
            work.spend()
            text = element.text() or ""
            if key == "literals":
                yield from _literal(element, text)
            elif key == "files":
                yield from _file(kustomization, element, text, slot, files)
            else:
                yield from _environment(kustomization, element, text, slot, files, work)
    single = entry.child("env")
    if single is not None and single.text():
        yield from _environment(kustomization, single, single.text() or "", slot, files, work)


def _literal(element: Item, text: str) -> Iterator[tuple[str, Item]]:
    name, mark, value = text.partition("=")
    layer = element.layers[0]
    node = layer.node
    if not mark or type(node) is not Scalar:
        return
    value = value[1:-1] if value[:1] in ("'", '"') and value[:1] == value[-1:] and len(value) > 1 else value
    # A plain scalar keeps its characters: the value stands after the equals sign.
    start = node.start + len(name) + 1 if not node.style and node.end - node.start == len(text) else node.start
    yield name, Item("", (Layer(layer.source, Scalar(start, node.end, value, '"'), layer.via),))


def _file(
    kustomization: Kustomization, element: Item, text: str, slot: str, files: Files
) -> Iterator[tuple[str, Item]]:
    name, mark, path = text.partition("=")
    source = _source(kustomization, element, path if mark else text, files)
    if source is not None:
        step = Step(element.span, slot)
        node = Scalar(0, len(source.text), source.text, '"')
        yield name if mark else text.rpartition("/")[2], Item("", (Layer(source, node, (step,)),))


def _environment(
    kustomization: Kustomization, element: Item, text: str, slot: str, files: Files, work: Work
) -> Iterator[tuple[str, Item]]:
    source = _source(kustomization, element, text, files)
    if source is None:
        return
    step = Step(element.span, slot)
    at = 0
    for line in source.text.splitlines(keepends=True):
        work.spend()
        name, mark, value = line.rstrip("\r\n").partition("=")
        if mark and name.strip() and not name.lstrip().startswith("#"):
            start = at + len(name) + 1
            yield name.strip(), Item("", (Layer(source, Scalar(start, start + len(value), value, '"'), (step,)),))
        at += len(line)


def _source(kustomization: Kustomization, element: Item, text: str, files: Files) -> SourceFile | None:
    path = kustomization.path_of(text)
    if path is None:
        files.problem(element.span, "outside-tree", f"{text[:200]} leads out of the tree: not read")
        return None
    return files.source(path, element.span, binary=True)
