"""Alternatives for a finding: a region inside the zone, and services of equal or better exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.judge.profile import Profile, control_relation
from sovlint.judge.rules import Rule
from sovlint.model.fact import Fact, Place, Placement
from sovlint.model.finding import Alternative, Atom
from sovlint.model.source import Location

MAX_ALTERNATIVES = 5
"""Shown per finding; `explain` lists all."""

_RANK = {"private": 0, "inside": 0, "nexus": 1, "attested": 2, "outside": 3, "unknown": 3}
_EFFORTS = ("S", "M", "L", "XL")


Instance: TypeAlias = tuple[str, str]
"""Unit and address."""


class Neighbour(NamedTuple):
    """One placement of an instance: what keeps `ways_out` from offering a place that is taken.

    Attributes:
        copy_at: where the place is written, if it is that of a copy.
        places: namespace and name of its candidates.
    """

    instance: Instance
    copy_at: Location | None
    places: tuple[tuple[str, str], ...]


def neighbours_of(facts: Iterable[Fact], instances: Collection[Instance]) -> Iterator[Neighbour]:
    """The placements of some instances, and of all that have copies elsewhere."""
    placements = [fact for fact in facts if type(fact) is Placement]
    wanted = {*instances, *((f.subject.unit, f.subject.address) for f in placements if f.role == "copy")}
    for fact in placements if wanted else ():
        instance = (fact.subject.unit, fact.subject.address)
        if instance in wanted:
            copy_at = fact.cause.location if fact.role == "copy" else None
            yield Neighbour(instance, copy_at, tuple((place.namespace, place.name) for place in fact.places))


class Neighbours:
    """Which places the instances of a run have.

    Args:
        rows: of the whole run, at least those of the instances that findings with a `region` among their ways out
            are about.
    """

    def __init__(self, rows: Iterable[Neighbour] = ()) -> None:
        self._places: dict[Instance, set[tuple[str, str]]] = {}
        self._by_cause: dict[Location, set[Instance]] = {}
        self._copies: dict[Instance, set[tuple[str, str]]] = {}
        for instance, copy_at, places in rows:
            self._places.setdefault(instance, set()).update(places)
            if copy_at is not None:
                self._by_cause.setdefault(copy_at, set()).add(instance)
                self._copies.setdefault(instance, set()).update(places)

    def taken(self, atoms: Sequence[Atom]) -> set[tuple[str, str]]:
        """Namespace and name of every place where one of the affected instances is already."""
        return self._of({(atom.subject.unit, atom.subject.address) for atom in atoms})

    def counterparts(self, atoms: Sequence[Atom]) -> set[tuple[str, str]]:
        """Where the other copy is already: moving there would leave one place for both.

        That is the copies of the affected instances, and the places of the instances whose copies go where the same
        value says.
        """
        if not self._copies:
            return set()
        own = {(atom.subject.unit, atom.subject.address) for atom in atoms}
        sources = {one for atom in atoms for one in self._by_cause.get(atom.cause.location, ())}
        return self._of(sources) | {place for instance in own for place in self._copies.get(instance, ())}

    def _of(self, instances: set[Instance]) -> set[tuple[str, str]]:
        return {place for instance in instances for place in self._places.get(instance, ())}


NOBODY = Neighbours()
"""Where nothing is known of other instances."""


def ways_out(
    rule: Rule, atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile, neighbours: Neighbours
) -> tuple[Alternative, ...]:
    """What could be done instead; never an offer of worse exposure than what it replaces under the profile."""
    out: list[Alternative] = []
    for wanted in rule.alternatives:
        if wanted == "region":
            out.extend(_region(atoms, catalogue, profile, neighbours.counterparts(atoms)))
        elif wanted == "other-region":
            out.extend(_region(atoms, catalogue, profile, neighbours.taken(atoms)))
        elif wanted == "service":
            out.extend(_services(atoms, catalogue, profile))
        else:
            out.extend(_allowed(catalogue.alternatives(wanted), atoms, catalogue, profile))
    unique: dict[tuple[str, str], Alternative] = {}
    for way in out:
        unique.setdefault((way.kind, way.title), way)
    return tuple(unique.values())[:MAX_ALTERNATIVES]


def _region(
    atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile, taken: set[tuple[str, str]]
) -> list[Alternative]:
    """The most usual region of the same operator inside the zone, apart from those that are taken."""
    operators = {place.operator for atom in atoms for place in atom.places}
    if len(operators) > 1:
        # Nobody knows whose region this is: naming one operator's would be a guess, and may be a move to another one.
        return [Alternative(f"a region inside the {profile.zone_title}", "region")]
    for namespace in dict.fromkeys(place.namespace for atom in atoms for place in atom.places):
        for name in catalogue.suggested_regions(namespace):
            other = catalogue.place(namespace, name)
            if other is None or other.operator not in operators or not _inside(other, profile):
                continue
            if (other.namespace, other.name) not in taken:
                title = f"{other.name} ({other.title})" if other.title else other.name
                found = Alternative(title, "region", other.operator, other.countries[0])
                return [found._replace(source=other.source, as_of=other.as_of)]
    return []


def _inside(place: Place, profile: Profile) -> bool:
    return bool(place.countries) and all(country in profile.zone for country in place.countries)


def _services(atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile) -> list[Alternative]:
    """Ways out of the affected services: all options where there is one, else the best of each, most used first.

    Networks and attachments are not counted among several: they move with what they connect.
    """
    counted = Counter(atom.service for atom in atoms if atom.service)
    if len(counted) > 1:
        counted = Counter(
            atom.service
            for atom in atoms
            if atom.service and atom.subject.primary and set(atom.subject.holds) - {"network"}
        )
    ranked = sorted(counted, key=lambda service: (-counted[service], service or ""))
    if len(ranked) == 1:
        return list(_of_service(ranked[0], atoms, catalogue, profile))
    merged: dict[tuple[str, str], Alternative] = {}
    for service in ranked:
        entry = catalogue.service(*_parts(service))
        best = next(_of_service(service, atoms, catalogue, profile), None)
        if best is None:
            continue
        key = (best.kind, best.title)
        before = merged.get(key, best)
        merged[key] = before._replace(
            replaces=(*before.replaces, str(entry.get("title", service))),
            effort=max(before.effort, best.effort, str(entry.get("effort") or ""), key=_effort),
        )
    return list(merged.values())


def _parts(service: str | None) -> tuple[str, str]:
    provider, _, name = (service or "").partition("/")
    return provider, name


def _of_service(
    service: str | None, atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile
) -> Iterator[Alternative]:
    """Options of all capabilities of a service, best first."""
    for key in catalogue.service(*_parts(service)).get("alternatives", ()):
        yield from _allowed(catalogue.alternatives(key), atoms, catalogue, profile)


def _effort(size: str) -> int:
    """Rank of an effort; -1 for what is not known."""
    return _EFFORTS.index(size) if size in _EFFORTS else -1


def _allowed(
    options: Sequence[Alternative], atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile
) -> list[Alternative]:
    area = profile.control_area
    current = min((_RANK[control_relation(catalogue, a.operator, area)] for a in atoms if a.operator), default=3)
    own = {atom.operator for atom in atoms}
    out = []
    for option in options:
        if option.kind == "managed":
            rank = _RANK[control_relation(catalogue, option.operator, area)]
            if rank > min(current, 1) or option.operator in own:
                continue
        out.append(option)
    # Two managed offers and one way of running it oneself say more than five offers of one kind.
    managed = [o for o in out if o.kind == "managed"]
    hosted = [o for o in out if o.kind == "self-hosted"]
    return [*managed[:3], *hosted[:2]]
