"""JSON Lines: the JSON report as a stream. Every line is an object whose `type` says what it is.

The first line (`report`) is the report without its lists; then come `finding`, `problem`, `waiver` and `solved` lines,
which are the objects of the JSON report (`policies/schema/report.schema.json`) with `type` in front. In the head,
`comparison.solved` is a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sovlint.model.finding import Report
from sovlint.output.json import (
    JsonObject,
    ceilings_object,
    comparison_object,
    finding_object,
    head_object,
    problem_object,
    registered_object,
    solved_object,
)
from sovlint.output.style import Style
from sovlint.output.terminal import json_safe
from sovlint.output.words import shown


def render(report: Report, style: Style) -> str:
    """The report as lines of JSON: a head, then a line for everything in it."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    return "".join(f"{json_safe(encode(line))}\n" for line in _lines(report, style))


def _lines(report: Report, style: Style) -> Iterator[JsonObject]:
    """All lines; the head counts the findings that follow."""
    findings = shown(report, style)
    comparison = comparison_object(report)
    if comparison is not None:
        comparison["solved"] = len(report.solved)
    yield {
        "type": "report",
        **head_object(report, findings),
        "inputs": list(report.inputs),
        "notes": list(report.notes),
        "environments": list(report.environments),
        "comparison": comparison,
        "ceilings": None if report.ceilings is None else ceilings_object(report.ceilings),
    }
    for finding in findings:
        yield {"type": "finding", **finding_object(finding, report)}
    for problem in report.problems:
        yield {"type": "problem", **problem_object(problem)}
    for waiver in report.waivers:
        yield {"type": "waiver", **registered_object(waiver)}
    for solved in report.solved:
        yield {"type": "solved", **solved_object(solved)}
