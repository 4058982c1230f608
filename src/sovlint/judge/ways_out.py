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
    """One placement of an instance: what keeps `WaysOut` from offering a place that is taken.

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


class WaysOut:
    """Ways out under one profile. What depends on a service and on who runs it alone is worked out once.

    Args:
        catalogue: services, alternatives, operators, regions.
        profile: the zone, and whose control is accepted.
    """

    def __init__(self, catalogue: Catalogue, profile: Profile) -> None:
        self._catalogue = catalogue
        self._profile = profile
        self._ranks: dict[str, int] = {}
        self._of_key: dict[tuple[str, int, frozenset[str]], list[Alternative]] = {}
        self._of_service: dict[tuple[str, int, frozenset[str]], list[Alternative]] = {}

    def of(self, rule: Rule, atoms: Sequence[Atom], neighbours: Neighbours) -> tuple[Alternative, ...]:
        """What could be done instead; never an offer of worse exposure than what it replaces under the profile."""
        out: list[Alternative] = []
        operators: tuple[int, frozenset[str]] | None = None
        for wanted in rule.alternatives:
            if wanted == "region":
                out.extend(self._region(atoms, neighbours.counterparts(atoms)))
                continue
            if wanted == "other-region":
                out.extend(self._region(atoms, neighbours.taken(atoms)))
                continue
            if operators is None:
                own = frozenset({atom.operator for atom in atoms})
                operators = min((self._rank(operator) for operator in own if operator), default=3), own
            if wanted == "service":
                out.extend(self._services(atoms, *operators))
            else:
                out.extend(self._allowed(wanted, *operators))
        unique: dict[tuple[str, str], Alternative] = {}
        for way in out:
            unique.setdefault((way.kind, way.title), way)
        return tuple(unique.values())[:MAX_ALTERNATIVES]

    def _rank(self, operator: str) -> int:
        """How exposed what an operator runs is."""
        rank = self._ranks.get(operator)
        if rank is None:
            rank = _RANK[control_relation(self._catalogue, operator, self._profile.control_area)]
            self._ranks[operator] = rank
        return rank

    def _region(self, atoms: Sequence[Atom], taken: set[tuple[str, str]]) -> list[Alternative]:
        """The most usual region of the same operator inside the zone, apart from those that are taken."""
        catalogue, profile = self._catalogue, self._profile
        operators = {place.operator for atom in atoms for place in atom.places}
        if len(operators) > 1:
            # Nobody knows whose region this is: to name one operator's would be a guess, and may be a move to another.
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

    def _services(self, atoms: Sequence[Atom], current: int, own: frozenset[str]) -> list[Alternative]:
        """Ways out of the affected services: all options where there is one, else the best of each, most used first.

        Networks and attachments are not counted among several: they move with what they connect.
        """
        counted = Counter([atom.service for atom in atoms if atom.service])
        if len(counted) > 1:
            counted = Counter(
                atom.service
                for atom in atoms
                if atom.service and atom.subject.primary and set(atom.subject.holds) - {"network"}
            )
        ranked = sorted(counted, key=lambda service: (-counted[service], service or ""))
        if len(ranked) == 1:
            return self._of(ranked[0], current, own)
        merged: dict[tuple[str, str], Alternative] = {}
        for service in ranked:
            entry = self._catalogue.service(*_parts(service))
            best = next(iter(self._of(service, current, own)), None)
            if best is None:
                continue
            key = (best.kind, best.title)
            before = merged.get(key, best)
            merged[key] = before._replace(
                replaces=(*before.replaces, str(entry.get("title", service))),
                effort=max(before.effort, best.effort, str(entry.get("effort") or ""), key=_effort),
            )
        return list(merged.values())

    def _of(self, service: str, current: int, own: frozenset[str]) -> list[Alternative]:
        """Options of all capabilities of a service, best first."""
        found = self._of_service.get((service, current, own))
        if found is None:
            keys = self._catalogue.service(*_parts(service)).get("alternatives", ())
            found = [option for key in keys for option in self._allowed(key, current, own)]
            self._of_service[service, current, own] = found
        return found

    def _allowed(self, key: str, current: int, own: frozenset[str]) -> list[Alternative]:
        """Options of a capability that are no worse than what is there, and run by somebody else."""
        found = self._of_key.get((key, current, own))
        if found is None:
            out = []
            for option in self._catalogue.alternatives(key):
                exposed = option.operator in own or self._rank(option.operator) > min(current, 1)
                if option.kind != "managed" or not exposed:
                    out.append(option)
            # Two managed offers and one way of running it oneself say more than five offers of one kind.
            managed = [o for o in out if o.kind == "managed"]
            hosted = [o for o in out if o.kind == "self-hosted"]
            found = self._of_key[key, current, own] = [*managed[:3], *hosted[:2]]
        return found


def _inside(place: Place, profile: Profile) -> bool:
    return bool(place.countries) and all(country in profile.zone for country in place.countries)


def _parts(service: str) -> tuple[str, str]:
    provider, _, name = service.partition("/")
    return provider, name


def _effort(size: str) -> int:
    """Rank of an effort; -1 for what is not known."""
    return _EFFORTS.index(size) if size in _EFFORTS else -1
