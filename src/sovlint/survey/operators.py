"""Who runs what a provider configuration reaches, where the catalogue's usual answer does not apply."""

from __future__ import annotations

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import Provider
from sovlint.model.fact import Cause, OperatorUse, Subject
from sovlint.model.resource import Resource
from sovlint.survey.causes import text_of
from sovlint.survey.places import Reading, is_null, read_host


def configured_operator(resource: Resource, provider: Provider, catalogue: Catalogue) -> str | None:
    """The operator that the provider configuration names; None if it names none, empty if nobody knows whose it is.

    Clouds: another universe, environment or metadata host. Services and software that one may also run oneself (GitLab,
    Sentry, OpenStack, PostgreSQL): the host of their configuration, `"private"` for one that only exists inside.
    """
    config = resource.provider
    if config is None or config.attributes is None:
        return None
    for route, expected, operator in provider.operators:
        for _, value in config.attributes.select(route):
            text = text_of(value)
            if text is not None and text.lower() == expected:
                return operator
    if provider.kind in ("saas", "self-hosted"):
        for spec in provider.configuration:
            if spec.carries == "host":
                for _, value in config.attributes.select(spec.route):
                    found = None if is_null(value) else read_host(catalogue, value)
                    if found is None or "." not in found[1]:
                        continue
                    # Software of one's own at a host that nobody knows: one's own, until somebody says otherwise.
                    if found[0] or provider.kind == "saas":
                        return found[0]
    return None


def unknown_operator(resource: Resource, cause: Cause) -> OperatorUse:
    """A provider that the catalogue does not know: whoever runs its resources is not known either."""
    config = resource.provider
    assert config is not None
    subject = Subject(
        unit=resource.unit,
        address=resource.address,
        kind=resource.kind,
        format="terraform",
        mode=resource.mode,
        provider=config.name,
        service=None,
        primary=True,
        declared_at=resource.span.location(),
        classified=False,
    )
    return OperatorUse(subject, "operator", "provider", "literal", cause, "")


def named_endpoint(resource: Resource, catalogue: Catalogue) -> tuple[str, Reading] | None:
    """Operator and place by the provider's `endpoints` for this service, if there is one: it beats the region."""
    config = resource.provider
    if config is None or config.attributes is None:
        return None
    service = resource.kind.split("_")[1] if "_" in resource.kind else resource.kind
    for _, value in config.attributes.select(("endpoints", service)):
        if text_of(value):
            found = read_host(catalogue, value)
            if found is not None:
                return found[0], found[2]
    return None
