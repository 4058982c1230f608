"""Facts become rows: one a resource, with all its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.judge.profile import ControlRelation, Profile, ZoneRelation, control_relation, zone_relation
from sovlint.model.fact import Artefact, Fact, OperatorUse, Place, Placement, ServiceUse, StateStore, Subject
from sovlint.model.source import Location

Verdict: TypeAlias = Literal["inside", "outside", "straddles", "global", "undetermined", "unplaced"]

WORST_FIRST: tuple[Verdict, ...] = ("outside", "straddles", "global", "undetermined", "inside")
"""A resource counts by the worst of its places; one without any is `unplaced`."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place of a resource.

    Attributes:
        role: what the attribute does (`primary`, `copy`, `logs`, …).
        place: None where nothing is known of it.
        zones: zones that hold all its countries.
        verdict: how it lies to the profile's zone; candidates of one attribute share theirs.
        attribute: the attribute path at the resource.
        candidate: one of several that the files leave open.
    """

    role: str
    place: Place | None
    zones: tuple[str, ...]
    verdict: ZoneRelation
    attribute: str
    candidate: bool = False


@dataclass(frozen=True, slots=True)
class ArtefactRow:
    """Something a resource pulls; `operator` is empty for hosts that nobody knows, `private` for those inside."""

    kind: str
    host: str
    reference: str
    operator: str
    country: str
    control: ControlRelation


@dataclass(frozen=True, slots=True)
class Row:
    """One resource.

    Attributes:
        operator: operator id; empty where the files do not say or nobody is known.
        operator_name: what people call it.
        country: ISO code of the operator's ultimate parent.
        control: how the operator lies to the profile's control area; empty without operator.
        lock_in: 0-4; None where unknown or where an endpoint makes it another's service.
        role: `primary` holds or processes something; empty where that is not known.
        verdict: the worst of the places.
        location: the declaration; for values files, the value.
    """

    subject: Subject
    operator: str
    operator_name: str
    country: str
    control: str
    lock_in: int | None
    role: str
    places: tuple[PlaceRow, ...]
    artefacts: tuple[ArtefactRow, ...]
    verdict: Verdict
    location: Location


@dataclass(frozen=True, slots=True)
class Inventory:
    """All rows, sorted by address, unit and place in the files.

    Attributes:
        zone_title: what the profile's zone is called.
    """

    profile: str
    zone_title: str
    rows: tuple[Row, ...]
    countries: dict[str, str]

    def by(self, field_name: str) -> dict[str, int]:
        """Number of rows by operator, country, lock_in or verdict; empty answers count as `unknown`; most first."""
        counts = Counter(_key(getattr(row, field_name)) for row in self.rows)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def hosts(self) -> dict[str, int]:
        """Number of rows that pull something from a host; most first."""
        counts = Counter(host for row in self.rows for host in {artefact.host for artefact in row.artefacts})
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _key(value: object) -> str:
    return "unknown" if value in (None, "") else str(value)


@dataclass(slots=True)
class _Parts:
    """What the facts say of one subject."""

    subject: Subject
    places: list[PlaceRow] = field(default_factory=list)
    artefacts: list[ArtefactRow] = field(default_factory=list)
    operator: str = ""
    lock_in: int | None = None
    location: Location | None = None


def build(facts: Iterable[Fact], declared: Iterable[Subject], catalogue: Catalogue, profile: Profile) -> Inventory:
    """The inventory of a run.

    Args:
        facts: of all resources.
        declared: subjects of resources, so that those without facts are there, too.
        catalogue: for operators, countries and zones.
        profile: whose zone and control area places and operators are held against.
    """
    found: dict[tuple[str, str, Location], _Parts] = {}
    for subject in declared:
        found.setdefault(_identity(subject), _Parts(subject))
    for fact in facts:
        parts = found.setdefault(_identity(fact.subject), _Parts(fact.subject))
        if fact.subject.service and not parts.subject.service:
            # Only survey knows which service an object of Kubernetes is.
            parts.subject = fact.subject
        _add(fact, parts, catalogue, profile)
    rows = [_row(parts, catalogue, profile) for parts in found.values()]
    rows.sort(key=lambda row: (row.subject.address, row.subject.unit, row.location))
    codes = {row.country for row in rows} | {a.country for row in rows for a in row.artefacts}
    codes |= {code for row in rows for p in row.places if p.place for code in p.place.countries}
    names = {code: catalogue.country_name(code) for code in sorted(codes - {""})}
    return Inventory(profile.name, profile.zone_title, tuple(rows), names)


def _identity(subject: Subject) -> tuple[str, str, Location]:
    return subject.unit, subject.address, subject.declared_at


def _add(fact: Fact, parts: _Parts, catalogue: Catalogue, profile: Profile) -> None:
    if fact.subject.mode == "values":
        location = fact.cause.location
        parts.location = location if parts.location is None else min(parts.location, location)
    if isinstance(fact, Placement):
        parts.places.extend(_places(fact, catalogue, profile))
    elif isinstance(fact, (OperatorUse, StateStore)):
        parts.operator = fact.operator or parts.operator
    elif isinstance(fact, ServiceUse):
        parts.lock_in = fact.lock_in
    elif isinstance(fact, Artefact):
        operator = catalogue.operator(fact.operator)
        country = operator.parent_country if operator else ""
        control = control_relation(catalogue, fact.operator, profile.control_area)
        row = ArtefactRow(fact.kind, fact.host, fact.reference, fact.operator, country, control)
        if row not in parts.artefacts:
            parts.artefacts.append(row)


def _places(fact: Placement, catalogue: Catalogue, profile: Profile) -> Iterable[PlaceRow]:
    verdict = zone_relation(fact.places, profile.zone)
    if not fact.places:
        yield PlaceRow(fact.role, None, (), verdict, fact.attribute)
    for place in fact.places:
        zones = tuple(
            sorted(
                zone
                for zone, members in catalogue.zones.items()
                if place.countries and all(code in members for code in place.countries)
            )
        )
        yield PlaceRow(fact.role, place, zones, verdict, fact.attribute, candidate=len(fact.places) > 1)


def _row(parts: _Parts, catalogue: Catalogue, profile: Profile) -> Row:
    subject = parts.subject
    operator = catalogue.operator(parts.operator) if parts.operator else None
    known = subject.classified or not subject.provider or catalogue.provider(subject.provider) is not None
    verdicts: set[Verdict] = {place.verdict for place in parts.places}
    return Row(
        subject=subject,
        operator=parts.operator,
        operator_name=operator.name if operator else parts.operator,
        country=operator.parent_country if operator else "",
        control=control_relation(catalogue, parts.operator, profile.control_area) if parts.operator else "",
        lock_in=parts.lock_in,
        role=("primary" if subject.primary else "auxiliary") if known else "",
        places=tuple(parts.places),
        artefacts=tuple(parts.artefacts),
        verdict=next((verdict for verdict in WORST_FIRST if verdict in verdicts), "unplaced"),
        location=parts.location or subject.declared_at,
    )
