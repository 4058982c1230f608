"""The whole catalogue as one document for programs, and as counts for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from sovlint.catalogue import Catalogue
from sovlint.explain.known import known_types, type_row
from sovlint.explain.page import Row, Section
from sovlint.explain.places import zones_of

SCHEMA: Final = "sovlint-catalogue/1"

Data = dict[str, Any]


def document(catalogue: Catalogue) -> Data:
    """Everything, with types and zones spelled out; sorted where the order says nothing."""
    core = catalogue.shard("core")
    hosts = catalogue.shard("hosts")
    services = {
        f"{provider}/{name}": entry
        for provider in core["services"]
        for name, entry in catalogue.shard(f"services-{provider}").items()
    }
    return {
        "schema": SCHEMA,
        "types": {kind: type_row(catalogue, kind, provider) for kind, provider in known_types(catalogue).items()},
        "regions": {name: _regions(catalogue, name) for name in sorted(core["namespaces"])},
        "operators": _sorted(core["operators"]),
        "hosts": _sorted(hosts.get("hosts", {})),
        "host_patterns": list(hosts.get("patterns", ())),
        "private_suffixes": list(hosts.get("private", ())),
        "alternatives": _sorted(catalogue.shard("alternatives")),
        "rules": {code: {**rule, **catalogue.rule_texts(code)} for code, rule in sorted(catalogue.rules.items())},
        "profiles": _sorted(catalogue.profiles),
        "frameworks": _sorted(catalogue.shard("frameworks")),
        "providers": _sorted(core["providers"]),
        "services": _sorted(services),
        "zones": _sorted(core["zones"]),
        "countries": _sorted(core["countries"]),
    }


def _sorted(table: Data) -> Data:
    return dict(sorted(table.items()))


def _regions(catalogue: Catalogue, namespace: str) -> Data:
    """Every place of a namespace. `country` is null where there is not exactly one."""
    shard = catalogue.shard(f"regions-{namespace}")
    out: Data = {}
    for table, kind in (("regions", "region"), ("multi", "multi"), ("global", "global")):
        for name, entry in (shard.get(table) or {}).items():
            countries = (entry["country"],) if "country" in entry else tuple(entry.get("countries", ()))
            out[name] = {
                "country": countries[0] if len(countries) == 1 else None,
                "countries": list(countries),
                "zones": zones_of(catalogue, countries),
                "kind": kind,
                "title": entry.get("title", ""),
                "operator": entry.get("operator", shard["operator"]),
                "source": entry.get("source", ""),
                "as_of": entry.get("as_of", ""),
                "assumed": entry.get("confidence") == "assumed",
            }
    return _sorted(out)


def overview(catalogue: Catalogue) -> tuple[Section, ...]:
    """Rules, profiles and counts, for people."""
    core = catalogue.shard("core")
    types = {kind: type_row(catalogue, kind, provider) for kind, provider in known_types(catalogue).items()}
    rules = tuple(
        Row(f"{code} {rule['severity']}", f"{rule['name']}: {rule['title']}")
        for code, rule in sorted(catalogue.rules.items())
    )
    profiles = tuple(
        Row(name, f"{entry['title']}: zone {catalogue.zone_title(entry['zone'])}, "
            f"control area {catalogue.zone_title(entry['control_area'])}")
        for name, entry in sorted(catalogue.profiles.items())
    )  # fmt: skip
    regions = tuple(Row(name, _places(catalogue, name)) for name in sorted(core["namespaces"]))
    hosts = catalogue.shard("hosts")
    counts = (
        Row("operators", str(len(core["operators"]))),
        Row("hosts", f"{len(hosts.get('hosts', {}))}, and {len(hosts.get('patterns', ()))} patterns of hosts"),
        Row("ways out", _ways_out(catalogue)),
        Row("frameworks", ", ".join(sorted(catalogue.framework_labels().values()))),
    )
    return (
        Section("Rules", rules),
        Section("Profiles", profiles),
        Section("Resource types by provider", tuple(_providers(types))),
        Section("Places", regions),
        Section("Besides", counts),
    )


def _places(catalogue: Catalogue, namespace: str) -> str:
    shard = catalogue.shard(f"regions-{namespace}")
    regions = shard.get("regions") or {}
    countries = len({entry["country"] for entry in regions.values()})
    text = f"{len(regions)} regions in {countries} {'country' if countries == 1 else 'countries'}"
    multi = len(shard.get("multi") or {})
    return f"{text}, {multi} multi-regions" if multi else text


def _ways_out(catalogue: Catalogue) -> str:
    table = catalogue.shard("alternatives")
    options = sum(len(entry["options"]) for entry in table.values())
    return f"{options} for {len(table)} capabilities"


def _providers(types: dict[str, Data]) -> Iterator[Row]:
    """Providers with the most types first; those whose services are not described share a row."""
    total = Counter(row["provider"] for row in types.values())
    described = Counter(row["provider"] for row in types.values() if row["classified"])
    for name, number in sorted(total.items(), key=lambda item: (-item[1], item[0])):
        if described[name]:
            primary = sum(row["provider"] == name and row["role"] == "primary" for row in types.values())
            named = number - described[name]
            text = f"{number} {'type' if number == 1 else 'types'}, {primary} hold or process something"
            yield Row(name, f"{text}, {named} known only by name" if named else text)
    rest = [name for name in sorted(total) if not described[name]]
    if rest:
        number = sum(total[name] for name in rest)
        yield Row("only by name", f"{number} types of {len(rest)} providers: {', '.join(rest)}")
