"""Judgements that a second pair of eyes corrected (docs/method/sample-2026-11.md), and that like is judged alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sovlint.catalogue import open_catalogue
from support import run_sovlint

# Types that hold or run something and stood among the settings.
PRIMARY = [
    "aws_notifications_notification_hub",
    "awscc_notifications_notification_hub",
    "azurerm_cdn_frontdoor_firewall_policy",
    "azurerm_frontdoor_firewall_policy",
    "azurerm_resource_group_template_deployment",
    "azurerm_subscription_template_deployment",
    "google_data_loss_prevention_job_trigger",
    "google_data_loss_prevention_discovery_config",
    "google_dataplex_datascan",
    "google_dataplex_task",
]

# Services that offer the same thing behind the same kind of interface: (provider, service).
ALIKE = [
    [("aws", "ec2"), ("azurerm", "virtual-machines"), ("google", "compute-engine")],
    [("aws", "ebs"), ("azurerm", "managed-disk"), ("google", "persistent-disk")],
    [("aws", "efs"), ("azurerm", "storage-files"), ("google", "filestore")],
    [("aws", "waf"), ("azurerm", "waf"), ("google", "cloud-armor")],
    [("aws", "acm"), ("google", "certificate-manager")],
    [("aws", "private-ca"), ("google", "certificate-authority")],
    [("azurerm", "storage-queue"), ("google", "cloud-tasks"), ("google", "pubsub")],
    [("aws", "emr"), ("azurerm", "hdinsight"), ("google", "dataproc"), ("azurerm", "databricks")],
    [("aws", "iot"), ("azurerm", "iot-hub"), ("google", "iot-core")],
    [("aws", "lambda"), ("azurerm", "functions"), ("google", "cloud-functions")],
    [("aws", "kms"), ("azurerm", "key-vault"), ("google", "cloud-kms")],
    [("aws", "secrets-manager"), ("azurerm", "key-vault-secrets"), ("google", "secret-manager")],
]


@pytest.mark.parametrize("kind", PRIMARY)
def test_what_holds_or_runs_something_is_primary(kind: str) -> None:
    catalogue = open_catalogue()
    assert catalogue.type_entry(catalogue.provider_of_type(kind), kind).primary


@pytest.mark.parametrize("group", ALIKE, ids=lambda group: group[0][1])
def test_like_is_judged_alike(group: list[tuple[str, str]]) -> None:
    catalogue = open_catalogue()
    assert len({catalogue.service(*name)["lock_in"] for name in group}) == 1


def test_one_service_has_one_lock_in_under_both_providers_of_aws() -> None:
    catalogue = open_catalogue()
    aws, awscc = catalogue.shard("services-aws"), catalogue.shard("services-awscc")
    shared = sorted(set(aws) & set(awscc))
    assert len(shared) > 100
    assert [name for name in shared if aws[name]["lock_in"] != awscc[name]["lock_in"]] == []


def test_certificates_of_load_balancers_are_no_certificate_authority() -> None:
    catalogue = open_catalogue()
    for kind in ("google_compute_ssl_certificate", "google_certificate_manager_certificate"):
        assert catalogue.type_entry("google", kind).service == "certificate-manager"
    assert catalogue.type_entry("google", "google_privateca_ca_pool").service == "certificate-authority"


def test_places_of_the_hub_and_of_the_scan_are_read(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """provider "aws" {
  region = "eu-central-1"
}
resource "aws_notifications_notification_hub" "hub" {
  notification_hub_region = "us-east-1"
}
resource "google_data_loss_prevention_job_trigger" "inside" {
  parent = "projects/p/locations/europe-west1"
}
resource "google_data_loss_prevention_job_trigger" "outside" {
  parent = "projects/p/locations/us-central1"
}
""",
        encoding="utf-8",
    )
    result = run_sovlint(["check", "--no-config", "-f", "json", "--select", "SOV101", "."], cwd=tmp_path)
    findings = json.loads(result.stdout)["findings"]
    assert sorted(finding["line"] for finding in findings) == [5, 11]
