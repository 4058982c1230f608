"""What facts of manifests and values are made of: subjects, placements, and the spelling of hosts and keys."""

from __future__ import annotations

import re

from sovlint.model.fact import Place, Placement, PlaceRole, Subject
from sovlint.model.resource import Resource
from sovlint.model.source import Span
from sovlint.model.value import Value
from sovlint.survey.causes import cause_of, confidence_of


def placement_of(
    subject: Subject, role: PlaceRole, attribute: str, value: Value, places: tuple[Place, ...], *, voted: bool
) -> Placement:
    """A placement of a value; `voted` where several clouds were asked for its name."""
    assumed = voted or any(place.assumed for place in places)
    return Placement(
        subject=subject,
        role=role,
        attribute=attribute,
        confidence=confidence_of(value, assumed=assumed),
        cause=cause_of(value, subject.address, attribute),
        places=places,
    )


def subject_of(resource: Resource, address: str, declared: Span | None = None) -> Subject:
    """The resource, or a part of it that is declared at a place of its own."""
    return Subject(
        unit=resource.unit,
        address=address,
        kind=resource.kind,
        format=resource.format,
        mode=resource.mode,
        provider="",
        service=None,
        primary=True,
        declared_at=(declared or resource.span).location(),
    )


def host_in(text: str) -> str:
    """The host of a URL or of `host:port`, lower case."""
    rest = text.strip().rpartition("://")[2]
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].lower()


def folded(key: str) -> str:
    """A key without case and separators."""
    return key.lower().replace("-", "").replace("_", "")
