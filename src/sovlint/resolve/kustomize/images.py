"""`images` of a kustomization: other names, tags and digests for the images of a set of objects.

Semantics as in https://github.com/kubernetes-sigs/kustomize/tree/master/api/filters/imagetag: `name` matches the whole
name without tag and digest; every list called `containers` or `initContainers` is looked at, at whatever depth; a new
tag or digest replaces both.
"""

from __future__ import annotations

from typing import NamedTuple

from sovlint.model.value import Known, Step, Value
from sovlint.resolve.kustomize.items import (
    MAX_DEPTH,
    Composed,
    Work,
    elements_of,
    is_sequence,
    members_of,
    with_elements,
    with_members,
)
from sovlint.resolve.yaml_attributes import Item

_LISTS = ("containers", "initContainers")


class Replacement(NamedTuple):
    """One entry of `images`; the values know where they are written."""

    name: str
    new_name: Known | None
    new_tag: Known | None
    digest: Known | None


def replacement(entry: Item, owner: str) -> Replacement | None:
    """Reads one entry; None where it names no image."""
    child = entry.child("name")
    name = child.text() if child is not None else None
    if not name:
        return None

    def known(key: str) -> Known | None:
        item = entry.child(key)
        # A tag like 1.10 is the text that is written, whatever YAML makes of it.
        text = item.text() if item is not None else None
        return Known(text, item.span, item.layers[0].via, owner=owner) if item is not None and text else None

    return Replacement(name, known("newName"), known("newTag"), known("digest"))


def with_images(item: Item, images: list[Replacement], work: Work, depth: int = 0) -> Item:
    """Data with the images of its containers replaced; the same item where nothing matched."""
    work.spend()
    if depth > MAX_DEPTH:
        return item
    if is_sequence(item):
        listed: list[Item] | None = None
        for index, element in enumerate(item.elements()):
            if type(element.node) is type(item.node) or element.is_mapping:
                new = with_images(element, images, work, depth + 1)
                if new is not element:
                    listed = elements_of(item, work) if listed is None else listed
                    listed[index] = new
        return item if listed is None else with_elements(item, listed)
    if not item.is_mapping:
        return item
    changed: dict[str, Item] = {}
    for name, child in item.children():
        if not child.is_mapping and not is_sequence(child):
            continue
        new = with_images(child, images, work, depth + 1)
        if name in _LISTS and is_sequence(new):
            new = _containers(new, images, work)
        if new is not child:
            changed[name] = new
    return with_members(item, {**members_of(item, work), **changed}) if changed else item


def image_at(item: Item, path: list[str], images: list[Replacement], work: Work, depth: int = 0) -> Item:
    """Data with the image at a path of a `configurations` file replaced (`spec/image`, `spec/list[]/image`)."""
    work.spend()
    if is_sequence(item):
        listed = [image_at(element, path, images, work, depth) for element in elements_of(item, work)]
        return with_elements(item, listed)
    if not path or depth > MAX_DEPTH:
        return replaced(item, images)
    child = item.child(path[0].removesuffix("[]"))
    if child is None:
        return item
    new = image_at(child, path[1:], images, work, depth + 1)
    return with_members(item, {**members_of(item, work), path[0].removesuffix("[]"): new})


def _containers(containers: Item, images: list[Replacement], work: Work) -> Item:
    listed: list[Item] | None = None
    for index, container in enumerate(containers.elements()):
        work.spend()
        image = container.child("image") if container.is_mapping else None
        new = replaced(image, images) if image is not None else image
        if image is not None and new is not None and new is not image:
            listed = elements_of(containers, work) if listed is None else listed
            listed[index] = with_members(container, {**members_of(container, work), "image": new})
    return containers if listed is None else with_elements(containers, listed)


def replaced(image: Item, images: list[Replacement]) -> Item:
    """An image after all entries that match it, in order; the same item where none does."""
    for entry in images:
        text = image.text()
        if text is None:
            break
        name, tag, digest = _split(text)
        if name != entry.name:
            continue
        before = image.value()
        if before is None:
            break
        parts: list[Value] = [_name_part(image, before, entry)]
        for mark, new in ((":", entry.new_tag), ("@", entry.digest)):
            if new is not None:
                parts.append(Known(f"{mark}{new.value}", new.span, new.via, owner=new.owner))
        if len(parts) == 1 and entry.new_name is not None and (tag or digest):
            parts.append(Known(tag + digest, before.span, before.via))
        first = parts[0]
        whole = str(entry.new_name.value) if entry.new_name is not None else name
        whole += "".join(str(part.value) for part in parts[1:] if type(part) is Known) or tag + digest
        known = Known(whole, first.span, (), (), first.owner, tuple(parts))
        image = Composed(image.path, image.layers, image.key, known)
    return image


def _name_part(image: Item, before: Known, entry: Replacement) -> Known:
    """The name: from this entry with the image it replaces as a step, else the one that was there.

    What was there keeps its tag as it is written: it is the same literal in every overlay, whatever tag they set.
    """
    was = before.parts[0] if before.parts else before
    assert type(was) is Known
    if entry.new_name is None:
        return was
    new = entry.new_name
    return Known(new.value, new.span, (*new.via, Step(was.span, image.path), *was.via), owner=new.owner)


def _split(text: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image with their marks; a colon before the last slash is a port."""
    rest, at, digest = text.partition("@")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    return f"{head}{slash}{last}", f"{colon}{tag}", f"{at}{digest}"
