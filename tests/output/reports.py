"""Reports to show: what the program makes of ordinary input, and what hostile input would have it print."""

from __future__ import annotations

from typing import Any

from sovlint.model.fact import Hop, Place
from sovlint.model.finding import Alternative, Evidence, Finding, RegisteredWaiver, Report, RuleInfo, Solved, Waiver
from sovlint.model.problem import Problem
from sovlint.model.source import Location

VIRGINIA = Place("aws", "us-east-1", "aws", ("US",), title="N. Virginia")
GLOBAL_IRELAND = Place("google", "eu", "google", ("BE", "FI", "NL"), kind="multi")
NOWHERE = Place("azure", "global", "microsoft", (), kind="global")

RULES = (
    RuleInfo(
        "SOV101",
        "region-outside-zone",
        "the primary place of a resource lies outside the profile's zone",
        "critical",
        ("csf:SOV-3", "gaia-x:P5.1.1", "gaia-x:P5.1.2", "gdpr:44"),
        "Data in a region falls under the law of its country. See [GDPR 44](https://gdpr-info.eu/art-44-gdpr/).\n\n"
        "## What to do\n\nMove it to a region inside the zone, e.g. `eu-central-1`.\n\n"
        "## When it is fine\n\nPublic data.\n",
        ("residency",),
    ),
    RuleInfo(
        "SOV109",
        "undetermined-location",
        "the place depends on a value that is not in the scanned files",
        "note",
        ("csf:SOV-3",),
        "",
        ("residency",),
    ),
    RuleInfo(
        "SOV201",
        "foreign-operator",
        "resources run by an operator whose ultimate parent is outside the profile's control area",
        "medium",
        ("csf:SOV-1",),
        "## Why\n\nWhoever runs the machine can be compelled to hand over what is on it.",
        ("jurisdiction",),
    ),
    RuleInfo(
        "SOV501", "image-from-foreign-registry", "image from a foreign registry", "medium", ("csf:SOV-5",), "Pulls."
    ),
    RuleInfo(
        "SOV601", "state-held-by-foreign-operator", "state at a foreign operator", "high", ("csf:SOV-4",), "State."
    ),
    RuleInfo("SOV401", "proprietary-service", "no compatible open API", "low", ("csf:SOV-4",), "Lock-in."),
)

LABELS = {"csf": "CSF", "gaia-x": "Gaia-X", "gdpr": "GDPR"}
ZONES = {
    "DE": ("eu27", "eea", "eea_ch"),
    "BE": ("eu27", "eea", "eea_ch"),
    "FI": ("eu27", "eea", "eea_ch"),
    "NL": ("eu27", "eea", "eea_ch"),
    "NO": ("eea", "eea_ch"),
}

WAYS_OUT = (
    Alternative("eu-central-1 (Frankfurt)", "region", "aws", "DE"),
    Alternative(
        "Scaleway Object Storage",
        "managed",
        "scaleway",
        "FR",
        ("scaleway_object_bucket",),
        "S",
        "S3 API",
        "event notifications",
        evidence=(Evidence("SecNumCloud", "https://cyber.gouv.fr/", "2026-10-01"),),
    ),
)


def location(path: str, line: int, column: int, end: int, end_line: int = 0) -> Location:
    """A place on one line unless `end_line` says otherwise."""
    return Location(path, line, column, end_line or line, end)


