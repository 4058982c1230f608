"""The inventory for programs; its schema is published as `policies/schema/inventory.schema.json`."""

from __future__ import annotations

from typing import Any, Final

from sovlint.inventory.build import ArtefactRow, Inventory, PlaceRow, Row
from sovlint.model.problem import Problem

SCHEMA: Final = "sovlint-inventory/1"

JsonObject = dict[str, Any]


def document(inventory: Inventory, problems: tuple[Problem, ...] = ()) -> JsonObject:
    """The inventory as plain values. Keys keep their order; the same input gives the same bytes."""
    return {
        "schema": SCHEMA,
        "profile": inventory.profile,
        "resources": [_resource(row) for row in inventory.rows],
        "totals": {
            "resources": len(inventory.rows),
            "operators": inventory.by("operator"),
            "countries": inventory.by("country"),
            "hosts": inventory.hosts(),
            "lock_in": dict(sorted(inventory.by("lock_in").items())),
            "verdicts": inventory.by("verdict"),
        },
        "problems": [_problem(problem) for problem in problems],
    }


def _resource(row: Row) -> JsonObject:
    subject = row.subject
    return {
        "address": subject.address,
        "kind": subject.kind,
        "format": subject.format,
        "mode": subject.mode,
        "unit": subject.unit,
        "provider": subject.provider or None,
        "operator": row.operator or None,
        "country": row.country or None,
        "control": row.control or None,
        "service": subject.service,
        "role": row.role or None,
        "lock_in": row.lock_in,
        "verdict": row.verdict,
        "places": [_place(place) for place in row.places],
        "artefacts": [_artefact(artefact) for artefact in row.artefacts],
        "path": row.location.path,
        "line": row.location.line,
    }


def _place(row: PlaceRow) -> JsonObject:
    place = row.place
    countries = place.countries if place else ()
    return {
        "role": row.role,
        "region": place.name if place else None,
        "country": countries[0] if len(countries) == 1 else None,
        "countries": list(countries),
        "zones": list(row.zones),
        "verdict": row.verdict,
        "operator": place.operator if place else None,
        "attribute": row.attribute,
        "candidate": row.candidate,
    }


def _artefact(row: ArtefactRow) -> JsonObject:
    return {
        "kind": row.kind,
        "host": row.host,
        "reference": row.reference,
        "operator": row.operator or None,
        "country": row.country or None,
        "control": row.control,
    }


def _problem(problem: Problem) -> JsonObject:
    return {
        "code": problem.code,
        "path": problem.location.path,
        "line": problem.location.line,
        "column": problem.location.column,
        "message": problem.message,
        "level": problem.level,
    }
