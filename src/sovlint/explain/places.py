"""Explains a place: country, zones, who runs it, what lies inside the zones instead."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.explain.operators import by_answer, country, operator_data, operator_rows
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.judge.profile import load_profile, zone_relation
from sovlint.model.fact import Place

_KINDS = {
    "region": "region",
    "multi": "multi-region: data may lie with any member",
    "global": "promises no place",
}
_TABLES = {"region": "regions", "multi": "multi", "global": "global"}
_IN_WORDS = {
    "inside": "inside",
    "outside": "outside",
    "straddles": "partly outside",
    "global": "no place that could be inside",
}


def zones_of(catalogue: Catalogue, countries: tuple[str, ...]) -> list[str]:
    """Zones that hold all of the countries; none without countries."""
    if not countries:
        return []
    return sorted(zone for zone, members in catalogue.zones.items() if all(c in members for c in countries))


def place_data(catalogue: Catalogue, place: Place) -> dict[str, Any]:
    """What is known of a place, for programs."""
    raw = raw_place(catalogue, place)
    profiles = {name: load_profile(catalogue, name) for name in sorted(catalogue.profiles)}
    return {
        "namespace": place.namespace,
        "region": place.name,
        "title": place.title,
        "kind": place.kind,
        "country": place.countries[0] if len(place.countries) == 1 else None,
        "countries": list(place.countries),
        "members": list(raw.get("members", ())),
        "aliases": list(raw.get("aliases", ())),
        "zones": zones_of(catalogue, place.countries),
        "verdict_by_profile": {name: zone_relation((place,), p.zone) for name, p in profiles.items()},
        "note": raw.get("note", ""),
        **origin(raw),
    }


def raw_place(catalogue: Catalogue, place: Place) -> dict[str, Any]:
    """The entry of a place as the catalogue holds it."""
    table = catalogue.shard(f"regions-{place.namespace}").get(_TABLES[place.kind]) or {}
    found: dict[str, Any] = table.get(place.name, {})
    return found


def place_entry(place: Place, catalogue: Catalogue, asked: str = "") -> Entry:
    """The explanation of a place.

    Args:
        place: the place.
        catalogue: the catalogue.
        asked: the name that was asked for, where it is a zone or an alias of the place.
    """
    data = place_data(catalogue, place)
    inside = data["zones"]
    outside = sorted(set(catalogue.zones) - set(inside))
    where = ", ".join(country(catalogue, code) for code in place.countries) or "none that is promised"
    rows = [Row("country" if len(place.countries) < 2 else "countries", where), Row("kind", _KINDS[place.kind])]
    if asked and asked != place.name:
        rows.insert(0, Row("asked for", f"{asked}, read as {place.name}"))
    if data["members"]:
        rows.append(Row("members", ", ".join(data["members"])))
    rows.append(Row("inside", _zone_titles(catalogue, inside)))
    rows.append(Row("not inside", _zone_titles(catalogue, outside)))
    answers = {
        name: (verdict, load_profile(catalogue, name).zone_title)
        for name, verdict in data["verdict_by_profile"].items()
    }
    for (verdict, title), names in by_answer(answers).items():
        kind = "good" if verdict == "inside" else "medium"
        rows.append(Row("verdict", f"{_IN_WORDS[verdict]} the {title} ({names})", kind=kind))
    if data["note"]:
        rows.append(Row("note", data["note"]))
    rows.append(provenance(raw_place(catalogue, place)))
    others = _instead(catalogue, place)
    data["operator"] = operator_data(catalogue, place.operator)
    data["instead"] = [other.name for other in others]
    sections = (
        Section("Where", tuple(rows)),
        Section("Who runs it", operator_rows(catalogue, place.operator)),
        Section(
            "The same operator, inside a profile's zone",
            tuple(Row(other.name, _titled(catalogue, other)) for other in others),
        ),
    )
    return Entry("place", f"{place.namespace}:{place.name}", place.title, sections, data)


def _titled(catalogue: Catalogue, place: Place) -> str:
    """`Frankfurt, Germany (DE)`."""
    where = country(catalogue, place.countries[0])
    return where if place.title in ("", catalogue.country_name(place.countries[0])) else f"{place.title}, {where}"


def _zone_titles(catalogue: Catalogue, zones: list[str]) -> str:
    return ", ".join(f"{catalogue.zone_title(zone)} ({zone})" for zone in zones) or "none of the zones"


def _instead(catalogue: Catalogue, place: Place) -> list[Place]:
    """Usual regions of the same operator inside some profile's zone, where the place itself is outside of one."""
    zones = [load_profile(catalogue, name).zone for name in catalogue.profiles]
    missing = [zone for zone in zones if zone_relation((place,), zone) != "inside"]
    found: list[Place] = []
    for name in catalogue.suggested_regions(place.namespace) if missing else ():
        other = catalogue.place(place.namespace, name)
        if other is None or other.operator != place.operator or not other.countries:
            continue
        if any(zone_relation((other,), zone) == "inside" for zone in missing):
            found.append(other)
    return found
