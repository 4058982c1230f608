"""Calls of modules that are not in the tree: what they are given still says where things will be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Artefact, Fact, Placement, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource
from sovlint.model.value import Known, Value
from sovlint.survey.causes import cause_of, text_of
from sovlint.survey.places import deciding_part, host_of

_PLACE_NAME = pattern(r"(?:^|_)(?:regions?|locations?|zones?|azs|availability_zones?)$")
_COPY_NAME = pattern(r"replica|backup|secondary|failover|destination|dr_")
_REGISTRY = pattern(r"^(?:[\w.-]+\.[\w.-]+/)?[\w-]+/[\w-]+/(?P<provider>[\w-]+)(?://.*)?$")
_SCP = pattern(r"^(?:[\w.-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+):(?!//)")
PUBLIC_REGISTRY = "registry.terraform.io"
"""What Terraform asks for a source without a host; OpenTofu asks registry.opentofu.org."""
_REPOSITORY = pattern(r"terraform-(?P<provider>[a-z0-9]+)-")


def module_facts(resource: Resource, catalogue: Catalogue) -> Iterator[Fact]:
    """Places among the arguments of a call, by the arguments' names; a guess, since the module itself was not read."""
    namespace = _namespace(resource.kind, catalogue)
    subject = Subject(
        unit=resource.unit,
        address=resource.address,
        kind=resource.kind,
        format="terraform",
        mode="module",
        provider="",
        service=None,
        primary=True,
        declared_at=resource.span.location(),
        classified=False,
    )
    yield from _source(resource, subject, catalogue)
    for name in resource.attributes.names():
        if not _PLACE_NAME.search(name):
            continue
        role = "copy" if _COPY_NAME.search(name) else "primary"
        for path, value in resource.attributes.select((name,)):
            yield from _placement(subject, role, path, value, namespace, catalogue)


def _placement(
    subject: Subject, role: str, path: str, value: Value, namespace: str, catalogue: Catalogue
) -> Iterator[Fact]:
    text = text_of(value)
    if not text or type(value) is not Known:
        return
    place = catalogue.place(namespace, text) if namespace else None
    places = (place,) if place is not None else catalogue.places_named(text) if not namespace else ()
    if not places:
        return  # A word that no provider knows as a region: whatever the module means by it.
    decisive = deciding_part(value, text, places[0].name)
    yield Placement(subject, role, path, "heuristic", cause_of(decisive, subject.address, path), places)


def _source(resource: Resource, subject: Subject, catalogue: Catalogue) -> Iterator[Artefact]:
    """Where the module itself is fetched from."""
    for path, value in resource.attributes.select(("source",)):
        text = text_of(value)
        host = source_host(text) if text else ""
        if not text or not host:
            return
        known = catalogue.host(host)
        written = host in text.lower()
        yield Artefact(
            subject=subject,
            role="module",
            attribute=path,
            confidence="literal" if written else "heuristic",
            cause=cause_of(value, subject.address, path, *resource.via),
            kind="module",
            host=host,
            reference=text,
            operator=known.operator,
        )


def source_host(source: str) -> str:
    """The host a module source leads to; empty for a local path or what cannot be read.

    Forms as in https://developer.hashicorp.com/terraform/language/modules/sources: registry, Git and Mercurial with
    `::` or in short, HTTP, S3 and GCS addresses.
    """
    if source.startswith((".", "/")):
        return ""
    rest = re.sub(r"^\w+::", "", source)
    if "://" in rest:
        return host_of(rest)
    scp = _SCP.match(rest)
    if scp is not None:
        return scp["host"].lower()
    first = rest.partition("/")[0]
    if "." in first:
        return host_of(first)
    return PUBLIC_REGISTRY if _REGISTRY.match(rest) else ""


def _namespace(source: str, catalogue: Catalogue) -> str:
    """Whose region names a module means, by the registry's naming (`…/provider`, `terraform-provider-name`)."""
    match = _REGISTRY.match(source) or _REPOSITORY.search(source)
    if match is None:
        return ""
    provider = catalogue.provider(catalogue.provider_named("", match["provider"].lower()))
    return provider.namespace if provider is not None else ""
