"""Reads a value as a place: region names, zones, ARNs, hosts, references to other resources."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec
from sovlint.model.fact import Cause, Place
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource
from sovlint.model.value import Known, Unknown, Value
from sovlint.survey.causes import covering, hops, text_of

_PATH = pattern(r"(?:^|/)(?:locations|regions|zones)/(?P<name>[^/]+)")
"""The place inside a resource path as Google writes it: `projects/p/locations/europe-west4/keyRings/k`."""

_ARN = pattern(r"arn:(?P<partition>aws[\w-]*):(?P<service>[\w-]*):(?P<region>[\w-]*):")


class Reading:
    """What a value says about a place.

    Attributes:
        value: the decisive value: its place is the cause.
        places: one when determined; several candidates, or none, when not.
        determined: False: the value (or which of the candidates) is not known.
        reason: why it is not determined.
    """

    __slots__ = ("determined", "places", "reason", "value")

    def __init__(self, value: Value, places: tuple[Place, ...], determined: bool = True, reason: str = "") -> None:
        self.value = value
        self.places = places
        self.determined = determined
        self.reason = reason


def is_null(value: Value) -> bool:
    """Whether the value is a known null or empty text: as if nothing were written."""
    return type(value) is Known and value.value in (None, "")


def is_arn(value: Value) -> bool:
    """Whether the value is a known ARN."""
    text = text_of(value)
    return text is not None and text.startswith("arn:")


def says(words: tuple[str, ...], value: Value) -> bool | None:
    """Whether a value is one of some words (lower case; without words: anything but `false` and null).

    None where that is not known, or where the branches of a conditional differ.
    """
    text = text_of(value)
    if text is not None:
        return text.lower() in words if words else text != "false"
    if type(value) is Known:
        return not words and value.value is not None
    answers = {says(words, candidate) for candidate in _candidates(value)}
    return answers.pop() if len(answers) == 1 else None


def is_plain_name(value: Value) -> bool:
    """Whether the value is a known identifier without the structure of an ARN or URL."""
    text = text_of(value)
    return text is not None and ":" not in text and "/" not in text


def _quoted(value: Value, text: str) -> str:
    """The text as a message may show it: short, and nothing of a sensitive value."""
    if value.sensitive:
        return "a sensitive value"
    return repr(text if len(text) <= 60 else text[:59] + "…")


def read_region(catalogue: Catalogue, namespace: str, value: Value) -> Reading:
    """A region, zone or multi-region name of one provider."""
    text = text_of(value)
    if text is not None:
        inside = _PATH.search(text) if "/" in text else None
        place = catalogue.place(namespace, inside["name"] if inside else text)
        if place is None:
            return Reading(
                value, (), False, f"{_quoted(value, text)} is no region that the catalogue knows for {namespace}"
            )
        return Reading(deciding_part(value, text, place.name), (place,))
    return _undetermined(value, [read_region(catalogue, namespace, c) for c in _candidates(value)])


def deciding_part(value: Value, text: str, name: str) -> Value:
    """The part of a composed value that alone holds the name (the region in a zone), else the whole."""
    if not value.parts:
        return value
    start = text.lower().find(name.lower())
    if start < 0:
        start, name = 0, text
    return covering(value, start, start + len(name))


def read_arn(catalogue: Catalogue, namespace: str, value: Value) -> Reading:
    """The region inside an ARN; an ARN without region (S3, IAM) determines nothing."""
    text = text_of(value)
    if text is not None:
        match = _ARN.match(text)
        if match is None:
            return Reading(value, (), False, f"{_quoted(value, text)} is no ARN")
        region = match["region"]
        place = catalogue.place(namespace, region) if region else None
        if place is None:
            return Reading(value, (), False, "the ARN names no region that is known")
        return Reading(covering(value, match.start("region"), match.end("region")), (place,))
    return _undetermined(value, [read_arn(catalogue, namespace, c) for c in _candidates(value)])


def read_host(catalogue: Catalogue, value: Value) -> tuple[str, str, Reading] | None:
    """Operator id, host name and place of an endpoint; None if the value is not known.

    The operator is empty for unknown public hosts. A host that names no region determines no place.
    """
    text = text_of(value)
    if text is None:
        return None
    host = host_of(text)
    entry = catalogue.host(host)
    place = catalogue.place(entry.namespace, entry.region) if entry.region and entry.namespace else None
    if place is None:
        return entry.operator, host, Reading(value, (), False, f"{host} names no region that is known")
    start = text.lower().find(entry.region.lower())
    return entry.operator, host, Reading(covering(value, start, start + len(entry.region)), (place,))


def host_of(text: str) -> str:
    """Host name of a URL or `host[:port][/path]`, lower case; empty if there is none."""
    from urllib.parse import urlsplit  # costs a millisecond; most runs meet no URL

    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _candidates(value: Value) -> Iterator[Value]:
    if type(value) is Unknown:
        yield from value.candidates


def _undetermined(value: Value, readings: list[Reading]) -> Reading:
    """Candidates of a conditional whose test is unknown: kept if every one of them is determined."""
    reason = value.reason if type(value) is Unknown else "not a text"
    if readings and all(reading.determined for reading in readings):
        places = tuple(dict.fromkeys(place for reading in readings for place in reading.places))
        return Reading(value, places, False, reason)
    return Reading(value, (), False, reason)


def anywhere(spec: PlaceSpec) -> Place:
    """The place of what the operator may put where it likes."""
    return Place(spec.namespace, "automatic", "", (), "global", "chosen by the operator")


def nowhere(spec: PlaceSpec) -> Place:
    """The candidate that what a word decides is not made at all."""
    return Place(spec.namespace, "no copy" if spec.role == "copy" else "nowhere", "", (), "none")


def automatic(resource: Resource, spec: PlaceSpec) -> tuple[Cause, tuple[Place, ...]] | None:
    """Cause and place of an argument or block whose presence leaves the place to the operator; None if it does not."""
    span = resource.attributes.key_span(spec.route)
    if span is None or any(text_of(value) in ("false", None) for _, value in resource.attributes.select(spec.route)):
        return None
    cause = Cause(span.location(), resource.address, span.text, hops(resource.via), attribute=".".join(spec.route))
    return cause, (anywhere(spec),)
