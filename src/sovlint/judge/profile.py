"""A profile: the zone, whose control is accepted, which rules apply and how severe they are."""

from typing import Any, Literal, NamedTuple, TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.model.errors import UsageError
from sovlint.model.fact import Place
from sovlint.model.finding import SEVERITIES, Severity

ZoneRelation: TypeAlias = Literal["inside", "outside", "straddles", "global", "undetermined"]
ControlRelation: TypeAlias = Literal["inside", "outside", "attested", "nexus", "unknown", "private"]


class Profile(NamedTuple):
    """A profile ready for judging.

    Attributes:
        zone: countries data may be in; `zone_title` is what to call them.
        control_area: countries whose operators are accepted.
        cite: ids of the frameworks whose criteria are shown.
        classification: what the configuration calls the data of the scope; empty for nothing.
    """

    name: str
    zone: frozenset[str]
    zone_title: str
    control_area: frozenset[str]
    control_title: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    severities: dict[str, Severity]
    severity_shift: dict[str, int]
    cite: tuple[str, ...]
    classification: str = ""

    def applies(self, code: str) -> bool:
        """Whether a rule is part of the profile; the longest matching prefix decides."""
        return _selected(code, self.select, self.ignore)

    def severity(self, code: str, default: Severity) -> Severity:
        """The severity of a rule: set by the profile, else the default shifted (negative is more severe)."""
        if code in self.severities:
            return self.severities[code]
        rank = SEVERITIES.index(default) + self.severity_shift.get(code, 0)
        return SEVERITIES[max(0, min(rank, len(SEVERITIES) - 1))]


def load_profile(catalogue: Catalogue, name: str) -> Profile:
    """A profile by name.

    Raises:
        UsageError: there is no such profile; the message lists those there are.
    """
    data: dict[str, Any] | None = catalogue.profiles.get(name)
    if data is None:
        raise UsageError(f"no profile {name!r}; there are: {', '.join(sorted(catalogue.profiles))}")
    zones = catalogue.zones
    return Profile(
        name=name,
        zone=zones[data["zone"]],
        zone_title=catalogue.zone_title(data["zone"]),
        control_area=zones[data["control_area"]],
        control_title=catalogue.zone_title(data["control_area"]),
        select=tuple(data.get("select", ("SOV",))),
        ignore=tuple(data.get("ignore", ())),
        severities=data.get("severities", {}),
        severity_shift=data.get("severity_shift", {}),
        cite=tuple(data["cite"]),
    )


def _selected(code: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    yes = max((len(p) for p in select if code.startswith(p)), default=-1)
    no = max((len(p) for p in ignore if code.startswith(p)), default=-1)
    return yes > no


def selected(code: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Whether codes and prefixes select a rule; nothing selected means everything."""
    return _selected(code, select or ("",), ignore)


def zone_relation(places: tuple[Place, ...], zone: frozenset[str]) -> ZoneRelation:
    """How candidate places lie to a zone: several candidates must agree, else it is undetermined."""
    if not places:
        return "undetermined"
    if len(places) == 1:
        return _one_zone(places[0], zone)
    relations = {_one_zone(place, zone) for place in places}
    return relations.pop() if len(relations) == 1 else "undetermined"


def _one_zone(place: Place, zone: frozenset[str]) -> ZoneRelation:
    if place.kind == "none":
        return "inside"  # What may not exist leaves no zone.
    if not place.countries:
        return "global"
    if zone.issuperset(place.countries):
        return "inside"
    return "outside" if zone.isdisjoint(place.countries) else "straddles"


def control_relation(catalogue: Catalogue, operator_id: str, area: frozenset[str]) -> ControlRelation:
    """How an operator lies to a control area, by the country of its ultimate parent."""
    if operator_id == "private":
        return "private"
    operator = catalogue.operator(operator_id) if operator_id else None
    if operator is None:
        return "unknown"
    if operator.parent_country in area:
        return "nexus" if any(country not in area for country, _ in operator.nexus) else "inside"
    return "attested" if operator.sovereign_offer else "outside"
