"""Explains an operator: who runs it, who controls it, what the catalogue knows it by."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.judge.profile import control_relation, load_profile

_CONTROL = {
    "inside": "within",
    "nexus": "within, though another state has a handle (see reach):",
    "attested": "a sovereign offer under a parent outside",
    "outside": "outside",
    "unknown": "not known for",
}


def country(catalogue: Catalogue, code: str) -> str:
    """`Germany (DE)`."""
    return f"{catalogue.country_name(code)} ({code})" if code else "unknown"


def by_answer(answers: dict[str, tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Profiles that answer the same, together: (answer, area) → `profiles a, b`."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, answer in answers.items():
        groups.setdefault(answer, []).append(name)
    return {
        answer: f"{'profile' if len(names) == 1 else 'profiles'} {', '.join(names)}" for answer, names in groups.items()
    }


def operator_data(catalogue: Catalogue, operator_id: str) -> dict[str, Any] | None:
    """What is known of an operator, for programs; None if the catalogue does not know it."""
    raw = catalogue.shard("core")["operators"].get(operator_id)
    if raw is None:
        return None
    area = {name: load_profile(catalogue, name).control_area for name in sorted(catalogue.profiles)}
    return {
        "id": operator_id,
        "name": raw["name"],
        "entity": raw.get("entity", ""),
        "seat": raw["seat"],
        "parent": raw["parent"],
        "parent_country": raw["parent_country"],
        "chain": list(raw.get("chain", ())),
        "sovereign_offer": raw.get("sovereign_offer", False),
        "nexus": [{"country": n["country"], "reason": n["reason"]} for n in raw.get("nexus", ())],
        "note": raw.get("note", ""),
        "control_by_profile": {name: control_relation(catalogue, operator_id, c) for name, c in area.items()},
        **origin(raw),
    }


def operator_rows(catalogue: Catalogue, operator_id: str) -> tuple[Row, ...]:
    """The control chain of an operator and where it comes from."""
    if operator_id == "private":
        return (Row("", "a name that only exists inside: nobody else runs it"),)
    if not operator_id:
        return (Row("", "not known: the files or the endpoint decide, or the catalogue does not know it"),)
    data = operator_data(catalogue, operator_id)
    if data is None:
        return (Row("operator", operator_id), Row("", "the catalogue does not know it"))
    rows = [Row("operator", f"{data['name']} ({operator_id})")]
    entity = data["entity"]
    rows.append(
        Row("seat", f"{entity}, {country(catalogue, data['seat'])}" if entity else country(catalogue, data["seat"]))
    )
    if data["chain"]:
        rows.append(Row("control chain", " → ".join(data["chain"])))
    rows.append(Row("ultimate parent", f"{data['parent']}, {country(catalogue, data['parent_country'])}"))
    if data["sovereign_offer"]:
        rows.append(Row("offer", "run from within Europe, under a parent outside"))
    rows += [Row("reach", f"{country(catalogue, n['country'])}: {n['reason']}") for n in data["nexus"]]
    answers = {
        name: (relation, load_profile(catalogue, name).control_title)
        for name, relation in data["control_by_profile"].items()
    }
    for (relation, area), names in by_answer(answers).items():
        kind = "good" if relation == "inside" else "medium" if relation == "outside" else "low"
        rows.append(Row("control", f"{_CONTROL[relation]} the {area} ({names})", kind=kind))
    if data["note"]:
        rows.append(Row("note", data["note"]))
    raw = catalogue.shard("core")["operators"][operator_id]
    return (*rows, provenance(raw))


def operator_entry(operator_id: str, catalogue: Catalogue) -> Entry:
    """The explanation of an operator."""
    data = operator_data(catalogue, operator_id)
    assert data is not None
    core = catalogue.shard("core")
    providers = sorted(name for name, entry in core["providers"].items() if entry.get("operator") == operator_id)
    regions = _regions(catalogue, operator_id)
    table = catalogue.shard("hosts")
    hosts = sorted(name for name, entry in table.get("hosts", {}).items() if entry["operator"] == operator_id)
    data = {**data, "providers": providers, "regions": dict(sorted(regions.items())), "hosts": hosts}
    known = []
    if providers:
        known.append(Row("Terraform", ", ".join(providers)))
    if regions:
        count = sum(regions.values())
        listed = ", ".join(f"{catalogue.country_name(code)} {number}" for code, number in sorted(regions.items()))
        known.append(Row("regions", f"{count}: {listed}"))
    if hosts:
        known.append(Row("hosts", ", ".join(hosts)))
    sections = (
        Section("Who controls it", operator_rows(catalogue, operator_id)),
        Section("Known by", tuple(known)),
    )
    return Entry("operator", operator_id, data["name"], sections, data)


def _regions(catalogue: Catalogue, operator_id: str) -> Counter[str]:
    """Country → number of regions."""
    found: Counter[str] = Counter()
    for namespace in catalogue.shard("core")["namespaces"]:
        shard = catalogue.shard(f"regions-{namespace}")
        for entry in (shard.get("regions") or {}).values():
            if entry.get("operator", shard["operator"]) == operator_id:
                found[entry["country"]] += 1
    return found
