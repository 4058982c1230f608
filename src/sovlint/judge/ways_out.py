"""Alternatives for a finding: a region inside the zone, and services of equal or better exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sovlint.catalogue import Catalogue
from sovlint.judge.profile import Profile, control_relation
from sovlint.judge.rules import Rule
from sovlint.model.finding import Alternative, Atom

MAX_ALTERNATIVES = 5
"""Shown per finding; `explain` lists all."""

_RANK = {"private": 0, "inside": 0, "nexus": 1, "attested": 2, "outside": 3, "unknown": 3}


def ways_out(rule: Rule, atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile) -> tuple[Alternative, ...]:
    """What could be done instead; never an offer of worse exposure than what it replaces under the profile."""
    out: list[Alternative] = []
    for wanted in rule.alternatives:
        if wanted == "region":
            out.extend(_region(atoms, catalogue, profile))
        elif wanted == "service":
            out.extend(_services(atoms, catalogue, profile))
        else:
            out.extend(_allowed(catalogue.alternatives(wanted), atoms, catalogue, profile))
    unique = {(a.kind, a.title): a for a in out}
    return tuple(unique.values())[:MAX_ALTERNATIVES]


def _region(atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile) -> list[Alternative]:
    """The most usual region of the same operator inside the zone."""
    for atom in atoms:
        for place in atom.places[:1]:
            for name in catalogue.suggested_regions(place.namespace):
                other = catalogue.place(place.namespace, name)
                if other is None or other.operator != place.operator or not other.countries:
                    continue
                if all(country in profile.zone for country in other.countries):
                    title = f"{other.name} ({other.title})" if other.title else other.name
                    return [Alternative(title, "region", other.operator, other.countries[0])]
    return []


def _services(atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile) -> list[Alternative]:
    """Ways out of the most frequent of the affected services; of equally frequent ones, the easiest to leave."""
    counted = Counter(atom.service for atom in atoms if atom.service)
    ranked = []
    for service, count in counted.items():
        provider, _, name = service.partition("/")
        entry = catalogue.service(provider, name)
        ranked.append((-count, "SMLX".find(entry.get("effort", "X")[:1]), service, entry.get("alternatives", ())))
    for _, _, _, keys in sorted(ranked):
        found = [a for key in keys for a in _allowed(catalogue.alternatives(key), atoms, catalogue, profile)]
        if found:
            return found
    return []


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
