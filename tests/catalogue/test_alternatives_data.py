"""The ways out and the European providers' services, read as YAML: nothing named that does not exist."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUE = REPOSITORY / "policies" / "catalogue"
SCHEMAS = REPOSITORY / "policies" / "schema"
RESOURCE_TYPES: dict[str, list[str]] = json.loads(
    (REPOSITORY / "tests" / "data" / "eu-resource-types.json").read_text(encoding="utf-8")
)

WITHDRAWN = re.compile(r"\b(minio|bitnami|openfaas)", re.IGNORECASE)
"""Archived, withdrawn, or free for a trial period only."""

OPEN_SOURCE_LICENCES = {
    "AGPL-3.0-only", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "EPL-2.0 OR BSD-3-Clause", "GPL-2.0-only",
    "GPL-2.0-or-later", "GPL-3.0-or-later", "IPL-1.0 OR EPL-2.0", "LGPL-2.1-only", "MIT", "MPL-2.0", "PostgreSQL",
}  # fmt: skip

CAPABILITIES = [
    "virtual-machines", "kubernetes", "containers-serverless", "functions", "app-platform", "object-storage",
    "file-storage", "block-storage", "postgresql", "aurora-postgresql", "mysql", "sql-server", "document-nosql",
    "globally-consistent-sql", "mongodb", "cache-redis", "search", "kafka", "streaming-proprietary", "queues",
    "event-bus", "workflow", "iot", "data-warehouse", "spark", "etl", "key-management", "secrets", "identity",
    "observability", "container-registry", "cdn", "dns", "load-balancer", "waf", "api-gateway", "mail",
    "generative-ai", "machine-learning", "infrastructure-automation", "ci-cd", "backup", "network", "vpn",
    "state-encryption", "state-backend", "key-custody-external",
]  # fmt: skip

ENCUMBERED = {"exoscale", "aiven"}
"""Operators whose parent or infrastructure is outside the EEA: never the best option, and said in `loses`."""


def load(path: Path) -> Any:
    """One policy file; dates stay text."""
    # BaseLoader would make numbers text, too; these files quote their dates instead.
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@functools.cache
def operators() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((CATALOGUE / "operators").glob("*.yaml")):
        found.update(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["operators"])
    return found


ALTERNATIVES: dict[str, Any] = load(CATALOGUE / "alternatives.yaml")["alternatives"]
OPTIONS = [
    pytest.param(key, option, id=f"{key}:{option['title']}")
    for key, entry in ALTERNATIVES.items()
    for option in entry["options"]
]
PROVIDERS = sorted(RESOURCE_TYPES)


def schema_errors(data: Any, schema: str) -> list[str]:
    validator = Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(data)]


def service_of(services: dict[str, Any], type_name: str) -> tuple[str, str] | None:
    """(service, role) of a type: an exact name wins over a pattern, a longer pattern over a shorter one."""
    best: tuple[int, str, str] | None = None
    for service_id, service in services.items():
        for role in ("primary", "auxiliary"):
            for name in service.get(role, ()):
                exact = name == type_name
                if exact or (name.endswith("*") and type_name.startswith(name[:-1])):
                    rank = (10_000 if exact else len(name), service_id, role)
                    best = max(best, rank) if best else rank
    return best[1:] if best else None


def test_alternatives_fit_their_schema() -> None:
    assert schema_errors(load(CATALOGUE / "alternatives.yaml"), "alternatives") == []


def test_every_capability_has_a_way_out() -> None:
    assert list(ALTERNATIVES) == CAPABILITIES


@pytest.mark.parametrize(("key", "option"), OPTIONS)
def test_option_names_only_what_exists(key: str, option: dict[str, Any]) -> None:
    for type_name in option.get("terraform_types", ()):
        assert type_name in RESOURCE_TYPES[type_name.split("_", 1)[0]]
    assert not WITHDRAWN.search(json.dumps(option))
    assert option.get("loses"), "what does not come along must be said"
    if option["kind"] == "managed":
        assert option["operator"] in operators()
        assert option["terraform_types"]
        assert "licence" not in option
    else:
        assert option["licence"] in OPEN_SOURCE_LICENCES
        assert "operator" not in option


@pytest.mark.parametrize("key", CAPABILITIES)
def test_encumbered_operators_are_never_first(key: str) -> None:
    options = ALTERNATIVES[key]["options"]
    assert options[0].get("operator") not in ENCUMBERED
    for option in options:
        if option.get("operator") == "exoscale":
            assert "Mexican" in option["loses"]
        if option.get("operator") == "aiven":
            assert "hyperscalers" in option["loses"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_services_fit_their_schema(provider: str) -> None:
    data = load(CATALOGUE / "services" / f"{provider}.yaml")
    assert schema_errors(data, "services") == []
    assert data["provider"]["name"] == provider
    assert all(source == source.lower() for source in data["provider"]["sources"]), "sources are compared in lower case"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_locked_in_services_name_a_way_out(provider: str) -> None:
    for service_id, service in load(CATALOGUE / "services" / f"{provider}.yaml")["services"].items():
        keys = service.get("alternatives", [])
        assert set(keys) <= set(ALTERNATIVES), service_id
        assert keys or service["lock_in"] < 2, service_id


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_type_of_the_provider_belongs_to_a_service(provider: str) -> None:
    services = load(CATALOGUE / "services" / f"{provider}.yaml")["services"]
    assert [name for name in RESOURCE_TYPES[provider] if service_of(services, name) is None] == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_type_stands_in_two_services(provider: str) -> None:
    services = load(CATALOGUE / "services" / f"{provider}.yaml")["services"]
    names = [name for s in services.values() for role in ("primary", "auxiliary") for name in s.get(role, ())]
    assert sorted(names) == sorted(set(names))


def test_longer_patterns_win() -> None:
    services = load(CATALOGUE / "services" / "ovh.yaml")["services"]
    assert service_of(services, "ovh_cloud_project_kube") == ("kubernetes", "primary")
    assert service_of(services, "ovh_cloud_project_kube_oidc") == ("kubernetes", "auxiliary")
    assert service_of(services, "ovh_cloud_project_database_kafka_topic") == ("managed-databases", "primary")
