"""The SEAL ceiling: at most, never reached; set by the finding that leaves the least; waivers do not lift it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sovlint.catalogue import open_catalogue
from support import POLICIES, run_sovlint

CATALOGUE = open_catalogue()
CSF: dict[str, Any] = CATALOGUE.shard("frameworks")["csf"]

AWS = 'provider "aws" {\n  region = "eu-central-1"\n}\nresource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n'
EUROPE = 'resource "scaleway_object_bucket" "b" {\n  name = "b"\n  region = "fr-par"\n}\n'


def run(folder: Path, text: str, *args: str, form: str = "json") -> str:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    result = run_sovlint(["check", "--format", form, "--no-config", *args, "."], cwd=folder)
    assert result.returncode in (0, 1), result.stderr
    return result.stdout


def ceilings(folder: Path, text: str, *args: str) -> dict[str, Any]:
    report = json.loads(run(folder, text, *args))
    schema = json.loads((POLICIES / "schema" / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    found: dict[str, Any] = report["ceilings"]
    return found


def levels(found: dict[str, Any]) -> dict[str, int | None]:
    return {row["objective"]: row["at_most"] for row in found["objectives"]}


def test_the_finding_that_leaves_least_sets_the_ceiling(tmp_path: Path) -> None:
    found = ceilings(tmp_path, AWS)
    nothing = dict.fromkeys(("SOV-3", "SOV-5", "SOV-7", "SOV-8"))
    assert levels(found) == {"SOV-1": 1, "SOV-2": 1, "SOV-4": 2, "SOV-6": 2, **nothing}
    assert found["at_most"] == 1
    rows = {row["objective"]: row for row in found["objectives"]}
    assert (rows["SOV-1"]["rule"], rows["SOV-1"]["path"], rows["SOV-1"]["line"]) == ("SOV201", "main.tf", 1)
    assert (rows["SOV-6"]["rule"], rows["SOV-6"]["line"]) == ("SOV401", 4)
    assert rows["SOV-8"]["visible"] is False


def test_no_finding_sets_none_and_claims_nothing(tmp_path: Path) -> None:
    found = ceilings(tmp_path, EUROPE)
    assert found["at_most"] is None
    assert set(levels(found).values()) == {None}
    assert "SEAL" not in run(tmp_path, EUROPE, form="text")
    verbose = run(tmp_path, EUROPE, "-v", "--profile", "csf-seal3", form="text")
    assert "CSF 1.2.1: no finding limits the level; what configuration does not show may" in verbose
    assert re.search(r"SOV-3 Data and AI sovereignty +not limited", verbose)


def test_an_undetermined_place_sets_none(tmp_path: Path) -> None:
    unknown = EUROPE.replace('"fr-par"', "var.region") + 'variable "region" {}\n'
    assert "SOV109" in run(tmp_path, unknown)
    assert levels(ceilings(tmp_path, unknown))["SOV-3"] is None


def test_a_waiver_does_not_lift_it(tmp_path: Path) -> None:
    waiver = '# sovlint:waive SOV201 until=2027-01-01 owner=team reason="contract"\n'
    today = ("--today", "2026-11-23")
    assert '"rule": "SOV201",\n      "name"' not in run(tmp_path, waiver + AWS, *today)
    assert levels(ceilings(tmp_path, waiver + AWS, *today))["SOV-1"] == 1


def test_an_offer_run_from_the_union_leaves_more(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "eusc-de-east-1"\n}\nresource "aws_s3_bucket" "b" {}\n'
    assert levels(ceilings(tmp_path, text))["SOV-1"] == 2


def test_lock_in_of_a_european_operator_sets_none(tmp_path: Path) -> None:
    text = 'resource "scaleway_key_manager_key" "k" {\n  name = "k"\n  region = "fr-par"\n}\n'
    assert "SOV401" in run(tmp_path, text)
    assert levels(ceilings(tmp_path, text))["SOV-6"] is None


def test_text_names_level_and_finding(tmp_path: Path) -> None:
    lines = run(tmp_path, AWS, form="text").splitlines()
    assert "CSF 1.2.1: the findings allow at most SEAL-1; what configuration does not show may lower it" in lines
    assert "  SOV-1, SOV-2  at most SEAL-1  SOV201 main.tf:1:10" in lines
    # Profiles that do not cite the framework keep quiet about it, unless everything is asked for.
    assert "SEAL" not in run(tmp_path, AWS, "--profile", "dora", form="text")
    assert "at most SEAL-1" in run(tmp_path, AWS, "--profile", "dora", "-v", form="text")


def test_sarif_has_it_among_the_properties_of_the_run(tmp_path: Path) -> None:
    log = json.loads(run(tmp_path, AWS, form="sarif"))
    assert log["runs"][0]["properties"]["ceilings"] == ceilings(tmp_path, AWS)


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_nothing_says_that_a_level_is_reached(tmp_path: Path, form: str) -> None:
    for text in (AWS, EUROPE):
        shown = run(tmp_path, text, "--profile", "csf-seal2", "-v", form=form)
        for match in re.finditer(r"SEAL-\d", shown):
            before = shown[: match.start()].rpartition("\n")[2][-40:]
            assert before.endswith("at most ") or "SEAL-2 is the level" in shown[match.start() :][:20], before


def test_a_ceiling_is_only_set_by_rules_that_inform_the_objective() -> None:
    for row in CSF["ceilings"]:
        assert row["source"]
        assert row["as_of"]
        for code in row["rules"]:
            for objective in row["objectives"]:
                assert f"csf:{objective}" in CATALOGUE.rules[code]["informs"], (code, objective)


def test_every_objective_that_a_rule_informs_has_a_ceiling() -> None:
    """Apart from what is no violation, or says only that nobody knows."""
    without = {"SOV105", "SOV109", "SOV205"}
    capped = {(code, o) for row in CSF["ceilings"] for code in row["rules"] for o in row["objectives"]}
    informed = {
        (code, criterion.partition(":")[2])
        for code, rule in CATALOGUE.rules.items()
        for criterion in rule["informs"]
        if criterion.startswith("csf:") and code not in without
    }
    assert informed - capped == set()


def test_weights_add_up() -> None:
    assert [sum(row["percent"].values()) for row in CSF["weights"]] == [100, 100]
    assert all(set(row["percent"]) == set(CSF["criteria"]) for row in CSF["weights"])
