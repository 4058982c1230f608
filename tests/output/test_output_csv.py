"""CSV: RFC 4180, and no cell that a spreadsheet executes."""

from __future__ import annotations

import csv
import io

import pytest
from reports import COMPARED, EVERYTHING, HOSTILE_COMPARED, WAIVED, finding, location, minimal, report

from sovlint.model.finding import Report
from sovlint.model.problem import Problem
from sovlint.output import FORMATS, Style
from sovlint.output.csv import COLUMNS


def rows(shown: Report, show_waived: bool = False) -> list[dict[str, str]]:
    output = FORMATS["csv"](shown, Style(show_waived=show_waived))
    return list(csv.DictReader(io.StringIO(output, newline=""), strict=True))


def test_finding() -> None:
    (row,) = rows(report(finding(environments=("prod", "test"))))
    assert tuple(row) == COLUMNS
    assert {key: row[key] for key in ("type", "rule", "path", "line", "end_column", "countries", "instances")} == {
        "type": "finding",
        "rule": "SOV101",
        "path": "envs/prod/terraform.tfvars",
        "line": "3",
        "end_column": "21",
        "countries": "US",
        "instances": "14",
    }
    assert row["affects"].split("; ")[:2] == ["aws_s3_bucket.a", "module.db.aws_db_instance.this"]
    assert row["environments"] == "prod; test"
    assert row["alternatives"] == "eu-central-1 (Frankfurt); Scaleway Object Storage (FR)"


def test_register_of_waivers() -> None:
    found = [row for row in rows(COMPARED) if row["type"] == "waiver"]
    assert [(row["state"], row["until"], row["owner"], row["covers"]) for row in found] == [
        ("in-force", "2027-03-31", "platform-team", "3"),
        ("unused", "2027-06-30", "cloud-platform", "0"),
        ("expired", "2026-01-31", "platform-team", "0"),
        ("malformed", "soon", "", "0"),
    ]
    assert found[1]["affects"] == "legacy/**; module.old.*"
    assert found[3]["message"] == "until is no date"
    assert [row["affects"] for row in rows(COMPARED) if row["type"] == "solved"] == [
        "aws_s3_bucket.old",
        "module.x.aws_sqs_queue.q",
    ]


def test_waived() -> None:
    assert rows(report(WAIVED)) == []
    (row,) = rows(report(WAIVED), show_waived=True)
    assert (row["state"], row["until"], row["owner"]) == ("waived", "2027-03-31", "platform-team")


def test_lines_end_as_the_rfc_says() -> None:
    output = FORMATS["csv"](EVERYTHING, Style(show_waived=True))
    assert output.endswith("\r\n")
    assert output.count("\r\n") == output.count("\n") == output.count("\r") == len(rows(EVERYTHING, True)) + 1
    assert output == FORMATS["csv"](EVERYTHING, Style(show_waived=True))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\t=", "\uff1d", "\uff0b"])
def test_no_formula(start: str) -> None:
    evil = f'{start}HYPERLINK("http://x","y")|\'!A0'
    shown = report(
        minimal(message=evil, resource=evil, value=evil, affects=(evil,), location=location(evil, 1, 1, 2)),
        problems=(Problem(location(evil, 1, 1, 1), evil, evil),),
    )
    for row in rows(shown):
        for value in row.values():
            assert not value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b"))
        assert row["message"].startswith("'")


def test_hostile() -> None:
    output = FORMATS["csv"](HOSTILE_COMPARED, Style(show_waived=True))
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff\x07\t")
    output.encode()
    assert len(rows(HOSTILE_COMPARED, True)) == 10 + 3 + 5 + 1
