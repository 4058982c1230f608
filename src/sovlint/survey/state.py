"""Facts of Terraform state: where it is kept and by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Cause, Fact, Placement, StateStore, Subject
from sovlint.model.resource import Resource
from sovlint.model.value import Value
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.survey.causes import cause_of, confidence_of, written_nowhere
from sovlint.survey.places import Reading, is_null, read_host, read_region


def state_facts(resource: Resource, catalogue: Catalogue) -> Iterator[Fact]:
    """Operator and place of a state backend, by the catalogue's table of backends. Backends kept at home give none."""
    backend = catalogue.shard("core").get("backends", {}).get(resource.kind)
    if backend is None:
        return
    subject = Subject(
        unit=resource.unit,
        address=resource.address,
        kind=resource.kind,
        format="terraform",
        mode="backend",
        provider="",
        service=None,
        primary=True,
        declared_at=resource.span.location(),
    )
    operator = backend.get("operator", "")
    reading: Reading | None = None
    attribute = "region"
    endpoint = _first(resource, backend.get("endpoints", ()))
    if endpoint is not None:
        attribute, value = endpoint
        found = read_host(catalogue, value)
        # A host that is not known yet may be anybody's: the backend's usual operator is no guess to make.
        operator, reading = (
            (found[0], found[2]) if found else ("", Reading(value, (), False, "the endpoint is not known"))
        )
    elif backend.get("host"):
        host = catalogue.host(backend["host"])
        operator = host.operator
    if endpoint is None and backend.get("region"):
        written = _first(resource, [backend["region"]])
        if written is not None:
            attribute, value = written
            reading = read_region(catalogue, backend["regions"], value)
    label = Cause(resource.span.location(), resource.address, resource.kind, attribute="backend")
    if operator and operator != "private":
        determined = reading is not None and reading.determined and reading.places
        if determined and endpoint is None:
            assert reading is not None
            operator = reading.places[0].operator
        sealed = _encrypted(resource)
        yield StateStore(subject, "state", "backend", "literal", label, resource.kind, operator, sealed)
    if operator == "private" or not backend.get("placed", True):
        return
    if reading is not None:
        cause = cause_of(reading.value, resource.address, attribute)
        if not reading.determined:
            cause = cause._replace(known=False, reason=reading.reason)
        yield Placement(subject, "state", attribute, confidence_of(reading.value), cause, reading.places)
    elif operator:
        cause = written_nowhere(resource.span, resource.address, attribute, reason=backend["unwritten"])
        yield Placement(subject, "state", attribute, "literal", cause, ())


def _encrypted(resource: Resource) -> bool:
    """Whether OpenTofu encrypts the state before it leaves: `terraform { encryption { state { … } } }`."""
    attributes = resource.attributes
    module = attributes.context.module if isinstance(attributes, BlockAttributes) else None
    if module is None:
        return False
    blocks = [block for declared in module.folder.settings for block in declared.block.body.blocks]
    return any(inner.type == "state" for block in blocks if block.type == "encryption" for inner in block.body.blocks)


def _first(resource: Resource, routes: Sequence[str]) -> tuple[str, Value] | None:
    """The first of the attributes that is written."""
    for route in routes:
        for path, value in resource.attributes.select(tuple(route.split("."))):
            if not is_null(value):
                return path, value
    return None
