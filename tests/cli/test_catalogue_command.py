"""`sovlint catalogue`: the whole knowledge as one document, counts for people, and the list of types behind it."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
import pytest
import yaml

from support import POLICIES, run_sovlint


def known() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((POLICIES / "catalogue" / "known-types.json").read_text(encoding="utf-8"))
    return document


@functools.cache
def catalogue() -> dict[str, Any]:
    done = run_sovlint(["catalogue", "--format", "json"])
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_known_types_follow_their_schema() -> None:
    schema = json.loads((POLICIES / "schema" / "known-types.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(known())
    for provider, types in known()["types"].items():
        assert types == sorted(types), provider


def test_keys() -> None:
    document = catalogue()
    assert document["schema"] == "sovlint-catalogue/1"
    assert {"types", "regions", "operators", "hosts", "alternatives", "rules", "profiles"} <= set(document)


def test_every_known_type_is_there_with_its_answer() -> None:
    types = catalogue()["types"]
    names = {name for listed in known()["types"].values() for name in listed}
    assert len(names) > 18_000
    assert names <= set(types)
    assert list(types) == sorted(types)
    for name, row in types.items():
        assert set(row) >= {"provider", "service", "role", "lock_in"}, name
        assert row["role"] in ("primary", "auxiliary", None), name
        assert row["lock_in"] in (0, 1, 2, 3, 4, None), name


@pytest.mark.parametrize(
    ("name", "provider", "service", "role", "lock_in"),
    [
        ("aws_s3_bucket", "aws", "aws/s3", "primary", 1),
        ("aws_dynamodb_table", "aws", "aws/dynamodb", "primary", 4),
        ("aws_iam_role_policy_attachment", "aws", "aws/iam", "auxiliary", 3),
        ("scaleway_object_bucket", "scaleway", "scaleway/object-storage", "primary", 1),
        ("google_storage_bucket", "google", "google/cloud-storage", "primary", 1),
    ],
)
def test_types(name: str, provider: str, service: str, role: str, lock_in: int) -> None:
    row = catalogue()["types"][name]
    assert (row["provider"], row["service"], row["role"], row["lock_in"]) == (provider, service, role, lock_in)


def test_types_of_described_providers_are_all_classified() -> None:
    """Patterns are expanded: no type of a provider with a services file is left without an answer."""
    document = catalogue()
    described = {row["provider"] for row in document["types"].values() if row["classified"]}
    missing = [n for n, row in document["types"].items() if row["provider"] in described and not row["classified"]]
    assert len(missing) <= len(document["types"]) // 100, missing[:20]


def test_regions_operators_and_hosts() -> None:
    document = catalogue()
    region = document["regions"]["aws"]["eu-west-1"]
    assert (region["country"], region["zones"]) == ("IE", ["adequate", "eea", "eea_ch", "eu27"])
    assert {"aws", "azure", "google", "oci", "scaleway", "ovh"} <= set(document["regions"])
    for namespace, regions in document["regions"].items():
        for name, entry in regions.items():
            assert entry["kind"] != "region" or len(entry["country"]) == 2, (namespace, name)
            assert entry["operator"] in document["operators"], (namespace, name)
    assert document["operators"]["aws"]["parent_country"] == "US"
    assert document["hosts"]["ghcr.io"]["operator"] == "github"
    for name, entry in document["hosts"].items():
        assert entry["source"] and entry["as_of"], name


def test_rules_profiles_and_alternatives_are_those_of_the_folder() -> None:
    document = catalogue()
    assert set(document["rules"]) == {path.stem for path in (POLICIES / "rules").glob("SOV*.yaml")}
    assert set(document["profiles"]) == {path.stem for path in (POLICIES / "profiles").glob("*.yaml")}
    rule = document["rules"]["SOV101"]
    assert (rule["name"], rule["severity"]) == ("region-outside-zone", "critical")
    assert rule["why"] and rule["what_to_do"] and rule["fine_when"]
    written = yaml.safe_load((POLICIES / "catalogue" / "alternatives.yaml").read_text(encoding="utf-8"))["alternatives"]
    assert set(document["alternatives"]) == set(written)
    for key, service in document["services"].items():
        assert set(service.get("alternatives", ())) <= set(document["alternatives"]), key


def test_text() -> None:
    done = run_sovlint(["catalogue"])
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert "  SOV101 critical  region-outside-zone: Resource outside the permitted zone" in lines
    assert any(line.startswith("  eu-baseline ") for line in lines)
    assert any(line.startswith("  aws ") and "types" in line for line in lines)


def test_usage() -> None:
    assert run_sovlint(["catalogue", "extra"]).returncode == 2
    assert run_sovlint(["catalogue", "--format", "xml"]).returncode == 2
