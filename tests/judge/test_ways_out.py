"""What is offered instead: never the same place, never a guess at the operator, never worse, never less than asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from judge_runs import findings

from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.judge.profile import control_relation, load_profile
from support import run_sovlint


def of_rule(found: list[dict[str, Any]], rule: str) -> dict[str, Any]:
    (finding,) = [finding for finding in found if finding["rule"] == rule]
    return finding


def regions(finding: dict[str, Any]) -> list[str]:
    return [way["title"].split(" ")[0] for way in finding["alternatives"] if way["kind"] == "region"]


SECRET = (
    'provider "aws" {{\n  region = "{primary}"\n}}\nresource "aws_secretsmanager_secret" "s" {{\n  name = "s"\n'
    '  replica {{\n    region = "us-east-1"\n  }}\n{more}}}\n'
)


@pytest.mark.parametrize(
    ("primary", "more"),
    [
        ("eu-central-1", ""),
        ("eu-west-1", ""),
        ("eu-central-1", '  replica {\n    region = "eu-west-1"\n  }\n'),
    ],
)
def test_a_copy_is_not_sent_to_a_place_that_has_one(tmp_path: Path, primary: str, more: str) -> None:
    finding = of_rule(findings(tmp_path, {"main.tf": SECRET.format(primary=primary, more=more)}), "SOV103")
    (region,) = regions(finding)
    assert region.startswith("eu-")
    assert region != primary
    assert region not in more


def test_the_target_of_a_copy_is_not_sent_to_where_the_copy_comes_from(tmp_path: Path) -> None:
    """One value places the bucket and receives the copy: both findings must offer a place that is good for both."""
    text = (
        'provider "aws" {\n  region = "eu-central-1"\n}\nprovider "aws" {\n  alias = "far"\n  region = "us-east-1"\n}\n'
        'resource "aws_s3_bucket" "far" {\n  provider = aws.far\n}\n'
        'resource "aws_s3_bucket_replication_configuration" "r" {\n  bucket = "b"\n  role = "r"\n  rule {\n'
        "    destination {\n      bucket = aws_s3_bucket.far.arn\n    }\n  }\n}\n"
    )
    found = findings(tmp_path, {"main.tf": text})
    offered = [regions(of_rule(found, rule)) for rule in ("SOV101", "SOV103")]
    assert offered[0] == offered[1] != ["eu-central-1"]


def test_a_primary_place_is_not_sent_to_where_its_copy_is(tmp_path: Path) -> None:
    text = (
        'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_secretsmanager_secret" "s" {\n  name = "s"\n'
        '  replica {\n    region = "eu-central-1"\n  }\n}\nresource "aws_sqs_queue" "q" {}\n'
    )
    (region,) = regions(of_rule(findings(tmp_path, {"main.tf": text}), "SOV101"))
    assert region.startswith("eu-")
    assert region != "eu-central-1"


def test_a_primary_place_may_move_to_the_most_usual_region(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_sqs_queue" "q" {}\n'
    assert regions(of_rule(findings(tmp_path, {"main.tf": text}), "SOV101")) == ["eu-central-1"]


MANY = """
provider "aws" {
  region = "eu-central-1"
}
resource "aws_s3_bucket" "a" {}
resource "aws_s3_bucket" "b" {}
resource "aws_dynamodb_table" "t" {
  name = "t"
}
resource "aws_vpc" "v" {}
resource "aws_vpc" "w" {}
resource "aws_vpc" "x" {}
resource "aws_subnet" "s" {}
resource "aws_subnet" "u" {}
resource "aws_subnet" "y" {}
"""


def test_several_services_get_one_way_out_each(tmp_path: Path) -> None:
    ways = of_rule(findings(tmp_path, {"main.tf": MANY}), "SOV201")["alternatives"]
    assert [way["replaces"] for way in ways] == [["Simple Storage Service"], ["DynamoDB"]], (
        "most used first, no networks"
    )
    assert "scaleway_object_bucket" in ways[0]["terraform_types"]
    text = run_sovlint(["check", "--no-config", "."], cwd=tmp_path).stdout
    assert "instead: Simple Storage Service: Scaleway Object Storage (FR)" in text


def test_one_way_for_several_services_takes_the_greatest_effort(tmp_path: Path) -> None:
    text = (
        'provider "aws" {\n  region = "eu-central-1"\n}\nresource "aws_db_instance" "a" {}\n'
        'resource "aws_rds_cluster" "b" {}\nresource "aws_instance" "i" {}\nresource "aws_lightsail_instance" "l" {}\n'
    )
    ways = of_rule(findings(tmp_path, {"main.tf": text}), "SOV201")["alternatives"]
    merged = [way for way in ways if len(way["replaces"]) > 1]
    assert merged, "these services have ways out in common"
    order = ("S", "M", "L", "XL")
    catalogue = open_catalogue()
    services = {e["title"]: e["effort"] for e in catalogue.shard("services-aws").values() if "effort" in e}
    for way in merged:
        assert order.index(way["effort"]) >= max(order.index(services[title]) for title in way["replaces"])


def test_one_service_gets_all_its_ways_out(tmp_path: Path) -> None:
    text = (
        'provider "aws" {\n  region = "eu-central-1"\n}\nresource "aws_s3_bucket" "a" {}\nresource "aws_vpc" "v" {}\n'
    )
    ways = of_rule(findings(tmp_path, {"main.tf": text}), "SOV201")["alternatives"]
    assert len(ways) > 2
    assert all(way["replaces"] == [] for way in ways)
    assert {"managed", "self-hosted"} == {way["kind"] for way in ways}


def test_an_option_says_where_and_when_it_was_looked_up(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "a" {}\n'
    for way in of_rule(findings(tmp_path, {"main.tf": text}), "SOV101")["alternatives"]:
        assert way["source"].startswith("https://"), way
        assert way["as_of"] >= "2025-01-01", way


def test_what_is_lost_stands_beside_the_option(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "a" {}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    shown = " ".join(run_sovlint(["check", "--no-config", "."], cwd=tmp_path).stdout.split())
    way = of_rule(findings(tmp_path, {}), "SOV101")["alternatives"][1]
    assert f"effort {way['effort']}, loses {way['loses']}" in shown


RANK = {"private": 0, "inside": 0, "nexus": 1, "attested": 2, "outside": 3, "unknown": 3}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return open_catalogue()


PROVIDERS = {
    "aws": 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_s3_bucket" "a" {}\n',
    "exoscale": 'resource "exoscale_compute_instance" "a" {\n  zone = "ch-gva-2"\n  type = "standard.small"\n}\n',
    "ovh": 'resource "ovh_cloud_project_kube" "k" {\n  service_name = "s"\n  region = "BHS5"\n}\n',
    "google": 'resource "google_sql_database_instance" "a" {\n  region = "us-central1"\n  database_version = "X"\n}\n',
}


@pytest.mark.parametrize("profile", ["eu-baseline", "eu-strict", "nl-gemeente", "gaiax-l3"])
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_no_offer_is_worse_than_what_it_replaces(
    tmp_path: Path, catalogue: Catalogue, provider: str, profile: str
) -> None:
    loaded = load_profile(catalogue, profile)
    area = loaded.control_area
    offers = 0
    for finding in findings(tmp_path, {"main.tf": PROVIDERS[provider]}, "--profile", profile):
        place = finding["place"]
        current = RANK[control_relation(catalogue, place["operator"], area)] if place else 3
        for way in finding["alternatives"]:
            offers += 1
            if way["kind"] == "managed":
                assert RANK[control_relation(catalogue, way["operator"], area)] <= min(current, 1), (finding, way)
            elif way["kind"] == "region":
                assert way["country"] in loaded.zone
                assert RANK[control_relation(catalogue, way["operator"], area)] <= current
    assert offers


def test_explain_lists_what_the_report_cuts(catalogue: Catalogue) -> None:
    page = json.loads(run_sovlint(["explain", "SOV501", "--format", "json"]).stdout)
    ways = page["entries"][0]["alternatives"]
    listed = [option["title"] for way in ways for option in way["options"]]
    assert listed == [option.title for option in catalogue.alternatives("container-registry")]
    text = run_sovlint(["explain", "SOV501"]).stdout
    assert all(title in text for title in listed)


def test_explain_of_a_service_lists_all_ways_out() -> None:
    by_service = run_sovlint(["explain", "aws/s3"])
    assert by_service.returncode == 0, by_service.stderr
    by_type = run_sovlint(["explain", "aws_s3_bucket"]).stdout
    for title in ("Scaleway Object Storage", "Garage"):
        assert title in by_service.stdout
        assert title in by_type
    assert "aws_s3_bucket" in by_service.stdout
