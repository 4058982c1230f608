"""Rules, profiles and what they refer to: criteria exist, codes exist, severities are those that were agreed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sovlint.catalogue.compile import compile_policies
from sovlint.judge import messages
from support import REPOSITORY

POLICIES = REPOSITORY / "policies"
SHARDS = compile_policies(POLICIES, validate=False)
CORE = SHARDS["core"]
RULES: dict[str, Any] = CORE["rules"]
PROFILES: dict[str, Any] = CORE["profiles"]
KNOWN_TYPES = {name for names in SHARDS["known-types"]["types"].values() for name in names}

SEVERITY = {
    **dict.fromkeys(["SOV101", "SOV102", "SOV103", "SOV108", "SOV302", "SOV602", "SOV801", "SOV802"], "critical"),
    **dict.fromkeys(["SOV104", "SOV106", "SOV107", "SOV203", "SOV303", "SOV305", "SOV502", "SOV601"], "high"),
    **dict.fromkeys(["SOV604", "SOV701", "SOV803"], "high"),
    **dict.fromkeys(["SOV201", "SOV202", "SOV301", "SOV304", "SOV401", "SOV403", "SOV404", "SOV501"], "medium"),
    **dict.fromkeys(["SOV603", "SOV605", "SOV606", "SOV702", "SOV706"], "medium"),
    **dict.fromkeys(["SOV105", "SOV204", "SOV402", "SOV503", "SOV703"], "low"),
    **dict.fromkeys(["SOV109", "SOV205", "SOV704", "SOV705", "SOV804"], "note"),
}
"""Default severities: changing one changes what fails in other people's pipelines."""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_criterion_of_a_rule_exists(code: str) -> None:
    for criterion in RULES[code]["informs"]:
        framework, _, number = criterion.partition(":")
        assert number in SHARDS["frameworks"][framework]["criteria"], criterion


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_some_rule_informs_every_framework_that_a_profile_cites(name: str) -> None:
    """A framework that is cited and never shown would be an empty promise."""
    informed = {criterion.partition(":")[0] for rule in RULES.values() for criterion in rule["informs"]}
    assert set(PROFILES[name]["cite"]) <= informed


@pytest.mark.parametrize("code", sorted(RULES))
def test_severity_is_the_agreed_one(code: str) -> None:
    if code in SEVERITY:
        assert RULES[code]["severity"] == SEVERITY[code]


@pytest.mark.parametrize("code", sorted(RULES))
def test_what_a_rule_refers_to_exists(code: str) -> None:
    rule = RULES[code]
    for name in re.findall(r"\{(\w+)\}", rule["message"]):
        assert name in messages._FIELDS, name
    for key in rule.get("alternatives", ()):
        assert key in ("region", "other-region", "service") or key in SHARDS["alternatives"], key
    for peer in rule.get("peers", ()):
        assert set(peer.get("types", ())) <= KNOWN_TYPES
        assert peer["source"].startswith("https://")


def test_every_check_of_peers_that_asks_for_the_opposite_is_listed() -> None:
    """Those that people meet together with findings of ours."""
    named = {check for rule in RULES.values() for peer in rule.get("peers", ()) for check in peer["check"].split(" ")}
    wanted = {"CKV_AWS_144", "AZU-0058", "KSV-0032", "KSV-0033", "KSV-0035"}
    wanted |= {f"CKV_AZURE_{number}" for number in (206, 94, 102, 129, 136, 165)}
    assert wanted <= {check.rstrip(",") for check in named}


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_what_a_profile_refers_to_exists(name: str) -> None:
    profile = PROFILES[name]
    assert profile["description"]
    assert profile["source"]
    assert profile["zone"] in CORE["zones"]
    assert profile["control_area"] in CORE["zones"]
    assert profile["cite"]
    assert set(profile["cite"]) <= set(SHARDS["frameworks"])
    for code in [*profile.get("severities", ()), *profile.get("severity_shift", ())]:
        assert code in RULES, code
    for prefix in [*profile.get("select", ()), *profile.get("ignore", ())]:
        assert any(code.startswith(prefix) for code in RULES), prefix


def test_the_profiles_that_were_promised_are_there() -> None:
    assert set(PROFILES) >= {
        *("eu-baseline", "eu-strict", "gaiax-l2", "gaiax-l3", "csf-seal2", "csf-seal3"),
        *("c3a", "nl-rijk-2026", "nl-gemeente", "fr-secnumcloud", "dora"),
    }


def test_the_default_profile_changes_no_severity() -> None:
    profile = PROFILES["eu-baseline"]
    assert "severities" not in profile
    assert "severity_shift" not in profile


@pytest.mark.parametrize("name", ["dependencies", "images"])
def test_table_follows_its_schema(name: str) -> None:
    schema = json.loads((POLICIES / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read(POLICIES / "catalogue" / f"{name}.yaml"))


def _rows(table: str) -> list[dict[str, Any]]:
    return [row for rows in SHARDS["dependencies"][table].values() for row in rows]


@pytest.mark.parametrize("table", ["services", "attributes", "keys"])
def test_dependencies_name_types_and_services_that_exist(table: str) -> None:
    for row in _rows(table):
        assert row["provider"] in CORE["providers"], row
        assert row["source"]
        assert row["as_of"]
        for kind in row.get("types", ()):
            assert kind.endswith("*") or kind in KNOWN_TYPES, kind
        for service in row.get("services", ()):
            assert service in SHARDS[f"services-{row['provider']}"], f"{row['provider']}/{service}"


def test_purposes_are_those_of_some_rule() -> None:
    judged = {purpose for rule in RULES.values() for purpose in rule["when"].get("purpose", ())}
    named = {row["purpose"] for table in ("services", "attributes") for row in _rows(table) if "purpose" in row}
    assert named <= judged
    assert {purpose for row in _rows("attributes") for purpose in row.get("purposes", ())} <= judged


def test_vendors_of_accounts_are_known() -> None:
    for number, row in SHARDS["dependencies"]["accounts"].items():
        assert row["operator"] in CORE["operators"], number


def test_lists_of_images_have_a_source() -> None:
    for rows in (row for table in SHARDS["images"].values() for row in table.values()):
        assert all(row["source"].startswith("https://") and row["as_of"] for row in rows)
