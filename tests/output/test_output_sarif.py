"""SARIF against the standard's schema, and what GitHub needs beyond it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE,
    HOSTILE_COMPARED,
    PROBLEMS,
    RULES,
    WAIVED,
    WAIVER,
    finding,
    location,
    many,
    minimal,
    report,
)

from sovlint.model.fact import Hop
from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style

SCHEMA = json.loads((Path(__file__).parents[1] / "data/sarif-schema-2.1.0.json").read_text("utf-8"))


def render(shown: Report, show_waived: bool = False) -> str:
    return FORMATS["sarif"](shown, Style(show_waived=show_waived))


def run(shown: Report, show_waived: bool = False) -> Any:
    return json.loads(render(shown, show_waived))["runs"][0]


@pytest.mark.parametrize(
    "shown",
    [
        *(EVERYTHING, COMPARED, HOSTILE_COMPARED, report(), report(finding()), many(50)),
        report(problems=PROBLEMS, rules=()),
        COMPARED._replace(repository="https://example.org/x.git", revision="0123abcd"),
    ],
)
@pytest.mark.parametrize("show_waived", [False, True])
def test_schema(shown: Report, show_waived: bool) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render(shown, show_waived)))


def test_head() -> None:
    log = json.loads(render(report()))
    assert list(log) == ["$schema", "version", "runs"]
    assert log["version"] == "2.1.0"
    only = log["runs"][0]
    assert only["automationDetails"]["id"] == "sovlint/eu-baseline/"
    assert only["columnKind"] == "unicodeCodePoints"
    assert only["results"] == []


def test_rules_never_vary_with_results() -> None:
    rules = run(report())["tool"]["driver"]["rules"]
    assert rules == run(EVERYTHING, show_waived=True)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    for rule in rules:
        for key in ("name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"):
            assert rule[key]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
        assert len(rule["properties"]["tags"]) <= 20
    first = rules[0]
    assert first["name"] == "RegionOutsideZone"
    assert first["shortDescription"]["text"] == "The primary place of a resource lies outside the profile's zone."
    assert first["fullDescription"]["text"] == (
        "Data in a region falls under the law of its country. See GDPR 44 (https://gdpr-info.eu/art-44-gdpr/)."
    )
    assert "#" not in first["help"]["text"]
    severities = {rule["id"]: rule["properties"]["security-severity"] for rule in rules}
    assert severities == {
        "SOV101": "9.5",
        "SOV109": "2.0",
        "SOV201": "5.5",
        "SOV501": "5.5",
        "SOV601": "8.0",
        "SOV401": "2.0",
    }


def test_result() -> None:
    (result,) = run(report(finding(affects=("aws_s3_bucket.a",))))["results"]
    assert result["ruleId"] == "SOV101"
    assert result["ruleIndex"] == 0
    assert result["level"] == "error"
    assert result["message"] == {"text": "United States: outside the EEA. Through [envs/prod/main.tf:2:12](1)."}
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "envs/prod/terraform.tfvars", "uriBaseId": "%SRCROOT%", "index": 0}
    assert physical["region"] == {
        "startLine": 3,
        "startColumn": 10,
        "endLine": 3,
        "endColumn": 21,
        "snippet": {"text": '"us-east-1"'},
    }
    (related,) = result["relatedLocations"]
    assert related["id"] == 1
    assert related["message"]["text"] == "provider.aws.region = var.region"
    assert result["partialFingerprints"] == {
        "primaryLocationLineHash": "0123456789abcdef",
        "sovlint/v1": "0123456789abcdef",
    }
    assert "suppressions" not in result


def test_levels_are_written_even_where_they_are_the_default() -> None:
    severities = ("critical", "high", "medium", "low", "note")
    results = run(report(*(finding(severity=severity) for severity in severities)))["results"]
    assert [result["level"] for result in results] == ["error", "error", "warning", "note", "note"]


def test_worst_first_then_by_position() -> None:
    shown = report(
        finding(severity="low", location=location("a.tf", 1, 1, 2)),
        finding(severity="critical", location=location("b.tf", 10, 1, 2)),
        finding(severity="critical", location=location("b.tf", 9, 1, 2)),
    )
    places = [result["locations"][0]["physicalLocation"] for result in run(shown)["results"]]
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == [
        ("b.tf", 9),
        ("b.tf", 10),
        ("a.tf", 1),
    ]


def test_fingerprints_are_unique() -> None:
    same = report(*(finding(fingerprint=text) for text in ("a", "a", "a:2", "a")))
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(same)["results"]]
    assert sorted(prints) == ["a", "a:2", "a:2:2", "a:3"]
    shown = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(many(500))["results"]]
    assert len(set(shown)) == 500


def test_uris() -> None:
    paths = ["a b/ü.tf", "x:y::z.tf", "100%.tf", "#?.tf", "中文.yaml", f"{HOSTILE}.tf"]
    results = run(report(*(minimal(location=location(path, 1, 1, 2)) for path in paths)))["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) for uri in uris)
    assert sorted(unquote(uri, errors="surrogateescape") for uri in uris) == sorted(paths)


def test_messages_link_every_related_location_and_nothing_else() -> None:
    for result in run(EVERYTHING, show_waived=True)["results"]:
        links = re.findall(r"(?<!\\)\]\((\d+)\)", result["message"]["text"])
        assert [int(link) for link in links] == [place["id"] for place in result.get("relatedLocations", [])]


def test_long_lists_are_capped_and_counted() -> None:
    affects = tuple(f"x.y[{n:05}]" for n in range(5000))
    (result,) = run(report(finding(affects=affects)))["results"]
    assert len(result["properties"]["affects"]) == 100
    assert result["properties"]["affectsCount"] == 5000
    assert "Places 5000 resources: x.y[00000], x.y[00001], x.y[00002], … 4997 more." in result["message"]["text"]


def test_suppressions_only_when_asked() -> None:
    shown = report(finding(), WAIVED, waived=1)
    assert len(run(shown)["results"]) == 1
    suppressions = [result["suppressions"] for result in run(shown, show_waived=True)["results"]]
    assert suppressions[0] == []
    assert suppressions[1][0]["kind"] == "inSource"
    assert suppressions[1][0]["justification"] == f"{WAIVER.reason} (platform-team, until 2027-03-31)"


def test_problems_are_notifications() -> None:
    (invocation,) = run(report(problems=PROBLEMS, notes=("chart a was not rendered",)))["invocations"]
    assert invocation["executionSuccessful"] is False
    notifications = invocation["toolExecutionNotifications"]
    assert [one["level"] for one in notifications] == ["error", "warning", "note"]
    assert notifications[0]["descriptor"] == {"id": "syntax"}
    (invocation,) = run(report(problems=PROBLEMS[1:]))["invocations"]
    assert invocation["executionSuccessful"] is True


def test_bytes() -> None:
    output = render(EVERYTHING, show_waived=True)
    assert output == render(EVERYTHING, show_waived=True)
    assert output.endswith("}\n")
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff")
    output.encode()


def test_results_are_not_spliced_in_elsewhere() -> None:
    forged = '\n      "results": []'
    (result,) = run(report(minimal(message=forged), profile=forged))["results"]
    assert result["message"]["text"].startswith('"results": []')


def test_many_results_are_fast(capsys: pytest.CaptureFixture[str]) -> None:
    shown = many(25_000)
    start = time.perf_counter()
    output = render(shown)
    seconds = time.perf_counter() - start
    with capsys.disabled():
        print(f"\n25,000 results: {seconds:.1f} s, {len(output) / 1e6:.0f} MB of SARIF")
    assert len(json.loads(output)["runs"][0]["results"]) == 25_000
    assert seconds < 60


def test_names_are_not_capitalised() -> None:
    for text, start in (
        ("ghcr.io is run by GitHub", "ghcr.io is run by GitHub."),
        ("s3 is outside", "s3 is outside."),
        ("var.region has no value", "var.region has no value."),
        ("aws_kms_key is the operator's", "aws_kms_key is the operator's."),
        ("state is kept by HashiCorp", "State is kept by HashiCorp."),
        ("a client is pointed to", "A client is pointed to."),
    ):
        (result,) = run(report(minimal(message=text)))["results"]
        assert result["message"]["text"] == start


def test_kinds_of_names() -> None:
    for name, kind in (
        ("var.region", "variable"),
        ("local.x", "variable"),
        ("module.db", "module"),
        ("module.db.aws_s3_bucket.a", "resource"),
        ("provider.aws", "resource"),
        ("apps/Deployment/x/y", "resource"),
    ):
        (result,) = run(report(minimal(resource=name)))["results"]
        assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": name, "kind": kind}]


def test_frameworks_are_taxonomies() -> None:
    only = run(report())
    taxonomies = only["taxonomies"]
    assert [(one["name"], [taxon["id"] for taxon in one["taxa"]]) for one in taxonomies] == [
        ("CSF", ["SOV-1", "SOV-3", "SOV-4", "SOV-5"]),
        ("Gaia-X", ["P5.1.1", "P5.1.2"]),
        ("GDPR", ["44"]),
    ]
    driver = only["tool"]["driver"]
    assert driver["supportedTaxonomies"] == [
        {"name": one["name"], "index": index} for index, one in enumerate(taxonomies)
    ]
    for rule, info in zip(driver["rules"], RULES, strict=True):
        targets = [relation["target"] for relation in rule["relationships"]]
        assert len(targets) == len(info.informs)
        for target in targets:
            taxonomy = taxonomies[target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert taxonomy["taxa"][target["index"]]["id"] == target["id"]


def test_the_way_of_a_value_is_a_code_flow() -> None:
    way = (Hop(location("m.tf", 2, 3, 9), "var.a = local.b"), Hop(location("n.tf", 4, 5, 9), "provider.aws.region"))
    with_way, without = run(report(finding(via=way), minimal()))["results"]
    ((thread,),) = [flow["threadFlows"] for flow in with_way["codeFlows"]]
    steps = [step["location"] for step in thread["locations"]]
    assert [step["message"]["text"] for step in steps] == [
        "us-east-1 is written here",
        "var.a = local.b",
        "provider.aws.region",
    ]
    assert [step["physicalLocation"]["region"]["startLine"] for step in steps] == [3, 2, 4]
    assert "codeFlows" not in without


def test_files_are_listed_once_and_relative_to_the_tree() -> None:
    only = run(EVERYTHING, show_waived=True)
    assert list(only["originalUriBaseIds"]) == ["%SRCROOT%"]
    files = [file["location"] for file in only["artifacts"]]
    assert len({file["uri"] for file in files}) == len(files)

    def named(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            if "artifactLocation" in value:
                yield value["artifactLocation"]
            for item in value.values():
                yield from named(item)
        elif isinstance(value, list):
            for item in value:
                yield from named(item)

    for one in [*named(only["results"]), *named(only["invocations"])]:
        assert {"uri": one["uri"], "uriBaseId": one["uriBaseId"]} == files[one["index"]]


def test_properties() -> None:
    (result,) = run(COMPARED)["results"]
    properties = result["properties"]
    assert properties["units"] == ["envs/prod"]
    assert properties["environments"] == ["prod", "test"]
    assert properties["place"]["country"] == "US"
    assert properties["alternatives"][1] == {
        "title": "Scaleway Object Storage",
        "kind": "managed",
        "operator": "scaleway",
        "country": "FR",
        "terraformTypes": ["scaleway_object_bucket"],
        "effort": "S",
        "api": "S3 API",
        "loses": "event notifications",
        "evidence": [{"scheme": "SecNumCloud", "source": "https://cyber.gouv.fr/", "asOf": "2026-10-01"}],
    }
    assert result["message"]["text"].startswith("United States: outside the EEA. Places 14 resources: aws_s3_bucket.a,")
    assert "Only in prod, test." in result["message"]["text"]


def test_comparison() -> None:
    only = run(COMPARED)
    assert [result["baselineState"] for result in only["results"]] == ["new"]
    assert only["properties"]["comparison"]["known"] == 12
    assert [one["address"] for one in only["properties"]["comparison"]["solved"]] == [
        "aws_s3_bucket.old",
        "module.x.aws_sqs_queue.q",
    ]
    assert len(only["properties"]["waivers"]) == 4
    assert "baselineState" not in run(report(finding()))["results"][0]


def test_the_commit_is_named_without_its_password() -> None:
    known = COMPARED._replace(repository="https://user:secret@example.org/x.git", revision="0123abcd")
    assert run(known)["versionControlProvenance"] == [
        {
            "repositoryUri": "https://example.org/x.git",
            "revisionId": "0123abcd",
            "mappedTo": {"uriBaseId": "%SRCROOT%"},
        }
    ]
    assert "secret" not in render(known)
    for remote in ("", "git@example.org:x.git", "https://a b"):
        assert "versionControlProvenance" not in run(known._replace(repository=remote))


def test_other_formats_do_not_load_sarif() -> None:
    code = "import sys, sovlint.output, sovlint.output.text, sovlint.output.json; sys.exit('sarif_om' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
