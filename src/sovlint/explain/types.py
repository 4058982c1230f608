"""Explains a resource type: service, operator, where its place stands, lock-in with reason, all ways out."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec, TypeEntry
from sovlint.explain.known import type_row
from sovlint.explain.operators import operator_data, operator_rows
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.judge.profile import control_relation, load_profile

_ROLES = {
    "primary": "holds or processes something",
    "auxiliary": "holds nothing itself: counted in the inventory, not judged by its place or service",
    None: "not known",
}
_LOCK_IN = (
    "an open standard that you run yourself",
    "an open interface that many operators offer",
    "an open interface in part",
    "no compatible open interface, but the pieces exist elsewhere",
    "no compatible interface anywhere",
)
_EFFORT = {"S": "small", "M": "medium", "L": "large", "XL": "very large"}
_CARRIES = {
    "region": "a region name",
    "arn": "an ARN, whose region counts",
    "reference": "a reference, whose place counts",
    "host": "a host name, whose region counts",
    "model": "a model name, whose region counts",
    "pair": "a word that has the operator copy to the paired region",
    "automatic": "leaves the place to the operator",
}
_MODES = {
    "own": "without any of these, the provider configuration decides",
    "parent": "without any of these, the resource it belongs to decides",
    "global": "the service has no region: it takes none from the provider configuration",
    "none": "the type is placed nowhere",
}


def type_entry(kind: str, provider: str, catalogue: Catalogue) -> Entry:
    """The explanation of a resource type of a provider."""
    entry = catalogue.type_entry(provider, kind)
    service = catalogue.service(provider, entry.service) if entry.service else {}
    owner = catalogue.shard("core")["providers"].get(provider, {})
    ways = [capability(catalogue, key) for key in service.get("alternatives", ())]
    row = type_row(catalogue, kind, provider)
    data: dict[str, Any] = {
        "type": kind,
        **row,
        "title": service.get("title", ""),
        "holds": list(service.get("holds", ())),
        "lock_in_reason": service.get("reason", ""),
        "effort": service.get("effort", ""),
        "open_api": service.get("open_api", ""),
        "note": service.get("note", ""),
        "place_mode": entry.place_mode,
        "places": [
            {"attribute": ".".join(p.route), "role": p.role, "carries": p.carries, "namespace": p.namespace}
            for p in entry.places
        ],
        "alternatives": ways,
        **origin(service or owner),
    }
    data["operator"] = operator_data(catalogue, entry.operator)
    subtitle = f"{service['title']}, " if service else ""
    sections = (
        Section("What", _what(entry, row, service, owner)),
        Section("Who runs it", operator_rows(catalogue, entry.operator)),
        Section("Where", _where(entry)),
        Section("Lock-in", lock_in_rows(entry.lock_in, service)),
        *(Section(f"Instead: {way['title']}", way_rows(way, catalogue)) for way in ways),
    )
    return Entry("type", kind, f"{subtitle}Terraform provider {provider}", sections, data)


def _what(entry: TypeEntry, row: dict[str, Any], service: dict[str, Any], owner: dict[str, Any]) -> tuple[Row, ...]:
    rows = []
    if service:
        rows.append(Row("service", f"{service['title']} ({row['service']})"))
    elif owner:
        rows.append(Row("service", "the catalogue does not say which service the type belongs to"))
    else:
        rows.append(Row("service", "the provider documents the type; the catalogue says nothing more about it"))
    guess = "" if entry.classified or row["role"] is None else " (guessed from its name)"
    rows.append(Row("role", _ROLES[row["role"]] + guess))
    if service.get("holds"):
        rows.append(Row("holds", ", ".join(service["holds"])))
    if service.get("note"):
        rows.append(Row("note", service["note"]))
    if service or owner:
        rows.append(provenance(service or owner))
    return tuple(rows)


def _where(entry: TypeEntry) -> tuple[Row, ...]:
    if entry.place_mode in ("global", "none"):
        own = [p for p in entry.places if p.role != "primary"]
        head = [Row("", _MODES[entry.place_mode])]
    else:
        own = list(entry.places)
        head = []
    rows = [Row(".".join(p.route), f"{p.role}: {_CARRIES.get(p.carries, p.carries)}{_namespace(p)}") for p in own]
    if not head and rows:
        rows.append(Row("", _MODES[entry.place_mode]))
    return (*head, *rows)


def _namespace(spec: PlaceSpec) -> str:
    return f" of {spec.namespace}" if spec.namespace and spec.carries == "region" else ""


def lock_in_rows(lock_in: int | None, service: dict[str, Any]) -> tuple[Row, ...]:
    """How much a service binds, why, and what it takes to leave."""
    if lock_in is None:
        return (Row("", "not known"),)
    rows = [Row("lock-in", f"{lock_in} of 4: {_LOCK_IN[lock_in]}")]
    if service.get("reason"):
        rows.append(Row("reason", service["reason"]))
    if service.get("open_api"):
        rows.append(Row("open interface", service["open_api"]))
    if service.get("effort"):
        rows.append(Row("effort to leave", _effort(service["effort"])))
    return tuple(rows)


def _effort(code: str) -> str:
    return f"{code} ({_EFFORT[code]})" if code in _EFFORT else code


def capability(catalogue: Catalogue, key: str) -> dict[str, Any]:
    """All options of one capability, for programs."""
    entry = catalogue.shard("alternatives").get(key, {})
    options = []
    for option in entry.get("options", ()):
        operator = catalogue.operator(option.get("operator", ""))
        options.append(
            {
                "title": option["title"],
                "kind": option["kind"],
                "operator": option.get("operator", ""),
                "country": operator.parent_country if operator else "",
                "terraform_types": list(option.get("terraform_types", ())),
                "effort": option["effort"],
                "api": option.get("api", entry.get("api", "")),
                "loses": option.get("loses", ""),
                "licence": option.get("licence", ""),
                "evidence": [dict(e) for e in option.get("evidence", ())],
                **origin(option),
            }
        )
    return {"capability": key, "title": entry.get("title", key), "options": options}


def way_rows(way: dict[str, Any], catalogue: Catalogue) -> tuple[Row, ...]:
    """The options of one capability for people, best first."""
    rows: list[Row] = []
    for option in way["options"]:
        rows.append(Row(option["title"], kind="strong"))
        if option["kind"] == "managed":
            operator = catalogue.operator(option["operator"])
            name = operator.name if operator else option["operator"]
            where = (
                f", parent in {catalogue.country_in_sentence(option['country'])} ({option['country']})"
                if operator
                else ""
            )
            worse = _outside(catalogue, option["operator"])
            rows.append(Row("managed by", f"{name}{where}{worse}", 1))
        else:
            licence = f", licence {option['licence']}" if option["licence"] else ""
            rows.append(Row("self-hosted", f"software that you run{licence}", 1))
        rows.append(Row("effort", _effort(option["effort"]), 1))
        for label, text in (
            ("Terraform", ", ".join(option["terraform_types"])),
            ("API", option["api"]),
            ("loses", option["loses"]),
        ):
            if text:
                rows.append(Row(label, text, 1))
        rows += [Row("evidence", f"{e['scheme']}: {e['source']} ({e['as_of']})", 1) for e in option["evidence"]]
        source = provenance({**option, "confidence": "assumed" if option["assumed"] else ""})
        rows.append(Row(source.label, source.text, 1))
    return tuple(rows)


def _outside(catalogue: Catalogue, operator: str) -> str:
    """Says so where an option's operator is controlled from outside under every profile."""
    areas = [load_profile(catalogue, name).control_area for name in catalogue.profiles]
    relations = {control_relation(catalogue, operator, area) for area in areas}
    return "; controlled from outside under every profile" if relations == {"outside"} else ""
