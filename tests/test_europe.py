"""A sound European estate: many resources, every European provider, and nothing to say above `note`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import yaml

from support import FIXTURES, POLICIES, REPOSITORY, run_sovlint

PROJECT = FIXTURES / "projects" / "europe"
CATALOGUE = POLICIES / "catalogue"


def _yaml(folder: str) -> list[Any]:
    # BaseLoader: NO is Norway, dates stay text.
    paths = sorted((CATALOGUE / folder).glob("*.yaml"))
    return [yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in paths]


@cache
def _control_area() -> set[str]:
    zones = yaml.load((CATALOGUE / "countries.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["zones"]
    members: set[str] = set()
    pending = ["eea_ch"]
    while pending:
        zone = zones[pending.pop()]
        members |= set(zone["countries"])
        pending += zone.get("includes", [])
    return members


def european_providers() -> set[str]:
    """Terraform providers whose operator has its ultimate parent in the EEA or Switzerland."""
    operators = {name: entry for data in _yaml("operators") for name, entry in data["operators"].items()}
    providers = [data["provider"] for data in _yaml("services")]
    return {
        provider["name"]
        for provider in providers
        if "operator" in provider and operators[provider["operator"]]["parent_country"] in _control_area()
    }


@cache
def inventory() -> list[dict[str, Any]]:
    name = PROJECT.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["inventory", "--format", "json", "--no-config", name])
    assert result.returncode == 0, result.stderr
    resources: list[dict[str, Any]] = json.loads(result.stdout)["resources"]
    return resources


def test_it_is_large_and_varied() -> None:
    assert len(inventory()) >= 150
    assert len({resource["kind"] for resource in inventory()}) >= 150
    assert len({resource["service"] for resource in inventory()}) >= 80


def test_every_european_provider_appears() -> None:
    expected = european_providers()
    assert {"scaleway", "ovh", "hcloud", "ionoscloud", "stackit", "upcloud", "opentelekomcloud", "aiven"} <= expected
    assert {resource["provider"] for resource in inventory()} == expected


def test_every_resource_is_portable_inside_and_under_european_control() -> None:
    for resource in inventory():
        said = json.dumps(resource)
        assert resource["lock_in"] <= 1, said
        assert resource["control"] in ("inside", "nexus"), said
        assert resource["verdict"] in ("inside", "unplaced", "undetermined"), said
    placed = [resource for resource in inventory() if resource["verdict"] == "inside"]
    assert len(placed) >= 150


def test_nothing_is_reported_above_note() -> None:
    name = PROJECT.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["check", "--format", "json", "--no-config", "--profile", "eu-baseline", name])
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr
    report = json.loads(result.stdout)
    assert report["problems"] == []
    assert [finding for finding in report["findings"] if finding["severity"] != "note"] == []


def test_every_type_exists() -> None:
    path = CATALOGUE / "known-types.json"
    known: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))["types"]
    assert [r["kind"] for r in inventory() if r["kind"] not in known[r["provider"]]] == []
