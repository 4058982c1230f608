"""Words that mean a place: copies to the paired region, places left to the operator; what is not known of them."""

from __future__ import annotations

import pytest

from places_data import catalogue
from sovlint.discovery import MemoryTree
from sovlint.judge.judge import Judge
from sovlint.model.fact import Placement
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root
from sovlint.survey.terraform import TerraformSurvey

PLACING = ("SOV101", "SOV102", "SOV103", "SOV104", "SOV106", "SOV107", "SOV109")


def findings(text: str) -> list[tuple[str, str]]:
    """Rule and the value it stands on, of the rules about places."""
    loaded = load_root(FolderCache(MemoryTree({"main.tf": text})), "", Given())
    facts = list(TerraformSurvey(catalogue()).facts(loaded.resources))
    atoms = Judge(catalogue(), "eu-baseline").atoms(facts)
    return sorted((a.rule, a.cause.value or a.cause.attribute) for a in atoms if a.rule in PLACING)


def account(location: str, replication: str) -> str:
    return f"""
variable "given" {{
  type = string
}}
variable "test" {{
  type = bool
}}
resource "azurerm_storage_account" "one" {{
  name                     = "one"
  location                 = {location}
  account_replication_type = {replication}
}}
"""


@pytest.mark.parametrize(
    ("location", "replication", "expected"),
    [
        ('"West Europe"', '"GRS"', []),
        ('"West Europe"', "var.given", []),
        ('"polandcentral"', '"GRS"', []),  # without a pair
        ('"brazilsouth"', '"LRS"', [("SOV101", "brazilsouth")]),
        ('"brazilsouth"', '"GRS"', [("SOV101", "brazilsouth"), ("SOV103", "GRS")]),
        ('"brazilsouth"', '"ragrs"', [("SOV101", "brazilsouth"), ("SOV103", "ragrs")]),
        # Not known whether there is a copy: never a violation.
        ('"brazilsouth"', "var.given", [("SOV101", "brazilsouth"), ("SOV109", "account_replication_type")]),
        ('"brazilsouth"', 'var.test ? "LRS" : "ZRS"', [("SOV101", "brazilsouth")]),
        (
            '"brazilsouth"',
            'var.test ? "LRS" : "GRS"',
            [("SOV101", "brazilsouth"), ("SOV109", "account_replication_type")],
        ),
        # The place of the original is not known: said once.
        ("var.given", '"GRS"', [("SOV109", "location")]),
    ],
)
def test_copies_to_the_paired_region(location: str, replication: str, expected: list[tuple[str, str]]) -> None:
    assert findings(account(location, replication)) == expected


def test_what_belongs_to_a_server_is_paired_with_the_server() -> None:
    found = findings("""
resource "azurerm_mssql_server" "s" {
  location = "brazilsouth"
}
resource "azurerm_mssql_database" "d" {
  server_id            = azurerm_mssql_server.s.id
  storage_account_type = "Geo"
}
""")
    assert ("SOV103", "Geo") in found


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ('["EDGE"]', [("SOV104", "EDGE")]),
        ('["REGIONAL"]', []),
        ("[var.types]", [("SOV109", "endpoint_configuration[0].types[0]")]),
    ],
)
def test_a_word_that_leaves_the_place_open(types: str, expected: list[tuple[str, str]]) -> None:
    found = findings(f"""
provider "aws" {{
  region = "eu-west-1"
}}
variable "types" {{
  type = string
}}
resource "aws_api_gateway_rest_api" "api" {{
  name = "api"
  endpoint_configuration {{
    types = {types}
  }}
}}
""")
    assert found == expected


def test_a_copy_where_the_original_is_adds_nothing() -> None:
    """The first location of a Cosmos DB account is the account's own."""
    found = findings("""
resource "azurerm_cosmosdb_account" "news" {
  location = "eastus"
  geo_location {
    location          = "East US"
    failover_priority = 0
  }
  geo_location {
    location          = "centralus"
    failover_priority = 1
  }
}
""")
    assert found == [("SOV101", "eastus"), ("SOV103", "centralus")]


def test_all_regions_of_a_list_count() -> None:
    found = findings("""
provider "aws" {
  region = "eu-west-1"
}
resource "aws_cloudformation_stack_instances" "agents" {
  regions = ["eu-west-1", "us-east-1", "us-west-2"]
}
""")
    assert found == [("SOV101", "us-east-1"), ("SOV101", "us-west-2")]


def test_every_paired_region_is_known() -> None:
    pairs = catalogue().shard("pairs")["azure"]
    unknown = [name for pair in pairs.items() for name in pair if catalogue().place("azure", name) is None]
    assert (len(pairs) > 40, unknown) == (True, [])
    assert all(name != other for name, other in pairs.items())


def test_placements_of_unknown_words_say_so() -> None:
    loaded = load_root(FolderCache(MemoryTree({"main.tf": account('"brazilsouth"', "var.given")})), "", Given())
    facts = list(TerraformSurvey(catalogue()).facts(loaded.resources))
    (copy,) = [fact for fact in facts if isinstance(fact, Placement) and fact.role == "copy"]
    assert [place.name for place in copy.places] == ["no copy", "southcentralus"]
    assert (copy.cause.known, "var.given" in copy.cause.reason) == (False, True)


PROVIDER = """
provider "google" {
  project = "acme"
}
variable "zones" {
  type = list(string)
}
resource "random_shuffle" "zones" {
  input = ["a"]
}
"""


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ("var.zones", [("SOV109", "node_locations")]),
        ("random_shuffle.zones.result", [("SOV109", "region")]),  # no variable would tell: the provider's region would
        ('["us-east1-b"]', [("SOV101", "us-east1-b")]),
        ('["europe-west4-a"]', []),
    ],
)
def test_a_zone_answers_last(zones: str, expected: list[tuple[str, str]]) -> None:
    cluster = f'resource "google_container_cluster" "c" {{\n  node_locations = {zones}\n}}\n'
    assert findings(PROVIDER + cluster) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("azurerm_storage_account.s.location", ["SOV101"]),
        ("azurerm_storage_account.s.primary_location", ["SOV101"]),
        ("var.there", ["SOV101", "SOV107"]),
        ('"eastus"', ["SOV101", "SOV107"]),
    ],
)
def test_a_client_of_what_is_declared_here_adds_nothing(location: str, expected: list[str]) -> None:
    found = findings(f"""
variable "there" {{
  default = "eastus"
}}
resource "azurerm_storage_account" "s" {{
  location = "eastus"
}}
resource "azurerm_cdn_frontdoor_origin" "o" {{
  private_link {{
    location = {location}
  }}
}}
""")
    assert [rule for rule, _ in found] == expected


def test_an_unknown_zone_leaves_it_to_the_unknown_region() -> None:
    found = findings("""
variable "region" {
  type = string
}
provider "aws" {
  region = var.region
}
resource "random_shuffle" "zones" {
  input = ["a"]
}
resource "aws_elb" "front" {
  availability_zones = random_shuffle.zones.result
}
""")
    assert found == [("SOV109", "region")]
