"""Alternatives for a finding: a region inside the zone, and services of equal or better exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

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


class Neighbours:
    """Which places the instances of a run have; looked up only for the few findings that ask.

    Args:
        facts: of the whole run.
    """

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        self._facts = list(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """More facts of the run: those of another environment."""
        self._facts.extend(facts)
        self.__dict__.pop("_places", None)

    @cached_property
    def _places(self) -> dict[Instance, set[tuple[str, str]]]:
        found: dict[Instance, set[tuple[str, str]]] = {}
        for fact in self._facts:
            if isinstance(fact, Placement):
                row = found.setdefault((fact.subject.unit, fact.subject.address), set())
                row.update((place.namespace, place.name) for place in fact.places)
        return found

    @cached_property
    def _copied(self) -> tuple[dict[Location, set[Instance]], dict[Instance, set[tuple[str, str]]]]:
        """Cause → instances that send a copy to the place it names; instance → where its copies are."""
        by_cause: dict[Location, set[Instance]] = {}
        copies: dict[Instance, set[tuple[str, str]]] = {}
        for fact in self._facts:
            if isinstance(fact, Placement) and fact.role == "copy":
                instance = (fact.subject.unit, fact.subject.address)
                by_cause.setdefault(fact.cause.location, set()).add(instance)
                copies.setdefault(instance, set()).update((place.namespace, place.name) for place in fact.places)
        return by_cause, copies

    def taken(self, atoms: Sequence[Atom]) -> set[tuple[str, str]]:
        """Namespace and name of every place where one of the affected instances is already."""
        return self._of({(atom.subject.unit, atom.subject.address) for atom in atoms})

    def counterparts(self, atoms: Sequence[Atom]) -> set[tuple[str, str]]:
        """Where the other copy is already: moving there would leave one place for both.

        That is the copies of the affected instances, and the places of the instances whose copies go where the same
        value says.
        """
        by_cause, copies = self._copied
        if not copies:
            return set()
        own = {(atom.subject.unit, atom.subject.address) for atom in atoms}
        sources = {one for atom in atoms for one in by_cause.get(atom.cause.location, ())}
        return self._of(sources) | {place for instance in own for place in copies.get(instance, ())}

    def _of(self, instances: set[Instance]) -> set[tuple[str, str]]:
        return {place for instance in instances for place in self._places.get(instance, ())}


class WaysOut:
    """What could be done instead of what findings say; never an offer of worse exposure than what it replaces.

    Args:
        catalogue: regions, services and their alternatives.
        profile: decides which exposure is worse.
        neighbours: which places are taken.
    """

    def __init__(self, catalogue: Catalogue, profile: Profile, neighbours: Neighbours) -> None:
        self._catalogue = catalogue
        self._profile = profile
        self._neighbours = neighbours
        # Most findings are about a few services of a few operators.
        self._allowed: dict[tuple[str, int, frozenset[str]], tuple[Alternative, ...]] = {}

    def of(self, rule: Rule, atoms: Sequence[Atom]) -> tuple[Alternative, ...]:
        """The ways out of one finding, best first."""
        out: list[Alternative] = []
        for wanted in rule.alternatives:
            if wanted == "region":
                out.extend(_region(atoms, self._catalogue, self._profile, self._neighbours.counterparts(atoms)))
            elif wanted == "other-region":
                out.extend(_region(atoms, self._catalogue, self._profile, self._neighbours.taken(atoms)))
            elif wanted == "service":
                out.extend(self._services(atoms))
            else:
                out.extend(self._options(wanted, *self._exposure(atoms)))
        unique: dict[tuple[str, str], Alternative] = {}
        for way in out:
            unique.setdefault((way.kind, way.title), way)
        return tuple(unique.values())[:MAX_ALTERNATIVES]

    def _services(self, atoms: Sequence[Atom]) -> list[Alternative]:
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
        exposure = self._exposure(atoms)
        if len(ranked) == 1:
            return list(self._of_service(ranked[0], exposure))
        merged: dict[tuple[str, str], Alternative] = {}
        for service in ranked:
            entry = self._catalogue.service(*_parts(service))
            best = next(self._of_service(service, exposure), None)
            if best is None:
                continue
            key = (best.kind, best.title)
            before = merged.get(key, best)
            merged[key] = before._replace(
                replaces=(*before.replaces, str(entry.get("title", service))),
                effort=max(before.effort, best.effort, str(entry.get("effort") or ""), key=_effort),
            )
        return list(merged.values())

    def _of_service(self, service: str | None, exposure: tuple[int, frozenset[str]]) -> Iterator[Alternative]:
        """Options of all capabilities of a service, best first."""
        for key in self._catalogue.service(*_parts(service)).get("alternatives", ()):
            yield from self._options(key, *exposure)

    def _exposure(self, atoms: Sequence[Atom]) -> tuple[int, frozenset[str]]:
        """How exposed the least exposed of the operators is that are named, and who they are."""
        own = frozenset(atom.operator for atom in atoms)
        return min((self._rank(operator) for operator in own if operator), default=3), own

    def _rank(self, operator: str) -> int:
        return _RANK[control_relation(self._catalogue, operator, self._profile.control_area)]

    def _options(self, key: str, current: int, own: frozenset[str]) -> tuple[Alternative, ...]:
        """What serves a capability, without what would be no better than the present operators."""
        found = self._allowed.get((key, current, own))
        if found is None:
            out = []
            for option in self._catalogue.alternatives(key):
                worse = option.kind == "managed" and self._rank(option.operator) > min(current, 1)
                if not worse and (option.kind != "managed" or option.operator not in own):
                    out.append(option)
            # Two managed offers and one way of running it oneself say more than five offers of one kind.
            managed = [o for o in out if o.kind == "managed"]
            hosted = [o for o in out if o.kind == "self-hosted"]
            found = self._allowed[key, current, own] = (*managed[:3], *hosted[:2])
        return found


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


def _parts(service: str | None) -> tuple[str, str]:
    provider, _, name = (service or "").partition("/")
    return provider, name


def _effort(size: str) -> int:
    """Rank of an effort; -1 for what is not known."""
    return _EFFORTS.index(size) if size in _EFFORTS else -1
