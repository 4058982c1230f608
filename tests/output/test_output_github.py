"""Workflow commands: as the runner reads them, and no more than GitHub shows."""

from __future__ import annotations

import re

import pytest
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE_COMPARED,
    HOSTILE_FINDING,
    PROBLEMS,
    WAIVED,
    finding,
    location,
    many,
    minimal,
    report,
)

from sovlint.model.finding import Report
from sovlint.model.problem import Problem
from sovlint.output import FORMATS, Style

COMMAND = re.compile(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)")


def lines(shown: Report, show_waived: bool = False) -> list[str]:
    output = FORMATS["github"](shown, Style(show_waived=show_waived))
    assert output.endswith("\n")
    return output.split("\n")[:-1]


def commands(shown: Report, show_waived: bool = False) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message, decoded as actions/runner does."""
    found = []
    for line in lines(shown, show_waived):
        if match := COMMAND.fullmatch(line):
            pairs = [pair.partition("=")[::2] for pair in match[2].split(",")]
            found.append((match[1], {key: decoded(value) for key, value in pairs}, decoded(match[3])))
    return found


def decoded(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_annotation() -> None:
    assert lines(report(finding(location=location("a,b:100%.tf", 3, 10, 21)))) == [
        "::error file=a%2Cb%3A100%25.tf,line=3,col=10,endLine=3,endColumn=21,"
        "title=SOV101 region-outside-zone (critical)::United States: outside the EEA"
        "%0Aplaces 14 resources: aws_s3_bucket.a, module.db.aws_db_instance.this, aws_sqs_queue.q[0], … 11 more"
        "%0Ainstead: eu-central-1 (Frankfurt) keeps the operator; to leave it: Scaleway Object Storage (FR)",
        "48 resources in 12 files: 1 critical",
    ]


def test_levels() -> None:
    severities = ("critical", "high", "medium", "low", "note")
    shown = report(*(minimal(severity=severity) for severity in severities), WAIVED, problems=PROBLEMS)
    assert [level for level, _, _ in commands(shown)] == [
        *("error", "error", "error"),
        *("warning", "warning"),
        *("notice", "notice"),
    ]
    assert [level for level, _, _ in commands(report(WAIVED), show_waived=True)] == ["notice"]


def test_columns_only_on_one_line() -> None:
    ((_, properties, _),) = commands(report(finding(location=location("a.tf", 3, 10, 2, 5))))
    assert (properties["line"], properties["endLine"]) == ("3", "5")
    assert not properties.keys() & {"col", "endColumn"}


@pytest.mark.parametrize("number", [10, 11, 500])
def test_no_more_than_github_shows(number: int) -> None:
    shown = report(*(minimal(severity="high", location=location("a.tf", n, 1, 2)) for n in range(number, 0, -1)))
    written = commands(shown)
    assert [properties["line"] for _, properties, _ in written] == [str(n) for n in range(1, 11)]
    left = [line for line in lines(shown) if "not annotated" in line]
    assert left == (
        [f"sovlint: {number - 10} error{'s' * (number > 11)} not annotated: GitHub shows 10 of each level per step"]
        if number > 10
        else []
    )


def test_the_worst_are_shown_and_unread_input_is_never_crowded_out() -> None:
    shown = many(500)._replace(
        problems=(*PROBLEMS, *(Problem(location(f"{n}.tf", 1, 1, 1), "syntax", "x") for n in range(5)))
    )
    written = commands(shown)
    errors = [properties["title"] for level, properties, _ in written if level == "error"]
    assert errors == ["SOV101 region-outside-zone (critical)"] * 9 + ["sovlint syntax"]
    (left,) = (line for line in lines(shown) if "not annotated" in line)
    assert left.startswith("sovlint: 196 errors, 91 warnings, 190 notices not annotated")


def test_hostile_names_are_no_commands() -> None:
    for shown in (EVERYTHING, HOSTILE_COMPARED):
        output = FORMATS["github"](shown, Style(color=True, show_waived=True))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", output)
        output.encode()
        for line in output.splitlines():
            assert COMMAND.fullmatch(line) or not line.lstrip().startswith("::"), line
            assert COMMAND.fullmatch(line) or "##[" not in line, line
    evil = "x\n::set-env name=A::b ##[add-path]/tmp"
    shown = report(minimal(message=evil, severity="low"), inputs=(evil,), undetermined=1, compared=evil, change=(evil,))
    first, second = lines(shown)
    assert first.startswith("::notice ")
    assert "##[" not in second


def test_solved_and_compared() -> None:
    output = lines(COMPARED)
    assert "solved: SOV101 aws_s3_bucket.old" in output
    assert output[-1].endswith("this change: +2 on Amazon Web Services, -1 on Google Cloud")
    assert commands(COMPARED)[0][2].split("\n")[2] == "only in prod, test"
    assert len(commands(report(HOSTILE_FINDING))) == 1
