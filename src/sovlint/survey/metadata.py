"""What people write about an object in its metadata: accepted risks, and labels that classify its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sovlint.model.fact import Fact
from sovlint.model.resource import Resource
from sovlint.model.source import Location
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.causes import text_of
from sovlint.survey.pods import Pods

WAIVE = "sovlint.io/waive"
"""The annotation that holds waivers, one a line: `SOV501 until=2027-03-31 owner=team reason="…"`."""


class Annotated(NamedTuple):
    """The text of a waiver in an annotation.

    Attributes:
        text: as it is written, without quotes.
        location: of the value.
        declared_at: of the object it is about, as in `Subject`.
        within: beginning of the attribute paths it covers; empty for the object with all that is in it.
    """

    text: str
    location: Location
    declared_at: Location
    within: str


def annotated_waivers(resource: Resource, pods: Pods) -> Iterator[Annotated]:
    """The waivers in the annotations of an object and of the pod templates in it; none in other resources."""
    attributes = resource.attributes
    if resource.format != "kubernetes" or not isinstance(attributes, YamlAttributes):
        return
    declared_at = resource.span.location()
    found = _annotation(attributes.item.child("metadata"))
    if found is not None:
        yield Annotated(found.text() or "", found.span.location(), declared_at, "")
    for pod in pods.of(resource, attributes):
        inner = _annotation(pod.metadata)
        if inner is not None:
            within = pod.spec.path.removesuffix("spec")
            yield Annotated(inner.text() or "", inner.span.location(), declared_at, within)


def _annotation(metadata: Item | None) -> Item | None:
    holder = metadata.child("annotations") if metadata is not None else None
    return holder.child(WAIVE) if holder is not None else None


def classification(resource: Resource, keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Labels and annotations of an object, tags and labels of a Terraform resource, under certain keys: (key, value).

    Args:
        resource: a Kubernetes object or a Terraform resource; others have none.
        keys: which ones count (`example.nl/classification`).
    """
    attributes = resource.attributes
    if resource.format == "terraform":
        return _tags(resource, keys)
    if not keys or resource.format != "kubernetes" or not isinstance(attributes, YamlAttributes):
        return ()
    metadata = attributes.item.child("metadata")
    holders = [metadata.child(name) for name in ("labels", "annotations")] if metadata is not None else []
    pairs = [
        (key, item.text() or "")
        for holder in holders
        if holder is not None
        for key in keys
        if (item := holder.child(key)) is not None
    ]
    return tuple(dict.fromkeys(pairs))


def _tags(resource: Resource, keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The resource's own tags go before those that its provider gives to everything."""
    found: dict[str, str] = {}
    provider = resource.provider.attributes if resource.provider is not None else None
    for attributes, route in (
        *((resource.attributes, (name,)) for name in ("tags", "labels")),
        *((provider, route) for route in (("default_tags", "tags"), ("default_labels",)) if provider is not None),
    ):
        for key in keys:
            for _, value in attributes.select((*route, key)):
                text = text_of(value)
                if text is not None:
                    found.setdefault(key, text)
    return tuple(sorted(found.items()))


def marked(facts: Iterable[Fact], resource: Resource, keys: Sequence[str]) -> Iterator[Fact]:
    """The facts of a resource, their subjects with its `classification` under these keys."""
    pairs = classification(resource, keys)
    for fact in facts:
        if pairs:
            fact.subject = fact.subject._replace(classification=pairs)
        yield fact
