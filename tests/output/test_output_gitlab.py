"""GitLab's code quality: the keys that its documentation asks for, unique fingerprints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reports import EVERYTHING, HOSTILE_COMPARED, PROBLEMS, WAIVED, finding, location, many, minimal, report

from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style


def entries(shown: Report, show_waived: bool = False) -> Any:
    return json.loads(FORMATS["gitlab"](shown, Style(show_waived=show_waived)))


def test_entry() -> None:
    assert entries(report(finding())) == [
        {
            "description": (
                "United States: outside the EEA; places 14 resources: aws_s3_bucket.a, module.db.aws_db_instance.this, "
                "aws_sqs_queue.q[0], … 11 more; instead: eu-central-1 (Frankfurt) keeps the operator; "
                "to leave it: Scaleway Object Storage (FR)"
            ),
            "check_name": "SOV101 region-outside-zone",
            "fingerprint": "0123456789abcdef",
            "severity": "blocker",
            "location": {"path": "envs/prod/terraform.tfvars", "lines": {"begin": 3, "end": 3}},
        }
    ]
    assert entries(report()) == []


@pytest.mark.parametrize("shown", [EVERYTHING, HOSTILE_COMPARED, many(200), report(problems=PROBLEMS)])
def test_shape(shown: Report) -> None:
    found = entries(shown, show_waived=True)
    for entry in found:
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"]["lines"]["begin"] >= 1
        assert not entry["location"]["path"].startswith(("./", "/"))
        assert entry["description"].isprintable()
    prints = [entry["fingerprint"] for entry in found]
    assert len(set(prints)) == len(prints) == len(shown.findings) + len(shown.problems)


def test_severities_and_order() -> None:
    severities = ("note", "low", "medium", "high", "critical")
    shown = report(*(minimal(severity=severity) for severity in severities), problems=PROBLEMS)
    assert [entry["severity"] for entry in entries(shown)] == [
        *("blocker", "critical", "major", "minor", "info"),
        *("major", "minor"),
    ]
    ((only),) = entries(report(WAIVED), show_waived=True)
    assert only["severity"] == "info"
    assert "waived until 2027-03-31 by platform-team" in only["description"]


def test_fingerprints_do_not_move_with_lines() -> None:
    def prints(offset: int) -> list[str]:
        shown = report(
            *(finding(location=location("a.tf", n + offset, 1, 2), fingerprint=f"{n // 2}") for n in range(1, 7)),
            problems=(PROBLEMS[0]._replace(location=location("b.tf", 1 + offset, 1, 2)),),
        )
        return [entry["fingerprint"] for entry in entries(shown)]

    assert prints(0) == prints(7)


def test_bytes() -> None:
    output = FORMATS["gitlab"](HOSTILE_COMPARED, Style(show_waived=True))
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff")
    output.encode()