def finding(**changes: Any) -> Finding:
    """The finding of INTERFACE's example, apart from what is changed."""
    base = Finding(
        rule="SOV101",
        name="region-outside-zone",
        severity="critical",
        verdict="violation",
        confidence="resolved",
        message="United States: outside the EEA",
        location=location("envs/prod/terraform.tfvars", 3, 10, 21),
        resource="provider.aws",
        kind="aws",
        value="us-east-1",
        place=VIRGINIA,
        affects=("aws_s3_bucket.a", "module.db.aws_db_instance.this", *(f"aws_sqs_queue.q[{n}]" for n in range(12))),
        via=(Hop(location("envs/prod/main.tf", 2, 12, 22), "provider.aws.region = var.region"),),
        related=(),
        alternatives=WAYS_OUT,
        informs=("csf:SOV-3", "gaia-x:P5.1.2", "gdpr:44"),
        fingerprint="0123456789abcdef",
        profile="eu-baseline",
        snippet='region = "us-east-1"',
        units=("envs/prod",),
    )
    changed = base._replace(**changes)
    return changed._replace(instances=len(changed.affects))


def report(*findings: Finding, **changes: Any) -> Report:
    """A report of these findings."""
    base = Report(
        version="0.1.0",
        profile="eu-baseline",
        files=12,
        resources=48,
        undetermined=0,
        findings=findings,
        problems=(),
        rules=RULES,
        zones_of_country=ZONES,
        framework_labels=LABELS,
    )
    return base._replace(**changes)


def minimal(**changes: Any) -> Finding:
    """A finding with nothing optional: one resource, no way, no way out, no source line."""
    base: dict[str, Any] = {
        "rule": "SOV601",
        "name": "state-held-by-foreign-operator",
        "severity": "high",
        "message": "state is kept by HashiCorp (US)",
        "location": location("main.tf", 1, 1, 8),
        "resource": "terraform.cloud",
        "kind": "cloud",
        "value": None,
        "place": None,
        "affects": ("terraform.cloud",),
        "via": (),
        "alternatives": (),
        "informs": (),
        "fingerprint": "feedface",
        "snippet": "",
    }
    return finding(**(base | changes))


UNDETERMINED = finding(
    rule="SOV109",
    name="undetermined-location",
    severity="note",
    verdict="undetermined",
    message="depends on var.region2, which has no value in the scanned files",
    location=location("main.tf", 7, 12, 23),
    resource="aws_instance.web",
    kind="aws_instance",
    value=None,
    place=None,
    affects=("aws_instance.web",),
    via=(),
    related=tuple(Hop(location("main.tf", 20 + n, 3, 14), "also var.region2") for n in range(4)),
    alternatives=(),
    informs=("csf:SOV-3",),
    inputs=("var.region2",),
    fingerprint="aaaa",
    snippet="  region = var.region2",
)

WAIVER = Waiver(
    location("main.tf", 8, 1, 60), ("SOV201",), "2027-03-31", "platform-team", "migration to Scaleway, ticket ICT-4711"
)

WAIVED = finding(
    rule="SOV201",
    name="foreign-operator",
    severity="medium",
    message="Amazon Web Services is controlled from the United States",
    location=location("main.tf", 9, 1, 15),
    place=None,
    via=(),
    alternatives=(),
    waiver=WAIVER,
    fingerprint="bbbb",
    snippet='provider "aws" {',
)

PROBLEMS = (
    Problem(location("broken.tf", 4, 2, 3), "syntax", "expected an expression"),
    Problem(location("main.tf", 30, 12, 40), "module-missing", "module is not in the tree", "warning"),
)

HOSTILE = "evil\x1b[2J\x1b]0;owned\x07\n/: 0 findings\r\u202e\u009b31m::error::](1) {0} \udcff"
"""Clears the screen, sets the title, forges a line, turns the text round, ends a link, is not UTF-8."""

HOSTILE_FINDING = finding(
    rule="SOV501",
    name="image-from-foreign-registry",
    severity="medium",
    confidence="heuristic",
    message=f"pulled from {HOSTILE}",
    location=location(f"a b/{HOSTILE}.yaml", 12, 3, 40),
    resource=HOSTILE,
    kind="Deployment",
    value=HOSTILE,
    place=NOWHERE,
    affects=(HOSTILE, f"z/{HOSTILE}"),
    via=(Hop(location(f"{HOSTILE}.tf", 1, 1, 2), HOSTILE),),
    related=(Hop(location(f"[x]({HOSTILE}", 1, 1, 2), HOSTILE),),
    alternatives=(Alternative(HOSTILE, "self-hosted", licence="Apache-2.0"),),
    informs=(f"csf:{HOSTILE}", "unheard-of:1"),
    inputs=(HOSTILE,),
    fingerprint="cccc",
    snippet=f"  {HOSTILE}",
)

