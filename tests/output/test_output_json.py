"""JSON against its published schema, and what INTERFACE promises of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE,
    HOSTILE_COMPARED,
    NOWHERE,
    UNDETERMINED,
    WAIVED,
    WIDE,
    finding,
    many,
    report,
)

from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style

SCHEMA = json.loads((Path(__file__).parents[2] / "policies/schema/report.schema.json").read_text("utf-8"))


def render(shown: Report, show_waived: bool = False) -> str:
    return FORMATS["json"](shown, Style(show_waived=show_waived))


def parse(shown: Report, show_waived: bool = False) -> Any:
    return json.loads(render(shown, show_waived))


@pytest.mark.parametrize("shown", [EVERYTHING, COMPARED, HOSTILE_COMPARED, report(), report(finding()), many(50)])
@pytest.mark.parametrize("show_waived", [False, True])
def test_schema(shown: Report, show_waived: bool) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(parse(shown, show_waived))


def test_schema_is_strict() -> None:
    def strict(schema: Any) -> bool:
        if isinstance(schema, list):
            return all(map(strict, schema))
        if not isinstance(schema, dict):
            return True
        properties = schema.get("properties")
        ours = not properties or (
            schema["additionalProperties"] is False and set(schema["required"]) == set(properties)
        )
        return ours and all(map(strict, schema.values()))

    assert strict(SCHEMA)


def test_finding() -> None:
    assert parse(report(finding(affects=("aws_s3_bucket.a",))))["findings"] == [
        {
            "rule": "SOV101",
            "name": "region-outside-zone",
            "severity": "critical",
            "verdict": "violation",
            "confidence": "resolved",
            "message": "United States: outside the EEA",
            "path": "envs/prod/terraform.tfvars",
            "line": 3,
            "column": 10,
            "end_line": 3,
            "end_column": 21,
            "resource": "provider.aws",
            "kind": "aws",
            "value": "us-east-1",
            "place": {
                "operator": "aws",
                "region": "us-east-1",
                "title": "N. Virginia",
                "kind": "region",
                "country": "US",
                "countries": ["US"],
                "zones": [],
            },
            "affects": ["aws_s3_bucket.a"],
            "instances": 1,
            "units": ["envs/prod"],
            "environments": [],
            "via": [{"path": "envs/prod/main.tf", "line": 2, "column": 12, "note": "provider.aws.region = var.region"}],
            "related": [],
            "alternatives": [
                {
                    "title": "eu-central-1 (Frankfurt)",
                    "kind": "region",
                    "operator": "aws",
                    "country": "DE",
                    "terraform_types": [],
                    "effort": "",
                    "api": "",
                    "loses": "",
                    "licence": "",
                    "replaces": [],
                    "source": "",
                    "as_of": "",
                    "evidence": [],
                },
                {
                    "title": "Scaleway Object Storage",
                    "kind": "managed",
                    "operator": "scaleway",
                    "country": "FR",
                    "terraform_types": ["scaleway_object_bucket"],
                    "effort": "S",
                    "api": "S3 API",
                    "loses": "event notifications",
                    "licence": "",
                    "replaces": [],
                    "source": "",
                    "as_of": "",
                    "evidence": [{"scheme": "SecNumCloud", "source": "https://cyber.gouv.fr/", "as_of": "2026-10-01"}],
                },
            ],
            "informs": ["csf:SOV-3", "gaia-x:P5.1.2", "gdpr:44"],
            "inputs": [],
            "profile": "eu-baseline",
            "fingerprint": "0123456789abcdef",
            "waiver": None,
        }
    ]


def test_top_level() -> None:
    document = parse(report(finding(), WAIVED, UNDETERMINED, waived=1, undetermined=1, inputs=("var.a",)))
    assert list(document) == [
        *("schema", "tool", "profile", "summary", "findings", "problems", "inputs", "notes"),
        *("environments", "comparison", "waivers", "ceilings"),
    ]
    assert (document["environments"], document["comparison"], document["waivers"]) == ([], None, [])
    assert document["ceilings"] is None
    assert document["schema"] == "sovlint-report/1"
    assert document["summary"] == {
        "files": 12,
        "resources": 48,
        "undetermined": 1,
        "findings": {"critical": 1, "high": 0, "medium": 0, "low": 0, "note": 1},
        "waived": 1,
    }


def test_zones_of_a_multi_region_are_common_to_all() -> None:
    def place(**changes: Any) -> Any:
        return parse(report(finding(**changes)))["findings"][0]["place"]

    multi = place(place=WIDE.place)
    assert (multi["country"], multi["countries"], multi["zones"]) == (
        None,
        ["BE", "FI", "NL"],
        ["eu27", "eea", "eea_ch"],
    )
    assert WIDE.place is not None
    mixed = place(place=WIDE.place.__class__("google", "x", "google", ("NL", "NO"), "multi"))
    assert mixed["zones"] == ["eea", "eea_ch"]
    nowhere = place(place=NOWHERE)
    assert (nowhere["country"], nowhere["countries"], nowhere["zones"]) == (None, [], [])
    assert place(place=None) is None


def test_comparison_environments_and_register() -> None:
    document = parse(COMPARED)
    assert document["findings"][0]["environments"] == ["prod", "test"]
    assert document["environments"] == ["dev", "test", "prod"]
    assert document["comparison"]["with"] == "baseline .sovlint-baseline.json"
    assert document["comparison"]["solved"][0] == {
        "rule": "SOV101",
        "address": "aws_s3_bucket.old",
        "path": "old.tf",
        "line": 3,
        "message": "United States: outside the EEA",
    }
    assert [entry["state"] for entry in document["waivers"]] == ["in-force", "unused", "expired", "malformed"]
    assert document["waivers"][1] == {
        "rules": ["SOV201", "SOV3"],
        "until": "2027-06-30",
        "owner": "cloud-platform",
        "reason": "contract runs until mid 2027, exit plan ICT-4711",
        "path": ".sovlint.yaml",
        "line": 12,
        "paths": ["legacy/**"],
        "addresses": ["module.old.*"],
        "configured": True,
        "state": "unused",
        "defect": "",
        "covers": 0,
    }


def test_waived_findings_are_shown_and_counted_apart() -> None:
    shown = report(WAIVED, waived=1)
    assert parse(shown)["findings"] == []
    document = parse(shown, show_waived=True)
    assert document["findings"][0]["waiver"] == {
        "rules": ["SOV201"],
        "until": "2027-03-31",
        "owner": "platform-team",
        "reason": "migration to Scaleway, ticket ICT-4711",
        "path": "main.tf",
        "line": 8,
    }
    assert document["summary"]["findings"]["medium"] == 0


def test_bytes() -> None:
    output = render(EVERYTHING)
    assert output == render(EVERYTHING)
    assert output.endswith("}\n")
    assert "地域" not in output  # snippets are not part of it
    assert "中文" in output
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff")
    output.encode()
    assert json.loads(output)["notes"][1] == HOSTILE
