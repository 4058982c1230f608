"""CSV (RFC 4180): everything of a run in one table, for spreadsheets.

The first column says what a line is: `finding`, `problem`, `waiver` (the register of accepted risks) or `solved`. Names
in the scanned files are not ours: a cell that a spreadsheet would take for a formula gets an apostrophe in front, and
control characters are shown as escapes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final, TypeAlias

from sovlint.model.finding import Alternative, Finding, RegisteredWaiver, Report, Solved
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.output.style import Style
from sovlint.output.terminal import visible
from sovlint.output.words import shown

Row: TypeAlias = dict[str, str | int]

COLUMNS: Final = (
    "type",
    "rule",
    "name",
    "severity",
    "verdict",
    "confidence",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "resource",
    "kind",
    "value",
    "message",
    "operator",
    "region",
    "countries",
    "affects",
    "instances",
    "units",
    "environments",
    "inputs",
    "informs",
    "alternatives",
    "profile",
    "fingerprint",
    "state",
    "until",
    "owner",
    "reason",
    "covers",
)
"""The head line. New columns come at the end."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell must not begin with (OWASP, "CSV Injection"); full-width signs count as their narrow ones."""


def render(report: Report, style: Style) -> str:
    """The report as lines of cells, CRLF at their ends; lists are joined by `; `."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for finding in shown(report, style):
        writer.writerow(_safe(_finding(finding)))
    for problem in report.problems:
        writer.writerow(_safe(_problem(problem)))
    for entry in report.waivers:
        writer.writerow(_safe(_waiver(entry)))
    for solved in report.solved:
        writer.writerow(_safe(_solved(solved)))
    return out.getvalue()


def _finding(finding: Finding) -> Row:
    """The cells of a finding."""
    place, waiver = finding.place, finding.waiver
    return {
        "type": "finding",
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "confidence": finding.confidence,
        **_position(finding.location),
        "resource": finding.resource,
        "kind": finding.kind,
        "value": finding.value or "",
        "message": finding.message,
        "operator": place.operator if place else "",
        "region": place.name if place else "",
        "countries": _joined(place.countries) if place else "",
        "affects": _joined(finding.affects),
        "instances": max(finding.instances, len(finding.affects)),
        "units": _joined(unit or "." for unit in finding.units),
        "environments": _joined(finding.environments),
        "inputs": _joined(finding.inputs),
        "informs": _joined(finding.informs),
        "alternatives": _joined(map(_way_out, finding.alternatives)),
        "profile": finding.profile,
        "fingerprint": finding.fingerprint,
        "state": "waived" if waiver else "",
        "until": waiver.until if waiver else "",
        "owner": waiver.owner if waiver else "",
        "reason": waiver.reason if waiver else "",
    }


def _problem(problem: Problem) -> Row:
    """The cells of input that could not be used."""
    return {
        "type": "problem",
        "rule": problem.code,
        "severity": problem.level,
        **_position(problem.location),
        "message": problem.message,
    }


def _solved(solved: Solved) -> Row:
    """The cells of what is there no more."""
    return {
        "type": "solved",
        "rule": solved.rule,
        "path": solved.path,
        "line": solved.line,
        "message": solved.message,
        "affects": solved.address,
    }


def _waiver(entry: RegisteredWaiver) -> Row:
    """The cells of a line of the register; what a waiver of the configuration covers stands under `affects`."""
    waiver = entry.waiver
    return {
        "type": "waiver",
        "rule": _joined(waiver.rules),
        **_position(waiver.location),
        "message": waiver.defect,
        "affects": _joined((*waiver.paths, *waiver.addresses)),
        "state": entry.state,
        "until": waiver.until,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "covers": entry.covers,
    }


def _position(location: Location) -> Row:
    """The cells of a place."""
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def _joined(items: Iterable[str]) -> str:
    """A list in one cell."""
    return "; ".join(items)


def _way_out(way: Alternative) -> str:
    """`Scaleway Object Storage (FR)`; a region says itself where it is."""
    return f"{way.title} ({way.country})" if way.country and way.kind != "region" else way.title


def _safe(row: Row) -> Row:
    """A row that no spreadsheet executes and no terminal obeys; numbers stay numbers."""
    return {key: _cell(value) if isinstance(value, str) else value for key, value in row.items()}


def _cell(text: str) -> str:
    """One cell. Spaces do not hide a formula from every spreadsheet."""
    return f"'{visible(text)}" if text.lstrip(" ").startswith(_FORMULA) else visible(text)
