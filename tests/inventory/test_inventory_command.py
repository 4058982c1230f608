"""`sovlint inventory` as a user runs it: exact rows for small inputs, the published schema, the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from sovlint.judge.profile import ControlRelation, ZoneRelation
from sovlint.model.fact import PlaceRole
from sovlint.model.resource import Format
from support import FIXTURES, POLICIES, run_sovlint

SCHEMA = json.loads((POLICIES / "schema" / "inventory.schema.json").read_text(encoding="utf-8"))

MAIN = """\
provider "aws" {
  region = "eu-central-1"
}

resource "aws_dynamodb_table" "sessions" {
  name = "sessions"

  replica {
    region_name = "us-west-2"
  }
}

resource "aws_iam_role" "node" {
  name = "node"
}

resource "random_pet" "name" {}

resource "scaleway_object_bucket" "files" {
  name   = "files"
  region = "nl-ams"
}

resource "nobody_knows" "this" {}

data "aws_region" "current" {}
"""

OBJECTS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: ghcr.io/org/web:1
---
apiVersion: v1
kind: Service
metadata:
  name: web
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(MAIN, encoding="utf-8")
    (tmp_path / "web.yaml").write_text(OBJECTS, encoding="utf-8")
    return tmp_path


def inventory(*args: str | Path, cwd: Path = FIXTURES, code: int = 0) -> dict[str, Any]:
    """The JSON form, valid by its schema."""
    done = run_sovlint(["inventory", "--format", "json", *args], cwd=cwd)
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def test_schema_is_strict_and_knows_every_word() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    defined = SCHEMA["$defs"]
    assert all(entry["additionalProperties"] is False for entry in defined.values())
    place = defined["place"]["properties"]
    assert set(get_args(PlaceRole)) <= set(place["role"]["enum"])
    assert set(get_args(ZoneRelation)) == set(place["verdict"]["enum"])
    assert set(get_args(ControlRelation)) <= set(defined["resource"]["properties"]["control"]["enum"])
    assert set(get_args(Format)) - {"project"} == set(defined["resource"]["properties"]["format"]["enum"])


def test_rows_of_a_small_project(project: Path) -> None:
    document = inventory(cwd=project)
    rows = {row["address"]: row for row in document["resources"]}
    assert list(rows) == sorted(rows)
    assert list(rows) == [
        "apps/Deployment/-/web",
        "aws_dynamodb_table.sessions",
        "aws_iam_role.node",
        "core/Service/-/web",
        "nobody_knows.this",
        "random_pet.name",
        "scaleway_object_bucket.files",
    ]
    assert rows["aws_dynamodb_table.sessions"] == {
        "address": "aws_dynamodb_table.sessions",
        "kind": "aws_dynamodb_table",
        "format": "terraform",
        "mode": "managed",
        "unit": "",
        "provider": "aws",
        "operator": "aws",
        "country": "US",
        "control": "outside",
        "service": "aws/dynamodb",
        "role": "primary",
        "lock_in": 4,
        "verdict": "outside",
        "places": [
            {
                "role": "primary",
                "region": "eu-central-1",
                "country": "DE",
                "countries": ["DE"],
                "zones": ["adequate", "eea", "eea_ch", "eu27"],
                "verdict": "inside",
                "operator": "aws",
                "attribute": "region",
                "candidate": False,
            },
            {
                "role": "copy",
                "region": "us-west-2",
                "country": "US",
                "countries": ["US"],
                "zones": [],
                "verdict": "outside",
                "operator": "aws",
                "attribute": "replica[0].region_name",
                "candidate": False,
            },
        ],
        "artefacts": [],
        "path": "main.tf",
        "line": 5,
    }
    auxiliary = rows["aws_iam_role.node"]
    assert (auxiliary["role"], auxiliary["verdict"], auxiliary["places"]) == ("auxiliary", "unplaced", [])
    good = rows["scaleway_object_bucket.files"]
    assert (good["operator"], good["country"], good["control"], good["verdict"]) == (
        "scaleway",
        "FR",
        "inside",
        "inside",
    )
    assert rows["random_pet.name"]["operator"] is None
    unknown = rows["nobody_knows.this"]
    assert (unknown["provider"], unknown["service"], unknown["role"]) == ("nobody", None, None)
    (image,) = rows["apps/Deployment/-/web"]["artefacts"]
    assert (image["host"], image["operator"], image["country"]) == ("ghcr.io", "github", "US")
    assert rows["core/Service/-/web"]["artefacts"] == []


def test_totals_of_a_small_project(project: Path) -> None:
    assert inventory(cwd=project)["totals"] == {
        "resources": 7,
        "operators": {"unknown": 4, "aws": 2, "scaleway": 1},
        "countries": {"unknown": 4, "US": 2, "FR": 1},
        "hosts": {"ghcr.io": 1},
        "lock_in": {"1": 1, "3": 1, "4": 1, "unknown": 4},
        "verdicts": {"unplaced": 5, "inside": 1, "outside": 1},
    }


def test_files_given_as_paths_select_rows(project: Path) -> None:
    addresses = [row["address"] for row in inventory("web.yaml", cwd=project)["resources"]]
    assert addresses == ["apps/Deployment/-/web", "core/Service/-/web"]


def test_variables_and_profile_count(tmp_path: Path) -> None:
    text = 'variable "r" {}\nprovider "aws" {\n  region = var.r\n}\nresource "aws_s3_bucket" "b" {}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (open_,) = inventory(cwd=tmp_path)["resources"]
    assert (open_["verdict"], open_["places"][0]["region"]) == ("undetermined", None)
    (swiss,) = inventory("--var", "r=eu-central-2", cwd=tmp_path)["resources"]
    (accepted,) = inventory("--var", "r=eu-central-2", "--profile", "nl-rijk-2026", cwd=tmp_path)["resources"]
    assert (swiss["verdict"], accepted["verdict"]) == ("outside", "inside")


def test_state_backends_are_there(tmp_path: Path) -> None:
    text = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "us-east-1"\n  }\n}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (row,) = inventory(cwd=tmp_path)["resources"]
    assert (row["address"], row["mode"], row["operator"]) == ("terraform.backend.s3", "backend", "aws")
    assert [(place["role"], place["region"]) for place in row["places"]] == [("state", "us-east-1")]


@pytest.mark.parametrize("form", ["text", "json"])
def test_broken_input_is_a_problem_and_exit_2(tmp_path: Path, form: str) -> None:
    (tmp_path / "good.tf").write_text('resource "scaleway_object_bucket" "b" {}\n', encoding="utf-8")
    (tmp_path / "bad.tf").write_text('resource "x" {\n', encoding="utf-8")
    done = run_sovlint(["inventory", "--format", form], cwd=tmp_path)
    assert done.returncode == 2
    assert "scaleway_object_bucket.b" in done.stdout
    assert done.stderr.startswith("error: bad.tf:")


def test_missing_path_and_unknown_profile_exit_2(tmp_path: Path) -> None:
    assert run_sovlint(["inventory", "nowhere"], cwd=tmp_path).returncode == 2
    done = run_sovlint(["inventory", "--profile", "nobody"], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "eu-baseline" in done.stderr


def test_all_fixtures_fit_the_schema_and_twice_is_the_same() -> None:
    args = ["inventory", "--format", "json", "projects"]
    first, second = (run_sovlint(args, cwd=FIXTURES) for _ in range(2))
    assert first.stdout == second.stdout
    rows = inventory("projects")["resources"]
    keys = [(row["address"], row["unit"], row["path"], row["line"]) for row in rows]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_table(project: Path) -> None:
    done = run_sovlint(["inventory", "--verbose", "main.tf"], cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["ADDRESS", "SERVICE", "PLACE", "OPERATOR", "LOCK-IN"]
    start = lines[0].index("PLACE")
    at = next(number for number, line in enumerate(lines) if line.startswith("aws_dynamodb_table.sessions"))
    assert lines[at][start:].split() == ["eu-central-1", "DE", "AWS", "US", "4"]
    assert lines[at + 1].strip() == "copy: us-west-2 US outside"
    assert "5 resources, 2 of them auxiliary" in lines
    assert "  by operator  AWS: 2, none known: 2, Scaleway: 1" in lines


def test_table_fits_the_width_and_loses_nothing() -> None:
    done = run_sovlint(["inventory", "projects"], cwd=FIXTURES)
    assert max(map(len, done.stdout.splitlines())) <= 100
    whole = run_sovlint(["inventory", "--verbose", "projects"], cwd=FIXTURES)
    for row in inventory("projects")["resources"]:
        assert row["address"] in whole.stdout
        # Folded addresses are set in: without white space they are there.
    folded = "".join(line.split("  ")[0].strip() for line in done.stdout.splitlines())
    assert 'aws_iam_role_policy_attachment.node["AmazonEKSWorkerNodePolicy"]' in folded


def test_nothing_found(tmp_path: Path) -> None:
    done = run_sovlint(["inventory"], cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "no resources: no Terraform, Kubernetes or Helm input was found\n"
    assert inventory(cwd=tmp_path)["totals"]["resources"] == 0


def test_names_from_files_cannot_command_the_terminal(tmp_path: Path) -> None:
    text = OBJECTS.replace("name: web\nspec", 'name: "w\\x1b[31m"\nspec', 1)
    (tmp_path / "web.yaml").write_text(text, encoding="utf-8")
    for form in ("text", "json"):
        assert "\x1b" not in run_sovlint(["inventory", "--format", form], cwd=tmp_path).stdout
