"""The service catalogue as data: schema, known types, no type twice, popular types known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "policies" / "catalogue" / "services"
DATA = ROOT / "tests" / "data"
FILES = sorted(path.stem for path in SERVICES.glob("*.yaml"))
#: Providers whose file also reads the types of another one.
ALSO = {"google": ["google-beta"]}


class _Loader(yaml.SafeLoader):
    """Keeps dates as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


SCHEMA = _json(ROOT / "policies" / "schema" / "services.schema.json")
TYPES: dict[str, list[str]] = _json(ROOT / "policies" / "catalogue" / "known-types.json")["types"]
DOCUMENTS = {name: _load(SERVICES / f"{name}.yaml") for name in FILES}


def _names(document: Any) -> Iterator[tuple[str, str, str]]:
    """Service, `primary` or `auxiliary`, and the name or pattern."""
    for service, entry in (document.get("services") or {}).items():
        for kind in ("primary", "auxiliary"):
            for name in entry.get(kind, []):
                yield service, kind, name


def _known(provider: str) -> set[str]:
    return {name for key in [provider, *ALSO.get(provider, [])] for name in TYPES.get(key, [])}


def _resolve(document: Any, resource_type: str) -> tuple[str, str] | None:
    """The service and kind: an exact name wins, then the longest pattern."""
    found = [
        (name if name == resource_type else name[:-1], (service, kind))
        for service, kind, name in _names(document)
        if name == resource_type or (name.endswith("*") and resource_type.startswith(name[:-1]))
    ]
    return max(found, key=lambda pair: len(pair[0]), default=(None, None))[1]


@pytest.mark.parametrize("name", FILES)
def test_file_follows_the_schema(name: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(DOCUMENTS[name])] == []
    assert DOCUMENTS[name]["provider"]["name"] == name


@pytest.mark.parametrize("name", FILES)
def test_names_are_known_and_patterns_match(name: str) -> None:
    known = _known(name)
    names = [entry for _, _, entry in _names(DOCUMENTS[name])]
    assert [n for n in names if not n.endswith("*") and n not in known] == []
    assert [n for n in names if n.endswith("*") and not any(k.startswith(n[:-1]) for k in known)] == []
    assert [t for t in DOCUMENTS[name].get("types") or {} if t not in known] == []


@pytest.mark.parametrize("name", FILES)
def test_no_type_stands_twice(name: str) -> None:
    counts = Counter(entry for _, _, entry in _names(DOCUMENTS[name]))
    assert [entry for entry, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_every_known_type_resolves(name: str) -> None:
    assert [t for t in sorted(_known(name)) if _resolve(DOCUMENTS[name], t) is None] == []


@pytest.mark.parametrize("name", FILES)
def test_an_attribute_has_one_role(name: str) -> None:
    problems: list[str] = []
    for resource_type, entry in (DOCUMENTS[name].get("types") or {}).items():
        places = entry.get("places", [])
        counts = Counter(place["route"] for place in places)
        problems += [f"{resource_type}.{route}: twice" for route, count in counts.items() if count > 1]
        problems += [
            f"{resource_type}.{place['route']}: role or `carries: none`"
            for place in places
            if ("role" in place) == (place.get("carries") == "none")
        ]
    assert problems == []


@pytest.mark.parametrize("name", FILES)
def test_lock_in_comes_with_a_way_out(name: str) -> None:
    known = set(_load(ROOT / "policies" / "catalogue" / "alternatives.yaml")["alternatives"])
    services = DOCUMENTS[name].get("services") or {}
    assert [key for key, entry in services.items() if entry["lock_in"] >= 2 and not entry.get("alternatives")] == []
    assert [(key, a) for key, entry in services.items() for a in entry.get("alternatives", []) if a not in known] == []


@pytest.mark.parametrize("resource_type", _json(DATA / "popular-types.json"))
def test_popular_type_is_known(resource_type: str) -> None:
    assert any(_resolve(document, resource_type) for document in DOCUMENTS.values())


def test_operators_and_regions_exist() -> None:
    catalogue = ROOT / "policies" / "catalogue"
    operators = {key for path in (catalogue / "operators").glob("*.yaml") for key in _load(path)["operators"]}
    namespaces = {_load(path)["namespace"] for path in (catalogue / "regions").glob("*.yaml")}
    used, regions = set(), set()
    for document in DOCUMENTS.values():
        provider = document["provider"]
        entries = [provider, *(document.get("services") or {}).values()]
        used |= {entry["operator"] for entry in entries if "operator" in entry}
        places = [*provider.get("places", []), *provider.get("configuration", [])]
        places += [place for entry in (document.get("types") or {}).values() for place in entry.get("places", [])]
        regions |= {entry["regions"] for entry in [provider, *places] if "regions" in entry}
    assert used - operators == set()
    assert regions - namespaces == set()
