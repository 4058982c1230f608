"""`replacements`: values of one field copied into others.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sovlint.model.lazy import pattern
from sovlint.model.value import Known, Step, Value
from sovlint.parse.yaml import Scalar
from sovlint.resolve.kustomize.files import Files, Kustomization
from sovlint.resolve.kustomize.items import (
    MAX_DEPTH,
    Composed,
    Work,
    elements_of,
    is_sequence,
    members_of,
    text_at,
    with_elements,
    with_members,
)
from sovlint.resolve.kustomize.objects import Object, selector
from sovlint.resolve.yaml_attributes import Item, Layer

# `spec.containers.[name=web].image`, `metadata.annotations.[a.b/c]`, `a\.b`
_TOKEN = pattern(r"\[([^\]]*)\]|((?:\\.|[^.\[])+)")

Edit = Callable[[Item | None], Item]


def with_replacements(kustomization: Kustomization, objects: list[Object], files: Files, work: Work) -> list[Object]:
    """The objects after all replacements of a kustomization, in order."""
    for _, entry in kustomization.entries("replacements"):
        named = entry.child("path")
        rows = [entry] if named is None else []
        if named is not None:
            for document in files.named_documents(kustomization, named, "replacements"):
                rows.extend([document] if document.is_mapping else document.elements())
        for row in rows:
            objects = _replace(row, objects, files, work)
    return objects


def _replace(row: Item, objects: list[Object], files: Files, work: Work) -> list[Object]:
    value = _source(row, objects, work)
    if value is None:
        files.problem(row.span, "kustomize", "nothing here is what this replacement copies: it changes nothing")
        return objects
    targets = row.child("targets")
    for target in targets.elements() if targets is not None else ():
        chosen = target.child("select")
        if chosen is None:
            continue
        select = selector(chosen)
        reject = [selector(item) for item in _elements(target, "reject")]
        edit = _edit(value, target.child("options"))
        create = text_at(target, "options", "create") == "true"
        paths = [_tokens(item.text() or "") for item in _elements(target, "fieldPaths")] or [["metadata", "name"]]
        for index, found in enumerate(objects):
            if select.selects(found, work) and not any(one.selects(found, work) for one in reject):
                item = found.item
                for path in paths:
                    item = _edited(item, path, edit, work, create=create)
                objects[index] = found if item is found.item else found._replace(item=item)
    return objects


def _elements(item: Item, name: str) -> Iterator[Item]:
    child = item.child(name)
    return child.elements() if child is not None else iter(())


def _source(row: Item, objects: list[Object], work: Work) -> Known | None:
    """What is copied, as a value that knows where it is written."""
    written = row.child("sourceValue")
    if written is not None:
        return written.value()
    source = row.child("source")
    if source is None:
        return None
    select = selector(source)
    path = _tokens(text_at(source, "fieldPath") or "metadata.name")
    for found in objects:
        if not select.selects(found, work):
            continue
        if path in (["metadata", "name"], ["metadata", "namespace"]):
            # Changed names are kept beside the object.
            text = found.name if path[1] == "name" else found.namespace
            written = next(_found(found.item, path, work), found.item)
            return Known(text, written.span, written.layers[0].via) if text else None
        item = next(_found(found.item, path, work), None)
        value = item.value() if item is not None else None
        if item is None or value is None:
            return None
        text, delimiter = item.text() or "", text_at(source, "options", "delimiter")
        if not delimiter:
            return value if isinstance(value.value, str) else Known(text, value.span, value.via)
        pieces, index = text.split(delimiter), _number(text_at(source, "options", "index"))
        return Known(pieces[index], value.span, value.via) if 0 <= index < len(pieces) else None
    return None


def _edit(value: Known, options: Item | None) -> Edit:
    delimiter, index = text_at(options, "delimiter"), _number(text_at(options, "index"))

    def edit(old: Item | None) -> Item:
        if old is None:
            node = Scalar(value.span.start, value.span.end, str(value.value), '"')
            return Item("", (Layer(value.span.file, node, value.via),))
        text = old.text() or ""
        was = old.value()
        via = () if was is None else (Step(was.span, old.path), *was.via)
        new = Known(value.value, value.span, (*value.via, *via), owner=value.owner, parts=value.parts)
        if not delimiter or was is None:
            return Composed(old.path, old.layers, old.key, new)
        pieces = text.split(delimiter)
        before, after = pieces[: max(index, 0)], pieces[index + 1 :] if index >= 0 else pieces
        parts: list[Value] = []
        if before:
            parts.append(Known(delimiter.join(before) + delimiter, was.span, was.via))
        parts.append(new)
        if after:
            parts.append(Known(delimiter + delimiter.join(after), was.span, was.via))
        whole = "".join(str(part.value) for part in parts if type(part) is Known)
        return Composed(old.path, old.layers, old.key, Known(whole, was.span, was.via, parts=tuple(parts)))

    return edit


def _edited(item: Item, path: list[str], edit: Edit, work: Work, *, create: bool, depth: int = 0) -> Item:
    work.spend()
    if depth > MAX_DEPTH:
        return item
    if not path:
        return item if item.is_mapping or is_sequence(item) else edit(item)
    token, rest = path[0], path[1:]
    if is_sequence(item):
        listed = elements_of(item, work)
        changed = [
            _edited(one, rest, edit, work, create=create, depth=depth + 1) if _is(one, index, token) else one
            for index, one in enumerate(listed)
        ]
        return item if all(a is b for a, b in zip(listed, changed, strict=True)) else with_elements(item, changed)
    if not item.is_mapping:
        return item
    members = members_of(item, work)
    names = list(members) if token == "*" else [token]  # noqa: S105
    touched = False
    for name in names:
        old = members.get(name)
        if old is None and create and not rest:
            new: Item | None = edit(None)
        else:
            new = None if old is None else _edited(old, rest, edit, work, create=create, depth=depth + 1)
        if new is not None and new is not old:
            members[name] = new
            touched = True
    return with_members(item, members) if touched else item


def _found(item: Item, path: list[str], work: Work) -> Iterator[Item]:
    """Items at a path."""
    work.spend()
    if not path:
        yield item
    elif is_sequence(item):
        for index, element in enumerate(item.elements()):
            if _is(element, index, path[0]):
                yield from _found(element, path[1:], work)
    elif (child := item.child(path[0])) is not None:
        yield from _found(child, path[1:], work)


def _is(element: Item, index: int, token: str) -> bool:
    """Whether an element of a list is meant: by number, by `name=web`, or all by `*`."""
    if token == "*":  # noqa: S105
        return True
    key, mark, wanted = token.partition("=")
    if mark:
        return (text_at(element, key) if key else element.text()) == wanted
    return token == str(index)


def _tokens(path: str) -> list[str]:
    return [bracket or plain.replace("\\.", ".") for bracket, plain in _TOKEN.findall(path[:2_000])][:100]


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 6 else 0
