"""Every attribute that carries a place, or looks as if, is read in a role or named with a reason why not."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from places_data import DATA, attributes, catalogue, entered, hidden, named, reason, spec_of

PROVIDERS = ("aws", "azurerm", "google")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_attribute_is_read_or_named(provider: str) -> None:
    rows = [row for row in attributes() if row.provider == provider]
    assert len(rows) > 500
    gaps = [
        f"{row.name} ({row.kind}, {row.shape})"
        for row in rows
        if spec_of(provider, row.type, row.route) is None
        and not (row.shape == "block" and entered(provider, row.type, row.route))
        and not reason(provider, row.type, row.route)
    ]
    assert gaps == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_hidden_place_is_handled_or_declined(provider: str) -> None:
    rows = [row for row in hidden() if row.provider == provider]
    assert len(rows) > 30
    gaps = [
        row.name
        for row in rows
        if spec_of(provider, row.type, row.route) is None
        and not reason(provider, row.type, row.route)
        and not _handled(provider, row.type, row.route)
    ]
    assert gaps == []


def _handled(provider: str, kind: str, route: str) -> bool:
    """Whether something else than a place of the type reads the attribute."""
    owner = catalogue().provider(provider)
    assert owner is not None
    if kind == "provider":
        # `endpoints` beats the region of the services it names: survey reads it for every provider.
        return route == "endpoints" or route in {".".join(operator[0]) for operator in owner.operators}
    entry = catalogue().type_entry(provider, kind)
    if entry.place_mode in ("own", "parent") and route in owner.parents:
        return True
    rows = catalogue().shard("dependencies")["services"][provider]
    return any(
        kind in row.get("types", ()) and any(condition["route"] == route for condition in row.get("when", ()))
        for row in rows
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_named_as_no_place_exists_and_is_not_read(provider: str) -> None:
    """A pattern that matches nothing is a slip of the pen; one that matches what is read contradicts it."""
    names = {row.name for row in (*attributes(), *hidden()) if row.provider == provider}
    read = {
        row.name
        for row in attributes()
        if row.provider == provider and spec_of(provider, row.type, row.route) is not None
    }
    idle = [p for p in named(provider) if not any(fnmatchcase(name, p) for name in names)]
    contradicted = [(p, name) for p in named(provider) for name in sorted(read) if fnmatchcase(name, p)]
    assert (idle, contradicted) == ([], [])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_list_of_places_counts_whole(provider: str) -> None:
    """The primary place is one value; a list needs `each`, another role, or to lie in one region (`within`)."""
    gaps = []
    for row in attributes():
        spec = spec_of(provider, row.type, row.route) if row.provider == provider else None
        single = spec is not None and spec.role == "primary" and not (spec.each or spec.within_configuration)
        if single and row.shape == "list":
            gaps.append(row.name)
    assert gaps == []


def test_types_without_a_region_take_none_from_the_provider() -> None:
    kinds = (DATA / "aws-types-without-region.txt").read_text(encoding="utf-8").split()
    assert len(kinds) > 150
    placed = [kind for kind in kinds if catalogue().type_entry("aws", kind).place_mode not in ("global", "none")]
    assert placed == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_types_with_several_places_have_roles_beside_the_first(provider: str) -> None:
    """A second region of a type is a copy, a log store, a client, … or named; it is not one more primary place."""
    primaries: dict[str, list[str]] = {}
    for row in attributes():
        spec = spec_of(provider, row.type, row.route) if row.provider == provider else None
        if spec is not None and spec.role == "primary" and row.kind == "replica_region":
            primaries.setdefault(row.type, []).append(row.route)
    assert primaries == {}
