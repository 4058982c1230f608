"""Fills a rule's message with what a fact says. Placeholders are replaced as text, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable

from sovlint.catalogue import Catalogue
from sovlint.judge.images import listed
from sovlint.judge.profile import Profile
from sovlint.model.fact import Artefact, Binding, Fact, OperatorUse, Place, Placement, Reliance, ServiceUse
from sovlint.model.lazy import pattern

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_WORD = pattern(r"[\w .-]{1,60}")
_NAMED = 3
"""Operators that are named where a region name may be that of several."""


def message(template: str, fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """The message for a fact; placeholders that do not apply become empty."""
    parts = _TEMPLATES.get(template)
    if parts is None:
        # Text and names of placeholders by turns; names that mean nothing stay as they were written.
        split = _PLACEHOLDER.split(template)
        parts = _TEMPLATES[template] = tuple(
            (_FIELDS.get(part) or f"{{{part}}}") if at % 2 else part for at, part in enumerate(split)
        )
    return "".join([part if type(part) is str else part(fact, catalogue, profile) for part in parts])  # type: ignore[operator]  # not a str: a field


def place_text(place: Place, catalogue: Catalogue) -> str:
    """A place for a reader: the country, or the countries of a multi-region."""
    names = [catalogue.country_name(code) for code in place.countries]
    if not names:
        return place.title or place.name
    return names[0] if len(names) == 1 else ", ".join(names)


def _places(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    places = fact.places if isinstance(fact, Placement) else ()
    texts = dict.fromkeys(place_text(place, catalogue) for place in places)
    return " or ".join(texts)


def _the_places(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """The places in the middle of a sentence, where some countries want their article."""
    places = fact.places if isinstance(fact, Placement) else ()
    texts = dict.fromkeys(
        ", ".join(map(catalogue.country_in_sentence, place.countries)) or place.title or place.name for place in places
    )
    return " or ".join(texts)


def _outside_zone(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """`outside the EEA`, and whether the Commission decided that protection is adequate wherever it is outside."""
    places = fact.places if isinstance(fact, Placement) else ()
    out = {code for place in places for code in place.countries if code not in profile.zone}
    decided = bool(out) and out <= catalogue.zones["adequate"]
    return f"outside the {profile.zone_title}{' (adequacy decision)' if decided else ''}"


def taken_for(fact: Fact, catalogue: Catalogue) -> str:
    """Whose name a region was taken for, where several operators have one of that name; else empty."""
    if not isinstance(fact, Placement):
        return ""
    operators = dict.fromkeys(place.operator for place in fact.places)
    if len(operators) < 2:
        return ""
    known = [catalogue.operator(operator) for operator in operators]
    names = sorted((operator.name for operator in known if operator is not None), key=str.casefold)
    more = len(names) - _NAMED
    listed = ", ".join(names[:_NAMED]) + f" or {more} more" if more > 0 else " or ".join(names)
    return f" (taken for a region of {listed})"


def _outside(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    places = fact.places if isinstance(fact, Placement) else ()
    out = dict.fromkeys(
        catalogue.country_in_sentence(code) for place in places for code in place.countries if code not in profile.zone
    )
    return ", ".join(out)


def _value(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    if fact.cause.sensitive:
        return "a sensitive value"
    written = fact.cause.value or ""
    if isinstance(fact, Placement) and len(fact.places) == 1 and not _WORD.fullmatch(written):
        # An ARN or a path: its region says more.
        return fact.places[0].name
    return written


def _reason(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    if fact.cause.reason:
        return fact.cause.reason
    if isinstance(fact, Placement) and len(fact.places) > 1:
        return f"{fact.cause.value or 'the name'} may be {_the_places(fact, catalogue, profile)}"
    return "the value is not in these files"


def _operator(attribute: str) -> Callable[[Fact, Catalogue, Profile], str]:
    def field(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
        operator = catalogue.operator(getattr(fact, "operator", ""))
        if operator is None:
            return getattr(fact, "operator", "") or "an unknown operator"
        if attribute == "parent_country":
            return catalogue.country_name(operator.parent_country)
        text: str = getattr(operator, attribute)
        return text

    return field


def _tenant(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    tenant = catalogue.operator(fact.tenant) if isinstance(fact, OperatorUse) else None
    return tenant.name if tenant is not None else ""


def _nexus(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """The first reason outside the control area, as a clause."""
    operator = catalogue.operator(getattr(fact, "operator", ""))
    reasons = [reason for country, reason in operator.nexus if country not in profile.control_area] if operator else []
    return reasons[0].rstrip(".") if reasons else ""


def _subject(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """What an unknown operator runs: the provider by name, or the registry."""
    if isinstance(fact, Artefact):
        return f"the registry {fact.host}"
    name = fact.subject.provider or fact.cause.value or fact.subject.kind
    return f"the provider {name}" if catalogue.provider(name) is None else f"the host that the provider {name} is given"


def _what(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """What the subject relies on: a host, or the service it is."""
    if isinstance(fact, Reliance) and fact.host:
        return fact.host
    return _service("title")(fact, catalogue, profile)


def _registry(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    """The registry; where the reference names none, that this one applies."""
    if not isinstance(fact, Artefact):
        return ""
    written = (fact.cause.value or fact.host).lower()
    named = fact.kind != "image" or not fact.cause.known or fact.host in written or "docker.io" in written
    return fact.host if named else f"no registry is named, so {fact.host} applies: it"


def _image(name: str, attribute: str) -> Callable[[Fact, Catalogue, Profile], str]:
    def field(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
        row = listed(catalogue, name, fact) if isinstance(fact, Artefact) else None
        return str(row[attribute]) if row else ""

    return field


def _binding(attribute: str) -> Callable[[Fact, Catalogue, Profile], str]:
    def field(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
        rows = catalogue.shard("bindings").get("bindings", {}) if isinstance(fact, Binding) else {}
        return str(rows[fact.binding][attribute]) if isinstance(fact, Binding) and fact.binding in rows else ""

    return field


def _repository(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    return fact.reference.partition("@")[0].rpartition(":")[0] or fact.reference if isinstance(fact, Artefact) else ""


def _service(attribute: str) -> Callable[[Fact, Catalogue, Profile], str]:
    def field(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
        if not isinstance(fact, (ServiceUse, Reliance)) or not fact.service:
            return ""
        provider, _, service = fact.service.partition("/")
        text = str(catalogue.service(provider, service).get(attribute, service))
        # Reasons are sentences in the catalogue, and clauses here.
        return text.rstrip(".") if attribute == "reason" else text

    return field


def _classification(fact: Fact, catalogue: Catalogue, profile: Profile) -> str:
    return profile.classification


_TEMPLATES: dict[str, tuple[str | Callable[[Fact, Catalogue, Profile], str], ...]] = {}
"""Templates taken apart; there is one per rule."""

_FIELDS: dict[str, Callable[[Fact, Catalogue, Profile], str]] = {
    "places": _places,
    "the_places": _the_places,
    "outside_zone": _outside_zone,
    "outside": _outside,
    "value": _value,
    "reason": _reason,
    "zone": lambda fact, catalogue, profile: profile.zone_title,
    "control_area": lambda fact, catalogue, profile: profile.control_title,
    "operator": _operator("name"),
    "parent": _operator("parent"),
    "parent_country": _operator("parent_country"),
    "service": _service("title"),
    "lock_in_reason": _service("reason"),
    "lock_in": lambda fact, catalogue, profile: str(fact.lock_in) if isinstance(fact, ServiceUse) else "",
    "host": lambda fact, catalogue, profile: fact.host if isinstance(fact, (Artefact, Reliance)) else "",
    "registry": _registry,
    "classification": _classification,
    "what": _what,
    "tenant": _tenant,
    "nexus": _nexus,
    "unknown": _subject,
    "binding": _binding("title"),
    "portable": _binding("portable"),
    "repository": _repository,
    "withdrawn_reason": _image("withdrawn", "reason"),
    "instead": _image("withdrawn", "instead"),
    "component": _image("licences", "component"),
    "licence": _image("licences", "licence"),
    "fork": _image("licences", "fork"),
}
