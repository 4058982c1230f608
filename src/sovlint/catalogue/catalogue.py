"""Lookups in the compiled catalogue. Shards are read when first needed; every answer is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from sovlint.catalogue.entries import Host, Operator, PlaceSpec, Provider, TypeEntry
from sovlint.model.fact import Place
from sovlint.model.finding import Alternative, Evidence

Data = dict[str, Any]

Made = TypeVar("Made")

PRIVATE = "private"

LONGEST_HOST = 253
"""Characters of a host name (RFC 1035, section 3.1); expressions see no longer ones, so that none runs for long."""


class Catalogue:
    """The knowledge of `policies/`, compiled.

    Args:
        read: returns a shard by name, an empty mapping if there is none.
        custom: stands for the policies of the user's own in it, as they were before they were read.
    """

    def __init__(self, read: Callable[[str], Data], custom: str = "") -> None:
        self._read = read
        self.custom = custom
        self._shards: dict[str, Data] = {}
        self._places: dict[tuple[str, str], Place | None] = {}
        self._types: dict[tuple[str, str], TypeEntry] = {}
        self._providers: dict[str, Provider | None] = {}
        self._operators: dict[str, Operator | None] = {}
        self._hosts: dict[str, Host] = {}
        self._own_hosts: dict[str, Host] = {}
        self._tables: dict[str, dict[str, tuple[str, Data]]] = {}
        self._zone_patterns: dict[str, re.Pattern[str] | None] = {}
        self._alternatives: dict[str, tuple[Alternative, ...]] = {}
        self._made: dict[tuple[Callable[..., Any], tuple[str, ...]], Any] = {}

    def shard(self, name: str) -> Data:
        """A compiled part as it is stored; empty if there is none of that name."""
        found = self._shards.get(name)
        if found is None:
            found = self._shards[name] = self._read(name)
        return found

    def once(self, make: Callable[..., Made], *texts: str) -> Made:
        """What a function makes of this catalogue and some texts: tables that nobody changes, made once."""
        key = (make, texts)
        if key not in self._made:
            self._made[key] = make(self, *texts)
        found: Made = self._made[key]
        return found

    # --- countries and zones

    @cached_property
    def zones(self) -> dict[str, frozenset[str]]:
        """Zone id → ISO countries."""
        return {name: frozenset(zone["countries"]) for name, zone in self.shard("core")["zones"].items()}

    def zone_title(self, zone: str) -> str:
        """What to call a zone in a sentence ("EEA")."""
        title: str = self.shard("core")["zones"][zone]["title"]
        return title

    def country_name(self, code: str) -> str:
        """English name of a country; the code itself if unknown."""
        name: str = self.shard("core")["countries"].get(code, code)
        return name

    def country_in_sentence(self, code: str) -> str:
        """A country as the middle of a sentence wants it: `the Netherlands`, `France`."""
        name: str = self.shard("core")["country_phrases"].get(code) or self.country_name(code)
        return name

    # --- places

    def place(self, namespace: str, text: str) -> Place | None:
        """The place a region, zone, multi-region or logical name of one provider means; None if it is not known."""
        key = (namespace, text)
        if key not in self._places:
            self._places[key] = self._find_place(namespace, text)
        return self._places[key]

    def pair(self, namespace: str, name: str) -> Place | None:
        """The region to which an operator copies what lies in a region, where told to; None if it has no pair."""
        paired = self.shard("pairs").get(namespace, {}).get(name)
        return self.place(namespace, paired) if paired else None

    def places_named(self, text: str) -> tuple[Place, ...]:
        """Every provider's place of that name, for names whose provider is not known."""
        return tuple(p for ns in self.shard("core")["namespaces"] if (p := self.place(ns, text)) is not None)

    def suggested_regions(self, namespace: str) -> list[str]:
        """Region names of a namespace, the most usual first."""
        suggested: list[str] = self.shard(f"regions-{namespace}").get("suggest", [])
        return suggested

    def _region_table(self, namespace: str) -> dict[str, tuple[str, Data]]:
        table = self._tables.get(namespace)
        if table is None:
            shard = self.shard(f"regions-{namespace}")
            style = shard.get("normalise", "exact")
            table = {}
            for kind in ("regions", "multi", "global"):
                for name, entry in (shard.get(kind) or {}).items():
                    row = (kind, {**entry, "name": name})
                    for alias in (name, *entry.get("aliases", ())):
                        table.setdefault(_normalise(alias, style), row)
            self._tables[namespace] = table
            pattern = shard.get("zone_pattern")
            self._zone_patterns[namespace] = re.compile(pattern) if pattern else None
        return table

    def _find_place(self, namespace: str, text: str) -> Place | None:
        table = self._region_table(namespace)
        if not table or not text or len(text) > 100:
            return None
        shard = self.shard(f"regions-{namespace}")
        name = _normalise(text, shard["normalise"])
        row = table.get(name)
        pattern = self._zone_patterns[namespace]
        if row is None and pattern is not None and (match := pattern.fullmatch(name)):
            row = table.get(match.group("region"))
        if row is None:
            return None
        kind, entry = row
        countries = (entry["country"],) if kind == "regions" else tuple(entry.get("countries", ()))
        return Place(
            namespace=namespace,
            name=entry["name"],
            operator=str(entry.get("operator", shard["operator"])),
            countries=countries,
            kind="region" if kind == "regions" else "multi" if kind == "multi" else "global",
            title=entry.get("title", ""),
            source=entry.get("source", ""),
            as_of=entry.get("as_of", ""),
            assumed=entry.get("confidence") == "assumed",
        )

    # --- operators and hosts

    def operator(self, operator_id: str) -> Operator | None:
        """An operator by id."""
        if operator_id not in self._operators:
            entry = self.shard("core")["operators"].get(operator_id)
            self._operators[operator_id] = (
                None
                if entry is None
                else Operator(
                    id=operator_id,
                    name=entry["name"],
                    seat=entry["seat"],
                    parent=entry["parent"],
                    parent_country=entry["parent_country"],
                    sovereign_offer=entry.get("sovereign_offer", False),
                    nexus=tuple((n["country"], n["reason"]) for n in entry.get("nexus", ())),
                    assumed=entry.get("confidence") == "assumed",
                    source=entry.get("source", ""),
                    as_of=entry.get("as_of", ""),
                )
            )
        return self._operators[operator_id]

    def host(self, name: str) -> Host:
        """What is known of a host name (lower case, no port). Never fails: unknown public hosts have no operator."""
        found = self._hosts.get(name)
        if found is None:
            found = self._hosts[name] = self._find_host(name)
        return found

    def own_hosts(self, hosts: Mapping[str, Host]) -> None:
        """Makes the user's own hosts known, and every host below them; they go before those of the catalogue."""
        self._own_hosts = dict(hosts)
        self._hosts.clear()

    def _find_host(self, name: str) -> Host:
        table = self.shard("hosts")
        if self._own_hosts:
            labels = name.split(".")
            for start in range(len(labels)):
                own = self._own_hosts.get(".".join(labels[start:]))
                if own is not None:
                    return own
        if _is_private(name, table.get("private", ())):
            return Host(PRIVATE, "private")
        for row in self._host_patterns if len(name) <= LONGEST_HOST else ():
            match = row[0].fullmatch(name)
            if match:
                entry = row[1]
                region = match.groupdict().get("region") or ""
                return Host(
                    entry["operator"],
                    entry["purpose"],
                    region,
                    entry.get("regions", ""),
                    assumed=entry.get("confidence") == "assumed",
                )
        labels = name.split(".")
        for start in range(len(labels)):
            entry = table.get("hosts", {}).get(".".join(labels[start:]))
            if entry is not None and (start == 0 or not entry.get("exact")):
                return Host(
                    entry["operator"],
                    entry["purpose"],
                    community=entry.get("community", False),
                    assumed=entry.get("confidence") == "assumed",
                )
        return Host("", "")

    @cached_property
    def _host_patterns(self) -> list[tuple[re.Pattern[str], Data]]:
        return [(re.compile(row["pattern"]), row) for row in self.shard("hosts").get("patterns", ())]

    # --- providers, types, services

    def provider_named(self, source: str, local_name: str) -> str:
        """Catalogue name of a Terraform provider from its registry source, else from its local name."""
        core = self.shard("core")
        source = source.removeprefix("registry.terraform.io/").removeprefix("registry.opentofu.org/")
        # Without a source Terraform takes `hashicorp/<local name>`.
        name: str = core["sources"].get(source.lower() or f"hashicorp/{local_name}", local_name)
        return name

    def provider_of_type(self, kind: str) -> str:
        """Local provider name that Terraform implies from a resource type."""
        return kind.split("_", 1)[0]

    def provider(self, name: str) -> Provider | None:
        """A provider by its catalogue name."""
        if name not in self._providers:
            entry = self.shard("core")["providers"].get(name)
            self._providers[name] = (
                None
                if entry is None
                else Provider(
                    name=name,
                    operator=entry.get("operator", ""),
                    namespace=entry.get("regions", ""),
                    configuration=_place_specs(entry.get("configuration", ()), entry.get("regions", "")),
                    places=_place_specs(entry.get("places", ()), entry.get("regions", "")),
                    parents=tuple(entry.get("parents", ())),
                    part_of=frozenset((*entry.get("parents", ()), *entry.get("part_of", ()))),
                    kind=entry["kind"],
                    default_place=entry.get("default_place", ""),
                    operators=tuple(
                        (tuple(row["route"].split(".")), row["equals"].lower(), row["operator"])
                        for row in entry.get("operators", ())
                    ),
                    assumed=entry.get("confidence") == "assumed",
                )
            )
        return self._providers[name]

    def type_entry(self, provider: str, kind: str) -> TypeEntry:
        """What is known of a resource type; also for types and providers that the catalogue does not know."""
        key = (provider, kind)
        found = self._types.get(key)
        if found is None:
            found = self._types[key] = self._find_type(provider, kind)
        return found

    def _find_type(self, provider: str, kind: str) -> TypeEntry:
        shard = self.shard(f"types-{provider}")
        owner = self.provider(provider)
        row = (shard.get("exact") or {}).get(kind)
        if row is None:
            row = next((r[1:] for r in shard.get("patterns", ()) if kind.startswith(r[0])), None)
        deviation = (shard.get("types") or {}).get(kind, {})
        namespace = owner.namespace if owner else ""
        own = _place_specs(deviation.get("places", ()), namespace)
        written = {spec.route for spec in own}
        generic = tuple(spec for spec in (owner.places if owner else ()) if spec.route not in written)
        classified = row is not None
        service = row[0] if row is not None else None
        lock_in, operator, assumed, holds = (shard.get("lock_in") or {}).get(service, (None, "", False, ()))
        if row is not None:
            primary = bool(row[1])
        else:
            primary = owner is not None and owner.kind != "utility" and not self._looks_auxiliary(kind)
        return TypeEntry(
            kind=kind,
            provider=provider,
            service=service,
            primary=primary,
            classified=classified,
            # A zone inside the region answers after whatever names the region itself.
            places=tuple(
                sorted((s for s in (*own, *generic) if s.carries != "none"), key=lambda s: s.within_configuration)
            ),
            place_mode=deviation.get("place", "own"),
            lock_in=lock_in,
            operator=operator or (owner.operator if owner else ""),
            assumed=assumed or bool(owner and owner.assumed),
            holds=tuple(holds),
            omitted=tuple((tuple(row["route"].split(".")), row["reason"]) for row in deviation.get("omitted", ())),
        )

    def _looks_auxiliary(self, kind: str) -> bool:
        suffixes = self.shard("core").get("auxiliary_suffixes", ())
        return any(kind.endswith(suffix) for suffix in suffixes)

    def service(self, provider: str, service: str) -> Data:
        """Title, reason, alternatives of a service; empty if unknown."""
        entry: Data = self.shard(f"services-{provider}").get(service, {})
        return entry

    def alternatives(self, key: str) -> tuple[Alternative, ...]:
        """The ways out of one capability, best first."""
        found = self._alternatives.get(key)
        if found is None:
            entry = self.shard("alternatives").get(key)
            found = tuple(self._alternative(option, entry) for option in entry["options"]) if entry else ()
            self._alternatives[key] = found
        return found

    def _alternative(self, option: Data, entry: Data) -> Alternative:
        operator = self.operator(option.get("operator", ""))
        return Alternative(
            title=option["title"],
            kind=option["kind"],
            operator=option.get("operator", ""),
            country=operator.parent_country if operator else "",
            terraform_types=tuple(option.get("terraform_types", ())),
            effort=option["effort"],
            api=str(option.get("api", entry.get("api", ""))),
            loses=option.get("loses", ""),
            licence=option.get("licence", ""),
            evidence=tuple(Evidence(e["scheme"], e["source"], e["as_of"]) for e in option.get("evidence", ())),
            source=option.get("source", ""),
            as_of=option.get("as_of", ""),
        )

    # --- rules, profiles, frameworks

    @property
    def rules(self) -> dict[str, Data]:
        """Rules by code, without their prose."""
        rules: dict[str, Data] = self.shard("core")["rules"]
        return rules

    @property
    def profiles(self) -> dict[str, Data]:
        """Profiles by name."""
        profiles: dict[str, Data] = self.shard("core")["profiles"]
        return profiles

    def rule_texts(self, code: str) -> Data:
        """The prose of a rule: why, what_to_do, fine_when."""
        texts: Data = self.shard("texts").get(code, {})
        return texts

    def framework_labels(self) -> dict[str, str]:
        """Framework id → short name for text output."""
        return {key: entry["label"] for key, entry in self.shard("frameworks").items()}


