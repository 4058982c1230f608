"""Inline waivers: what they cover, until when, and what happens to those that are not in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from check_runs import BUCKET, Cases, Outcome, write

from support import run_sovlint

REST = 'until=2026-12-31 owner=me reason="moves to Scaleway, ICT-4711"'

TODAY = ("--today", "2026-12-31", ".")
"""The last day of the waivers here."""


def waiver(rules: str = "SOV101", rest: str = REST) -> str:
    return f"sovlint:waive {rules} {rest}"


def provider(above: str = "", inside: str = "", behind: str = "") -> dict[str, str]:
    """A provider in the wrong place, with comments above the block, above the argument and behind it."""
    lines = [above, 'provider "aws" {', inside, f'  region = "us-east-1" {behind}', "}", BUCKET]
    return {"main.tf": "\n".join(line for line in lines if line) + "\n"}


COVERING: dict[str, dict[str, str]] = {
    "hash behind": provider(behind=f"# {waiver()}"),
    "slashes behind": provider(behind=f"// {waiver()}"),
    "comment behind": provider(behind=f"/* {waiver()} */"),
    "hash above the argument": provider(inside=f"  # {waiver()}"),
    "slashes above": provider(inside=f"  // {waiver()}"),
    "long comment above": provider(inside=f"  /* first\n  {waiver()} */"),
    "no space": provider(inside=f"#{waiver()}"),
    "prefix": provider(inside=f"# {waiver('SOV1')}"),
    "several rules": provider(inside=f"# {waiver('SOV201,SOV101')}"),
    "single quotes": provider(inside="# sovlint:waive SOV101 until=2026-12-31 owner=me reason='it is so'"),
    "other order": provider(inside='# sovlint:waive SOV101 reason="x" owner="the team" until=2027-01-01'),
    "words around": provider(inside=f"# accepted: {waiver()}"),
    "two on one line": provider(behind=f"/* {waiver('SOV601')} */ # {waiver('SOV101')}"),
    "two in one comment": provider(behind=f"# {waiver('SOV601')} {waiver('SOV101')}"),
    "one expired, one not": provider(
        behind=f"# {waiver('SOV101', 'until=2020-01-01 owner=me reason=x')} {waiver('SOV101')}"
    ),
    "carriage returns": {k: v.replace("\n", "\r\n") for k, v in provider(inside=f"# {waiver()}").items()},
    "tfvars": {
        "main.tf": 'variable "r" {}\nprovider "aws" { region = var.r }\n' + BUCKET,
        "terraform.tfvars": f'# {waiver()}\nr = "us-east-1"\n',
    },
    "above the block of the resource": {
        "main.tf": f"# {waiver()}\n" + BUCKET.replace("{}", '{ region = "us-east-1" }')
    },
}

NO_DAYS = [
    "20261231",
    "2026-W53-4",
    "31-12-2026",
    "2026-13-01",
    "2026-02-30",
    "2026-12-31T00:00",
    "never",
    "9999-99-99",
    "+2026-12-31",
]

NOT_COVERING: dict[str, dict[str, str]] = {
    "none": provider(),
    "other rule": provider(inside=f"# {waiver('SOV102,SOV2')}"),
    "two lines above": provider(inside=f"  # {waiver()}\n  profile = null"),
    "below": provider().copy() | {"main.tf": provider()["main.tf"].replace("}\n", f"# {waiver()}\n}}\n", 1)},
    "in a string": provider(inside=f'  profile = "# {waiver(rest="until=2026-12-31 owner=me reason=x")}"'),
    "in a heredoc": provider(inside=f"  profile = <<E\n# {waiver()}\nE"),
    "without owner": provider(inside='# sovlint:waive SOV101 until=2026-12-31 reason="x"'),
    "without reason": provider(inside="# sovlint:waive SOV101 until=2026-12-31 owner=me"),
    "without day": provider(inside="# sovlint:waive SOV101 owner=me reason=x"),
    "empty reason": provider(inside='# sovlint:waive SOV101 until=2026-12-31 owner=me reason=" "'),
    "nothing": provider(inside="# sovlint:waive"),
    "only the rule": provider(inside="# sovlint:waive SOV101"),
    "no code": provider(inside=f"# {waiver('all')}"),
    "name": provider(inside=f"# {waiver('region-outside-zone')}"),
    "star": provider(inside=f"# {waiver('*')}"),
    "whole family": provider(inside=f"# {waiver('SOV')}"),
    "one is none": provider(inside=f"# {waiver('SOV101,x')}"),
    "open quote": provider(inside='# sovlint:waive SOV101 until=2026-12-31 owner=me reason="x'),
    "other word": provider(inside=f"# {waiver()}".replace("waive", "waiver")),
    "expired": provider(inside="# sovlint:waive SOV101 until=2026-12-30 owner=me reason=x"),
    **{f"until {day}": provider(inside=f"# sovlint:waive SOV101 until={day} owner=me reason=x") for day in NO_DAYS},
}


def test_what_a_waiver_covers(tmp_path: Path) -> None:
    cases = Cases(tmp_path, {**COVERING, **NOT_COVERING}, *TODAY)
    left = {name for name in (*COVERING, *NOT_COVERING) if "SOV101" in cases.rules(name)}
    assert left == set(NOT_COVERING)
    # Only the rules that are named, and only there: the operator's finding stands on the block.
    assert all("SOV201" in cases.rules(name) for name in COVERING)
    assert cases.out.report["summary"]["waived"] == len(COVERING)
    assert cases.out.code == 1


def test_the_last_day_is_inclusive(tmp_path: Path) -> None:
    write(tmp_path, COVERING["hash behind"])
    for day, covered in (("2026-12-30", True), ("2026-12-31", True), ("2027-01-01", False)):
        assert (Outcome(tmp_path, "--today", day, ".").regions() == []) == covered
    # Half past eleven on the last evening, UTC, and one hour later.
    for seconds, covered in (("1798759800", True), ("1798763400", False)):
        assert (Outcome(tmp_path, env={"SOURCE_DATE_EPOCH": seconds, "TZ": "UTC+12"}).regions() == []) == covered
    bad = run_sovlint(["check", "--no-config"], cwd=tmp_path, env={"SOURCE_DATE_EPOCH": "soon"})
    assert bad.returncode == 2
    assert "SOURCE_DATE_EPOCH" in bad.stderr


SHARED = """# %s
provider "aws" { region = "us-east-1" }

