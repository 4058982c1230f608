"""Explains a service of a provider: what it is, its resource types, its lock-in, all ways out."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.explain.known import known_types
from sovlint.explain.operators import operator_data, operator_rows
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.explain.types import capability, lock_in_rows, way_rows


def service_entry(provider: str, name: str, catalogue: Catalogue) -> Entry:
    """The explanation of a service that the catalogue has."""
    service = catalogue.service(provider, name)
    owner = catalogue.provider(provider)
    operator = service.get("operator") or (owner.operator if owner else "")
    ways = [capability(catalogue, key) for key in service.get("alternatives", ())]
    types: dict[str, list[str]] = {"primary": [], "auxiliary": []}
    for kind, its in known_types(catalogue).items():
        if its == provider:
            entry = catalogue.type_entry(provider, kind)
            if entry.service == name:
                types["primary" if entry.primary else "auxiliary"].append(kind)
    data: dict[str, Any] = {
        "service": f"{provider}/{name}",
        "provider": provider,
        "title": service["title"],
        "holds": list(service.get("holds", ())),
        "lock_in": service["lock_in"],
        "lock_in_reason": service.get("reason", ""),
        "effort": service.get("effort", ""),
        "open_api": service.get("open_api", ""),
        "note": service.get("note", ""),
        "types": types,
        "alternatives": ways,
        "operator": operator_data(catalogue, operator),
        **origin(service),
    }
    sections = (
        Section("What", _what(service, types)),
        Section("Who runs it", operator_rows(catalogue, operator)),
        Section("Lock-in", lock_in_rows(service["lock_in"], service)),
        *(Section(f"Instead: {way['title']}", way_rows(way, catalogue)) for way in ways),
    )
    return Entry("service", f"{provider}/{name}", f"{service['title']}, Terraform provider {provider}", sections, data)


def _what(service: dict[str, Any], types: dict[str, list[str]]) -> tuple[Row, ...]:
    rows = [Row(role, ", ".join(kinds)) for role, kinds in types.items() if kinds]
    if service.get("holds"):
        rows.append(Row("holds", ", ".join(service["holds"])))
    if service.get("note"):
        rows.append(Row("note", service["note"]))
    return (*rows, provenance(service))
