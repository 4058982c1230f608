"""JSON Lines: the objects of the JSON report, one a line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reports import COMPARED, EVERYTHING, HOSTILE_COMPARED, PROBLEMS, many, report

from sovlint.model.finding import Ceiling, Ceilings, Report
from sovlint.output import FORMATS, Style


def lines(shown: Report, show_waived: bool = False) -> list[Any]:
    output = FORMATS["jsonl"](shown, Style(show_waived=show_waived))
    assert output.endswith("}\n")
    return [json.loads(line) for line in output.split("\n")[:-1]]


def of(objects: list[Any], kind: str) -> list[Any]:
    return [{key: value for key, value in one.items() if key != "type"} for one in objects if one["type"] == kind]


@pytest.mark.parametrize("shown", [EVERYTHING, COMPARED, HOSTILE_COMPARED, report(), many(50)])
@pytest.mark.parametrize("show_waived", [False, True])
def test_lines_are_what_the_json_report_holds(shown: Report, show_waived: bool) -> None:
    whole = json.loads(FORMATS["json"](shown, Style(show_waived=show_waived)))
    head, *rest = lines(shown, show_waived)
    assert of(rest, "finding") == whole["findings"]
    assert of(rest, "problem") == whole["problems"]
    assert of(rest, "waiver") == whole["waivers"]
    assert of(rest, "solved") == (whole["comparison"] or {"solved": []})["solved"]
    assert {one["type"] for one in rest} <= {"finding", "problem", "waiver", "solved"}
    assert head["type"] == "report"
    for key in ("schema", "tool", "profile", "summary", "inputs", "notes", "environments", "ceilings"):
        assert head[key] == whole[key]


def test_ceilings_stand_in_the_head() -> None:
    ceilings = Ceilings("csf", "CSF", "1.2.1", True, (Ceiling("SOV-3", "Data", True),))
    shown = report(ceilings=ceilings)
    assert lines(shown)[0]["ceilings"]["framework"] == "csf"
    assert lines(shown)[0]["ceilings"] == json.loads(FORMATS["json"](shown, Style()))["ceilings"]


def test_head() -> None:
    head = lines(COMPARED)[0]
    assert list(head)[:3] == ["type", "schema", "tool"]
    assert head["comparison"] == {
        "with": "baseline .sovlint-baseline.json",
        "known": 12,
        "solved": 2,
        "change": ["+2 on Amazon Web Services", "-1 on Google Cloud"],
    }
    assert [one["type"] for one in lines(report(problems=PROBLEMS))] == ["report", "problem", "problem"]


def test_hostile_names_forge_no_line() -> None:
    output = FORMATS["jsonl"](HOSTILE_COMPARED, Style(show_waived=True))
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff\u2028\r")
    output.encode()