# %s
resource "aws_s3_bucket" "a" {}

resource "aws_s3_bucket" "b" {}

# %s
resource "aws_dynamodb_table" "t" {
  replica { region_name = "us-west-2" }
}
"""


def test_above_a_block_covers_that_block_and_at_the_cause_covers_all(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": SHARED % ("-", waiver("SOV101"), waiver("SOV1,SOV4"))})
    above = Outcome(tmp_path, *TODAY)
    assert above.one("SOV101")["affects"] == ["aws_s3_bucket.b"]
    assert above.rules == {"SOV101", "SOV201"}
    assert above.report["summary"]["waived"] == 4  # the bucket, the table's place, its copy, its lock-in
    write(tmp_path, {"main.tf": SHARED % (waiver("SOV101"), "-", "-")})
    cause = Outcome(tmp_path, *TODAY)
    assert cause.rules == {"SOV103", "SOV201", "SOV401"}
    assert cause.report["summary"]["waived"] == 1
    # What comes anew under the same cause is covered as well there, but not above a block.
    write(tmp_path, {"main.tf": SHARED % ("-", waiver("SOV101"), waiver("SOV1")) + BUCKET})
    assert Outcome(tmp_path, *TODAY).one("SOV101")["affects"] == ["aws_s3_bucket.b"]


def test_waivers_in_manifests(tmp_path: Path) -> None:
    images = {
        "behind": f"      image: docker.io/a/b:1  # {waiver('SOV501')}",
        "above": f"      # {waiver('SOV501')}\n      image: docker.io/a/b:1",
        "text": f"      image: docker.io/a/b:1\n      args: ['# {waiver('SOV501')}']".replace('"', ""),
    }
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: c\n"
    cases = Cases(tmp_path, {name: {"pod.yaml": f"{pod}{image}\n"} for name, image in images.items()}, *TODAY)
    assert {name for name in images if "SOV501" in cases.rules(name)} == {"text"}


# --- options


@pytest.fixture
def waived(tmp_path: Path) -> Path:
    """Everything that would fail the run is waived."""
    write(tmp_path, provider(behind=f"# {waiver()}"))
    return tmp_path


def test_waived_findings_count_apart_and_do_not_fail(waived: Path) -> None:
    out = Outcome(waived, *TODAY, forms=("text", "concise", "sarif"))
    assert out.code == 0
    assert out.rules == {"SOV201"}
    assert out.report["summary"]["waived"] == 1
    assert out.report["summary"]["findings"]["critical"] == 0
    for text in out.others.values():
        assert "us-east-1" not in text.replace('"region": "us-east-1"', "")
    assert "1 waived" in out.others["text"]
    without = Outcome(waived, "--no-waivers", *TODAY)
    assert without.code == 1
    assert without.rules == {"SOV101", "SOV201"}
    assert without.report["summary"]["waived"] == 0
    assert without.one("SOV101")["waiver"] is None


def test_waived_findings_can_be_shown(waived: Path) -> None:
    out = Outcome(waived, "--show-waived", *TODAY, forms=("text", "concise", "sarif"))
    assert out.code == 0
    finding = out.one("SOV101")
    assert finding["waiver"] == {
        "rules": ["SOV101"],
        "until": "2026-12-31",
        "owner": "me",
        "reason": "moves to Scaleway, ICT-4711",
        "path": "main.tf",
        "line": 2,
    }
    assert out.one("SOV201")["waiver"] is None
    assert out.report["summary"]["findings"]["critical"] == 0
    assert out.report["summary"]["waived"] == 1
    assert "waived until 2026-12-31" in out.others["concise"]
    assert "ICT-4711" in out.others["text"]
    results = json.loads(out.others["sarif"])["runs"][0]["results"]
    (suppression,) = next(r for r in results if r["ruleId"] == "SOV101")["suppressions"]
    assert suppression["kind"] == "inSource"
    assert "ICT-4711" in suppression["justification"]
    # Fingerprints are the same with and without.
    without = Outcome(waived, "--no-waivers", *TODAY)
    assert without.one("SOV101")["fingerprint"] == finding["fingerprint"]


def test_a_group_splits_into_what_is_waived_and_what_is_not(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": SHARED % ("-", waiver("SOV101"), "-")})
    out = Outcome(tmp_path, "--show-waived", "--select", "SOV101", *TODAY)
    assert [(f["affects"], f["waiver"] is None) for f in out.findings] == [
        (["aws_dynamodb_table.t", "aws_s3_bucket.b"], True),
        (["aws_s3_bucket.a"], False),
    ]
    assert len({f["fingerprint"] for f in out.findings}) == 2
    assert out.code == 1
