"""Custom resources that nobody described: pods, images and region labels are recognised by their shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sovlint.parse.yaml import Sequence
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.images import parse_reference

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")

_SELECTORS = ("nodeSelector", "nodeSelectors")


class Shapes(NamedTuple):
    """What was recognised.

    Attributes:
        images: scalars that are certainly image references.
        selectors: maps of node labels.
        terms: `{key, operator, values}` over labels.
    """

    images: list[Item]
    selectors: list[Item]
    terms: list[Item]


def shapes_in(attributes: YamlAttributes, labels: Collection[str]) -> Shapes:
    """What in an object has the shape of a pod.

    An image is the `image` of an element of `containers`; elsewhere the text has to say by itself that it is a
    reference: with a registry, a tag or a digest (`image: ubuntu` may as well be that of a virtual machine).

    Args:
        attributes: the object.
        labels: names of region labels.
    """
    found = Shapes([], [], [])
    layer = attributes.item.layers[0]
    text = layer.source.text[layer.node.start : layer.node.end]
    # Aliases lead out of the object's own text: then nothing is certain before it was walked.
    if "*" not in text and "image" not in text and not any(label in text for label in labels):
        return found
    known: set[tuple[str, int, int]] = set()
    for name, item in attributes.item.walk(attributes.limit):
        if not item.is_mapping:
            continue
        if name in _SELECTORS:
            found.selectors.append(item)
        for image in _images_of(item):
            if image.span.key not in known:
                known.add(image.span.key)
                found.images.append(image)
        key = item.child("key")
        if key is not None and key.text() in labels and item.child("values") is not None:
            found.terms.append(item)
    return found


def _images_of(item: Item) -> Iterator[Item]:
    for name in _CONTAINERS:
        containers = item.child(name)
        if containers is not None and type(containers.node) is Sequence:
            for container in containers.elements():
                image = container.child("image") if container.is_mapping else None
                if image is not None and image.text() and container.child("name") is not None:
                    yield image
    image = item.child("image")
    text = image.text() if image is not None else None
    if image is not None and text:
        reference = parse_reference(text)
        if reference is not None and (reference.host_written or reference.tag or reference.digest):
            yield image
