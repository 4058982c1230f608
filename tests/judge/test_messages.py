"""What findings say: countries in sentences, adequacy decisions, names as they are written, whose name it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from judge_runs import findings

from support import POLICIES


def messages(found: list[dict[str, Any]], rule: str) -> list[str]:
    return [finding["message"] for finding in found if finding["rule"] == rule]


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("us-east-1", "state is stored in the United States: outside the EEA"),
        ("eu-west-2", "state is stored in the United Kingdom: outside the EEA (adequacy decision)"),
        ("ap-northeast-1", "state is stored in Japan: outside the EEA (adequacy decision)"),
        ("ap-southeast-1", "state is stored in Singapore: outside the EEA"),
    ],
)
def test_country_in_a_sentence(tmp_path: Path, region: str, message: str) -> None:
    backend = (
        f'terraform {{\n  backend "s3" {{\n    bucket = "state"\n    key = "k"\n    region = "{region}"\n  }}\n}}\n'
    )
    assert messages(findings(tmp_path, {"main.tf": backend}), "SOV602") == [message]


def test_a_country_that_starts_the_message_has_no_article(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_sqs_queue" "q" {}\n'
    assert messages(findings(tmp_path, {"main.tf": text}), "SOV101") == ["United States: outside the EEA"]


def test_a_place_is_shown_as_written(tmp_path: Path) -> None:
    text = 'resource "google_storage_bucket" "b" {\n  name = "b"\n  location = "EUR5"\n}\n'
    assert messages(findings(tmp_path, {"main.tf": text}), "SOV102") == [
        "EUR5 has members in the United Kingdom: outside the EEA (adequacy decision)"
    ]


def test_of_a_path_only_the_place_is_shown(tmp_path: Path) -> None:
    text = (
        'resource "google_spanner_instance" "s" {\n  name = "s"\n  display_name = "s"\n'
        '  config = "projects/p/instanceConfigs/eur5"\n}\n'
    )
    (message,) = messages(findings(tmp_path, {"main.tf": text}), "SOV102")
    assert message.startswith("eur5 has members in ")


def test_lock_in_reason_is_a_clause(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "eu-central-1"\n}\nresource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n'
    (message,) = messages(findings(tmp_path, {"main.tf": text}), "SOV401")
    assert message.endswith("(lock-in 4 of 4)")
    assert ". (" not in message


POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n"
    "  nodeSelector:\n    topology.kubernetes.io/region: us-east-1\n"
    "  containers:\n    - name: c\n      image: registry.example.eu/c:1\n"
)


def test_a_name_of_several_operators_says_whose_it_was_taken_for(tmp_path: Path) -> None:
    (finding,) = [f for f in findings(tmp_path, {"pod.yaml": POD}) if f["rule"] == "SOV108"]
    assert finding["message"].startswith("scheduled to the United States: outside the EEA (taken for a region of A")
    assert "AWS" in finding["message"]
    place = finding["place"]
    assert (place["operator"], place["region"], place["country"]) == (None, "us-east-1", "US")
    assert place["countries"] == ["US"]
    (way,) = [way for way in finding["alternatives"] if way["kind"] == "region"]
    assert (way["title"], way["operator"]) == ("a region inside the EEA", "")


def test_every_country_with_an_article_has_it() -> None:
    """Plurals, unions and kingdoms, and the few names that take one by custom."""
    countries = yaml.safe_load((POLICIES / "catalogue" / "countries.yaml").read_text(encoding="utf-8"))["countries"]
    ends = ("States", "Kingdom", "Emirates", "Islands", "Republic", "Territory", "Territories", "Netherlands")
    for code, entry in countries.items():
        if (entry["name"].endswith(ends) or "Republic of" in entry["name"]) and " and " not in entry["name"]:
            assert entry.get("in_sentence") == f"the {entry['name']}", code
        else:
            assert entry.get("in_sentence", f"the {entry['name']}") == f"the {entry['name']}", code
    assert "in_sentence" not in countries["FR"]


@pytest.mark.parametrize(
    ("image", "check"),
    [
        ("team.azurecr.io/app:1", "KSV-0032"),
        ("eu.gcr.io/team/app:1", "KSV-0033"),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1", "KSV-0035"),
        ("nginx:1", ""),
    ],
)
def test_a_scanner_that_demands_the_registry_is_named(tmp_path: Path, image: str, check: str) -> None:
    (message,) = messages(findings(tmp_path, {"pod.yaml": POD.replace("registry.example.eu/c:1", image)}), "SOV501")
    assert (f"Trivy {check} asks for" in message) == bool(check), message
    assert ("asks for" in message) == bool(check), message


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (
            'resource "aws_s3_bucket_replication_configuration" "r" {\n  bucket = "b"\n  role = "r"\n  rule {\n'
            "    destination {\n      bucket = aws_s3_bucket.far.arn\n    }\n  }\n}\n"
            'resource "aws_s3_bucket" "far" {\n  region = "us-east-1"\n}\n',
            "CKV_AWS_144",
        ),
        (
            'resource "azurerm_container_registry" "r" {\n  location = "westeurope"\n  georeplications {\n'
            '    location = "eastus"\n  }\n}\n',
            "CKV_AZURE_165",
        ),
    ],
)
def test_a_scanner_that_demands_the_copy_is_named(tmp_path: Path, text: str, check: str) -> None:
    (message,) = messages(findings(tmp_path, {"main.tf": text}), "SOV103")
    assert f"Checkov {check} asks for a copy in another region" in message
