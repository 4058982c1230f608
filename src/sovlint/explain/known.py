"""Which resource types there are, whose they are, and what the catalogue says of each."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import TypeEntry


def known_types(catalogue: Catalogue) -> dict[str, str]:
    """Every known resource type → catalogue name of its provider: those of the providers' documentation, and more.

    A provider that reads the types of another one (google-beta) counts as that one.
    """
    core = catalogue.shard("core")
    found: dict[str, str] = {}
    for name in core["providers"]:
        shard = catalogue.shard(f"types-{name}")
        for kind in (*(shard.get("exact") or {}), *(shard.get("types") or {})):
            found.setdefault(kind, name)
    for listed, kinds in catalogue.shard("known-types").get("types", {}).items():
        name = _catalogued(listed, catalogue)
        for kind in kinds:
            found.setdefault(kind, name)
    return dict(sorted(found.items()))


def _catalogued(name: str, catalogue: Catalogue) -> str:
    core = catalogue.shard("core")
    if name in core["providers"]:
        return name
    found: str = core["sources"].get(f"hashicorp/{name}", name)
    return found


def provider_by_prefix(catalogue: Catalogue, kind: str) -> str:
    """Provider that a type belongs to by its first word; empty if the catalogue knows none."""
    for name, entry in catalogue.shard("core")["providers"].items():
        if any(kind.startswith(prefix) for prefix in entry.get("prefixes", ())):
            return str(name)
    return ""


def role_of(entry: TypeEntry, catalogue: Catalogue) -> str | None:
    """`primary` or `auxiliary`; None where not even the provider is in the catalogue."""
    if not entry.classified and catalogue.provider(entry.provider) is None:
        return None
    return "primary" if entry.primary else "auxiliary"


def type_row(catalogue: Catalogue, kind: str, provider: str) -> dict[str, Any]:
    """What the catalogue says of a type, in short; `classified` is False where the role was guessed from the name."""
    entry = catalogue.type_entry(provider, kind)
    return {
        "provider": provider,
        "service": f"{provider}/{entry.service}" if entry.service else None,
        "role": role_of(entry, catalogue),
        "lock_in": entry.lock_in,
        "operator": entry.operator or None,
        "classified": entry.classified,
    }
