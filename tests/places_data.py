"""Lists of attributes that carry places, made from provider documentation, and what the catalogue says of them."""

from __future__ import annotations

import csv
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec
from sovlint.catalogue.store import open_catalogue

DATA = Path(__file__).parent / "data" / "places"


class Attribute(NamedTuple):
    """A configurable attribute whose name or documentation says that it has to do with a place.

    Attributes:
        provider: catalogue name: google-beta is google.
        kind: a guess: region, zone, location, multi_region, replica_region, data_residency; hidden in the other list.
        shape: text, list, bool, number or block.
    """

    provider: str
    type: str
    route: str
    kind: str
    shape: str

    @property
    def name(self) -> str:
        return f"{self.type}.{self.route}"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def attributes() -> list[Attribute]:
    """Every row of the list of attributes."""
    return [
        Attribute(r["provider"].removesuffix("-beta"), r["type"], r["attribute"], r["kind"], r["shape"])
        for r in _rows("location-attributes.tsv")
    ]


@cache
def hidden() -> list[Attribute]:
    """Every row of the list of attributes whose value hides a place."""
    return [
        Attribute(r["provider"].removesuffix("-beta"), r["type"], r["attribute"], "hidden", "text")
        for r in _rows("hidden-locations.tsv")
    ]


@cache
def catalogue() -> Catalogue:
    """The compiled catalogue."""
    return open_catalogue()


def spec_of(provider: str, kind: str, route: str) -> PlaceSpec | None:
    """How survey reads an attribute of a type; None if it does not, be it because the type has no place of its own."""
    if kind == "provider":
        owner = catalogue().provider(provider)
        assert owner is not None
        return next((spec for spec in owner.configuration if ".".join(spec.route) == route), None)
    entry = catalogue().type_entry(provider, kind)
    spec = next((spec for spec in entry.places if ".".join(spec.route) == route), None)
    if spec is not None and spec.role == "primary" and entry.place_mode in ("global", "none"):
        return None
    return spec


def entered(provider: str, kind: str, route: str) -> bool:
    """Whether something inside of a block is read."""
    entry = catalogue().type_entry(provider, kind)
    return any(".".join(spec.route).startswith(f"{route}.") for spec in entry.places)


@cache
def named(provider: str) -> dict[str, str]:
    """Pattern of `type.route` → why it is no place."""
    rows = catalogue().shard("not-places")["rows"]
    return {pattern: row["why"] for row in rows if row["provider"] == provider for pattern in row["attributes"]}


def reason(provider: str, kind: str, route: str) -> str:
    """Why an attribute is not read, in the words of the catalogue; empty if it says nothing."""
    own = catalogue().shard(f"types-{provider}")["types"].get(kind, {})
    for place in own.get("places", ()):
        if place["route"] == route and place.get("carries") == "none":
            return str(place.get("note", "a false friend"))
    return next((why for pattern, why in named(provider).items() if fnmatchcase(f"{kind}.{route}", pattern)), "")
