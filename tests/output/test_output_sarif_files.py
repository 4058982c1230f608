"""SARIF of real files: positions whatever the file is written like, fingerprints when lines move, all fixtures."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sovlint.output.sarif_rules import ASSUMING
from support import REPOSITORY, run_sovlint

SCHEMA = json.loads((Path(__file__).parents[1] / "data/sarif-schema-2.1.0.json").read_text("utf-8"))

TERRAFORM = """\
# {comment}
variable "region" {{
\tdefault = /* {comment} */ "us-east-1"
}}

provider "aws" {{
  region = var.region
}}

resource "aws_s3_bucket" "a" {{
  bucket = "{comment}"
}}

resource "aws_sqs_queue" "q" {{ /* {comment} */ region = "us-west-2" }}
"""
YAML = """\
# {comment}
apiVersion: v1
kind: Pod
metadata: {{name: x, annotations: {{a: "{comment}"}}}}
spec:
  containers:
    - {{name: "{comment}", image: "ghcr.io/x/y:1"}}
"""


@cache
def all_fixtures() -> Any:
    done = run_sovlint(["check", "fixtures", "--no-config", "-f", "sarif", "--show-waived"], cwd=REPOSITORY)
    return json.loads(done.stdout)


def results(folder: Path) -> list[Any]:
    done = run_sovlint(["check", ".", "--no-config", "-f", "sarif"], cwd=folder)
    found: list[Any] = json.loads(done.stdout)["runs"][0]["results"]
    return found


@pytest.mark.parametrize("comment", ["plain", "tab\there", "é e\u0301", "中文 図", "👩🏽‍🚀 🇪🇺 ✈️", "\u2028"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_positions(tmp_path: Path, comment: str, line_end: str, mark: str) -> None:
    texts = {"main.tf": TERRAFORM, "pod.yaml": YAML}
    for name, text in texts.items():
        written = mark + text.format(comment=comment).replace("\n", line_end)
        (tmp_path / name).write_bytes(written.encode())
    seen = set()
    for result in results(tmp_path):
        physical = result["locations"][0]["physicalLocation"]
        region = physical["region"]
        # As a viewer does it: without the mark, lines by line feeds, columns by code points.
        lines = (tmp_path / physical["artifactLocation"]["uri"]).read_bytes().decode("utf-8-sig").split("\n")
        assert region["startLine"] == region["endLine"]
        text = lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]
        assert text == region["snippet"]["text"]
        seen.add(text)
    assert {'"us-east-1"', '"us-west-2"', '"ghcr.io/x/y:1"'} <= seen


def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    def prints() -> list[str]:
        return sorted(result["partialFingerprints"]["sovlint/v1"] for result in results(tmp_path))

    (tmp_path / "main.tf").write_text(TERRAFORM.format(comment="x"), "utf-8")
    (tmp_path / "pod.yaml").write_text(YAML.format(comment="x"), "utf-8")
    before = prints()
    assert len(before) == len(set(before)) > 3
    (tmp_path / "main.tf").write_text("# moved\n\n" + TERRAFORM.format(comment="another comment"), "utf-8")
    (tmp_path / "pod.yaml").write_text("# moved\n\n" + YAML.format(comment="x"), "utf-8")
    assert prints() == before


def test_all_fixtures_are_valid() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(all_fixtures())


def test_fingerprints_of_all_fixtures_are_unique() -> None:
    found = [result["partialFingerprints"] for result in all_fixtures()["runs"][0]["results"]]
    assert len(found) > 300
    for key in ("primaryLocationLineHash", "sovlint/v1"):
        assert len({one[key] for one in found}) == len(found)


def test_precision_is_what_rules_are_like() -> None:
    """A rule most findings of which are heuristic must not claim to be precise; `ASSUMING` lists those."""
    number: dict[str, Counter[str]] = {}
    for result in all_fixtures()["runs"][0]["results"]:
        number.setdefault(result["ruleId"], Counter())[result["properties"]["confidence"]] += 1
    # Fewer than four findings say little.
    often = {rule: seen["heuristic"] / seen.total() for rule, seen in number.items() if seen.total() > 3}
    assert {rule for rule, share in often.items() if share > 0.5} <= ASSUMING
    assert not {rule for rule, share in often.items() if share < 0.2} & ASSUMING
    precision = {
        rule["id"]: rule["properties"]["precision"] for rule in all_fixtures()["runs"][0]["tool"]["driver"]["rules"]
    }
    assert {rule for rule, how in precision.items() if how == "medium"} == set(ASSUMING)