WIDE = finding(
    location=location("中文/图表.yaml", 2, 6, 17),
    message="outside",
    snippet="\t地域: “us-east-1”  # 👩🏽‍🚀 ✈️ e\u0301",
    place=GLOBAL_IRELAND,
    fingerprint="dddd",
)

EVERYTHING = report(
    finding(),
    finding(message="a second one with the same fingerprint"),
    UNDETERMINED,
    WAIVED,
    HOSTILE_FINDING,
    WIDE,
    minimal(),
    minimal(rule="SOV999", name="not-in-the-profile", severity="low"),
    finding(
        severity="low", rule="SOV401", name="proprietary-service", place=None, location=location("m.tf", 3, 3, 2, 5)
    ),
    problems=(*PROBLEMS, Problem(location(HOSTILE, 1, 1, 1), HOSTILE, HOSTILE)),
    undetermined=3,
    waived=1,
    inputs=("var.region2", "var.zone"),
    notes=("1 chart was read without being rendered", HOSTILE),
)
"""All of it at once."""


def many(number: int) -> Report:
    """A big report; every finding has its own line, some share a fingerprint."""
    return report(
        *(
            finding(
                location=location(f"stacks/{n % 500}/main.tf", n, 10, 21),
                fingerprint=f"{n // 2:016x}",
                severity=("critical", "high", "medium", "low", "note")[n % 5],
            )
            for n in range(1, number + 1)
        )
    )


REGISTER = (
    RegisteredWaiver(WAIVER, "in-force", 3),
    RegisteredWaiver(
        Waiver(
            location(".sovlint.yaml", 12, 5, 20),
            ("SOV201", "SOV3"),
            "2027-06-30",
            "cloud-platform",
            "contract runs until mid 2027, exit plan ICT-4711",
            paths=("legacy/**",),
            addresses=("module.old.*",),
            configured=True,
        ),
        "unused",
    ),
    RegisteredWaiver(WAIVER._replace(until="2026-01-31", location=location("a.tf", 2, 1, 9)), "expired"),
    RegisteredWaiver(Waiver(location("b.tf", 3, 1, 9), (), "soon", "", "", "until is no date"), "malformed"),
)

COMPARED = report(
    finding(environments=("prod", "test")),
    waivers=REGISTER,
    compared="baseline .sovlint-baseline.json",
    known=12,
    solved=(
        Solved("SOV101", "aws_s3_bucket.old", "old.tf", 3, "United States: outside the EEA"),
        Solved("SOV201", "module.x.aws_sqs_queue.q", "modules/x/main.tf", 14, "Amazon Web Services (US)"),
    ),
    change=("+2 on Amazon Web Services", "-1 on Google Cloud"),
    environments=("dev", "test", "prod"),
)
"""A run with environments, a register of waivers and a baseline."""

HOSTILE_COMPARED = EVERYTHING._replace(
    waivers=(
        *REGISTER,
        RegisteredWaiver(
            Waiver(
                location(HOSTILE, 1, 1, 2), (HOSTILE,), HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,), True
            ),
            "malformed",
        ),
    ),
    compared=f"baseline {HOSTILE}",
    known=1,
    solved=(Solved(HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE),),
    change=(f"+1 on {HOSTILE}",),
    environments=(HOSTILE,),
    findings=(*EVERYTHING.findings, HOSTILE_FINDING._replace(environments=(HOSTILE,), units=(HOSTILE, "x"))),
)
"""The same with hostile text wherever there can be text."""
