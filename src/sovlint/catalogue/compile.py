"""Compiles `policies/` into JSON shards: what every run needs, one part per provider, descriptions apart.

Shards: `core` (zones, operators, providers, rules, profiles), `hosts`, `kubernetes`, `regions-<namespace>`,
`types-<provider>` (matching), `services-<provider>` (descriptions), `dependencies` (what types rely on), `images`,
`cloud` (which API groups of Kubernetes are clouds' resources), `cloud-<family>` (their kinds),
`gitops`, `pipelines`, `alternatives`, `frameworks`, `texts` (prose), `pairs` (regions that copy to one another),
`not-places` (false friends, for curators),
`known-types` (names by provider, for `explain` and `catalogue`; an ordinary run never reads it).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sovlint.catalogue.read import read_all
from sovlint.model.errors import PolicyError

Data = dict[str, Any]

COMPILER = 5
"""Raised when the shape of the shards changes, so that caches of older versions are not read."""

_TEXT_KEYS = ("why", "what_to_do", "fine_when")


def compile_policies(root: Path, *, validate: bool = True) -> dict[str, Data]:
    """All shards by name, from the folder `policies/`.

    Raises:
        PolicyError: a file does not fit its schema, or files contradict each other.
    """
    core: Data = {
        "zones": {},
        "countries": {},
        "country_phrases": {},
        "operators": {},
        "providers": {},
        "sources": {},
        "rules": {},
        "profiles": {},
        "namespaces": [],
        "services": [],
    }
    shards: dict[str, Data] = {
        "core": core,
        "hosts": {"hosts": {}, "patterns": [], "private": []},
        "bindings": {"bindings": {}, "places": {}},
        "egress": {},
        "alternatives": {},
        "dependencies": {},
        "images": {},
        "gitops": {},
        "pipelines": {},
        "cloud": {"families": []},
        "frameworks": {},
        "texts": {},
        "kubernetes": {
            "workloads": [],
            "pod_spec": {},
            "region_labels": {},
            "drivers": {},
            "key_prefixes": {},
            "place_attributes": [],
            "endpoint_attributes": [],
            "not_workloads": {},
        },
    }
    for kind, path, data in read_all(root, validate=validate):
        if kind == "rule" and not (data["code"].startswith("SOV") and data["informs"]):
            raise PolicyError(f"{path}: a rule of sovlint's own is called SOV… and informs some criterion")
        adder = ADDERS[kind]
        try:
            adder(shards, data)
        except (KeyError, PolicyError) as error:
            raise PolicyError(f"{path}: {error}") from error
    shards["known-types"] = _known_types(root)
    _flatten_zones(core["zones"])
    for shard in [s for name, s in shards.items() if name.startswith("regions-")]:
        _resolve_members(shard)
    core["shards"] = sorted(shards)
    return shards


def _known_types(root: Path) -> Data:
    """The list of known resource types with source and date; empty where the folder holds none.

    Twenty thousand names take longer to validate than all the rest: its schema is checked by the tests alone.
    """
    path = root / "catalogue" / "known-types.json"
    if not path.exists():
        return {}
    try:
        data: Data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyError(f"{path}: {error}") from error
    return data


def _add_countries(shards: dict[str, Data], data: Data) -> None:
    core = shards["core"]
    countries = data.get("countries", {})
    core["countries"].update({code: entry["name"] for code, entry in countries.items()})
    core["country_phrases"].update({c: e["in_sentence"] for c, e in countries.items() if "in_sentence" in e})
    core["zones"].update(data.get("zones", {}))


def _add_regions(shards: dict[str, Data], data: Data) -> None:
    namespace = data["namespace"]
    shards["core"]["namespaces"].append(namespace)
    shards[f"regions-{namespace}"] = {key: value for key, value in data.items() if key != "defaults"}


def _add_operators(shards: dict[str, Data], data: Data) -> None:
    shards["core"]["operators"].update(data["operators"])


def _add_hosts(shards: dict[str, Data], data: Data) -> None:
    hosts = shards["hosts"]
    hosts["hosts"].update(data.get("hosts", {}))
    hosts["patterns"].extend(data.get("patterns", ()))
    hosts["private"].extend(data.get("private_suffixes", ()))


def _add_services(shards: dict[str, Data], data: Data) -> None:
    provider = data["provider"]
    name = provider["name"]
    core = shards["core"]
    core["providers"][name] = provider
    for source in provider["sources"]:
        core["sources"][source] = name
    exact: dict[str, list[Any]] = {}
    patterns: list[list[Any]] = []
    for service_id, service in data.get("services", {}).items():
        for role in ("primary", "auxiliary"):
            for type_name in service.get(role, ()):
                row = [service_id, role == "primary"]
                if type_name.endswith("*"):
                    patterns.append([type_name[:-1], *row])
                elif type_name in exact:
                    raise PolicyError(f"type {type_name} stands in {exact[type_name][0]} and {service_id}")
                else:
                    exact[type_name] = row
    # Longer patterns win; ties cannot match the same type twice with different answers in a sorted list.
    patterns.sort(key=lambda row: (-len(row[0]), row[0]))
    services = data.get("services", {})
    core["services"].append(name)
    shards[f"types-{name}"] = {
        "exact": exact,
        "patterns": patterns,
        "types": data.get("types", {}),
        "lock_in": {
            sid: [s["lock_in"], s.get("operator", ""), s.get("confidence") == "assumed", s.get("holds", [])]
            for sid, s in services.items()
        },
    }
    shards[f"services-{name}"] = {
        sid: {k: v for k, v in s.items() if k not in ("primary", "auxiliary")} for sid, s in services.items()
    }


def _add_alternatives(shards: dict[str, Data], data: Data) -> None:
    shards["alternatives"].update(data["alternatives"])


def _add_bindings(shards: dict[str, Data], data: Data) -> None:
    """Rows by id, and the places in objects where their values stand."""
    shard = shards["bindings"]
    for name, row in data.get("bindings", {}).items():
        if name in shard["bindings"]:
            raise PolicyError(f"binding {name} is defined twice")
        shard["bindings"][name] = row
    shard["places"].update(data.get("places", {}))


def _add_egress(shards: dict[str, Data], data: Data) -> None:
    shards["egress"].update({key: value for key, value in data.items() if key != "defaults"})


def _add_framework(shards: dict[str, Data], data: Data) -> None:
    shards["frameworks"][data["id"]] = {key: value for key, value in data.items() if key != "defaults"}


def _add_rule(shards: dict[str, Data], data: Data) -> None:
    code = data["code"]
    if code in shards["core"]["rules"]:
        raise PolicyError(f"rule {code} is defined twice")
    shards["core"]["rules"][code] = {key: value for key, value in data.items() if key not in _TEXT_KEYS}
    shards["texts"][code] = {key: data[key] for key in _TEXT_KEYS}


def _add_profile(shards: dict[str, Data], data: Data) -> None:
    shards["core"]["profiles"][data["name"]] = data


def _add_kubernetes(shards: dict[str, Data], data: Data) -> None:
    shard = shards["kubernetes"]
    for table in ("workloads", "place_attributes", "endpoint_attributes"):
        shard[table].extend(data.get(table, ()))
    for table in ("pod_spec", "region_labels", "drivers", "key_prefixes", "not_workloads"):
        shard[table].update(data.get(table, {}))


def _add_resources(shards: dict[str, Data], data: Data) -> None:
    """Families of cloud resources in the cluster; the kinds of each apart, read when one of them is met."""
    family = data["family"]
    shards["cloud"]["families"].append({**family, "attributes": data.get("attributes", [])})
    shards[f"cloud-{family['id']}"] = {"kinds": data.get("kinds", {})}


def _add_patterns(shards: dict[str, Data], data: Data) -> None:
    shards["core"]["auxiliary_suffixes"] = data["auxiliary_suffixes"]


def _add_backends(shards: dict[str, Data], data: Data) -> None:
    shards["core"]["backends"] = data["backends"]


def _add_pairs(shards: dict[str, Data], data: Data) -> None:
    shards["pairs"] = {namespace: entry["regions"] for namespace, entry in data["pairs"].items()}


def _add_not_places(shards: dict[str, Data], data: Data) -> None:
    shards["not-places"] = {"rows": data["not_places"]}


def _add_images(shards: dict[str, Data], data: Data) -> None:
    images = shards["images"]
    for name in ("withdrawn", "licences"):
        for row in data.get(name, ()):
            for host in row.get("hosts", [row.get("host")]):
                images.setdefault(name, {}).setdefault(host, []).append(row)


def _add_gitops(shards: dict[str, Data], data: Data) -> None:
    """Rows by `group/Kind`; resolvers by group."""
    out = shards["gitops"]
    for table in ("sources", "images"):
        rows = out.setdefault(table, {})
        for row in data.get(table, ()):
            for kind in row["kinds"]:
                rows.setdefault(f"{row['group']}/{kind}", []).append(row)
    for row in data.get("resolvers", ()):
        for group in row["groups"]:
            out.setdefault("resolvers", {}).setdefault(group, {})[row["resolver"]] = row
    out["values"] = {key: row for row in data.get("values", ()) for key in row["keys"]}


def _add_pipelines(shards: dict[str, Data], data: Data) -> None:
    shards["pipelines"].update({key: value for key, value in data.items() if key != "defaults"})


def _add_dependencies(shards: dict[str, Data], data: Data) -> None:
    """Tables of rows by the provider whose types they are about; accounts by number."""
    out = shards["dependencies"]
    for table in ("services", "attributes", "keys"):
        for row in data.get(table, ()):
            out.setdefault(table, {}).setdefault(row["provider"], []).append(row)
    out["accounts"] = {number: row for row in data.get("accounts", ()) for number in row["numbers"]}


ADDERS = {
    "backends": _add_backends,
    "dependencies": _add_dependencies,
    "images": _add_images,
    "not-places": _add_not_places,
    "pairs": _add_pairs,
    "gitops": _add_gitops,
    "pipelines": _add_pipelines,
    "patterns": _add_patterns,
    "countries": _add_countries,
    "regions": _add_regions,
    "bindings": _add_bindings,
    "egress": _add_egress,
    "operators": _add_operators,
    "hosts": _add_hosts,
    "services": _add_services,
    "alternatives": _add_alternatives,
    "framework": _add_framework,
    "rule": _add_rule,
    "profile": _add_profile,
    "kubernetes": _add_kubernetes,
    "resources": _add_resources,
}


def _flatten_zones(zones: dict[str, Data]) -> None:
    """Replaces `includes` by the countries themselves."""

    def countries(name: str, seen: tuple[str, ...]) -> set[str]:
        if name in seen or name not in zones:
            raise PolicyError(f"countries.yaml: zone {name} is unknown or includes itself")
        zone = zones[name]
        out = set(zone["countries"])
        for other in zone.get("includes", ()):
            out |= countries(other, (*seen, name))
        return out

    flat = {name: sorted(countries(name, ())) for name in zones}
    for name, members in flat.items():
        zones[name]["countries"] = members
        zones[name].pop("includes", None)


def _resolve_members(shard: Data) -> None:
    """Gives every multi-region the countries of its members."""
    for name, multi in (shard.get("multi") or {}).items():
        found = set(multi.get("countries", ()))
        for member in multi.get("members", ()):
            region = shard["regions"].get(member)
            if region is None:
                raise PolicyError(f"regions {shard['namespace']}: member {member} of {name} is not a region")
            found.add(region["country"])
        multi["countries"] = sorted(found)
