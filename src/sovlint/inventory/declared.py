"""Resources that give no fact: helpers, objects without image, types of providers that nobody describes."""

from __future__ import annotations

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Subject
from sovlint.model.resource import Resource


def declared(resource: Resource, catalogue: Catalogue) -> Subject | None:
    """The subject of a resource, also where survey has nothing to say of it.

    None for what holds nothing of its own: data sources, values files (their facts have subjects of their own).
    """
    if resource.mode not in ("managed", "object"):
        return None
    provider, service, primary, classified = "", None, True, True
    if resource.provider is not None:
        provider = catalogue.provider_named(resource.provider.source, resource.provider.name)
        entry = catalogue.type_entry(provider, resource.kind)
        service = f"{provider}/{entry.service}" if entry.service else None
        primary, classified = entry.primary, entry.classified
    return Subject(
        unit=resource.unit,
        address=resource.address,
        kind=resource.kind,
        format=resource.format,
        mode=resource.mode,
        provider=provider,
        service=service,
        primary=primary,
        declared_at=resource.span.location(),
        classified=classified,
    )