def _place_specs(rows: Any, namespace: str) -> tuple[PlaceSpec, ...]:
    return tuple(
        PlaceSpec(
            route=tuple(row["route"].split(".")),
            role=row.get("role", "primary"),
            carries=row.get("carries", "region"),
            namespace=row.get("regions", namespace),
            assumed=row.get("confidence") == "assumed",
            within_configuration=row.get("within") == "configuration",
            each=bool(row.get("each")),
            words=tuple(str(word).lower() for word in row.get("words", ())),
        )
        for row in rows
    )


def _normalise(text: str, style: str) -> str:
    if style == "azure":
        return text.lower().replace(" ", "").replace("-", "")
    return text.lower() if style == "lower" else text


def _is_private(name: str, suffixes: Any) -> bool:
    """Names that only exist inside: no dot, a private suffix, a private or loopback address."""
    if name.startswith("["):
        name = name.strip("[]")
    if ":" not in name and not name[-1:].isdigit():
        return _is_private_name(name, suffixes)
    import ipaddress  # only for what looks like an address: start-up counts in a commit hook

    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return _is_private_name(name, suffixes)


def _is_private_name(name: str, suffixes: Any) -> bool:
    return "." not in name or any(name == suffix or name.endswith("." + suffix) for suffix in suffixes)
